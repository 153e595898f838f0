#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 200
#
# Security contexts of SAs and policies. With SELinux (vm/run --append
# security=selinux; without a policy loaded it takes any) the new active shows
# what the old one did, octet by octet, and back; three policies that differ in
# nothing but the context stay three; what is too long is refused by name, and so
# is all of it by a peer of an older version, until a newer one comes. Where no
# security module takes contexts a standby refuses what has one by name, and does
# not adopt it without.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
KEY=0x000102030405060708090a0b0c0d0e0f10111213
LONG=$(printf 'x%.0s' {1..128})
SELECTOR="src $VIP_OUT/32 dst $PEER/32"

selinux() { [ "$(tr -d '\0' </proc/self/attr/current 2>/dev/null)" = kernel ]; }

sa() {	# SRC DST SPI [CONTEXT]
	ip -n gwa xfrm state add src "$1" dst "$2" proto esp spi "$3" reqid 1 \
		mode transport ${4:+ctx "$4"} aead 'rfc4106(gcm(aes))' $KEY 128
}
policy() {	# DIRECTION [CONTEXT]
	local words=$SELECTOR
	[ "$1" = out ] || words="src $PEER/32 dst $VIP_OUT/32"
	# shellcheck disable=SC2086	# words
	ip -n gwa xfrm policy add $words dir "$1" ${2:+ctx "$2"} priority 7 \
		tmpl proto esp reqid 1 mode transport
}
install() {
	sa $VIP_OUT "$PEER" 0x1001 kernel && sa "$PEER" $VIP_OUT 0x1002 unlabeled &&
		sa $VIP_OUT "$PEER" 0x1003 && sa $VIP_OUT "$PEER" 0x1004 "$LONG" &&
		policy out && policy out kernel && policy out unlabeled &&
		policy in "$LONG"
}

contexts_of() {	# NS state|policy: how often there is which
	in_ns "$1" ip xfrm "$2" | sed -n 's/.*security context *//p' | sort |
		uniq -c | awk '{print $1, (length($2) > 99 ? "long" : $2)}' | paste -sd,
}
has_all() { hot_with "$1" 4 && [ "$(gw_get "$1" '.groups[0].policies')" = 4 ]; }

scripted() {	# ARGUMENT-OF-BADPEER...
	start badpeer gwb badpeer -l "${SYNC_ADDR[gwb]}:$CHANNEL_PORT" \
		-r "${SYNC_ADDR[gwa]}:$CHANNEL_PORT" -K "$XT/key" -t 60 \
		-v $VIP_OUT "$@"
}
refuses() { [ "$(sa_refused gwa | sed 's/, /\n/g' | sort)" = "$1" ]; }
reasons() { sa_refused gwa | sed 's/0x[0-9a-f]* //g'; }	# not staged: no SPI

mirrored() {
	local before why="the peer takes no security contexts"
	node_conf gwa && in_ns gwa xctl role 1 active || bail "A is active"
	install || bail "SAs and policies with contexts on A"
	same "SAs of A have contexts" "$(contexts_of gwa state)" \
		"1 kernel,1 unlabeled,1 long"
	same "and policies" "$(contexts_of gwa policy)" "1 kernel,1 unlabeled,1 long"
	scripted deaf
	check "for an older peer A refuses each by name" wait_for 20 \
		refuses "$(printf "0x0000%s $why\n" 1001 1002 1004)"
	signal badpeer CONT
	stop badpeer
	node_conf gwb && in_ns gwb xctl role 1 standby || bail "B is standby"
	check "for a newer one no more: B is hot with all" wait_for 20 has_all gwb
	same "and A refuses nothing" "$(sa_refused gwa)" ""
	sa_dump gwa before
	before=$(contexts_of gwa policy)
	check "B takes the role" nodes_move gwa gwb
	sa_dump gwb moved
	check "B says of the SAs what A said, octet by octet" sa_equal before moved
	same "SAs of B have the contexts" "$(contexts_of gwb state)" \
		"1 kernel,1 unlabeled,1 long"
	same "and the policies theirs" "$(contexts_of gwb policy)" "$before"
	same "each is there" "$(policy_count gwb)" 4
	check "A is hot standby with all" wait_for 20 has_all gwa
	check "A takes the role back" nodes_move gwb gwa
	sa_dump gwa back
	check "A says what it said at first" sa_equal before back
	same "of the policies, too" "$(contexts_of gwa policy) $(policy_count gwa)" \
		"$before 4"
	check "B is hot again" wait_for 20 has_all gwb
	sa $VIP_OUT "$PEER" 0x1005 "${LONG}y" || bail "an SA with a longer context"
	check "a longer context makes B cold" wait_for 10 state_is gwb "standby cold"
	same "and A says why" "$(sa_refused gwa)" \
		"0x00001005 its security context is too long"
	ip -n gwa xfrm state delete src $VIP_OUT dst "$PEER" proto esp spi 0x1005
	check "without it B is hot" wait_for 10 is_hot gwb
}

refused() {
	node_conf gwa && in_ns gwa xctl role 1 standby || bail "A is standby"
	scripted labelled
	check "A hears of two SAs and a policy" wait_for 20 eval \
		'knows_sas gwa 2 && [ "$(gw_get gwa .groups[0].policies)" = 1 ]'
	same "it refuses the SA with a context" "$(reasons)" \
		"nothing here takes its security context"
	same "and the policy" "$(gw_get gwa '.groups[0].sas_refused')" 2
	stop badpeer
	in_ns gwa xctl role 1 active || bail "A takes over"
	same "the other SA is adopted, alone" "$(sa_spis gwa)" 0x00003001
	same "and no policy" "$(policy_count gwa)" 0
}

ktap_plan
nodes_up
module_load || bail "the module loads"
printf for-tests-only-and-worth-nothing >"$XT/key"
if selinux || grep -q security=selinux /proc/cmdline; then
	check "SELinux is on" selinux
	mirrored
else
	refused
fi
ktap_end
