#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 500
# kernels: 6.1 6.12
#
# The standby is restarted under traffic: the active is not disturbed, and the
# standby becomes hot by itself. Helpers are killed: no role moves. One that is
# stopped while it hands over ends when that has. Where both nodes took over and
# their helpers are gone, the later one stays active whose helper comes first, and
# the other gives way though the channel has failed again.
# A VIP that a node cannot have takes none of the others from it. Both
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
of_groups() { xha_on "$1" -j show standby | jq -r ".groups[] | $2"; }	# NS EXPRESSION
xhad_sees_active() { [ "$(of_groups gwa '[.standby[].state] | unique | join(" ")')" = active ]; }
check "its elections are active at once" wait_for 10 xhad_sees_active
check "traffic goes on" traffic_flows
same "A never changed its role" "$(role_of gwa)" "$A_ROLE"
same "nor did B" "$(role_of gwb)" "$B_ROLE"

# ---- the active's helper is stopped while it hands over ----
netem_to gwa synclan delay 200ms
start switch gwa xha --socket "$XR/gwa/xhad.sock" switchover
wait_for 10 grep -q 'hand-over begun' "$XT/xhad-gwa.log" || bail "A hands over"
gw_stop gwa
check "A's helper leaves no VIP on what is a standby" has_no_vip gwa
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

# ---- two actives, and no helper ----
gw_kill gwb
link_down gwa synclan
wait_for 60 is_active gwa || bail "A takes over from a node it does not hear"
gw_kill gwa
link_up gwa synclan
both_know() { [ "$(gw_get "$1" '"\(.channel.state) \(.groups[0].peer_state)"')" = "up active" ]; }
wait_for 30 both_know gwa && wait_for 30 both_know gwb || bail "both are active, and know"
A_ROLE=$(role_of gwa)
gw_start gwa || bail "xhad starts again on A"
check "A is active and takes part" wait_for 30 xhad_sees_active
LINES=$(wc -l <"$XT/xhad-gwb.log")
gw_start gwb || bail "xhad starts again on B"
check "B gives way and is hot standby" wait_for 60 hot_with gwb 2
said() { tail -n +$((LINES + 1)) "$XT/xhad-$1.log" | grep -q "$2"; }
check "B was told to" said gwb 'the peer took over later'
check "and never said that it has the VIPs" eval '! said gwb "announces its VIPs"'
same "A never changed its role" "$(role_of gwa)" "$A_ROLE"

# ---- the same, and the channel fails again before the helper is there ----
gw_kill gwa
link_down gwa synclan
wait_for 60 is_active gwb || bail "B takes over from a node it does not hear"
link_up gwa synclan
wait_for 30 both_know gwa && wait_for 30 both_know gwb || bail "both are active, and know"
link_down gwa synclan
alone() { ! channel_up "$1"; }
wait_for 30 alone gwa && wait_for 30 alone gwb || bail "the channel fails"
same "A's kernel knows who is the later" "$(gw_get gwa '.groups[0] | "\(.superseded), \(.reason)"')" \
	"true, the peer took over later"
same "B is it" "$(gw_get gwb '.groups[0].superseded')" false
B_ROLE=$(role_of gwb)
LINES=$(wc -l <"$XT/xhad-gwa.log")
gw_start gwa || bail "xhad starts again on A"
gave_way() { [ "$(gw_get gwa '.groups[0].role')" = standby ] && has_no_vip gwa; }
check "A gives way" wait_for 30 gave_way
check "and never said that it has the VIPs" eval '! said gwa "announces its VIPs"'
link_up gwa synclan
check "with the channel it is hot standby" wait_for 60 hot_with gwa 2
same "B never changed its role" "$(role_of gwb)" "$B_ROLE"
check "B hands over" xha_on gwb switchover
wait_for 20 is_active gwa && wait_for 60 hot_with gwb 2 || bail "A is active again"

# ---- a VIP that cannot be added: IPv6 is switched off here ----
missing() { [ "$(of_groups "$1" .vips_missing)" = "$2" ]; }	# NS COUNT
has_vip6() { ip -n "$1" -o addr show dev out | grep -q 'inet6 2001:db8:1::1/'; }
for ns in gwb gwa; do
	gw_kill $ns
	sed -i "s|ip = {$VIP_OUT/24}|ip = {$VIP_OUT/24, \"2001:db8:1::1/64\"}|" "$XT/$ns/xhad.conf"
	gw_start $ns || bail "xhad starts again on $ns"
done
check "A's helper says that a VIP is missing" wait_for 20 missing gwa 1
check "A has the other, and the role" eval 'has_vip gwa && is_active gwa'
check "and takes part" wait_for 30 xhad_sees_active
ns_sysctl gwa net.ipv6.conf.out.disable_ipv6=0
check "A adds it once it can" wait_for 20 missing gwa 0
check "it is there" has_vip6 gwa
wait_for 60 hot_with gwb 2 || bail "B becomes hot standby"
check "A hands over" xha_on gwa switchover
check "B has the VIP it can have" wait_for 20 has_vip gwb
check "and says that one is missing" wait_for 20 missing gwb 1
check "A has none" eval 'has_no_vip gwa && ! has_vip6 gwa'
ktap_end
