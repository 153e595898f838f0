#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The demonstration (make demo): a tunnel that a strongSwan peer negotiated
# with gateway A outlives the loss of A. Prints a timeline and a summary and
# writes build/demo.json and build/demo.svg. Non-zero when the tunnel did not
# survive, or when anything was reused, leaked or renegotiated.
set -u
. "$(dirname "$0")/lib.sh"
RESULT=${DEMO_RESULT:-$TOP/build/demo}

fail() {
	log "FAILED: $*"
	tail -n 15 "$XT"/xhad-*.log
	exit 1
}

say() { printf '%s\n' "$*"; }

bring_up() {
	module_load || fail "the module does not load"
	gw_start gwa || fail "xhad does not start on gateway A"
	wait_for 20 is_active gwa || fail "gateway A does not become active"
	say "  gateway A is active and has the VIPs $VIP_OUT (outside) and $VIP_IN (inside)"
	charon_start gwa && charon_start peer && tunnel_up ||
		fail "strongSwan: $(cat "$XT/peer/initiate.log")"
	say "  the peer's strongSwan negotiated with strongSwan on A:"
	in_ns gwa ip xfrm state | awk '/^src/ {s = $0} /spi/ {print "    " s, $4}'
	capture_start || fail "no capture"
	acquire_watch
	traffic_start || fail "no traffic through the tunnel"
	say "  UDP at $TRAFFIC_RATE/s each way and a TCP connection run through it"
	gw_start gwb || fail "xhad does not start on gateway B"
	wait_for 30 hot_with gwb 2 || fail "gateway B does not become hot standby"
	HOT=$(state_since gwb)
	say "  gateway B is hot standby with $(gw_get gwb '.groups[0].sas') SAs; nothing is configured there but xhad"
}

lose_a() {
	local cut
	start vipwatch gwb ip -ts monitor address
	# A stretch of steady state to be seen in the plot.
	flowing udp-host 400 20 || fail "traffic stopped before the takeover"
	PEER_SAS=$(peer_sas)
	SEQ_ERRORS=$(xfrm_stat peer XfrmInStateSeqError)
	roles_are gwa gwb ||
		fail "the roles moved before the cut (machine stalled longer than $((HELLO_MS * 3)) ms?)"
	say "  all links of gateway A are cut"
	cut=$(links_down gwa)
	CUT_BEGIN=${cut% *}
	CUT_END=${cut#* }
	wait_for 30 is_active gwb || fail "gateway B does not take over"
	traffic_flows 30 || fail "traffic does not go on through gateway B"
	flowing udp-host 600 20 || fail "traffic through B stopped"
}

# The peer's live traffic is stopped, then all it ever sent to A is sent to B.
replay_old() {
	local before
	traffic_stop
	before=$(sa_packets gwb $PEER $VIP_OUT)
	replay_at gwb "$CUT_BEGIN" || fail "the replayer failed"
	in_ns peer ping -q -c 1 -W 5 -I $HOST_OUT $HOST_IN >"$XT/ping.log" 2>&1 ||
		fail "no ping through B after the replays"
	# the ping's request is one packet of that SA
	ACCEPTED=$(($(sa_packets gwb $PEER $VIP_OUT) - before - 1))
}

events() {
	jq -n --arg kernel "$(uname -r)" --argjson hot "$HOT" \
		--argjson cut_begin "$CUT_BEGIN" --argjson cut_end "$CUT_END" \
		--argjson begin "$(step_time gwb begin)" \
		--argjson gate "$(step_time gwb gate)" \
		--argjson end "$(step_time gwb end)" \
		--argjson tunnels "$(($(gw_get gwb '.groups[0].sas') / 2))" \
		--argjson seq_errors "$SEQ_ERRORS_NEW" \
		--argjson same_sas "$SAME_SAS" \
		--argjson acquires "$(($(acquires gwa) + $(acquires gwb)))" \
		--argjson accepted "$ACCEPTED" \
		--argjson clock_offset "$CLOCK_OFFSET" \
		--argjson hello_ms "$HELLO_MS" \
		'$ARGS.named'
}

main() {
	say "Two gateways, a strongSwan peer, live traffic (kernel $(uname -r))"
	topo_up
	bring_up
	lose_a
	SEQ_ERRORS_NEW=$(($(xfrm_stat peer XfrmInStateSeqError) - SEQ_ERRORS))
	SAME_SAS=$([ "$PEER_SAS" = "$(peer_sas)" ] && echo true || echo false)
	replay_old
	capture_stop || fail "the captures are incomplete"
	events >"$XT/events.json" || fail "the gateway's timeline is incomplete"
	judge --plain-after "$HOT" --established "$HOT" \
		--silent "gwb::$(jget events .begin)" \
		--silent "gwa:$CUT_END:" \
		--bin-ms 10 --bins "$(jget events '((.end - .cut_begin + 3.5) * 100 | floor)')" \
		--bins-from "$(jget events '.cut_begin - 1.5')" || fail "no verdict"
	"$LIB/demo.py" "$XT" "$RESULT"
}

main
