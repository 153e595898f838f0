#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 900
# kernels: 6.1 6.12
# held: minutes of role changes with their waiting times
#
# keepalived is the other VRRP router on the outside LAN, where gateway B would
# be: version 2 with a password, version 3 over IPv4 and over IPv6. In each,
# either side becomes master, resigns and falls silent, and the other follows.
# What we send decodes in tshark without a complaint. CASES="v2 v3 v3-ip6" says
# which.
#
# The inside has a virtual router that nobody else takes part in: losing that
# link is what makes us resign outside, where the link still carries it.
set -u
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/lib.sh"

VRID=51
CASES=${CASES:-v2 v3 v3-ip6}

xhad_conf() {	# VERSION INTERVAL PRIORITY EXTRA
	channel_conf gwa
	cat >>"$XT/gwa/xhad.conf" <<-CONF
	group ha {
		id = 1
		vrrp outside {
			interface = out
			vrid = $VRID
			version = $1
			advertise-interval = $2
			ip = {"$VIP"}
			priority = $3
			$4
		}
		vrrp inside {
			interface = in
			vrid = 7
			ip = {$VIP_IN/24}
			advertise-interval = $2
		}
	}
	CONF
}

keepalived_conf() {	# VERSION INTERVAL-IN-SECONDS EXTRA
	cat >"$XT/keepalived.conf" <<-CONF
	global_defs {
		vrrp_version $1
	}
	vrrp_instance outside {
		interface out
		state BACKUP
		virtual_router_id $VRID
		priority 100
		advert_int $2
		$3
		virtual_ipaddress {
			$VIP
		}
	}
	CONF
}

ka_start() {
	rm -f "$XT/keepalived.log"
	start keepalived gwb keepalived --dont-fork --log-console --log-detail \
		--vrrp --use-file="$XT/keepalived.conf" \
		--pid="$XR/ka.pid" --vrrp_pid="$XR/ka-vrrp.pid"
}

# It ends in order: priority 0, addresses removed.
ka_stop() { stop keepalived TERM; }

# Gone without a word. The parent must not live to see its child's end.
ka_kill() {
	local child
	child=$(cat "$XR/ka-vrrp.pid")
	signal keepalived STOP
	kill -KILL "$child"
	stop keepalived KILL
	rm -f "$XR/ka.pid" "$XR/ka-vrrp.pid"
	ip -n gwb addr del "$VIP" dev out
}

ka_is() {
	[ "$(sed -n 's/.*(outside) Entering \([A-Z]*\) STATE.*/\1/p' \
		"$XT/keepalived.log" | tail -n 1)" = "$1" ]
}

vrrp_get() { xha_on gwa -j show vrrp | jq -r ".groups[0].vrrp[0]$1"; }
we_are() { [ "$(vrrp_get .state)" = "$1" ]; }
owns() { ip -n "$1" -o addr show dev out | grep -qF " ${VIP%/*}/"; }
lacks() { ! owns "$1"; }
follows_it() { [ "$(vrrp_get .master.address)" = "$KA_ADDR" ]; }
master_with_vip() { we_are master && owns gwa; }
backup_without_vip() { we_are backup && lacks gwa; }
it_has_it() { ka_is MASTER && owns gwb; }

begin() {	# NAME VERSION INTERVAL PRIORITY EXTRA
	log "$1: our priority is $4, that of keepalived 100"
	xhad_conf "$2" "$3" "$4" "$5"
}

gw_begin() {
	gw_start gwa || bail "$1: xhad starts"
}

# The kernel keeps an active role and its addresses when the helper ends.
gw_end() {
	gw_stop gwa
	xha_on gwa group delete ha force >"$XT/delete.log" 2>&1
	ip -n gwa addr del "$VIP" dev out 2>/dev/null
	ip -n gwa addr del $VIP_IN/24 dev in 2>/dev/null
	return 0
}

we_are_lower() {	# NAME
	ka_start
	check "$1: keepalived alone is master" wait_for 30 it_has_it
	gw_begin "$1"
	check "$1: we follow it" wait_for 20 follows_it
	check "$1: as backup, without the VIP" backup_without_vip
	ka_stop
	check "$1: it resigns, we take over" wait_for 30 master_with_vip
	same "$1: its priority 0 was heard" "$(vrrp_get '.resigned > 0')" true
	ka_start
	check "$1: it comes back higher and is master" wait_for 30 it_has_it
	check "$1: we give way" wait_for 20 backup_without_vip
	ka_kill
	check "$1: it falls silent, we take over" wait_for 30 master_with_vip
	same "$1: nothing it said was refused" "$(vrrp_get '.bad | add')" 0
	same "$1: and its addresses are ours" "$(vrrp_get .vips_differ)" 0
	gw_end
}

we_are_higher() {	# NAME
	local sent
	gw_begin "$1"
	check "$1: alone we are master" wait_for 30 master_with_vip
	ka_start
	check "$1: keepalived is backup" wait_for 30 ka_is BACKUP
	sent=$(vrrp_get .sent)
	heard_ten() { [ "$(vrrp_get .sent)" -ge $((sent + 10)) ]; }
	check "$1: ten advertisements later it still is" eval \
		'wait_for 60 heard_ten && ka_is BACKUP && lacks gwb'
	ip -n inlan link set gwa down
	check "$1: the inside link is lost, keepalived takes over outside" \
		wait_for 30 it_has_it
	check "$1: and we have given it up" wait_for 20 lacks gwa
	ip -n inlan link set gwa up
	check "$1: back, we follow: not in sync, so no preemption" eval \
		'wait_for 30 follows_it && backup_without_vip'
	ka_stop
	check "$1: it resigns, we are master again" wait_for 30 master_with_vip
	gw_end
}

# How many of ours; a filter that tshark does not take has not found none
ours() {	# FILE FILTER
	tshark -r "$1" -Y "vrrp && $SRC == $OUR_ADDR && ($2)" \
		>"$XT/tshark.out" 2>"$XT/tshark.err" || {
		echo "tshark fails: $(tail -n 1 "$XT/tshark.err")"
		return
	}
	wc -l <"$XT/tshark.out"
}
some_of_ours() { [ "$(ours "$@")" -gt 0 ]; }

# An advertisement of priority 0 is the last one before keepalived's first.
judge_packets() {	# NAME FILE INTERVAL-FILTER
	local p
	same "$1: tshark complains of none of ours" "$(ours "$2" \
		'_ws.expert || _ws.malformed || vrrp.checksum.status != 1')" 0
	same "$1: none has another TTL than 255" "$(ours "$2" "$TTL != 255")" 0
	same "$1: none has another interval" "$(ours "$2" "!($3)")" 0
	for p in 50 150 0; do
		check "$1: there are some of priority $p" some_of_ours "$2" \
			"vrrp.prio == $p && vrrp.virt_rtr_id == $VRID"
	done
}

run() {	# NAME VERSION XHAD-INTERVAL KEEPALIVED-INTERVAL FILTER [EXTRA KA-EXTRA]
	local pcap=$XT/vrrp-$1.pcap
	[[ " $CASES " = *" $1 "* ]] || return 0
	start vrrpcap peer tcpdump -q -i out -U -w "$pcap" \
		'proto 112 or ip6 proto 112'
	wait_for 10 grep -q 'listening on' "$XT/vrrpcap.log" ||
		bail "$1: the capture starts"
	keepalived_conf "$2" "$4" "${7:-}"
	begin "$1" "$2" "$3" 50 "${6:-}"
	we_are_lower "$1"
	begin "$1" "$2" "$3" 150 "${6:-}"
	we_are_higher "$1"
	stop vrrpcap INT
	rm -f "$XT/vrrpcap.log"
	judge_packets "$1" "$pcap" "$5"
}

v4() {
	VIP=$VIP_OUT/24 OUR_ADDR=${OUT_ADDR[gwa]} KA_ADDR=${OUT_ADDR[gwb]}
	SRC=ip.src TTL=ip.ttl
}

# Addresses by hand: the kernel's own would be a second choice to make.
v6() {
	local ns
	VIP=fe80::51/64 OUR_ADDR=fe80::a KA_ADDR=fe80::b
	SRC=ipv6.src TTL=ipv6.hlim
	for ns in gwa gwb peer; do
		ns_sysctl $ns net.ipv6.conf.out.addr_gen_mode=1 \
			net.ipv6.conf.out.disable_ipv6=0
	done
	ip -n gwa addr add $OUR_ADDR/64 dev out nodad
	ip -n gwb addr add $KA_ADDR/64 dev out nodad
}

ktap_plan
command -v keepalived >/dev/null || bail "keepalived is installed"
topo_up
module_load || bail "the module loads"
v4
run v2 2 1s 1 'vrrp.adver_int == 1 && vrrp.auth_type == 1' \
	'authentication-text = "secret12"' \
	'authentication {
			auth_type PASS
			auth_pass secret12
		}'
run v3 3 400ms 0.4 'vrrp.short_adver_int == 40'
v6
run v3-ip6 3 40cs 0.4 'vrrp.short_adver_int == 40'
ktap_end
