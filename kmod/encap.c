// SPDX-License-Identifier: GPL-2.0-only
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "chan_sock.h"
#include "encap.h"
#include "group.h"
#include "netns.h"

#define NATT_PORT	4500

static int set_one(struct socket *sock, int level, int name, int val)
{
	return sock->ops->setsockopt(sock, level, name, KERNEL_SOCKPTR(&val),
				     sizeof(val));
}

/*
 * Beside a daemon's socket, which sets SO_REUSEADDR as well, and before the VIP
 * is on this node. What is no ESP is not read by anybody: little is kept of it.
 */
static int set_up(struct socket *sock, const struct xha_ip *ip)
{
	bool v4 = ip->family == AF_INET;
	struct sockaddr_storage ss;
	int len = xha_chan_sock_addr(ip, NATT_PORT, &ss);

	sock->sk->sk_reuse = SK_CAN_REUSE;
	sock->sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sock->sk->sk_rcvbuf, SOCK_MIN_RCVBUF);
	return set_one(sock, v4 ? SOL_IP : SOL_IPV6,
		       v4 ? IP_FREEBIND : IPV6_FREEBIND, 1) ?:
	       kernel_bind(sock, (struct sockaddr *)&ss, len) ?:
	       set_one(sock, SOL_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP);
}

static struct socket *open_one(struct net *net, const struct xha_ip *ip)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(net, ip->family, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (err)
		return ERR_PTR(err);
	err = set_up(sock, ip);
	if (!err)
		return sock;
	sock_release(sock);
	return ERR_PTR(err);
}

static int place_of(const struct xha_group *g, const struct xha_ip *ip)
{
	unsigned int i;

	for (i = 0; i < g->n_vips; i++)
		if (g->vips[i].family == ip->family &&
		    xfrm_addr_equal(&g->vips[i].a, &ip->a, ip->family))
			return i;
	return -EADDRNOTAVAIL;
}

/* Release what is in @old and not in @keep. */
static void release_others(struct xha_encaps *old, const struct xha_encaps *keep)
{
	unsigned int i;

	for (i = 0; i < XFRM_HA_MAX_VIPS; i++)
		if (old->sock[i] && old->sock[i] != keep->sock[i])
			sock_release(old->sock[i]);
}

int xha_encap_set(struct xha_group *g, const struct xha_ip *ips, unsigned int n,
		  struct netlink_ext_ack *extack)
{
	struct xha_encaps new = {};
	struct socket *sock;
	unsigned int i;
	int at;

	lockdep_assert_held(&g->xn->lock);
	for (i = 0; i < n; i++) {
		at = place_of(g, &ips[i]);
		if (at < 0) {
			NL_SET_ERR_MSG(extack, "an address to hold port 4500 of is no VIP");
			goto err;
		}
		if (new.sock[at])
			continue;
		sock = g->encaps.sock[at] ?: open_one(g->xn->net, &ips[i]);
		if (IS_ERR(sock)) {
			NL_SET_ERR_MSG(extack, "cannot hold port 4500 of a VIP");
			at = PTR_ERR(sock);
			goto err;
		}
		new.sock[at] = sock;
	}
	release_others(&g->encaps, &new);
	g->encaps = new;
	return 0;
err:
	release_others(&new, &g->encaps);
	return at;
}

void xha_encap_clear(struct xha_group *g)
{
	static const struct xha_encaps none;

	lockdep_assert_held(&g->xn->lock);
	release_others(&g->encaps, &none);
	g->encaps = none;
}
