#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 400
#
# What nodes that lost each other may not make of it: SAs come back that were
# deleted while the channel was dying, the same numbers under the same tag on
# two nodes, numbers that a peer acknowledged without using them. And templates
# that were migrated. test_split.sh has the whole of a split brain, with traffic.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
KEY=0x000102030405060708090a0b0c0d0e0f10111213
LEASE=1000

sa() {	# NS SPI ARGUMENT...
	ip -n "$1" xfrm state add src $VIP_OUT dst $PEER proto esp spi "$2" \
		reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128 "${@:3}"
}
unsa() { ip -n "$1" xfrm state delete src $VIP_OUT dst $PEER proto esp spi "$2"; }
has_spi() { sa_spis "$1" | grep -qx "0x0000$2"; }
has_not() { ! has_spi "$1" "$2"; }
field() {	# NS SPI FIELD
	xha_on "$1" -j show crypto ipsec sa |
		jq -r ".sas[] | select(.spi == \"0x0000$2\") | .$3"
}
oseq() {	# NS SPI
	local hex
	hex=$(ip -n "$1" xfrm state get src $VIP_OUT dst $PEER proto esp \
		spi "0x$2" | sed -n 's/.*oseq \(0x[0-9a-f]*\).*/\1/p')
	echo $((hex))
}
role() { in_ns "$1" xctl role 1 "$2"; }
channel_gone() { ! channel_up gwa && ! channel_up gwb; }
sever() { ip -n gwa link set sync down; }
mended() {
	ip -n gwa link set sync up
	wait_for 30 channel_up gwa
}
equal() { is_hot_standby "$1" && [ "$(xha_on "$1" verify)" = "1: equal" ]; }
is_hot_standby() { state_is "$1" "standby hot"; }

# B had it all when the channel died, is active for a while, and gives way.
b_was_active() {
	role gwb active && role gwb standby && mended
}

# Packets that A protects and that go nowhere
send() {	# COUNT
	in_ns gwa bash -c "for ((i = 0; i < $1; i++)); do
		echo >/dev/udp/10.2.0.5/9; done" 2>/dev/null
}

node() {	# NS
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT \
		for-tests-only-and-worth-nothing &&
		in_ns "$1" xctl group 1 1000 $LEASE $VIP_OUT
}

# ---- deleted while nobody could be told ----

deleted() {
	sa gwa 0x1001 && sa gwa 0x1002 || bail "SAs on A"
	wait_for 20 knows_sas gwb 2 || bail "B follows"
	check "B is hot" wait_for 20 equal gwb

	sever && unsa gwa 0x1001 || bail "an SA goes while the channel dies"
	wait_for 60 channel_gone || bail "the channel is gone"
	b_was_active || bail "B was active meanwhile"
	check "B is hot again" wait_for 60 equal gwb
	check "what A deleted stays deleted" has_not gwa 1001
	same "on B, too" "$(gw_get gwb '.groups[0].sas')" 1
	check "what was not is there" has_spi gwa 1002

	# Of its add no receipt comes back. The association dies of that: where
	# the machine is slow, before there is anything to receive.
	for _ in 1 2 3; do
		deaf_from gwb sync
		sa gwa 0x1003 || bail "one more on A"
		! wait_for 5 knows_sas gwb 2 || break
		heal_from gwb sync
		unsa gwa 0x1003
		wait_for 60 equal gwb || bail "they meet again"
	done
	if ! knows_sas gwb 2; then
		skip "what B never acknowledged stays deleted as well" "too slow"
		return
	fi
	sever && unsa gwa 0x1003 || bail "it goes, too"
	wait_for 60 channel_gone || bail "the channel is gone once more"
	heal_from gwb sync
	b_was_active || bail "B was active once more"
	check "B is hot once more" wait_for 60 equal gwb
	check "what B never acknowledged stays deleted as well" has_not gwa 1003
}

# ---- told, and before the answer they lose each other once more ----

lan_of_a() {
	ip -n gwa link add out type dummy && ip -n gwa link set out up &&
		ip -n gwa addr add $VIP_OUT/24 dev out &&
		ip -n gwa neigh add $PEER lladdr 02:00:00:00:00:99 dev out &&
		ip -n gwa route add 10.2.0.0/24 via $PEER || bail "a LAN for A"
	ip -n gwa xfrm policy add src $VIP_OUT dst 10.2.0.0/24 dir out \
		tmpl src $VIP_OUT dst $PEER proto esp reqid 1 mode tunnel || bail "a policy"
	wait_for 20 equal gwb || bail "B is hot"
}

both_active() {
	sever
	wait_for 60 channel_gone || bail "the channel is gone"
	role gwb active || bail "both are active"
}

# A has an SA of its own, gives way, and goes on without an answer.
a_gives_in_vain() {	# SPI ARGUMENT...
	sa gwa "0x$1" "${@:2}" || bail "an SA of A's own"
	for _ in 1 2 3; do
		mended && wait_for 20 a_knows || bail "they meet"
		gives_deaf "$1" && return
	done
	bail "B takes over A's own"
}
a_knows() { [ "$(gw_get gwa '.groups[0].peer_state')" = active ]; }

# What A tells arrives, and nothing that B says: else A would be hot at once. The
# association dies of that, on a slow machine before anything was told.
gives_deaf() {	# SPI
	local told=1
	deaf_from gwb sync
	role gwa standby || bail "A gives way"
	wait_for 5 has_spi gwb "$1" || told=
	sever
	wait_for 60 channel_gone || bail "and lose each other"
	heal_from gwb sync
	role gwa active || bail "A goes on by itself"
	[ -n "$told" ]
}

b_gives_way() {
	mended && role gwb standby || bail "B gives way"
	check "one active, one hot standby" wait_for 60 equal gwb
}

# Behind where B began
gets_ahead() { send 500; [ "$(oseq gwa 1002)" -gt $(($(oseq gwb 1002) + 100)) ]; }

lost_again() {
	local ahead
	both_active
	wait_for 60 gets_ahead || bail "A is ahead of B"
	ahead=$(oseq gwa 1002)
	a_gives_in_vain 1005 replay-oseq 5000
	log "tags: A $(field gwa 1005 iv_tag), B $(field gwb 1005 iv_tag);" \
		"numbers: A $(oseq gwa 1005), B $(oseq gwb 1005)"
	check "each has a tag of its own" [ "$(field gwa 1005 iv_tag)" != "$(field gwb 1005 iv_tag)" ]
	check "and begins elsewhere" [ "$(oseq gwa 1005)" -ge $(($(oseq gwb 1005) + LEASE)) ]
	log "of what both had: A $(oseq gwa 1002), B $(oseq gwb 1002)"
	check "B goes on behind A" [ "$(oseq gwb 1002)" -ge "$ahead" ]
	check "A elsewhere, with that, too" [ "$(oseq gwa 1002)" -ge $(($(oseq gwb 1002) + LEASE)) ]
	b_gives_way
}

# ---- an active that nobody tells to stop ----

superseded() {
	local start
	in_ns gwa xctl strict 1 1 && in_ns gwb xctl strict 1 1 || bail "strict mode"
	unsa gwa 0x1005
	wait_for 20 equal gwb || bail "B is hot"
	wait_for 20 eval '[ "$(gw_get gwa ".groups[0].bounded")" = true ]' || bail "A is bounded"
	start=$(oseq gwa 1002)
	send 10
	check "A sends" [ "$(oseq gwa 1002)" -ge $((start + 10)) ]
	role gwb active || bail "B takes over, and nobody tells A"
	start=$(oseq gwb 1002)
	send $((3 * LEASE))
	log "B began after $start, A is at $(oseq gwa 1002)"
	check "A sends no number that is B's" [ "$(oseq gwa 1002)" -le "$start" ]
	role gwa standby || bail "A stops at last"
	check "A is hot standby" wait_for 60 equal gwa
	role gwa active || bail "A takes it back"
	check "B is hot standby" eval 'role gwb standby && wait_for 60 equal gwb'
}

# ---- strict: what A told is B's, also where B never had it before ----

strict_given() {
	local spi
	declare -A start
	both_active
	send $((2 * LEASE))
	a_gives_in_vain 1006 replay-oseq 50
	check "A is bounded" [ "$(gw_get gwa '.groups[0].bounded')" = true ]
	for spi in 1002 1006; do
		start[$spi]=$(oseq gwa $spi)
	done
	send $((3 * LEASE))
	for spi in 1002 1006; do
		log "$spi: A ${start[$spi]}, B $(oseq gwb $spi)"
		same "A sends nothing with $spi" "$(oseq gwa $spi)" "${start[$spi]}"
		check "it would begin elsewhere than B, fenced" \
			[ "${start[$spi]}" -ge $(($(oseq gwb $spi) + LEASE)) ]
	done
	b_gives_way
	check "and then sends again" wait_for 20 sends_behind 1006 $((start[1006] + 100))
	unsa gwa 0x1006
}
sends_behind() { send 100; [ "$(oseq gwa "$1")" -gt "$2" ]; }	# SPI NUMBER

# ---- templates ----

migrated() {
	ip -n gwa xfrm state add src $VIP_OUT dst 192.0.2.50 proto esp spi 0x2050 \
		reqid 50 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128 &&
		ip -n gwa xfrm policy add src 10.1.0.0/24 dst 10.2.50.0/24 dir out \
		tmpl src $VIP_OUT dst 192.0.2.50 proto esp reqid 50 mode tunnel ||
		bail "an SA and its policy"
	wait_for 20 equal gwb || bail "B follows"
	in_ns gwa "$LIB/migrate.py" 10.1.0.0/24 10.2.50.0/24 out esp tunnel 50 \
		$VIP_OUT 192.0.2.50 $VIP_OUT 192.0.2.51 || bail "the kernel migrates"
	wait_for 20 eval '[ "$(xha_on gwb -j show crypto ipsec sa | grep -c 192.0.2.51)" -ge 1 ]' ||
		bail "the SA moves on B"
	check "B has followed" wait_for 20 equal gwb
	nodes_hand_over gwa gwb || bail "A hands over"
	check "B's template is the new one" eval \
		'ip -n gwb xfrm policy | grep -q "dst 192.0.2.51"'
	check "the old one is nowhere" eval '! ip -n gwb xfrm policy | grep -q "dst 192.0.2.50"'
}

ktap_plan
nodes_up
module_load || bail "the module loads"
for ns in gwa gwb; do
	node $ns || bail "node $ns is configured"
	start "helper-$ns" $ns xctl listen
done
role gwa active && role gwb standby || bail "A is active, B standby"
deleted
lan_of_a
lost_again
superseded
strict_given
migrated
ktap_end
