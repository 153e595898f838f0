#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 400
# kernels: 6.1 6.12 debug
#
# Updates at the wrong moment. Policies updated on the active, again and again,
# over a slow channel: the standby's gate never opens in between, nor where a wider
# policy of a group that the node has covers the same, and goes. A policy that
# its owner updates in a hand-over which goes back: it stays. An SA added in a
# hand-over, and a peer that takes over in it: it goes back. SAs updated
# without their if_id, and on both nodes while they cannot hear of each other:
# the standby has what the active has. The same SA installed on both nodes
# while both are active: nobody goes on below the other's number.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
KEY=0x000102030405060708090a0b0c0d0e0f10111213
NEAR=10.1.0.3
ROUNDS=3 UPDATES=100
! debug_kernel || UPDATES=28

sa() {	# NS add|update SPI ARGUMENT...
	ip -n "$1" xfrm state "$2" src $VIP_OUT dst $PEER proto esp spi "$3" \
		reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128 "${@:4}"
}

pol() {	# NS add|update N ARGUMENT...
	ip -n "$1" xfrm policy "$2" src 10.1.0.0/24 dst "10.2.$3.0/24" dir out \
		"${@:4}" tmpl src $VIP_OUT dst $PEER proto esp reqid 1 mode tunnel
}
priority_of() {	# NS N
	ip -n "$1" xfrm policy | awk -v dst="10.2.$2.0/24" '
		/^src/ { mine = $4 == dst } mine && /priority/ { print $4 }'
}

sa_of() { ip -n "$1" -s xfrm state get src $VIP_OUT dst $PEER proto esp spi "$2"; }
shown() {	# NS SPI EXPRESSION
	xha_on "$1" -j show crypto ipsec sa |
		jq -r ".sas[] | select(.spi == \"0x0000$2\") | $3"
}
reason_is() { [[ "$(gw_get "$1" ".groups[0].reason")" == "$2"* ]]; }
equal() {	# NS SAS POLICIES
	is_hot "$1" && [ "$(gw_get "$1" '.groups[0] | "\(.sas) \(.policies)"')" = "$2 $3" ] &&
		[ "$(xha_on "$1" verify)" = "1: equal" ]
}

# ---- policies, under plaintext on the standby ----

ways_out() {	# of B
	ip -n gwb link add out type dummy &&
		ip -n gwb link set out up &&
		ip -n gwb addr add $NEAR/24 dev out &&
		ip -n gwb route add 10.2.0.0/16 dev out
}

tried() { local t=0; [ ! -s "$XT/probe.p" ] || read -r t _ <"$XT/probe.p"; [ "$t" -ge "$1" ]; }
probe() {
	rm -f "$XT/probe.p"
	start probe gwb "$LIB/probe.py" --from $NEAR 0.001 "$XT/probe.p" 10.2.1.9
	wait_for 20 tried 5
}
passed() { awk '{ print $1 - $2 }' "$XT/probe.p"; }

batch() {	# updates of one, deletes and adds of another
	local i
	for ((i = 0; i < UPDATES; i++)); do
		echo "xfrm policy update src 10.1.0.0/24 dst 10.2.1.0/24 dir out" \
			"priority $((100 + i % 2)) tmpl src $VIP_OUT dst $PEER" \
			"proto esp reqid 1 mode tunnel"
		[ $((i % 4)) -ne 0 ] ||
			echo "xfrm policy delete src 10.1.0.0/24 dst 10.2.2.0/24 dir out"
		[ $((i % 4)) -ne 2 ] ||
			echo "xfrm policy add src 10.1.0.0/24 dst 10.2.2.0/24 dir out" \
				"tmpl src $VIP_OUT dst $PEER proto esp reqid 1 mode tunnel"
	done
}

policies() {
	local i
	ways_out || bail "a way out of B"
	probe || bail "probes"
	check "without a policy plaintext leaves B" [ "$(passed)" -gt 0 ]
	stop probe
	pol gwa add 1 && pol gwa add 2 && sa gwa add 0x1001 || bail "policies on A"
	wait_for 20 equal gwb 1 2 || bail "B is hot: $(gw_json gwb)"
	batch >"$XT/batch"
	tc -n gwa qdisc add dev sync root netem rate 200kbit
	probe || bail "probes"
	for ((i = 0; i < ROUNDS; i++)); do
		ip -n gwa -batch "$XT/batch" || bail "updates"
	done
	check "after $((ROUNDS * UPDATES)) updates B is equal" wait_for 60 equal gwb 1 2
	stop probe
	tc -n gwa qdisc del dev sync root
	log "tries and refusals: $(cat "$XT/probe.p")"
	same "meanwhile nothing left B in the clear" "$(passed)" 0
	same "B has the priority" "$(priority_of gwa 1)" $((100 + (UPDATES - 1) % 2))
}

# ---- a policy of a group that B has, above one of a group it has not ----

VIP2=192.0.2.5
host_behind_b() {
	ns_new host
	ip -n gwb link add in type veth peer name in netns host &&
		ip -n gwb link set in up && ip -n host link set in up &&
		ip -n gwb addr add 10.1.0.129/25 dev in &&
		ip -n host addr add 10.1.0.130/25 dev in &&
		ip -n host route add default via 10.1.0.129 &&
		ip -n gwb addr add $VIP2/32 dev out &&
		ip -n gwb route add $PEER dev out &&
		ns_sysctl gwb net.ipv4.ip_forward=1 &&
		ip -n gwb link add clear type dummy && ip -n gwb link set clear up &&
		ip -n gwb route replace 10.2.0.0/16 dev clear
}
left_by() { ip -n gwb -s -j link show dev "$1" | jq '.[0].stats64.tx.packets'; }
sent_esp() { [ "$(left_by out)" -gt "$1" ]; }
WIDE="src 10.1.0.0/24 dst 10.2.0.0/16 dir out"
wide_add() {
	# shellcheck disable=SC2086 # words
	ip -n gwb xfrm policy add $WIDE priority 10 \
		tmpl src $VIP2 dst $PEER proto esp reqid 2 mode tunnel
}
# shellcheck disable=SC2086 # words
wide_delete() { ip -n "$1" xfrm policy delete $WIDE; }	# NS

overlapping() {
	local i n
	host_behind_b || bail "a host behind B"
	for ns in gwa gwb; do
		in_ns $ns xctl group 2 1000 10000 $VIP2 || bail "another group"
	done
	in_ns gwb xctl role 2 active && in_ns gwa xctl role 2 standby ||
		bail "which B has"
	ip -n gwb xfrm state add src $VIP2 dst $PEER proto esp spi 0x2001 reqid 2 \
		mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128 && wide_add ||
		bail "its SA and policy"
	start probe host "$LIB/probe.py" --from 10.1.0.130 0.001 "$XT/probe.p" 10.2.1.9
	n=$(left_by out)
	check "what both name leaves B by ESP" wait_for 20 sent_esp $((n + 20))
	for ((i = 0; i < 10; i++)); do
		wide_delete gwb || bail "the policy goes"
		wait_for 10 eval '[ "$(gw_get gwb ".groups[1].policies")" = 0 ]'
		wide_add || bail "and comes"
		n=$(left_by out)
		wait_for 10 sent_esp $((n + 2)) || bail "ESP again"
	done
	stop probe
	same "and never in the clear when that policy goes" "$(left_by clear)" 0
	# A, its standby, is left with a policy that blocks
	for ns in gwa gwb; do
		in_ns $ns xctl ungroup 2 force && wide_delete $ns ||
			bail "the other group goes"
	done
	ip -n gwb xfrm state flush proto esp
}

# ---- in a hand-over that goes back ----

# The channel ends with A's final numbers on their way: A is fenced, and waits.
FINALS=36 PREPARE=48	# kmod/wire.h
after_finals() { stepcut_arm gwa $FINALS $PREPARE "$@"; }

going_back() {
	ns_sysctl gwa net.xfrm_ha.handover_answer_ms=60000
	after_finals lose || bail "the channel through stepcut"
	wait_for 60 equal gwb 1 2 || bail "B is hot: $(gw_json gwb)"
	in_ns gwa xctl handover 1 || bail "A hands over"
	wait_for 30 was_cut || bail "its final numbers are sent"
	# at once: the loss of the channel ends it, too
	check "A's policies are out of the SPD: its owner can add one" \
		pol gwa add 1 priority 55
	check "A goes back" wait_for 60 state_is gwa active
	same "what its owner installed meanwhile stays" "$(priority_of gwa 1)" 55
	same "with the other" "$(policy_count gwa)" 2
	check "the reason is told" reason_is gwa "hand-over failed"
	stepcut_off || bail "the switch"
	check "B follows" wait_for 60 equal gwb 1 2
}

# ---- with A fenced, its final numbers on their way ----

peers() {	# [patient]
	node_peer gwa "$@" && node_peer gwb "$@" || bail "channels: $*"
}
hand_over_with() {	# COMMAND, of the shell
	after_finals run "$1" || bail "the channel through stepcut"
	wait_for 60 equal gwb 1 2 || bail "B is hot: $(gw_json gwb)"
	in_ns gwa xctl handover 1 && wait_for 30 grep -q '^ran: 0$' "$XT/stepcut.log" ||
		bail "A hands over: $(gw_get gwa ".groups[0].reason"); $(cat "$XT/stepcut.log")"
}
epoch_of() { gw_get "$1" ".groups[0].epoch"; }

added_meanwhile() {
	peers patient	# the command takes its time
	hand_over_with "ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto esp \
		spi 0x1005 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128"
	check "a hand-over in which an SA is added goes back" wait_for 60 \
		reason_is gwa "hand-over failed: SAs or policies changed"
	check "B has that SA" wait_for 60 equal gwb 2 2
	ip -n gwa xfrm state delete src $VIP_OUT dst $PEER proto esp spi 0x1005 &&
		wait_for 60 equal gwb 1 2 || bail "it goes"
	stepcut_off || bail "the switch"
}

taken_meanwhile() {
	hand_over_with "nsenter --net=/run/netns/gwb xctl role 1 active"
	check "a hand-over in which the peer takes over goes back" wait_for 60 \
		reason_is gwa "hand-over failed: the peer is no standby any more"
	stepcut_off || bail "the switch"
	peers
	check "A does not outbid it" [ "$(epoch_of gwa)" -lt "$(epoch_of gwb)" ]
	in_ns gwa xctl role 1 standby || bail "A gives way"
	check "and is its hot standby" wait_for 60 equal gwa 1 2
	nodes_hand_over gwb gwa || bail "B hands back"
	wait_for 20 equal gwb 1 2 || bail "B is hot"
}

# ---- SAs ----

without_if_id() {
	sa gwa add 0x1002 if_id 7 || bail "an SA with an if_id"
	wait_for 20 equal gwb 2 2 || bail "B has it"
	sa gwa update 0x1002 limit packet-hard 4711 || bail "an update without it"
	nodes_hand_over gwa gwb || bail "A hands over"
	check "an update that does not name the if_id is mirrored" eval \
		'sa_of gwb 0x1002 | grep -q "hard 4711(packets)"'
	nodes_hand_over gwb gwa || bail "B hands back"
	wait_for 20 equal gwb 2 2 || bail "B is hot"
}

# Each node changes the SA once; the second to be active is the one to follow.
both_updated() {
	sa gwa add 0x1003 encap espinudp 4500 4500 0.0.0.0 || bail "an SA"
	wait_for 20 equal gwb 3 2 || bail "B has it"
	ip -n gwa link set sync down
	sa gwa update 0x1003 encap espinudp 4500 4711 0.0.0.0 || bail "an update on A"
	in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active ||
		bail "B takes over"
	sa gwb update 0x1003 encap espinudp 4500 4712 0.0.0.0 || bail "an update on B"
	ip -n gwa link set sync up
	check "A is hot standby" wait_for 60 equal gwa 3 2
	same "and has what B has" "$(shown gwa 1003 .encap.dport)" 4712
	nodes_hand_over gwb gwa || bail "B hands back"
	wait_for 20 equal gwb 3 2 || bail "B is hot"
}

# An IKE daemon on each node installs the same SA while both are active.
both_installed() {
	ip -n gwa link set sync down
	in_ns gwb xctl role 1 active || bail "B is active, too"
	sa gwa add 0x1004 replay-oseq 50000 && sa gwb add 0x1004 replay-oseq 7 ||
		bail "an SA on both"
	in_ns gwa xctl role 1 standby || bail "A gives way"
	ip -n gwa link set sync up
	check "A, which had sent more, is hot standby" wait_for 60 equal gwa 4 2
	check "B goes on behind A's number" [ "$(shown gwb 1004 .sequence)" -ge 50000 ]
}

ktap_plan
nodes_on_lan
nodes_roles
for ns in gwa gwb; do
	start "helper-$ns" $ns xctl listen
done
policies
overlapping
going_back
added_meanwhile
taken_meanwhile
without_if_id
both_updated
both_installed
ktap_end
