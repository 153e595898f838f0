# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Time, and how fast it passes here. Sourced.

now_ms() { local t=${EPOCHREALTIME/./}; echo $((t / 1000)); }
now_s() { echo "$EPOCHREALTIME"; }

# How many times slower than a plain machine, at least 1: 50 forks and execs
# take it a tenth of a second, an emulated one a second.
machine_slowness() {
	local i t0 t1
	/bin/true
	t0=$(now_ms)
	for ((i = 0; i < 50; i++)); do
		/bin/true
	done
	t1=$(now_ms)
	echo $(((t1 - t0) / 300 + 1))
}

# The same for deadlines, which must come some day; once in a test.
machine_factor() {
	[ -z "${XHA_FACTOR:-}" ] || return 0
	XHA_FACTOR=$(machine_slowness)
	[ "$XHA_FACTOR" -le 8 ] || XHA_FACTOR=8
	export XHA_FACTOR
}

# For how many ms more a deadline of SECONDS is extended, as the machine has
# become slower than it was when the test began.
slower_by() {
	local now
	now=$(XHA_FACTOR='' && machine_factor && echo "$XHA_FACTOR")
	echo $((now > XHA_FACTOR ? $1 * 1000 * (now - XHA_FACTOR) : 0))
}

# wait_for SECONDS COMMAND...: poll until it succeeds; 1 at the deadline, which
# is looked at again once.
wait_for() {
	local end pause=50 seconds=$1 again=1
	end=$(($(now_ms) + seconds * 1000 * XHA_FACTOR))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$(now_ms)" -ge $end ] && [ $again = 1 ]; then
			again=0
			end=$((end + $(slower_by "$seconds")))
		fi
		[ "$(now_ms)" -lt $end ] || {
			log "gave up waiting for: $*"
			return 1
		}
		# ever longer: to look costs more than to wait, and others compute
		run_for "$(printf '0.%03d' $pause)"
		pause=$((pause < 300 ? pause * 3 / 2 : pause))
	done
}

# Let traffic run: for measuring stretches only, never for a condition.
run_for() { read -rt "$1" <> <(:) || :; }

# Half a second on a plain machine, twice: COMMAND prints the same after each.
stands_still() {	# COMMAND...
	local was half=$((500 * XHA_FACTOR))
	was=$("$@")
	for _ in 1 2; do
		run_for "$((half / 1000)).$(printf '%03d' $((half % 1000)))"
		[ "$("$@")" = "$was" ] || return
	done
}
