#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: not seen to pass whole yet; TESTS=window runs it
# timeout: 200
#
# A replay window of 4096, of an SA with 64-bit numbers whose upper half changes
# inside of it, and with holes all over: after a takeover without a hand-over the
# new active refuses each number the old one took, and takes each it had not
# seen, once. (Behind test_replay.sh, which has traffic and an IKE daemon.)
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
INTERVAL_IN=16
SPI=0x9001 WINDOW=4096 NUMBERS=4700
FIRST=$((0x100000000 - 3000))

conf() {	# NS
	node_peer "$1" &&
		in_ns "$1" xctl group 1 $INTERVAL_IN $INTERVAL_OUT $VIP_OUT $VIP_IN
}
sa() {	# NS seq|oseq
	ip -n "$1" xfrm state add src $PEER dst $VIP_OUT proto esp spi $SPI \
		reqid 9 mode tunnel flag esn replay-window $WINDOW \
		"replay-$2" $FIRST "replay-$2-hi" 0 aead 'rfc4106(gcm(aes))' \
		0x000102030405060708090a0b0c0d0e0f10111213 128
}
exposed_by() { [ "$(gw_get "$1" '.groups[0].exposure_in')" -eq "$2" ]; }
channel_down() { ! channel_up gwb; }

captured() {	# how many of the peer's packets
	"$LIB/highest.py" $PEER "$XT/cap-outlan-peer.pcap" |
		awk -v s=$SPI '$1 == s {print $2}'
}
# The peer's packets, captured only: A gets nothing of them yet.
numbers() {
	ip -n peer addr add 10.2.9.1/32 dev prot &&
		ip -n peer route add 10.1.9.0/24 via $VIP_OUT &&
		ip -n peer xfrm policy add src 10.2.9.0/24 dst 10.1.9.0/24 \
		dir out tmpl src $PEER dst $VIP_OUT proto esp reqid 9 \
		mode tunnel || return
	in_ns gwa nft -f - <<-RULES || return
		table ip early {
			chain c {
				type filter hook prerouting priority -300
				ip saddr $PEER ip protocol esp drop
			}
		}
	RULES
	in_ns peer ping -q -c 1 -W 10 $VIP_OUT >"$XT/ping.log" || return
	# on one CPU, so that they are captured in their order
	in_ns peer taskset -c 0 "$LIB/burst.py" udp 1 $NUMBERS 20 10.2.9.1 \
		10.1.9.1 >"$XT/burst.log"
	# which writes what it has not written yet
	capture_stop && in_ns gwa nft delete table ip early
}

packets() {	# NS
	ip -n "$1" -s xfrm state get src $PEER dst $VIP_OUT proto esp spi $SPI |
		awk '/lifetime current/ {getline; sub(/.*, /, ""); print $1 + 0}'
}
# Of what is too old to be in the window the kernel takes the upper half for
# the next one, and so the packet for a forged one.
refused() {	# NS
	echo $(($(xfrm_stat "$1" XfrmInStateSeqError) +
		$(xfrm_stat "$1" XfrmInStateProtoError)))
}
all_judged() {	# NS PACKETS REFUSED: before
	[ $(($(packets "$1") - $2 + $(refused "$1") - $3)) -ge "$SENT" ]
}
# feed NS PART [OPTION]...: sends a part (lib/replay.py), sets SENT and ACCEPTED
feed() {
	local taken not
	taken=$(packets "$1")
	not=$(refused "$1")
	in_ns stranger "$LIB/replay.py" "$XT/cap-outlan-peer.pcap" --dev out \
		--dst-mac "${OUT_MAC[$1]}" --src-mac "${OUT_MAC[stranger]}" \
		--vip $VIP_OUT --spi $SPI --holes 5 --rate 2000 --part "$2" \
		"${@:3}" >"$XT/replay.json" || return
	SENT=$(jget replay .sent)
	wait_for 20 all_judged "$1" "$taken" "$not" || return
	ACCEPTED=$(($(packets "$1") - taken))
	log "$1 is sent $*: $SENT, and accepts $ACCEPTED"
}

ktap_plan
topo_up
module_load || bail "the module loads"
conf gwa && conf gwb || bail "both nodes are configured"
in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
	bail "A is active, B standby"
vip_by_hand gwa add
sa peer oseq && sa gwa seq || bail "an SA with a window of $WINDOW"
wait_for 30 hot_with gwb 1 || bail "B has it: $(gw_json gwb)"
capture_start || bail "capture"
numbers || bail "the peer sends: $(tail -n 1 "$XT/burst.log")"
same "the packets of the peer are captured" "$(captured)" $NUMBERS
feed gwa used || bail "A is sent numbers with holes"
check "A is sent a window of them and more ($SENT)" \
	[ "$SENT" -ge $((WINDOW * 4 / 5)) ]
same "and accepts them all" "$ACCEPTED" "$SENT"
check "B hears of it" wait_for 20 exposed_by gwa 0

link_down gwa synclan && link_down gwa outlan && link_down gwa inlan ||
	bail "the links of A go down"
wait_for 30 channel_down || bail "the channel goes down"
in_ns gwb xctl role 1 active && vip_by_hand gwb add || bail "B takes over"
feed gwb used --span $WINDOW || bail "B is sent used numbers"
check "B is sent those of the last $WINDOW again ($SENT)" \
	[ "$SENT" -ge $((WINDOW * 3 / 4)) ]
same "and refuses them all" "$ACCEPTED" 0
feed gwb unused --span $WINDOW || bail "B is sent unused numbers"
check "and those that A had not seen ($SENT)" [ "$SENT" -ge $((WINDOW / 8)) ]
same "of which it accepts all" "$ACCEPTED" "$SENT"
feed gwb unused --span $WINDOW || bail "B is sent unused numbers again"
same "once" "$ACCEPTED" 0
feed gwb older --span $WINDOW || bail "B is sent older numbers"
check "and those behind the window ($SENT)" [ "$SENT" -ge 100 ]
same "of which it accepts none" "$ACCEPTED" 0
ktap_end
