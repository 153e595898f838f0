// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies that block plaintext. They are plain policies of xfrm, to be seen
 * with `ip xfrm policy`: what has no template raises no ACQUIRE, and what is
 * in the SPD blocks without this module, too.
 *
 * Identity. In xfrm a policy is replaced by one with an equal selector, and an
 * add fails where there is one. So that neither happens between these and an
 * operator's or a daemon's, their selectors have a user id, which the SPD
 * compares and never matches packets with; it also tells groups apart.
 *
 * Flush. Whoever deletes policies notifies the key managers when he is done,
 * in his own context. The watcher of hooks.c puts them back right there, so
 * what is open in between is the rest of that one call. xfrm_policy_insert()
 * may be called there: it works under a spinlock of xfrm, and what it does
 * outside of that does not sleep. Deletes without an event are found by the
 * walk of netns.c.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/xfrm.h>

#include "group.h"
#include "netns.h"
#include "policy.h"
#include "protect.h"
#include "sa.h"

#define LOWEST		U32_MAX		/* priority: the lower value wins */
#define USER_OF(g)	(U32_MAX - (g)->id)
#define USER_NONE	0

/**
 * struct xha_block - one block policy that is kept
 * @list: in xha_protect.blocks
 * @group: whose it is
 * @prefix: far end
 * @dir: XFRM_POLICY_*
 * @xp: the policy, one reference held; NULL where there was no memory
 */
struct xha_block {
	struct list_head	list;
	struct xha_group	*group;
	struct xha_prefix	prefix;
	u8			dir;
	struct xfrm_policy	*xp;
};

/* Never behind a tunnel, and needed to talk to anything at all. */
static const struct xha_prefix reserved[] = {
	{ { AF_INET, { .a4 = cpu_to_be32(0x7f000000) } }, 8 },	/* loopback */
	{ { AF_INET, { .a4 = cpu_to_be32(0xa9fe0000) } }, 16 },	/* link-local */
	{ { AF_INET, { .a4 = cpu_to_be32(0xe0000000) } }, 3 },	/* multicast */
	{ { AF_INET6, { .a6 = { [3] = cpu_to_be32(1) } } }, 128 },
	{ { AF_INET6, { .a6 = { cpu_to_be32(0xfe800000) } } }, 10 },
	{ { AF_INET6, { .a6 = { cpu_to_be32(0xff000000) } } }, 8 },
};

void xha_protect_init(struct xha_protect *p)
{
	spin_lock_init(&p->lock);
	INIT_LIST_HEAD(&p->blocks);
}

/* --- what a prefix must not cover --- */

static bool covers(const struct xha_prefix *p, u16 family,
		   const xfrm_address_t *a)
{
	if (p->ip.family != family)
		return false;
	if (family == AF_INET)
		return addr4_match(a->a4, p->ip.a.a4, p->len);
	return addr_match(a, &p->ip.a, p->len);
}

static bool covers_ip(const struct xha_prefix *p, const struct xha_ip *ip)
{
	return covers(p, ip->family, &ip->a);
}

static bool covers_any(const struct xha_prefix *p, const struct xha_ip *ips,
		       unsigned int n)
{
	while (n--)
		if (covers_ip(p, &ips[n]))
			return true;
	return false;
}

static bool covers_neigh(const struct xha_prefix *p,
			 const struct xha_gate_neigh *v, unsigned int n)
{
	while (n--)
		if (covers_ip(p, &v[n].addr))
			return true;
	return false;
}

static bool covers_reserved(const struct xha_prefix *p)
{
	const struct xha_prefix *r = reserved;

	for (; r < reserved + ARRAY_SIZE(reserved); r++)
		if (covers_ip(p, &r->ip) || covers_ip(r, &p->ip))
			return true;
	return false;
}

static bool covers_device(const struct xha_prefix *p,
			  const struct net_device *dev)
{
	const struct inet6_ifaddr *ifp;
	const struct in_ifaddr *ifa;
	struct in_device *in_dev = __in_dev_get_rcu(dev);
	struct inet6_dev *idev = __in6_dev_get(dev);
	xfrm_address_t a = {};

	if (in_dev)
		in_dev_for_each_ifa_rcu(ifa, in_dev) {
			a.a4 = ifa->ifa_local;
			if (covers(p, AF_INET, &a))
				return true;
		}
	if (idev)
		list_for_each_entry_rcu(ifp, &idev->addr_list, if_list) {
			a.in6 = ifp->addr;
			if (covers(p, AF_INET6, &a))
				return true;
		}
	return false;
}

static bool covers_node(const struct xha_prefix *p, struct net *net)
{
	const struct net_device *dev;
	bool hit = false;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev)
		hit = hit || covers_device(p, dev);
	rcu_read_unlock();
	return hit;
}

static bool has(const struct xha_prefix *v, unsigned int n,
		const struct xha_prefix *p)
{
	while (n--)
		if (v[n].len == p->len && covers_ip(&v[n], &p->ip))
			return true;
	return false;
}

static const char *group_conflict(const struct xha_prefix *p,
				  const struct xha_group *other,
				  const struct xha_group_conf *c)
{
	bool vips = other && !(c && c->has_vips);
	bool neighs = other && !(c && c->has_neighs);

	if (covers_any(p, vips ? other->vips : c ? c->vips : NULL,
		       vips ? other->n_vips : c ? c->n_vips : 0))
		return "a prefix to protect covers a VIP";
	if (covers_neigh(p, neighs ? other->neighs : c ? c->neighs : NULL,
			 neighs ? other->n_neighs : c ? c->n_neighs : 0))
		return "a prefix to protect covers the peer's address on a LAN";
	return NULL;
}

static const char *conflict(struct xha_net *xn, const struct xha_group *g,
			    const struct xha_group_conf *c,
			    const struct xha_prefix *p)
{
	const struct xha_chan_conf *chan = &xn->session.conf;
	const struct xha_group *other;
	const char *why;

	if (covers_any(p, chan->local, chan->n_local) ||
	    covers_any(p, chan->remote, chan->n_remote))
		return "a prefix to protect covers an address of the channel";
	why = group_conflict(p, g, c);
	list_for_each_entry(other, &xn->groups, list)
		if (!why && other != g)
			why = group_conflict(p, other, NULL);
	if (why)
		return why;
	/* An address that came later does not undo what is in force. */
	if (g && has(g->prefixes, g->n_prefixes, p))
		return NULL;
	if (covers_node(p, xn->net))
		return "a prefix to protect covers an address of this node";
	return NULL;
}

int xha_protect_check(struct xha_net *xn, const struct xha_group *g,
		      const struct xha_group_conf *c,
		      struct netlink_ext_ack *extack)
{
	const struct xha_prefix *p;
	const char *why;
	unsigned int i;

	lockdep_assert_held(&xn->lock);
	for (i = 0; i < c->n_prefixes; i++) {
		p = &c->prefixes[i];
		if (has(c->prefixes, i, p)) {
			NL_SET_ERR_MSG(extack, "a prefix to protect is there twice");
			return -EINVAL;
		}
		if (covers_reserved(p)) {
			NL_SET_ERR_MSG(extack,
				       "a prefix to protect covers multicast, link-local or loopback addresses");
			return -EINVAL;
		}
		why = conflict(xn, g, c, p);
		if (why) {
			if (extack)
				extack->_msg = why;
			return -EADDRINUSE;
		}
	}
	return 0;
}

bool xha_protect_covers(struct xha_net *xn, const struct xha_group *but,
			const struct xha_ip *ip)
{
	const struct xha_group *g;
	unsigned int i;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list)
		for (i = 0; g != but && i < g->n_prefixes; i++)
			if (covers_ip(&g->prefixes[i], ip))
				return true;
	return false;
}

/* --- the policies --- */

/* What came zeroed stays so, padding included: the SPD compares it, too. */
static void select_prefix(struct xfrm_selector *sel, const struct xha_prefix *p,
			  u8 dir)
{
	sel->family = p->ip.family;
	if (dir == XFRM_POLICY_OUT) {
		sel->daddr = p->ip.a;
		sel->prefixlen_d = p->len;
	} else {
		sel->saddr = p->ip.a;
		sel->prefixlen_s = p->len;
	}
}

unsigned int xha_protect_rules(const struct xha_group *g,
			       struct xha_gate_rule *v)
{
	unsigned int i, n = 0;
	u8 dir;

	for (i = 0; i < g->n_prefixes; i++) {
		for (dir = 0; dir < XFRM_POLICY_MAX; dir++) {
			select_prefix(&v[n].sel, &g->prefixes[i], dir);
			v[n].priority = LOWEST;
			v[n++].dir = dir;
		}
	}
	return n;
}

static struct xfrm_policy *policy_new(struct net *net,
				      const struct xha_prefix *p, u8 dir,
				      u32 user, gfp_t gfp)
{
	struct xfrm_policy *xp = xfrm_policy_alloc(net, gfp);

	if (!xp)
		return NULL;
	xp->action = XFRM_POLICY_BLOCK;
	xp->type = XFRM_POLICY_TYPE_MAIN;
	xp->family = p->ip.family;
	xp->priority = LOWEST;
	select_prefix(&xp->selector, p, dir);
	xp->selector.user = user;
	xha_policy_no_limits(xp);
	return xp;
}

/* Consumes @xp on error. */
static int insert(struct xfrm_policy *xp, u8 dir, bool excl)
{
	int err = xp ? xfrm_policy_insert(dir, xp, excl) : -ENOMEM;

	if (err && xp)
		xha_policy_destroy_staged(xp);
	return err;
}

/* One of the same identity can only be one of ours, of an earlier life. */
static void block_insert(struct xha_block *b, gfp_t gfp)
{
	struct xfrm_policy *xp;

	xp = policy_new(b->group->xn->net, &b->prefix, b->dir,
			USER_OF(b->group), gfp);
	b->xp = insert(xp, b->dir, false) ? NULL : xp;
}

static void blocks_remove(struct list_head *blocks)
{
	struct xha_block *b, *tmp;

	list_for_each_entry_safe(b, tmp, blocks, list) {
		if (b->xp) {
			xfrm_policy_delete(b->xp, b->dir);
			xfrm_pol_put(b->xp);
		}
		kfree(b);
	}
}

static int blocks_add(struct xha_group *g, const struct xha_prefix *p,
		      struct list_head *blocks)
{
	struct xha_block *b;
	u8 dir;

	for (dir = 0; dir < XFRM_POLICY_MAX; dir++) {
		b = kzalloc(sizeof(*b), GFP_KERNEL);
		if (!b)
			return -ENOMEM;
		b->group = g;
		b->prefix = *p;
		b->dir = dir;
		list_add_tail(&b->list, blocks);
		block_insert(b, GFP_KERNEL);
		if (!b->xp)
			return -ENOMEM;
	}
	return 0;
}

int xha_protect_set(struct xha_group *g, const struct xha_prefix *p,
		    unsigned int n)
{
	struct xha_protect *all = &g->xn->protect;
	struct xha_block *b, *tmp;
	LIST_HEAD(fresh);
	LIST_HEAD(stale);
	unsigned int i;

	lockdep_assert_held(&g->xn->lock);
	for (i = 0; i < n; i++) {
		if (has(g->prefixes, g->n_prefixes, &p[i]) ||
		    !blocks_add(g, &p[i], &fresh))
			continue;
		blocks_remove(&fresh);
		return -ENOMEM;
	}
	spin_lock_bh(&all->lock);
	list_for_each_entry_safe(b, tmp, &all->blocks, list)
		if (b->group == g && !has(p, n, &b->prefix))
			list_move_tail(&b->list, &stale);
	list_splice_tail(&fresh, &all->blocks);
	spin_unlock_bh(&all->lock);
	blocks_remove(&stale);
	for (i = 0; i < n; i++)
		g->prefixes[i] = p[i];
	g->n_prefixes = n;
	/* The new ones may have been flushed before they were in the list. */
	if (!g->xn->dead)
		xha_protect_keep(g->xn);
	return 0;
}

void xha_protect_keep(struct xha_net *xn)
{
	struct xha_protect *all = &xn->protect;
	struct xha_block *b;

	spin_lock_bh(&all->lock);
	list_for_each_entry(b, &all->blocks, list) {
		if (b->xp && !READ_ONCE(b->xp->walk.dead))
			continue;
		if (b->xp)
			xfrm_pol_put(b->xp);
		block_insert(b, GFP_ATOMIC);
	}
	spin_unlock_bh(&all->lock);
}

/* --- what stays --- */

static bool protects(const struct xha_wire_policy *w)
{
	struct xha_gate_rule rule;

	xha_policy_rule(&rule, w);
	return !rule.pass;
}

/* Inserts for the operator; -EEXIST is as good. */
static int leave(struct xfrm_policy *xp, u8 dir)
{
	int err = insert(xp, dir, true);

	if (!err)
		xfrm_pol_put(xp);
	return err == -EEXIST ? 0 : err;
}

static int leave_policy(struct net *net, const struct xha_wire_policy *w)
{
	struct xfrm_policy *xp = xha_policy_build_unlabelled(net, w);

	if (IS_ERR(xp))
		return PTR_ERR(xp);
	xp->action = XFRM_POLICY_BLOCK;
	xp->flags = 0;
	xp->xfrm_nr = 0;
	xha_policy_no_limits(xp);
	xp->lft.soft_add_expires_seconds = 0;
	xp->lft.hard_add_expires_seconds = 0;
	xp->lft.soft_use_expires_seconds = 0;
	xp->lft.hard_use_expires_seconds = 0;
	return leave(xp, w->dir);
}

int xha_protect_leave(struct xha_group *g)
{
	struct net *net = g->xn->net;
	struct xha_rec *r;
	unsigned int i;
	int err = 0;
	u8 dir;

	lockdep_assert_held(&g->xn->lock);
	for (i = 0; i < g->n_prefixes; i++)
		for (dir = 0; dir < XFRM_POLICY_MAX; dir++)
			err = leave(policy_new(net, &g->prefixes[i], dir,
					       USER_NONE, GFP_KERNEL), dir) ?: err;
	list_for_each_entry(r, &g->policies, list)
		if (!r->live && protects(xha_rec_policy(r)->w))
			err = leave_policy(net, xha_rec_policy(r)->w) ?: err;
	rt_genid_bump_all(net);
	return err;
}
