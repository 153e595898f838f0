#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 1800
# held: takes long; TESTS=channel_security runs it
#
# security = manual: SA keys cross the channel's link only inside what encrypts
# them. Nothing, AH, NULL encryption, GMAC, a tunnel, SAs of other endpoints,
# another device, a device that does not encrypt: the channel never gets up,
# each packet is counted, the reason named. Protection that is taken away under
# traffic stops the sync with the next packet and the tunnel not at all; with it
# back the pair is hot again. Whoever sends in order refuses a peer that does not.
# Of two paths each needs its SAs. A capture of the link holds no SCTP and no key,
# and the same search finds both with security = none.
#
# XHA_PARTS="inbound two_paths" runs some of the parts below, in that order.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
. "$LIB/channel.sh"

A=${SYNC_ADDR[gwa]} B=${SYNC_ADDR[gwb]}
STRANGER=10.9.0.66
ALL_NS="$ALL_NS sync2lan"
LINKS=synclan	# that carry the channel, and are captured
GCM=0x5a0102030405060708090a0b0c0d0e0fa5a1b2c3
CIPHER=0x5a101112131415161718191a1b1c1d1e
MAC=0x5a202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e

# ---- the protection of the channel ----

transform() {	# KIND: arguments of "ip xfrm state add" for it
	case $1 in
	ah)	T=(proto ah mode transport auth 'hmac(sha256)' "$MAC") ;;
	null)	T=(proto esp mode transport enc 'ecb(cipher_null)' ''
			auth 'hmac(sha256)' "$MAC") ;;
	gmac)	T=(proto esp mode transport aead 'rfc4543(gcm(aes))' "$GCM" 128) ;;
	cbc)	T=(proto esp mode transport enc 'cbc(aes)' "$CIPHER"
			auth 'hmac(sha256)' "$MAC") ;;
	tunnel|elsewhere)
		T=(proto esp mode tunnel aead 'rfc4106(gcm(aes))' "$GCM" 128) ;;
	beet)	T=(proto esp mode beet aead 'rfc4106(gcm(aes))' "$GCM" 128
			sel src "$2/32" dst "$3/32") ;;
	*)	T=(proto esp mode transport aead 'rfc4106(gcm(aes))' "$GCM" 128) ;;
	esac
}

ends_of() {	# KIND: addresses of the SAs
	if [ "$1" = elsewhere ]; then
		EA=${OUT_ADDR[gwa]} EB=${OUT_ADDR[gwb]}
	else
		EA=$A EB=$B
	fi
}

policy() {	# NS add|delete DIR SRC DST TEMPLATE...
	local with=()
	[ "$2" = delete ] || with=(tmpl "${@:6}")
	ip -n "$1" xfrm policy "$2" src "$4/32" dst "$5/32" dir "$3" "${with[@]}"
}

policies() {	# NS add|delete KIND
	local in=$B out=$A sin sout
	[ "$1" = gwa ] || { in=$A out=$B; }
	transform "$3" $out $in
	ends_of "$3"
	sin=$EB sout=$EA
	[ "$1" = gwa ] || { sin=$EA sout=$EB; }
	policy "$1" "$2" out $out $in src $sout dst $sin "${T[@]:0:4}" reqid 77 &&
		policy "$1" "$2" in $in $out src $sin dst $sout "${T[@]:0:4}" reqid 77
}

sa_of_t() {	# NS SRC DST SPI REQID OPTIONS...: an SA of the kind in T
	ip -n "$1" xfrm state add src "$2" dst "$3" "${T[@]:0:2}" spi "$4" \
		reqid "$5" "${@:6}" "${T[@]:2}"
}

# xfrm takes an SA without a source for packets of any source.
source_of() {	# KIND ADDRESS
	if [ "$1" = anysource ]; then echo 0.0.0.0; else echo "$2"; fi
}

states() {	# NS KIND
	ends_of "$2"
	transform "$2" $A $B
	sa_of_t "$1" "$(source_of "$2" $EA)" $EB 0x5a01 77 || return
	transform "$2" $B $A
	sa_of_t "$1" "$(source_of "$2" $EB)" $EA 0x5a02 77
}

no_states() {	# NS
	local s d p
	for s in $A "${OUT_ADDR[gwa]}"; do
		d=$B
		[ "$s" = $A ] || d=${OUT_ADDR[gwb]}
		for p in esp ah; do
			ip -n "$1" xfrm state delete src "$s" dst "$d" proto $p spi 0x5a01
			ip -n "$1" xfrm state delete src "$d" dst "$s" proto $p spi 0x5a02
		done
	done 2>/dev/null
}

protect() { local ns; for ns in gwa gwb; do states $ns "$1" && policies $ns add "$1" || return; done; }
unprotect() {
	local ns
	for ns in gwa gwb; do
		policies $ns delete "$1"
		no_states $ns
	done
}

# One way alone: SAs on both nodes and a policy of the sender. The receiver has
# no policy of its own that could ask for more. Of the kind "foreign" the receiver
# takes the SA for one of somebody else.
way() {	# FROM add|delete KIND
	local to src=$A dst=$B spi=0x5a11 ns from
	to=$(gw_other "$1")
	[ "$1" = gwa ] || { src=$B dst=$A spi=0x5a12; }
	transform "$3" $src $dst
	policy "$1" "$2" out $src $dst src $src dst $dst "${T[@]:0:4}" reqid $spi || return
	for ns in gwa gwb; do
		from=$(source_of "$3" $src)
		[ "$3 $ns" != "foreign $to" ] || from=$STRANGER
		if [ "$2" = delete ]; then
			ip -n $ns xfrm state delete src $src dst $dst "${T[@]:0:2}" spi $spi
		else
			sa_of_t $ns "$from" $dst $spi $spi
		fi || return
	done
}
came_by_way() {	# RECEIVER
	local dst=$A spi=0x5a12 n
	[ "$1" = gwa ] || { dst=$B spi=0x5a11; }
	n=$(ip -n "$1" -s xfrm state list dst $dst reqid $((spi)) |
		awk '/lifetime current/ {getline; sub(/.*, /, ""); n += $1} END {print n + 0}')
	log "$n packets by the SA"
	[ "$n" -ge 4 ]
}

# ---- what the gateways say of it ----

unprotected() { gw_get "$1" .channel.unprotected; }
refused_more() { [ "$(unprotected "$1")" -ge "$2" ]; }
reason_is() { [ "$(reason "$1")" = "channel not protected: $2" ]; }
none_up() { [ "$(connects)" = "$1" ] && not_up gwa && not_up gwb; }	# SINCE

# With the protection there is, B dials in vain. (A only waits.)
never_up() {	# NAME REASON-ON-B [REASON-ON-A]
	local n c
	n=$(unprotected gwb)
	c=$(connects)
	check "$1: refused on B, and counted" wait_for 20 refused_more gwb $((n + 4))
	check "$1: B names the reason" wait_for 5 reason_is gwb "$2"
	check "$1: so does A" wait_for 10 reason_is gwa "${3:-$2}"
	check "$1: no session" none_up "$c"
}

refused_kind() {	# NAME KIND REASON
	protect "$2" || bail "setting up: $1"
	never_up "$1" "$3"
	unprotect "$2"
}

decided() { refused_more "$1" "$2" || channel_up "$1"; }

# What RECEIVER sends is in order, what it hears is not: no hook but that for
# packets that come in can refuse.
refused_inbound() {	# NAME RECEIVER KIND REASON
	local n c sender
	sender=$(gw_other "$2")
	[ "$3" = clear ] || way "$sender" add "$3" || bail "setting up: $1"
	n=$(unprotected "$2")
	c=$(connects)
	wait_for 20 decided "$2" $((n + 4))
	check "$1: refused, and counted" refused_more "$2" $((n + 4))
	check "$1: the reason is named" wait_for 10 reason_is "$2" "$4"
	check "$1: no session" none_up "$c"
	[ "$3" != clear ] || return
	check "$1: the packets came by that SA" came_by_way "$2"
	way "$sender" delete "$3"
}

# All keys there are, as hex; B's staged SAs are the same.
keys() {
	ip -n gwa xfrm state | grep -oE '0x[0-9a-f]{32,}'
	printf '%s\n' $GCM $CIPHER $MAC
}

# ---- the link ----

link_capture() {
	local lan args=()
	for lan in $LINKS; do
		args+=("$lan:gwa:$XT/cap-$lan-gwa.pcap" "$lan:gwb:$XT/cap-$lan-gwb.pcap")
	done
	: >"$XT/capture.log"
	start capture synclan capture "${args[@]}"
	wait_for 10 grep -q ready "$XT/capture.log"
}

# Keys that were seen before are searched for as well.
link_judge() {
	local lan files=()
	capture_stop || return
	for lan in $LINKS; do
		files+=("$XT/cap-$lan-gwa.pcap" "$XT/cap-$lan-gwb.pcap")
	done
	keys | sort -u | "$LIB/leak.py" "${files[@]}" >"$XT/leak.json"
	log "on the link: $(cat "$XT/leak.json")"
}

silent_link() {	# NAME
	check "$1: the capture is complete" link_judge
	same "$1: no SCTP in clear" "$(jget leak .sctp)" 0
	same "$1: no key" "$(jget leak .keys)" 0
}

# Both anew: a standby that hears neither hello nor channel would take over.
securities() {	# OF-A OF-B
	local ns s=$1
	for ns in gwa gwb; do
		gw_kill $ns
		sed -i "/security-device/d; s/security = .*/security = $s/" "$XT/$ns/xhad.conf"
		s=$2
	done
	gw_start gwa && gw_start gwb || bail "xhad starts"
}

# by_device DEVICE [ADDRESS-OF-A ADDRESS-OF-B]
by_device() {
	addresses "${2:-$A}" "${3:-$B}"
	reconfigure "/security-device/d; s/security = .*/security = manual\n\t\tsecurity-device = $1/"
}

# ---- SAs: what is refused, what is accepted, and lost under traffic ----

refused_kinds() {
	same "xha shows the security" "$(gw_get gwa .channel.security)" manual
	never_up "no protection at all" "it would leave in clear, no SA takes it"
	refused_kind "AH" ah "its SA is not ESP"
	refused_kind "NULL encryption" null "its SA has NULL encryption"
	refused_kind "GMAC" gmac "its SA only authenticates (GMAC)"
	refused_kind "a tunnel" tunnel "its SA is not in transport mode"
	refused_kind "BEET" beet "its SA is not in transport mode"
	refused_kind "a tunnel between other addresses" elsewhere \
		"its SA is not in transport mode"
}

accepted_kind() {
	protect gcm || bail "SAs for the channel"
	check "ESP in transport mode: the pair gets hot" wait_for 60 hot
	same "the reason is gone" "$(reason gwb)" ""
	same "nothing but the group's SAs is mirrored" \
		"$(xha_on gwb -j show crypto ipsec sa | jq '[.sas[].spi | select(test("5a0[12]"))] | length')" 0
}

# Protection is taken away while all of it is in use
lost_under_traffic() {
	local n
	n=$(unprotected gwa)
	policies gwa delete gcm
	check "policies of A deleted: the sync stops" wait_for 10 down gwa
	check "A says why" reason_is gwa "it would leave in clear, no SA takes it"
	check "and counts" refused_more gwa $((n + 1))
	check "B finds itself alone" wait_for 30 down gwb
	check "traffic goes on" flowing udp-host 40
	policies gwa add gcm
	check "policies back: hot again by itself" wait_for 60 hot
	policies gwb delete gcm
	check "policies of B deleted: the sync stops" wait_for 10 down gwb
	check "B says why" reason_is gwb "it would leave in clear, no SA takes it"
	policies gwb add gcm
	check "back: hot again" wait_for 60 hot
	no_states gwa
	check "SAs of A deleted: the sync stops" wait_for 30 down gwb
	check "traffic goes on" flowing udp-host 40
	states gwa gcm
	check "SAs back: hot again" wait_for 60 hot
	n=$(unprotected gwb)
	policies gwb delete gcm
	no_states gwb
	states gwb null
	policies gwb add null
	check "an SA replaced by one that hides nothing: the sync stops" wait_for 30 down gwb
	check "B says why" wait_for 10 reason_is gwb "its SA has NULL encryption"
	policies gwb delete null
	no_states gwb
	states gwb gcm
	policies gwb add gcm
	check "replaced again: hot again" wait_for 60 hot
	unprotect gcm
	wait_for 30 down gwb
	protect cbc
	check "CBC with HMAC: hot" wait_for 60 hot
	unprotect cbc
	wait_for 30 down gwb
}

sas() {
	link_capture || bail "capture of the channel's link"
	refused_kinds
	accepted_kind
	lost_under_traffic
	check "A is active all the time, B never was" steady
	silent_link "with SAs, without, and in between"
}

# ---- SAs that xfrm takes for these packets, and of which others may know ----

endpoints() {
	link_capture || bail "capture of the channel's link"
	refused_kind "SAs for packets of any source" anysource "its SA has other endpoints"
	protect gcm || bail "SAs for the channel"
	check "with the channel's addresses: hot" wait_for 60 hot
	unprotect gcm
	check "without: the session ends" wait_for 30 down gwb
	silent_link "other endpoints"
}

# ---- what comes in ----

# The other node sends as it is told to: its xhad has security = none.
inbound_at() {	# RECEIVER KIND...
	local ns=$1 o kind clear="the peer's packets come in clear"
	o=$(gw_other "$1")
	if [ "$ns" = gwa ]; then
		securities manual none
	else
		securities none manual
	fi
	way "$ns" add gcm && way "$o" add gcm || bail "SAs both ways"
	check "$ns in, all in order: hot" wait_for 60 hot
	way "$o" delete gcm
	check "$ns in, clear under way: the session ends" wait_for 30 down "$ns"
	check "$ns in, clear under way: the reason is named" wait_for 20 reason_is "$ns" "$clear"
	check "$ns in, clear under way: traffic goes on" flowing udp-host 40
	for kind in "${@:2}"; do
		case $kind in
		clear)	refused_inbound "$ns in, $kind" "$ns" clear "$clear" ;;
		null)	refused_inbound "$ns in, $kind" "$ns" null "its SA has NULL encryption" ;;
		gmac)	refused_inbound "$ns in, $kind" "$ns" gmac "its SA only authenticates (GMAC)" ;;
		ah)	refused_inbound "$ns in, $kind" "$ns" ah "its SA is not ESP" ;;
		*)	refused_inbound "$ns in, $kind" "$ns" "$kind" "its SA has other endpoints" ;;
		esac
	done
	way "$o" add gcm
	check "$ns in, in order again: hot" wait_for 60 hot
	way "$o" delete gcm
	way "$ns" delete gcm
	securities manual manual	# in between: never both in clear
}

inbound() {
	link_capture || bail "capture of the channel's link"
	inbound_at gwa clear null ah gmac anysource foreign
	inbound_at gwb clear null anysource
	check "A is active all the time, B never was" steady
	link_judge
	check "there were packets in clear" [ "$(jget leak .sctp)" -gt 20 ]
	same "no key" "$(jget leak .keys)" 0
}

# ---- two addresses each: two pairs of SAs ----

ends() { [ "$(gw_get "$1" '.channel | "\(.state): \(.reason)"')" = "connecting: channel not protected: $2" ]; }
again() { [ "$(gw_get "$1" .channel.connects)" -ge "$2" ]; }

# usage: one_path_lost NODE PATH ADDRESS-OF-A ADDRESS-OF-B
one_path_lost() {
	local ns=$1 name="$2 path, policies of $1 deleted" n c
	n=$(unprotected "$ns")
	c=$(gw_get "$ns" .channel.connects)
	A=$3 B=$4 policies "$ns" delete gcm
	check "$name: the session ends, and says why" wait_for 20 \
		ends "$ns" "it would leave in clear, no SA takes it"
	check "$name: it is counted" refused_more "$ns" $((n + 1))
	check "$name: traffic goes on" flowing udp-host 40
	check "$name: it comes back by the other path" wait_for 30 again "$ns" $((c + 1))
	check "$name: and ends again" wait_for 20 \
		ends "$ns" "it would leave in clear, no SA takes it"
	A=$3 B=$4 policies "$ns" add gcm
	check "$name: back: hot again" wait_for 60 hot
	check "$name: back: both paths work" wait_for 30 both_paths
}

two_paths() {
	second_lan || bail "a second link"
	LINKS="synclan sync2lan"
	link_capture || bail "capture of the channel's links"
	protect gcm && A=$A2 B=$B2 protect gcm || bail "SAs for both paths"
	addresses "$A, $A2" "$B, $B2"
	reconfigure '/security-device/d; s/security = .*/security = manual/' || bail "xhad starts"
	check "SAs for both paths: hot" wait_for 60 hot
	check "both paths work" wait_for 30 both_paths
	one_path_lost gwa second $A2 $B2
	one_path_lost gwb first $A $B
	check "A is active all the time, B never was" steady
	silent_link "two paths"
	LINKS=synclan
	addresses $A $B
	A=$A2 B=$B2 unprotect gcm
	unprotect gcm
}

# ---- devices ----

other_devices() {
	by_device sync || bail "xhad starts"
	never_up "a device that is none of the kinds" \
		"the security-device is not wireguard, macsec or xfrm"
	by_device wg0 || bail "xhad starts"
	never_up "packets that take another device" "packets do not take the security-device"
}

wireguard() {
	local ns key peer
	for ns in gwa gwb; do
		(umask 077; wg genkey >"$XT/wg-$ns") || return
	done
	for ns in gwa gwb; do
		key=$(wg pubkey <"$XT/wg-$(gw_other $ns)")
		peer=${SYNC_ADDR[$(gw_other $ns)]}
		ip -n $ns link add wg0 type wireguard &&
			in_ns $ns wg set wg0 listen-port 51820 \
				private-key "$XT/wg-$ns" peer "$key" \
				allowed-ips 10.9.1.0/24 endpoint "$peer:51820" &&
			ip -n $ns link set wg0 up || return
	done
	ip -n gwa addr add 10.9.1.1/24 dev wg0 && ip -n gwb addr add 10.9.1.2/24 dev wg0
}

wireguard_hot() {
	modprobe -q wireguard && wireguard || {
		skip "WireGuard" "this kernel has none"
		return
	}
	by_device wg0 10.9.1.1 10.9.1.2 || bail "xhad starts"
	check "WireGuard: hot" wait_for 60 hot
	same "xha shows the device" "$(gw_get gwa .channel.security_device)" wg0
	# The route to the peer moves to the bare link
	ip -n gwa route add 10.9.1.2/32 via $B dev sync
	check "a route past it: the sync stops" wait_for 10 down gwa
	check "A says why" wait_for 5 reason_is gwa "packets do not take the security-device"
	ip -n gwa route del 10.9.1.2/32
	check "back: hot again" wait_for 60 hot
}

macsec() {	# encrypt on|off
	local ns o key mac
	for ns in gwa gwb; do
		o=$(gw_other $ns)
		mac=$(ip -n "$o" -j link show sync | jq -r '.[0].address')
		key=0a0b0c0d0e0f101112131415161718$([ $ns = gwa ] && echo aa || echo bb)
		ip -n $ns link add link sync macsec0 type macsec port 1 encrypt "$1" &&
			ip -n $ns macsec add macsec0 tx sa 0 pn 1 on key 01 "$key" || return
		key=0a0b0c0d0e0f101112131415161718$([ "$o" = gwa ] && echo aa || echo bb)
		ip -n $ns macsec add macsec0 rx address "$mac" port 1 &&
			ip -n $ns macsec add macsec0 rx address "$mac" port 1 sa 0 \
				pn 1 on key 01 "$key" &&
			ip -n $ns link set macsec0 up || return
	done
	ip -n gwa addr add 10.9.2.1/24 dev macsec0 && ip -n gwb addr add 10.9.2.2/24 dev macsec0
}

macsec_hot() {
	local n
	modprobe -q macsec && macsec off || {
		skip "MACsec" "this kernel has none"
		return
	}
	by_device macsec0 10.9.2.1 10.9.2.2 || bail "xhad starts"
	never_up "MACsec without encryption" "the macsec security-device does not encrypt"
	for ns in gwa gwb; do
		ip -n $ns link set macsec0 type macsec encrypt on
	done
	check "with encryption: hot" wait_for 60 hot
	n=$(unprotected gwa)
	ip -n gwa link set macsec0 type macsec validate check
	check "frames without a tag let in: refused" wait_for 20 refused_more gwa $((n + 1))
	ip -n gwa link set macsec0 type macsec validate strict
	check "strict again: hot again" wait_for 60 hot
	ip -n gwb link set macsec0 type macsec encrypt off
	check "encryption switched off on B: the sync stops" wait_for 10 down gwb
}

# ---- XFRM interface: as good as its SAs ----

if_states() {	# KIND
	local ns
	for ns in gwa gwb; do
		T=(proto esp mode tunnel aead 'rfc4106(gcm(aes))' "$GCM" 128)
		[ "$1" = gcm ] || T=(proto esp mode tunnel enc 'ecb(cipher_null)' ''
			auth 'hmac(sha256)' "$MAC")
		sa_of_t $ns $A $B 0x5b01 78 if_id 7 &&
			sa_of_t $ns $B $A 0x5b02 78 if_id 7 || return
	done
}

no_if_states() {
	local ns
	for ns in gwa gwb; do
		ip -n $ns xfrm state delete src $A dst $B proto esp spi 0x5b01
		ip -n $ns xfrm state delete src $B dst $A proto esp spi 0x5b02
	done
}

xfrm_if() {
	local ns in out
	for ns in gwa gwb; do
		out=${SYNC_ADDR[$ns]}
		in=${SYNC_ADDR[$(gw_other $ns)]}
		ip -n $ns link add ipsec0 type xfrm dev sync if_id 7 &&
			ip -n $ns link set ipsec0 up &&
			ip -n $ns xfrm policy add src 10.9.3.0/24 dst 10.9.3.0/24 dir out if_id 7 \
				tmpl src "$out" dst "$in" proto esp reqid 78 mode tunnel &&
			ip -n $ns xfrm policy add src 10.9.3.0/24 dst 10.9.3.0/24 dir in if_id 7 \
				tmpl src "$in" dst "$out" proto esp reqid 78 mode tunnel || return
	done
	ip -n gwa addr add 10.9.3.1/24 dev ipsec0 && ip -n gwb addr add 10.9.3.2/24 dev ipsec0
}

xfrm_if_hot() {
	modprobe -q xfrm_interface && xfrm_if && if_states gcm || {
		skip "XFRM interface" "this kernel has none"
		return
	}
	by_device ipsec0 10.9.3.1 10.9.3.2 || bail "xhad starts"
	check "XFRM interface: hot" wait_for 60 hot
	no_if_states
	if_states null
	check "its SA replaced by one that hides nothing: the sync stops" wait_for 30 down gwb
	check "B says why" wait_for 10 reason_is gwb "its SA has NULL encryption"
	no_if_states
	if_states gcm
	check "and back: hot" wait_for 60 hot
}

devices() {
	link_capture || bail "capture of the channel's link"
	other_devices
	wireguard_hot
	macsec_hot
	xfrm_if_hot
	silent_link "devices"
}

# ---- IPv6, which only the kernel's interface has in this version ----

ipv6_ends() {
	local ns
	for ns in gwa gwb; do
		ns_sysctl $ns net.ipv6.conf.sync.disable_ipv6=0
		in_ns $ns xctl unpeer
	done
	ip -n gwa addr add fd09::1/64 dev sync nodad &&
		ip -n gwb addr add fd09::2/64 dev sync nodad
}

ipv6_sas() {	# KIND
	local ns
	transform "$1" fd09::1 fd09::2
	for ns in gwa gwb; do
		sa_of_t $ns fd09::1 fd09::2 0x5c01 79 &&
			sa_of_t $ns fd09::2 fd09::1 0x5c02 79 || return
	done
}

ipv6_policy() {	# NS add|delete
	local out=fd09::1 in=fd09::2 tmpl=''
	[ "$1" = gwa ] || { out=fd09::2 in=fd09::1; }
	[ "$2" = delete ] || tmpl="tmpl proto esp mode transport reqid 79"
	# shellcheck disable=SC2086
	ip -n "$1" xfrm policy $2 src $out/128 dst $in/128 proto sctp dir out $tmpl
}

ipv6() {
	gw_kill gwa
	gw_kill gwb
	link_capture || bail "capture of the channel's link"
	ipv6_ends || bail "IPv6 addresses"
	in_ns gwa xctl peer fd09::1 fd09::2 5000 "a key for tests only" manual &&
		in_ns gwb xctl peer fd09::2 fd09::1 5000 "a key for tests only" manual ||
		bail "a channel by IPv6"
	never_up "IPv6 without protection" "it would leave in clear, no SA takes it"
	ipv6_sas gcm && ipv6_policy gwa add && ipv6_policy gwb add || bail "SAs by IPv6"
	check "IPv6 with ESP: the session is up" wait_for 60 channel_up gwa
	check "B is hot" wait_for 60 hot
	ipv6_policy gwb delete
	check "policy deleted: the sync stops" wait_for 10 down gwb
	ipv6_policy gwb add
	check "and back: hot" wait_for 60 hot
	silent_link "IPv6"
}

# ---- the test of the test ----

search() {
	link_capture || bail "capture of the channel's link"
	addresses $A $B
	reconfigure '/security-device/d; s/security = .*/security = none/' || bail "xhad starts"
	check "security none: hot" wait_for 60 hot
	link_judge
	check "and the same search finds SCTP and every SA's key" eval \
		'[ "$(jget leak .sctp)" -gt 20 ] && [ "$(jget leak .keys)" -ge 10 ]'
}

# A machine that stalls shows here: what came, and was not fetched in time.
overflows() { in_ns "$1" awk '/^Udp: [0-9]/ {print $6}' /proc/net/snmp; }

ktap_plan
topo_up
module_load || bail "the module loads"
modprobe -q esp4_offload || :
gw_conf gwa
gw_conf gwb
sed -i 's/security = none/security = manual/' "$XT/gwa/xhad.conf" "$XT/gwb/xhad.conf"
gw_start gwa || bail "xhad starts on A"
wait_for 30 is_active gwa || bail "A becomes active"
gw_start gwb || bail "xhad starts on B"
wait_for 30 state_is gwb negotiation || bail "B is standby"
tunnel_by_hand || bail "the tunnel's SAs"
udp_start || bail "traffic goes through the tunnel"

for part in ${XHA_PARTS:-sas endpoints inbound two_paths devices ipv6 search}; do
	$part
done
traffic_stop
log "of $(udp_sent) packets the ends themselves lost $(overflows host) and $(overflows peer)"
same "traffic was not lost" "$(udp_lost)" 0
n=$(dmesg | grep -c 'packets dropped: channel not protected')
log "$n bursts logged"
[ -n "${XHA_PARTS:-}" ] ||
	check "logged once per burst" eval '[ "$n" -ge 2 ] && [ "$n" -lt 90 ]'
ktap_end
