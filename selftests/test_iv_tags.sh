#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 200
#
# An SA that has outlived so many lives of the standby that its IV tags are
# nearly used up is handed to rekey with a soft expiry, while there still are
# some; one that has none left is handed over too, and refused by name. A
# scripted active made them that old.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

# SPIs of which A told a soft expiry, in order
told() {
	awk '/^Expired/ {e = 1} e && /spi/ {sub(/.*spi /, ""); print substr($0, 1, 10); e = 0}' \
		"$XT/expire.log" | sort | tr '\n' ' '
}
told_all() { [ "$(told)" = "0x00003002 0x00003003 " ]; }
watching() {
	ip -n gwa xfrm state add src 10.9.0.1 dst $PEER proto ah spi 0x99 \
		reqid 9 mode tunnel auth 'hmac(sha256)' 0x0001020304050607 2>/dev/null
	ip -n gwa xfrm state delete src 10.9.0.1 dst $PEER proto ah spi 0x99
	grep -q 0x00000099 "$XT/expire.log"
}

ktap_plan
nodes_up
module_load || bail "the module loads"
node_conf gwa && in_ns gwa xctl role 1 standby || bail "A is standby"
start expire gwa stdbuf -oL ip xfrm monitor expire SA
wait_for 10 watching || bail "A is listened to"

printf for-tests-only-and-worth-nothing >"$XT/key"
start badpeer gwb badpeer -l "${SYNC_ADDR[gwb]}:$CHANNEL_PORT" \
	-r "${SYNC_ADDR[gwa]}:$CHANNEL_PORT" -K "$XT/key" -t 60 -v $VIP_OUT tags
wait_for 20 knows_sas gwa 3 || {
	log "badpeer: $(cat "$XT/badpeer.log"); $(gw_json gwa)"
	bail "A stages the SAs of an active"
}
ok "A stages the SAs of an active"
stop badpeer
same "and refuses none" "$(sa_refused gwa)" ""
in_ns gwa xctl role 1 active || bail "A takes over"

node_conf gwb && in_ns gwb xctl role 1 standby || bail "B is standby"
check "A hands both to rekey, once" wait_for 20 told_all
check "B is cold for the one without tags" wait_for 20 state_is gwb "standby cold"
same "which A names" "$(sa_refused gwa)" "0x00003003 IV tags used up: rekey it"
ip -n gwa xfrm state delete src $VIP_OUT dst 10.10.10.10 proto esp spi 0x3003
check "once that is gone B is hot with the others" wait_for 20 hot_with gwb 2
same "each was told once" "$(told)" "0x00003002 0x00003003 "
ktap_end
