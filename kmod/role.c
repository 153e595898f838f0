// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing roles.
 *
 * Takeover:  raise the epoch (older frames are stale from here on)
 *            -> all staged SAs into the SAD, not VALID: nothing uses them
 *            -> all VALID                      (route lookups find SAs)
 *            -> policies into the SPD          (no ACQUIRE: the SAs are there)
 *            -> cached routes refreshed, key managers told
 *            -> gate open
 * The gate is closed until the last step, so the steps need not be atomic to
 * be seen as one. The only failure left is memory for a policy's node in the
 * SPD's tree; then the way back is the way of a demotion, behind the gate.
 *
 * Demotion:  gate closed -> policies out -> SAs out, silently -> staged again.
 * Policies leave first: one without a VALID SA would raise ACQUIREs.
 */
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/xfrm.h>

#include "age.h"
#include "counters.h"
#include "group.h"
#include "hooks.h"
#include "merge.h"
#include "mirror.h"
#include "netlink.h"
#include "netns.h"
#include "policy.h"
#include "role.h"
#include "sa.h"
#include "seq.h"
#include "shadow.h"
#include "strict.h"
#include "sync.h"

#define ADD_TRIES	8

u32 xha_role_next_epoch(const struct xha_group *g)
{
	return max(g->epoch, g->peer_epoch) + 1;
}

/* Counters, ages and salt of a staged SA as it will go live. */
static void arm(struct xha_sa *sa, bool finals)
{
	/* Beyond the final number is only what this node once sent itself. */
	u64 last = finals && sa->final_valid ? max(sa->final, sa->seq) :
					       sa->ceil_acked;

	if (sa->outbound)
		xha_sa_set_oseq(sa->x, last);
	if (finals && sa->use_valid) {
		sa->x->curlft.bytes = sa->final_bytes;
		sa->x->curlft.packets = sa->final_packets;
	}
	xha_age_arm_sa(sa);
	if (sa->tag_valid && xha_sa_iv_tagged(sa->x))
		xha_sa_set_tag(sa->x, sa->tag_peer);
}

/* What one of two states of the same SA has used the other has, too. */
static void carry(struct xfrm_state *to, struct xfrm_state *from, bool outbound)
{
	struct xha_wire_window w;
	struct xha_seq_window seen = xha_sa_window_of(from, &w);
	u64 last = xha_sa_peek(from, true);

	xha_sa_window(&w, from);
	spin_lock_bh(&to->lock);
	if (outbound && xha_sa_peek(to, true) < last)
		xha_sa_set_oseq(to, last);
	if (!outbound)
		xha_sa_merge_window(to, &seen);
	xha_sa_raise_use(to, from->curlft.bytes, from->curlft.packets);
	spin_unlock_bh(&to->lock);
}

/*
 * Of a standby: the staged SA has the windows, the ages and the tagged salt,
 * and the other, which sits behind the closed gate, need not be asked whether
 * it can have them. It is gone once it is deleted: no number is taken any more.
 */
static bool replace_rival(struct xha_sa *sa, struct xfrm_state *rival)
{
	if (!xha_shadow_gives_way(rival, sa->x))
		return false;
	if (xfrm_state_delete(rival))
		return true;	/* its owner was faster */
	if (xha_sa_same_keys(rival, sa->x))
		carry(sa->x, rival, sa->outbound);
	xha_sa_wipe(rival);
	return true;
}

/* Of an active: it may be sending with it, so that one stays as it is. */
static bool join_rival(struct xha_sa *sa, struct xfrm_state *rival)
{
	if (!xha_sa_same_keys(rival, sa->x))
		return false;
	carry(rival, sa->x, sa->outbound);
	if (xha_sa_refusal(rival))
		return false;
	xha_sa_destroy_staged(sa->x);
	xfrm_state_hold(rival);
	sa->x = rival;
	sa->rec.live = true;
	/* It has its own ages and salt, which no tags were counted from yet. */
	sa->times.read = false;
	if (xha_sa_iv_tagged(rival))
		sa->tag_base = xha_sa_tag(rival);
	memset(sa->tag_count, 0, sizeof(sa->tag_count));
	/* Nor is it what the peer told of. */
	sa->rec.gen = get_random_u32();
	spin_lock_bh(&rival->lock);
	xha_age_read_sa(sa);
	spin_unlock_bh(&rival->lock);
	return true;
}

/* xfrm has an SA of this id. True where it, or nothing, is in the way now. */
static bool settle_rival(struct xha_sa *sa)
{
	struct xha_group *g = sa->rec.group;
	struct xfrm_state *rival = xha_shadow_rival(g->xn, sa->x);
	bool done;

	if (!rival)
		return true;
	if (g->role == XFRM_HA_ROLE_ACTIVE)
		done = join_rival(sa, rival);
	else
		done = replace_rival(sa, rival);
	xfrm_state_put(rival);
	return done;
}

static void add_sa(struct xha_sa *sa)
{
	int tries;

	/* Somebody may install it again and again, but not for ever. */
	for (tries = 0; tries < ADD_TRIES; tries++) {
		/* Ours, before anybody can find and delete it. */
		xfrm_state_hold(sa->x);
		if (!xfrm_state_add(sa->x)) {
			sa->rec.live = true;
			xha_age_start_sa(sa);
			return;
		}
		__xfrm_state_put(sa->x);
		if (!settle_rival(sa))
			break;
		if (sa->rec.live)
			return;
	}
	xha_rec_refuse(&sa->rec, xha_shadow_taken);
}

static void add_sas(struct xha_group *g, bool finals)
{
	struct xha_rec *r;
	struct xha_sa *sa;

	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (!sa->x || r->reason[0] || r->live)
			continue;
		arm(sa, finals);
		add_sa(sa);
		cond_resched();
	}
}

static void flip_sas(struct xha_group *g, u8 from, u8 to)
{
	struct xfrm_state *x;
	struct xha_rec *r;

	list_for_each_entry(r, &g->sas, list) {
		x = xha_rec_sa(r)->x;
		if (!r->live)
			continue;
		spin_lock_bh(&x->lock);
		if (x->km.state == from)
			x->km.state = to;
		spin_unlock_bh(&x->lock);
	}
}

/*
 * @stays: what others have put in the place of a policy stays, and the record
 * goes; else ours displaces it.
 */
static int insert_policies(struct xha_group *g, bool stays)
{
	struct xha_rec *r, *tmp;
	struct xha_policy *p;
	int err;

	list_for_each_entry_safe(r, tmp, &g->policies, list) {
		p = xha_rec_policy(r);
		if (!p->xp || r->reason[0] || r->live)
			continue;
		err = xfrm_policy_insert(p->w->dir, p->xp, stays);
		if (err == -EEXIST) {
			xha_rec_free(r);
			continue;
		}
		if (err)
			return err;
		xha_age_start_policy(p);
		r->live = true;
		cond_resched();
	}
	return 0;
}

static void announce_rec(struct xha_rec *r)
{
	struct km_event c = { .event = XFRM_MSG_NEWSA };

	if (!r->live)
		return;
	if (r->kind == XHA_REC_SA) {
		km_state_notify(xha_rec_sa(r)->x, &c);
		return;
	}
	c.event = XFRM_MSG_NEWPOLICY;
	km_policy_notify(xha_rec_policy(r)->xp, xha_rec_policy(r)->w->dir, &c);
}

/*
 * Daemons and `ip xfrm monitor` see what was adopted; our own watcher, which
 * is told as well, need not.
 */
static void announce(struct xha_group *g)
{
	struct xha_rec *r;

	WRITE_ONCE(g->xn->announcer, current);
	list_for_each_entry(r, &g->sas, list)
		announce_rec(r);
	list_for_each_entry(r, &g->policies, list)
		announce_rec(r);
	WRITE_ONCE(g->xn->announcer, NULL);
}

/* From staged to mirrored: nothing is known to the peer, the tag is used. */
static void track(struct xha_sa *sa)
{
	struct xha_rec *r = &sa->rec;

	r->known = false;
	r->shared = true;
	r->gen_acked = r->gen;
	sa->final_valid = false;
	sa->use_valid = false;
	sa->tag_valid = false;
	sa->exhausted = false;
	sa->guessed = false;
	sa->ctr_kinds = 0;
	sa->idle = 0;
	if (!r->live)
		return;
	sa->seq = xha_sa_peek(sa->x, sa->outbound);
	sa->beyond = sa->seq;
	sa->lease = r->group->interval_out;
	sa->lease_seq = sa->seq;
	sa->lease_jiffies = jiffies;
	if (!r->group->bounded)
		sa->floor = XHA_STRICT_NONE;
	xha_strict_track(sa);
	sa->ceil_pub = xha_seq_ceiling(sa->seq, sa->lease, sa->esn);
	sa->ceil_acked = sa->seq;
	sa->win_sent = sa->seq;
	sa->win_acked = sa->seq;
	sa->came_sent = xha_rec_sa_came(sa);
	sa->came_acked = sa->came_sent;
	sa->life_jiffies = jiffies;
	sa->life_bytes = (struct xha_life){ .seen = sa->x->curlft.bytes };
	sa->life_packets = (struct xha_life){ .seen = sa->x->curlft.packets };
}

/* What could not be adopted. */
struct refused {
	unsigned int	n;
	const char	*why;	/* of the last */
};

/* Nobody has them any more. */
static void drop_refused(struct list_head *list, struct refused *d)
{
	struct xha_rec *r, *tmp;

	list_for_each_entry_safe(r, tmp, list, list) {
		if (r->live)
			continue;
		d->n++;
		d->why = r->reason;
		xha_rec_free(r);
	}
}

static void start_mirroring(struct xha_group *g, struct refused *d)
{
	struct xha_rec *r;

	xha_sync_stop(g);	/* a merge may have been under way */
	drop_refused(&g->sas, d);
	drop_refused(&g->policies, d);
	xha_merge_over(g);
	list_for_each_entry(r, &g->sas, list)
		track(xha_rec_sa(r));
	list_for_each_entry(r, &g->policies, list)
		r->shared = true;
	g->merge = XHA_MERGE_NONE;
	g->bulk_rx = 0;
	g->synced = false;
	g->sync_wanted = 0;
}

static int go_live(struct xha_group *g, bool finals)
{
	int err;

	xha_shadow_grow_hash(g);
	add_sas(g, finals);
	g->tl.added = ktime_get_ns();
	flip_sas(g, XFRM_STATE_VOID, XFRM_STATE_VALID);
	g->tl.valid = ktime_get_ns();
	err = insert_policies(g, false);
	if (err)
		return err;
	rt_genid_bump_all(g->xn->net);
	g->tl.policies = ktime_get_ns();
	return 0;
}

static void take_back(struct xha_group *g)
{
	xha_role_retire_policies(g);
	xha_role_retire_sas(g);
}

/* A policy that comes while it opens is let go of after. */
void xha_role_open_gate(struct xha_group *g)
{
	lockdep_assert_held(&g->xn->lock);
	xha_hush_lift(g->xn, &g->gate);
	xha_gate_open(&g->gate);
	xha_hush_lift(g->xn, &g->gate);
}

int xha_role_take(struct xha_group *g, u32 epoch, bool finals, u32 cause,
		  struct netlink_ext_ack *extack)
{
	struct xha_net *xn = g->xn;
	struct refused refused = {};
	u32 old_epoch = g->epoch;
	u8 old_node = g->epoch_node;
	int err;

	lockdep_assert_held(&xn->lock);
	memset(&g->tl, 0, sizeof(g->tl));
	g->tl.begin = ktime_get_ns();
	g->epoch = epoch;
	g->epoch_node = xn->session.node;
	err = go_live(g, finals);
	if (err) {
		take_back(g);
		g->epoch = old_epoch;
		g->epoch_node = old_node;
		g->synced = false;
		g->sync_wanted = XHA_WIRE_BUCKETS_ALL;
		xha_group_update(g);
		NL_SET_ERR_MSG(extack, "out of memory inserting policies");
		return err;
	}
	start_mirroring(g, &refused);
	g->role = XFRM_HA_ROLE_ACTIVE;
	g->superseded = false;
	g->reason[0] = 0;
	g->cause = cause;
	g->takeovers++;
	xha_role_open_gate(g);
	g->tl.gate = ktime_get_ns();
	/* A slow console is not to keep the gate closed. */
	if (refused.n)
		pr_warn("xfrm_ha: group %s: %u SAs and policies not taken over: %s\n",
			g->name, refused.n, refused.why);
	announce(g);
	/* What only this node has the tick finds: no role waits for it. */
	set_bit(0, &xn->rescan);
	xha_netns_kick(xn);
	g->tl.end = ktime_get_ns();
	xha_group_update(g);
	xha_netlink_group_event(g, XFRM_HA_EVENT_ROLE, cause);
	return 0;
}

const char *xha_role_prepare_spares(struct xha_group *g)
{
	struct xha_policy *p;
	struct xha_rec *r;
	const char *why;

	list_for_each_entry(r, &g->policies, list) {
		p = xha_rec_policy(r);
		if (!r->live || p->spare || r->reason[0])
			continue;
		p->spare = xha_policy_build(g->xn->net, p->w, &why);
		if (IS_ERR(p->spare)) {
			p->spare = NULL;
			return why;
		}
	}
	return NULL;
}

/*
 * A refused policy stays in the SPD: the gate knows its selector, and nobody
 * else could bring it back.
 */
void xha_role_retire_policies(struct xha_group *g)
{
	struct xha_rec *r, *tmp;
	struct xha_policy *p;
	const char *why;

	list_for_each_entry_safe(r, tmp, &g->policies, list) {
		p = xha_rec_policy(r);
		if (!r->live || r->reason[0])
			continue;
		read_lock_bh(&p->xp->lock);
		xha_age_read_policy(p);
		read_unlock_bh(&p->xp->lock);
		if (xfrm_policy_delete(p->xp, p->w->dir)) {
			xha_rec_free(r);	/* its owner was faster */
			g->ho_changed = true;
			continue;
		}
		xfrm_pol_put(p->xp);
		r->live = false;
		p->xp = p->spare ?: xha_policy_build(g->xn->net, p->w, &why);
		p->spare = NULL;
		if (IS_ERR(p->xp)) {
			p->xp = NULL;
			xha_rec_refuse(r, why);
		}
	}
	rt_genid_bump_all(g->xn->net);
}

void xha_role_fence(struct xha_group *g)
{
	flip_sas(g, XFRM_STATE_VALID, XFRM_STATE_VOID);
}

/* What there is no memory for is refused by name. */
static void insert_what_fits(struct xha_group *g)
{
	struct xha_rec *r;

	while (insert_policies(g, false)) {
		list_for_each_entry(r, &g->policies, list)
			if (!r->live && !r->reason[0])
				break;
		xha_rec_refuse(r, "out of memory");
	}
}

int xha_role_revive(struct xha_group *g)
{
	struct xha_rec *r;
	int err;

	flip_sas(g, XFRM_STATE_VOID, XFRM_STATE_VALID);
	err = insert_policies(g, true);
	list_for_each_entry(r, &g->sas, list)
		xha_rec_sa(r)->ctr_kinds &= ~XHA_CTR_FINALS;
	rt_genid_bump_all(g->xn->net);
	return err;
}

/* 1 if it is live, else it is forgotten. */
static unsigned int extend_by(struct xha_rec *r, struct refused *d)
{
	r->merging = false;
	if (!r->live) {
		d->n++;
		d->why = r->reason;
		xha_rec_free(r);
		return 0;
	}
	if (r->kind == XHA_REC_SA)
		track(xha_rec_sa(r));
	else
		r->shared = true;
	announce_rec(r);
	xha_sync_touch(r);
	return 1;
}

unsigned int xha_role_extend(struct xha_group *g)
{
	struct refused refused = {};
	struct xha_rec *r, *tmp;
	unsigned int n = 0;

	lockdep_assert_held(&g->xn->lock);
	xha_shadow_grow_hash(g);
	add_sas(g, false);
	flip_sas(g, XFRM_STATE_VOID, XFRM_STATE_VALID);
	insert_what_fits(g);
	rt_genid_bump_all(g->xn->net);
	WRITE_ONCE(g->xn->announcer, current);
	list_for_each_entry_safe(r, tmp, &g->sas, list)
		if (r->merging)
			n += extend_by(r, &refused);
	list_for_each_entry_safe(r, tmp, &g->policies, list)
		if (r->merging)
			n += extend_by(r, &refused);
	WRITE_ONCE(g->xn->announcer, NULL);
	if (!refused.n)
		return n;
	/* What was in their way is of this group, too. */
	set_bit(0, &g->xn->rescan);
	pr_warn_ratelimited("xfrm_ha: group %s: cannot take over %u SAs and policies that only the peer had: %s\n",
			    g->name, refused.n, refused.why);
	return n;
}

/*
 * Until the new active says better, a takeover by this node must clear what
 * that one used: it began at our last ceiling or below, and has had a lease.
 * Of a bounded group the numbers up to the floor are this node's, whoever is
 * active, and no others.
 */
static u64 next_start(const struct xha_sa *sa, u64 last)
{
	if (sa->rec.group->bounded)
		return last;
	return xha_seq_ceiling(max3(last, sa->ceil_pub, sa->ceil_acked),
			       sa->lease, sa->esn);
}

/* A live SA becomes a staged one; false when the record has to go. */
static bool retire_sa(struct xha_sa *sa, struct xha_wire_sa *w)
{
	struct xha_group *g = sa->rec.group;
	struct xfrm_state *x = sa->x;
	const char *why;

	xha_sa_snapshot(w, sa);
	/* The new active counts its own changes from what it has: not as equal. */
	if (sa->rec.gen != sa->rec.gen_acked)
		sa->rec.gen = get_random_u32();
	if (xfrm_state_delete(x)) {
		/* By its owner; in a hand-over too late to tell the peer. */
		if (g->ho == XHA_HO_COMMIT)
			pr_warn("xfrm_ha: group %s: SPI 0x%08x was deleted in a hand-over: delete it on the peer\n",
				g->name, ntohl(x->id.spi));
		return false;
	}
	/* Until the new active says better, it may be a step further. */
	xha_counters_run_ahead(sa, w);
	/* Dead: no number is taken any more. */
	if (sa->outbound) {
		w->window.top = max(w->window.top, xha_sa_peek(x, true));
		xha_counters_beyond(sa);
	}
	xha_strict_detach(sa);
	xha_sa_wipe(x);
	xfrm_state_put(x);
	sa->rec.live = false;
	sa->tag_valid = false;	/* it was the peer's; the salt has our own */
	sa->seq = w->window.top;
	/* Where the next owner may have begun, and a lease beyond. */
	if (sa->outbound)
		sa->ceil_acked = next_start(sa, w->window.top);
	sa->guessed = sa->outbound;
	sa->x = xha_sa_build(g->xn->net, w, &why);
	if (IS_ERR(sa->x)) {
		sa->x = NULL;
		xha_rec_refuse(&sa->rec, why);
	}
	return true;
}

/*
 * Refused SAs stay live behind the gate, for this node is the only one that
 * has them; their records go, since the new active knows nothing of them.
 */
void xha_role_retire_sas(struct xha_group *g)
{
	struct xha_wire_sa *w = kmalloc(sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	struct xha_rec *r, *tmp;

	list_for_each_entry_safe(r, tmp, &g->sas, list) {
		if (!r->live)
			continue;
		if (r->reason[0] || !retire_sa(xha_rec_sa(r), w))
			xha_rec_free(r);
		cond_resched();
	}
	kfree_sensitive(w);
	rt_genid_bump_all(g->xn->net);
}

void xha_role_become_standby(struct xha_group *g, u32 cause)
{
	xha_sync_stop(g);
	g->role = XFRM_HA_ROLE_STANDBY;
	g->superseded = false;
	g->reason[0] = 0;
	g->cause = cause;
	g->rules_dirty = true;
	xha_group_sync_rules(g);
	/* What of the group is left in the SPD, and came since. */
	set_bit(0, &g->xn->rescan);
	xha_shadow_want_all(g);
	xha_netlink_group_event(g, XFRM_HA_EVENT_ROLE, cause);
	xha_netns_kick(g->xn);
}

int xha_role_demote(struct xha_group *g, u32 cause)
{
	int err;

	lockdep_assert_held(&g->xn->lock);
	memset(&g->tl, 0, sizeof(g->tl));
	g->tl.begin = ktime_get_ns();
	/* What its owner deleted goes without a trace here: tell it before. */
	xha_hooks_drain(g->xn);
	xha_sync_flush(g->xn);
	err = xha_group_sync_rules(g) ?: xha_gate_close(&g->gate);
	if (err)
		return err;
	g->tl.gate = ktime_get_ns();
	xha_role_retire_policies(g);
	g->tl.policies = ktime_get_ns();
	xha_role_retire_sas(g);
	/*
	 * What was added meanwhile goes the same way, or the peer would never
	 * have it; but no policy before the gate knows its selector.
	 */
	g->ho = XHA_HO_NONE;
	xha_hooks_drain(g->xn);
	if (!xha_group_sync_rules(g))
		xha_role_retire_policies(g);
	xha_role_retire_sas(g);
	g->tl.valid = ktime_get_ns();
	g->tl.end = g->tl.valid;
	xha_role_become_standby(g, cause);
	return 0;
}

static int demote_by_command(struct xha_group *g, struct netlink_ext_ack *extack)
{
	int err = xha_role_demote(g, XFRM_HA_CAUSE_COMMAND);

	if (err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "cannot close the gate: out of memory");
	else if (err)
		NL_SET_ERR_MSG(extack, "cannot close the gate: no netfilter hooks");
	return err;
}

/*
 * SAs and policies may have been there before the module. -ENOMEM when there
 * was no memory for all of them; -EAGAIN when they changed all the time in ways
 * that no event names: migrations, or more changes than are queued.
 */
static int see_all(struct xha_net *xn)
{
	int tries;

	for (tries = 0; tries < 3; tries++) {
		clear_bit(XHA_RESCAN_STARVED, &xn->rescan);
		clear_bit(0, &xn->rescan);
		xha_mirror_rescan(xn);
		if (!test_bit(0, &xn->rescan))
			return 0;
	}
	return test_bit(XHA_RESCAN_STARVED, &xn->rescan) ? -ENOMEM : -EAGAIN;
}

/*
 * First role. A standby that did not see all would leave what it missed in
 * xfrm's tables for good; an active sees it later.
 */
static int leave_init(struct xha_group *g, u32 role,
		      struct netlink_ext_ack *extack)
{
	int err;

	g->role = XFRM_HA_ROLE_ACTIVE;
	err = see_all(g->xn);
	if (role == XFRM_HA_ROLE_STANDBY) {
		if (err == -ENOMEM)
			NL_SET_ERR_MSG(extack, "no memory for the SAs and policies there are");
		else if (err)
			NL_SET_ERR_MSG(extack, "what there is changes faster than it can be read");
		err = err ?: demote_by_command(g, extack);
		if (err)
			g->role = XFRM_HA_ROLE_INIT;
		return err;
	}
	memset(&g->tl, 0, sizeof(g->tl));
	g->tl.begin = ktime_get_ns();
	g->tl.end = g->tl.begin;
	g->epoch = xha_role_next_epoch(g);
	g->epoch_node = g->xn->session.node;
	xha_group_update(g);
	xha_netlink_group_event(g, XFRM_HA_EVENT_ROLE, XFRM_HA_CAUSE_COMMAND);
	xha_netns_kick(g->xn);
	return 0;
}

int xha_role_set(struct xha_group *g, u32 role, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&g->xn->lock);
	if (g->role == role && (role == XFRM_HA_ROLE_STANDBY ||
				g->ho < XHA_HO_PREPARE || g->ho > XHA_HO_FORWARD))
		return 0;
	if (g->ho >= XHA_HO_PREPARE && g->ho <= XHA_HO_COMMIT &&
	    (g->ho != XHA_HO_BACK || role == XFRM_HA_ROLE_ACTIVE)) {
		NL_SET_ERR_MSG(extack, "a hand-over of this group is under way");
		return -EBUSY;
	}
	if (g->role == XFRM_HA_ROLE_INIT)
		return leave_init(g, role, extack);
	if (role == XFRM_HA_ROLE_ACTIVE) {
		g->ho = XHA_HO_NONE;
		return xha_role_take(g, xha_role_next_epoch(g), false,
				     XFRM_HA_CAUSE_COMMAND, extack);
	}
	err = demote_by_command(g, extack);
	if (!err)
		xha_merge_want(g);
	return err;
}
