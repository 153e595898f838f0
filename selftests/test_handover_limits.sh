#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: not seen to pass whole yet; TESTS=handover_limits runs it
# timeout: 400
#
# What the limits of a hand-over do, net.xfrm_ha.handover_*_ms. Each is met by a
# hand-over that is held up, by a message on its way that waits (lib/stepcut.c)
# or a helper that says nothing: twice, with that limit short and with all of them
# long. The short one ends the waiting, not before its time; a long one is still
# waited for after as long, and the hand-over then comes to its end.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"
LONG=60000	# no limit, here
SHORT=2000
MOST=5000	# what the channel is held up for without need; it bears 12 s
PREPARE=48 READY=49 COMMIT=50 FINALS=36 ACK=5	# kmod/wire.h

state_of() { gw_get "$1" '.groups[0] | "\(.state), \(.reason)"'; }
says() { [[ "$(state_of "$1")" == "$2"* ]]; }	# NS TEXT
states_bail() { bail "$1: A $(state_of gwa), B $(state_of gwb)"; }
took() { echo $(($(now_ms) - BEGUN)); }

# All are long but one, if one is named.
limits() {	# [NS NAME MS]
	local ns
	for ns in gwa gwb; do
		ns_sysctl $ns net.xfrm_ha.handover_answer_ms=$LONG \
			net.xfrm_ha.handover_commit_ms=$LONG \
			net.xfrm_ha.handover_vip_ms=$LONG \
			net.xfrm_ha.handover_forward_ms=$LONG
	done
	[ $# -eq 0 ] || ns_sysctl "$1" "net.xfrm_ha.handover_$2_ms=$3"
}

begin() {
	wait_for 60 is_hot gwb || states_bail "B is hot"
	BEGUN=$(now_ms)
	in_ns gwa xctl handover 1 || states_bail "A hands over"
}
# B takes the role, and its helper says that the VIPs are up
end_at_b() {
	in_ns gwb xctl active 1 20 && in_ns gwb xctl vipup 1 &&
		wait_for 20 is_hot gwa
}
hand_back() {
	limits
	nodes_hand_over gwb gwa && wait_for 20 says gwa "active" ||
		states_bail "B hands back"
}

# A hands over, and the message waits for the file "go".
held_up() {	# FROM TYPE AFTER
	rm -f "$XT/waits" "$XT/go"
	stepcut_arm "$@" run \
		"touch '$XT/waits'; until [ -e '$XT/go' ]; do sleep 0.05; done" ||
		bail "the channel through stepcut"
	begin
	wait_for 20 test -e "$XT/waits" || states_bail "it gets that far"
}
go_on() {
	touch "$XT/go"
	wait_for 10 grep -q '^ran: 0' "$XT/stepcut.log" && stepcut_off ||
		bail "the switch"
}

# The limit was kept, and no other can have been meant.
in_time() {
	WAITED=$(took)
	log "after $WAITED ms"
	check "not before its time" [ "$WAITED" -ge $SHORT ]
	check "and long before any other" [ "$WAITED" -lt $((LONG / 2)) ]
	[ "$WAITED" -le $MOST ] || WAITED=$MOST
}
still_waits() {
	local left
	left=$((WAITED - $(took)))
	[ $left -le 0 ] || run_for "$((left / 1000)).$(printf %03d $((left % 1000)))"
	says gwa "handover"
}
waits_and_ends() {	# [COMMAND]
	check "with a minute it waits" still_waits
	"$@"
	check "and the hand-over succeeds" end_at_b
	hand_back
}

# ---- on the giver, before the commit: it stays active ----

no_answer() {	# WHAT TEXT TYPE AFTER
	limits gwa answer $SHORT
	held_up gwb "$3" "$4"
	check "handover_answer_ms: $1 is waited for" \
		wait_for 10 says gwa "active, hand-over failed: the peer does not $2"
	in_time
	go_on
	limits
	held_up gwb "$3" "$4"
	waits_and_ends go_on
}

# ---- on the receiver: who was prepared is so for four times as long ----

prepared() {
	limits gwb answer $((SHORT / 8))
	held_up gwa $FINALS $PREPARE
	run_for 3
	check "after 3 s on the way of the numbers the giver waits" \
		says gwa "handover"
	go_on
	check "handover_answer_ms: the receiver is not prepared for ever" \
		wait_for 20 says gwa "active, hand-over failed: no longer prepared"
	limits
	held_up gwa $FINALS $PREPARE
	run_for 3
	waits_and_ends go_on
}

# ---- after the commit: the giver is a standby, whatever became of the other ----

is_standby() { [ "$(gw_get "$1" '.groups[0].role')" = standby ]; }

committed() {
	limits gwa commit $SHORT
	held_up gwa $COMMIT 0
	check "handover_commit_ms: an answer is waited for, then A is standby" \
		wait_for 10 is_standby gwa
	in_time
	same "and B is not active either" "$(gw_get gwb '.groups[0].role')" standby
	go_on
	check "B, which hears of it late, is active" end_at_b
	hand_back
	held_up gwa $COMMIT 0
	waits_and_ends go_on
}

# ---- a helper that never says that it has the VIPs ----

vips() {
	limits gwb vip $SHORT
	begin
	check "handover_vip_ms: without a word of the helper B goes on" \
		wait_for 10 is_hot gwa
	in_time
	same "B is active" "$(gw_state gwb)" active
	check "and waits for no helper any more" eval \
		'! in_ns gwb xctl vipup 1 2>/dev/null'
	hand_back
	begin
	waits_and_ends
}

# ---- late packets ----

gate() { gw_get gwa '.groups[0].gate | "\(.held) \(.forwarded) \(.dropped)"'; }
# In a while, more packets are sent on, and dropped: yes or no, each
passing() {	# SENT-ON DROPPED
	local f d f0 d0
	read -r _ f0 d0 < <(gate)
	run_for 0.5
	read -r _ f d < <(gate)
	[ "$1 $2" = "$([ "$f" -gt "$f0" ] && echo yes || echo no) $([ "$d" -gt "$d0" ] && echo yes || echo no)" ]
}
late_ones() {	# were sent on: more than had been held
	local h f
	read -r h f _ < <(gate)
	log "held $h, sent on $f"
	[ "$f" -gt "$h" ]
}

late_packets() {	# to A, whoever has the VIP
	ip -n stranger neigh replace $VIP_OUT lladdr "${OUT_MAC[gwa]}" dev out \
		nud permanent
	in_ns gwa xctl neigh 1 "$(ip -n gwa -j link show out | jq '.[0].ifindex')" \
		"${OUT_ADDR[gwb]}" || bail "a neighbour"
	start late stranger flow -f -r 50 udp 192.0.2.66:4500 $VIP_OUT:4500
}

forwarding() {
	late_packets
	limits gwa forward $SHORT
	begin
	end_at_b || states_bail "B has the role"
	check "handover_forward_ms: then late packets are dropped" \
		wait_for 10 passing no yes
	in_time
	check "and were sent on before" late_ones
	hand_back
	begin
	end_at_b || states_bail "B has the role"
	run_for "$((WAITED / 1000 + 1))"
	check "with a minute they are still sent on, and none is dropped" \
		passing yes no
	stop late
	hand_back
}

ktap_plan
topo_begin outlan synclan
for ns in gwa gwb; do
	ns_new $ns
	plug $ns out outlan "${OUT_MAC[$ns]}" "${OUT_ADDR[$ns]}/24"
	plug $ns sync synclan "02:00:00:00:${ns/gw/0}:03" "${SYNC_ADDR[$ns]}/24"
done
ns_new stranger
plug stranger out outlan "${OUT_MAC[stranger]}" 192.0.2.66/24
nodes_roles
for ns in gwa gwb; do
	node_peer $ns patient || bail "a patient channel"
	start helper-$ns $ns xctl listen
done
manual_sa gwa $VIP_OUT $PEER 0x1001 &&
	manual_policy gwa out 10.1.0.0/24 10.2.0.0/24 $VIP_OUT $PEER ||
	bail "an SA and a policy of A"
wait_for 60 hot_with gwb 1 || states_bail "B is hot"
no_answer "READY" answer $READY 0
no_answer "the receipt of the numbers" acknowledge $ACK $FINALS
prepared
committed
vips
forwarding
ktap_end
