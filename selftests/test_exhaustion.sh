#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 300
#
# An SA whose numbers are nearly used up is handed to rekey with a soft expiry:
# once by the active, and once by the next one, whose IKE daemon was not told.
# One whose numbers may wrap has no last one, and is refused by name.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

sa() {	# SPI ARGUMENT...
	local spi=$1
	shift
	ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto esp spi "$spi" \
		reqid 1 mode tunnel "$@" aead 'rfc4106(gcm(aes))' \
		0x000102030405060708090a0b0c0d0e0f10111213 128
}

watch() {	# NS; listens once an SA of no group shows up
	start "expire-$1" "$1" stdbuf -oL ip xfrm monitor expire SA
	wait_for 10 seen "$1"
}
seen() {
	ip -n "$1" xfrm state add src "${SYNC_ADDR[$1]}" dst $PEER proto ah \
		spi 0x99 reqid 9 mode tunnel auth 'hmac(sha256)' 0x0001020304050607 2>/dev/null
	ip -n "$1" xfrm state delete src "${SYNC_ADDR[$1]}" dst $PEER proto ah spi 0x99
	grep -q 0x00000099 "$XT/expire-$1.log"
}

# Soft expiries
told() { grep -c 'hard 0$' "$XT/expire-$1.log"; }
told_once() { [ "$(told "$1")" -ge 1 ]; }

ktap_plan
nodes_begin
watch gwa && watch gwb || bail "both are listened to"
sa 0x1001 replay-oseq 4294950000 && sa 0x1002 replay-oseq 1000 || bail "SAs on A"
check "A raises the soft expiry" wait_for 10 told_once gwa
check "B is hot with both SAs" wait_for 30 hot_with gwb 2
same "and raises none" "$(told gwb)" 0
sa 0x1003 extra-flag oseq-may-wrap || bail "an SA that may wrap on A"
check "with an SA whose numbers may wrap B is cold" \
	wait_for 10 state_is gwb "standby cold"
same "and A says why" "$(sa_refused gwa)" "0x00001003 its sequence numbers may wrap"
sa 0x1004 extra-flag oseq-may-wrap flag esn replay-window 64 ||
	bail "an SA of 64 bits on A"
ip -n gwa xfrm state delete src $VIP_OUT dst $PEER proto esp spi 0x1003
check "with 64 bits they do not, and B is hot" wait_for 20 hot_with gwb 3

in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active ||
	bail "B takes over"
check "B raises it, too" wait_for 10 told_once gwb
run_for 2
same "each once, and of one SA" "$(told gwa) $(told gwb)" "1 1"
ktap_end
