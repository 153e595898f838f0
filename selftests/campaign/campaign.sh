# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What the campaign's driver has the shell do, beside lib.sh. Sourced by the
# shell that the driver talks to.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
INTERVAL_IN=${XHA_CAMPAIGN_IN:-16}
INTERVAL_OUT=${XHA_CAMPAIGN_OUT:-1000}
HELLO_MS=${XHA_CAMPAIGN_HELLO:-}
# shellcheck source=selftests/lib.sh
. "$TOP/selftests/lib.sh"

FOREIGN=192.0.2.20	# of the peer, for SAs of no group
SIX_LOCAL=2001:db8:1::1
SIX_NET=2001:db8:2::/64
SIX_VIP=2001:db8:0:c::1	# as pairs.py has it
SIX_LAN=2001:db8:0:c::	# the outside LAN
SIX_PEER=10		# the peer's number there
SIX_FAR=2001:db8:3::/64	# its ends of SAs of that VIP, behind it

# IPv6 without what nodes say by themselves
camp_six() {	# NS DEV...
	local ns=$1 dev
	shift
	ns_sysctl "$ns" net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.autoconf=0 net.ipv6.conf.default.accept_ra=0 \
		net.ipv6.conf.default.addr_gen_mode=1 \
		net.ipv6.conf.default.router_solicitations=0
	for dev; do
		ns_sysctl "$ns" net.ipv6.conf."$dev".addr_gen_mode=1 \
			net.ipv6.conf."$dev".accept_dad=0 \
			net.ipv6.conf."$dev".autoconf=0 \
			net.ipv6.conf."$dev".accept_ra=0 \
			net.ipv6.conf."$dev".disable_ipv6=0
	done
}

# What a gateway has of its own, besides what lib.sh gives it.
camp_gw() {	# NS
	ip -n "$1" link add loc type dummy
	camp_six "$1" loc out
	ip -n "$1" link set loc up
	ip -n "$1" addr add $SIX_LOCAL/128 dev loc nodad
	ip -n "$1" -6 route add $SIX_NET dev out
	camp_lan6 "$1" "${OUT_ADDR[$1]##*.}"
	ip -n "$1" -6 route add $SIX_FAR via $SIX_LAN$SIX_PEER dev out
}

camp_lan6() {	# NS NUMBER
	ns_addr6 "$1" out "fe80::$2/64" && ns_addr6 "$1" out "$SIX_LAN$2/64"
}

# An IPv6 VIP beside the other; HSRP goes on in IPv4
camp_conf() {	# NS
	local conf=$XT/$1/xhad.conf
	gw_conf "$1"
	sed -i "s|^\t*ip = {$VIP_OUT/24}|ip = {$VIP_OUT/24, \"$SIX_VIP/64\"}|" "$conf"
	grep -q $SIX_VIP "$conf" || die "no IPv6 VIP in the configuration"
	[ -n "${XHA_CAMPAIGN_STRICT:-}" ] || return 0
	sed -i 's/^\t*id = 1$/&\nstrict = true/' "$conf"
	grep -q '^strict = true' "$conf" || die "the configuration is not strict"
}

camp_up() {
	topo_up
	module_load || die "the module does not load"
	camp_gw gwa
	camp_gw gwb
	camp_conf gwa
	camp_conf gwb
	ip -n peer addr add $FOREIGN/32 dev out
	camp_six peer prot out
	camp_lan6 peer $SIX_PEER
	ip -n peer -6 route add 2001:db8:1::/64 dev out
	start encap peer flow encap 0.0.0.0:4500
}

camp_capture() {
	: >"$XT/capture.log"
	start capture outlan capture -m \
		outlan:gwa:"$XT/outlan-gwa.pcap":96 \
		outlan:gwb:"$XT/outlan-gwb.pcap":96 \
		outlan:peer:"$XT/outlan-peer.pcap" \
		inlan:gwa:"$XT/inlan-gwa.pcap":96 \
		inlan:gwb:"$XT/inlan-gwb.pcap":96 \
		inlan:host:"$XT/inlan-host.pcap":64
	wait_for 10 grep -q ready "$XT/capture.log"
}

# told SIGNAL WORD: the capture tool did it once more
camp_told() {
	local n
	n=$(grep -c "$2" "$XT/capture.log")
	signal capture "$1" || return
	wait_for 10 eval "[ \$(grep -c $2 '$XT/capture.log') -gt $n ]"
}

# Watching a gateway holds its namespace: NAME tells its lives apart.
camp_watch() {	# NS LIFE
	start "watch-$1" "$1" rolewatch
	start "monitor-$1" "$1" ip xfrm monitor acquire expire SA policy
	wait_for 10 test -s "$XT/watch-$1.log"
}

camp_unwatch() {	# NS LIFE
	stop "watch-$1"
	stop "monitor-$1"
	mv "$XT/watch-$1.log" "$XT/watch-$1-$2.log"
	mv "$XT/monitor-$1.log" "$XT/monitor-$1-$2.log" 2>/dev/null
	:
}

# The node is gone with all its kernel had: a crash.
camp_kill_node() {	# NS LIFE
	gw_kill "$1"
	camp_unwatch "$1" "$2"
	ip netns del "$1" || return
	wait_for 30 eval "! ip -n outlan link show $1"
}

# And boots again.
camp_new_node() {	# NS LIFE
	local mac=0a
	[ "$1" = gwa ] || mac=0b
	gw_plug "$1" $mac
	camp_gw "$1"
	camp_told USR1 reopened
}

# All between the two gateways, nothing else
camp_isolate() {	# on|off
	local lan ns
	for lan in outlan inlan synclan; do
		for ns in gwa gwb; do
			bridge -n $lan link set dev $ns isolated "$1"
		done
	done
}

# Those on the channel's only
camp_heal_channel() {
	local ns
	for ns in gwa gwb; do
		bridge -n synclan link set dev $ns isolated off
		links up synclan:$ns >/dev/null
		tc -n $ns qdisc del dev sync root 2>/dev/null
		tc -n synclan qdisc del dev $ns root 2>/dev/null
	done
	:
}

# Whatever faults there still are on links
camp_heal() {
	local lan ns dev
	camp_isolate off
	for ns in gwa gwb; do
		[ -e /run/netns/$ns ] || continue
		links_up $ns >/dev/null
		for dev in out in sync; do
			tc -n $ns qdisc del dev $dev root 2>/dev/null
		done
		for lan in outlan inlan synclan; do
			tc -n $lan qdisc del dev $ns root 2>/dev/null
		done
	done
	! ip -n stranger addr show dev sync | grep -q 'inet 10.9.0.[12]/' || {
		ip -n stranger addr del 10.9.0.1/24 dev sync 2>/dev/null
		ip -n stranger addr del 10.9.0.2/24 dev sync 2>/dev/null
	}
	:
}
