#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 14400
# kernels: debug uml
# held: takes hours on debug; MAX=1 PARTS=20 a quarter of one
#
# Each allocation of connecting, syncing, staging, handing over, taking over and
# demoting fails in turn, one per trial, whoever makes it for the module: slab,
# pages, per-CPU memory (selftests/modules/failnth.c). Nothing is half
# adopted, failures have names, and the pair is hot and equal in the end.
#
#   MAX=N           how many allocations of one call chain are to fail: its
#                   first, its last, and others evenly between them (6); or all
#   PARTS=N PART=I  of call chains so many parts, the I-th of these (1, 0)
#   ONLY=WORD       only call chains with WORD in them
#   WHAT="A B"      which trials: connect, life (both)
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
MAX=${MAX:-6}
PARTS=${PARTS:-1}
PART=${PART:-0}
ONLY=${ONLY:-}
WHAT=${WHAT:-connect life}
KEY=for-tests-only-and-worth-nothing
VIP6=2001:db8::1
FAIL=/sys/kernel/debug/xha_failnth
# What comes with each tick and each frame is tried this often.
PERIODIC='session_send_empty|send_ack|sctp_primitive_RECVMSG'
PERIODIC_MAX=2
SAS=5
POLICIES=3
BLOCKED=

# ---- the pair ----

GCM=("aead" "rfc4106(gcm(aes))" 0x000102030405060708090a0b0c0d0e0f10111213 128)
CBC=(enc "cbc(aes)" 0x202122232425262728292a2b2c2d2e2f
	auth-trunc "hmac(sha256)"
	0x303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f 128)
MAC=(auth-trunc "hmac(sha256)"
	0x505152535455565758595a5b5c5d5e5f505152535455565758595a5b5c5d5e5f 128)

# One xctl per node takes all verbs of a trial: to start one for each takes
# longer than what it does.
declare -A TO FROM
serve() {	# NS
	local to from
	mkfifo "$XT/$1.to" "$XT/$1.from"
	in_ns "$1" xctl serve <"$XT/$1.to" >"$XT/$1.from" 2>&1 &
	# shellcheck disable=SC2034,SC2154 # lib.sh, keys are text
	PIDS["serve-$1"]=$! WHERE["serve-$1"]=$1
	disown
	exec {to}>"$XT/$1.to" {from}<"$XT/$1.from"
	TO[$1]=$to FROM[$1]=$from
}

# ask NS VERB ARGUMENT...: its status; what it said is in ANSWER
ask() {
	local ns=$1 line
	shift
	ANSWER=
	echo "$*" >&"${TO[$ns]}"
	while read -rt $((60 * XHA_FACTOR)) line <&"${FROM[$ns]}"; do
		[[ $line != "= "* ]] || return "${line#= }"
		ANSWER=$line
	done
	bail "$ns does not answer to $*"
}

peer_at() {	# NS
	local o
	o=$(gw_other "$1")
	ask "$1" peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT $KEY
}
group_at() { ask "$1" group 1 1000 10000 $VIP_OUT $VIP6; }

# One of each kind that takes memory of its own
first_sas() {
	local sa="xfrm state add" out="src $VIP_OUT dst $PEER" in="src $PEER dst $VIP_OUT"
	cat <<-BATCH
	$sa $out proto esp spi 0x2001 reqid 1 mode tunnel replay-window 32 ${GCM[*]}
	$sa $in proto esp spi 0x2002 reqid 1 mode tunnel replay-window 128 flag esn encap espinudp 4500 4500 0.0.0.0 ${CBC[*]}
	$sa $out proto ah spi 0x2003 reqid 2 mode transport ${MAC[*]}
	$sa src $VIP6 dst 2001:db8::10 proto esp spi 0x2004 reqid 3 mode tunnel flag esn replay-window 64 if_id 7 ${GCM[*]}
	$sa $in proto esp spi 0x2005 reqid 4 mode transport replay-window 32 ${GCM[*]}
	xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out tmpl $out proto esp reqid 1 mode tunnel
	xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir in tmpl $in proto esp reqid 1 mode tunnel
	xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd tmpl $in proto esp reqid 1 mode tunnel
	BATCH
}

# An add, an update and a policy that follow the snapshot
more() {
	ip -n gwa -batch - <<-BATCH
	xfrm state add src $PEER dst $VIP_OUT proto esp spi 0x2100 reqid 5 mode tunnel replay-window 128 flag esn ${CBC[*]}
	xfrm state update src $PEER dst $VIP_OUT proto esp spi 0x2005 reqid 4 mode transport replay-window 32 limit packet-hard 1000000000 ${GCM[*]}
	xfrm policy add src 10.3.0.0/24 dst 10.1.0.0/24 dir in tmpl src $PEER dst $VIP_OUT proto esp reqid 5 mode tunnel
	BATCH
}
less() {
	ip -n gwa -batch - <<-BATCH
	xfrm state delete src $PEER dst $VIP_OUT proto esp spi 0x2100
	xfrm policy delete src 10.3.0.0/24 dst 10.1.0.0/24 dir in
	BATCH
}

# What the kernel's own tables have: NS "SAS POLICIES"
holds() {
	ask "$1" held || wrong "$1: $ANSWER"
	HELD=$ANSWER
	[ "$HELD" = "$2" ]
}
ALL="$SAS $POLICIES"
all_or_nothing() {	# WHERE NS
	holds "$2" "$ALL" || [ "$HELD" = "0 0" ] || [ "$2 $HELD" = "$BLOCKED" ] ||
		wrong "$1: $2 holds $HELD"
}
moved() {	# WHERE FROM TO
	holds "$2" "0 0" || wrong "$1: $2 holds $HELD"
	holds "$3" "$ALL" || wrong "$1: $3 holds $HELD"
}

wrong() { WRONG+=("$*"); }

# ---- a trial: every step may meet the failure, and is done again then ----

# insist COMMAND...: an operator who tries again; the failure has a name
insist() {
	for _ in 1 2 3; do
		"$@" && return
		AGAIN=$((AGAIN + 1))
		NAMED=$ANSWER
		[ -n "$NAMED" ] || wrong "$*: fails without a word"
		case "$*" in
		*role*|*handed*)
			all_or_nothing "$* ($NAMED)" gwa
			all_or_nothing "$* ($NAMED)" gwb ;;
		esac
	done
	wrong "$*: $NAMED"
	return 1
}
hot() { ask "$1" hot 1 $((20 * XHA_FACTOR)); }
knows() { ask "$1" known 1 && [ "$ANSWER" = "$2" ]; }

handed() {
	ask gwa handover 1 && ask gwb active 1 10 || {
		# Refused, or it went back
		local said=$ANSWER
		ask gwa active 1 20
		ANSWER=$said
		return 1
	}
	ask gwb vipup 1
	hot gwa
}

trial_connect() {
	insist ask gwb unpeer
	insist peer_at gwb
	insist hot gwb
}

trial_life() {
	# What a standby's group leaves behind, to block, until B adopts.
	BLOCKED="gwb 0 $POLICIES"
	insist ask gwb ungroup 1 force
	insist group_at gwb
	insist ask gwb role 1 standby
	insist hot gwb
	more || wrong "more SAs on A"
	wait_for 20 knows gwb "$((SAS + 1)) $((POLICIES + 1))" ||
		wrong "B knows of what is new: $(gw_json gwb)"
	less || wrong "fewer SAs on A"
	insist hot gwb
	insist handed
	BLOCKED=
	moved "handed over" gwa gwb
	insist ask gwb role 1 standby
	insist ask gwa role 1 active
	moved "taken over" gwb gwa
	insist hot gwb
	prune gwb || wrong "policies flushed on B"
}

# To delete policies leaves xfrm's trees for them in place, to flush does not: the
# next ones are to need memory for trees.
prune() {	# NS, that has none of the group
	ip -n "$1" -batch - <<-BATCH
	xfrm policy add src 203.0.113.0/24 dst 198.51.100.0/24 dir out
	xfrm policy flush
	BATCH
}

converged() {
	wait_for 10 ask gwb equal 1 || wrong "B is not equal: $(gw_json gwb | jq -c .groups)"
}

# ---- which allocation ----

load_failnth() {
	local base size ko at=
	ko=$TOP/build/mod-checks-$XHA_KERNEL/xha_failnth.ko
	# Without kprobes it cannot find what is not exported.
	! modinfo -F parm "$ko" | grep -q ^kallsyms: ||
		at="kallsyms=0x$(awk '$3 == "kallsyms_lookup_name" {print $1}' /proc/kallsyms)"
	insmod "$ko" $at || return
	read -r size base < <(awk '$1 == "xfrm_ha" {print $2, $6}' /proc/modules)
	printf 'range %x %x\n' $((base)) $((base + size)) >$FAIL/control
}

# The chains of the last trial that have no line in $XT/chains yet. All of it is
# read at once: counts grow, and lines move, while read seeks to the next one.
learn() {
	local hash count kind chain all least
	all=$(<$FAIL/places)
	while read -r hash count kind chain; do
		[ "$count" -gt 0 ] || continue
		# The number of ticks differs: the least of what was watched.
		# Later counts change nothing, as the turns are not to.
		least=${SEEN[$hash]:-}
		if [ -z "$least" ] ||
			{ [ -n "$WATCHING" ] && [ "$count" -lt "$least" ]; }; then
			SEEN[$hash]=$count
		fi
		CHAIN[$hash]="$kind $chain"
	done <<<"$all"
}

# Which ones of those of a chain are to fail, in TURNS: the first and others
# evenly after it. Not the last ones of what a clock drives, which differ.
turns_of() {	# HASH
	local n=${SEEN[$1]} most=$MAX i k last=0
	[ "$most" != all ] || most=$n
	if [[ ${CHAIN[$1]} =~ $PERIODIC ]]; then
		most=$PERIODIC_MAX
		n=$((n > 8 ? n * 3 / 4 : n))
	fi
	[ "$most" -gt 1 ] || n=1
	TURNS=()
	for ((i = 0; i < most; i++)); do
		k=$((1 + i * (n - 1) / (most > 1 ? most - 1 : 1)))
		[ $k -eq $last ] || ! ours "$1" || TURNS+=("$k")
		last=$k
	done
}

# Is it for this part? All guests agree on that: the hash is of offsets. (How many
# of a chain there are they do not.)
ours() {	# HASH
	[[ ${CHAIN[$1]} == *"$ONLY"* ]] && [ $((16#$1 % PARTS)) -eq "$PART" ]
}

# one TRIAL HASH K
one() {
	local fired
	WRONG=() AGAIN=0 NAMED=
	for _ in 1 2; do	# what depends on time may come at the second try
		echo "arm $2 $3" >$FAIL/control
		"trial_$1"
		read -r _ fired _ <$FAIL/control
		learn
		[ "$fired" = 0 ] || break
	done
	[ "$fired" = 0 ] || echo "${CHAIN[$2]}" >>"$XT/fired"
	echo off >$FAIL/control
	converged
	TRIALS=$((TRIALS + 1))
	FIRED=$((FIRED + fired))
	if [ -n "${WATCHED[$2]:-}" ]; then
		USUAL=$((USUAL + 1))
		USUAL_FIRED=$((USUAL_FIRED + fired))
	fi
	RETRIED=$((RETRIED + (AGAIN > 0)))
	[ "$fired" = 1 ] || {
		UNMET=$((UNMET + 1))
		log "$1: not met again: the ${3}th of ${CHAIN[$2]}"
	}
	[ $((TRIALS % 25)) -ne 0 ] || log "$1: $TRIALS trials, $FIRED failures so far"
	[ ${#WRONG[@]} -gt 0 ] || return 0
	BAD=$((BAD + 1))
	log "$1, the ${3}th of ${CHAIN[$2]} (fired: $fired)"
	printf '#   %s\n' "${WRONG[@]}"
	# What comes next begins with a pair that is well
	[ $BAD -lt 30 ] || bail "thirty trials went wrong"
	mend
}

mend() {
	local ns
	for ns in gwa gwb; do
		ask $ns ungroup 1 force
		ask $ns unpeer
		ip -n $ns xfrm state flush
		ip -n $ns xfrm policy flush
	done 2>/dev/null
	begin || bail "the pair cannot be made anew"
}

begin() {
	first_sas | ip -n gwa -batch - || return
	for ns in gwa gwb; do
		peer_at $ns && group_at $ns || return
	done
	ask gwa role 1 active && ask gwb role 1 standby && hot gwb
}

# Each chain in turn; chains that a failure brought to light come after.
enumerate() {	# TRIAL
	local hash k more=1 begun planned=0
	declare -gA SEEN=() CHAIN=() WATCHED=()
	local -A tried=()
	WRONG=()
	begun=$(now_ms)
	WATCHING=1
	for k in 1 2; do	# what is there is not the same each time
		echo watch >$FAIL/control
		"trial_$1"
		learn
	done
	WATCHING=
	[ ${#WRONG[@]} -eq 0 ] || bail "$1 without a failure: ${WRONG[*]}"
	[ ${#SEEN[@]} -gt 0 ] || bail "$1: no allocation was seen"
	for hash in "${!SEEN[@]}"; do
		WATCHED[$hash]=1
		turns_of "$hash"
		planned=$((planned + ${#TURNS[@]}))
	done
	log "$1: ${#SEEN[@]} call chains, two trials in" \
		"$(($(now_ms) - begun)) ms, $planned to come"
	TRIALS=0 FIRED=0 RETRIED=0 UNMET=0 BAD=0 USUAL=0 USUAL_FIRED=0
	while [ $more = 1 ]; do
		more=0
		for hash in "${!SEEN[@]}"; do
			turns_of "$hash"
			for k in "${TURNS[@]}"; do
				[ -z "${tried[$hash.$k]:-}" ] || continue
				tried[$hash.$k]=1
				more=1
				one "$1" "$hash" $k
			done
		done
	done
	log "$1: ${#SEEN[@]} call chains, $TRIALS trials, $FIRED failures," \
		"$RETRIED were told to the caller, $UNMET not met again," \
		"$(($(now_ms) - begun)) ms"
	log "$1: of chains that a trial without a failure has: $USUAL trials," \
		"$USUAL_FIRED failures"
	log "$1: by kind: $(printf '%s\n' "${CHAIN[@]}" | cut -d' ' -f1 | sort | uniq -c | xargs)"
	same "$1: each failure was survived" "$BAD" 0
	# Others came to light by a failure, and need it
	if [ $USUAL -gt 0 ]; then
		check "$1: failures did happen" test $((USUAL_FIRED * 10)) -ge $((USUAL * 8))
	else
		skip "$1: failures did happen" "ONLY and PART leave no trial"
	fi
	ALL_USUAL=$((ALL_USUAL + USUAL))
}

ktap_plan
topo_up
module_load || bail "the module loads"
load_failnth || bail "the test's module loads"
for ns in gwa gwb; do
	start "helper-$ns" $ns xctl listen
	serve $ns
done
begin || bail "the pair is hot"
ALL_USUAL=0
for what in $WHAT; do
	enumerate $what
done
check "there were trials ($ALL_USUAL)" test $ALL_USUAL -gt 0
same "no probe was missed" "$(awk '{print $3}' $FAIL/control)" 0
# A part has not all of them.
[ "$PARTS" -gt 1 ] || [ -n "$ONLY" ] || [[ $WHAT != *life* ]] ||
	for f in build_aead build_auth build_crypt build_replay xha_policy_build \
		xha_rec_sa_new crypto_alloc_aead xfrm_state_alloc retire_sa \
		xfrm_policy_insert xha_group_sync_rules send_sa; do
		if grep -qw "$f" /proc/kallsyms; then
			check "a failure within $f" grep -q "[ <]$f+" "$XT/fired"
		else
			skip "a failure within $f" "it is part of its caller here"
		fi
	done
rmmod xha_failnth
ktap_end
