#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 900
# held: is about the debug kernel; elsewhere without the part on memory
#
# Where the keys of SAs must not be: in the kernel's log and trace, in netlink
# beyond xfrm's own, in what xha prints, on the channel's link under security =
# manual, and, on the debug kernel, in slab memory where staged SAs had been:
# those a standby forgets, those a takeover adopts and a demotion retires. Each
# search must find keys where they have to be.
#
# Not said: that no freed memory holds a key. xfrm frees its own SAs, netlink
# the requests of who installs them, and SCTP its packets, as they are. How many
# such copies came is printed.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
KEY=for-tests-only-and-worth-nothing
SCAN=/sys/kernel/debug/xha_keyscan
TRACE=/sys/kernel/tracing
A=${SYNC_ADDR[gwa]} B=${SYNC_ADDR[gwb]}

# LENGTH octets as hex; none of these can be text
new_key() { echo "0xb7$(od -An -v -tx1 -N$(($1 - 1)) /dev/urandom | tr -d ' \n')"; }
GCM=$(new_key 20)
CIPHER=$(new_key 16)
MAC=$(new_key 32)
AH=$(new_key 32)
CHANNEL=$(new_key 20)
NAMES=(GCM CBC HMAC AH)

sas() {
	local sa="xfrm state add" out="src $VIP_OUT dst $PEER" in="src $PEER dst $VIP_OUT"
	cat <<-BATCH
	$sa $out proto esp spi 0x2001 reqid 1 mode tunnel aead rfc4106(gcm(aes)) $GCM 128
	$sa $in proto esp spi 0x2002 reqid 1 mode tunnel replay-window 64 flag esn enc cbc(aes) $CIPHER auth-trunc hmac(sha256) $MAC 128
	$sa $in proto ah spi 0x2003 reqid 2 mode transport replay-window 32 auth-trunc hmac(sha256) $AH 128
	BATCH
}

# protect NS OWN OTHER: the operator's SAs for the channel
protect() {
	local t="proto esp mode transport" gcm="aead rfc4106(gcm(aes)) $CHANNEL 128"
	ip -n "$1" -batch - <<-BATCH
	xfrm state add src $A dst $B proto esp spi 0x5a01 reqid 77 mode transport $gcm
	xfrm state add src $B dst $A proto esp spi 0x5a02 reqid 77 mode transport $gcm
	xfrm policy add src $2/32 dst $3/32 dir out tmpl src $2 dst $3 $t reqid 77
	xfrm policy add src $3/32 dst $2/32 dir in tmpl src $3 dst $2 $t reqid 77
	BATCH
}

peer_at() {	# NS
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT \
		$KEY manual
}
group_at() { in_ns "$1" xctl group 1 1000 10000 $VIP_OUT; }
role() { in_ns "$1" xctl role 1 "$2"; }
hot() { in_ns "$1" xctl hot 1 $((60 * XHA_FACTOR)); }
count_of() { ip -n "$1" xfrm state | grep -c "spi 0x0000200[123]"; }

# ---- memory ----

have_scan() { debug_kernel; }

# scan NAME: hits of now in $XT/NAME.hits
scan() {
	echo scan >$SCAN/control && cp $SCAN/found "$XT/$1.hits" || return
	tail -n 1 "$XT/$1.hits" | grep -q ^pages
}

# places NAME STATE PLACE: addresses of those hits; a pattern each
places() { awk -v s="$2" -v p="$3" '$3 ~ s && $4 ~ p {print $2}' "$XT/$1.hits" | sort -u; }
# Those in use that had no key before the channel was there
new_live() { comm -13 <(places before . .) <(places "$1" live "$2"); }

summary() { log "$1: $(awk 'NF == 4 {print $3, $4}' "$XT/$1.hits" | sort | uniq -c | xargs), $(tail -n 1 "$XT/$1.hits")"; }

each_key() {
	local i
	for i in "${!NAMES[@]}"; do
		check "the ${NAMES[i]} key is found in a staged SA" awk -v key="$i" \
			'NR == FNR {new[$1]; next} $1 == key && $2 in new {n++} END {exit !n}' \
			"$XT/places-staged" "$XT/staged.hits"
	done
}

# No key at any address of the list in $XT/FILE
clean_at() {	# FILE
	scan now && [ "$(places now . . | comm -12 - "$XT/$1" | wc -l)" -eq 0 ]
}
clean() {	# FILE NAME
	check "there are places to look at: $2" test -s "$XT/$1"
	if wait_for 20 clean_at "$1"; then
		ok "no key where it was: $2 ($(wc -l <"$XT/$1") places)"
	else
		places now . . | comm -12 - "$XT/$1" >"$XT/left"
		not_ok "no key where it was: $2" "$(grep -Ff "$XT/left" "$XT/now.hits")"
	fi
}

scan_begin() {
	local k
	insmod "$TOP/build/mod-checks-$XHA_KERNEL/xha_keyscan.ko" || return
	for k in $GCM $CIPHER $MAC $AH; do
		echo "key ${k#0x}" >$SCAN/control || return
	done
}

# ---- what people and programs read ----

listen() {
	local ns event
	for ns in gwa gwb; do
		ip -n $ns link add nlmon0 type nlmon && ip -n $ns link set nlmon0 up &&
			start "netlink-$ns" $ns "$LIB/keysearch.py" "$XT/keys" netlink nlmon0 &&
			wait_for 30 grep -q ready "$XT/netlink-$ns.log" || return
	done
	start capture synclan capture synclan:gwa:"$XT/cap-sync-gwa.pcap" \
		synclan:gwb:"$XT/cap-sync-gwb.pcap"
	wait_for 20 grep -q ready "$XT/capture.log" || return
	[ ! -w /sys/kernel/debug/dynamic_debug/control ] ||
		echo 'module xfrm_ha +p' >/sys/kernel/debug/dynamic_debug/control
	echo 16384 >$TRACE/buffer_size_kb
	for event in net skb sock sctp fib neigh; do
		[ ! -e $TRACE/events/$event ] || echo 1 >$TRACE/events/$event/enable
	done
	echo 1 >$TRACE/tracing_on
}

words() {	# of xha, and all values of the module
	local ns
	for ns in gwa gwb; do
		xha_on $ns show redundancy states
		xha_on $ns -j show redundancy states
		xha_on $ns show crypto ipsec sa
		xha_on $ns -j show crypto ipsec sa
		in_ns $ns bash -c 'cat /proc/sys/net/xfrm_ha/*'
	done >>"$XT/words" 2>&1
}

netlink_of() { tail -n 1 "$XT/netlink-$1.log" | jq -r ".\"$2\".$3 // 0"; }

judge_words() {
	local ns
	echo 0 >$TRACE/tracing_on
	same "the trace is complete" \
		"$(cat $TRACE/per_cpu/cpu*/stats | awk '/^overrun:/ {n += $2} END {print n + 0}')" 0
	cat $TRACE/trace >"$XT/trace"
	echo 0 >$TRACE/events/enable
	dmesg >"$XT/dmesg"
	for ns in gwa gwb; do
		stop "netlink-$ns"
	done
	check "no key in log, trace and output" "$LIB/keysearch.py" "$XT/keys" files \
		"$XT/dmesg" "$XT/trace" "$XT/words"
	check "there was a trace" test "$(grep -c : "$XT/trace")" -gt 100
	check "and output" grep -q '0x0*2002' "$XT/words"
	check "the same search finds those xfrm tells" \
		fails "$LIB/keysearch.py" "$XT/keys" files "$XT/state-gwa"
	for ns in gwa gwb; do
		log "$ns: $(tail -n 1 "$XT/netlink-$ns.log")"
		check "$ns: generic netlink was heard" test "$(netlink_of $ns 16 frames)" -ge 10
		same "$ns: none of it was missed" "$(tail -n 1 "$XT/netlink-$ns.log" | jq .lost)" 0
		same "$ns: nobody but xfrm tells keys" "$(tail -n 1 "$XT/netlink-$ns.log" |
			jq -r '[to_entries[] | select(.value | type == "object" and .keys > 0) | .key] | join(" ")')" 6
		check "$ns: xfrm's own had them" test "$(netlink_of $ns 6 keys)" -ge 1
	done
}

judge_link() {
	check "the capture of the link is complete" capture_stop
	"$LIB/leak.py" "$XT/cap-sync-gwa.pcap" "$XT/cap-sync-gwb.pcap" \
		<"$XT/keys" >"$XT/leak.json"
	log "on the link: $(cat "$XT/leak.json")"
	check "the channel was there, encrypted" test "$(jget leak .esp)" -ge 20
	same "no key on the link" "$(jget leak .keys) $(jget leak .sctp)" "0 0"
}
fails() { ! "$@"; }

ktap_plan
topo_up
module_load || bail "the module loads"
modprobe -q nlmon || :
printf '%s\n' $GCM $CIPHER $MAC $AH $CHANNEL >"$XT/keys"
listen || bail "capturing"
for ns in gwa gwb; do
	start "helper-$ns" $ns xctl listen
done
protect gwa $A $B && protect gwb $B $A || bail "SAs for the channel"
sas | ip -n gwa -batch - || bail "the SAs of A"
group_at gwa && role gwa active || bail "A is active"
if have_scan; then
	scan_begin && scan before || bail "the test's module loads and scans"
	summary before
fi

for ns in gwa gwb; do
	peer_at $ns || bail "the channel on $ns"
done
group_at gwb && role gwb standby && hot gwb || bail "the pair is hot: $(gw_json gwb)"
if have_scan; then
	scan staged || bail "scan"
	summary staged
	new_live staged sa >"$XT/places-staged"
	each_key
	places before live sa >"$XT/places-first"
fi
words

# Adopted here, retired there, and back
role gwa standby && role gwb active || bail "B takes over"
same "B has the SAs" "$(count_of gwa) $(count_of gwb)" "0 3"
check "A is hot" hot gwa
words
if have_scan; then
	clean places-first "A's own, retired by its demotion"
fi
role gwb standby && role gwa active || bail "A takes over"
same "A has the SAs" "$(count_of gwa) $(count_of gwb)" "3 0"
check "B is hot" hot gwb
words
for ns in gwa gwb; do
	ip -n $ns xfrm state >"$XT/state-$ns"
done
if have_scan; then
	clean places-staged "B's, adopted and retired"
	# Twice: what netlink tells, and nlmon has copies of, is soon gone.
	scan passing && scan again || bail "scan"
	summary again
	comm -12 <(new_live passing .) <(new_live again .) >"$XT/places-again"
fi

# Nothing is live any more, and then forgotten.
role gwa standby || bail "A gives up"
for ns in gwa gwb; do
	in_ns $ns xctl ungroup 1 force && in_ns $ns xctl unpeer ||
		bail "$ns forgets the group"
done
if have_scan; then
	clean places-again "staged on both, and forgotten"
	summary now
fi
judge_words
judge_link
ktap_end
