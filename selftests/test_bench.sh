#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 600
# held: takes long; make bench measures
# kernels: 6.1 6.12
#
# The benchmark, very small: every figure is there and possible. What the
# figures are is for `make bench` to say.
set -u
. "$(dirname "$0")/ktap.sh"
TOP=$(cd "$(dirname "$0")/.." && pwd)
DIR=$(mktemp -d /tmp/xha-bench.XXXXXX)
trap 'rm -rf "$DIR"' EXIT

possible() {	# NAME CONDITION of the figure
	if jq -e ".$1 | $2" "$DIR/bench.json" >/dev/null 2>&1; then
		ok "$1: $2"
	else
		not_ok "$1: $2" "$(jq -c ".$1" "$DIR/bench.json" 2>&1)"
	fi
}

ktap_plan
if BENCH_SCALE=0.01 BENCH_DIR=$DIR BENCH_RESULT=$DIR/bench.json "$TOP/selftests/bench/bench.sh" \
	>"$DIR/log" 2>&1; then
	ok "everything was measured"
else
	not_ok "everything was measured" - <"$DIR/log"
	ktap_end
fi
sed 's/^/# /' "$DIR/log"
for figure in P1 P2 P3 P5 P6 P7; do
	possible $figure '.value > 0 and .peer > 0 and (.goal | type) == "number" and has("pass") and has("spread") and has("verdict")'
done
# No channel is faster than its own packets, and the channel was at work
possible P1 '.value < 2 and .leases_meanwhile >= 2'
for figure in P1 P2 P5 P7; do
	possible $figure '(.profile | length) > 0'
done
possible P2 '.steps_ms.added > 0 and .steps_ms.added <= .steps_ms.valid and .steps_ms.valid <= .steps_ms.policies and .steps_ms.gate <= .ours'
possible P3 '.n > 40 and .pass == null and .verdict == "unproven"'
# an entry and no more than a frame of its own; an SA has a key of 20 bytes
possible P6 '.value >= 12 and .value <= 36 and .alone >= .value and .sa.value > 60'
possible P6 '.wire_packets_and_all > .value and .sa.wire_packets_and_all > .sa.value'
possible P7 '.peer > 700 and .ours > .peer / 2'
ktap_end
