// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <string.h>

#include "witness_pkt.h"

_Static_assert(sizeof(struct ether_arp) == XHA_WITNESS_ARP_LEN, "padding");

struct ns_packet {
	struct nd_neighbor_solicit ns;
	struct nd_opt_hdr opt;
	__u8 mac[6];
};

_Static_assert(sizeof(struct ns_packet) == XHA_WITNESS_NS_LEN, "padding");

/**
 * xha_witness_arp - ask an IPv4 host
 * @buf: the packet, without Ethernet header
 * @mac: own Ethernet address
 * @own: own address; one that is not IPv4 makes it a probe (RFC 5227, 2.1)
 * @witness: whom
 */
void xha_witness_arp(__u8 buf[XHA_WITNESS_ARP_LEN], const __u8 mac[6],
		     const struct xha_addr *own, const struct xha_addr *witness)
{
	struct ether_arp arp = {
		.ea_hdr.ar_hrd = htons(ARPHRD_ETHER),
		.ea_hdr.ar_pro = htons(ETH_P_IP),
		.ea_hdr.ar_hln = ETH_ALEN,
		.ea_hdr.ar_pln = 4,
		.ea_hdr.ar_op = htons(ARPOP_REQUEST),
	};

	memcpy(arp.arp_sha, mac, ETH_ALEN);
	if (own->len == 4)
		memcpy(arp.arp_spa, own->b, 4);
	memcpy(arp.arp_tpa, witness->b, 4);
	memcpy(buf, &arp, sizeof(arp));
}

/**
 * xha_witness_arp_answer - whether a packet answers an ARP request of this node
 * @buf: the packet, without Ethernet header
 * @len: bytes at @buf
 * @mac: own Ethernet address
 * @from: who answers, if it does
 *
 * Return: true for a reply to this node.
 */
bool xha_witness_arp_answer(const __u8 *buf, size_t len, const __u8 mac[6],
			    struct xha_addr *from)
{
	struct ether_arp arp;

	if (len < sizeof(arp))
		return false;
	memcpy(&arp, buf, sizeof(arp));
	if (arp.ea_hdr.ar_hrd != htons(ARPHRD_ETHER) ||
	    arp.ea_hdr.ar_pro != htons(ETH_P_IP) ||
	    arp.ea_hdr.ar_hln != ETH_ALEN || arp.ea_hdr.ar_pln != 4 ||
	    arp.ea_hdr.ar_op != htons(ARPOP_REPLY) ||
	    memcmp(arp.arp_tha, mac, ETH_ALEN))
		return false;
	xha_addr_set(from, arp.arp_spa, 4);
	return true;
}

/**
 * xha_witness_ns - ask an IPv6 host
 * @buf: the ICMPv6 message; its checksum is the kernel's business
 * @mac: own Ethernet address
 * @witness: whom
 */
void xha_witness_ns(__u8 buf[XHA_WITNESS_NS_LEN], const __u8 mac[6],
		    const struct xha_addr *witness)
{
	struct ns_packet p = {
		.ns.nd_ns_type = ND_NEIGHBOR_SOLICIT,
		.opt.nd_opt_type = ND_OPT_SOURCE_LINKADDR,
		.opt.nd_opt_len = 1,
	};

	memcpy(&p.ns.nd_ns_target, witness->b, 16);
	memcpy(p.mac, mac, ETH_ALEN);
	memcpy(buf, &p, sizeof(p));
}

/**
 * xha_witness_ns_to - where a solicitation goes
 * @witness: whom it asks
 *
 * Return: its solicited-node multicast address (RFC 4291, 2.7.1).
 */
struct xha_addr xha_witness_ns_to(const struct xha_addr *witness)
{
	__u8 to[16] = { 0xff, 2, [11] = 1, [12] = 0xff };
	struct xha_addr addr;

	memcpy(to + 13, witness->b + 13, 3);
	xha_addr_set(&addr, to, 16);
	return addr;
}

/**
 * xha_witness_ns_answer - whether a message answers a solicitation
 * @buf: the ICMPv6 message
 * @len: bytes at @buf
 * @hops: its hop limit
 * @from: who answers, if it does
 *
 * Return: true for a solicited advertisement from this LAN.
 */
bool xha_witness_ns_answer(const __u8 *buf, size_t len, int hops,
			   struct xha_addr *from)
{
	struct nd_neighbor_advert na;

	if (len < sizeof(na) || hops != XHA_WITNESS_HOPS)
		return false;
	memcpy(&na, buf, sizeof(na));
	if (na.nd_na_type != ND_NEIGHBOR_ADVERT || na.nd_na_code ||
	    !(na.nd_na_flags_reserved & ND_NA_FLAG_SOLICITED))
		return false;
	xha_addr_set(from, &na.nd_na_target, 16);
	return true;
}
