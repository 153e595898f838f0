# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Part of lib.sh in the first guest of a pair (selftests/vm/pair): gateway B is
# in the other guest, on a kernel of its own. What reaches for its namespace
# or starts something there goes by the agent; scratch is shared by both.

XT=$(mktemp -d "$XHA_PAIR/XXXXXX")
XR=/run/xha-test	# sockets: a shared file system carries none
AGENT=$LIB/agent

afar() { [ "$1" = gwb ]; }

at() {
	local ns=$1
	shift
	if afar "$ns"; then
		"$AGENT" call "$@"
	else
		"$@"
	fi
}

ip() {
	local stdin=
	if [ "$1" != -n ] || ! afar "$2"; then
		command ip "$@"
		return
	fi
	case " $* " in
	*" -batch - "*) stdin=1 ;;
	esac
	AGENT_STDIN=$stdin at "$2" ip "$@"
}

in_ns() {
	local ns=$1
	shift
	at "$ns" nsenter --net=/run/netns/"$ns" "$@"
}

start_afar() {	# LOG NS COMMAND...; prints the process
	# shellcheck disable=SC2016	# expands there
	at "$2" bash -c 'log=$1 ns=$2
		shift 2
		nsenter --net=/run/netns/"$ns" "$@" </dev/null \
			>>"$log" 2>&1 & echo $!' - "$@"
}

# The cable whose last octet is $2, as the guest of NS calls it. Names and
# addresses change in its life, the permanent address does not.
nic() {	# NS OCTET
	# shellcheck disable=SC2016	# expands there
	at "$1" bash -c 'command ip -j link | jq -r --arg o "$1" \
		".[] | select((.permaddr // .address) | endswith(\$o)) | .ifname"' \
		- ":0$2"
}

plug_afar() {	# NS DEV LAN MAC [ADDR/LEN]
	local octet
	case $2 in
	out)	octet=1 ;;
	in)	octet=2 ;;
	sync)	octet=3 ;;
	esac
	command ip link set "$(nic gwa $octet)" name "$1" netns "$3"
	command ip -n "$3" link set "$1" master br0 up
	at "$1" ip link set "$(nic "$1" $octet)" name "$2" netns "$1"
	ip -n "$1" link set "$2" address "$4"
	[ -z "${5:-}" ] || ip -n "$1" addr add "$5" brd + dev "$2"
	ip -n "$1" link set "$2" up
}
