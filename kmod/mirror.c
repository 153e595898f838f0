// SPDX-License-Identifier: GPL-2.0-only
/*
 * The active side: which SAs and policies of xfrm belong to a group, and
 * telling the peer.
 *
 * Bursts coalesce per record: a record is in the dirty list once, however
 * often it changed, and is encoded when the channel takes it, so a slow peer
 * costs no memory beyond the records. The same list carries snapshots: a
 * snapshot marks everything dirty between a BEGIN and an END frame.
 *
 * Counters are sampled, see xha_mirror_sample(): a lockless peek per SA, and
 * x->lock only where a window is due. At most one counter update per SA is
 * under way, so a slow peer gets fewer and fresher ones.
 */
#include <linux/slab.h>
#include <net/xfrm.h>

#include "group.h"
#include "mirror.h"
#include "netlink.h"
#include "netns.h"
#include "policy.h"
#include "sa.h"
#include "seq.h"

#define WALK_BATCH	64	/* objects held per turn of a walk */
#define WALK_VISIT	512	/* objects looked at with xfrm's lock held */
#define IDLE_AFTER	64	/* passes without a packet until looked at rarely */
#define IDLE_EVERY	16
#define LIFETIME_EVERY	HZ

/* One counter frame being filled. */
struct batch {
	u8			type;
	u8			kind;
	struct xha_group	*g;
	struct xha_wire_counters c;
	struct xha_sa		*sa[XHA_WIRE_COUNTERS];
};

struct xha_mirror {
	struct batch	ceilings;
	struct batch	windows;
	struct batch	lifetimes;
};

static bool mirroring(const struct xha_group *g)
{
	return g->role == XFRM_HA_ROLE_ACTIVE &&
	       (g->ho < XHA_HO_FINALS || g->ho >= XHA_HO_READY);
}

void xha_mirror_touch(struct xha_rec *r)
{
	struct xha_group *g = r->group;

	if (!g->feeding || r->reason[0] || !list_empty(&r->dirty))
		return;
	list_add_tail(&r->dirty, &g->dirty);
	xha_netns_kick(g->xn);
}

void xha_mirror_forget(struct xha_rec *r)
{
	struct xha_group *g = r->group;
	struct xha_del *d;

	if (r->reason[0])
		g->n_refused--;
	if (g->feeding && !r->reason[0]) {
		d = kmalloc(sizeof(*d), GFP_KERNEL);
		if (d) {
			d->incarnation = r->incarnation;
			d->kind = r->kind;
			list_add_tail(&d->list, &g->dels);
		}
		xha_netns_kick(g->xn);
		if (!d) {	/* a new snapshot says the same */
			xha_rec_free(r);
			xha_mirror_bulk(g);
			return;
		}
	}
	xha_rec_free(r);
}

static void refuse(struct xha_rec *r, const char *why)
{
	if (!r->reason[0])
		r->group->n_refused++;
	strscpy(r->reason, why, sizeof(r->reason));
	list_del_init(&r->dirty);
}

/* The active group an SA belongs to, and which end of it is ours. */
static struct xha_group *sa_group(struct xha_net *xn, const struct xfrm_state *x,
				  bool *outbound)
{
	struct xha_group *g;

	g = xha_group_by_vip(xn, &x->props.saddr, x->props.family);
	*outbound = g;
	if (!g)
		g = xha_group_by_vip(xn, &x->id.daddr, x->props.family);
	return g && mirroring(g) ? g : NULL;
}

static void start_tracking(struct xha_sa *sa, struct xfrm_state *x)
{
	struct xha_group *g = sa->rec.group;
	u8 salt[XHA_WIRE_SALT_MAX];
	const char *why;

	xfrm_state_hold(x);
	sa->x = x;
	sa->rec.live = true;
	sa->esn = xha_sa_replay_mode(x) == XHA_REPLAY_ESN;
	sa->seq = xha_sa_peek(x, sa->outbound);
	sa->ceil_pub = xha_seq_ceiling(sa->seq, g->interval_out, sa->esn);
	sa->beyond = sa->seq;
	why = xha_sa_refusal(x);
	if (!why && xha_sa_salt_get(x, salt) < 0)
		why = "IV generator out of reach";
	memzero_explicit(salt, sizeof(salt));
	if (why)
		refuse(&sa->rec, why);
	else if (xha_sa_iv_tagged(x))
		sa->tag_base = xha_sa_tag(x);
}

void xha_mirror_add_sa(struct xha_net *xn, struct xfrm_state *x)
{
	struct xha_group *g;
	struct xha_sa_id id;
	struct xha_sa *sa;
	bool outbound;

	lockdep_assert_held(&xn->lock);
	if (READ_ONCE(x->km.state) != XFRM_STATE_VALID || !x->id.spi)
		return;
	g = sa_group(xn, x, &outbound);
	if (!g)
		return;
	xha_rec_sa_id(&id, x);
	sa = xha_rec_find_sa(g, &id);
	if (sa && sa->x == x)
		return;
	if (sa)
		xha_mirror_forget(&sa->rec);
	sa = xha_rec_sa_new(g, xha_rec_incarnation(xn), &id);
	if (!sa) {
		set_bit(0, &xn->rescan);
		return;
	}
	sa->outbound = outbound;
	start_tracking(sa, x);
	xha_mirror_touch(&sa->rec);
}

/* The record of a live SA of which only the identity is known. */
static struct xha_sa *find_mirrored(struct xha_net *xn,
				    const struct xha_sa_id *id)
{
	struct xha_group *g;
	struct xha_sa *sa;

	list_for_each_entry(g, &xn->groups, list) {
		sa = mirroring(g) ? xha_rec_find_sa(g, id) : NULL;
		if (sa && sa->rec.live)
			return sa;
	}
	return NULL;
}

void xha_mirror_update_sa(struct xha_net *xn, const struct xha_sa_id *id)
{
	struct xha_sa *sa = find_mirrored(xn, id);
	struct xfrm_state *x;

	if (sa && READ_ONCE(sa->x->km.state) == XFRM_STATE_VALID) {
		sa->rec.gen++;
		xha_mirror_touch(&sa->rec);
		return;
	}
	x = xfrm_state_lookup(xn->net, id->mark, &id->daddr, id->spi, id->proto,
			      id->family);
	if (!x)
		return;
	xha_mirror_add_sa(xn, x);
	xfrm_state_put(x);
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
	xha_mirror_forget(&sa->rec);
}

void xha_mirror_add_policy(struct xha_net *xn, struct xfrm_policy *xp, int dir)
{
	struct xha_wire_policy *w;
	struct xha_group *g;
	struct xha_policy *p;
	struct xha_ip ip;

	lockdep_assert_held(&xn->lock);
	if (xp->walk.dead || !xha_policy_local(xp, dir, &ip))
		return;
	g = xha_group_by_vip(xn, &ip.a, ip.family);
	if (!g || !mirroring(g))
		return;
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		goto rescan;
	xha_policy_snapshot(w, xp, dir);
	p = xha_rec_find_policy(g, w);
	if (p && p->xp == xp)
		goto out;
	if (p)
		xha_mirror_forget(&p->rec);
	p = xha_rec_policy_new(g, xha_rec_incarnation(xn), w);
	if (!p)
		goto rescan;
	xfrm_pol_hold(xp);
	p->xp = xp;
	p->rec.live = true;
	p->w->incarnation = p->rec.incarnation;
	if (xp->family != AF_INET)
		refuse(&p->rec, "only IPv4 is mirrored by this version");
	else if (xp->security)
		refuse(&p->rec, "has a security context");
	xha_mirror_touch(&p->rec);
out:
	kfree(w);
	return;
rescan:
	kfree(w);
	set_bit(0, &xn->rescan);
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
	bool outbound;

	if (c->n == WALK_BATCH || c->visited++ == WALK_VISIT)
		return -EAGAIN;
	if (x->km.state != XFRM_STATE_VALID || !sa_group(c->xn, x, &outbound))
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

void xha_mirror_rescan(struct xha_net *xn)
{
	struct collect *c;

	lockdep_assert_held(&xn->lock);
	c = kmalloc(sizeof(*c), GFP_KERNEL);
	if (!c) {
		set_bit(0, &xn->rescan);
		return;
	}
	c->xn = xn;
	xha_mirror_reap(xn);
	rescan_sas(xn, c);
	rescan_policies(xn, c);
	kfree(c);
}

void xha_mirror_reap(struct xha_net *xn)
{
	struct xha_rec *r, *tmp;
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (!mirroring(g))
			continue;
		list_for_each_entry_safe(r, tmp, &g->sas, list)
			if (r->live && READ_ONCE(xha_rec_sa(r)->x->km.state) ==
				       XFRM_STATE_DEAD)
				xha_mirror_forget(r);
		list_for_each_entry_safe(r, tmp, &g->policies, list)
			if (r->live && READ_ONCE(xha_rec_policy(r)->xp->walk.dead))
				xha_mirror_forget(r);
	}
}

static void drop_dels(struct xha_group *g)
{
	struct xha_del *d, *tmp;

	list_for_each_entry_safe(d, tmp, &g->dels, list) {
		list_del(&d->list);
		kfree(d);
	}
}

void xha_mirror_bulk(struct xha_group *g)
{
	struct xha_rec *r;

	lockdep_assert_held(&g->xn->lock);
	if (g->role != XFRM_HA_ROLE_ACTIVE)
		return;
	drop_dels(g);
	g->feeding = true;
	g->bulk_begun = false;
	g->bulk_tx = get_random_u32() | 1;
	list_for_each_entry(r, &g->policies, list)
		xha_mirror_touch(r);
	list_for_each_entry(r, &g->sas, list)
		xha_mirror_touch(r);
	xha_netns_kick(g->xn);
}

static void forget_transit(struct xha_rec *r)
{
	list_del_init(&r->dirty);
	list_del_init(&r->inflight);
	r->known = false;
}

void xha_mirror_disconnect(struct xha_net *xn)
{
	struct xha_group *g;
	struct xha_rec *r;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		list_for_each_entry(r, &g->policies, list)
			forget_transit(r);
		list_for_each_entry(r, &g->sas, list) {
			forget_transit(r);
			list_del_init(&xha_rec_sa(r)->ctr_inflight);
			xha_rec_sa(r)->ctr_kinds = 0;
		}
		drop_dels(g);
		g->feeding = false;
		g->bulk_tx = 0;
	}
}

static void ack_state(struct xha_session *s, u32 seq)
{
	struct xha_rec *r, *tmp;
	struct xha_sa *sa;

	list_for_each_entry_safe(r, tmp, &s->inflight, inflight) {
		if ((s32)(seq - r->tx_seq) < 0)
			break;
		list_del_init(&r->inflight);
		r->known = true;
		if (r->kind != XHA_REC_SA)
			continue;
		sa = xha_rec_sa(r);
		sa->ceil_acked = max(sa->ceil_acked, sa->ceil_state);
		sa->win_acked = max(sa->win_acked, sa->win_state);
	}
}

static void ack_counters(struct xha_session *s, u32 seq)
{
	struct xha_sa *sa, *tmp;

	list_for_each_entry_safe(sa, tmp, &s->ctr_inflight, ctr_inflight) {
		if ((s32)(seq - sa->ctr_seq) < 0)
			break;
		list_del_init(&sa->ctr_inflight);
		if (sa->ctr_kinds & XHA_CTR_CEILING)
			sa->ceil_acked = max(sa->ceil_acked, sa->ceil_tx);
		if (sa->ctr_kinds & XHA_CTR_WINDOW)
			sa->win_acked = max(sa->win_acked, sa->win_tx);
		sa->ctr_kinds &= XHA_CTR_FINAL;
	}
}

void xha_mirror_ack(struct xha_net *xn, const struct xha_wire_ack *a)
{
	lockdep_assert_held(&xn->lock);
	ack_state(&xn->session, a->state_seq);
	ack_counters(&xn->session, a->counters_seq);
}

void xha_mirror_reserve_tag(struct xha_net *xn, struct xha_sa *sa)
{
	u8 peer = !xn->session.node;
	u16 tag;

	if (!xha_sa_iv_tagged(sa->x) ||
	    (sa->tag_valid && sa->tag_boot == xn->session.peer_boot))
		return;
	sa->tag_valid = false;
	if (xha_seq_tag(sa->tag_base, peer, sa->tag_count[peer], &tag)) {
		refuse(&sa->rec, "IV tags used up: rekey it");
		return;
	}
	sa->tag_count[peer]++;
	sa->tag_peer = tag;
	sa->tag_boot = xn->session.peer_boot;
	sa->tag_valid = true;
}

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
}

static void batch_sent(struct xha_session *s, struct batch *b, u32 seq)
{
	const struct xha_wire_counter *e;
	struct xha_sa *sa;
	u32 i;

	for (i = 0; i < b->c.n; i++) {
		sa = b->sa[i];
		e = &b->c.e[i];
		sa->ctr_kinds |= b->kind;
		sa->ctr_seq = seq;
		sa->ctr_jiffies = jiffies;
		list_move_tail(&sa->ctr_inflight, &s->ctr_inflight);
		if (b->kind & XHA_CTR_CEILING)
			sa->ceil_tx = e->a;
		if (b->kind & XHA_CTR_WINDOW)
			mark_window(sa, e->a);
		if (b->kind & XHA_CTR_LIFETIME) {
			sa->lft_packets = e->b;
			sa->lft_jiffies = jiffies;
		}
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

static u32 window_size(const struct xfrm_state *x)
{
	return x->replay_esn ? x->replay_esn->replay_window :
			       x->props.replay_window;
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
		mark_window(sa, w->window.top);
		list_move_tail(&sa->ctr_inflight, &s->ctr_inflight);
	}
	kfree(w);
	return err;
}

static int send_window(struct xha_net *xn, struct xha_sa *sa, u8 kind)
{
	struct xha_seq_window win;
	struct xha_wire_window w;

	if (window_size(sa->x) > 64)
		return send_window_big(xn, sa, kind);
	xha_sa_window(&w, sa->x);
	win.w = &w;
	win.size = window_size(sa->x);
	win.mode = xha_sa_replay_mode(sa->x);
	return batch_add(xn, &xn->mirror->windows, sa, w.top,
			 xha_seq_bits(&win), 0);
}

static void count_beyond(struct xha_group *g, struct xha_sa *sa)
{
	u64 from = max(sa->beyond, sa->ceil_acked);

	if (sa->rec.known && sa->seq > from)
		g->beyond += sa->seq - from;
	sa->beyond = max(sa->beyond, sa->seq);
}

static void hand_to_rekey(struct xha_sa *sa)
{
	sa->exhausted = true;
	spin_lock_bh(&sa->x->lock);
	if (sa->x->km.state == XFRM_STATE_VALID && !sa->x->km.dying) {
		sa->x->km.dying = 1;
		km_state_expired(sa->x, 0, 0);
	}
	spin_unlock_bh(&sa->x->lock);
}

static void sample_out(struct xha_net *xn, struct xha_sa *sa)
{
	struct xha_group *g = sa->rec.group;

	count_beyond(g, sa);
	if (xha_seq_lease_due(sa->seq, sa->ceil_pub, g->interval_out, sa->esn))
		sa->ceil_pub = xha_seq_ceiling(sa->seq, g->interval_out, sa->esn);
	if (!sa->exhausted &&
	    xha_seq_exhausted(sa->ceil_pub, g->interval_out, sa->esn))
		hand_to_rekey(sa);
	if (sa->rec.known && !sa->ctr_kinds && sa->ceil_pub > sa->ceil_acked)
		batch_add(xn, &xn->mirror->ceilings, sa, sa->ceil_pub, 0, 0);
}

static void sample_lifetime(struct xha_net *xn, struct xha_sa *sa)
{
	u64 packets = READ_ONCE(sa->x->curlft.packets);
	time64_t use = READ_ONCE(sa->x->curlft.use_time);
	u32 age = U32_MAX;

	if (packets == sa->lft_packets || !sa->rec.known || sa->ctr_kinds ||
	    time_before(jiffies, sa->lft_jiffies + LIFETIME_EVERY))
		return;
	if (use)
		age = clamp_t(s64, ktime_get_real_seconds() - use, 0, U32_MAX - 1);
	batch_add(xn, &xn->mirror->lifetimes, sa,
		  READ_ONCE(sa->x->curlft.bytes), packets, age);
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
	paused = seq == sa->seq;
	sa->seq = seq;
	if (!paused)
		sa->idle = 0;
	else if (sa->idle < IDLE_AFTER)
		sa->idle++;
	if (sa->outbound)
		sample_out(xn, sa);
	else if (sa->rec.known && !sa->ctr_kinds &&
		 xha_seq_window_due(seq, sa->win_sent,
				    sa->rec.group->interval_in, paused))
		send_window(xn, sa, XHA_CTR_WINDOW);
	sample_lifetime(xn, sa);
}

static void sample_group(struct xha_net *xn, struct xha_group *g, bool *dead)
{
	struct xha_mirror *m = xn->mirror;
	struct xha_rec *r;
	struct xha_sa *sa;

	batch_reset(&m->ceilings, g, XHA_MSG_CEILINGS, XHA_CTR_CEILING);
	batch_reset(&m->windows, g, XHA_MSG_WINDOWS, XHA_CTR_WINDOW);
	batch_reset(&m->lifetimes, g, XHA_MSG_LIFETIMES, XHA_CTR_LIFETIME);
	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (!r->live || (sa->idle == IDLE_AFTER &&
				 (xn->tick + r->id_hash) % IDLE_EVERY))
			continue;
		sample_sa(xn, sa, dead);
	}
	batch_flush(xn, &m->ceilings);
	batch_flush(xn, &m->windows);
	batch_flush(xn, &m->lifetimes);
}

/*
 * Costs nothing per packet and touches no SA of no group. Without x->lock a
 * number may be a packet old: the lease has half an interval to spare.
 */
void xha_mirror_sample(struct xha_net *xn)
{
	struct xha_group *g;
	bool dead = false;

	lockdep_assert_held(&xn->lock);
	xn->tick++;
	list_for_each_entry(g, &xn->groups, list)
		if (mirroring(g))
			sample_group(xn, g, &dead);
	if (dead)
		xha_mirror_reap(xn);
}

bool xha_mirror_busy(struct xha_net *xn)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		if (mirroring(g) && (g->n_sas || g->n_policies))
			return true;
	return false;
}

static int send_sa(struct xha_net *xn, struct xha_sa *sa)
{
	struct xha_group *g = sa->rec.group;
	struct xha_wire_frame f;
	struct xha_wire_sa *w;
	int err;

	xha_mirror_reserve_tag(xn, sa);
	if (sa->rec.reason[0])
		return 0;
	w = kmalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	xha_sa_snapshot(w, sa);
	if (sa->outbound) {
		sa->ceil_pub = max(sa->ceil_pub,
				   xha_seq_ceiling(w->window.top,
						   g->interval_out, sa->esn));
		w->ceiling = sa->ceil_pub;
	}
	xha_session_frame(xn, &f, XHA_MSG_SA, g);
	err = xha_session_send(xn, &f, xha_wire_put_sa(xn->session.buf, &f, w));
	if (!err) {
		sa->ceil_state = w->ceiling;
		sa->win_state = sa->outbound ? 0 : w->window.top;
		sa->win_sent = max(sa->win_sent, sa->win_state);
		sa->rec.tx_seq = f.seq;
	}
	kfree_sensitive(w);
	return err;
}

static int send_policy(struct xha_net *xn, struct xha_policy *p)
{
	struct xha_wire_frame f;
	int err;

	p->w->gen = p->rec.gen;
	xha_session_frame(xn, &f, XHA_MSG_POLICY, p->rec.group);
	err = xha_session_send(xn, &f,
			       xha_wire_put_policy(xn->session.buf, &f, p->w));
	if (!err)
		p->rec.tx_seq = f.seq;
	return err;
}

static int send_rec(struct xha_net *xn, struct xha_rec *r)
{
	int err;

	err = r->kind == XHA_REC_SA ? send_sa(xn, xha_rec_sa(r)) :
				      send_policy(xn, xha_rec_policy(r));
	if (err == -EAGAIN || err == -ENOTCONN || err == -ENOMEM)
		return err;
	list_del_init(&r->dirty);
	if (err)
		refuse(r, "does not fit the wire format");
	if (r->reason[0])
		return 0;
	r->tx_jiffies = jiffies;
	list_move_tail(&r->inflight, &xn->session.inflight);
	return 0;
}

static int flush_dels(struct xha_net *xn, struct xha_group *g)
{
	struct xha_wire_frame f;
	struct xha_wire_del w;
	struct xha_del *d, *tmp;
	int err;

	list_for_each_entry_safe(d, tmp, &g->dels, list) {
		w.incarnation = d->incarnation;
		xha_session_frame(xn, &f, d->kind == XHA_REC_SA ?
				  XHA_MSG_SA_DEL : XHA_MSG_POLICY_DEL, g);
		err = xha_session_send(xn, &f,
				       xha_wire_put_del(xn->session.buf, &f, &w));
		if (err)
			return err;
		list_del(&d->list);
		kfree(d);
	}
	return 0;
}

static void bulk_count(const struct xha_group *g, struct xha_wire_bulk *b)
{
	struct xha_rec *r;

	list_for_each_entry(r, &g->sas, list)
		if (!r->reason[0]) {
			b->sas++;
			b->digest += xha_wire_digest(r->incarnation, r->gen);
		}
	list_for_each_entry(r, &g->policies, list)
		if (!r->reason[0]) {
			b->policies++;
			b->digest += xha_wire_digest(r->incarnation, r->gen);
		}
}

static int send_bulk(struct xha_net *xn, struct xha_group *g, u8 type)
{
	struct xha_wire_bulk b = { .id = g->bulk_tx };
	struct xha_wire_frame f;

	if (type == XHA_MSG_BULK_END)
		bulk_count(g, &b);
	xha_session_frame(xn, &f, type, g);
	return xha_session_send(xn, &f,
				xha_wire_put_bulk(xn->session.buf, &f, &b));
}

static int flush_group(struct xha_net *xn, struct xha_group *g)
{
	struct xha_rec *r, *tmp;
	int err;

	if (g->bulk_tx && !g->bulk_begun) {
		err = send_bulk(xn, g, XHA_MSG_BULK_BEGIN);
		if (err)
			return err;
		g->bulk_begun = true;
	}
	err = flush_dels(xn, g);
	if (err)
		return err;
	list_for_each_entry_safe(r, tmp, &g->dirty, dirty) {
		err = send_rec(xn, r);
		if (err)
			return err;
		cond_resched();
	}
	if (!g->bulk_tx)
		return 0;
	err = send_bulk(xn, g, XHA_MSG_BULK_END);
	if (!err)
		g->bulk_tx = 0;
	return err;
}

void xha_mirror_flush(struct xha_net *xn)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	if (!xha_session_up(&xn->session))
		return;
	list_for_each_entry(g, &xn->groups, list)
		if (g->feeding && g->role == XFRM_HA_ROLE_ACTIVE &&
		    flush_group(xn, g))
			return;
}

static int final_sa(struct xha_net *xn, struct xha_sa *sa)
{
	struct xha_mirror *m = xn->mirror;
	u64 seq = xha_sa_peek(sa->x, sa->outbound);

	sa->seq = seq;
	if (!sa->outbound)
		return send_window(xn, sa, XHA_CTR_WINDOW | XHA_CTR_FINAL);
	return batch_add(xn, &m->ceilings, sa, seq, 0, 0);
}

int xha_mirror_send_finals(struct xha_group *g)
{
	struct xha_net *xn = g->xn;
	struct xha_mirror *m = xn->mirror;
	struct xha_rec *r;
	int err;

	lockdep_assert_held(&xn->lock);
	batch_reset(&m->ceilings, g, XHA_MSG_FINALS, XHA_CTR_FINAL);
	batch_reset(&m->windows, g, XHA_MSG_WINDOWS,
		    XHA_CTR_WINDOW | XHA_CTR_FINAL);
	list_for_each_entry(r, &g->sas, list) {
		if (r->reason[0] || (xha_rec_sa(r)->ctr_kinds & XHA_CTR_FINAL))
			continue;
		err = final_sa(xn, xha_rec_sa(r));
		if (err)
			return err;
	}
	return batch_flush(xn, &m->ceilings) ?: batch_flush(xn, &m->windows);
}

int xha_mirror_init(struct xha_net *xn)
{
	xn->mirror = kvzalloc(sizeof(*xn->mirror), GFP_KERNEL);
	return xn->mirror ? 0 : -ENOMEM;
}

void xha_mirror_exit(struct xha_net *xn)
{
	kvfree(xn->mirror);
	xn->mirror = NULL;
}
