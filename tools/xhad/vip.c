// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>

#include "rtnl.h"
#include "vip.h"

/* How often a VIP's route is looked for, a millisecond apart at least */
#define LOOKS	100

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
	return xha_rtnl_errno(rc);
}

/**
 * xha_vip_close - close it
 * @sk: the socket, or NULL
 */
void xha_vip_close(struct nl_sock *sk)
{
	nl_socket_free(sk);
}

static int family_of(const struct xha_addr *addr)
{
	return addr->len == 4 ? AF_INET : AF_INET6;
}

/* The bytes of an address of family @family. */
static const __u8 *bytes_of(const struct sockaddr *sa, int family)
{
	if (family == AF_INET)
		return (const __u8 *)&((const struct sockaddr_in *)sa)->sin_addr;
	return (const __u8 *)&((const struct sockaddr_in6 *)sa)->sin6_addr;
}

static unsigned int count_bits(const __u8 *mask, size_t len)
{
	unsigned int n = 0;

	while (len--)
		n += __builtin_popcount(*mask++);
	return n;
}

/*
 * Prefix of @vip on an interface: with @exact, that of the address itself if
 * it is there; else that of another address in whose subnet it lies.
 * Return: the prefix, or 0 if there is none such.
 */
static unsigned int find_prefix(unsigned int ifindex,
				const struct xha_addr *vip, bool exact)
{
	int family = family_of(vip);
	struct xha_prefix subnet;
	struct ifaddrs *list, *i;
	unsigned int bits = 0;
	struct xha_addr a;

	if (getifaddrs(&list))
		return 0;
	for (i = list; i && !bits; i = i->ifa_next) {
		if (!i->ifa_addr || i->ifa_addr->sa_family != family ||
		    !i->ifa_netmask || if_nametoindex(i->ifa_name) != ifindex)
			continue;
		xha_addr_set(&a, bytes_of(i->ifa_addr, family), vip->len);
		subnet.addr = a;
		subnet.len = count_bits(bytes_of(i->ifa_netmask, family),
					vip->len);
		if (exact ? xha_addr_equal(&a, vip) :
		    !xha_addr_equal(&a, vip) && xha_prefix_covers(&subnet, vip))
			bits = subnet.len;
	}
	freeifaddrs(list);
	return bits;
}

/*
 * Duplicate address detection would keep an IPv6 VIP from being used for a
 * second or more, and fails for good where the former active has not let go
 * yet. Not preferred, it is no source of the node's own connections, which
 * would break when it moves.
 */
static unsigned int set_v6(struct rtnl_addr *addr)
{
	rtnl_addr_set_valid_lifetime(addr, UINT32_MAX);
	rtnl_addr_set_preferred_lifetime(addr, 0);
	return IFA_F_NODAD;
}

static int note_type(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct rtmsg *route;

	if (hdr->nlmsg_type == RTM_NEWROUTE && nlmsg_valid_hdr(hdr, sizeof(*route))) {
		route = nlmsg_data(hdr);
		*(unsigned char *)arg = route->rtm_type;
	}
	return NL_OK;
}

/* RTN_LOCAL: what comes in for @vip is for this machine. */
static unsigned char route_type(struct nl_sock *sk, unsigned int ifindex,
				const struct xha_addr *vip)
{
	struct rtmsg route = { .rtm_family = AF_INET6, .rtm_dst_len = vip->len * 8 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	unsigned char type = RTN_UNSPEC;

	if (!msg)
		return type;
	if (nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO) ||
	    nla_put(msg, RTA_DST, vip->len, vip->b) ||
	    nla_put_u32(msg, RTA_OIF, ifindex)) {
		nlmsg_free(msg);
		return type;
	}
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, note_type, &type);
	/* A route and an ACK, in two reads; or an error. */
	if (nl_send_auto(sk, msg) >= 0 && nl_recvmsgs_default(sk) >= 0)
		nl_wait_for_ack(sk);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_DEFAULT, NULL, NULL);
	nlmsg_free(msg);
	return type;
}

/*
 * The kernel adds an IPv6 address at once, and later, in a workqueue, the route
 * by which packets for it come in (addrconf_dad_work()). Those before it would
 * be forwarded or lost, those a hand-over held among them. An interface that is
 * down gets none.
 */
static void wait_local(struct nl_sock *sk, unsigned int ifindex,
		       const struct xha_addr *vip)
{
	int i;

	for (i = 0; i < LOOKS && route_type(sk, ifindex, vip) != RTN_LOCAL; i++)
		usleep(1000);
}

static bool is_link_local(const struct xha_addr *a)
{
	return a->len == 16 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static struct rtnl_addr *make_addr(unsigned int ifindex,
				   const struct xha_addr *vip,
				   unsigned int prefix, bool routes)
{
	struct rtnl_addr *addr = rtnl_addr_alloc();
	unsigned int flags;
	struct nl_addr *local;

	if (!addr)
		return NULL;
	local = nl_addr_build(family_of(vip), vip->b, vip->len);
	if (!local) {
		rtnl_addr_put(addr);
		return NULL;
	}
	nl_addr_set_prefixlen(local, prefix);
	rtnl_addr_set_ifindex(addr, ifindex);
	rtnl_addr_set_local(addr, local);
	rtnl_addr_set_prefixlen(addr, prefix);
	flags = vip->len == 16 ? set_v6(addr) : 0;
	if (!routes && !is_link_local(vip))
		flags |= IFA_F_NOPREFIXROUTE;
	rtnl_addr_set_flags(addr, flags);
	nl_addr_put(local);
	return addr;
}

/**
 * xha_vip_has - tell whether an interface has a virtual address
 * @ifindex: the interface
 * @vip: the address
 *
 * Return: true if so.
 */
bool xha_vip_has(unsigned int ifindex, const struct xha_conf_vip *vip)
{
	return find_prefix(ifindex, &vip->addr, true);
}

/**
 * xha_vip_add - put a virtual address on an interface
 * @sk: from xha_vip_open()
 * @ifindex: the interface
 * @lan: the interface of the LAN: the same, or that below a macvlan
 * @vip: the address
 *
 * On a macvlan it comes without the route to its subnet where the interface
 * below has one: a second one would compete. Link-local addresses are for the
 * interface they are on, so theirs stays.
 *
 * Returns once packets for it are received, or after a tenth of a second.
 *
 * Return: 0 (also when it is there already), or -errno.
 */
int xha_vip_add(struct nl_sock *sk, unsigned int ifindex, unsigned int lan,
		const struct xha_conf_vip *vip)
{
	unsigned int subnet, prefix = vip->prefix;
	struct rtnl_addr *addr;
	int err;

	if (xha_vip_has(ifindex, vip))
		return 0;
	subnet = find_prefix(lan, &vip->addr, false);
	if (!prefix)
		prefix = subnet ? subnet : vip->addr.len * 8U;
	addr = make_addr(ifindex, &vip->addr, prefix,
			 lan == ifindex || !subnet);
	if (!addr)
		return -ENOMEM;
	err = xha_rtnl_errno(rtnl_addr_add(sk, addr, 0));
	rtnl_addr_put(addr);
	if (!err && vip->addr.len == 16)
		wait_local(sk, ifindex, &vip->addr);
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
	unsigned int prefix = find_prefix(ifindex, &vip->addr, true);
	struct rtnl_addr *addr;
	int err;

	if (!prefix)
		return 0;
	addr = make_addr(ifindex, &vip->addr, prefix, true);
	if (!addr)
		return -ENOMEM;
	err = xha_rtnl_errno(rtnl_addr_delete(sk, addr, 0));
	rtnl_addr_put(addr);
	return err == -EADDRNOTAVAIL || err == -ENODEV ? 0 : err;
}
