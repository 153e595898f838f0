#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 14000
# kernels: 6.1 6.12
# held: takes long (an hour emulated); XHA_SUITE="events" is short
#
# XHA_SUITE picks tests, XHA_WHEN of "without idle busy" the times; the results of
# "without" stay in build/, so that the others can follow in a guest of their own.
#
# What has no group does not notice the module. The kernel's own tests of xfrm
# (selftests/vm/kernel-tests) give the same results, point by point, and SAs of
# no group raise the same events: without the module, with it idle, and while
# a pair syncs all the time. The tests run beside that pair, in namespaces of
# their own; the SAs are in the namespace of its active gateway.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/channel.sh"

export TRAFFIC_RATE=50
SUITE=${XHA_SUITE:-vrf-xfrm-tests.sh rtnetlink.sh ipsec xfrm_policy.sh events}
WHEN=${XHA_WHEN:-without idle busy}
SOURCES=$TOP/build/kernel-tests/$XHA_KERNEL
RESULTS=$TOP/build/kernel-tests/results-$XHA_KERNEL
KEY=for-tests-only-and-worth-nothing
LONE=198.51.100.1	# of no group, on gwa; all of its /24 is on a dummy
FAR=198.51.100.2
ROOM=16777216	# for messages a listener has not read: the group's are many
LONE_KEY=0x202122232425262728292a2b2c2d2e2f30313233

# ---- the kernel's tests ----

# Of rtnetlink.sh the parts about IPsec: newer ones can be told so.
prepare() {
	cp -a "$SOURCES" "$XT/kernel" || return
	grep -q '^ALL_TESTS=' "$XT/kernel/net/rtnetlink.sh" ||
		sed -i '/^kci_test_rtnl()/,/^}/{/^\tkci_test_/{/ipsec/!d}}' \
			"$XT/kernel/net/rtnetlink.sh"
	# What they draw from $RANDOM is the same each time.
	echo 'RANDOM=1' >"$XT/same-random"
}

# kernel_test NAME: prints its points and exit status
kernel_test() {
	local args=() code
	[ "$1" != rtnetlink.sh ] || ! grep -q '^ALL_TESTS=' \
		"$XT/kernel/net/rtnetlink.sh" ||
		args=(-t "kci_test_ipsec kci_test_ipsec_offload")
	# processes at once, each with pairs of namespaces of its own; else it is one
	[ "$1" != ipsec ] || args=(8)
	(cd "$XT/kernel/net" && env -u TESTS BASH_ENV="$XT/same-random" \
		timeout 2400 "./$1" "${args[@]}") >"$XT/$1.out" 2>&1 </dev/null
	code=$?
	grep -E '^ *(PASS|FAIL|SKIP|TEST|XFAIL)|^(not )?ok ' "$XT/$1.out" |
		sed -E 's/[[:space:]]+/ /g; s/-[A-Za-z0-9]{6}\b//g' |
		if [ "$1" = ipsec ]; then sed -E 's/^((not )?ok) [0-9]+/\1/' | sort; else cat; fi
	echo "exit $code"
}

# ---- events of SAs of no group ----

lone_up() {
	sysctl -qw net.core.rmem_max=$ROOM
	ip -n gwa link add lone type dummy &&
		ip -n gwa addr add $LONE/24 dev lone &&
		ip -n gwa link set lone up || return
	# An event for every second packet, none that depends on time.
	ns_sysctl gwa net.core.xfrm_aevent_rseqth=2 \
		net.core.xfrm_aevent_etime=0 net.core.xfrm_acq_expires=3600
}

lone_sa() {	# add|update SPI REQID [OPTIONS]
	local verb=$1 spi=$2 reqid=$3
	shift 3
	ip -n gwa xfrm state "$verb" src $LONE dst $FAR proto esp spi "$spi" \
		reqid "$reqid" mode tunnel "$@" \
		aead 'rfc4106(gcm(aes))' $LONE_KEY 128
}

lone_policy() {	# add|update|delete REQID TO
	local tmpl=()
	[ "$1" = delete ] || tmpl=(tmpl src "$LONE" dst "$FAR" proto esp
		reqid "$2" mode tunnel)
	ip -n gwa xfrm policy "$1" src $LONE/32 dst "$3" dir out "${tmpl[@]}"
}

# What an expired SA or none refuses is part of the plan.
packets() {	# N ADDRESS
	in_ns gwa bash -c 'for ((i = 0; i < $1; i++)); do
			echo >/dev/udp/$2/9
		done 2>/dev/null
		:' - "$1" "$2"
}

# Both watchers have seen all up to the Nth message of that kind.
seen() {	# TYPE N TEXT
	[ "$(grep -c "^$1 " "$XT/watch.log")" -ge "$2" ] &&
		[ "$(listed | grep -c "$3")" -ge "$2" ]
}

listeners() { in_ns gwa awk '$2 == 6 && $4 != "00000000"' /proc/net/netlink | wc -l; }
both_listen() { grep -qx ready "$XT/watch.log" && [ "$(listeners)" -eq 2 ]; }

# Times and numbers that count on from one run to the next.
plain() {
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}/TIME/g' \
		-e 's/index [0-9]+/index N/' -e 's/sport [0-9]+/sport N/' \
		-e 's/replay-window ([0-9]+) seq 0x[0-9a-f]+/replay-window \1 seq N/' \
		-e 's/^([[:space:]]+)seq 0x[0-9a-f]+/\1seq N/'
}

# What `ip xfrm monitor` said, but for the group: records begin without a tab.
listed() {
	awk -v vip="$VIP_OUT" '
		function flush() { if (index(r, vip) == 0) printf "%s", r; r = "" }
		/^[^ \t]/ { flush() }
		{ r = r $0 "\n" }
		END { flush() }' "$XT/monitor.log" | plain
}

# Each operation is over, with what it sets off, before the next.
operations() {
	lone_sa add 0x5001 51 &&
		lone_sa update 0x5001 51 limit byte-hard 1000000 &&
		ip -n gwa xfrm state delete src $LONE dst $FAR proto esp spi 0x5001 ||
		return
	# 3 packets, soft; 5, hard; then nobody has an SA
	lone_policy add 52 198.51.100.64/26 && lone_policy update 52 198.51.100.64/26 &&
		lone_sa add 0x5002 52 limit packet-soft 3 limit packet-hard 5 &&
		packets 6 198.51.100.65 && wait_for 20 seen EXPIRE 2 Expired &&
		packets 1 198.51.100.65 && wait_for 20 seen ACQUIRE 1 acquire &&
		lone_policy delete 52 198.51.100.64/26 || return
	# numbers, by packets and by request
	lone_policy add 53 198.51.100.128/26 && lone_sa add 0x5003 53 &&
		packets 7 198.51.100.129 &&
		in_ns gwa "$LIB/events.py" aevent $LONE $FAR 0x5003 1000 &&
		packets 4 198.51.100.129 || return
	lone_policy add 54 198.51.100.192/26 && lone_sa add 0x5004 54 &&
		in_ns gwa "$LIB/migrate.py" $LONE/32 198.51.100.192/26 out esp \
			tunnel 54 $LONE $FAR $LONE 198.51.100.3 &&
		packets 3 198.51.100.193 || return
	ip -n gwa xfrm state add src $LONE dst $FAR proto ah spi 0x5005 \
		reqid 55 mode transport auth 'hmac(sha256)' $LONE_KEY &&
		ip -n gwa xfrm state flush proto ah || return
	ip -n gwa -s xfrm state list src $LONE >"$XT/lone-states"
	ip -n gwa xfrm state delete src $LONE dst $FAR proto esp spi 0x5003 &&
		ip -n gwa xfrm state flush && ip -n gwa xfrm policy flush &&
		wait_for 20 seen FLUSHPOLICY 1 'Flushed policy'
}

# Prints what both watchers saw, and the SAs before the flush.
events_test() {
	local code=0
	: >"$XT/watch.log"
	: >"$XT/monitor.log"
	: >"$XT/lone-states"
	start watch gwa "$LIB/events.py" watch $VIP_OUT
	start monitor gwa stdbuf -oL ip -rcvbuf $ROOM -s xfrm monitor
	wait_for 20 both_listen && operations >"$XT/events.err" 2>&1 || code=$?
	stop watch
	stop monitor
	sed 's/^/message /' "$XT/watch.log"
	listed
	plain <"$XT/lone-states"
	echo "exit $code"
}

# ---- a pair that syncs all the time ----

node() {	# NS
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT \
		$KEY && in_ns "$1" xctl group 1 1 1000 $VIP_OUT
}

# SAs of the group come and go beside the traffic.
churn_start() {
	sas_batch 100 10 add >"$XT/come"
	sas_batch 100 10 delete >"$XT/go"
	start churn gwa bash -c 'while ip -batch "$1" && ip -batch "$2"; do
			read -rt 0.5 <> <(:)
		done' - "$XT/come" "$XT/go"
}

busy_pair() {
	node gwa && node gwb && in_ns gwa xctl role 1 active &&
		vip_by_hand gwa add && tunnel_by_hand && udp_start &&
		wait_for 60 channel_up gwb && in_ns gwb xctl role 1 standby &&
		in_ns gwb xctl hot 1 200 || return
	churn_start
	FRAMES=$(frames)
}

frames() { gw_get gwa .channel.tx_frames; }

# Since the last time it was asked the pair has synced, and it still does.
synced_meanwhile() {
	local before=$FRAMES
	FRAMES=$(frames)
	log "$((FRAMES - before)) frames from A to B meanwhile"
	[ "$FRAMES" -gt $((before + 10)) ] && running churn &&
		channel_up gwa && in_ns gwb xctl hot 1 60 && flowing udp-host 10
}

# ---- the three times ----

# once PART: to stdout
once() {
	if [ "$1" = events ]; then events_test; else kernel_test "$1"; fi
}

points() { grep -cvE '^exit ' "$1"; }
skipped() { grep -E 'SKIP|# *[Ss]kip' "$1"; }
why_not() {
	if [ "$2" != "$RESULTS/$1.without" ]; then
		diff -U 2 "$RESULTS/$1.without" "$2" | head -n 60
	else
		tail -n 20 "$2"
	fi
	[ "$1" != events ] || cat "$XT/events.err"
	[ ! -e "$XT/$1.out" ] || tail -n 8 "$XT/$1.out"
}

# These tests give themselves tenths of a second here and there, which an
# emulated machine may take: one that fails, or differs, is tried three times.
tries() {	# PART RESULT CONDITION...
	local part=$1 to=$2 i
	shift 2
	for i in 1 2 3; do
		once "$part" >"$to"
		! "$@" "$part" "$to" || return 0
		# what the events left cannot be removed without new ones
		[ "$part" != events ] && [ "$i" -lt 3 ] || return 1
		why_not "$part" "$to" | sed 's/^/# once more: /'
	done
}

# One that skips all, as for want of a program, has passed nothing. Events are
# messages.
passed() {	# PART RESULT
	grep -qE '^ *PASS|\[ *OK *\]|^ok |^message ' "$2" && grep -qx 'exit [04]' "$2"
}
as_without() { cmp -s "$RESULTS/$1.without" "$2"; }

# A part that fails without the module says nothing of the module.
first() {	# PART
	local to=$RESULTS/$1.without
	if tries "$1" "$to" passed; then
		ok "$1 without the module: $(points "$to") lines, $(skipped "$to" | wc -l) skipped"
		skipped "$to" | sed 's/^/# skipped: /'
	else
		not_ok "$1 without the module" "$(why_not "$1" "$to")"
	fi
}

again() {	# PART WHEN NAME
	local to=$XT/$1.$2
	if tries "$1" "$to" as_without; then
		ok "$1 $3: the same"
	else
		not_ok "$1 $3: the same" "$(why_not "$1" "$to")"
	fi
}

during() { [[ " $WHEN " == *" $1 "* ]]; }

without() {
	for part in $SUITE; do
		first "$part"
		log "$part: after $SECONDS s"
	done
}

idle() {
	for part in $SUITE; do
		again "$part" idle "with the module idle"
		log "$part: after $SECONDS s"
	done
}

busy() {
	busy_pair || bail "a pair syncs: $(gw_json gwb)"
	for part in $SUITE; do
		[ "$part" != events ] || check "the pair has synced till now" synced_meanwhile
		again "$part" busy "while a pair syncs"
		log "$part: after $SECONDS s"
		[ "$part" = events ] ||
			check "it synced during $part" synced_meanwhile
	done
	stop churn
}

ktap_plan
[ -d "$SOURCES" ] || bail "the kernel's selftests are not in build/kernel-tests: make kernel-tests"
log "of $(<"$SOURCES/.from")"
mkdir -p "$RESULTS"
topo_up
prepare && lone_up || bail "all is prepared"
! during without || without
module_load || bail "the module loads"
! during idle || idle
! during busy || busy
ktap_end
