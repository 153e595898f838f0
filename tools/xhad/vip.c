// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/route/addr.h>

#include "vip.h"

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

static int errno_of(int nle)
{
	switch (-nle) {
	case NLE_SUCCESS:
		return 0;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
		return -EPERM;
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_NOADDR:
		return -EADDRNOTAVAIL;
	default:
		return -EIO;
	}
}

/**
 * xha_vip_open - open the socket that addresses are changed by
 * @sk: the socket
 *
 * Return: 0 or -errno.
 */
int xha_vip_open(struct nl_sock **sk)
{
	int rc;

	*sk = nl_socket_alloc();
	if (!*sk)
		return -ENOMEM;
	rc = nl_connect(*sk, NETLINK_ROUTE);
	if (rc < 0) {
		nl_socket_free(*sk);
		*sk = NULL;
	}
	return errno_of(rc);
}

/**
 * xha_vip_close - close it
 * @sk: the socket, or NULL
 */
void xha_vip_close(struct nl_sock *sk)
{
	nl_socket_free(sk);
}

static unsigned int mask_bits(const struct sockaddr *mask)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)mask;

	return sin ? __builtin_popcount(sin->sin_addr.s_addr) : 32;
}

static __be32 in4(const struct sockaddr *sa)
{
	return ((const struct sockaddr_in *)sa)->sin_addr.s_addr;
}

/*
 * Prefix of @vip on an interface: with @exact, that of the address itself if
 * it is there; else that of another address in whose subnet it lies.
 * Return: the prefix, or 0 if there is none such.
 */
static unsigned int find_prefix(unsigned int ifindex, __be32 vip, bool exact)
{
	struct ifaddrs *list, *i;
	unsigned int bits = 0;

	if (getifaddrs(&list))
		return 0;
	for (i = list; i && !bits; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET ||
		    !i->ifa_netmask || if_nametoindex(i->ifa_name) != ifindex)
			continue;
		if (exact ? in4(i->ifa_addr) == vip :
		    in4(i->ifa_addr) != vip &&
		    !((in4(i->ifa_addr) ^ vip) & in4(i->ifa_netmask)))
			bits = mask_bits(i->ifa_netmask);
	}
	freeifaddrs(list);
	return bits;
}

static struct rtnl_addr *make_addr(unsigned int ifindex, __be32 vip,
				   unsigned int prefix)
{
	struct rtnl_addr *addr = rtnl_addr_alloc();
	struct nl_addr *local;

	if (!addr)
		return NULL;
	local = nl_addr_build(AF_INET, &vip, sizeof(vip));
	if (!local) {
		rtnl_addr_put(addr);
		return NULL;
	}
	nl_addr_set_prefixlen(local, prefix);
	rtnl_addr_set_ifindex(addr, ifindex);
	rtnl_addr_set_local(addr, local);
	rtnl_addr_set_prefixlen(addr, prefix);
	nl_addr_put(local);
	return addr;
}

/**
 * xha_vip_add - put a virtual address on an interface
 * @sk: from xha_vip_open()
 * @ifindex: the interface
 * @vip: the address
 *
 * Return: 0 (also when it is there already), or -errno.
 */
int xha_vip_add(struct nl_sock *sk, unsigned int ifindex,
		const struct xha_conf_vip *vip)
{
	__be32 v4 = xha_addr_get_v4(&vip->addr);
	unsigned int prefix = vip->prefix;
	struct rtnl_addr *addr;
	int err;

	if (find_prefix(ifindex, v4, true))
		return 0;
	if (!prefix)
		prefix = find_prefix(ifindex, v4, false);
	addr = make_addr(ifindex, v4, prefix ? prefix : 32);
	if (!addr)
		return -ENOMEM;
	err = errno_of(rtnl_addr_add(sk, addr, 0));
	rtnl_addr_put(addr);
	return err == -EEXIST ? 0 : err;
}

/**
 * xha_vip_del - take a virtual address off an interface
 * @sk: from xha_vip_open()
 * @ifindex: the interface
 * @vip: the address
 *
 * Return: 0 (also when it is not there), or -errno.
 */
int xha_vip_del(struct nl_sock *sk, unsigned int ifindex,
		const struct xha_conf_vip *vip)
{
	__be32 v4 = xha_addr_get_v4(&vip->addr);
	unsigned int prefix = find_prefix(ifindex, v4, true);
	struct rtnl_addr *addr;
	int err;

	if (!prefix)
		return 0;
	addr = make_addr(ifindex, v4, prefix);
	if (!addr)
		return -ENOMEM;
	err = errno_of(rtnl_addr_delete(sk, addr, 0));
	rtnl_addr_put(addr);
	return err == -EADDRNOTAVAIL || err == -ENODEV ? 0 : err;
}

/**
 * xha_vip_announce - tell a LAN where a virtual address is
 * @ifindex: the interface
 * @mac: its address
 * @vip: network byte order
 *
 * Sends one gratuitous ARP request and one reply (RFC 5227, 3; some stacks
 * update their tables on the one, some on the other).
 *
 * Return: 0 or -errno.
 */
int xha_vip_announce(unsigned int ifindex, const __u8 mac[6], __be32 vip)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = ifindex,
		.sll_halen = ETH_ALEN,
	};
	struct arp_packet arp = {
		.htype = htons(ARPHRD_ETHER),
		.ptype = htons(ETH_P_IP),
		.hlen = ETH_ALEN,
		.plen = 4,
		.op = htons(ARPOP_REQUEST),
	};
	int err = 0;
	int fd;

	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	memset(to.sll_addr, 0xff, ETH_ALEN);
	memcpy(arp.sha, mac, ETH_ALEN);
	memcpy(arp.spa, &vip, sizeof(vip));
	memcpy(arp.tpa, &vip, sizeof(vip));
	if (sendto(fd, &arp, sizeof(arp), MSG_DONTWAIT,
		   (struct sockaddr *)&to, sizeof(to)) < 0)
		err = -errno;
	arp.op = htons(ARPOP_REPLY);
	memset(arp.tha, 0xff, ETH_ALEN);
	if (!err && sendto(fd, &arp, sizeof(arp), MSG_DONTWAIT,
			   (struct sockaddr *)&to, sizeof(to)) < 0)
		err = -errno;
	close(fd);
	return err;
}
