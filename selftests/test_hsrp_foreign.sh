#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 900
# held: plays for some minutes, with real timers of HSRP
#
# HSRP against a scripted foreign router (selftests/lib/hsrp_foreign.py), in
# version 1 with a text, version 2 with MD5, and over IPv6: alone, lower and
# higher, ties, coup, resign, silence, everything that must be refused, two
# actives, preemption, floods.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/hsrp.sh"

TIMERS='timers = {1, 3}'
PREEMPT='preempt = true
			preempt-delay = "sync 0"'

conf() {
	channel_conf gwa
	{
		hsrp_group v1 1 "$(hsrp_section v1 1 1 192.0.2.101/24 "$TIMERS
			$TEXT")"
		hsrp_group v1-pre 2 "$(hsrp_section v1-pre 1 11 192.0.2.111/24 \
			"$TIMERS
			$TEXT
			$PREEMPT")"
		hsrp_group v2 3 "$(hsrp_section v2 2 2 192.0.2.102/24 "$TIMERS
			$CHAIN")"
		hsrp_group v2-pre 4 "$(hsrp_section v2-pre 2 12 192.0.2.112/24 \
			"$TIMERS
			$CHAIN
			$PREEMPT")"
		hsrp_group v6 5 "$(hsrp_section v6 2 3 2001:db8:0:2::103/64 \
			"$TIMERS")"
		hsrp_group v6-pre 6 "$(hsrp_section v6-pre 2 13 \
			2001:db8:0:2::113/64 "$TIMERS
			$PREEMPT")"
	} >>"$XT/gwa/xhad.conf"
}

ready() { grep -q '^ready' "$XT/foreign.log"; }
ended() { gone foreign; }

ktap_plan
topo_up
module_load || bail "the module loads"
hsrp_ipv6 gwa stranger
conf
: >"$XT/xhad-gwa.log"
start foreign stranger "$LIB/hsrp_foreign.py" --dev out \
	--ctl "$XR/gwa/xhad.sock" --log "$XT/xhad-gwa.log"
wait_for 60 ready || bail "the foreign router is there"
gw_start gwa || bail "xhad starts"
wait_for 240 ended
while read -r line; do
	case $line in
	"ok "*)	ok "${line#ok }" ;;
	*)	line=${line#not ok }
		not_ok "${line%% -- *}" "${line#* -- }" ;;
	esac
done < <(grep -E '^(not )?ok ' "$XT/foreign.log")
if grep -q '^end$' "$XT/foreign.log"; then
	ok "the foreign router played all of it"
else
	# in a pipe it would be counted by a subshell only
	not_ok "the foreign router played all of it" - < <(tail -n 30 "$XT/foreign.log")
fi
check "xhad is alive" running xhad-gwa
ktap_end
