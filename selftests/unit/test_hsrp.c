// SPDX-License-Identifier: GPL-2.0-only
/*
 * One HSRP instance at a time, both versions and both IP versions, with its
 * group, packets and clock played here: what it learns, when it waits, what it
 * refuses, and what a flood makes it do.
 */
/* link: tools/xhad/change.c tools/xhad/history.c tools/xhad/trace.c */
/* link: tools/xhad/show.c tools/xhad/hsrp_trace.c */
/* link: tools/xhad/hsrp.c tools/xhad/hsrp_fsm.c tools/xhad/hsrp_pkt.c */
/* link: tools/xhad/hsrp_auth.c tools/xhad/hsrp_adv.c tools/lib/xha_addr.c */
/* libs: nettle json-c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "hsrp.h"
#include "hsrp_adv.h"
#include "log.h"
#include "role.h"

#define N	3

static struct {
	__u64 now_us;
	unsigned int kicks, rivals, asked, neighbours, warnings;
	__u64 timers[N][HSRP_TIMER_END];
	unsigned int sent[N][4];	/* by opcode */
	struct hsrp_msg last[N];
	struct hsrp_msg advert;
} w;

static struct xha_conf_standby conf[N];
static struct hsrp hs[N];
static struct xha_role role;
static struct hsrp *all;

void xha_log_write(int level, const char *fmt, ...)
{
	if (level == 4)
		w.warnings++;
}

__u64 xha_log_now_us(void)
{
	return w.now_us;
}

const char *xha_role_name(const struct xha_role *r)
{
	return "ha";
}

void xha_role_kick(struct xha_role *r)
{
	w.kicks++;
}

void xha_role_rival(struct xha_role *r, struct xha_elect *e,
		    struct xha_addr addr)
{
	w.rivals++;
}

void xha_role_asked(struct xha_role *r, struct xha_elect *e,
		    struct xha_addr addr)
{
	w.asked++;
}

void xha_role_neighbour(struct xha_role *r, struct xha_elect *e,
			struct xha_addr addr)
{
	w.neighbours++;
}

static int io_open(struct hsrp *h)
{
	return 0;
}

static void io_close(struct hsrp *h)
{
}

static int io_send(struct hsrp *h, const __u8 *buf, size_t len)
{
	struct hsrp_msg m;

	assert_int_equal(hsrp_pkt_decode(h->conf->version, buf, len, &m),
			 HSRP_BAD_NONE);
	w.sent[h - hs][m.opcode]++;
	if (m.opcode == HSRP_OP_ADVERT)
		w.advert = m;
	else
		w.last[h - hs] = m;
	return 0;
}

static void io_arm(struct hsrp *h, enum hsrp_timer t, __u32 ms)
{
	w.timers[h - hs][t] = w.now_us + ms * 1000ULL;
}

static void io_disarm(struct hsrp *h, enum hsrp_timer t)
{
	w.timers[h - hs][t] = 0;
}

static const struct hsrp_io_ops io_ops = {
	io_open, io_close, io_send, io_arm, io_disarm,
};

static __u64 *next_due(__u64 end)
{
	__u64 *due = NULL;
	int i, t;

	for (i = 0; i < N; i++)
		for (t = 0; t < HSRP_TIMER_END; t++)
			if (w.timers[i][t] && w.timers[i][t] <= end &&
			    (!due || w.timers[i][t] < *due))
				due = &w.timers[i][t];
	return due;
}

/* Let time pass, in ms, running what falls due, in order. */
static void pass(unsigned int ms)
{
	__u64 end = w.now_us + ms * 1000ULL;
	__u64 *due;
	size_t at;

	while ((due = next_due(end))) {
		w.now_us = *due;
		*due = 0;
		at = due - &w.timers[0][0];
		hsrp_timeout(&hs[at / HSRP_TIMER_END], at % HSRP_TIMER_END);
	}
	w.now_us = end;
}

static const struct xha_elect_ops *ops(int i)
{
	return hs[i].elect.ops;
}

static void start(int i)
{
	hs[i].elect.link_up = true;
	ops(i)->start(&hs[i].elect);
}

static void stop(int i)
{
	ops(i)->stop(&hs[i].elect);
}

static void set_up(int i)
{
	bool v6 = conf[i].vips[0].addr.len == 16;

	hsrp_init(&hs[i], &conf[i], &io_ops, &role);
	hs[i].elect.ifindex = 10;
	xha_addr_parse(v6 ? "fe80::2" : "192.0.2.2", &hs[i].elect.addr);
	memcpy(hs[i].elect.mac, "\2\0\0\0\12\1", 6);
}

static int setup(void **state)
{
	int i;

	memset(&w, 0, sizeof(w));
	memset(conf, 0, sizeof(conf));
	memset(&role, 0, sizeof(role));
	all = NULL;
	w.now_us = 100000000;
	for (i = 0; i < N; i++) {
		snprintf(conf[i].name, sizeof(conf[i].name), "s%d", i);
		snprintf(conf[i].interface, sizeof(conf[i].interface), "eth0");
		conf[i].version = 2;
		conf[i].number = i + 1;
		xha_addr_parse("192.0.2.1", &conf[i].vips[0].addr);
		conf[i].vips[0].addr.b[3] += i;
		conf[i].n_vips = 1;
		conf[i].priority = 100;
		conf[i].hello_ms = 1000;
		conf[i].hold_ms = 3000;
		set_up(i);
	}
	return 0;
}

static void use_version(unsigned int version)
{
	conf[0].version = version;
}

static void use_ipv6(void)
{
	xha_addr_parse("fe80::1", &conf[0].vips[0].addr);
	set_up(0);
}

/* What another router says, to be changed before it is heard. */
static struct hsrp_msg says(int op, int st, unsigned int priority)
{
	struct hsrp_msg m = {
		.version = conf[0].version, .opcode = op, .state = st,
		.group = 1, .priority = priority,
		.hello_ms = 1000, .hold_ms = 3000,
		.vip = conf[0].vips[0].addr,
	};

	return m;
}

static void hear_from(int i, const char *src, struct hsrp_msg m)
{
	struct hsrp_rx rx = { .ttl = 1 };
	__u8 buf[HSRP_PKT_LEN_MAX];

	xha_addr_parse(src, &rx.src);
	if (rx.src.len == 16)
		rx.ttl = 255;
	if (!m.auth && m.opcode != HSRP_OP_ADVERT)
		hsrp_auth_prepare(&conf[i].auth, 0, &m);
	rx.buf = buf;
	rx.len = hsrp_pkt_encode(&m, buf, sizeof(buf));
	hsrp_auth_sign(&conf[i].auth, buf, rx.len);
	hsrp_receive(&hs[i], &rx);
}

static void hear(struct hsrp_msg m)
{
	hear_from(0, m.vip.len == 16 ? "fe80::9" : "192.0.2.9", m);
}

static void hear_active(unsigned int priority)
{
	hear(says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, priority));
}

/* An active that is heard every 500 ms. */
static void active_for(unsigned int ms, unsigned int priority)
{
	unsigned int t;

	for (t = 0; t < ms; t += 500) {
		hear_active(priority);
		pass(500);
	}
}

/* ---- the ways from state to state ---- */

static void walk(void)
{
	start(0);
	assert_int_equal(hs[0].state, HSRP_STATE_LISTEN);
	active_for(7000, 100);
	assert_int_equal(hs[0].state, HSRP_STATE_STANDBY);
	assert_true(hs[0].active.known);
	assert_false(ops(0)->silent(&hs[0].elect));
	/* Coup and resign of somebody else are nothing to a standby. */
	hear_from(0, conf[0].vips[0].addr.len == 16 ? "fe80::8" : "192.0.2.8",
		  says(HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 255));
	assert_false(ops(0)->claims(&hs[0].elect));
	hear(says(HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 100));
	assert_true(ops(0)->claims(&hs[0].elect));
	ops(0)->grant(&hs[0].elect, false);
	assert_int_equal(hs[0].state, HSRP_STATE_ACTIVE);
	assert_int_equal(w.last[0].state, HSRP_STATE_ACTIVE);
	assert_int_equal(w.rivals, 0);
	hear(says(HSRP_OP_COUP, HSRP_STATE_STANDBY, 200));
	assert_int_equal(w.asked, 1);
	assert_int_equal(w.rivals, 0);
	ops(0)->release(&hs[0].elect);
	assert_int_equal(hs[0].state, HSRP_STATE_SPEAK);
	assert_int_equal(w.sent[0][HSRP_OP_RESIGN], 1);
	hear_active(200);
	pass(2000);
	hear_active(200);
	pass(1500);
	assert_int_equal(hs[0].state, HSRP_STATE_STANDBY);
	/* Silence: after the hold time, and not before. */
	pass(1400);
	assert_false(ops(0)->claims(&hs[0].elect));
	pass(200);
	assert_true(ops(0)->claims(&hs[0].elect));
	stop(0);
	assert_int_equal(hs[0].state, HSRP_STATE_INITIAL);
}

static void test_walk_v1(void **state)
{
	use_version(1);
	walk();
}

static void test_walk_v2(void **state)
{
	walk();
}

static void test_walk_v6(void **state)
{
	use_ipv6();
	walk();
	assert_int_equal(w.last[0].vip.len, 16);
	assert_memory_equal(w.last[0].id, hs[0].elect.mac, 6);
}

/* Tracking lowers the priority: all are told at once, in any state. */
static void test_lowered(void **state)
{
	unsigned int sent;

	conf[0].preempt = true;
	start(0);
	ops(0)->prioritize(&hs[0].elect, 120);
	assert_int_equal(w.sent[0][HSRP_OP_HELLO], 0);
	active_for(7000, 110);
	assert_true(ops(0)->preempts(&hs[0].elect));
	sent = w.sent[0][HSRP_OP_HELLO];
	ops(0)->prioritize(&hs[0].elect, 0);
	assert_int_equal(w.sent[0][HSRP_OP_HELLO], sent + 1);
	assert_int_equal(w.last[0].priority, 0);
	assert_int_equal(w.last[0].state, HSRP_STATE_STANDBY);
	/* Not what was heard of lower actives before. */
	assert_false(ops(0)->preempts(&hs[0].elect));
	hear_active(110);
	assert_false(ops(0)->preempts(&hs[0].elect));
	ops(0)->grant(&hs[0].elect, false);
	assert_int_equal(w.last[0].priority, 0);
	hear_active(1);
	assert_int_equal(w.rivals, 1);
	ops(0)->prioritize(&hs[0].elect, 100);
	assert_int_equal(w.last[0].priority, 100);
	assert_int_equal(w.last[0].state, HSRP_STATE_ACTIVE);
	pass(1000);
	hear_active(99);
	assert_int_equal(w.rivals, 1);
}

/* Priority first, then the address, as a number. */
static void test_ties(void **state)
{
	static const struct {
		const char *src;
		unsigned int priority, rivals;
	} cases[] = {
		{ "192.0.2.9", 100, 1 }, { "192.0.2.1", 100, 0 },
		{ "192.0.1.9", 100, 0 }, { "193.0.0.0", 100, 1 },
		{ "10.0.0.9", 101, 1 }, { "193.0.0.0", 99, 0 },
	};
	size_t i;

	start(0);
	pass(20000);
	ops(0)->grant(&hs[0].elect, false);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pass(1000);
		w.rivals = 0;
		hear_from(0, cases[i].src, says(HSRP_OP_HELLO,
						HSRP_STATE_ACTIVE,
						cases[i].priority));
		assert_int_equal(w.rivals, cases[i].rivals);
	}
}

/* ---- learning ---- */

static void test_learn_v2(void **state)
{
	struct hsrp_msg m;

	start(0);
	m = says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	m.hello_ms = 250;
	m.hold_ms = 800;
	hear(m);
	assert_int_equal(hs[0].hello_ms, 250);
	assert_int_equal(hs[0].hold_ms, 800);
	/* Only of the active. */
	m.state = HSRP_STATE_STANDBY;
	m.hello_ms = 300;
	hear_from(0, "192.0.2.8", m);
	assert_int_equal(hs[0].hello_ms, 250);
	/* Own ones again as active, which then count for the others. */
	ops(0)->grant(&hs[0].elect, false);
	assert_int_equal(w.last[0].hello_ms, 1000);
	assert_int_equal(w.last[0].hold_ms, 3000);
}

static void test_learn_v1(void **state)
{
	struct hsrp_msg m;

	use_version(1);
	start(0);
	m = says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	m.hello_ms = 2000;
	m.hold_ms = 7000;
	hear(m);
	assert_int_equal(hs[0].hello_ms, 2000);
	assert_int_equal(hs[0].hold_ms, 7000);
	/* "Less than a second" is not said exactly enough. */
	m.hello_ms = 250;
	m.hold_ms = 750;
	hear(m);
	assert_int_equal(hs[0].hello_ms, 2000);
	assert_int_equal(hs[0].bad[HSRP_BAD_TIMERS], 0);
}

/* Who is set to less than a second does not learn whole ones. */
static void test_learn_v1_msec(void **state)
{
	use_version(1);
	conf[0].hello_ms = 250;
	conf[0].hold_ms = 800;
	start(0);
	hear_active(100);
	assert_int_equal(hs[0].hello_ms, 250);
	assert_int_equal(hs[0].hold_ms, 800);
	assert_true(hs[0].active.known);
}

/* ---- waiting ---- */

static void test_delay(void **state)
{
	conf[0].delay_min_ms = 5000;
	conf[0].delay_reload_ms = 20000;
	start(0);
	pass(19900);
	assert_int_equal(hs[0].state, HSRP_STATE_INITIAL);
	assert_false(ops(0)->silent(&hs[0].elect));
	assert_int_equal(hs[0].sent, 0);
	pass(200);
	assert_int_equal(hs[0].state, HSRP_STATE_LISTEN);
	/* The interface again: the shorter one. */
	stop(0);
	start(0);
	pass(4900);
	assert_int_equal(hs[0].state, HSRP_STATE_INITIAL);
	pass(200);
	assert_int_equal(hs[0].state, HSRP_STATE_LISTEN);
	/* Gone while it waits: nothing comes later. */
	stop(0);
	start(0);
	stop(0);
	pass(10000);
	assert_int_equal(hs[0].state, HSRP_STATE_INITIAL);
}

static void test_delay_resumed(void **state)
{
	conf[0].delay_min_ms = 5000;
	conf[0].delay_reload_ms = 20000;
	role.resumed = true;
	start(0);
	pass(5100);
	assert_int_equal(hs[0].state, HSRP_STATE_LISTEN);
}

/* Who is active already does not wait to say so. */
static void test_delay_active(void **state)
{
	conf[0].delay_min_ms = 5000;
	start(0);
	ops(0)->grant(&hs[0].elect, false);
	assert_int_equal(hs[0].state, HSRP_STATE_ACTIVE);
	assert_int_equal(w.sent[0][HSRP_OP_HELLO], 1);
	pass(10000);
	assert_int_equal(hs[0].state, HSRP_STATE_ACTIVE);
}

static bool preempts(void)
{
	return ops(0)->preempts(&hs[0].elect);
}

static void test_preempt_delay(void **state)
{
	conf[0].preempt = true;
	conf[0].preempt_min_ms = 4000;
	conf[0].preempt_reload_ms = 9000;
	start(0);
	active_for(8500, 50);
	assert_false(preempts());
	active_for(1000, 50);
	assert_true(preempts());
	/* Not a higher one, and not for ever. */
	active_for(500, 150);
	assert_false(preempts());
	stop(0);
	start(0);
	active_for(3500, 50);
	assert_false(preempts());
	active_for(1000, 50);
	assert_true(preempts());
	assert_false(ops(0)->insists(&hs[0].elect));
}

static void test_preempt_sync(void **state)
{
	conf[0].preempt = true;
	conf[0].has_sync = true;
	conf[0].preempt_sync_ms = 5000;
	start(0);
	active_for(4500, 50);
	assert_true(preempts());
	assert_false(ops(0)->insists(&hs[0].elect));
	/* A higher one between starts it anew. */
	active_for(500, 150);
	active_for(4500, 50);
	assert_false(ops(0)->insists(&hs[0].elect));
	active_for(1000, 50);
	assert_true(ops(0)->insists(&hs[0].elect));
}

/* ---- what is refused ---- */

/* @bad was counted, once more, and nothing else has happened. */
static void refused(enum hsrp_bad bad, struct hsrp_msg m, const char *src,
		    int ttl)
{
	struct hsrp before;
	struct hsrp_rx rx = { .ttl = ttl };
	__u8 buf[HSRP_PKT_LEN_MAX];
	unsigned int neighbours = w.neighbours;

	xha_addr_parse(src, &rx.src);
	rx.buf = buf;
	rx.len = hsrp_pkt_encode(&m, buf, sizeof(buf));
	before = hs[0];
	hsrp_receive(&hs[0], &rx);
	assert_int_equal(hs[0].bad[bad], before.bad[bad] + 1);
	before.bad[bad]++;
	before.bad_logged_us[bad] = w.now_us;
	assert_memory_equal(&before, &hs[0], sizeof(before));
	assert_int_equal(w.neighbours, neighbours);
}

static void test_refused(void **state)
{
	struct hsrp_msg good = says(HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 100);
	struct hsrp_msg m;

	start(0);
	active_for(7000, 100);
	refused(HSRP_BAD_TTL, good, "192.0.2.9", 2);
	refused(HSRP_BAD_TTL, good, "192.0.2.9", 255);
	refused(HSRP_BAD_TTL, good, "192.0.2.9", -1);
	refused(HSRP_BAD_SOURCE, good, "192.0.2.2", 1);
	m = good;
	m.group = 9;
	refused(HSRP_BAD_GROUP, m, "192.0.2.9", 1);
	m = good;
	m.vip.b[3]++;
	refused(HSRP_BAD_VIP, m, "192.0.2.9", 1);
	m = good;
	xha_addr_parse("fe80::1", &m.vip);
	refused(HSRP_BAD_FAMILY, m, "192.0.2.9", 1);
	m = good;
	m.auth = HSRP_AUTH_TEXT;
	memcpy(m.text, "wrong", 5);
	refused(HSRP_BAD_AUTH_TEXT, m, "192.0.2.9", 1);
	m.auth = HSRP_AUTH_MD5;
	refused(HSRP_BAD_AUTH_TYPE, m, "192.0.2.9", 1);
	/* And the good one has its effect. */
	hear(good);
	assert_true(ops(0)->claims(&hs[0].elect));
}

static void test_refused_md5(void **state)
{
	struct hsrp_msg m = says(HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 100);

	conf[0].auth.mode = HSRP_MODE_MD5;
	conf[0].auth.n_keys = 1;
	conf[0].auth.keys[0].id = 5;
	conf[0].auth.keys[0].len = 1;
	start(0);
	active_for(7000, 100);
	assert_true(hs[0].active.known);
	refused(HSRP_BAD_AUTH_TYPE, m, "192.0.2.9", 1);
	m.auth = HSRP_AUTH_MD5;
	m.key_id = 4;
	refused(HSRP_BAD_AUTH_KEY, m, "192.0.2.9", 1);
	m.key_id = 5;
	refused(HSRP_BAD_AUTH_DIGEST, m, "192.0.2.9", 1);
	hear(m);
	assert_true(ops(0)->claims(&hs[0].elect));
}

static void test_refused_v6(void **state)
{
	struct hsrp_msg m;

	use_ipv6();
	start(0);
	m = says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	refused(HSRP_BAD_TTL, m, "fe80::9", 254);
	refused(HSRP_BAD_TTL, m, "fe80::9", 1);
	xha_addr_parse("192.0.2.1", &m.vip);
	refused(HSRP_BAD_FAMILY, m, "fe80::9", 255);
}

/* One line for a burst, however long; one more after a quiet time. */
static void test_burst_is_logged_once(void **state)
{
	struct hsrp_msg m = says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);
	int i;

	m.group = 9;
	start(0);
	for (i = 0; i < 300; i++) {
		hear(m);
		pass(100);
	}
	assert_int_equal(w.warnings, 1);
	assert_int_equal(hs[0].bad[HSRP_BAD_GROUP], 300);
	m.vip.b[0]++;
	m.group = 1;
	hear(m);
	assert_int_equal(w.warnings, 2);
	pass(11000);
	hear(m);
	assert_int_equal(w.warnings, 3);
}

/* ---- floods of good packets ---- */

static void test_flood(void **state)
{
	unsigned int i, hellos;

	start(0);
	pass(20000);
	ops(0)->grant(&hs[0].elect, false);
	hellos = w.sent[0][HSRP_OP_HELLO];
	/* 10 000 a second for two seconds, from a lower and a higher one. */
	for (i = 0; i < 20000; i++) {
		hear_from(0, "192.0.2.1", says(HSRP_OP_HELLO,
					       HSRP_STATE_ACTIVE, 100));
		hear_from(0, "192.0.2.9", says(HSRP_OP_HELLO,
					       HSRP_STATE_ACTIVE, 100));
		w.now_us += 100;
		pass(0);
	}
	hellos = w.sent[0][HSRP_OP_HELLO] - hellos;
	assert_in_range(hellos, 7, 9);
	assert_in_range(w.rivals, 7, 9);
}

/* The limit must not keep a new state from being told, or hellos from going on. */
static void test_flood_and_states(void **state)
{
	unsigned int hellos;

	start(0);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_STANDBY, 50));
	assert_int_equal(hs[0].state, HSRP_STATE_SPEAK);
	assert_int_equal(w.sent[0][HSRP_OP_HELLO], 1);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_STANDBY, 150));
	assert_int_equal(hs[0].state, HSRP_STATE_LISTEN);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_STANDBY, 50));
	assert_int_equal(hs[0].state, HSRP_STATE_SPEAK);
	assert_int_equal(w.sent[0][HSRP_OP_HELLO], 2);
	hellos = w.sent[0][HSRP_OP_HELLO];
	pass(1100);
	assert_int_equal(w.sent[0][HSRP_OP_HELLO], hellos + 1);
}

/* ---- several on one interface ---- */

static void join_all(void)
{
	int i;

	for (i = 0; i < N; i++)
		hsrp_join(&all, &hs[i]);
}

static void test_siblings(void **state)
{
	struct hsrp_msg m = says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 100);

	snprintf(conf[2].interface, sizeof(conf[2].interface), "eth1");
	join_all();
	start(0);
	/* Group 2 is ours too; 3 is, but elsewhere. */
	m.group = 2;
	hear(m);
	assert_int_equal(hs[0].bad[HSRP_BAD_GROUP], 0);
	assert_int_equal(hs[0].received, 0);
	m.group = 3;
	hear(m);
	assert_int_equal(hs[0].bad[HSRP_BAD_GROUP], 1);
}

static void test_adverts(void **state)
{
	unsigned int *adverts[N], i;

	snprintf(conf[2].interface, sizeof(conf[2].interface), "eth1");
	join_all();
	for (i = 0; i < N; i++)
		adverts[i] = &w.sent[i][HSRP_OP_ADVERT];
	start(1);
	assert_int_equal(*adverts[1], 1);
	assert_int_equal(w.advert.if_passive, 1);
	start(0);
	assert_int_equal(*adverts[0] + *adverts[1], 1);
	pass(HSRP_ADV_MS);
	assert_int_equal(*adverts[0] + *adverts[1], 2);
	assert_int_equal(w.advert.if_passive, 2);
	ops(1)->grant(&hs[1].elect, false);
	assert_int_equal(*adverts[0] + *adverts[1], 3);
	assert_int_equal(w.advert.if_active, 1);
	assert_int_equal(w.advert.if_passive, 1);
	/* A second active changes nothing, and active is told once. */
	ops(0)->grant(&hs[0].elect, false);
	pass(3 * HSRP_ADV_MS);
	assert_int_equal(*adverts[0] + *adverts[1], 3);
	ops(0)->release(&hs[0].elect);
	ops(1)->release(&hs[1].elect);
	assert_int_equal(*adverts[0] + *adverts[1], 4);
	stop(0);
	stop(1);
	assert_int_equal(*adverts[0] + *adverts[1], 5);
	assert_int_equal(w.advert.if_active + w.advert.if_passive, 0);
	pass(3 * HSRP_ADV_MS);
	assert_int_equal(*adverts[0] + *adverts[1], 5);
	assert_int_equal(*adverts[2], 0);
}

/* Those of others are counted and do nothing. */
static void test_advert_heard(void **state)
{
	struct hsrp_msg m = { .opcode = HSRP_OP_ADVERT, .if_active = 1 };
	unsigned int v;

	for (v = 1; v <= 2; v++) {
		setup(state);
		use_version(v);
		m.version = v;
		start(0);
		hear(m);
		assert_int_equal(hs[0].adverts, 1);
		assert_int_equal(hs[0].received, 0);
		assert_int_equal(w.warnings, 0);
		assert_int_equal(hs[0].state, HSRP_STATE_LISTEN);
	}
}

#define T(f)	cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_walk_v1),
		T(test_walk_v2),
		T(test_walk_v6),
		T(test_lowered),
		T(test_ties),
		T(test_learn_v2),
		T(test_learn_v1),
		T(test_learn_v1_msec),
		T(test_delay),
		T(test_delay_resumed),
		T(test_delay_active),
		T(test_preempt_delay),
		T(test_preempt_sync),
		T(test_refused),
		T(test_refused_md5),
		T(test_refused_v6),
		T(test_burst_is_logged_once),
		T(test_flood),
		T(test_flood_and_states),
		T(test_siblings),
		T(test_adverts),
		T(test_advert_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
