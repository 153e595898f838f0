# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# For the tests of HSRP on real LANs: gateways with elections on the outside
# LAN only, in all versions at once.

TEXT='authentication-text = "secret12"'
CHAIN='authentication-key-chain = {"7 the new key", "3 the old key"}'

# IPv6 on the outside LAN, without a second of doubt about each address
hsrp_ipv6() {	# NS...
	local ns
	for ns in "$@"; do
		ns_sysctl "$ns" net.ipv6.conf.out.accept_dad=0 \
			net.ipv6.conf.out.disable_ipv6=0
	done
}

# One section of a group: NAME VERSION NUMBER VIP
# and further keys
hsrp_section() {
	cat <<-CONF
		standby $1 {
			interface = out
			version = $2
			number = $3
			ip = {"$4"}
			$5
		}
	CONF
}

hsrp_group() {	# NAME ID SECTION...
	local name=$1 id=$2
	shift 2
	printf 'group %s {\n\tid = %s\n\thelper-grace = 0\n%s\n}\n' \
		"$name" "$id" "$*"
}
