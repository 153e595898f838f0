#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 600
#
# What becomes of SAs and policies on A, and how B follows: those that were
# there before the module, updates (ports, limits, larval to valid, policies by
# selector and by index), soft and hard expiry with and without a channel, of
# policies too, flushes of one protocol and of policies. test_lifecycle.sh has
# adds, deletes, rekeys, migrations and full flushes, test_vips.sh VIPs that come
# and go.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
KEY=0x000102030405060708090a0b0c0d0e0f10111213
OLD=30		# s that an SA lives which nobody may tell B the end of
IN_TIME=15	# s within which a new active has to see that it is too old

sa() {	# NS add|update SPI ARGUMENT...
	ip -n "$1" xfrm state "$2" src $VIP_OUT dst $PEER proto esp spi "$3" \
		reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128 "${@:4}"
}

ah() {	# SPI
	ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto ah spi "$1" \
		reqid 1 mode tunnel auth 'hmac(sha256)' $KEY
}

pol() {	# NS add|update N ARGUMENT...
	ip -n "$1" xfrm policy "$2" src 10.1.0.0/24 dst "10.2.$3.0/24" dir out \
		"${@:4}" tmpl src $VIP_OUT dst $PEER proto esp reqid 1 mode tunnel
}

has_spi() { sa_spis "$1" | grep -qx "0x0000$2"; }
has_not() { ! has_spi "$1" "$2"; }
installed() { ip -n "$1" -s xfrm state get src $VIP_OUT dst $PEER proto esp spi "$2"; }
staged() {	# SPI EXPRESSION
	xha_on gwb -j show crypto ipsec sa |
		jq -r ".sas[] | select(.spi == \"0x0000$1\") | $2"
}
staged_is() { [ "$(staged "$1" "$2")" = "$3" ]; }
index_of() {	# NS N
	ip -n "$1" -s xfrm policy | awk -v dst="10.2.$2.0/24" '
		/^src/ { mine = $4 == dst } mine && /index/ {
			for (i = 1; i < NF; i++) if ($i == "index") print $(i + 1)
		}'
}

has() {	# NS SAS POLICIES
	[ "$(gw_get "$1" '.groups[0] | "\(.sas) \(.policies)"')" = "$2 $3" ]
}
hot_having() { is_hot gwb && has gwb "$@"; }
equal() { hot_having "$@" && has gwa "$@" && [ "$(xha_on gwb verify)" = "1: equal" ]; }
policies_of() { ip -n "$1" xfrm policy | sort; }

watch() {	# NS
	start "expire-$1" "$1" stdbuf -oL ip xfrm monitor expire SA
	wait_for 10 monitors "$1"
}
# once an SA of no group shows up
monitors() {
	ip -n "$1" xfrm state add src "${SYNC_ADDR[$1]}" dst $PEER proto esp \
		spi 0x99 reqid 9 mode tunnel limit time-hard 1 \
		aead 'rfc4106(gcm(aes))' $KEY 128 2>/dev/null
	grep -q 0x00000099 "$XT/expire-$1.log"
}
# told NS SPI soft|hard: how often that node told of it
told() {
	awk -v spi="0x0000$2" -v hard="$([ "$3" = hard ] && echo 1 || echo 0)" '
		/spi 0x/ { mine = index($0, spi) }
		mine && /hard [01]$/ { n += $NF == hard; mine = 0 }
		END { print n + 0 }' "$XT/expire-$1.log"
}
# the same of a hard limit, of policy N
policy_told() {	# NS N
	awk -v dst="dst 10.2.$2.0/24" '
		/^Expired / { mine = index($0, dst) }
		mine && /hard 1$/ { n++; mine = 0 }
		END { print n + 0 }' "$XT/expire-$1.log"
}
policy_was_told() { [ "$(policy_told "$@")" -ge 1 ]; }
policy_there() { [ -n "$(index_of "$1" "$2")" ]; }
was_told() { [ "$(told "$@")" -ge 1 ]; }

# ---- before there is a module, on both nodes ----

before() {
	local ns
	for ns in gwa gwb; do
		sa $ns add 0x1001 replay-oseq 5000 && pol $ns add 1 || return
	done
}

roles() {
	module_load || bail "the module loads"
	for ns in gwa gwb; do
		node_conf $ns || bail "node $ns is configured"
		start "helper-$ns" $ns xctl listen
		watch $ns || bail "$ns is listened to"
	done
	in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
		bail "A is active, B standby"
	check "B is hot with what A had before the module" wait_for 30 equal 1 1
	same "and what it had itself is in no table of its kernel" \
		"$(has_spi gwb 1001 && echo installed) $(policy_count gwb)" " 0"
}

# ---- updates ----

updates() {
	local i policies
	sa gwa add 0x1002 encap espinudp 4500 4500 0.0.0.0 &&
		pol gwa add 2 && pol gwa add 3 && pol gwa add 4 || bail "SAs on A"
	check "B follows" wait_for 20 equal 2 4
	sa gwa update 0x1002 encap espinudp 4500 4711 0.0.0.0 || bail "an update of ports"
	check "new ports of UDP encapsulation are mirrored" \
		wait_for 20 staged_is 1002 '"\(.encap.sport) \(.encap.dport)"' "4500 4711"
	sa gwa update 0x1001 limit time-soft 7000 limit time-hard 7200 \
		limit packet-hard 5000000 || bail "an update of limits"

	ip -n gwa xfrm state allocspi src $VIP_OUT dst $PEER proto esp \
		mode tunnel reqid 1 min 0x1003 max 0x1003 >"$XT/allocspi" ||
		bail "a larval SA"
	check "a larval SA is of no group" has gwa 2 4
	sa gwa update 0x1003 || bail "an update makes it valid"
	check "valid, it is mirrored" wait_for 20 equal 3 4

	pol gwa update 2 priority 77 || bail "an update by selector"
	i=$(index_of gwa 3)
	pol gwa update 3 index "$i" priority 78 || bail "an update by index"
	same "of which there still is one" "$(index_of gwa 3)" "$i"
	ip -n gwa xfrm policy delete index "$(index_of gwa 4)" dir out ||
		bail "a policy is deleted by index"
	check "policies follow by selector and by index" wait_for 20 equal 3 3

	policies=$(policies_of gwa)
	nodes_hand_over gwa gwb || bail "A hands over to B"
	installed gwb 0x1001 >"$XT/installed"
	check "B has the new limits, in time" grep -q \
		'expire add: soft 7000(sec), hard 7200(sec)' "$XT/installed"
	check "and in packets" grep -q 'hard 5000000(packets)' "$XT/installed"
	check "and goes on with its numbers" grep -q 'oseq 0x1388,' "$XT/installed"
	installed gwb 0x1002 >"$XT/installed"
	check "B has the new ports" grep -q 'sport 4500 dport 4711' "$XT/installed"
	check "B has the SA that was larval" has_spi gwb 1003
	same "and the policies as updated" "$(policies_of gwb)" "$policies"
	wait_for 20 is_hot gwa && nodes_hand_over gwb gwa || bail "B hands back"
	wait_for 20 equal 3 3 || bail "B is hot again"
}

# ---- expiry ----

expiry() {
	sa gwa add 0x1004 limit time-soft 2 limit time-hard 3600 &&
		sa gwa add 0x1005 limit time-soft 1 limit time-hard 4 ||
		bail "SAs that expire"
	check "a daemon on A sees the soft expiry" wait_for 10 was_told gwa 1004 soft
	check "and the hard one" wait_for 20 was_told gwa 1005 hard
	check "what expired is gone on A" wait_for 5 has_not gwa 1005
	check "and on B, the rest is there" wait_for 10 equal 4 3
	same "B said nothing of either" \
		"$(told gwb 1004 soft) $(told gwb 1005 soft) $(told gwb 1005 hard)" "0 0 0"
}

policy_expiry() {
	local hard=$((5 + 3 * XHA_FACTOR))
	pol gwa add 6 limit time-hard $hard || bail "a policy that expires"
	check "B has a policy that will expire" wait_for $hard equal 4 4
	check "a daemon on A sees it expire" \
		wait_for $((hard + 5)) policy_was_told gwa 6
	check "then it is gone on A" eval '! policy_there gwa 6'
	check "and on B, the rest is there" wait_for 10 equal 4 3
	same "B said nothing of it" "$(policy_told gwb 6)" 0
}

# A is lost before an SA is too old, and B takes over when it is.
too_late() {
	local t0
	sa gwa add 0x1006 limit time-hard $OLD &&
		pol gwa add 7 limit time-hard $OLD ||
		bail "an SA and a policy that expire"
	wait_for 10 equal 5 4 || bail "B is hot with them"
	check "the channel is cut while it lives" has_spi gwa 1006
	ip -n gwa link set sync down
	check "it expires on A" wait_for $OLD was_told gwa 1006 hard
	check "and a policy with it" wait_for 10 policy_was_told gwa 7
	in_ns gwa xctl role 1 standby
	t0=$(now_ms)
	in_ns gwb xctl role 1 active || bail "B takes over"
	wait_for 10 has_not gwb 1006
	t0=$(($(now_ms) - t0))
	log "gone after $t0 ms"
	check "B does not keep it" eval "has_not gwb 1006 && [ $t0 -lt $((IN_TIME * 1000)) ]"
	check "and tells of it" was_told gwb 1006 hard
	check "B does not keep the policy either" wait_for $IN_TIME eval '! policy_there gwb 7'
	check "and tells of that" policy_was_told gwb 7
	# an SA whose timer runs later than those of the takeover
	sa gwb add 0x1007 limit time-soft 1 || bail "an SA on B"
	check "B tells of soft expiries" wait_for 10 was_told gwb 1007 soft
	same "but not of one that A has told of" "$(told gwb 1004 soft)" 0
	check "whose SA it has" has_spi gwb 1004
	ip -n gwa link set sync up
	wait_for 30 is_hot gwa && nodes_hand_over gwb gwa || bail "B hands over to A"
	check "A has all again" wait_for 20 equal 5 3
}

# ---- flushes ----

flushes() {
	ah 0x2001 && ah 0x2002 || bail "SAs of AH"
	check "SAs of AH are mirrored" wait_for 20 equal 7 3
	ip -n gwa xfrm state flush proto ah
	check "a flush of AH takes those of AH, on both" wait_for 20 equal 5 3
	same "and no other" "$(sa_spis gwa | grep -c 0x00001)" 5
	ah 0x2003 || bail "an SA of AH"
	wait_for 20 equal 6 3 || bail "B has it"
	ip -n gwa xfrm policy flush
	check "a flush of policies takes all policies, on both" wait_for 20 equal 6 0
	pol gwa add 5 || bail "a policy"
	wait_for 20 equal 6 1 || bail "B has it"
	ip -n gwa xfrm state flush proto esp
	check "a flush of ESP takes those of ESP, on both" wait_for 20 equal 1 1
	check "and leaves the other" staged_is 2003 .proto ah
	same "nothing was ever left in B's tables" \
		"$(sa_spis gwb | grep -vc 0x00000099) $(policy_count gwb)" "0 0"
}

ktap_plan
nodes_up
before || bail "SAs and policies before the module"
roles
updates
expiry
policy_expiry
too_late
flushes
ktap_end
