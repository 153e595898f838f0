// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "change.h"
#include "hsrp.h"
#include "hsrp_adv.h"
#include "hsrp_trace.h"
#include "log.h"
#include "role.h"

/* What the group may move for. */
#define CUES	(HSRP_ACT_LOSE_ACTIVE | HSRP_ACT_PREEMPT)

/* What a flood of packets makes this node do is done so often per hello time. */
#define FLOOD_SHARE	4

/**
 * hsrp_family - which IP version an instance speaks
 * @h: the instance
 *
 * Return: AF_INET or AF_INET6.
 */
int hsrp_family(const struct hsrp *h)
{
	return h->conf->vips[0].addr.len == 16 ? AF_INET6 : AF_INET;
}

/**
 * hsrp_send - send a message and count it
 * @h: the instance that sends it
 * @msg: the message, but for its version and authentication
 */
void hsrp_send(struct hsrp *h, struct hsrp_msg *msg)
{
	__u8 buf[HSRP_PKT_LEN_MAX];
	__be32 own = 0;
	int len, err;

	if (h->elect.addr.len == 4)
		own = xha_addr_get_v4(&h->elect.addr);
	msg->version = h->conf->version;
	if (msg->opcode != HSRP_OP_ADVERT)
		hsrp_auth_prepare(&h->conf->auth, own, msg);
	len = hsrp_pkt_encode(msg, buf, sizeof(buf));
	if (len > 0 && msg->auth == HSRP_AUTH_MD5)
		hsrp_auth_sign(&h->conf->auth, buf, len);
	err = len < 0 ? len : h->io->send(h, buf, len);
	if (err)
		h->send_failed++;
	else
		h->sent++;
	hsrp_trace_sent(h, msg, err);
}

static void send_msg(struct hsrp *h, enum hsrp_opcode opcode)
{
	struct hsrp_msg msg = {
		.opcode = opcode,
		.state = h->state,
		.group = h->conf->number,
		.priority = h->elect.priority,
		.hello_ms = h->hello_ms,
		.hold_ms = h->hold_ms,
		.vip = h->conf->vips[0].addr,
	};

	if (h->conf->version == 2)
		memcpy(msg.id, h->elect.mac, sizeof(msg.id));
	hsrp_send(h, &msg);
}

static void send_hello(struct hsrp *h)
{
	send_msg(h, HSRP_OP_HELLO);
	h->hello_state = h->state;
	h->hello_us = xha_log_now_us();
	h->io->arm(h, HSRP_TIMER_HELLO, h->hello_ms);
}

/* Whether something last done at @us was done so lately that it will do. */
static bool lately(const struct hsrp *h, __u64 us)
{
	return us && xha_log_now_us() - us < h->hello_ms * 1000ULL / FLOOD_SHARE;
}

/* What a hello says of its sender, while it is looked at. */
struct heard {
	const struct hsrp_msg *msg;
	struct xha_addr src;
};

static void note(struct hsrp_router *r, const struct heard *heard)
{
	r->known = true;
	r->addr = heard->src;
	r->priority = heard->msg->priority;
	r->heard_us = xha_log_now_us();
}

static void forget(struct hsrp_router *r)
{
	memset(r, 0, sizeof(*r));
}

/*
 * The timers of the active count for all, whatever they are set to. Version 1
 * has whole seconds: less is neither told nor learnt.
 */
static void do_learn(struct hsrp *h, const struct heard *heard)
{
	if (!heard)
		return;
	if (h->conf->version == 1 &&
	    (!heard->msg->hello_ms || h->conf->hello_ms < 1000))
		return;
	h->hello_ms = heard->msg->hello_ms;
	h->hold_ms = heard->msg->hold_ms;
}

static void do_note_active(struct hsrp *h, const struct heard *heard)
{
	if (!heard)
		return;
	note(&h->active, heard);
	if (h->standby.known && xha_addr_equal(&h->standby.addr, &heard->src))
		forget(&h->standby);
	h->active_wait = true;
	h->io->arm(h, HSRP_TIMER_ACTIVE, h->hold_ms);
}

static void do_note_standby(struct hsrp *h, const struct heard *heard)
{
	if (!heard)
		return;
	note(&h->standby, heard);
	h->io->arm(h, HSRP_TIMER_STANDBY, h->hold_ms);
}

static void do_wait_active(struct hsrp *h, const struct heard *heard)
{
	forget(&h->active);
	h->active_wait = true;
	h->io->arm(h, HSRP_TIMER_ACTIVE, h->hold_ms);
}

static void do_wait_standby(struct hsrp *h, const struct heard *heard)
{
	forget(&h->standby);
	h->io->arm(h, HSRP_TIMER_STANDBY, h->hold_ms);
}

static void do_lose_active(struct hsrp *h, const struct heard *heard)
{
	forget(&h->active);
	h->active_wait = false;
	h->preempting = false;
	h->since_us = 0;
	h->io->disarm(h, HSRP_TIMER_ACTIVE);
}

static void do_lose_standby(struct hsrp *h, const struct heard *heard)
{
	forget(&h->standby);
	h->io->disarm(h, HSRP_TIMER_STANDBY);
}

static void do_resign(struct hsrp *h, const struct heard *heard)
{
	send_msg(h, HSRP_OP_RESIGN);
}

/* A flood of hellos must not be answered one by one. */
static void do_hello_on(struct hsrp *h, const struct heard *heard)
{
	if (h->hello_state != h->state || !lately(h, h->hello_us))
		send_hello(h);
}

static void do_hello_off(struct hsrp *h, const struct heard *heard)
{
	h->hello_state = 0;
	h->io->disarm(h, HSRP_TIMER_HELLO);
}

static void do_claim(struct hsrp *h, const struct heard *heard)
{
	xha_role_kick(h->elect.role);
}

static void do_preempt(struct hsrp *h, const struct heard *heard)
{
	if (!h->since_us)
		h->since_us = xha_log_now_us();
	h->preempting = true;
	xha_role_kick(h->elect.role);
}

static void do_yield(struct hsrp *h, const struct heard *heard)
{
	if (!heard || lately(h, h->yield_us))
		return;
	h->yield_us = xha_log_now_us();
	if (heard->msg->opcode == HSRP_OP_COUP)
		xha_role_asked(h->elect.role, &h->elect, heard->src);
	else
		xha_role_rival(h->elect.role, &h->elect, heard->src);
}

static const struct {
	enum hsrp_action action;
	void (*fn)(struct hsrp *h, const struct heard *heard);
} actions[] = {
	{ HSRP_ACT_LEARN,		do_learn },
	{ HSRP_ACT_NOTE_ACTIVE,		do_note_active },
	{ HSRP_ACT_NOTE_STANDBY,	do_note_standby },
	{ HSRP_ACT_WAIT_ACTIVE,		do_wait_active },
	{ HSRP_ACT_WAIT_STANDBY,	do_wait_standby },
	{ HSRP_ACT_LOSE_ACTIVE,		do_lose_active },
	{ HSRP_ACT_LOSE_STANDBY,	do_lose_standby },
	{ HSRP_ACT_RESIGN,		do_resign },
	{ HSRP_ACT_HELLO_ON,		do_hello_on },
	{ HSRP_ACT_HELLO_OFF,		do_hello_off },
	{ HSRP_ACT_CLAIM,		do_claim },
	{ HSRP_ACT_PREEMPT,		do_preempt },
	{ HSRP_ACT_YIELD,		do_yield },
};

static bool by_group(enum hsrp_event event)
{
	return event == HSRP_EV_UP || event == HSRP_EV_DOWN ||
	       event == HSRP_EV_GRANT || event == HSRP_EV_RELEASE;
}

/* What happened; where the group decided, why it did. */
static struct xha_cause cause_of(const struct hsrp *h, enum hsrp_event event,
				 const struct heard *heard)
{
	struct xha_cause cause = { .words = hsrp_fsm_event_name(event) };

	switch (event) {
	case HSRP_EV_DOWN:
	case HSRP_EV_GRANT:
	case HSRP_EV_RELEASE:
		if (*h->elect.role->cause)
			cause.words = h->elect.role->cause;
		break;
	case HSRP_EV_ACTIVE_SILENT:
		if (!h->active.known)
			cause.words = "no active heard";
		cause.from = h->active.addr;
		cause.priority = h->active.priority;
		break;
	case HSRP_EV_STANDBY_SILENT:
		if (!h->standby.known)
			cause.words = "no standby heard";
		cause.from = h->standby.addr;
		cause.priority = h->standby.priority;
		break;
	default:
		if (heard) {
			cause.from = heard->src;
			cause.priority = heard->msg->priority;
		}
		break;
	}
	return cause;
}

static void change(struct hsrp *h, enum hsrp_state next,
		   const struct xha_cause *cause)
{
	const char *from = hsrp_pkt_state_name(h->state);
	const char *to = hsrp_pkt_state_name(next);
	char text[XHA_CAUSE_LEN];

	xha_log_info("standby %s: %s -> %s on %s (%s)", h->conf->name, from,
		     to, h->elect.ifname,
		     xha_cause_format(cause, text, sizeof(text)));
	xha_change_elect(&h->elect, from, to, cause);
	h->changes++;
	h->changed_us = xha_log_now_us();
}

static void run(struct hsrp *h, enum hsrp_event event,
		const struct heard *heard)
{
	struct hsrp_step step = hsrp_fsm_step(h->state, event);
	struct xha_cause cause = cause_of(h, event, heard);
	size_t i;

	if (step.next != h->state)
		change(h, step.next, &cause);
	if (by_group(event))
		memset(&h->elect.cue, 0, sizeof(h->elect.cue));
	else if (step.actions & CUES)
		h->elect.cue = cause;
	/* The resign says which state is given up, the rest the new one. */
	if (step.actions & HSRP_ACT_RESIGN) {
		do_resign(h, heard);
		step.actions &= ~HSRP_ACT_RESIGN;
	}
	h->state = step.next;
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (step.actions & actions[i].action)
			actions[i].fn(h, heard);
	/* A claim on another LAN may have waited for silence on this one. */
	if (step.actions & HSRP_ACT_LOSE_ACTIVE && !by_group(event))
		xha_role_kick(h->elect.role);
	hsrp_adv_update(h);
}

/* The first start of the first helper after a boot, as far as one can know. */
static bool after_reload(const struct hsrp *h)
{
	return !h->was_up && !h->elect.role->resumed;
}

static unsigned int delay(const struct hsrp *h, unsigned int minimum,
			  unsigned int reload)
{
	return after_reload(h) && reload > minimum ? reload : minimum;
}

static void begin(struct hsrp *h)
{
	h->preempt_us = xha_log_now_us() +
			delay(h, h->conf->preempt_min_ms,
			      h->conf->preempt_reload_ms) * 1000ULL;
	h->was_up = true;
	h->delay_us = 0;
	run(h, HSRP_EV_UP, NULL);
}

static struct hsrp *hsrp_of(const struct xha_elect *e)
{
	return (struct hsrp *)e;
}

static void elect_start(struct xha_elect *e)
{
	struct hsrp *h = hsrp_of(e);
	unsigned int wait;
	int err;

	if (e->running)
		return;
	err = h->io->open(h);
	if (err) {
		xha_log_err("standby %s: cannot open HSRP on %s: %s",
			    h->conf->name, e->ifname, strerror(-err));
		return;
	}
	e->running = true;
	h->hello_ms = h->conf->hello_ms;
	h->hold_ms = h->conf->hold_ms;
	wait = delay(h, h->conf->delay_min_ms, h->conf->delay_reload_ms);
	if (!wait) {
		begin(h);
		return;
	}
	xha_log_info("standby %s: waits for %u ms before it takes part",
		     h->conf->name, wait);
	h->delay_us = xha_log_now_us() + wait * 1000ULL;
	h->io->arm(h, HSRP_TIMER_DELAY, wait);
}

static void elect_stop(struct xha_elect *e)
{
	struct hsrp *h = hsrp_of(e);

	if (!e->running)
		return;
	h->delay_us = 0;
	h->io->disarm(h, HSRP_TIMER_DELAY);
	run(h, HSRP_EV_DOWN, NULL);
	e->running = false;
	hsrp_adv_update(h);
	h->io->close(h);
}

static void elect_grant(struct xha_elect *e, bool coup)
{
	struct hsrp *h = hsrp_of(e);

	if (!e->running)
		return;
	/* What has the role already has nothing to wait for. */
	if (h->state == HSRP_STATE_INITIAL) {
		h->io->disarm(h, HSRP_TIMER_DELAY);
		begin(h);
	}
	/* The active's own timers count, and it may be this node's turn. */
	h->hello_ms = h->conf->hello_ms;
	h->hold_ms = h->conf->hold_ms;
	if (coup)
		send_msg(h, HSRP_OP_COUP);
	run(h, HSRP_EV_GRANT, NULL);
}

static void elect_release(struct xha_elect *e)
{
	if (e->running)
		run(hsrp_of(e), HSRP_EV_RELEASE, NULL);
}

static void elect_ask(struct xha_elect *e)
{
	send_msg(hsrp_of(e), HSRP_OP_COUP);
}

static bool elect_silent(const struct xha_elect *e)
{
	const struct hsrp *h = hsrp_of(e);

	return e->running && h->state != HSRP_STATE_INITIAL && !h->active_wait;
}

static bool elect_claims(const struct xha_elect *e)
{
	return elect_silent(e) && hsrp_of(e)->state == HSRP_STATE_STANDBY;
}

static bool elect_preempts(const struct xha_elect *e)
{
	const struct hsrp *h = hsrp_of(e);

	return e->running && h->active.known && h->preempting;
}

static bool elect_insists(const struct xha_elect *e)
{
	const struct hsrp *h = hsrp_of(e);

	return h->conf->has_sync && elect_preempts(e) &&
	       xha_log_now_us() - h->since_us >=
	       h->conf->preempt_sync_ms * 1000ULL;
}

/* What was heard of others has to be heard again: it may mean something else. */
static void elect_prioritize(struct xha_elect *e, unsigned int priority)
{
	struct hsrp *h = hsrp_of(e);

	e->priority = priority;
	h->preempting = false;
	h->since_us = 0;
	if (h->hello_state)
		send_hello(h);
}

static const struct xha_elect_ops hsrp_elect_ops = {
	.start		= elect_start,
	.stop		= elect_stop,
	.grant		= elect_grant,
	.release	= elect_release,
	.silent		= elect_silent,
	.claims		= elect_claims,
	.preempts	= elect_preempts,
	.ask		= elect_ask,
	.prioritize	= elect_prioritize,
	.insists	= elect_insists,
};

/**
 * hsrp_init - make an instance, in state Initial
 * @h: the instance
 * @conf: its configuration, which must outlive it
 * @io: packets and time
 * @role: the group it belongs to
 */
void hsrp_init(struct hsrp *h, const struct xha_conf_standby *conf,
	       const struct hsrp_io_ops *io, struct xha_role *role)
{
	memset(h, 0, sizeof(*h));
	h->elect.ops = &hsrp_elect_ops;
	h->elect.role = role;
	h->elect.conf = conf;
	h->elect.ifname = conf->interface;
	h->elect.priority = conf->priority;
	h->io = io;
	h->conf = conf;
	h->state = HSRP_STATE_INITIAL;
	h->hello_ms = conf->hello_ms;
	h->hold_ms = conf->hold_ms;
	h->changed_us = xha_log_now_us();
}

/**
 * hsrp_join - make an instance known to the others of this node
 * @all: head of the list of all
 * @h: the instance; it stays for good
 *
 * Those on one interface hear each other's packets, and tell together what the
 * interface is.
 */
void hsrp_join(struct hsrp **all, struct hsrp *h)
{
	struct hsrp **at = all;

	while (*at)
		at = &(*at)->next;
	*at = h;
	h->all = all;
}

/* RFC 2281, 5.1: priority first, then the higher address. */
static bool higher(const struct hsrp *h, const struct heard *heard)
{
	if (heard->msg->priority != h->elect.priority)
		return heard->msg->priority > h->elect.priority;
	return memcmp(heard->src.b, h->elect.addr.b, heard->src.len) > 0;
}

static bool may_preempt(const struct hsrp *h)
{
	return h->conf->preempt && xha_log_now_us() >= h->preempt_us;
}

static void classify_hello(struct hsrp *h, const struct heard *heard)
{
	bool hi = higher(h, heard);

	/* Who was active and says something else has given it up. */
	if (heard->msg->state != HSRP_STATE_ACTIVE && h->active.known &&
	    xha_addr_equal(&h->active.addr, &heard->src))
		run(h, HSRP_EV_RESIGN, heard);

	switch (heard->msg->state) {
	case HSRP_STATE_ACTIVE:
		/* Only a preempt must tell "lower" from "not now" apart. */
		h->preempting = false;
		if (hi)
			run(h, HSRP_EV_ACTIVE_HIGHER, heard);
		else if (may_preempt(h))
			run(h, HSRP_EV_ACTIVE_LOWER_PREEMPT, heard);
		else
			run(h, HSRP_EV_ACTIVE_LOWER, heard);
		if (!h->preempting)
			h->since_us = 0;
		break;
	case HSRP_STATE_STANDBY:
		run(h, hi ? HSRP_EV_STANDBY_HIGHER : HSRP_EV_STANDBY_LOWER,
		    heard);
		break;
	case HSRP_STATE_SPEAK:
		if (hi)
			run(h, HSRP_EV_SPEAK_HIGHER, heard);
		break;
	}
}

static void refuse(struct hsrp *h, const struct hsrp_rx *rx,
		   const struct hsrp_msg *msg, enum hsrp_bad bad)
{
	char buf[XHA_ADDR_STRLEN];

	h->bad[bad]++;
	if (xha_log_new_burst(&h->bad_logged_us[bad]))
		xha_log_warn("standby %s: refused HSRP packets from %s on %s: %s",
			     h->conf->name,
			     xha_addr_format(&rx->src, buf, sizeof(buf)),
			     h->elect.ifname, hsrp_pkt_bad_name(bad));
	hsrp_trace_got(h, rx, msg, bad);
}

/* Groups of this node on one interface hear each other's packets. */
static bool for_another(const struct hsrp *h, const struct hsrp_msg *msg)
{
	const struct hsrp *o;

	for (o = h->all ? *h->all : NULL; o; o = o->next)
		if (o != h && o->conf->number == msg->group &&
		    hsrp_adv_shared(o, h))
			return true;
	return false;
}

static enum hsrp_bad check(const struct hsrp *h, const struct hsrp_msg *msg,
			   const struct hsrp_rx *rx)
{
	const struct xha_addr *vip = &h->conf->vips[0].addr;
	enum hsrp_bad bad;

	if (msg->group != h->conf->number)
		return HSRP_BAD_GROUP;
	if (xha_addr_equal(&rx->src, &h->elect.addr))
		return HSRP_BAD_SOURCE;
	if (msg->vip.len != vip->len || rx->src.len != vip->len)
		return HSRP_BAD_FAMILY;
	bad = hsrp_auth_check(&h->conf->auth, msg, rx->buf, rx->len);
	if (bad)
		return bad;
	return xha_addr_equal(&msg->vip, vip) ? HSRP_BAD_NONE : HSRP_BAD_VIP;
}

static enum hsrp_bad decode(const struct hsrp *h, const struct hsrp_rx *rx,
			    struct hsrp_msg *msg)
{
	if (rx->ttl != (hsrp_family(h) == AF_INET6 ? HSRP_HOPS_V6 : HSRP_TTL))
		return HSRP_BAD_TTL;
	return hsrp_pkt_decode(h->conf->version, rx->buf, rx->len, msg);
}

static void take_group(struct hsrp *h, const struct heard *heard)
{
	h->received++;
	xha_role_neighbour(h->elect.role, &h->elect, heard->src);
	switch (heard->msg->opcode) {
	case HSRP_OP_HELLO:
		classify_hello(h, heard);
		break;
	case HSRP_OP_COUP:
		if (higher(h, heard))
			run(h, HSRP_EV_COUP_HIGHER, heard);
		break;
	case HSRP_OP_RESIGN:
		if (h->active.known &&
		    xha_addr_equal(&h->active.addr, &heard->src))
			run(h, HSRP_EV_RESIGN, heard);
		break;
	}
}

/**
 * hsrp_receive - take a packet that came to the multicast group
 * @h: the instance of that interface
 * @rx: the packet
 *
 * A bad packet is counted by reason, logged once per burst, and has no effect.
 */
void hsrp_receive(struct hsrp *h, const struct hsrp_rx *rx)
{
	struct hsrp_msg msg;
	struct heard heard = { .msg = &msg, .src = rx->src };
	enum hsrp_bad bad;

	bad = decode(h, rx, &msg);
	if (bad) {
		refuse(h, rx, NULL, bad);
		return;
	}
	if (msg.opcode == HSRP_OP_ADVERT) {
		h->adverts++;
		hsrp_trace_got(h, rx, &msg, HSRP_BAD_NONE);
		return;
	}
	if (for_another(h, &msg))
		return;
	bad = check(h, &msg, rx);
	if (bad) {
		refuse(h, rx, &msg, bad);
		return;
	}
	hsrp_trace_got(h, rx, &msg, HSRP_BAD_NONE);
	take_group(h, &heard);
}

/**
 * hsrp_timeout - a timer of the instance has expired
 * @h: the instance
 * @timer: which
 */
void hsrp_timeout(struct hsrp *h, enum hsrp_timer timer)
{
	char buf[XHA_ADDR_STRLEN];

	switch (timer) {
	case HSRP_TIMER_HELLO:
		send_hello(h);
		break;
	case HSRP_TIMER_ACTIVE:
		if (h->active.known)
			xha_log_info("group %s: detection: active %s silent for %llu ms on %s",
				     xha_role_name(h->elect.role),
				     xha_addr_format(&h->active.addr, buf,
						     sizeof(buf)),
				     (xha_log_now_us() - h->active.heard_us) / 1000,
				     h->elect.ifname);
		xha_trace_timer(&h->elect, "active");
		h->active_wait = false;
		run(h, HSRP_EV_ACTIVE_SILENT, NULL);
		break;
	case HSRP_TIMER_STANDBY:
		xha_trace_timer(&h->elect, "standby");
		run(h, HSRP_EV_STANDBY_SILENT, NULL);
		break;
	case HSRP_TIMER_DELAY:
		xha_trace_timer(&h->elect, "delay");
		begin(h);
		break;
	case HSRP_TIMER_ADVERT:
		hsrp_adv_timeout(h);
		break;
	case HSRP_TIMER_END:
		break;
	}
}
