// SPDX-License-Identifier: GPL-2.0-only
/*
 * The active side: bringing the peer's shadow up to date.
 *
 * Bursts coalesce per record: a record is in the dirty list once, however
 * often it changed, and is encoded when the channel takes it, so a slow peer
 * costs no memory beyond the records. The same list carries snapshots: a
 * snapshot marks everything dirty between a BEGIN and an END frame.
 *
 * Now and then the peer is told a digest of what it should have, in buckets,
 * and asks for a snapshot of those that differ.
 */
#include <linux/slab.h>
#include <net/xfrm.h>

#include "age.h"
#include "counters.h"
#include "group.h"
#include "merge.h"
#include "netns.h"
#include "policy.h"
#include "sa.h"
#include "seq.h"
#include "strict.h"
#include "sync.h"
#include "sysctl.h"

void xha_sync_touch(struct xha_rec *r)
{
	struct xha_group *g = r->group;

	if (!g->feeding || r->reason[0] || !list_empty(&r->dirty))
		return;
	list_add_tail(&r->dirty, &g->dirty);
	xha_netns_kick(g->xn);
}

/* The standby must not call itself hot without what is left out. */
static void refused_changed(struct xha_group *g)
{
	g->tell_peer = true;
	xha_netns_kick(g->xn);
}

/*
 * Has the peer been told of it since it was fed last? Then all began with a
 * snapshot, and what is not named in one the peer drops by itself.
 */
static bool peer_has(const struct xha_rec *r)
{
	return r->group->feeding && !r->reason[0] &&
	       (r->known || !list_empty(&r->inflight));
}

/* Of notes that are gone: it says the same, if it gets there. */
static void snapshot_instead(struct xha_group *g)
{
	g->graves_lost = true;
	xha_sync_bulk(g, XHA_WIRE_BUCKETS_ALL);
}

/*
 * A peer that acknowledges nothing must not cost memory without bound. A whole
 * snapshot says the same, if it gets there; until then nothing is taken back in
 * a merge, as where there was no memory for a note.
 */
static void limit_notes(struct xha_group *g)
{
	/* While it feeds nobody there are notes of what the peer once had only. */
	if (!g->feeding ||
	    g->n_notes < xha_sysctl_get(g->xn, deletion_notes))
		return;
	xha_rec_drop_notes(g, &g->dels);
	xha_rec_drop_notes(g, &g->dels_sent);
	xha_rec_drop_notes(g, &g->graves);
	snapshot_instead(g);
}

void xha_sync_forget(struct xha_rec *r)
{
	struct xha_group *g = r->group;
	bool lost = false;

	limit_notes(g);
	if (r->reason[0])
		refused_changed(g);
	/* The others cost nothing, however many come and go while it is deaf. */
	if (peer_has(r)) {
		lost = !xha_rec_note_del(r, &g->dels);
		xha_netns_kick(g->xn);
	} else {
		xha_merge_bury(r);
	}
	xha_rec_free(r);
	if (lost)
		snapshot_instead(g);
}

void xha_sync_refuse(struct xha_rec *r, const char *why)
{
	if (!r->reason[0])
		refused_changed(r->group);
	/* An SA is shown with its reason, a policy nowhere but here. */
	if (r->kind == XHA_REC_POLICY && !r->reason[0])
		xha_policy_log_refusal(r->group, xha_rec_policy(r)->w, why);
	xha_rec_refuse(r, why);
	list_del_init(&r->dirty);
}

/* Nobody knows whether the peer heard of them: a merge may bring them back. */
static void bury_dels(struct xha_group *g)
{
	list_splice_tail_init(&g->dels_sent, &g->graves);
	list_splice_tail_init(&g->dels, &g->graves);
}

void xha_sync_bulk(struct xha_group *g, u16 buckets)
{
	struct xha_rec *r;

	lockdep_assert_held(&g->xn->lock);
	if (g->role != XFRM_HA_ROLE_ACTIVE)
		return;
	if (!g->feeding)
		buckets = XHA_WIRE_BUCKETS_ALL;
	if (g->bulk_tx)
		buckets |= g->bulk_buckets;
	if (buckets == XHA_WIRE_BUCKETS_ALL)
		bury_dels(g);	/* it says the same, if it gets there */
	g->feeding = true;
	g->bulk_begun = false;
	g->bulk_clears = false;
	g->bulk_tx = get_random_u32() | 1;
	g->bulk_buckets = buckets;
	g->last_digest = jiffies;
	list_for_each_entry(r, &g->policies, list)
		if (!r->merging && xha_rec_in(r, buckets))
			xha_sync_touch(r);
	list_for_each_entry(r, &g->sas, list)
		if (!r->merging && xha_rec_in(r, buckets))
			xha_sync_touch(r);
	xha_netns_kick(g->xn);
}

static void forget_transit(struct xha_rec *r)
{
	list_del_init(&r->dirty);
	list_del_init(&r->inflight);
	r->known = false;
}

void xha_sync_stop(struct xha_group *g)
{
	struct xha_rec *r;

	lockdep_assert_held(&g->xn->lock);
	list_for_each_entry(r, &g->policies, list)
		forget_transit(r);
	list_for_each_entry(r, &g->sas, list) {
		forget_transit(r);
		list_del_init(&xha_rec_sa(r)->ctr_inflight);
		xha_rec_sa(r)->ctr_kinds = 0;
	}
	bury_dels(g);
	g->feeding = false;
	g->bulk_tx = 0;
	g->bulk_clears = false;
	if (g->bound_by != XHA_STRICT_TOLD)
		g->bound_by = XHA_STRICT_LOST;
	g->digest_wanted = false;
}

void xha_sync_disconnect(struct xha_net *xn)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list)
		xha_sync_stop(g);
}

bool xha_sync_applies(const struct xha_group *g)
{
	return g->peer_role == XFRM_HA_ROLE_STANDBY;
}

static void ack_state(struct xha_session *s, u32 seq)
{
	struct xha_rec *r, *tmp;
	struct xha_sa *sa;

	list_for_each_entry_safe(r, tmp, &s->inflight, inflight) {
		if ((s32)(seq - r->tx_seq) < 0)
			break;
		list_del_init(&r->inflight);
		if (!xha_sync_applies(r->group))
			continue;
		r->known = true;
		if (list_empty(&r->dirty))
			r->gen_acked = r->gen;
		if (r->kind != XHA_REC_SA || !r->live)
			continue;
		sa = xha_rec_sa(r);
		xha_strict_acked(sa, sa->ceil_state);
		sa->ceil_acked = max(sa->ceil_acked, sa->ceil_state);
		sa->win_acked = max(sa->win_acked, sa->win_state);
		xha_rec_sa_came_acked(sa, sa->came_state);
	}
}

static void ack_dels(struct xha_net *xn, u32 seq)
{
	struct xha_group *g;
	struct xha_del *d, *tmp;

	list_for_each_entry(g, &xn->groups, list)
		list_for_each_entry_safe(d, tmp, &g->dels_sent, list) {
			if ((s32)(seq - d->tx_seq) < 0)
				break;
			xha_rec_drop_note(g, d);
		}
}

/*
 * At the end of a whole snapshot the standby dropped what it did not name. If it
 * still waits for one, which it says before its receipt, it had lost the thread;
 * a mismatch hides that it waits.
 */
static void ack_bulks(struct xha_net *xn, u32 seq)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list) {
		if ((s32)(seq - g->bulk_seq) < 0)
			continue;
		xha_strict_settle(g, true);
		if (!g->bulk_clears)
			continue;
		g->bulk_clears = false;
		if (xha_sync_applies(g) && !g->mismatch &&
		    g->peer_state != XFRM_HA_STATE_STANDBY_BULK)
			xha_merge_forget_dead(g);
	}
}

void xha_sync_ack(struct xha_net *xn, const struct xha_wire_ack *a)
{
	lockdep_assert_held(&xn->lock);
	ack_state(&xn->session, a->state_seq);
	ack_dels(xn, a->state_seq);
	ack_bulks(xn, a->state_seq);
	xha_merge_ack(xn, a->state_seq);
	xha_counters_ack(xn, a->counters_seq);
}

void xha_sync_reserve_tag(struct xha_net *xn, struct xha_sa *sa)
{
	u8 peer = !xn->session.node;
	u16 tag;

	if (!xha_sa_iv_tagged(sa->x) ||
	    (sa->tag_valid && sa->tag_boot == xn->session.peer_boot))
		return;
	sa->tag_valid = false;
	/* Early, so that there are tags until it is rekeyed. */
	if (xha_seq_tags_scarce(peer, sa->tag_count[peer]))
		xha_counters_hand_to_rekey(sa);
	if (xha_seq_tag(sa->tag_base, peer, sa->tag_count[peer], &tag)) {
		xha_sync_refuse(&sa->rec, "IV tags used up: rekey it");
		return;
	}
	sa->tag_count[peer]++;
	sa->tag_peer = tag;
	sa->tag_boot = xn->session.peer_boot;
	sa->tag_valid = true;
}

void xha_sync_take_tags_back(struct xha_group *g)
{
	struct xha_rec *r;

	if (g->role != XFRM_HA_ROLE_ACTIVE)
		return;
	list_for_each_entry(r, &g->sas, list)
		if (!r->merging)	/* that one is this node's, of the peer */
			xha_rec_sa(r)->tag_valid = false;
}

/* Returns what xha_strict_withdraw() wants if it is not sent after all. */
static u64 set_ceiling(struct xha_wire_sa *w, struct xha_sa *sa)
{
	u64 ceiling;

	if (!sa->outbound)
		return sa->floor;
	ceiling = xha_seq_ceiling(w->window.top, sa->lease, sa->esn);
	/* A peer that has forgotten all is to start where this one may not. */
	if (sa->floor != XHA_STRICT_NONE)
		ceiling = max(ceiling, sa->floor);
	sa->ceil_pub = max(sa->ceil_pub, ceiling);
	w->ceiling = sa->ceil_pub;
	return xha_strict_offer(sa, w->ceiling);
}

/* What stands still in a staged state is kept beside it. */
static void set_staged(struct xha_wire_sa *w, const struct xha_sa *sa)
{
	if (!sa->outbound)
		return;
	w->window.top = sa->seq;
	w->ceiling = sa->ceil_acked;
}

/*
 * What was told in a merge the peer may send with from now on, with the tag
 * reserved for it and from the ceiling on, or from what it acknowledged once.
 * Should this node be the one to go on after all, neither is its own.
 */
static void give(struct xha_sa *sa)
{
	u64 start = sa->ceil_acked;

	sa->tag_valid = false;
	if (!sa->outbound)
		return;
	if (sa->floor != XHA_STRICT_NONE)
		start = max(start, sa->floor);
	xha_strict_gave(sa);
	sa->ceil_acked = xha_seq_ceiling(start, sa->lease, sa->esn);
}

static int send_sa(struct xha_net *xn, struct xha_sa *sa)
{
	struct xha_group *g = sa->rec.group;
	struct xha_wire_frame f;
	struct xha_wire_sa *w;
	u64 floor = 0;
	u32 came;
	int err;

	xha_sync_reserve_tag(xn, sa);
	if (sa->rec.reason[0])
		return 0;
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	came = xha_rec_sa_came(sa);	/* before the window is read */
	xha_sa_snapshot(w, sa);
	xha_age_to_wire(xn, &w->times, &sa->times);
	if (sa->rec.live) {
		xha_counters_run_ahead(sa, w);
		floor = set_ceiling(w, sa);
	} else {
		set_staged(w, sa);
	}
	xha_session_frame(xn, &f, sa->rec.live ? XHA_MSG_SA : XHA_MSG_MERGE_SA,
			  g);
	err = xha_session_send(xn, &f, xha_wire_put_sa(xn->session.buf, &f, w));
	if (!err) {
		sa->ceil_state = w->ceiling;
		sa->win_state = sa->outbound ? 0 : w->window.top;
		sa->win_sent = max(sa->win_sent, sa->win_state);
		sa->came_state = came;
		sa->came_sent = came;
		if (sa->rec.live)
			xha_counters_told(sa, w->bytes, w->packets);
		else
			give(sa);
		sa->rec.tx_seq = f.seq;
	} else if (sa->outbound && sa->rec.live) {
		xha_strict_withdraw(sa, floor);
	}
	kfree_sensitive(w);
	return err;
}

static int send_policy(struct xha_net *xn, struct xha_policy *p)
{
	struct xha_wire_frame f;
	int err;

	if (p->rec.live) {
		read_lock_bh(&p->xp->lock);
		xha_age_read_policy(p);
		read_unlock_bh(&p->xp->lock);
	}
	p->w->gen = p->rec.gen;
	xha_age_to_wire(xn, &p->w->times, &p->times);
	xha_session_frame(xn, &f, p->rec.live ? XHA_MSG_POLICY :
			  XHA_MSG_MERGE_POLICY, p->rec.group);
	err = xha_session_send(xn, &f,
			       xha_wire_put_policy(xn->session.buf, &f, p->w));
	if (!err)
		p->rec.tx_seq = f.seq;
	return err;
}

static const char no_contexts[] = "the peer takes no security contexts";

static bool peer_takes(const struct xha_net *xn, const struct xha_rec *r)
{
	const struct xha_policy *p;
	const struct xha_sa *sa;

	if (xn->session.features & XHA_WIRE_CONTEXT)
		return true;
	if (r->kind == XHA_REC_SA) {
		sa = container_of(r, struct xha_sa, rec);
		return !sa->x || !sa->x->security;
	}
	p = container_of(r, struct xha_policy, rec);
	return !p->w->context.len;
}

static void reconsider(const struct xha_net *xn, struct list_head *list)
{
	struct xha_rec *r;

	list_for_each_entry(r, list, list) {
		if (!r->live)
			continue;
		if (!peer_takes(xn, r) && !r->reason[0])
			xha_sync_refuse(r, no_contexts);
		else if (peer_takes(xn, r) && r->reason == no_contexts)
			xha_rec_refuse(r, NULL);
	}
}

void xha_sync_reconsider(struct xha_net *xn)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (g->role != XFRM_HA_ROLE_ACTIVE)
			continue;
		reconsider(xn, &g->policies);
		reconsider(xn, &g->sas);
	}
}

static int send_rec(struct xha_net *xn, struct xha_rec *r)
{
	int err;

	if (!peer_takes(xn, r)) {
		list_del_init(&r->dirty);
		if (r->live)	/* else this node has no use for it, either */
			xha_sync_refuse(r, no_contexts);
		return 0;
	}
	err = r->kind == XHA_REC_SA ? send_sa(xn, xha_rec_sa(r)) :
				      send_policy(xn, xha_rec_policy(r));
	if (err == -EAGAIN || err == -ENOTCONN || err == -ENOMEM)
		return err;
	list_del_init(&r->dirty);
	if (err)
		xha_sync_refuse(r, "does not fit the wire format");
	if (r->reason[0])
		return 0;
	r->tx_jiffies = jiffies;
	r->tx_len = xn->session.tx_len;
	r->shared = true;	/* its receipt may get lost */
	list_move_tail(&r->inflight, &xn->session.inflight);
	return 0;
}

static int flush_dels(struct xha_net *xn, struct xha_group *g,
		      enum xha_rec_kind kind)
{
	struct xha_wire_frame f;
	struct xha_wire_del w;
	struct xha_del *d, *tmp;
	int err;

	list_for_each_entry_safe(d, tmp, &g->dels, list) {
		if (d->kind != kind)
			continue;
		w.incarnation = d->incarnation;
		xha_session_frame(xn, &f, kind == XHA_REC_SA ?
				  XHA_MSG_SA_DEL : XHA_MSG_POLICY_DEL, g);
		err = xha_session_send(xn, &f,
				       xha_wire_put_del(xn->session.buf, &f, &w));
		if (err)
			return err;
		d->tx_seq = f.seq;
		list_move_tail(&d->list, &g->dels_sent);
	}
	return 0;
}

static int send_bulk(struct xha_net *xn, struct xha_group *g, u8 type)
{
	struct xha_wire_bulk b = {
		.id = g->bulk_tx,
		.buckets = g->bulk_buckets,
	};
	struct xha_wire_frame f;
	int err;

	if (type == XHA_MSG_BULK_END)
		xha_rec_tally(g, &b);
	xha_session_frame(xn, &f, type, g);
	err = xha_session_send(xn, &f,
			       xha_wire_put_bulk(xn->session.buf, &f, &b));
	if (!err && type == XHA_MSG_BULK_END) {
		g->bulk_tx = 0;
		g->bulk_seq = f.seq;
		g->bulk_clears = b.buckets == XHA_WIRE_BUCKETS_ALL;
		xha_strict_bind_early(g);
	}
	return err;
}

static bool digest_due(const struct xha_group *g)
{
	return g->digest_wanted ||
	       time_after_eq(jiffies, g->last_digest +
			     xha_sysctl_jiffies(g->xn, digest_interval_ms));
}

/* Only where nothing is left to send: it speaks of all that went before. */
static int send_digest(struct xha_net *xn, struct xha_group *g)
{
	struct xha_wire_frame f;
	struct xha_wire_sums s;
	int err;

	xha_rec_sums(g, &s);
	xha_session_frame(xn, &f, XHA_MSG_DIGEST, g);
	err = xha_session_send(xn, &f, xha_wire_put_sums(xn->session.buf, &f, &s));
	if (!err) {
		g->digest_wanted = false;
		g->last_digest = jiffies;
	}
	return err;
}

/*
 * Each packet of the channel is authenticated, and its receipt too,
 * which costs more than what a small frame says: frames share packets. Should
 * the last of them fail, the next keepalive carries the rest along.
 */
int xha_sync_send_dirty(struct xha_net *xn, struct xha_group *g)
{
	bool more = g->bulk_tx || g->merge == XHA_MERGE_SENDING;
	struct xha_rec *r, *tmp;
	int err = 0;

	list_for_each_entry_safe(r, tmp, &g->dirty, dirty) {
		xn->session.more = more || !list_is_last(&r->dirty, &g->dirty);
		err = send_rec(xn, r);
		if (err)
			break;
		cond_resched();
	}
	xn->session.more = false;
	return err;
}

static int flush_group(struct xha_net *xn, struct xha_group *g)
{
	int err;

	if (g->bulk_tx && !g->bulk_begun) {
		err = send_bulk(xn, g, XHA_MSG_BULK_BEGIN);
		if (err)
			return err;
		g->bulk_begun = true;
	}
	/*
	 * A policy goes after what took its place has come: the standby lets
	 * no plaintext pass in between, nor does it adopt neither.
	 */
	err = flush_dels(xn, g, XHA_REC_SA) ?: xha_sync_send_dirty(xn, g) ?:
	      flush_dels(xn, g, XHA_REC_POLICY);
	if (err)
		return err;
	if (g->tell_peer)
		xha_session_send_group(xn, g);
	if (!g->bulk_tx)
		return digest_due(g) ? send_digest(xn, g) : 0;
	return send_bulk(xn, g, XHA_MSG_BULK_END);
}

void xha_sync_flush(struct xha_net *xn)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	if (!xha_session_up(&xn->session))
		return;
	list_for_each_entry(g, &xn->groups, list) {
		if (g->feeding && g->role == XFRM_HA_ROLE_ACTIVE &&
		    flush_group(xn, g))
			return;
		if (g->role == XFRM_HA_ROLE_STANDBY && xha_merge_flush(xn, g))
			return;
	}
}
