#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make bench: figures P1, P2, P3, P5, P6 and P7, each beside what it is compared
# with in the same guest. Documentation/bench.md says what they mean.
#
# BENCH_SCALE=0.01 makes everything smaller, BENCH="p1 p6" runs some of them.
# What is measured goes line by line to a file of the figure in $DIR, which stays
# until the figure is measured again; report.py makes the result and the table of
# all of them. Non-zero where something could not be measured; a goal that is
# missed is no error.
set -u
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/kprobe.sh
. "$LIB/kprobe.sh"
BENCH=${BENCH:-p2 p7 p5 p6 p1 p3}
SCALE=${BENCH_SCALE:-1}
DIR=${BENCH_DIR:-$TOP/build/bench/$XHA_KERNEL}
RESULT=${BENCH_RESULT:-$TOP/build/bench.json}
KEY=for-tests-only-and-worth-nothing
SAS=$TOP/selftests/bench/sas.py
REPORT=$TOP/selftests/bench/report.py
LEASE=100000
LONG=600	# s; nothing here is about how long it takes to be ready

# shellcheck source=selftests/bench/figures.sh
. "$TOP/selftests/bench/figures.sh"

sample() { printf '%s\n' "$*" >>"$SAMPLES"; }

fail() {
	log "not measured: $*"
	tail -n 5 "$XT"/*.err 2>/dev/null
	sample failed "$*"
	exit 1
}

scaled() {	# N LEAST
	awk -v n="$1" -v s="$SCALE" -v least="$2" \
		'BEGIN {v = int(n * s); print v < least ? least : v}'
}

us_now() { echo "${EPOCHREALTIME/./}"; }

# timed SERIES COMMAND...: a sample in us
timed() {
	local series=$1 t
	shift
	t=$(us_now)
	"$@" || return
	sample "$series" $(($(us_now) - t))
}

# profiled SERIES COMMAND...: where the time of all CPUs goes meanwhile, in per
# cent. It costs time itself, so nothing is measured in it.
profiled() {
	local series=$1 pid status
	shift
	if ! command -v perf >/dev/null; then
		sample "$series.profile" "no perf"
		"$@"
		return
	fi
	rm -f "$XT/perf.data"
	perf record -q -a -F 499 -e cpu-clock -o "$XT/perf.data" >"$XT/perf.log" 2>&1 &
	pid=$!
	wait_for 20 test -s "$XT/perf.data"
	"$@"
	status=$?
	kill $pid	# not INT, which a shell's background has ignored
	wait $pid
	perf report -i "$XT/perf.data" --stdio -q --no-children -s dso,sym \
		--percent-limit 1 2>>"$XT/perf.log" |
		sed -nE 's/^ *([0-9.]+)% +(\S+) +\[.\] +(\S+).*/\1 % \2 \3/p' | head -n 12 |
		while read -r line; do sample "$series.profile" "$line"; done
	return $status
}

sas() { "$SAS" "$@" $VIP_OUT; }
batch() { ip -n "$1" -batch "$2" 2>"$XT/batch.err"; }
empty() {	# NS
	ip -n "$1" xfrm policy flush && ip -n "$1" xfrm state flush
}
n_sas() { ip -n "$1" xfrm state count | awk '{print $NF}'; }

# ---- the pair, without helpers ----

node_up() {	# NS
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT \
		$KEY && in_ns "$1" xctl group 1 1000 $LEASE $VIP_OUT
}
node_down() { in_ns "$1" xctl ungroup 1 force; in_ns "$1" xctl unpeer; }
role() { in_ns "$1" xctl role 1 "$2"; }
hot() { in_ns "$1" xctl hot 1 $LONG; }

# B beside an active A
joins() { node_up gwb && wait_for 60 channel_up gwb && role gwb standby; }
# A active, B standby, without waiting for it to be hot
pair_on() { module_load && node_up gwa && role gwa active && joins; }
pair_off() { node_down gwa; node_down gwb; }
# All there is on A is sent to B, and built there
stage() { role gwb standby && hot gwb; }

# What each of the two knows, and what one's kernel has: "SAs policies"
knows() { [ "$(in_ns "$1" xctl known 1)" = "$2" ]; }
has() { [ "$(in_ns "$1" xctl held)" = "$2" ]; }
all_applied() { [ "$(gw_get gwa .channel.lag_frames)" = 0 ]; }

# B is hot with so many SAs and policies, and nothing is on its way to it
staged() {	# SAs POLICIES
	wait_for $LONG knows gwb "$1 $2" && wait_for $LONG all_applied && hot gwb
}

# Both without groups, SAs and policies
afresh() {
	pair_off 2>/dev/null
	empty gwa && empty gwb && empty bare
}

# What was just removed is freed late, by RCU and works: not in the time of what
# is measured next.
cpu_time() { awk '/^cpu / {print $5, $2 + $3 + $4 + $5 + $6 + $7 + $8}' /proc/stat; }
settle() {
	local a b i
	a=$(cpu_time)
	for ((i = 0; i < 200; i++)); do
		run_for 0.3
		b=$(cpu_time)
		awk -v a="$a" -v b="$b" 'BEGIN {split(a, x); split(b, y)
			exit (y[1] - x[1]) < 0.8 * (y[2] - x[2])}' && return
		a=$b
	done
	fail "the guest does not become idle"
}

# What the far side of all tunnels needs
far_side() {
	ip -n gwa route add 198.18.0.0/15 via $PEER dev out
	ip -n gwa route add 20.0.0.0/8 via $PEER dev out
	ip -n peer route add local 198.18.0.0/15 dev lo
	ip -n peer route add local 20.0.0.0/8 dev lo
}

# After a figure that ended anywhere
tidy() {
	stop capture
	kprobes_off
	vip_by_hand gwa del
	afresh
	empty peer
	module_loaded && module_unload
} 2>/dev/null

# In a shell of its own: what fails ends this one only.
measure() {	# FIGURE
	local before
	SAMPLES=$DIR/$1.samples
	: >"$SAMPLES"
	sample kernel "$(uname -r)"
	sample clock "${XHA_CLOCK:-time}"
	sample cpus "$(nproc)"
	sample scale "$SCALE"
	sample commit "${XHA_COMMIT:-unknown}"
	sample boot "$(</proc/sys/kernel/random/boot_id)"
	before=$(cut -d' ' -f1 /proc/uptime)
	log "$1 at $before s of the guest"
	trap tidy EXIT
	$1
	sample took "$(awk -v a="$before" '{print $1 - a}' /proc/uptime)"
	sample "done" "$1"
}

ALL_NS="$ALL_NS bare"
mkdir -p "$DIR"
topo_up
ns_new bare
far_side
status=0
for figure in $BENCH; do
	(measure "$figure") || status=1
done
"$REPORT" "$DIR" "$RESULT" || status=1
exit $status
