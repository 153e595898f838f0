# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# One function for each figure, p1 to p7, run in a shell of its own that fail()
# ends. Sourced by bench.sh.

# ---- P1: packets per second ----

# What fails here has not sent all, or lost one.
flood_here() {	# SERIES
	flood host $HOST_IN peer 20.0.0.1 "$P1_COUNT" >"$XT/flood.json" \
		2>"$XT/flood.err" || fail "P1: packets through the tunnel"
	[ "$(jget flood .lost)" = 0 ] || fail "P1: $(jget flood .lost) packets lost"
	sample "$1" "$(jget flood '.ns / .packets')"
}
flood_without() {
	module_loaded && fail "P1: the module is loaded"
	flood_here "$1"
}

# What the standby has acknowledged of the SAs in use: a position, a ceiling
told() {
	xha_on gwa -j show crypto ipsec sa |
		jq -r '[.sas[] | select(.reqid == 1)] | sort_by(.dir) | map(.acked) | join(" ")'
}
# Both move meanwhile, or the channel was not at work.
flood_with() {	# SERIES
	local in out in_now out_now
	read -r in out <<<"$(told)"
	flood_here "$1"
	wait_for 20 all_applied || fail "P1: B does not keep up"
	read -r in_now out_now <<<"$(told)"
	sample p1.leases "$(((out_now - out) / LEASE))"
	[ $((out_now - out)) -ge $((2 * LEASE)) ] && [ "$in_now" -gt "$in" ] ||
		fail "P1: told $in $out before, $in_now $out_now after $P1_COUNT packets"
}

p1_tunnel() {
	batch gwa <(sas 1 --null --policies) &&
		batch peer <(sas 1 --null --policies --far)
}

# Packets through A while no other node has a gate: none meets a hook.
no_hooks() {
	local before
	before=$(kprobe_hits pre_first)
	in_ns host ping -q -c 5 -i 0.01 -W 10 -I $HOST_IN 20.0.0.1 >"$XT/ping.log" 2>&1 &&
		[ "$(kprobe_hits pre_first)" = "$before" ]
}

# B's gate, which its frames meet, shows that hooks would have been seen.
p1_on() {	# SAs
	module_load && node_up gwa && role gwa active || fail "P1: A is not active"
	kprobe_on pre_first || fail "P1: no probe of the gate's hook"
	wait_for 60 no_hooks || fail "P1: A's gate stays"
	joins && staged "$1" 3 || fail "P1: the pair is not hot"
	[ "$(kprobe_hits pre_first)" -gt 0 ] || fail "P1: B's gate is not seen"
	kprobes_off
	settle
}

p1_off() {
	pair_off
	module_unload || fail "P1: the module does not go"
}

# Leases are so short that ceilings are renewed several times in each flood.
p1() {
	local i LEASE
	P1_COUNT=$(scaled 30000 4000)
	LEASE=$((P1_COUNT / 4))
	vip_by_hand gwa add
	p1_tunnel || fail "P1: cipher_null"
	ip -n host route replace 20.0.0.0/8 via $VIP_IN
	module_loaded && p1_off
	flood_without p1.warm
	flood_without p1.off
	for ((i = 0; i < $(scaled 5 2); i++)); do
		p1_on 2
		flood_with p1.on
		p1_off
		flood_without p1.off
	done
	p1_many
	p1_on "$(n_sas gwa)"
	profiled p1 flood_here p1.profiled
	p1_off
}

# The same among many SAs that are idle, which the sampler passes over
p1_many() {
	local i n
	n=$(scaled 2000 10)
	batch gwa <(sas "$n" --first 1) || fail "P1: SAs"
	sample p1.many $((2 * n + 2))
	flood_without p1.many.off
	for ((i = 0; i < $(scaled 2 1); i++)); do
		p1_on $((2 * n + 2))
		flood_with p1.many.on
		p1_off
		flood_without p1.many.off
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
	p2_with "$n" p2 "$(scaled 3 2)" --policies
	p2_with "$n" p2.hosts 2 --policies --hosts
}

p2_with() {	# TUNNELS SERIES REPEATS OPTIONS...
	local i n=$1 series=$2 repeats=$3 from=gwa to=gwb t
	shift 3
	sas "$n" "$@" >"$XT/p2.batch"
	pair_on || fail "P2: a pair"
	batch gwa "$XT/p2.batch" && staged $((2 * n)) $((3 * n)) ||
		fail "P2: $n tunnels on the standby"
	in_ns gwb xctl equal 1 || fail "P2: the nodes differ"
	for ((i = 0; i < repeats; i++)); do
		settle
		timed "$series.batch" batch bare "$XT/p2.batch" || fail "P2: ip -batch"
		has bare "$((2 * n)) $((3 * n))" || fail "P2: what ip -batch made"
		empty bare
		move $from $to "$series" || fail "P2: the role does not move"
		has $to "$((2 * n)) $((3 * n))" ||
			fail "P2: SAs and policies on $to: $(in_ns $to xctl held)"
		t=$from from=$to to=$t
	done
	role $from standby && settle
	profiled "$series" role $to active || fail "P2: the role does not move"
	afresh
}

# ---- P3: time per SA by number ----

p3_at() {	# TUNNELS REPEATS SERIES
	local i from=gwa to=gwb t
	afresh
	pair_on && batch gwa <(sas "$1") && staged $(($1 * 2)) 0 ||
		fail "P3: $1 tunnels on the standby: $(gw_json gwb)"
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
	p3_at $((small / 2)) 1 p3.warm
	p3_at $((small / 2)) 4 p3.small
	p3_at $((big / 2)) 2 p3.big
}

# ---- P5: bulk sync against dump, copy and ip -batch ----

p5_sync() {	# SAs
	node_up gwb && wait_for 60 channel_up gwb || return
	settle
	timed p5.sync stage || return
	knows gwb "$1 0" || return
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
	for ((i = 0; i < 2; i++)); do
		p5_script $((2 * n)) || fail "P5: dump, copy, ip -batch"
		p5_sync $((2 * n)) || fail "P5: bulk sync"
	done
	node_up gwb && wait_for 60 channel_up gwb || fail "P5: channel"
	settle
	profiled p5 stage || fail "P5: bulk sync"
	profiled p5.restore batch bare "$XT/p5.batch"
}

# ---- P6: bytes on the channel ----

capture_begins() {
	: >"$XT/capture.log"
	start capture synclan capture synclan:gwa:"$XT/p6.pcap"
	wait_for 20 grep -q ready "$XT/capture.log" || fail "P6: capture"
}
capture_ends() {
	stop capture
	grep -q 'dropped 0$' "$XT/capture.log" ||
		fail "P6: the capture is not complete: $(tail -n 2 "$XT/capture.log")"
}

p6() {
	local n sas LEASE=1000
	n=$(scaled 32 8)
	sas=$(scaled 1000 50)
	vip_by_hand gwa add
	ip -n host route replace 20.0.0.0/8 via $VIP_IN
	pair_on && hot gwb || fail "P6: a pair"
	capture_begins
	batch gwa <(sas "$sas") && staged $((2 * sas)) 0 || fail "P6: SAs"
	capture_ends
	"$TOP/selftests/bench/wire.py" "$XT/p6.pcap" sa >>"$SAMPLES" ||
		fail "P6: no SA on the channel"
	in_ns gwa "$TOP/selftests/bench/wire.py" netlink 198.18.0.0 $((0x10000)) \
		>>"$SAMPLES" || fail "P6: xfrm's own messages"
	empty gwa
	# Counters of many SAs that are all busy, and of one alone
	batch gwa <(sas "$n" --null --policies) &&
		batch peer <(sas "$n" --null --policies --far) || fail "P6: tunnels"
	staged $((2 * n)) $((3 * n)) || fail "P6: tunnels on B"
	p6_updates "$n" many $((n * $(scaled 1500 1100)))
	p6_updates 1 one "$(scaled 3000 1100)"
}

p6_updates() {	# TUNNELS SERIES PACKETS
	capture_begins
	flood host $HOST_IN peer 20.0.0.1 "$3" "$1" >"$XT/flood.json" 2>"$XT/flood.err" ||
		fail "P6: packets through $1 tunnels"
	wait_for 20 all_applied
	capture_ends
	"$TOP/selftests/bench/wire.py" "$XT/p6.pcap" "$2" >>"$SAMPLES" ||
		fail "P6: no update on the channel"
}

# ---- P7: memory ----

# Objects in use of all slabs, per-CPU areas and vmalloc, in bytes, once they move
# by no more than a guest that does nothing moves them, in which something always
# comes and goes. (Not whole slabs: what is sent leaves holes in those of the
# sockets' buffers, which are free for the next object of the size.)
memory_now() {
	awk 'FNR == NR { if (FNR > 2) s += $2 * $4; next }
		/^(Percpu|VmallocUsed):/ { s += $2 * 1024 }
		END { printf "%.0f\n", s }' /proc/slabinfo /proc/meminfo
}
# Slabs that a CPU keeps for itself count as full: they are given back first.
shrink_slabs() {
	local cache
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do
		[ ! -L "${cache%/shrink}" ] || continue
		echo 1 >"$cache"
	done 2>/dev/null
}
memory() {
	local a b=0 i
	for ((i = 0; i < 50; i++)); do
		shrink_slabs
		run_for 0.5
		a=$(memory_now)
		[ $((a > b ? a - b : b - a)) -gt 16384 ] || { echo "$a"; return; }
		b=$a
	done
	return 1
}
slabs() { awk 'FNR > 2 {print $1, $2 * $4}' /proc/slabinfo | sort; }
# grown SERIES N: by how many bytes per SA which slabs have, since $XT/slabs
grown() {
	slabs | join "$XT/slabs" - | awk -v s="$1.profile" -v n="$2" '
		{ d = ($3 - $2) / n } d >= 4 {printf "%s %.1f bytes %s\n", s, d, $1}' |
		sort -k2,2nr | head -n 8 >>"$SAMPLES"
}

p7_of() {	# SERIES SAs COMMAND...
	local before after series=$1 n=$2
	shift 2
	before=$(memory) || fail "P7: memory does not come to rest"
	slabs >"$XT/slabs"
	"$@" || fail "P7: $series"
	after=$(memory) || fail "P7: memory does not come to rest"
	sample "$series" $((after - before))
	[ "$i" != 1 ] || grown "$series" "$n"
}
p7_install() {	# SAs
	p7_of p7.installed "$1" batch bare "$XT/p7.batch"
	empty bare
}
p7_stage() {	# SAs
	node_up gwb && wait_for 60 channel_up gwb || fail "P7: channel"
	p7_of p7.staged "$1" stage
	knows gwb "$1 0" || fail "P7: SAs staged"
	node_down gwb
}

# In turns first, as what comes first may find the holes of what was there before
p7() {
	local i n
	n=$(($(scaled 2000 50) * 2))
	sas $((n / 2)) >"$XT/p7.batch"
	sample p7.sas $n
	module_load && node_up gwa && role gwa active && batch gwa "$XT/p7.batch" ||
		fail "P7: SAs"
	for i in 0 1 2 3; do
		if [ $((i % 2)) = 0 ]; then
			p7_stage $n
			p7_install $n
		else
			p7_install $n
			p7_stage $n
		fi
	done
}
