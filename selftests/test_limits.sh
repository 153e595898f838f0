#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 300
#
# The limits of the kernel's netlink interface: what each command takes of each
# attribute, and with which errno, words and attribute it refuses what is next to
# that (the table is in lib/limits.py). What is refused changes nothing.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

points() {	# a point from each line of "ok WHAT" and "not ok WHAT: SEEN"
	local line n=0
	while read -r line; do
		n=$((n + 1))
		case $line in
		"ok "*)		ok "${line#ok }" ;;
		"not ok "*)	line=${line#not ok }
				not_ok "${line%%: *}" "${line#*: }" ;;
		*)		not_ok "a line of the helper" "$line" ;;
		esac
	done <"$1"
	check "the helper came to its end" grep -q "attributes with a limit was tried" "$1"
	log "$n lines"
}

ktap_plan
nodes_up
module_load || bail "the module loads"
SPLATS=$(dmesg | grep -cE 'WARNING|BUG|KASAN|UBSAN|Oops')
in_ns gwa "$LIB/limits.py" >"$XT/limits.log" 2>&1
same "the helper's status" $? 0
points "$XT/limits.log"
in_ns gwa xctl unpeer
in_ns gwa xctl ungroup 1 force
same "no splat" "$(dmesg | grep -cE 'WARNING|BUG|KASAN|UBSAN|Oops')" "$SPLATS"
ktap_end
