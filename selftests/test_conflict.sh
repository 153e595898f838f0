#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 400
#
# An IKE daemon, here `ip xfrm`, installs SAs on the standby that are staged
# there. One with other keys is a conflict from that moment until it goes, and
# named; the very same one, or a larval one, gives way in a takeover to the
# staged one, with the numbers and the IV tag that the peer never used.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

KEY=0x000102030405060708090a0b0c0d0e0f10111213
OTHER=0x100102030405060708090a0b0c0d0e0f10111213
TAKEN="another SA with this SPI is installed here"

sa() {	# NS SRC DST SPI KEY ARGUMENT...
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 \
		mode tunnel "${@:6}" aead 'rfc4106(gcm(aes))' "$5" 128
}
sa_del() { ip -n "$1" xfrm state delete src "$2" dst "$3" proto esp spi "$4"; }

sa_of() {	# NS SPI FIELD
	xha_on "$1" -j show crypto ipsec sa |
		jq -r ".sas[] | select(.spi == \"$2\") | .$3"
}
cold_for() { state_is gwb "standby cold" && [ "$(sa_refused gwb)" = "$1 $TAKEN" ]; }
reason_is() { [[ "$(gw_get "$1" '.groups[0].reason')" == "$2" ]]; }
still_hot() { hot_with gwb 5 && [ -z "$(sa_refused gwb)" ]; }

# B finds in its tables what no event tells of, as no address of it is a VIP:
# that, and nothing else, is named.
tables_looked_at() {	# NAME
	ns_sysctl gwb net.xfrm_ha.walk_interval_ms=200
	sa gwb 192.0.2.77 $PEER 0x2005 $OTHER || bail "an SA of no group on B"
	conflict "$1, beside one of no group" 0x00002005 \
		sa_del gwb 192.0.2.77 $PEER 0x2005
	ns_sysctl gwb net.xfrm_ha.walk_interval_ms=3600000
}

conflict() {	# NAME SPI HEAL...: what was just installed, and what ends it
	local name=$1 spi=$2
	shift 2
	check "$name: B is cold, and names the SA" wait_for 10 cold_for "$spi"
	"$@" || bail "$name: it goes"
	check "$name: gone, B is hot again" wait_for 20 hot_with gwb 5
}

ktap_plan
nodes_on_lan
nodes_roles
start listen gwa xctl listen	# who would raise the VIPs
sa gwa $VIP_OUT $PEER 0x2001 $KEY replay-oseq 5000 &&
	sa gwa $PEER $VIP_OUT 0x2002 $KEY replay-window 32 replay-seq 900 &&
	sa gwa $VIP_OUT $PEER 0x2003 $KEY flag esn replay-window 64 &&
	sa gwa $PEER $VIP_OUT 0x2004 $KEY replay-window 32 &&
	sa gwa $VIP_OUT $PEER 0x2005 $KEY || bail "SAs on A"
check "B is hot with all SAs" wait_for 30 hot_with gwb 5
ns_sysctl gwb net.xfrm_ha.walk_interval_ms=3600000

# ---- conflicts come and go, and the kernel tells of each ----
sa gwb $VIP_OUT $PEER 0x2001 $OTHER || bail "another SA on B"
conflict "added, outbound" 0x00002001 sa_del gwb $VIP_OUT $PEER 0x2001
sa gwb $PEER $VIP_OUT 0x2002 $OTHER || bail "another SA on B"
conflict "added, inbound; flushed" 0x00002002 ip -n gwb xfrm state flush
sa gwb $PEER $VIP_OUT 0x2002 $OTHER limit time-hard $((2 + 4 * XHA_FACTOR)) || bail "another SA on B"
conflict "expires by itself" 0x00002002 true
ip -n gwb xfrm state allocspi src $PEER dst $VIP_OUT proto esp reqid 1 \
	mode tunnel min 0x2002 max 0x2002 >/dev/null || bail "a larval SA on B"
tables_looked_at "a larval SA"
check "a larval SA is no conflict" still_hot
ip -n gwb xfrm state update src $PEER dst $VIP_OUT proto esp spi 0x2002 \
	reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' $OTHER 128 ||
	bail "the larval SA gets keys"
conflict "what becomes of it is" 0x00002002 sa_del gwb $PEER $VIP_OUT 0x2002

# ---- what gives way ----
sa gwb $VIP_OUT $PEER 0x2001 $KEY replay-oseq 7 &&
	sa gwb $PEER $VIP_OUT 0x2002 $KEY replay-window 32 &&
	sa gwb $VIP_OUT $PEER 0x2003 $KEY flag esn replay-window 128 ||
	bail "the same SAs on B"
ip -n gwb xfrm state allocspi src $PEER dst $VIP_OUT proto esp reqid 1 \
	mode tunnel min 0x2004 max 0x2004 >/dev/null || bail "a larval SA on B"
tables_looked_at "the same SAs and a larval one"
check "the same SAs and a larval one are no conflict" still_hot
TAG=$(sa_of gwb 0x00002001 iv_tag)
ESN_TAG=$(sa_of gwb 0x00002003 iv_tag)
CEILING=$(sa_of gwb 0x00002001 ceiling)
ESN_CEILING=$(sa_of gwb 0x00002003 ceiling)
in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active ||
	bail "B takes over"
same "B refuses none" "$(sa_refused gwb)" ""
same "one of each is in xfrm" "$(sa_spis gwb | tr '\n' ' ')" \
	"0x00002001 0x00002002 0x00002003 0x00002004 0x00002005 "
same "the IV tags are those reserved for B" \
	"$(sa_of gwb 0x00002001 iv_tag) $(sa_of gwb 0x00002003 iv_tag)" "$TAG $ESN_TAG"
at_least() { [ "$(sa_of gwb "$1" sequence)" -ge "$2" ] && [ "$2" -ge "$3" ]; }
check "numbers begin where A has not been" at_least 0x00002001 "$CEILING" 15000
check "those of 64 bits, too" at_least 0x00002003 "$ESN_CEILING" 10000
same "the windows are A's" "$(in_ns gwb ip -s xfrm state get src $PEER dst $VIP_OUT \
	proto esp spi 0x2002 | awk '/anti-replay context/ {print $4 $8}' | tr -d ,)" \
	"0x3840x00000000"
same "and their sizes" "$(sa_of gwb 0x00002003 replay_window)" 64
wait_for 30 hot_with gwa 5 || bail "A becomes hot standby"

# ---- installed there while the commit of a hand-over is on its way ----
COMMIT=50	# kmod/wire.h
# the command takes its time
node_peer gwa patient && node_peer gwb patient || bail "channels"
stepcut_arm gwb $COMMIT 0 run "ip -n gwa xfrm state add src $PEER dst $VIP_OUT \
	proto esp spi 0x2004 reqid 1 mode tunnel aead 'rfc4106(gcm(aes))' $OTHER 128" ||
	bail "the channel through stepcut"
wait_for 60 hot_with gwa 5 || bail "A is hot: $(gw_json gwa)"
in_ns gwb xctl handover 1 || bail "B begins to hand over"
wait_for 30 grep -q '^ran: 0$' "$XT/stepcut.log" ||
	bail "another SA on A: $(gw_get gwb '.groups[0].reason'); $(cat "$XT/stepcut.log")"
check "a conflict ends the hand-over, and B is told why" wait_for 20 \
	reason_is gwb "hand-over failed: not hot any more"
same "the role stays where it is" "$(gw_state gwb)" active
same "and all SAs with it" "$(sa_count gwb)" 5
check "A names the SA" wait_for 20 eval '[ "$(sa_refused gwa)" = "0x00002004 $TAKEN" ]'
same "which is all that is in its SAD" "$(sa_spis gwa)" 0x00002004
stepcut_off || bail "the switch"
sa_del gwa $PEER $VIP_OUT 0x2004
check "A is hot again" wait_for 20 hot_with gwa 5
ktap_end
