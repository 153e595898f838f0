#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=vmac runs it
# timeout: 600
# kernels: 6.1 6.12
#
# Virtual MAC addresses of HSRP, the same group number outside and inside, IPv4
# and IPv6 inside, with an ESP tunnel (manual keys) under traffic: a planned
# switchover, a crash, a helper that is killed. The entries of the host and the
# peer must not change in all of it, and the bridges must see the addresses at
# the active's ports. Then the same pair with use-bia: entries follow by
# gratuitous ARP and neighbour advertisements.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

KEY=0x000102030405060708090a0b0c0d0e0f10111213
MAC4=00:00:0c:9f:f0:01
MAC6=00:05:73:a0:00:01
VIP6=2001:db8:0:1::1
VIP6_LL=fe80::1
HOST6=2001:db8:0:1::10
declare -A IN_MAC=([gwa]=02:00:00:00:0a:02 [gwb]=02:00:00:00:0b:02)

conf() {	# NS USE-BIA
	channel_conf "$1"
	{
		printf 'group ha {\n\tid = 1\n\thelper-grace = 60\n'
		section outside out "$VIP_OUT/24" "$2"
		section inside in "$VIP_IN/24" "$2"
		section inside6 in "$VIP6_LL\", \"$VIP6/64" "$2"
		printf '}\n'
	} >>"$XT/$1/xhad.conf"
}

section() {	# NAME INTERFACE VIPS USE-BIA
	cat <<-CONF
		standby $1 {
			interface = $2
			number = 1
			ip = {"$3"}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
			use-bia = $4
		}
	CONF
}

# The VIPs are on the macvlans, so on whatever device.
vips_on() { ip -n "$1" -o addr show | grep -cE "inet ($VIP_OUT|$VIP_IN)/"; }

ipv6_inside() {
	local ns
	for ns in gwa gwb host; do
		ns_sysctl $ns net.ipv6.conf.in.accept_dad=0 \
			net.ipv6.conf.in.disable_ipv6=0
	done
	ip -n host addr add $HOST6/64 dev in nodad
}

tunnel() {
	local ns
	for ns in gwa peer; do
		ip -n $ns xfrm state add src $VIP_OUT dst $PEER proto esp \
			spi 0x1001 reqid 1 mode tunnel replay-window 64 \
			aead 'rfc4106(gcm(aes))' $KEY 128 &&
		ip -n $ns xfrm state add src $PEER dst $VIP_OUT proto esp \
			spi 0x1002 reqid 1 mode tunnel replay-window 64 \
			aead 'rfc4106(gcm(aes))' $KEY 128 || return
	done
	policy gwa out 10.1.0.0/24 10.2.0.0/24 $VIP_OUT $PEER &&
		policy gwa in 10.2.0.0/24 10.1.0.0/24 $PEER $VIP_OUT &&
		policy gwa fwd 10.2.0.0/24 10.1.0.0/24 $PEER $VIP_OUT &&
		policy peer in 10.1.0.0/24 10.2.0.0/24 $VIP_OUT $PEER &&
		policy peer out 10.2.0.0/24 10.1.0.0/24 $PEER $VIP_OUT
}

policy() {	# NS DIR SRC DST TMPL-SRC TMPL-DST
	ip -n "$1" xfrm policy add src "$3" dst "$4" dir "$2" \
		tmpl src "$5" dst "$6" proto esp reqid 1 mode tunnel
}

# What is once confirmed stays so for an hour: what changes then was told.
remember_long() {	# NS DEV
	ns_sysctl "$1" net.ipv4.neigh."$2".base_reachable_time_ms=3600000
	[ "$2" = out ] ||
		ns_sysctl "$1" net.ipv6.neigh."$2".base_reachable_time_ms=3600000
}

entry() { ip -n "$1" -j neigh show "$3" dev "$2" | jq -r '.[0].lladdr'; }
entries() {
	echo "$(entry peer out $VIP_OUT) $(entry host in $VIP_IN)" \
		"$(entry host in $VIP6) $(entry host in $VIP6_LL)"
}
entries_are() { [ "$(entries)" = "$*" ]; }
ours_are() { entries_are "${OUT_MAC[$1]}" "${IN_MAC[$1]}" "${IN_MAC[$1]}" "${IN_MAC[$1]}"; }

ping_one() { in_ns "$1" ping -q -c 1 -W 2 "$2"; }
ping_all() {
	ping_one peer $VIP_OUT && ping_one host $VIP_IN &&
		ping_one host $VIP6 && ping_one host "$VIP6_LL%in"
}

port_of() {	# LAN MAC
	bridge -n "$1" -j fdb show br br0 |
		jq -r --arg mac "$2" '[.[] | select(.mac == $mac) | .ifname] | unique | join(" ")'
}
ports() { echo "$(port_of outlan $MAC4) $(port_of inlan $MAC4) $(port_of inlan $MAC6)"; }
ports_are() { [ "$(ports)" = "$1 $1 $1" ]; }

macvlans() {	# NS STATE: how many are there, or are UP
	ip -n "$1" -j link | jq --arg s "$2" '[.[] | select(.ifname | startswith("xha1-")) |
		select($s == "" or (.flags | index($s)))] | length'
}
macvlan_ids() {
	ip -n "$1" -j link | jq -c '[.[] | select(.ifname | startswith("xha1-")) | .ifindex]'
}
no_macvlan() { [ "$(macvlans "$1" '')" = 0 ]; }
all_down() { [ "$(macvlans "$1" '') $(macvlans "$1" UP)" = "3 0" ]; }
arp_settings() {
	in_ns "$1" sysctl -n net.ipv4.conf.out.arp_ignore \
		net.ipv4.conf.out.arp_announce net.ipv4.conf.in.arp_ignore \
		net.ipv4.conf.in.arp_announce | tr '\n' ' '
}

# Each has to show an entry of nobody that comes and goes, before and after what
# is watched.
declare -A NOBODY=([host]="10.1.0.250 dev in" [peer]="192.0.2.250 dev out")
watch_entries() {
	local ns
	for ns in host peer; do
		start "monitor-$ns" $ns stdbuf -oL ip monitor neigh
	done
	watched host 0 && watched peer 0
}
told_of_nobody() { grep -cF "${NOBODY[$1]} " "$XT/monitor-$1.log"; }
watches() {	# NS TOLD-BEFORE
	running "monitor-$1" || return
	# shellcheck disable=SC2086 # words
	ip -n "$1" neigh replace ${NOBODY[$1]} lladdr 02:00:00:00:00:99 &&
		ip -n "$1" neigh del ${NOBODY[$1]} &&
		[ "$(told_of_nobody "$1")" -gt "$2" ]
}
watched() { wait_for 20 watches "$@"; }
# Whatever was said of a VIP, by address or as a whole
said_of_vips() {
	cat "$XT/monitor-host.log" "$XT/monitor-peer.log" |
		grep -E "(^| )($VIP_OUT|$VIP_IN|$VIP6|$VIP6_LL) "
}

flows() { flowing udp-host 100 30 && flowing udp-peer 100 30; }

judge_macs() {	# LAN MAC=VIPS...
	local lan=$1
	shift
	"$LIB/vmac.py" "$@" -- gwa:"$XT/cap-$lan-gwa.pcap" \
		gwb:"$XT/cap-$lan-gwb.pcap" >"$XT/macs-$lan.json"
}
mac_get() { jq -r --arg mac "$2" ".[\$mac] | $3" "$XT/macs-$1.json"; }

ktap_plan
topo_up
module_load || bail "the module loads"
ipv6_inside
remember_long peer out
remember_long host in
for ns in gwa gwb; do
	conf $ns false
done
gw_start gwa || bail "xhad starts on A: $(tail -n 3 "$XT/xhad-gwa.log")"
wait_for 30 is_active gwa || bail "A becomes active"
tunnel || bail "manual keys on A and the peer"
capture_start || bail "capture"
udp_start || bail "traffic goes through the tunnel"
gw_start gwb || bail "xhad starts on B: $(tail -n 3 "$XT/xhad-gwb.log")"
wait_for 60 hot_with gwb 2 || bail "B becomes hot standby: $(gw_json gwb)"

check "the VIPs answer" wait_for 10 ping_all
same "with the virtual MAC addresses" "$(entries)" "$MAC4 $MAC4 $MAC6 $MAC6"
same "which the bridges see at A" "$(ports)" "gwa gwa gwa"
check "B's macvlans are down" all_down gwb
same "A's interfaces leave the VIPs to them" "$(arp_settings gwa)" "1 2 1 2 "
watch_entries || bail "the entries of host and peer are watched"

xha_on gwa switchover >"$XT/switchover.log" 2>&1 ||
	bail "switchover: $(cat "$XT/switchover.log")"
wait_for 20 is_active gwb || bail "B is active after a switchover"
check "traffic goes on through B" flows
check "the bridges have moved the addresses to B" wait_for 10 ports_are gwb
check "the VIPs answer there" ping_all
wait_for 30 hot_with gwa 2 || bail "A is hot standby after the switchover"
check "A's macvlans go down" wait_for 10 all_down gwa
traffic_stop
same "the switchover has lost no packet" "$(udp_lost)" 0
udp_start || bail "traffic through B"

lose gwb
wait_for 30 is_active gwa || bail "A takes over when B is lost"
check "traffic goes on through A" flows
check "the bridges have moved the addresses to A" wait_for 10 ports_are gwa
check "the VIPs answer there again" ping_all
check "the capture is complete" capture_stop
links_up gwb >/dev/null
wait_for 60 hot_with gwb 2 || bail "B becomes hot standby again"

ids=$(macvlan_ids gwa)
gw_kill gwa
check "A's helper is killed: traffic goes on" flows
check "the VIPs answer without it" ping_all
gw_start gwa || bail "xhad starts on A again: $(tail -n 3 "$XT/xhad-gwa.log")"
check "its next run resumes the role" wait_for 20 is_active gwa
same "on the same macvlans" "$(macvlan_ids gwa)" "$ids"
check "traffic still goes on" flows
check "host and peer are watched still" eval \
	'watched host "$(told_of_nobody host)" && watched peer "$(told_of_nobody peer)"'
stop monitor-host
stop monitor-peer
said=$(said_of_vips)
same "host and peer were told nothing of the VIPs" "$said" ""
same "and know what they knew" "$(entries)" "$MAC4 $MAC4 $MAC6 $MAC6"

judge_macs outlan "$MAC4=$VIP_OUT"
judge_macs inlan "$MAC4=$VIP_IN" "$MAC6=$VIP6,$VIP6_LL"
for what in "outlan $MAC4" "inlan $MAC4" "inlan $MAC6"; do
	# shellcheck disable=SC2086	# two words
	set -- $what
	same "$1: A, then B, then A sent from $2" \
		"$(mac_get "$1" "$2" '.senders | join(" ")')" "gwa gwb gwa"
	check "$1: hellos of the active were from $2" \
		[ "$(mac_get "$1" "$2" .hellos)" -gt 3 ]
	same "$1: nobody said otherwise" "$(mac_get "$1" "$2" .lies)" 0
done

wait_for 60 hot_with gwb 2 || bail "B is hot standby"
gw_stop gwb
check "a standby that ends takes its macvlans along" no_macvlan gwb
same "and its interfaces are as before" "$(arp_settings gwb)" "0 0 0 0 "

for ns in gwb gwa; do
	conf $ns true
done
gw_start gwb || bail "xhad starts on B with use-bia"
wait_for 60 hot_with gwb 2 || bail "B with use-bia becomes hot standby"
gw_kill gwa
gw_start gwa || bail "xhad starts on A with use-bia"
check "use-bia: A goes on as active" wait_for 20 is_active gwa
check "use-bia: without macvlans" no_macvlan gwa
check "use-bia: host and peer learn A's own address" wait_for 10 ours_are gwa
check "use-bia: traffic goes on" flows
wait_for 60 hot_with gwb 2 || bail "B is hot standby of A with use-bia"
lose gwa
wait_for 30 is_active gwb || bail "B takes over with use-bia"
check "use-bia: host and peer learn B's address" wait_for 5 ours_are gwb
check "use-bia: traffic goes on through B" flows
check "use-bia: the VIPs answer" ping_all
ktap_end
