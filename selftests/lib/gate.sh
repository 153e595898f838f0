# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the tests of what a gateway lets out whose gate is closed: IPv6 beside
# the topology's IPv4, probes, and what the captures have of it. Sourced after
# lib.sh.

# shellcheck disable=SC2034 # who sources this
KEY=0x000102030405060708090a0b0c0d0e0f10111213
VIP6=fd00::1 PEER6=fd00::10
IPSEC="ip proto 50 or ip proto 51 or ip6 proto 50 or ip6 proto 51"

# By a number: below 50 it is IPv4.
four() { [ "$1" -lt 50 ]; }
by_family() {	# N FOUR SIX
	if four "$1"; then echo "$2"; else echo "$3"; fi
}
net() { if four "$1"; then echo "10.2.$1.0/24"; else echo "2001:db8:$1::/64"; fi; }
addr() { if four "$1"; then echo "10.2.$1.9"; else echo "2001:db8:$1::9"; fi; }
addrs() { local n; for n; do addr "$n"; done; }

bracketed() { if [[ $1 == *:* ]]; then echo "[$1]"; else echo "$1"; fi; }

gw_v6() {	# NS LAST
	ns_v6 "$1" 1
	ns_addr6 "$1" out "fd00::$2/64"
	ns_addr6 "$1" in "fd01::$2/64"
}

both_on() {	# NS LAST: and the VIPs, not answered for
	gw_v6 "$1" "$2"
	ns_sysctl "$1" net.ipv4.conf.all.arp_ignore=1
	ns_addr6 "$1" lo $VIP6/128
	ip -n "$1" addr add $VIP_OUT/32 dev lo
}

node() { node_conf "$1" && in_ns "$1" xctl vips 1 $VIP_OUT $VIP6; }

probe() {	# NAME NS "FROM..." [OPTION]... ADDRESS...
	local from opts=()
	rm -f "$XT/$1.p"
	read -ra from <<<"$3"
	set -- "$1" "$2" "${@:4}"
	while [[ $3 == -* ]]; do
		opts+=("$3")
		set -- "$1" "$2" "${@:4}"
	done
	start "$1" "$2" "$LIB/probe.py" "${from[@]/#/--from=}" "${opts[@]}" \
		"${PROBE_INTERVAL:-0.1}" "$XT/$1.p" "${@:3}"
}

# Of each of its addresses: how often it was tried, and refused
probe_count() {	# NAME tried|refused
	local t=0 r=0
	[ ! -s "$XT/$1.p" ] || read -r t r <"$XT/$1.p"
	if [ "$2" = tried ]; then echo "$t"; else echo "$r"; fi
}
tried() { [ "$(probe_count "$1" tried)" -ge "$2" ]; }

count() {	# LAN FILTER [NS]: packets that B, or NS, has sent
	tcpdump -n -r "$XT/cap-$1-${3:-gwb}.pcap" "$2" 2>/dev/null | wc -l
}
some() { [ "$(count "$@")" -gt 0 ]; }

packets_of() {	# SPI
	ip -n gwb -s xfrm state | awk -v spi="$(printf 0x%08x "$1")" '
		/^src/ { mine = 0 } index($0, spi) { mine = 1 }
		mine && /lifetime current/ { getline; sub(/.*, /, ""); print $1 + 0; exit }'
}
