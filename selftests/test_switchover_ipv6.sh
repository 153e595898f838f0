#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: not seen to pass whole yet; TESTS=switchover_ipv6 runs it
# timeout: 400
#
# Planned hand-overs of a group of IPv6 only: IPv6 VIPs on both LANs, IPv6 in
# ESP over IPv6, and a way to the other node that neighbour discovery finds. The
# channel is slow, so that packets of both directions are held and, once the
# giver is a standby, others come late. First a hand-over that goes back, whose
# packets are released where they are; then some back and forth. Nothing is
# lost, nothing is delivered twice, no number is used twice.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"
# shellcheck source=selftests/lib/topology6.sh
. "$LIB/topology6.sh"
TIMES=${TIMES:-4}
HELLO_MS=3000	# no role is to move because the channel is held up
DELAY_MS=100	# of the channel, each way

gate() { gw_get "$1" ".groups[0].gate.$2"; }
neighbours6() {	# those of the gate are IPv6, and found
	ip -n "$1" -6 neigh show dev out | grep -qi '^fe80::.* lladdr' &&
		ip -n "$1" -6 neigh show dev in | grep -qi '^fe80::.* lladdr'
}
flows() { flowing udp-host "$1" 20 && flowing udp-peer "$1" 20; }

# The receiver's acknowledgement of the final numbers waits until A gave up.
ACK=5 FINALS=36	# kmod/wire.h
goes_back() {
	local before
	before=$(gate gwa held)
	stepcut_arm gwb $ACK $FINALS run \
		"until nsenter --net=/run/netns/gwa xha --socket '$XR/gwa/xhad.sock' \
			-j show redundancy states | grep -q 'does not acknowledge'; \
		do sleep 0.1; done" || bail "the channel through stepcut"
	wait_for 30 hot_with gwb 2 || bail "B is hot"
	check "a hand-over that is not acknowledged fails" eval \
		'! xha_on gwa switchover >"$XT/back.log" 2>&1'
	check "and says so" grep -q 'does not acknowledge' "$XT/back.log"
	log "$(cat "$XT/back.log"); A: $(gw_state gwa), B: $(gw_state gwb)"
	check "A stays active" is_active gwa
	check "it held packets" [ "$(gate gwa held)" -gt "$before" ]
	same "and sent none of them on" "$(gate gwa forwarded)" 0
	check "traffic goes on by A" flows 100
	wait_for 10 grep -q '^ran: 0' "$XT/stepcut.log" ||
		bail "stepcut held the acknowledgement: $(cat "$XT/stepcut.log")"
	stepcut_off || bail "the switch"
	wait_for 60 hot_with gwb 2 || bail "B is hot again"
}

back_and_forth() {
	local i t from=gwa to=gwb held sent
	WANT=gwa
	for ((i = 1; i <= TIMES; i++)); do
		held=$(gate $from held) sent=$(gate $from forwarded)
		out=$(xha_on $from switchover 2>&1) ||
			bail "switchover $i from $from: $out"
		wait_for 20 is_active $to && wait_for 20 hot_with $from 2 ||
			bail "switchover $i: $to active, $from hot"
		held=$(($(gate $from held) - held))
		sent=$(($(gate $from forwarded) - sent))
		log "switchover $i from $from: $held held, $sent sent on"
		check "switchover $i to $to: packets were held" [ $held -gt 0 ]
		check "all of them were sent on, and late ones" [ $sent -gt $held ]
		check "traffic flows" flows 100
		WANT="$WANT $to"
		t=$from from=$to to=$t
	done
}

ktap_plan
topo6_up
module_load || bail "the module loads"
for ns in gwa gwb; do
	gw_conf $ns
	channel_patient $ns
	ns_sysctl $ns net.xfrm_ha.handover_answer_ms=3000
done
gw_start gwa || bail "xhad starts on A"
wait_for 20 is_active gwa || bail "A becomes active"
manual_tunnel gwa $NET_IN $NET_OUT || bail "a tunnel by hand"
capture_start || bail "capture"
acquire_watch
udp_start || bail "traffic goes through the tunnel"
gw_start gwb || bail "xhad starts on B"
wait_for 60 hot_with gwb 2 || bail "B becomes hot standby"
HOT=$(state_since gwb)
# shellcheck disable=SC2034 # no_new_seq_errors
SEQ_ERRORS=$(xfrm_stat peer XfrmInStateSeqError)
for ns in gwa gwb; do
	tc -n $ns qdisc add dev sync root netem delay ${DELAY_MS}ms ||
		bail "a slow channel"
done
goes_back
back_and_forth
check "the nodes found each other by neighbour discovery" eval \
	'neighbours6 gwa && neighbours6 gwb'
same "nothing overflowed" "$(gate gwa overflow) $(gate gwb overflow)" "0 0"
traffic_stop
log "UDP: $(udp_sent) sent, reordered: $(jget udp-host .reordered) $(jget udp-peer .reordered)"
check "UDP was sent both ways" eval \
	'[ "$(jget udp-host .sent)" -gt 500 ] && [ "$(jget udp-peer .sent)" -gt 500 ]'
same "no UDP packet was lost" "$(udp_lost)" 0
same "no UDP packet was delivered twice" "$(udp_duplicates)" 0
check "the peer counts no replay error" no_new_seq_errors
check "no ACQUIRE on either gateway" no_acquires
check "the captures are complete" capture_stop
judge --protected $NET_IN,$NET_OUT --plain-after "$HOT"
same "the gateways sent in turn" "$(senders)" "$WANT"
judged seq_reused=0 iv_reused=0 jumps_back=0 forwarded_twice=0 plaintext=0 \
	peer_seq_reused=0
sent_on_both() {
	local all esp
	all=$(($(gate gwa forwarded) + $(gate gwb forwarded)))
	esp=$(jget judge .forwarded)
	log "sent on: $all, ESP: $esp"
	[ "$esp" -gt 0 ] && [ $all -gt "$esp" ]
}
check "ESP was sent on outside, and plaintext inside" sent_on_both
ktap_end
