// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strict mode.
 *
 * For each outbound SA the node keeps a floor: the lowest number behind which
 * the peer could start, as far as this node can know. It is the first ceiling
 * the peer was ever offered, then the highest it acknowledged. No packet
 * leaves with a number above it while the group is bounded: from the moment
 * the peer of an active node reports hot, or is told in a merge what this node
 * has used, until this node has synchronised as a standby or the operator says
 * that the peer is fenced. Ending an association, the helper, or the role does
 * not end it. design-notes.md has the argument why then no number can be used
 * by both.
 *
 * Mechanism. Whatever gives a packet a number, xfrm_output_one() does it with
 * x->lock held, and then calls a method of the SA with that packet: for this
 *
 *   x->type->output()		transforms one packet; GSO packets come here
 *				segmented, IPv6 ones fragmented before the
 *				transform as fragments
 *   x->type_offload->encap()	where segmentation or encryption is left to
 *				the device layer; a GSO packet then holds as
 *				many numbers as it has segments
 *   x->type_offload->xmit()	there, with the number each segment gets
 *
 * So a bounded SA has copies of its method tables in which these three ask
 * first. Nothing needs to be estimated, and no way out can be forgotten: all
 * of them number packets there. These are, with what would be special for a
 * hook of netfilter: forwarded and local packets; SNAT, which looks the policy
 * up in POST_ROUTING and skips that hook afterwards; VTI and XFRM interfaces
 * and GRE, with a bundle behind a device; bundles in bundles, of which each
 * SA numbers for itself; packets that waited for an SA in a policy's queue;
 * flowtables; and what a daemon's socket sends under its own policy.
 *
 * A refused packet gives its number back if it is the last one taken, which
 * is certain under x->lock; else the number is never used. Either way the
 * packet is freed before it is encrypted. Its sender is told ENOBUFS, or where
 * segmentation was left to the device EHOSTUNREACH.
 *
 * Putting the tables in is done with x->lock held: a packet numbered later is
 * seen. One numbered before has a number that the SA had used by then.
 *
 * Lifetime. The copies hold a reference on the state, so that it is never
 * destroyed through them. Letting go waits twice for a grace period of tasks
 * (a sender may be preempted between the number and the method, and within the
 * method): once with the bound still in force, then the state gets its own
 * tables back, then once before the copies, and at the end the module's text,
 * may go. The work that does this is waited for when a namespace ends.
 */
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/xfrm.h>

#include "counters.h"
#include "group.h"
#include "netlink.h"
#include "netns.h"
#include "sa.h"
#include "strict.h"

#define LOOK_EVERY	HZ
#define WARN_EVERY	(60 * HZ)
#define FENCED_AFTER	(5 * HZ)	/* connected, and no word of the group */

/**
 * struct xha_strict - method tables of a bounded SA
 * @type: copy of @own with our output()
 * @offload: copy of @own_offload with our encap() and xmit()
 * @own: what the state had
 * @own_offload: what the state had, or NULL
 * @x: the state, one reference held
 * @xn: for kicking the sampler; outlives this, see xha_strict_flush()
 * @bound: highest number that may leave; U64_MAX: any
 * @due: from which number on the sampler is to look now; U64_MAX: none
 * @dropped: packets refused
 * @urgent: @due was reached
 * @leaving: in the list of those let go, under leaving_lock
 */
struct xha_strict {
	struct xfrm_type		type;
	struct xfrm_type_offload	offload;
	const struct xfrm_type		*own;
	const struct xfrm_type_offload	*own_offload;
	struct xfrm_state		*x;
	struct xha_net			*xn;
	atomic64_t			bound;
	atomic64_t			due;
	atomic64_t			dropped;
	bool				urgent;
	struct list_head		leaving;
};

static void let_go(struct work_struct *work);

static LIST_HEAD(leaving);
static DEFINE_SPINLOCK(leaving_lock);	/* leaving, and which state has copies */
static DECLARE_WORK(leaving_work, let_go);

/* --- the packets' side: any context --- */

static void ask(struct xha_strict *s)
{
	if ((u64)atomic64_xchg(&s->due, U64_MAX) == U64_MAX)
		return;
	WRITE_ONCE(s->urgent, true);
	xha_netns_kick(s->xn);
}

/* May a packet with @n numbers up to @last leave. */
static bool admit(struct xha_strict *s, u64 last, unsigned int n)
{
	if (last > (u64)atomic64_read(&s->bound)) {
		atomic64_add(n, &s->dropped);
		return false;
	}
	if (last >= (u64)atomic64_read(&s->due))
		ask(s);
	return true;
}

/* As if the packet had never come; it has @n numbers from @first on. */
static void take_back(struct xfrm_state *x, const struct sk_buff *skb,
		      u64 first, unsigned int n)
{
	spin_lock_bh(&x->lock);
	if (xha_sa_peek(x, true) == first + n - 1)
		xha_sa_put_oseq(x, first - 1);
	x->curlft.bytes -= skb->len;
	x->curlft.packets--;
	spin_unlock_bh(&x->lock);
}

static u64 number_of(const struct sk_buff *skb)
{
	return (u64)XFRM_SKB_CB(skb)->seq.output.hi << 32 |
	       XFRM_SKB_CB(skb)->seq.output.low;
}

static unsigned int numbers_of(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;
}

static int strict_output(struct xfrm_state *x, struct sk_buff *skb)
{
	const struct xfrm_type *type = READ_ONCE(x->type);
	struct xha_strict *s;
	u64 n;

	if (type->output != strict_output)	/* let go in this moment */
		return type->output(x, skb);
	s = container_of(type, struct xha_strict, type);
	n = number_of(skb);
	if (admit(s, n, 1))
		return s->own->output(x, skb);
	take_back(x, skb, n, 1);
	return -ENOBUFS;
}

/*
 * It cannot fail, and what it makes may wait in a queue until nobody here looks
 * at it any more. So what is refused gets no header: without the bundle it came
 * by, xfrm_output_one() finds no next step, and drops it.
 */
static void strict_encap(struct xfrm_state *x, struct sk_buff *skb)
{
	const struct xfrm_type_offload *type = READ_ONCE(x->type_offload);
	struct dst_entry *path;
	struct xha_strict *s;
	unsigned int n;
	u64 first;

	if (type->encap != strict_encap) {
		type->encap(x, skb);
		return;
	}
	s = container_of(type, struct xha_strict, offload);
	first = number_of(skb);
	n = numbers_of(skb);
	if (admit(s, first + n - 1, n)) {
		s->own_offload->encap(x, skb);
		return;
	}
	take_back(x, skb, first, n);
	path = dst_clone(xfrm_dst_path(skb_dst(skb)));
	skb_dst_drop(skb);
	skb_dst_set(skb, path);
}

static int strict_xmit(struct xfrm_state *x, struct sk_buff *skb,
		       netdev_features_t features)
{
	const struct xfrm_type_offload *type = READ_ONCE(x->type_offload);
	const struct xfrm_offload *xo = xfrm_offload(skb);
	struct xha_strict *s;
	unsigned int n;
	u64 first;

	if (type->xmit != strict_xmit)
		return type->xmit(x, skb, features);
	s = container_of(type, struct xha_strict, offload);
	first = (u64)xo->seq.hi << 32 | xo->seq.low;
	n = numbers_of(skb);
	if (!admit(s, first + n - 1, n))
		return -ENOBUFS;
	return s->own_offload->xmit(x, skb, features);
}

/* --- putting the copies in and out --- */

static struct xha_strict *copies_of(const struct xfrm_state *x)
{
	const struct xfrm_type *type = x->type;

	lockdep_assert_held(&leaving_lock);
	return type->output == strict_output ?
	       container_of(type, struct xha_strict, type) : NULL;
}

static void put_in(struct xha_strict *s, struct xfrm_state *x)
{
	s->x = x;
	s->own = x->type;
	s->type = *x->type;
	s->type.output = strict_output;
	s->own_offload = x->type_offload;
	if (s->own_offload) {
		s->offload = *s->own_offload;
		s->offload.encap = strict_encap;
		s->offload.xmit = strict_xmit;
	}
	xfrm_state_hold(x);
	spin_lock(&x->lock);
	WRITE_ONCE(x->type, &s->type);
	if (s->own_offload)
		WRITE_ONCE(x->type_offload, &s->offload);
	spin_unlock(&x->lock);
}

static void take_out(struct xha_strict *s)
{
	spin_lock(&s->x->lock);
	WRITE_ONCE(s->x->type, s->own);
	if (s->x->type_offload == &s->offload)
		WRITE_ONCE(s->x->type_offload, s->own_offload);
	spin_unlock(&s->x->lock);
}

static void attach(struct xha_sa *sa)
{
	struct xha_strict *new, *s;

	/* What cannot be bounded must not send, so this must not fail. */
	new = kzalloc(sizeof(*new), GFP_KERNEL | __GFP_NOFAIL);
	INIT_LIST_HEAD(&new->leaving);
	atomic64_set(&new->bound, U64_MAX);
	atomic64_set(&new->due, U64_MAX);
	new->xn = sa->rec.group->xn;
	spin_lock_bh(&leaving_lock);
	s = copies_of(sa->x);
	if (s) {	/* let go before, and not yet gone */
		list_del_init(&s->leaving);
		atomic64_set(&s->dropped, 0);
	} else {
		put_in(new, sa->x);
		sa->strict = new;
	}
	spin_unlock_bh(&leaving_lock);
	if (!s)
		return;
	sa->strict = s;
	kfree(new);
}

void xha_strict_detach(struct xha_sa *sa)
{
	struct xha_strict *s = sa->strict;

	if (!s)
		return;
	sa->strict = NULL;
	sa->rec.group->strict_dropped += atomic64_read(&s->dropped);
	spin_lock_bh(&leaving_lock);
	list_add_tail(&s->leaving, &leaving);
	spin_unlock_bh(&leaving_lock);
	queue_work(system_unbound_wq, &leaving_work);
}

static void let_go(struct work_struct *work)
{
	struct xha_strict *s, *tmp;
	LIST_HEAD(going);

	spin_lock_bh(&leaving_lock);
	list_splice_init(&leaving, &going);
	spin_unlock_bh(&leaving_lock);
	synchronize_rcu_tasks();

	/* Some may have been taken from our list meanwhile: attach(). */
	spin_lock_bh(&leaving_lock);
	list_for_each_entry(s, &going, leaving)
		take_out(s);
	spin_unlock_bh(&leaving_lock);
	synchronize_rcu_tasks();

	list_for_each_entry_safe(s, tmp, &going, leaving) {
		xfrm_state_put(s->x);
		kfree(s);
	}
}

void xha_strict_flush(void)
{
	flush_work(&leaving_work);
}

/* --- bounds --- */

static void set_bound(struct xha_sa *sa)
{
	struct xha_strict *s = sa->strict;
	u64 due = U64_MAX;

	if (!s)
		return;
	if (!sa->rec.group->bounded) {
		atomic64_set(&s->bound, U64_MAX);
	} else {
		atomic64_set(&s->bound, sa->floor);
		if (sa->floor != XHA_STRICT_NONE)
			due = sa->floor - min_t(u64, sa->floor, sa->lease / 2);
	}
	atomic64_set(&s->due, due);
}

static u64 floor_in(const struct list_head *dels, const struct xfrm_state *x)
{
	const struct xha_del *d;
	u64 floor = 0;

	list_for_each_entry(d, dels, list)
		if (d->spi == x->id.spi && d->proto == x->id.proto &&
		    d->floor != XHA_STRICT_NONE)
			floor = max(floor, d->floor);
	return floor;
}

/*
 * Daemons change an address or a port of an SA by deleting it and adding it
 * with the same keys and numbers, and XFRM_MSG_MIGRATE makes a copy. The peer
 * may start with what it still has of the old one. Where notes are missing any
 * SA with numbers may be such a one: it sends what the peer has acknowledged.
 */
void xha_strict_recall(struct xha_sa *sa)
{
	struct xha_group *g = sa->rec.group;
	u64 floor;

	lockdep_assert_held(&g->xn->lock);
	if (!g->bounded || !sa->outbound || !sa->seq)
		return;
	floor = max3(floor_in(&g->dels, sa->x), floor_in(&g->dels_sent, sa->x),
		     floor_in(&g->graves, sa->x));
	if (g->graves_lost)
		floor = max(floor, sa->seq);
	if (floor)
		sa->floor = floor;
}

void xha_strict_track(struct xha_sa *sa)
{
	lockdep_assert_held(&sa->rec.group->xn->lock);
	if (!sa->rec.group->bounded || !sa->outbound || !sa->rec.live || sa->strict)
		return;
	attach(sa);
	set_bound(sa);
}

static void tell(struct xha_group *g)
{
	xha_netlink_group_event(g, XFRM_HA_EVENT_STATE, XFRM_HA_CAUSE_NONE);
}

static void bind(struct xha_group *g)
{
	struct xha_rec *r;

	g->bounded = true;
	list_for_each_entry(r, &g->sas, list) {
		xha_strict_track(xha_rec_sa(r));
		cond_resched();
	}
	tell(g);
}

void xha_strict_bind(struct xha_group *g)
{
	lockdep_assert_held(&g->xn->lock);
	if (!g->strict || g->role != XFRM_HA_ROLE_ACTIVE ||
	    g->peer_state != XFRM_HA_STATE_STANDBY_HOT)
		return;
	g->bound_by = XHA_STRICT_TOLD;
	if (!g->bounded)
		bind(g);
}

/* A peer that is hot by this snapshot has what that says, and nothing older. */
static void raise_floors(struct xha_group *g)
{
	struct xha_rec *r;
	struct xha_sa *sa;

	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (sa->outbound && sa->floor != XHA_STRICT_NONE)
			sa->floor = max(sa->floor, sa->ceil_state);
	}
}

void xha_strict_bind_early(struct xha_group *g)
{
	lockdep_assert_held(&g->xn->lock);
	if (!g->strict || g->role != XFRM_HA_ROLE_ACTIVE ||
	    (g->bounded && g->bound_by == XHA_STRICT_TOLD))
		return;
	g->bound_by = XHA_STRICT_SENT;
	if (g->bounded)
		return;
	raise_floors(g);
	bind(g);
}

void xha_strict_settle(struct xha_group *g, bool received)
{
	lockdep_assert_held(&g->xn->lock);
	if (!g->bounded)
		return;
	if (g->bound_by == XHA_STRICT_SENT && received)
		g->bound_by = XHA_STRICT_RECEIVED;
	if (g->bound_by == XHA_STRICT_RECEIVED &&
	    g->peer_state == XFRM_HA_STATE_STANDBY_COLD)
		xha_strict_release(g, false);
}

void xha_strict_release(struct xha_group *g, bool forget)
{
	bool was = g->bounded;
	struct xha_rec *r;
	struct xha_sa *sa;

	lockdep_assert_held(&g->xn->lock);
	g->bounded = false;
	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		xha_counters_beyond(sa);
		if (forget)
			sa->floor = XHA_STRICT_NONE;
		set_bound(sa);
		xha_strict_detach(sa);
	}
	if (was)
		tell(g);
}

int xha_strict_fenced(struct xha_group *g, struct netlink_ext_ack *extack)
{
	const struct xha_session *s = &g->xn->session;

	/* What it has it says first, if need be twice. */
	if (xha_session_up(s) &&
	    (g->peer_role != XFRM_HA_ROLE_INIT ||
	     time_before(jiffies, s->state_since + FENCED_AFTER))) {
		NL_SET_ERR_MSG(extack, "the peer is connected and has it: it is not fenced");
		return -EBUSY;
	}
	xha_strict_release(g, true);
	return 0;
}

u64 xha_strict_offer(struct xha_sa *sa, u64 ceiling)
{
	u64 before = sa->floor;

	if (before == XHA_STRICT_NONE) {
		sa->floor = ceiling;
		set_bound(sa);
	}
	return before;
}

void xha_strict_withdraw(struct xha_sa *sa, u64 before)
{
	sa->floor = before;
	set_bound(sa);
}

void xha_strict_acked(struct xha_sa *sa, u64 ceiling)
{
	if (!sa->outbound)
		return;
	xha_counters_beyond(sa);
	if (sa->floor != XHA_STRICT_NONE && sa->floor >= ceiling)
		return;
	sa->floor = ceiling;
	set_bound(sa);
}

/* Up to its floor each number is this node's: there is no lease to clear. */
static void bound_staged(struct xha_group *g)
{
	struct xha_rec *r;
	struct xha_sa *sa;

	g->bounded = true;
	g->bound_by = XHA_STRICT_TOLD;
	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (sa->outbound && !r->live && sa->floor != XHA_STRICT_NONE)
			sa->ceil_acked = sa->seq;
	}
	tell(g);
}

void xha_strict_gave(struct xha_sa *sa)
{
	struct xha_group *g = sa->rec.group;

	lockdep_assert_held(&g->xn->lock);
	if (!g->bounded && g->strict)
		bound_staged(g);
	if (g->bounded)
		sa->floor = sa->seq;
}

/* The group is fenced: nothing is numbered until either comes about. */
void xha_strict_give(struct xha_group *g)
{
	struct xha_rec *r;

	list_for_each_entry(r, &g->sas, list)
		if (!r->reason[0] && xha_rec_sa(r)->outbound)
			xha_rec_sa(r)->floor = xha_rec_sa(r)->seq;
}

void xha_strict_keep(struct xha_group *g)
{
	struct xha_rec *r;
	struct xha_sa *sa;

	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (r->reason[0] || !sa->outbound)
			continue;
		sa->floor = max(sa->floor, sa->ceil_acked);
		set_bound(sa);
	}
}

bool xha_strict_urgent(struct xha_sa *sa)
{
	if (!sa->strict || !READ_ONCE(sa->strict->urgent))
		return false;
	WRITE_ONCE(sa->strict->urgent, false);
	return true;
}

u64 xha_strict_dropped(const struct xha_group *g)
{
	u64 sum = g->strict_dropped;
	const struct xha_rec *r;
	struct xha_strict *s;

	list_for_each_entry(r, &g->sas, list) {
		s = container_of(r, struct xha_sa, rec)->strict;
		if (s)
			sum += atomic64_read(&s->dropped);
	}
	return sum;
}

u32 xha_strict_stopped(const struct xha_group *g)
{
	const struct xha_sa *sa;
	const struct xha_rec *r;
	u32 n = 0;

	list_for_each_entry(r, &g->sas, list) {
		sa = container_of(r, struct xha_sa, rec);
		if (sa->strict &&
		    xha_sa_peek(sa->x, true) >= (u64)atomic64_read(&sa->strict->bound))
			n++;
	}
	return n;
}

void xha_strict_complain(struct xha_group *g)
{
	u64 dropped;

	if (!g->bounded || time_before(jiffies, g->strict_looked + LOOK_EVERY))
		return;
	g->strict_looked = jiffies;
	dropped = xha_strict_dropped(g);
	if (dropped == g->strict_told)
		return;
	if (!g->strict_told ||
	    time_after(jiffies, g->strict_warned + WARN_EVERY)) {
		pr_warn("xfrm_ha: group %s: strict: %llu packets dropped so far at what the peer has acknowledged\n",
			g->name, dropped);
		g->strict_warned = jiffies;
	}
	g->strict_told = dropped;
}
