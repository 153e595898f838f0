#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long; TESTS=scripted_peer runs it
# timeout: 900
# kernels: 6.1 6.12 debug
#
# Peers that keep to the protocol, and yet are not what one wishes for
# (selftests/lib/badpeer.c). A standby that asks for parts of a snapshot gets
# these, and nothing else. An active that lost track of what it told is asked
# for the part its digest differs in, and for no more; `xha verify` says so. A
# peer that never says a hello, one that never acknowledges, one whose frames
# come slowly and in pieces. A peer of version 1 and without features, by frames
# that were recorded then: its SAs are adopted, and it hands over in both
# directions.
#
# XHA_PARTS picks some: buckets differing mute never_acks trickle old
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/channel.sh"

VIP2=192.0.2.5
KEY=0x000102030405060708090a0b0c0d0e0f10111213

# from B's address, as B
scripted() {	# ARGUMENT-OF-BADPEER...
	: >"$XT/badpeer.log"
	start badpeer gwb badpeer -l "${SYNC_ADDR[gwb]}:$CHANNEL_PORT" \
		-r "${SYNC_ADDR[gwa]}:$CHANNEL_PORT" -K "$XT/key" -v $VIP_OUT "$@"
}
says() { grep -q "^$1" "$XT/badpeer.log"; }
says_times() { [ "$(grep -c "^$1" "$XT/badpeer.log")" -ge "$2" ]; }
its_log() { sed 's/^/# badpeer: /' "$XT/badpeer.log" | tail -n 20; }

group_get() { gw_get gwa ".groups[0].$1"; }
chan_get() { gw_get gwa ".channel.$1"; }
is_bad() { gw_get gwa '.channel | "\(.rx_bad) \(.rx_state) \(.rx_stale)"'; }

# Its group as if it had never been: what blocks stays behind, and goes.
anew() {	# ROLE
	in_ns gwa xctl ungroup 1 force && ip -n gwa xfrm state flush &&
		ip -n gwa xfrm policy flush &&
		in_ns gwa xctl group 1 1000 10000 $VIP_OUT &&
		in_ns gwa xctl role 1 "$1" || bail "A's group anew, $1"
	BAD=$(is_bad)
}

incarnations() { xha_on gwa -j show crypto ipsec sa | jq -r '.sas[].incarnation' | sort; }
of_sa() {	# SPI EXPRESSION
	xha_on gwa -j show crypto ipsec sa |
		jq -r ".sas[] | select(.spi == \"0x0000$1\") | $2"
}
lines() { if [ -n "$1" ]; then wc -l <<<"$1"; else echo 0; fi; }

# ---- a standby that asks for parts ----

some_policies() {	# N
	local i
	for ((i = 0; i < $1; i++)); do
		echo "xfrm policy add src 10.1.0.0/24 dst 10.2.$i.0/24 dir out" \
			"tmpl src $VIP_OUT dst 192.0.2.200 proto esp reqid 2 mode tunnel"
	done | ip -n gwa -batch -
}

named() {	# MASK sa|policy
	sed -n "s/^$1 $2 //p" "$XT/badpeer.log" | sort
}
# those of a list in a bucket, which is the last digit
in_bucket() { grep "$(printf '%x' "$2")\$" <<<"$1"; }	# LIST BUCKET

each_bucket() {	# KIND LIST: prints how many buckets had any, fails if one differs
	local b mask want got n=0
	for ((b = 0; b < 16; b++)); do
		mask=$(printf '0x%04x' $((1 << b)))
		want=$(in_bucket "$2" $b)
		got=$(named "$mask" "$1")
		[ "$got" = "$want" ] || {
			log "$1 of bucket $b: $got; expected: $want"
			return 1
		}
		[ -z "$got" ] || n=$((n + 1))
	done
	echo $n
}

buckets() {
	local sas policies
	anew active
	sas_batch 0 40 add | ip -n gwa -batch - && some_policies 20 ||
		bail "SAs and policies on A"
	wait_for 20 knows_sas gwa 40 || bail "A knows 40 SAs"
	scripted -t 60 buckets
	check "a standby is given the snapshot and each part of it" \
		wait_for 60 says sent
	stop badpeer
	its_log | grep -v ' 0x' || :
	sas=$(incarnations)
	policies=$(named 0xffff policy)
	same "the snapshot has all SAs" "$(named 0xffff sa)" "$sas"
	same "and all policies" "$(lines "$policies") $(policy_count gwa)" "20 20"
	same "each part has the SAs of its bucket, and all buckets have some" \
		"$(each_bucket sa "$sas")" 16
	same "and the policies, likewise" "$(each_bucket policy "$policies")" 16
	same "two buckets at once: those of both" "$(named 0x0802 sa)" \
		"$({ in_bucket "$sas" 1; in_bucket "$sas" 11; } | sort)"
	same "and their policies" "$(named 0x0802 policy)" \
		"$({ in_bucket "$policies" 1; in_bucket "$policies" 11; } | sort)"
	same "nothing was named outside of them" "$(grep -c stray "$XT/badpeer.log")" 0
}

# ---- an active that lost track ----

asked_since() { tail -n +"$1" "$XT/badpeer.log" | sed -n 's/^asked //p' | sort -u; }
counts() { gw_get gwa '.groups[0] | "\(.sas) \(.policies)"'; }
hot_counts() { is_hot gwa && [ "$(counts)" = "$1" ]; }
next_change() { says_times changed "$1"; }
told_again() { says_times told "$1"; }

# differs N WHAT SAS POLICIES: its N-th change, and what A has in the end
differs() {
	local from before after mask inc kept repairs
	from=$(($(wc -l <"$XT/badpeer.log") + 1))
	before=$(incarnations)
	kept=$(counts)
	repairs=$(group_get repairs)
	signal badpeer USR1
	wait_for 10 next_change "$1" || bail "$2: it changes"
	read -r _ mask inc < <(grep ^changed "$XT/badpeer.log" | tail -n 1)
	same "$2: A does not notice by itself" "$(gw_state gwa)" "standby hot"
	same "$2: xha verify" "$(xha_on gwa verify)" "1: different"
	same "$2: a repair is counted" "$(group_get repairs)" $((repairs + 1))
	wait_for 10 eval "[ -n \"\$(asked_since $from)\" ]"
	# It asks again as long as nobody answers.
	same "$2: until it is told A is not hot" "$(gw_state gwa)" "standby bulk"
	same "$2: and has what it had" "$(counts)" "$kept"
	same "$2: which cannot be verified" "$(xha_on gwa verify)" "1: unsynchronised"
	signal badpeer USR2
	check "$2: it is told, and hot with the rest" \
		wait_for 20 hot_counts "$3 $4"
	same "$2: it asked for that bucket only" "$(asked_since "$from")" "$mask"
	same "$2: and was told that only" \
		"$(tail -n +"$from" "$XT/badpeer.log" | sed -n 's/^told //p' | sort -u)" "$mask"
	same "$2: xha verify after it" "$(xha_on gwa verify)" "1: equal"
	after=$(incarnations)
	same "$2: no other SA came or went" \
		"$(comm -3 <(echo "$before") <(echo "$after") | tr -d '\t' | grep -v "$inc")" ""
}

differing() {
	anew standby
	scripted -t 900 -w serve
	wait_for 30 hot_counts "40 6" || {
		its_log
		bail "A is hot with the SAs of an active: $(gw_json gwa)"
	}
	same "the active's digest is A's" "$(xha_on gwa verify)" "1: equal"
	same "it was asked once, for all" "$(asked_since 1)" 0xffff
	differs 1 "an SA that it was not told of" 41 6
	differs 2 "an SA that was changed" 41 6
	same "A has the change" "$(of_sa 4005 .reqid)" 102
	differs 3 "an SA that is no more" 40 6
	same "A does not have it" "$(of_sa 4007 .spi)" ""
	differs 4 "a policy that was changed" 40 6
	differs 5 "a policy that is no more" 40 5
	# Only a counter frame said so, long before the repairs.
	same "the SAs that were kept have their ceilings" \
		"$(xha_on gwa -j show crypto ipsec sa | jq -r '[.sas[].ceiling] | sort | group_by(.) | map("\(.[0]):\(length)") | join(" ")')" \
		"$(echo 10000:1 20000:39)"
	same "no frame was wrong" "$(is_bad)" "$BAD"
	stop badpeer
}

# ---- a peer without a hello ----

mute() {
	local said connects
	anew active
	said=$(dmesg | grep -c 'no hello from the peer')
	connects=$(chan_get connects)
	scripted -t 300 mute
	check "a peer that says nothing is thrown out, again and again" \
		wait_for 60 says_times mute 4
	check "the reason is shown" wait_for 10 eval \
		'[ "$(reason gwa)" = "no hello from the peer" ]'
	same "it is logged once" $(($(dmesg | grep -c 'no hello from the peer') - said)) 1
	same "it is no session" "$(chan_get connects)" "$connects"
	same "A stays active" "$(group_get role)" active
	stop badpeer
	node_conf gwb && in_ns gwb xctl role 1 standby || bail "B is standby"
	check "a peer that talks is welcome at once" wait_for 20 is_hot gwb
	check "and nothing is wrong any more" eval '[ -z "$(reason gwa)" ]'
	in_ns gwb xctl unpeer && in_ns gwb xctl ungroup 1 force ||
		bail "B is gone"
}

# ---- a peer that acknowledges nothing ----

churn() {	# N: so many SAs come and go
	{ sas_batch 5000 "$1" add; sas_batch 5000 "$1" delete; } | ip -n gwa -batch -
}
update_all() {	# N: of each SA that is there
	local i
	for ((i = 0; i < $1; i++)); do
		sas_batch 0 40 add | sed -e 's/state add/state update/' \
			-e "s/\$/ limit packet-hard $((1000000 + i))/"
	done | ip -n gwa -batch -
}
# in use of all caches of that size, of which some kernels have many
objects() { awk -v name="^kmalloc(-rnd-[0-9]+)?-$1$" '$1 ~ name {n += $2} END {print n}' /proc/slabinfo; }
few_notes() { [ $(($(objects 64) - $1)) -lt 1000 ]; }
slab_kb() { awk '/^Slab:/ {print $2}' /proc/meminfo; }
lag_grew() { [ "$(lag_ms gwa)" -gt $(($1 + 1000)) ]; }

never_acks() {
	local before after ms connects
	anew active
	sas_batch 0 40 add | ip -n gwa -batch - || bail "SAs on A"
	scripted -t 900 never-acks
	wait_for 30 says hot || { its_log; bail "it says that it is hot"; }
	connects=$(chan_get connects)
	check "a peer that acknowledges nothing: the lag is shown" wait_for 20 eval \
		'[ "$(lag_frames gwa)" -ge 40 ] && [ "$(lag_ms gwa)" -gt 0 ]'
	ms=$(lag_ms gwa)
	check "and grows" wait_for 20 lag_grew "$ms"
	same "no SA has a ceiling that the peer has" "$(xha_on gwa -j show \
		crypto ipsec sa | jq -r '[.sas[].acked] | max')" 0
	update_all 3
	churn 500
	before=$(slab_kb)
	update_all 50
	after=$(slab_kb)
	log "slab: $before kB, after 2000 updates $after kB"
	check "updates cost no memory" [ $((after - before)) -lt 1024 ]
	same "what is under way is what there is" "$(lag_frames gwa)" 40
	in_ns gwa sysctl -qw net.xfrm_ha.deletion_notes=256
	before=$(objects 64)
	churn 3000
	log "objects of 64 bytes: $before, after 3000 came and went $(objects 64)"
	# Objects are freed by RCU; the rest is noise.
	check "notes of the deleted have a limit" wait_for 20 few_notes "$before"
	in_ns gwa xctl handover 1 || bail "A offers the role"
	check "the role is not handed to it" wait_for 30 eval \
		'[[ "$(group_get reason)" == "hand-over failed:"* ]] && state_is gwa active'
	log "$(group_get reason)"
	check "A is active, its SAs are there" \
		[ "$(group_get role) $(sa_count gwa)" = "active 40" ]
	same "in that same session" "$(chan_get connects) $(chan_get state)" "$connects up"
	signal badpeer USR1
	check "it acknowledges after all: nothing is under way any more" wait_for 60 eval \
		'[ "$(lag_frames gwa) $(chan_get lag_bytes)" = "0 0" ]'
	check "a whole snapshot came after the notes" says_times whole 2
	in_ns gwa sysctl -qw net.xfrm_ha.deletion_notes=65536
	stop badpeer
}

# ---- a peer that is slow ----

took_ms() { echo $(($(now_ms) - $1)); }

trickle() {
	local t other
	anew standby
	in_ns gwa xctl group 2 1000 10000 $VIP2 &&
		in_ns gwa xctl role 2 active || bail "A is standby, and active in another group"
	ip -n gwa xfrm state add src $VIP2 dst $PEER proto esp spi 0x2001 reqid 9 \
		mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128 || bail "an SA of that group"
	other=$(gw_get gwa '.groups[1] | "\(.role) \(.state) \(.epoch) \(.takeovers)"')
	t=$(now_ms)
	# 4 SAs in 1400 octets each, in packets of 512
	scripted -t 600 -b 300 -s trickle
	wait_for 60 says begun || { its_log; bail "its snapshot begins"; }
	tc -n gwb qdisc add dev sync root netem rate 24kbit
	check "a peer that is slow: A waits for the rest" wait_for 30 knows_sas gwa 2
	same "and does not call itself hot" "$(gw_state gwa)" "standby bulk"
	same "the session is up" "$(chan_get state)" up
	check "it gets hot in the end" wait_for 90 hot_with gwa 4
	log "after $(took_ms "$t") ms"
	check "which took its time" [ "$(took_ms "$t")" -gt 15000 ]
	same "in that same session, with nothing wrong" "$(chan_get state) $(is_bad)" "up $BAD"
	same "the other group did not move" \
		"$(gw_get gwa '.groups[1] | "\(.role) \(.state) \(.epoch) \(.takeovers)"')" "$other"
	same "nor did its SA" "$(sa_spis gwa)" 0x00002001
	tc -n gwb qdisc del dev sync root
	stop badpeer
	in_ns gwa xctl ungroup 2 force || bail "the other group goes"
}

# ---- a peer of another time ----

# The record's SA of an SPI in A's kernel: its part of the listing
xfrm_of() { ip -n gwa -s xfrm state | awk -v spi="spi 0x0000$1" '
	/^src/ { mine = 0 } index($0, spi) { mine = 1 } mine'; }
used() { xfrm_of "$1" | awk '/lifetime current/ { getline; gsub(/[^0-9]+/, " "); print $1, $2; exit }'; }
# seconds since what is in the listing under that word
since() {	# SPI add|use
	local day time
	read -r day time < <(xfrm_of "$1" | awk -v what="$2" '
		$1 == "add" { for (i = 1; i < NF; i++) if ($i == what) print $(i + 1), $(i + 2); exit }')
	[ -n "$time" ] && echo $(($(date +%s) - $(date -d "$day $time" +%s)))
}
# recorded as so old; the recording goes on ageing with this test
aged() {	# SPI add|use SECONDS
	local s
	s=$(since "$1" "$2")
	log "0x$1: $2 $s s ago, was told $3"
	[ -n "$s" ] && [ "$s" -ge "$3" ] && [ "$s" -le $(($3 + 600)) ]
}

old_begin() {	# EPOCH
	scripted -t 900 -e "$1" old
	wait_for 30 hot_counts "3 2" || {
		its_log
		bail "A is hot with recorded SAs: $(gw_json gwa)"
	}
}

old_adopted() {	# WHAT NUMBER
	same "$1: all three SAs" "$(sa_spis gwa | tr '\n' ' ')" \
		"0x00005001 0x00005002 0x00005003 "
	same "$1: the policies" "$(policy_count gwa)" 2
	same "$1: the number" "$(of_sa 5001 .sequence)" "$2"
	same "$1: the window" "$(of_sa 5002 .sequence)" 2100
	same "$1: the ring" "$(of_sa 5003 .sequence)" $((0x100000020))
	same "$1: bytes and packets" "$(used 5001)" "123456 1234"
	same "$1: limits" "$(xfrm_of 5001 | grep -c -e 'soft 80000(sec), hard 90000(sec)' \
		-e 'hard 1000000(packets)' -e 'soft 0(sec), hard 70000(sec)')" 3
	check "$1: as old as it was" aged 5001 add 3600
	check "$1: used when it was" aged 5001 use 1801
	check "$1: the other, too" aged 5002 add 3600
	same "$1: UDP" "$(of_sa 5003 '.encap | "\(.sport) \(.dport)"')" "4500 4501"
}

old_takes_part() {
	old_begin 20
	same "the digest that was recorded is A's" "$(xha_on gwa verify)" "1: equal"
	signal badpeer USR1
	wait_for 30 eval '[ "$(group_get role)" = active ]' && in_ns gwa xctl vipup 1
	check "it hands over" wait_for 30 says gave
	old_adopted "handed over" 7777
	check "then it is a standby of A" wait_for 30 says "mirrored 3 2"
	check "a hot one" wait_for 20 eval '[ "$(group_get peer_state)" = "standby hot" ]'
	check "and acknowledges" wait_for 20 eval '[ "$(lag_frames gwa)" = 0 ]'
	in_ns gwa xctl handover 1 || bail "A offers it the role"
	check "it takes the role back" wait_for 30 says took
	same "with as many SAs" "$(sed -n 's/^commit //p' "$XT/badpeer.log")" 3
	same "and the last number" "$(sed -n 's/^final 0x00005001 //p' "$XT/badpeer.log")" 7777
	check "A is its hot standby once more" wait_for 30 hot_counts "3 2"
	same "with nothing in its SAD" "$(sa_count gwa)" 0
}

old() {
	start helper-gwa gwa xctl listen
	anew standby
	old_begin 5
	same "version 1, by its own frames" "$(gw_get gwa '.channel | "\(.state) \(.version)"')" "up 1"
	check "its counters are taken" wait_for 10 eval \
		'[ "$(of_sa 5001 "\"\(.ceiling) \(.packets)\"") $(of_sa 5003 .sequence)" = "9000 1234 $((0x100000020))" ]'
	stop badpeer
	wait_for 20 state_is gwa negotiation
	in_ns gwa xctl role 1 active || bail "A takes over"
	old_adopted "after its crash" 9000
	anew standby
	old_takes_part
	same "it was sent nothing that it could not read" \
		"$(grep -c unknown "$XT/badpeer.log")" 0
	same "nor did A receive such a thing" "$(is_bad)" "$BAD"
	stop badpeer
	anew standby
	# The same reader, where it has something to find
	scripted -t 60 -m -e 40 old
	check "which it would have noticed" wait_for 20 says "unknown type"
	stop badpeer
	stop helper-gwa
}

ktap_plan
nodes_up
module_load || bail "the module loads"
node_conf gwa || bail "A is configured"
printf for-tests-only-and-worth-nothing >"$XT/key"
SPLATS=$(dmesg | grep -cE 'WARNING|BUG|KASAN|UBSAN|Oops')
for part in ${XHA_PARTS:-buckets differing mute never_acks trickle old}; do
	$part
done
same "no splat" "$(dmesg | grep -cE 'WARNING|BUG|KASAN|UBSAN|Oops')" "$SPLATS"
ktap_end
