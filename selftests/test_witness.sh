#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 180
#
# Witnesses by ARP and by neighbour solicitation, on one node whose peer is not
# there: it sees which LANs work, and stays active all the same. What two nodes
# make of it is in the tests of topologies.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

HOST6=2001:db8:0:1::10

conf() {
	channel_conf gwa
	cat >>"$XT/gwa/xhad.conf" <<-CONF
	group ha {
		id = 1
		standby outside {
			interface = out
			number = 1
			ip = {$VIP_OUT/24}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
			witness = {192.0.2.99, $PEER}
		}
		standby inside {
			interface = in
			number = 2
			ip = {$VIP_IN/24}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
			witness = {"$HOST6"}
		}
	}
	CONF
}

standby() { standby_get gwa ".groups[0]$1"; }
witnesses() { standby '.standby | map(.hearing.here.witness) | join(" ")'; }
witnesses_are() { [ "$(witnesses)" = "$1 $2" ]; }
fault() { standby .hearing.fault; }

ktap_plan
topo_up
module_load || bail "the module loads"
for ns in gwa host; do
	ns_sysctl $ns net.ipv6.conf.in.disable_ipv6=0
done
ip -n host addr add $HOST6/64 dev in nodad
ip -n gwa addr add 2001:db8:0:1::2/64 dev in nodad
conf
gw_start gwa || bail "xhad starts"
wait_for 30 is_active gwa || bail "A becomes active"
check "one of two by ARP, and one by neighbour solicitation" \
	wait_for 20 witnesses_are answers answers
ip -n peer link set out down
check "the IPv4 one is gone" wait_for 20 witnesses_are silent answers
ip -n host addr del $HOST6/64 dev in
check "the IPv6 one, too" wait_for 20 witnesses_are silent silent
check "A stays active, as it is alone" is_active gwa
same "and finds no fault with itself" "$(fault)" none
ip -n peer link set out up
ip -n host addr add $HOST6/64 dev in nodad
check "both are back" wait_for 20 witnesses_are answers answers
# Everything of IPv6 would have to be encrypted, by this.
for d in in out; do
	ip -n gwa xfrm policy add src ::/0 dst ::/0 dir $d tmpl \
		src 2001:db8:0:1::2 dst 2001:db8:0:1::77 proto esp mode tunnel
done
N=$(standby '.standby[1].hearing.answers')
more() { [ "$(standby '.standby[1].hearing.answers')" -ge $((N + 8)) ]; }
check "policies for ::/0 are not in the way" wait_for 20 more
check "the text tells" eval \
	"xha_on gwa show standby all | grep -q 'Heard here: the other node is unknown, witness answers'"
same "no loss of the role in all that" "$(gw_get gwa '.groups[0].takeovers')" 1
ktap_end
