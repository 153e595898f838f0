# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Topology, faults, traffic and waiting for the tests and the demo. For a
# guest (selftests/vm/run), as root. Sourced; topo_up builds:
#
#           outlan (bridge, captured)             inlan (bridge)
#   peer --- .10      192.0.2.0/24        10.1.0.0/24      .10 --- host
#            .2 out  gwa  in .2   VIPs 192.0.2.1 and 10.1.0.1
#            .3 out  gwb  in .3
#   stranger .66      synclan (bridge) 10.9.0.0/24: gwa .1, gwb .2, .66
#
# 10.2.0.0/24 is behind the peer (on a dummy device). The host reaches it by
# the inside VIP, but 10.2.0.91 always by gwa and 10.2.0.92 always by gwb:
# the targets of plaintext probes.
#
# Nothing here sleeps for a condition: wait_for polls, with deadlines scaled
# by how slow the machine is.

TOP=${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
LIB=$TOP/selftests/lib
XT=${XT:-$(mktemp -d /tmp/xha-test.XXXXXX)}	# scratch: configs, logs, captures
XR=$XT	# and sockets
PATH=$TOP/build/tools:$PATH
export PYTHONDONTWRITEBYTECODE=1

VIP_OUT=192.0.2.1
VIP_IN=10.1.0.1
PEER=192.0.2.10
HOST_IN=10.1.0.10
HOST_OUT=10.2.0.10
PROBE_A=10.2.0.91
PROBE_B=10.2.0.92
declare -A OUT_ADDR=([gwa]=192.0.2.2 [gwb]=192.0.2.3)
declare -A IN_ADDR=([gwa]=10.1.0.2 [gwb]=10.1.0.3)
declare -A SYNC_ADDR=([gwa]=10.9.0.1 [gwb]=10.9.0.2)
declare -A OUT_MAC=([gwa]=02:00:00:00:0a:01 [gwb]=02:00:00:00:0b:01
	[peer]=02:00:00:00:0c:01 [stranger]=02:00:00:00:0d:01)
CHANNEL_PORT=5000
ALL_NS="gwa gwb peer host stranger outlan inlan synclan"

# Knobs of the group; a test sets them before gw_start.
HELLO_MS=${HELLO_MS:-}
INTERVAL_IN=${INTERVAL_IN:-1000}
INTERVAL_OUT=${INTERVAL_OUT:-10000}
PROTECT=${PROTECT:-}	# as in the list of the configuration

declare -A PIDS=()	# name -> process that this shell started
declare -A WHERE=()	# name -> namespace it was started in

# shellcheck source=selftests/lib/clock.sh
. "$LIB/clock.sh"
# shellcheck source=selftests/lib/traffic.sh
. "$LIB/traffic.sh"

log() { printf '# %s\n' "$*"; }
die() { printf '# FATAL: %s\n' "$*"; exit 1; }

# ---- processes ----

# at NS COMMAND...: on the machine NS is on (selftests/lib/pair.sh has two)
at() { shift; "$@"; }

in_ns() { local ns=$1; shift; nsenter --net=/run/netns/"$ns" "$@"; }

# start NAME NS COMMAND...: in the background, output to $XT/NAME.log
start() {
	local name=$1 ns=$2
	shift 2
	WHERE[$name]=$ns
	if afar "$ns"; then
		PIDS[$name]=$(start_afar "$XT/$name.log" "$ns" "$@")
		return
	fi
	nsenter --net=/run/netns/"$ns" "$@" </dev/null >>"$XT/$name.log" 2>&1 &
	PIDS[$name]=$!
	disown
}

kill_named() { at "${WHERE[$1]}" kill "-$2" "${PIDS[$1]}" 2>/dev/null; }
running() { [ -n "${PIDS[$1]:-}" ] && kill_named "$1" 0; }
gone() { ! running "$1"; }
signal() { running "$1" && kill_named "$1" "$2"; }

# stop NAME [SIGNAL]: and wait for its end; KILL when it does not come.
stop() {
	[ -n "${PIDS[$1]:-}" ] || return 0
	signal "$1" "${2:-TERM}"
	wait_for 5 gone "$1" || signal "$1" KILL
	wait_for 5 gone "$1"
	unset "PIDS[$1]"
}

topo_down() {
	local name ns
	set +e
	[ "${ktap_failed:-0}" -eq 0 ] ||
		tail -n 25 "$XT"/xhad-*.log 2>/dev/null | sed 's/^/# /'
	for name in "${!PIDS[@]}"; do
		signal "$name" KILL
	done
	for name in "${!PIDS[@]}"; do
		wait_for 5 gone "$name"
	done
	PIDS=()
	for ns in $ALL_NS; do
		! at "$ns" test -e /run/netns/"$ns" || at "$ns" ip netns del "$ns"
	done
	[ -z "${BACKLOG:-}" ] || sysctl -qw net.core.netdev_max_backlog="$BACKLOG"
	[ -n "${XT_KEEP:-}" ] || rm -rf "$XT"
}

# ---- topology ----

# Is NS on another machine than this shell.
afar() { false; }

need_modules() {
	local m
	for m in bridge veth macvlan dummy sctp esp4 xfrm_user af_packet sch_netem \
		authenc gcm cbc ctr seqiv echainiv; do
		modprobe -q $m || :	# built in, or its user will say so
	done
}

module_loaded() { grep -q '^xfrm_ha ' /proc/modules; }
module_load() {
	local dep
	module_loaded && return
	for dep in $(modinfo -F depends "$XHA_MODULE" | tr ',' ' '); do
		modprobe "$dep" || return
	done
	insmod "$XHA_MODULE"
}

module_unload() { rmmod xfrm_ha; }

module_load_at() {	# NS
	afar "$1" || { module_load; return; }
	at "$1" env XT=/tmp bash -c ". '$TOP/selftests/lib.sh'; need_modules; module_load"
}

ns_sysctl() { in_ns "$1" sysctl -qw "${@:2}"; }

ns_new() {
	at "$1" ip netns add "$1"
	ns_sysctl "$1" net.ipv6.conf.all.disable_ipv6=1 \
		net.ipv6.conf.default.disable_ipv6=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.default.send_redirects=0 \
		net.ipv4.conf.all.accept_redirects=0 \
		net.ipv4.conf.default.accept_redirects=0
	ip -n "$1" link set lo up
}

# IPv6, which the topology has not by itself
ns_v6() {	# NS FORWARDING
	ns_sysctl "$1" net.ipv6.conf.all.disable_ipv6=0 \
		net.ipv6.conf.all.forwarding="$2"
}
ns_addr6() { ip -n "$1" addr add "$3" dev "$2" nodad; }	# NS DEV ADDR/LEN

lan_new() {
	ns_new "$1"
	ip -n "$1" link add br0 type bridge stp_state 0 forward_delay 0 \
		mcast_snooping 0
	ip -n "$1" link set br0 up
}

# plug NS DEV LAN MAC [ADDR/LEN]: the port on the LAN is called like NS
plug() {
	! afar "$1" || { plug_afar "$@"; return; }
	ip -n "$3" link add "$1" type veth peer name "$2" netns "$1" address "$4"
	ip -n "$3" link set "$1" master br0 up
	[ -z "${5:-}" ] || ip -n "$1" addr add "$5" brd + dev "$2"
	ip -n "$1" link set "$2" up
}

gw_plug() {	# NS xx
	ns_new "$1"
	ns_sysctl "$1" net.ipv4.ip_forward=1
	plug "$1" out outlan "${OUT_MAC[$1]}" "${OUT_ADDR[$1]}/24"
	plug "$1" in inlan "02:00:00:00:$2:02" "${IN_ADDR[$1]}/24"
	plug "$1" sync synclan "02:00:00:00:$2:03" "${SYNC_ADDR[$1]}/24"
	gw_routes "$1"
}

# A route goes with its interface's carrier only where the kernel is told so;
# it does go when an interface is set down.
gw_routes() { ip -n "$1" route replace 10.2.0.0/24 via $PEER dev out; }

# What each topology begins with, and how it ends.
topo_begin() {	# LAN...
	local lan
	"$LIB/build.sh" || die "test tools do not build"
	machine_factor
	# A role that moves because the guest was not scheduled proves nothing.
	[ -n "$HELLO_MS" ] || HELLO_MS=$((XHA_FACTOR > 1 ? 1000 : 250))
	need_modules
	trap topo_down EXIT
	trap 'exit 130' INT TERM
	# All links are queues of the same few CPUs, and lose nothing by themselves.
	BACKLOG=${BACKLOG:-$(sysctl -n net.core.netdev_max_backlog)}
	sysctl -qw net.core.netdev_max_backlog=65536
	for lan in "$@"; do
		lan_new "$lan"
	done
}

topo_up() {
	local i
	topo_begin outlan inlan synclan
	gw_plug gwa 0a
	gw_plug gwb 0b

	ns_new peer
	plug peer out outlan "${OUT_MAC[peer]}" $PEER/24
	ip -n peer link add prot type dummy
	for i in $HOST_OUT $PROBE_A $PROBE_B; do
		ip -n peer addr add "$i/32" dev prot
	done
	ip -n peer link set prot up
	ip -n peer route add 10.1.0.0/24 via $VIP_OUT src $HOST_OUT \
		mtu 1400 advmss 1360

	ns_new host
	plug host in inlan 02:00:00:00:0e:02 $HOST_IN/24
	ip -n host route add 10.2.0.0/24 via $VIP_IN mtu 1400 advmss 1360
	ip -n host route add $PROBE_A via "${IN_ADDR[gwa]}" mtu 1400
	ip -n host route add $PROBE_B via "${IN_ADDR[gwb]}" mtu 1400

	ns_new stranger
	plug stranger out outlan "${OUT_MAC[stranger]}" 192.0.2.66/24
	plug stranger sync synclan 02:00:00:00:0d:03 10.9.0.66/24
	CLOCK_OFFSET=$(flow clock)	# monotonic + this = real time, ns
}

# ---- gateways and their channel only, steered by xctl ----

nodes_up() {
	topo_begin
	ns_new gwa
	ns_new gwb
	ip -n gwa link add sync type veth peer name sync netns gwb
	for ns in gwa gwb; do
		ip -n $ns addr add "${SYNC_ADDR[$ns]}/24" dev sync
		ip -n $ns link set sync up
	done
}

# By way of a LAN, for stepcut_arm
nodes_on_lan() {
	local ns
	topo_begin synclan
	for ns in gwa gwb; do
		ns_new $ns
		plug $ns sync synclan "02:00:00:00:${ns/gw/0}:03" "${SYNC_ADDR[$ns]}/24"
	done
}

node_peer() {	# NS [patient]
	local o
	o=$(gw_other "$1")
	in_ns "$1" xctl peer "${SYNC_ADDR[$1]}" "${SYNC_ADDR[$o]}" $CHANNEL_PORT \
		for-tests-only-and-worth-nothing "${@:2}"
}
node_conf() {	# NS
	node_peer "$1" && in_ns "$1" xctl group 1 1000 10000 $VIP_OUT
}

# Both configured, A active, B standby
nodes_begin() {
	nodes_up
	nodes_roles
}
nodes_roles() {
	module_load || bail "the module loads"
	node_conf gwa && node_conf gwb || bail "both nodes are configured"
	in_ns gwa xctl role 1 active && in_ns gwb xctl role 1 standby ||
		bail "A is active, B standby"
}

# A by itself with its helper, and active
alone_up() {
	module_load || bail "the module loads"
	gw_start gwa || bail "xhad starts on A"
	wait_for 20 is_active gwa || bail "A becomes active"
}

# SAs of a node that are refused, and why
sa_refused() {	# NS
	xha_on "$1" -j show crypto ipsec sa |
		jq -r '[.sas[] | select((.reason // "") != "") | "\(.spi) \(.reason)"] | join(", ")'
}

# The role goes from one to the other, without a hand-over.
nodes_move() {	# FROM TO
	in_ns "$1" xctl role 1 standby && in_ns "$2" xctl role 1 active &&
		wait_for 30 state_is "$2" active
}

# What the kernel says of all SAs of a node, octet by octet, and whether two dumps
# say the same (saattr.py).
sa_dump() { in_ns "$1" "$LIB/saattr.py" dump >"$XT/$2.json"; }	# NS NAME
sa_equal() {	# NAME NAME
	"$LIB/saattr.py" compare "$XT/$1.json" "$XT/$2.json" >"$XT/compare.log"
	local same=$?
	sed 's/^/# /' "$XT/compare.log"
	return $same
}

# By xctl, where nobody has VIPs and nothing waits for them for long; who takes
# over needs somebody that listens: xctl listen.
nodes_give() {	# FROM TO
	in_ns "$1" xctl handover 1 && in_ns "$2" xctl active 1 20 || return
	in_ns "$2" xctl vipup 1 2>/dev/null
	:
}
nodes_hand_over() {	# FROM TO
	nodes_give "$1" "$2" && wait_for 20 state_is "$1" "standby hot"
}

# VIPs without xhad, for trying things.
vip_by_hand() {	# NS add|del
	ip -n "$1" addr "$2" $VIP_OUT/24 dev out
	ip -n "$1" addr "$2" $VIP_IN/24 dev in
	[ "$2" = del ] || {
		in_ns "$1" arping -q -U -c 1 -I out $VIP_OUT
		in_ns "$1" arping -q -U -c 1 -I in $VIP_IN
	}
}

# Who has some of the VIPs only, has them not, and is not without.
VIPS=2	# of the topology
vips_on() {	# NS: how many are where they belong
	local addrs
	addrs=$(ip -n "$1" -o addr show) &&
		grep -cE ": (out +inet $VIP_OUT|in +inet $VIP_IN)/" <<<"$addrs"
}
has_vip() { [ "$(vips_on "$1")" = "$VIPS" ]; }
has_no_vip() { [ "$(vips_on "$1")" = 0 ]; }

# ---- faults ----

# Cutting the bridge's side takes the carrier away: a pulled cable. All at
# once; prints the real time before and after.
links_down() { links down "synclan:$1" "outlan:$1" "inlan:$1"; }
links_up() { links up "synclan:$1" "outlan:$1" "inlan:$1"; }
link_down() { ip -n "$2" link set "$1" down; }	# NS LAN
link_up() { ip -n "$2" link set "$1" up; }

# What NS sends on DEV is lost / what is sent to NS on LAN is lost.
deaf_from() { tc -n "$1" qdisc replace dev "$2" root netem loss 100%; }
deaf_to() { tc -n "$2" qdisc replace dev "$1" root netem loss 100%; }
heal_from() { tc -n "$1" qdisc del dev "$2" root; }
heal_to() { tc -n "$2" qdisc del dev "$1" root; }
netem_to() { local ns=$1 lan=$2; shift 2; tc -n "$lan" qdisc replace dev "$ns" root netem "$@"; }

# The channel goes through stepcut from now on, which waits for a message.
stepcut_arm() {	# FROM TYPE AFTER lose|pass|run ARGUMENT...
	local ns
	: >"$XT/stepcut.log"
	for ns in gwa gwb; do
		in_ns $ns ethtool -K sync tx off gso off >/dev/null &&
			ip -n synclan link set $ns nomaster || return
	done
	start stepcut synclan stepcut "$1" "$(gw_other "$1")" "${@:2}"
	wait_for 10 grep -q ready "$XT/stepcut.log"
}
stepcut_off() {
	local ns
	stop stepcut KILL
	for ns in gwa gwb; do
		ip -n synclan link set $ns master br0 || return
	done
}
was_cut() { grep -q '^links down' "$XT/stepcut.log"; }

# ---- strongSwan ----

charon_conf() {	# NS
	mkdir -p "$XT/$1" "$XR/$1"
	cat >"$XT/$1/strongswan.conf" <<-CONF
	charon-systemd {
		load = random nonce aes sha1 sha2 hmac kdf curve25519 gcm kernel-netlink socket-default vici
		install_routes = no
		install_virtual_ip = no
		process_route = no
		threads = 8
		plugins {
			vici {
				socket = unix://$XR/$1/vici
			}
			kernel-netlink {
				roam_events = no
			}
		}
		journal {
			default = -1
		}
		filelog {
			log {
				path = $XT/$1/charon.log
				time_format = %s
				flush_line = yes
				default = 1
			}
		}
	}
	CONF
}

swanctl_conf() {	# NS local remote local_ts remote_ts local_id remote_id
	cat >"$XT/$1/swanctl.conf" <<-CONF
	connections {
		net {
			version = 2
			mobike = no
			rekey_time = 0
			dpd_delay = 0
			local_addrs = $2
			remote_addrs = $3
			proposals = aes128-sha256-curve25519
			local {
				auth = psk
				id = $6
			}
			remote {
				auth = psk
				id = $7
			}
			children {
				net {
					local_ts = $4
					remote_ts = $5
					esp_proposals = ${ESP_PROPOSAL:-aes128gcm16}
					replay_window = ${REPLAY_WINDOW:-64}
					rekey_time = 0
					reqid = 1
					start_action = none
				}
			}
		}
	}
	secrets {
		ike-1 {
			secret = "only for the test, and worth nothing"
		}
	}
	CONF
}

swan() {	# NS swanctl arguments
	local ns=$1 verb=$2
	shift 2
	in_ns "$ns" swanctl "$verb" --uri "unix://$XR/$ns/vici" "$@"
}

charon_start() {	# NS
	charon_conf "$1"
	if [ "$1" = peer ]; then
		swanctl_conf peer $PEER $VIP_OUT 10.2.0.0/24 10.1.0.0/24 peer gw
	else
		swanctl_conf "$1" $VIP_OUT $PEER 10.1.0.0/24 10.2.0.0/24 gw peer
	fi
	start "charon-$1" "$1" env STRONGSWAN_CONF="$XT/$1/strongswan.conf" \
		charon-systemd
	wait_for 20 test -S "$XR/$1/vici" || return
	swan "$1" --load-all --file "$XT/$1/swanctl.conf" >"$XT/$1/load.log" 2>&1 || {
		cat "$XT/$1/load.log"
		return 1
	}
}

# A tunnel from the peer through the VIP; the responder is whoever has it.
tunnel_up() { swan peer --initiate --child net >"$XT/peer/initiate.log" 2>&1; }

# The peer's SAs as its daemon sees them: unique ids and SPIs, sorted.
peer_sas() {
	swan peer --list-sas --raw | grep -oE '(initiator-spi|responder-spi|spi-in|spi-out|uniqueid)=[0-9a-f]+' | sort
}

# ---- xhad ----

gw_other() { if [ "$1" = gwa ]; then echo gwb; else echo gwa; fi; }

channel_conf() {	# NS: begins the configuration
	local o
	o=$(gw_other "$1")
	mkdir -p "$XT/$1" "$XR/$1"
	if [ ! -e "$XT/$1/channel.key" ]; then
		printf 'a key for tests only, 32 octets..' >"$XT/$1/channel.key"
		chmod 600 "$XT/$1/channel.key"
	fi
	cat >"$XT/$1/xhad.conf" <<-CONF
	channel {
		local-ip = {${SYNC_ADDR[$1]}}
		remote-ip = {${SYNC_ADDR[$o]}}
		local-port = $CHANNEL_PORT
		remote-port = $CHANNEL_PORT
		key-file = "$XT/$1/channel.key"
		security = none
	}
	CONF
}

# It may be held up for half a minute; what is lost costs 3 s.
channel_patient() {	# NS, which has a configuration
	sed -i 's/security = none/&\n\tretransmit-timeout = {3000, 3000}\n\tpath-retransmit = 10\n\tassoc-retransmit = 10/' \
		"$XT/$1/xhad.conf"
}

gw_conf() {	# NS; PRIORITY_gwa etc. may be set
	local prio="PRIORITY_$1"
	channel_conf "$1"
	cat >>"$XT/$1/xhad.conf" <<-CONF
	group ha {
		id = 1
		replay-interval-inbound = $INTERVAL_IN
		replay-interval-outbound = $INTERVAL_OUT
		helper-grace = 60
		${PROTECT:+protect = {$PROTECT\}}
		standby outside {
			interface = out
			number = 1
			ip = {$VIP_OUT/24}
			priority = ${!prio:-100}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
		standby inside {
			interface = in
			number = 2
			ip = {$VIP_IN/24}
			priority = ${!prio:-100}
			timers-msec = {$HELLO_MS, $((HELLO_MS * 3))}
		}
	}
	CONF
}

# Output is kept over restarts: $XT/xhad-NS.log
gw_start() {	# NS
	local socket=$XR/$1/xhad.sock
	[ -e "$XT/$1/xhad.conf" ] || gw_conf "$1"
	at "$1" mkdir -p "$XR/$1"
	at "$1" rm -f "$socket"
	start "xhad-$1" "$1" xhad -c "$XT/$1/xhad.conf" --socket "$socket"
	wait_for 10 at "$1" test -S "$socket"
}
gw_stop() { stop "xhad-$1" TERM; }
gw_kill() { stop "xhad-$1" KILL; }

xha_on() { local ns=$1; shift; in_ns "$ns" xha --socket "$XR/$ns/xhad.sock" "$@"; }

# replay_at NS BEFORE: everything the peer sent to the VIP before that time is
# sent again to this gateway; the result is in $XT/replay.json
replay_at() {
	in_ns stranger "$LIB/replay.py" "$XT/cap-outlan-peer.pcap" --dev out \
		--dst-mac "${OUT_MAC[$1]}" --src-mac "${OUT_MAC[stranger]}" \
		--vip $VIP_OUT --before "$2" >"$XT/replay.json"
}

if [ "${XHA_PAIR_END:-}" = a ]; then
	# shellcheck source=selftests/lib/pair.sh
	. "$LIB/pair.sh"
fi
