#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes ten minutes; TESTS=topology_single runs it
# timeout: 1500
# kernels: 6.1 6.12
#
# One LAN: encrypted and decrypted traffic take the same interface of the
# gateways. The host beside them reaches the network behind the peer by the
# VIP, the peer is behind a router. The link of the active and of the standby is
# cut in every way, also together with the channel: one node has the VIP, and
# traffic flows.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/topology.sh
. "$LIB/topology.sh"

EDGE=192.0.2.9
PEER=198.51.100.10
NEAR=192.0.2.20
LOCAL_NET=$NEAR/32
SIDES="lan"
ALL="the VIP"
DEV=([lan]=out)
LAN=([lan]=outlan)
VIP=([lan]=$VIP_OUT)
NUMBER=([lan]=1)
WITNESS=([lan]=$EDGE)
# shellcheck disable=SC2034 # lib.sh
ALL_NS="gwa gwb peer host edge outlan synclan"

gw_plug() {	# NS xx
	ns_new "$1"
	ns_sysctl "$1" net.ipv4.ip_forward=1
	plug "$1" out outlan "${OUT_MAC[$1]}" "${OUT_ADDR[$1]}/24"
	plug "$1" sync synclan "02:00:00:00:$2:03" "${SYNC_ADDR[$1]}/24"
	ip -n "$1" route replace default via $EDGE dev out
}

edge_up() {
	ns_new edge
	ns_sysctl edge net.ipv4.ip_forward=1
	plug edge out outlan 02:00:00:00:0f:01 $EDGE/24
	ip -n edge link add far type veth peer name out netns peer
	ip -n edge addr add 198.51.100.1/24 dev far
	ip -n edge link set far up
}

#           lan: 192.0.2.0/24, VIP .1
#   gwa .2, gwb .3    host .20    edge .9 --- 198.51.100.0/24 --- .10 peer
single_up() {
	topo_begin outlan synclan
	gw_plug gwa 0a
	gw_plug gwb 0b
	ns_new peer
	edge_up
	ip -n peer addr add $PEER/24 dev out
	ip -n peer link set out up
	ip -n peer link add prot type dummy
	ip -n peer addr add $FAR/32 dev prot
	ip -n peer link set prot up
	ip -n peer route add default via 198.51.100.1
	ns_new host
	plug host out outlan 02:00:00:00:0e:01 $NEAR/24
	ip -n host route add $REMOTE_NET via $VIP_OUT mtu 1400 advmss 1360
}

ktap_plan
single_up
module_load || bail "the module loads"
pair_anew single
topo_cases single < <(
	all_cuts lan
	cat <<-CASES
	between|lan|nodes|
	to|lan|active|channel stays noflow
	from|lan|active|channel gone
	both ways at|lan|active|channel gone
	no carrier at|lan|active|channel
	from|lan|standby|channel
	no carrier at|lan|standby|channel
	CASES
)
all_ran 15
ktap_end
