# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# One ESP tunnel by manual keys between the outside VIP and the peer, for the
# tests that need state to mirror, and no IKE daemon.

MANUAL_KEY=0x000102030405060708090a0b0c0d0e0f10111213

manual_sa() {	# NS SRC DST SPI
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 \
		mode tunnel replay-window 64 \
		aead 'rfc4106(gcm(aes))' $MANUAL_KEY 128
}

manual_policy() {	# NS DIR SRC DST TMPL-SRC TMPL-DST
	ip -n "$1" xfrm policy add src "$3" dst "$4" dir "$2" \
		tmpl src "$5" dst "$6" proto esp reqid 1 mode tunnel
}

# At the active NS and at the peer, both ends; between other networks if given.
manual_tunnel() {	# NS [LOCAL REMOTE]
	local ns here=${2:-10.1.0.0/24} there=${3:-10.2.0.0/24}
	for ns in "$1" peer; do
		manual_sa "$ns" "$VIP_OUT" "$PEER" 0x1001 &&
			manual_sa "$ns" "$PEER" "$VIP_OUT" 0x1002 || return
	done
	manual_policy "$1" out "$here" "$there" "$VIP_OUT" "$PEER" &&
		manual_policy "$1" in "$there" "$here" "$PEER" "$VIP_OUT" &&
		manual_policy "$1" fwd "$there" "$here" "$PEER" "$VIP_OUT" &&
		manual_policy peer in "$here" "$there" "$VIP_OUT" "$PEER" &&
		manual_policy peer out "$there" "$here" "$PEER" "$VIP_OUT"
}
