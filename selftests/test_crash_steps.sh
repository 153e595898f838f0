#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=crash_steps runs it
# timeout: 1500
# kernels: 6.1 6.12
#
# Planned hand-overs in which a node crashes: either node, with each message of
# the hand-over on its way (never arrived), and once the last one has arrived.
# The fault is tied to the message (lib/stepcut.c), not to a time. Each time the
# other node ends up active and traffic flows; the lost node, booted anew, is
# hot standby; and in all of it no number and no IV is used twice.
# XHA_STEPS=REGEX picks some by name.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"

# message, number in kmod/wire.h, one that has to come first, who sends it
STEPS="
prepare	48 0  giver    lose
ready	49 0  receiver lose
finals	36 48 giver    lose
ack	5  36 receiver lose
commit	50 0  giver    lose
taken	51 0  receiver lose
flushed	52 0  giver    lose
end	52 0  giver    pass
"
RAN=0

active_now() { if is_active gwa; then echo gwa; else echo gwb; fi; }
paired() { is_active "$1" && hot_with "$(gw_other "$1")" 2 && has_no_vip "$(gw_other "$1")"; }
either_paired() { paired gwa || paired gwb; }
reopened() { [ "$(grep -c reopened "$XT/capture.log")" -gt "$1" ]; }

# What is left of NS goes; nobody sees anything of it since it was cut off.
bury() {	# NS
	gw_kill "$1"
	stop switch KILL
	ip netns del "$1" && wait_for 30 eval "! ip -n outlan link show $1"
}

boot() {	# NS
	local n
	n=$(grep -c reopened "$XT/capture.log")
	gw_plug "$1" "${1/gw/0}"
	ip -n synclan link set "$(gw_other "$1")" master br0
	signal capture USR1
	wait_for 10 reopened "$n" && gw_start "$1"
}

crash() {	# NAME TYPE AFTER SENDER lose|pass giver|receiver
	local name="$6 crashes, $1" giver from victim left
	wait_for 60 either_paired || bail "$name: there is a pair before"
	giver=$(active_now)
	from=$giver victim=$giver
	[ "$4" = giver ] || from=$(gw_other "$giver")
	[ "$6" = giver ] || victim=$(gw_other "$giver")
	left=$(gw_other "$victim")
	log "$name: $giver gives, $victim is lost"
	stepcut_arm "$from" "$2" "$3" "$5" "outlan:$victim" "inlan:$victim" ||
		bail "$name: arming"
	start switch "$giver" xha --socket "$XR/$giver/xhad.sock" switchover
	wait_for 20 was_cut || bail "$name: it gets that far"
	bury "$victim" || bail "$name: $victim goes"
	check "$name: $left is active" wait_for 30 is_active "$left"
	check "$name: traffic flows" eval \
		'flowing udp-host 40 20 && flowing udp-peer 40 20'
	boot "$victim" || bail "$name: $victim boots"
	check "$name: $victim is hot standby, $left active" wait_for 60 paired "$left"
	RAN=$((RAN + 1))
}

ktap_plan
topo_up
module_load || bail "the module loads"
gw_start gwa || bail "xhad starts on A"
wait_for 20 is_active gwa || bail "A becomes active"
manual_tunnel gwa || bail "a tunnel by hand"
capture_start || bail "capture"
udp_start || bail "traffic goes through the tunnel"
gw_start gwb || bail "xhad starts on B"
wait_for 60 paired gwa || bail "B becomes hot standby"
HOT=$(state_since gwb)
# shellcheck disable=SC2034 # no_new_seq_errors
SEQ_ERRORS=$(xfrm_stat peer XfrmInStateSeqError)
while read -r step type after sender mode <&3; do
	[ -n "$step" ] || continue
	for who in giver receiver; do
		[[ "$who $step" =~ ${XHA_STEPS:-.} ]] || continue
		crash "$step" "$type" "$after" "$sender" "$mode" $who
	done
done 3<<<"$STEPS"
[ -n "${XHA_STEPS:-}" ] || same "cases that ran" $RAN 16
check "the peer counts no replay error" no_new_seq_errors
traffic_stop
same "no UDP packet was delivered twice" "$(udp_duplicates)" 0
check "the captures are complete" capture_stop
judge --plain-after "$HOT"
judged seq_reused=0 iv_reused=0 jumps_back=0 plaintext=0 peer_seq_reused=0
ktap_end
