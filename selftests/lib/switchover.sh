# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Planned switchovers back and forth of the pair that pair_up() made, and what
# is to be said about all of them. Sourced after lib.sh.

# Whatever counts packets thrown away, by namespace: for whoever wants to know
# where one got lost.
drop_counters() {
	local ns
	for ns in peer gwa gwb host outlan inlan; do
		{
			in_ns $ns awk '{print $1, $2}' /proc/net/xfrm_stat
			in_ns $ns nstat -asz 2>/dev/null |
				awk '/Err|Drop|Discard|NoRoute|InAddr|Csum/ {print $1, $2}'
			in_ns $ns lnstat -c 1 -k arp_cache:unresolved_discards 2>/dev/null |
				awk 'END {print "arp_unresolved", $1}'
			ip -n $ns -s -j link | jq -r '.[] |
				"\(.ifname)_rx \(.stats64.rx.dropped)", "\(.ifname)_tx \(.stats64.tx.dropped)"'
		} | sed "s/^/$ns /"
	done
	for ns in gwa gwb; do
		gw_get $ns '.groups[0].gate | to_entries[] | "\(.key) \(.value)"' |
			sed "s/^/$ns gate_/"
	done
	awk '{print "all softnet_dropped", NR, $2}' /proc/net/softnet_stat
}
# What was decrypted before the fence finds its policy, or does not need one.
no_policy_missed() {
	local ns
	for ns in gwa gwb; do
		grep -qx "$ns XfrmInNoPols $(xfrm_stat $ns XfrmInNoPols)" \
			"$XT/drops.before" || return
	done
}
changed_counters() {
	drop_counters | sort >"$XT/drops.after"
	log "counted since the pair was whole:" \
		"$(comm -13 "$XT/drops.before" "$XT/drops.after" | tr '\n' ',')"
}

switchovers() {	# TIMES
	local i out t from=gwa to=gwb want=gwa
	drop_counters | sort >"$XT/drops.before"
	for ((i = 1; i <= $1; i++)); do
		if ! out=$(xha_on $from switchover 2>&1); then
			bail "switchover $i from $from: $out"
		fi
		wait_for 20 is_active $to && wait_for 20 hot_with $from 2 ||
			bail "switchover $i: $to active, $from hot"
		check "switchover $i to $to, traffic flows, no larval SA" eval \
			'flowing udp-host 100 && flowing udp-peer 100 && no_larvals'
		want="$want $to"
		t=$from from=$to to=$t
	done
	ACTIVE=$from STANDBY=$to WANT=$want
}

lost_nothing() {	# ends the traffic
	same_peer_sas && ok "the peer sees the same SAs" ||
		not_ok "the peer sees the same SAs"
	traffic_stop
	same "no UDP packet was lost" "$(udp_lost)" 0
	[ "$(udp_lost)" = 0 ] || changed_counters
	same "no UDP packet was delivered twice" "$(udp_duplicates)" 0
	check "the TCP connection lives" tcp_survived
	check "the peer counts no replay error" no_new_seq_errors
	check "no gateway lacks a policy for what came by ESP" no_policy_missed
	check "no ACQUIRE on either gateway" no_acquires
	same "nothing overflowed" "$(gw_get gwa '.groups[0].gate.overflow') $(gw_get gwb '.groups[0].gate.overflow')" "0 0"
	check "the captures are complete" capture_stop
	judge --plain-after "$HOT" --established "$HOT"
	same "the gateways sent in turn" "$(senders)" "$WANT"
	judged seq_reused=0 iv_reused=0 jumps_back=0 forwarded_twice=0 plaintext=0 \
		renegotiations=0
}
