#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=active_active runs it
# timeout: 700
# kernels: 6.1 6.12
#
# Two groups over one association, each with VIPs and a tunnel of its own, A
# active for one and B for the other. A hand-over of one leaves the other as it
# is; the crash of a node moves just what it had; both ways, and back to
# active/active each time. Manual keys, HSRP for each of the four LAN groups.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
KEY=0x000102030405060708090a0b0c0d0e0f10111213
BOTH="west east"

# name -> VIPs, the net behind the peer, who is pinged there by the tunnel, and
# what is probed through the real address of each gateway
declare -A VIPO=([west]=192.0.2.1 [east]=192.0.2.5)
declare -A VIPI=([west]=10.1.0.1 [east]=10.1.0.5)
declare -A NET=([west]=10.2.0.8/29 [east]=10.2.0.16/29)
declare -A FAR=([west]=10.2.0.10 [east]=10.2.0.20)
declare -A PROBE_gwa=([west]=10.2.0.11 [east]=10.2.0.21)
declare -A PROBE_gwb=([west]=10.2.0.12 [east]=10.2.0.22)
declare -A PORT=([west]=7001 [east]=7011)
declare -A SPI=([west]=0x1001 [east]=0x2001)

# ---- configuration ----

conf_group() {	# NAME ID FIRST-HSRP-NUMBER
	cat <<-CONF
	group $1 {
		id = $2
		replay-interval-inbound = $INTERVAL_IN
		replay-interval-outbound = $INTERVAL_OUT
		helper-grace = 60
		standby outside {
			interface = out
			number = $3
			ip = {${VIPO[$1]}/24}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
		standby inside {
			interface = in
			number = $(($3 + 1))
			ip = {${VIPI[$1]}/24}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
	}
	CONF
}

conf() {	# NS
	gw_conf "$1"
	sed -i '/^group/,$d' "$XT/$1/xhad.conf"
	conf_group west 1 1 >>"$XT/$1/xhad.conf"
	conf_group east 2 3 >>"$XT/$1/xhad.conf"
}

tunnel() {	# NAME: at A and at the peer
	local ns out=${SPI[$1]} in vip=${VIPO[$1]}
	in=$((out + 1))
	for ns in gwa peer; do
		ip -n $ns xfrm state add src $vip dst $PEER proto esp spi $out \
			reqid $((out)) mode tunnel replay-window 64 \
			aead 'rfc4106(gcm(aes))' $KEY 128 &&
		ip -n $ns xfrm state add src $PEER dst $vip proto esp spi $in \
			reqid $((out)) mode tunnel replay-window 64 \
			aead 'rfc4106(gcm(aes))' $KEY 128 || return
	done
	policy gwa out "$1" 10.1.0.0/24 "${NET[$1]}" $vip $PEER &&
		policy gwa in "$1" "${NET[$1]}" 10.1.0.0/24 $PEER $vip &&
		policy gwa fwd "$1" "${NET[$1]}" 10.1.0.0/24 $PEER $vip &&
		policy peer in "$1" 10.1.0.0/24 "${NET[$1]}" $vip $PEER &&
		policy peer out "$1" "${NET[$1]}" 10.1.0.0/24 $PEER $vip
}

policy() {	# NS DIR NAME SRC DST TMPL-SRC TMPL-DST
	ip -n "$1" xfrm policy add src "$4" dst "$5" dir "$2" \
		tmpl src "$6" dst "$7" proto esp reqid $((SPI[$3])) mode tunnel
}

ends() {	# NAME: addresses and routes at the ends
	local a
	for a in "${FAR[$1]}" "${PROBE_gwa[$1]}" "${PROBE_gwb[$1]}"; do
		ip -n peer addr replace "$a/32" dev prot
	done
	ip -n host route replace "${NET[$1]}" via "${VIPI[$1]}" mtu 1400
	ip -n host route replace "${PROBE_gwa[$1]}" via "${IN_ADDR[gwa]}" mtu 1400
	ip -n host route replace "${PROBE_gwb[$1]}" via "${IN_ADDR[gwb]}" mtu 1400
}

# ---- what the gateways say of a group ----

of() { gw_get "$1" ".groups[] | select(.name == \"$2\") | $3"; }
role() { of "$1" "$2" '"\(.role) \(.epoch) \(.epoch_node) \(.takeovers)"'; }
addr_on() { ip -n "$1" -o addr show dev out | grep -q "inet $2/"; }
has() { [ "$(of "$1" "$2" .state)" = active ] && addr_on "$1" "${VIPO[$2]}"; }
hot_for() { [ "$(of "$1" "$2" '"\(.state) \(.sas)"')" = "standby hot 2" ]; }
split_up() { has gwa west && has gwb east && hot_for gwa east && hot_for gwb west; }
step_of() { of "$1" "$2" "(.timeline_ns.$3 + $CLOCK_OFFSET) / 1e9"; }

# ---- traffic ----

flows_start() {
	local g
	for g in $BOTH; do
		start_flow "p-$g" peer -r 100 udp "${FAR[$g]}:${PORT[$g]}" "$HOST_IN:${PORT[$g]}"
		start_flow "h-$g" host -r 100 udp "$HOST_IN:${PORT[$g]}" "${FAR[$g]}:${PORT[$g]}"
	done
	for g in $BOTH; do
		wait_for 20 got "p-$g" 20 && wait_for 20 got "h-$g" 20 || return
	done
}

both_flow() {
	local g
	for g in $BOTH; do
		flowing "p-$g" 50 30 && flowing "h-$g" 50 30 || return
	done
}

progress() { echo "$(received p-west) $(received h-west) $(received p-east) $(received h-east)"; }
calm() { stands_still progress; }

flows_stop() {
	local f
	for f in p-west h-west p-east h-east; do
		signal $f USR1
	done
	wait_for 10 calm
	for f in p-west h-west p-east h-east; do
		stop $f
	done
}

# What a group's traffic has lost, and got twice, since flows_start.
toll() {
	jq -rs '([.[].sent] | add) as $s | ([.[].received] | add) as $r |
		"\($s - $r) \([.[].duplicates] | add)"' \
		"$XT/p-$1.json" "$XT/h-$1.json"
}
twice() { toll "$1" | cut -d' ' -f2; }

# ---- steps ----

# A hand-over of GROUP from FROM, the other group being KEPT.
hand_over() {	# GROUP FROM KEPT
	local to out a b
	to=$(gw_other "$2")
	flows_start || bail "traffic of both groups"
	a=$(role gwa "$3") b=$(role gwb "$3")
	out=$(xha_on "$2" switchover "$1" 2>&1) || bail "switchover of $1: $out"
	wait_for 20 has "$to" "$1" && wait_for 20 hot_for "$2" "$1" ||
		bail "$1 is handed over: $(gw_json "$to")"
	check "hand-over of $1 from $2: both groups' traffic flows" both_flow
	same "and $3 is as it was" "$(role gwa "$3"), $(role gwb "$3")" "$a, $b"
	flows_stop
	same "nothing of $1 is lost or comes twice" "$(toll "$1")" "0 0"
	same "nor of $3" "$(toll "$3")" "0 0"
}

# NODE, which has just GROUP, is lost and comes back.
crash() {	# NODE GROUP KEPT
	local other a
	other=$(gw_other "$1")
	flows_start || bail "traffic of both groups"
	a=$(role "$other" "$3")
	LOST=$(links_down "$1")
	LOST=${LOST#* }
	wait_for 40 has "$other" "$2" || bail "$other takes $2 over"
	BEGIN=$(step_of "$other" "$2" begin)
	check "$1 is lost: both groups' traffic flows through $other" both_flow
	same "$3 stayed where it was" "$(role "$other" "$3")" "$a"
	flows_stop
	same "nothing of $3 is lost or comes twice" "$(toll "$3")" "0 0"
	same "nothing of $2 comes twice" "$(twice "$2")" 0
	log "of $2 $(toll "$2" | cut -d' ' -f1) packets were lost"
	links_up "$1" >/dev/null
	wait_for 60 hot_for "$1" west && wait_for 60 hot_for "$1" east ||
		bail "$1 becomes hot standby of both: $(gw_json "$1")"
	ok "$1 is back and hot standby of both"
}

# A group's verdict: ESP, ARP and plaintext of the VIPs of that group alone.
verdict() {	# GROUP OPTIONS...
	"$LIB/judge.py" --gw gwa:"$XT/cap-outlan-gwa.pcap" \
		--gw gwb:"$XT/cap-outlan-gwb.pcap" \
		--peer "$XT/cap-outlan-peer.pcap" \
		--inside gwa:"$XT/cap-inlan-gwa.pcap" \
		--inside gwb:"$XT/cap-inlan-gwb.pcap" \
		--vip "${VIPO[$1]}" --vip "${VIPI[$1]}" \
		--protected "10.1.0.0/24,${NET[$1]}" "${@:2}" >"$XT/judge.json"
	judged seq_reused=0 iv_reused=0 jumps_back=0 plaintext=0 \
		peer_seq_reused=0 silent_esp=0 silent_vip=0
}

ktap_plan
topo_up
module_load || bail "the module loads"
for g in $BOTH; do
	ends "$g"
done
conf gwa
conf gwb
check "xhad takes a file with two groups" in_ns gwa xhad --check -c "$XT/gwa/xhad.conf"
gw_start gwa || bail "xhad starts on A"
wait_for 30 has gwa west && wait_for 30 has gwa east || bail "A becomes active for both"
for g in $BOTH; do
	tunnel "$g" || bail "a tunnel of $g"
done
capture_start || bail "capture"
acquire_watch
gw_start gwb || bail "xhad starts on B"
wait_for 60 hot_for gwb west && wait_for 60 hot_for gwb east ||
	bail "B becomes hot standby of both: $(gw_json gwb)"
HOT=$(now_s)
same "one association carries both" "$(gw_get gwb .channel.connects) $(gw_get gwb '.groups | length')" "1 2"
start_flow probe-wa host -f -r 20 udp $HOST_IN:7003 "${PROBE_gwa[west]}:7003"
start_flow probe-wb host -f -r 20 udp $HOST_IN:7004 "${PROBE_gwb[west]}:7003"
start_flow probe-ea host -f -r 20 udp $HOST_IN:7005 "${PROBE_gwa[east]}:7003"
start_flow probe-eb host -f -r 20 udp $HOST_IN:7006 "${PROBE_gwb[east]}:7003"

hand_over east gwa west
check "active/active: A has west, B east, each is hot for the other" wait_for 10 split_up
E_HOT=$(now_s)
same "each has just its own SAs" "$(sa_spis gwa | tr '\n' ' ')$(sa_spis gwb | tr '\n' ' ')" \
	"0x00001001 0x00001002 0x00002001 0x00002002 "
crash gwb east west
E_LOST=$LOST E_BEGIN=$BEGIN
hand_over east gwa west
check "active/active again" wait_for 10 split_up
E_BACK=$(now_s)
crash gwa west east
W_LOST=$LOST W_BEGIN=$BEGIN
W_UNTIL=$(now_s)
hand_over west gwb east
check "and again" wait_for 10 split_up

check "no larval SA" no_larvals
check "no ACQUIRE on either gateway" no_acquires
for f in wa wb ea eb; do
	stop probe-$f
done
check "the captures are complete" capture_stop
log "west: B is silent until it takes over, A from its loss to its return"
verdict west --plain-after "$HOT" --silent "gwb::$W_BEGIN" \
	--silent "gwa:$W_LOST:$W_UNTIL"
same "west was sent by A, B, A" "$(senders)" "gwa gwb gwa"
log "east: A is silent while B has it, B from its loss until it has it again"
verdict east --plain-after "$HOT" --silent "gwa:$E_HOT:$E_BEGIN" \
	--silent "gwa:$E_BACK:" --silent "gwb:$E_LOST:$E_BEGIN"
same "east was sent by A, B, A, B" "$(senders)" "gwa gwb gwa gwb"
ktap_end
