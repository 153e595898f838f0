// SPDX-License-Identifier: GPL-2.0-only
/*
 * The active side: which SAs and policies of xfrm belong to a group. Records
 * of them come from events (hooks.c) and from walks, which find what raised
 * no event; sync.c and counters.c tell the peer.
 */
#include <linux/slab.h>
#include <net/xfrm.h>

#include "age.h"
#include "group.h"
#include "mirror.h"
#include "netns.h"
#include "policy.h"
#include "sa.h"
#include "seq.h"
#include "shadow.h"
#include "strict.h"
#include "sync.h"

#define WALK_BATCH	64	/* objects held per turn of a walk */
#define WALK_VISIT	512	/* objects looked at with xfrm's lock held */

/* The group an SA belongs to, and which end of it is ours. */
static struct xha_group *sa_owner(struct xha_net *xn, const struct xfrm_state *x,
				  bool *outbound)
{
	struct xha_group *g;

	g = xha_group_by_vip(xn, &x->props.saddr, x->props.family);
	*outbound = g;
	return g ?: xha_group_by_vip(xn, &x->id.daddr, x->props.family);
}

/* The same, of groups that follow xfrm. */
static struct xha_group *sa_group(struct xha_net *xn, const struct xfrm_state *x,
				  bool *outbound)
{
	struct xha_group *g = sa_owner(xn, x, outbound);

	return g && xha_mirror_on(g) ? g : NULL;
}

/* Something came while the group is given away: the peer has not heard of it. */
static void came_late(struct xha_group *g)
{
	if (g->role == XFRM_HA_ROLE_ACTIVE)
		g->ho_changed = true;
}

/*
 * Neither larval SAs nor those the kernel makes for itself: the inner one of
 * IPComp, routing headers of MIPv6. IPComp's index may be 0.
 */
static bool ipsec_sa(const struct xfrm_state *x)
{
	return x->id.proto == IPPROTO_COMP ||
	       ((x->id.proto == IPPROTO_ESP || x->id.proto == IPPROTO_AH) &&
		x->id.spi);
}

static void start_tracking(struct xha_sa *sa, struct xfrm_state *x)
{
	u8 salt[XHA_WIRE_SALT_MAX];
	const char *why;

	xfrm_state_hold(x);
	sa->x = x;
	sa->rec.live = true;
	sa->esn = xha_sa_replay_mode(x) == XHA_REPLAY_ESN;
	spin_lock_bh(&x->lock);
	xha_age_read_sa(sa);
	spin_unlock_bh(&x->lock);
	sa->seq = xha_sa_peek(x, sa->outbound);
	sa->lease_seq = sa->seq;
	sa->lease_jiffies = jiffies;
	sa->ceil_pub = xha_seq_ceiling(sa->seq, sa->lease, sa->esn);
	sa->beyond = sa->seq;
	sa->came_sent = xha_rec_sa_came(sa);
	sa->came_acked = sa->came_sent;
	why = xha_sa_refusal(x);
	if (!why && xha_sa_salt_get(x, salt) < 0)
		why = "IV generator out of reach";
	memzero_explicit(salt, sizeof(salt));
	if (why)
		xha_sync_refuse(&sa->rec, why);
	else if (xha_sa_iv_tagged(x))
		sa->tag_base = xha_sa_tag(x);
	if (why)
		return;
	xha_strict_recall(sa);
	xha_strict_track(sa);
}

void xha_mirror_add_sa(struct xha_net *xn, struct xfrm_state *x)
{
	struct xha_group *g;
	struct xha_sa_id id;
	struct xha_sa *sa;
	bool outbound;

	lockdep_assert_held(&xn->lock);
	if (READ_ONCE(x->km.state) != XFRM_STATE_VALID || !ipsec_sa(x))
		return;
	g = sa_owner(xn, x, &outbound);
	if (!g)
		return;
	if (!xha_mirror_on(g)) {
		came_late(g);
		return;
	}
	xha_rec_sa_id(&id, x);
	sa = xha_rec_find_sa(g, &id);
	/* With what the peer used of it: the end of the merge joins them. */
	if (sa && (sa->x == x || sa->rec.merging))
		return;
	if (sa)
		xha_sync_forget(&sa->rec);
	sa = xha_rec_sa_new(g, xha_rec_incarnation(xn), &id);
	if (!sa) {
		xha_netns_starved(xn);
		return;
	}
	sa->outbound = outbound;
	start_tracking(sa, x);
	xha_sync_touch(&sa->rec);
}

/* The record of a live SA of which only the identity is known. */
static struct xha_sa *find_mirrored(struct xha_net *xn,
				    const struct xha_sa_id *id)
{
	struct xha_group *g;
	struct xha_sa *sa;

	list_for_each_entry(g, &xn->groups, list) {
		sa = xha_mirror_on(g) ? xha_rec_find_sa(g, id) : NULL;
		if (sa && sa->rec.live)
			return sa;
	}
	return NULL;
}

/* True where @x, or whatever has this identity, is mirrored already. */
static bool changed(struct xha_net *xn, const struct xha_sa_id *id,
		    const struct xfrm_state *x)
{
	struct xha_sa *sa = find_mirrored(xn, id);

	if (!sa || (x && sa->x != x) ||
	    READ_ONCE(sa->x->km.state) != XFRM_STATE_VALID)
		return false;
	sa->rec.gen++;
	xha_sync_touch(&sa->rec);
	return true;
}

/*
 * xfrm tells what the request named, and found the SA by address, SPI and mark
 * alone: its own if_id and mark may be others.
 */
void xha_mirror_update_sa(struct xha_net *xn, const struct xha_sa_id *id)
{
	struct xfrm_state *x;
	struct xha_sa_id own;
	struct xha_group *g;
	bool outbound;

	if (changed(xn, id, NULL))
		return;
	x = xfrm_state_lookup(xn->net, id->mark, &id->daddr, id->spi, id->proto,
			      id->family);
	if (!x)
		return;
	xha_rec_sa_id(&own, x);
	g = sa_owner(xn, x, &outbound);
	if (g && !xha_mirror_on(g))
		came_late(g);
	else if (!changed(xn, &own, x))
		xha_mirror_add_sa(xn, x);
	xfrm_state_put(x);
}

void xha_mirror_dying_sa(struct xha_net *xn, const struct xha_sa_id *id)
{
	changed(xn, id, NULL);
}

void xha_mirror_del_sa(struct xha_net *xn, const struct xha_sa_id *id,
		       const void *x)
{
	struct xha_sa *sa = find_mirrored(xn, id);

	if (!sa || sa->x != x)
		return;
	/* A hard limit reported from user space precedes the delete. */
	if (READ_ONCE(sa->x->km.state) != XFRM_STATE_DEAD)
		return;
	xha_sync_forget(&sa->rec);
}

/* Of a standby: it was there before the gate closed, or without an event. */
static void hush(struct xha_net *xn, struct xfrm_policy *xp, int dir)
{
	int err;

	rcu_read_lock();
	err = xha_hush_policy(xn, xp, dir);
	rcu_read_unlock();
	if (err)
		xha_netns_starved(xn);
}

/* XFRM_MSG_MIGRATE writes into the templates of the policy that is there. */
static bool same_ends(const struct xha_wire_policy *a,
		      const struct xha_wire_policy *b)
{
	int i;

	if (a->n_tmpl != b->n_tmpl)
		return false;
	for (i = 0; i < a->n_tmpl; i++)
		if (a->tmpl[i].family != b->tmpl[i].family ||
		    memcmp(&a->tmpl[i].daddr, &b->tmpl[i].daddr,
			   sizeof(a->tmpl[i].daddr)) ||
		    memcmp(&a->tmpl[i].saddr, &b->tmpl[i].saddr,
			   sizeof(a->tmpl[i].saddr)))
			return false;
	return true;
}

/* False: no memory; what was known of its identity is as before. */
static bool add_policy(struct xha_net *xn, struct xfrm_policy *xp, int dir)
{
	struct xha_policy *p, *old;
	struct xha_wire_policy *w;
	struct xha_group *g;
	const char *why;
	struct xha_ip ip;

	lockdep_assert_held(&xn->lock);
	if (xp->walk.dead || !xha_policy_local(xp, dir, &ip))
		return true;
	g = xha_group_by_vip(xn, &ip.a, ip.family);
	if (!g)
		return true;
	if (!xha_mirror_on(g)) {
		came_late(g);
		hush(xn, xp, dir);
		return true;
	}
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return false;
	xha_policy_snapshot(w, xp, dir);
	old = xha_rec_find_policy(g, w);
	if (old && old->xp == xp && same_ends(old->w, w))
		goto out;
	p = xha_rec_policy_new(g, xha_rec_incarnation(xn), w);
	if (!p) {
		kfree(w);
		return false;
	}
	if (old)
		xha_sync_forget(&old->rec);
	xfrm_pol_hold(xp);
	p->xp = xp;
	p->rec.live = true;
	p->w->incarnation = p->rec.incarnation;
	read_lock_bh(&xp->lock);
	xha_age_read_policy(p);
	read_unlock_bh(&xp->lock);
	why = xha_policy_refusal(xp);
	if (why)
		xha_sync_refuse(&p->rec, why);
	xha_sync_touch(&p->rec);
out:
	kfree(w);
	return true;
}

void xha_mirror_add_policy(struct xha_net *xn, struct xfrm_policy *xp, int dir)
{
	if (!add_policy(xn, xp, dir))
		xha_netns_starved(xn);
}

/* Objects collected in one turn of a walk, each held. */
struct collect {
	struct xha_net	*xn;
	unsigned int	visited;
	unsigned int	n;
	void		*obj[WALK_BATCH];
	u8		dir[WALK_BATCH];
};

/* xfrm's lock held, BHs off; an error stops before @x, which comes again. */
static int collect_sa(struct xfrm_state *x, int seq, void *data)
{
	struct collect *c = data;
	struct xha_group *g;
	bool outbound;

	if (c->n == WALK_BATCH || c->visited++ == WALK_VISIT)
		return -EAGAIN;
	g = sa_owner(c->xn, x, &outbound);
	if (x->km.state != XFRM_STATE_VALID || !g ||
	    g->role != XFRM_HA_ROLE_ACTIVE)
		return 0;
	xfrm_state_hold(x);
	c->obj[c->n++] = x;
	return 0;
}

static int collect_policy(struct xfrm_policy *xp, int dir, int seq, void *data)
{
	struct collect *c = data;
	struct xha_ip ip;

	if (c->n == WALK_BATCH || c->visited++ == WALK_VISIT)
		return -EAGAIN;
	if (dir >= XFRM_POLICY_MAX || !xha_policy_local(xp, dir, &ip) ||
	    !xha_group_by_vip(c->xn, &ip.a, ip.family))
		return 0;
	xfrm_pol_hold(xp);
	c->dir[c->n] = dir;
	c->obj[c->n++] = xp;
	return 0;
}

static void disown_sas(struct xha_group *g)
{
	struct xha_rec *r, *tmp;
	bool outbound;

	list_for_each_entry_safe(r, tmp, &g->sas, list)
		if (r->live && sa_group(g->xn, xha_rec_sa(r)->x, &outbound) != g)
			xha_sync_forget(r);
}

static void disown_policies(struct xha_group *g)
{
	struct xha_policy *p;
	struct xha_rec *r, *tmp;
	struct xha_ip ip;

	list_for_each_entry_safe(r, tmp, &g->policies, list) {
		p = xha_rec_policy(r);
		if (r->live && (!xha_policy_local(p->xp, p->w->dir, &ip) ||
				xha_group_by_vip(g->xn, &ip.a, ip.family) != g))
			xha_sync_forget(r);
	}
}

/* What a VIP brought in leaves with it. It stays in xfrm. */
static void disown(struct xha_net *xn)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		if (xha_mirror_on(g)) {
			disown_sas(g);
			disown_policies(g);
		}
}

static void rescan_sas(struct xha_net *xn, struct collect *c)
{
	struct xfrm_state_walk walk;
	unsigned int i;
	int err;

	xfrm_state_walk_init(&walk, IPSEC_PROTO_ANY, NULL);
	do {
		c->n = 0;
		c->visited = 0;
		err = xfrm_state_walk(xn->net, &walk, collect_sa, c);
		for (i = 0; i < c->n; i++) {
			xha_mirror_add_sa(xn, c->obj[i]);
			xfrm_state_put(c->obj[i]);
		}
		cond_resched();
	} while (err == -EAGAIN);
	xfrm_state_walk_done(&walk, xn->net);
}

static void rescan_policies(struct xha_net *xn, struct collect *c)
{
	struct xfrm_policy_walk walk;
	unsigned int i;
	int err;

	xfrm_policy_walk_init(&walk, XFRM_POLICY_TYPE_ANY);
	do {
		c->n = 0;
		c->visited = 0;
		err = xfrm_policy_walk(xn->net, &walk, collect_policy, c);
		for (i = 0; i < c->n; i++) {
			xha_mirror_add_policy(xn, c->obj[i], c->dir[i]);
			xfrm_pol_put(c->obj[i]);
		}
		cond_resched();
	} while (err == -EAGAIN);
	xfrm_policy_walk_done(&walk, xn->net);
}

static bool any_active(const struct xha_net *xn)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		if (g->role == XFRM_HA_ROLE_ACTIVE)
			return true;
	return false;
}

void xha_mirror_rescan(struct xha_net *xn)
{
	struct collect *c;

	lockdep_assert_held(&xn->lock);
	if (list_empty(&xn->groups))
		return;
	c = kmalloc(sizeof(*c), GFP_KERNEL);
	if (!c) {
		xha_netns_starved(xn);
		return;
	}
	c->xn = xn;
	xha_mirror_reap(xn);
	disown(xn);
	if (any_active(xn))
		rescan_sas(xn, c);
	rescan_policies(xn, c);
	kfree(c);
}

/*
 * The event of what an update put in its place may be still to come. The peer
 * is told of both in one go, or it would let plaintext pass in between.
 */
static void policy_gone(struct xha_rec *r)
{
	struct xha_policy *p = xha_rec_policy(r);
	struct xfrm_policy *xp = p->xp, *heir;
	struct xha_group *g = r->group;
	struct xha_net *xn = g->xn;
	u64 incarnation = r->incarnation;
	u8 dir = p->w->dir;
	int err = 0;

	heir = xfrm_policy_bysel_ctx(xn->net, &xp->mark, xp->if_id, xp->type,
				     dir, &xp->selector, xp->security, 0, &err);
	if (heir && !add_policy(xn, heir, dir))
		xha_netns_starved(xn);	/* it is found again, in the same way */
	else if (!heir || xha_rec_find(g, incarnation))
		xha_sync_forget(r);
	if (heir)
		xfrm_pol_put(heir);
}

static void reap(struct list_head *list, void (*drop)(struct xha_rec *r))
{
	struct xha_rec *r, *tmp;

	list_for_each_entry_safe(r, tmp, list, list)
		if (xha_rec_is_dead(r))
			drop(r);
}

/* A policy that cannot be mirrored stays with a standby until it is deleted. */
static void drop_dead(struct xha_rec *r)
{
	xha_netns_kick(r->group->xn);
	xha_rec_free(r);
}

void xha_mirror_reap(struct xha_net *xn)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (g->role == XFRM_HA_ROLE_STANDBY) {
			reap(&g->policies, drop_dead);
			xha_group_update(g);
		}
		if (!xha_mirror_on(g))
			continue;
		reap(&g->sas, xha_sync_forget);
		reap(&g->policies, policy_gone);
	}
}
