#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 500
# kernels: 6.1 6.12
#
# The standby is restarted under traffic: the active is not disturbed, and the
# standby becomes hot by itself. Helpers are killed: no role moves. One that is
# stopped while it hands over ends when that has. Both
# gateways share one kernel here, so what restarts with the standby is all it
# has of one: its namespace, with everything the module kept for it.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

ktap_plan
topo_up
pair_up
A_ROLE=$(role_of gwa)

# ---- the standby's whole state goes ----
stop capture
stop acquire-gwb
gw_kill gwb
ip netns del gwb
wait_for 10 eval '! ip -n outlan link show gwb' || bail "B is gone"
check "traffic goes on without B" traffic_flows
gw_plug gwb 0b
gw_start gwb || bail "xhad starts again on B"
check "B becomes hot standby by itself" wait_for 60 hot_with gwb 2
same "A kept its role" "$(role_of gwa)" "$A_ROLE"

# ---- the standby's helper ----
gw_kill gwb
check "traffic goes on without B's helper" traffic_flows
gw_start gwb || bail "xhad starts again on B"
check "B's helper resumes, B is hot standby" wait_for 30 hot_with gwb 2
same "A still has its role" "$(role_of gwa)" "$A_ROLE"

# ---- the active's helper ----
B_ROLE=$(role_of gwb)
gw_kill gwa
check "the VIP stays on A" has_vip gwa
# Several times the hold time: B hears A's kernel on the channel.
wait_for 30 eval "[ \$(gw_get gwb '.channel.heard_ms') -lt 1000 ]" ||
	bail "B hears A's kernel"
check "traffic goes on without A's helper" flowing udp-host \
	$((TRAFFIC_RATE * HELLO_MS * 3 * 2 / 1000)) 30
same "B did not take over" "$(role_of gwb)" "$B_ROLE"
gw_start gwa || bail "xhad starts again on A"
check "A's helper resumes as active" wait_for 20 is_active gwa
xhad_sees_active() { [ "$(xha_on gwa -j show standby | jq -r '[.groups[].standby[].state] | unique | join(" ")')" = active ]; }
check "its elections are active at once" wait_for 10 xhad_sees_active
check "traffic goes on" traffic_flows
same "A never changed its role" "$(role_of gwa)" "$A_ROLE"
same "nor did B" "$(role_of gwb)" "$B_ROLE"

# ---- the active's helper is stopped while it hands over ----
netem_to gwa synclan delay 200ms
start switch gwa xha --socket "$XR/gwa/xhad.sock" switchover
wait_for 10 grep -q 'hand-over begun' "$XT/xhad-gwa.log" || bail "A hands over"
gw_stop gwa
check "A's helper leaves no VIP on what is a standby" eval '! has_vip gwa'
check "B is active" is_active gwb
heal_to gwa synclan
check "traffic goes on" traffic_flows
gw_start gwa || bail "xhad starts again on A"
check "A is hot standby" wait_for 60 hot_with gwa 2

traffic_stop
same "no UDP packet was lost in all that" "$(udp_lost)" 0
same "none was delivered twice" "$(udp_duplicates)" 0
check "the TCP connection lives" tcp_survived
check "the peer sees the same SAs" same_peer_sas
check "the peer counts no replay error" no_new_seq_errors
ktap_end
