#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 400
#
# Bad input: configuration errors with file and line and nothing half applied;
# strangers on the channel; a peer with the wrong key; and from the configured,
# authenticated address, after a valid hello: garbage of every kind.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

# ---- configuration ----

# refuses NAME LINE-PATTERN EXPECTED-WORDS SED-SCRIPT: the good configuration,
# changed, gives exactly one line that names the file, the line which the
# pattern finds in the changed file, and the words. (What is missing is missed
# where its section ends.) Warnings are another matter.
refuses() {
	local f=$XT/bad.conf line out rc
	sed "$4" "$XT/gwa/xhad.conf" >"$f"
	line=$(grep -n -m 1 -E "$2" "$f")
	line=${line%%:*}
	out=$(in_ns gwa xhad --check -c "$f" 2>&1)
	rc=$?
	out=$(grep -v ': warning: ' <<<"$out")
	if [ $rc -eq 1 ] && [ "$(wc -l <<<"$out")" -eq 1 ] &&
	   [[ $out == *"$f:$line: "* ]] && [[ $out == *"$3"* ]]; then
		ok "refused: $1"
	else
		not_ok "refused: $1" "status $rc, expected line $line and \"$3\", said: $out"
	fi
}

good_config() { in_ns gwa xhad --check -c "$XT/gwa/xhad.conf" >"$XT/check.log" 2>&1; }

config_errors() {
	check "a good configuration passes" good_config
	refuses "unknown key" colour colour 's/security = none/&\n\t\tcolour = red/'
	refuses "bad address" local-ip 10.9.0.300 's/{10.9.0.1}/{10.9.0.300}/'
	refuses "a VIP as local-ip" local-ip $VIP_OUT "s/{10.9.0.1}/{$VIP_OUT}/"
	refuses "missing port" '^}' remote-port '/remote-port/d'
	refuses "port 0" local-port 'local-port = 0' 's/local-port = .*/local-port = 0/'
	refuses "port 65536" local-port 65536 's/local-port = .*/local-port = 65536/'
	refuses "hold below hello" timers-msec 'hold below hello' \
		'0,/timers-msec/s/timers-msec.*/timers-msec = {500, 400}/'
	refuses "no key" '^}' key '/key-file/d'
	refuses "no security" '^}' security '/security/d'
	refuses "security of the future" security 'ipsec' 's/= none/= ipsec/'
	refuses "group 0" 'id = 0' 'id = 0' 's/id = 1/id = 0/'
	refuses "interval of 0" inbound 'replay-interval-inbound = 0' \
		's/\(replay-interval-inbound\) = .*/\1 = 0/'
	refuses "HSRP group 4096" 'number = 4096' 4096 's/number = 1/number = 4096/'
	refuses "a prefix without length" protect 'not ADDRESS/LENGTH' \
		's|id = 1|&\n\t\tprotect = {"10.2.0.0"}|'
	refuses "a prefix with host bits" protect 'bits beyond' \
		's|id = 1|&\n\t\tprotect = {"10.2.0.1/16"}|'
	refuses "a prefix twice" protect 'there twice' \
		's|id = 1|&\n\t\tprotect = {"10.2.0.0/16", "10.2.0.0/16"}|'
	refuses "17 prefixes" protect '17 prefixes' \
		's|id = 1|&\n\t\tprotect = {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17}|'
	refuses "everything as a prefix" protect 'covers multicast' \
		's|id = 1|&\n\t\tprotect = {"0.0.0.0/0"}|'
	refuses "a prefix with a VIP" protect "covers the virtual address $VIP_IN" \
		's|id = 1|&\n\t\tprotect = {"10.1.0.0/24"}|'
	refuses "a prefix with the channel" protect "covers local-ip" \
		's|id = 1|&\n\t\tprotect = {"10.9.0.0/31"}|'
	refuses "the same VIP twice" HERE $VIP_OUT \
		"s/{10.1.0.1\/24}/{$VIP_OUT\/24}	# HERE/"
}

nothing_applied() {
	local f=$XT/bad.conf
	sed 's/number = 2/number = 4096/' "$XT/gwa/xhad.conf" >"$f"
	in_ns gwa timeout 20 xhad -c "$f" --socket "$XT/bad.sock" >/dev/null 2>&1
	[ $? -eq 1 ] && [ "$(gw_get gwa '.channel.state')" = "not configured" ] &&
		[ "$(gw_get gwa '.groups | length')" = 0 ] && has_no_vip gwa
}

# ---- the channel ----

peer_count() { gw_get gwa ".channel.$1"; }
more() { [ "$(peer_count "$1")" -gt "$2" ]; }

# from B's address
bad_peer() {
	in_ns gwb badpeer -l "${SYNC_ADDR[gwb]}:$CHANNEL_PORT" \
		-r "${SYNC_ADDR[gwa]}:$CHANNEL_PORT" "$@" >"$XT/badpeer.log" 2>&1
}

strangers() {
	local n
	n=$(peer_count strangers)
	in_ns stranger badpeer -l "10.9.0.66:$CHANNEL_PORT" \
		-r "${SYNC_ADDR[gwa]}:$CHANNEL_PORT" -K "$XT/gwa/channel.key" \
		-t 2 hello >"$XT/badpeer.log" 2>&1 &&
		not_ok "a stranger gets no association" ||
		ok "a stranger gets no association"
	check "and is counted" wait_for 5 more strangers "$n"
	n=$(peer_count strangers)
	in_ns gwb badpeer -l "${SYNC_ADDR[gwb]}:5999" \
		-r "${SYNC_ADDR[gwa]}:$CHANNEL_PORT" -K "$XT/gwa/channel.key" \
		-t 2 hello >"$XT/badpeer.log" 2>&1 &&
		not_ok "nor does the right address with another port" ||
		ok "nor does the right address with another port"
	check "which is counted too" wait_for 5 more strangers "$n"
}

wrong_key() {
	printf 'another key, which A was not told' >"$XT/wrong.key"
	bad_peer -K "$XT/wrong.key" -t 4 hello &&
		not_ok "with the wrong key no hello is answered" ||
		ok "with the wrong key no hello is answered"
	same "and A never had a peer" "$(peer_count connects)" 0
	bad_peer -t 4 hello &&
		not_ok "nor without SCTP-AUTH" || ok "nor without SCTP-AUTH"
	same "and A still never had a peer" "$(peer_count connects)" 0
}

unimpressed() {	# NAME COUNTER ARGUMENT-OF-BADPEER...
	local n before after
	n=$(peer_count "$2")
	before=$(gw_get gwa '.groups[0] | "\(.role) \(.epoch) \(.sas) \(.policies) \(.takeovers)"')
	: >"$XT/badpeer.log"
	start badpeer gwb badpeer -l "${SYNC_ADDR[gwb]}:$CHANNEL_PORT" \
		-r "${SYNC_ADDR[gwa]}:$CHANNEL_PORT" \
		-K "$XT/gwa/channel.key" -t 60 "${@:3}"
	if ! wait_for 15 grep -q sent "$XT/badpeer.log"; then
		stop badpeer
		not_ok "$1: a valid hello is answered" - <"$XT/badpeer.log"
		return
	fi
	wait_for 5 more "$2" "$n"
	stop badpeer
	after=$(gw_get gwa '.groups[0] | "\(.role) \(.epoch) \(.sas) \(.policies) \(.takeovers)"')
	if more "$2" "$n" && [ "$before" = "$after" ]; then
		ok "$1: counted, no effect"
	else
		not_ok "$1: counted, no effect" \
			"$2: $n, then $(peer_count "$2"); group: $before, then $after"
	fi
}

ktap_plan
topo_up
module_load || bail "the module loads"
gw_conf gwa
gw_conf gwb
config_errors
check "of a bad file nothing is applied" nothing_applied
gw_start gwa || bail "xhad starts on A"
wait_for 20 is_active gwa || bail "A becomes active"
SPLATS=$(dmesg | grep -cE 'WARNING|BUG|KASAN|UBSAN|Oops')
ip -n gwa xfrm state add src $VIP_OUT dst $PEER proto esp spi 0x2001 reqid 9 \
	mode tunnel aead 'rfc4106(gcm(aes))' \
	0x000102030405060708090a0b0c0d0e0f10111213 128
strangers
wrong_key
unimpressed "garbage" rx_bad garbage
unimpressed "truncated frames" rx_bad truncated
unimpressed "oversized messages" rx_bad oversized
unimpressed "frames with a wrong length" rx_bad length
unimpressed "unknown types" rx_bad unknown
unimpressed "frames on the wrong stream" rx_bad stream
unimpressed "random bodies under valid headers" rx_bad bodies
unimpressed "frames in the wrong state" rx_state state
unimpressed "an active's frames at an active" rx_state -i "$(xha_on gwa \
	-j show crypto ipsec sa | jq -r '.sas[0].incarnation')" role
unimpressed "frames before the hello" rx_state early
gw_start gwb || bail "xhad starts on B"
check "the true peer is welcome as before" wait_for 60 hot_with gwb 1
gw_kill gwb

# A standby listens to far more types: the other way round, with a B whose own
# channel is elsewhere.
gw_kill gwa
gateways_anew || bail "new gateways"
sed -i "s/-port = .*/-port = 5999/" "$XT/gwb/xhad.conf"
gw_start gwb || bail "xhad starts on B"
wait_for 30 is_active gwb || bail "B becomes active"
gw_start gwa || bail "xhad starts on A"
wait_for 30 state_is gwa negotiation || bail "A is standby"
n=$(gw_get gwa '.groups[0].repairs')
check "a digest that differs in one bucket has that one asked for" \
	bad_peer -K "$XT/gwa/channel.key" -t 20 differ
same "and is counted" "$(gw_get gwa '.groups[0].repairs')" $((n + 1))
unimpressed "random bodies at a standby" rx_bad bodies
unimpressed "garbage at a standby" rx_bad garbage
unimpressed "frames in the wrong state at a standby" rx_state state
check "the standby has no VIP" has_no_vip gwa
same "and nothing in its SAD" "$(sa_count gwa)" 0
gw_kill gwb
gw_stop gwa

same "no splat" "$(dmesg | grep -cE 'WARNING|BUG|KASAN|UBSAN|Oops')" "$SPLATS"
ktap_end
