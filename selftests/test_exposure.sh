#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check: 6.1
# timeout: 200
#
# What A shows as exposed while its channel is cut is what a crash then costs,
# to the packet: each SA that B goes on with skips as many numbers on the wire
# as A showed, sends as many twice as A showed to be beyond its ceiling, and
# takes as many replayed packets. Without strict mode.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
INTERVAL_OUT=1000
KEY=0x000102030405060708090a0b0c0d0e0f10111213
FAR=10.2.0.2	# and the number of the SA
WINDOWS="32 128 32 128"	# of SAs 1 to 4; 128 is one with ESN
# sent after the cut, by SA: little, nothing, far past the lease
declare -A OUTBOUND=([1]=120 [3]=2500 [4]=3100)
INBOUND=150	# on SA 1

# ---- SAs ----

window() { set -- "$1" $WINDOWS; shift "$1"; echo "$1"; }	# of SA N
spi_out() { printf '0x%08x' $((0x1000 + $1)); }
spi_in() { printf '0x%08x' $((0x1100 + $1)); }
sa() {	# NS SRC DST SPI N
	local opt=(replay-window "$(window "$5")")
	[ "${opt[1]}" = 32 ] || opt+=(flag esn)
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" \
		reqid "$5" mode tunnel "${opt[@]}" \
		aead 'rfc4106(gcm(aes))' $KEY 128
}
pol() {	# NS DIR SRC DST TMPL-SRC TMPL-DST N
	ip -n "$1" xfrm policy add src "$3" dst "$4" dir "$2" \
		tmpl src "$5" dst "$6" proto esp reqid "$7" mode tunnel
}
tunnel() {	# N
	local ns near=10.1.0.0/24 far=$FAR$1/32
	for ns in gwa peer; do
		sa $ns $VIP_OUT $PEER "$(spi_out "$1")" "$1" &&
			sa $ns $PEER $VIP_OUT "$(spi_in "$1")" "$1" || return
	done
	ip -n peer addr add "$far" dev prot
	pol gwa out $near "$far" $VIP_OUT $PEER "$1" &&
		pol gwa in "$far" $near $PEER $VIP_OUT "$1" &&
		pol gwa fwd "$far" $near $PEER $VIP_OUT "$1" &&
		pol peer in $near "$far" $VIP_OUT $PEER "$1" &&
		pol peer out "$far" $near $PEER $VIP_OUT "$1"
}
node_conf() {	# NS
	node_peer "$1" && in_ns "$1" xctl group 1 $INTERVAL_IN $INTERVAL_OUT $VIP_OUT $VIP_IN
}
get() {	# SPI KEY: of A
	xha_on gwa -j show crypto ipsec sa |
		jq -r ".sas[] | select(.spi == \"$1\") | .$2"
}
group() { gw_get gwa ".groups[0].$1"; }
settled() { [ "$(group exposure_in) $(gw_get gwa .channel.lag_frames)" = "0 0" ]; }
arrived() { [ "$(group exposure_in)" -ge $INBOUND ]; }
channel_down() { ! channel_up gwa; }

# ---- traffic; nothing is answered, both ends have a socket ----

out() { in_ns host "$LIB/burst.py" udp 1 "$2" 100 $HOST_IN "$FAR$1" >>"$XT/burst.log"; }
in_by() { in_ns peer "$LIB/burst.py" udp 1 "$2" 100 "$FAR$1" $HOST_IN >>"$XT/burst.log"; }
both_ways() {	# N
	in_ns host ping -q -c 5 -i 0.02 -W 10 -I $HOST_IN "$FAR$1" >"$XT/ping.log" 2>&1
}

# ---- the wire: lowest and highest number of SA N that NS sent ----

seen() {	# NS N lowest|highest
	local field=3
	[ "$3" = lowest ] || field=4
	"$LIB/highest.py" $VIP_OUT "$XT/cap-outlan-$1.pcap" |
		awk -v s="$((0x1000 + $2))" -v f=$field '
			$1 == sprintf("0x%x", s) { print $f; n = 1 }
			END { if (!n) print 0 }'
}
b_sent() {	# N
	ip -n gwb -s xfrm state get src $VIP_OUT dst $PEER proto esp spi "$(spi_out "$1")" |
		awk '/lifetime current/ {getline; sub(/.*, /, ""); print $1 + 0}'
}
b_sends() {
	local n before
	for n in 1 2 3 4; do
		before=$(b_sent $n)	# some by A, as B was told
		out $n 10
		[ "$(b_sent $n)" -gt "$before" ] || return
	done
}

# replayed N: all the peer sent on that SA is sent again to B; sets ACCEPTED
accepted_at_b() {
	ip -n gwb -s xfrm state get src $PEER dst $VIP_OUT proto esp spi "$(spi_in "$1")" |
		awk '/lifetime current/ {getline; sub(/.*, /, ""); print $1 + 0}'
}
all_judged() {	# N ACCEPTED ERRORS: before
	[ $(($(accepted_at_b "$1") - $2 + $(xfrm_stat gwb XfrmInStateSeqError) - $3)) -ge "$SENT" ]
}
replayed() {
	local before errors
	before=$(accepted_at_b "$1")
	errors=$(xfrm_stat gwb XfrmInStateSeqError)
	in_ns stranger "$LIB/replay.py" "$XT/cap-outlan-peer.pcap" --dev out \
		--dst-mac "${OUT_MAC[gwb]}" --src-mac "${OUT_MAC[stranger]}" \
		--vip $VIP_OUT --spi "$(spi_in "$1")" >"$XT/replay.json" || return
	SENT=$(jget replay .sent)
	wait_for 20 all_judged "$1" "$before" "$errors" || return
	ACCEPTED=$(($(accepted_at_b "$1") - before))
	log "inbound SA $1: $SENT sent again, $ACCEPTED accepted"
}

# ---- points ----

declare -A ACKED SHOWN LAST
shown() {	# what A says before it is lost
	local n
	for n in 1 2 3 4; do
		SHOWN[$n]=$(get "$(spi_out $n)" exposure)
		LAST[$n]=$(get "$(spi_out $n)" sequence)
		log "SA $n: ${LAST[$n]} sent, ${ACKED[$n]} acknowledged, ${SHOWN[$n]} shown as exposed"
	done
	SHOWN_OUT=$(group exposure_out)
	SHOWN_IN=$(group exposure_in)
	BEYOND=$(($(group beyond) - KNOWN))
	log "the group: out $SHOWN_OUT, in $SHOWN_IN, beyond $BEYOND"
}
cost() {	# what it was
	local n first last most=0 twice=0
	for n in 1 2 3 4; do
		first=$(seen gwb $n lowest)
		last=$(seen gwa $n highest)
		log "SA $n on the wire: A ended at $last, B began at $first"
		same "SA $n: A shows the number it sent last" "${LAST[$n]}" "$last"
		if [ -n "${OUTBOUND[$n]:-}" ] && [ "${OUTBOUND[$n]}" -gt $INTERVAL_OUT ]; then
			check "SA $n is past its ceiling" [ "$last" -gt "${ACKED[$n]}" ]
			same "SA $n: nothing to skip" "${SHOWN[$n]}" 0
			twice=$((twice + last - first + 1))
			continue
		fi
		same "SA $n: as many numbers are skipped as shown" \
			$((first - last - 1)) "${SHOWN[$n]}"
		[ $((first - last - 1)) -le $most ] || most=$((first - last - 1))
	done
	check "of an SA in use less than of an idle one" \
		[ "${SHOWN[1]}" -lt "${SHOWN[2]}" ]
	same "the group shows the most" "$SHOWN_OUT" $most
	check "numbers are sent twice ($twice)" [ $twice -gt 1000 ]
	same "as many as shown to be beyond" "$BEYOND" $twice
}

ktap_plan
topo_up
module_load || bail "the module loads"
start_flow sink-peer peer sink 0.0.0.0:9
start_flow sink-host host sink 0.0.0.0:9
vip_by_hand gwa add
node_conf gwa && node_conf gwb || bail "both nodes are configured"
in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
	bail "A is active, B standby"
for n in 1 2 3 4; do
	tunnel $n || bail "SA $n"
done
wait_for 60 hot_with gwb 8 || bail "B becomes hot: $(gw_json gwb)"
capture_start || bail "capture"
for n in 1 2 3 4; do
	both_ways $n || bail "tunnel $n works: $(tail -n 2 "$XT/ping.log")"
done
check "with a channel and no traffic nothing can be replayed" wait_for 20 settled

link_down gwa synclan
wait_for 30 channel_down || bail "the channel goes down"
KNOWN=$(group beyond)
for n in 1 2 3 4; do
	ACKED[$n]=$(get "$(spi_out $n)" acked)
done
for n in "${!OUTBOUND[@]}"; do
	out "$n" "${OUTBOUND[$n]}"
done
in_by 1 $INBOUND
wait_for 10 arrived || bail "packets come in: $(group exposure_in)"
shown
link_down gwa outlan
link_down gwa inlan
in_ns gwb xctl role 1 active && vip_by_hand gwb add || bail "B takes over"
wait_for 20 b_sends || bail "B carries the tunnels"
# The rest of it is written then.
check "the captures are complete" capture_stop
cost
same "inbound, A showed what had come ($SHOWN_IN)" "$SHOWN_IN" $INBOUND
same "and of which SA" "$(get "$(spi_in 1)" exposure) $(get "$(spi_in 2)" exposure)" \
	"$SHOWN_IN 0"
replayed 1 || bail "replaying on SA 1"
check "more than that is replayed" [ "$SENT" -gt "$SHOWN_IN" ]
same "and just that accepted" "$ACCEPTED" "$SHOWN_IN"
replayed 2 || bail "replaying on SA 2"
check "where nothing is exposed packets are replayed, too" [ "$SENT" -ge 5 ]
same "and none accepted" "$ACCEPTED" 0
ktap_end
