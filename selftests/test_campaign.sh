#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 1200
# check: 6.12
# kernels: 6.1 6.12
#
# A few rounds of the campaign of faults (make campaign): of this seed the first
# three are a split brain, a switchover and a crash.
set -u
export ROUNDS=${XHA_CAMPAIGN_ROUNDS:-3}
export XHA_CAMPAIGN_SEED=${XHA_CAMPAIGN_SEED:-short-725}
export XHA_CAMPAIGN_RESULT=${XHA_CAMPAIGN_RESULT:-$(dirname "$0")/../build/campaign-short.json}
exec "$(dirname "$0")/campaign/run"
