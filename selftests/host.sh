#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Run what needs no guest and print it as KTAP; non-zero when a point failed.
#
# usage: host.sh unit PROGRAM...          cmocka tests
#        host.sh corpus PROGRAM...        fuzzers over their saved corpus
#        host.sh fuzz SECONDS PROGRAM...  fuzzers for some time each
set -uo pipefail
cd "${0%/*}/.." || exit 1
# shellcheck source=selftests/ktap.sh
. selftests/ktap.sh

# A sanitizer's report must be a failure and never hang a pipeline.
export ASAN_OPTIONS=abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1

run_unit()
{
	local program out code

	for program in "$@"; do
		if [ ! -x "$program" ]; then
			not_ok "unit/${program##*/}" "does not build"
			continue
		fi
		out=$(CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 "$program" 2>&1)
		code=$?
		ktap_subtest "$out"
		ktap_result "$code" "unit/${program##*/}"
	done
}

# usage: run_fuzzer NAME PROGRAM ARG...
run_fuzzer()
{
	local name=$1 corpus=selftests/fuzz/corpus/${2##*/fuzz_} out

	shift
	[ -d "$corpus" ] || corpus=selftests/fuzz/corpus/${1##*/}
	if [ ! -x "$1" ]; then
		ktap_result 1 "$name" "does not build"
		return
	fi
	if [ -z "$(ls -A "$corpus" 2>/dev/null)" ]; then
		ktap_result 1 "$name: no corpus in $corpus"
		return
	fi
	mkdir -p build/fuzz/found
	if out=$("$@" -timeout=10 -rss_limit_mb=2048 \
		 -artifact_prefix="build/fuzz/found/${1##*/}-" "$corpus" 2>&1); then
		ktap_result 0 "$name ($(find "$corpus" -type f | wc -l) inputs)"
	else
		ktap_diag "$(printf '%s\n' "$out" | tail -n 40)"
		ktap_result 1 "$name"
	fi
}

mode=$1
shift
if [ "$mode" = fuzz ]; then
	seconds=$1
	shift
fi
ktap_plan "$#"
case $mode in
unit)
	run_unit "$@"
	;;
corpus)
	for program in "$@"; do
		run_fuzzer "fuzz-corpus/${program##*/}" "$program" -runs=0
	done
	;;
fuzz)
	for program in "$@"; do
		# New inputs go to build/, what is saved changes by hand only.
		mkdir -p "build/fuzz/new/${program##*/}"
		run_fuzzer "fuzz/${program##*/}" "$program" \
			-max_total_time="$seconds" "build/fuzz/new/${program##*/}"
	done
	;;
esac
ktap_end
