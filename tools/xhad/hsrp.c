// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "hsrp.h"
#include "log.h"
#include "role.h"

#define BAD_LOG_GAP_US	10000000

static void send_msg(struct hsrp *h, enum hsrp_opcode opcode)
{
	struct hsrp_msg msg = {
		.opcode = opcode,
		.state = h->state,
		.group = h->conf->number,
		.priority = h->conf->priority,
		.hello_ms = h->hello_ms,
		.hold_ms = h->hold_ms,
		.vip = xha_addr_get_v4(&h->conf->vips[0].addr),
	};
	__u8 buf[HSRP_PKT_LEN];
	int len;

	memcpy(msg.id, h->elect.mac, sizeof(msg.id));
	len = hsrp_pkt_encode(&msg, buf, sizeof(buf));
	if (len < 0 || h->io->send(h, buf, len))
		h->send_failed++;
	else
		h->sent++;
}

/* What a hello says of its sender, while it is looked at. */
struct heard {
	const struct hsrp_msg *msg;
	__be32 src;
};

static void note(struct hsrp_router *r, const struct heard *heard)
{
	r->known = true;
	r->addr = heard->src;
	r->priority = heard->msg->priority;
}

static void forget(struct hsrp_router *r)
{
	memset(r, 0, sizeof(*r));
}

static void do_learn(struct hsrp *h, const struct heard *heard)
{
	if (!heard)
		return;
	h->hello_ms = heard->msg->hello_ms;
	h->hold_ms = heard->msg->hold_ms;
}

static void do_note_active(struct hsrp *h, const struct heard *heard)
{
	if (!heard)
		return;
	note(&h->active, heard);
	if (h->standby.known && h->standby.addr == heard->src)
		forget(&h->standby);
	h->heard_us = xha_log_now_us();
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

static void do_hello_on(struct hsrp *h, const struct heard *heard)
{
	send_msg(h, HSRP_OP_HELLO);
	h->io->arm(h, HSRP_TIMER_HELLO, h->hello_ms);
}

static void do_hello_off(struct hsrp *h, const struct heard *heard)
{
	h->io->disarm(h, HSRP_TIMER_HELLO);
}

static void do_claim(struct hsrp *h, const struct heard *heard)
{
	xha_role_kick(h->elect.role);
}

static void do_preempt(struct hsrp *h, const struct heard *heard)
{
	h->preempting = true;
	xha_role_kick(h->elect.role);
}

static void do_yield(struct hsrp *h, const struct heard *heard)
{
	if (heard)
		xha_role_rival(h->elect.role, &h->elect,
			       xha_addr_v4(heard->src));
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

static void run(struct hsrp *h, enum hsrp_event event,
		const struct heard *heard)
{
	struct hsrp_step step = hsrp_fsm_step(h->state, event);
	size_t i;

	if (step.next != h->state) {
		xha_log_info("standby %s: %s -> %s on %s (%s)",
			     h->conf->name, hsrp_pkt_state_name(h->state),
			     hsrp_pkt_state_name(step.next), h->elect.ifname,
			     hsrp_fsm_event_name(event));
		h->changes++;
		h->changed_us = xha_log_now_us();
	}
	/* The resign says which state is given up, the rest the new one. */
	if (step.actions & HSRP_ACT_RESIGN) {
		do_resign(h, heard);
		step.actions &= ~HSRP_ACT_RESIGN;
	}
	h->state = step.next;
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (step.actions & actions[i].action)
			actions[i].fn(h, heard);
}

static struct hsrp *hsrp_of(const struct xha_elect *e)
{
	return (struct hsrp *)e;
}

static void elect_start(struct xha_elect *e)
{
	struct hsrp *h = hsrp_of(e);
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
	run(h, HSRP_EV_UP, NULL);
}

static void elect_stop(struct xha_elect *e)
{
	struct hsrp *h = hsrp_of(e);

	if (!e->running)
		return;
	run(h, HSRP_EV_DOWN, NULL);
	e->running = false;
	h->io->close(h);
}

static void elect_grant(struct xha_elect *e, bool coup)
{
	struct hsrp *h = hsrp_of(e);

	if (!e->running)
		return;
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

static bool elect_silent(const struct xha_elect *e)
{
	const struct hsrp *h = hsrp_of(e);

	return e->running && !h->active_wait;
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

static const struct xha_elect_ops hsrp_elect_ops = {
	.start		= elect_start,
	.stop		= elect_stop,
	.grant		= elect_grant,
	.release	= elect_release,
	.silent		= elect_silent,
	.claims		= elect_claims,
	.preempts	= elect_preempts,
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
	h->elect.ifname = conf->interface;
	h->io = io;
	h->conf = conf;
	h->state = HSRP_STATE_INITIAL;
	h->hello_ms = conf->hello_ms;
	h->hold_ms = conf->hold_ms;
	h->changed_us = xha_log_now_us();
}

/* RFC 2281, 5.1: priority first, then the higher address. */
static bool higher(const struct hsrp *h, const struct heard *heard)
{
	__be32 own = xha_addr_get_v4(&h->elect.addr);

	if (heard->msg->priority != h->conf->priority)
		return heard->msg->priority > h->conf->priority;
	return ntohl(heard->src) > ntohl(own);
}

static void classify_hello(struct hsrp *h, const struct heard *heard)
{
	bool hi = higher(h, heard);

	/* Who was active and says something else has given it up. */
	if (heard->msg->state != HSRP_STATE_ACTIVE && h->active.known &&
	    h->active.addr == heard->src)
		run(h, HSRP_EV_RESIGN, heard);

	switch (heard->msg->state) {
	case HSRP_STATE_ACTIVE:
		/* Only a preempt must tell "lower" from "not now" apart. */
		h->preempting = false;
		if (hi)
			run(h, HSRP_EV_ACTIVE_HIGHER, heard);
		else if (h->conf->preempt)
			run(h, HSRP_EV_ACTIVE_LOWER_PREEMPT, heard);
		else
			run(h, HSRP_EV_ACTIVE_LOWER, heard);
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

static void refuse(struct hsrp *h, enum hsrp_bad bad, __be32 src)
{
	__u64 now = xha_log_now_us();
	char buf[INET_ADDRSTRLEN];

	/* Once per burst: a flood must not become a flood of log lines. */
	if (!h->bad[bad]++ || now - h->bad_logged_us[bad] > BAD_LOG_GAP_US)
		xha_log_warn("standby %s: refused HSRP packets from %s on %s: %s",
			     h->conf->name,
			     inet_ntop(AF_INET, &src, buf, sizeof(buf)),
			     h->elect.ifname, hsrp_pkt_bad_name(bad));
	h->bad_logged_us[bad] = now;
}

static enum hsrp_bad check(const struct hsrp *h, const struct hsrp_msg *msg,
			   __be32 src)
{
	if (msg->group != h->conf->number)
		return HSRP_BAD_GROUP;
	if (src == xha_addr_get_v4(&h->elect.addr))
		return HSRP_BAD_SOURCE;
	if (msg->vip != xha_addr_get_v4(&h->conf->vips[0].addr))
		return HSRP_BAD_VIP;
	return HSRP_BAD_NONE;
}

/**
 * hsrp_receive - take a packet that came to the multicast group
 * @h: the instance of that interface
 * @buf: payload of the datagram
 * @len: bytes at @buf
 * @src: its source address, network byte order
 *
 * A bad packet is counted by reason, logged once per burst, and has no effect.
 */
void hsrp_receive(struct hsrp *h, const __u8 *buf, size_t len, __be32 src)
{
	struct hsrp_msg msg;
	struct heard heard = { .msg = &msg, .src = src };
	enum hsrp_bad bad;

	bad = hsrp_pkt_decode(buf, len, &msg);
	if (!bad)
		bad = check(h, &msg, src);
	if (bad) {
		refuse(h, bad, src);
		return;
	}
	h->received++;
	xha_role_neighbour(h->elect.role, &h->elect, xha_addr_v4(src));
	switch (msg.opcode) {
	case HSRP_OP_HELLO:
		classify_hello(h, &heard);
		break;
	case HSRP_OP_COUP:
		if (higher(h, &heard))
			run(h, HSRP_EV_COUP_HIGHER, &heard);
		break;
	case HSRP_OP_RESIGN:
		if (h->active.known && h->active.addr == src)
			run(h, HSRP_EV_RESIGN, &heard);
		break;
	}
}

/**
 * hsrp_timeout - a timer of the instance has expired
 * @h: the instance
 * @timer: which
 */
void hsrp_timeout(struct hsrp *h, enum hsrp_timer timer)
{
	char buf[INET_ADDRSTRLEN];

	switch (timer) {
	case HSRP_TIMER_HELLO:
		send_msg(h, HSRP_OP_HELLO);
		h->io->arm(h, HSRP_TIMER_HELLO, h->hello_ms);
		break;
	case HSRP_TIMER_ACTIVE:
		if (h->active.known)
			xha_log_info("group %s: detection: active %s silent for %llu ms on %s",
				     xha_role_name(h->elect.role),
				     inet_ntop(AF_INET, &h->active.addr, buf,
					       sizeof(buf)),
				     (xha_log_now_us() - h->heard_us) / 1000,
				     h->elect.ifname);
		h->active_wait = false;
		run(h, HSRP_EV_ACTIVE_SILENT, NULL);
		break;
	case HSRP_TIMER_STANDBY:
		run(h, HSRP_EV_STANDBY_SILENT, NULL);
		break;
	case HSRP_TIMER_END:
		break;
	}
}
