#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 600
# kernels: 6.1 6.12
#
# Planned switchover, ten times back and forth under traffic: nothing is lost,
# nothing is delivered twice, no number is used twice.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/switchover.sh
. "$LIB/switchover.sh"

ktap_plan
topo_up
pair_up
switchovers "${TIMES:-10}"
check "on the standby it is refused" eval \
	"! xha_on $STANDBY switchover >/dev/null 2>&1"
check "and changes nothing" is_active "$ACTIVE"
lost_nothing
ktap_end
