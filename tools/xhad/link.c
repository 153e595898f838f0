// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

/**
 * xha_link_open - open a socket that is readable after changes
 *
 * Return: a descriptor, or -errno.
 */
int xha_link_open(void)
{
	struct sockaddr_nl nl = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
			     RTMGRP_IPV6_IFADDR,
	};
	int fd, err;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&nl, sizeof(nl))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/**
 * xha_link_drain - forget the notifications that wait
 * @fd: from xha_link_open()
 */
void xha_link_drain(int fd)
{
	char buf[256];

	/* ENOBUFS says that some were lost, and clears itself. */
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0 ||
	       errno == ENOBUFS || errno == EINTR)
		;
}

static bool running(int fd, struct ifreq *ifr)
{
	short want = IFF_UP | IFF_RUNNING;

	return !ioctl(fd, SIOCGIFFLAGS, ifr) && (ifr->ifr_flags & want) == want;
}

/**
 * xha_link_fault - what keeps an interface from carrying traffic
 * @ifname: the interface
 *
 * Return: a static string, or NULL where it is up and has a carrier.
 */
const char *xha_link_fault(const char *ifname)
{
	struct ifreq ifr = { 0 };
	const char *fault = NULL;
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return "cannot be read";
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		fault = "not there";
	else if (!(ifr.ifr_flags & IFF_UP))
		fault = "set down";
	else if (!(ifr.ifr_flags & IFF_RUNNING))
		fault = "no carrier";
	close(fd);
	return fault;
}

static bool same_subnet(const struct ifaddrs *i, const struct xha_addr *near)
{
	__be32 a = ((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr;
	__be32 mask;

	if (!i->ifa_netmask)
		return false;
	mask = ((struct sockaddr_in *)i->ifa_netmask)->sin_addr.s_addr;
	return !((a ^ xha_addr_get_v4(near)) & mask);
}

/* Elections over IPv6 speak from link-local addresses, and only from those. */
static bool read_addr(const struct ifaddrs *i, int family, struct xha_addr *a)
{
	const struct in6_addr *in6;

	if (!i->ifa_addr || i->ifa_addr->sa_family != family)
		return false;
	if (family == AF_INET) {
		*a = xha_addr_v4(((struct sockaddr_in *)
				  i->ifa_addr)->sin_addr.s_addr);
		return true;
	}
	in6 = &((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr;
	return IN6_IS_ADDR_LINKLOCAL(in6) && !xha_addr_set(a, in6, 16);
}

static void find_addr(const char *ifname, const struct xha_addr *near,
		      xha_link_is_vip_fn is_vip, void *arg,
		      struct xha_addr *addr)
{
	int family = near->len == 16 ? AF_INET6 : AF_INET;
	struct ifaddrs *list, *i;
	struct xha_addr a;

	if (getifaddrs(&list))
		return;
	for (i = list; i; i = i->ifa_next) {
		if (strcmp(i->ifa_name, ifname) || !read_addr(i, family, &a) ||
		    is_vip(&a, arg))
			continue;
		if (family == AF_INET && same_subnet(i, near)) {
			*addr = a;
			break;
		}
		if (!addr->len)
			*addr = a;
	}
	freeifaddrs(list);
}

/**
 * xha_link_read - read an interface's state
 * @ifname: the interface
 * @near: of this family an address is looked for: IPv4, in a subnet with this
 *	if there are several, or IPv6, link-local
 * @is_vip: which addresses not to take
 * @arg: passed to @is_vip
 * @link: result, all zero if there is no such interface
 */
void xha_link_read(const char *ifname, const struct xha_addr *near,
		   xha_link_is_vip_fn is_vip, void *arg, struct xha_link *link)
{
	struct ifreq ifr = { 0 };
	int fd;

	memset(link, 0, sizeof(*link));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	if (!ioctl(fd, SIOCGIFINDEX, &ifr)) {
		link->ifindex = ifr.ifr_ifindex;
		if (!ioctl(fd, SIOCGIFHWADDR, &ifr) &&
		    ifr.ifr_hwaddr.sa_family == ARPHRD_ETHER)
			memcpy(link->mac, ifr.ifr_hwaddr.sa_data, 6);
		find_addr(ifname, near, is_vip, arg, &link->addr);
		link->up = running(fd, &ifr) && link->addr.len;
	}
	close(fd);
}
