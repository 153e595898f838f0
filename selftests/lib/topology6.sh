# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# The topology of lib.sh with IPv6 only: for tests whose VIPs, tunnel and
# traffic are IPv6. The names of lib.sh then stand for addresses of IPv6, so
# that tunnels by hand, traffic and the judge work as they are. Elections are
# HSRP over IPv6; the kernel hears of the other node by link-local addresses.
#
#   peer --- ::10   2001:db8:9::/64     2001:db8:1::/64   ::10 --- host
#            ::2 gwa, ::3 gwb, VIP ::1   ::2 gwa, ::3 gwb, VIP ::1
#
# 2001:db8:2::/64 is behind the peer.

NET_IN=2001:db8:1::/64
NET_OUT=2001:db8:2::/64

# Without a second of doubt about each address
v6_node() {	# NS FORWARDING DEV...
	local ns=$1 forwarding=$2 dev
	shift 2
	for dev in default "$@"; do
		ns_sysctl "$ns" "net.ipv6.conf.$dev.accept_dad=0" \
			"net.ipv6.conf.$dev.accept_ra=0"
	done
	ns_v6 "$ns" "$forwarding"
}

v6_gateway() {	# NS LAST
	v6_node "$1" 1 out in
	ns_addr6 "$1" out "2001:db8:9::$2/64"
	ns_addr6 "$1" in "2001:db8:1::$2/64"
	ip -n "$1" route add $NET_OUT via $PEER dev out
}

topo6_up() {
	topo_up
	VIP_OUT=2001:db8:9::1 VIP_IN=2001:db8:1::1 PEER=2001:db8:9::10
	HOST_IN='[2001:db8:1::10]' HOST_OUT='[2001:db8:2::10]'
	v6_gateway gwa 2
	v6_gateway gwb 3
	v6_node peer 0 out prot
	ns_addr6 peer out $PEER/64
	ns_addr6 peer prot 2001:db8:2::10/128
	ip -n peer route add $NET_IN via $VIP_OUT src 2001:db8:2::10 mtu 1400
	v6_node host 0 in
	ns_addr6 host in 2001:db8:1::10/64
	ip -n host route add $NET_OUT via $VIP_IN mtu 1400
}

has_vip() { ip -n "$1" -o addr show dev out | grep -q "inet6 $VIP_OUT/"; }

gw_conf() {	# NS
	channel_conf "$1"
	cat >>"$XT/$1/xhad.conf" <<-CONF
	group ha {
		id = 1
		replay-interval-inbound = $INTERVAL_IN
		replay-interval-outbound = $INTERVAL_OUT
		helper-grace = 60
		standby outside {
			interface = out
			number = 1
			ip = {"$VIP_OUT/64"}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
		standby inside {
			interface = in
			number = 2
			ip = {"$VIP_IN/64"}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
	}
	CONF
}
