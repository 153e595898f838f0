#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=switchover_queued runs it
# timeout: 900
# kernels: 6.1 6.12
#
# The same as test_switchover.sh where whatever comes out of a tunnel sits in a
# queue of its CPU for some polls more (selftests/modules/stock/xha_sitter.c), so
# that there are packets in it at every hand-over: each of them still finds its
# policy.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/switchover.sh
. "$LIB/switchover.sh"

SAT=/sys/module/xha_sitter/parameters/sat
all_sit() {
	local before
	before=$(<$SAT)
	flowing udp-host 100 && [ $(($(<$SAT) - before)) -ge 100 ]
}

ktap_plan
insmod "$TOP/build/mod-test-$XHA_KERNEL/xha_sitter.ko" || bail "a queue behind tunnels"
trap 'topo_down; rmmod xha_sitter' EXIT
topo_up
pair_up
check "what comes out of the tunnel sits there for a while" all_sit
switchovers "${TIMES:-6}"
lost_nothing
ktap_end
