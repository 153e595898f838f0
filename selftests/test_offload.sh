#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 200
#
# SAs that xfrm leaves to a device (selftests/modules/stock). One that the device
# decrypts for goes on in software on the new active; one that it encrypts for, or
# of which it has the packets and the numbers, is refused by name, and the standby
# is not hot before it is gone.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
FAR=192.0.2.77	# of saattr.py

offloaded() {	# SPI in|out crypto|packet
	in_ns gwa "$LIB/saattr.py" offload $VIP_OUT "$1" "$2" offnic "$3"
}
is_left() { ip -n "$1" -d xfrm state | grep -q 'offload.* dev offnic'; }
refused() {	# SPI in|out crypto|packet REASON
	if ! offloaded "$1" "$2" "$3" 2>"$XT/offload.log"; then
		skip "$3 offload, $2" "this kernel: $(<"$XT/offload.log")"
		return
	fi
	check "$3 offload, $2, makes B cold" wait_for 10 state_is gwb "standby cold"
	same "and A says why" "$(sa_refused gwa)" "0x0000$1 $4"
	if [ "$2" = out ]; then
		ip -n gwa xfrm state delete src $VIP_OUT dst $FAR proto esp spi "0x$1"
	else
		ip -n gwa xfrm state delete src $FAR dst $VIP_OUT proto esp spi "0x$1"
	fi
	check "without it B is hot" wait_for 10 is_hot gwb
}

ktap_plan
modprobe -q esp4_offload || bail "esp4_offload"
nodes_begin
insmod "$TOP/build/mod-test-$XHA_KERNEL/xha_offnic.ko" || bail "a device to offload to"
trap 'topo_down; rmmod xha_offnic' EXIT
ip link set offnic netns gwa && ip -n gwa link set offnic up || bail "A has it"
check "B is hot standby" wait_for 20 is_hot gwb
refused 3001 out crypto "its encryption is offloaded to a device"
refused 3002 out packet "its packets are offloaded to a device"
refused 3003 in packet "its packets are offloaded to a device"
offloaded 3004 in crypto || bail "an SA that the device decrypts for"
check "A leaves decryption to it" is_left gwa
check "B is hot with that SA" wait_for 20 hot_with gwb 1
nodes_move gwa gwb || bail "B takes the role"
same "B has it" "$(sa_spis gwb)" 0x00003004
check "A is hot standby with it" wait_for 20 hot_with gwa 1
ktap_end
