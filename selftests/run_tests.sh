#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Run every test_*.sh here, or those of TESTS="a b", as one KTAP stream.
#
# A test may say in its first ten lines
#	# timeout: SECONDS		default 300, of an emulated machine that
#	#				has little else to do: more on a slower
#	#				one, three times as much on debug
#	# kernels: 6.1 6.12 debug	default all; elsewhere it is skipped
#	# held: REASON			skipped unless TESTS names it
#	# check: 6.1			skipped elsewhere unless TESTS names it
#	# guests: 2			skipped unless in a pair (vm/pair)
#
# XHA_RETRY=1: a test that fails is run once more, and the second run counts;
# not so where what failed is no matter of time.
# XHA_BEGIN_WITHIN=SECONDS: after that no test is begun; what is left is skipped,
# by name, and the core tests come first. XHA_ROTATE=N begins the others with the
# N-th, so that it is not always the same ones that are left.
set -uo pipefail
cd "${0%/*}" || exit 1
# shellcheck source=selftests/ktap.sh
. ./ktap.sh
# shellcheck source=selftests/lib/clock.sh
. lib/clock.sh

# Of machine_slowness, where the limits were tried
usual=4
[ "${XHA_KERNEL:-}" != debug ] || usual=20

# What every change has to pass, however little time there is
core="takeover_manual takeover_strongswan replay badinput lifecycle switchover split"

tests=()
for test in ${TESTS:-}; do
	test=${test##*/}
	test=${test#test_}
	tests+=("test_${test%.sh}.sh")
done
if [ "${#tests[@]}" -eq 0 ]; then
	for test in $core; do
		tests+=("test_$test.sh")
	done
	others=()
	for test in test_*.sh; do
		[[ ! -x $test || " ${tests[*]} " = *" $test "* ]] || others+=("$test")
	done
	first=$((${XHA_ROTATE:-0} % ${#others[@]}))
	tests+=("${others[@]:first}" "${others[@]:0:first}")
fi

# Numbers and IVs sent twice, replays accepted, packets of who has to be silent or
# in the clear, keys: no stall excuses one, and it may come once in many runs.
never='^# VIOLATION V[1-4679] |^not ok [0-9]+ .*('
never+='on the wire: (peer_)?(seq_reused|iv_reused|silent_|plaintext)|(sent|delivered) twice$'
never+='|(none|at most) .*accepted|(nothing|not a packet|does not leave|never) .*in the clear'
never+='|nothing in the clear|no key )'

# usage: head_of TEST KEY
head_of()
{
	head -n 10 "$1" | sed -n "s/^# $2: *//p"
}

# A test that was killed could not clean up. In a guest everything there is
# belongs to the tests; elsewhere nothing is touched.
sweep()
{
	[ -n "${XHA_KERNEL:-}" ] || return
	ip -all netns delete
	! grep -q '^xfrm_ha ' /proc/modules || rmmod xfrm_ha
}

# A first try whose failure is shown, but does not count: an emulated machine
# that shares its CPUs stalls for seconds, and timers do not. 0 if it was the
# last one.
try_once()
{
	local output

	output=$(mktemp)
	timeout -k 10 "$limit" "./$test" </dev/null >"$output" 2>&1
	code=$?
	if [ "$code" -eq 0 ] || [ "$code" -eq 4 ]; then
		sed 's/^/    /' "$output"
		ktap_result "$code" "$test" "all of it, see above"
		rm -f "$output"
		return 0
	fi
	if grep -Eq "$never" "$output"; then
		sed 's/^/    /' "$output"
		ktap_result "$code" "$test" "for good: $(grep -Em 1 "$never" "$output")"
		rm -f "$output"
		sweep
		return 0
	fi
	sed 's/^/# first try: /' "$output"
	rm -f "$output"
	sweep
	return 1
}

# usage: limit_of TEST: seconds until it is ended
limit_of()
{
	local limit slow

	limit=$(head_of "$1" timeout)
	limit=${limit:-300}
	! debug_kernel || limit=$((limit * 3))
	slow=$(machine_slowness)
	[ "$slow" -gt "$usual" ] || slow=$usual
	[ "$slow" -lt $((4 * usual)) ] || slow=$((4 * usual))	# it has to end
	echo $((limit * slow / usual))
}

run_test()
{
	local test=$1 limit kernels held check code

	if [ ! -x "$test" ]; then
		not_ok "$test" "no such test"
		return
	fi
	kernels=$(head_of "$test" kernels)
	if [ -n "$kernels" ] && [ -n "${XHA_KERNEL:-}" ]; then
		case " $kernels " in
		*" $XHA_KERNEL "*)	;;
		*)	skip "$test" "is for $kernels"
			return ;;
		esac
	fi
	if [ "$(head_of "$test" guests)" = 2 ] && [ -z "${XHA_PAIR:-}" ]; then
		skip "$test" "is for a pair of guests"
		return
	fi
	held=$(head_of "$test" held)
	if [ -n "$held" ] && [ -z "${TESTS:-}" ]; then
		skip "$test" "held back: $held"
		return
	fi
	check=$(head_of "$test" check)
	if [ -n "$check" ] && [ -z "${TESTS:-}" ] &&
		[ "${XHA_KERNEL:-$check}" != "$check" ]; then
		skip "$test" "by itself on $check only"
		return
	fi
	if [ "$SECONDS" -gt "${XHA_BEGIN_WITHIN:-$SECONDS}" ]; then
		skip "$test" "not begun after $XHA_BEGIN_WITHIN s: the machine is slow"
		return
	fi
	limit=$(limit_of "$test")
	ktap_diag "selftests: $test"
	if [ -n "${XHA_RETRY:-}" ]; then
		try_once && return
		ktap_diag "$test: once more, the machine may have stalled"
	fi
	timeout -k 10 "$limit" "./$test" </dev/null 2>&1 | sed -u 's/^/    /'
	code=${PIPESTATUS[0]}
	case $code in
	124|137)	not_ok "$test" "not finished after $limit s"
			sweep ;;
	0|4)		ktap_result "$code" "$test" "all of it, see above" ;;
	*)		ktap_result "$code" "$test"
			sweep ;;
	esac
}

ktap_plan "${#tests[@]}"
ktap_diag "slowness: $(machine_slowness), usual is $usual"
[ "${#tests[@]}" -gt 0 ] || not_ok "no test_*.sh here"
for test in "${tests[@]}"; do
	begun=$SECONDS
	run_test "$test"
	[ $((SECONDS - begun)) -lt 5 ] || ktap_diag "$test: $((SECONDS - begun)) s"
done
ktap_end
