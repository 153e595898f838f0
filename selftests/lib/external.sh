# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the tests of groups that another program elects. Sourced after lib.sh.

external_conf() {	# NS xhad|elector WAIT
	local o
	o=$(gw_other "$1")
	channel_conf "$1"
	cat >>"$XT/$1/xhad.conf" <<-CONF
	group ha {
		id = 1
		replay-interval-inbound = $INTERVAL_IN
		replay-interval-outbound = $INTERVAL_OUT
		election = external
		vips = $2
		handover-wait = $3
		address outside {
			interface = out
			ip = {$VIP_OUT/24}
			neighbour = ${OUT_ADDR[$o]}
		}
		address inside {
			interface = in
			ip = {$VIP_IN/24}
			neighbour = ${IN_ADDR[$o]}
		}
	}
	CONF
}

order_of() { xha_on "$1" -j show external | jq -r ".groups[0].external.order"; }
ordered() { [ "$(order_of "$1")" = "$2" ]; }
is_standby() { [ "$(gw_get "$1" '.groups[0].role')" = standby ] && has_no_vip "$1"; }

# role_says STATUS NS WORDS...: with the text in $XT/said
role_says() {
	local want=$1 ns=$2 status
	shift 2
	xha_on "$ns" "$@" >"$XT/said" 2>&1
	status=$?
	[ $status -eq "$want" ] || {
		log "status $status: $(cat "$XT/said")"
		return 1
	}
}
