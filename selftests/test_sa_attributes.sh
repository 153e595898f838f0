#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 200
#
# Attributes of SAs that `ip` neither sets nor shows: direction, interval of NAT
# keepalives and CPU, where the kernel has them, care-of address and threshold
# of new mappings. Raw netlink says the same of them before and after a change
# of the active, and back (lib/saattr.py). A key longer than any that is carried,
# and a policy that is not, are refused by name.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
VIP6=2001:db8::1
ATTRIBUTES="sa_dir nat_keepalive_interval sa_pcpu coaddr mtimer_thresh"

conf() {	# NS
	node_peer "$1" && in_ns "$1" xctl group 1 1000 10000 $VIP_OUT $VIP6
}
has() { [[ " $HAVE " = *" $1 "* ]]; }
# how many SAs of the last comparison's first dump have it
counted() { tail -n 1 "$XT/compare.log" | tr ',' '\n' | awk -v a="$1" '$1 == a {print $2}'; }


ktap_plan
nodes_up
HAVE=$(unshare -n "$LIB/saattr.py" probe | tr '\n' ' ') ||
	bail "the kernel is asked which attributes it has"
log "this kernel has: $HAVE"
module_load || bail "the module loads"
conf gwa && conf gwb || bail "both nodes are configured"
in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
	bail "A is active, B standby"
# shellcheck disable=SC2086	# a list
in_ns gwa "$LIB/saattr.py" add $VIP_OUT $VIP6 $HAVE >"$XT/add.log" 2>&1 ||
	bail "SAs on A: $(tail -n 1 "$XT/add.log")"
sed 's/^/# /' "$XT/add.log"
SAS=$(sa_spis gwa | wc -l)
check "there are SAs on A ($SAS)" test "$SAS" -ge 12
check "B is hot standby with all of them" wait_for 10 hot_with gwb "$SAS"
sa_dump gwa before || bail "what A has"
check "a dump equals itself" sa_equal before before
for attribute in $ATTRIBUTES; do
	if has "$attribute"; then
		check "SAs with $attribute ($(counted "$attribute"))" \
			test "$(counted "$attribute")" -ge 2
	else
		skip "SAs with $attribute" "this kernel has no such attribute"
	fi
done
check "B takes the role" nodes_move gwa gwb
sa_dump gwb moved
check "B says what A said, octet by octet" sa_equal before moved
same "nothing is left on A" "$(sa_spis gwa | wc -l)" 0
check "A is hot standby with all of them" wait_for 10 hot_with gwa "$SAS"
check "A takes the role back" nodes_move gwb gwa
sa_dump gwa back
check "A says what it said at first" sa_equal before back

# What cannot be carried over is refused by name.
check "B is hot again" wait_for 10 is_hot gwb
sa=(src "$VIP_OUT" dst "$PEER" proto ah spi 0x4001)
ip -n gwa xfrm state add "${sa[@]}" reqid 1 mode tunnel \
	auth-trunc 'hmac(sha256)' "0x$(printf 'ab%.0s' {1..257})" 128 ||
	bail "an SA with a key of 257 octets"
check "a longer key makes B cold" wait_for 10 state_is gwb "standby cold"
same "and A says why" "$(sa_refused gwa)" "0x00004001 its key is too long"
ip -n gwa xfrm state delete "${sa[@]}"
check "without it B is hot" wait_for 10 is_hot gwb
policy=(src 10.1.0.0/24 dst 10.2.0.0/24 dev sync dir out)
ip -n gwa xfrm policy add "${policy[@]}" tmpl src $VIP_OUT dst "$PEER" \
	proto esp reqid 1 mode tunnel || bail "a policy for one interface"
check "a policy for one interface makes B cold" \
	wait_for 10 state_is gwb "standby cold"
check "and the log names it" eval \
	'dmesg | grep -q "policy dir out src 10.1.0.0/24 dst 10.2.0.0/24 is not mirrored: its selector names an interface"'
ip -n gwa xfrm policy delete "${policy[@]}"
check "without it, too, B is hot" wait_for 10 is_hot gwb
ktap_end
