#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 3000
# held: takes long; SAS=20000 (the default) and 1000 tunnels with policies, to the
# other node and, unless BACK is empty, back
#
# Many SAs are staged, adopted, demoted and flushed again: nothing is refused,
# nothing left, and no lock-up or stall is reported (the runner fails for any).
# In the end the slab counts of xfrm's states and of the module's records are back.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
N=${SAS:-20000}
BACK=${BACK-yes}
KEY=for-tests-only-and-worth-nothing
LONG=2000
GENERATE=$TOP/selftests/bench/sas.py

node() {	# NS
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT \
		$KEY && in_ns "$1" xctl group 1 1000 100000 $VIP_OUT
}
sas_on() { ip -n "$1" xfrm state count | awk '{print $NF}'; }
role() { in_ns "$1" xctl role 1 "$2"; }
hot_now() { in_ns "$1" xctl hot 1 $LONG; }

# Objects in use, or 0 where the cache is merged with another. Shrinking takes
# back what KASAN keeps in quarantine, which counts as used.
slab() {
	[ ! -e "/sys/kernel/slab/$1/shrink" ] || echo 1 >"/sys/kernel/slab/$1/shrink"
	awk -v s="$1" '$1 == s {n = $2} END {print n + 0}' /proc/slabinfo
}
slabs_at() {
	log "$1: xfrm_state $(slab xfrm_state), xha_sa $(slab xha_sa)," \
		"all slabs $(awk '/^Slab:/ {print $2}' /proc/meminfo) kB," \
		"at $(cut -d' ' -f1 /proc/uptime) s"
}
# A partly used slab of a CPU counts as full.
few_left() { [ "$(slab xfrm_state)" -le $((BEFORE + 200)) ] && [ "$(slab xha_sa)" -le 200 ]; }
# Nothing is in use any more, and partly used slabs have been given back; other
# namespaces may have come to their first SAs meanwhile.
none_left() { [ "$(slab xfrm_state)" -le $((BEFORE + 64)) ] && [ "$(slab xha_sa)" = 0 ]; }
records() { [ ! -e /sys/kernel/slab/xha_sa ] || [ "$(slab xha_sa)" -ge "$1" ]; }
all_known() { knows_sas gwb "$N" && [ "$(gw_get gwb '.groups[0].policies')" = "$POLICIES" ]; }
refused() { gw_get "$1" '.groups[0].sas_refused'; }

ktap_plan
topo_up
module_load && node gwa && node gwb || bail "both nodes are configured"
role gwa active || bail "A is active"
BEFORE=$(slab xfrm_state)
slabs_at before
"$GENERATE" 1000 $VIP_OUT --policies >"$XT/batch"
"$GENERATE" $((N / 2 - 1000)) $VIP_OUT --first 1000 >>"$XT/batch"
POLICIES=3000
ip -n gwa -batch "$XT/batch" || bail "$N SAs on A"
slabs_at "on A"
wait_for 60 channel_up gwb
role gwb standby && hot_now gwb || bail "B is hot standby: $(gw_json gwb)"
check "B has staged $N SAs and $POLICIES policies" wait_for 30 all_known
slabs_at staged
check "the slab counts them: a state each on either node" [ "$(slab xfrm_state)" -ge $((BEFORE + 2 * N)) ]
check "and a record each" records $((2 * N))

check "A gives up the role" role gwa standby
check "B adopts" role gwb active
log "us: $(gw_get gwb '.groups[0].timeline_us | tojson')"
same "all SAs are in B's kernel" "$(sas_on gwb)" "$N"
same "and all policies" "$(policy_count gwb)" "$POLICIES"
same "none is left in A's" "$(sas_on gwa) $(policy_count gwa)" "0 0"
slabs_at adopted
check "A is hot standby" hot_now gwa
same "nothing was refused" "$(refused gwa) $(refused gwb)" "0 0"

OWNER=gwb OTHER=gwa
[ -z "$BACK" ] || {
	check "B gives it back" role gwb standby
	check "A adopts" role gwa active
	same "all SAs are in A's kernel again" "$(sas_on gwa)" "$N"
	slabs_at "adopted again"
	check "B is hot standby again" hot_now gwb
	OWNER=gwa OTHER=gwb
}

ip -n $OWNER xfrm policy flush
ip -n $OWNER xfrm state flush
check "a flush empties the standby" wait_for 120 knows_sas $OTHER 0
check "and its policies" wait_for 60 eval '[ "$(gw_get $OTHER ".groups[0].policies")" = 0 ]'
check "it is hot all the same" hot_now $OTHER
check "the states and records are freed" wait_for 120 few_left
slabs_at flushed
in_ns $OWNER xctl ungroup 1
in_ns $OTHER xctl ungroup 1 force
in_ns gwa xctl unpeer
in_ns gwb xctl unpeer
check "the module can be unloaded" wait_for 30 module_unload
check "and every state has been freed" wait_for 120 none_left
slabs_at unloaded
same "the kernel reports no stall" \
	"$(dmesg | grep -cE 'soft lockup|hard LOCKUP|detected stall|self-detected|blocked for more than')" 0
ktap_end
