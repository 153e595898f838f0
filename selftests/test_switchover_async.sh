#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 600
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
QUEUED='cryptd(rfc4106(gcm_base(ctr(aes-generic),ghash-generic)))'

chosen() { awk -v d="$QUEUED" '$1 == "driver" && $3 == d {getline; getline; print $3}' /proc/crypto; }
is_queued() { [ "$(chosen)" = 9000 ]; }
hogs() {	# one per CPU
	local cpu
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		start hog-$cpu host taskset -c $cpu "$LIB/cryptd.py" hog
	done
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		wait_for 10 grep -q busy "$XT/hog-$cpu.log" || return
	done
}
uses_gcm() { [ "$(ip -n "$1" xfrm state | grep -c 'aead rfc4106(gcm(aes))')" = 2 ]; }

ktap_plan
modprobe -aq crypto_user cryptd gcm ctr ghash_generic algif_hash
# The kernel's self-tests object to cryptd around what is no internal algorithm:
# it borrows fields of the request.
notests=/sys/module/cryptomgr/parameters/notests
[ ! -e $notests ] || echo 1 >$notests
"$LIB/cryptd.py" prefer "$QUEUED" 9000 || bail "all AES-GCM by cryptd"
check "ESP with AES-GCM is queued from here on" is_queued
topo_up
pair_up
check "the tunnel has AES-GCM" uses_gcm gwa
hogs || bail "others keep cryptd busy"
switchovers "${TIMES:-6}"
lost_nothing
ktap_end
