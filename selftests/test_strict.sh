#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 900
#
# Strict mode: the channel stops acknowledging, and no packet leaves behind
# the last ceiling that was acknowledged: from parallel senders, GSO (segmented
# before the transform and after it), large datagrams in IPv4 and IPv6, by ESP
# and AH, across role flaps and restarts of the helper, until the operator says
# that the peer is fenced or it has synchronised again. A node whose peer was
# never hot goes on. Without strict mode the exposure shown is right to the packet.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/kprobe.sh
. "$LIB/kprobe.sh"
INTERVAL_OUT=1000
GCM_KEY=0x000102030405060708090a0b0c0d0e0f10111213
CBC_KEY=0x202122232425262728292a2b2c2d2e2f
MAC_KEY=0x303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f
GROUP_STATE=3 BULK_END=17	# messages (kmod/wire.h)
CHANNEL_KEY='a key for tests only, 32 octets..'	# as gw_conf has it
V6_HOST=2001:db8:1::10 V6_GWA=2001:db8:1::2 V6_FAR=2001:db8:2::23
GWA_IN=${IN_ADDR[gwa]}
FAR=10.2.0.2	# and the number of the SA

# ---- SAs ----

spi_of() { echo $((0x1000 + $1)); }

proto_of() { if [ "$1" = ah ]; then echo ah; else echo esp; fi; }	# algorithm

sa_add() {	# NS src dst spi reqid algorithm esn
	local alg=(auth-trunc 'hmac(sha256)' "$MAC_KEY" 128) opt=()
	case $6 in
	gcm)	alg=(aead 'rfc4106(gcm(aes))' "$GCM_KEY" 128) ;;
	cbc)	alg=(enc 'cbc(aes)' "$CBC_KEY" "${alg[@]}") ;;
	esac
	if [ "$7" = esn ]; then
		opt=(replay-window 128 flag esn flag af-unspec)
	else
		opt=(replay-window 32 flag af-unspec)
	fi
	ip -n "$1" xfrm state add src "$2" dst "$3" proto "$(proto_of "$6")" \
		spi "$4" reqid "$5" mode tunnel "${opt[@]}" "${alg[@]}"
}

pol_add() {	# NS dir selector-src selector-dst tmpl-src tmpl-dst reqid proto
	ip -n "$1" xfrm policy add src "$3" dst "$4" dir "$2" \
		tmpl src "$5" dst "$6" proto "$8" reqid "$7" mode tunnel
}

tunnel_add() {	# NUMBER algorithm esn [local-net far-address/length]
	local spi ns near=${4:-10.1.0.0/24} far=${5:-$FAR$1/32} proto
	spi=$(spi_of "$1")
	proto=$(proto_of "$2")
	for ns in gwa peer; do
		sa_add $ns $VIP_OUT $PEER "$spi" "$1" "$2" "$3" &&
			sa_add $ns $PEER $VIP_OUT $((spi + 0x100)) "$1" "$2" \
				"$3" || return
	done
	ip -n peer addr add "$far" dev prot nodad 2>/dev/null ||
		ip -n peer addr add "$far" dev prot
	pol_add gwa out "$near" "$far" $VIP_OUT $PEER "$1" "$proto" &&
		pol_add gwa in "$far" "$near" $PEER $VIP_OUT "$1" "$proto" &&
		pol_add gwa fwd "$far" "$near" $PEER $VIP_OUT "$1" "$proto" &&
		pol_add peer in "$near" "$far" $VIP_OUT $PEER "$1" "$proto" &&
		pol_add peer out "$far" "$near" $PEER $VIP_OUT "$1" "$proto"
}

v6_up() {
	local ns dev
	for ns in gwa host peer; do
		for dev in all default in out prot; do
			ns_sysctl $ns net.ipv6.conf.$dev.disable_ipv6=0 2>/dev/null
		done
	done
	ns_sysctl gwa net.ipv6.conf.all.forwarding=1
	ip -n host addr add $V6_HOST/64 dev in nodad
	ip -n gwa addr add $V6_GWA/64 dev in nodad
	ip -n host route add 2001:db8:2::/64 via $V6_GWA mtu 1400
	ip -n gwa route add 2001:db8:2::/64 dev out
}

# ---- what is known of them ----

out_sas() { xha_on "$1" -j show crypto ipsec sa | jq -r '.sas[] | select(.dir == "out") | '"$2"; }
sa_get() { out_sas "$1" 'select(.spi == "'"$(printf '0x%08x' "$(spi_of "$2")")"'") | .'"$3"; }
acked() { sa_get gwa "$1" acked; }
last_number() { sa_get gwa "$1" sequence; }
bounded() { gw_get gwa '.groups[0].bounded'; }
dropped() { gw_get gwa '.groups[0].strict_dropped'; }
stopped() { gw_get gwa '.groups[0].stopped'; }
stopped_are() { [ "$(stopped)" -ge "$1" ]; }
is_bounded() { [ "$(bounded)" = true ]; }
is_free() { [ "$(bounded)" = false ]; }
fenced_now() { xha_on gwa peer fenced 1 2>/dev/null | grep -q released; }
channel_down() { ! channel_up gwa; }

# ---- traffic ----

udp_from() { local ns=$1; shift; in_ns "$ns" "$LIB/burst.py" udp "$@" >>"$XT/burst.log" 2>&1; }
tcp_from() { local ns=$1; shift; in_ns "$ns" "$LIB/burst.py" tcp "$@" >>"$XT/burst.log" 2>&1; }
few() { in_ns host ping -q -c "$2" -i 0.02 -W 10 -I $HOST_IN $FAR"$1" >"$XT/ping.log" 2>&1; }
none_lost() { in_ns host ping -q -c "$2" -i 0.005 -W 10 -I $HOST_IN $FAR"$1" 2>&1 | tee "$XT/ping.log" | grep -q ' 0% packet loss'; }

# Everything at once, each SA far past one lease. TCP, on that SA, gives up
# after SECONDS.
hammer() {	# SECONDS NUMBER
	local pids=() pid
	udp_from host 4 700 100 $HOST_IN ${FAR}1 & pids+=($!)
	udp_from gwa 3 700 100 "$GWA_IN" ${FAR}1 & pids+=($!)
	tcp_from host $HOST_IN $FAR"$2" 7002 6000000 "$1" & pids+=($!)
	udp_from gwa 2 120 20000 $V6_GWA $V6_FAR & pids+=($!)
	udp_from host 1 60 20000 $V6_HOST $V6_FAR & pids+=($!)
	udp_from gwa 3 900 6000 "$GWA_IN" ${FAR}4 & pids+=($!)
	udp_from host 2 1000 100 $HOST_IN ${FAR}8 & pids+=($!)
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

# As much as it takes for those SAs to stop.
until_stopped() {	# HOW-MANY NUMBER
	local i
	for ((i = 0; i < 60; i++)); do
		stopped_are "$1" && return
		udp_from host 1 1000 100 $HOST_IN $FAR"$2"
	done
	stopped_are "$1"
}

# A lease that has grown with the rate: more than one and a half ahead
wide_lease() {	# NUMBER
	local i
	for ((i = 0; i < 20; i++)); do
		[ "$(acked "$1")" -lt $(($(last_number "$1") + INTERVAL_OUT * 3 / 2)) ] ||
			return 0
		udp_from host 4 500 100 $HOST_IN $FAR"$1"
	done
	return 1
}

# As a daemon changes an address or a port: the same keys and numbers
readded() {	# NUMBER, of those with gcm and no ESN
	local spi
	spi=$(spi_of "$1")
	ip -n gwa xfrm state delete src $VIP_OUT dst $PEER proto esp spi "$spi" &&
		ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto esp spi "$spi" \
			reqid "$1" mode tunnel replay-window 32 flag af-unspec \
			replay-oseq "$LAST" aead 'rfc4106(gcm(aes))' "$GCM_KEY" 128
}

# ---- the wire ----

seen_new() {	# captured so far by the process that is told to write
	"$LIB/highest.py" $VIP_OUT "$XT/cap-outlan-$1.pcap" >"$XT/seen-$1"
}
seen() { awk -v s="$(printf '0x%x' "$(spi_of "$2")")" -v f="$3" '$1 == s {print $f; n = 1} END {if (!n) print 0}' "$XT/seen-$1"; }
recapture() { capture_stop && seen_new gwa && seen_new gwb; }
within() {	# NUMBER FLOOR: reached, and not passed
	local high
	high=$(seen gwa "$1" 4)
	log "SA $1: $high was the last number sent, $2 acknowledged"
	[ "$high" -le "$2" ] && [ "$high" -gt $(($2 - 64)) ]
}
# What A sent until it was released is kept beside what both send from then on.
keep_capture() {
	local ns
	for ns in gwa gwb; do
		mv "$XT/cap-outlan-$ns.pcap" "$XT/cap-bounded-$ns.pcap" || return
	done
}
repeated() { "$LIB/highest.py" $VIP_OUT "$@" | awk '{n += $5} END {print n + 0}'; }
no_repeats() { [ "$(repeated "$XT"/cap-bounded-gw[ab].pcap "$XT"/cap-outlan-gw[ab].pcap)" = 0 ]; }
# The peer gets nothing of A while COMMAND runs, though A has something to send.
silent_while() {
	local before drops
	before=$(sa_packets peer $VIP_OUT $PEER)
	drops=$(dropped)
	"$@"
	[ "$(sa_packets peer $VIP_OUT $PEER)" = "$before" ] &&
		[ "$(dropped)" -gt "$drops" ]
}

splats() { dmesg | grep -cE 'WARNING|BUG|KASAN|UBSAN|Oops'; }

# ---- the pair ----

node() {	# NS
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" \
		$CHANNEL_PORT "$CHANNEL_KEY" &&
		in_ns "$1" xctl group 1 $INTERVAL_IN $INTERVAL_OUT $VIP_OUT $VIP_IN &&
		in_ns "$1" xctl strict 1 1
}
flap() { in_ns gwa xctl role 1 standby && in_ns gwa xctl role 1 active; }
# Nothing gets to A: neither acknowledgements nor anything else.
cut() { deaf_to gwa synclan && wait_for 30 channel_down; }
not_heard() { [ "$(gw_get gwa '.groups[0].peer_state')" != "standby hot" ]; }
# The helper is killed under traffic, and another one started.
helper_anew() {
	local pid
	hammer 10 2 &
	pid=$!
	gw_kill gwa
	gw_start gwa
	wait $pid
}

ktap_plan
topo_up
module_load || bail "the module loads"
# With it, SAs made from then on leave segmentation to the device layer.
! grep -q '^esp4_offload ' /proc/modules || rmmod esp4_offload ||
	bail "no esp4_offload to begin with"
v6_up
vip_by_hand gwa add
start serve peer "$LIB/burst.py" serve 0.0.0.0 7002

# ---- a peer that was never hot ----
node gwa && in_ns gwa xctl role 1 active || bail "A is active and strict"
tunnel_add 7 gcm - || bail "an SA"
few 7 5 || bail "the tunnel works: $(tail -n 2 "$XT/ping.log")"
udp_from host 1 3000 100 $HOST_IN ${FAR}7
check "without a hot peer thousands of packets are sent on a lease of 1000" \
	[ "$(last_number 7)" -ge 2500 ]
same "none is dropped" "$(dropped)" 0
same "A is not bounded" "$(bounded)" false
same "fenced says so" "$(xha_on gwa peer fenced)" "1: not bounded"

# ---- hot ----
tunnel_add 1 gcm - && tunnel_add 2 cbc esn && tunnel_add 4 gcm - &&
	tunnel_add 3 gcm - 2001:db8:1::/64 $V6_FAR/128 || bail "SAs"
tunnel_add 5 gcm esn && tunnel_add 6 gcm - && tunnel_add 8 ah - || bail "SAs"
node gwb && in_ns gwb xctl role 1 standby || bail "B is standby"
wait_for 60 hot_with gwb 16 || bail "B becomes hot: $(gw_json gwb)"
check "with a hot peer A is bounded" wait_for 10 is_bounded
check "a peer that is connected is not fenced" eval '! xha_on gwa peer fenced 2>/dev/null'
same "and A still bounded" "$(bounded)" true
for n in 1 2 4 5 6 8; do
	few $n 5 || bail "tunnel $n works: $(tail -n 2 "$XT/ping.log")"
done
check "far more than a lease gets through while B acknowledges" none_lost 1 2500
same "nothing of that is dropped" "$(dropped)" 0

# ---- the channel stops acknowledging ----
capture_start || bail "capture"
# goes on over all that follows
start across host ping -q -i 0.005 -I $HOST_IN ${FAR}1
cut || bail "the channel goes down"
same "A is still bounded" "$(bounded)" true
declare -A FLOOR
for n in 1 2 3 4 5 6 8; do
	FLOOR[$n]=$(acked $n)
done
BEFORE=$(last_number 6)
check "SA 1 has come to its end" wait_for 60 stopped_are 1
DROPPED=$(dropped)
flap || bail "the role flaps"
check "what it would send is dropped after a flap, too" \
	wait_for 20 eval '[ "$(dropped)" -gt $((DROPPED + 20)) ]'
stop across
same "after a flap of the role A is bounded" "$(bounded)" true
few 6 10
check "and goes on where it was" [ "$(last_number 6)" -ge $((BEFORE + 10)) ]
check "with the same ceiling" [ "$(last_number 6)" -le "${FLOOR[6]}" ]
kprobe_on __skb_gso_segment
until_stopped 2 6	# SA 1 is already
for _ in 1 2 3 4 5; do
	hammer 10 2
	stopped_are 6 && break
done
check "GSO packets were among them ($(kprobe_hits __skb_gso_segment))" \
	[ "$(kprobe_hits __skb_gso_segment)" -gt 10 ]
# A flap makes the SAs anew, and so finds what was loaded.
modprobe esp4_offload && flap || bail "esp4_offload"
kprobe_on esp_xmit
for _ in 1 2 3 4 5; do
	hammer 10 5
	stopped_are 7 && break
done
check "and some left to the device layer ($(kprobe_hits esp_xmit))" \
	[ "$(kprobe_hits esp_xmit)" -gt 100 ]
kprobes_off
for n in 1 2 3 4 5 6 8; do
	log "SA $n: $(last_number $n) of ${FLOOR[$n]}"
done
check "all SAs in use have stopped" stopped_are 7
check "what they would send is dropped ($(dropped))" [ "$(dropped)" -gt 1000 ]
check "and the reason is told" eval '[[ "$(gw_get gwa ".groups[0].reason")" == strict:* ]]'
check "nothing leaves A any more" silent_while hammer 3 2
flap || bail "the role flaps"
check "nor after a flap of the role" silent_while hammer 3 2

# ---- the helper ----
vip_by_hand gwa del
gw_conf gwa
sed -i 's/^\t*id = 1$/&\nstrict = true/' "$XT/gwa/xhad.conf"
grep -q '^strict = true' "$XT/gwa/xhad.conf" || bail "the configuration is strict"
gw_start gwa || bail "xhad starts on A"
wait_for 20 is_active gwa || bail "A is active with xhad"
check "nothing leaves while the helper is killed and started again" \
	silent_while helper_anew
wait_for 20 is_active gwa || bail "A is active with xhad"
same "with a new helper A is bounded" "$(bounded)" true
check "and sends nothing" silent_while hammer 3 2
gw_kill gwa
check "the captures are complete" recapture
for n in 1 2 3 4 5 6 8; do
	check "on the wire: SA $n ends where it was acknowledged" \
		within $n "${FLOOR[$n]}"
done

# ---- what releases ----
keep_capture && capture_start || bail "capture"
same "xha peer fenced" "$(xha_on gwa peer fenced 1)" "1: released"
same "A is not bounded" "$(bounded)" false
BEFORE=$(last_number 1)
check "all gets through" none_lost 1 100
check "with new numbers" [ "$(last_number 1)" -ge $((BEFORE + 100)) ]
heal_to gwa synclan
wait_for 60 hot_with gwb 16 || bail "B becomes hot again: $(gw_json gwb)"
check "hot again, A is bounded again" wait_for 10 is_bounded
cut || bail "the channel goes down"
until_stopped 1 6
check "cut again, it stops again" stopped_are 1
LAST=$(last_number 6)
readded 6 || bail "SA 6 is deleted and added again"
check "an SA that is added again with its numbers is still stopped" eval \
	'wait_for 10 stopped_are 1 && [ "$(last_number 6)" = "$LAST" ]'
check "and sends nothing" silent_while udp_from host 1 100 100 $HOST_IN ${FAR}6
heal_to gwa synclan
wait_for 60 hot_with gwb 16 || bail "B becomes hot again: $(gw_json gwb)"
check "the channel's return releases" none_lost 6 100
same "A is bounded" "$(bounded)" true

# ---- a peer that has forgotten all ----
wide_lease 5 || bail "a lease grows: $(last_number 5), $(acked 5)"
WIDE=$(acked 5)
in_ns gwb xctl ungroup 1 force || bail "B's group is forgotten"
flap || bail "the role flaps"
node gwb && in_ns gwb xctl role 1 standby || bail "B is standby"
wait_for 60 hot_with gwb 16 || bail "B becomes hot again: $(gw_json gwb)"
log "SA 5: $(last_number 5), of $WIDE before and $(acked 5) now"
check "starts no lower than this node may still send" [ "$(acked 5)" -ge "$WIDE" ]

# ---- a peer that is hot and cannot say so ----
in_ns gwb xctl ungroup 1 force || bail "B's group is forgotten"
check "one that is connected and has no such group can be fenced" \
	wait_for 10 fenced_now
same "with a peer that has nothing A is not bounded" "$(bounded)" false
stepcut_arm gwb $GROUP_STATE $BULK_END lose || bail "stepcut: $(cat "$XT/stepcut.log")"
node gwb && in_ns gwb xctl role 1 standby || bail "B is standby"
wait_for 60 was_cut && wait_for 10 is_hot gwb || bail "B becomes hot again: $(gw_json gwb)"
check "A has not heard of it" not_heard
check "A is bounded by what it has sent" is_bounded
wait_for 30 channel_down
same "and stays so" "$(bounded)" true
stepcut_off || bail "the bridge again"
wait_for 60 hot_with gwb 16 || bail "B becomes hot again: $(gw_json gwb)"

# ---- taken over by B ----
cut || bail "the channel goes down"
until_stopped 1 6
A_LAST=$(last_number 6)
in_ns gwa xctl role 1 standby
vip_by_hand gwa del
in_ns gwb xctl role 1 active && vip_by_hand gwb add || bail "B takes over"
wait_for 20 few 6 10 || bail "B carries the tunnel: $(tail -n 2 "$XT/ping.log")"
check "the captures are complete" recapture
log "SA 6: A ended at $(seen gwa 6 4), B began at $(seen gwb 6 3)"
check "B begins behind A's last number" [ "$(seen gwb 6 3)" -gt "$A_LAST" ]
check "A sent, and B after it" eval '[ "$(seen gwa 6 2)" -gt 100 ] && [ "$(seen gwb 6 2)" -ge 10 ]'
check "what is in two files is found" \
	[ "$(repeated "$XT/cap-bounded-gwa.pcap" "$XT/cap-bounded-gwa.pcap")" -gt 1000 ]
check "no number was ever sent twice" no_repeats
same "B, whose peer was never hot, is not bounded" "$(gw_get gwb '.groups[0].bounded')" false
heal_to gwa synclan
wait_for 60 hot_with gwa 16 || bail "A becomes hot: $(gw_json gwa)"
same "A, synchronised, is not bounded" "$(bounded)" false
check "now B is" wait_for 10 eval '[ "$(gw_get gwb ".groups[0].bounded")" = true ]'

# ---- without strict mode ----
in_ns gwb xctl role 1 standby
vip_by_hand gwb del
vip_by_hand gwa add
in_ns gwa xctl role 1 active
wait_for 60 hot_with gwb 16 || bail "B is standby again: $(gw_json gwb)"
in_ns gwa xctl strict 1 0
same "no longer strict, A is not bounded" "$(bounded)" false
DROPPED=$(dropped)
few 1 5
cut || bail "the channel goes down"
KNOWN=$(gw_get gwa '.groups[0].beyond')
declare -A ACKED
while read -r spi n; do
	ACKED[$spi]=$n
done < <(out_sas gwa '"\(.spi) \(.acked)"')
hammer 10 2
udp_from host 1 3000 100 $HOST_IN ${FAR}6
wait_for 30 stands_still last_number 2	# TCP that nobody waits for any more
BEYOND=$(gw_get gwa '.groups[0].beyond')
PAST=0
while read -r spi n; do
	[ "$n" -le "${ACKED[$spi]}" ] || PAST=$((PAST + n - ${ACKED[$spi]}))
done < <(in_ns gwa ip -s xfrm state list src $VIP_OUT |
	awk '/proto (esp|ah) spi/ {spi = $4; sub(/\(.*/, "", spi)}
	     /oseq(-hi)? 0x/ {for (i = 1; i < NF; i++) if ($i == "oseq") {sub(/,/, "", $(i + 1)); print spi, $(i + 1)}}' |
	while read -r spi n; do echo "$spi $((n))"; done)
check "thousands of packets are past their ceilings ($PAST)" [ "$PAST" -gt 3000 ]
same "and shown, to the packet" $((BEYOND - KNOWN)) "$PAST"
same "nothing is dropped" "$(dropped)" "$DROPPED"

# ---- the module goes while SAs are bounded ----
heal_to gwa synclan
wait_for 60 hot_with gwb 16 || bail "B becomes hot again: $(gw_json gwb)"
in_ns gwa xctl strict 1 1
check "strict again, A is bounded" wait_for 10 is_bounded
SPLATS=$(splats)
udp_from host 2 3000 100 $HOST_IN ${FAR}1 &
# a standby holds the module
in_ns gwb xctl ungroup 1 force || bail "B's group is forgotten"
module_unload || bail "the module goes"
wait $!
check "without it the SA goes on" few 1 10
same "no splat" "$(splats)" "$SPLATS"
ktap_end
