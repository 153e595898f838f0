#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=acquire runs it
# timeout: 900
#
# Policies that a daemon, here `ip xfrm`, installs on a standby for tunnels of
# the VIP raise no ACQUIRE there and leave no larval SA, for local packets or
# forwarded ones, whatever their priority, and however they are replaced. What
# wins over them still does; those of no group raise theirs; and as soon as the
# node is active they are what they were.
#
# Those for what comes in (dir fwd and in) are their owner's, too: he finds,
# updates and deletes them. Where the active has the same ones, nothing he does
# on the standby, not even an update to `action allow`, opens a way for plaintext
# in either direction.
#
# All of it in IPv4 and in IPv6.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/gate.sh
. "$LIB/gate.sh"

DIRS="out fwd in"

family() {	# 4|6: addresses of that family, for all below
	F=IPv$1
	if [ "$1" = 4 ]; then
		LAN=10.1.0.0/24 ME=10.1.0.3 NEAR=$HOST_IN VIP=$VIP_OUT OWN=192.0.2.3
		NET=10.2.0.0/24 THERE=10.2.0.10 FAR=$PEER
		OTHER=10.3.0.0/24 ELSEWHERE=10.3.0.10 ONE=32
	else
		LAN=fd01::/64 ME=fd01::3 NEAR=fd01::10 VIP=$VIP6 OWN=fd00::3
		NET=2001:db8:2::/64 THERE=2001:db8:2::10 FAR=$PEER6
		OTHER=2001:db8:3::/64 ELSEWHERE=2001:db8:3::10 ONE=128
	fi
}

# ---- policies ----

# policy add|update LOCAL NET PRIORITY
policy() {
	ip -n gwb xfrm policy "$1" src $LAN dst "$3" dir out priority "$4" \
		tmpl src "$2" dst $FAR proto esp reqid 1 mode tunnel
}
policy_del() { ip -n gwb xfrm policy delete src $LAN dst "$1" dir out; }

selector() {	# DIR
	if [ "$1" = out ]; then
		echo "src $LAN dst $NET dir out"
	else
		echo "src $NET dst $LAN dir $1"
	fi
}
# shellcheck disable=SC2046 # words
each_dir() {	# NS add|update PRIORITY
	local dir src dst
	for dir in $DIRS; do
		if [ "$dir" = out ]; then src=$VIP dst=$FAR; else src=$FAR dst=$VIP; fi
		ip -n "$1" xfrm policy "$2" $(selector "$dir") priority "$3" \
			tmpl src $src dst $dst proto esp reqid 1 mode tunnel || return
	done
}
# shellcheck disable=SC2046 # words
each_allow() {	# NS PRIORITY
	local dir
	for dir in $DIRS; do
		ip -n "$1" xfrm policy update $(selector "$dir") action allow \
			priority "$2" || return
	done
}
# shellcheck disable=SC2046 # words
each_del() {	# NS
	local dir
	for dir in $DIRS; do
		ip -n "$1" xfrm policy delete $(selector "$dir") || return
	done
}
# What their owner is told of them
# shellcheck disable=SC2046 # words
found() {
	local dir
	for dir in $DIRS; do
		ip -n gwb xfrm policy get $(selector "$dir") 2>/dev/null |
			awk '$1 == "dir" { print $2, $4 }'
	done | xargs
}
blocks() { ip -n gwb xfrm policy | grep -c 'action block'; }
has_blocks() { [ "$(blocks)" = "$1" ]; }
block_index() { ip -n gwb -s xfrm policy | sed -n 's/.*action block index \([0-9]*\) .*/\1/p'; }
another_block() { has_blocks 1 && [ -n "$1" ] && [ "$(block_index)" != "$1" ]; }

# ---- packets ----

packets() {	# DESTINATION: some local ones, some forwarded
	in_ns gwb ping -q -c 2 -i 0.2 -W 1 -I $ME "$1" >"$XT/ping.log" 2>&1
	in_ns host ping -q -c 2 -i 0.2 -W 1 "$1" >>"$XT/ping.log" 2>&1
}
asked() { packets "$1"; [ "$(acquires gwb)" -gt "$SO_FAR" ]; }
raises() {	# NAME DESTINATION
	SO_FAR=$(acquires gwb)
	check "$F: $1" wait_for 10 asked "$2"
	ip -n gwb xfrm state flush
}
quiet_for() {	# NAME DESTINATION
	SO_FAR=$(acquires gwb)
	packets "$2"
	same "$F: $1: no ACQUIRE, no larval SA" \
		"$(($(acquires gwb) - SO_FAR)) $(larval_count gwb)" "0 0"
}

echos() {	# NS: requests that its kernel took
	in_ns "$1" nstat -asz IcmpInEchos Icmp6InEchos |
		awk '/InEchos/ { n += $2 } END { print n }'
}
way() {	# FROM SOURCE TO ADDRESS: how many of three arrive
	local was
	was=$(echos "$3")
	in_ns "$1" ping -q -c 3 -i 0.2 -W 1 -I "$2" "$4" >"$XT/way.log" 2>&1
	grep -q '^3 packets transmitted' "$XT/way.log" || echo "not sent"
	echo $(($(echos "$3") - was))
}
# Forwarded and local ones out, forwarded and local ones in
ways() {
	echo "$(way host $NEAR peer $THERE) $(way gwb $ME peer $THERE)" \
		"$(way peer $THERE host $NEAR) $(way peer $THERE gwb $ME)"
}
pass() { [ "$(ways)" = "3 3 3 3" ]; }
# Nothing passes, nothing asks for an SA.
shut() {	# WHEN
	SO_FAR=$(acquires gwb)
	same "$F: $1: plaintext passes in no direction" "$(ways)" "0 0 0 0"
	same "$F: $1: no ACQUIRE, no larval SA" \
		"$(($(acquires gwb) - SO_FAR)) $(larval_count gwb)" "0 0"
}

# A LAN behind B, and the far end, which has no SAs
ends() {
	local ns i
	for ns in host peer; do
		ns_new $ns
		ns_v6 $ns 0
	done
	ns_v6 gwb 1
	ip -n gwb link add in type veth peer name in netns host
	ip -n gwb link add out type veth peer name out netns peer
	ip -n gwb addr add 10.1.0.3/24 dev in
	ip -n gwb addr add 192.0.2.3/24 dev out
	ip -n host addr add $HOST_IN/24 dev in
	ip -n peer addr add $PEER/24 dev out
	ns_addr6 gwb in fd01::3/64
	ns_addr6 gwb out fd00::3/64
	ns_addr6 host in fd01::10/64
	ns_addr6 peer out $PEER6/64
	for i in 10.2.0.10/32 2001:db8:2::10/128; do
		ip -n peer addr add $i dev lo
	done
	for i in gwb:in gwb:out host:in peer:out; do
		ip -n ${i%:*} link set ${i#*:} up
	done
	ns_sysctl gwb net.ipv4.ip_forward=1
	for i in 10.2.0.0/24 10.3.0.0/24; do
		ip -n gwb route add $i via $PEER dev out
		ip -n host route add $i via 10.1.0.3
	done
	for i in 2001:db8:2::/64 2001:db8:3::/64; do
		ip -n gwb route add $i via $PEER6 dev out
		ip -n host route add $i via fd01::3
	done
	ip -n peer route add 10.1.0.0/24 via 192.0.2.3
	ip -n peer route add fd01::/64 via fd00::3
}

# ---- the parts, each with a family ----

# The test sees an ACQUIRE where there is one, and packets where they pass.
without_role() {
	check "$F: without a policy all ways are open" wait_for 20 pass
	policy add $VIP $NET 1000 || bail "a policy on B"
	raises "without the module the policy raises an ACQUIRE" $THERE
	policy_del $NET
}

priorities() {
	local priority index
	for priority in 1000 1 0; do
		policy add $VIP $NET $priority || bail "a policy on B"
		quiet_for "priority $priority" $THERE
		policy update $VIP $NET $((priority + 5)) || bail "its update"
		quiet_for "priority $priority, updated" $THERE
		index=$(block_index)
		ip -n gwb xfrm policy deleteall action block
		check "$F: its block comes back, as another one" wait_for 10 another_block "$index"
		quiet_for "priority $priority, its block deleted" $THERE
		policy_del $NET
		check "$F: the block goes with it" wait_for 10 has_blocks 0
	done
}

beside() {
	local before
	policy add $VIP $NET 1000 &&
		ip -n gwb xfrm policy add src $LAN dst $THERE/$ONE dir out \
			priority 998 || bail "a bypass on B"
	before=$(xfrm_stat gwb XfrmOutPolBlock)
	packets $THERE
	same "$F: a bypass that wins over the policy still does" \
		"$(xfrm_stat gwb XfrmOutPolBlock)" "$before"
	ip -n gwb xfrm policy delete src $LAN dst $THERE/$ONE dir out
	policy add $OWN $OTHER 1000 || bail "a policy of no group"
	raises "one of no group raises its ACQUIRE" $ELSEWHERE
	same "$F: and has no block" "$(blocks)" 1
	policy_del $OTHER
	policy_del $NET
	check "$F: no block is left" wait_for 10 has_blocks 0
}

directions() {
	each_dir gwb add 1000 || bail "policies of all directions on B"
	same "$F: their owner finds those of each direction" "$(found)" \
		"out 1000 fwd 1000 in 1000"
	same "$F: only that for what goes out has a block" "$(blocks)" 1
	shut "of all directions"
	each_dir gwb update 1005 || bail "their update"
	same "$F: he finds them updated" "$(found)" "out 1005 fwd 1005 in 1005"
	check "$F: still one block" wait_for 10 has_blocks 1
	shut "of all directions, updated"
	each_del gwb || bail "they are deleted"
	same "$F: he finds none" "$(found)" ""
	check "$F: the block goes, too" wait_for 10 has_blocks 0
	check "$F: then all ways are open" wait_for 20 pass
}

# The same with those of the active behind it
has_policies() { is_hot gwb && [ "$(gw_get gwb '.groups[0].policies')" = "$1" ]; }
mirrored() {
	each_dir gwa add 1000 || bail "policies on A"
	check "$F: B has those of A" wait_for 30 has_policies 3
	shut "mirrored"
	each_dir gwb add 1000 || bail "the same on B"
	shut "mirrored and installed"
	each_dir gwb update 5 || bail "their update"
	shut "mirrored and updated"
	each_allow gwb 5 || bail "their update to allow"
	same "$F: what is allowed has no block" \
		"$(wait_for 10 has_blocks 0; blocks)" 0
	shut "mirrored, and allowed on B"
	each_del gwb || bail "they are deleted"
	shut "mirrored, and deleted on B"
	each_del gwa || bail "A deletes its own"
	check "$F: without those of A" wait_for 30 has_policies 0
	check "$F: all ways are open" wait_for 20 pass
}

active_and_back() {
	policy add $VIP $NET 1000 || bail "a policy on B"
	in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active || bail "B takes over"
	same "$F: the active has no block" "$(blocks)" 0
	raises "and raises the ACQUIRE" $THERE
	in_ns gwb xctl role 1 standby && in_ns gwa xctl role 1 active || bail "A takes over"
	quiet_for "standby again" $THERE
	policy_del $NET
	check "$F: the block goes with it" wait_for 10 has_blocks 0
}

without_group() {
	policy add $VIP $NET 1000 || bail "a policy on B"
	raises "without the group it raises one" $THERE
	policy_del $NET
}

both() {	# PART
	family 4
	$1
	family 6
	$1
}

ktap_plan
nodes_up
modprobe -q esp6
ends
acquire_watch
run_for 0.5
both without_role
module_load || bail "the module loads"
node gwa && node gwb || bail "both nodes are configured"
in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
	bail "A is active, B standby"
for part in ${XHA_PARTS:-priorities beside directions mirrored active_and_back}; do
	both $part
done
in_ns gwb xctl ungroup 1 force || bail "the group goes"
both without_group
ktap_end
