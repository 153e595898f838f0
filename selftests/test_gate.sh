#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 1800
# held: takes long; TESTS=gate runs it
#
# A standby is silent whichever way a packet would leave: forwarded, from the
# node itself, behind SNAT and masquerading, in GRE, VTI and XFRM interfaces,
# through bundles of several SAs; IPv4 and IPv6. First its SAs and policies are
# staged, then an IKE daemon has installed them on the standby as well. Each
# way is seen to work without the module, in the clear, and by ESP once the
# node is active. Then HSRP, channel and management under policies for 0/0, and
# the same for IPv6 under ::/0: neighbour discovery and what is link-local, too.
#
# The VIPs are on the standby, too (on lo, not answered for): what stops
# packets is the gate, and not that an address is missing.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"
# shellcheck source=selftests/lib/gate.sh
. "$LIB/gate.sh"
MAC_KEY=0x303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f

# Each way has a number; below 50 it is IPv4. Its packets go to an address of
# its own, by an SA of its own.
FWD="11 61" LOCAL="12 62" SNAT="13 63" MASQ="14 64" GRE="15 65" VTI="16 66"
XFRMI="17 67" BUNDLE="18 68" NEST="19 69" SIX_IN_FOUR=70
declare -A NAME=([11]="forwarded" [12]="the node's own" [13]="SNAT"
	[14]="masqueraded" [15]="GRE, transport mode" [16]="VTI"
	[17]="XFRM interface" [18]="ESP in AH"
	[19]="a VIP's tunnel around another")
declare -A KIND=([14]=masq [64]=masq [15]=gre [65]=gre [16]=vti [66]=vti
	[17]=xfrmi [67]=xfrmi [18]=bundle [68]=bundle [19]=nest [69]=nest)
NESTED=		# until there is a policy, which no group has
ALL="$FWD $LOCAL $SNAT $MASQ $GRE $VTI $XFRMI $BUNDLE $NEST $SIX_IN_FOUR"

name() {	# N
	if [ "$1" = $SIX_IN_FOUR ]; then
		echo "IPv6 in IPv4"
	elif four "$1"; then
		echo "IPv4, ${NAME[$1]}"
	else
		echo "IPv6, ${NAME[$(($1 - 50))]}"
	fi
}
spi() { echo $((0x1000 + $1)); }

# ---- SAs and policies ----

sa() {	# NS N MODE ARGUMENT...
	local src=$VIP_OUT dst=$PEER
	[ "$2" -lt 50 ] || [ "$2" = $SIX_IN_FOUR ] || { src=$VIP6 dst=$PEER6; }
	ip -n "$1" xfrm state add src $src dst $dst proto esp spi "$(spi "$2")" \
		reqid "$2" mode "$3" "${@:4}" aead 'rfc4106(gcm(aes))' $KEY 128
}

sa_ah() {	# NS N
	# shellcheck disable=SC2046 # no blanks
	ip -n "$1" xfrm state add src $(by_family "$2" $VIP_OUT $VIP6) \
		dst $(by_family "$2" $PEER $PEER6) proto ah spi $((0x2000 + $2)) \
		reqid "$2" mode transport auth-trunc 'hmac(sha256)' $MAC_KEY 128
}

tmpl() {	# N MODE PROTO
	if four "$1" || [ "$1" = $SIX_IN_FOUR ]; then
		echo "tmpl src $VIP_OUT dst $PEER proto $3 reqid $1 mode $2"
	else
		echo "tmpl src $VIP6 dst $PEER6 proto $3 reqid $1 mode $2"
	fi
}

pol() {	# NS SRC DST ARGUMENT...
	ip -n "$1" xfrm policy add src "$2" dst "$3" dir out "${@:4}"
}

# shellcheck disable=SC2046,SC2086 # words
install_way() {	# NS N
	local n=$2 src any
	src=$(by_family $n 10.1.0.0/24 fd01::/64)
	any=$(by_family $n 0.0.0.0/0 ::/0)
	case ${KIND[$n]:-plain} in
	gre)
		sa $1 $n transport && ip -n $1 xfrm policy add \
			src $(by_family $n $VIP_OUT/32 $VIP6/128) \
			dst $(by_family $n $PEER/32 $PEER6/128) proto gre \
			dir out $(tmpl $n transport esp) ;;
	vti)
		sa $1 $n tunnel && pol $1 $any $any mark $n $(tmpl $n tunnel esp) ;;
	xfrmi)
		sa $1 $n tunnel if_id $n &&
			pol $1 $any $any if_id $n $(tmpl $n tunnel esp) ;;
	bundle)
		sa $1 $n tunnel && sa_ah $1 $n &&
			pol $1 $src "$(net $n)" $(tmpl $n tunnel esp) \
				$(tmpl $n transport ah) ;;
	nest)	# the policy is of no group, see nest()
		sa $1 $n tunnel ;;
	masq)
		src=$(by_family $n 192.0.2.0/24 fd00::/64)
		sa $1 $n tunnel && pol $1 $src "$(net $n)" $(tmpl $n tunnel esp) ;;
	plain)
		sa $1 $n tunnel flag af-unspec &&
			pol $1 $src "$(net $n)" $(tmpl $n tunnel esp) ;;
	esac
}

install() {	# NS
	local n
	for n in $ALL; do
		install_way "$1" "$n" || { log "$(name "$n")"; return 1; }
	done
	for n in $FWD; do
		# shellcheck disable=SC2046 # words
		ip -n "$1" xfrm policy add src "$(net "$n")" \
			dst "$(by_family "$n" 10.1.0.0/24 fd01::/64)" dir fwd \
			tmpl src $(by_family "$n" $PEER $PEER6) \
			dst $(by_family "$n" $VIP_OUT $VIP6) proto esp \
			reqid "$n" mode tunnel || return
	done
}

# A tunnel between own addresses, inside one of the VIP.
# shellcheck disable=SC2046 # words
nest() {	# NS
	local n own far
	for n in $NEST; do
		own=$(by_family "$n" "${OUT_ADDR[$1]}" fd00::3)
		far=$(by_family "$n" 192.0.2.20 fd00::20)
		ip -n "$1" xfrm state add src "$own" dst "$far" proto esp \
			spi $((0x3000 + n)) reqid $((200 + n)) mode tunnel \
			aead 'rfc4106(gcm(aes))' $KEY 128 &&
			pol "$1" "$(by_family "$n" 10.1.0.0/24 fd01::/64)" "$(net "$n")" \
			tmpl src "$own" dst "$far" proto esp reqid $((200 + n)) mode tunnel \
			$(tmpl "$n" tunnel esp) || return
	done
}

# ---- the ways ----

modules() {
	local m
	for m in ip_gre ip6_gre ip_vti ip6_vti xfrm_interface ah4 ah6 esp6 \
		nf_tables nft_chain_nat nft_nat nft_masq; do
		modprobe -q $m || :
	done
}

devices() {	# NS
	ip -n "$1" link add g4 type gre local $VIP_OUT remote $PEER ttl 64 &&
		ip -n "$1" link add g6 type ip6gre local $VIP6 remote $PEER6 \
			encaplimit none &&
		ip -n "$1" link add v4 type vti local $VIP_OUT remote $PEER key 16 &&
		ip -n "$1" link add v6 type vti6 local $VIP6 remote $PEER6 key 66 &&
		ip -n "$1" link add x4 type xfrm dev out if_id 17 &&
		ip -n "$1" link add x6 type xfrm dev out if_id 67
}

device_routes() {	# NS
	local way dev
	for way in g4:15 g6:65 v4:16 v6:66 x4:17 x6:67; do
		dev=${way%:*}
		ip -n "$1" link set "$dev" up &&
			ip -n "$1" route add "$(net "${way#*:}")" dev "$dev" || return
	done
	ip -n "$1" route add 10.2.0.0/16 via $PEER dev out &&
		ip -n "$1" route add 2001:db8::/32 via $PEER6 dev out
}

nat() {	# NS
	in_ns "$1" nft -f - <<-RULES
	table inet t {
		chain c {
			type nat hook postrouting priority srcnat
			ip daddr $(net 13) snat ip to ${IN_ADDR[$1]}
			ip6 daddr $(net 63) snat ip6 to fd01::3
			ip daddr $(net 14) masquerade
			ip6 daddr $(net 64) masquerade
		}
	}
	RULES
}

ends() {
	ns_v6 peer 0
	ns_v6 host 0
	ns_addr6 peer out $PEER6/64
	ns_addr6 peer prot "$(addr 61)/128"
	ip -n peer addr add "$(addr 11)/32" dev prot
	ip -n peer route add $HOST_IN via "${OUT_ADDR[gwb]}"
	ip -n peer route add fd01::/64 via fd00::3
	ns_addr6 host in fd01::10/64
	ns_addr6 host in fd03::10/128
	ip -n host addr add 10.3.0.10/32 dev in
	ip -n host route add 10.2.0.0/16 via "${IN_ADDR[gwb]}"
	ip -n host route add 2001:db8::/32 via fd01::3
}

# ---- packets ----

# shellcheck disable=SC2046,SC2086 # lists
probes() {
	probe p-host host "$HOST_IN fd01::10" $(addrs $FWD $GRE $VTI $XFRMI $BUNDLE $NESTED $SIX_IN_FOUR)
	probe p-nat host "10.3.0.10 fd03::10" $(addrs $SNAT $MASQ)
	probe p-gw gwb "${IN_ADDR[gwb]} fd01::3" $(addrs $LOCAL)
	probe p-back peer "$(addr 11) $(addr 61)" $HOST_IN fd01::10
}

# Each probe makes N tries, under a capture.
watched() {	# N
	local name
	capture_start || bail "capture"
	probes
	for name in p-host p-nat p-gw p-back; do
		wait_for 60 tried $name "$1" || bail "probes: $(cat "$XT/$name.log")"
	done
	for name in p-host p-nat p-gw p-back; do
		stop $name
	done
	capture_stop || bail "the capture is complete"
}

IN_GRE="ip proto 47 or ip6 proto 47"
silent() {	# WHEN
	same "$1: no ESP, AH or GRE leaves" \
		"$(count outlan "$IPSEC or $IN_GRE") $(count inlan "$IPSEC or $IN_GRE")" "0 0"
	same "$1: nothing in the clear towards the protected networks" \
		"$(count outlan 'dst net 10.2.0.0/16') $(count outlan 'dst net 2001:db8::/32')" "0 0"
	same "$1: nor from them" \
		"$(count inlan 'src net 10.2.0.0/16') $(count inlan 'src net 2001:db8::/32')" "0 0"
	same "$1: nothing that names a VIP as its source" \
		"$(count outlan "src host $VIP_OUT or src host $VIP6")" 0
	same "$1: no ACQUIRE, no larval SA" \
		"$(acquires gwb) $(larval_count gwb)" "0 0"
}

leaves_in_clear() {
	local n
	for n in $FWD $LOCAL $SNAT $MASQ; do
		check "without the module: $(name "$n") leaves in the clear" \
			some outlan "dst host $(addr "$n")"
	done
	check "and GRE, IPv4" some outlan "ip proto 47"
	check "and GRE, IPv6" some outlan "ip6 proto 47"
	check "what comes back, IPv4" some inlan "src host $(addr 11)"
	check "what comes back, IPv6" some inlan "src host $(addr 61)"
}

leaves_by_esp() {
	local n
	for n in $ALL; do
		check "active: $(name "$n") leaves by its SA" \
			[ "$(packets_of "$(spi "$n")")" -gt 0 ]
	done
	same "and nothing in the clear" \
		"$(count outlan 'dst net 10.2.0.0/16') $(count outlan 'dst net 2001:db8::/32')" "0 0"
	check "ESP in AH leaves as AH" some outlan "ip proto 51"
	check "IPv6, too" some outlan "ip6 proto 51"
}

all_ways() {
	local sas=21
	modules
	both_on gwa 2
	both_on gwb 3
	ends
	devices gwb && device_routes gwb && nat gwb || bail "the ways out of B"
	watched 10
	leaves_in_clear

	module_load || bail "the module loads"
	node gwa && node gwb || bail "both nodes are configured"
	in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
		bail "A is active, B standby"
	install gwa || bail "SAs and policies on A"
	same "A has all its SAs" "$(sa_spis gwa | wc -l)" $sas
	wait_for 60 hot_with gwb $sas || bail "B is hot with all: $(gw_json gwb)"
	acquire_watch
	watched 20
	silent "staged"
	install gwb && nest gwb || bail "SAs and policies on B, too"
	NESTED=$NEST
	watched 20
	silent "installed on the standby"
	check "B is hot all the same" hot_with gwb $sas

	in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active ||
		bail "B takes over"
	watched 10
	leaves_by_esp
}

# ---- selectors as wide as 0/0 ----

# What an operator keeps in the clear on either node, below any such policy
bypass() {	# NS
	local dir net
	for dir in in out; do
		for net in 192.0.2.0/24 10.1.0.0/24 10.9.0.0/24; do
			ip -n "$1" xfrm policy add src $net dst $net dir $dir \
				action allow priority 10 || return
		done
		ip -n "$1" xfrm policy add src 0.0.0.0/0 dst 224.0.0.0/4 \
			dir $dir action allow priority 10 || return
	done
}

everything() {	# NS
	local dir src=$PEER dst=$VIP_OUT
	manual_sa "$1" $VIP_OUT $PEER 0x1001 &&
		manual_sa "$1" $PEER $VIP_OUT 0x1002 || return
	for dir in in fwd out; do
		[ $dir != out ] || read -r src dst <<<"$dst $src"
		ip -n "$1" xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 dir $dir \
			priority 1000 tmpl src $src dst $dst proto esp reqid 1 \
			mode tunnel || return
	done
}

heard_more() { [ "$(heard "$1")" -ge "$2" ]; }
hears() {	# NS N: hellos on each LAN from now on
	local n
	n=$(heard "$1")
	wait_for 30 heard_more "$1" $((n + $2))
}
channel_down() { ! channel_up gwb; }
paired() { is_active "$1" && hot_with "$(gw_other "$1")" 2; }

# A session that is opened and answered, as ssh's would be
connects() {	# FROM TO-ADDRESS
	[ "$(in_ns "$1" socat -T 10 - "TCP:$(bracketed "$2"):2222,connect-timeout=20" <<<hello)" = hello ]
}

wide() {
	local ns was
	module_load || bail "the module loads"
	stop acquire-gwa
	stop acquire-gwb
	gateways_anew || bail "new gateways"
	ip -n peer route del $HOST_IN 2>/dev/null
	for ns in gwa gwb; do
		bypass $ns || bail "bypass policies"
		start "echo-$ns" $ns socat TCP-LISTEN:2222,fork,reuseaddr EXEC:cat
	done
	start echo-host host socat TCP-LISTEN:2222,fork,reuseaddr EXEC:cat
	gw_start gwa || bail "xhad starts on A"
	wait_for 20 is_active gwa || bail "A becomes active"
	everything gwa || bail "policies for everything on A"
	gw_start gwb || bail "xhad starts on B"
	check "under 0/0 B becomes hot standby" wait_for 60 paired gwa
	was=$(role_of gwa)
	acquire_watch
	capture_start || bail "capture"
	ip -n gwb route add default via $PEER dev out
	ip -n host route replace 10.2.0.0/16 via "${IN_ADDR[gwb]}"
	ip -n host route replace 198.51.100.0/24 via "${IN_ADDR[gwb]}"
	probe p-host host $HOST_IN 198.51.100.9 10.2.11.9
	probe p-gw gwb "${IN_ADDR[gwb]}" 198.51.100.9 10.2.11.9
	check "under 0/0 A hears B on both LANs" hears gwa 10
	check "and B hears A" hears gwb 10
	same "no role moves" "$(role_of gwa)" "$was"
	for ns in host:${IN_ADDR[gwb]} peer:${OUT_ADDR[gwb]} gwb:$HOST_IN \
		host:${IN_ADDR[gwa]}; do
		check "a session from ${ns%%:*} to ${ns#*:}" connects "${ns%%:*}" "${ns#*:}"
	done
	same "the channel carries requests" "$(xha_on gwb verify)" "ha: equal"
	link_down gwb synclan
	wait_for 30 channel_down || bail "the channel is cut"
	link_up gwb synclan
	check "and comes up again" wait_for 60 paired gwa
	for ns in p-host p-gw; do
		wait_for 60 tried $ns 20 || bail "probes: $(cat "$XT/$ns.log")"
		stop $ns
	done
	check "the capture is complete" capture_stop
	same "what 0/0 protects does not leave B, by ESP or in the clear" \
		"$(count outlan "$IPSEC") $(count outlan 'dst net 198.51.100.0/24 or dst net 10.2.0.0/16')" "0 0"
	same "no ACQUIRE, no larval SA" "$(acquires gwb) $(larval_count gwb)" "0 0"
	xha_on gwa switchover >"$XT/switch.log" 2>&1 ||
		bail "switchover: $(cat "$XT/switch.log")"
	check "B takes over, A is hot standby under 0/0" wait_for 60 paired gwb
	check "B hears A" hears gwb 5
	check "A hears B" hears gwa 5
	check "a session from host to A" connects host "${IN_ADDR[gwa]}"
}

# ---- selectors as wide as ::/0 ----

HOST6=fd01::10 ELSEWHERE6="2001:db8:98::9 2001:db8:61::9"
FAR6="dst net 2001:db8::/32"

# Neighbour discovery asks the SPD, too, so the operator has to keep it.
bypass6() {	# NS
	local dir net
	for dir in in out; do
		for net in fd00::/64 fd01::/64 fd09::/64; do
			ip -n "$1" xfrm policy add src $net dst $net dir $dir \
				action allow priority 10 || return
		done
		for net in fe80::/10 ff02::/16; do
			ip -n "$1" xfrm policy add src ::/0 dst $net dir $dir \
				action allow priority 10 || return
		done
		ip -n "$1" xfrm policy add src fe80::/10 dst ::/0 dir $dir \
			action allow priority 10 || return
	done
}

everything6() {	# NS
	local dir src=$PEER6 dst=$VIP6
	manual_sa "$1" $VIP6 $PEER6 0x1001 &&
		manual_sa "$1" $PEER6 $VIP6 0x1002 || return
	for dir in in fwd out; do
		[ $dir != out ] || read -r src dst <<<"$dst $src"
		ip -n "$1" xfrm policy add src ::/0 dst ::/0 dir $dir \
			priority 1000 tmpl src $src dst $dst proto esp reqid 1 \
			mode tunnel || return
	done
}

# Elections of IPv6; a VIP of IPv4 beside them (is_active)
conf6() {	# NS
	channel_conf "$1"
	cat >>"$XT/$1/xhad.conf" <<-CONF
	group ha {
		id = 1
		helper-grace = 60
		standby outside {
			interface = out
			number = 1
			ip = {"$VIP6/64", $VIP_OUT/24}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
		standby inside {
			interface = in
			number = 2
			ip = {"fd01::1/64"}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
	}
	CONF
}

gateway6() {	# NS LAST
	local dev
	for dev in out in sync; do
		ns_sysctl "$1" net.ipv6.conf.$dev.accept_dad=0
	done
	gw_v6 "$1" "$2"
	ns_addr6 "$1" sync "fd09::$(($2 - 1))/64"
	conf6 "$1"
	bypass6 "$1" || bail "bypass policies"
	start "echo6-$1" "$1" socat TCP6-LISTEN:2222,fork,reuseaddr EXEC:cat
}

ends6() {
	ns_v6 peer 0
	ns_v6 host 0
	ns_addr6 peer out $PEER6/64 2>/dev/null
	ns_addr6 host in $HOST6/64 2>/dev/null
	ip -n host route replace 2001:db8::/32 via fd01::3
	ip -n gwb route add default via $PEER6 dev out
	start echo6-host host socat TCP6-LISTEN:2222,fork,reuseaddr EXEC:cat
}

neighbours_anew() {
	local ns
	for ns in gwb host peer; do
		ip -n $ns -6 neigh flush all
	done
}
link_local_of() {	# NS DEV
	ip -n "$1" -o addr show dev "$2" scope link |
		awk '{ sub(/\/.*/, "", $4); print $4; exit }'
}
pings_link_local() {	# FROM DEV TO DEV
	in_ns "$1" ping -q -c 2 -W 5 "$(link_local_of "$3" "$4")%$2" >"$XT/ping.log"
}

# Neighbours are found, and spoken to, on all LANs of a standby.
management6() {
	local pair
	neighbours_anew
	for pair in host:fd01::3 peer:fd00::3 gwb:$HOST6 gwb:$PEER6 gwb:fd09::1 \
		host:fd01::2; do
		[ ${pair%%:*} != gwb ] || neighbours_anew
		case $pair in
		gwb:fd09::1|gwb:"$PEER6")
			check "B pings ${pair#*:}" in_ns gwb ping -q -c 2 -W 5 "${pair#*:}" ;;
		*)	check "a session from ${pair%%:*} to ${pair#*:}" \
				connects "${pair%%:*}" "${pair#*:}" ;;
		esac
	done
	check "host reaches B's link-local address" pings_link_local host in gwb in
	check "B reaches the peer's" pings_link_local gwb out peer out
}

probes6() {	# N
	local name
	# shellcheck disable=SC2086 # a list
	probe p-host6 host $HOST6 $ELSEWHERE6
	# shellcheck disable=SC2086
	probe p-gw6 gwb fd01::3 $ELSEWHERE6
	for name in p-host6 p-gw6; do
		wait_for 60 tried $name "$1" || bail "probes: $(cat "$XT/$name.log")"
	done
}
probes6_stop() { stop p-host6; stop p-gw6; }

pair6() {
	local name
	stop acquire-gwa
	stop acquire-gwb
	gateways_anew || bail "new gateways"
	for name in gwa:2 gwb:3; do
		gateway6 ${name%:*} ${name#*:}
	done
	ends6
	capture_start || bail "capture"
	probes6 10
	probes6_stop
	capture_stop || bail "the capture is complete"
	check "without a group the same leaves in the clear" some outlan "$FAR6"
	module_load || bail "the module loads"
	gw_start gwa || bail "xhad starts on A"
	wait_for 20 is_active gwa || bail "A becomes active"
	everything6 gwa || bail "policies for everything on A"
	gw_start gwb || bail "xhad starts on B"
	check "under ::/0 B becomes hot standby" wait_for 60 paired gwa
}

standby6() {
	local lan
	check "under ::/0 A hears B on both LANs" hears gwa 10
	check "and B hears A" hears gwb 10
	management6
	same "the channel carries requests" "$(xha_on gwb verify)" "ha: equal"
	link_down gwb synclan
	wait_for 30 channel_down || bail "the channel is cut"
	link_up gwb synclan
	check "and comes up again" wait_for 60 paired gwa
	check "the capture is complete" capture_stop
	for lan in outlan inlan; do
		check "B sent HSRP for IPv6 on $lan" some $lan "udp dst port 2029"
		check "and neighbour solicitations" some $lan "icmp6 and ip6[40] == 135"
		check "and advertisements" some $lan "icmp6 and ip6[40] == 136"
	done
	same "what ::/0 protects does not leave B, by ESP or in the clear" \
		"$(count outlan "$IPSEC") $(count outlan "$FAR6")" "0 0"
	same "no ACQUIRE, no larval SA" "$(acquires gwb) $(larval_count gwb)" "0 0"
}

wide6() {
	local was
	pair6
	was=$(role_of gwa)
	acquire_watch
	capture_start || bail "capture"
	probes6 20
	standby6
	same "no role moved" "$(role_of gwa)" "$was"
	xha_on gwa switchover >"$XT/switch.log" 2>&1 ||
		bail "switchover: $(cat "$XT/switch.log")"
	check "B takes over, A is hot standby under ::/0" wait_for 60 paired gwb
	probes6_stop
	capture_start || bail "capture"
	probes6 10
	probes6_stop
	check "the capture is complete" capture_stop
	check "what ::/0 protects leaves B by ESP now" some outlan "ip6 proto 50"
	same "and not in the clear" "$(count outlan "$FAR6")" 0
	check "B hears A" hears gwb 5
	check "A hears B" hears gwa 5
	check "a session from host to A" connects host fd01::2
}

ktap_plan
topo_up
for part in ${XHA_PARTS:-all_ways wide wide6}; do
	$part
done
ktap_end
