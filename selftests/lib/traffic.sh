# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2086,SC2034
#
# Part of lib.sh: live traffic, captures and what is to be said about them.

# ---- captures ----

# One file for each sender and LAN: frames as they enter the bridge from that
# port. Of the inside LAN the headers are enough.
capture_start() {
	: >"$XT/capture.log"
	start capture outlan capture \
		outlan:gwa:"$XT/cap-outlan-gwa.pcap" \
		outlan:gwb:"$XT/cap-outlan-gwb.pcap" \
		outlan:peer:"$XT/cap-outlan-peer.pcap" \
		inlan:gwa:"$XT/cap-inlan-gwa.pcap:96" \
		inlan:gwb:"$XT/cap-inlan-gwb.pcap:96"
	wait_for 10 grep -q ready "$XT/capture.log"
}

# Fails where a frame was lost: a judge who has not seen all cannot acquit.
capture_stop() {
	stop capture
	grep -q 'dropped 0$' "$XT/capture.log" || {
		log "capture: $(cat "$XT/capture.log")"
		return 1
	}
}

# judge OPTIONS...: the verdict to $XT/judge.json
judge() {
	"$LIB/judge.py" --gw gwa:"$XT/cap-outlan-gwa.pcap" \
		--gw gwb:"$XT/cap-outlan-gwb.pcap" \
		--peer "$XT/cap-outlan-peer.pcap" \
		--inside gwa:"$XT/cap-inlan-gwa.pcap" \
		--inside gwb:"$XT/cap-inlan-gwb.pcap" \
		--vip "$VIP_OUT" --vip "$VIP_IN" \
		--protected 10.1.0.0/24,10.2.0.0/24 "$@" >"$XT/judge.json"
}

# jget FILE EXPRESSION: one value out of a result in $XT
jget() { jq -r "$2" "$XT/$1.json"; }

# ---- traffic between the host and what is behind the peer ----

# Numbered UDP, RATE each way, one TCP connection, and probes through the real
# address of either gateway. Returns when all of it runs.
#
# The ends of all of it stay on one CPU: a packet's whole way is one chain of
# softirqs there, so the network does not reorder, however the CPUs of an
# emulated machine are starved. (Replay windows do not forgive stalls of it.)
TRAFFIC_RATE=${TRAFFIC_RATE:-200}

start_flow() {	# NAME NS arguments of flow
	local name=$1 ns=$2
	shift 2
	rm -f "$XT/$name.p" "$XT/$name.json"
	start "$name" "$ns" taskset -c 0 flow -o "$XT/$name.json" \
		-p "$XT/$name.p" "$@"
}

udp_start() {
	start_flow udp-peer peer -r "$TRAFFIC_RATE" udp $HOST_OUT:7001 $HOST_IN:7001
	start_flow udp-host host -r "$TRAFFIC_RATE" udp $HOST_IN:7001 $HOST_OUT:7001
	wait_for 20 got udp-peer 20 && wait_for 20 got udp-host 20
}

tcp_start() {
	start_flow tcp-peer peer tcp-listen $HOST_OUT:7002
	wait_for 10 grep -q waiting "$XT/tcp-peer.p" || return
	start_flow tcp-host host -r 50 tcp-connect $HOST_IN:7002 $HOST_OUT:7002
	wait_for 20 got tcp-host 1000
}

probes_start() {
	start_flow probe-sink peer sink 0.0.0.0:7003
	start_flow probe-a host -f -r 50 udp $HOST_IN:7003 $PROBE_A:7003
	start_flow probe-b host -f -r 50 udp $HOST_IN:7004 $PROBE_B:7003
}

traffic_start() { udp_start && tcp_start && probes_start; }

# Progress: numbers (UDP) or bytes (TCP) received so far.
received() {
	local r=0
	[ ! -s "$XT/$1.p" ] || read -r _ r _ <"$XT/$1.p"
	echo "$r"
}
got() { [ "$(received "$1")" -ge "$2" ]; }

# more NAME N: from now on another N are received
flowing() {	# NAME N SECONDS
	local base
	base=$(received "$1")
	wait_for "${3:-10}" got "$1" $((base + $2))
}

# Both directions of UDP and the TCP connection get further.
traffic_flows() {
	flowing udp-host 40 "${1:-15}" && flowing udp-peer 40 "${1:-15}" &&
		flowing tcp-host 1000 60
}

# Nothing more arrives.
udp_progress() { echo "$(received udp-host) $(received udp-peer)"; }
quiet() { stands_still udp_progress; }

# End sending, let the rest arrive, write the results. TCP ends by itself.
traffic_stop() {
	local f
	for f in udp-host udp-peer tcp-host probe-a probe-b; do
		signal $f USR1
	done
	wait_for 10 quiet
	if running tcp-host; then
		wait_for 60 gone tcp-host
		wait_for 10 gone tcp-peer
	fi
	for f in udp-host udp-peer tcp-host tcp-peer probe-a probe-b probe-sink; do
		stop $f
	done
}

udp_sent() { echo $(($(jget udp-host .sent) + $(jget udp-peer .sent))); }
udp_received() { echo $(($(jget udp-host .received) + $(jget udp-peer .received))); }
udp_lost() { echo $(($(udp_sent) - $(udp_received))); }
udp_duplicates() { echo $(($(jget udp-host .duplicates) + $(jget udp-peer .duplicates))); }
tcp_survived() { [ "$(jget tcp-host .complete)" = true ] && [ "$(jget tcp-peer .complete)" = true ]; }

# ---- what the kernels say ----

xfrm_stat() { in_ns "$1" awk -v k="$2" '$1 == k {print $2}' /proc/net/xfrm_stat; }

# Packets of the SA SRC > DST with that SPI (or of the only one).
sa_packets() {	# NS SRC DST
	in_ns "$1" ip -s xfrm state list src "$2" dst "$3" |
		awk '/lifetime current/ {getline; sub(/.*, /, ""); n += $1} END {print n + 0}'
}
sa_spis() { in_ns "$1" ip xfrm state | awk '/spi 0x/ {for (i = 1; i < NF; i++) if ($i == "spi") {sub(/\(.*/, "", $(i + 1)); print $(i + 1)}}' | sort; }
sa_count() { in_ns "$1" ip -o xfrm state 2>/dev/null | grep -c 'proto esp'; }
# without the policies of sockets, which a daemon gives itself
policy_count() { in_ns "$1" ip xfrm policy | grep -cE '^[[:space:]]+dir '; }
larval_count() { in_ns "$1" ip xfrm state | grep -c 'spi 0x00000000'; }

# Who is not listened to raises none: each monitor has to show an SA of no group
# that comes and goes, before and after what is watched.
acquire_watch() {
	local ns
	for ns in gwa gwb; do
		: >"$XT/acquire-$ns.log"
		start acquire-$ns $ns stdbuf -oL ip xfrm monitor acquire SA
	done
	for ns in gwa gwb; do
		wait_for 20 acquires_heard $ns 0 || die "$ns: ACQUIREs are not heard"
	done
}
acquire_marks() { grep -c 'spi 0x00000098' "$XT/acquire-$1.log"; }
acquires_heard() {	# NS MARKS-BEFORE
	local sa="src $PEER dst ${SYNC_ADDR[$1]} proto ah spi 0x98"
	running "acquire-$1" || return
	# shellcheck disable=SC2086 # words
	ip -n "$1" xfrm state add $sa reqid 9 mode tunnel \
		auth 'hmac(sha256)' 0x0001020304050607 &&
		ip -n "$1" xfrm state delete $sa &&
		[ "$(acquire_marks "$1")" -gt "$2" ]
}
acquires() { grep -c '^acquire' "$XT/acquire-$1.log"; }

# ---- what the gateways say ----

gw_json() { xha_on "$1" -j show redundancy states; }
gw_get() { gw_json "$1" 2>/dev/null | jq -r "$2"; }
# Of the elections: what all of a node have in common, or the least of it.
standby_get() { xha_on "$1" -j show standby 2>/dev/null | jq -r "$2"; }
states() { standby_get "$1" '[.groups[].standby[].state] | unique | join(" ")'; }
states_are() { [ "$(states "$1")" = "$2" ]; }
heard() { standby_get "$1" '[.groups[].standby[].received] | min'; }
# What a node that was not disturbed keeps.
role_of() { gw_get "$1" '.groups[0] | "\(.role) \(.epoch) \(.epoch_node) \(.takeovers)"'; }
gw_state() { gw_get "$1" '.groups[0].state'; }
state_is() { [ "$(gw_state "$1")" = "$2" ]; }
is_hot() { state_is "$1" "standby hot"; }
is_active() { state_is "$1" active && has_vip "$1"; }
knows_sas() { [ "$(gw_get "$1" '.groups[0].sas')" = "$2" ]; }
hot_with() { is_hot "$1" && knows_sas "$1" "$2"; }
channel_up() { [ "$(gw_get "$1" .channel.state)" = up ]; }

# Real time in s at which the present state began: later than the truth by
# what the question takes, never earlier.
state_since() {
	local ms
	ms=$(gw_get "$1" '.groups[0].state_ms')
	jq -n "$(now_s) - ${ms:-0} / 1000"
}

# Real time in s of a step of the last change of role: begin, gate, end ...
step_time() { gw_get "$1" "(.groups[0].timeline_ns.$2 + $CLOCK_OFFSET) / 1e9"; }

# The two gateways agree on which SAs there are, and there are some.
same_sas() {
	local a b f='[.sas[] | {spi, src, dst, proto, mode, reqid, algorithms, esn, replay_window, encap, incarnation}] | sort_by(.spi)'
	a=$(xha_on gwa -j show crypto ipsec sa | jq -c "$f")
	b=$(xha_on gwb -j show crypto ipsec sa | jq -c "$f")
	[[ $a == "[{"* ]] && [ "$a" = "$b" ]
}

# ---- points of a test (selftests/ktap.sh) ----

check() {	# NAME COMMAND...
	local name=$1
	shift
	if "$@"; then
		ok "$name"
	else
		not_ok "$name" "false: $*"
	fi
}

same() {	# NAME SEEN EXPECTED
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "seen: $2, expected: $3"
	fi
}

# The rest of the test makes no sense.
bail() {
	not_ok "$1"
	ktap_end
}

# judged NAME=EXPECTED...: points from the verdict, with examples if wrong
judged() {
	local want
	for want in "$@"; do
		same "on the wire: ${want%=*} is ${want#*=}" \
			"$(jget judge ".${want%=*}")" "${want#*=}"
	done
	jget judge '.examples[] | "# \(.what) by \(.node) at \(.time): \(.detail)"'
}

# Who sent the ESP of the group, in turn: "gwa gwb gwa" (of the busiest SPI).
senders() { jget judge '[.spis[]] | max_by(map(.packets) | add) | map(.node) | join(" ")'; }

# ---- the usual beginning ----

# On a machine that stalls longer than the hold time roles move by themselves,
# and nothing that follows would mean what it is to mean.
roles_are() {	# ACTIVE STANDBY
	is_active "$1" && is_hot "$2"
}

# Both gateways as after a reboot: new namespaces, nothing left in them.
gateways_anew() {
	local ns
	for ns in gwa gwb; do
		ip netns del $ns || return
	done
	for ns in gwa gwb; do
		wait_for 30 eval "! ip -n outlan link show $ns" || return
	done
	gw_plug gwa 0a
	gw_plug gwb 0b
}

# A active with a strongSwan tunnel and traffic, then B until it is hot with
# the tunnel's two SAs. HOT is when it said so first.
pair_up() {
	module_load && module_load_at gwb || bail "the module loads"
	gw_start gwa || bail "xhad starts on A"
	wait_for 20 is_active gwa || bail "A becomes active"
	charon_start gwa && charon_start peer && tunnel_up ||
		bail "strongSwan brings the tunnel up: $(tail -n 3 "$XT/peer/initiate.log")"
	capture_start || bail "capture"
	acquire_watch
	traffic_start || bail "traffic goes through the tunnel"
	gw_start gwb || bail "xhad starts on B"
	wait_for 30 hot_with gwb 2 || bail "B becomes hot standby"
	HOT=$(state_since gwb)
	SEQ_ERRORS=$(xfrm_stat peer XfrmInStateSeqError)
	PEER_SAS=$(peer_sas)
}

# The active gateway is lost without warning; sets LOST to the time right after.
lose() {
	roles_are "$1" "$(gw_other "$1")" ||
		bail "the roles are as they should be before the loss of $1"
	LOST=$(links_down "$1")
	LOST=${LOST#* }
}

no_new_seq_errors() { [ "$(xfrm_stat peer XfrmInStateSeqError)" = "$SEQ_ERRORS" ]; }
same_peer_sas() { [ "$(peer_sas)" = "$PEER_SAS" ]; }
no_larvals() { [ "$(larval_count gwa) $(larval_count gwb)" = "0 0" ]; }
no_acquires() {
	local ns
	for ns in gwa gwb; do
		wait_for 10 acquires_heard $ns "$(acquire_marks $ns)" &&
			! grep -q 'receive error' "$XT/acquire-$ns.log" || return
	done
	[ "$(acquires gwa) $(acquires gwb)" = "0 0" ]
}
