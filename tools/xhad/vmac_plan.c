// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "hsrp_pkt.h"
#include "vmac_plan.h"
#include "vrrp_pkt.h"
#include "xha_util.h"

#define ALIAS_FORMAT	"xhad arp_ignore=%d arp_announce=%d %s"
#define ALIAS_SCAN	"xhad arp_ignore=%d arp_announce=%d %n"

/*
 * Where both a macvlan and the interface below have IPv4, both hear each ARP
 * request. Each is to answer for its own addresses alone, with its own MAC;
 * and no request of this node may name a VIP as its sender from the MAC of the
 * interface below, as every host that hears it would learn that one.
 */
static const struct {
	const char *name;
	int least;
} lower_params[XHA_VMAC_LOWER_END] = {
	[XHA_VMAC_ARP_IGNORE]	= { "arp_ignore", 1 },
	[XHA_VMAC_ARP_ANNOUNCE]	= { "arp_announce", 2 },
};

static int family_of(const struct xha_conf_standby *sb)
{
	return sb->vips[0].addr.len == 16 ? AF_INET6 : AF_INET;
}

/**
 * xha_vmac_mac - the virtual MAC address that belongs to an election
 * @sb: the election
 * @mac: result; the first VIP's family decides
 */
void xha_vmac_mac(const struct xha_conf_standby *sb, __u8 mac[6])
{
	if (sb->protocol == XHA_CONF_VRRP)
		vrrp_virtual_mac(family_of(sb), sb->number, mac);
	else
		hsrp_virtual_mac(sb->version, family_of(sb), sb->number, mac);
}

/**
 * xha_vmac_want - work out the macvlan of an election
 * @want: result
 * @group: its group
 * @place: the election's place in the group, from 0
 */
void xha_vmac_want(struct xha_vmac_want *want,
		   const struct xha_conf_group *group, unsigned int place)
{
	const struct xha_conf_standby *sb = &group->standbys[place];
	unsigned int i;

	memset(want, 0, sizeof(*want));
	snprintf(want->name, sizeof(want->name), "xha%u-%u", group->id,
		 place + 1);
	snprintf(want->label, sizeof(want->label), "%s/%s", group->name,
		 sb->name);
	xha_vmac_mac(sb, want->mac);
	for (i = 0; i < sb->n_vips; i++)
		if (sb->vips[i].addr.len == 16)
			want->v6 = true;
		else
			want->v4 = true;
}

/**
 * xha_vmac_judge - tell what to do about an interface of the wanted name
 * @want: what is wanted
 * @found: the interface, or NULL
 * @lower: index of the interface it is to be on
 *
 * Mode VEPA: in mode private the interface below would be deaf to whoever else
 * sends from the same MAC, so that two active nodes would not notice.
 *
 * Return: what it is.
 */
enum xha_vmac_verdict xha_vmac_judge(const struct xha_vmac_want *want,
				     const struct xha_vmac_found *found,
				     unsigned int lower)
{
	struct xha_vmac_saved saved;

	if (!found)
		return XHA_VMAC_MAKE;
	if (!found->macvlan)
		return XHA_VMAC_FOREIGN;
	if (found->mode == MACVLAN_MODE_VEPA && found->lower == lower &&
	    !memcmp(found->mac, want->mac, sizeof(want->mac)))
		return XHA_VMAC_ADOPT;
	return xha_vmac_alias_read(found->alias, &saved) ? XHA_VMAC_REPLACE :
							   XHA_VMAC_FOREIGN;
}

/**
 * xha_vmac_alias - the alias that says whose a macvlan is
 * @buf: gets it
 * @size: bytes at @buf
 * @want: what the macvlan is
 * @saved: what the interface below had before, to outlive this process
 */
void xha_vmac_alias(char *buf, size_t size, const struct xha_vmac_want *want,
		    const struct xha_vmac_saved *saved)
{
	snprintf(buf, size, ALIAS_FORMAT, saved->value[XHA_VMAC_ARP_IGNORE],
		 saved->value[XHA_VMAC_ARP_ANNOUNCE], want->label);
}

/**
 * xha_vmac_alias_read - tell whether an alias is one of xhad's
 * @alias: the alias
 * @saved: gets what it says
 *
 * Return: false if it is somebody else's.
 */
bool xha_vmac_alias_read(const char *alias, struct xha_vmac_saved *saved)
{
	int end = -1;

	return sscanf(alias, ALIAS_SCAN, &saved->value[XHA_VMAC_ARP_IGNORE],
		      &saved->value[XHA_VMAC_ARP_ANNOUNCE], &end) == 2 &&
	       end > 0 && alias[end];
}

/**
 * xha_vmac_params - the settings of a macvlan, in the order of setting
 * @want: what the macvlan is
 * @params: gets at most XHA_VMAC_PARAMS_MAX of them
 *
 * All are set while it is down. Those of IPv4 are for every macvlan: one that
 * only has IPv6 addresses hears ARP as well.
 *
 * Return: their number.
 */
unsigned int xha_vmac_params(const struct xha_vmac_want *want,
			     struct xha_vmac_param *params)
{
	const struct xha_vmac_param v4[] = {
		{ "ipv4", "arp_ignore", XHA_VMAC_SET, 1, false },
		/* No route leads out by it: these two would silence it, or
		 * have it answer for every host of the LAN.
		 */
		{ "ipv4", "arp_filter", XHA_VMAC_SET, 0, false },
		{ "ipv4", "proxy_arp", XHA_VMAC_SET, 0, false },
		/* For the same reason loose at most: strict would drop all. */
		{ "ipv4", "rp_filter", XHA_VMAC_SET, 2, false },
		{ "ipv4", "forwarding", XHA_VMAC_COPY, 0, false },
	};
	const struct xha_vmac_param v6[] = {
		/* An address made of the virtual MAC would be on both nodes. */
		{ "ipv6", "addr_gen_mode", XHA_VMAC_SET, 1, false },
		{ "ipv6", "accept_ra", XHA_VMAC_SET, 0, false },
		/* A report of multicast groups is repeated, by default within
		 * a second: it must not come after a hand-over.
		 */
		{ "ipv6", "mldv1_unsolicited_report_interval", XHA_VMAC_SET,
		  10, false },
		{ "ipv6", "mldv2_unsolicited_report_interval", XHA_VMAC_SET,
		  10, false },
		{ "ipv6", "forwarding", XHA_VMAC_COPY, 0, false },
		{ "ipv6", "disable_ipv6", XHA_VMAC_SET, 0, false },
	};
	const struct xha_vmac_param no_v6 = {
		"ipv6", "disable_ipv6", XHA_VMAC_SET, 1, true
	};
	unsigned int n = ARRAY_SIZE(v4);

	memcpy(params, v4, sizeof(v4));
	if (!want->v6) {
		params[n] = no_v6;
		return n + 1;
	}
	memcpy(params + n, v6, sizeof(v6));
	return n + ARRAY_SIZE(v6);
}

/**
 * xha_vmac_lower_name - name of a setting of the interface below
 * @i: which
 *
 * Return: its name below /proc/sys/net/ipv4/conf/DEV/.
 */
const char *xha_vmac_lower_name(enum xha_vmac_lower i)
{
	return lower_params[i].name;
}

/**
 * xha_vmac_lower_raise - tell whether a setting has to be raised
 * @i: which
 * @now: its value
 * @to: gets what it has to be
 *
 * What is stricter already stays.
 *
 * Return: true if so.
 */
bool xha_vmac_lower_raise(enum xha_vmac_lower i, int now, int *to)
{
	*to = lower_params[i].least;
	return now < lower_params[i].least;
}

/**
 * xha_vmac_lower_restore - tell whether a setting has to be put back
 * @i: which
 * @now: its value
 * @saved: its value before it was raised
 *
 * What somebody else has changed since is theirs.
 *
 * Return: true if so.
 */
bool xha_vmac_lower_restore(enum xha_vmac_lower i, int now, int saved)
{
	return now == lower_params[i].least && saved < now;
}

/**
 * xha_vmac_speaks - tell whether an election may send from its virtual MAC
 * @vmac: its macvlan, if it has one
 * @now_us: the time
 *
 * Return: false where it must send from its interface's own.
 */
bool xha_vmac_speaks(const struct xha_vmac *vmac, __u64 now_us)
{
	return vmac->carries && now_us >= vmac->quiet_us;
}

/**
 * xha_vmac_path - where a setting is
 * @buf: gets the path
 * @size: bytes at @buf, XHA_VMAC_PATH_LEN will do
 * @family: "ipv4" or "ipv6"
 * @ifname: the interface; a dot in its name is no separator here
 * @name: the setting
 */
void xha_vmac_path(char *buf, size_t size, const char *family,
		   const char *ifname, const char *name)
{
	snprintf(buf, size, "/proc/sys/net/%s/conf/%s/%s", family, ifname,
		 name);
}
