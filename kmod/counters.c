// SPDX-License-Identifier: GPL-2.0-only
/*
 * The active side: what of an SA moves with its packets.
 *
 * Counters are sampled, see xha_counters_sample(): a lockless peek per SA, and
 * x->lock only where a window is due. At most one counter update per SA is
 * under way, so a slow peer gets fewer and fresher ones.
 */
#include <linux/slab.h>
#include <net/xfrm.h>

#include "age.h"
#include "counters.h"
#include "group.h"
#include "life.h"
#include "mirror.h"
#include "netns.h"
#include "sa.h"
#include "seq.h"
#include "strict.h"
#include "sync.h"

#define LIFETIME_EVERY	HZ
#define LEASE_EVERY	(HZ / 10)

/* One counter frame being filled. */
struct batch {
	u8			type;
	u8			kind;
	struct xha_group	*g;
	struct xha_wire_counters c;
	struct xha_sa		*sa[XHA_WIRE_COUNTERS];
};

struct xha_counters {
	struct batch	ceilings;
	struct batch	windows;
	struct batch	lifetimes;
};

static void batch_reset(struct batch *b, struct xha_group *g, u8 type, u8 kind)
{
	b->type = type;
	b->kind = kind;
	b->g = g;
	b->c.n = 0;
}

static void mark_window(struct xha_sa *sa, u64 top)
{
	sa->win_tx = top;
	sa->win_sent = top;
	sa->came_sent = sa->came_tx;
}

void xha_counters_told(struct xha_sa *sa, u64 bytes, u64 packets)
{
	sa->life_bytes.told = bytes;
	sa->life_packets.told = packets;
	sa->lft_jiffies = jiffies;
}

static void batch_sent(struct xha_session *s, struct batch *b, u32 seq)
{
	u16 share = s->tx_len / b->c.n, rest = s->tx_len % b->c.n;
	const struct xha_wire_counter *e;
	struct xha_sa *sa;
	u32 i;

	for (i = 0; i < b->c.n; i++) {
		sa = b->sa[i];
		e = &b->c.e[i];
		sa->ctr_kinds |= b->kind;
		sa->ctr_seq = seq;
		sa->ctr_jiffies = jiffies;
		sa->ctr_len = share + (i ? 0 : rest);
		list_move_tail(&sa->ctr_inflight, &s->ctr_inflight);
		if (b->kind & XHA_CTR_CEILING)
			sa->ceil_tx = e->a;
		if (b->kind & XHA_CTR_WINDOW)
			mark_window(sa, e->a);
		if (b->kind & XHA_CTR_LIFETIME)
			xha_counters_told(sa, e->a, e->b);
	}
}

/* Nothing is noted as sent on failure: the next pass finds it due again. */
static int batch_flush(struct xha_net *xn, struct batch *b)
{
	struct xha_wire_frame f;
	int err;

	if (!b->c.n)
		return 0;
	xha_session_frame(xn, &f, b->type, b->g);
	err = xha_session_send(xn, &f,
			       xha_wire_put_counters(xn->session.buf, &f, &b->c));
	if (!err)
		batch_sent(&xn->session, b, f.seq);
	b->c.n = 0;
	return err;
}

static int batch_add(struct xha_net *xn, struct batch *b, struct xha_sa *sa,
		     u64 va, u64 vb, u32 vc)
{
	u32 base = sa->rec.incarnation >> 32;
	struct xha_wire_counter *e;
	int err = 0;

	if (b->c.n == XHA_WIRE_COUNTERS || (b->c.n && b->c.base != base))
		err = batch_flush(xn, b);
	if (err)
		return err;
	b->c.base = base;
	b->sa[b->c.n] = sa;
	e = &b->c.e[b->c.n++];
	e->inc = (u32)sa->rec.incarnation;
	e->a = va;
	e->b = vb;
	e->c = vc;
	return 0;
}

static int send_window_big(struct xha_net *xn, struct xha_sa *sa, u8 kind)
{
	struct xha_wire_window_big *w = kzalloc(sizeof(*w), GFP_KERNEL);
	struct xha_session *s = &xn->session;
	struct xha_wire_frame f;
	int err;

	if (!w)
		return -ENOMEM;
	w->incarnation = sa->rec.incarnation;
	xha_sa_window(&w->window, sa->x);
	xha_session_frame(xn, &f, XHA_MSG_WINDOW_BIG, sa->rec.group);
	err = xha_session_send(xn, &f, xha_wire_put_window_big(s->buf, &f, w));
	if (!err) {
		sa->ctr_kinds |= kind;
		sa->ctr_seq = f.seq;
		sa->ctr_jiffies = jiffies;
		sa->ctr_len = s->tx_len;
		mark_window(sa, w->window.top);
		list_move_tail(&sa->ctr_inflight, &s->ctr_inflight);
	}
	kfree(w);
	return err;
}

static int send_window(struct xha_net *xn, struct xha_sa *sa, u8 kind)
{
	struct xha_wire_window w;
	struct xha_seq_window win = xha_sa_window_of(sa->x, &w);

	sa->came_tx = xha_rec_sa_came(sa);	/* before the window is read */
	if (win.size > 64)
		return send_window_big(xn, sa, kind);
	xha_sa_window(&w, sa->x);
	return batch_add(xn, &xn->counters->windows, sa, w.top,
			 xha_seq_bits(&win), 0);
}

/* Sent behind what the peer may start at; a bounded SA sends none of these. */
static u64 beyond_now(const struct xha_sa *sa, u64 seq)
{
	u64 from = max(sa->beyond, sa->floor);

	return seq > from && !sa->strict ? seq - from : 0;
}

void xha_counters_beyond(struct xha_sa *sa)
{
	u64 seq;

	if (!sa->outbound || !sa->rec.live)
		return;
	seq = xha_sa_peek(sa->x, true);
	sa->rec.group->beyond += beyond_now(sa, seq);
	sa->beyond = max(sa->beyond, seq);
}

u64 xha_counters_beyond_sum(const struct xha_group *g)
{
	const struct xha_sa *sa;
	const struct xha_rec *r;
	u64 sum = g->beyond;

	list_for_each_entry(r, &g->sas, list) {
		sa = container_of(r, struct xha_sa, rec);
		if (r->live && sa->outbound)
			sum += beyond_now(sa, xha_sa_peek(sa->x, true));
	}
	return sum;
}

/* A lease that is used up quickly need not wait for its turn. */
static void adapt_lease(struct xha_sa *sa)
{
	unsigned long since = jiffies - sa->lease_jiffies;
	u64 used = sa->seq - min(sa->lease_seq, sa->seq);

	if (since < LEASE_EVERY && used <= sa->lease / 2)
		return;
	sa->lease = xha_seq_lease(sa->lease, sa->rec.group->interval_out, used,
				  jiffies_to_msecs(since));
	sa->lease_seq = sa->seq;
	sa->lease_jiffies = jiffies;
}

/*
 * Also where it is dying already: that is mirrored, and the key managers of
 * this node may never have been told.
 */
void xha_counters_hand_to_rekey(struct xha_sa *sa)
{
	if (sa->exhausted || !sa->rec.live)
		return;
	sa->exhausted = true;
	spin_lock_bh(&sa->x->lock);
	if (sa->x->km.state == XFRM_STATE_VALID) {
		sa->x->km.dying = 1;
		km_state_expired(sa->x, 0, 0);
	}
	spin_unlock_bh(&sa->x->lock);
}

static void sample_out(struct xha_net *xn, struct xha_sa *sa)
{
	xha_counters_beyond(sa);
	adapt_lease(sa);
	if (xha_seq_lease_due(sa->seq, sa->ceil_pub, sa->lease, sa->esn))
		sa->ceil_pub = xha_seq_ceiling(sa->seq, sa->lease, sa->esn);
	if (xha_seq_exhausted(sa->ceil_pub, sa->lease, sa->esn))
		xha_counters_hand_to_rekey(sa);
	if (sa->rec.known && !sa->ctr_kinds && sa->ceil_pub > sa->ceil_acked)
		batch_add(xn, &xn->counters->ceilings, sa, sa->ceil_pub, 0, 0);
}

/* What is used of an SA, and the least steps its limits ask for. */
struct use {
	u64	bytes;
	u64	packets;
	u64	least_bytes;
	u64	least_packets;
};

/* Without x->lock each may be a packet old: half a step is to spare. */
static void use_of(struct use *u, const struct xfrm_state *x)
{
	u->bytes = READ_ONCE(x->curlft.bytes);
	u->packets = READ_ONCE(x->curlft.packets);
	u->least_bytes = xha_life_least(READ_ONCE(x->lft.soft_byte_limit),
					READ_ONCE(x->lft.hard_byte_limit));
	u->least_packets = xha_life_least(READ_ONCE(x->lft.soft_packet_limit),
					  READ_ONCE(x->lft.hard_packet_limit));
}

/* How far ahead of it the peer is to be. */
static void run_ahead(const struct xha_sa *sa, struct use *u)
{
	u->bytes = xha_life_figure(&sa->life_bytes, u->least_bytes, u->bytes);
	u->packets = xha_life_figure(&sa->life_packets, u->least_packets,
				     u->packets);
}

void xha_counters_run_ahead(const struct xha_sa *sa, struct xha_wire_sa *w)
{
	struct use u = {
		.bytes = w->bytes,
		.packets = w->packets,
		.least_bytes = xha_life_least(w->limits.soft_byte,
					      w->limits.hard_byte),
		.least_packets = xha_life_least(w->limits.soft_packet,
						w->limits.hard_packet),
	};

	run_ahead(sa, &u);
	w->bytes = u.bytes;
	w->packets = u.packets;
}

static void adapt_life(struct xha_sa *sa, const struct use *u)
{
	u32 ms = jiffies_to_msecs(jiffies - sa->life_jiffies);

	xha_life_adapt(&sa->life_bytes, u->least_bytes, u->bytes, ms);
	xha_life_adapt(&sa->life_packets, u->least_packets, u->packets, ms);
	sa->life_jiffies = jiffies;
}

static bool life_due(struct xha_sa *sa, const struct use *u)
{
	bool due = xha_life_due(&sa->life_bytes, u->least_bytes, u->bytes) ||
		   xha_life_due(&sa->life_packets, u->least_packets, u->packets);

	/* A step that is used up quickly need not wait for its turn. */
	if (due || time_after_eq(jiffies, sa->life_jiffies + LEASE_EVERY))
		adapt_life(sa, u);
	return due;
}

static u32 age_of_use(const struct xha_sa *sa)
{
	if (sa->times.use == XHA_CLOCK_NEVER)
		return U32_MAX;
	return min_t(u64, xha_clock_age(sa->times.use, xha_age_now()),
		     U32_MAX - 1);
}

static void sample_lifetime(struct xha_net *xn, struct xha_sa *sa)
{
	struct use u;

	if (!sa->rec.known || sa->ctr_kinds)
		return;
	use_of(&u, sa->x);
	if (!life_due(sa, &u) &&
	    time_before(jiffies, sa->lft_jiffies + LIFETIME_EVERY))
		return;
	run_ahead(sa, &u);
	if (u.packets <= sa->life_packets.told && u.bytes <= sa->life_bytes.told)
		return;
	batch_add(xn, &xn->counters->lifetimes, sa, u.bytes, u.packets,
		  age_of_use(sa));
}

/* The owner's change is one of the static part. */
static void read_times(struct xha_sa *sa)
{
	spin_lock_bh(&sa->x->lock);
	if (xha_age_read_sa(sa))
		sa->rec.gen++;
	spin_unlock_bh(&sa->x->lock);
	xha_sync_touch(&sa->rec);
}

/* First used, or its owner says it is of another age. */
static void sample_times(struct xha_sa *sa)
{
	if (xha_age_stale_sa(sa))
		read_times(sa);
}

/* The last use of a policy counts where it is limited. */
static void sample_policies(struct xha_group *g)
{
	struct xha_policy *p;
	struct xha_rec *r;

	if (time_before(jiffies, g->policies_jiffies + LIFETIME_EVERY))
		return;
	g->policies_jiffies = jiffies;
	list_for_each_entry(r, &g->policies, list) {
		p = xha_rec_policy(r);
		if (r->live && (p->w->limits.soft_use || p->w->limits.hard_use) &&
		    xha_age_stale_policy(p))
			xha_sync_touch(r);
	}
}

/* Late packets count as well: they leave the top where it is. */
static bool window_due(const struct xha_sa *sa, bool paused)
{
	u32 interval = sa->rec.group->interval_in;
	u32 came = xha_rec_sa_came(sa) - sa->came_sent;

	return xha_seq_window_due(sa->seq, sa->win_sent, interval, paused) ||
	       came >= (paused ? 1 : interval);
}

static void sample_sa(struct xha_net *xn, struct xha_sa *sa, bool *dead)
{
	bool paused;
	u64 seq;

	if (READ_ONCE(sa->x->km.state) == XFRM_STATE_DEAD) {
		*dead = true;
		return;
	}
	seq = xha_sa_peek(sa->x, sa->outbound);
	/* Between two stores its upper half may belong to the next lower one. */
	if (sa->outbound && seq - sa->seq > U32_MAX / 2) {
		spin_lock_bh(&sa->x->lock);
		seq = xha_sa_peek(sa->x, true);
		spin_unlock_bh(&sa->x->lock);
	}
	paused = seq == sa->seq;
	sa->seq = seq;
	if (!paused)
		sa->idle = 0;
	else if (sa->idle < U8_MAX)
		sa->idle++;
	if (sa->outbound)
		sample_out(xn, sa);
	else if (sa->rec.known && !sa->ctr_kinds && window_due(sa, paused))
		send_window(xn, sa, XHA_CTR_WINDOW);
	sample_times(sa);
	sample_lifetime(xn, sa);
}

static void sample_group(struct xha_net *xn, struct xha_group *g, bool *dead)
{
	unsigned int after = xha_sysctl_get(xn, idle_after_samples);
	unsigned int every = xha_sysctl_get(xn, idle_every_samples);
	struct xha_counters *m = xn->counters;
	struct xha_rec *r;
	struct xha_sa *sa;

	batch_reset(&m->ceilings, g, XHA_MSG_CEILINGS, XHA_CTR_CEILING);
	batch_reset(&m->windows, g, XHA_MSG_WINDOWS, XHA_CTR_WINDOW);
	batch_reset(&m->lifetimes, g, XHA_MSG_LIFETIMES, XHA_CTR_LIFETIME);
	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (!r->live || (sa->idle >= after && !xha_strict_urgent(sa) &&
				 (xn->tick + r->id_hash) % every))
			continue;
		sample_sa(xn, sa, dead);
	}
	batch_flush(xn, &m->ceilings);
	batch_flush(xn, &m->windows);
	batch_flush(xn, &m->lifetimes);
	sample_policies(g);
}

void xha_counters_first_use(struct xha_group *g)
{
	struct xha_rec *r;

	list_for_each_entry(r, &g->sas, list)
		if (r->live && !r->reason[0])
			sample_times(xha_rec_sa(r));
}

/*
 * Costs nothing per packet and touches no SA of no group. Without x->lock a
 * number may be a packet old: the lease has half an interval to spare.
 */
void xha_counters_sample(struct xha_net *xn)
{
	struct xha_group *g;
	bool dead = false;

	lockdep_assert_held(&xn->lock);
	xn->tick++;
	list_for_each_entry(g, &xn->groups, list)
		if (xha_mirror_on(g))
			sample_group(xn, g, &dead);
	if (dead)
		xha_mirror_reap(xn);
}

bool xha_counters_busy(struct xha_net *xn)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		if (xha_mirror_on(g) && (g->n_sas || g->n_policies))
			return true;
	return false;
}

static void applied(struct xha_sa *sa)
{
	if (sa->ctr_kinds & XHA_CTR_CEILING) {
		xha_strict_acked(sa, sa->ceil_tx);
		sa->ceil_acked = max(sa->ceil_acked, sa->ceil_tx);
	}
	if (sa->ctr_kinds & XHA_CTR_WINDOW) {
		sa->win_acked = max(sa->win_acked, sa->win_tx);
		xha_rec_sa_came_acked(sa, sa->came_tx);
	}
}

void xha_counters_ack(struct xha_net *xn, u32 seq)
{
	struct xha_session *s = &xn->session;
	struct xha_sa *sa, *tmp;

	list_for_each_entry_safe(sa, tmp, &s->ctr_inflight, ctr_inflight) {
		if ((s32)(seq - sa->ctr_seq) < 0)
			break;
		list_del_init(&sa->ctr_inflight);
		if (xha_sync_applies(sa->rec.group))
			applied(sa);
		sa->ctr_kinds &= XHA_CTR_FINALS;
	}
}

static int final_sa(struct xha_net *xn, struct xha_sa *sa)
{
	struct xha_counters *m = xn->counters;
	u64 seq = xha_sa_peek(sa->x, sa->outbound);

	sa->seq = seq;
	if (!sa->outbound)
		return send_window(xn, sa, XHA_CTR_WINDOW | XHA_CTR_FINAL);
	return batch_add(xn, &m->ceilings, sa, seq, 0, 0);
}

static int send_final_use(struct xha_group *g)
{
	struct xha_net *xn = g->xn;
	struct batch *b = &xn->counters->lifetimes;
	struct xha_rec *r;
	struct xha_sa *sa;
	int err;

	batch_reset(b, g, XHA_MSG_FINAL_USE, XHA_CTR_FINAL_USE);
	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (r->reason[0] || (sa->ctr_kinds & XHA_CTR_FINAL_USE))
			continue;
		err = batch_add(xn, b, sa, READ_ONCE(sa->x->curlft.bytes),
				READ_ONCE(sa->x->curlft.packets),
				age_of_use(sa));
		if (err)
			return err;
	}
	return batch_flush(xn, b);
}

int xha_counters_send_finals(struct xha_group *g)
{
	struct xha_net *xn = g->xn;
	struct xha_counters *m = xn->counters;
	struct xha_rec *r;
	int err;

	lockdep_assert_held(&xn->lock);
	batch_reset(&m->ceilings, g, XHA_MSG_FINALS, XHA_CTR_FINAL);
	batch_reset(&m->windows, g, XHA_MSG_WINDOWS,
		    XHA_CTR_WINDOW | XHA_CTR_FINAL);
	list_for_each_entry(r, &g->sas, list) {
		if (r->reason[0] || (xha_rec_sa(r)->ctr_kinds & XHA_CTR_FINAL))
			continue;
		/* Streams overtake each other: an SA unknown there has no numbers. */
		if (!r->known)
			return -EAGAIN;
		err = final_sa(xn, xha_rec_sa(r));
		if (err)
			return err;
	}
	err = batch_flush(xn, &m->ceilings) ?: batch_flush(xn, &m->windows);
	if (err || !(xn->session.features & XHA_WIRE_FINAL_USE))
		return err;
	return send_final_use(g);
}

int xha_counters_init(struct xha_net *xn)
{
	xn->counters = kvzalloc(sizeof(*xn->counters), GFP_KERNEL);
	return xn->counters ? 0 : -ENOMEM;
}

void xha_counters_exit(struct xha_net *xn)
{
	kvfree(xn->counters);
	xn->counters = NULL;
}
