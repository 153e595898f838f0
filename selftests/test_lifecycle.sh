#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 400
#
# What happens to SAs on A while the channel is up happens on B: add, update,
# delete, rekey by strongSwan, flush.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

KEY=0x000102030405060708090a0b0c0d0e0f10111213

# B's staged SAs are A's live ones: SPIs as ip xfrm shows them on A.
b_spis() { xha_on gwb -j show crypto ipsec sa standby | jq -r '.sas[].spi' | sort; }
a_spis() { sa_spis gwa | sed 's/^0x0*/0x/' | sort; }
norm() { sed 's/^0x0*/0x/' | sort; }
follows() { [ "$(b_spis | norm)" = "$(a_spis)" ] && is_hot gwb && same_sas; }
policies_follow() {
	[ "$(gw_get gwb '.groups[0].policies')" = "$(policy_count gwa)" ]
}

incarnations() { xha_on gwb -j show crypto ipsec sa | jq -r '[.sas[].incarnation] | sort | join(" ")'; }
all_follow() { knows_sas gwb "$1" && follows; }
renewed() { [ "$(incarnations)" != "$INC" ] && all_follow 3; }
rekeyed() { [ "$(a_spis)" != "$OLD" ] && all_follow 2; }

manual_add() {	# SPI
	ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto esp spi "$1" \
		reqid 9 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128
}

ktap_plan
topo_up
alone_up
gw_start gwb || bail "xhad starts on B"
wait_for 30 hot_with gwb 0 || bail "B becomes hot standby of nothing"
ok "B is hot standby of nothing"

for spi in 0x2001 0x2002 0x2003; do
	manual_add $spi || bail "adding an SA on A"
done
check "three SAs added on A appear on B" wait_for 10 all_follow 3
ip -n gwa xfrm state delete src $VIP_OUT dst $PEER proto esp spi 0x2002
check "one deleted on A goes from B" wait_for 10 all_follow 2
manual_add 0x2002
check "the same SPI added again appears" wait_for 10 all_follow 3
INC=$(incarnations)
ip -n gwa xfrm state delete src $VIP_OUT dst $PEER proto esp spi 0x2002
manual_add 0x2002
check "deleted and added at once, it is a new SA on B" wait_for 10 renewed
ip -n gwa xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out \
	tmpl src $VIP_OUT dst $PEER proto esp reqid 9 mode tunnel
check "a policy added on A appears on B" wait_for 10 policies_follow
ip -n gwa xfrm policy delete src 10.1.0.0/24 dst 10.2.0.0/24 dir out
check "and goes again" wait_for 10 eval \
	'[ "$(gw_get gwb ".groups[0].policies")" = 0 ]'

# The standby compares itself with the active
same "xha verify on B" "$(xha_on gwb verify)" "ha: equal"
check "on the active it is refused" eval '! xha_on gwa verify ha 2>/dev/null'
same "xha resync on B" "$(xha_on gwb resync)" "ha: requested"
check "B is hot again after it" wait_for 10 is_hot gwb
same "and still the same" "$(xha_on gwb verify ha)" "ha: equal"

# Moved to another peer address: no event but the migration's own
ip -n gwa xfrm state add src $VIP_OUT dst 192.0.2.50 proto esp spi 0x2050 \
	reqid 50 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128
ip -n gwa xfrm policy add src 10.1.0.0/24 dst 10.2.50.0/24 dir out \
	tmpl src $VIP_OUT dst 192.0.2.50 proto esp reqid 50 mode tunnel
wait_for 10 knows_sas gwb 4
in_ns gwa "$LIB/migrate.py" 10.1.0.0/24 10.2.50.0/24 out esp tunnel 50 \
	$VIP_OUT 192.0.2.50 $VIP_OUT 192.0.2.51 || bail "the kernel migrates"
moved() { xha_on gwb -j show crypto ipsec sa | jq -r '.sas[].dst' | grep -qx 192.0.2.51 && follows; }
check "a migrated SA moves on B, too" wait_for 10 moved
ip -n gwa xfrm state deleteall dst 192.0.2.51
ip -n gwa xfrm policy delete src 10.1.0.0/24 dst 10.2.50.0/24 dir out
check "and goes" wait_for 10 all_follow 3

# SAs of no group stay where they are
ip -n gwa xfrm state add src "${OUT_ADDR[gwa]}" dst $PEER proto esp spi 0x3001 \
	reqid 10 mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128
manual_add 0x2004
wait_for 10 eval '[ "$(gw_get gwb ".groups[0].sas")" = 4 ]'
same "an SA of no group is not mirrored" "$(gw_get gwb '.groups[0].sas')" 4
same "and stays on A" "$(sa_count gwa)" 5

# ip xfrm state flush
ip -n gwa xfrm state flush
ip -n gwa xfrm policy flush
check "after a flush on A nothing is left on B" wait_for 10 knows_sas gwb 0
check "and B is hot" wait_for 10 is_hot gwb
same "nothing was ever in B's SAD" "$(sa_count gwb)" 0

# strongSwan: rekey both ways, then delete
charon_start gwa && charon_start peer && tunnel_up || bail "strongSwan tunnel"
check "a negotiated tunnel appears on B" wait_for 20 all_follow 2
check "with its policies" wait_for 10 policies_follow
OLD=$(a_spis)
swan peer --rekey --child net >"$XT/rekey.log" 2>&1
check "a rekey by the peer is followed" wait_for 30 rekeyed
OLD=$(a_spis)
swan gwa --rekey --child net >"$XT/rekey.log" 2>&1
check "a rekey by A is followed" wait_for 30 rekeyed
udp_start || bail "traffic after the rekeys"
check "traffic goes on after the rekeys" flowing udp-host 100
traffic_stop
swan peer --terminate --child net >"$XT/terminate.log" 2>&1
check "after the tunnel is taken down nothing is left on B" wait_for 20 knows_sas gwb 0
ktap_end
