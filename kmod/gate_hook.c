// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate's hooks: which packets it stops, and where.
 *
 * PRE_ROUTING, first. Routing of forwarded packets raises ACQUIRE and local
 *	delivery answers, so this is before both, and before raw, defrag and
 *	conntrack: a standby makes no connection entries, and packets can be
 *	held and sent on as they came. Fragments are not reassembled yet, so
 *	their ports are not known: with a port in the selector a fragment
 *	counts as protected if addresses and protocol match (fail closed).
 * PRE_ROUTING, last. The same once DNAT and marks are done. Only drops: what
 *	DNAT changed belongs to connections the peer does not know.
 * LOCAL_OUT, first. Drops, so that the sender sees EPERM.
 * POST_ROUTING, last. What SNAT made match; what leaves by an XFRM interface
 *	or VTI (their if_id or key is known only here, and they look up the
 *	policy after this hook); sources that are VIPs; bundles that would
 *	make such packets.
 * ARP, OUT. Answers and requests that say a VIP is here, wherever the VIP is
 *	configured; not in HOLD, when nobody else has it yet. Neighbour
 *	advertisements have the VIP as their source.
 *
 * For a VIP: while not open, everything for a VIP is stopped, ESP, AH and UDP
 * to port 4500 being held or sent on. Sources: whatever has a VIP as source
 * is dropped at LOCAL_OUT and POST_ROUTING; in HOLD, packets already
 * transformed have their number and may leave.
 *
 * Rules. As in the kernel each direction is looked at by itself: plaintext
 * that comes in is compared with the IN rules if it is for this node, else
 * with FWD rules (it should have come by ESP: dropped) and then with OUT rules
 * (dropped, held or sent on). The best rule of all groups of the namespace
 * decides; if its group is open, or it is a bypass, the packet passes.
 * Packets out of a tunnel of the rule's own group, or of no group, fulfil IN
 * and FWD rules (the latter are judged by the SPD); those out of another
 * group's are treated like plaintext. Packets that are being transformed for
 * somebody else are not plaintext.
 *
 * What passes under selectors as wide as 0.0.0.0/0:
 *   - link-local multicast (HSRP, VRRP, OSPF, ND), IPv6 link-local unicast,
 *     the limited broadcast: never routed, so never tunnelled;
 *   - for an own address that is no closed VIP: OUT and FWD rules say nothing
 *     about it, and IN rules only where their destination is not /0;
 *   - between an own address and the channel's far end or a neighbour;
 *   - between an own address and a host on the same subnet, where the rule's
 *     remote selector is wider than that subnet: such a rule means what is
 *     behind the LAN and not the LAN. Remote selectors that name hosts on
 *     the LAN (road warriors with addresses of the LAN) are obeyed.
 * Other traffic of the node itself is as silent as its policies say.
 *
 * Not seen here: packets of AF_PACKET sockets, XDP, tc redirects and nf
 * flowtables, which bypass netfilter; bridged frames unless br_netfilter is
 * in use (then they are judged like routed ones, and dropped instead of held).
 */

#include <linux/etherdevice.h>
#include <linux/if_macvlan.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/dst.h>
#include <net/ip6_tunnel.h>
#include <net/ip_tunnels.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/rtnetlink.h>

#include "gate_hook.h"

#define NATT_PORT	4500	/* RFC 3948 section 4 */

static DEFINE_PER_CPU(struct sk_buff *, gate_released);

void xha_gate_released(struct sk_buff *skb)
{
	this_cpu_write(gate_released, skb);
}

/* Only once: the same packet can come by again, decapsulated. */
static bool is_released(const struct sk_buff *skb)
{
	if (this_cpu_read(gate_released) != skb)
		return false;
	this_cpu_write(gate_released, NULL);
	return true;
}

static unsigned int gate_drop(struct xha_gate *g)
{
	atomic64_inc(&g->stats.dropped);
	return NF_DROP;
}

/* --- addresses --- */

static bool ip_is(const struct xha_ip *ip, u16 family, const xfrm_address_t *a)
{
	return ip->family == family && xfrm_addr_equal(&ip->a, a, family);
}

bool xha_gate_is_vip(const struct xha_gate_tables *t, u16 family,
		     const xfrm_address_t *a)
{
	unsigned int i;

	for (i = 0; i < t->n_vips; i++)
		if (ip_is(&t->vips[i], family, a))
			return true;
	return false;
}

static bool is_exempt(struct xha_gates *gates, u16 family,
		      const xfrm_address_t *a)
{
	const struct xha_gate_addrs *ex = rcu_dereference(gates->exempt);
	const struct xha_gate_tables *t;
	struct xha_gate *g;
	unsigned int i;

	for (i = 0; ex && i < ex->n; i++)
		if (ip_is(&ex->v[i], family, a))
			return true;
	list_for_each_entry_rcu(g, &gates->list, list) {
		t = rcu_dereference(g->tables);
		for (i = 0; t && i < t->n_neighs; i++)
			if (ip_is(&t->neighs[i].addr, family, a))
				return true;
	}
	return false;
}

static bool is_local(struct net *net, u16 family, const xfrm_address_t *a)
{
	if (family == AF_INET)
		return __ip_dev_find(net, a->a4, false);
	return ipv6_chk_addr(net, &a->in6, NULL, 0);
}

struct xha_gate *xha_gates_shut_for(struct xha_gates *gates,
				    const struct xha_ip *ip)
{
	const struct xha_gate_tables *t;
	struct xha_gate *g;

	list_for_each_entry_rcu(g, &gates->list, list) {
		t = rcu_dereference(g->tables);
		if (READ_ONCE(g->mode) != XHA_GATE_OPEN && t &&
		    xha_gate_is_vip(t, ip->family, &ip->a))
			return g;
	}
	return NULL;
}

/* Is @a in a subnet of @dev that is smaller than a selector of @plen? */
static bool is_on_link(const struct net_device *dev, u16 family,
		       const xfrm_address_t *a, u8 plen)
{
	const struct inet6_ifaddr *ifp;
	const struct in_ifaddr *ifa;
	struct in_device *in_dev;
	struct inet6_dev *idev;

	if (family == AF_INET) {
		in_dev = __in_dev_get_rcu(dev);
		if (!in_dev)
			return false;
		in_dev_for_each_ifa_rcu(ifa, in_dev)
			if (plen < ifa->ifa_prefixlen &&
			    inet_ifa_match(a->a4, ifa))
				return true;
		return false;
	}
	idev = __in6_dev_get(dev);
	if (!idev)
		return false;
	list_for_each_entry_rcu(ifp, &idev->addr_list, if_list)
		if (plen < ifp->prefix_len &&
		    ipv6_prefix_equal(&a->in6, &ifp->addr, ifp->prefix_len))
			return true;
	return false;
}

static bool is_link_local(const struct xha_gate_flow *fl)
{
	int type;

	if (fl->family == AF_INET)
		return ipv4_is_local_multicast(fl->daddr.a4) ||
		       ipv4_is_lbcast(fl->daddr.a4);
	type = ipv6_addr_type(&fl->daddr.in6);
	if (type & IPV6_ADDR_MULTICAST)
		return IPV6_ADDR_MC_SCOPE(&fl->daddr.in6) <=
		       IPV6_ADDR_SCOPE_LINKLOCAL;
	return (type & IPV6_ADDR_LINKLOCAL) ||
	       (ipv6_addr_type(&fl->saddr.in6) & IPV6_ADDR_LINKLOCAL);
}

/* May this node talk to @remote in spite of a rule whose selector for the far
 * end has @plen bits?
 */
static bool may_talk(struct xha_gates *gates, u16 family,
		     const xfrm_address_t *remote,
		     const struct net_device *dev, u8 plen)
{
	return is_exempt(gates, family, remote) ||
	       is_on_link(dev, family, remote, plen);
}

/* --- rules --- */

static int gate_mode(const struct xha_gate *g, bool late)
{
	return late ? READ_ONCE(g->late) : READ_ONCE(g->mode);
}

/*
 * The gate that objects to a flow in a direction, and its rule. Where two
 * groups' rules have one priority, the one that objects wins. A packet that
 * leaves as it @is_plain shows that no policy of an open gate protects it,
 * whatever the rules say: it may be gone since.
 */
static struct xha_gate *objects(struct xha_gates *gates,
				const struct xha_gate_flow *fl, u8 dir,
				bool late, bool is_plain,
				const struct xha_gate_rule **rule)
{
	const struct xha_gate_rule *r, *best = NULL;
	struct xha_gate *g, *hit = NULL;
	struct xha_gate_tables *t;
	bool shut;

	list_for_each_entry_rcu(g, &gates->list, list) {
		t = rcu_dereference(g->tables);
		if (!t || !t->index)
			continue;
		r = xha_gate_match_find(t->index, fl, dir);
		if (!r)
			continue;
		shut = gate_mode(g, late) != XHA_GATE_OPEN && !r->pass;
		if (is_plain && !shut && !r->pass)
			continue;
		if (!best || r->priority < best->priority ||
		    (r->priority == best->priority && shut)) {
			best = r;
			hit = shut ? g : NULL;
		}
	}
	*rule = best;
	return hit;
}

/* Did a tunnel whose local end is a VIP of this table bring the packet? */
static bool from_tunnel_of(const struct sk_buff *skb,
			   const struct xha_gate_tables *t)
{
	const struct sec_path *sp = skb_sec_path(skb);
	int i;

	for (i = 0; sp && i < sp->len; i++)
		if (xha_gate_is_vip(t, sp->xvec[i]->props.family,
				    &sp->xvec[i]->id.daddr))
			return true;
	return false;
}

/* Is what an IN or FWD rule of @g asks for fulfilled? */
static bool came_protected(struct xha_gates *gates, struct xha_gate *g,
			   const struct sk_buff *skb)
{
	const struct xha_gate_tables *t;
	struct xha_gate *other;

	if (!skb_sec_path(skb))
		return false;
	t = rcu_dereference(g->tables);
	if (t && from_tunnel_of(skb, t))
		return true;
	list_for_each_entry_rcu(other, &gates->list, list) {
		t = rcu_dereference(other->tables);
		if (t && from_tunnel_of(skb, t))
			return false;
	}
	return true;
}

/* --- PRE_ROUTING --- */

/* The state of a bridged frame does not survive being held. */
static bool is_bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	return nf_bridge_info_exists(skb);
#else
	return false;
#endif
}

/* What the node that has the VIPs needs: hold it or send it on. */
static unsigned int gate_keep(struct xha_gate *g, struct sk_buff *skb,
			      const struct nf_hook_state *state, bool late)
{
	if (late || READ_ONCE(g->mode) == XHA_GATE_CLOSED ||
	    skb->pkt_type != PACKET_HOST || is_bridged(skb))
		return gate_drop(g);
	return xha_gate_take(g, skb, state);
}

static bool is_ipsec(const struct xha_gate_flow *fl)
{
	return fl->any_proto || fl->proto == IPPROTO_ESP ||
	       fl->proto == IPPROTO_AH ||
	       (fl->proto == IPPROTO_UDP &&
		(fl->any_port || fl->dport == htons(NATT_PORT)));
}

/* Packets for a VIP; *@done says whether the verdict is final. */
static unsigned int pre_vip(struct xha_gates *gates, struct sk_buff *skb,
			    const struct nf_hook_state *state,
			    const struct xha_gate_flow *fl, bool late,
			    bool *done)
{
	const struct xha_gate_tables *t;
	struct xha_gate *g;
	int mode;

	list_for_each_entry_rcu(g, &gates->list, list) {
		mode = gate_mode(g, late);
		t = rcu_dereference(g->tables);
		if (mode == XHA_GATE_OPEN || !t ||
		    !xha_gate_is_vip(t, fl->family, &fl->daddr))
			continue;
		*done = true;
		/* Transport mode, accepted before the mode changed. */
		if (mode == XHA_GATE_HOLD && from_tunnel_of(skb, t))
			return NF_ACCEPT;
		if (is_ipsec(fl))
			return gate_keep(g, skb, state, late);
		return gate_drop(g);
	}
	return NF_ACCEPT;
}

static unsigned int pre_rules(struct xha_gates *gates, struct sk_buff *skb,
			      const struct nf_hook_state *state,
			      const struct xha_gate_flow *fl, bool late)
{
	bool local = is_local(state->net, fl->family, &fl->daddr);
	u8 dir = local ? XFRM_POLICY_IN : XFRM_POLICY_FWD;
	const struct xha_gate_rule *rule;
	struct xha_gate *g;

	g = objects(gates, fl, dir, late, false, &rule);
	if (g && !came_protected(gates, g, skb)) {
		if (!local)
			return gate_drop(g);
		if (rule->sel.prefixlen_d &&
		    !may_talk(gates, fl->family, &fl->saddr, skb->dev,
			      rule->sel.prefixlen_s))
			return gate_drop(g);
	}
	if (local)
		return NF_ACCEPT;

	g = objects(gates, fl, XFRM_POLICY_OUT, late, false, &rule);
	return g ? gate_keep(g, skb, state, late) : NF_ACCEPT;
}

/*
 * GRO undoes ESP before PRE_ROUTING where esp4_offload or esp6_offload is
 * loaded: if the SA is here, what a closed gate would have dropped comes
 * without its ESP.
 */
static struct xha_gate *passed_by(struct xha_gates *gates,
				  const struct sk_buff *skb, bool late)
{
	const struct xha_gate_tables *t;
	struct xha_gate *g;
	int mode;

	list_for_each_entry_rcu(g, &gates->list, list) {
		mode = gate_mode(g, late);
		t = rcu_dereference(g->tables);
		if ((mode == XHA_GATE_CLOSED || mode == XHA_GATE_FORWARD) && t &&
		    from_tunnel_of(skb, t))
			return g;
	}
	return NULL;
}

static unsigned int pre_judge(struct xha_gates *gates, struct sk_buff *skb,
			      const struct nf_hook_state *state, bool late)
{
	u16 family = state->pf == NFPROTO_IPV4 ? AF_INET : AF_INET6;
	struct xha_gate_flow fl;
	struct xha_gate *g;
	bool done = false;
	unsigned int ret;

	if (skb->dev->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	g = skb_sec_path(skb) ? passed_by(gates, skb, late) : NULL;
	if (g)
		return gate_drop(g);
	if (xha_gate_match_decode(skb, family, &fl))
		return NF_DROP;
	ret = pre_vip(gates, skb, state, &fl, late, &done);
	if (done || is_link_local(&fl))
		return ret;
	return pre_rules(gates, skb, state, &fl, late);
}

static unsigned int pre_first(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	if (is_released(skb))
		return NF_ACCEPT;
	/* In a VRF a packet comes by twice; what was let go, was so before. */
	return pre_judge(priv, skb, state, netif_is_l3_master(skb->dev));
}

static unsigned int pre_last(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	return pre_judge(priv, skb, state, true);
}

/* --- LOCAL_OUT and POST_ROUTING --- */

static bool is_transformed(const struct sk_buff *skb, u16 family)
{
	if (family == AF_INET)
		return IPCB(skb)->flags & IPSKB_XFRM_TRANSFORMED;
	return IP6CB(skb)->flags & IP6SKB_XFRM_TRANSFORMED;
}

/* ip6_forward() leaves no mark; what is made here has come in by no device. */
static bool is_forwarded(const struct sk_buff *skb, u16 family)
{
	if (family == AF_INET)
		return IPCB(skb)->flags & IPSKB_FORWARDED;
	return skb->skb_iif;
}

static const struct dst_entry *next_bundle(const struct dst_entry *dst)
{
	return dst && dst_xfrm(dst) ? xfrm_dst_child(dst) : NULL;
}

/* Would the bundle make a packet whose source is one of these VIPs? */
static bool bundle_has_vip(const struct dst_entry *dst,
			   const struct xha_gate_tables *t)
{
	const struct xfrm_state *x;

	for (; dst && (x = dst_xfrm(dst)); dst = next_bundle(dst))
		if (xha_gate_is_vip(t, x->props.family, &x->props.saddr))
			return true;
	return false;
}

/*
 * What a virtual interface will look the policy up with; false if @dev is none,
 * so that what leaves by it without a bundle leaves as it is.
 */
static bool flow_leave_by(const struct net_device *dev,
			  struct xha_gate_flow *fl)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;
	const struct ip_tunnel *tun;
	const struct ip6_tnl *tun6;
	const struct xfrm_if *xi;

	if (!ops)
		return false;
	if (!strcmp(ops->kind, "xfrm")) {
		xi = netdev_priv(dev);
		fl->if_id = xi->p.if_id;
		fl->any_if_id = xi->p.collect_md;
	} else if (!strcmp(ops->kind, "vti")) {
		tun = netdev_priv(dev);
		fl->mark = be32_to_cpu(tun->parms.o_key);
	} else if (!strcmp(ops->kind, "vti6")) {
		tun6 = netdev_priv(dev);
		fl->mark = be32_to_cpu(tun6->parms.o_key);
	} else {
		return false;
	}
	return true;
}

/* The gate, if any, whose VIP is or would become the source of the packet. */
static struct xha_gate *source_shut(struct xha_gates *gates,
				    const struct dst_entry *dst,
				    const struct xha_gate_flow *fl, bool sent)
{
	const struct xha_gate_tables *t;
	struct xha_gate *g;
	int mode;

	list_for_each_entry_rcu(g, &gates->list, list) {
		mode = gate_mode(g, true);
		t = rcu_dereference(g->tables);
		if (mode == XHA_GATE_OPEN || !t)
			continue;
		if (bundle_has_vip(dst, t))
			return g;
		if (xha_gate_is_vip(t, fl->family, &fl->saddr) &&
		    !(sent && mode == XHA_GATE_HOLD))
			return g;
	}
	return NULL;
}

static unsigned int out_judge(struct xha_gates *gates, struct sk_buff *skb,
			      const struct nf_hook_state *state, bool post)
{
	u16 family = state->pf == NFPROTO_IPV4 ? AF_INET : AF_INET6;
	const struct dst_entry *dst = skb_dst(skb);
	const struct net_device *dev = state->out;
	const struct xha_gate_rule *rule;
	struct xha_gate_flow fl;
	bool sent, forwarded, plain = false;
	struct xha_gate *g;

	if (!dev || (dev->flags & IFF_LOOPBACK))
		return NF_ACCEPT;
	if (xha_gate_match_decode(skb, family, &fl))
		return NF_DROP;

	sent = is_transformed(skb, family);
	g = source_shut(gates, dst, &fl, sent);
	if (g)
		return gate_drop(g);
	if (sent || (dst && dst_xfrm(dst)) || is_link_local(&fl))
		return NF_ACCEPT;

	forwarded = is_forwarded(skb, family);
	if (post)
		plain = !flow_leave_by(dev, &fl) && forwarded;
	g = objects(gates, &fl, XFRM_POLICY_OUT, true, plain, &rule);
	if (!g)
		return NF_ACCEPT;
	if (!forwarded &&
	    may_talk(gates, family, &fl.daddr, dev, rule->sel.prefixlen_d))
		return NF_ACCEPT;
	return gate_drop(g);
}

static unsigned int local_out(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	return out_judge(priv, skb, state, false);
}

static unsigned int post_last(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	return out_judge(priv, skb, state, true);
}

#if IS_ENABLED(CONFIG_NETFILTER_FAMILY_ARP)
static unsigned int arp_out(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct xha_ip sender = { .family = AF_INET };
	const u8 *hw = (const u8 *)(arp_hdr(skb) + 1);
	struct xha_gate *g;

	memcpy(&sender.a.a4, hw + state->out->addr_len, sizeof(sender.a.a4));
	g = xha_gates_shut_for(priv, &sender);
	if (!g || READ_ONCE(g->mode) == XHA_GATE_HOLD)
		return NF_ACCEPT;
	return gate_drop(g);
}

static void arp_hook_init(struct xha_gates *gates, struct nf_hook_ops *ops)
{
	*ops = (struct nf_hook_ops){
		.hook = arp_out,
		.priv = gates,
		.pf = NFPROTO_ARP,
		.hooknum = NF_ARP_OUT,
	};
}
#else
static void arp_hook_init(struct xha_gates *gates, struct nf_hook_ops *ops)
{
}
#endif

void xha_gate_hook_init(struct xha_gates *gates)
{
	static const struct {
		nf_hookfn	*fn;
		unsigned int	hook;
		int		priority;
	} h[] = {
		{ pre_first, NF_INET_PRE_ROUTING, NF_IP_PRI_FIRST },
		{ pre_last, NF_INET_PRE_ROUTING, NF_IP_PRI_LAST },
		{ local_out, NF_INET_LOCAL_OUT, NF_IP_PRI_FIRST },
		{ post_last, NF_INET_POST_ROUTING, NF_IP_PRI_LAST },
	};
	unsigned int i;

	BUILD_BUG_ON(2 * ARRAY_SIZE(h) > XHA_GATE_HOOKS);
	for (i = 0; i < 2 * ARRAY_SIZE(h); i++) {
		unsigned int k = i % ARRAY_SIZE(h);

		gates->ops[i] = (struct nf_hook_ops){
			.hook = h[k].fn,
			.priv = gates,
			.pf = i < ARRAY_SIZE(h) ? NFPROTO_IPV4 : NFPROTO_IPV6,
			.hooknum = h[k].hook,
			.priority = h[k].priority,
		};
	}
	arp_hook_init(gates, &gates->ops[i]);
}

/* --- sending on --- */

/*
 * The neighbour for a packet: on the LAN it came from, or below it where a
 * macvlan carries the virtual MAC; of its family if there is one.
 */
static const struct xha_gate_neigh *
neigh_for(const struct xha_gate_tables *t, const struct sk_buff *skb)
{
	u16 family = skb->protocol == htons(ETH_P_IPV6) ? AF_INET6 : AF_INET;
	const struct xha_gate_neigh *found = NULL;
	int ifindex = skb->dev->ifindex, lower = ifindex;
	unsigned int i;

	if (netif_is_macvlan(skb->dev))
		lower = macvlan_dev_real_dev(skb->dev)->ifindex;
	for (i = 0; i < t->n_neighs; i++) {
		const struct xha_gate_neigh *nb = &t->neighs[i];

		if (nb->ifindex != ifindex && nb->ifindex != lower)
			continue;
		if (!found || nb->addr.family == family)
			found = nb;
	}
	return found;
}

/* With a reference; made if there is none. NULL if that failed. */
static struct neighbour *neigh_get(const struct xha_gate_neigh *nb,
				   struct net_device *dev)
{
	if (nb->addr.family == AF_INET)
		return __neigh_lookup(&arp_tbl, &nb->addr.a.a4, dev, 1);
#if IS_ENABLED(CONFIG_IPV6)
	if (ipv6_mod_enabled())
		return __neigh_lookup(&nd_tbl, &nb->addr.a.in6, dev, 1);
#endif
	return NULL;
}

/* Two nodes that both send on would do so for ever. */
static bool came_from(const struct sk_buff *skb, struct neighbour *n)
{
	u8 ha[ETH_ALEN];

	if (n->dev->type != ARPHRD_ETHER || !skb_mac_header_was_set(skb) ||
	    !(READ_ONCE(n->nud_state) & NUD_VALID))
		return false;
	neigh_ha_snapshot(ha, n, n->dev);
	return ether_addr_equal(ha, eth_hdr(skb)->h_source);
}

/*
 * As nft_fwd_neigh_eval() does it, but the IP header stays as it is: the hosts
 * must not see that there was one more hop. Plaintext out of a tunnel must not
 * be sent: it has never been in clear on that LAN.
 */
void xha_gate_transmit(struct xha_gate *g, struct sk_buff *skb)
{
	const struct xha_gate_tables *t = rcu_dereference(g->tables);
	const struct xha_gate_neigh *nb;
	struct neighbour *n = NULL;
	struct net_device *dev;

	nb = t ? neigh_for(t, skb) : NULL;
	dev = nb ? dev_get_by_index_rcu(g->net, nb->ifindex) : NULL;
	if (!dev || skb_sec_path(skb) || skb_warn_if_lro(skb))
		goto drop;
	n = neigh_get(nb, dev);
	if (!n || came_from(skb, n))
		goto drop;
	if (skb_cow_head(skb, LL_RESERVED_SPACE(dev)))
		goto drop;

	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb->dev = dev;
	neigh_output(n, skb, true);
	neigh_release(n);
	atomic64_inc(&g->stats.forwarded);
	return;
drop:
	if (n)
		neigh_release(n);
	kfree_skb(skb);
	atomic64_inc(&g->stats.dropped);
}

void xha_gate_resolve(struct xha_gate *g)
{
	const struct xha_gate_tables *t;
	struct net_device *dev;
	struct neighbour *n;
	unsigned int i;

	rcu_read_lock();
	t = rcu_dereference(g->tables);
	for (i = 0; t && i < t->n_neighs; i++) {
		dev = dev_get_by_index_rcu(g->net, t->neighs[i].ifindex);
		if (!dev || !netif_running(dev))
			continue;
		n = neigh_get(&t->neighs[i], dev);
		if (!n)
			continue;
		neigh_event_send(n, NULL);
		neigh_release(n);
	}
	rcu_read_unlock();
}

static bool neigh_known(struct xha_gate *g, const struct xha_gate_neigh *nb)
{
	struct net_device *dev = dev_get_by_index_rcu(g->net, nb->ifindex);
	struct neighbour *n;
	bool known;

	if (!dev || !netif_running(dev) || !netif_carrier_ok(dev))
		return true;	/* as known as it will ever be */
	n = neigh_get(nb, dev);
	if (!n)
		return true;
	known = READ_ONCE(n->nud_state) & (NUD_VALID | NUD_FAILED);
	neigh_release(n);
	return known;
}

bool xha_gate_unresolved(struct xha_gate *g)
{
	const struct xha_gate_neigh *nb;
	const struct xha_gate_tables *t;
	DECLARE_BITMAP(known, XFRM_HA_MAX_NEIGHS) = {};
	struct sk_buff *skb;
	bool ret = false;

	rcu_read_lock();
	spin_lock_bh(&g->lock);
	t = rcu_dereference(g->tables);
	skb_queue_walk(&g->held, skb) {
		nb = t ? neigh_for(t, skb) : NULL;
		if (!nb || __test_and_set_bit(nb - t->neighs, known))
			continue;
		if (!neigh_known(g, nb)) {
			ret = true;
			break;
		}
	}
	spin_unlock_bh(&g->lock);
	rcu_read_unlock();
	return ret;
}
