// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the peer's frames do. A frame is checked against the type table first
 * (session.c), then decoded in full, then applied: a bad one changes nothing,
 * is counted and named in the log once per burst.
 */
#include "age.h"
#include "group.h"
#include "handover.h"
#include "merge.h"
#include "netlink.h"
#include "netns.h"
#include "session.h"
#include "shadow.h"
#include "strict.h"
#include "sync.h"

#define EPOCH_JUMP	BIT(24)	/* more than that is not a history */

/* Frame handlers: @f is opened, @g found where the type names a group. */

/* Why there is nothing to talk about with the sender of a hello, or NULL. */
static const char *hello_refused(const struct xha_net *xn,
				 const struct xha_wire_hello *h)
{
	if (h->version_min > XHA_WIRE_VERSION_MAX)
		return "the peer speaks newer wire versions only";
	if (h->version_max < XHA_WIRE_VERSION_MIN)
		return "the peer speaks older wire versions only";
	if (h->boot_id == xn->boot_id)
		return "connected to itself";
	return NULL;
}

static const char *rx_hello(struct xha_net *xn, struct xha_group *g,
			    const struct xha_wire_frame *f)
{
	struct xha_session *s = &xn->session;
	struct xha_wire_hello h;
	const char *why;
	int err;

	err = xha_wire_get_hello(&h, f, NULL);
	if (err) {
		s->rx_bad++;
		xha_session_start_over(xn, err == -EPROTONOSUPPORT ?
				       "the peer's hello demands what this version does not know" :
				       "the peer's hello is malformed");
		return NULL;
	}
	why = hello_refused(xn, &h);
	if (why) {
		xha_session_start_over(xn, why);
		return NULL;
	}
	s->reset_why = NULL;
	s->version = min_t(u16, h.version_max, XHA_WIRE_VERSION_MAX);
	s->features = h.features & XHA_WIRE_FEATURES;
	if (s->peer_boot != h.boot_id)
		xha_clock_init(&s->clock);
	s->peer_boot = h.boot_id;
	s->connects++;
	xha_session_set_state(xn, XFRM_HA_PEER_STATE_UP, NULL);
	if (s->features & XHA_WIRE_CLOCK)
		xha_session_send_clock(xn);
	xha_sync_reconsider(xn);
	list_for_each_entry(g, &xn->groups, list) {
		xha_session_send_group(xn, g);
		xha_group_update(g);
	}
	return NULL;
}

static const char *rx_keepalive(struct xha_net *xn, struct xha_group *g,
				const struct xha_wire_frame *f)
{
	return NULL;
}

static bool configured_alike(struct xha_group *g, const struct xha_wire_group *w)
{
	if (w->vips_digest != xha_group_vips_digest(g))
		xha_group_reason(g, "the peer has other VIPs for this group");
	else if (w->interval_in != g->interval_in)
		xha_group_reason(g, "the peer has replay-interval inbound %u",
				 w->interval_in);
	else if (w->interval_out != g->interval_out)
		xha_group_reason(g, "the peer has replay-interval outbound %u",
				 w->interval_out);
	else
		return true;
	return false;
}

static bool peer_newer(const struct xha_group *g, u32 epoch, u8 node)
{
	if (epoch != g->epoch)
		return epoch > g->epoch;
	if (node != g->epoch_node)
		return node > g->epoch_node;
	return !g->xn->session.node;	/* roles older than the channel */
}

static void meet_active(struct xha_net *xn, struct xha_group *g,
			const struct xha_wire_group *w, u32 epoch)
{
	if (g->ho != XHA_HO_NONE)
		return;
	g->superseded = w->role == XFRM_HA_ROLE_ACTIVE &&
			peer_newer(g, epoch, w->epoch_node);
	if (w->role == XFRM_HA_ROLE_INIT)
		return;
	if (g->superseded) {
		xha_netlink_group_event(g, XFRM_HA_EVENT_SUPERSEDED,
					XFRM_HA_CAUSE_NONE);
		return;
	}
	/* One epoch for two takeovers: what comes of the other's is merged. */
	if (epoch > g->epoch ||
	    (epoch == g->epoch && (w->role == XFRM_HA_ROLE_ACTIVE ||
				   w->epoch_node != g->epoch_node))) {
		g->epoch = epoch + 1;
		g->epoch_node = xn->session.node;
		xha_session_send_group(xn, g);
	}
}

/*
 * Another life of the active feeds nobody who has not asked, so what was
 * synchronised with the one before counts for nothing.
 */
static void meet_standby(struct xha_group *g, const struct xha_wire_group *w,
			 u32 epoch)
{
	if (w->role != XFRM_HA_ROLE_ACTIVE) {
		xha_shadow_want_all(g);
		return;
	}
	if (epoch < g->epoch) {
		g->tell_peer = true;	/* it has to raise it */
		return;
	}
	if (epoch != g->epoch || w->epoch_node != g->epoch_node)
		xha_shadow_want_all(g);
	g->epoch = epoch;
	g->epoch_node = w->epoch_node;
	if (!g->synced && !g->bulk_rx)
		g->sync_wanted = XHA_WIRE_BUCKETS_ALL;
}

static const char *rx_group(struct xha_net *xn, struct xha_group *g,
			    const struct xha_wire_frame *f)
{
	struct xha_wire_group w;
	const char *bad = "group state";

	if (xha_wire_get_group(&w, f, &bad))
		return bad;
	if (f->epoch > g->epoch && f->epoch - g->epoch > EPOCH_JUMP) {
		xha_session_start_over(xn, "absurd epoch");
		return NULL;
	}
	if (g->peer_role != w.role || g->peer_state != w.state)
		xha_netlink_group_event(g, XFRM_HA_EVENT_STATE,
					XFRM_HA_CAUSE_NONE);
	/* It has been active, whether it still is or not; or it is new here. */
	if (w.role != XFRM_HA_ROLE_STANDBY || f->epoch > g->epoch ||
	    w.epoch_node != g->epoch_node)
		xha_sync_take_tags_back(g);
	/* It gave way and no longer does, or it is gone. */
	if ((g->peer_role == XFRM_HA_ROLE_STANDBY && w.role != g->peer_role) ||
	    w.role == XFRM_HA_ROLE_INIT)
		xha_merge_break_off(g);
	/* It may know nothing of ours: its group may be new. */
	if (g->peer_role != w.role)
		g->tell_peer = true;
	g->peer_role = w.role;
	g->peer_state = w.state;
	g->peer_epoch = f->epoch;
	g->peer_refused = w.refused;
	/* Said before it had the snapshot under way it means the one before. */
	if (w.state == XFRM_HA_STATE_STANDBY_HOT && !g->bulk_tx && !g->bulk_clears)
		xha_merge_forget_dead(g);
	g->mismatch = !configured_alike(g, &w);
	if (g->role == XFRM_HA_ROLE_ACTIVE) {
		/* Receipts are the session's: it need not have applied a thing. */
		if (w.role != XFRM_HA_ROLE_STANDBY || f->epoch > g->epoch)
			xha_handover_unfence(g, "the peer is no standby any more");
		/*
		 * It receives what it no longer applies, or did not for a while:
		 * that counts for nothing. The commit waits for what is under way,
		 * and its answer tells as well.
		 */
		if ((g->ho < XHA_HO_FINALS || g->ho > XHA_HO_COMMIT) &&
		    (w.role != XFRM_HA_ROLE_STANDBY || f->epoch > g->epoch))
			xha_sync_stop(g);
		meet_active(xn, g, &w, f->epoch);
		xha_strict_bind(g);
		xha_strict_settle(g, false);
		/* It may have missed us, or what we changed since. */
		if (w.role == XFRM_HA_ROLE_STANDBY &&
		    w.state == XFRM_HA_STATE_STANDBY_COLD)
			xha_session_send_group(xn, g);
	} else if (g->role == XFRM_HA_ROLE_STANDBY) {
		meet_standby(g, &w, f->epoch);
	}
	xha_group_update(g);
	xha_netns_kick(xn);
	return NULL;
}

static const char *rx_hearing(struct xha_net *xn, struct xha_group *g,
			      const struct xha_wire_frame *f)
{
	const char *bad = "hearing";
	struct xha_wire_hearing w;

	if (xha_wire_get_hearing(&w, f, &bad))
		return bad;
	if (g->peer_hearing == w.hearing)
		return NULL;
	g->peer_hearing = w.hearing;
	xha_netlink_group_event(g, XFRM_HA_EVENT_HEARING, XFRM_HA_CAUSE_NONE);
	return NULL;
}

static const char *rx_clock(struct xha_net *xn, struct xha_group *g,
			    const struct xha_wire_frame *f)
{
	struct xha_session *s = &xn->session;
	struct xha_wire_clock w;
	const char *bad = "clock";

	if (xha_wire_get_clock(&w, f, &bad))
		return bad;
	if (!(s->features & XHA_WIRE_CLOCK))
		return "the feature is not in use";
	bad = xha_clock_frame(&s->clock, w.now, xha_clock_from_wire(w.least),
			      xha_age_now());
	s->tied = xha_clock_known(&s->clock);
	/* It waits for what only we can tell. */
	if (!bad && !w.least)
		xha_session_send_clock(xn);
	return bad;
}

static const char *rx_sync_req(struct xha_net *xn, struct xha_group *g,
			       const struct xha_wire_frame *f)
{
	const char *bad = "sync request";
	struct xha_wire_sync w;

	if (xha_wire_get_sync(&w, f, &bad))
		return bad;
	if (g->role == XFRM_HA_ROLE_ACTIVE &&
	    (g->ho <= XHA_HO_PREPARE || g->ho >= XHA_HO_READY))
		xha_sync_bulk(g, w.buckets);
	else
		xn->session.rx_state++;
	return NULL;
}

static const char *rx_digest_req(struct xha_net *xn, struct xha_group *g,
				 const struct xha_wire_frame *f)
{
	if (g->role == XFRM_HA_ROLE_ACTIVE && g->feeding) {
		g->digest_wanted = true;
		xha_netns_kick(xn);
	} else {
		xn->session.rx_state++;
	}
	return NULL;
}

static const char *rx_digest(struct xha_net *xn, struct xha_group *g,
			     const struct xha_wire_frame *f)
{
	const char *bad = "digest";
	struct xha_wire_sums s;

	if (xha_wire_get_sums(&s, f, &bad))
		return bad;
	xha_shadow_compare(g, &s);
	return NULL;
}

static const char *rx_ack(struct xha_net *xn, struct xha_group *g,
			  const struct xha_wire_frame *f)
{
	struct xha_session *s = &xn->session;
	struct xha_wire_ack a;
	const char *bad = "ack";

	if (xha_wire_get_ack(&a, f, &bad))
		return bad;
	if ((s32)(s->tx_seq[XHA_STREAM_STATE] - a.state_seq) < 0 ||
	    (s32)(s->tx_seq[XHA_STREAM_COUNTERS] - a.counters_seq) < 0)
		return "acknowledges what was not sent";
	xha_sync_ack(xn, &a);
	xha_handover_tick(xn);
	return NULL;
}

static const char *rx_nak(struct xha_net *xn, struct xha_group *g,
			  const struct xha_wire_frame *f)
{
	const char *bad = "nak";
	struct xha_wire_nak n;
	struct xha_rec *r;

	if (xha_wire_get_nak(&n, f, &bad))
		return bad;
	r = xha_rec_find(g, n.incarnation);
	pr_warn_ratelimited("xfrm_ha: group %s: the peer cannot adopt %s %016llx: %s\n",
			    g->name, r && r->kind == XHA_REC_POLICY ? "policy" : "SA",
			    n.incarnation, n.reason);
	return NULL;
}

static const char *rx_bulk(struct xha_net *xn, struct xha_group *g,
			   const struct xha_wire_frame *f)
{
	const char *bad = "snapshot bracket";
	struct xha_wire_bulk b;

	if (xha_wire_get_bulk(&b, f, &bad))
		return bad;
	if (f->type == XHA_MSG_BULK_BEGIN)
		xha_shadow_bulk_begin(g, &b);
	else
		xha_shadow_bulk_end(g, &b);
	return NULL;
}

static const char *rx_sa(struct xha_net *xn, struct xha_group *g,
			 const struct xha_wire_frame *f)
{
	struct xha_wire_sa *w = xn->session.sa;
	const char *bad = "SA";
	int err = xha_wire_get_sa(w, f, &bad);

	if (!err && f->type == XHA_MSG_SA)
		xha_shadow_sa(g, w);
	else if (!err)
		xha_merge_sa(g, w);
	memzero_explicit(w, sizeof(*w));
	return err ? bad : NULL;
}

static const char *rx_policy(struct xha_net *xn, struct xha_group *g,
			     const struct xha_wire_frame *f)
{
	const char *bad = "policy";

	if (xha_wire_get_policy(xn->session.policy, f, &bad))
		return bad;
	if (f->type == XHA_MSG_POLICY)
		xha_shadow_policy(g, xn->session.policy);
	else
		xha_merge_policy(g, xn->session.policy);
	return NULL;
}

static const char *rx_merge_end(struct xha_net *xn, struct xha_group *g,
				const struct xha_wire_frame *f)
{
	xha_merge_end(g);
	return NULL;
}

static const char *rx_del(struct xha_net *xn, struct xha_group *g,
			  const struct xha_wire_frame *f)
{
	const char *bad = "delete";
	struct xha_wire_del d;

	if (xha_wire_get_del(&d, f, &bad))
		return bad;
	xha_shadow_del(g, d.incarnation);
	return NULL;
}

static const char *rx_counters(struct xha_net *xn, struct xha_group *g,
			       const struct xha_wire_frame *f)
{
	const char *bad = "counters";

	if (xha_wire_get_counters(xn->session.counters, f, &bad))
		return bad;
	xha_shadow_counters(g, f->type, xn->session.counters);
	return NULL;
}

static const char *rx_window_big(struct xha_net *xn, struct xha_group *g,
				 const struct xha_wire_frame *f)
{
	const char *bad = "window";

	if (xha_wire_get_window_big(xn->session.window, f, &bad))
		return bad;
	xha_shadow_window_big(g, xn->session.window);
	return NULL;
}

static const char *rx_handover(struct xha_net *xn, struct xha_group *g,
			       const struct xha_wire_frame *f)
{
	const char *bad = "hand-over";
	struct xha_wire_verdict v;
	struct xha_wire_commit c;

	switch (f->type) {
	case XHA_MSG_HANDOVER_PREPARE:
		xha_handover_prepare(g);
		return NULL;
	case XHA_MSG_HANDOVER_COMMIT:
		if (xha_wire_get_commit(&c, f, &bad))
			return bad;
		xha_handover_commit(g, &c);
		return NULL;
	case XHA_MSG_HANDOVER_FLUSHED:
		xha_handover_flushed(g);
		return NULL;
	}
	if (xha_wire_get_verdict(&v, f, &bad))
		return bad;
	if (f->type == XHA_MSG_HANDOVER_READY)
		xha_handover_ready(g, &v);
	else
		xha_handover_taken(g, &v);
	return NULL;
}

typedef const char *(*rx_fn)(struct xha_net *xn, struct xha_group *g,
			     const struct xha_wire_frame *f);

static const rx_fn handlers[] = {
	[XHA_MSG_HELLO]			= rx_hello,
	[XHA_MSG_KEEPALIVE]		= rx_keepalive,
	[XHA_MSG_GROUP_STATE]		= rx_group,
	[XHA_MSG_SYNC_REQ]		= rx_sync_req,
	[XHA_MSG_ACK]			= rx_ack,
	[XHA_MSG_NAK]			= rx_nak,
	[XHA_MSG_DIGEST_REQ]		= rx_digest_req,
	[XHA_MSG_HEARING]		= rx_hearing,
	[XHA_MSG_CLOCK]			= rx_clock,
	[XHA_MSG_BULK_BEGIN]		= rx_bulk,
	[XHA_MSG_BULK_END]		= rx_bulk,
	[XHA_MSG_SA]			= rx_sa,
	[XHA_MSG_SA_DEL]		= rx_del,
	[XHA_MSG_POLICY]		= rx_policy,
	[XHA_MSG_POLICY_DEL]		= rx_del,
	[XHA_MSG_DIGEST]		= rx_digest,
	[XHA_MSG_MERGE_SA]		= rx_sa,
	[XHA_MSG_MERGE_POLICY]		= rx_policy,
	[XHA_MSG_MERGE_END]		= rx_merge_end,
	[XHA_MSG_CEILINGS]		= rx_counters,
	[XHA_MSG_WINDOWS]		= rx_counters,
	[XHA_MSG_WINDOW_BIG]		= rx_window_big,
	[XHA_MSG_LIFETIMES]		= rx_counters,
	[XHA_MSG_FINALS]		= rx_counters,
	[XHA_MSG_FINAL_USE]		= rx_counters,
	[XHA_MSG_HANDOVER_PREPARE]	= rx_handover,
	[XHA_MSG_HANDOVER_READY]	= rx_handover,
	[XHA_MSG_HANDOVER_COMMIT]	= rx_handover,
	[XHA_MSG_HANDOVER_TAKEN]	= rx_handover,
	[XHA_MSG_HANDOVER_FLUSHED]	= rx_handover,
};

static bool frame_stale(const struct xha_group *g, const struct xha_wire_frame *f,
			u16 stream)
{
	return stream != XHA_STREAM_CONTROL && f->epoch < g->epoch;
}

/* Whether this node, in its role, has any use for a frame. */
static bool role_fits(const struct xha_group *g, u16 stream,
		      const struct xha_wire_frame *f)
{
	if (stream == XHA_STREAM_CONTROL)
		return true;
	/* A peer that is in a later epoch by now gives way no more. */
	if (f->type >= XHA_MSG_MERGE_SA && f->type <= XHA_MSG_MERGE_END)
		return g->role == XFRM_HA_ROLE_ACTIVE &&
		       g->ho == XHA_HO_NONE && f->epoch >= g->peer_epoch;
	return g->role == XFRM_HA_ROLE_STANDBY;
}

void xha_session_dispatch(struct xha_net *xn, u16 stream,
			  const struct xha_wire_frame *f)
{
	const struct xha_wire_type_info *info = xha_wire_type_info(f->type);
	struct xha_session *s = &xn->session;
	struct xha_group *g = NULL;
	const char *bad;

	if (info->group) {
		g = xha_group_find(xn, f->group);
		if (!g || !role_fits(g, stream, f)) {
			s->rx_state++;
			return;
		}
		if (frame_stale(g, f, stream)) {
			s->rx_stale++;
			xha_shadow_want_all(g);
			return;
		}
	}
	bad = handlers[f->type](xn, g, f);
	if (bad) {
		s->rx_bad++;
		xha_session_complain(s, info->name, bad);
		/* It is acknowledged with its neighbours, but not applied. */
		if (g && stream != XHA_STREAM_CONTROL)
			xha_shadow_want_all(g);
	}
	if (g && stream == XHA_STREAM_STATE)
		xha_group_update(g);
}
