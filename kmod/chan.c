// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel's state machine, see chan.h.
 *
 * Everything happens in one work item on an ordered workqueue: it is kicked
 * by the sockets' wait queues (chan_sock.c), by requests and by time, looks at
 * all there is, and sets its own next deadline.
 *
 *             dial / accept            first DATA of the peer
 *     (none) ---------------> trial ---------------------------> up
 *        ^                      |  not believed, no answer,       |
 *        |                      |  TRIAL_MS over                  | lost,
 *        +----------------------+                                 | reset,
 *        +--------------------------------------------------------+ displaced
 *
 * A trial becomes up with the first DATA chunk of the peer, which is the proof
 * that it has the key: usually its knock. Only then does it displace an older
 * association, whose peer must have lost it. So a listener goes on accepting
 * while it is up; a dialer has either a trial or an association.
 *
 * Locks: @lock keeps @up alive for senders of other contexts and is never held
 * during an up-call. Only the work item changes @up and @trial. The order is
 * @lock, socket lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": channel: " fmt

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "chan_guard.h"
#include "chan_protect.h"
#include "chan_sock.h"

#define REDIAL_MS	250	/* dialer, after a trial that failed */
#define REBIND_MS	500	/* local address absent, port in use, no memory */
#define ABSENT_MS	10000	/* a local address; then the other must do */
#define PENALTY_MS	1000	/* the peer misbehaved */
#define ROOM_MS		100	/* a sender waits, for want of memory perhaps */
#define TRIAL_MS	2000	/* to become up, beside the retransmissions */
#define BURST		64	/* messages before other work gets its turn */
#define PROBE_MS	1000	/* listener: see whether the way out is protected */
#define QUIET_MS	5000	/* without a refusal: the next one is a new burst */

/* One association, or the attempt at one. */
struct chan_conn {
	struct xha_chan_sock	s;
	struct xha_chan		*ch;
	unsigned long		deadline;	/* jiffies; while a trial */
};

/**
 * struct xha_chan - a channel
 * @net: namespace, no reference
 * @conf: what was configured; wiped at the end
 * @ops: up-calls
 * @ctx: for them
 * @stats: counters
 * @guard: drops packets of strangers
 * @wq: ordered; runs @work only
 * @work: chan_run(); delayed until the next deadline, or pending at once
 * @listener: has no socket while it cannot be bound; listening node only
 * @dialer: this node dials
 * @closing: the work item does nothing any more
 * @retry: jiffies; nothing is begun earlier
 * @begun: jiffies; when it was last looked at what is to begin
 * @room_at: jiffies; nobody is told of room earlier; senders write it
 * @remote: index of the remote address that is dialed next
 * @absent_since: jiffies when a local address was found absent, 0 if none is
 * @bind_err: last errno of making the local end, so that each is said once
 * @trial: association not known to be the peer's; the work item's own
 * @up: association in use; changed under @lock, by the work item
 * @lock: protects @up against senders
 * @reset_lock: protects @reset_why and @reset_penalty
 * @reset_why: not NULL: the association is to be aborted
 * @reset_penalty: and tried again later than usual
 * @refused_out: not NULL: a packet of ours was dropped since the last look,
 *	being not protected; written by the hooks
 * @refused_in: the same of the peer's packets
 * @refused_last: jiffies of the last look that found one, 0 if none yet
 * @probe: jiffies; when the listener looks at its way out next
 */
struct xha_chan {
	struct net			*net;
	struct xha_chan_conf		conf;
	const struct xha_chan_ops	*ops;
	void				*ctx;
	struct xha_chan_stats		stats;
	struct xha_chan_guard		guard;
	struct workqueue_struct		*wq;
	struct delayed_work		work;
	struct chan_conn		listener;
	bool				dialer;
	bool				closing;
	unsigned long			retry;
	unsigned long			begun;
	unsigned long			room_at;
	unsigned int			remote;
	unsigned long			absent_since;
	int				bind_err;
	struct chan_conn		*trial;
	struct chan_conn		*up;
	struct mutex			lock;	/* senders' @up */
	spinlock_t			reset_lock;	/* @reset_* */
	const char			*reset_why;
	bool				reset_penalty;
	const char			*refused_out;
	const char			*refused_in;
	unsigned long			refused_last;
	unsigned long			probe;
};

static void kick(struct xha_chan *ch)
{
	if (!READ_ONCE(ch->closing))
		mod_delayed_work(ch->wq, &ch->work, 0);
}

static void conn_wake(struct xha_chan_sock *s)
{
	kick(container_of(s, struct chan_conn, s)->ch);
}

static struct chan_conn *conn_new(struct xha_chan *ch)
{
	struct chan_conn *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (c) {
		c->ch = ch;
		c->deadline = jiffies + msecs_to_jiffies(TRIAL_MS) +
			      4 * msecs_to_jiffies(ch->conf.rto_max);
	}
	return c;
}

static void conn_free(struct chan_conn *c)
{
	if (!c)
		return;
	xha_chan_sock_close(&c->s);
	kfree_sensitive(c);
}

static void set_retry(struct xha_chan *ch, unsigned int ms)
{
	ch->retry = jiffies + msecs_to_jiffies(ms);
}

static void trial_drop(struct xha_chan *ch, const char *why)
{
	pr_debug("attempt given up: %s\n", why);
	conn_free(ch->trial);
	ch->trial = NULL;
	if (ch->dialer)
		set_retry(ch, REDIAL_MS);
	if (!ch->up)
		ch->ops->failed(ch->ctx, why);
}

static void up_drop(struct xha_chan *ch, const char *why)
{
	struct chan_conn *c = ch->up;

	mutex_lock(&ch->lock);
	ch->up = NULL;
	mutex_unlock(&ch->lock);
	conn_free(c);
	if (ch->dialer)
		set_retry(ch, REDIAL_MS);
	ch->ops->down(ch->ctx, why);
}

/* The trial's peer has shown that it has the key. */
static void trial_promote(struct xha_chan *ch)
{
	struct chan_conn *c = ch->trial;

	if (ch->up)
		up_drop(ch, "displaced by a new association of the peer");

	/* A request to reset was meant for an older association. */
	spin_lock(&ch->reset_lock);
	WRITE_ONCE(ch->reset_why, NULL);
	ch->reset_penalty = false;
	spin_unlock(&ch->reset_lock);

	ch->trial = NULL;
	mutex_lock(&ch->lock);
	ch->up = c;
	mutex_unlock(&ch->lock);
	ch->ops->up(ch->ctx, ch->dialer);
}

/* SCTP established the trial: is it the peer's? Then show it our key. */
static const char *trial_established(struct xha_chan *ch)
{
	struct chan_conn *c = ch->trial;
	static const u8 knock[4];
	bool stranger = false;
	const char *why;

	why = xha_chan_sock_believe(&c->s, &ch->conf, &stranger);
	if (stranger) {
		atomic64_inc(&ch->stats.strangers);
		pr_warn_ratelimited("association refused: %s\n", why);
	} else if (why) {
		pr_debug("association refused: %s\n", why);
	}
	if (!why && xha_chan_sock_send(&c->s, XHA_CHAN_PPID_KNOCK, 0, knock,
				       sizeof(knock), false))
		why = "association lost at once";
	return why;
}

/* A message of a believed association: proof of the key, and perhaps a frame. */
static void conn_deliver(struct xha_chan *ch, struct chan_conn *c, int got)
{
	if (c == ch->trial)
		trial_promote(ch);

	if (got == XHA_CHAN_GOT_OVERSIZED)
		atomic64_inc(&ch->stats.oversized);
	if (got != XHA_CHAN_GOT_FRAME)
		return;
	atomic64_inc(&ch->stats.rx_frames);
	atomic64_add(c->s.got, &ch->stats.rx_bytes);
	if (!READ_ONCE(ch->reset_why))
		ch->ops->rx(ch->ctx, c->s.stream, c->s.buf, c->s.got);
	memzero_explicit(c->s.buf, c->s.got);
}

/*
 * Read a burst. Returns true when more is waiting. @c is gone afterwards where
 * it was lost, or reset by an up-call.
 */
static bool conn_read(struct xha_chan *ch, struct chan_conn *c)
{
	bool idle = false;
	int budget = BURST;
	const char *why;
	int got;

	while (budget) {
		if (READ_ONCE(ch->reset_why) && c == ch->up)
			return true;
		got = xha_chan_sock_recv(&c->s);
		switch (got) {
		case -EAGAIN:
			if (idle && c == ch->up)
				ch->ops->idle(ch->ctx);
			return false;
		case XHA_CHAN_GOT_FRAGMENT:
			continue;
		case XHA_CHAN_GOT_UP:
			why = c == ch->trial ? trial_established(ch) :
					       "association was replaced";
			if (!why)
				continue;
			break;
		case XHA_CHAN_GOT_LOST:
			why = c->s.lost;
			break;
		default:
			conn_deliver(ch, c, got);
			idle |= got == XHA_CHAN_GOT_FRAME;
			budget--;
			continue;
		}
		if (c == ch->up)
			up_drop(ch, why);
		else
			trial_drop(ch, why);
		return true;
	}
	return true;
}

/*
 * Bind to all addresses; for some time only to all, since an association has
 * the addresses that it began with, and interfaces come up one after another.
 */
static int bind_all(struct xha_chan *ch, struct xha_chan_sock *s)
{
	int err = xha_chan_sock_bind(s, &ch->conf);

	if (err <= 0) {
		if (!err)
			ch->absent_since = 0;
		return err;
	}
	if (!ch->absent_since)
		ch->absent_since = jiffies ?: 1;
	if (time_before(jiffies, ch->absent_since + msecs_to_jiffies(ABSENT_MS)))
		return -EADDRNOTAVAIL;
	return 0;
}

/* Make the local end: the listener, or a socket to dial from. */
static int local_end(struct xha_chan *ch, struct xha_chan_sock *s)
{
	int err = xha_chan_sock_open(s, ch->net, &ch->conf);

	if (!err)
		err = bind_all(ch, s);
	if (!err && !ch->dialer)
		err = kernel_listen(s->sock, 4);
	if (err) {
		xha_chan_sock_close(s);
		if (err != ch->bind_err)
			pr_warn("cannot bind (error %d), trying on\n", err);
		set_retry(ch, REBIND_MS);
	} else if (ch->bind_err) {
		pr_info("bound\n");
	}
	ch->bind_err = err;
	return err;
}

static void dial(struct xha_chan *ch)
{
	struct chan_conn *c = conn_new(ch);
	unsigned int n;

	if (!c) {
		set_retry(ch, REBIND_MS);
		return;
	}
	if (local_end(ch, &c->s)) {
		conn_free(c);
		return;
	}
	n = ch->remote++ % ch->conf.n_remote;
	if (xha_chan_sock_dial(&c->s, &ch->conf, n)) {
		conn_free(c);
		set_retry(ch, REDIAL_MS);
		return;
	}
	ch->trial = c;
	xha_chan_sock_watch(&c->s, conn_wake);
}

/*
 * Of several that wait the last one is tried: a peer has one association, so
 * the older ones are dead or never were the peer's.
 */
static void accept_all(struct xha_chan *ch)
{
	struct chan_conn *c;
	int err;

	for (;;) {
		c = conn_new(ch);
		err = c ? xha_chan_sock_accept(&c->s, ch->listener.s.sock) : -ENOMEM;
		if (err)
			break;
		if (ch->trial)
			trial_drop(ch, "displaced by another attempt");
		ch->trial = c;
		xha_chan_sock_watch(&c->s, conn_wake);
	}
	conn_free(c);
	if (err == -EAGAIN)
		return;
	/* A listener in a state it cannot leave is replaced. */
	if (err != -ENOMEM)
		xha_chan_sock_close(&ch->listener.s);
	set_retry(ch, REBIND_MS);
}

static void begin(struct xha_chan *ch)
{
	ch->begun = jiffies;
	if (time_before(ch->begun, ch->retry))
		return;
	if (ch->dialer) {
		if (!ch->up && !ch->trial)
			dial(ch);
		return;
	}
	if (!ch->listener.s.sock) {
		if (local_end(ch, &ch->listener.s))
			return;
		xha_chan_sock_watch(&ch->listener.s, conn_wake);
	}
	accept_all(ch);
}

static void do_reset(struct xha_chan *ch)
{
	const char *why;
	bool penalty;

	spin_lock(&ch->reset_lock);
	why = ch->reset_why;
	penalty = ch->reset_penalty;
	spin_unlock(&ch->reset_lock);
	if (!why)
		return;

	if (ch->up)
		up_drop(ch, why);
	if (penalty)
		set_retry(ch, PENALTY_MS);

	/* Asked again meanwhile: there is nothing left to reset. */
	spin_lock(&ch->reset_lock);
	WRITE_ONCE(ch->reset_why, NULL);
	ch->reset_penalty = false;
	spin_unlock(&ch->reset_lock);
}

static bool refused_lately(const struct xha_chan *ch)
{
	return ch->refused_last &&
	       time_before(jiffies, ch->refused_last + msecs_to_jiffies(QUIET_MS));
}

static void say_refused(struct xha_chan *ch, const char *why)
{
	if (!refused_lately(ch))
		pr_warn("packets dropped: %s\n", why);
	ch->refused_last = jiffies ?: 1;
}

/*
 * A packet of ours that was not protected ends the association, as all others
 * would share its fate. One of the peer's address does not: anybody can send
 * such a packet.
 */
static void do_refused(struct xha_chan *ch)
{
	const char *out = xchg(&ch->refused_out, NULL);
	const char *in = xchg(&ch->refused_in, NULL);

	if (!out && !in)
		return;
	say_refused(ch, out ?: in);
	if (out && ch->up)
		up_drop(ch, out);
	if (out && ch->trial)
		trial_drop(ch, out);
	else if (!ch->up)
		ch->ops->failed(ch->ctx, out ?: in);
}

static bool probes(const struct xha_chan *ch)
{
	return !ch->dialer && !ch->up && !ch->trial &&
	       ch->conf.security != XFRM_HA_SECURITY_NONE;
}

/* A listener sends nothing by itself, so the hooks cannot tell what is wrong. */
static void do_probe(struct xha_chan *ch)
{
	const char *why;

	if (!probes(ch) || time_before(jiffies, ch->probe))
		return;
	ch->probe = jiffies + msecs_to_jiffies(PROBE_MS);
	if (refused_lately(ch))
		return;
	why = xha_chan_protect_probe(ch->net, &ch->conf);
	ch->ops->failed(ch->ctx, why ?: "the peer has not dialed");
}

/* From the hooks; any context. */
static void guard_refused(struct xha_chan_guard *g, const char *why, bool out)
{
	struct xha_chan *ch = container_of(g, struct xha_chan, guard);

	/* The first one counts: kicked for it already. */
	if (!cmpxchg(out ? &ch->refused_out : &ch->refused_in, NULL, why))
		kick(ch);
}

static void tell_room(struct xha_chan *ch)
{
	struct chan_conn *c = ch->up;

	if (c && atomic_read(&c->s.want_room) && xha_chan_sock_has_room(&c->s) &&
	    !time_before(jiffies, READ_ONCE(ch->room_at))) {
		/* Cleared first: the sender may fail again in the up-call. */
		atomic_set(&c->s.want_room, 0);
		ch->ops->writable(ch->ctx);
	}
}

/* Jiffies until there is something to do without being kicked. */
static unsigned long next_deadline(const struct xha_chan *ch)
{
	unsigned long next = MAX_JIFFY_OFFSET;
	unsigned long now = jiffies;

	if (ch->trial)
		next = time_after(ch->trial->deadline, now) ?
		       ch->trial->deadline - now : 0;
	/* That time may have come since: then begin() is owed at once. */
	if (time_before(ch->begun, ch->retry))
		next = min(next, time_before(now, ch->retry) ? ch->retry - now : 0);
	if (probes(ch))
		next = min(next, time_after(ch->probe, now) ? ch->probe - now : 0);
	if (ch->up && atomic_read(&ch->up->s.want_room))
		next = min(next, msecs_to_jiffies(ROOM_MS));
	return next;
}

static void chan_run(struct work_struct *work)
{
	struct xha_chan *ch = container_of(to_delayed_work(work),
					   struct xha_chan, work);
	unsigned long next;
	bool more = false;

	if (READ_ONCE(ch->closing))
		return;

	do_reset(ch);
	do_refused(ch);
	begin(ch);
	if (ch->up)
		more |= conn_read(ch, ch->up);
	if (ch->trial)
		more |= conn_read(ch, ch->trial);
	if (ch->trial && time_after_eq(jiffies, ch->trial->deadline)) {
		trial_drop(ch, "peer did not prove that it has the key");
		more = true;
	}
	do_probe(ch);
	tell_room(ch);

	next = more ? 0 : next_deadline(ch);
	/* A kick since then has queued it already: that stays. */
	if (next != MAX_JIFFY_OFFSET && !READ_ONCE(ch->closing))
		queue_delayed_work(ch->wq, &ch->work, next);
}

/* The node with the lower (address, port) listens: both see the same order. */
static bool dials(const struct xha_chan_conf *conf)
{
	const struct xha_ip *l = &conf->local[0], *r = &conf->remote[0];
	int cmp = l->family - r->family;

	if (!cmp)
		cmp = memcmp(&l->a, &r->a, l->family == AF_INET ?
			     sizeof(l->a.a4) : sizeof(l->a.in6));
	if (!cmp)
		cmp = conf->local_port - conf->remote_port;
	return cmp > 0;
}

static struct xha_chan *chan_new(struct net *net, const struct xha_chan_conf *conf,
				 const struct xha_chan_ops *ops, void *ctx)
{
	struct xha_chan *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

	if (!ch)
		return NULL;
	/* Not a rescuer: no memory is reclaimed by way of the channel. */
	ch->wq = alloc_ordered_workqueue("xha_chan", 0);
	if (!ch->wq) {
		kfree(ch);
		return NULL;
	}
	ch->net = net;
	ch->conf = *conf;
	ch->ops = ops;
	ch->ctx = ctx;
	ch->dialer = dials(conf);
	ch->retry = jiffies;
	ch->begun = jiffies;
	ch->room_at = jiffies;
	ch->probe = jiffies;
	ch->listener.ch = ch;
	mutex_init(&ch->lock);
	spin_lock_init(&ch->reset_lock);
	INIT_DELAYED_WORK(&ch->work, chan_run);
	return ch;
}

static void chan_free(struct xha_chan *ch)
{
	destroy_workqueue(ch->wq);
	kfree_sensitive(ch);
}

/* SCTP and all options are there? A socket is made and thrown away. */
static int probe(struct net *net, const struct xha_chan_conf *conf)
{
	struct chan_conn *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;
	err = xha_chan_sock_open(&c->s, net, conf);
	conn_free(c);
	return err;
}

struct xha_chan *xha_chan_open(struct net *net, const struct xha_chan_conf *conf,
			       const struct xha_chan_ops *ops, void *ctx,
			       struct netlink_ext_ack *extack)
{
	struct xha_chan *ch;
	int err;

	err = probe(net, conf);
	if (err) {
		if (err == -EPROTONOSUPPORT)
			NL_SET_ERR_MSG(extack, "this kernel has no SCTP with SCTP-AUTH");
		return ERR_PTR(err);
	}
	ch = chan_new(net, conf, ops, ctx);
	if (!ch)
		return ERR_PTR(-ENOMEM);
	err = xha_chan_guard_start(&ch->guard, net, &ch->conf, &ch->stats,
				   guard_refused);
	if (err) {
		NL_SET_ERR_MSG(extack, "cannot register the channel's netfilter hooks");
		chan_free(ch);
		return ERR_PTR(err);
	}
	kick(ch);
	return ch;
}

void xha_chan_close(struct xha_chan *ch)
{
	/* The work item ends with its present up-call and stays idle. */
	WRITE_ONCE(ch->closing, true);
	cancel_delayed_work_sync(&ch->work);

	/* Their aborts still pass the guard. */
	conn_free(ch->trial);
	conn_free(ch->up);
	xha_chan_sock_close(&ch->listener.s);
	xha_chan_guard_stop(&ch->guard);

	/* Without sockets and hooks there is no one left who kicks. */
	cancel_delayed_work_sync(&ch->work);
	chan_free(ch);
}

int xha_chan_send(struct xha_chan *ch, u16 stream, const u8 *buf, size_t len,
		  bool more)
{
	struct xha_chan_sock *s;
	int err = -ENOTCONN;

	if (!len || len > XHA_CHAN_FRAME_MAX || stream >= XHA_CHAN_STREAMS)
		return -EMSGSIZE;

	mutex_lock(&ch->lock);
	if (!ch->up || READ_ONCE(ch->reset_why))
		goto unlock;
	s = &ch->up->s;
	err = xha_chan_sock_send(s, XHA_CHAN_PPID_FRAME, stream, buf, len,
				 more);
	if (err == -EAGAIN) {
		/* Then once more, or room that came meanwhile would be missed. */
		atomic_set(&s->want_room, 1);
		err = xha_chan_sock_send(s, XHA_CHAN_PPID_FRAME, stream, buf,
					 len, more);
	}
	/*
	 * That others wait stays true when the second try has succeeded. Who
	 * finds room and yet cannot send wants memory: nobody tells of that.
	 */
	if (err == -EAGAIN) {
		if (xha_chan_sock_has_room(s))
			WRITE_ONCE(ch->room_at, jiffies + msecs_to_jiffies(ROOM_MS));
		kick(ch);
	}
	if (!err) {
		atomic64_inc(&ch->stats.tx_frames);
		atomic64_add(len, &ch->stats.tx_bytes);
	}
unlock:
	mutex_unlock(&ch->lock);
	return err;
}

void xha_chan_reset(struct xha_chan *ch, const char *why, bool penalty)
{
	spin_lock(&ch->reset_lock);
	if (!ch->reset_why)
		WRITE_ONCE(ch->reset_why, why);
	ch->reset_penalty |= penalty;
	spin_unlock(&ch->reset_lock);
	kick(ch);
}

void xha_chan_heard(struct xha_chan *ch, unsigned long *heard)
{
	mutex_lock(&ch->lock);
	if (ch->up)
		*heard = READ_ONCE(ch->up->s.arrived);
	mutex_unlock(&ch->lock);
}

const struct xha_chan_stats *xha_chan_stats(const struct xha_chan *ch)
{
	return &ch->stats;
}
