#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=matrix runs it
# timeout: 900
#
# A generated matrix of SAs and policies (lib/matrix.py, SEED, COUNT): after a
# change of the active, B shows what A showed, field by field, and back. No
# helper is needed for that. In a pair of guests (vm/pair) across two kernels.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
COUNT=${COUNT:-320}	# SAs, and half as many policies
SEED=${SEED:-1}
VIP6=2001:db8::1
KEY=for-tests-only-and-worth-nothing
LEASE=10000

node() {	# NS
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT \
		$KEY && in_ns "$1" xctl group 1 1000 $LEASE $VIP_OUT $VIP6
}

dump() {	# NS NAME
	local clock
	ip -n "$1" -d -s xfrm state >"$XT/$2.state" &&
		ip -n "$1" -d -s xfrm policy | grep -v '^$' >"$XT/$2.policy"
	# ip shows dates in local time, which is UTC in a guest; the clocks of
	# two guests differ
	clock=$(at "$1" date +%s)
	echo "$clock" >"$XT/$2.now"
	date +%s >"$XT/$2.when"
}

# By how many seconds the clocks of the two gateways went apart since START_GAP:
# emulated ones do not run alike, and lifetimes are no better than clocks.
clock_gap() { echo $(($(at gwb date +%s) - $(at gwa date +%s))); }
drift() {
	local d=$(($(clock_gap) - START_GAP))
	echo ${d#-}
}

equal() {	# A B: of dumps
	local what
	for what in state policy; do
		"$LIB/matrix.py" compare "$XT/$1.$what" "$XT/$2.$what" \
			--lease $LEASE --now-a "$(<"$XT/$1.now")" \
			--now-b "$(<"$XT/$2.now")" \
			--tolerance $((2 + $(drift))) --elapsed $(($(<"$XT/$2.when") - $(<"$XT/$1.when"))) >"$XT/compare.json" ||
			{ sed 's/^/# /' "$XT/compare.json"; return 1; }
		log "$1 and $2: $(jget compare '"\(.a) equal"') in xfrm $what"
	done
}

# All of the batch that this kernel takes; what it does not is told.
install() {
	local line n=0
	: >"$XT/not-here"
	"$LIB/matrix.py" gen "$SEED" "$COUNT" $VIP_OUT $VIP6 >"$XT/matrix"
	while read -r line; do
		eval "ip -n gwa $line" </dev/null 2>"$XT/install.err" || {
			n=$((n + 1))
			echo "$line" >>"$XT/not-here"
			log "not here: $line: $(tail -n 1 "$XT/install.err")"
		}
	done <"$XT/matrix"
	[ $n -lt $((COUNT / 20)) ]
}

# Lines of what A had that match; a kernel that has no such thing has said so.
kind() {	# NAME state|policy REGEX [WORD-OF-THE-MATRIX]
	local n
	n=$(grep -cE "$3" "$XT/before.$2")
	if [ "$n" -eq 0 ] && [ -n "${4:-}" ] && grep -qF "$4" "$XT/not-here"; then
		skip "$1 are among them" "this kernel has none"
		return
	fi
	check "$1 are among them ($n)" test "$n" -ge 1
}
kinds() {
	kind "SAs of cbc(des)" state 'enc cbc\(des\)' 'cbc(des)'
	kind "original addresses of NAT-T" state \
		'encap type espinudp .* addr ([1-9]|2001)'
	kind "UDP encapsulation in IPv6" state 'encap type espinudp .* addr ([0-9a-f]+:|::)'
	kind "templates in BEET mode" policy 'mode beet'
	kind "policies with the transport mode only" policy \
		"^src .*($VIP_OUT/32|$VIP6/128)"
}


ktap_plan
topo_up
module_load && module_load_at gwb || bail "the module loads"
node gwa && node gwb || bail "both nodes are configured"
in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
	bail "A is active, B standby"
START_GAP=$(clock_gap)
install || bail "the kernel takes nearly all of the matrix"
SAS=$(sa_spis gwa | wc -l)
log "$SAS SAs and $(policy_count gwa) policies on A"
check "most of the matrix is there" test "$SAS" -ge $((COUNT * 15 / 16))
check "and of its policies" test "$(policy_count gwa)" -ge $((COUNT * 15 / 32))
check "B is hot standby with all of them" wait_for 60 hot_with gwb "$SAS"
same "and all policies" "$(gw_get gwb '.groups[0].policies')" "$(policy_count gwa)"
dump gwa before
kinds
check "B takes the role" nodes_move gwa gwb
dump gwb moved
log "the clocks of A and B went apart by $(drift) s"
check "B shows what A showed" equal before moved
same "nothing is left on A" "$(sa_spis gwa | wc -l) $(policy_count gwa)" "0 0"
check "A is hot standby with all of them" wait_for 60 hot_with gwa "$SAS"
check "A takes the role back" nodes_move gwb gwa
dump gwa back
check "A shows what B showed" equal moved back
check "B is hot standby again" wait_for 60 hot_with gwb "$SAS"

# What cannot be carried over is refused by name, and nobody calls himself hot
# without it.
refused() {	# NAME REASON
	check "$1 makes B cold" wait_for 10 state_is gwb "standby cold"
	same "A says why" "$(xha_on gwa -j show crypto ipsec sa |
		jq -r '[.sas[].reason // empty | select(. != "")] | unique | join(" ")')" "$2"
	same "B says so, too" "$(gw_get gwb '.groups[0].reason')" \
		"1 SAs or policies of the active cannot be mirrored"
}
ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto comp spi 0x77 reqid 1 \
	mode tunnel comp deflate
refused "an IPComp SA" "IPComp is not adoptable"
ip -n gwa xfrm state delete src $VIP_OUT dst $PEER proto comp spi 0x77
check "B is hot without it" wait_for 10 is_hot gwb
ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto esp spi 0x78 reqid 1 \
	mode tunnel aead 'rfc4106(gcm(aes))' \
	0x000102030405060708090a0b0c0d0e0f10111213 128 sel dev out
refused "an SA for one interface" "its selector names an interface"
ip -n gwa xfrm state delete src $VIP_OUT dst $PEER proto esp spi 0x78
check "B is hot again" wait_for 10 is_hot gwb
ktap_end
