# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How often the kernel has called a function, for a test of which way packets
# went. Sourced after lib.sh.

TRACING=/sys/kernel/tracing

kprobe_on() {	# FUNCTION
	echo "p:xha_$1 $1" >>$TRACING/kprobe_events &&
		echo 1 >$TRACING/events/kprobes/"xha_$1"/enable
}
kprobe_hits() {	# FUNCTION
	awk -v p="xha_$1" '$1 == p {print $2; n = 1} END {if (!n) print 0}' \
		$TRACING/kprobe_profile
}
kprobes_off() {
	[ ! -e $TRACING/events/kprobes ] || echo 0 >$TRACING/events/kprobes/enable
	echo >$TRACING/kprobe_events
}
