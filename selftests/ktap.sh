# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# KTAP version 1 on standard output. Sourced by every test:
#
#	ktap_plan 3			# or ktap_plan without a number: at the end
#	ok "what holds"
#	not_ok "what does not" "why"	# diagnosis, also from a pipe with "-"
#	skip "what" "why not here"
#	ktap_end			# exits: 0, 1 when a point failed or the
#					# plan was missed, 4 when all was skipped

ktap_planned=
ktap_count=0
ktap_failed=0
ktap_skipped=0

ktap_plan()
{
	ktap_planned=${1:-}
	echo "KTAP version 1"
	[ -z "$ktap_planned" ] || echo "1..$ktap_planned"
}

# Any text as diagnosis lines
ktap_diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

ok()
{
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $1"
}

not_ok()
{
	ktap_count=$((ktap_count + 1))
	ktap_failed=$((ktap_failed + 1))
	echo "not ok $ktap_count $1"
	case ${2:-} in
	"")	;;
	-)	sed 's/^/# /' ;;
	*)	ktap_diag "$2" ;;
	esac
}

skip()
{
	ktap_count=$((ktap_count + 1))
	ktap_skipped=$((ktap_skipped + 1))
	echo "ok $ktap_count $1 # SKIP ${2:-}"
}

# usage: ktap_result STATUS NAME [WHY]: a point from an exit status; 4 is the
# kselftest way to say "skipped"
ktap_result()
{
	case $1 in
	0)	ok "$2" ;;
	4)	skip "$2" "${3:-}" ;;
	*)	not_ok "$2" "${3:-exit status $1}" ;;
	esac
}

# Output of a program that prints TAP itself, as points below ours
ktap_subtest()
{
	printf '%s\n' "$1" | sed 's/^/    /'
}

ktap_end()
{
	if [ -z "$ktap_planned" ]; then
		echo "1..$ktap_count"
	elif [ "$ktap_planned" -ne "$ktap_count" ]; then
		ktap_diag "planned $ktap_planned points, saw $ktap_count"
		ktap_failed=$((ktap_failed + 1))
	fi
	ktap_diag "Totals: pass:$((ktap_count - ktap_failed - ktap_skipped)) fail:$ktap_failed skip:$ktap_skipped"
	[ "$ktap_failed" -eq 0 ] || exit 1
	[ "$ktap_count" -eq 0 ] || [ "$ktap_count" -ne "$ktap_skipped" ] || exit 4
	exit 0
}

# debug_kernel [KERNEL]: does it, or the one this runs on, check all it does, and
# take its time for that?
debug_kernel() { [[ " debug uml " = *" ${1:-${XHA_KERNEL:-none}} "* ]]; }
