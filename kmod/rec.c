// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records and the two tables that find them.
 */
#include <linux/jhash.h>
#include <linux/slab.h>

#include "counters.h"
#include "group.h"
#include "netns.h"
#include "policy.h"
#include "rec.h"
#include "sa.h"
#include "seq.h"
#include "strict.h"

/* A power of two would waste a third of it. */
static struct kmem_cache *sa_cache;

int xha_rec_init(void)
{
	sa_cache = KMEM_CACHE(xha_sa, 0);
	return sa_cache ? 0 : -ENOMEM;
}

void xha_rec_exit(void)
{
	kmem_cache_destroy(sa_cache);
}

void xha_rec_sa_id(struct xha_sa_id *id, const struct xfrm_state *x)
{
	memset(id, 0, sizeof(*id));
	memcpy(&id->daddr, &x->id.daddr, x->props.family == AF_INET ? 4 : 16);
	id->spi = x->id.spi;
	id->mark = x->mark.v & x->mark.m;
	id->if_id = x->if_id;
	id->family = x->props.family;
	id->proto = x->id.proto;
}

/* Not the mark: xfrm finds an SA without one whatever mark it looks with. */
static u32 hash_sa(const struct xha_sa_id *id)
{
	return jhash(&id->daddr, sizeof(id->daddr),
		     (__force u32)id->spi ^ id->proto << 24);
}

static u32 hash_policy(const struct xha_wire_policy *w)
{
	return jhash(&w->sel.daddr, sizeof(w->sel.daddr),
		     jhash(&w->sel.saddr, sizeof(w->sel.saddr),
			   w->dir ^ w->if_id ^ w->mark_v));
}

static struct hlist_head *inc_head(struct xha_net *xn, u64 incarnation)
{
	return &xn->by_inc[hash_64(incarnation, XHA_REC_BUCKETS_BITS)];
}

static struct hlist_head *id_head(struct xha_net *xn, u32 hash)
{
	return &xn->by_id[hash_32(hash, XHA_REC_BUCKETS_BITS)];
}

/*
 * A standby's live ones are its own policies that the active does not have; an
 * active's merging ones are not in force yet.
 */
static bool told(const struct xha_rec *r)
{
	return r->group->role == XFRM_HA_ROLE_ACTIVE ?
	       !r->reason[0] && !r->merging : !r->live;
}

/* Adds up the digests of what is in @buckets; how many there are. */
static u32 add_up(const struct list_head *list, u16 buckets, u64 *sum)
{
	struct xha_rec *r;
	u32 n = 0;

	list_for_each_entry(r, list, list)
		if (told(r) && xha_rec_in(r, buckets)) {
			n++;
			sum[xha_wire_bucket(r->incarnation)] +=
				xha_wire_digest(r->incarnation, r->gen);
		}
	return n;
}

void xha_rec_sums(const struct xha_group *g, struct xha_wire_sums *s)
{
	memset(s, 0, sizeof(*s));
	s->sas = add_up(&g->sas, XHA_WIRE_BUCKETS_ALL, s->sum);
	s->policies = add_up(&g->policies, XHA_WIRE_BUCKETS_ALL, s->sum);
}

void xha_rec_tally(const struct xha_group *g, struct xha_wire_bulk *b)
{
	u64 sum[XHA_WIRE_BUCKETS] = { };
	int i;

	b->sas = add_up(&g->sas, b->buckets, sum);
	b->policies = add_up(&g->policies, b->buckets, sum);
	b->digest = 0;
	for (i = 0; i < XHA_WIRE_BUCKETS; i++)
		b->digest += sum[i];
}

int xha_rec_tables_alloc(struct xha_net *xn)
{
	lockdep_assert_held(&xn->lock);
	if (xn->by_inc)
		return 0;
	xn->by_inc = kvcalloc(XHA_REC_BUCKETS, sizeof(*xn->by_inc), GFP_KERNEL);
	xn->by_id = kvcalloc(XHA_REC_BUCKETS, sizeof(*xn->by_id), GFP_KERNEL);
	if (xn->by_inc && xn->by_id)
		return 0;
	xha_rec_tables_free(xn);
	return -ENOMEM;
}

void xha_rec_tables_free(struct xha_net *xn)
{
	kvfree(xn->by_inc);
	kvfree(xn->by_id);
	xn->by_inc = NULL;
	xn->by_id = NULL;
}

u64 xha_rec_incarnation(struct xha_net *xn)
{
	lockdep_assert_held(&xn->lock);
	return (xn->boot_id & ~(u64)U32_MAX) | ++xn->next_inc;
}

static void rec_link(struct xha_group *g, struct xha_rec *r, u64 incarnation,
		     struct list_head *list)
{
	r->group = g;
	r->reason = "";
	r->incarnation = incarnation;
	INIT_LIST_HEAD(&r->dirty);
	INIT_LIST_HEAD(&r->inflight);
	list_add_tail(&r->list, list);
	hlist_add_head(&r->inc_node, inc_head(g->xn, incarnation));
	hlist_add_head(&r->id_node, id_head(g->xn, r->id_hash));
}

struct xha_sa *xha_rec_sa_new(struct xha_group *g, u64 incarnation,
			      const struct xha_sa_id *id)
{
	struct xha_sa *sa = kmem_cache_zalloc(sa_cache, GFP_KERNEL);

	lockdep_assert_held(&g->xn->lock);
	if (!sa)
		return NULL;
	sa->rec.kind = XHA_REC_SA;
	sa->rec.id_hash = hash_sa(id);
	sa->times.use = XHA_CLOCK_NEVER;
	sa->floor = XHA_STRICT_NONE;
	sa->lease = g->interval_out;
	INIT_LIST_HEAD(&sa->ctr_inflight);
	rec_link(g, &sa->rec, incarnation, &g->sas);
	g->n_sas++;
	return sa;
}

struct xha_policy *xha_rec_policy_new(struct xha_group *g, u64 incarnation,
				      const struct xha_wire_policy *w)
{
	struct xha_policy *p = kzalloc(sizeof(*p), GFP_KERNEL);

	lockdep_assert_held(&g->xn->lock);
	if (!p)
		return NULL;
	p->w = kmemdup(w, sizeof(*w), GFP_KERNEL);
	if (!p->w) {
		kfree(p);
		return NULL;
	}
	p->rec.kind = XHA_REC_POLICY;
	p->times.use = XHA_CLOCK_NEVER;
	p->rec.id_hash = hash_policy(w);
	rec_link(g, &p->rec, incarnation, &g->policies);
	g->n_policies++;
	g->rules_dirty = true;
	return p;
}

static void sa_free(struct xha_sa *sa)
{
	list_del(&sa->ctr_inflight);
	if (sa->x)
		xha_counters_beyond(sa);
	xha_strict_detach(sa);
	if (sa->x && sa->rec.live)
		xfrm_state_put(sa->x);
	else if (sa->x)
		xha_sa_destroy_staged(sa->x);
	sa->rec.group->n_sas--;
	kmem_cache_free(sa_cache, sa);
}

static void policy_free(struct xha_policy *p)
{
	if (p->xp && p->rec.live)
		xfrm_pol_put(p->xp);
	else if (p->xp)
		xha_policy_destroy_staged(p->xp);
	if (p->spare)
		xha_policy_destroy_staged(p->spare);
	p->rec.group->n_policies--;
	p->rec.group->rules_dirty = true;
	kfree(p->w);
	kfree(p);
}

void xha_rec_refuse(struct xha_rec *r, const char *why)
{
	lockdep_assert_held(&r->group->xn->lock);
	if (!why)
		why = "";
	r->group->n_refused += !!why[0] - !!r->reason[0];
	r->reason = why;
}

bool xha_rec_is_dead(struct xha_rec *r)
{
	if (!r->live)
		return false;
	return r->kind == XHA_REC_SA ?
	       READ_ONCE(xha_rec_sa(r)->x->km.state) == XFRM_STATE_DEAD :
	       READ_ONCE(xha_rec_policy(r)->xp->walk.dead);
}

bool xha_rec_note_del(struct xha_rec *r, struct list_head *dels)
{
	struct xha_del *d = kzalloc(sizeof(*d), GFP_KERNEL);
	const struct xha_sa *sa;

	lockdep_assert_held(&r->group->xn->lock);
	if (!d)
		return false;
	d->incarnation = r->incarnation;
	d->kind = r->kind;
	d->floor = XHA_STRICT_NONE;
	if (r->kind == XHA_REC_SA && xha_rec_sa(r)->outbound) {
		sa = xha_rec_sa(r);
		d->floor = sa->floor;
		d->last = max(sa->seq, sa->x && sa->rec.live ?
			      xha_sa_peek(sa->x, true) : 0);
		d->spi = sa->x ? sa->x->id.spi : 0;
		d->proto = sa->x ? sa->x->id.proto : 0;
	}
	list_add_tail(&d->list, dels);
	r->group->n_notes++;
	return true;
}

void xha_rec_drop_note(struct xha_group *g, struct xha_del *d)
{
	lockdep_assert_held(&g->xn->lock);
	list_del(&d->list);
	kfree(d);
	g->n_notes--;
}

void xha_rec_drop_notes(struct xha_group *g, struct list_head *dels)
{
	struct xha_del *d, *tmp;

	list_for_each_entry_safe(d, tmp, dels, list)
		xha_rec_drop_note(g, d);
}

void xha_rec_free(struct xha_rec *r)
{
	xha_rec_refuse(r, NULL);
	list_del(&r->list);
	list_del(&r->dirty);
	list_del(&r->inflight);
	hlist_del(&r->inc_node);
	hlist_del(&r->id_node);
	if (r->kind == XHA_REC_SA)
		sa_free(xha_rec_sa(r));
	else
		policy_free(xha_rec_policy(r));
}

struct xha_rec *xha_rec_find(struct xha_group *g, u64 incarnation)
{
	struct xha_rec *r;

	lockdep_assert_held(&g->xn->lock);
	hlist_for_each_entry(r, inc_head(g->xn, incarnation), inc_node)
		if (r->incarnation == incarnation && r->group == g)
			return r;
	return NULL;
}

struct xha_sa *xha_rec_find_sa(struct xha_group *g, const struct xha_sa_id *id)
{
	struct xha_net *xn = g->xn;
	u32 hash = hash_sa(id);
	struct xha_sa_id other;
	struct xha_rec *r;
	struct xha_sa *sa;

	lockdep_assert_held(&xn->lock);
	hlist_for_each_entry(r, id_head(xn, hash), id_node) {
		if (r->kind != XHA_REC_SA || r->id_hash != hash || r->group != g)
			continue;
		sa = xha_rec_sa(r);
		if (!sa->x)
			continue;
		xha_rec_sa_id(&other, sa->x);
		if (!memcmp(&other, id, sizeof(other)))
			return sa;
	}
	return NULL;
}

static bool same_spi(const struct xha_sa *sa, const struct xha_sa_id *id)
{
	struct xha_sa_id other;

	if (!sa->x)
		return false;
	xha_rec_sa_id(&other, sa->x);
	other.mark = id->mark;
	other.if_id = id->if_id;
	return !memcmp(&other, id, sizeof(other));
}

void xha_rec_each_spi(struct xha_net *xn, const struct xha_sa_id *id,
		      void (*fn)(struct xha_sa *sa))
{
	u32 hash = hash_sa(id);
	struct xha_rec *r;

	lockdep_assert_held(&xn->lock);
	if (!xn->by_id)
		return;
	hlist_for_each_entry(r, id_head(xn, hash), id_node)
		if (r->kind == XHA_REC_SA && r->id_hash == hash &&
		    same_spi(xha_rec_sa(r), id))
			fn(xha_rec_sa(r));
}

u64 xha_rec_sa_exposure(const struct xha_sa *sa)
{
	u64 seq = xha_sa_peek(sa->x, sa->outbound);
	u64 came;

	if (sa->outbound)
		return xha_seq_skip(seq, sa->ceil_acked);
	came = xha_rec_sa_came(sa) - sa->came_acked;
	return seq > sa->win_acked ? max(seq - sa->win_acked, came) : came;
}

bool xha_rec_policy_same(const struct xha_wire_policy *a,
			 const struct xha_wire_policy *b)
{
	return a->dir == b->dir && a->type == b->type && a->if_id == b->if_id &&
	       a->mark_v == b->mark_v && a->mark_m == b->mark_m &&
	       a->family == b->family &&
	       !memcmp(&a->sel, &b->sel, sizeof(a->sel)) &&
	       !memcmp(&a->context, &b->context, sizeof(a->context));
}

struct xha_policy *xha_rec_find_policy(struct xha_group *g,
				       const struct xha_wire_policy *w)
{
	struct xha_net *xn = g->xn;
	u32 hash = hash_policy(w);
	struct xha_rec *r;

	lockdep_assert_held(&xn->lock);
	hlist_for_each_entry(r, id_head(xn, hash), id_node)
		if (r->kind == XHA_REC_POLICY && r->id_hash == hash &&
		    r->group == g &&
		    xha_rec_policy_same(xha_rec_policy(r)->w, w))
			return xha_rec_policy(r);
	return NULL;
}
