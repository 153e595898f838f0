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

/* What is no ESP is read by nobody here: little is kept of it. */
static int set_up(struct socket *sock, u16 family)
{
	struct xha_ip any = { .family = family };
	struct sockaddr_storage ss;
	int len = xha_chan_sock_addr(&any, NATT_PORT, &ss);
	int err = 0;

	sock->sk->sk_reuse = SK_CAN_REUSE;
	sock->sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sock->sk->sk_rcvbuf, SOCK_MIN_RCVBUF);
	if (family == AF_INET6)
		err = set_one(sock, SOL_IPV6, IPV6_V6ONLY, 1);
	return err ?: kernel_bind(sock, (struct sockaddr *)&ss, len) ?:
	       set_one(sock, SOL_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP);
}

static struct socket *open_one(struct net *net, u16 family)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(net, family, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (err)
		return ERR_PTR(err);
	err = set_up(sock, family);
	if (!err)
		return sock;
	sock_release(sock);
	return ERR_PTR(err);
}

static int make(struct net *net, struct socket **at, u16 family)
{
	struct socket *sock;

	if (*at)
		return 0;
	sock = open_one(net, family);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	*at = sock;
	return 0;
}

static void let_go(struct socket **at)
{
	if (*at)
		sock_release(*at);
	*at = NULL;
}

void xha_encap_sweep(struct xha_net *xn)
{
	struct xha_group *g;
	u32 wanted = 0;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list)
		wanted |= g->encap;
	if (!(wanted & XFRM_HA_ENCAP_V4))
		let_go(&xn->encaps.v4);
	if (!(wanted & XFRM_HA_ENCAP_V6))
		let_go(&xn->encaps.v6);
}

int xha_encap_set(struct xha_group *g, u32 families,
		  struct netlink_ext_ack *extack)
{
	struct xha_net *xn = g->xn;
	int err = 0;

	lockdep_assert_held(&xn->lock);
	if (families & XFRM_HA_ENCAP_V4)
		err = make(xn->net, &xn->encaps.v4, AF_INET);
	if (!err && (families & XFRM_HA_ENCAP_V6))
		err = make(xn->net, &xn->encaps.v6, AF_INET6);
	if (err)
		NL_SET_ERR_MSG(extack, "cannot hold port 4500");
	else
		g->encap = families;
	xha_encap_sweep(xn);
	return err;
}
