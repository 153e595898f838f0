#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 400
# kernels: 6.1 6.12
#
# With the inbound interval at 16, all the peer sent before is sent again at
# the new active, the peer being silent. After a crash it accepts no more than
# the interval and what the active showed as exposed; after a planned
# switchover nothing.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
INTERVAL_IN=16
WANT=$((20 * INTERVAL_IN))

# The peer falls silent; what is under way arrives.
silence() {
	local f
	for f in udp-peer udp-host probe-a probe-b; do
		signal $f USR1
	done
}

# replayed NS BEFORE: sets SENT and ACCEPTED
replayed() {
	local before
	before=$(sa_packets "$1" $PEER $VIP_OUT)
	replay_at "$1" "$2" || return
	# a live packet behind the last replayed one: all have been judged
	in_ns peer ping -q -c 1 -W 10 -I $HOST_OUT $HOST_IN >/dev/null || return
	SENT=$(jget replay .sent)
	ACCEPTED=$(($(sa_packets "$1" $PEER $VIP_OUT) - before - 1))
	log "$1: $SENT sent again, $ACCEPTED accepted"
}

ktap_plan
topo_up
pair_up
# TCP would repeat what the crash loses: the peer would not be silent.
signal tcp-host USR1
wait_for 20 gone tcp-host && wait_for 20 gone tcp-peer || bail "TCP ends"
flowing udp-host $WANT || bail "traffic"

# A's helper dies with its links: A's kernel goes on knowing what it knew at
# that moment, and can be asked.
signal xhad-gwa KILL
CUT=$(links_down gwa)
CUT=${CUT% *}
silence
EXPOSED=$(gw_get gwa '.groups[0].exposure_in')
wait_for 30 is_active gwb || bail "B takes over"
BEYOND=$(xfrm_stat gwb XfrmInStateSeqError)
replayed gwb "$CUT" || bail "replaying at B"
check "at least $WANT packets were sent again ($SENT)" [ "$SENT" -ge $WANT ]
check "after a crash at most 16 + $EXPOSED are accepted ($ACCEPTED)" \
	[ "$ACCEPTED" -le $((INTERVAL_IN + EXPOSED)) ]
same "the others are counted as replayed" \
	$(($(xfrm_stat gwb XfrmInStateSeqError) - BEYOND)) $((SENT - ACCEPTED))
traffic_stop

# ---- planned ----
# A's helper finds its links down and gives the role up, then A is mended.
gw_start gwa || bail "xhad starts again on A"
wait_for 20 has_no_vip gwa || bail "A gives the role up"
links_up gwa >/dev/null
wait_for 60 hot_with gwa 2 || bail "A becomes hot standby"
udp_start || bail "traffic through B"
flowing udp-host $WANT || bail "traffic"
xha_on gwb switchover >"$XT/switchover.log" 2>&1 ||
	bail "switchover: $(cat "$XT/switchover.log")"
wait_for 20 is_active gwa || bail "A is active again"
SWITCHED=$(now_s)
silence
wait_for 10 quiet
replayed gwa "$SWITCHED" || bail "replaying at A"
check "at least $WANT packets were sent again ($SENT)" [ "$SENT" -ge $WANT ]
same "after a switchover none is accepted" "$ACCEPTED" 0
traffic_stop

# ---- late ----
# Packets that were held up fill holes of the window, and its top stays.
exposed_by() { [ "$(gw_get "$1" '.groups[0].exposure_in')" -eq "$2" ]; }
judged_late() {	# all sent again at A were accepted or refused
	LATE=$(($(sa_packets gwa $PEER $VIP_OUT) - BEFORE))
	[ $((LATE + $(xfrm_stat gwa XfrmInStateSeqError) - ERRORS)) -ge "$SENT" ]
}
wait_for 60 hot_with gwb 2 || bail "B becomes hot standby"
in_ns gwa nft -f - <<-RULES || bail "packets that do not get through"
	table ip late {
		chain c {
			type filter hook prerouting priority -300
			ip saddr $PEER ip protocol esp numgen inc mod 4 0 drop
		}
	}
RULES
in_ns peer ping -q -c 40 -i 0.02 -W 5 -I $HOST_OUT $HOST_IN >"$XT/late.log" 2>&1
HELD_UP=$(now_s)
in_ns gwa nft delete table ip late
wait_for 20 exposed_by gwa 0 || bail "B has what A has"
BEFORE=$(sa_packets gwa $PEER $VIP_OUT)
ERRORS=$(xfrm_stat gwa XfrmInStateSeqError)
replay_at gwa "$HELD_UP" || bail "the late packets"
SENT=$(jget replay .sent)
wait_for 20 judged_late
check "some that come late are accepted ($LATE)" [ "$LATE" -ge 4 ]
check "and mirrored, though nothing newer comes" wait_for 20 exposed_by gwa 0
signal xhad-gwa KILL
links_down gwa >/dev/null
wait_for 30 is_active gwb || bail "B takes over"
replayed gwb "$HELD_UP" || bail "replaying at B"
same "none of them is accepted again" "$ACCEPTED" 0
ktap_end
