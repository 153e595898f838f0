// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel's guard, see chan_guard.h.
 *
 * The hooks sit at LOCAL_IN, before anything else there: behind routing, so
 * that "to one of our addresses" is settled, and behind decapsulation, so that
 * a channel inside IPsec is judged by its inner addresses.
 *
 * Fragments: IPv4 has reassembled before LOCAL_IN. IPv6 reassembles after it,
 * and what it reassembles does not pass LOCAL_IN again; but then the fragment
 * with offset 0 is judged like a whole packet, and where it is dropped its
 * datagram is never completed. So later fragments pass, whoever sent them, and
 * a first one that is too short to show its ports (RFC 7112 forbids it) is
 * dropped. The SCTP of other ports loses nothing by that.
 *
 * Known limit: SCTP in UDP (RFC 6951, net.sctp.udp_port, off by default) comes
 * in as UDP and is not seen here; the channel refuses such an association
 * when it is set up (chan_sock.c).
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/limits.h>
#include <linux/sctp.h>
#include <net/ipv6.h>

#include "chan_guard.h"

static bool is_one_of(const struct xha_ip *v, unsigned int n, u16 family,
		      const void *addr)
{
	size_t len = family == AF_INET ? sizeof(struct in_addr) :
					 sizeof(struct in6_addr);
	unsigned int i;

	for (i = 0; i < n; i++)
		if (v[i].family == family && !memcmp(&v[i].a, addr, len))
			return true;
	return false;
}

/* Judge an SCTP packet whose common header begins at @off. */
static unsigned int judge(const struct xha_chan_guard *g, struct sk_buff *skb,
			  unsigned int off, u16 family, const void *saddr,
			  const void *daddr)
{
	const struct xha_chan_conf *conf = g->conf;
	const struct sctphdr *sh;
	struct sctphdr buf;

	if (!is_one_of(conf->local, conf->n_local, family, daddr))
		return NF_ACCEPT;

	sh = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (sh) {
		if (ntohs(sh->dest) != conf->local_port)
			return NF_ACCEPT;
		if (ntohs(sh->source) == conf->remote_port &&
		    is_one_of(conf->remote, conf->n_remote, family, saddr))
			return NF_ACCEPT;
	}

	atomic64_inc(g->strangers);
	return NF_DROP;
}

static unsigned int guard_ipv4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (iph->protocol != IPPROTO_SCTP)
		return NF_ACCEPT;
	return judge(priv, skb, skb_network_offset(skb) + ip_hdrlen(skb),
		     AF_INET, &iph->saddr, &iph->daddr);
}

static unsigned int guard_ipv6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	unsigned short frag = 0;
	unsigned int off = 0;
	int flags = 0;
	int proto;

	/* The plain packet is the common one; spare it the header walk. */
	if (ip6h->nexthdr == IPPROTO_SCTP)
		return judge(priv, skb, skb_network_offset(skb) + sizeof(*ip6h),
			     AF_INET6, &ip6h->saddr, &ip6h->daddr);
	if (!ipv6_ext_hdr(ip6h->nexthdr))
		return NF_ACCEPT;

	proto = ipv6_find_hdr(skb, &off, -1, &frag, &flags);
	/* A fragment that ends before the ports has none to show. */
	if (proto == -EBADMSG && flags & IP6_FH_F_FRAG)
		off = skb->len;
	else if (proto != IPPROTO_SCTP || frag)
		return NF_ACCEPT;
	return judge(priv, skb, off, AF_INET6, &ip6h->saddr, &ip6h->daddr);
}

/**
 * xha_chan_guard_start() - drop strangers from now on
 * @g: filled in here; must stay until xha_chan_guard_stop()
 * @net: namespace; no reference is taken
 * @conf: addresses and ports, must not change until xha_chan_guard_stop()
 * @strangers: incremented for each packet dropped
 *
 * Context: process, may sleep.
 * Return: 0 or the errno of nf_register_net_hooks(), mostly -ENOMEM.
 */
int xha_chan_guard_start(struct xha_chan_guard *g, struct net *net,
			 const struct xha_chan_conf *conf, atomic64_t *strangers)
{
	g->net = net;
	g->conf = conf;
	g->strangers = strangers;
	g->ops[0] = (struct nf_hook_ops) {
		.hook		= guard_ipv4,
		.priv		= g,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= INT_MIN,
	};
	g->ops[1] = (struct nf_hook_ops) {
		.hook		= guard_ipv6,
		.priv		= g,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= INT_MIN,
	};
	return nf_register_net_hooks(net, g->ops, ARRAY_SIZE(g->ops));
}

/**
 * xha_chan_guard_stop() - let everything through again
 * @g: started before
 *
 * Context: process, may sleep. On return no hook runs: unregistering alone
 * leaves those that are under way.
 */
void xha_chan_guard_stop(struct xha_chan_guard *g)
{
	nf_unregister_net_hooks(g->net, g->ops, ARRAY_SIZE(g->ops));
	synchronize_net();
}
