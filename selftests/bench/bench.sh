#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make bench: figures P1, P2, P3, P5, P6 and P7, each beside what it is compared
# with in the same guest. Documentation/bench.md says what they mean.
#
# BENCH_SCALE=0.01 makes everything smaller, BENCH="p1 p6" runs some of them.
# What is measured goes line by line to $SAMPLES; report.py makes
# build/bench.json and the table of it. Non-zero where something could not be
# measured; a goal that is missed is no error.
set -u
. "$(dirname "$0")/../lib.sh"
BENCH=${BENCH:-p2 p7 p5 p6 p1 p3}
SCALE=${BENCH_SCALE:-1}
RESULT=${BENCH_RESULT:-$TOP/build/bench.json}
SAMPLES=${RESULT%.json}.samples
KEY=for-tests-only-and-worth-nothing
SAS=$TOP/selftests/bench/sas.py
LEASE=100000
LONG=6000	# s; nothing here is about how long it takes to be ready

fail() {
	log "not measured: $*"
	tail -n 5 "$XT"/*.err 2>/dev/null
	exit 1
}

scaled() {	# N LEAST
	awk -v n="$1" -v s="$SCALE" -v least="$2" \
		'BEGIN {v = int(n * s); print v < least ? least : v}'
}

sample() { printf '%s\n' "$*" >>"$SAMPLES"; }

us_now() { echo "${EPOCHREALTIME/./}"; }

# timed SERIES COMMAND...: a sample in us
timed() {
	local series=$1 t
	shift
	t=$(us_now)
	"$@" || return
	sample "$series" $(($(us_now) - t))
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

# A active, B standby, without waiting for it to be hot
pair_on() {
	module_load && node_up gwa && node_up gwb && role gwa active &&
		wait_for 60 channel_up gwb && role gwb standby
}
pair_off() { node_down gwa; node_down gwb; }

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
	log "the guest does not become idle"
}

# ---- memory ----

# Objects in use of all slabs, per-CPU areas and vmalloc, in bytes, once they
# stop moving. (Not whole slabs: what is sent leaves holes in those of the
# sockets' buffers, which are free for the next object of the size.)
memory_now() {
	awk 'FNR == NR { if (FNR > 2) s += $2 * $4; next }
		/^(Percpu|VmallocUsed):/ { s += $2 * 1024 }
		END { printf "%.0f\n", s }' /proc/slabinfo /proc/meminfo
}
memory() {
	local a b='' i
	for ((i = 0; i < 50; i++)); do
		echo 3 >/proc/sys/vm/drop_caches
		run_for 0.5
		a=$(memory_now)
		[ "$a" != "$b" ] || break
		b=$a
	done
	echo "$a"
}

# ---- P1: packets per second ----

flood_here() {	# SERIES
	flood host $HOST_IN peer 20.0.0.1 "$P1_COUNT" >"$XT/flood.json" \
		2>"$XT/flood.err" || fail "P1: packets through the tunnel"
	[ "$(jget flood .lost)" = 0 ] || fail "P1: $(jget flood .lost) packets lost"
	sample "$1" "$(jget flood '.ns / .packets')"
}

p1_tunnel() {
	batch gwa <(sas 1 --null --policies) &&
		batch peer <(sas 1 --null --policies --far)
}

p1_on() {	# SAs
	pair_on && hot gwb || fail "P1: the pair is not hot"
	wait_for 20 knows_sas gwb "$1" || fail "P1: B does not know the SAs"
	run_for 2	# until the gate's hooks are gone for lack of use
}

p1_off() { pair_off; module_unload; }

p1() {
	local i before
	P1_COUNT=$(scaled 10000 200)
	vip_by_hand gwa add
	p1_tunnel || fail "P1: cipher_null"
	ip -n host route replace 20.0.0.0/8 via $VIP_IN
	flood_here p1.warm
	flood_here p1.off
	for ((i = 0; i < $(scaled 5 1); i++)); do
		p1_on 2
		before=$(gw_get gwa .channel.tx_frames)
		flood_here p1.on
		sample p1.frames $(($(gw_get gwa .channel.tx_frames) - before))
		p1_off
		flood_here p1.off
	done
	p1_many
	empty gwa
	empty peer
	vip_by_hand gwa del
}

# The same among many SAs that are idle, which the sampler passes over
p1_many() {
	local i n
	n=$(scaled 2000 10)
	batch gwa <(sas "$n" --first 1) || fail "P1: SAs"
	sample p1.many $((2 * n + 2))
	flood_here p1.many.off
	for ((i = 0; i < $(scaled 2 1); i++)); do
		p1_on $((2 * n + 2))
		flood_here p1.many.on
		p1_off
		flood_here p1.many.off
	done
}

# ---- P2: adoption against ip -batch ----

steps() {	# NS SERIES
	local step
	for step in added valid policies gate end; do
		sample "$2.$step" "$(gw_get "$1" ".groups[0].timeline_us.$step")"
	done
}

# move FROM TO SERIES: the time of the command that makes TO active
move() {
	local ns
	timed "$3.demote" role "$1" standby || return
	settle
	ns=$(in_ns "$2" xctl time role 1 active) || return
	sample "$3.adopt" $((ns / 1000))
	steps "$2" "$3"
	timed "$3.restage" hot "$1"
}

p2() {
	local n
	n=$(scaled 2000 20)
	sample p2.tunnels "$n"
	p2_with "$n" p2 "$(scaled 3 1)" --policies
	p2_with "$n" p2.hosts 1 --policies --hosts
}

p2_with() {	# TUNNELS SERIES REPEATS OPTIONS...
	local i n=$1 series=$2 repeats=$3 from=gwa to=gwb t
	shift 3
	sas "$n" "$@" >"$XT/p2.batch"
	pair_on || fail "P2: a pair"
	batch gwa "$XT/p2.batch" && wait_for 600 knows_sas gwb $((2 * n)) &&
		hot gwb || fail "P2: $n tunnels on the standby"
	for ((i = 0; i < repeats; i++)); do
		settle
		timed "$series.batch" batch bare "$XT/p2.batch" || fail "P2: ip -batch"
		empty bare
		move $from $to "$series" || fail "P2: the role does not move"
		[ "$(n_sas $to)" = $((2 * n)) ] || fail "P2: SAs on $to: $(n_sas $to)"
		t=$from from=$to to=$t
	done
	afresh
}

# ---- P3: time per SA by number ----

p3_at() {	# TUNNELS REPEATS SERIES
	local i from=gwa to=gwb t
	afresh
	pair_on && batch gwa <(sas "$1") && wait_for 600 knows_sas gwb $(($1 * 2)) &&
		hot gwb || fail "P3: $1 tunnels on the standby: $(gw_json gwb)"
	for ((i = 0; i < $2; i++)); do
		move $from $to "$3" || fail "P3: the role does not move"
		[ "$(n_sas $to)" = $(($1 * 2)) ] || fail "P3: SAs on $to"
		t=$from from=$to to=$t
	done
}

p3() {
	local big=${BENCH_P3:-$(scaled 100000 400)} small
	small=$(scaled 1000 40)
	sample p3.big "$big"
	sample p3.small "$small"
	p3_at $((small / 2)) 4 p3.small
	p3_at $((big / 2)) 1 p3.big
	afresh
}

# ---- P5: bulk sync against dump, copy and ip -batch ----

p5_sync() {	# SAs
	local t
	node_up gwb && wait_for 60 channel_up gwb || return
	settle
	t=$(us_now)
	role gwb standby && hot gwb || return
	sample p5.sync $(($(us_now) - t))
	knows_sas gwb "$1" || return
	node_down gwb
}

# A dump would have to be turned into commands, too: that is not counted.
p5_script() {
	local t pid
	settle
	t=$(us_now)
	ip -n gwa -d xfrm state >"$XT/p5.dump" || return
	sample p5.dump $(($(us_now) - t))
	in_ns gwb timeout 600 socat -u TCP-LISTEN:5999,reuseaddr OPEN:"$XT/p5.copy",creat,trunc &
	pid=$!
	wait_for 20 eval 'in_ns gwb ss -Hltn | grep -q :5999' || return
	t=$(us_now)
	in_ns gwa socat -u OPEN:"$XT/p5.dump" TCP:"${SYNC_ADDR[gwb]}":5999 &&
		wait $pid || return
	sample p5.copy $(($(us_now) - t))
	cmp -s "$XT/p5.dump" "$XT/p5.copy" || return
	settle
	timed p5.restore batch bare "$XT/p5.batch" || return
	[ "$(n_sas bare)" = "$1" ] && empty bare
}

p5() {
	local i n
	n=$(scaled 10000 100)
	sas "$n" >"$XT/p5.batch"
	sample p5.sas $((2 * n))
	module_load && node_up gwa && role gwa active &&
		batch gwa "$XT/p5.batch" || fail "P5: SAs"
	for ((i = 0; i < $(scaled 2 1); i++)); do
		p5_script $((2 * n)) || fail "P5: dump, copy, ip -batch"
		p5_sync $((2 * n)) || fail "P5: bulk sync"
	done
	afresh
}

# ---- P6: bytes on the channel ----

p6() {
	local n sas LEASE=1000
	n=$(scaled 32 8)
	sas=$(scaled 1000 50)
	module_load
	vip_by_hand gwa add
	ip -n host route replace 20.0.0.0/8 via $VIP_IN
	pair_on && hot gwb || fail "P6: a pair"
	start capture synclan capture synclan:gwa:"$XT/p6.pcap"
	wait_for 20 grep -q ready "$XT/capture.log" || fail "P6: capture"
	batch gwa <(sas "$sas") && wait_for 60 knows_sas gwb $((2 * sas)) ||
		fail "P6: SAs"
	wait_for 60 eval '[ "$(gw_get gwa .channel.lag_frames)" = 0 ]'
	stop capture
	"$TOP/selftests/bench/wire.py" "$XT/p6.pcap" sa >>"$SAMPLES" ||
		fail "P6: no SA on the channel"
	in_ns gwa "$TOP/selftests/bench/wire.py" netlink 198.18.0.0 $((0x10000)) \
		>>"$SAMPLES" || fail "P6: xfrm's own messages"
	empty gwa
	# Counters of many SAs that are all busy, and of one alone
	batch gwa <(sas "$n" --null --policies) &&
		batch peer <(sas "$n" --null --policies --far) || fail "P6: tunnels"
	wait_for 60 knows_sas gwb $((2 * n)) || fail "P6: tunnels on B"
	p6_updates "$n" many $((n * $(scaled 1500 1100)))
	p6_updates 1 one "$(scaled 3000 1100)"
	empty peer
	vip_by_hand gwa del
	afresh
}

p6_updates() {	# TUNNELS SERIES PACKETS
	: >"$XT/capture.log"
	start capture synclan capture synclan:gwa:"$XT/p6.pcap"
	wait_for 20 grep -q ready "$XT/capture.log" || fail "P6: capture"
	flood host $HOST_IN peer 20.0.0.1 "$3" "$1" >"$XT/flood.json" 2>"$XT/flood.err" ||
		fail "P6: packets through $1 tunnels"
	stop capture
	"$TOP/selftests/bench/wire.py" "$XT/p6.pcap" "$2" >>"$SAMPLES" ||
		fail "P6: no update on the channel"
}

# ---- P7: memory ----

p7() {
	local i n before
	n=$(scaled 2000 50)
	sas "$n" >"$XT/p7.batch"
	sample p7.sas $((2 * n))
	module_load && node_up gwa && node_up gwb && role gwa active &&
		batch gwa "$XT/p7.batch" || fail "P7: SAs"
	wait_for 60 channel_up gwb
	for ((i = 0; i < $(scaled 3 2); i++)); do
		before=$(memory)
		role gwb standby && hot gwb || fail "P7: staging"
		sample p7.staged $(($(memory) - before))
		node_down gwb
		before=$(memory)
		batch bare "$XT/p7.batch" || fail "P7: ip -batch"
		sample p7.installed $(($(memory) - before))
		empty bare
		node_up gwb && wait_for 60 channel_up gwb
	done
	afresh
}

# What the far side of all tunnels needs
far_side() {
	ip -n gwa route add 198.18.0.0/15 via $PEER dev out
	ip -n gwa route add 20.0.0.0/8 via $PEER dev out
	ip -n peer route add local 198.18.0.0/15 dev lo
	ip -n peer route add local 20.0.0.0/8 dev lo
}

ALL_NS="$ALL_NS bare"
topo_up
ns_new bare
far_side
: >"$SAMPLES"
sample kernel "$(uname -r)"
sample clock "${XHA_CLOCK:-time}"
sample scale "$SCALE"
for figure in $BENCH; do
	log "$figure at $(cut -d' ' -f1 /proc/uptime) s of the guest"
	$figure
	sample "done" "$figure"
done
"$TOP/selftests/bench/report.py" "$SAMPLES" "$RESULT"
