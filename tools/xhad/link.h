/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the interfaces: present, up, with carrier, with an address. The
 * kernel's notifications only say that something changed; what holds now is
 * read anew, so a lost one does no harm.
 */
#ifndef XHA_LINK_H
#define XHA_LINK_H

#include "xha_addr.h"

/**
 * struct xha_link - an interface as it is now
 * @ifindex: 0 if there is none of that name
 * @up: up, with carrier, with an address
 * @mac: its Ethernet address, or zero
 * @addr: its real address, IPv4 or link-local IPv6, or of length 0
 */
struct xha_link {
	unsigned int ifindex;
	bool up;
	__u8 mac[6];
	struct xha_addr addr;
};

/* Whether an address is virtual, and thus nobody's real one. */
typedef bool (*xha_link_is_vip_fn)(const struct xha_addr *addr, void *arg);

int xha_link_open(void);
void xha_link_drain(int fd);
const char *xha_link_fault(const char *ifname);
void xha_link_read(const char *ifname, const struct xha_addr *near,
		   xha_link_is_vip_fn is_vip, void *arg, struct xha_link *link);

#endif /* XHA_LINK_H */
