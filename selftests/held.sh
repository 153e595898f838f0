#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make check-held: every test that make check holds back, each in a guest of its
# own, one after the other. Takes hours. Prints KTAP, one point per test; what
# each said is in build/held/KERNEL/TEST.log.
#
# usage: held.sh KERNEL [TEST]...
set -uo pipefail
cd "${0%/*}/.." || exit 1
# shellcheck source=selftests/ktap.sh
. selftests/ktap.sh
kernel=$1
shift
out=build/held/$kernel
mkdir -p "$out"

# usage: head_of TEST KEY
head_of() { head -n 10 "selftests/test_$1.sh" | sed -n "s/^# $2: *//p"; }

fits() {	# TEST
	local kernels
	kernels=$(head_of "$1" kernels)
	[ -n "$(head_of "$1" held)" ] && [ "$(head_of "$1" guests)" != 2 ] &&
		{ [ -z "$kernels" ] || [[ " $kernels " = *" $kernel "* ]]; }
}

# The runner in the guest has the limit of a test; this one is for lost guests.
limit_of() {	# TEST
	local limit
	limit=$(head_of "$1" timeout)
	limit=${limit:-300}
	! debug_kernel "$kernel" || limit=$((limit * 3))
	echo $((limit * 4 + 600))
}

run() {	# TEST
	TESTS=$1 selftests/vm/run --kernel "$kernel" --timeout "$(limit_of "$1")" \
		--name "held-$kernel-$1" -- make -s -C selftests run_tests \
		>"$out/$1.log" 2>&1
}

if [ $# -eq 0 ]; then
	for test in selftests/test_*.sh; do
		test=${test##*/test_}
		! fits "${test%.sh}" || set -- "$@" "${test%.sh}"
	done
fi
ktap_plan $#
for test in "$@"; do
	code=0
	run "$test" || code=$?
	ktap_result "$code" "$test" "see $out/$test.log"
done
ktap_end
