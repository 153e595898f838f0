#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 200
# kernels: 6.1 6.12 debug
#
# ESP in UDP without an IKE daemon: port 4500 of the VIP is held by the helper
# and by the kernel, so neither the death of the one nor the unloading of the
# module loses a packet, and both make room for a daemon.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

GCM=(aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128)
FAR=10.2.0.30

natt_pair() {	# on A and the peer
	local ns
	ip -n peer addr add $FAR/32 dev prot
	for ns in gwa peer; do
		ip -n $ns xfrm state add src $VIP_OUT dst $PEER proto esp \
			spi 0x1001 reqid 1 mode tunnel \
			encap espinudp 4500 4500 0.0.0.0 "${GCM[@]}" &&
		ip -n $ns xfrm state add src $PEER dst $VIP_OUT proto esp \
			spi 0x1002 reqid 1 mode tunnel replay-window 128 flag esn \
			encap espinudp 4500 4500 0.0.0.0 "${GCM[@]}" || return
	done
	pol gwa out 10.1.0.0/24 $FAR/32 $VIP_OUT $PEER &&
		pol gwa in $FAR/32 10.1.0.0/24 $PEER $VIP_OUT &&
		pol gwa fwd $FAR/32 10.1.0.0/24 $PEER $VIP_OUT &&
		pol peer in 10.1.0.0/24 $FAR/32 $VIP_OUT $PEER &&
		pol peer out $FAR/32 10.1.0.0/24 $PEER $VIP_OUT
}

pol() {	# NS dir src dst tmpl-src tmpl-dst
	ip -n "$1" xfrm policy add src "$3" dst "$4" dir "$2" \
		tmpl src "$5" dst "$6" proto esp reqid 1 mode tunnel
}

# Sockets on A with port 4500, by local address: the helper's are bound to VIPs,
# the module's and a daemon's to none.
bound_to() { in_ns gwa awk -v a="$1:1194" '$2 == a { n++ } END { print n + 0 }' /proc/net/udp; }
vip_hex() {
	local a b c d
	IFS=. read -r a b c d <<<"$VIP_OUT"
	printf "%02X%02X%02X%02X" "$d" "$c" "$b" "$a"
}
held_by() { [ "$(bound_to "$(vip_hex)") $(bound_to 00000000)" = "$1 $2" ]; }	# VIP ANY

pings_start() {
	rm -f "$XT/pings.log"
	start pings host ping -n -i 0.05 -I $HOST_IN $FAR
}
# all up to the last answer answered, and no more under way at the end than fit
# into the longest way there and back
pings_lost() {
	local sent got last rtt
	stop pings INT
	read -r sent got < <(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$XT/pings.log")
	last=$(sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$XT/pings.log" | sort -n | tail -n 1)
	rtt=$(sed -n 's|^rtt .*= [^/]*/[^/]*/\([0-9]*\)\..*|\1|p' "$XT/pings.log")
	log "pings: ${sent:-0} sent, ${got:-0} answered, the last one $last, in $rtt ms at most"
	[ "${got:-0}" -ge 10 ] && [ "$got" -eq "$last" ] &&
		[ $((sent - got)) -le $((rtt / 50 + 1)) ]
}
answered() { [ "$(grep -c 'bytes from' "$XT/pings.log")" -ge "$1" ]; }
more_pings() {	# COUNT: so many more are answered
	local n
	n=$(grep -c 'bytes from' "$XT/pings.log")
	wait_for 20 answered $((n + $1))
}

ktap_plan
topo_up
alone_up
start encap peer flow encap 0.0.0.0:4500
natt_pair || bail "manual keys on A and the peer"
check "the helper and the module hold the port" wait_for 10 held_by 1 1
pings_start
check "ESP in UDP gets through" more_pings 20

gw_kill gwa
check "without its helper the module holds it" wait_for 10 held_by 0 1
check "and ESP in UDP gets through" more_pings 20
gw_start gwa || bail "xhad starts again on A"
check "A resumes as active" wait_for 20 is_active gwa
check "with both holding the port" wait_for 10 held_by 1 1
check "traffic goes on" more_pings 20
check "nothing was lost in all that" pings_lost

start daemon gwa flow encap 0.0.0.0:4500
check "both make room for a daemon, which alone has the port" \
	wait_for 20 held_by 0 1
pings_start
check "and lets ESP through" more_pings 20
check "without loss" pings_lost
gw_kill gwa
gw_start gwa || bail "xhad starts again on A"
wait_for 20 is_active gwa || bail "A resumes as active"
check "a helper that finds a daemon leaves it alone" held_by 0 1
stop daemon
check "when the daemon is gone both hold it again" wait_for 20 held_by 1 1

# what is no ESP is for a daemon, even if it starts when there is no helper
gw_kill gwa
start daemon gwa socat -u UDP4-RECV:4500,reuseaddr "OPEN:$XT/ike,creat,append"
wait_for 10 held_by 0 2 || bail "a daemon"
got_ike() {
	in_ns peer socat - "UDP4-SENDTO:$VIP_OUT:4500" <<<"a message"
	grep -q 'a message' "$XT/ike"
}
check "a daemon that starts without a helper gets its messages" wait_for 20 got_ike
gw_start gwa || bail "xhad starts again on A"
check "and has the port alone with the helper" wait_for 20 held_by 0 1
stop daemon
check "until it is gone" wait_for 20 held_by 1 1

pings_start
more_pings 20 || bail "pings"
rmmod xfrm_ha
check "without the module the helper holds it" wait_for 10 held_by 1 0
check "and traffic goes on" more_pings 20
check "without loss, either" pings_lost
start daemon gwa flow encap 0.0.0.0:4500
check "the helper makes room for a daemon" wait_for 20 held_by 0 1
ktap_end
