#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 3000
# held: takes long; ROUNDS=9 meets each state once
#
# Namespaces with a gateway are deleted, and the module is unloaded and loaded,
# in every state a group can be in: ROUNDS times in all (100 on the debug
# kernel, 20 elsewhere). The runner fails the guest for any report of the
# kernel; this test fails for anything that does not come up again.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
debug_kernel && ROUNDS=${ROUNDS:-100}
ROUNDS=${ROUNDS:-20}
# Roles may move when the machine stalls: nothing here minds. Rounds are many.
export HELLO_MS=100
KEY=0x000102030405060708090a0b0c0d0e0f10111213
STATES="none idle dialing lonely hot busy bulk handover takeover"

sas_add() {	# count
	local i batch=''
	for ((i = 1; i <= $1; i++)); do
		batch+="xfrm state add src $VIP_OUT dst $PEER proto esp spi $((0x4000 + i)) reqid $i mode tunnel aead rfc4106(gcm(aes)) $KEY 128
"
	done
	ip -n gwa -batch - <<<"$batch"
}

pair() { gw_start gwa && wait_for 30 is_active gwa && gw_start gwb; }

either_hot() { hot_with gwb "$1" || hot_with gwa "$1"; }

# Bring the pair to a state; some are moments, which a round meets or not.
enter() {
	case $1 in
	none)	;;
	idle)	gw_start gwa ;;
	dialing) gw_start gwb ;;
	lonely)	gw_start gwa && wait_for 30 is_active gwa && sas_add 10 ;;
	hot)	pair && sas_add 10 && wait_for 60 either_hot 10 ;;
	busy)	pair && wait_for 60 either_hot 0 && {
			sas_add 200 &
			wait_for 30 eval '[ "$(sa_count gwa)" -gt 20 ]'
		} ;;
	bulk)	gw_start gwa && wait_for 30 is_active gwa && sas_add 300 &&
			gw_start gwb && wait_for 30 channel_up gwb ;;
	handover) pair && sas_add 10 && wait_for 60 either_hot 10 && {
			start switch gwa xha --socket "$XR/gwa/xhad.sock" switchover
		} ;;
	takeover) pair && sas_add 10 && wait_for 60 either_hot 10 &&
			links_down gwa >/dev/null && signal xhad-gwb 0 ;;
	esac
}

helpers_down() { gw_kill gwa; gw_kill gwb; stop switch; wait; }

# An unused namespace is gone when its last process and socket are.
leave_netns() {
	local ns
	for ns in gwa gwb; do
		ip netns del $ns || return
	done
	# the last users of the deleted namespaces
	helpers_down
	for ns in gwa gwb; do
		wait_for 30 eval "! ip -n outlan link show $ns" || return
	done
	gw_plug gwa 0a
	gw_plug gwb 0b
}

# With a standby group the module says no unless forced by removing the group's
# namespace; a group of its own accord goes with the module otherwise.
leave_module() {
	helpers_down
	if ! rmmod xfrm_ha 2>"$XT/rmmod.log"; then
		log "rmmod: $(cat "$XT/rmmod.log")"
		leave_netns || return
		wait_for 30 rmmod xfrm_ha || return
	else
		# what the gateways had is not the next round's
		leave_netns || return
	fi
	module_load
}

ktap_plan
topo_up
module_load || bail "the module loads"
set -- $STATES
for ((round = 1; round <= ROUNDS; round++)); do
	state=$1
	shift
	[ $# -gt 0 ] || set -- $STATES
	way=netns
	[ $((round % 2)) -eq 1 ] || way=module
	if ! enter "$state"; then
		bail "round $round: into state $state: $(gw_json gwb)"
	fi
	leave_$way || bail "round $round: $way out of state $state"
done
ok "$ROUNDS rounds of leaving in every state"
pair && wait_for 60 either_hot 0 || bail "a pair comes up after all that"
ok "a pair comes up after all that"
gw_kill gwa
gw_kill gwb
ip netns del gwa
ip netns del gwb
check "the module can be unloaded" wait_for 30 rmmod xfrm_ha
ktap_end
