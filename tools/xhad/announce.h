/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tells a LAN which Ethernet address a virtual address has: gratuitous ARP
 * (RFC 5227, 3) or unsolicited neighbour advertisement (RFC 4861, 7.2.6).
 */
#ifndef XHA_ANNOUNCE_H
#define XHA_ANNOUNCE_H

#include "xha_addr.h"

#define XHA_ANNOUNCE_ARP_LEN	28
#define XHA_ANNOUNCE_NA_LEN	72	/* with the IPv6 header */

void xha_announce_arp(__u8 buf[XHA_ANNOUNCE_ARP_LEN], const __u8 mac[6],
		      __be32 vip, bool reply);
void xha_announce_na(__u8 buf[XHA_ANNOUNCE_NA_LEN], const __u8 mac[6],
		     const struct xha_addr *vip, bool router);
int xha_announce(unsigned int ifindex, const __u8 mac[6],
		 const struct xha_addr *vip);

#endif /* XHA_ANNOUNCE_H */
