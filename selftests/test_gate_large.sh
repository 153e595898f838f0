#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 1200
# held: takes long; TESTS=gate_large runs it
#
# A standby is silent for what is larger than a packet, too: segments that go
# through the kernel as one piece (GSO: of a TCP connection that was there
# before the gate closed, and of UDP_SEGMENT) and fragments of datagrams of
# 20 kB; forwarded and its own, in IPv4 and IPv6, under policies for networks
# and for ports. First its SAs and policies are staged, then a daemon has
# installed them as well and connections are tracked, which puts fragments
# together. The same is seen to leave without the module, in the clear, and by
# ESP once the node is active. The VIPs are on the standby, too, on lo.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/gate.sh
. "$LIB/gate.sh"

# What is sent to an address, by the first digit of its number, 5 more for IPv6
declare -A WHAT=([2]="UDP_SEGMENT" [3]="fragments" [4]="TCP")
# From where, and by which policy, by the last digit
declare -A WHERE_TO=([1]="forwarded, by network" [2]="forwarded, by port"
	[3]="its own, by network" [4]="its own, by port")
ALL="21 22 23 24 31 32 33 34 41 42 43 44 71 72 73 74 81 82 83 84 91 92 93 94"
FORWARDED="21 22 31 32 41 42 71 72 81 82 91 92"
OWN_TCP="43 44 93 94"
PORT=7009 BESIDE=7010	# the latter is in no policy for a port
PROBE_INTERVAL=0.3	# seconds: these are large

name() {	# N
	local ten=$(($1 / 10))
	if four "$1"; then
		echo "IPv4 ${WHAT[$ten]}, ${WHERE_TO[$(($1 % 10))]}"
	else
		echo "IPv6 ${WHAT[$((ten - 5))]}, ${WHERE_TO[$(($1 % 10))]}"
	fi
}
# Each only as what it is to be: in one piece that fits no frame, or in pieces.
shape() {	# N
	case $1 in
	[27]?)	echo "udp and greater 2000" ;;
	3?)	echo "ip[6:2] & 0x3fff != 0" ;;
	8?)	echo "ip6 proto 44" ;;
	[49]?)	echo "tcp and greater 2000" ;;
	esac
}
to() { echo "dst host $(addr "$1") and ($(shape "$1"))"; }
spi() { echo $((0x1000 + $1)); }

# ---- SAs and policies ----

# shellcheck disable=SC2046 # words
policy() {	# NS N ARGUMENT...
	ip -n "$1" xfrm policy add src $(by_family "$2" 10.1.0.0/24 fd01::/64) \
		dst "$(net "$2")" "${@:3}" dir out \
		tmpl src $(by_family "$2" $VIP_OUT $VIP6) \
		dst $(by_family "$2" $PEER $PEER6) proto esp reqid "$2" mode tunnel
}

install_way() {	# NS N
	local proto=udp
	# shellcheck disable=SC2046 # words
	ip -n "$1" xfrm state add src $(by_family "$2" $VIP_OUT $VIP6) \
		dst $(by_family "$2" $PEER $PEER6) proto esp spi "$(spi "$2")" \
		reqid "$2" mode tunnel aead 'rfc4106(gcm(aes))' $KEY 128 || return
	case $2 in
	[49]?)	proto=tcp ;;
	esac
	case $2 in
	*[13])	policy "$1" "$2" ;;
	*)	policy "$1" "$2" proto $proto dport $PORT ;;
	esac
}
install() {	# NS
	local n
	for n in $ALL; do
		install_way "$1" "$n" || { log "$(name "$n")"; return 1; }
	done
}

# ---- the ways ----

ways() {
	local n len
	both_on gwa 2
	both_on gwb 3
	ns_v6 peer 0
	ns_v6 host 0
	ns_addr6 peer out $PEER6/64
	ns_addr6 host in fd01::10/64
	for n in $ALL; do
		len=$(by_family "$n" 32 128)
		ip -n peer addr add "$(addr "$n")/$len" dev prot || return
	done
	ip -n peer route add $HOST_IN via "${OUT_ADDR[gwb]}" &&
		ip -n peer route add "${IN_ADDR[gwb]}" via "${OUT_ADDR[gwb]}" &&
		ip -n peer route add fd01::/64 via fd00::3 &&
		ip -n host route add 10.2.0.0/16 via "${IN_ADDR[gwb]}" &&
		ip -n host route add 2001:db8::/32 via fd01::3 &&
		ip -n gwb route add 10.2.0.0/16 via $PEER dev out &&
		ip -n gwb route add 2001:db8::/32 via $PEER6 dev out || return
	start served peer "$LIB/burst.py" serve :: $PORT
	wait_for 20 grep -q ready "$XT/served.log"
}

# Connection tracking, and with it fragments put together
track() {
	in_ns gwb nft -f - <<-RULES
	table inet t {
		chain c {
			type filter hook prerouting priority 0
			ct state invalid counter
		}
	}
	RULES
}

# ---- packets ----

HERE="$HOST_IN fd01::10" HERE_OWN="${IN_ADDR[gwb]} fd01::3"

has_begun() { [ -s "$XT/$1.p" ]; }
# shellcheck disable=SC2046,SC2086 # lists
connections() {	# NAME: for later
	probe "tcp-$1" host "$HERE" --tcp --size=20000 $(addrs 41 42 91 92)
	probe "tcp-own-$1" gwb "$HERE_OWN" --tcp --size=20000 $(addrs $OWN_TCP)
	for n in "tcp-$1" "tcp-own-$1"; do
		wait_for 60 has_begun "$n" || bail "$n: $(cat "$XT/$n.log")"
	done
}

# shellcheck disable=SC2046 # lists
datagrams() {
	probe gso host "$HERE" --size=6000 --gso=1200 $(addrs 21 22 71 72)
	probe gso-own gwb "$HERE_OWN" --size=6000 --gso=1200 $(addrs 23 24 73 74)
	probe frag host "$HERE" --size=20000 $(addrs 31 32 81 82)
	probe frag-own gwb "$HERE_OWN" --size=20000 $(addrs 33 34 83 84)
	probe beside host "$HERE" --port=$BESIDE $(addrs 32 82)
	probe beside-own gwb "$HERE_OWN" --port=$BESIDE $(addrs 34 84)
	probe beside-frag host "$HERE" --port=$BESIDE --size=20000 $(addrs 32 82)
}

# What B sends; the headers are enough.
heads_start() {
	: >"$XT/capture.log"
	start capture outlan capture \
		outlan:gwb:"$XT/cap-outlan-gwb.pcap:128" \
		inlan:gwb:"$XT/cap-inlan-gwb.pcap:96"
	wait_for 10 grep -q ready "$XT/capture.log"
}

# What reaches B to be forwarded
arrivals_start() {
	: >"$XT/arrived.log"
	start arrived gwb tcpdump -n -U -s 96 -i in -w "$XT/arrived.pcap" \
		'greater 2000 or ip[6:2] & 0x3fff != 0 or ip6 proto 44'
	wait_for 20 grep -q listening "$XT/arrived.log"
}
arrived() { [ "$(tcpdump -n -r "$XT/arrived.pcap" "$1" 2>/dev/null | wc -l)" -gt 0 ]; }
# Octets of B's connections that nobody has acknowledged, the least of them
unsent() {
	in_ns gwb ss -tnH state established "( dport = :$PORT )" |
		awk '$2 > 0 { if (!n++ || $2 < min) min = $2 } END { print n, min + 0 }'
}

# Each probe makes N tries, under a capture; with the connections of that name.
watched() {	# NAME N
	local probes="gso gso-own frag frag-own beside beside-own beside-frag" p
	heads_start && arrivals_start || bail "capture"
	datagrams
	for p in "tcp-$1" "tcp-own-$1"; do
		signal "$p" USR1 || bail "$p: $(cat "$XT/$p.log")"
	done
	for p in $probes "tcp-$1" "tcp-own-$1"; do
		wait_for 60 tried "$p" "$2" || bail "$p: $(cat "$XT/$p.log")"
	done
	read -r WAITING LEAST <<<"$(unsent)"
	for p in gso-own frag-own; do
		REFUSED[$p]=$(probe_count "$p" refused)
	done
	for p in $probes "tcp-$1" "tcp-own-$1"; do
		stop "$p"
	done
	stop arrived
	capture_stop || bail "the capture is complete"
}
declare -A REFUSED=()

# ---- what is to be seen ----

passes_beside() {	# WHEN
	local n
	for n in 32 34 82 84; do
		check "$1: what no policy names passes: small, beside the port of $(net $n)" \
			some outlan "dst host $(addr $n) and udp dst port $BESIDE"
	done
}

leaves_in_clear() {
	local n
	for n in $ALL; do
		check "without the module: $(name "$n") leaves in the clear" \
			some outlan "$(to "$n")"
	done
}

silent() {	# WHEN N
	local n p
	for n in $FORWARDED; do
		check "$1: $(name "$n") arrives" arrived "$(to "$n")"
	done
	for p in gso-own frag-own; do
		check "$1: each of B's own datagrams is refused ($p: ${REFUSED[$p]})" \
			[ "${REFUSED[$p]}" -ge "$2" ]
	done
	check "$1: B's own connections wait ($WAITING, $LEAST octets)" \
		[ "${WAITING:-0}" -ge 4 -a "${LEAST:-0}" -ge 10000 ]
	same "$1: none of it leaves, IPv4" \
		"$(count outlan "dst net 10.2.0.0/16 and not udp dst port $BESIDE")" 0
	same "$1: none of it leaves, IPv6" \
		"$(count outlan "dst net 2001:db8::/32 and not udp dst port $BESIDE")" 0
	same "$1: of fragments beside the port the ports are not known, and none leaves" \
		"$(count outlan "$(to 32)") $(count outlan "$(to 82)")" "0 0"
	same "$1: no ESP leaves" \
		"$(count outlan "$IPSEC") $(count inlan "$IPSEC")" "0 0"
	same "$1: no ACQUIRE, no larval SA" \
		"$(acquires gwb) $(larval_count gwb)" "0 0"
	passes_beside "$1"
}

# The kernel refuses to make a node's own UDP_SEGMENT where ESP follows.
leaves_by_esp() {
	local n
	for n in $ALL; do
		case $n in
		[27][34]) continue ;;
		esac
		check "active: $(name "$n") leaves by its SA" \
			[ "$(packets_of "$(spi "$n")")" -gt 0 ]
	done
	same "active: and nothing in the clear" \
		"$(count outlan "dst net 10.2.0.0/16 and not udp dst port $BESIDE") $(count outlan "dst net 2001:db8::/32 and not udp dst port $BESIDE")" "0 0"
}

# ---- the parts ----

without_module() {
	watched without_module 5
	leaves_in_clear
}

roles() {
	module_load || bail "the module loads"
	node gwa && node gwb || bail "both nodes are configured"
	in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
		bail "A is active, B standby"
	install gwa || bail "SAs and policies on A"
	wait_for 60 hot_with gwb 24 || bail "B is hot with all: $(gw_json gwb)"
	acquire_watch
}

staged() {
	watched staged 10
	silent staged 10
}

installed() {
	install gwb && track || bail "SAs and policies on B, too"
	watched installed 10
	silent "installed on the standby" 10
	check "B is hot all the same" hot_with gwb 24
}

active() {
	in_ns gwa xctl role 1 standby && in_ns gwb xctl role 1 active ||
		bail "B takes over"
	watched active 10
	leaves_by_esp
}

PARTS=${XHA_PARTS:-without_module staged installed active}
ktap_plan
topo_up
for m in esp6 nf_tables nft_ct; do
	modprobe -q $m || :
done
ways || bail "the ways out of B"
for part in $PARTS; do
	connections "$part"
done
[[ " $PARTS " != *" without_module "* ]] || without_module
roles
for part in staged installed active; do
	[[ " $PARTS " != *" $part "* ]] || $part
done
ktap_end
