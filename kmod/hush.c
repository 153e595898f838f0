// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies that others install for a group whose gate is not open.
 *
 * The group's own are not in the SPD of a standby. One that an IKE daemon or
 * an operator puts there while the node is standby is found by whatever looks
 * up a route, which for local packets is before any hook of netfilter, and
 * where it has no VALID SA the lookup raises an ACQUIRE and leaves a larval
 * SA. (Forwarded packets meet the gate first, but that does not know policies
 * which the active has not.) Nobody can be kept from installing it, and it is
 * its owner's: taken out, a later delete or query would fail. So each gets a
 * policy in front that blocks: a lookup that finds one ends there.
 *
 * In front means: the same selector, mark and if_id, but for the user id that
 * the SPD compares and never matches packets with (as in protect.c), and a
 * priority one lower, so that what wins over the policy wins over the block.
 * With priority 0 there is none lower: then it is of type SUB, which is looked
 * up before all of type MAIN. Only OUT policies raise an ACQUIRE.
 *
 * It comes with the notification of its owner's insert, in his context: what
 * is open is the rest of that one call. It goes when the policy does or when
 * the gate opens. That cannot fail.
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include <net/xfrm.h>

#include "gate.h"
#include "group.h"
#include "hush.h"
#include "netns.h"
#include "policy.h"

/*
 * Policies that differ in their context only get blocks that are not the same to
 * xfrm. None of these is protect.c's.
 */
#define USER_OF(g, sid)	(U32_MAX - 256 * ((sid) + 1) - (g)->id)

/**
 * struct xha_hush - a block in front of a policy
 * @node: in xha_hushes.heads
 * @gate: while it is not open
 * @of: the policy, one reference held
 * @xp: the block, one reference held
 */
struct xha_hush {
	struct hlist_node	node;
	const struct xha_gate	*gate;
	struct xfrm_policy	*of;
	struct xfrm_policy	*xp;
};

void xha_hush_init(struct xha_hushes *h)
{
	spin_lock_init(&h->lock);
}

static struct hlist_head *head_of(struct xha_hushes *h,
				  const struct xfrm_policy *xp)
{
	BUILD_BUG_ON(XHA_HUSH_BUCKETS != 1 << 8);
	return &h->heads[hash_ptr(xp, 8)];
}

static bool is_dead(const struct xfrm_policy *xp)
{
	return READ_ONCE(xp->walk.dead);
}

/* RCU held. */
static const struct xha_gate *gate_of(struct xha_net *xn,
				      const struct xfrm_policy *xp)
{
	struct xha_ip ip;

	if (xp->action != XFRM_POLICY_ALLOW || !xp->xfrm_nr ||
	    !xha_policy_local(xp, XFRM_POLICY_OUT, &ip))
		return NULL;
	return xha_gates_shut_for(&xn->gates, &ip);
}

static struct xfrm_policy *block_new(struct net *net,
				     const struct xfrm_policy *of,
				     const struct xha_gate *g)
{
	struct xfrm_policy *xp = xfrm_policy_alloc(net, GFP_ATOMIC);

	if (!xp)
		return NULL;
	xp->action = XFRM_POLICY_BLOCK;
	/* In front of it: a SUB policy is looked up first, then a MAIN one too. */
	xp->type = of->type == XFRM_POLICY_TYPE_SUB || of->priority ?
		   XFRM_POLICY_TYPE_MAIN : XFRM_POLICY_TYPE_SUB;
	xp->priority = of->priority ? of->priority - 1 : 0;
	xp->family = of->family;
	xp->mark = of->mark;
	xp->if_id = of->if_id;
	xp->selector = of->selector;
	xp->selector.user = USER_OF(container_of(g, struct xha_group, gate),
				    of->security ? of->security->ctx_sid : 0);
	xha_policy_no_limits(xp);
	return xp;
}

static struct xha_hush *find(struct xha_hushes *h, const struct xfrm_policy *of)
{
	struct xha_hush *e;

	hlist_for_each_entry(e, head_of(h, of), node)
		if (e->of == of)
			return e;
	return NULL;
}

/* Under the lock, so that a lift that follows an open gate meets it. */
static int add(struct xha_net *xn, struct xfrm_policy *of,
	       const struct xha_gate *g)
{
	struct xha_hush *e = kzalloc(sizeof(*e), GFP_ATOMIC);

	if (!e)
		return -ENOMEM;
	e->xp = block_new(xn->net, of, g);
	if (!e->xp)
		goto err_free;
	if (xfrm_policy_insert(XFRM_POLICY_OUT, e->xp, 0))
		goto err_destroy;
	xfrm_pol_hold(of);
	e->of = of;
	e->gate = g;
	hlist_add_head(&e->node, head_of(&xn->hushes, of));
	xn->hushes.n++;
	return 0;

err_destroy:
	xha_policy_destroy_staged(e->xp);
err_free:
	kfree(e);
	return -ENOMEM;
}

int xha_hush_policy(struct xha_net *xn, struct xfrm_policy *xp, int dir)
{
	struct xha_hushes *h = &xn->hushes;
	const struct xha_gate *g;
	int err = 0;

	if (dir != XFRM_POLICY_OUT || !gate_of(xn, xp))
		return 0;
	spin_lock_bh(&h->lock);
	g = gate_of(xn, xp);
	if (g && !is_dead(xp) && !find(h, xp))
		err = add(xn, xp, g);
	spin_unlock_bh(&h->lock);
	return err;
}

/* Take out of the table what is not needed, or all of one gate. */
static bool take(struct xha_net *xn, const struct xha_gate *all_of,
		 struct hlist_head *gone)
{
	struct xha_hushes *h = &xn->hushes;
	struct hlist_node *tmp;
	struct xha_hush *e;
	bool again = false;
	unsigned int i;

	rcu_read_lock();
	spin_lock_bh(&h->lock);
	for (i = 0; h->n && i < XHA_HUSH_BUCKETS; i++)
		hlist_for_each_entry_safe(e, tmp, &h->heads[i], node) {
			if (all_of ? e->gate != all_of :
				     !is_dead(e->of) && !is_dead(e->xp) &&
				     gate_of(xn, e->of) == e->gate)
				continue;
			again |= !is_dead(e->of);
			hlist_del(&e->node);
			hlist_add_head(&e->node, gone);
			h->n--;
		}
	spin_unlock_bh(&h->lock);
	rcu_read_unlock();
	return again;
}

static void release(struct hlist_head *gone)
{
	struct hlist_node *tmp;
	struct xha_hush *e;

	hlist_for_each_entry_safe(e, tmp, gone, node) {
		xfrm_policy_delete(e->xp, XFRM_POLICY_OUT);
		xfrm_pol_put(e->xp);
		xfrm_pol_put(e->of);
		kfree(e);
	}
}

bool xha_hush_sweep(struct xha_net *xn)
{
	HLIST_HEAD(gone);
	bool again = take(xn, NULL, &gone);

	release(&gone);
	return again;
}

void xha_hush_lift(struct xha_net *xn, const struct xha_gate *g)
{
	HLIST_HEAD(gone);

	take(xn, g, &gone);
	release(&gone);
}
