#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 1200
#
# Prefixes to protect: no plaintext to or from them, of either family, forwarded
# or of the gateway itself, in no role, after a flush, on a cold node that takes
# over; but ESP once there are SAs. And what keeps a standby's module loaded,
# and what a standby that is forgotten by force leaves behind.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

FLUSHES=12
P4=10.2.0.0/16 P6=2001:db8:2::/48
KEY=0x000102030405060708090a0b0c0d0e0f10111213

# ---- IPv6 beside the topology's IPv4 ----

v6_gw() {	# NS LAST
	ns_v6 "$1" 1
	ns_addr6 "$1" out "fd00::$2/64"
	ns_addr6 "$1" in "fd01::$2/64"
	ip -n "$1" route add 2001:db8:2::/64 via fd00::10 dev out
}

v6_ends() {
	local i
	ns_v6 peer 0
	ns_v6 host 0
	ns_addr6 peer out fd00::10/64
	for i in 91 92 93; do
		ns_addr6 peer prot 2001:db8:2::$i/128
	done
	ns_addr6 host in fd01::10/64
	ip -n host route add 2001:db8:2::91 via fd01::2
	ip -n host route add 2001:db8:2::92 via fd01::3
	# what the peer sends in the clear comes by A, too
	ip -n peer route add fd01::/64 via fd00::2
	ip -n peer route add $HOST_IN via "${OUT_ADDR[gwa]}" src $HOST_OUT
}

# ---- probes ----

probe() {	# NAME NS ARGUMENTS
	local name=$1 ns=$2
	shift 2
	rm -f "$XT/$name.p"
	start "$name" "$ns" "$LIB/probe.py" "${@:1:$#-2}" 0.05 "$XT/$name.p" \
		"${@:$#-1}"
}

probes_by() {	# gwa or gwb
	local n=91
	[ "$1" = gwa ] || n=92
	probe p-host host 10.2.0.$n 2001:db8:2::$n
	probe p-gw "$1" 10.2.0.93 2001:db8:2::93
}

probes_back() { probe p-peer peer --from $PROBE_A --from 2001:db8:2::91 $HOST_IN fd01::10; }

# How often it tried each of its addresses, how often it was refused each.
probed() {	# NAME: sets TRIES and REFUSED
	TRIES=0 REFUSED=0
	[ ! -s "$XT/$1.p" ] || read -r TRIES REFUSED <"$XT/$1.p"
}
tried() { probed "$1" && [ "$TRIES" -ge "$2" ]; }
refusals() { probed "$1" && echo "$REFUSED"; }

# Each running probe makes N more tries with each of its addresses.
probes_go() {	# N
	local name
	for name in p-host p-gw p-peer; do
		running $name || continue
		probed $name
		wait_for 30 tried $name $((TRIES + $1)) || bail "probes: $(cat "$XT/$name.log")"
	done
}

probes_stop() { stop p-host; stop p-gw; stop p-peer; }

# clear packets of a span: run COMMAND... under a capture
watched() {
	capture_start || bail "capture"
	"$@"
	capture_stop || bail "the capture is complete"
}

clear_of() {	# NS LAN [--span A:B]...
	"$LIB/clear.py" --net $P4 --net $P6 "${@:3}" "$XT/cap-$2-$1.pcap"
}
clear_out() { clear_of "$1" outlan | jq -r '"\(.v4) \(.v6)"'; }
clear_in() { clear_of "$1" inlan | jq -r '"\(.v4) \(.v6)"'; }
some() { [ "${1% *}" -gt 0 ] && [ "${1#* }" -gt 0 ]; }

# What comes out of a tunnel is in the clear inside: not for use with SAs.
silent() {	# WHEN
	same "$1: nothing in the clear towards the prefixes" "$(clear_out gwa)" "0 0"
	same "$1: nor from them" "$(clear_in gwa)" "0 0"
}

# ---- what the kernel has ----

blocks() { ip -n "$1" xfrm policy | grep -c 'action block'; }
has_blocks() { [ "$(blocks "$1")" = "$2" ]; }
refs() { awk '$1 == "xfrm_ha" {print $3}' /proc/modules; }
loaded() { grep -q '^xfrm_ha ' /proc/modules; }

pair_of_policies() {	# NS out-src out-dst tmpl-local tmpl-remote
	local dir
	ip -n "$1" xfrm policy add src "$2" dst "$3" dir out priority 1000 \
		tmpl src "$4" dst "$5" proto esp reqid 1 mode tunnel
	for dir in in fwd; do
		ip -n "$1" xfrm policy add src "$3" dst "$2" dir $dir priority 1000 \
			tmpl src "$5" dst "$4" proto esp reqid 1 mode tunnel
	done
}

sa() {	# NS src dst spi
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 \
		mode tunnel flag af-unspec replay-window 32 \
		aead 'rfc4106(gcm(aes))' $KEY 128
}

tunnel() {	# NS: the VIP's end; and once the peer's
	sa "$1" $VIP_OUT $PEER 0x1001 && sa "$1" $PEER $VIP_OUT 0x1002 &&
		pair_of_policies "$1" 10.1.0.0/24 10.2.0.0/24 $VIP_OUT $PEER &&
		pair_of_policies "$1" fd01::/64 2001:db8:2::/64 $VIP_OUT $PEER
}

tunnel_peer() {
	sa peer $VIP_OUT $PEER 0x1001 && sa peer $PEER $VIP_OUT 0x1002 &&
		pair_of_policies peer 10.2.0.0/24 10.1.0.0/24 $PEER $VIP_OUT &&
		pair_of_policies peer 2001:db8:2::/64 fd01::/64 $PEER $VIP_OUT
}

# Flush again and again under the probes; SPANS are when the flushes ran, with
# a little for packets on their way.
flushes() {	# NS BLOCKS
	local i a b
	SPANS=() MISSED=0
	for ((i = 0; i < FLUSHES; i++)); do
		a=$(now_s)
		ip -n "$1" xfrm policy flush
		b=$(($(now_ms) + 100 * XHA_FACTOR))
		has_blocks "$1" "$2" || MISSED=$((MISSED + 1))
		SPANS+=(--span "$a:$((b / 1000)).$(printf %03d $((b % 1000)))")
		probes_go 4
	done
	run_for 0.5
	probes_go 10
}

judge_flushes() {	# WHEN out|both
	local out in
	out=$(clear_of gwa outlan "${SPANS[@]}")
	in='{"v4": 0, "v6": 0, "outside": 0}'
	[ "$2" = out ] || in=$(clear_of gwa inlan "${SPANS[@]}")
	log "$1, $FLUSHES flushes under probes: $(jq -n "$out | .v4 + .v6") out and $(jq -n "$in | .v4 + .v6") in, in the clear"
	same "$1: all policies are back when a flush returns" "$MISSED" 0
	same "$1: nothing in the clear but while a flush runs" \
		"$(jq -n "$out.outside") $(jq -n "$in.outside")" "0 0"
}

refused() {	# NAME WORDS COMMAND...
	local out
	if out=$("${@:3}" 2>&1); then
		[[ $out == E*"$2"* ]]
	else
		[[ $out == *"$2"* ]]
	fi && ok "refused: $1" || not_ok "refused: $1" "said: $out"
}

# ---- in no role, standby, active: on A alone ----

alone() {
	local n
	v6_gw gwa 2
	v6_ends
	probes_by gwa
	probes_back
	watched probes_go 20
	check "without the module plaintext passes, out" some "$(clear_out gwa)"
	check "and in" some "$(clear_in gwa)"

	module_load || bail "the module loads"
	acquire_watch
	in_ns gwa xctl newgroup 1 $VIP_OUT $P4 $P6 || bail "a group with prefixes"
	same "it has a policy per prefix and direction" "$(blocks gwa)" 6
	n=$(refusals p-gw)
	watched probes_go 15
	silent "no role"
	check "the gateway's own packets are refused" [ "$(refusals p-gw)" -gt "$n" ]
	check "the kernel counts blocked packets, out" \
		[ "$(xfrm_stat gwa XfrmOutPolBlock)" -gt 0 ]
	check "and in" [ "$(xfrm_stat gwa XfrmInPolBlock)" -gt 0 ]
	watched flushes gwa 6
	judge_flushes "no role" both

	in_ns gwa xctl role 1 standby || bail "A becomes standby"
	watched probes_go 15
	silent "a standby that was never in sync"

	in_ns gwa xctl role 1 active || bail "A takes over"
	watched probes_go 15
	silent "a cold node that took over"
	check "no ACQUIRE so far" no_acquires
	same "no larval SA" "$(larval_count gwa)" 0

	vip_by_hand gwa add
	tunnel gwa && tunnel_peer || bail "a tunnel by hand"
	stop p-peer
	check "with SAs packets pass, IPv4" in_ns host ping -q -c 3 -W 10 $PROBE_A
	check "and IPv6" in_ns host ping -q -c 3 -W 10 2001:db8:2::91
	watched probes_go 20
	same "with SAs: nothing in the clear towards the prefixes" "$(clear_out gwa)" "0 0"
	check "ESP leaves" [ "$(sa_packets gwa $VIP_OUT $PEER)" -gt 20 ]
	watched flushes gwa 6
	judge_flushes "active" out
	check "no ACQUIRE at all" no_acquires
	same "the active does not hold the module" "$(refs)" 0
}

# ---- what is refused ----

bad_prefixes() {
	local set="in_ns gwa $LIB/prefixes.py 1"
	same "prefixes can be set from outside the library" \
		"$($set 0a020000/16)" ok
	check "the others are gone with that" has_blocks gwa 3
	refused "a VIP in a prefix" "covers a VIP" \
		in_ns gwa xctl protect 1 192.0.2.0/24
	refused "a prefix with an address of the node" "an address of this node" \
		in_ns gwa xctl protect 1 10.1.0.0/24
	refused "the same, IPv6" "an address of this node" \
		in_ns gwa xctl protect 1 fd01::/64
	refused "everything" "covers multicast" in_ns gwa xctl protect 1 0.0.0.0/0
	refused "everything, IPv6" "covers multicast" in_ns gwa xctl protect 1 ::/0
	refused "a part of multicast" "covers multicast" \
		in_ns gwa xctl protect 1 239.1.0.0/16
	refused "link-local" "link-local" in_ns gwa xctl protect 1 fe80::/64
	refused "a prefix twice" "there twice" \
		in_ns gwa xctl protect 1 10.3.0.0/16 10.3.0.0/16
	refused "host bits" "bits beyond its length" $set 0a020001/16
	refused "33 bits of IPv4" "longer than its address" $set 0a020000/33
	refused "129 bits" "out of range" $set 20010db8000000000000000000000000/129
	refused "no length" "an address and a length" $set 0a020000
	refused "no address" "an address and a length" $set /16
	refused "5 bytes" "4 or 16 bytes" $set 0a02000000/16
	refused "something else" "not a prefix" $set -
	# shellcheck disable=SC2046	# 17 words
	refused "17 prefixes" "too many prefixes" $set \
		$(printf '0a%02x0000/16 ' $(seq 2 18))
	refused "a VIP that a prefix covers" "covers a VIP" \
		in_ns gwa xctl newgroup 2 10.2.0.1
	refused "a neighbour that a prefix covers" "the peer's address" \
		in_ns gwa xctl neigh 1 1 10.2.0.1
	refused "a channel that a prefix covers" "address of the channel" \
		in_ns gwa xctl peer "${SYNC_ADDR[gwa]}" 10.2.0.1 5000 0123456789abcdef
	in_ns gwa xctl peer "${SYNC_ADDR[gwa]}" "${SYNC_ADDR[gwb]}" 5000 \
		0123456789abcdef || bail "a channel"
	refused "a prefix with the channel's far end" "address of the channel" \
		in_ns gwa xctl protect 1 "${SYNC_ADDR[gwb]}/32"
	in_ns gwa xctl neigh 1 1 172.16.0.1
	refused "a prefix with a neighbour" "the peer's address" \
		in_ns gwa xctl protect 1 172.16.0.0/24
	check "of all that nothing was applied" has_blocks gwa 3

	# one of the same selector is nobody else's business
	check "an operator's policy for the same prefix goes in beside them" \
		ip -n gwa xfrm policy add src 0.0.0.0/0 dst $P4 dir out action allow
	check "and beside it they stay" has_blocks gwa 3
	ip -n gwa xfrm policy delete src 0.0.0.0/0 dst $P4 dir out
	check "also when it goes" has_blocks gwa 3
	check "an active group can be forgotten" in_ns gwa xctl ungroup 1
	check "and takes its block policies along" has_blocks gwa 0
}

# ---- a standby with policies, its module, and what stays ----

forget() {
	gw_kill gwa
	check "xha group delete GROUP force" eval \
		'[ "$(xha_on gwb -j group delete ha force | jq -r .result)" = deleted ]'
	same "policies that block are left: 6 staged ones, 3 for each prefix" \
		"$(blocks gwb)" 12
	check "now the module can be unloaded" rmmod xfrm_ha
	check "and is gone" eval '! loaded'
	probes_go 15
}

pair_protected() {
	probes_stop
	stop acquire-gwa
	stop acquire-gwb
	gateways_anew || bail "new gateways"
	v6_gw gwa 2
	v6_gw gwb 3
	ip -n peer route del $HOST_IN
	acquire_watch
	# shellcheck disable=SC2034 # gw_conf
	PROTECT="\"$P4\", \"$P6\""
	gw_start gwa || bail "xhad starts on A"
	wait_for 30 is_active gwa || bail "A becomes active"
	tunnel gwa || bail "a tunnel by hand"
	same "xha shows the prefixes" "$(gw_get gwa '.groups[0].protect | join(" ")')" \
		"$P4 $P6"
	gw_start gwb || bail "xhad starts on B"
	wait_for 60 hot_with gwb 2 || bail "B becomes hot standby"
	same "B has the policies of the tunnel, and no block policy of A" \
		"$(gw_get gwb '.groups[0].policies')" 6
	check "with others by its restart alone" restart_with_less
	probes_by gwb
	watched probes_go 20
	same "B is silent" "$(clear_out gwb)" "0 0"
	gw_stop gwb
	same "the standby holds the module" "$(refs)" 1
	check "it cannot be unloaded" eval '! rmmod xfrm_ha 2>/dev/null && loaded'
	refused "xha group delete of a standby" "with force" xha_on gwb group delete ha
	refused "of a group that is not there" 'no group "hb"' \
		xha_on gwb group delete hb force
	refused "without a group" "which group" xha_on gwb group delete
	refused "with another word" "unknown here" xha_on gwb group delete ha now
	check "B is hot all the same" is_hot gwb
	watched forget
	same "not a packet in the clear by B, before or after" "$(clear_out gwb)" "0 0"
	check "the gateway's own are refused" [ "$(refusals p-gw)" -gt 0 ]
	check "no ACQUIRE" no_acquires
	check "an operator's policy of the same selector replaces one" \
		ip -n gwb xfrm policy update src 10.1.0.0/24 dst 10.2.0.0/24 \
		dir out priority 1000 action allow
	same "which is one less, of as many" "$(blocks gwb) $(policy_count gwb)" "11 12"
	watched probes_go 20
	check "and lets pass what it says" eval \
		'read -r a b <<<"$(clear_out gwb)" && [ "$a" -gt 0 ] && [ "$b" = 0 ]'
	ip -n gwb xfrm policy deleteall action block
	same "deleteall action block takes the others" "$(policy_count gwb)" 1
}

# The configuration's prefixes change with a restart of the helper.
restart_with_less() {
	cp "$XT/gwb/xhad.conf" "$XT/gwb/xhad.conf.all"
	gw_stop gwb
	sed -i "s|protect = .*|protect = {\"$P4\"}|" "$XT/gwb/xhad.conf"
	gw_start gwb && wait_for 30 has_blocks gwb 3 || return
	gw_stop gwb
	cp "$XT/gwb/xhad.conf.all" "$XT/gwb/xhad.conf"
	gw_start gwb && wait_for 30 has_blocks gwb 6 && wait_for 30 is_hot gwb
}

# ---- the end of a namespace ----

gone_with_netns() {
	probes_stop
	stop capture
	module_load || bail "the module loads again"
	in_ns gwb xctl newgroup 1 $VIP_OUT $P4 $P6 || bail "a group"
	same "a group without a role holds the module, too" "$(refs)" 1
	in_ns gwb xctl role 1 standby || bail "B is standby"
	same "a standby holds it once" "$(refs)" 1
	refused "deleting it while it protects" "with force" in_ns gwb xctl ungroup 1
	check "it cannot be unloaded" eval '! rmmod xfrm_ha 2>/dev/null && loaded'
	stop acquire-gwb
	ip netns del gwb
	check "with the namespace its hold goes" wait_for 30 eval '[ "$(refs)" = 0 ]'
	check "and the module can go" rmmod xfrm_ha
	check "for good" eval '! loaded'
}

ktap_plan
topo_up
alone
bad_prefixes
pair_protected
gone_with_netns
ktap_end
