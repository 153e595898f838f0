#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 1500
# held: takes long; TESTS=channel_paths runs it
#
# Two addresses each: the association outlives the loss of a path, cut or
# silent, and the loss of both; a missing address is not waited for for ever.
# The operator's timers reach the socket. Peers of other times: version 1 octet
# by octet, more versions and features, none in common, a part that must not be
# skipped. A peer that stops reading: bounded memory, the lag is shown, traffic
# is not disturbed, it catches up. A slow link, and an outage of a minute.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/channel.sh"

A=${SYNC_ADDR[gwa]} B=${SYNC_ADDR[gwb]}
ALL_NS="$ALL_NS sync2lan"
EXTRA=0		# SAs added under way

# ---- what SCTP says ----

# The timeout follows the path; on a quick one it is the smallest allowed.
rto_within() {	# NS ADDRESS MIN MAX
	local rto
	rto=$(rto_of "$1" "$2")
	log "timeout $rto ms"
	[ "${rto:-0}" -ge "$3" ] && [ "$rto" -le "$4" ]
}
path_rtx_of() { remaddr "$1" "$2" | awk 'NR == 1 {print $5}'; }
path_fails() { [ "$(remaddr "$1" "$2" | awk 'NR == 1 {print $8}')" != 2 ]; }
# of the one association, the N-th column from the end
assoc() { in_ns "$1" awk -v n="$2" '$4 ~ /^[0-9]+$/ {print $(NF - n); exit}' /proc/net/sctp/assocs; }
# /proc has it in jiffies; so it has the time between heartbeats, 500 ms.
rto_of() {	# NS ADDRESS: ms
	local rto hb
	rto=$(remaddr "$1" "$2" | awk 'NR == 1 {print $4}')
	hb=$(assoc "$1" 10)
	echo $((${rto:-0} * 500 / ${hb:-1}))
}
assoc_rtx() { assoc "$1" 7; }
queued() { assoc "$1" 2; }
room() { assoc "$1" 1; }

sent_by() { ip -n "$1" -j -s link show "$2" | jq '.[0].stats64.tx.packets'; }

# DEV carries the channel: of what A sends, most goes there.
carries() {	# DEV OTHER
	local a b
	a=$(sent_by gwa "$1")
	b=$(sent_by gwa "$2")
	run_for 2
	a=$(($(sent_by gwa "$1") - a))
	b=$(($(sent_by gwa "$2") - b))
	log "in 2 s $a packets by $1, $b by $2"
	[ $a -gt $((2 * b)) ] && [ $a -gt 10 ]
}

# ---- the pair ----

one_more() {	# SA on A
	sas_batch $((BULK + EXTRA)) 1 add | ip -n gwa -batch - || return
	EXTRA=$((EXTRA + 1))
}

# An SA that A gets now is on B in time; prints how long it took.
follows_in() {	# SECONDS
	local t
	one_more || return
	t=$(now_ms)
	wait_for "$1" knows_sas gwb $((2 + BULK + EXTRA)) || return
	log "an SA is on B after $(($(now_ms) - t)) ms"
}

all_hot() { hot $EXTRA; }
channel_gone() { in_ns gwb xctl unpeer; }
said() { dmesg | grep -c "$1"; }

ktap_plan
topo_up
second_lan
module_load || bail "the module loads"
gw_conf gwa
gw_conf gwb
addresses "$A, $A2" "$B, $B2"
KNOBS="s/security = none/&\n\t\tretransmit-timeout = {700, 900}\n\t\tpath-retransmit = 3\n\t\tassoc-retransmit = 7/"
sed -i "$KNOBS" "$XT/gwa/xhad.conf" "$XT/gwb/xhad.conf"
gw_start gwa || bail "xhad starts on A"
wait_for 30 is_active gwa || bail "A becomes active"
tunnel_by_hand || bail "the tunnel's SAs"
gw_start gwb || bail "xhad starts on B"
udp_start || bail "traffic goes through the tunnel"
wait_for 60 all_hot || bail "B becomes hot standby"

# ---- the operator's timers, on the side that listens and the one that dials ----
for ns in gwa gwb; do
	to=$([ $ns = gwa ] && echo $B || echo $A)
	same "$ns: assoc-retransmit" "$(assoc_rtx $ns)" 7
	same "$ns: path-retransmit" "$(path_rtx_of $ns "$to")" 3
	check "$ns: retransmit-timeout" rto_within $ns "$to" 700 900
done
deaf_from gwa sync
check "gwa: the greatest retransmit-timeout" wait_for 20 eval '[ "$(rto_of gwa $B)" = 900 ]'
heal_from gwa sync
reconfigure '/retransmit/d' || bail "xhad starts"
wait_for 60 all_hot || bail "the pair is hot again"
same "the defaults" "$(assoc_rtx gwa) $(path_rtx_of gwb $A)" "4 4"
check "and of the retransmit-timeout" rto_within gwa $B 300 600

# From here on a machine that stalls for seconds must not look like a failure.
reconfigure "s/security = none/&\n\t\tretransmit-timeout = {1000, 5000}\n\t\tpath-retransmit = 2\n\t\tassoc-retransmit = 10/" ||
	bail "xhad starts"
wait_for 60 all_hot || bail "the pair is hot again"

# ---- one path of two ----
check "both paths work" wait_for 30 both_paths
check "the first carries" carries sync sync2
C=$(connects)
link_down gwa synclan
check "first path cut: changes reach B by the second" follows_in 15
check "that path is known to fail" wait_for 20 path_fails gwa $B
check "the second carries" carries sync2 sync
check "B is hot" wait_for 10 all_hot
check "traffic goes on" flowing udp-host 40
same "it is the same association" "$(connects)" "$C"
link_up gwa synclan
check "first path back: it is known to work" wait_for 30 both_paths
check "and carries again" wait_for 10 carries sync sync2
deaf_from gwa sync
deaf_from gwb sync
check "first path silent: changes reach B" follows_in 15
check "the second carries" carries sync2 sync
heal_from gwa sync
heal_from gwb sync
check "healed: both work" wait_for 30 both_paths
same "it is still the same association" "$(connects)" "$C"

# ---- both ----
link_down gwa synclan
link_down gwb sync2lan
check "both paths cut: the session ends" wait_for 60 eval 'not_up gwa && not_up gwb'
check "traffic goes on" flowing udp-host 40
check "nobody changed his role" steady
link_up gwb sync2lan
check "only the second is back: hot by it" wait_for 60 all_hot
check "changes reach B" follows_in 15
link_up gwa synclan
check "the first is back: both work" wait_for 30 both_paths

# ---- an address that is not there ----
gw_kill gwb
channel_gone
ip -n gwb addr del $B2/24 dev sync2
gw_start gwb || bail "xhad starts on B"
check "without its second address B gets hot by the first" wait_for 60 all_hot
gw_kill gwb
channel_gone
ip -n gwb addr add $B2/24 dev sync2
ip -n gwb addr del $B/24 dev sync
gw_start gwb || bail "xhad starts on B"
check "without its first by the second" wait_for 60 all_hot
gw_kill gwb
channel_gone
ip -n gwb addr add $B/24 dev sync
gw_start gwb || bail "xhad starts on B"
wait_for 60 all_hot || bail "B is hot with both"
check "with both there are two paths again" wait_for 30 both_paths

# ---- an outage of a minute, under traffic and changes ----
links down synclan:gwa sync2lan:gwa >"$XT/links.log"
wait_for 60 not_up gwa
one_more || bail "one SA more on A"
run_for 1
same "changes do not reach B in an outage" "$(gw_get gwb '.groups[0].sas')" \
	$((2 + BULK + EXTRA - 1))
t=$(now_ms)
check "traffic goes on for a minute" eval \
	'while [ $(($(now_ms) - t)) -lt 61000 ]; do flowing udp-host 40 30 || break; done; [ $(($(now_ms) - t)) -ge 61000 ]'
check "nobody changed his role" steady
links up synclan:gwa sync2lan:gwa >"$XT/links.log"
check "back after it: hot by itself, with what changed" wait_for 60 all_hot

# ---- a slow link ----
addresses $A $B
reconfigure '' || bail "xhad starts"
wait_for 60 all_hot || bail "hot with one address each"
netem_to gwa synclan rate 48kbit limit 100
netem_to gwb synclan rate 48kbit limit 100
sas_batch $((BULK + EXTRA)) 150 add | ip -n gwa -batch -
EXTRA=$((EXTRA + 150))
check "a slow link: the lag is shown" wait_for 10 eval \
	'gw_get gwa ".channel | .lag_frames > 0 and .lag_ms > 200" | grep -q true'
check "what is queued has a bound" [ "$(queued gwa)" -le "$(room gwa)" ]
check "traffic goes on" flowing udp-host 40
check "B converges all the same" wait_for 120 all_hot
heal_to gwa synclan
heal_to gwb synclan

# ---- peers of other times ----
gw_kill gwb
channel_gone

of_time() {	# CASE SECONDS [more]
	start badpeer gwb badpeer -l "$B:$CHANNEL_PORT" -r "$A:$CHANNEL_PORT" \
		-K "$XT/gwa/channel.key" -t "$2" "$1"
}

accepted() {	# NAME CASE
	: >"$XT/badpeer.log"
	of_time "$2" 60
	check "$1 is accepted" wait_for 15 grep -q sent "$XT/badpeer.log"
	same "$1: version 1 is spoken" "$(gw_get gwa '.channel | "\(.state) \(.version)"')" "up 1"
	stop badpeer
}

attempts() { grep -c '^badpeer: ' "$XT/badpeer.log"; }
refused_time() {	# NAME CASE REASON
	local n c
	n=$(said "$3")
	c=$(connects)
	: >"$XT/badpeer.log"
	of_time "$2" 300
	check "$1 is refused, again and again" wait_for 30 eval '[ "$(attempts)" -ge 4 ]'
	check "$1: the reason is shown" wait_for 10 eval "[ \"\$(reason gwa)\" = \"$3\" ]"
	stop badpeer
	same "$1: logged once" $(($(said "$3") - n)) 1
	same "$1: no session" "$(connects)" "$c"
}

accepted "a peer of version 1" version1
accepted "a peer of versions 1 to 9 with unknown features" newer
refused_time "a peer of versions 2 to 3" newest "the peer speaks newer wire versions only"
refused_time "a hello with an unknown part" demands \
	"the peer's hello demands what this version does not know"

# ---- a peer that stops reading ----

churn() {	# N times an SA comes and goes
	{ sas_batch 5000 "$1" add; sas_batch 5000 "$1" delete; } | ip -n gwa -batch -
}
slab_kb() { awk '/^Slab:/ {print $2}' /proc/meminfo; }
full() { [ "$(queued gwa)" -gt $(($(room gwa) / 2)) ]; }

: >"$XT/badpeer.log"
of_time deaf 600
wait_for 60 grep -q deaf "$XT/badpeer.log" || bail "the deaf peer had a snapshot"
wait_for 10 eval '[ "$(lag_frames gwa)" -gt 0 ]'
C=$(gw_get gwa .channel.connects)
churn 1500
check "a peer that stops reading: the lag is shown" wait_for 20 eval \
	'[ "$(lag_frames gwa)" -gt 0 ] && [ "$(lag_ms gwa)" -gt 2000 ]'
log "lag: $(lag_frames gwa) frames, $(lag_ms gwa) ms; queued $(queued gwa) of $(room gwa)"
for _ in 1 2 3 4 5 6 7 8; do
	full && break
	churn 1500
done
check "the queue fills" full
check "what is queued is bounded" [ "$(queued gwa)" -le $(($(room gwa) + 65536)) ]
churn 1500
before=$(slab_kb)
for _ in 1 2 3; do
	churn 1500
done
after=$(slab_kb)
log "slab: $before kB, after 4500 SAs that came and went $after kB"
check "so is memory" [ $((after - before)) -lt 4096 ]
check "traffic goes on" flowing udp-host 40
same "the session is still that one" "$(gw_get gwa '.channel | "\(.state) \(.connects)"')" "up $C"
frames=$(gw_get gwa .channel.tx_frames)
signal badpeer CONT
check "it reads again and catches up" wait_for 60 eval \
	'[ "$(queued gwa)" -lt 20000 ] && [ "$(lag_ms gwa)" -lt 1000 ]'
frames=$(($(gw_get gwa .channel.tx_frames) - frames))
log "$frames frames to catch up"
check "it is not told of what came and went unseen" [ $frames -lt 3000 ]
same "without a new session" "$(gw_get gwa .channel.connects)" "$C"
stop badpeer
gw_start gwb || bail "xhad starts on B"
check "the true peer is hot after it" wait_for 60 all_hot

traffic_stop
check "nobody changed his role" steady
same "traffic was not lost" "$(udp_lost)" 0
ktap_end
