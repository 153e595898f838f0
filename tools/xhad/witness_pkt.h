/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a witness is asked whether it is there: an ARP request (RFC 826) or a
 * neighbour solicitation (RFC 4861, 7.2), which every host answers whatever
 * filters it has above. Pure.
 */
#ifndef XHA_WITNESS_PKT_H
#define XHA_WITNESS_PKT_H

#include <stdbool.h>
#include <stddef.h>

#include "xha_addr.h"

#define XHA_WITNESS_ARP_LEN	28
#define XHA_WITNESS_NS_LEN	32	/* ICMPv6, with the option of the sender */
#define XHA_WITNESS_HOPS	255	/* RFC 4861, 7.1: else it came through a router */

void xha_witness_arp(__u8 buf[XHA_WITNESS_ARP_LEN], const __u8 mac[6],
		     const struct xha_addr *own, const struct xha_addr *witness);
bool xha_witness_arp_answer(const __u8 *buf, size_t len, const __u8 mac[6],
			    struct xha_addr *from);
void xha_witness_ns(__u8 buf[XHA_WITNESS_NS_LEN], const __u8 mac[6],
		    const struct xha_addr *witness);
struct xha_addr xha_witness_ns_to(const struct xha_addr *witness);
bool xha_witness_ns_answer(const __u8 *buf, size_t len, int hops,
			   struct xha_addr *from);

#endif /* XHA_WITNESS_PKT_H */
