// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "log.h"
#include "role.h"
#include "vrrp.h"
#include "vrrp_trace.h"
#include "xha_util.h"

/* What the group may move for. */
#define CUES	(VRRP_ACT_LOSE_MASTER | VRRP_ACT_WAIT_SKEW | VRRP_ACT_PREEMPT)

/**
 * vrrp_mcast - the address that advertisements of an instance go to
 * @v: the instance
 *
 * Return: 224.0.0.18 or ff02::12, by the family of its virtual addresses.
 */
struct xha_addr vrrp_mcast(const struct vrrp *v)
{
	struct xha_addr addr;

	xha_addr_parse(v->conf->vips[0].addr.len == 4 ? "224.0.0.18" :
		       "ff02::12", &addr);
	return addr;
}

/* Those of another family than the first are not advertised. */
static bool advertised(const struct vrrp *v, unsigned int i)
{
	return v->conf->vips[i].addr.len == v->conf->vips[0].addr.len;
}

static void send_advert(struct vrrp *v, __u8 priority)
{
	const struct xha_conf_standby *conf = v->conf;
	struct vrrp_msg msg = {
		.version = conf->vrrp.version,
		.vrid = conf->number,
		.priority = priority,
		.auth_type = conf->vrrp.has_auth ? VRRP_AUTH_TEXT :
						   VRRP_AUTH_NONE,
		.interval_ms = conf->hello_ms,
		.pseudo = conf->vrrp.pseudo,
	};
	struct vrrp_path path = {
		.src = v->elect.addr,
		.dst = vrrp_mcast(v),
	};
	__u8 buf[VRRP_PKT_MAX];
	unsigned int i;
	int len, err;

	memcpy(msg.auth, conf->vrrp.auth, sizeof(msg.auth));
	for (i = 0; i < conf->n_vips; i++)
		if (advertised(v, i))
			msg.addrs[msg.n_addrs++] = conf->vips[i].addr;
	len = vrrp_pkt_encode(&msg, &path, buf, sizeof(buf));
	err = len < 0 ? len : v->io->send(v, buf, len);
	if (err)
		v->send_failed++;
	else
		v->sent++;
	vrrp_trace_sent(v, &msg, err);
	v->sent_us = xha_log_now_us();
}

/* The advertisement being looked at. */
struct heard {
	struct xha_addr src;
	__u8 priority;
	__u32 interval_ms;
};

static void note(struct vrrp_router *r, const struct heard *heard)
{
	r->known = true;
	r->addr = heard->src;
	r->priority = heard->priority;
	r->interval_ms = heard->interval_ms;
	r->heard_us = xha_log_now_us();
}

static void wait_master(struct vrrp *v, __u32 us)
{
	v->wait_us = us;
	v->master_wait = true;
	v->io->arm(v, VRRP_TIMER_MASTER, us);
}

static __u32 master_down_us(const struct vrrp *v)
{
	return vrrp_fsm_master_down_us(v->conf->vrrp.version,
				       v->elect.priority, v->interval_ms);
}

static void forget_delay(struct vrrp *v)
{
	v->delay_begun = false;
	v->delay_over = false;
	v->delay_us = 0;
	v->io->disarm(v, VRRP_TIMER_PREEMPT);
}

static void forget_master(struct vrrp *v)
{
	memset(&v->master, 0, sizeof(v->master));
	forget_delay(v);
	v->preempting = false;
}

static void do_resign(struct vrrp *v, const struct heard *heard)
{
	send_advert(v, VRRP_PRIORITY_RESIGN);
}

/* In version 2 it is the same: other intervals are refused. */
static void do_learn(struct vrrp *v, const struct heard *heard)
{
	if (heard)
		v->interval_ms = heard->interval_ms;
}

static void do_note_master(struct vrrp *v, const struct heard *heard)
{
	if (!heard)
		return;
	note(&v->master, heard);
	wait_master(v, master_down_us(v));
}

static void do_wait_master(struct vrrp *v, const struct heard *heard)
{
	forget_master(v);
	v->interval_ms = v->conf->hello_ms;
	wait_master(v, master_down_us(v));
}

static void do_wait_skew(struct vrrp *v, const struct heard *heard)
{
	forget_master(v);
	wait_master(v, vrrp_fsm_skew_us(v->conf->vrrp.version,
					v->elect.priority, v->interval_ms));
}

static void do_lose_master(struct vrrp *v, const struct heard *heard)
{
	forget_master(v);
	v->master_wait = false;
	v->io->disarm(v, VRRP_TIMER_MASTER);
}

static void do_advert_on(struct vrrp *v, const struct heard *heard)
{
	send_advert(v, v->elect.priority);
	v->io->arm(v, VRRP_TIMER_ADVERT, v->conf->hello_ms * 1000);
}

static void do_advert_off(struct vrrp *v, const struct heard *heard)
{
	v->io->disarm(v, VRRP_TIMER_ADVERT);
}

/* Who floods this node shall not make it flood the LAN. */
static void do_assert(struct vrrp *v, const struct heard *heard)
{
	if (xha_log_now_us() - v->sent_us >= v->conf->hello_ms * 100ULL)
		do_advert_on(v, heard);
}

static void do_claim(struct vrrp *v, const struct heard *heard)
{
	xha_role_kick(v->elect.role);
}

static void do_preempt(struct vrrp *v, const struct heard *heard)
{
	__u32 delay_ms = v->conf->vrrp.preempt_delay_ms;

	if (delay_ms && !v->delay_begun) {
		v->delay_begun = true;
		v->delay_us = xha_log_now_us() + delay_ms * 1000ULL;
		v->io->arm(v, VRRP_TIMER_PREEMPT, delay_ms * 1000);
	}
	v->preempting = !delay_ms || v->delay_over;
	if (v->preempting)
		xha_role_kick(v->elect.role);
}

static void do_yield(struct vrrp *v, const struct heard *heard)
{
	if (!heard)
		return;
	note(&v->rival, heard);
	xha_role_rival(v->elect.role, &v->elect, heard->src);
}

static const struct {
	enum vrrp_action action;
	void (*fn)(struct vrrp *v, const struct heard *heard);
} actions[] = {
	{ VRRP_ACT_RESIGN,	do_resign },
	{ VRRP_ACT_LEARN,	do_learn },
	{ VRRP_ACT_NOTE_MASTER,	do_note_master },
	{ VRRP_ACT_WAIT_MASTER,	do_wait_master },
	{ VRRP_ACT_WAIT_SKEW,	do_wait_skew },
	{ VRRP_ACT_LOSE_MASTER,	do_lose_master },
	{ VRRP_ACT_ADVERT_ON,	do_advert_on },
	{ VRRP_ACT_ADVERT_OFF,	do_advert_off },
	{ VRRP_ACT_ASSERT,	do_assert },
	{ VRRP_ACT_CLAIM,	do_claim },
	{ VRRP_ACT_PREEMPT,	do_preempt },
	{ VRRP_ACT_YIELD,	do_yield },
};

static bool by_group(enum vrrp_event event)
{
	return event == VRRP_EV_UP || event == VRRP_EV_DOWN ||
	       event == VRRP_EV_GRANT || event == VRRP_EV_RELEASE ||
	       event == VRRP_EV_CONCEDE;
}

/* What happened; where the group decided, why it did. */
static struct xha_cause cause_of(const struct vrrp *v, enum vrrp_event event,
				 const struct heard *heard)
{
	struct xha_cause cause = { .words = vrrp_fsm_event_name(event) };

	switch (event) {
	case VRRP_EV_DOWN:
	case VRRP_EV_GRANT:
	case VRRP_EV_RELEASE:
	case VRRP_EV_CONCEDE:
		if (*v->elect.role->cause)
			cause.words = v->elect.role->cause;
		break;
	case VRRP_EV_SILENT:
		if (!v->master.known)
			cause.words = "no master heard";
		cause.from = v->master.addr;
		cause.priority = v->master.priority;
		break;
	default:
		if (heard) {
			cause.from = heard->src;
			cause.priority = heard->priority;
		}
		break;
	}
	return cause;
}

static void change(struct vrrp *v, enum vrrp_state next,
		   const struct xha_cause *cause)
{
	const char *from = vrrp_fsm_state_name(v->state);
	const char *to = vrrp_fsm_state_name(next);
	char text[XHA_CAUSE_LEN];

	xha_log_info("vrrp %s: %s -> %s on %s (%s)", v->conf->name, from, to,
		     v->elect.ifname,
		     xha_cause_format(cause, text, sizeof(text)));
	xha_change_elect(&v->elect, from, to, cause);
	v->changes++;
	v->changed_us = xha_log_now_us();
	memset(&v->rival, 0, sizeof(v->rival));
}

static void run(struct vrrp *v, enum vrrp_event event,
		const struct heard *heard)
{
	struct vrrp_step step = vrrp_fsm_step(v->state, event);
	struct xha_cause cause = cause_of(v, event, heard);
	size_t i;

	if (step.next != v->state)
		change(v, step.next, &cause);
	/* That the wait after a resign is over tells nothing new. */
	if (by_group(event))
		memset(&v->elect.cue, 0, sizeof(v->elect.cue));
	else if ((step.actions & CUES) &&
		 (event != VRRP_EV_SILENT || v->master.known ||
		  !v->elect.cue.words))
		v->elect.cue = cause;
	v->state = step.next;
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (step.actions & actions[i].action)
			actions[i].fn(v, heard);
}

static struct vrrp *vrrp_of(const struct xha_elect *e)
{
	return (struct vrrp *)e;
}

static void elect_start(struct xha_elect *e)
{
	struct vrrp *v = vrrp_of(e);
	int err;

	if (e->running)
		return;
	err = v->io->open(v);
	if (err) {
		xha_log_err("vrrp %s: cannot open VRRP on %s: %s",
			    v->conf->name, e->ifname, strerror(-err));
		return;
	}
	e->running = true;
	run(v, VRRP_EV_UP, NULL);
}

static void elect_stop(struct xha_elect *e)
{
	struct vrrp *v = vrrp_of(e);

	if (!e->running)
		return;
	run(v, VRRP_EV_DOWN, NULL);
	e->running = false;
	v->io->close(v);
}

/* The first advertisement is all the coup that VRRP has. */
static void elect_grant(struct xha_elect *e, bool coup)
{
	struct vrrp *v = vrrp_of(e);

	if (!e->running)
		return;
	v->interval_ms = v->conf->hello_ms;
	run(v, VRRP_EV_GRANT, NULL);
}

/* To resign before one who is master already would only disturb it. */
static void elect_release(struct xha_elect *e)
{
	struct vrrp *v = vrrp_of(e);
	struct heard heard = {
		.src = v->rival.addr,
		.priority = v->rival.priority,
		.interval_ms = v->rival.interval_ms,
	};
	bool concede = v->rival.known &&
		       xha_log_now_us() - v->rival.heard_us <
		       3000ULL * v->rival.interval_ms;

	if (e->running)
		run(v, concede ? VRRP_EV_CONCEDE : VRRP_EV_RELEASE,
		    concede ? &heard : NULL);
}

static bool elect_silent(const struct xha_elect *e)
{
	return e->running && !vrrp_of(e)->master_wait;
}

static bool elect_claims(const struct xha_elect *e)
{
	return elect_silent(e) && vrrp_of(e)->state == VRRP_STATE_BACKUP;
}

static bool elect_preempts(const struct xha_elect *e)
{
	const struct vrrp *v = vrrp_of(e);

	return e->running && v->master.known && v->preempting;
}

/* A backup says nothing; the next advertisement it hears starts its timer. */
static void elect_prioritize(struct xha_elect *e, unsigned int priority)
{
	struct vrrp *v = vrrp_of(e);

	e->priority = priority;
	v->preempting = false;
	if (v->state == VRRP_STATE_MASTER)
		do_advert_on(v, NULL);
}

static const struct xha_elect_ops vrrp_elect_ops = {
	.start		= elect_start,
	.stop		= elect_stop,
	.grant		= elect_grant,
	.release	= elect_release,
	.silent		= elect_silent,
	.claims		= elect_claims,
	.preempts	= elect_preempts,
	.prioritize	= elect_prioritize,
};

/**
 * vrrp_init - make an instance, in state Initial
 * @v: the instance
 * @conf: its configuration, which must outlive it
 * @io: packets and time
 * @role: the group it belongs to
 */
void vrrp_init(struct vrrp *v, const struct xha_conf_standby *conf,
	       const struct vrrp_io_ops *io, struct xha_role *role)
{
	memset(v, 0, sizeof(*v));
	v->elect.ops = &vrrp_elect_ops;
	v->elect.role = role;
	v->elect.conf = conf;
	v->elect.ifname = conf->interface;
	v->elect.priority = conf->priority;
	v->io = io;
	v->conf = conf;
	v->state = VRRP_STATE_INITIAL;
	v->interval_ms = conf->hello_ms;
	v->changed_us = xha_log_now_us();
}

/**
 * vrrp_join - make an instance known to the others of this node
 * @all: head of the list of all
 * @v: the instance; it stays for good
 */
void vrrp_join(struct vrrp **all, struct vrrp *v)
{
	struct vrrp **at = all;

	while (*at)
		at = &(*at)->next;
	*at = v;
	v->all = all;
}

/**
 * vrrp_shared - whether two instances hear the same packets
 * @a: an instance
 * @b: another one, or the same
 *
 * Return: true if interface and IP version are the same.
 */
bool vrrp_shared(const struct vrrp *a, const struct vrrp *b)
{
	return a->conf->vips[0].addr.len == b->conf->vips[0].addr.len &&
	       !strcmp(a->elect.ifname, b->elect.ifname);
}

/* Virtual routers of this node on one interface hear each other's packets. */
static bool for_another(const struct vrrp *v, const struct vrrp_msg *msg)
{
	const struct vrrp *o;

	for (o = v->all ? *v->all : NULL; o; o = o->next)
		if (o != v && o->conf->number == msg->vrid && vrrp_shared(o, v))
			return true;
	return false;
}

static void refuse(struct vrrp *v, enum vrrp_bad bad,
		   const struct xha_addr *src)
{
	char text[XHA_ADDR_STRLEN];

	v->bad[bad]++;
	if (xha_log_new_burst(&v->bad_logged_us[bad]))
		xha_log_warn("vrrp %s: refused VRRP packets from %s on %s: %s",
			     v->conf->name,
			     xha_addr_format(src, text, sizeof(text)),
			     v->elect.ifname, vrrp_pkt_bad_name(bad));
}

static bool has_addr(const struct vrrp_msg *msg, const struct xha_addr *addr)
{
	unsigned int i;

	for (i = 0; i < msg->n_addrs; i++)
		if (xha_addr_equal(&msg->addrs[i], addr))
			return true;
	return false;
}

/* In any order, as keepalived sends them in its own. */
static bool same_vips(const struct vrrp *v, const struct vrrp_msg *msg)
{
	unsigned int i, n = 0;

	for (i = 0; i < v->conf->n_vips; i++) {
		if (!advertised(v, i))
			continue;
		if (!has_addr(msg, &v->conf->vips[i].addr))
			return false;
		n++;
	}
	return msg->n_addrs == n;
}

/* RFC 3768, 7.1, of version 2 only. */
static enum vrrp_bad check_v2(const struct vrrp *v, const struct vrrp_msg *msg)
{
	const struct xha_conf_vrrp *conf = &v->conf->vrrp;

	if (msg->auth_type != (conf->has_auth ? VRRP_AUTH_TEXT :
						VRRP_AUTH_NONE))
		return VRRP_BAD_AUTH_TYPE;
	if (conf->has_auth && memcmp(msg->auth, conf->auth, sizeof(conf->auth)))
		return VRRP_BAD_AUTH;
	if (msg->interval_ms != v->conf->hello_ms)
		return VRRP_BAD_INTERVAL;
	if (msg->priority != VRRP_PRIORITY_OWNER && !same_vips(v, msg))
		return VRRP_BAD_VIPS;
	return VRRP_BAD_NONE;
}

static enum vrrp_bad check(const struct vrrp *v, const struct vrrp_msg *msg,
			   const struct xha_addr *src)
{
	if (msg->vrid != v->conf->number)
		return VRRP_BAD_VRID;
	if (msg->version != v->conf->vrrp.version)
		return VRRP_BAD_VERSION;
	if (xha_addr_equal(src, &v->elect.addr))
		return VRRP_BAD_SOURCE;
	return msg->version == 2 ? check_v2(v, msg) : VRRP_BAD_NONE;
}

/* Version 3 only tells of this (RFC 5798, 7.1). */
static void look_at_vips(struct vrrp *v, const struct vrrp_msg *msg,
			 const struct xha_addr *src)
{
	char text[XHA_ADDR_STRLEN];

	if (same_vips(v, msg))
		return;
	v->vips_differ++;
	if (xha_log_new_burst(&v->vips_logged_us))
		xha_log_warn("vrrp %s: %s on %s has other virtual addresses",
			     v->conf->name,
			     xha_addr_format(src, text, sizeof(text)),
			     v->elect.ifname);
}

static enum vrrp_event rank(const struct vrrp *v, const struct heard *heard)
{
	int diff = heard->priority - (int)v->elect.priority;
	const struct xha_addr *own = &v->elect.addr;

	/* A backup that is equal leaves the master in peace. */
	if (!diff && v->state == VRRP_STATE_MASTER)
		diff = memcmp(heard->src.b, own->b, own->len);
	else if (!diff)
		diff = 1;
	if (diff > 0)
		return VRRP_EV_HIGHER;
	return v->conf->preempt || v->elect.priority == VRRP_PRIORITY_OWNER ?
	       VRRP_EV_LOWER_PREEMPT : VRRP_EV_LOWER;
}

static void classify(struct vrrp *v, const struct heard *heard)
{
	enum vrrp_event event = rank(v, heard);

	if (heard->priority == VRRP_PRIORITY_RESIGN) {
		v->resigned++;
		/* Only the one who is followed can leave a place to fill. */
		if (!v->master.known ||
		    xha_addr_equal(&v->master.addr, &heard->src))
			run(v, VRRP_EV_RESIGN, heard);
		return;
	}
	/* A higher master keeps this node from replacing a lower one. */
	if (event == VRRP_EV_LOWER_PREEMPT && v->master.known &&
	    v->master.priority > heard->priority &&
	    !xha_addr_equal(&v->master.addr, &heard->src))
		return;
	v->preempting = false;
	if (event != VRRP_EV_LOWER_PREEMPT)
		forget_delay(v);
	run(v, event, heard);
}

/**
 * vrrp_receive - take a packet that came to the multicast group
 * @v: the instance of that interface
 * @buf: payload of the IP packet
 * @len: bytes at @buf
 * @path: its IP header
 *
 * A bad packet is counted by reason, logged once per burst, and has no effect.
 */
void vrrp_receive(struct vrrp *v, const __u8 *buf, size_t len,
		  const struct vrrp_path *path)
{
	struct heard heard = { .src = path->src };
	struct vrrp_msg msg;
	enum vrrp_bad bad;

	bad = vrrp_pkt_decode(buf, len, path, &msg);
	if (!bad && for_another(v, &msg))
		return;
	if (!bad)
		bad = check(v, &msg, &path->src);
	vrrp_trace_got(v, path, len, &msg, bad);
	if (bad) {
		refuse(v, bad, &path->src);
		return;
	}
	v->received++;
	look_at_vips(v, &msg, &path->src);
	heard.priority = msg.priority;
	heard.interval_ms = msg.interval_ms;
	xha_role_neighbour(v->elect.role, &v->elect, path->src);
	classify(v, &heard);
}

static void master_silent(struct vrrp *v)
{
	char text[XHA_ADDR_STRLEN];

	if (v->master.known)
		xha_log_info("group %s: detection: master %s silent for %llu ms on %s",
			     xha_role_name(v->elect.role),
			     xha_addr_format(&v->master.addr, text,
					     sizeof(text)),
			     (xha_log_now_us() - v->master.heard_us) / 1000,
			     v->elect.ifname);
	xha_trace_timer(&v->elect, "master down");
	v->master_wait = false;
	run(v, VRRP_EV_SILENT, NULL);
}

/**
 * vrrp_timeout - a timer of the instance has expired
 * @v: the instance
 * @timer: which
 */
void vrrp_timeout(struct vrrp *v, enum vrrp_timer timer)
{
	switch (timer) {
	case VRRP_TIMER_ADVERT:
		do_advert_on(v, NULL);
		break;
	case VRRP_TIMER_MASTER:
		master_silent(v);
		break;
	case VRRP_TIMER_PREEMPT:
		xha_trace_timer(&v->elect, "preempt delay");
		/* The next advertisement of the lower master does it. */
		v->delay_over = true;
		v->delay_us = 0;
		break;
	case VRRP_TIMER_END:
		break;
	}
}
