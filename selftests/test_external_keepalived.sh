#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 1800
# kernels: 6.1 6.12
# held: keepalived's waiting times, several role changes in two ways
#
# keepalived elects on both gateways, in a sync group of both LANs; its notify
# FIFO tells xhad. In the first way xhad moves the VIPs, in the second one
# keepalived does. In each, traffic goes through the tunnel while A's keepalived
# ends, comes back and preempts, is killed, and A is lost with all links. The
# captures say who sent what: no number twice, and none before adoption.
#
# CASES="xhad elector" says which.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/external.sh"

CASES=${CASES:-xhad elector}
SPI_OUT=0x2001 SPI_IN=0x2002
KEY=0x000102030405060708090a0b0c0d0e0f10111213
declare -A PRIORITY=([gwa]=150 [gwb]=100)

instance() {	# NAME DEV VRID PRIORITY ADDRESS
	cat <<-CONF
	vrrp_instance $1 {
		interface $2
		state BACKUP
		virtual_router_id $3
		priority $4
		advert_int $ADVERT
		preempt_delay 10
		virtual_ipaddress {
			$5
		}
	}
	CONF
}

# What keepalived runs has neither our PATH nor our file descriptors.
keepalived_conf() {	# NS xhad|elector
	local out="127.0.0.51/32 dev lo" in="127.0.0.52/32 dev lo"
	if [ "$2" = elector ]; then
		out=$VIP_OUT/24 in=$VIP_IN/24
	fi
	cat >"$XT/$1/notify" <<-SCRIPT
	#!/bin/sh
	exec "$TOP/build/tools/xha" --socket "$XR/$1/xhad.sock" notify-fifo ha "\$1" 2>>"$XT/$1/notify.log"
	SCRIPT
	chmod 700 "$XT/$1/notify"
	{
		cat <<-CONF
		global_defs {
			vrrp_version 3
			script_user root
			enable_script_security
			vrrp_notify_fifo $XR/$1/fifo
			vrrp_notify_fifo_script "$XT/$1/notify"
		}
		vrrp_sync_group ha {
			group {
				outside
				inside
			}
		}
		CONF
		instance outside out 51 "${PRIORITY[$1]}" "$out"
		instance inside in 52 "${PRIORITY[$1]}" "$in"
	} >"$XT/$1/keepalived.conf"
}

ka_start() {	# NS
	rm -f "$XR/$1/ka-vrrp.pid"
	start "ka-$1" "$1" keepalived --dont-fork --log-console --log-detail \
		--vrrp --use-file="$XT/$1/keepalived.conf" \
		--pid="$XR/$1/ka.pid" --vrrp_pid="$XR/$1/ka-vrrp.pid"
	wait_for 20 test -s "$XR/$1/ka-vrrp.pid"
}

# In order: priority 0, addresses removed, STOP in the FIFO.
ka_stop() { stop "ka-$1" TERM; }

# Gone without a word. The parent must not live to see its child's end.
ka_kill() {	# NS
	signal "ka-$1" STOP
	kill -KILL "$(cat "$XR/$1/ka-vrrp.pid")"
	stop "ka-$1" KILL
	rm -f "$XR/$1/ka.pid" "$XR/$1/ka-vrrp.pid" "$XR/$1/fifo"
}

roles_are_now() { is_active "$1" && is_hot "$(gw_other "$1")"; }
noted() { grep -q "$2" "$XT/$1/notify.log"; }
through() { flowing udp-host 100 30 && flowing udp-peer 100 30; }

nine_turns() { [ "$(senders | wc -w)" -ge 9 ]; }

# ---- one SA each way with manual keys, on A and at the peer ----

tunnel() {	# NS
	local ns=$1
	ip -n "$ns" xfrm state add src $VIP_OUT dst $PEER proto esp \
		spi $SPI_OUT reqid 1 mode tunnel replay-window 64 \
		aead 'rfc4106(gcm(aes))' $KEY 128 &&
	ip -n "$ns" xfrm state add src $PEER dst $VIP_OUT proto esp \
		spi $SPI_IN reqid 1 mode tunnel replay-window 64 \
		aead 'rfc4106(gcm(aes))' $KEY 128
}

policy() {	# NS DIR SRC DST FROM TO
	ip -n "$1" xfrm policy add dir "$2" src "$3" dst "$4" \
		tmpl src "$5" dst "$6" proto esp reqid 1 mode tunnel
}

tunnels() {
	local here=10.1.0.0/24 there=10.2.0.0/24
	tunnel gwa && tunnel peer &&
	policy gwa out $here $there $VIP_OUT $PEER &&
	policy gwa in $there $here $PEER $VIP_OUT &&
	policy gwa fwd $there $here $PEER $VIP_OUT &&
	policy peer out $there $here $PEER $VIP_OUT &&
	policy peer in $here $there $VIP_OUT $PEER
}

tunnels_gone() {
	local ns
	for ns in gwa gwb peer; do
		ip -n $ns xfrm state flush
		ip -n $ns xfrm policy flush
	done
}

# ---- with keepalived ----

run_begin() {	# xhad|elector
	local ns
	for ns in gwa gwb; do
		external_conf $ns "$1" 5000
		keepalived_conf $ns "$1"
		: >"$XT/$ns/notify.log"
	done
	gw_start gwa && ka_start gwa || bail "$1: xhad and keepalived start on A"
	wait_for 40 is_active gwa || bail "$1: A becomes active"
	tunnels || bail "$1: manual keys"
	: >"$XT/capture.log"
	capture_start || bail "$1: capture"
	udp_start || bail "$1: traffic goes through the tunnel"
	gw_start gwb && ka_start gwb || bail "$1: xhad and keepalived start on B"
	wait_for 60 hot_with gwb 2 || bail "$1: B becomes hot standby"
	HOT=$(state_since gwb)
	# shellcheck disable=SC2034 # no_new_seq_errors
	SEQ_ERRORS=$(xfrm_stat peer XfrmInStateSeqError)
	ok "$1: keepalived made A active, and B its hot standby"
}

run_end() {
	local ns
	for ns in gwa gwb; do
		ka_stop $ns
		gw_stop $ns
		xha_on $ns group delete ha force >"$XT/delete.log" 2>&1
		ip -n $ns addr del $VIP_OUT/24 dev out 2>/dev/null
		ip -n $ns addr del $VIP_IN/24 dev in 2>/dev/null
		rm -f "$XT/xhad-$ns.log"
	done
	tunnels_gone
	return 0
}

moved() {	# CASE WHAT TO
	check "$1: $2: $3 is active, the other one hot" wait_for 60 roles_are_now "$3"
	check "$1: traffic goes on through $3" through
}

run() {	# xhad|elector
	[[ " $CASES " = *" $1 "* ]] || return 0
	local takeovers first judged=(silent_esp=0)
	run_begin "$1"
	ka_stop gwa
	moved "$1" "A's keepalived ends" gwb
	first=$(step_time gwb begin)
	check "$1: its STOP arrived" noted gwa 'ha: group ha is to be standby'
	same "$1: that was a hand-over" "$(gw_get gwb '.groups[0].cause')" handover
	takeovers=$(gw_get gwa '.groups[0].takeovers')
	ka_start gwa
	moved "$1" "A's keepalived is back and preempts" gwa
	same "$1: by one takeover" "$(gw_get gwa '.groups[0].takeovers')" \
		$((takeovers + 1))

	echo 'INSTANCE nobody MASTER' >"$XR/gwa/fifo"
	check "$1: a line that is not keepalived's is named" \
		wait_for 20 noted gwa "not keepalived's, ignored (1 so far): INSTANCE nobody MASTER"
	check "$1: and changes nothing" roles_are_now gwa

	link_down gwa inlan
	moved "$1" "A loses its inside link" gwb
	check "$1: A was told fault" ordered gwa fault
	link_up gwa inlan
	moved "$1" "it is back" gwa

	check "$1: the peer counts no replay error" no_new_seq_errors
	ka_kill gwa
	check "$1: A's keepalived is killed: B is active" wait_for 60 state_is gwb active
	check "$1: and A, whom nobody told, has closed its gate" \
		wait_for 20 state_is gwa "standby hot"
	if [ "$1" = elector ]; then
		# A dead keepalived takes nothing away.
		ip -n gwa addr del $VIP_OUT/24 dev out
		ip -n gwa addr del $VIP_IN/24 dev in
		in_ns gwb arping -q -U -c 2 -I out $VIP_OUT
		in_ns gwb arping -q -U -c 2 -I in $VIP_IN
	fi
	moved "$1" "A's keepalived is killed" gwb
	# A lived, and sent below B's numbers until it heard of B.
	# shellcheck disable=SC2034
	SEQ_ERRORS=$(xfrm_stat peer XfrmInStateSeqError)
	ka_start gwa
	moved "$1" "it is started again" gwa

	lose gwa
	wait_for 60 is_active gwb || bail "$1: A is lost: B takes over"
	check "$1: A is lost: traffic goes on through B" through
	links_up gwa >/dev/null
	moved "$1" "A is back" gwa

	check "$1: the peer counts no replay error since" no_new_seq_errors
	traffic_stop
	same "$1: no UDP packet was delivered twice" "$(udp_duplicates)" 0
	check "$1: the captures are complete" capture_stop
	# keepalived announces its VIPs before anybody can adopt.
	[ "$1" = elector ] || judged+=(silent_vip=0)
	judge --plain-after "$HOT" --silent "gwb::$first"
	check "$1: A and B sent ESP in turn: $(senders)" nine_turns
	judged seq_reused=0 iv_reused=0 plaintext=0 peer_seq_reused=0 \
		"${judged[@]}"
	run_end
}

ktap_plan
command -v keepalived >/dev/null || bail "keepalived is installed"
topo_up
ADVERT=$((XHA_FACTOR > 1 ? 1 : 0)).5
module_load || bail "the module loads"
run xhad
run elector
ktap_end
