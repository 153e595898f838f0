# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What the tests of the channel share: a tunnel by manual keys with traffic,
# what the gateways say of the channel, its configuration. Sourced after lib.sh.

TUNNEL_KEY=0xc0ffee0102030405060708090a0b0c0d0e0f1011
A2=10.8.0.1 B2=10.8.0.2	# the second addresses, where there are two
BULK=60		# SAs beside the tunnel's: a snapshot is many packets

# sas_batch FIRST N add|delete: a batch for ip of outbound SAs of the group
sas_batch() {
	local i end=" reqid 2 mode tunnel aead rfc4106(gcm(aes))"
	for ((i = $1; i < $1 + $2; i++)); do
		printf 'xfrm state %s src %s dst 192.0.2.200 proto esp spi 0x%x' \
			"$3" $VIP_OUT $((0x3000 + i))
		[ "$3" = delete ] || printf '%s 0xbead%036x 128' "$end" \
			$((0x1234567890ab + i))
		echo
	done
}

# Keys in the kernels of A and the peer; B learns of them.
tunnel_by_hand() {
	local ns
	for ns in gwa peer; do
		ip -n $ns xfrm state add src $VIP_OUT dst $PEER proto esp spi 0x2001 \
			reqid 1 mode tunnel replay-window 64 \
			aead 'rfc4106(gcm(aes))' $TUNNEL_KEY 128 &&
			ip -n $ns xfrm state add src $PEER dst $VIP_OUT proto esp \
				spi 0x2002 reqid 1 mode tunnel replay-window 64 \
				aead 'rfc4106(gcm(aes))' $TUNNEL_KEY 128 || return
	done
	ip -n gwa xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out \
		tmpl src $VIP_OUT dst $PEER proto esp reqid 1 mode tunnel &&
	ip -n gwa xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd \
		tmpl src $PEER dst $VIP_OUT proto esp reqid 1 mode tunnel &&
	ip -n peer xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir out \
		tmpl src $PEER dst $VIP_OUT proto esp reqid 1 mode tunnel &&
	ip -n peer xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir in \
		tmpl src $VIP_OUT dst $PEER proto esp reqid 1 mode tunnel || return
	sas_batch 0 $BULK add | ip -n gwa -batch -
}

hot() { channel_up gwa && hot_with gwb $((2 + BULK + ${1:-0})); }
down() { [ "$(gw_get "$1" .channel.state)" = connecting ]; }
not_up() { ! channel_up "$1"; }
reason() { gw_get "$1" .channel.reason; }
connects() { echo "$(gw_get gwa .channel.connects) $(gw_get gwb .channel.connects)"; }
lag_frames() { gw_get "$1" .channel.lag_frames; }
lag_ms() { gw_get "$1" .channel.lag_ms; }

# A was active all the time, and B never.
steady() {
	[ "$(gw_get gwa '.groups[0].role') $(gw_get gwb '.groups[0].takeovers')" = \
	  "active 0" ]
}

# The channel's addresses on both gateways, each a list: of A, of B.
addresses() {
	local ns own=$1 other=$2 t
	for ns in gwa gwb; do
		[ $ns = gwa ] || { t=$own own=$other other=$t; }
		sed -i -e "s/local-ip = .*/local-ip = {$own}/" \
			-e "s/remote-ip = .*/remote-ip = {$other}/" "$XT/$ns/xhad.conf"
	done
}

# Another configuration of the channel: SED-SCRIPT on both files.
reconfigure() {
	local ns
	for ns in gwa gwb; do
		gw_kill $ns
		sed -i -e "$1" "$XT/$ns/xhad.conf"
	done
	gw_start gwa && gw_start gwb
}

# ---- two paths: A and B are the first addresses ----

second_lan() {
	lan_new sync2lan
	plug gwa sync2 sync2lan 02:00:00:00:0a:04 $A2/24
	plug gwb sync2 sync2lan 02:00:00:00:0b:04 $B2/24
}

# What SCTP says of a remote address
remaddr() { in_ns "$1" awk -v a="$2" '$1 == a' /proc/net/sctp/remaddr; }
path_works() { [ "$(remaddr "$1" "$2" | awk 'NR == 1 {print $8}')" = 2 ]; }
both_paths() { path_works gwa $B && path_works gwa $B2 && path_works gwb $A && path_works gwb $A2; }
