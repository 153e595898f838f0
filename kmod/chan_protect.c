// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hides the channel from others, see chan_protect.h.
 *
 * Without a device in the configuration a packet needs an SA that encrypts, in
 * transport mode, between exactly the addresses that the packet has: then
 * nobody but the peer can read it, whatever else the bundle or another hop
 * does to it. On the way out that SA is in the bundle the packet leaves with
 * (xfrm_output() transforms with it or drops, nothing in between); on the way
 * in it is in the security path, where only xfrm_input() puts an SA, once it
 * has decrypted.
 *
 * With a device a packet must leave and come by it. WireGuard always encrypts.
 * MACsec need not, and may take frames without a tag: its settings are looked
 * at for each packet. An XFRM interface is as good as its SAs. A packet leaves
 * by it in two steps: out of the interface as it is, which drops what no SA
 * takes, and then by the device below with the bundle: then there must be an
 * SA that encrypts with the interface's if_id.
 *
 * A bundle of an SA with packet offload hands the packet to the device as it
 * is, and what a device does is out of sight: refused. With crypto offload the
 * kernel itself makes the ESP packet, and encrypts where the device does not.
 */
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/ipv6_stubs.h>
#include <net/macsec.h>
#include <net/route.h>
#include <net/rtnetlink.h>
#include <net/xfrm.h>

#include "chan_protect.h"

#define NOT	"channel not protected: "

/* Of the kernel's AEADs all but GMAC, rfc4543(gcm(aes)), encrypt. */
static const char *aead_hides(const char *name)
{
	static const char *const good[] = {
		"rfc4106(gcm(aes))",
		"rfc4309(ccm(aes))",
		"rfc7539esp(chacha20,poly1305)",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		if (!strcmp(name, good[i]))
			return NULL;
	if (!strcmp(name, "rfc4543(gcm(aes))"))
		return NOT "its SA only authenticates (GMAC)";
	return NOT "its SA has an AEAD this version does not know";
}

/* Does an SA encrypt what it carries? */
static const char *sa_hides(const struct xfrm_state *x)
{
	const char *why;

	if (x->id.proto != IPPROTO_ESP)
		return NOT "its SA is not ESP";
	if (x->aead) {
		why = aead_hides(x->aead->alg_name);
		if (why)
			return why;
	} else if (!x->ealg || !*x->ealg->alg_name ||
		   strstr(x->ealg->alg_name, "null")) {
		return NOT "its SA has NULL encryption";
	}
	if (x->xso.dev && x->xso.type == XFRM_DEV_OFFLOAD_PACKET)
		return NOT "its SA is left to a device (packet offload)";
	return NULL;
}

static bool is_addr(const xfrm_address_t *a, u16 family, const struct xha_ip *ip)
{
	return ip->family == family && xfrm_addr_equal(a, &ip->a, family);
}

/* Does it hide a packet from @saddr to @daddr all the way? */
static const char *sa_protects(const struct xfrm_state *x,
			       const struct xha_ip *saddr,
			       const struct xha_ip *daddr)
{
	const char *why = sa_hides(x);

	if (why)
		return why;
	if (x->props.mode != XFRM_MODE_TRANSPORT)
		return NOT "its SA is not in transport mode";
	if (!is_addr(&x->props.saddr, x->props.family, saddr) ||
	    !is_addr(&x->id.daddr, x->props.family, daddr))
		return NOT "its SA has other endpoints";
	return NULL;
}

static bool is_one_of(const struct xha_ip *v, unsigned int n,
		      const struct xha_ip *ip)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (is_addr(&ip->a, ip->family, &v[i]))
			return true;
	return false;
}

static const char *macsec_hides(const struct net_device *dev)
{
	const struct macsec_secy *secy = netdev_priv(dev);

	/* It is the first thing there; were it not, this would not hold. */
	if (secy->netdev != dev)
		return NOT "this kernel's macsec cannot be judged";
	if (!secy->protect_frames || !secy->tx_sc.encrypt)
		return NOT "the macsec security-device does not encrypt";
	if (secy->validate_frames != MACSEC_VALIDATE_STRICT)
		return NOT "the macsec security-device lets frames in that are not protected";
	return NULL;
}

/* XFRM interface of this namespace with SAs of its own, or NULL. */
static const struct xfrm_if *to_xfrm_if(const struct net_device *dev)
{
	const struct xfrm_if *xi;

	if (!dev->rtnl_link_ops || strcmp(dev->rtnl_link_ops->kind, "xfrm"))
		return NULL;
	xi = netdev_priv(dev);
	return xi->p.if_id && net_eq(xi->net, dev_net(dev)) ? xi : NULL;
}

/* Is @dev, which has the right name, of a kind that hides what it carries? */
static const char *dev_hides(const struct net_device *dev)
{
	const char *kind = dev->rtnl_link_ops ? dev->rtnl_link_ops->kind : "";

	if (!strcmp(kind, "wireguard"))
		return NULL;
	if (!strcmp(kind, "macsec"))
		return macsec_hides(dev);
	if (strcmp(kind, "xfrm"))
		return NOT "the security-device is not wireguard, macsec or xfrm";
	if (!to_xfrm_if(dev))
		return NOT "the xfrm security-device has no if_id, or another namespace's SAs";
	return NULL;
}

/* Second step out of an XFRM interface: with a bundle, by the device below. */
static const char *bundle_of_if(const struct xfrm_if *xi,
				const struct dst_entry *dst)
{
	const char *why = NOT "packets do not take the security-device";
	const struct xfrm_state *x;

	for (; dst && (x = dst_xfrm(dst)); dst = xfrm_dst_child(dst)) {
		if (x->if_id != xi->p.if_id)
			continue;
		why = sa_hides(x);
		if (!why)
			return NULL;
	}
	return why;
}

static const char *dev_out(struct net *net, const struct xha_chan_conf *conf,
			   const struct dst_entry *dst)
{
	const struct net_device *dev;
	const struct xfrm_if *xi;

	if (!strcmp(dst->dev->name, conf->device)) {
		/* Such a route may leave by another device in the end. */
		if (dst->lwtstate)
			return NOT "the route puts a header in front";
		return dev_hides(dst->dev);
	}
	dev = dst_xfrm(dst) ? dev_get_by_name_rcu(net, conf->device) : NULL;
	xi = dev ? to_xfrm_if(dev) : NULL;
	if (!xi)
		return NOT "packets do not take the security-device";
	return bundle_of_if(xi, dst);
}

const char *xha_chan_protect_out(struct net *net,
				 const struct xha_chan_conf *conf,
				 const struct dst_entry *dst,
				 const struct xha_ip *saddr,
				 const struct xha_ip *daddr)
{
	const char *why = NOT "it would leave in clear, no SA takes it";
	const struct xfrm_state *x;

	if (!dst)
		return NOT "its packet has no route";
	/* Address translation may have come in between. */
	if (!is_one_of(conf->local, conf->n_local, saddr) ||
	    !is_one_of(conf->remote, conf->n_remote, daddr))
		return NOT "its addresses are translated on the way out";
	if (*conf->device)
		return dev_out(net, conf, dst);
	for (; dst && (x = dst_xfrm(dst)); dst = xfrm_dst_child(dst)) {
		why = sa_protects(x, saddr, daddr);
		if (!why)
			return NULL;
	}
	return why;
}

static const char *dev_in(const struct xha_chan_conf *conf,
			  const struct sk_buff *skb)
{
	const struct sec_path *sp = skb_sec_path(skb);
	const struct xfrm_if *xi;
	const char *why;
	int i;

	if (!skb->dev || strcmp(skb->dev->name, conf->device))
		return NOT "the peer's packets do not come by the security-device";
	why = dev_hides(skb->dev);
	xi = why ? NULL : to_xfrm_if(skb->dev);
	if (!xi)
		return why;
	why = NOT "the peer's packets come in clear";
	for (i = 0; sp && i < sp->len; i++) {
		if (sp->xvec[i]->if_id != xi->p.if_id)
			continue;
		why = sa_hides(sp->xvec[i]);
		if (!why)
			return NULL;
	}
	return why;
}

const char *xha_chan_protect_in(const struct xha_chan_conf *conf,
				const struct sk_buff *skb,
				const struct xha_ip *saddr,
				const struct xha_ip *daddr)
{
	const char *why = NOT "the peer's packets come in clear";
	const struct sec_path *sp;
	int i;

	if (*conf->device)
		return dev_in(conf, skb);
	sp = skb_sec_path(skb);
	for (i = 0; sp && i < sp->len; i++) {
		why = sa_protects(sp->xvec[i], saddr, daddr);
		if (!why)
			return NULL;
	}
	return why;
}

static struct dst_entry *look_up(struct net *net, const struct xha_chan_conf *conf)
{
	const struct xha_ip *l = &conf->local[0], *r = &conf->remote[0];
	struct flowi4 fl4 = {};
	struct flowi6 fl6 = {};
	struct rtable *rt;

	if (l->family == AF_INET) {
		fl4.saddr = l->a.a4;
		fl4.daddr = r->a.a4;
		fl4.flowi4_proto = IPPROTO_SCTP;
		fl4.fl4_sport = htons(conf->local_port);
		fl4.fl4_dport = htons(conf->remote_port);
		rt = ip_route_output_flow(net, &fl4, NULL);
		return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
	}
	fl6.saddr = l->a.in6;
	fl6.daddr = r->a.in6;
	fl6.flowi6_proto = IPPROTO_SCTP;
	fl6.fl6_sport = htons(conf->local_port);
	fl6.fl6_dport = htons(conf->remote_port);
	return ipv6_stub->ipv6_dst_lookup_flow(net, NULL, &fl6, NULL);
}

const char *xha_chan_protect_probe(struct net *net,
				   const struct xha_chan_conf *conf)
{
	struct dst_entry *dst = look_up(net, conf);
	const char *why;

	if (IS_ERR(dst))
		return NOT "no route to the peer, or its SA is not there yet";
	rcu_read_lock();
	why = xha_chan_protect_out(net, conf, dst, &conf->local[0],
				   &conf->remote[0]);
	rcu_read_unlock();
	dst_release(dst);
	return why;
}
