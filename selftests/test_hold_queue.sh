#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: not seen to pass whole yet; TESTS=hold_queue runs it
# timeout: 300
#
# The queue of a hand-over is bounded. The giver, fenced, waits for an answer
# while numbered packets come, more than net.xfrm_ha.hold_queue_packets: the
# first ones are held, the others dropped and counted as overflow. Then the
# hand-over goes on, and those that were held arrive by the other node, in order
# and once. Plaintext of the host one way, ESP of the peer the other way.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"
SENT=200
# shellcheck disable=SC2034 # lib.sh
HELLO_MS=3000	# no role is to move because the channel is held up

# The hand-over waits meanwhile: few questions.
gate() { gw_get "$1" '.groups[0] | "\(.gate.held) \(.gate.overflow) \(.gate.forwarded) \(.state)"'; }
all_counted() {	# NS BEFORE COUNT
	local h o
	read -r h o _ < <(gate "$1")
	[ $((h + o)) -ge $(($2 + $3)) ]
}
all_sent() { grep -q "^ *$SENT .*draining" "$XT/burst.p"; }

# Packets of the queue may wait long: no limit ends the hand-over before.
no_hurry() {	# NS
	gw_conf "$1"
	channel_patient "$1"
	ns_sysctl "$1" net.xfrm_ha.handover_answer_ms=60000 \
		net.xfrm_ha.handover_commit_ms=60000
}

# The giver's final numbers wait for the file "go".
FINALS=36 PREPARE=48	# kmod/wire.h
hand_over_slowly() {	# FROM
	rm -f "$XT/fenced" "$XT/go"
	stepcut_arm "$1" $FINALS $PREPARE run \
		"touch '$XT/fenced'; until [ -e '$XT/go' ]; do sleep 0.05; done" ||
		bail "the channel through stepcut"
	wait_for 30 hot_with "$(gw_other "$1")" 2 || bail "the standby is hot"
	start "switch-$1" "$1" xha --socket "$XR/$1/xhad.sock" switchover
	wait_for 20 test -e "$XT/fenced" || bail "$1 hands over"
}

other_end() { if [ "$1" = host ]; then echo peer; else echo host; fi; }
addr_of() { if [ "$1" = host ]; then echo $HOST_IN; else echo $HOST_OUT; fi; }
burst() {	# host|peer: to the other one
	start_flow burst "$1" -f -n $SENT -r 500 udp "$(addr_of "$1"):7003" \
		"$(addr_of "$(other_end "$1")"):7003"
	wait_for 30 all_sent
}

# LIMIT packets are held, the rest is counted, and nothing else is.
bounded() {	# FROM LIMIT SENDER
	local from=$1 limit=$2 to held over sent now arrived
	local want=$((limit < SENT ? limit : SENT))
	to=$(other_end "$3")
	log "$3 sends $SENT, $from holds $limit at most"
	ns_sysctl "$from" net.xfrm_ha.hold_queue_packets="$limit"
	read -r held over sent _ < <(gate "$from")
	start_flow sink "$to" sink "$(addr_of "$to"):7003"
	wait_for 10 test -s "$XT/sink.p" || bail "a receiver"
	hand_over_slowly "$from"
	burst "$3" || bail "$SENT packets are sent: $(cat "$XT/burst.p")"
	check "all packets got to $from" wait_for 10 all_counted "$from" \
		$((held + over)) $SENT
	read -ra now < <(gate "$from")
	arrived=$(received sink)
	touch "$XT/go"
	same "held" $((now[0] - held)) $want
	same "overflowed" $((now[1] - over)) $((SENT - want))
	same "arrived, while $from waits" "$arrived, ${now[*]:3}" "0, handover"
	wait_for 30 is_active "$(gw_other "$from")" ||
		bail "the other one is active: $(cat "$XT/switch-$from.log")"
	check "what was held arrives" wait_for 20 got sink $want
	stepcut_off || bail "the switch"
	wait_for 60 hot_with "$from" 2 || bail "$from is hot standby"
	read -ra now < <(gate "$from")
	same "all of it was sent on" $((now[2] - sent)) $want
	stop burst
	stop sink
	same "the first ones, in order and once" \
		"$(jget sink '"\(.received) \(.highest) \(.reordered) \(.duplicates)"')" \
		"$want $want 0 0"
}

ktap_plan
topo_up
module_load || bail "the module loads"
for ns in gwa gwb; do
	no_hurry $ns
done
gw_start gwa || bail "xhad starts on A"
wait_for 20 is_active gwa || bail "A becomes active"
manual_tunnel gwa || bail "a tunnel by hand"
gw_start gwb || bail "xhad starts on B"
wait_for 60 hot_with gwb 2 || bail "B becomes hot standby"
check "the tunnel works" eval "in_ns host ping -q -c 3 -W 10 $HOST_OUT >/dev/null"
bounded gwa 64 host
bounded gwb 128 peer
bounded gwa 4096 host
ktap_end
