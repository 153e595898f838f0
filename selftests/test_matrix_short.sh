#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 300
#
# A small one of test_matrix.sh; of this seed each kind of SA and policy is
# among the few.
set -u
export COUNT=${COUNT:-40} SEED=${SEED:-8}
exec "$(dirname "$0")/test_matrix.sh"
