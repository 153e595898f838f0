#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=resync runs it
# timeout: 600
# kernels: 6.1 6.12 debug
#
# A snapshot of many SAs over a slow channel, and meanwhile the active goes on:
# SAs that were told of are deleted, updated, made anew, and so are some that
# were not told of yet; others come; policies come, go and change; packets go
# out. Once when B is new and once in a resync. In the end B has what A has,
# line by line in a listing when B takes over.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/channel.sh"

SAS=900 POLICIES=30
RATE=200kbit
! debug_kernel || SAS=500
ADDED=0		# SAs beside those

dummy_way() {	# NS: for what is to be sent through the tunnel
	ip -n "$1" addr add 10.1.0.2/32 dev lo &&
		ip -n "$1" addr add $VIP_OUT/32 dev lo &&
		ip -n "$1" link add out type dummy && ip -n "$1" link set out up &&
		ip -n "$1" route add $PEER dev out &&
		ip -n "$1" route add 10.2.0.0/16 dev out
}

pol_of() {	# add|update|delete N [PRIORITY]
	printf 'xfrm policy %s src 10.1.0.0/24 dst 10.2.%s.0/24 dir out' "$1" "$2"
	[ "$1" = delete ] || printf ' priority %s tmpl src %s dst 192.0.2.200 proto esp reqid 2 mode tunnel' \
		"${3:-100}" $VIP_OUT
	echo
}

# What A has at first: a tunnel that is used, and many that are not.
furnish() {
	local i
	ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto esp spi 0x2001 reqid 1 \
		mode tunnel aead 'rfc4106(gcm(aes))' $TUNNEL_KEY 128 &&
		ip -n gwa xfrm policy add src 10.1.0.0/24 dst 10.2.200.0/24 dir out \
			tmpl src $VIP_OUT dst $PEER proto esp reqid 1 mode tunnel || return
	sas_batch 0 $SAS add | ip -n gwa -batch - || return
	for ((i = 0; i < POLICIES; i++)); do
		pol_of add $i
	done | ip -n gwa -batch -
}

spi_of() { printf '0x%08x' $((0x3000 + $1)); }
lists() { xha_on "$1" -j show crypto ipsec sa | jq -r '.sas[].spi' >"$XT/spis"; grep -qx "$(spi_of "$2")" "$XT/spis"; }
updated() { sas_batch "$1" 1 add | sed -e 's/state add/state update/' -e 's/$/ limit packet-hard 4711/'; }

# changes ROUND: one of each kind near both ends of the snapshot
changes() {
	local first=$((5 + 20 * $1)) last=$((SAS - 25 - 20 * $1)) at i
	for at in $first $last; do
		sas_batch "$at" 1 delete
		updated $((at + 1))
		sas_batch $((at + 2)) 1 delete
		sas_batch $((at + 2)) 1 add
	done
	sas_batch $((SAS + 100 * $1)) 20 add
	# one of those at once again
	sas_batch $((SAS + 100 * $1)) 1 delete
	for i in $((2 + 5 * $1)) $((POLICIES - 4 - 5 * $1)); do
		pol_of delete "$i"
		pol_of update $((i + 1)) $((200 + $1))
	done
	pol_of add $((100 + $1))
}

apply() {	# ROUND
	changes "$1" | ip -n gwa -batch - || bail "changes on A"
	ADDED=$((ADDED + 19 - 2))
}

told() { xha_on "$1" -j show crypto ipsec sa | jq -r ".sas[] | select(.spi == \"0x00002001\") | $2"; }
same_use() {
	[ "$(told gwa '"\(.packets) \(.bytes)"')" = "$(told gwb '"\(.packets) \(.bytes)"')" ] &&
		[ "$(told gwa .acked)" = "$(told gwb .ceiling)" ]
}
sends() {
	start_flow f gwa -f -r 50 -s 100 udp 10.1.0.2:9001 10.2.200.9:9000
	wait_for 10 eval '[ "$(told gwa .packets)" -gt 20 ]'
}

policies_agree() { [ "$(gw_get gwb '.groups[0].policies')" = "$(policy_count gwa)" ]; }
agree() {
	hot_with gwb $((1 + SAS + ADDED)) && policies_agree && same_sas
}

# under_way ROUND: what is judged in both rounds, from the changes on
under_way() {
	local first=$((5 + 20 * $1)) last=$((SAS - 25 - 20 * $1)) packets
	packets=$(told gwa .packets)
	apply "$1"
	same "round $1: after the changes the snapshot is still under way" \
		"$(gw_state gwb)" "standby bulk"
	log "B has $(gw_get gwb '.groups[0].sas') SAs, A sent $(gw_get gwa .channel.tx_frames) frames"
	check "round $1: B is hot, and has what A has" wait_for 120 agree
	same "round $1: xha verify" "$(xha_on gwb verify)" "1: equal"
	for i in $first $last $((SAS + 100 * $1)); do
		check "round $1: the deleted $(spi_of "$i") is not there" eval "! lists gwb $i"
	done
	check "round $1: what came is there" lists gwb $((SAS + 100 * $1 + 19))
	check "round $1: packets went out meanwhile" [ "$(told gwa .packets)" -gt "$packets" ]
}

# What a kernel has, in an order of its own, without what moves
listing() {	# NS
	{ ip -n "$1" -s xfrm state; ip -n "$1" -s xfrm policy; } | awk '
		/^src/ { if (rec) print rec; rec = "" }
		/lifetime current/ { skip = 2; next }
		skip > 0 { skip--; next }
		/anti-replay|stats:|replay-window [0-9]+ replay/ { next }
		{ gsub(/ uid [0-9]+| index [0-9]+/, "") }
		{ rec = rec "|" $0 } END { print rec }' | grep -v '^$' | sort
}

ktap_plan
nodes_up
module_load || bail "the module loads"
for ns in gwa gwb; do
	dummy_way $ns || bail "ways out"
done
node_conf gwa && in_ns gwa xctl role 1 active && furnish || bail "A is active, with $SAS SAs"
wait_for 60 knows_sas gwa $((1 + SAS)) || bail "A knows them"
sends || bail "A sends"
for ns in gwa gwb; do
	tc -n $ns qdisc add dev sync root netem rate $RATE limit 100
done

# ---- B is new ----
node_conf gwb && in_ns gwb xctl role 1 standby || bail "B is standby"
wait_for 60 eval '[ "$(gw_get gwb ".groups[0].sas")" -gt 60 ]' || bail "the snapshot is on its way"
check "B was told of the first" lists gwb 5
check "and not of the last" eval "! lists gwb $((SAS - 25))"
under_way 0

# ---- a resync ----
RX=$(gw_get gwb .channel.rx_frames)
same "B wants all again" "$(xha_on gwb resync)" "1: requested"
wait_for 60 eval '[ "$(gw_get gwb .channel.rx_frames)" -gt $((RX + POLICIES + 100)) ]' ||
	bail "the snapshot is on its way"
check "B was told of the first, and not of the last" \
	[ "$(gw_get gwb .channel.rx_frames)" -lt $((RX + SAS * 3 / 4)) ]
under_way 1

# ---- what is in it ----
for ns in gwa gwb; do
	tc -n $ns qdisc del dev sync root
done
stop f
check "bytes, packets and ceiling of the used one are the same" wait_for 20 same_use
listing gwa >"$XT/gwa.listing"
log "$(wc -l <"$XT/gwa.listing") SAs and policies, $(grep -c 'hard 4711(packets)' "$XT/gwa.listing") of them updated"
same "the listing has the updates" "$(grep -c 'hard 4711(packets)' "$XT/gwa.listing") $(grep -c 'priority 20[01]' "$XT/gwa.listing")" "4 4"
in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active || bail "B takes over"
listing gwb >"$XT/gwb.listing"
check "B's kernel lists what A's did" diff "$XT/gwa.listing" "$XT/gwb.listing"
ktap_end
