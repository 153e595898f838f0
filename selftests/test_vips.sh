#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 300
#
# VIPs come to a group and go, on the active first or on the standby first:
# once both nodes have the same ones, the standby is hot with what belongs to
# them, no more and no less, and nobody had to ask for a snapshot.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
VIP2=192.0.2.7

sa() {	# SRC DST SPI
	ip -n gwa xfrm state add src "$1" dst "$2" proto esp spi "$3" reqid 1 \
		mode tunnel replay-window 64 aead 'rfc4106(gcm(aes))' \
		0x000102030405060708090a0b0c0d0e0f10111213 128
}

# A tunnel of a VIP: two SAs, two policies
tunnel() {	# VIP NUMBER
	sa "$1" $PEER "0x100$2" && sa $PEER "$1" "0x200$2" &&
		ip -n gwa xfrm policy add src 10.1.0.0/24 dst "10.2.$2.0/24" \
		dir out tmpl src "$1" dst $PEER proto esp reqid 1 mode tunnel &&
		ip -n gwa xfrm policy add src "10.2.$2.0/24" dst 10.1.0.0/24 \
		dir fwd tmpl src $PEER dst "$1" proto esp reqid 1 mode tunnel
}

has() {	# NS SAS REFUSED POLICIES
	[ "$(gw_get "$1" '.groups[0] | "\(.sas) \(.sas_refused) \(.policies)"')" = "$2 $3 $4" ]
}
hot_having() { is_hot gwb && has gwb "$@"; }
cold_having() { state_is gwb "standby cold" && has gwb "$@"; }

ktap_plan
nodes_begin
tunnel $VIP_OUT 1 && tunnel $VIP2 2 || bail "tunnels on A"
check "B is hot with what is of the VIP" wait_for 30 hot_having 2 0 2

in_ns gwa xctl vips 1 $VIP_OUT $VIP2 || bail "A has a second VIP"
check "without the second VIP B refuses its SAs" wait_for 10 cold_having 4 2 4
in_ns gwb xctl vips 1 $VIP_OUT $VIP2 || bail "B has it, too"
check "with it B is hot with them by itself" wait_for 20 hot_having 4 0 4

in_ns gwa xctl vips 1 $VIP_OUT || bail "A gives the VIP up"
check "what was of it leaves A's group" wait_for 10 has gwa 2 0 2
check "and B" wait_for 10 has gwb 2 0 2
same "but not the SAD" "$(sa_spis gwa | wc -l) $(policy_count gwa)" "4 4"
in_ns gwb xctl vips 1 $VIP_OUT || bail "B gives it up, too"
check "B is hot with the rest" wait_for 20 hot_having 2 0 2

in_ns gwb xctl vips 1 $VIP_OUT $VIP2 && in_ns gwa xctl vips 1 $VIP_OUT $VIP2 ||
	bail "both have the VIP, B first"
check "B is hot with all of it again" wait_for 20 hot_having 4 0 4
in_ns gwb xctl vips 1 $VIP_OUT || bail "B gives it up before A"
check "what was of it is refused" wait_for 10 cold_having 4 2 4
in_ns gwa xctl vips 1 $VIP_OUT || bail "then A"
check "and gone where A has no such VIP either" wait_for 20 hot_having 2 0 2

# ---- IPv6: an address is there before its route ----
ip -n gwb link add vips type dummy && ns_sysctl gwb net.ipv6.conf.vips.disable_ipv6=0 &&
	ip -n gwb link set vips up || bail "an interface for IPv6"
ready() { ip -n gwb -6 addr show dev vips | grep -q 'fe80::.*link' && ! ip -n gwb -6 addr show dev vips tentative | grep -q inet6; }
wait_for 20 ready || bail "IPv6 on it"
same "what comes in for a VIP is taken as soon as xhad goes on" \
	"$(in_ns gwb vipadd vips 2001:db8:7::{1..9})" "9 of 9"
ktap_end
