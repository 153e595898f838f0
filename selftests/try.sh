#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# For trying things in a guest: set the topology up, then run a command with
# everything of lib.sh at hand.
#
#   selftests/vm/run --kernel 6.1 -- selftests/try.sh [-t] [-g] 'COMMAND...'
#
# -g loads the module and starts xhad on both gateways; -t brings a strongSwan
# tunnel up between the peer and gateway A (without -g the VIPs are put on A by
# hand).
set -u
. "$(dirname "$0")/lib.sh"
with_gw='' tunnel=''
while getopts gt opt; do
	case $opt in
	g) with_gw=1 ;;
	t) tunnel=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
topo_up
if [ -n "$with_gw" ]; then
	module_load || die "the module does not load"
	gw_start gwa && wait_for 20 has_vip gwa && gw_start gwb ||
		die "xhad: $(cat "$XT"/xhad-*.log)"
else
	vip_by_hand gwa add
fi
if [ -n "$tunnel" ]; then
	charon_start gwa && charon_start peer && tunnel_up ||
		die "tunnel: $(cat "$XT/peer/initiate.log")"
fi
eval "$*"
