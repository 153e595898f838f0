#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 300
#
# The namespaces of an active and of a standby end while plaintext comes in for
# what their policies and prefixes protect: gates are closed until there is no
# device to send by. (Newer kernels take an active's policies away before.)
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"
PREFIX=10.3.0.0/24
BEHIND=10.3.0.91	# in it, by way of A

hot() { hot_with gwb 2; }
probed() { [ -s "$XT/probes" ] && [ "$(cut -d' ' -f1 "$XT/probes")" -ge "$1" ]; }
probed_on() { wait_for 20 probed $(($(cut -d' ' -f1 "$XT/probes") + $1)); }
encrypts() { [ "$(sa_packets gwa $VIP_OUT $PEER)" -ge "$1" ]; }
clear_out() {	# NS
	"$LIB/clear.py" --net 10.2.0.0/24 --net $PREFIX "$XT/cap-outlan-$1.pcap" | jq .v4
}
ends() {	# NS
	ip netns del "$1" || bail "$1 ends"
	wait_for 30 eval "! ip -n outlan link show $1" || bail "$1's devices are gone"
	probed_on 50 || bail "probes go on"
}

ktap_plan
topo_up
nodes_roles
in_ns gwa xctl protect 1 $PREFIX || bail "a prefix to protect on A"
vip_by_hand gwa add
manual_tunnel gwa || bail "a tunnel on A"
wait_for 20 hot || bail "B is hot standby"
ip -n gwa route add $PREFIX via $PEER
ip -n host route add $PREFIX via "${IN_ADDR[gwa]}"
capture_start || bail "capture"
start probes host "$LIB/probe.py" 0.004 "$XT/probes" $PROBE_A $PROBE_B $BEHIND
wait_for 20 probed 50 || bail "probes: $(cat "$XT/probes.log")"
check "A encrypts them" wait_for 20 encrypts 50
ends gwa
ends gwb
stop probes
capture_stop || bail "the capture is complete"
same "nothing left A in the clear" "$(clear_out gwa)" 0
same "nothing left B in the clear" "$(clear_out gwb)" 0
ktap_end
