#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: not seen to pass whole yet; TESTS=encap_ipv6 runs it
# timeout: 400
#
# ESP in UDP over IPv6: who holds port 4500 of an IPv6 VIP, and that traffic
# goes on. Without an IKE daemon, by the helper, the kernel, or both, and over a
# crash; with a daemon on either node, which then has the port alone, and over a
# planned switchover, which loses nothing. (test_encap.sh has more of IPv4.)
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"
# shellcheck source=selftests/lib/topology6.sh
. "$LIB/topology6.sh"

manual_sa() {	# NS SRC DST SPI: manual_tunnel's, in UDP
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 \
		mode tunnel replay-window 128 flag esn \
		encap espinudp 4500 4500 :: \
		aead 'rfc4106(gcm(aes))' "$MANUAL_KEY" 128
}

# Sockets with port 4500, by local address: the helper's are bound to VIPs, the
# module's and a daemon's to none.
bound_to() {	# NS ADDRESS
	in_ns "$1" awk -v a="$2:1194" '$2 == a { n++ } END { print n + 0 }' \
		/proc/net/udp6
}
hex6() {	# as /proc has it: words of the machine
	python3 -c 'import socket, struct, sys
print("%08X%08X%08X%08X" % struct.unpack("=4I",
	socket.inet_pton(socket.AF_INET6, sys.argv[1])))' "$1"
}
held_by() {	# NS VIP ANY
	[ "$(bound_to "$1" "$VIP_HEX") $(bound_to "$1" "$ANY_HEX")" = "$2 $3" ]
}

pings_start() {
	rm -f "$XT/pings.log"
	start pings host ping -6 -n -i 0.05 -I "${HOST_IN//[][]/}" "${HOST_OUT//[][]/}"
}
answered() { [ "$(grep -c 'bytes from' "$XT/pings.log")" -ge "$1" ]; }
more_pings() {	# COUNT: so many more are answered
	local n
	n=$(grep -c 'bytes from' "$XT/pings.log")
	wait_for 20 answered $((n + $1))
}
# all answered but what is under way at the end
pings_kept() {
	local sent got
	stop pings INT
	read -r sent got < <(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$XT/pings.log")
	log "pings: ${sent:-0} sent, ${got:-0} answered"
	[ "${got:-0}" -ge 40 ] && [ $((sent - got)) -le 1 ]
}

without_daemon() {
	check "helper and module hold the port on A" wait_for 10 held_by gwa 1 1
	check "and on B" wait_for 10 held_by gwb 1 1
	pings_start
	check "ESP in UDP gets through by A" more_pings 20
	lose gwa
	wait_for 30 is_active gwb || bail "B takes over"
	check "and by B, after a crash of A" more_pings 20
	gw_kill gwb
	check "without its helper the module holds the port" \
		wait_for 10 held_by gwb 0 1
	check "and ESP in UDP gets through" more_pings 20
	gw_start gwb || bail "xhad starts again on B"
	wait_for 20 is_active gwb || bail "B resumes as active"
	check "then both hold it again" wait_for 10 held_by gwb 1 1
	stop pings INT
	links_up gwa
	wait_for 60 hot_with gwa 2 || bail "A is hot standby"
}

with_daemons() {
	local ns
	for ns in gwa gwb; do
		start daemon-$ns $ns flow encap '[::]:4500'
		check "on $ns all make room for a daemon" wait_for 20 held_by $ns 0 1
	done
	pings_start
	check "and it lets ESP through" more_pings 20
	out=$(xha_on gwb switchover 2>&1) || bail "switchover from B: $out"
	wait_for 20 is_active gwa || bail "A is active"
	check "after a switchover the other one does" more_pings 20
	check "without loss" pings_kept
	stop daemon-gwa
	check "when the daemon is gone both hold the port" \
		wait_for 20 held_by gwa 1 1
	pings_start
	check "and ESP in UDP gets through" more_pings 20
}

without_module() {
	stop daemon-gwb
	check "on the standby, too" wait_for 20 held_by gwb 1 1
	gw_stop gwb
	in_ns gwb xctl ungroup 1 force || bail "B is forgotten"
	rmmod xfrm_ha || bail "the module goes"
	check "without the module the helper holds it" wait_for 10 held_by gwa 1 0
	check "and traffic goes on" more_pings 20
	check "without loss" pings_kept
}

frames() { tcpdump -n -r "$XT/cap-outlan-$1.pcap" "$2" 2>/dev/null | wc -l; }

ktap_plan
topo6_up
VIP_HEX=$(hex6 $VIP_OUT) ANY_HEX=$(hex6 ::)
module_load || bail "the module loads"
gw_start gwa || bail "xhad starts on A"
wait_for 20 is_active gwa || bail "A becomes active"
start encap peer flow encap '[::]:4500'
manual_tunnel gwa $NET_IN $NET_OUT || bail "a tunnel by hand, in UDP"
capture_start || bail "capture"
gw_start gwb || bail "xhad starts on B"
wait_for 60 hot_with gwb 2 || bail "B becomes hot standby"
HOT=$(state_since gwb)
without_daemon
with_daemons
without_module
check "the captures are complete" capture_stop
judge --protected $NET_IN,$NET_OUT --plain-after "$HOT"
same "the gateways sent in turn" "$(senders)" "gwa gwb gwa"
judged seq_reused=0 iv_reused=0 plaintext=0 forwarded_twice=0
for ns in gwa gwb peer; do
	check "$ns sent ESP in UDP" [ "$(frames $ns 'ip6 and udp port 4500')" -gt 20 ]
	same "and none without" "$(frames $ns 'ip6 proto 50')" 0
done
ktap_end
