#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.12
# timeout: 600
#
# HSRP packets of every kind on a real LAN: two gateways with six elections, of
# both versions and both IP versions, with text and with MD5. Gateway B has the
# higher priority and preempts once it is hot standby; then A ends. What was
# captured is judged by tshark, scapy and hashlib.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/hsrp.sh"

# name version IP-version number VIP hello hold: in ms
SECTIONS='v1-text 1 4 1 192.0.2.101 1000 4000
v1-md5 1 4 255 192.0.2.102 2000 5000
v2-none 2 4 3 192.0.2.103 750 3000
v2-md5 2 4 4095 192.0.2.104 800 3100
v6-text 2 6 3 2001:db8:0:2::103 750 3000
v6-md5 2 6 4 2001:db8:0:2::104 800 3100'

auth() {
	case $1 in
	*-text)	echo "$TEXT" ;;
	*-md5)	echo "$CHAIN" ;;
	esac
}

conf() {	# NS PRIORITY MORE
	local name version family number vip hello hold text=''
	while read -r name version family number vip hello hold; do
		[ "$family" = 6 ] && vip=$vip/64 || vip=$vip/24
		text+=$(hsrp_section "$name" "$version" "$number" "$vip" \
			"timers-msec = {$((hello * SLOW)), $((hold * SLOW))}
			priority = $2
			$(auth "$name")
			$3")$'\n'
	done <<<"$SECTIONS"
	channel_conf "$1"
	hsrp_group all 1 "$text" >>"$XT/$1/xhad.conf"
}

expected() {
	while read -r name version family number vip hello hold; do
		jq -n --arg name "$name" --arg vip "$vip" \
			--argjson version "$version" --argjson family "$family" \
			--argjson group "$number" --argjson hello $((hello * SLOW)) \
			--argjson hold $((hold * SLOW)) '{($name): ({$version,
			$family, $group, $vip, $hello, $hold} +
			if ($name | endswith("-md5")) then {key: [7, "the new key"]}
			elif ($name | endswith("-text")) then {text: "secret12"}
			else {text: "cisco"} end)}'
	done <<<"$SECTIONS" | jq -s '{sections: add, gateways: [
		{priority: 100, mac: "02:00:00:00:0a:01", v4: "192.0.2.2",
		 v6: "fe80::ff:fe00:a01"},
		{priority: 150, mac: "02:00:00:00:0b:01", v4: "192.0.2.3",
		 v6: "fe80::ff:fe00:b01"}]}'
}

elections_are() {	# NS STATE
	[ "$(xha_on "$1" -j show standby |
		jq -r '[.groups[].standby[].state] | unique | join(" ")')" = "$2" ]
}
refused() {
	xha_on "$1" -j show standby |
		jq '[.groups[].standby[].bad[]] | add'
}

debug_start() {	# NS NAME WHAT...: its elections, live
	local ns=$1 name=$2
	shift 2
	xha --socket "$XR/$ns/xhad.sock" -j debug standby "$@" \
		>"$XT/debug-$name" 2>"$XT/debug-$name.err" &
	DEBUGS+=($!)
}
debug_stop() {
	kill "${DEBUGS[@]}"
	wait "${DEBUGS[@]}" 2>/dev/null
	DEBUGS=()
}
# A stranger on the LAN with another text
refuse_one() {
	in_ns stranger /usr/bin/python3 -c '
from scapy.all import *
sendp(Ether(dst="01:00:5e:00:00:02") / IP(src="192.0.2.77", dst="224.0.0.2",
	ttl=1) / UDP(sport=1985, dport=1985) / HSRP(version=0, state=16,
	hellotime=3, holdtime=10, priority=250, group=1, auth=b"wrong",
	virtualIP="192.0.2.101"), iface="out", verbose=False)'
}
refusal_heard() {	# again and again: who listens may not do so yet
	refuse_one
	jq -e 'select(.reason == "auth_text" and .name == "v1-text" and
		.source == "192.0.2.77" and .priority == 250)' \
		"$XT/debug-errors" >/dev/null
}
DEBUGS=()

ktap_plan
topo_up
# Version 1 says whole seconds: slower by a whole factor.
SLOW=$((XHA_FACTOR > 1 ? 2 : 1))
module_load || bail "the module loads"
hsrp_ipv6 gwa gwb
conf gwa 100 ''
conf gwb 150 'preempt = true'
expected >"$XT/expected.json"
capture_start || bail "the capture runs"
gw_start gwa || bail "xhad starts on A"
check "A is active in all elections" wait_for 40 elections_are gwa active
debug_start gwa packets packets
debug_start gwa terse packets terse
debug_start gwa events events
check "debug packets: lines as it happens" \
	wait_for 20 test -s "$XT/debug-packets"
gw_start gwb || bail "xhad starts on B"
check "B preempts in all" wait_for 60 elections_are gwb active
check "and A is standby in all" wait_for 30 elections_are gwa standby

# What the operator sees of it
same "brief: one line each, and who is active" \
	"$(xha_on gwa show standby brief |
		awk '$1 == "out" {print $4, $5, $6}' | sort | uniq -c |
		xargs)" "4 Standby 192.0.2.3 local 2 Standby fe80::ff:fe00:b01 local"
same "brief -j says the same" "$(xha_on gwb -j show standby out brief |
	jq -c '[.standby[] | [.state, .active, .group]] | unique')" \
	'[["active","local","all"]]'
xha_on gwa show standby nosuch >/dev/null 2>"$XT/nosuch"
same "an interface without elections is an error" "$?" 1
check "which names those that have some" grep -q 'possible: out,' "$XT/nosuch"
same "A's history: took the role, and gave it up" \
	"$(xha_on gwa -j show standby history |
		jq -r '[.groups[].history[].to | select(. != "handover")] |
			join(" ")')" \
	"standby active standby"
same "all elections of A gave it up for the same cause, as the group" \
	"$(xha_on gwa -j show standby history | jq '[.groups[] |
		(.history | last.cause), (.standby[].history |
		map(select(.from == "active")) | last.cause)] | unique |
		length')" 1
check "the history is in order, by both clocks" eval 'xha_on gwa -j \
	show standby history | jq -e "[.groups[].standby[].history |
	(map(.monotonic_us) == (map(.monotonic_us) | sort)),
	(map(.time) == (map(.time) | sort))] | all" >/dev/null'
xha_on gwb show standby all >"$XT/all"
same "all: key numbers of three elections" \
	"$(grep -c 'Authentication md5, key ids 7, 3' "$XT/all")" 3
check "and no text or key" eval '! grep -e secret12 -e "the new key" \
	-e "the old key" "$XT/all"'
same "A has refused nothing" "$(refused gwa)" 0
same "nor has B" "$(refused gwb)" 0

# What was heard live while B came and took the role
debug_stop
same "debug packets: B's hellos with all their fields" \
	"$(jq -r 'select(.direction == "in" and .opcode == "hello" and
		.name == "v2-md5" and .state == "active") | [.source, .version,
		.packet_number, .priority, .hello_ms, .hold_ms, .vip, .auth,
		.auth_key_id] | join(" ")' "$XT/debug-packets" | sort -u)" \
	"192.0.2.3 2 4095 150 $((800 * SLOW)) $((3100 * SLOW)) 192.0.2.104 md5 7"
check "terse: that somebody gave up, and no hello" eval 'jq -es "
	map(select(.kind == \"packet\") | .opcode) | any(. == \"resign\") and
	all(. == \"resign\" or . == \"coup\")" "$XT/debug-terse" >/dev/null'
same "debug events: six elections and the group gave up" \
	"$(jq -r 'select(.from == "active" and .to != "active") | .event' \
		"$XT/debug-events" | sort | uniq -c | xargs)" "1 role 6 state"
gw_stop gwa
check "the capture is complete" capture_stop
debug_start gwb errors errors
check "debug errors: the reason and the source of a bad packet" \
	wait_for 30 refusal_heard
debug_stop
check "debug tells no text and no key" eval '! grep -hi -e secret12 \
	-e "the new key" -e "the old key" "$XT"/debug-*'
check "and lost no line" eval '! grep -h "\"lost\"" "$XT"/debug-*'
"$LIB/hsrp_packets.py" "$XT/expected.json" "$XT/cap-outlan-gwa.pcap" \
	"$XT/cap-outlan-gwb.pcap" >"$XT/verdict" 2>"$XT/verdict.err" ||
	not_ok "the packets are judged" - <"$XT/verdict.err"
while read -r line; do
	case $line in
	"ok "*)	ok "${line#ok }" ;;
	"not ok "*)	line=${line#not ok }
		not_ok "${line%% -- *}" "${line#* -- }" ;;
	*)	log "${line#\# }" ;;
	esac
done <"$XT/verdict"
ktap_end
