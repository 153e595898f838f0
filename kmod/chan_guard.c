// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel's guard, see chan_guard.h.
 *
 * In: the hooks sit at LOCAL_IN, before anything else there: behind routing, so
 * that "to one of our addresses" is settled, and behind decapsulation, so that
 * a channel inside IPsec is judged by its inner addresses and the SAs that were
 * undone are known.
 *
 * Out, with "security manual" only: at POST_ROUTING, behind everything else
 * there: the route of the packet is then the one it leaves by, whatever was
 * changed since SCTP looked it up. And at LOCAL_OUT, as some routes (those that
 * put a header of their own in front, as SRv6) leave without a POST_ROUTING
 * that sees SCTP. What leaves is known by its source, or where that was
 * translated by the socket: those of the channel are the kernel's own.
 *
 * Fragments: IPv4 has reassembled before LOCAL_IN. IPv6 reassembles after it,
 * and what it reassembles does not pass LOCAL_IN again; but then the fragment
 * with offset 0 is judged like a whole packet, and where it is dropped its
 * datagram is never completed. So later fragments pass, whoever sent them, and
 * a first one that is too short to show its ports (RFC 7112 forbids it) is
 * dropped. The SCTP of other ports loses nothing by that. On the way out both
 * fragment behind POST_ROUTING.
 *
 * SCTP in UDP (RFC 6951, net.sctp.udp_port, off by default): the channel refuses
 * such an association when it is set up (chan_sock.c). One that is up would turn
 * to UDP with the first packet that comes so, which with "security manual" is
 * dropped here.
 */
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/limits.h>
#include <linux/sctp.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "chan_guard.h"
#include "chan_protect.h"

/* An SCTP packet: addresses, and ports where it is long enough. */
struct flow {
	struct xha_ip		saddr;
	struct xha_ip		daddr;
	const struct sctphdr	*sh;
	struct sctphdr		buf;
};

static bool is_one_of(const struct xha_ip *v, unsigned int n,
		      const struct xha_ip *ip)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (v[i].family == ip->family &&
		    xfrm_addr_equal(&v[i].a, &ip->a, ip->family))
			return true;
	return false;
}

static unsigned int refuse(struct xha_chan_guard *g, const char *why, bool out)
{
	atomic64_inc(&g->stats->unprotected);
	g->refused(g, why, out);
	return NF_DROP;
}

static unsigned int judge_in(struct xha_chan_guard *g, const struct sk_buff *skb,
			     const struct flow *f)
{
	const struct xha_chan_conf *conf = g->conf;
	const char *why;

	if (!is_one_of(conf->local, conf->n_local, &f->daddr))
		return NF_ACCEPT;
	if (f->sh && ntohs(f->sh->dest) != conf->local_port)
		return NF_ACCEPT;
	if (!f->sh || ntohs(f->sh->source) != conf->remote_port ||
	    !is_one_of(conf->remote, conf->n_remote, &f->saddr)) {
		atomic64_inc(&g->stats->strangers);
		return NF_DROP;
	}
	if (conf->security == XFRM_HA_SECURITY_NONE)
		return NF_ACCEPT;
	why = xha_chan_protect_in(conf, skb, &f->saddr, &f->daddr);
	return why ? refuse(g, why, false) : NF_ACCEPT;
}

static int udp_port(const struct xha_chan_guard *g)
{
	return READ_ONCE(g->net->sctp.udp_port);
}

/* Most UDP is not SCTP's: it costs no more than this. */
static bool concerns(const struct xha_chan_guard *g, int proto)
{
	return proto == IPPROTO_SCTP || (proto == IPPROTO_UDP && udp_port(g));
}

static unsigned int judge_udp(struct xha_chan_guard *g, const struct sk_buff *skb,
			      unsigned int off, const struct xha_ip *saddr)
{
	const struct xha_chan_conf *conf = g->conf;
	const struct sctphdr *sh;
	const struct udphdr *uh;
	struct sctphdr sbuf;
	struct udphdr ubuf;

	if (conf->security == XFRM_HA_SECURITY_NONE ||
	    !is_one_of(conf->remote, conf->n_remote, saddr))
		return NF_ACCEPT;
	uh = skb_header_pointer(skb, off, sizeof(ubuf), &ubuf);
	if (!uh || ntohs(uh->dest) != udp_port(g))
		return NF_ACCEPT;
	/* Too short a fragment may be anything. */
	sh = skb_header_pointer(skb, off + sizeof(ubuf), sizeof(sbuf), &sbuf);
	if (sh && ntohs(sh->dest) != conf->local_port)
		return NF_ACCEPT;
	return refuse(g, "channel not protected: SCTP in UDP", false);
}

static bool is_own_socket(const struct xha_chan_conf *conf, const struct sock *sk)
{
	return sk && sk_fullsock(sk) && sk->sk_protocol == IPPROTO_SCTP &&
	       sk->sk_kern_sock && inet_sk(sk)->inet_num == conf->local_port;
}

static unsigned int judge_out(struct xha_chan_guard *g, const struct sk_buff *skb,
			      const struct flow *f)
{
	const struct xha_chan_conf *conf = g->conf;
	const char *why;

	if (!is_own_socket(conf, skb->sk) &&
	    (!is_one_of(conf->local, conf->n_local, &f->saddr) ||
	     (f->sh && ntohs(f->sh->source) != conf->local_port)))
		return NF_ACCEPT;
	why = xha_chan_protect_out(g->net, conf, skb_dst(skb), &f->saddr, &f->daddr);
	return why ? refuse(g, why, true) : NF_ACCEPT;
}

static unsigned int judge(struct xha_chan_guard *g, const struct sk_buff *skb,
			  const struct nf_hook_state *state, unsigned int off,
			  int proto, struct flow *f)
{
	if (proto == IPPROTO_UDP)
		return state->hook == NF_INET_LOCAL_IN ?
		       judge_udp(g, skb, off, &f->saddr) : NF_ACCEPT;
	f->sh = skb_header_pointer(skb, off, sizeof(f->buf), &f->buf);
	return state->hook == NF_INET_LOCAL_IN ? judge_in(g, skb, f) :
						 judge_out(g, skb, f);
}

static unsigned int guard_ipv4(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct flow f;

	if (!concerns(priv, iph->protocol))
		return NF_ACCEPT;
	f.saddr.family = AF_INET;
	f.saddr.a.a4 = iph->saddr;
	f.daddr.family = AF_INET;
	f.daddr.a.a4 = iph->daddr;
	return judge(priv, skb, state, skb_network_offset(skb) + ip_hdrlen(skb),
		     iph->protocol, &f);
}

static unsigned int guard_ipv6(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	unsigned int off = skb_network_offset(skb) + sizeof(*ip6h);
	unsigned short frag = 0;
	struct flow f;
	int proto = ip6h->nexthdr;
	int flags = 0;

	/* The plain packet is the common one; spare it the header walk. */
	if (!concerns(priv, proto)) {
		if (!ipv6_ext_hdr(ip6h->nexthdr))
			return NF_ACCEPT;
		off = 0;
		proto = ipv6_find_hdr(skb, &off, -1, &frag, &flags);
		/* A fragment that ends before the ports has none to show. */
		if (proto == -EBADMSG && flags & IP6_FH_F_FRAG)
			off = skb->len;
		else if (!concerns(priv, proto) || frag)
			return NF_ACCEPT;
	}
	f.saddr.family = AF_INET6;
	f.saddr.a.in6 = ip6h->saddr;
	f.daddr.family = AF_INET6;
	f.daddr.a.in6 = ip6h->daddr;
	return judge(priv, skb, state, off, proto, &f);
}

static void fill_ops(struct xha_chan_guard *g)
{
	static const struct {
		unsigned int	hook;
		int		priority;
	} h[] = {
		{ NF_INET_LOCAL_IN, INT_MIN },
		{ NF_INET_LOCAL_OUT, INT_MAX },
		{ NF_INET_POST_ROUTING, INT_MAX },
	};
	unsigned int i;

	BUILD_BUG_ON(2 * ARRAY_SIZE(h) != XHA_CHAN_GUARD_HOOKS);
	for (i = 0; i < XHA_CHAN_GUARD_HOOKS; i++)
		g->ops[i] = (struct nf_hook_ops) {
			.hook		= i % 2 ? guard_ipv6 : guard_ipv4,
			.priv		= g,
			.pf		= i % 2 ? NFPROTO_IPV6 : NFPROTO_IPV4,
			.hooknum	= h[i / 2].hook,
			.priority	= h[i / 2].priority,
		};
}

/**
 * xha_chan_guard_start() - drop strangers, and what is not protected, from now on
 * @g: filled in here; must stay until xha_chan_guard_stop()
 * @net: namespace; no reference is taken
 * @conf: must not change until xha_chan_guard_stop()
 * @stats: strangers and unprotected are incremented for each packet dropped
 * @refused: see &struct xha_chan_guard
 *
 * Context: process, may sleep.
 * Return: 0 or the errno of nf_register_net_hooks(), mostly -ENOMEM.
 */
int xha_chan_guard_start(struct xha_chan_guard *g, struct net *net,
			 const struct xha_chan_conf *conf,
			 struct xha_chan_stats *stats,
			 void (*refused)(struct xha_chan_guard *g,
					 const char *why, bool out))
{
	g->net = net;
	g->conf = conf;
	g->stats = stats;
	g->refused = refused;
	g->n_ops = conf->security == XFRM_HA_SECURITY_NONE ? 2 : XHA_CHAN_GUARD_HOOKS;
	fill_ops(g);
	return nf_register_net_hooks(net, g->ops, g->n_ops);
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
	nf_unregister_net_hooks(g->net, g->ops, g->n_ops);
	synchronize_net();
}
