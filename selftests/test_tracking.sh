#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 400
#
# Tracked interfaces, scripts and processes. Gateway A has the higher priority
# and everything it needs; one thing after the other fails there, and comes
# back. Each time both elections move to B together, and back only once A is
# hot standby again.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

# A link of its own: the other end decides about its carrier.
stub() {	# NS DEV
	ip -n "$1" link add "$2" type veth peer name "$2-$1" netns outlan
	ip -n outlan link set "$2-$1" up
	ip -n "$1" link set "$2" up
}

election() {	# NAME DEV NUMBER VIP PRIORITY
	cat <<-CONF
		standby $1 {
			interface = $2
			number = $3
			ip = {$4/24}
			priority = $5
			preempt = true
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
			delay = "minimum 1"
		}
	CONF
}

conf() {	# NS PRIORITY
	channel_conf "$1"
	cat >>"$XT/$1/xhad.conf" <<-CONF
	group ha {
		id = 1
		$(election outside out 1 $VIP_OUT "$2")
		$(election inside in 2 $VIP_IN "$2")
		track uplink {
			interface = wan
		}
		track line {
			interface = line
			decrement = 20
		}
		track reach {
			script = {"$XT/$1/reach", "$XT/$1/cut"}
			timeout = 60
			fall = 3
			rise = 2
		}
		track daemon {
			process = xhat-$1
			release = false
		}
	}
	CONF
	printf '#!/bin/sh\n[ ! -e "$1" ]\n' >"$XT/$1/reach"
	chmod 755 "$XT/$1/reach"
	cp /bin/sleep "$XT/xhat-$1"
}

daemon_start() { start "daemon-$1" "$1" "$XT/xhat-$1" 3000; }

priorities() { standby_get "$1" '[.groups[].standby[].priority] | unique | join(" ")'; }
track() { standby_get "$1" ".groups[0].track[] | select(.name == \"$2\") | .$3"; }
track_is() { [ "$(track "$1" "$2" state)" = "$3" ]; }
heard_more() { [ "$(heard "$1")" -ge "$2" ]; }
downs() { grep -c "track $2: down" "$XT/xhad-$1.log"; }

# Each time the election waited for a second before it took part. A stalled
# machine may take it out of the race once more (a script that is late).
delays_kept() {	# NS LEAST-TIMES
	awk -F '[][]' -v want="$2" '
		/standby outside: waits for 1000 ms/ { since = $2 }
		/standby outside: initial -> listen/ {
			n++
			if (!since || $2 - since < 1000)
				early++
			since = 0
		}
		END { exit !(n >= want && !early) }' "$XT/xhad-$1.log"
}

# Both elections and the kernel's role.
active_on() { states_are "$1" active && is_active "$1" && has_no_vip "$(gw_other "$1")"; }
peer_hot() { [ "$(gw_get gwa '.groups[0].peer_state')" = "standby hot" ]; }
ready() { active_on gwa && is_hot gwb && peer_hot; }
a_is_back() { check "A takes the role back, and B is hot" wait_for 60 ready; }

ktap_plan
topo_up
module_load || bail "the module loads"
for ns in gwa gwb; do
	stub $ns wan
	stub $ns line
done
conf gwa 105
conf gwb 100
daemon_start gwa
daemon_start gwb
gw_start gwa || bail "xhad starts on A"
wait_for 30 active_on gwa || bail "A becomes active: $(standby_get gwa .)"
gw_start gwb || bail "xhad starts on B"
wait_for 60 eval 'ready && states_are gwb standby' ||
	bail "B becomes hot standby: $(gw_json gwb)"
same "everything is up on B" \
	"$(standby_get gwb '[.groups[0].track[].state] | unique | join(" ")')" up
same "B announces its priority" "$(priorities gwb)" 100

# ---- release: the uplink is set down ----
ip -n gwa link set wan down
check "uplink set down on A: B is active in both" wait_for 30 active_on gwb
check "A takes no part in either" wait_for 20 states_are gwa initial
same "A says why" "$(track gwa uplink state) $(track gwa uplink reason)" \
	"down set down"
same "A has handed over" "$(gw_get gwb '.groups[0].cause')" handover
same "A's log has one line of it" "$(downs gwa uplink)" 1
check "the text has it, too" eval \
	"xha_on gwa show standby | grep -q 'Track uplink: interface wan is down for .* (set down), needed for the role'"

# ---- back, but not hot: the channel is cut ----
link_down gwa synclan
wait_for 30 state_is gwa negotiation || bail "A loses the channel"
ip -n gwa link set wan up
check "uplink up again: A is standby in both" wait_for 30 states_are gwa standby
N=$(heard gwa)
wait_for 60 heard_more gwa $((N + 5)) || bail "A hears B"
check "A waited for its delay at start and now" delays_kept gwa 2
check "A, not hot, leaves the lower B in peace" active_on gwb
link_up gwa synclan
a_is_back

# ---- release: no carrier, then no interface ----
ip -n outlan link set wan-gwa down
check "uplink without carrier on A: B is active in both" \
	wait_for 30 active_on gwb
same "A says why" "$(track gwa uplink reason)" "no carrier"
ip -n gwa link del wan
wait_for 20 eval '[ "$(track gwa uplink reason)" = "not there" ]' ||
	bail "A sees that the uplink is gone"
same "which is no news in A's log" "$(downs gwa uplink)" 2
stub gwa wan
a_is_back

# ---- decrement: the line ----
ip -n outlan link set line-gwa down
check "line without carrier on A: B preempts in both" wait_for 30 active_on gwb
same "A announces the lower priority" "$(priorities gwa)" 85
same "and has handed over" "$(gw_get gwb '.groups[0].cause')" handover
check "A still takes part in both" wait_for 30 states_are gwa standby
ip -n outlan link set line-gwa up
a_is_back
same "with its own priority" "$(priorities gwa)" 105

# ---- a script ----
touch "$XT/gwa/cut"
check "the script fails on A: B is active in both" wait_for 40 active_on gwb
same "A says why" "$(track gwa reach reason)" "exit status 1"
check "it took three failures" eval '[ "$(track gwa reach failures)" -ge 3 ]'
rm "$XT/gwa/cut"
a_is_back

# ---- a process ----
stop daemon-gwa KILL
check "the daemon dies on A: B preempts in both" wait_for 30 active_on gwb
same "A says why" "$(track gwa daemon state) $(track gwa daemon reason)" \
	"down 0 of 1"
same "by Cisco's decrement" "$(priorities gwa)" 95
daemon_start gwa
a_is_back

# ---- one failure of both nodes' ----
ip -n gwb link set wan down
wait_for 20 states_are gwb initial || bail "B leaves the race"
check "what B tracks does not move A" active_on gwa
ktap_end
