#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make check: install what is missing, build everything, run every test, say
# in the end how many points passed, failed and were skipped, and which.
#
# XHA_SUMMARY=FILE: write the closing line there instead of printing it.
set -uo pipefail
cd "${0%/*}/.." || exit 1
out=build/check
rm -rf "$out"
mkdir -p "$out"
passed=0
failed=0
skipped=0
notes=()
ended=
declare -A children=()	# step -> process, while it runs
declare -A begun=()	# step -> when it began

finish()
{
	local note line child

	trap '' INT TERM HUP
	for child in "${children[@]}"; do
		kill -TERM -- "-$child" 2>/dev/null
		wait "$child" 2>/dev/null
	done
	if [ -z "$ended" ]; then
		failed=$((failed + 1))
		notes+=("FAILED: interrupted")
	fi
	for note in "${notes[@]}"; do
		printf '%s\n' "$note"
	done
	line="$passed passed, $failed failed, $skipped skipped"
	if [ -n "${XHA_SUMMARY:-}" ]; then
		printf '%s\n' "$line" >"$XHA_SUMMARY"
	else
		printf '%s\n' "$line"
	fi
	[ "$failed" -eq 0 ] || exit 1
	exit 0
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The points of a KTAP stream that have no points below them, one per line as
# "pass|fail|skip NAME". A test whose points all passed but which failed as a
# whole (killed, or its plan missed) is a point of its own.
leaves()
{
	awk '
	function name(line) {
		sub(/^ *(not )?ok [0-9]* *(- )?/, "", line)
		return line
	}
	function kind(line) {
		if (line ~ /# SKIP/)
			return "skip"
		return line ~ /^ *not ok/ ? "fail" : "pass"
	}
	/^ +(not )?ok [0-9]/ {
		below++
		if (kind($0) == "fail")
			below_failed++
		print kind($0), name($0)
	}
	/^(not )?ok [0-9]/ {
		if (!below || (kind($0) == "fail" && !below_failed))
			print kind($0), name($0)
		below = below_failed = 0
	}' "$1"
}

log_of() { printf '%s\n' "$out/${1//[ \/]/-}.log"; }

# usage: launch NAME COMMAND...: in the background, since a trap has to wait for
# what runs in front, and in a session of its own, so that all of it can be ended
launch()
{
	local name=$1

	shift
	printf '\n=== %s: %s\n' "$name" "$*"
	begun[$name]=$SECONDS
	: >"$(log_of "$name")"	# show() may be faster
	setsid "$@" </dev/null >"$(log_of "$name")" 2>&1 &
	children[$name]=$!
}

# usage: collect NAME: wait for its end and count its points
collect()
{
	local name=$1 code=0 step_failed=0 verdict="done" kind what log

	log=$(log_of "$name")
	wait "${children[$name]}" || code=$?
	unset "children[$name]"
	while read -r kind what; do
		case $kind in
		pass)	passed=$((passed + 1)) ;;
		skip)	skipped=$((skipped + 1))
			notes+=("skipped: $name: $what") ;;
		fail)	failed=$((failed + 1))
			step_failed=$((step_failed + 1))
			notes+=("FAILED: $name: $what") ;;
		esac
	done < <(leaves "$log")
	if [ "$code" -ne 0 ] && [ "$step_failed" -eq 0 ]; then
		failed=$((failed + 1))
		notes+=("FAILED: $name: exit status $code, see $log")
	fi
	[ "$code" -eq 0 ] || verdict=FAILED
	printf '=== %s: %s after %d s\n' "$name" "$verdict" \
		$((SECONDS - begun[$name]))
	return "$code"
}

# usage: show NAME: its output as it comes, until it ends. Waited for, as a trap
# does not come through to what runs in front.
show()
{
	tail -n +1 -f --pid="${children[$1]}" "$(log_of "$1")" &
	wait "$!"
}

# usage: step NAME COMMAND...: run it, show it, count its points
step()
{
	launch "$@"
	show "$1"
	collect "$1"
}

# usage: guest VERB KERNEL SECONDS: all tests in one guest; VERB: step, launch
guest()
{
	"$1" "tests on $2" selftests/vm/run --kernel "$2" --timeout "$3" \
		--name "check-$2" -- make -s -C selftests run_tests
}

# Tests wait more than they compute: two guests at once take hardly longer than
# one. On a single CPU the runner has the second wait for the first. What a slow
# machine has not begun after 40 minutes is left out, by name; other ones with each
# commit.
stock_guests()
{
	local kernel commits

	commits=$(git rev-list --count HEAD 2>/dev/null) || commits=0
	export XHA_ROTATE=$((commits * 17))
	export XHA_BEGIN_WITHIN=$((SECONDS < 2300 ? 2400 - SECONDS : 100))
	for kernel in 6.1 6.12; do
		guest launch "$kernel" $((XHA_BEGIN_WITHIN + 1800))
	done
	unset XHA_BEGIN_WITHIN XHA_ROTATE
	for kernel in 6.1 6.12; do
		show "tests on $kernel"
		collect "tests on $kernel"
	done
}

# Contexts want a security module that has any, and a kernel without IPv6 is one
# that was booted so: both are another command line.
labelled_guest()
{
	TESTS=contexts step "security contexts, no IPv6" selftests/vm/run --kernel 6.12 \
		--timeout 600 --name check-contexts \
		--append "security=selinux ipv6.disable=1" -- \
		make -s -C selftests run_tests
}

# Under emulation the debug kernel takes longer than the rest together, and has
# not been seen to end in time; as a process it is fast, and takes long to build:
# only where it is asked for.
debug_guest()
{
	local kernel=debug

	if [ -z "${XHA_DEBUG:-}" ]; then
		skipped=$((skipped + 1))
		notes+=("skipped: tests on debug: too slow, XHA_DEBUG=1 or uml runs them")
		return
	fi
	[ "$XHA_DEBUG" != uml ] || kernel=uml
	step "debug kernel" make "module-$kernel"
	export TESTS=${TESTS:-lifecycle churn} ROUNDS=${ROUNDS:-9}
	guest step $kernel 3600
}

# Two guests at once, on a machine that may have two CPUs for all: only where
# it is asked for.
pairs()
{
	if [ -z "${XHA_PAIRS:-}" ]; then
		skipped=$((skipped + 1))
		notes+=("skipped: pairs of guests: XHA_PAIRS=1 runs them")
		return
	fi
	step "6.1 and 6.12" selftests/vm/pair 6.1 6.12 --timeout 1500 -- \
		env TESTS="pair matrix" make -s -C selftests run_tests
	step "6.12 and 6.1" selftests/vm/pair 6.12 6.1 --timeout 1500 -- \
		env TESTS="pair matrix" make -s -C selftests run_tests
}

main()
{
	if ! step packages selftests/vm/deps build guest host lint \
		${XHA_DEBUG:+debug}; then
		ended=1
		exit
	fi
	step build make -j"$(nproc)" modules tools test-tools
	step "unit tests" make unit
	step "fuzz corpus" make fuzz-corpus
	step lint make lint
	step "guest runner" selftests/vm/selftest.sh
	# Emulated CPUs that others share stall for seconds: one more try each.
	export XHA_RETRY=${XHA_RETRY-1}
	stock_guests
	labelled_guest
	pairs
	debug_guest
	ended=1
}

# Read to the end before anything runs: who works on the tree may change this
# file meanwhile.
main
exit
