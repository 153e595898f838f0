// SPDX-License-Identifier: GPL-2.0-only
/*
 * Planned hand-over of the active role.
 *
 *   giving (active)                       receiving (hot standby)
 *   PREPARE   -- may I? ----------------> hot, somebody to raise the VIPs?
 *             <------------- ready ------ READY
 *   gate HOLD: packets of both directions wait in a queue
 *   policies out, SAs not VALID: the exact fence
 *   FINALS    -- last numbers, windows -> applied, provisional
 *             <------------- ack --------
 *   COMMIT    -- commit, new epoch -----> adopt; VIPs up, not announced
 *             <------------- taken ------ VIP
 *   gate FORWARD: queue goes to the peer, late packets follow
 *   FORWARD   -- flushed ---------------> announce the VIPs
 *
 * Before the commit is sent the giver may go back at any time: policies and
 * SAs are revived, the queue is released locally in order. After it only the
 * receiver's refusal, which promises that it has not adopted, leads back.
 * Silence does not: the receiver may be sending, so the giver becomes a
 * standby and leaves the rest to the election. Final numbers are provisional
 * at the receiver until the commit: a takeover without it starts at ceilings.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "counters.h"
#include "drain.h"
#include "group.h"
#include "handover.h"
#include "hooks.h"
#include "netlink.h"
#include "netns.h"
#include "role.h"
#include "shadow.h"
#include "strict.h"
#include "sync.h"

#define READY_ANSWERS	4	/* answers a prepared receiver waits for */
#define FLUSH_TIME	(HZ)
#define BACK_AGAIN	(HZ / 20)

static void step(struct xha_group *g, u8 to, unsigned long time)
{
	g->ho = to;
	g->ho_deadline = jiffies + time;
	xha_group_update(g);
	xha_netns_kick(g->xn);
}

static void give_up(struct xha_group *g, const char *why)
{
	g->ho = XHA_HO_NONE;
	xha_group_reason(g, "hand-over failed: %s", why);
	xha_group_update(g);
	xha_netlink_group_event(g, XFRM_HA_EVENT_HANDOVER_FAILED,
				XFRM_HA_CAUSE_HANDOVER);
}

/* Everything released in order; until its policies are in the gate holds on. */
static void be_back(struct xha_group *g)
{
	struct xha_rec *r;

	if (xha_role_revive(g)) {
		step(g, XHA_HO_BACK, BACK_AGAIN);
		return;
	}
	xha_role_open_gate(g);
	give_up(g, g->ho_why);
	/* Events were not followed meanwhile: say everything again. */
	list_for_each_entry(r, &g->sas, list)
		r->gen++;
	set_bit(0, &g->xn->rescan);
	/* A standby asks for all, now that the epoch is another. */
	xha_session_send_group(g->xn, g);
}

/* Back to where PREPARE began; @why: a constant, or what the peer said. */
static void go_back(struct xha_group *g, const char *why)
{
	/*
	 * The peer may have raised its epoch before it refused; where it took
	 * over by itself, it is the one to stay.
	 */
	if (g->peer_role != XFRM_HA_ROLE_ACTIVE)
		g->epoch = max(xha_role_next_epoch(g), g->ho_epoch + 1);
	if (g->ho == XHA_HO_COMMIT)
		xha_strict_keep(g);
	strscpy(g->ho_why, why, sizeof(g->ho_why));
	xha_sync_stop(g);	/* no receipt of the peer counts from here on */
	be_back(g);
}

int xha_handover_start(struct xha_group *g, struct netlink_ext_ack *extack)
{
	struct xha_net *xn = g->xn;
	int err;

	if (g->role != XFRM_HA_ROLE_ACTIVE) {
		NL_SET_ERR_MSG(extack, "this node is not active for the group");
		return -EPERM;
	}
	if (g->ho != XHA_HO_NONE) {
		NL_SET_ERR_MSG(extack, "a hand-over of this group is under way");
		return -EBUSY;
	}
	if (!xha_session_up(&xn->session)) {
		NL_SET_ERR_MSG(extack, "the peer is not connected");
		return -ENOTCONN;
	}
	if (g->peer_state != XFRM_HA_STATE_STANDBY_HOT) {
		NL_SET_ERR_MSG(extack, "the peer is not hot standby");
		return -EAGAIN;
	}
	err = xha_session_send_empty(xn, XHA_MSG_HANDOVER_PREPARE, g);
	if (err) {
		NL_SET_ERR_MSG(extack, "the channel does not take messages now");
		return err;
	}
	step(g, XHA_HO_PREPARE, xha_sysctl_jiffies(xn, handover_answer_ms));
	return 0;
}

/* Nothing comes of it; the gate may still forward from one before. */
static void stay_standby(struct xha_group *g)
{
	g->ho = XHA_HO_NONE;
	xha_shadow_drop_finals(g);
	if (g->role == XFRM_HA_ROLE_STANDBY)
		xha_gate_close(&g->gate);
}

void xha_handover_prepare(struct xha_group *g)
{
	const char *no = NULL;

	if (g->role != XFRM_HA_ROLE_STANDBY)
		no = "not a standby";
	else if (g->state != XFRM_HA_STATE_STANDBY_HOT)
		no = "not hot";
	else if (!xha_netlink_has_listener(g->xn))
		no = "no helper to bring the VIPs up";
	xha_shadow_drop_finals(g);
	xha_session_send_verdict(g->xn, XHA_MSG_HANDOVER_READY, g, no);
	if (!no)
		step(g, XHA_HO_READY, READY_ANSWERS *
		     xha_sysctl_jiffies(g->xn, handover_answer_ms));
}

/* The point of the fence; everything that can fail comes before it. */
static const char *fence(struct xha_group *g)
{
	const char *why;

	memset(&g->tl, 0, sizeof(g->tl));
	g->tl.begin = ktime_get_ns();
	g->ho_changed = false;
	xha_hooks_drain(g->xn);
	xha_sync_flush(g->xn);
	if (!list_empty(&g->dirty) || !list_empty(&g->dels) || g->bulk_tx ||
	    test_bit(0, &g->xn->rescan))
		return "changes are still under way";
	why = xha_role_prepare_spares(g);
	if (why)
		return why;
	if (xha_group_sync_rules(g) || xha_gate_hold(&g->gate))
		return "cannot hold packets";
	/* What has its number has left, what was accepted is through, mostly. */
	xha_drain_packets();
	g->tl.gate = ktime_get_ns();
	xha_role_retire_policies(g);
	g->tl.policies = ktime_get_ns();
	xha_role_fence(g);
	xha_counters_first_use(g);
	g->tl.valid = ktime_get_ns();
	return NULL;
}

static void send_finals(struct xha_group *g)
{
	int err = xha_counters_send_finals(g);

	g->ho_sent = !err;	/* where the channel is full, the next tick goes on */
	if (err && err != -EAGAIN)
		go_back(g, "cannot send the final counters");
}

void xha_handover_ready(struct xha_group *g, const struct xha_wire_verdict *v)
{
	const char *why;

	if (g->ho != XHA_HO_PREPARE)
		return;
	if (!v->accept) {
		give_up(g, v->reason);
		return;
	}
	why = fence(g);
	if (why) {
		give_up(g, why);
		return;
	}
	g->ho_epoch = xha_role_next_epoch(g);
	step(g, XHA_HO_FINALS, xha_sysctl_jiffies(g->xn, handover_answer_ms));
	send_finals(g);
}

static bool finals_acked(const struct xha_group *g)
{
	const struct xha_session *s = &g->xn->session;
	struct xha_rec *r;

	/* Streams do not wait for each other: neither may the commit. */
	if (!g->ho_sent || !list_empty(&g->dirty) || !list_empty(&g->dels_sent))
		return false;
	list_for_each_entry(r, &s->inflight, inflight)
		if (r->group == g)
			return false;
	list_for_each_entry(r, &g->sas, list)
		if (!list_empty(&xha_rec_sa(r)->ctr_inflight))
			return false;
	return true;
}

static u32 adoptable(const struct xha_group *g)
{
	struct xha_rec *r;
	u32 n = 0;

	list_for_each_entry(r, &g->sas, list)
		n += !r->reason[0];
	return n;
}

/*
 * The peer would bring back to life what was deleted since the fence, and does
 * not have what was added.
 */
static bool changed_since(const struct xha_group *g)
{
	struct xha_rec *r;

	xha_hooks_drain(g->xn);
	list_for_each_entry(r, &g->sas, list)
		if (!r->reason[0] && xha_rec_is_dead(r))
			return true;
	return g->ho_changed;
}

static void send_commit(struct xha_group *g)
{
	struct xha_wire_commit c = {
		.epoch = g->ho_epoch,
		.sas = adoptable(g),
	};
	struct xha_wire_frame f;
	struct xha_net *xn = g->xn;
	int err;

	xha_session_frame(xn, &f, XHA_MSG_HANDOVER_COMMIT, g);
	err = xha_session_send(xn, &f,
			       xha_wire_put_commit(xn->session.buf, &f, &c));
	if (err == -EAGAIN)
		return;
	if (err) {
		go_back(g, "cannot send the commit");
		return;
	}
	xha_strict_give(g);
	step(g, XHA_HO_COMMIT, xha_sysctl_jiffies(xn, handover_commit_ms));
}

void xha_handover_commit(struct xha_group *g, const struct xha_wire_commit *c)
{
	const char *no = NULL;
	int err;

	if (g->role == XFRM_HA_ROLE_ACTIVE) {
		/* Elected meanwhile: it has the group, whatever it says. */
		xha_session_send_verdict(g->xn, XHA_MSG_HANDOVER_TAKEN, g, NULL);
		return;
	}
	/* Who installed an SA here meanwhile is told before, not by, the adoption. */
	xha_hooks_drain(g->xn);
	if (g->ho != XHA_HO_READY || g->role != XFRM_HA_ROLE_STANDBY)
		no = "no longer prepared";
	else if (g->state != XFRM_HA_STATE_STANDBY_HOT)
		no = "not hot any more";
	else if (c->sas != adoptable(g))
		no = "holds a different number of SAs";
	else if (c->epoch <= g->epoch)
		no = "knows a later epoch";
	if (!no) {
		err = xha_role_take(g, c->epoch, true, XFRM_HA_CAUSE_HANDOVER,
				    NULL);
		if (err)
			no = "adoption failed";
	}
	if (no) {
		stay_standby(g);
		xha_session_send_verdict(g->xn, XHA_MSG_HANDOVER_TAKEN, g, no);
		xha_group_update(g);
		return;
	}
	step(g, XHA_HO_VIP, xha_sysctl_jiffies(g->xn, handover_vip_ms));
	xha_netlink_group_event(g, XFRM_HA_EVENT_TAKEN, XFRM_HA_CAUSE_HANDOVER);
}

static void vips_are_up(struct xha_group *g)
{
	step(g, XHA_HO_FLUSH, FLUSH_TIME);
	xha_session_send_verdict(g->xn, XHA_MSG_HANDOVER_TAKEN, g, NULL);
}

int xha_handover_vip_up(struct xha_group *g, struct netlink_ext_ack *extack)
{
	if (g->ho != XHA_HO_VIP) {
		NL_SET_ERR_MSG(extack, "no hand-over waits for the VIPs");
		return -EINVAL;
	}
	vips_are_up(g);
	return 0;
}

/* The peer has the group, and never heard of these. */
static void tell_of_late(struct xha_group *g)
{
	xha_hooks_drain(g->xn);
	if (g->ho_changed)
		pr_warn("xfrm_ha: group %s: SAs or policies changed in a hand-over: the peer does not have that\n",
			g->name);
}

void xha_handover_taken(struct xha_group *g, const struct xha_wire_verdict *v)
{
	if (g->ho != XHA_HO_COMMIT)
		return;
	if (!v->accept) {
		go_back(g, v->reason);
		return;
	}
	xha_gate_forward(&g->gate);
	xha_session_send_empty(g->xn, XHA_MSG_HANDOVER_FLUSHED, g);
	xha_gate_purge(&g->gate);
	tell_of_late(g);
	xha_role_retire_sas(g);
	g->epoch = g->ho_epoch;
	g->epoch_node = !g->xn->session.node;
	g->tl.end = ktime_get_ns();
	xha_role_become_standby(g, XFRM_HA_CAUSE_HANDOVER);
	step(g, XHA_HO_FORWARD,
	     xha_sysctl_jiffies(g->xn, handover_forward_ms));
	xha_netlink_group_event(g, XFRM_HA_EVENT_HANDOVER_DONE,
				XFRM_HA_CAUSE_HANDOVER);
}

static void finish(struct xha_group *g)
{
	g->ho = XHA_HO_NONE;
	xha_netlink_group_event(g, XFRM_HA_EVENT_ANNOUNCE,
				XFRM_HA_CAUSE_HANDOVER);
	xha_group_update(g);
}

void xha_handover_flushed(struct xha_group *g)
{
	if (g->ho == XHA_HO_FLUSH)
		finish(g);
}

/* Committed and no answer: the peer may be sending, so this node may not. */
static void give_up_commit(struct xha_group *g)
{
	xha_gate_close(&g->gate);
	tell_of_late(g);
	xha_role_retire_sas(g);
	g->epoch = max(g->epoch, g->ho_epoch);
	g->ho = XHA_HO_NONE;
	xha_role_become_standby(g, XFRM_HA_CAUSE_HANDOVER);
	xha_group_reason(g, "hand-over: no answer to the commit");
	xha_netlink_group_event(g, XFRM_HA_EVENT_HANDOVER_DONE,
				XFRM_HA_CAUSE_HANDOVER);
}

static void expired(struct xha_group *g)
{
	switch (g->ho) {
	case XHA_HO_PREPARE:
		give_up(g, "the peer does not answer");
		break;
	case XHA_HO_FINALS:
		go_back(g, "the peer does not acknowledge");
		break;
	case XHA_HO_COMMIT:
		give_up_commit(g);
		break;
	case XHA_HO_BACK:
		be_back(g);
		break;
	case XHA_HO_FORWARD:
		g->ho = XHA_HO_NONE;
		xha_gate_close(&g->gate);
		break;
	case XHA_HO_READY:
		stay_standby(g);
		break;
	case XHA_HO_VIP:
		vips_are_up(g);
		break;
	case XHA_HO_FLUSH:
		finish(g);
		break;
	}
}

void xha_handover_tick(struct xha_net *xn)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (g->ho == XHA_HO_NONE)
			continue;
		if (time_after(jiffies, g->ho_deadline)) {
			expired(g);
			continue;
		}
		if (g->ho != XHA_HO_FINALS)
			continue;
		if (!g->ho_sent)
			send_finals(g);
		if (g->ho != XHA_HO_FINALS || !finals_acked(g))
			continue;
		if (changed_since(g))
			go_back(g, "SAs or policies changed meanwhile");
		else
			send_commit(g);
	}
}

void xha_handover_unfence(struct xha_group *g, const char *why)
{
	lockdep_assert_held(&g->xn->lock);
	if (g->ho == XHA_HO_FINALS)
		go_back(g, why);
}

void xha_handover_disconnect(struct xha_net *xn)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (g->ho == XHA_HO_PREPARE)
			give_up(g, "the channel was lost");
		else if (g->ho == XHA_HO_FINALS)
			go_back(g, "the channel was lost");
		else if (g->ho == XHA_HO_READY)
			expired(g);
		else if (g->ho == XHA_HO_FLUSH)
			finish(g);
	}
}

void xha_handover_abandon(struct xha_group *g)
{
	int err = 0;

	if (g->ho == XHA_HO_FINALS)
		go_back(g, "the group was deleted");
	/* The peer may be sending: SAs out, policies in, to block. */
	if (g->ho == XHA_HO_COMMIT)
		xha_role_retire_sas(g);
	if (g->ho == XHA_HO_COMMIT || g->ho == XHA_HO_BACK)
		err = xha_role_revive(g);
	if (err)
		pr_warn("xfrm_ha: group %s: no memory to put its policies back: what they protect leaves in clear\n",
			g->name);
	g->ho = XHA_HO_NONE;
}

bool xha_handover_busy(struct xha_net *xn)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		if (g->ho != XHA_HO_NONE)
			return true;
	return false;
}
