#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=acquire runs it
# timeout: 300
#
# Policies that a daemon, here `ip xfrm`, installs on a standby for tunnels of
# the VIP raise no ACQUIRE there and leave no larval SA, for local packets or
# forwarded ones, whatever their priority, and however they are replaced. What
# wins over them still does; those of no group raise theirs; and as soon as the
# node is active they are what they were.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

ME=10.1.0.3 THERE=10.2.0.10

# policy add|update LOCAL NET PRIORITY
policy() {
	ip -n gwb xfrm policy "$1" src 10.1.0.0/24 dst "$3" dir out priority "$4" \
		tmpl src "$2" dst $PEER proto esp reqid 1 mode tunnel
}
policy_del() { ip -n gwb xfrm policy delete src 10.1.0.0/24 dst "$1" dir out; }
packets() {	# DESTINATION: some local ones, some forwarded
	in_ns gwb ping -q -c 2 -i 0.2 -W 1 -I $ME "$1" >"$XT/ping.log" 2>&1
	in_ns host ping -q -c 2 -i 0.2 -W 1 "$1" >>"$XT/ping.log" 2>&1
}
asked() { packets "$1"; [ "$(acquires gwb)" -gt "$SO_FAR" ]; }
raises() {	# NAME DESTINATION
	SO_FAR=$(acquires gwb)
	check "$1" wait_for 10 asked "$2"
	ip -n gwb xfrm state flush
}
quiet_for() {	# NAME DESTINATION
	SO_FAR=$(acquires gwb)
	packets "$2"
	same "$1: no ACQUIRE, no larval SA" \
		"$(($(acquires gwb) - SO_FAR)) $(larval_count gwb)" "0 0"
}
blocks() { ip -n gwb xfrm policy | grep -c 'action block'; }
has_blocks() { [ "$(blocks)" = "$1" ]; }
block_index() { ip -n gwb -s xfrm policy | sed -n 's/.*action block index \([0-9]*\) .*/\1/p'; }
another_block() { has_blocks 1 && [ -n "$1" ] && [ "$(block_index)" != "$1" ]; }

# A LAN behind B, and a way out; nobody is there.
ends() {
	ns_new host
	ip -n gwb link add in type veth peer name in netns host
	ip -n gwb link add out type dummy
	ip -n gwb addr add $ME/24 dev in
	ip -n gwb addr add 192.0.2.3/24 dev out
	ip -n host addr add $HOST_IN/24 dev in
	for ns in gwb host; do
		ip -n $ns link set in up
	done
	ip -n gwb link set out up
	ns_sysctl gwb net.ipv4.ip_forward=1
	for i in 10.2.0.0/24 10.3.0.0/24; do
		ip -n gwb route add $i via $PEER dev out
		ip -n host route add $i via $ME
	done
}

ktap_plan
nodes_up
ends
acquire_watch
run_for 0.5
# ---- without a role: the test sees an ACQUIRE where there is one ----
policy add $VIP_OUT 10.2.0.0/24 1000 || bail "a policy on B"
raises "without the module the policy raises an ACQUIRE" $THERE
policy_del 10.2.0.0/24
nodes_roles

# ---- standby ----
for priority in 1000 1 0; do
	policy add $VIP_OUT 10.2.0.0/24 $priority || bail "a policy on B"
	quiet_for "priority $priority" $THERE
	policy update $VIP_OUT 10.2.0.0/24 $((priority + 5)) || bail "its update"
	quiet_for "priority $priority, updated" $THERE
	INDEX=$(block_index)
	ip -n gwb xfrm policy deleteall action block
	check "its block comes back, as another one" wait_for 10 another_block "$INDEX"
	quiet_for "priority $priority, its block deleted" $THERE
	policy_del 10.2.0.0/24
	check "the block goes with it" wait_for 10 has_blocks 0
done
policy add $VIP_OUT 10.2.0.0/24 1000 &&
	ip -n gwb xfrm policy add src 10.1.0.0/24 dst $THERE/32 dir out \
		priority 998 || bail "a bypass on B"
BEFORE=$(xfrm_stat gwb XfrmOutPolBlock)
packets $THERE
same "a bypass that wins over the policy still does" \
	"$(xfrm_stat gwb XfrmOutPolBlock)" "$BEFORE"
ip -n gwb xfrm policy delete src 10.1.0.0/24 dst $THERE/32 dir out
policy add 192.0.2.3 10.3.0.0/24 1000 || bail "a policy of no group"
raises "one of no group raises its ACQUIRE" 10.3.0.10
same "and has no block" "$(blocks)" 1

# ---- active, and back ----
in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active || bail "B takes over"
same "the active has no block" "$(blocks)" 0
raises "and raises the ACQUIRE" $THERE
in_ns gwb xctl role 1 standby && in_ns gwa xctl role 1 active || bail "A takes over"
quiet_for "standby again" $THERE
in_ns gwb xctl ungroup 1 force || bail "the group goes"
policy_del 10.2.0.0/24
policy add $VIP_OUT 10.2.0.0/24 1000 || bail "a policy on B"
raises "without the group it raises one" $THERE
ktap_end
