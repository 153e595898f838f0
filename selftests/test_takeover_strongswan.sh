#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 600
# kernels: 6.1 6.12
#
# A strongSwan tunnel through the VIP outlives the loss of gateway A, and then
# the loss of gateway B after A came back and became hot by itself.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

ktap_plan
topo_up
pair_up
ok "B is hot standby of a live tunnel"
check "both gateways know the same SAs" same_sas
same "nothing is in the standby's SAD" "$(sa_count gwb)" 0

# ---- A is lost ----
lose gwa
A_LOST=$LOST
wait_for 30 is_active gwb || bail "B takes over"
B_BEGIN=$(step_time gwb begin)
ok "B takes over"
check "traffic goes on through B" traffic_flows 30
check "the peer sees the same SAs" same_peer_sas
check "the peer counts no replay error" no_new_seq_errors
check "no larval SA" no_larvals

# ---- A comes back, with its own charon and its old SAs ----
links_up gwa >/dev/null
wait_for 60 hot_with gwa 2 || bail "A becomes hot standby by itself"
ok "A becomes hot standby by itself"
same "A's old SAs have left its SAD" "$(sa_count gwa)" 0
check "A does not take the role back" is_active gwb
check "A's strongSwan has not been told to forget the tunnel" \
	grep -q ESTABLISHED <(swan gwa --list-sas)
check "both gateways know the same SAs again" same_sas

# ---- B is lost ----
lose gwb
B_LOST=$LOST
wait_for 30 is_active gwa || bail "A takes over"
A_BEGIN=$(step_time gwa begin)
ok "A takes over"
check "traffic goes on through A" traffic_flows 30
check "the peer still sees the same SAs" same_peer_sas
check "the peer still counts no replay error" no_new_seq_errors
check "still no larval SA" no_larvals
links_up gwb >/dev/null
check "B becomes hot standby by itself" wait_for 60 hot_with gwb 2

traffic_stop
check "the TCP connection lived through both" tcp_survived
same "no UDP packet was delivered twice" "$(udp_duplicates)" 0
check "no ACQUIRE on either gateway" no_acquires
check "the captures are complete" capture_stop
judge --plain-after "$HOT" --established "$HOT" \
	--silent "gwb::$B_BEGIN" --silent "gwa:$A_LOST:$A_BEGIN" \
	--silent "gwb:$B_LOST:"
same "A, then B, then A sent the tunnel's ESP" "$(senders)" "gwa gwb gwa"
judged seq_reused=0 iv_reused=0 jumps_back=0 silent_esp=0 silent_vip=0 \
	plaintext=0 renegotiations=0 peer_seq_reused=0
ktap_end
