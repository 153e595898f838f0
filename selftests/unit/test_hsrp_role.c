// SPDX-License-Identifier: GPL-2.0-only
/*
 * A redundancy group with two HSRP elections, against a kernel, a machine and
 * a clock that are played here: what is done in which order, and what happens
 * when a step fails.
 */
/* link: tools/xhad/change.c tools/xhad/history.c tools/xhad/trace.c */
/* link: tools/xhad/show.c tools/xhad/hsrp_trace.c */
/* link: tools/xhad/role.c tools/xhad/hsrp.c tools/xhad/hsrp_fsm.c */
/* link: tools/xhad/role_conf.c tools/xhad/role_resume.c */
/* link: tools/xhad/role_ask.c tools/xhad/role_vips.c */
/* link: tools/xhad/hsrp_pkt.c tools/xhad/hsrp_auth.c tools/xhad/hsrp_adv.c */
/* link: tools/lib/xha_addr.c tools/lib/xha_names.c */
/* libs: nettle json-c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hsrp.h"
#include "played_role.h"

#define OUT 0
#define IN 1

/* ---- the played world ---- */

/* Beside what played_role.h plays */
static struct {
	struct xha_nl_group_conf last_set;
	/* elections */
	__u64 timers[2][HSRP_TIMER_END];
	struct hsrp_msg last[2];
	unsigned int sent[2];
} own;

static struct xha_conf_group conf;
static struct hsrp hs[2];
static struct xha_role role;

static char order_said[256];
static unsigned int order_warnings;

void xha_log_write(int level, const char *fmt, ...)
{
	va_list ap;

	if (!strstr(fmt, "address order"))
		return;
	order_warnings++;
	va_start(ap, fmt);
	vsnprintf(order_said, sizeof(order_said), fmt, ap);
	va_end(ap);
}

static int k_group_new(void *arg, const struct xha_nl_group_conf *c)
{
	if (w.exists)
		return -EEXIST;
	w.exists = true;
	w.group.id = c->id;
	w.group.n_vips = c->n_vips;
	memcpy(w.group.vips, c->vips, sizeof(w.group.vips));
	w.group.interval_in = c->interval_in;
	w.group.interval_out = c->interval_out;
	trace("new ");
	return 0;
}

static int k_group_set(void *arg, const struct xha_nl_group_conf *c)
{
	own.last_set = *c;
	trace(c->set_neighs ? "neighs " : "set ");
	return 0;
}

static int k_role_set(void *arg, __u32 id, __u32 r)
{
	trace(r == XFRM_HA_ROLE_ACTIVE ? "kernel:active " : "kernel:standby ");
	if (r == XFRM_HA_ROLE_ACTIVE && w.role_err)
		return w.role_err;
	w.group.role = r;
	return 0;
}

static void vips_give(struct xha_role *r)
{
	trace("vips> ");
	w.vips = false;
}

static void announce(struct xha_role *r)
{
	assert_true(w.vips);
	h_announce(r);
}

static const struct xha_host_ops host_ops = {
	.vips_up	= h_vips_up,
	.vips_down	= h_vips_down,
	.vips_give	= vips_give,
	.announce	= announce,
	.arm		= h_arm,
	.now_us		= h_now,
};

static int io_open(struct hsrp *h)
{
	return 0;
}

static void io_close(struct hsrp *h)
{
}

static int io_send(struct hsrp *h, const __u8 *buf, size_t len)
{
	static const char *const ops[] = { "hello", "coup", "resign" };
	struct hsrp_msg *m = &own.last[h - hs], got;

	assert_int_equal(hsrp_pkt_decode(2, buf, len, &got), HSRP_BAD_NONE);
	/* What is told of the interface matters to nobody here. */
	if (got.opcode == HSRP_OP_ADVERT)
		return 0;
	*m = got;
	own.sent[h - hs]++;
	/* Periodic hellos of a standby say nothing about order. */
	if (m->opcode != HSRP_OP_HELLO || m->state == HSRP_STATE_ACTIVE)
		trace("%s%d ", ops[m->opcode], (int)(h - hs));
	return 0;
}

static void io_arm(struct hsrp *h, enum hsrp_timer t, __u32 ms)
{
	own.timers[h - hs][t] = w.now_us + ms * 1000ULL;
}

static void io_disarm(struct hsrp *h, enum hsrp_timer t)
{
	own.timers[h - hs][t] = 0;
}

static const struct hsrp_io_ops io_ops = {
	io_open, io_close, io_send, io_arm, io_disarm,
};

/* Let time pass, in ms, running what falls due, in order. */
static void pass(unsigned int ms)
{
	__u64 end = w.now_us + ms * 1000ULL;
	__u64 *timers = &own.timers[0][0], *due;
	int i, t;

	while ((due = next_due(timers, 2 * HSRP_TIMER_END, end))) {
		if (due == &w.tick_us) {
			xha_role_tick(&role);
		} else {
			i = (due - timers) / HSRP_TIMER_END;
			t = (due - timers) % HSRP_TIMER_END;
			hsrp_timeout(&hs[i], t);
		}
	}
	w.now_us = end;
}

static __be32 peer_addr(int lan)
{
	return htonl(lan == OUT ? 0xc0000203 : 0x0a010003);
}

static void receive(int lan, const struct hsrp_msg *m, __be32 src)
{
	__u8 buf[HSRP_PKT_LEN_MAX];
	struct hsrp_rx rx = {
		.buf = buf, .src = xha_addr_v4(src), .ttl = HSRP_TTL,
	};

	rx.len = hsrp_pkt_encode(m, buf, sizeof(buf));
	hsrp_receive(&hs[lan], &rx);
}

static void hear(int lan, int op, int st, unsigned int priority)
{
	struct hsrp_msg m = {
		.version = 2,
		.opcode = op,
		.state = st,
		.group = conf.standbys[lan].number,
		.priority = priority,
		.hello_ms = 250,
		.hold_ms = 750,
		.vip = conf.standbys[lan].vips[0].addr,
	};

	receive(lan, &m, peer_addr(lan));
}

static void kernel_event(__u32 event, __u32 cause)
{
	struct xha_nl_event ev = { .cmd = XFRM_HA_CMD_GROUP_NTF };

	ev.event = event;
	w.group.cause = cause;
	ev.group = w.group;
	xha_role_event(&role, &ev);
}

static int setup(void **state)
{
	int i;

	memset(&w, 0, sizeof(w));
	memset(&own, 0, sizeof(own));
	memset(&conf, 0, sizeof(conf));
	memset(&role, 0, sizeof(role));
	w.now_us = 1000000;
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	snprintf(conf.name, sizeof(conf.name), "ha");
	conf.id = 1;
	conf.interval_in = 1000;
	conf.interval_out = 100000;
	conf.grace_ms = 10000;
	conf.n_standbys = 2;
	role.conf = &conf;
	role.kernel = &played_kernel;
	role.host = &host_ops;
	for (i = 0; i < 2; i++) {
		struct xha_conf_standby *sb = &conf.standbys[i];

		snprintf(sb->name, sizeof(sb->name), i ? "inside" : "outside");
		snprintf(sb->interface, sizeof(sb->interface), "eth%d", i);
		sb->version = 2;
		sb->number = i + 1;
		xha_addr_parse(i ? "10.1.0.1" : "192.0.2.1", &sb->vips[0].addr);
		sb->n_vips = 1;
		sb->priority = 100;
		sb->hello_ms = 250;
		sb->hold_ms = 750;
		hsrp_init(&hs[i], sb, &io_ops, &role);
		hs[i].elect.ifindex = 10 + i;
		xha_addr_parse(i ? "10.1.0.2" : "192.0.2.2", &hs[i].elect.addr);
		role.elects[role.n_elects++] = &hs[i].elect;
	}
	return 0;
}

static void links_up(void)
{
	xha_role_link(&role, &hs[OUT].elect, true);
	xha_role_link(&role, &hs[IN].elect, true);
}

/* A fresh node that has become active because nobody else was there. */
static void become_active(void)
{
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	pass(3000);
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	w.trace[0] = '\0';
}

/* A standby that hears the active on both LANs. */
static void become_standby(void)
{
	int i;

	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	for (i = 0; i < 20; i++) {
		hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
		hear(IN, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
		pass(100);
	}
	assert_int_equal(hs[OUT].state, HSRP_STATE_STANDBY);
	assert_int_equal(hs[IN].state, HSRP_STATE_STANDBY);
	assert_int_equal(w.group.role, XFRM_HA_ROLE_STANDBY);
	w.trace[0] = '\0';
}

/* ---- tests ---- */

static void test_first_node(void **state)
{
	assert_int_equal(xha_role_start(&role), 0);
	assert_done("new vips- ");
	xha_role_link(&role, &hs[OUT].elect, true);
	assert_done("kernel:standby ");
	/* One LAN alone is no election. */
	pass(5000);
	assert_done("");
	xha_role_link(&role, &hs[IN].elect, true);
	pass(1600);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	assert_int_equal(hs[OUT].state, HSRP_STATE_ACTIVE);
	assert_int_equal(hs[IN].state, HSRP_STATE_ACTIVE);
}

static void test_takeover_after_hold(void **state)
{
	become_standby();
	pass(600);
	assert_done("");
	pass(100);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_one_lan_heard_is_no_takeover(void **state)
{
	int i;

	become_standby();
	for (i = 0; i < 50; i++) {
		hear(IN, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
		pass(100);
	}
	assert_done("");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	pass(700);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

/*
 * Both boot at once, and the addresses elect this node outside, the other one
 * inside. The claim comes first, then the end of the wait for an active where
 * the other one spoke: nothing but that end could move the group.
 */
static void test_crossed_orders_at_boot(void **state)
{
	int i;

	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	pass(760);
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_SPEAK, 100);
	pass(745);
	assert_int_equal(hs[OUT].state, HSRP_STATE_STANDBY);
	assert_int_equal(hs[IN].state, HSRP_STATE_LISTEN);
	assert_done("new vips- kernel:standby neighs ");
	for (i = 0; i < 2; i++) {
		hear(IN, HSRP_OP_HELLO, HSRP_STATE_STANDBY, 100);
		pass(100);
	}
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_resign_is_takeover_at_once(void **state)
{
	become_standby();
	hear(OUT, HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 100);
	hear(IN, HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 100);
	pass(1);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_kernel_refuses(void **state)
{
	become_standby();
	w.role_err = -ENOMEM;
	pass(750);
	assert_done("kernel:active ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	assert_false(w.vips);
	assert_int_not_equal(hs[OUT].state, HSRP_STATE_ACTIVE);
	w.role_err = 0;
	pass(500);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_vips_refused(void **state)
{
	become_standby();
	w.vips_err = -ENODEV;
	pass(750);
	assert_done("kernel:active vips+ kernel:standby ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	assert_int_equal(w.group.role, XFRM_HA_ROLE_STANDBY);
	w.vips_err = 0;
	pass(500);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_link_lost_gives_up_all(void **state)
{
	become_active();
	xha_role_link(&role, &hs[IN].elect, false);
	assert_done("kernel:standby vips- resign0 resign1 ");
	assert_int_equal(hs[OUT].state, HSRP_STATE_INITIAL);
	assert_int_equal(hs[IN].state, HSRP_STATE_INITIAL);
	pass(10000);
	assert_done("");
	/* Back again, and the other node is active now: it stays so. */
	xha_role_link(&role, &hs[IN].elect, true);
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	pass(700);
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	assert_int_equal(hs[OUT].state, HSRP_STATE_LISTEN);
}

/* The peer's helper is gone, its kernel is not: wait, but not for ever. */
static void test_helper_grace(void **state)
{
	become_standby();
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.peer.has_heard = true;
	w.peer.heard_ms = 40;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	pass(10000);
	assert_done("");
	pass(700);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_helper_grace_ends_with_channel(void **state)
{
	become_standby();
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.peer.has_heard = true;
	w.peer.heard_ms = 40;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	pass(3000);
	assert_done("");
	/* Put off once, a whole hold time of silence is the limit. */
	w.peer.heard_ms = 750;
	pass(200);
	assert_done("");
	w.peer.heard_ms = 751;
	pass(60);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_helper_grace_needs_fresh_sign(void **state)
{
	become_standby();
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.peer.has_heard = true;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	/* Heard longer ago than half the hold time: the box is gone. */
	w.peer.heard_ms = 376;
	pass(800);
	assert_done("kernel:active vips+ arp hello0 hello1 ");
}

static void test_helper_back_within_grace(void **state)
{
	become_standby();
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.peer.has_heard = true;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	pass(5000);
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	pass(100);
	assert_int_equal(role.defer_us, 0);
	assert_done("");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

static char outcome[256];

static void on_done(void *arg, const char *error)
{
	snprintf(outcome, sizeof(outcome), "%s", error ? error : "ok");
}

static void test_switchover_gives(void **state)
{
	become_active();
	outcome[0] = '\0';
	assert_int_equal(xha_role_switchover(&role, on_done, NULL), 0);
	assert_done("kernel:handover ");
	assert_int_equal(role.mode, XHA_ROLE_GIVING);
	/* The peer says it is active before we are told: no rivalry. */
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200);
	assert_null(strstr(w.trace, "kernel:standby"));
	w.trace[0] = '\0';
	w.group.role = XFRM_HA_ROLE_STANDBY;
	kernel_event(XFRM_HA_EVENT_ROLE, XFRM_HA_CAUSE_HANDOVER);
	assert_done("");
	kernel_event(XFRM_HA_EVENT_HANDOVER_DONE, XFRM_HA_CAUSE_HANDOVER);
	assert_done("vips> resign0 resign1 ");
	assert_string_equal(outcome, "ok");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

static void test_switchover_fails(void **state)
{
	become_active();
	outcome[0] = '\0';
	xha_role_switchover(&role, on_done, NULL);
	snprintf(w.group.reason, sizeof(w.group.reason), "peer is silent");
	kernel_event(XFRM_HA_EVENT_HANDOVER_FAILED, XFRM_HA_CAUSE_NONE);
	assert_string_equal(outcome, "peer is silent");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	assert_done("kernel:handover ");
	w.handover_err = -EAGAIN;
	assert_int_equal(xha_role_switchover(&role, on_done, NULL), -EAGAIN);
	assert_string_equal(outcome, "said the kernel");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
}

static void test_switchover_on_standby(void **state)
{
	become_standby();
	assert_int_equal(xha_role_switchover(&role, on_done, NULL), -EINVAL);
	assert_non_null(strstr(outcome, "run the command on the active node"));
	assert_done("");
}

static void test_switchover_taken(void **state)
{
	become_standby();
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_ROLE, XFRM_HA_CAUSE_HANDOVER);
	assert_done("");
	kernel_event(XFRM_HA_EVENT_TAKEN, XFRM_HA_CAUSE_HANDOVER);
	assert_done("vips+ kernel:vip-up hello0 hello1 ");
	kernel_event(XFRM_HA_EVENT_ANNOUNCE, XFRM_HA_CAUSE_HANDOVER);
	assert_done("arp ");
}

static void test_superseded(void **state)
{
	become_active();
	kernel_event(XFRM_HA_EVENT_SUPERSEDED, XFRM_HA_CAUSE_NONE);
	assert_done("kernel:standby vips- resign0 resign1 ");
	assert_int_equal(hs[OUT].state, HSRP_STATE_SPEAK);
}

static void test_two_actives(void **state)
{
	become_active();
	/* With the channel up the kernels decide. */
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200);
	assert_done("neighs ");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	/* Without it the higher priority does, and here the higher address. */
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 99);
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	pass(100);
	w.trace[0] = '\0';
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	assert_done("kernel:standby vips- resign0 resign1 ");
}

static void test_lost_notifications(void **state)
{
	become_active();
	xha_role_switchover(&role, on_done, NULL);
	w.trace[0] = '\0';
	w.group.role = XFRM_HA_ROLE_STANDBY;
	xha_role_resync(&role);
	assert_done("vips> resign0 resign1 ");
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	w.group.cause = XFRM_HA_CAUSE_HANDOVER;
	xha_role_resync(&role);
	assert_done("vips+ kernel:vip-up hello0 hello1 arp ");
}

static void test_preempt(void **state)
{
	int i;

	conf.standbys[OUT].preempt = true;
	conf.standbys[IN].preempt = true;
	hs[OUT].elect.priority = 150;
	hs[IN].elect.priority = 150;
	w.group.state = XFRM_HA_STATE_STANDBY_COLD;
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	w.trace[0] = '\0';
	for (i = 0; i < 30; i++) {
		hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
		hear(IN, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
		pass(100);
	}
	/* Not before this node knows all the active knows. */
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	w.group.state = XFRM_HA_STATE_STANDBY_HOT;
	w.trace[0] = '\0';
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	pass(1);
	assert_done("kernel:active vips+ arp coup0 hello0 coup1 hello1 ");
}

static void test_neighbours(void **state)
{
	become_standby();
	assert_int_equal(own.last_set.n_neighs, 2);
	assert_int_equal(own.last_set.neighs[0].ifindex, 10);
	assert_int_equal(xha_addr_get_v4(&own.last_set.neighs[0].addr),
			 peer_addr(OUT));
	assert_int_equal(own.last_set.neighs[1].ifindex, 11);
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	assert_done("");
}

static void test_bad_packets_do_nothing(void **state)
{
	struct hsrp_msg m = {
		.version = 2, .opcode = HSRP_OP_RESIGN,
		.state = HSRP_STATE_ACTIVE, .group = 9, .priority = 255,
		.hello_ms = 250, .hold_ms = 750,
	};

	become_standby();
	xha_addr_parse("192.0.2.77", &m.vip);
	receive(OUT, &m, peer_addr(OUT));
	assert_int_equal(hs[OUT].bad[HSRP_BAD_GROUP], 1);
	m.group = 1;
	receive(OUT, &m, peer_addr(OUT));
	assert_int_equal(hs[OUT].bad[HSRP_BAD_VIP], 1);
	m.vip = conf.standbys[OUT].vips[0].addr;
	receive(OUT, &m, xha_addr_get_v4(&hs[OUT].elect.addr));
	assert_int_equal(hs[OUT].bad[HSRP_BAD_SOURCE], 1);
	/* A resign of somebody who is not the active. */
	receive(OUT, &m, htonl(0xc0000242));
	assert_true(hs[OUT].active.known);
	assert_int_equal(hs[OUT].state, HSRP_STATE_STANDBY);
}

static void test_timers_learnt(void **state)
{
	conf.standbys[OUT].hello_ms = 1000;
	conf.standbys[OUT].hold_ms = 3000;
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	assert_int_equal(hs[OUT].hello_ms, 250);
	assert_int_equal(hs[OUT].hold_ms, 750);
	assert_int_equal(own.timers[OUT][HSRP_TIMER_ACTIVE],
			 w.now_us + 750000);
}

static void assert_all_last(const char *from, const char *to, const char *efrom,
			    const char *eto, const char *cause)
{
	assert_last(&role.history, from, to, cause);
	assert_last(&hs[OUT].elect.history, efrom, eto, cause);
	assert_last(&hs[IN].elect.history, efrom, eto, cause);
}

/* Every change of the group and of its elections has the same cause. */
static void test_history_of_takeovers(void **state)
{
	const struct xha_change *c;

	become_standby();
	assert_last(&role.history, "init", "standby", "takes part");
	c = xha_history_get(&hs[OUT].elect.history, 0);
	assert_string_equal(c->from, "initial");
	assert_string_equal(c->to, "listen");
	assert_string_equal(c->cause, "takes part");
	pass(700);
	assert_all_last("standby", "active", "standby", "active",
			"hold time of the active over: 192.0.2.3 priority 100");
	hear(OUT, HSRP_OP_COUP, HSRP_STATE_SPEAK, 200);
	assert_all_last("active", "standby", "active", "speak",
			"192.0.2.3 is active too on eth0, and wins");
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 90);
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 90);
	pass(500);
	hear(OUT, HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 90);
	hear(IN, HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 90);
	pass(3000);
	assert_all_last("standby", "active", "standby", "active",
			"resign heard: 192.0.2.3 priority 90");
	assert_int_equal(role.history.total, 4);
	assert_int_equal(hs[IN].elect.history.total, hs[IN].changes);
}

static void test_history_of_a_link(void **state)
{
	become_active();
	assert_all_last("standby", "active", "standby", "active",
			"no active heard");
	xha_role_link(&role, &hs[IN].elect, false);
	assert_all_last("active", "standby", "active", "initial",
			"link of eth1 lost");
}

static void test_history_of_handovers(void **state)
{
	char long_reason[XHA_NL_REASON_LEN];

	become_active();
	xha_role_switchover(&role, on_done, &role);
	assert_last(&role.history, "active", "handover", "hand-over asked for");
	memset(long_reason, 'x', sizeof(long_reason));
	long_reason[sizeof(long_reason) - 1] = '\0';
	memcpy(w.group.reason, long_reason, sizeof(long_reason));
	kernel_event(XFRM_HA_EVENT_HANDOVER_FAILED, 0);
	assert_last(&role.history, "handover", "active", long_reason);
	xha_role_switchover(&role, on_done, &role);
	w.group.role = XFRM_HA_ROLE_STANDBY;
	kernel_event(XFRM_HA_EVENT_HANDOVER_DONE, XFRM_HA_CAUSE_HANDOVER);
	assert_last(&role.history, "handover", "standby",
		    "handed over to the peer");
	assert_last(&hs[IN].elect.history, "active", "speak",
		    "handed over to the peer");
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_TAKEN, XFRM_HA_CAUSE_HANDOVER);
	assert_last(&role.history, "standby", "active",
		    "received in a hand-over");
	assert_last(&hs[IN].elect.history, "speak", "active",
		    "received in a hand-over");
}

#define T(f)	cmocka_unit_test_setup(f, setup)

/* Higher than the peer outside, lower inside: said once, with all addresses. */
static void test_address_order(void **state)
{
	order_warnings = 0;
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	hear(OUT, HSRP_OP_HELLO, HSRP_STATE_SPEAK, 100);
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_SPEAK, 100);
	assert_int_equal(order_warnings, 0);
	xha_addr_parse("192.0.2.4", &hs[OUT].elect.addr);
	hs[IN].elect.peer.len = 0;
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_SPEAK, 100);
	hs[IN].elect.peer.len = 0;
	hear(IN, HSRP_OP_HELLO, HSRP_STATE_SPEAK, 100);
	assert_int_equal(order_warnings, 1);
	assert_string_equal(order_said,
			    "group ha: address order differs: own 192.0.2.4, peer 192.0.2.3 on eth0, "
			    "but own 10.1.0.2, peer 10.1.0.3 on eth1: with equal priorities eth0 decides for all");
}

/*
 * Equal priorities, and each node is next in line on another LAN: the one that
 * is so on the first LAN takes all, the other none.
 */
static void test_split_first_decides(void **state)
{
	int mine, i;

	for (mine = OUT; mine <= IN; mine++) {
		setup(NULL);
		xha_addr_parse("192.0.2.4", &hs[OUT].elect.addr);
		xha_addr_parse("10.1.0.4", &hs[IN].elect.addr);
		xha_addr_parse(mine == IN ? "192.0.2.2" : "10.1.0.2",
			       &hs[!mine].elect.addr);
		assert_int_equal(xha_role_start(&role), 0);
		links_up();
		for (i = 0; i < 20; i++) {
			hear(mine, HSRP_OP_HELLO, HSRP_STATE_LISTEN, 100);
			hear(!mine, HSRP_OP_HELLO, HSRP_STATE_STANDBY, 100);
			pass(250);
		}
		assert_int_equal(hs[mine].state, mine == OUT ?
				 HSRP_STATE_ACTIVE : HSRP_STATE_STANDBY);
		assert_int_equal(role.mode, mine == OUT ? XHA_ROLE_ACTIVE :
				 XHA_ROLE_STANDBY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_first_node),
		T(test_history_of_takeovers),
		T(test_history_of_a_link),
		T(test_history_of_handovers),
		T(test_takeover_after_hold),
		T(test_one_lan_heard_is_no_takeover),
		T(test_crossed_orders_at_boot),
		T(test_resign_is_takeover_at_once),
		T(test_kernel_refuses),
		T(test_vips_refused),
		T(test_link_lost_gives_up_all),
		T(test_helper_grace),
		T(test_helper_grace_ends_with_channel),
		T(test_helper_grace_needs_fresh_sign),
		T(test_helper_back_within_grace),
		T(test_switchover_gives),
		T(test_switchover_fails),
		T(test_switchover_on_standby),
		T(test_switchover_taken),
		T(test_superseded),
		T(test_two_actives),
		T(test_lost_notifications),
		T(test_preempt),
		T(test_neighbours),
		T(test_bad_packets_do_nothing),
		T(test_timers_learnt),
		T(test_address_order),
		T(test_split_first_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
