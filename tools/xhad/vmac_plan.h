/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual MAC addresses: what the macvlan of an election is to be, whether one
 * that is there is it, and which settings it and the interface below it need.
 * Nothing here touches the machine; vmac.c does.
 */
#ifndef XHA_VMAC_PLAN_H
#define XHA_VMAC_PLAN_H

#include "conf.h"

#define XHA_VMAC_ALIAS_LEN	256	/* IFALIASZ of the kernel */
#define XHA_VMAC_PATH_LEN	96
#define XHA_VMAC_RETRY_US	1000000
/* The kernel asks for the announcement within a second (handover.c). */
#define XHA_VMAC_QUIET_US	2000000

/**
 * struct xha_vmac - an election's macvlan, as far as others must know it
 * @ifname: its name; empty: the election uses the interface's own address
 * @ifindex: the macvlan as it is now, 0 while there is none
 * @mac: the virtual MAC address
 * @carries: it is up with the VIPs on it
 * @quiet_us: nothing is to be sent from the virtual MAC before, unless the VIPs
 *	are announced first: in a hand-over the former active still sends on
 *	what came to it, and what comes here meanwhile would overtake that
 * @retry_us: do not try to make it again before, after a failure
 */
struct xha_vmac {
	char ifname[IFNAMSIZ];
	unsigned int ifindex;
	__u8 mac[6];
	bool carries;
	__u64 quiet_us;
	__u64 retry_us;
};

/**
 * struct xha_vmac_want - what a macvlan is to be
 * @name: of the interface: "xha", number of the group, place in the group
 * @mac: by the protocol, its version and the first VIP's family
 * @v4: it gets IPv4 addresses
 * @v6: it gets IPv6 addresses
 * @label: group and section, for those who read `ip link` and logs
 */
struct xha_vmac_want {
	char name[IFNAMSIZ];
	__u8 mac[6];
	bool v4;
	bool v6;
	char label[2 * XFRM_HA_NAME_LEN];
};

/**
 * struct xha_vmac_found - an interface that has the name, as the kernel says
 * @macvlan: it is one
 * @mode: of the macvlan, MACVLAN_MODE_*
 * @lower: index of the interface below
 * @mac: its address
 * @alias: its alias, or empty
 */
struct xha_vmac_found {
	bool macvlan;
	unsigned int mode;
	unsigned int lower;
	__u8 mac[6];
	char alias[XHA_VMAC_ALIAS_LEN];
};

enum xha_vmac_verdict {
	XHA_VMAC_MAKE,		/* nothing is there */
	XHA_VMAC_ADOPT,		/* it is just what is wanted */
	XHA_VMAC_REPLACE,	/* an earlier xhad's, for something else */
	XHA_VMAC_FOREIGN,	/* somebody else's */
};

/* Settings of the interface below that are changed, and put back. */
enum xha_vmac_lower {
	XHA_VMAC_ARP_IGNORE,
	XHA_VMAC_ARP_ANNOUNCE,
	XHA_VMAC_LOWER_END,
};

/**
 * struct xha_vmac_saved - what the interface below had before
 * @value: by enum xha_vmac_lower
 */
struct xha_vmac_saved {
	int value[XHA_VMAC_LOWER_END];
};

enum xha_vmac_rule {
	XHA_VMAC_SET,		/* to the value */
	XHA_VMAC_COPY,		/* to what the interface below has */
};

/**
 * struct xha_vmac_param - a setting of a macvlan
 * @family: "ipv4" or "ipv6"
 * @name: as below /proc/sys/net/FAMILY/conf/DEV/
 * @rule: how its value comes about
 * @value: for XHA_VMAC_SET
 * @may_lack: a kernel without that family has it not, and need not
 */
struct xha_vmac_param {
	const char *family;
	const char *name;
	enum xha_vmac_rule rule;
	int value;
	bool may_lack;
};

#define XHA_VMAC_PARAMS_MAX	16

void xha_vmac_mac(const struct xha_conf_standby *sb, __u8 mac[6]);
void xha_vmac_want(struct xha_vmac_want *want,
		   const struct xha_conf_group *group, unsigned int place);
enum xha_vmac_verdict xha_vmac_judge(const struct xha_vmac_want *want,
				     const struct xha_vmac_found *found,
				     unsigned int lower);
void xha_vmac_alias(char *buf, size_t size, const struct xha_vmac_want *want,
		    const struct xha_vmac_saved *saved);
bool xha_vmac_alias_read(const char *alias, struct xha_vmac_saved *saved);
unsigned int xha_vmac_params(const struct xha_vmac_want *want,
			     struct xha_vmac_param *params);
const char *xha_vmac_lower_name(enum xha_vmac_lower i);
bool xha_vmac_lower_raise(enum xha_vmac_lower i, int now, int *to);
bool xha_vmac_lower_restore(enum xha_vmac_lower i, int now, int saved);
bool xha_vmac_speaks(const struct xha_vmac *vmac, __u64 now_us);
void xha_vmac_path(char *buf, size_t size, const char *family,
		   const char *ifname, const char *name);

#endif /* XHA_VMAC_PLAN_H */
