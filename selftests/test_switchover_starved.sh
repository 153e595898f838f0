#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=switchover_starved runs it
# timeout: 900
# kernels: 6.1 6.12
#
# The same as test_switchover.sh where a real-time task leaves the CPU that the
# gateways receive on to ksoftirqd and to workers for a third of the time only: a
# hand-over waits for what came out of the tunnel there, and goes through. (6.1
# leaves softirqs to ksoftirqd while that is to run; 6.12 takes them up with the
# next interrupt.)
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/switchover.sh
. "$LIB/switchover.sh"
CPU=1
BUSY_MS=80
IDLE_MS=40

receives_on() {	# CPU NS DEV
	ip netns exec "$2" sh -c \
		"printf %x $((1 << $1)) >/sys/class/net/$3/queues/rx-0/rps_cpus"
}
# What comes in by ESP goes through the gateway on that CPU; all the rest is on one
# that nobody starves, or the LANs would delay what was sent already.
steer() {
	local ns
	for ns in gwa gwb; do
		receives_on $CPU $ns out && receives_on 0 outlan $ns &&
			receives_on 0 inlan $ns || return
	done
	receives_on 0 peer out && receives_on 0 host in
}
processed() { echo $((16#$(awk -v n=$(($1 + 1)) 'NR == n {print $1}' /proc/net/softnet_stat))); }
moved_there() {
	local before
	before=$(processed $CPU)
	flowing udp-host 100 && [ $(($(processed $CPU) - before)) -ge 100 ]
}

ktap_plan
[ "$(nproc)" -gt $CPU ] || {
	skip "packets wait behind a real-time task" "one CPU"
	ktap_end
}
topo_up
steer || bail "gateways receive on CPU $CPU"
pair_up
start starve host "$LIB/starve.py" $CPU $BUSY_MS $IDLE_MS
wait_for 10 grep -q busy "$XT/starve.log" || bail "somebody starves CPU $CPU"
check "what a gateway decrypts goes on by that CPU" moved_there
switchovers "${TIMES:-6}"
lost_nothing
ktap_end
