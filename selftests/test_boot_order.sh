#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=boot_order runs it
# timeout: 900
# kernels: 6.1 6.12
#
# Both gateways boot at once, one soon after the other, one when the other is
# active, and one 10 s later; where the higher addresses are on one node, and
# where outside and inside would elect different nodes; once without a channel.
# Two are never active for longer than one hold time, and none is for no
# longer than the configured delay and three hold times.
#
# A boot is a new network namespace, with nothing in it that the module or
# xhad kept. Seen at all times: the kernel's role and each VIP of each node.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

DELAY_MIN=1
DELAY_RELOAD=2	# the first time after a boot
declare -A FIRST_IN=([gwa]=${IN_ADDR[gwa]} [gwb]=${IN_ADDR[gwb]})

election() {	# NAME DEV NUMBER VIP
	cat <<-CONF
		standby $1 {
			interface = $2
			number = $3
			ip = {$4/24}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
			delay = "minimum $DELAY_MIN reload $DELAY_RELOAD"
		}
	CONF
}

conf() {	# NS
	channel_conf "$1"
	{
		printf 'group ha {\n\tid = 1\n'
		election outside out 1 $VIP_OUT
		election inside in 2 $VIP_IN
		printf '}\n'
	} >>"$XT/$1/xhad.conf"
}

# ---- power ----

power_off() {	# NS
	local lan
	gw_kill "$1"
	stop "roles-$1"
	stop "addresses-$1"
	ip netns del "$1" || return
	for lan in outlan inlan synclan; do
		wait_for 30 eval "! ip -n $lan link show $1" || return
	done
}

# The same addresses on both LANs decide alike, or each LAN by its own.
order() {	# same|crossed
	if [ "$1" = same ]; then
		IN_ADDR=([gwa]=${FIRST_IN[gwa]} [gwb]=${FIRST_IN[gwb]})
	else
		IN_ADDR=([gwa]=${FIRST_IN[gwb]} [gwb]=${FIRST_IN[gwa]})
	fi
}

# A node that is off, but watched
prepare() {	# NS
	local lan
	gw_plug "$1" "${1/gw/0}"
	for lan in outlan inlan synclan; do
		link_down "$1" $lan
	done
	rm -f "$XT/roles-$1.log" "$XT/addresses-$1.log"
	start "roles-$1" "$1" rolewatch
	start "addresses-$1" "$1" ip -ts -o monitor address
	wait_for 10 test -s "$XT/roles-$1.log"
}

links_of() {	# NS...
	local ns
	for ns; do
		echo "outlan:$ns inlan:$ns ${CHANNEL:+synclan:$ns}"
	done
}

# Its links come, then xhad
boot() {	# NS
	# shellcheck disable=SC2046 # several
	links up $(links_of "$1") >/dev/null
	BOOTED=$(now_s)
	gw_start "$1"
}

# xhad waits on both, then the links of all come at once.
boot_at_once() {
	gw_start gwa && gw_start gwb || return
	# shellcheck disable=SC2046 # several
	BOOTED=$(links up $(links_of gwa gwb))
	BOOTED=${BOOTED% *}
}

# ---- what is to be ----

elections() { xha_on "$1" -j show standby | jq -r '[.groups[].standby[].state] | join(" ")'; }
elected() { [ "$(elections "$1")" = "active active" ] && is_active "$1"; }
waits() { case $(elections "$1") in *active*) return 1 ;; esac; has_no_vip "$1"; }
settled_as() {	# ACTIVE
	local other
	other=$(gw_other "$1")
	elected "$1" && waits "$other" && { [ -z "$CHANNEL" ] || is_hot "$other"; }
}
settled() { settled_as gwa || settled_as gwb; }

HOLD_MS=
LATE_MS=	# timers of a slow machine, adoption, VIPs

# When the first node that was booted, after T0, began to wait for its delay:
# how long a machine takes until then is not what is configured.
began() {
	awk -F '[][]' -v offset="$CLOCK_OFFSET" -v after="$T0" '
		/waits for [0-9]+ ms before it takes part/ {
			at = $2 / 1000 + offset / 1e9
			if (at >= after && (!min || at < min))
				min = at
		}
		END { printf "%.6f\n", min }' "$XT/xhad-gwa.log" "$XT/xhad-gwb.log"
}

# A node that hears a higher one speak lets it, so one that speaks just before
# the other has done so for a hold time costs a third one: the longest there is.
verdict() {	# NAME EXPECTED
	local json from limit=$((DELAY_RELOAD * 1000 + 3 * HOLD_MS + LATE_MS))
	from=$(began)
	json=$("$LIB/actives.py" --offset "$CLOCK_OFFSET" --from "$from" \
		--to "$(now_s)" --vip $VIP_OUT --vip $VIP_IN \
		gwa:"$XT/roles-gwa.log":"$XT/addresses-gwa.log" \
		gwb:"$XT/roles-gwb.log":"$XT/addresses-gwb.log")
	log "$1: $json"
	check "$1: two are active for no longer than a hold time" \
		[ "$(jq .two_ms <<<"$json")" -le $HOLD_MS ]
	check "$1: none is for no longer than delay and three hold times" \
		[ "$(jq .none_ms <<<"$json")" -le $limit ]
	check "$1: none before the delay and two hold times" \
		[ "$(jq .none_ms <<<"$json")" -ge $((DELAY_RELOAD * 1000 + 2 * HOLD_MS - 50)) ]
	check "$1: and then one stays, $2" eval \
		"grep -qxE '$2' <<<'$(jq -r .turns <<<"$json")'"
}

scenario() {	# NAME ORDER WHO-MAY-WIN COMMAND...
	local name="$1, $2 order" win=$3
	order "$2"
	shift 3
	power_off gwa && power_off gwb && prepare gwa && prepare gwb ||
		bail "$name: new nodes"
	"$@" || bail "$name: they boot"
	wait_for 20 settled ||
		bail "$name: one is active, one standby: $(gw_json gwa) $(gw_json gwb)"
	# whatever would still change does so within a hold time
	run_for "$(jq -n "$HOLD_MS / 1000")"
	verdict "$name" "$win"
}

at_once() { boot_at_once && T0=$BOOTED; }

hold_later() { boot "$1" && T0=$BOOTED &&
	run_for "$(jq -n "$HOLD_MS / 1000")" && boot "$(gw_other "$1")"; }

when_active() { boot "$1" && T0=$BOOTED && wait_for 60 elected "$1" &&
	boot "$(gw_other "$1")"; }

ten_seconds_later() { boot "$1" && T0=$BOOTED &&
	run_for "$(jq -n "$T0 + 10 - $(now_s) | if . > 0 then . else 0 end")" &&
	boot "$(gw_other "$1")"; }

ktap_plan
topo_up
HOLD_MS=$((HELLO_MS * 3))
LATE_MS=$((250 * XHA_FACTOR))
module_load || bail "the module loads"
conf gwa
conf gwb
log "hold $HOLD_MS ms, delay $DELAY_RELOAD s"
CHANNEL=1
for o in crossed same; do
	# B has the higher address outside, which decides.
	scenario "at once" $o gwb at_once
	CHANNEL=''
	scenario "at once, no channel" $o gwb at_once
	CHANNEL=1
	for first in gwa gwb; do
		scenario "$first a hold time before" $o "gwa|gwb" hold_later $first
		scenario "$first first" $o "$first" when_active $first
		scenario "$first 10 s before" $o "$first" ten_seconds_later $first
	done
done
check "both nodes said that the orders differ" eval \
	'grep -q "address order differs" "$XT/xhad-gwa.log" && grep -q "address order differs" "$XT/xhad-gwb.log"'
ktap_end
