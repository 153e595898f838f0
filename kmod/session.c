// SPDX-License-Identifier: GPL-2.0-only
/*
 * The session with the peer.
 *
 *   NONE --configure--> CONNECTING --associated--> HELLO --hello ok--> UP
 *                           ^------------- lost, refused, garbled ------'
 *
 * A gap in a stream's numbers costs the association, since a frame that was
 * counted as applied may be missing. session_rx.c has what frames do.
 */
#include <linux/slab.h>

#include "age.h"
#include "group.h"
#include "handover.h"
#include "merge.h"
#include "netlink.h"
#include "netns.h"
#include "session.h"
#include "sync.h"

#define HELLO_TIME	(2 * HZ)
#define KEEPALIVE_TIME	(HZ / 20)
#define HEARING_TIME	(5 * HZ)
#define CLOCK_TIME	HZ	/* less than the drift of a few ms */
#define TIED_TIME	(2 * HZ)
#define SYNC_RETRY	(2 * HZ)
#define WARN_EVERY	(5 * HZ)
#define SEQ_LAST	0xfffffff0U	/* 0 is no number; no stream wraps */

void xha_session_set_state(struct xha_net *xn, u8 state, const char *reason)
{
	struct xha_session *s = &xn->session;

	if (s->state == state && s->reason == reason)
		return;
	if (s->state != state)
		s->state_since = jiffies;
	s->state = state;
	s->reason = reason;
	xha_netlink_peer_event(xn);
}

static void update_groups(struct xha_net *xn)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		xha_group_update(g);
}

void xha_session_frame(struct xha_net *xn, struct xha_wire_frame *f, u8 type,
		       const struct xha_group *g)
{
	const struct xha_wire_type_info *info = xha_wire_type_info(type);

	memset(f, 0, sizeof(*f));
	f->type = type;
	f->group = g ? g->id : 0;
	f->epoch = g ? g->epoch : 0;
	f->seq = xn->session.tx_seq[info->stream] + 1;
}

int xha_session_send(struct xha_net *xn, const struct xha_wire_frame *f, int len)
{
	struct xha_session *s = &xn->session;
	u16 stream = xha_wire_type_info(f->type)->stream;
	int err = len;

	lockdep_assert_held(&xn->lock);
	if (len < 0)
		goto out;
	err = -ENOTCONN;
	if (!s->chan || s->state < XFRM_HA_PEER_STATE_HELLO)
		goto out;
	/* Control frames may pass a full send buffer that others wait for. */
	err = -EAGAIN;
	if (s->blocked && stream != XHA_STREAM_CONTROL)
		goto out;
	err = xha_chan_send(s->chan, stream, s->buf, len, s->more);
	if (err == -EAGAIN)
		s->blocked = true;
	if (err)
		goto out;
	s->tx_seq[stream] = f->seq;
	s->tx_len = len;
	s->sent = jiffies;
	if (f->seq >= SEQ_LAST)
		xha_session_start_over(xn, "the numbers of a stream are used up");
out:
	memzero_explicit(s->buf, XHA_WIRE_FRAME_MAX);
	return err;
}

int xha_session_send_empty(struct xha_net *xn, u8 type, const struct xha_group *g)
{
	struct xha_wire_frame f;

	xha_session_frame(xn, &f, type, g);
	return xha_session_send(xn, &f, xha_wire_put_empty(xn->session.buf, &f));
}

int xha_session_send_clock(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;
	struct xha_wire_clock w = { .now = xha_age_now() };
	struct xha_wire_frame f;
	int err;

	w.least = xha_clock_to_wire(xha_clock_least(&s->clock, w.now));
	xha_session_frame(xn, &f, XHA_MSG_CLOCK, NULL);
	err = xha_session_send(xn, &f, xha_wire_put_clock(s->buf, &f, &w));
	if (!err)
		s->clock_sent = jiffies;
	return err;
}

static int send_hearing(struct xha_net *xn, struct xha_group *g)
{
	struct xha_wire_hearing w = { .hearing = g->hearing };
	struct xha_wire_frame f;
	int err;

	if (g->hearing == g->hearing_told ||
	    !(xn->session.features & XHA_WIRE_HEARING))
		return 0;
	xha_session_frame(xn, &f, XHA_MSG_HEARING, g);
	err = xha_session_send(xn, &f,
			       xha_wire_put_hearing(xn->session.buf, &f, &w));
	if (!err)
		g->hearing_told = g->hearing;
	return err;
}

int xha_session_send_group(struct xha_net *xn, struct xha_group *g)
{
	struct xha_wire_group w = {
		.role = g->role,
		.state = g->state,
		.epoch_node = g->epoch_node,
		.interval_in = g->interval_in,
		.interval_out = g->interval_out,
		.vips_digest = xha_group_vips_digest(g),
		.refused = g->n_refused,
	};
	struct xha_wire_frame f;
	int err;

	if (!xha_session_up(&xn->session))
		return -ENOTCONN;
	xha_session_frame(xn, &f, XHA_MSG_GROUP_STATE, g);
	err = xha_session_send(xn, &f,
			       xha_wire_put_group(xn->session.buf, &f, &w)) ?:
	      send_hearing(xn, g);
	g->tell_peer = err == -EAGAIN;
	return err;
}

int xha_session_send_verdict(struct xha_net *xn, u8 type,
			     const struct xha_group *g, const char *refusal)
{
	struct xha_wire_verdict v = { .accept = !refusal };
	struct xha_wire_frame f;

	if (refusal)
		strscpy(v.reason, refusal, sizeof(v.reason));
	xha_session_frame(xn, &f, type, g);
	return xha_session_send(xn, &f,
				xha_wire_put_verdict(xn->session.buf, &f, &v));
}

int xha_session_send_nak(struct xha_net *xn, const struct xha_rec *r)
{
	struct xha_wire_nak n = { .incarnation = r->incarnation };
	struct xha_wire_frame f;

	strscpy(n.reason, r->reason, sizeof(n.reason));
	xha_session_frame(xn, &f, XHA_MSG_NAK, r->group);
	return xha_session_send(xn, &f,
				xha_wire_put_nak(xn->session.buf, &f, &n));
}

static void send_hello(struct xha_net *xn)
{
	struct xha_wire_hello h = {
		.version_min = XHA_WIRE_VERSION_MIN,
		.version_max = XHA_WIRE_VERSION_MAX,
		.features = XHA_WIRE_FEATURES,
		.boot_id = xn->boot_id,
	};
	struct xha_wire_frame f;

	xha_session_frame(xn, &f, XHA_MSG_HELLO, NULL);
	xha_session_send(xn, &f, xha_wire_put_hello(xn->session.buf, &f, &h));
}

static void send_ack(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;
	struct xha_wire_ack a = {
		.state_seq = s->rx_seq[XHA_STREAM_STATE],
		.counters_seq = s->rx_seq[XHA_STREAM_COUNTERS],
	};
	struct xha_wire_frame f;

	xha_session_frame(xn, &f, XHA_MSG_ACK, NULL);
	if (!xha_session_send(xn, &f, xha_wire_put_ack(s->buf, &f, &a)))
		s->ack_due = false;
}

/* The peer is gone: what it knew and what it is are unknown again. */
static void forget_peer(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;
	struct xha_group *g;

	xha_handover_disconnect(xn);
	xha_sync_disconnect(xn);
	s->version = 0;
	s->tied = false;
	s->ack_due = false;
	s->blocked = false;
	list_for_each_entry(g, &xn->groups, list) {
		g->peer_role = XFRM_HA_ROLE_INIT;
		g->peer_state = XFRM_HA_STATE_INIT;
		g->peer_refused = 0;
		g->peer_hearing = 0;
		g->hearing_told = 0;
		g->mismatch = false;
		xha_merge_disconnect(g);
		g->bulk_rx = 0;
		g->synced = false;
		g->sync_wanted = g->role == XFRM_HA_ROLE_STANDBY ?
				 XHA_WIRE_BUCKETS_ALL : 0;
		g->sync_retry = jiffies;
	}
}

void xha_session_start_over(struct xha_net *xn, const char *why)
{
	/* What does not mend itself would fill the log once a second. */
	if (why != xn->session.reset_why)
		pr_warn_ratelimited("xfrm_ha: channel reset: %s\n", why);
	xn->session.reset_why = why;
	xha_chan_reset(xn->session.chan, why, true);
}

void xha_session_complain(struct xha_session *s, const char *type,
			  const char *what)
{
	if (s->warned && time_before(jiffies, s->warned + WARN_EVERY))
		return;
	s->warned = jiffies ?: 1;
	pr_warn("xfrm_ha: bad frame from the peer (%s): %s\n", type, what);
}

static u8 link_state(const struct xha_session *s)
{
	return xha_session_up(s) ? XHA_LINK_UP : XHA_LINK_HELLO;
}

static void chan_rx(void *ctx, u16 stream, const u8 *buf, size_t len)
{
	struct xha_net *xn = ctx;
	struct xha_session *s = &xn->session;
	struct xha_wire_frame f;
	int err;

	mutex_lock(&xn->lock);
	if (xn->dead || !s->chan)
		goto out;
	s->heard = jiffies;
	err = xha_wire_open(&f, buf, len, stream, link_state(s));
	if (err) {
		if (err == -EBUSY)
			s->rx_state++;
		else
			s->rx_bad++;
		xha_session_complain(s, "header", err == -EBUSY ?
				     "out of state" : "malformed");
		goto out;
	}
	if (f.seq != s->rx_seq[stream] + 1) {
		s->rx_bad++;
		xha_session_start_over(xn, "gap in the peer's frames");
		goto out;
	}
	s->rx_seq[stream] = f.seq;
	if (stream != XHA_STREAM_CONTROL)
		s->ack_due = true;
	xha_session_dispatch(xn, stream, &f);
out:
	mutex_unlock(&xn->lock);
}

/*
 * A receipt says that all of it is in force: the rules, too. And who was told
 * nothing of our role yet would take for applied what we no longer apply.
 */
static void ack_if_due(struct xha_net *xn)
{
	struct xha_group *g;
	bool may = true;

	list_for_each_entry(g, &xn->groups, list) {
		xha_group_sync_rules(g);	/* else it is cold, and says so */
		if (g->tell_peer)
			may = false;
	}
	if (may && xn->session.ack_due)
		send_ack(xn);
}

static void chan_idle(void *ctx)
{
	struct xha_net *xn = ctx;

	mutex_lock(&xn->lock);
	if (!xn->dead && xha_session_up(&xn->session))
		ack_if_due(xn);
	mutex_unlock(&xn->lock);
}

static void chan_up(void *ctx, bool dialer)
{
	struct xha_net *xn = ctx;
	struct xha_session *s = &xn->session;

	mutex_lock(&xn->lock);
	if (!xn->dead && s->chan) {
		memset(s->tx_seq, 0, sizeof(s->tx_seq));
		memset(s->rx_seq, 0, sizeof(s->rx_seq));
		forget_peer(xn);
		s->heard = jiffies;
		/* Whatever kept it down may do so again. */
		xha_session_set_state(xn, XFRM_HA_PEER_STATE_HELLO, s->reason);
		send_hello(xn);
		xha_netns_kick(xn);
	}
	mutex_unlock(&xn->lock);
}

static void chan_down(void *ctx, const char *why)
{
	struct xha_net *xn = ctx;

	mutex_lock(&xn->lock);
	if (!xn->dead && xn->session.chan) {
		xha_session_set_state(xn, XFRM_HA_PEER_STATE_CONNECTING, why);
		forget_peer(xn);
		update_groups(xn);
	}
	mutex_unlock(&xn->lock);
}

/* What it came down for is old news: this is why it does not come up. */
static void chan_failed(void *ctx, const char *why)
{
	struct xha_net *xn = ctx;

	mutex_lock(&xn->lock);
	if (!xn->dead && xn->session.chan &&
	    xn->session.state == XFRM_HA_PEER_STATE_CONNECTING)
		xha_session_set_state(xn, XFRM_HA_PEER_STATE_CONNECTING, why);
	mutex_unlock(&xn->lock);
}

static void chan_writable(void *ctx)
{
	struct xha_net *xn = ctx;

	mutex_lock(&xn->lock);
	xn->session.blocked = false;
	xha_netns_kick(xn);
	mutex_unlock(&xn->lock);
}

static const struct xha_chan_ops chan_ops = {
	.up		= chan_up,
	.down		= chan_down,
	.failed		= chan_failed,
	.rx		= chan_rx,
	.writable	= chan_writable,
	.idle		= chan_idle,
};

static int send_sync(struct xha_net *xn, const struct xha_group *g)
{
	struct xha_wire_sync w = { .buckets = g->sync_wanted };
	struct xha_wire_frame f;

	xha_session_frame(xn, &f, XHA_MSG_SYNC_REQ, g);
	return xha_session_send(xn, &f, xha_wire_put_sync(xn->session.buf, &f, &w));
}

static void ask_for_snapshots(struct xha_net *xn)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list) {
		if (g->role != XFRM_HA_ROLE_STANDBY || !g->sync_wanted ||
		    g->bulk_rx || g->peer_role != XFRM_HA_ROLE_ACTIVE ||
		    g->peer_epoch < g->epoch)
			continue;
		xha_merge_meet(g, g->peer_epoch);
		/* The snapshot drops what was not told before. */
		if (g->merge != XHA_MERGE_NONE ||
		    time_before(jiffies, g->sync_retry))
			continue;
		if (!send_sync(xn, g))
			g->sync_retry = jiffies + SYNC_RETRY;
		xha_group_update(g);
	}
}

/*
 * Nothing with moments in it is asked for before they can be read. A peer that
 * promises and does not tell gets no better ages.
 */
static bool untied(const struct xha_session *s)
{
	return (s->features & XHA_WIRE_CLOCK) && !s->tied &&
	       time_before(jiffies, s->state_since + TIED_TIME);
}

/* Told again until one gives way: the event may have found no helper. */
static bool both_active(struct xha_group *g)
{
	if (g->role != XFRM_HA_ROLE_ACTIVE ||
	    g->peer_role != XFRM_HA_ROLE_ACTIVE || g->ho != XHA_HO_NONE ||
	    time_before(jiffies, g->sync_retry))
		return false;
	g->sync_retry = jiffies + SYNC_RETRY;
	return true;
}

/* Whoever listened there may have died: nobody is to act on it for long. */
static void hearing_expire(struct xha_group *g)
{
	if (!g->hearing || time_before(jiffies, g->hearing_at + HEARING_TIME))
		return;
	g->hearing = 0;
	xha_session_send_group(g->xn, g);
}

/* Where both have clocks to compare, that says as well that we live. */
static void keep_alive(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;
	bool due = time_after_eq(jiffies, s->sent + KEEPALIVE_TIME);

	if (!(s->features & XHA_WIRE_CLOCK)) {
		if (due)
			xha_session_send_empty(xn, XHA_MSG_KEEPALIVE, NULL);
	} else if (due || time_after_eq(jiffies, s->clock_sent + CLOCK_TIME)) {
		xha_session_send_clock(xn);
	}
}

void xha_session_tick(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	if (s->state == XFRM_HA_PEER_STATE_HELLO &&
	    time_after(jiffies, s->state_since + HELLO_TIME)) {
		xha_session_start_over(xn, "no hello from the peer");
		return;
	}
	if (!xha_session_up(s))
		return;
	list_for_each_entry(g, &xn->groups, list) {
		hearing_expire(g);
		if (g->tell_peer || both_active(g))
			xha_session_send_group(xn, g);
	}
	if (!untied(s))
		ask_for_snapshots(xn);
	ack_if_due(xn);
	keep_alive(xn);
}

static u64 age_ms(unsigned long since)
{
	return jiffies_to_msecs(jiffies - since);
}

static void add_lag(struct xha_lag *lag, u16 len, unsigned long since)
{
	lag->frames++;
	lag->bytes += len;
	lag->ms = max(lag->ms, age_ms(since));
}

void xha_session_lag(const struct xha_session *s, struct xha_lag *lag)
{
	const struct xha_sa *sa;
	const struct xha_rec *r;

	memset(lag, 0, sizeof(*lag));
	list_for_each_entry(r, &s->inflight, inflight)
		add_lag(lag, r->tx_len, r->tx_jiffies);
	list_for_each_entry(sa, &s->ctr_inflight, ctr_inflight)
		add_lag(lag, sa->ctr_len, sa->ctr_jiffies);
}

/* Lower (address, port) listens and is node 0; both sides see it alike. */
static u8 node_of(const struct xha_chan_conf *c)
{
	int len = c->local[0].family == AF_INET ? 4 : 16;
	int cmp;

	if (c->local[0].family != c->remote[0].family)
		return c->local[0].family > c->remote[0].family;
	cmp = memcmp(&c->local[0].a, &c->remote[0].a, len);
	if (!cmp)
		return c->local_port > c->remote_port;
	return cmp > 0;
}

static int refuse_addrs(struct xha_net *xn, const struct xha_chan_conf *conf,
			struct netlink_ext_ack *extack)
{
	bool covered = false;
	int i;

	for (i = 0; i < conf->n_local; i++)
		covered |= xha_protect_covers(xn, NULL, &conf->local[i]);
	for (i = 0; i < conf->n_remote; i++)
		covered |= xha_protect_covers(xn, NULL, &conf->remote[i]);
	if (covered) {
		NL_SET_ERR_MSG(extack, "a prefix to protect covers an address of the channel");
		return -EINVAL;
	}
	for (i = 0; i < conf->n_local; i++)
		if (xha_group_by_vip(xn, &conf->local[i].a, conf->local[i].family)) {
			NL_SET_ERR_MSG(extack, "local-ip is a virtual address");
			return -EINVAL;
		}
	for (i = 0; i < conf->n_remote; i++)
		if (xha_group_by_vip(xn, &conf->remote[i].a, conf->remote[i].family)) {
			NL_SET_ERR_MSG(extack, "remote-ip is a virtual address");
			return -EINVAL;
		}
	return 0;
}

/* Takes the channel away from the session; up-calls find none any more. */
static struct xha_chan *detach(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;
	struct xha_chan *ch = s->chan;

	if (ch) {
		s->chan = NULL;
		xha_session_set_state(xn, XFRM_HA_PEER_STATE_NONE, NULL);
		forget_peer(xn);
		update_groups(xn);
	}
	memzero_explicit(&s->conf, sizeof(s->conf));
	return ch;
}

static int attach(struct xha_net *xn, const struct xha_chan_conf *conf,
		  struct netlink_ext_ack *extack)
{
	struct xha_session *s = &xn->session;
	struct xha_chan *ch;
	int err;

	lockdep_assert_held(&xn->lock);
	/* Groups may have come while there was no channel. */
	err = refuse_addrs(xn, conf, extack);
	if (err)
		return err;
	s->node = node_of(conf);
	/* Or the gate of a standby whose policies cover all would close it. */
	err = xha_gates_set_exempt(&xn->gates, conf->remote, conf->n_remote);
	if (err)
		return err;
	ch = xha_chan_open(xn->net, conf, &chan_ops, xn, extack);
	if (IS_ERR(ch))
		return PTR_ERR(ch);
	s->chan = ch;
	s->conf = *conf;
	xha_session_set_state(xn, XFRM_HA_PEER_STATE_CONNECTING, NULL);
	xha_netns_kick(xn);
	return 0;
}

/* The old channel has the port: it goes first, and comes back on failure. */
static int replace_chan(struct xha_net *xn, const struct xha_chan_conf *conf,
			struct xha_chan_conf *old, struct netlink_ext_ack *extack)
{
	struct xha_session *s = &xn->session;
	struct xha_chan *ch;
	int err;

	mutex_lock(&xn->lock);
	err = xn->dead ? -ENODEV : refuse_addrs(xn, conf, extack);
	if (err || (s->chan && !memcmp(&s->conf, conf, sizeof(*conf)))) {
		mutex_unlock(&xn->lock);
		return err;
	}
	*old = s->conf;
	ch = detach(xn);
	mutex_unlock(&xn->lock);
	if (ch)
		xha_chan_close(ch);

	mutex_lock(&xn->lock);
	err = attach(xn, conf, extack);
	if (err && (!ch || attach(xn, old, NULL)))
		xha_gates_set_exempt(&xn->gates, NULL, 0);
	mutex_unlock(&xn->lock);
	return err;
}

int xha_session_configure(struct xha_net *xn, const struct xha_chan_conf *conf,
			  struct netlink_ext_ack *extack)
{
	struct xha_chan_conf *old = kmalloc(sizeof(*old), GFP_KERNEL);
	int err;

	if (!old)
		return -ENOMEM;
	mutex_lock(&xn->session.configure);
	err = replace_chan(xn, conf, old, extack);
	mutex_unlock(&xn->session.configure);
	kfree_sensitive(old);
	return err;
}

void xha_session_close(struct xha_net *xn)
{
	struct xha_chan *ch;

	mutex_lock(&xn->session.configure);
	mutex_lock(&xn->lock);
	ch = detach(xn);
	mutex_unlock(&xn->lock);
	if (ch)
		xha_chan_close(ch);
	xha_gates_set_exempt(&xn->gates, NULL, 0);
	mutex_unlock(&xn->session.configure);
}

int xha_session_init(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;

	mutex_init(&s->configure);
	INIT_LIST_HEAD(&s->inflight);
	INIT_LIST_HEAD(&s->ctr_inflight);
	xha_clock_init(&s->clock);
	s->buf = kzalloc(XHA_WIRE_FRAME_MAX, GFP_KERNEL);
	s->sa = kzalloc(sizeof(*s->sa), GFP_KERNEL);
	s->policy = kzalloc(sizeof(*s->policy), GFP_KERNEL);
	s->counters = kzalloc(sizeof(*s->counters), GFP_KERNEL);
	s->window = kzalloc(sizeof(*s->window), GFP_KERNEL);
	if (s->buf && s->sa && s->policy && s->counters && s->window)
		return 0;
	xha_session_exit(xn);
	return -ENOMEM;
}

void xha_session_exit(struct xha_net *xn)
{
	struct xha_session *s = &xn->session;

	kfree_sensitive(s->buf);
	kfree_sensitive(s->sa);
	kfree(s->policy);
	kfree(s->counters);
	kfree(s->window);
}
