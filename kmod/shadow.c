// SPDX-License-Identifier: GPL-2.0-only
/*
 * The standby side: staged SAs and policies.
 *
 * Everything that can fail in an adoption fails here: algorithms, memory,
 * parameters, conflicts. Staged objects are in no table of xfrm, so nothing
 * of the kernel or of an IKE daemon sees, expires or flushes them.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include <net/xfrm.h>

#include "age.h"
#include "group.h"
#include "merge.h"
#include "netns.h"
#include "policy.h"
#include "sa.h"
#include "seq.h"
#include "shadow.h"
#include "strict.h"

#define HASH_MAX	BIT(20)	/* as xfrm_state_hashmax */
#define RESTAGE_AFTER	HZ	/* until memory may be there */

const char *const xha_shadow_taken = "another SA with this SPI is installed here";

static void nak(struct xha_rec *r, const char *why)
{
	xha_rec_refuse(r, why);
	xha_session_send_nak(r->group->xn, r);
}

/*
 * What only memory was missing for is asked for again. That is paced, and the
 * group is not hot before.
 */
static void not_staged(struct xha_rec *r, const char *why, int err)
{
	struct xha_group *g = r->group;

	nak(r, why);
	if (err != -ENOMEM || g->role != XFRM_HA_ROLE_STANDBY)
		return;
	g->synced = false;
	g->sync_wanted |= BIT(xha_wire_bucket(r->incarnation));
	g->sync_retry = jiffies + RESTAGE_AFTER;
}

void xha_shadow_sa_id(struct xha_sa_id *id, const struct xha_wire_sa *w)
{
	memset(id, 0, sizeof(*id));
	xha_sa_addr_from_wire(&id->daddr, &w->daddr, w->family);
	id->spi = w->spi;
	id->mark = w->mark_v & w->mark_m;
	id->if_id = w->if_id;
	id->family = w->family;
	id->proto = w->proto;
}

static void apply_counters(struct xha_sa *sa, const struct xha_wire_sa *w,
			   bool again)
{
	/* Never below what this node has sent, which a split brain may want. */
	if (sa->guessed)
		sa->ceil_acked = sa->seq;
	sa->guessed = false;
	sa->seq = max(sa->seq, w->window.top);
	if (w->outbound)
		sa->ceil_acked = max3(sa->ceil_acked, w->ceiling, w->window.top);
	else
		xha_sa_raise_window(sa->x, &w->window);
	xha_sa_raise_use(sa->x, w->bytes, w->packets);
	sa->x->km.dying |= w->dying;
	xha_age_sa_from_wire(sa, &w->times, again);
	sa->tag_base = w->tag_base;
	sa->tag_count[0] = max(sa->tag_count[0], w->tag_count[0]);
	sa->tag_count[1] = max(sa->tag_count[1], w->tag_count[1]);
	sa->tag_peer = w->tag_peer;
	sa->tag_valid = w->tag_valid;
}

struct xfrm_state *xha_shadow_rival(struct xha_net *xn,
				    const struct xfrm_state *x)
{
	return xfrm_state_lookup(xn->net, x->mark.v & x->mark.m, &x->id.daddr,
				 x->id.spi, x->id.proto, x->props.family);
}

/*
 * An IKE daemon on this node may have installed the very same SA, or be about
 * to: then the staged one takes its place in a takeover.
 */
bool xha_shadow_gives_way(const struct xfrm_state *rival,
			  const struct xfrm_state *x)
{
	return READ_ONCE(rival->km.state) == XFRM_STATE_ACQ ||
	       xha_sa_same_keys(rival, x);
}

/* What xfrm_state_add() would say, had it been asked. */
static const char *conflict(struct xha_net *xn, const struct xfrm_state *x)
{
	struct xfrm_state *rival = xha_shadow_rival(xn, x);
	const char *why = NULL;

	if (!rival)
		return NULL;
	if (!xha_shadow_gives_way(rival, x))
		why = xha_shadow_taken;
	xfrm_state_put(rival);
	return why;
}

/* Only reasons that come and go with xfrm's tables are judged again. */
static void judge(struct xha_sa *sa)
{
	struct xha_group *g = sa->rec.group;
	const char *why;

	if (g->role != XFRM_HA_ROLE_STANDBY || !sa->x || sa->rec.live ||
	    (sa->rec.reason[0] && sa->rec.reason != xha_shadow_taken))
		return;
	why = conflict(g->xn, sa->x);
	if (!why == !sa->rec.reason[0])
		return;
	if (why)
		nak(&sa->rec, why);
	else
		xha_rec_refuse(&sa->rec, NULL);
	xha_group_update(g);
}

void xha_shadow_seen(struct xha_net *xn, const struct xha_sa_id *id)
{
	xha_rec_each_spi(xn, id, judge);
}

void xha_shadow_look(struct xha_net *xn)
{
	struct xha_group *g;
	struct xha_rec *r;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (g->role != XFRM_HA_ROLE_STANDBY)
			continue;
		list_for_each_entry(r, &g->sas, list) {
			judge(xha_rec_sa(r));
			cond_resched();
		}
	}
}

/* What this node sent with it before its owner here deleted it. */
static void recall(struct xha_sa *sa)
{
	const struct xha_del *d;

	list_for_each_entry(d, &sa->rec.group->graves, list)
		if (d->incarnation == sa->rec.incarnation) {
			sa->seq = max(sa->seq, d->last);
			sa->ceil_acked = max(sa->ceil_acked, d->last);
			sa->floor = d->floor;
		}
}

/* *@old: the same SA under another incarnation, to be let go of. */
static struct xha_sa *sa_record(struct xha_group *g, const struct xha_wire_sa *w,
				struct xha_sa **old)
{
	struct xha_rec *r = xha_rec_find(g, w->incarnation);
	struct xha_sa_id id;
	struct xha_sa *sa;

	*old = NULL;
	if (r && r->kind == XHA_REC_SA)
		return xha_rec_sa(r);
	if (r)
		xha_rec_free(r);
	xha_shadow_sa_id(&id, w);
	*old = xha_rec_find_sa(g, &id);
	sa = xha_rec_sa_new(g, w->incarnation, &id);
	if (sa)
		recall(sa);
	return sa;
}

/*
 * What this node has used of the same keys the active need not know. Windows
 * and ages are as the active says: its owner may have begun anew.
 */
static void inherit(struct xha_sa *sa, const struct xha_sa *old)
{
	if (!sa->x || !old->x || !sa->outbound ||
	    !xha_sa_same_keys(sa->x, old->x))
		return;
	sa->seq = max(sa->seq, old->seq);
	sa->ceil_acked = max(sa->ceil_acked, old->guessed ?
			     old->seq : old->ceil_acked);
	sa->floor = old->floor;
}

/* Counter frames may have been ahead of the SA's own. */
static void replace_staged(struct xha_sa *sa, struct xfrm_state *x)
{
	struct xha_wire_window old;

	if (!sa->outbound && xha_sa_replay_mode(x) == xha_sa_replay_mode(sa->x)) {
		xha_sa_window(&old, sa->x);
		xha_sa_raise_window(x, &old);
	}
	xha_sa_raise_use(x, sa->x->curlft.bytes, sa->x->curlft.packets);
	xha_sa_destroy_staged(sa->x);
}

/* Returns -ENOMEM where only that was missing, else 0, refused or not. */
static int stage(struct xha_sa *sa, const struct xha_wire_sa *w)
{
	struct xha_group *g = sa->rec.group;
	struct xfrm_state *x;
	xfrm_address_t local;
	const char *why;
	bool ours;

	if (g->bulk_rx)
		sa->rec.snapshot = g->bulk_rx;
	xha_sa_addr_from_wire(&local, w->outbound ? &w->saddr : &w->daddr,
			      w->family);
	ours = xha_group_has_vip(g, &local, w->family);
	if (sa->x && sa->rec.gen == w->gen && !sa->rec.reason[0] && ours) {
		apply_counters(sa, w, true);
		return 0;
	}
	sa->rec.gen = w->gen;
	sa->outbound = w->outbound;
	sa->esn = w->replay == XHA_REPLAY_ESN;
	if (!ours) {
		nak(&sa->rec, "its local endpoint is no VIP here");
		return 0;
	}
	x = xha_sa_build(g->xn->net, w, &why);
	if (IS_ERR(x)) {
		not_staged(&sa->rec, why, PTR_ERR(x));
		return PTR_ERR(x) == -ENOMEM ? -ENOMEM : 0;
	}
	if (sa->x)
		replace_staged(sa, x);
	sa->x = x;
	apply_counters(sa, w, false);
	why = conflict(g->xn, x);
	if (why)
		nak(&sa->rec, why);
	else
		xha_rec_refuse(&sa->rec, NULL);
	return 0;
}

void xha_shadow_sa(struct xha_group *g, const struct xha_wire_sa *w)
{
	struct xha_sa *sa, *old;
	int err;

	sa = sa_record(g, w, &old);
	if (!sa) {
		if (old)
			old->rec.snapshot = g->bulk_rx;
		/* The digest at the end of the next snapshot tells. */
		xha_group_reason(g, "out of memory for an SA record");
		g->synced = false;
		g->sync_wanted = XHA_WIRE_BUCKETS_ALL;
		return;
	}
	err = stage(sa, w);
	if (!old)
		return;
	if (err) {	/* it is asked for again; until then there is this */
		old->rec.snapshot = g->bulk_rx;
		xha_rec_free(&sa->rec);
		return;
	}
	inherit(sa, old);
	xha_rec_free(&old->rec);
}

void xha_shadow_policy(struct xha_group *g, const struct xha_wire_policy *w)
{
	struct xha_rec *r = xha_rec_find(g, w->incarnation);
	struct xha_policy *p, *old;
	const char *why;
	int err;

	if (r && r->kind == XHA_REC_POLICY && r->gen == w->gen &&
	    !r->reason[0]) {
		if (g->bulk_rx)
			r->snapshot = g->bulk_rx;
		xha_age_policy_from_wire(xha_rec_policy(r), &w->times, true);
		return;
	}
	old = xha_rec_find_policy(g, w);
	p = xha_rec_policy_new(g, w->incarnation, w);
	if (!p) {	/* what is there goes on blocking its selector */
		if (r)
			r->snapshot = g->bulk_rx;
		if (old)
			old->rec.snapshot = g->bulk_rx;
		xha_group_reason(g, "out of memory for a policy record");
		g->synced = false;
		g->sync_wanted = XHA_WIRE_BUCKETS_ALL;
		return;
	}
	if (old)
		xha_rec_free(&old->rec);
	if (r && (!old || r != &old->rec))
		xha_rec_free(r);
	p->rec.gen = w->gen;
	p->rec.snapshot = g->bulk_rx;
	xha_age_policy_from_wire(p, &w->times, false);
	p->xp = xha_policy_build(g->xn->net, w, &why);
	if (IS_ERR(p->xp)) {
		err = PTR_ERR(p->xp);
		p->xp = NULL;
		not_staged(&p->rec, why, err);
	}
}

void xha_shadow_del(struct xha_group *g, u64 incarnation)
{
	struct xha_rec *r = xha_rec_find(g, incarnation);

	if (r)
		xha_rec_free(r);
}

static void apply_entry(struct xha_sa *sa, u8 type,
			const struct xha_wire_counter *e)
{
	switch (type) {
	case XHA_MSG_CEILINGS:
		sa->ceil_acked = max(sa->ceil_acked, e->a);
		break;
	case XHA_MSG_FINALS:
		sa->final = e->a;
		sa->final_valid = true;
		sa->ceil_acked = max(sa->ceil_acked, e->a);
		break;
	case XHA_MSG_WINDOWS:
		xha_sa_raise_bits(sa->x, e->a, e->b);
		sa->seq = max(sa->seq, e->a);
		break;
	case XHA_MSG_FINAL_USE:
		sa->final_bytes = e->a;
		sa->final_packets = e->b;
		sa->use_valid = true;
		fallthrough;
	case XHA_MSG_LIFETIMES:
		xha_sa_raise_use(sa->x, e->a, e->b);
		/* Who tells moments sends the SA, which has the better one. */
		if (e->c != U32_MAX && !(sa->rec.group->xn->session.features &
					 XHA_WIRE_CLOCK))
			sa->times.use = min(sa->times.use,
					    xha_clock_of_age(e->c, xha_age_now()));
		break;
	}
}

void xha_shadow_counters(struct xha_group *g, u8 type,
			 const struct xha_wire_counters *c)
{
	bool outbound = type == XHA_MSG_CEILINGS || type == XHA_MSG_FINALS;
	bool numbers = type != XHA_MSG_LIFETIMES && type != XHA_MSG_FINAL_USE;
	struct xha_rec *r;
	struct xha_sa *sa;
	u32 i;

	for (i = 0; i < c->n; i++) {
		r = xha_rec_find(g, (u64)c->base << 32 | c->e[i].inc);
		if (!r || r->kind != XHA_REC_SA)
			continue;
		sa = xha_rec_sa(r);
		if (!sa->x || (numbers && sa->outbound != outbound))
			continue;
		if (!sa->esn && numbers && c->e[i].a > xha_seq_max(false))
			continue;
		apply_entry(sa, type, &c->e[i]);
	}
}

void xha_shadow_window_big(struct xha_group *g,
			   const struct xha_wire_window_big *w)
{
	struct xha_rec *r = xha_rec_find(g, w->incarnation);
	struct xha_sa *sa;

	if (!r || r->kind != XHA_REC_SA)
		return;
	sa = xha_rec_sa(r);
	if (!sa->x || sa->outbound)
		return;
	if (!sa->esn && w->window.top > xha_seq_max(false))
		return;
	xha_sa_raise_window(sa->x, &w->window);
	sa->seq = max(sa->seq, w->window.top);
}

void xha_shadow_drop_finals(struct xha_group *g)
{
	struct xha_rec *r;

	list_for_each_entry(r, &g->sas, list) {
		xha_rec_sa(r)->final_valid = false;
		xha_rec_sa(r)->use_valid = false;
	}
}

void xha_shadow_bulk_begin(struct xha_group *g, const struct xha_wire_bulk *b)
{
	g->bulk_rx = b->id;
	g->bulk_buckets = b->buckets;
	g->synced = false;
	g->sync_wanted &= ~b->buckets;
}

static void drop_unnamed(struct xha_group *g, struct list_head *list)
{
	struct xha_rec *r, *tmp;

	/* What is live is refused here, and still in xfrm behind the gate. */
	list_for_each_entry_safe(r, tmp, list, list)
		if (xha_rec_in(r, g->bulk_buckets) &&
		    r->snapshot != g->bulk_rx && !r->live)
			xha_rec_free(r);
}

void xha_shadow_bulk_end(struct xha_group *g, const struct xha_wire_bulk *b)
{
	struct xha_wire_bulk ours = { .buckets = g->bulk_buckets };

	if (!g->bulk_rx || b->id != g->bulk_rx || b->buckets != g->bulk_buckets)
		return;
	drop_unnamed(g, &g->sas);
	drop_unnamed(g, &g->policies);
	g->bulk_rx = 0;
	xha_rec_tally(g, &ours);
	if (ours.sas != b->sas || ours.policies != b->policies ||
	    ours.digest != b->digest) {
		xha_group_reason(g, "snapshot differs: %u of %u SAs, %u of %u policies",
				 ours.sas, b->sas, ours.policies, b->policies);
		g->sync_wanted |= b->buckets;
		return;
	}
	if (xha_group_sync_rules(g)) {
		xha_group_reason(g, "out of memory for the gate's rules");
		g->sync_wanted = XHA_WIRE_BUCKETS_ALL;
		return;
	}
	xha_shadow_grow_hash(g);
	g->synced = !g->sync_wanted;
	g->verified_at = jiffies;
	/* It starts where the active says now, not where it once was itself. */
	if (!g->synced)
		return;
	xha_strict_release(g, true);
	xha_merge_forget_dead(g);
}

void xha_shadow_compare(struct xha_group *g, const struct xha_wire_sums *theirs)
{
	struct xha_wire_sums ours;
	u16 differ = 0;
	int i;

	if (!g->synced)
		return;	/* a snapshot is under way or asked for */
	xha_rec_sums(g, &ours);
	for (i = 0; i < XHA_WIRE_BUCKETS; i++)
		if (ours.sum[i] != theirs->sum[i])
			differ |= BIT(i);
	if (!differ && (ours.sas != theirs->sas ||
			ours.policies != theirs->policies))
		differ = XHA_WIRE_BUCKETS_ALL;
	g->verified_at = jiffies;
	if (!differ) {
		g->verified++;
		return;
	}
	g->repairs++;
	g->synced = false;
	g->sync_wanted = differ;
	g->sync_retry = jiffies;
	xha_netns_kick(g->xn);
}

void xha_shadow_want_all(struct xha_group *g)
{
	lockdep_assert_held(&g->xn->lock);
	if (g->role != XFRM_HA_ROLE_STANDBY)
		return;
	g->synced = false;
	g->bulk_rx = 0;
	g->sync_wanted = XHA_WIRE_BUCKETS_ALL;
	xha_group_update(g);
}

static int check_standby(const struct xha_group *g,
			 struct netlink_ext_ack *extack)
{
	if (g->role == XFRM_HA_ROLE_STANDBY)
		return 0;
	NL_SET_ERR_MSG(extack, "this node is not standby for the group");
	return -EPERM;
}

int xha_shadow_verify(struct xha_group *g, struct netlink_ext_ack *extack)
{
	int err = check_standby(g, extack);

	if (err)
		return err;
	if (!g->synced) {
		NL_SET_ERR_MSG(extack, "the group is not synchronised");
		return -EAGAIN;
	}
	return xha_session_send_empty(g->xn, XHA_MSG_DIGEST_REQ, g);
}

int xha_shadow_resync(struct xha_group *g, struct netlink_ext_ack *extack)
{
	int err = check_standby(g, extack);

	if (err)
		return err;
	g->sync_retry = jiffies;
	xha_shadow_want_all(g);
	xha_netns_kick(g->xn);
	return 0;
}

static bool hash_too_small(const struct xha_group *g)
{
	return READ_ONCE(g->xn->net->xfrm.state_hmask) + 1 <
	       min(roundup_pow_of_two(g->n_sas + 1), HASH_MAX);
}

/*
 * The tables grow only by one doubling per insert that finds a collision, so
 * thousands of inserts at once end in long chains. The kernel's own work
 * doubles them; it is run until they fit. Beyond that they only ever grow.
 */
void xha_shadow_grow_hash(struct xha_group *g)
{
	struct netns_xfrm *nx = &g->xn->net->xfrm;
	unsigned int before;

	while (hash_too_small(g)) {
		before = READ_ONCE(nx->state_hmask);
		schedule_work(&nx->state_hash_work);
		flush_work(&nx->state_hash_work);
		if (READ_ONCE(nx->state_hmask) == before)
			break;	/* no memory: chains are long, nothing breaks */
	}
}

/* Each doubling waits for a grace period, and no takeover should for ten. */
void xha_shadow_grow_hash_step(struct xha_group *g)
{
	struct work_struct *work = &g->xn->net->xfrm.state_hash_work;

	if (hash_too_small(g) && !work_busy(work))
		schedule_work(work);
}
