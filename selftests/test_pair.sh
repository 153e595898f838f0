#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 600
# guests: 2
#
# Each gateway on a kernel of its own. The standby's module is unloaded and
# loaded and its helper restarted under traffic: the active is not disturbed,
# the standby becomes hot by itself. Then the active is lost, and the other
# kernel goes on with its SAs.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

b_loaded() { at gwb grep -q '^xfrm_ha ' /proc/modules; }

ktap_plan
topo_up
log "A runs $(uname -r), B $(at gwb uname -r)"
pair_up
A_ROLE=$(role_of gwa)
check "both gateways know the same SAs" same_sas

gw_stop gwb
check "a standby's module cannot be unloaded" eval \
	'! at gwb rmmod xfrm_ha 2>/dev/null && b_loaded'
check "nor its group be forgotten" eval '! xha_on gwb group delete ha 2>/dev/null'
check "but by force" xha_on gwb group delete ha force
same "policies that block are left" \
	"$(ip -n gwb xfrm policy | grep -c 'action block')" 3
check "now B's module is unloaded" at gwb rmmod xfrm_ha
check "and is gone" eval '! b_loaded'
check "traffic goes on without B" traffic_flows
module_load_at gwb || bail "B's module is loaded again"
gw_start gwb || bail "xhad starts again on B"
check "B becomes hot standby by itself" wait_for 60 hot_with gwb 2
check "traffic goes on with B" traffic_flows
same "A kept its role" "$(role_of gwa)" "$A_ROLE"
same "the peer counts no replay error" \
	"$(xfrm_stat peer XfrmInStateSeqError)" "$SEQ_ERRORS"

lose gwa
check "B takes over" wait_for 30 is_active gwb
check "traffic goes on through B" traffic_flows
same "with its policies for the blocking ones" \
	"$(ip -n gwb xfrm policy | grep -c 'action block') $(policy_count gwb)" "0 3"
check "the peer sees the same SAs" same_peer_sas
links_up gwa >/dev/null
check "A becomes hot standby by itself" wait_for 60 hot_with gwa 2
check "both gateways know the same SAs again" same_sas

if ! out=$(xha_on gwb switchover 2>&1); then
	bail "switchover: $out"
fi
check "a switchover leads back to A" eval \
	'wait_for 20 is_active gwa && wait_for 20 hot_with gwb 2'
check "traffic goes on through A" traffic_flows

traffic_stop
same "no UDP packet was delivered twice" "$(udp_duplicates)" 0
check "the TCP connection lives" tcp_survived
check "the peer counts no replay error at the end" no_new_seq_errors
check "the captures are complete" capture_stop
judge --plain-after "$HOT"
same "the gateways sent in turn" "$(senders)" "gwa gwb gwa"
judged seq_reused=0 iv_reused=0 jumps_back=0 plaintext=0
ktap_end
