#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes long, and needs CPUs of its own; TESTS=detection runs it
# timeout: 1500
# kernels: 6.1 6.12
#
# Detection of a loss under load, hello 100 ms, hold 300 ms: all CPUs have
# something to compute, and the outside and the inside link of both gateways
# are full in both directions. For XHA_DURATION seconds (600) no role moves;
# then one active after the other loses all its links at once, and each time
# the takeover begins within hold time + 1 hello of the last hello heard.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/manual.sh"

DURATION=${XHA_DURATION:-600}
LOSSES=${XHA_LOSSES:-5}
HELLO_MS=100
BOUND_MS=$((HELLO_MS * 4))
LINK_KBIT=1000	# the CPUs also are the LANs, and have little left for them
LOAD_RATE=150	# packets of 1400 bytes in a second: half as much again
# shellcheck disable=SC2034 # lib.sh
TRAFFIC_RATE=20

# ---- links that can be full ----

# A line of LINK_KBIT with a queue of QDISC before it.
narrow() {	# NS DEV QDISC
	tc -n "$1" qdisc replace dev "$2" root handle 1: tbf \
		rate ${LINK_KBIT}kbit burst 8k limit 1m &&
		tc -n "$1" qdisc add dev "$2" parent 1:1 handle 10: "$3"
}

# The two defaults of the kernel at the gateways. At the switch a queue that is
# fair: one that drops a third of all, whatever it is, drops hellos, too.
narrow_all() {
	local ns
	for ns in gwa gwb; do
		narrow $ns out pfifo_fast && narrow $ns in fq_codel &&
			narrow outlan $ns fq_codel &&
			narrow inlan $ns fq_codel || return
	done
}

link_bytes() {	# NS DEV
	tc -j -s -n "$1" qdisc show dev "$2" | jq '[.[] | select(.root)][0].bytes'
}
# More waits, or was dropped, than what comes in a burst
is_full() {	# NS DEV
	tc -j -s -n "$1" qdisc show dev "$2" |
		jq -e '[.[] | select(.root)][0] | .backlog > 10000 or .drops > 0' >/dev/null
}
each_link() {	# COMMAND...
	local ns
	for ns in gwa gwb; do
		"$@" $ns out && "$@" $ns in && "$@" outlan $ns &&
			"$@" inlan $ns || return
	done
}

load_pair() {	# NAME NS ADDR NS ADDR PORT
	start "$1-1" "$2" flow -f -r $LOAD_RATE -s 1400 udp "$3:$6" "$5:$6"
	start "$1-2" "$4" flow -f -r $LOAD_RATE -s 1400 udp "$5:$6" "$3:$6"
}

load_up() {
	local i n
	n=$(nproc)
	for ((i = 0; i < n; i++)); do
		start "hog-$i" gwa bash -c 'while :; do :; done'
	done
	load_pair load-ao gwa "${OUT_ADDR[gwa]}" peer $PEER 7100
	load_pair load-bo gwb "${OUT_ADDR[gwb]}" peer $PEER 7101
	load_pair load-ai gwa "${IN_ADDR[gwa]}" host $HOST_IN 7102
	load_pair load-bi gwb "${IN_ADDR[gwb]}" host $HOST_IN 7103
}

# At least nine tenths of what a link can carry. To ask takes its time under
# load: each link has its own beginning and end.
count_link() { echo "$(now_ms) $(link_bytes "$1" "$2")" >"$XT/link-$1-$2"; }

SHARES=
ALL_FULL=yes
look_at() {	# NS DEV
	local bytes at share
	read -r at bytes <"$XT/link-$1-$2"
	bytes=$(($(link_bytes "$1" "$2") - bytes))
	share=$((bytes * 8 * 100 / LINK_KBIT / ($(now_ms) - at)))
	SHARES+=" $1/$2:$share%"
	[ $share -ge 90 ] || ALL_FULL=no
}

# ---- what moved ----

changes() { xha_on "$1" -j show standby | jq -c '[.groups[].standby[].state_changes]'; }
roles() { echo "$(role_of gwa), $(role_of gwb), elections $(changes gwa) $(changes gwb)"; }
tell() { grep -h -e '->' -e 'takeover' -e 'link ' -e 'channel' -e detection "$XT"/xhad-gw?.log | sort | sed 's/^/# /'; }
begun() { cat "$XT"/xhad-gw?.log | grep -c 'takeover: begin'; }
silences() { cat "$XT"/xhad-gw?.log | grep -c 'detection: active'; }
put_off() { cat "$XT"/xhad-gw?.log | grep -c 'takeover put off'; }

hsrp_capture() {	# NS DEV
	start "hsrp-$1-$2" "$1" tcpdump -Z root -U --immediate-mode -i "$2" \
		-w "$XT/hsrp-$1-$2.pcap" udp port 1985
	wait_for 20 grep -q 'listening on' "$XT/hsrp-$1-$2.log"
}

# What NODE has of the other one
seen_by() {	# NS
	local o
	o=$(gw_other "$1")
	echo "${OUT_ADDR[$o]}:$XT/hsrp-$1-out.pcap ${IN_ADDR[$o]}:$XT/hsrp-$1-in.pcap"
}

# Whoever reads a failure should know what the machine did meanwhile.
stalled() {
	log "until now the machine stood still for at most $(jq -s 'map(.ms) | max // 0' "$XT/stalls.log") ms, $(jq -s 'map(select(.ms >= 100)) | length' "$XT/stalls.log") times for 100 ms or more"
}

# ---- how xhad runs ----

policy_of() { chrt -p "$1" | sed -n 's/.*policy: *//p'; }
locked_kb() { awk '/^VmLck/ {print $2}' "/proc/$1/status"; }

ktap_plan
topo_up
module_load || bail "the module loads"
narrow_all || bail "the links can be narrowed"
gw_start gwa || bail "xhad starts on A"
wait_for 20 is_active gwa || bail "A becomes active"
manual_tunnel gwa || bail "a tunnel"
udp_start || bail "traffic goes through the tunnel"
gw_start gwb || bail "xhad starts on B"
wait_for 30 hot_with gwb 2 || bail "B becomes hot standby: $(gw_json gwb)"
for ns in gwa gwb; do
	same "xhad on $ns runs in real time" "$(policy_of "${PIDS[xhad-$ns]}")" \
		"SCHED_FIFO|SCHED_RESET_ON_FORK"
	check "and its memory is locked" \
		[ "$(locked_kb "${PIDS[xhad-$ns]}")" -gt 1000 ]
	hsrp_capture $ns out && hsrp_capture $ns in || bail "capture on $ns"
done

# ---- load, and nothing happens ----
load_up
wait_for 20 each_link is_full || bail "the links' queues fill"
roles_are gwa gwb || bail "the roles are as they should be under load: $(tell)"
ROLES=$(roles)
BEGUN=$(begun)
log "before: $ROLES"
each_link count_link || bail "the links' counters"
: >"$XT/stalls.log"
start stalls host stalls
FROM=$(now_s)
run_for "$DURATION"
TO=$(now_s)
each_link look_at
log "of what the links can carry:$SHARES"
same "outside and inside links of both were full in both directions" $ALL_FULL yes
same "no role moved in $DURATION s, nor did an election" "$(roles)" "$ROLES"
same "no takeover began" "$(begun)" "$BEGUN"
stalled
log "takeovers put off: $(put_off); one LAN silent for a hold time: $(silences)"

# ---- losses ----
# Urgent itself: links that go one after the other are another failure.
cut_links() { chrt -f 50 links down "synclan:$1" "outlan:$1" "inlan:$1"; }
hears_more() { [ "$(heard "$1")" -ge "$2" ]; }
lose_and_return() {	# ACTIVE
	local standby cut heard
	standby=$(gw_other "$1")
	wait_for 60 roles_are "$1" "$standby" ||
		bail "the roles are as they should be before the loss of $1"
	heard=$(heard "$standby")
	wait_for 20 hears_more "$standby" $((heard + 3)) ||
		bail "$standby hears the active on both LANs"
	cut=$(cut_links "$1")
	# shellcheck disable=SC2086 # two times
	echo "$XT/xhad-$standby.log" $cut "$(seen_by "$standby")" >>"$XT/losses"
	wait_for 60 is_active "$standby" || bail "$standby takes over"
	wait_for 30 has_no_vip "$1" || bail "$1 gives up"
	links_up "$1" >/dev/null
	wait_for 60 is_hot "$1" || bail "$1 becomes hot standby: $(gw_json "$1")"
}

jq_true() { jq -e "$1" <<<"$2" >/dev/null; }

A=gwa
for ((i = 0; i < LOSSES; i++)); do
	lose_and_return $A
	A=$(gw_other $A)
done
same "$LOSSES losses, $LOSSES takeovers" "$(begun)" $((BEGUN + LOSSES))
check "traffic goes on through the tunnel" eval \
	'flowing udp-host 20 60 && flowing udp-peer 20 60'

# ---- in what time ----
stop stalls
stalled
log "takeovers put off in all: $(put_off)"
for ns in gwa gwb; do
	stop hsrp-$ns-out && stop hsrp-$ns-in
	# shellcheck disable=SC2046 # two of them
	"$LIB/detection.py" quiet "$FROM" "$TO" $(seen_by $ns) |
		jq -r ".[] | \"# $ns heard \(.packets) packets of \(.from), longest silence \(.longest_ms) ms\""
done
"$LIB/detection.py" --offset "$CLOCK_OFFSET" losses "$XT/losses" >"$XT/losses.json"
N=0
while read -r line; do
	N=$((N + 1))
	log "loss $N: $line"
	check "loss $N: the takeover begins within $BOUND_MS ms of the last hello" \
		jq_true ".begun and .heard and .from_hello_ms <= $BOUND_MS" \
		"$line"
done <"$XT/losses.json"
same "all losses were measured" $N "$LOSSES"
[ "${ktap_failed:-0}" -eq 0 ] || tell
ktap_end
