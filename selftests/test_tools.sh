#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
#
# The judges themselves: the capture judge finds every kind of violation in
# synthetic captures, and the traffic tool counts what netem loses and repeats.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
export PYTHONDONTWRITEBYTECODE=1

ktap_plan
out=$("$LIB/test_judge.py" 2>&1)
rc=$?
ktap_diag "$out"
ktap_result $rc "the capture judge finds what it must find"
out=$("$LIB/test_timing.py" 2>&1)
rc=$?
ktap_diag "$out"
ktap_result $rc "who judges times is right about them"
out=$("$LIB/test_keysearch.py" 2>&1)
rc=$?
ktap_diag "$out"
ktap_result $rc "who looks for keys finds them, however they are printed"
out=$("$TOP/selftests/campaign/test_checker.py" 2>&1)
rc=$?
ktap_diag "$out"
ktap_result $rc "each check of the campaign goes off where it must"
out=$("$TOP/selftests/bench/test_report.py" 2>&1)
rc=$?
ktap_diag "$out"
ktap_result $rc "the benchmark claims what was measured, no more"

topo_up
# clear traffic on the inside LAN is enough to see the tools at work
ip -n gwa addr add 10.2.0.10/32 dev lo
ip -n host route replace 10.2.0.10 via "${IN_ADDR[gwa]}"
ends() {	# start both ends of the UDP flow
	start_flow udp-peer gwa -r 200 udp 10.2.0.10:7001 $HOST_IN:7001
	start_flow udp-host host -r 200 udp $HOST_IN:7001 10.2.0.10:7001
	wait_for 20 got udp-peer 20 && wait_for 20 got udp-host 20
}
ends || bail "traffic"
flowing udp-host 100
traffic_stop
same "a clean path loses and repeats nothing" "$(udp_lost) $(udp_duplicates)" "0 0"
check "and numbers went both ways" [ "$(udp_received)" -ge 240 ]

ends || bail "traffic"
netem_to gwa inlan loss 30%
flowing udp-host 100
heal_to gwa inlan
traffic_stop
check "loss is seen ($(udp_lost))" [ "$(udp_lost)" -gt 0 ]
ends || bail "traffic"
netem_to gwa inlan duplicate 30%
flowing udp-host 100
heal_to gwa inlan
traffic_stop
check "duplicates are seen ($(udp_duplicates))" [ "$(udp_duplicates)" -gt 0 ]

start_flow tcp-peer gwa tcp-listen 10.2.0.10:7002
wait_for 10 grep -q waiting "$XT/tcp-peer.p"
start_flow tcp-host host -r 50 tcp-connect $HOST_IN:7002 10.2.0.10:7002
wait_for 20 got tcp-host 1000
signal tcp-host USR1
wait_for 20 gone tcp-host
wait_for 20 gone tcp-peer
check "an untouched TCP connection is whole" tcp_survived
# Other ports: the first connection lingers in TIME_WAIT.
start_flow tcp-peer gwa tcp-listen 10.2.0.10:7005
wait_for 10 grep -q waiting "$XT/tcp-peer.p"
start_flow tcp-host host -r 50 tcp-connect $HOST_IN:7005 10.2.0.10:7005
wait_for 20 got tcp-host 1000
in_ns gwa ss -K dst $HOST_IN dport = 7005 >/dev/null 2>&1
stop tcp-peer KILL
wait_for 20 gone tcp-host || stop tcp-host
check "a broken one is not" eval '[ "$(jget tcp-host .complete)" = false ]'
ktap_end
