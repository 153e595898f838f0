#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 500
#
# Split brain: the gateways lose each other, not their LANs, and both are
# active. Each adds SAs of its own, one deletes SAs that both had, and the one
# that is going to give way is ahead in its numbers. Once they meet again one
# is active with all there is, and the other hot standby of it.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2034 # lib.sh
INTERVAL_OUT=1000
KEY=0x000102030405060708090a0b0c0d0e0f10111213
AHEAD=2500	# packets A sends meanwhile, more than B's lease

sa_add() {	# NS src dst spi reqid
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" \
		reqid "$5" mode tunnel replay-window 64 \
		aead 'rfc4106(gcm(aes))' "$KEY" 128
}

# tunnel NS NUMBER INNER: SA pair and policies at NS and at the peer
tunnel() {
	local ns
	for ns in "$1" peer; do
		sa_add $ns $VIP_OUT $PEER $((0x1000 + $2)) "$2" &&
			sa_add $ns $PEER $VIP_OUT $((0x1100 + $2)) "$2" || return
	done
	policies "$1" "$2" "$3" out fwd && policies peer "$2" "$3" in out
}

# policies NS NUMBER INNER DIR-TO-PEER DIR-FROM-PEER
policies() {
	ip -n "$1" xfrm policy add src 10.1.0.0/24 dst "$3/32" dir "$4" \
		tmpl src $VIP_OUT dst $PEER proto esp reqid "$2" mode tunnel &&
		ip -n "$1" xfrm policy add src "$3/32" dst 10.1.0.0/24 dir "$5" \
		tmpl src $PEER dst $VIP_OUT proto esp reqid "$2" mode tunnel
}

delete_sas() {	# NS NUMBER
	ip -n "$1" xfrm state delete src $VIP_OUT dst $PEER proto esp spi $((0x1000 + $2)) &&
		ip -n "$1" xfrm state delete src $PEER dst $VIP_OUT proto esp spi $((0x1100 + $2))
}

oseq() {	# NS NUMBER: last outbound number
	local hex
	hex=$(ip -n "$1" xfrm state get src $VIP_OUT dst $PEER proto esp \
		spi $((0x1000 + $2)) | sed -n 's/.*oseq \(0x[0-9a-f]*\).*/\1/p')
	echo $((hex))
}

has_sa() { sa_spis "$1" | sed 's/^0x0*//' | grep -qx "$2"; }
pings() { in_ns host ping -q -c "$2" -i 0.05 -W 10 "$1" | grep -q ' 0% packet loss'; }

# Neither hears the other on any LAN; both hear everybody else.
isolate() {	# on|off
	local lan ns
	for lan in outlan inlan; do
		for ns in gwa gwb; do
			bridge -n $lan link set dev $ns isolated "$1" || return
		done
	done
}

both_active() { is_active gwa && is_active gwb; }

# By way of A, whoever has the VIP now.
send_by_a() {	# INNER COUNT
	ip -n host route replace "$1" via "${IN_ADDR[gwa]}" mtu 1400
	in_ns host bash -c "for ((i = 0; i < $2; i++)); do echo >/dev/udp/$1/9; done" 2>/dev/null
	ip -n host route replace "$1" via $VIP_IN mtu 1400
}

ktap_plan
topo_up
alone_up
tunnel gwa 1 $HOST_OUT && tunnel gwa 2 10.2.0.22 || bail "tunnels on A"
pings $HOST_OUT 10 || bail "the tunnel works"
gw_start gwb || bail "xhad starts on B"
wait_for 60 hot_with gwb 4 || bail "B becomes hot standby"
capture_start || bail "capture"

isolate on && link_down gwa synclan || bail "isolating the gateways"
wait_for 60 both_active || bail "both become active"
ok "both are active"
tunnel gwa 3 $PROBE_A && tunnel gwb 4 $PROBE_B || bail "tunnels of their own"
delete_sas gwb 2 || bail "B deletes what both had"
check "B's own tunnel works" pings $PROBE_B 10
send_by_a $HOST_OUT $AHEAD
send_by_a $PROBE_A 50
A_LAST=$(oseq gwa 1)
A_OWN=$(oseq gwa 3)
B_LAST=$(oseq gwb 1)
log "shared SA: A at $A_LAST, B at $B_LAST; A's own at $A_OWN"
check "A is ahead of B in an SA both have" [ "$A_LAST" -gt "$B_LAST" ]

link_up gwa synclan
isolate off
wait_for 60 is_active gwb || bail "B stays active"
check "A is hot standby of what both had and have" wait_for 60 hot_with gwa 6
check "A is active no more" eval 'has_no_vip gwa && ! state_is gwa active'
check "B has A's own SAs" eval 'has_sa gwb 1003 && has_sa gwb 1103'
check "and its own" eval 'has_sa gwb 1004 && has_sa gwb 1104'
check "what B deleted stays deleted" eval '! has_sa gwb 1002 && ! has_sa gwb 1102'
same "B took over two SAs and two policies" "$(gw_get gwb '.groups[0].merged')" 4
check "B goes on beyond A's numbers" [ "$(oseq gwb 1)" -gt "$A_LAST" ]
check "in A's own SA, too" [ "$(oseq gwb 3)" -gt "$A_OWN" ]
same "nothing is left in A's SAD" "$(sa_count gwa)" 0
same "A has what B has" "$(xha_on gwa verify)" "ha: equal"
# shellcheck disable=SC2034 # no_new_seq_errors
SEQ_ERRORS=$(xfrm_stat peer XfrmInStateSeqError)
check "the shared tunnel works through B" pings $HOST_OUT 10
check "A's tunnel works through B" pings $PROBE_A 10
check "B's tunnel works on" pings $PROBE_B 10
check "the peer counts no replay error" no_new_seq_errors
check "the captures are complete" capture_stop
judge
judged iv_reused=0
ktap_end
