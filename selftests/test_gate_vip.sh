#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 900
# held: takes long; TESTS=gate_vip runs it
#
# A standby answers nothing for a VIP, whether it has the address (on lo; on the
# LAN's interface, as where keepalived moves VIPs) or not: no ping, from either
# LAN, no UDP to ports 500 and 4500, no TCP, no ESP, no neighbour solicitation,
# no ARP; IPv4 and IPv6. Nobody on it hears of it either, and it sends nothing
# on. The same is seen to be answered, or sent on, without the module, and
# answered once the node is active. Part queued, which test_gate_neigh.sh runs:
# what waits for a neighbour's address when the role goes does not leave later.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/gate.sh
. "$LIB/gate.sh"

MAC=${OUT_MAC[gwb]}
HERE6=fd01::10 THERE6=2001:db8:2::10
declare -A SPI=([out4]=0x1001 [in4]=0x1002 [out6]=0x1003 [in6]=0x1004)
NA_VIP="icmp6 and ip6[40] == 136 and ip6[48:4] == 0xfd000000 and ip6[52:4] == 0 and ip6[56:4] == 0 and ip6[60:4] == 1"
NS_VIP=${NA_VIP/136/135}
ARP_REPLY="arp[6:2] == 2 and arp[14:4] == 0xc0000201"
ERRORS="icmp[0] == 3 or icmp[0] == 5 or icmp[0] == 11 or (icmp6 and (ip6[40] < 5 or ip6[40] == 137))"

# What the peer asks B, and what B answers: name | LAN | filter
QUESTIONS="echo request, IPv4|outlan|icmp[0] == 8 and dst host $VIP_OUT
echo request, IPv6|outlan|icmp6 and ip6[40] == 128 and dst host $VIP6
UDP 4500, IPv4|outlan|udp dst port 4500 and dst host $VIP_OUT
UDP 4500, IPv6|outlan|udp dst port 4500 and dst host $VIP6
UDP 500, IPv4|outlan|udp dst port 500 and dst host $VIP_OUT
UDP 500, IPv6|outlan|udp dst port 500 and dst host $VIP6
TCP, IPv4|outlan|tcp and dst host $VIP_OUT
TCP, IPv6|outlan|ip6 proto 6 and dst host $VIP6
neighbour solicitation|outlan|$NS_VIP
ARP request|outlan|arp[6:2] == 1 and arp[24:4] == 0xc0000201"
ESP_QUESTIONS="ESP, IPv4|outlan|ip proto 50 and dst host $VIP_OUT
ESP, IPv6|outlan|ip6 proto 50 and dst host $VIP6"
ANSWERS="echo reply, IPv4|outlan|icmp[0] == 0 and src host $VIP_OUT
echo reply, IPv6|outlan|icmp6 and ip6[40] == 129 and src host $VIP6
echo reply inside, IPv4|inlan|icmp[0] == 0 and src host $VIP_OUT
echo reply inside, IPv6|inlan|icmp6 and ip6[40] == 129 and src host $VIP6
UDP from port 4500, IPv4|outlan|udp src port 4500 and src host $VIP_OUT
UDP from port 4500, IPv6|outlan|udp src port 4500 and src host $VIP6
UDP from port 500, whatever address, IPv4|outlan|ip and udp src port 500
UDP from port 500, whatever address, IPv6|outlan|ip6 and udp src port 500
TCP, IPv4|outlan|tcp and src host $VIP_OUT
TCP, IPv6|outlan|ip6 proto 6 and src host $VIP6"
ADVERT="neighbour advertisement|outlan|$NA_VIP
ARP reply|outlan|$ARP_REPLY"
ESP_ANSWERS="ESP, IPv4|outlan|ip proto 50 and src host $VIP_OUT
ESP, IPv6|outlan|ip6 proto 50 and src host $VIP6
what came by ESP, IPv4|inlan|src net 10.2.0.0/24
what came by ESP, IPv6|inlan|src net 2001:db8:2::/64"
SENT_ON="sent on, IPv4|outlan|dst host $VIP_OUT
sent on, IPv6|outlan|dst host $VIP6"
FROM_VIP="(ip and src host $VIP_OUT) or (ip6 and src host $VIP6) or arp[14:4] == 0xc0000201"
ANYTHING="from a VIP|outlan|$FROM_VIP
from a VIP, inside|inlan|$FROM_VIP
an ICMP error|outlan|$ERRORS
an ICMP error, inside|inlan|$ERRORS"

# ---- the topology ----

vips_of() {	# NS lo|lan|none
	local dev=out v4=24 v6=64
	ip -n "$1" addr flush dev lo scope global
	ip -n "$1" addr del $VIP_OUT/24 dev out 2>/dev/null
	ip -n "$1" addr del $VIP6/64 dev out 2>/dev/null
	ip -n "$1" neigh flush all
	case $2 in
	none)	return 0 ;;
	lo)	dev=lo v4=32 v6=128 ;;
	esac
	ip -n "$1" addr add $VIP_OUT/$v4 dev $dev && ns_addr6 "$1" $dev $VIP6/$v6
}

ends() {
	gw_v6 gwa 2
	gw_v6 gwb 3
	ns_v6 peer 0
	ns_v6 host 0
	ns_sysctl gwb net.ipv4.conf.all.arp_ignore=1 net.ipv4.ip_nonlocal_bind=1 \
		net.ipv6.ip_nonlocal_bind=1
	ns_addr6 peer out $PEER6/64
	ns_addr6 peer prot $THERE6/128
	ns_addr6 host in $HERE6/64
	ip -n peer route add fd01::/64 via $VIP6
	ip -n gwb route add 2001:db8:2::/64 via $PEER6 dev out
	ip -n host route add $VIP_OUT via "${IN_ADDR[gwb]}"
	ip -n host route replace 10.2.0.0/24 via "${IN_ADDR[gwb]}" mtu 1400
	ip -n host route add fd00::/64 via fd01::3
	ip -n host route add 2001:db8:2::/64 via fd01::3
	start echo gwb "$LIB/echo.py" $VIP_OUT 4500 $VIP6 4500 0.0.0.0 500 :: 500
	wait_for 20 grep -q ready "$XT/echo.log"
}

sa() {	# NS SRC DST SPI
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 \
		mode tunnel replay-window 64 aead 'rfc4106(gcm(aes))' $KEY 128
}
sas() {	# NS
	sa "$1" $VIP_OUT $PEER ${SPI[out4]} && sa "$1" $PEER $VIP_OUT ${SPI[in4]} &&
		sa "$1" $VIP6 $PEER6 ${SPI[out6]} && sa "$1" $PEER6 $VIP6 ${SPI[in6]}
}
policy() {	# NS DIR SRC DST FROM TO
	ip -n "$1" xfrm policy add dir "$2" src "$3" dst "$4" \
		tmpl src "$5" dst "$6" proto esp reqid 1 mode tunnel
}
at_gateway() {	# NS
	local dir
	sas "$1" && policy "$1" out 10.1.0.0/24 10.2.0.0/24 $VIP_OUT $PEER &&
		policy "$1" out fd01::/64 2001:db8:2::/64 $VIP6 $PEER6 || return
	for dir in in fwd; do
		policy "$1" $dir 10.2.0.0/24 10.1.0.0/24 $PEER $VIP_OUT &&
			policy "$1" $dir 2001:db8:2::/64 fd01::/64 $PEER6 $VIP6 ||
			return
	done
}
at_peer() {
	sas peer && policy peer out 10.2.0.0/24 10.1.0.0/24 $PEER $VIP_OUT &&
		policy peer out 2001:db8:2::/64 fd01::/64 $PEER6 $VIP6 &&
		policy peer in 10.1.0.0/24 10.2.0.0/24 $VIP_OUT $PEER &&
		policy peer in fd01::/64 2001:db8:2::/64 $VIP6 $PEER6
}

# ---- questions ----

neigh() { ip -n peer neigh replace "$1" lladdr "$MAC" nud "$2" dev out; }
decided() { ! ip -n peer neigh show "$1" dev out | grep -q PROBE; }

# Each asked for by unicast, then by broadcast or multicast
ask_neighbour() {
	local vip
	for vip in $VIP_OUT $VIP6; do
		neigh $vip probe && wait_for 20 decided $vip
	done
	in_ns peer arping -q -c 2 -w 3 -I out $VIP_OUT
	ip -n peer neigh del $VIP6 dev out
	in_ns peer ping -q -c 1 -W 1 $VIP6
	neigh $VIP_OUT permanent && neigh $VIP6 permanent
}

pings() {	# NS SOURCE ADDRESS
	in_ns "$1" ping -q -c 4 -i 0.2 -W 1 -I "$2" "$3"
}
ask() {	# NAME: and by ESP where the peer has SAs
	local vip port
	: >"$XT/echo.log"
	ECHOS=$(echos)
	ask_neighbour
	for vip in $VIP_OUT $VIP6; do
		for port in 500 4500; do
			probe "udp-$port-$vip" peer "" --port=$port $vip
		done
		in_ns peer socat -u OPEN:/dev/null \
			"TCP:$(bracketed $vip):2222,connect-timeout=1"
	done 2>>"$XT/tcp.log"
	pings peer $PEER $VIP_OUT
	pings peer $PEER6 $VIP6
	pings host $HOST_IN $VIP_OUT
	pings host $HERE6 $VIP6
	[ "$1" = clear ] || {
		pings peer $HOST_OUT $HOST_IN
		pings peer $THERE6 $HERE6
	}
	for vip in $VIP_OUT $VIP6; do
		for port in 500 4500; do
			wait_for 20 tried "udp-$port-$vip" 5
			stop "udp-$port-$vip"
		done
	done
}

asked() {	# clear|...: under a capture
	capture_start || bail "capture"
	ask "$1" >"$XT/ask.log" 2>&1
	capture_stop || bail "the capture is complete"
	grep -q '4 packets transmitted' "$XT/ask.log" || bail "$(cat "$XT/ask.log")"
}

# ---- what is to be seen ----

# Echo requests the kernel of B took, of both families
echos() {
	in_ns gwb nstat -asz IcmpInEchos Icmp6InEchos |
		awk '/InEchos/ { n += $2 } END { print n }'
}
by_sa() { echo $(($(packets_of ${SPI[in4]}) + $(packets_of ${SPI[in6]}))); }
heard_by_echo() { grep -c '^[0-9]' "$XT/echo.log"; }

each() {	# FUNCTION WHEN LIST: of its lines
	local name lan filter
	while IFS='|' read -r name lan filter; do
		$1 "$2" "$name" "$lan" "$filter"
	done <<<"$3"
}
was_sent() { check "$1: the peer asks: $2" some "$3" "ether dst $MAC and ($4)" peer; }
is_seen() { check "$1: B: $2" some "$3" "$4"; }
is_not_seen() { same "$1: not by B: $2" "$(count "$3" "$4")" 0; }

silent() {	# WHEN
	each was_sent "$1" "$QUESTIONS"$'\n'"$ESP_QUESTIONS"
	each is_not_seen "$1" "$ANSWERS"$'\n'"$ADVERT"$'\n'"$ESP_ANSWERS"
	each is_not_seen "$1" "$SENT_ON"$'\n'"$ANYTHING"
	same "$1: its kernel takes no echo request" $(($(echos) - ECHOS)) 0
	same "$1: who listens there hears nothing" "$(heard_by_echo)" 0
}

# ---- the parts ----

without_module() {
	vips_of gwb none
	asked clear
	each was_sent "no module, no VIP" "$QUESTIONS"
	each is_seen "no module, no VIP" "$SENT_ON"
	vips_of gwb lo || bail "VIPs on B's lo"
	asked clear
	each is_seen "no module, VIPs on lo" "$ANSWERS"
	vips_of gwb lan || bail "VIPs on B's LAN"
	asked clear
	each is_seen "no module, VIPs on the LAN" "$ANSWERS"$'\n'"$ADVERT"
	check "and who listens hears it" [ "$(heard_by_echo)" -gt 0 ]
	check "and the kernel took echo requests" [ $(($(echos) - ECHOS)) -gt 0 ]
}

roles() {
	module_load || bail "the module loads"
	node gwa && node gwb || bail "both nodes are configured"
	in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
		bail "A is active, B standby"
	at_gateway gwa && at_peer || bail "SAs and policies on A"
	wait_for 60 hot_with gwb 4 || bail "B is hot with all: $(gw_json gwb)"
}

standby() {
	vips_of gwb none
	asked standby
	silent "standby, no VIP"
	vips_of gwb lo || bail "VIPs on B's lo"
	asked standby
	silent "standby, VIPs on lo"
	vips_of gwb lan || bail "VIPs on B's LAN"
	at_gateway gwb || bail "SAs and policies on B, too"
	asked standby
	silent "standby, VIPs on the LAN, SAs installed"
	same "and no SA takes anything" "$(by_sa)" 0
}

active() {
	in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active ||
		bail "B takes over"
	vips_of gwb lan || bail "VIPs on B's LAN"
	asked active
	each is_seen "active" "$ANSWERS"$'\n'"$ADVERT"$'\n'"$ESP_ANSWERS"
	check "and by its SAs" [ "$(by_sa)" -gt 0 ]
	check "who listens hears it" [ "$(heard_by_echo)" -gt 0 ]
}

# ---- what waits for the peer's address ----

unresolved() { ip -n gwa neigh show "$1" dev out | grep -q INCOMPLETE; }
resolved() { ip -n gwa neigh show "$1" dev out | grep -qE 'REACHABLE|STALE|DELAY|PROBE'; }

# A is active, its peer does not answer
queue_at_gwa() {
	ip -n host route replace 10.2.0.0/24 via "${IN_ADDR[gwa]}" &&
		ip -n host route replace 2001:db8:2::/64 via fd01::2 || return
	# for as long as all this takes
	ns_sysctl gwa net.ipv4.neigh.out.mcast_solicit=250 \
		net.ipv6.neigh.out.mcast_solicit=250
	link_down peer outlan
	ip -n gwa neigh flush dev out
	in_ns host ping -q -c 4 -i 0.2 -W 1 -I $HOST_IN $HOST_OUT >/dev/null
	in_ns host ping -q -c 4 -i 0.2 -W 1 -I $HERE6 $THERE6 >/dev/null
	unresolved $PEER && unresolved $PEER6
}

# waits_silently WHEN COMMAND...: the command takes the role from A
waits_silently() {
	local when=$1 filter="ether src ${OUT_MAC[gwa]}"
	shift
	check "$when: packets of A wait for the peer's address" queue_at_gwa
	capture_start || bail "capture"
	check "$when: A gives up the role" "$@"
	# as the helper does; the kernel asks with an address of its own then
	ip -n gwa addr del $VIP_OUT/24 dev out
	ip -n gwa addr del $VIP6/64 dev out
	same "$when: A still asks for the peer's address" \
		"$(unresolved $PEER && unresolved $PEER6; echo $?)" 0
	link_up peer outlan
	check "$when: the peer answers, IPv4" wait_for 30 resolved $PEER
	check "$when: the peer answers, IPv6" wait_for 30 resolved $PEER6
	in_ns gwa ping -q -c 1 -W 5 -I "${OUT_ADDR[gwa]}" $PEER >/dev/null
	in_ns gwa ping -q -c 1 -W 5 -I fd00::2 $PEER6 >/dev/null
	capture_stop || bail "the capture is complete"
	check "$when: packets of its own address leave, IPv4" \
		some outlan "$filter and icmp[0] == 8" gwa
	check "$when: packets of its own address leave, IPv6" \
		some outlan "$filter and icmp6 and ip6[40] == 128" gwa
	same "$when: nothing of what waited leaves, IPv4" \
		"$(count outlan "$filter and ip and ($IPSEC)" gwa)" 0
	same "$when: nothing of what waited leaves, IPv6" \
		"$(count outlan "$filter and ip6 and ($IPSEC)" gwa)" 0
}

# A is in FORWARD then for as long as this takes
handed_over() {
	nodes_give gwa gwb &&
		wait_for 20 eval '[ "$(gw_get gwa ".groups[0].role")" = standby ]'
}

queued() {
	ns_sysctl gwa net.xfrm_ha.handover_forward_ms=60000 ||
		bail "A sends on for a minute"
	ip -n gwa route replace 10.2.0.0/24 via $PEER dev out
	ip -n gwa route replace 2001:db8:2::/64 via $PEER6 dev out
	for ns in gwa gwb; do start "helper-$ns" $ns xctl listen; done
	waits_silently "handed over" handed_over
	in_ns gwb xctl role 1 standby && in_ns gwa xctl role 1 active ||
		bail "A is active again"
	vips_of gwa lan || bail "A has the VIPs again"
	wait_for 60 hot_with gwb 4 || bail "B is hot again: $(gw_json gwb)"
	waits_silently "demoted" in_ns gwa xctl role 1 standby
}

PARTS=${XHA_PARTS:-without_module standby active}
ktap_plan
topo_up
modprobe -q esp6
ends || bail "the ways to B"
vips_of gwa lan || bail "A has the VIPs"
[[ " $PARTS " != *" without_module "* ]] || without_module
roles
for part in standby active queued; do
	[[ " $PARTS " != *" $part "* ]] || $part
done
ktap_end
