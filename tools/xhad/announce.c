// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "announce.h"

/* ARP for IPv4 over Ethernet, RFC 826. */
struct arp_packet {
	__be16 htype;
	__be16 ptype;
	__u8 hlen;
	__u8 plen;
	__be16 op;
	__u8 sha[6];
	__u8 spa[4];
	__u8 tha[6];
	__u8 tpa[4];
};

_Static_assert(sizeof(struct arp_packet) == XHA_ANNOUNCE_ARP_LEN, "padding");

struct na_packet {
	struct ip6_hdr ip;
	struct nd_neighbor_advert na;
	struct nd_opt_hdr opt;
	__u8 mac[6];
};

_Static_assert(sizeof(struct na_packet) == XHA_ANNOUNCE_NA_LEN, "padding");

/**
 * xha_announce_arp - make a gratuitous ARP packet
 * @buf: the packet, without Ethernet header
 * @mac: Ethernet address of @vip
 * @vip: network byte order
 * @reply: a reply, else a request
 */
void xha_announce_arp(__u8 buf[XHA_ANNOUNCE_ARP_LEN], const __u8 mac[6],
		      __be32 vip, bool reply)
{
	struct arp_packet arp = {
		.htype = htons(ARPHRD_ETHER),
		.ptype = htons(ETH_P_IP),
		.hlen = ETH_ALEN,
		.plen = 4,
		.op = htons(reply ? ARPOP_REPLY : ARPOP_REQUEST),
	};

	memcpy(arp.sha, mac, ETH_ALEN);
	memcpy(arp.spa, &vip, sizeof(vip));
	if (reply)
		memset(arp.tha, 0xff, ETH_ALEN);
	memcpy(arp.tpa, &vip, sizeof(vip));
	memcpy(buf, &arp, sizeof(arp));
}

/* Sum of 16-bit words for the checksum of RFC 1071; @len is even. */
static __u32 sum_words(const void *data, size_t len, __u32 sum)
{
	const __u8 *b = data;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += b[i] << 8 | b[i + 1];
	return sum;
}

/* RFC 4443, 2.3: over a pseudo header and the message. */
static __be16 na_checksum(const struct na_packet *p)
{
	size_t len = sizeof(*p) - sizeof(p->ip);
	__u32 sum = len + IPPROTO_ICMPV6;

	sum = sum_words(&p->ip.ip6_src, 2 * sizeof(p->ip.ip6_src), sum);
	sum = sum_words(&p->na, len, sum);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	return htons(~sum & 0xffff);
}

/**
 * xha_announce_na - make an unsolicited neighbour advertisement
 * @buf: the packet from its IPv6 header on
 * @mac: Ethernet address of @vip
 * @vip: IPv6
 * @router: this node forwards; without the flag hosts drop it as a router
 *
 * To all nodes, with the override flag, so that caches take the new address.
 */
void xha_announce_na(__u8 buf[XHA_ANNOUNCE_NA_LEN], const __u8 mac[6],
		     const struct xha_addr *vip, bool router)
{
	static const __u8 all_nodes[16] = { 0xff, 2, [15] = 1 };
	struct na_packet p = { 0 };

	p.ip.ip6_flow = htonl(6U << 28);
	p.ip.ip6_plen = htons(sizeof(p) - sizeof(p.ip));
	p.ip.ip6_nxt = IPPROTO_ICMPV6;
	p.ip.ip6_hlim = 255;
	memcpy(&p.ip.ip6_src, vip->b, 16);
	memcpy(&p.ip.ip6_dst, all_nodes, 16);
	p.na.nd_na_type = ND_NEIGHBOR_ADVERT;
	p.na.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE |
				    (router ? ND_NA_FLAG_ROUTER : 0);
	memcpy(&p.na.nd_na_target, vip->b, 16);
	p.opt.nd_opt_type = ND_OPT_TARGET_LINKADDR;
	p.opt.nd_opt_len = 1;
	memcpy(p.mac, mac, ETH_ALEN);
	p.na.nd_na_cksum = na_checksum(&p);
	memcpy(buf, &p, sizeof(p));
}

static bool forwards_v6(unsigned int ifindex)
{
	char name[IF_NAMESIZE], path[64 + IF_NAMESIZE];
	bool on = false;
	FILE *f;

	if (!if_indextoname(ifindex, name))
		return false;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/forwarding",
		 name);
	f = fopen(path, "re");
	if (!f)
		return false;
	on = fgetc(f) > '0';
	fclose(f);
	return on;
}

static int send_frame(int fd, unsigned int ifindex, const __u8 to_mac[6],
		      __u16 proto, const __u8 *buf, size_t len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(proto),
		.sll_ifindex = ifindex,
		.sll_halen = ETH_ALEN,
	};

	memcpy(to.sll_addr, to_mac, ETH_ALEN);
	if (sendto(fd, buf, len, MSG_DONTWAIT, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return -errno;
	return 0;
}

static int announce_v4(int fd, unsigned int ifindex, const __u8 mac[6],
		       __be32 vip)
{
	static const __u8 everybody[6] = { 255, 255, 255, 255, 255, 255 };
	__u8 buf[XHA_ANNOUNCE_ARP_LEN];
	int reply, err = 0;

	for (reply = 0; reply < 2 && !err; reply++) {
		xha_announce_arp(buf, mac, vip, reply);
		err = send_frame(fd, ifindex, everybody, ETH_P_ARP, buf,
				 sizeof(buf));
	}
	return err;
}

static int announce_v6(int fd, unsigned int ifindex, const __u8 mac[6],
		       const struct xha_addr *vip)
{
	static const __u8 all_nodes[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	__u8 buf[XHA_ANNOUNCE_NA_LEN];

	xha_announce_na(buf, mac, vip, forwards_v6(ifindex));
	return send_frame(fd, ifindex, all_nodes, ETH_P_IPV6, buf,
			  sizeof(buf));
}

/**
 * xha_announce - tell a LAN where a virtual address is
 * @ifindex: the interface; frames come from its Ethernet address
 * @mac: the address to tell
 * @vip: the virtual address
 *
 * IPv4: one gratuitous request and one reply, as some stacks update their
 * tables on the one, some on the other. By a packet socket, so that no policy
 * and no filter for IP has a say.
 *
 * Return: 0 or -errno.
 */
int xha_announce(unsigned int ifindex, const __u8 mac[6],
		 const struct xha_addr *vip)
{
	int fd, err;

	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (vip->len == 4)
		err = announce_v4(fd, ifindex, mac, xha_addr_get_v4(vip));
	else
		err = announce_v6(fd, ifindex, mac, vip);
	close(fd);
	return err;
}
