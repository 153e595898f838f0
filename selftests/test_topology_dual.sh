#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# held: takes half an hour; TESTS=topology_dual runs it
# timeout: 4000
# kernels: 6.1 6.12
#
# Two LANs, inside and outside. Either link, or both, of the active and of the
# standby is cut in every way, with the address order the same on both LANs and
# not: one node has both VIPs, and traffic flows if one node has both links.
# With the channel gone as well, one LAN still heard means no takeover. Without
# witnesses the standby tells the active that it is not heard.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/topology.sh
. "$LIB/topology.sh"

order_told() { grep -c "address order differs" "$XT/xhad-$1.log"; }

# ---- with witnesses ----

order_same() {
	pair_anew "dual same"
	same "dual same: nobody says that the address order differs" \
		"$(order_told gwa) $(order_told gwb)" "0 0"
	topo_cases "dual same" < <(
		all_cuts outside inside "outside inside"
		echo "between|outside|nodes|"
		echo "between|inside|nodes|"
		echo "between|outside inside|nodes|"
		echo "both ways at|outside|active|crossed stays noflow")
}

channel_too() {	# with the pair of order_same
	topo_cases "dual same" <<-CASES
	both ways at|outside|active|channel stays noflow
	to|outside|active|channel stays noflow
	from|outside|active|channel stays noflow
	from|inside|active|channel stays noflow
	no carrier at|outside|active|channel
	both ways at|outside|standby|channel
	to|inside|standby|channel
	from|outside|standby|channel
	between|outside|nodes|channel
	CASES
}

# shellcheck disable=SC2034 # OUT_ADDR is lib.sh's
order_split() {
	# A is the higher one outside, and the lower one inside
	OUT_ADDR=([gwa]=192.0.2.3 [gwb]=192.0.2.2)
	pair_anew "dual split"
	same "dual split: both say that the address order differs" \
		"$(order_told gwa) $(order_told gwb)" "1 1"
	topo_cases "dual split" < <(all_cuts outside inside "outside inside")
	OUT_ADDR=([gwa]=192.0.2.2 [gwb]=192.0.2.3)
}

# ---- without ----

# A, which has the higher priority and preempts, is not heard outside by B.
unheard() {	# KIND
	local name="dual, no witness: outside $1 A" was
	log "$name"
	cut_one "$1" gwa outside || bail "$name: cutting"
	check "$name: B has both VIPs" wait_for 20 owns gwb
	same "$name: A has handed over" "$(gw_get gwb '.groups[0].cause')" handover
	check "$name: and says why" grep -q \
		"hands over the role: unheard by the peer on out" "$XT/xhad-gwa.log"
	was=$(role_of gwb)
	hellos_pass gwb $((2 * BEYOND)) || log "B sends no hellos"
	check "$name: B has them while A is not heard" owns gwb
	same "$name: and kept the role all the time" "$(role_of gwb)" "$was"
	same "$name: A knows" "$(standby_get gwa '.groups[0].hearing.muted')" \
		"unheard by the peer on out"
	check "$name: traffic flows" flows
	heal_one "$1" gwa outside || bail "$name: healing"
	check "$name: heard again, A takes the role back" wait_for 90 paired gwa
	check "$name: traffic flows through A" flows
}

# shellcheck disable=SC2034 # topology.sh
no_witness() {
	WITNESS=()
	PREEMPT=true
	PRIORITY_gwa=105
	pair_anew "dual, no witness"
	unheard "from"
	: >"$XT/xhad-gwa.log"
	unheard "both ways at"
}

ktap_plan
topo_up
module_load || bail "the module loads"
for part in ${XHA_PARTS:-order_same channel_too order_split no_witness}; do
	$part
done
[ -n "${XHA_PARTS:-}" ] || all_ran 61
ktap_end
