#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=switchover_async runs it
# timeout: 900
# kernels: 6.1 6.12 debug
#
# The same as test_switchover.sh where all ESP goes through cryptd, and others
# keep its workers busy: packets that have their number, or are being decrypted,
# wait there when the role is handed over. None of them may be lost, or come
# after those of the new active.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/switchover.sh
. "$LIB/switchover.sh"
export TRAFFIC_RATE=25	# all of it goes through one queue
QUEUED='cryptd(rfc4106(gcm_base(ctr(aes-generic),ghash-generic)))'

chosen() { awk -v d="$QUEUED" '$1 == "driver" && $3 == d {getline; getline; print $3}' /proc/crypto; }
is_queued() { [ "$(chosen)" = 9000 ]; }
# Each CPU has a queue: with one there is no order among packets to lose.
one_cpu() {
	local cpu
	for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
		[ ! -e "$cpu" ] || echo "$1" >"$cpu" || return
	done
}
uses_gcm() { [ "$(ip -n "$1" xfrm state | grep -c 'aead rfc4106(gcm(aes))')" = 2 ]; }

ktap_plan
trap 'one_cpu 1' EXIT
one_cpu 0 || bail "one CPU only"
modprobe -aq crypto_user cryptd gcm ctr ghash_generic algif_hash
# The kernel's self-tests object to cryptd around what is no internal algorithm:
# it borrows fields of the request.
notests=/sys/module/cryptomgr/parameters/notests
[ ! -e $notests ] || echo 1 >$notests
"$LIB/cryptd.py" prefer "$QUEUED" 9000 || bail "all AES-GCM by cryptd"
# One reference is the registration's.
waits_for_cryptd() {
	awk '$1 == "driver" {at = $3 == "cryptd(sha256-generic)"}
		at && $1 == "refcnt" {n = $3} END {exit !(n > 1)}' /proc/crypto
}
check "ESP with AES-GCM is queued from here on" is_queued
topo_up
trap 'one_cpu 1; topo_down' EXIT
pair_up
check "the tunnel has AES-GCM" uses_gcm gwa
check "the module can ask cryptd" waits_for_cryptd
start hog host "$LIB/cryptd.py" hog
wait_for 10 grep -q busy "$XT/hog.log" || bail "somebody keeps cryptd busy"
check "traffic flows" eval 'flowing udp-host 100 && flowing udp-peer 100'
check "and comes in order, late as it is" no_new_seq_errors
switchovers "${TIMES:-4}"
lost_nothing
ktap_end
