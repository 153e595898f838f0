#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 400
# kernels: 6.1 6.12
#
# Another program elects, and here that is this script: what xha role says, with
# which status, and what it leaves; what xha notify-fifo makes of keepalived's
# lines and of others. keepalived itself is in test_external_keepalived.sh.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/external.sh"

FIFO=$XT/fifo
noted() { grep -qF "$1" "$XT/feed.log"; }

# The writer stays, as keepalived does between its lines.
feed_start() {
	mkfifo -m 600 "$FIFO"
	start feed gwa xha --socket "$XR/gwa/xhad.sock" notify-fifo ha other=x "$FIFO"
	exec 9>"$FIFO"
}
feed() { printf '%s\n' "$@" >&9; }
feed_is_over() { exec 9>&-; wait_for 20 gone feed; }

ktap_plan
topo_up
module_load || bail "the module loads"
for ns in gwa gwb; do
	external_conf $ns xhad 8000
done
check "no xhad: status 3" role_says 3 gwa role ha active
gw_start gwa && gw_start gwb || bail "xhad starts on both"
check "untold, A is standby and silent" wait_for 20 is_standby gwa
check "told active, A has adopted and has its VIPs when the command returns" \
	eval 'role_says 0 gwa role ha active && is_active gwa'
check "again: the same" role_says 0 gwa role ha active
check "a group by its id" role_says 0 gwa role 1 active
check "no such group: status 1" role_says 1 gwa role hb active
check "no such word: status 2" role_says 2 gwa role ha master
check "the group is not for xha switchover" eval \
	'role_says 1 gwa switchover && grep -q "another program" "$XT/said"'
wait_for 30 is_hot gwb || bail "B becomes hot"
check "told standby, A hands over" eval \
	'role_says 0 gwa role ha standby && is_standby gwa'
same "B has the role by that" "$(gw_get gwb '.groups[0] | "\(.role) \(.cause)"')" \
	"active handover"
wait_for 30 is_hot gwa || bail "A becomes hot"
xha_on gwa role ha active >"$XT/waiter" 2>&1 &
waiter=$!
wait_for 10 ordered gwa active
check "told active while B is, A waits for B; a newer word comes" \
	role_says 0 gwa role ha standby
wait $waiter
same "whoever waited for the older one gets status 4" $? 4
check "told fault, A is no standby for a hand-over" role_says 0 gwa role ha fault
gw_kill gwa
check "xhad is killed: status 3" role_says 3 gwa role ha active
gw_start gwa || bail "xhad starts again"
check "and still knows of the fault" wait_for 10 ordered gwa fault
wait_for 30 is_hot gwa || bail "A becomes hot"
check "B, told standby, gives the role up" role_says 0 gwb role ha standby
check "A in fault does not keep what it is handed" eval \
	'wait_for 20 is_standby gwa && is_standby gwb'
check "told active, A is" role_says 0 gwa role ha active
gw_kill gwa
gw_start gwa || bail "xhad starts again"
check "a restart of xhad does not change the role" wait_for 20 is_active gwa
check "B, told active, takes over although A is not told" eval \
	'role_says 0 gwb role ha active && wait_for 20 is_standby gwa'

# ---- keepalived's lines ----

feed_start
feed 'GROUP "ha" BACKUP 0' 'GROUP "ha" MASTER 0'
check "of two lines the last one counts" eval \
	'wait_for 30 is_active gwa && wait_for 20 noted "group ha is active, after"'
feed 'INSTANCE ha MASTER' 'GROUP "ha" BACKUP' 'VS [192.0.2.9]:tcp:80 UP' \
	'GROUP "hb" BACKUP 0' 'INSTANCE "ha" MASTER_PRIORITY 9'
check "two lines are not keepalived's, and are counted and named" wait_for 20 \
	noted "line 4 is not keepalived's, ignored (2 so far): GROUP \"ha\" BACKUP"
gw_stop gwa
feed 'GROUP "ha" FAULT 0'
check "xhad is not there: that is said" wait_for 20 noted \
	"group ha cannot be told fault yet, is xhad running?"
check "and nothing has moved the role" [ "$(gw_get gwa '.groups[0].role')" = active ]
# without the FIFO, which would have a writer as long as it runs
gw_start gwa 9>&- || bail "xhad starts again"
check "once it is, it is told" wait_for 30 is_standby gwa
feed 'GROUP "ha" STOP 0'
check "STOP ends a fault" wait_for 20 ordered gwa standby
feed_is_over
check "nobody writes any more: it ends" gone feed
ktap_end
