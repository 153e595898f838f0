#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 400
#
# net.xfrm_ha.*: defaults, limits, one set of values per namespace, the same by
# the files and by `xha tune` (netlink), and what is written counts at once.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

# name default minimum maximum unit (- for a switch)
KNOBS="
walk_interval_ms         10000  100  3600000     ms
sample_interval_ms       10     1    1000        ms
digest_interval_ms       10000  100  3600000     ms
idle_after_samples       64     1    255         looks
idle_every_samples       16     1    255         looks
hold_queue_packets       4096   64   65536       packets
deletion_notes           65536  256  1048576     notes
handover_answer_ms       1000   100  60000       ms
handover_commit_ms       5000   100  60000       ms
handover_vip_ms          2000   100  60000       ms
handover_forward_ms      3000   100  60000       ms
replay_interval_inbound  1000   1    1000        packets
replay_interval_outbound 100000 1000 100000      packets
strict                   0      0    1           -
"
KNOB_KEY=only-for-this-test-0123456789

knob() { in_ns "$1" cat "/proc/sys/net/xfrm_ha/$2"; }
knob_set() { in_ns "$1" sysctl -qw "net.xfrm_ha.$2=$3"; }

# Few forks, for emulated machines: one shell in the namespace NS looks at all.
# It prints what is wrong.
each_knob() {	# NS FUNCTION, called with name, default, minimum, maximum
	local out
	out=$(in_ns "$1" bash -c '
		cd /proc/sys/net/xfrm_ha || exit
		is() { read -r now <$1; [ "$now" = $2 ] || echo "$1 is $now, not $2"; }
		put() { echo "$2" 2>/dev/null >$1; }
		takes() { put $1 $2 || echo "$1 refuses $2"; is $1 $2; }
		refuses() { ! put $1 $2 || echo "$1 takes $2"; }
		has_default() { is $1 $2; }
		takes_limits() {
			takes $1 $3
			takes $1 $4
			refuses $1 $(($3 - 1))
			refuses $1 $(($4 + 1))
			refuses $1 x
			is $1 $4
			put $1 $2
		}
		tune() { xha tune $1 $2 >/dev/null 2>&1 || echo "xha does not set $1 to $2"; }
		shows() {
			local seen
			read -r _ seen _ < <(xha tune $1)
			[ "$seen" = $2 ] || echo "xha shows $1 as $seen, not $2"
		}
		far() { [ $2 = $3 ] && echo $4 || echo $3; }	# the limit that is no default
		is_tuned() {
			tune $1 $(far $*)
			is $1 $(far $*)
			shows $1 $(far $*)
		}
		is_shown() { put $1 $2; shows $1 $2; }
		is_refused() {	# NAME VALUE: by netlink, in the words of its limits
			local why
			why=$(xha tune $1 $2 2>&1) && echo "xha sets $1 to $2"
			[[ $why = *"set $1 to $2 ("*"): integer out of range" ]] || echo "$1 $2: $why"
		}
		tunes_limits() {
			tune $1 $3
			is $1 $3
			tune $1 $4
			is $1 $4
			[ $3 = 0 ] || is_refused $1 $(($3 - 1))	# less than 0 is no u32
			is_refused $1 $(($4 + 1))
			is_refused $1 4294967295
			is $1 $4
			put $1 $2
		}
		while read -r name rest; do
			[ -z "$name" ] || $0 $name $rest
		done' "$2" 2>&1 <<<"$KNOBS")
	[ -z "$out" ] || { log "$1: $out"; return 1; }
}
names() { awk 'NF {print $1}' <<<"$KNOBS" | sort; }
nothing_else() { [ "$(in_ns gwa ls /proc/sys/net/xfrm_ha | sort)" = "$(names)" ]; }
says_why() { knob_set gwa idle_after_samples 256 2>&1 | grep -q 'Invalid argument'; }

tune() { in_ns gwa xha tune "$@"; }
table() { awk 'NF {print $1, $2, $3, $4, $5}' <<<"$KNOBS" | sort; }
listed() {
	in_ns gwa xha -j tune | jq -r '.tunables[] | "\(.name) \(.default) \(.minimum) " +
		"\(.maximum) \(if .unit == "" then "-" else .unit end)"' | sort
}
refused() {	# STATUS WORDS COMMAND...: WORDS are on standard error, nothing else is
	local status=$1 words=$2 out rc
	shift 2
	out=$("$@" 2>&1 >"$XT/shown")
	rc=$?
	[ $rc -eq "$status" ] && [[ $out = *"$words"* ]] && [ ! -s "$XT/shown" ] ||
		{ log "status $rc: $out $(cat "$XT/shown")"; return 1; }
}
powerless() { in_ns gwa setpriv --bounding-set -net_admin -- "$@"; }
powerless_read() { local all; all=$(powerless xha tune) && [ "$all" = "$(tune)" ]; }
powerless_one() { [ "$(powerless xha -j tune strict | jq .value)" = 0 ]; }

nine_nine() { [ "$(knob gwa walk_interval_ms) $(knob gwb walk_interval_ms)" = "999 10000" ]; }

# Walks over xfrm's SAs since the probe was set.
walks() { awk '$1 == "xha_walk" {print $2}' /sys/kernel/tracing/kprobe_profile; }
walked() { [ "$(walks)" -ge "$1" ]; }
verified() { gw_get gwb '.groups[0].verified'; }
verified_is() { [ "$(verified)" -ge "$1" ]; }
intervals() { gw_get gwa '.groups[] | select(.id == '"$1"') | "\(.interval_in) \(.interval_out)"'; }

ktap_plan
topo_up
module_load || bail "the module loads"
check "each has its default" each_knob gwa has_default
check "and there are no others" nothing_else
check "each takes its limits and refuses what is beyond" each_knob gwa takes_limits
check "the error is EINVAL" says_why
check "each has its default again" each_knob gwa has_default

same "xha lists these, with the same defaults and limits" "$(listed)" "$(table)"
check "what xha sets is in the file" each_knob gwa is_tuned
check "and in no other namespace" each_knob gwb has_default
check "what is written to the file xha shows" each_knob gwa is_shown
check "each has its default once more" each_knob gwa has_default
check "xha sets the limits, and the kernel refuses what is beyond" \
	each_knob gwa tunes_limits
check "which has changed nothing" each_knob gwa has_default
check "an unknown name is refused" refused 2 '"walks" is unknown' tune walks
check "one that begins several, too" refused 2 'is ambiguous' tune handover 5000
check "what is no number, too" refused 2 'must be a number' tune strict on
check "and what no u32 can hold" refused 2 'must be a number' tune strict 4294967296
tune walk 998 >"$XT/shown"
same "an abbreviation is enough" "$(tr -s ' ' <"$XT/shown")" \
	"walk_interval_ms 998 ms 100..3600000, default 10000"
same "and so is what sysctl calls it" "$(tune net.xfrm_ha.walk_interval_ms)" \
	"$(cat "$XT/shown")"
tune walk 10000 >/dev/null
check "without CAP_NET_ADMIN they can be read" powerless_read
check "one alone, too" powerless_one
check "and not set" refused 1 'needs CAP_NET_ADMIN' powerless xha tune strict 1
check "after all that each has its default" each_knob gwa has_default

knob_set gwa walk_interval_ms 999
check "a namespace has its own values" nine_nine
ns_new later
ALL_NS="$ALL_NS later"
check "one that is made later has the defaults" each_knob later has_default

# New groups, and only new ones
in_ns gwa xctl group 7 0 0 192.0.2.77 || bail "a group"
knob_set gwa replay_interval_inbound 5
knob_set gwa replay_interval_outbound 5000
same "a group that is there keeps its intervals" "$(intervals 7)" "1000 100000"
in_ns gwa xctl group 8 0 0 192.0.2.78
same "a new one has those in force" "$(intervals 8)" "5 5000"
in_ns gwa xctl group 9 16 20000 192.0.2.79
same "one that says has its own" "$(intervals 9)" "16 20000"
for id in 7 8 9; do
	in_ns gwa xctl ungroup $id
done

# xhad says nothing where its configuration does not
gw_conf gwa
sed -i '/replay-interval/d' "$XT/gwa/xhad.conf"
gw_start gwa || bail "xhad starts"
wait_for 20 is_active gwa || bail "A becomes active"
same "xhad leaves the intervals to the kernel" "$(intervals 1)" "5 5000"
gw_stop gwa
in_ns gwa xctl ungroup 1
in_ns gwa xctl unpeer

# What takes effect
for ns in gwa gwb; do
	o=$(gw_other $ns)
	in_ns $ns xctl peer "${SYNC_ADDR[$ns]}" "${SYNC_ADDR[$o]}" \
		$CHANNEL_PORT $KNOB_KEY
	in_ns $ns xctl group 1 16 20000 $VIP_OUT
done
knob_set gwa walk_interval_ms 3600000
in_ns gwa xctl role 1 active
in_ns gwb xctl role 1 standby
wait_for 30 is_hot gwb || bail "B becomes hot"
echo 'p:xha_walk xfrm_state_walk' >/sys/kernel/tracing/kprobe_events
echo 1 >/sys/kernel/tracing/events/kprobes/xha_walk/enable
run_for 3
same "with an hour between walks none is seen" "$(walks)" 0
knob_set gwa walk_interval_ms 100
check "with 100 ms ten follow" wait_for 10 walked 10
echo 0 >/sys/kernel/tracing/events/kprobes/xha_walk/enable
echo >/sys/kernel/tracing/kprobe_events
knob_set gwa digest_interval_ms 3600000
BEFORE=$(verified)
run_for 3
same "with an hour between digests none is seen" "$(verified)" "$BEFORE"
knob_set gwa digest_interval_ms 100
check "with 100 ms ten follow" wait_for 10 verified_is $((BEFORE + 10))
ktap_end
