// SPDX-License-Identifier: GPL-2.0-only
/*
 * After a split brain, or whenever an active that nobody heard is told that
 * another took over.
 *
 *   giving way (was active)               staying active
 *   gate closed, SAs staged, standby      raises its epoch, if it is no later
 *   hears of a later epoch  <----------   group-state
 *   merge-sa, merge-policy  ---------->   known here: counters move up
 *                                         unknown: staged
 *                                         deleted here: ignored
 *   merge-end               ---------->   what is staged goes live at once
 *                           <----------   ack
 *   sync-req                ---------->   snapshot, as ever
 *
 * What the two shared keeps its incarnation on both, so the same SA is known
 * by it; one identity under two incarnations is two SAs, of which the active
 * keeps its own. The numbers of a staged SA stand still, and its ceiling is a
 * lease beyond them: the active starts there with an SA it adopts, and jumps
 * there with one of its own that is behind.
 */
#include <linux/slab.h>
#include <net/xfrm.h>

#include "age.h"
#include "group.h"
#include "merge.h"
#include "netns.h"
#include "role.h"
#include "sa.h"
#include "shadow.h"
#include "sync.h"

void xha_merge_want(struct xha_group *g)
{
	g->merge = XHA_MERGE_WANTED;
}

/* What came of the peer itself and was never live here it knows better. */
static void tell_all(struct xha_group *g, struct list_head *list)
{
	struct xha_rec *r;

	list_for_each_entry(r, list, list)
		if (!r->merging && !r->reason[0] && list_empty(&r->dirty))
			list_add_tail(&r->dirty, &g->dirty);
}

void xha_merge_meet(struct xha_group *g, u32 epoch)
{
	u8 node = g->xn->session.node;

	lockdep_assert_held(&g->xn->lock);
	if (g->merge != XHA_MERGE_WANTED || epoch < g->epoch ||
	    (epoch == g->epoch && g->epoch_node == node))
		return;
	g->epoch = epoch;
	g->epoch_node = !node;
	g->merge_epoch = epoch;
	tell_all(g, &g->policies);
	tell_all(g, &g->sas);
	g->merge = XHA_MERGE_SENDING;
	xha_netns_kick(g->xn);
}

int xha_merge_flush(struct xha_net *xn, struct xha_group *g)
{
	struct xha_wire_frame f;
	int err;

	if (g->merge != XHA_MERGE_SENDING)
		return 0;
	err = xha_sync_send_dirty(xn, g);
	if (err)
		return err;
	xha_session_frame(xn, &f, XHA_MSG_MERGE_END, g);
	err = xha_session_send(xn, &f, xha_wire_put_empty(xn->session.buf, &f));
	if (err)
		return err;
	g->merge = XHA_MERGE_SENT;
	g->merge_seq = f.seq;
	return 0;
}

void xha_merge_ack(struct xha_net *xn, u32 seq)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		if (g->merge == XHA_MERGE_SENT && (s32)(seq - g->merge_seq) >= 0) {
			/*
			 * Only an active makes use of what it is told, and
			 * none of what is of an epoch before its own.
			 */
			g->merge = g->peer_role == XFRM_HA_ROLE_ACTIVE &&
				   g->epoch == g->merge_epoch ?
				   XHA_MERGE_NONE : XHA_MERGE_WANTED;
			xha_netns_kick(xn);
		}
}

static bool buried(const struct xha_group *g, u64 incarnation)
{
	struct xha_del *d;

	list_for_each_entry(d, &g->graves, list)
		if (d->incarnation == incarnation)
			return true;
	return g->graves_lost;
}

void xha_merge_bury(struct xha_rec *r)
{
	struct xha_group *g = r->group;

	if (!r->shared || g->role != XFRM_HA_ROLE_ACTIVE)
		return;
	g->bulk_clears = false;	/* a snapshot under way does not speak of it */
	if (!xha_rec_note_del(r, &g->graves))
		g->graves_lost = true;	/* then nothing is taken back */
}

void xha_merge_forget_dead(struct xha_group *g)
{
	xha_rec_drop_notes(g, &g->graves);
	g->graves_lost = false;
}

/* Atomic only under x->lock: nothing else holds the numbers still. */
static void raise_live(struct xha_sa *sa, const struct xha_wire_sa *w)
{
	struct xha_wire_window window = w->window;
	struct xha_seq_window seen = {
		.w = &window,
		.size = w->replay == XHA_REPLAY_LEGACY ? w->replay_window :
							 w->esn_window,
		.mode = w->replay,
	};
	struct xfrm_state *x = sa->x;

	spin_lock_bh(&x->lock);
	if (!sa->outbound)
		xha_sa_merge_window(x, &seen);
	else if (xha_sa_peek(x, true) < w->window.top)
		xha_sa_set_oseq(x, w->ceiling);
	xha_sa_raise_use(x, w->bytes, w->packets);
	spin_unlock_bh(&x->lock);
	xha_age_merge_sa(sa, &w->times);
	sa->tag_count[0] = max(sa->tag_count[0], w->tag_count[0]);
	sa->tag_count[1] = max(sa->tag_count[1], w->tag_count[1]);
}

/* Does what @w says of numbers and windows go for a live SA? */
static bool can_raise(struct xha_sa *sa, const struct xha_wire_sa *w)
{
	return sa->outbound == w->outbound &&
	       xha_sa_replay_mode(sa->x) == w->replay;
}

static bool same_keys(struct xha_sa *sa, const struct xha_wire_sa *w)
{
	struct xha_wire_sa *bare = kmemdup(w, sizeof(*w), GFP_KERNEL);
	struct xfrm_state *x;
	const char *why;
	bool same;

	if (!bare)
		return sa->outbound;
	/* Where nothing takes its context the keys may be the same still. */
	bare->context.len = 0;
	x = xha_sa_build(sa->rec.group->xn->net, bare, &why);
	kfree_sensitive(bare);
	/* A number too high is skipped, one too low is used twice. */
	if (IS_ERR(x))
		return sa->outbound && PTR_ERR(x) == -ENOMEM;
	same = xha_sa_same_keys(sa->x, x);
	xha_sa_destroy_staged(x);
	return same;
}

void xha_merge_sa(struct xha_group *g, const struct xha_wire_sa *w)
{
	struct xha_rec *r = xha_rec_find(g, w->incarnation);
	struct xha_sa_id id;
	struct xha_sa *sa;

	lockdep_assert_held(&g->xn->lock);
	if (r && r->live) {
		if (r->kind == XHA_REC_SA && can_raise(xha_rec_sa(r), w))
			raise_live(xha_rec_sa(r), w);
		return;
	}
	xha_shadow_sa_id(&id, w);
	sa = xha_rec_find_sa(g, &id);
	if (sa && sa->rec.live) {
		/* Each node's daemon may have installed it. */
		if (can_raise(sa, w) && same_keys(sa, w))
			raise_live(sa, w);
		return;
	}
	if (buried(g, w->incarnation))
		return;
	xha_shadow_sa(g, w);
	r = xha_rec_find(g, w->incarnation);
	if (r)
		r->merging = true;
}

void xha_merge_policy(struct xha_group *g, const struct xha_wire_policy *w)
{
	struct xha_rec *r = xha_rec_find(g, w->incarnation);
	struct xha_policy *p = xha_rec_find_policy(g, w);

	lockdep_assert_held(&g->xn->lock);
	if ((r && r->live) || (p && p->rec.live) || buried(g, w->incarnation))
		return;
	xha_shadow_policy(g, w);
	r = xha_rec_find(g, w->incarnation);
	if (r)
		r->merging = true;
}

void xha_merge_end(struct xha_group *g)
{
	unsigned int n = xha_role_extend(g);

	g->merged += n;
	if (n)
		pr_info("xfrm_ha: group %s: took over %u SAs and policies that only the peer had\n",
			g->name, n);
}

static void keep_merging(struct list_head *list)
{
	struct xha_rec *r;

	list_for_each_entry(r, list, list)
		r->merging = false;
}

void xha_merge_over(struct xha_group *g)
{
	lockdep_assert_held(&g->xn->lock);
	keep_merging(&g->sas);
	keep_merging(&g->policies);
}

static bool drop_merging(struct list_head *list)
{
	struct xha_rec *r, *tmp;
	bool any = false;

	list_for_each_entry_safe(r, tmp, list, list)
		if (r->merging) {
			xha_rec_free(r);
			any = true;
		}
	return any;
}

void xha_merge_break_off(struct xha_group *g)
{
	lockdep_assert_held(&g->xn->lock);
	/* A standby has them staged like all the rest. */
	if (g->role != XFRM_HA_ROLE_ACTIVE)
		return;
	/* Others may have installed the same, which waited for the merge. */
	if (drop_merging(&g->sas) | drop_merging(&g->policies))
		set_bit(0, &g->xn->rescan);
}

void xha_merge_disconnect(struct xha_group *g)
{
	if (g->merge != XHA_MERGE_NONE)
		g->merge = XHA_MERGE_WANTED;
	xha_merge_break_off(g);
}
