#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: waits for delays to end; TESTS=timers runs it
# timeout: 300
#
# The times of HSRP between real nodes: delays after a boot and after a link
# that was down, delays of preemption, and timers learnt from the active. B has
# the lower priority and slower timers, and is there first.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2034 # has_vip
VIPS=1

conf() {	# NS PRIORITY HELLO
	channel_conf "$1"
	cat >>"$XT/$1/xhad.conf" <<-CONF
	group ha {
		id = 1
		standby outside {
			interface = out
			version = 2
			number = 1
			ip = {$VIP_OUT/24}
			priority = $2
			preempt = true
			timers-msec = {$3, $(($3 * 3))}
			delay = "minimum 1 reload 3"
			preempt-delay = "minimum 2 reload 4"
		}
	}
	CONF
}

# When a line came last, in ms of the helper's clock; 0 if it did not.
line_ms() {	# NS PATTERN
	awk -F '[][]' -v pattern="$2" '$0 ~ pattern { ms = $2 } END { printf "%d\n", ms }' \
		"$XT/xhad-$1.log"
}

# Between the last lines of two kinds there is time, but not much more.
apart() {	# NS FIRST SECOND LEAST-MS
	local a b
	a=$(line_ms "$1" "$2")
	b=$(line_ms "$1" "$3")
	log "$1: '$2' at $a ms, '$3' at $b ms"
	[ "$a" -gt 0 ] && [ $((b - a)) -ge "$4" ] &&
		[ $((b - a)) -lt $(($4 + 20000)) ]
}

waited() {	# NS MS
	apart "$1" "waits for $2 ms before it takes part" "initial -> listen" "$2"
}
preempted_after() {	# NS MS
	apart "$1" "initial -> listen" "asks the active for a hand-over" "$2"
}

election() { standby_get "$1" ".groups[0].standby[0].$2"; }
hello_is() { [ "$(election "$1" hello_ms) $(election "$1" hold_ms)" = "$2 $(($2 * 3))" ]; }
on_a() { is_active gwa && is_hot gwb && [ "$(election gwb state)" = standby ]; }
on_b() { is_active gwb && is_hot gwa; }

ktap_plan
topo_up
SLOW_MS=$((HELLO_MS * 2))
module_load || bail "the module loads"
conf gwa 105 "$HELLO_MS"
conf gwb 100 "$SLOW_MS"

# ---- after a boot ----
gw_start gwb || bail "xhad starts on B"
wait_for 60 is_active gwb || bail "B becomes active: $(gw_json gwb)"
check "B waited for delay reload" waited gwb 3000
gw_start gwa || bail "xhad starts on A"
check "A, which is higher, becomes active" wait_for 60 on_a
check "A waited for delay reload" waited gwa 3000
check "and for preempt-delay reload" preempted_after gwa 4000
same "without a loss" "$(gw_get gwa '.groups[0].cause')" handover

# ---- timers ----
check "the standby uses the active's timers" wait_for 30 hello_is gwb "$HELLO_MS"
same "and says that it learnt them" "$(election gwb timers_learnt)" true
same "its own are still known" "$(election gwb hello_configured_ms)" $SLOW_MS
same "the active uses its own" "$(election gwa timers_learnt)" false

# ---- after a link that was down ----
ip -n outlan link set gwa down
check "link down on A: B is active" wait_for 30 is_active gwb
check "and uses its own timers" wait_for 10 hello_is gwb $SLOW_MS
ip -n outlan link set gwa up
check "A takes the role back" wait_for 60 on_a
check "A waited for delay minimum" waited gwa 1000
check "and for preempt-delay minimum" preempted_after gwa 2000

# ---- a helper that restarts is no boot ----
gw_stop gwa
check "xhad stops on A: B is active" wait_for 30 is_active gwb
gw_start gwa || bail "xhad starts again on A"
check "A takes the role back again" wait_for 60 on_a
check "A waited for delay minimum again" waited gwa 1000
check "and for preempt-delay minimum again" preempted_after gwa 2000
ktap_end
