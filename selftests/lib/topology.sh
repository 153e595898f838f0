# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# For the tests of the topologies: links are cut in every way, one after the
# other, and each time one node must have all VIPs. Sourced after lib.sh. The
# test says which LANs there are, in SIDES and the tables below, and calls
# topo_cases with a table of cases.
#
# A case is a line "KIND|POINT|WHERE|FLAGS": POINT names sides, WHERE is
# active, standby or nodes (both of them), FLAGS are words:
#	channel	the channel is cut, too
#	stays	the role does not move away from the active that is cut off
#	crossed	the other node's inside link is cut, too
#	noflow	no traffic is expected, as who is active cannot carry any
#	gone	nobody can tell the active that it is cut off: the other one takes
#		over, and whether the former is active there is all the same
# XHA_CASES=REGEX runs only cases whose name matches.

# shellcheck source=selftests/lib/manual.sh
. "$LIB/manual.sh"

SIDES="outside inside"
declare -A DEV=([outside]=out [inside]=in)
declare -A LAN=([outside]=outlan [inside]=inlan)
declare -A VIP=([outside]=$VIP_OUT [inside]=$VIP_IN)
declare -A NUMBER=([outside]=1 [inside]=2)
declare -A WITNESS=([outside]=$PEER [inside]=$HOST_IN)
PREEMPT=false
LOCAL_NET=10.1.0.0/24	# what the tunnel carries, and who is pinged in it
REMOTE_NET=10.2.0.0/24
NEAR=$HOST_IN
FAR=$HOST_OUT
BEYOND=8	# hellos within which all follows that may: two hold times
STEADY=5	# hellos that are longer than a hold time
# There are many cases: what other tests take on a slow machine is too long.
machine_factor
[ -n "$HELLO_MS" ] || HELLO_MS=$((XHA_FACTOR > 1 ? 700 : 250))
RAN=0
ALL="both VIPs"

# ---- configuration ----

topo_election() {	# NS SIDE
	local prio="PRIORITY_$1"
	cat <<-CONF
		standby $2 {
			interface = ${DEV[$2]}
			number = ${NUMBER[$2]}
			ip = {${VIP[$2]}/24}
			priority = ${!prio:-100}
			preempt = $PREEMPT
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
			${WITNESS[$2]:+witness = {\"${WITNESS[$2]}\"\}}
		}
	CONF
}

topo_conf() {	# NS
	local side
	channel_conf "$1"
	{
		cat <<-CONF
		group ha {
			id = 1
			replay-interval-inbound = $INTERVAL_IN
			replay-interval-outbound = $INTERVAL_OUT
			helper-grace = 60
		CONF
		for side in $SIDES; do
			topo_election "$1" "$side"
		done
		echo "}"
	} >>"$XT/$1/xhad.conf"
}

# The tunnel, by manual keys at NS and at the peer; the other node learns it.
topo_tunnel() {	# NS
	ip -n peer xfrm state flush && ip -n peer xfrm policy flush &&
		manual_tunnel "$1" "$LOCAL_NET" "$REMOTE_NET"
}

# ---- what the nodes say ----

sent() { standby_get "$1" '[.groups[].standby[].sent] | min'; }
sent_to() { [ "$(sent "$1")" -ge "$2" ]; }
heard_to() { [ "$(heard "$1")" -ge "$2" ]; }

hellos_pass() {	# NS N
	local n
	n=$(sent "$1")
	wait_for 60 sent_to "$1" $((n + $2))
}

vips_of() {	# NS: the sides whose VIP is there
	local side has=
	for side in $SIDES; do
		! ip -n "$1" -o addr show dev "${DEV[$side]}" |
			grep -qF "inet ${VIP[$side]}/" || has+=" $side"
	done
	echo "${has# }"
}

active_now() { if [ -n "$(vips_of gwa)" ]; then echo gwa; else echo gwb; fi; }

holds() { [ "$(vips_of "$1")" = "$SIDES" ] && state_is "$1" active; }

# NS is active and has all VIPs, the other node has none.
owns() {	# NS
	holds "$1" && [ -z "$(vips_of "$(gw_other "$1")")" ] &&
		! state_is "$(gw_other "$1")" active
}

# NS is active on every LAN, and hears on each that the other is its standby.
paired() {	# NS
	[ "$(gw_get "$1" '.groups[0] | "\(.state), peer \(.peer_state)"')" = \
	  "active, peer standby hot" ] && owns "$1" &&
		[ "$(standby_get "$1" '[.groups[0].standby[] |
			"\(.state) \(.standby != null)"] | unique | join(" ")')" = \
		  "active true" ] && states_are "$(gw_other "$1")" standby
}

either_paired() { paired "$(active_now)"; }

# NS knows that its witnesses are silent while the other's answer, and does not
# take part.
is_deaf() {	# NS
	[ "$(standby_get "$1" '.groups[0] | "\(.hearing.fault) \([.standby[].state] | unique | join(" "))"')" = \
	  "deaf initial" ]
}

situation() {
	local ns
	for ns in gwa gwb; do
		echo "$ns: $(gw_state $ns), VIPs: $(vips_of $ns); $(standby_get $ns \
			'[.groups[0].standby[] | "\(.name) \(.state)"] | join(", ")'), cause: $(standby_get $ns '.groups[0].cause')"
	done
}

# ---- cuts ----

cut_one() {	# KIND NS SIDE
	case $1 in
	"both ways at")
		deaf_from "$2" "${DEV[$3]}" && deaf_to "$2" "${LAN[$3]}" ;;
	"no carrier at")	link_down "$2" "${LAN[$3]}" ;;
	"to")			deaf_to "$2" "${LAN[$3]}" ;;
	"from")			deaf_from "$2" "${DEV[$3]}" ;;
	"between")		bridge -n "${LAN[$3]}" link set dev "$2" isolated on ;;
	*)			die "no such cut: $1" ;;
	esac
}

heal_one() {	# KIND NS SIDE
	case $1 in
	"both ways at")
		heal_from "$2" "${DEV[$3]}" && heal_to "$2" "${LAN[$3]}" ;;
	"no carrier at")	link_up "$2" "${LAN[$3]}" ;;
	"to")			heal_to "$2" "${LAN[$3]}" ;;
	"from")			heal_from "$2" "${DEV[$3]}" ;;
	"between")		bridge -n "${LAN[$3]}" link set dev "$2" isolated off ;;
	esac
}

each_end() {	# cut_one|heal_one KIND POINT NODES
	local ns side
	for ns in $4; do
		for side in $SIDES; do
			[[ " $3 " != *" $side "* ]] || "$1" "$2" "$ns" "$side" || return
		done
	done
}

channel_cut() { link_down gwa synclan && link_down gwb synclan; }
channel_heal() { link_up gwa synclan && link_up gwb synclan; }
channel_lost() { ! channel_up gwa && ! channel_up gwb; }

# ---- traffic ----

pinged() {	# NS FROM TO
	in_ns "$1" ping -q -i 0.05 -c 10 -W 10 -I "$2" "$3" >"$XT/ping.log" 2>&1 &&
		grep -q ' 0% packet loss' "$XT/ping.log"
}

# From the host to what is behind the peer, and back. Right after a takeover a
# neighbour may not be known yet: then ten more must get through.
flows() {
	pinged host "$NEAR" "$FAR" || pinged host "$NEAR" "$FAR" || return
	pinged peer "$FAR" "$NEAR" || pinged peer "$FAR" "$NEAR"
}

# ---- the pair ----

# A pair as after a boot of both at once, with a tunnel and A active.
pair_anew() {	# NAME
	local ns
	gw_kill gwa && gw_kill gwb && gateways_anew || bail "$1: new gateways"
	for ns in gwa gwb; do
		: >"$XT/xhad-$ns.log"
		topo_conf $ns
	done
	gw_start gwa && gw_start gwb || bail "$1: xhad starts on both"
	check "$1: both boot at once, one node has $ALL" \
		wait_for 60 either_paired
	topo_tunnel "$(active_now)" || bail "$1: a tunnel"
	for ns in gwa gwb; do
		wait_for 60 knows_sas $ns 2 || bail "$1: both know the tunnel's SAs"
	done
	wait_for 30 either_paired || bail "$1: the pair is complete: $(situation)"
	[ "$(active_now)" = gwa ] || xha_on gwb switchover ha >/dev/null ||
		bail "$1: switchover to A"
	wait_for 60 paired gwa || bail "$1: A is active: $(situation)"
	check "$1: traffic flows" flows
}

# ---- the cases ----

topo_case() {	# NAME KIND POINT WHERE FLAGS
	local active nodes owner was
	active=$(active_now)
	paired $active || bail "$1: the pair is complete before it: $(situation)"
	owner=$active
	case $4 in
	active)
		nodes=$active
		[[ $5 == *stays* ]] || owner=$(gw_other $active) ;;
	standby)	nodes=$(gw_other $active) ;;
	nodes)		nodes="gwa gwb" ;;
	esac
	log "$1; $active is active"
	if [[ $5 == *channel* ]]; then
		channel_cut && wait_for 30 channel_lost || bail "$1: cutting the channel"
	fi
	was="$(role_of $active);$(sent $active)"
	each_end cut_one "$2" "$3" "$nodes" || bail "$1: cutting"
	[[ $5 != *crossed* ]] ||
		each_end cut_one "$2" inside "$(gw_other "$nodes")"
	if [ $active = "$owner" ]; then
		stays_with "$1" $active "$5" "$was"
	else
		moves_to "$1" "$owner" "$5"
	fi
	case $2,$4,$5 in
	*carrier*|*,nodes,*|*channel*|*crossed*) ;;
	*) check "$1: the node knows, and takes no part" \
		wait_for 30 is_deaf "$nodes" ;;
	esac
	each_end heal_one "$2" "$3" "$nodes" || bail "$1: healing"
	[[ $5 != *crossed* ]] ||
		each_end heal_one "$2" inside "$(gw_other "$nodes")"
	[[ $5 != *channel* ]] || channel_heal || bail "$1: healing the channel"
	wait_for 90 either_paired ||
		bail "$1: healed, one active, one hot standby: $(situation)"
	ok "$1: healed, one active, one hot standby"
	RAN=$((RAN + 1))
}

stays_with() {	# NAME NS FLAGS ROLE;HELLOS
	wait_for 60 sent_to "$2" $((${4#*;} + BEYOND)) || log "no hellos from $2"
	verdict "$1" owns "$2" "$3" "${4%;*}"
}

moves_to() {	# NAME NS FLAGS
	local right=owns was
	[[ $3 != *gone* ]] || right=holds
	wait_for 20 $right "$2" || log "$(situation)"
	was=$(role_of "$2")
	hellos_pass "$2" $STEADY || log "no hellos from $2"
	verdict "$1" $right "$2" "$3" "$was"
}

verdict() {	# NAME owns|holds NS FLAGS ROLE
	if $2 "$3"; then
		ok "$1: one node has $ALL"
	else
		not_ok "$1: one node has $ALL" "$3 should: $(situation)"
	fi
	same "$1: and keeps the role" "$(role_of "$3")" "$5"
	[[ $4 != *noflow* ]] || return 0
	if flows; then
		ok "$1: traffic flows"
	else
		not_ok "$1: traffic flows" "$(cat "$XT/ping.log"; situation)"
	fi
}

# A table's cases, from stdin; NAME begins the name of each.
topo_cases() {	# NAME
	local lines line kind point where flags name
	mapfile -t lines
	for line in "${lines[@]}"; do
		IFS='|' read -r kind point where flags <<<"$line"
		name="$1: ${point/ / and } $kind the $where"
		[[ $flags != *channel* ]] || name+=" and the channel"
		[[ $flags != *crossed* ]] || name+=" and inside at the other"
		[[ $name =~ ${XHA_CASES:-.} ]] || continue
		topo_case "$name" "$kind" "$point" "$where" "$flags"
	done
}

# Every cut at the active, and then, at the new standby, the next.
all_cuts() {	# POINT...
	local kind point
	for kind in "both ways at" "no carrier at" "to" "from"; do
		for point in "$@"; do
			echo "$kind|$point|active|"
			echo "$kind|$point|standby|"
		done
	done
}

# How many cases have run, of so many in the tables.
all_ran() {	# N
	[ -n "${XHA_CASES:-}" ] || same "cases that ran" "$RAN" "$1"
	log "$RAN cases"
}
