#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 200
#
# xhad locks its memory and runs in real time, what it starts does not; where
# either is refused it says so and does its work all the same.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

conf() {	# NS
	gw_conf "$1"
	sed -i '/helper-grace/r /dev/stdin' "$XT/$1/xhad.conf" <<-CONF
		track how {
			script = {"$XT/$1/how"}
			timeout = 60
		}
	CONF
	cat >"$XT/$1/how" <<-SCRIPT
	#!/bin/sh
	chrt -p \$\$ >"$XT/$1/how.tmp" && mv "$XT/$1/how.tmp" "$XT/$1/how.is"
	SCRIPT
	chmod 755 "$XT/$1/how"
}

# With what such a user has who is root, but may do nothing of this.
start_refused() {	# NS
	local socket=$XR/$1/xhad.sock
	start "xhad-$1" "$1" prlimit --memlock=65536:65536 --rtprio=0:0 -- \
		setpriv --bounding-set -sys_nice,-ipc_lock,-sys_resource -- \
		xhad -c "$XT/$1/xhad.conf" --socket "$socket"
	wait_for 10 test -S "$socket"
}

policy_of() { chrt -p "$1" | sed -n 's/.*policy: *//p'; }
priority_of() { chrt -p "$1" | sed -n 's/.*priority: *//p'; }
locked_kb() { awk '/^VmLck/ {print $2}' "/proc/$1/status"; }
complaints() { grep -c 'memory is not locked\|no real-time scheduling' "$XT/xhad-$1.log"; }

ktap_plan
topo_up
module_load || bail "the module loads"
conf gwa
conf gwb

gw_start gwa || bail "xhad starts on A"
check "A becomes active" wait_for 30 is_active gwa
A=${PIDS[xhad-gwa]}
same "it runs in real time, and what it starts will not" "$(policy_of "$A")" \
	"SCHED_FIFO|SCHED_RESET_ON_FORK"
same "above ordinary work, below what is urgent to the kernel" \
	"$(priority_of "$A")" 10
check "its memory is locked ($(locked_kb "$A") kB)" \
	[ "$(locked_kb "$A")" -gt 1000 ]
same "it has nothing to complain about" "$(complaints gwa)" 0
check "a tracked script ran" wait_for 20 test -s "$XT/gwa/how.is"
check "as ordinary work" grep -q 'policy: SCHED_OTHER$' "$XT/gwa/how.is"
gw_kill gwa
# with its kernel, for which B would wait
ip netns del gwa || bail "A is gone"

start_refused gwb || bail "xhad starts on B"
check "B becomes active, although it may not do this" wait_for 30 is_active gwb
B=${PIDS[xhad-gwb]}
same "it does not run in real time" "$(policy_of "$B")" SCHED_OTHER
same "and says so" \
	"$(grep -c 'no real-time scheduling: Operation not permitted' "$XT/xhad-gwb.log")" 1
same "no memory of it is locked" "$(locked_kb "$B")" 0
same "and it says so" \
	"$(grep -c 'memory is not locked: limit: Operation not permitted' "$XT/xhad-gwb.log")" 1
check "a tracked script runs there, too" wait_for 20 test -s "$XT/gwb/how.is"
ktap_end
