// SPDX-License-Identifier: GPL-2.0-only
/*
 * VRRP instances in a redundancy group, one of them beside HSRP, against a
 * kernel, a machine and a clock that are played here.
 */
/* link: tools/xhad/change.c tools/xhad/history.c tools/xhad/trace.c */
/* link: tools/xhad/show.c tools/xhad/vrrp_trace.c */
/* link: tools/xhad/role.c tools/xhad/vrrp.c tools/xhad/vrrp_fsm.c */
/* link: tools/xhad/role_conf.c */
/* link: tools/xhad/role_ask.c tools/xhad/role_resume.c tools/xhad/role_vips.c */
/* link: tools/xhad/vrrp_pkt.c tools/lib/xha_addr.c tools/lib/xha_names.c */
/* libs: json-c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "played_role.h"
#include "vrrp.h"

#define OUT 0
#define IN 1

/* Beside what played_role.h plays */
static struct {
	unsigned int warned;
	__u64 timers[2][VRRP_TIMER_END];
	struct vrrp_msg last[2];
	unsigned int sent[2];
} own;

static struct xha_conf_group conf;
static struct vrrp vs[2];
static struct xha_role role;

void xha_log_write(int level, const char *fmt, ...)
{
	own.warned += level == 4;
}

static int k_group_new(void *arg, const struct xha_nl_group_conf *c)
{
	w.exists = true;
	return 0;
}

static int k_group_set(void *arg, const struct xha_nl_group_conf *c)
{
	return 0;
}

static int k_role_set(void *arg, __u32 id, __u32 r)
{
	trace(r == XFRM_HA_ROLE_ACTIVE ? "active " : "standby ");
	w.group.role = r;
	return 0;
}

static int hand_over(void *arg, __u32 id)
{
	trace("handover ");
	return 0;
}

static int vip_up(void *arg, __u32 id)
{
	return 0;
}

static const struct xha_kernel_ops kernel_ops = {
	.group_new	= k_group_new,
	.group_set	= k_group_set,
	.group_get	= k_group_get,
	.peer_get	= k_peer_get,
	.role_set	= k_role_set,
	.handover	= hand_over,
	.vip_up		= vip_up,
	.error		= k_error,
};

static int io_open(struct vrrp *v)
{
	return 0;
}

static void io_close(struct vrrp *v)
{
}

static struct vrrp_path path_from(const struct vrrp *v, const char *src)
{
	struct vrrp_path path = { .dst = vrrp_mcast(v), .ttl = 255 };

	xha_addr_parse(src, &path.src);
	return path;
}

static int io_send(struct vrrp *v, const __u8 *buf, size_t len)
{
	struct vrrp_path path = {
		.src = v->elect.addr, .dst = vrrp_mcast(v), .ttl = 255,
	};
	int i = v - vs;

	assert_int_equal(vrrp_pkt_decode(buf, len, &path, &own.last[i]),
			 VRRP_BAD_NONE);
	own.sent[i]++;
	trace(own.last[i].priority ? "advert%d " : "resign%d ", i);
	return 0;
}

static void io_arm(struct vrrp *v, enum vrrp_timer t, __u32 us)
{
	own.timers[v - vs][t] = w.now_us + us;
}

static void io_disarm(struct vrrp *v, enum vrrp_timer t)
{
	own.timers[v - vs][t] = 0;
}

static const struct vrrp_io_ops io_ops = {
	.open	= io_open,
	.close	= io_close,
	.send	= io_send,
	.arm	= io_arm,
	.disarm	= io_disarm,
};

/* Let time pass, running what falls due, in order. */
static void pass_us(__u64 us)
{
	__u64 end = w.now_us + us;
	__u64 *timers = &own.timers[0][0], *due;
	int i, t;

	while ((due = next_due(timers, 2 * VRRP_TIMER_END, end))) {
		if (due == &w.tick_us) {
			xha_role_tick(&role);
		} else {
			i = (due - timers) / VRRP_TIMER_END;
			t = (due - timers) % VRRP_TIMER_END;
			vrrp_timeout(&vs[i], t);
		}
	}
	w.now_us = end;
}

static void pass(unsigned int ms)
{
	pass_us(ms * 1000ULL);
}

/* What the other node says on a LAN; a test may bend it. */
static struct vrrp_msg other_msg(int lan, __u8 priority)
{
	const struct xha_conf_standby *sb = &conf.standbys[lan];
	struct vrrp_msg m = {
		.version = sb->vrrp.version,
		.vrid = sb->number,
		.priority = priority,
		.interval_ms = sb->hello_ms,
		.pseudo = sb->vrrp.pseudo,
		.n_addrs = 1,
		.addrs = { sb->vips[0].addr },
	};

	if (sb->vrrp.has_auth) {
		m.auth_type = VRRP_AUTH_TEXT;
		memcpy(m.auth, sb->vrrp.auth, sizeof(m.auth));
	}
	return m;
}

static void hear_msg(int lan, const struct vrrp_msg *m, const char *src)
{
	struct vrrp_path path = path_from(&vs[lan], src);
	__u8 buf[VRRP_PKT_MAX];
	int len = vrrp_pkt_encode(m, &path, buf, sizeof(buf));

	assert_true(len > 0);
	vrrp_receive(&vs[lan], buf, len, &path);
}

static const char *other_addr(int lan)
{
	if (conf.standbys[lan].vips[0].addr.len == 16)
		return "fe80::3";
	return lan == OUT ? "192.0.2.3" : "10.1.0.3";
}

static void hear(int lan, __u8 priority)
{
	struct vrrp_msg m = other_msg(lan, priority);

	hear_msg(lan, &m, other_addr(lan));
}

static void make_elections(unsigned int n)
{
	unsigned int i;

	conf.n_standbys = n;
	role.n_elects = 0;
	for (i = 0; i < n; i++) {
		vrrp_init(&vs[i], &conf.standbys[i], &io_ops, &role);
		vs[i].elect.ifindex = 10 + i;
		xha_addr_parse(i ? "10.1.0.2" : "192.0.2.2", &vs[i].elect.addr);
		role.elects[role.n_elects++] = &vs[i].elect;
	}
}

/* Version 3, 100 ms, priority 128: skew 50 ms, master down 350 ms. */
static int setup(void **state)
{
	int i;

	memset(&w, 0, sizeof(w));
	memset(&own, 0, sizeof(own));
	memset(&conf, 0, sizeof(conf));
	memset(&role, 0, sizeof(role));
	w.now_us = 1000000;
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	w.group.state = XFRM_HA_STATE_STANDBY_HOT;
	snprintf(conf.name, sizeof(conf.name), "ha");
	conf.id = 1;
	conf.grace_ms = 10000;
	role.conf = &conf;
	role.kernel = &kernel_ops;
	role.host = &played_host;
	for (i = 0; i < 2; i++) {
		struct xha_conf_standby *sb = &conf.standbys[i];

		sb->protocol = XHA_CONF_VRRP;
		snprintf(sb->name, sizeof(sb->name), i ? "inside" : "outside");
		snprintf(sb->interface, sizeof(sb->interface), "eth%d", i);
		sb->number = i + 1;
		xha_addr_parse(i ? "10.1.0.1" : "192.0.2.1", &sb->vips[0].addr);
		sb->n_vips = 1;
		sb->priority = 128;
		sb->hello_ms = 100;
		sb->hold_ms = 350;
		sb->vrrp.version = 3;
		sb->vrrp.pseudo = true;
	}
	make_elections(2);
	return 0;
}

static void begin(void)
{
	unsigned int i;

	assert_int_equal(xha_role_start(&role), 0);
	for (i = 0; i < role.n_elects; i++)
		xha_role_link(&role, role.elects[i], true);
	w.trace[0] = '\0';
}

static void become_master(void)
{
	begin();
	pass(400);
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	w.trace[0] = '\0';
}

static void hear_for(unsigned int ms, __u8 priority)
{
	unsigned int i, k;

	for (i = 0; i < ms; i += 100) {
		for (k = 0; k < role.n_elects; k++)
			hear(k, priority);
		pass(100);
	}
}

static void become_backup(void)
{
	begin();
	hear_for(500, 200);
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	assert_int_equal(own.sent[OUT] + own.sent[IN], 0);
	w.trace[0] = '\0';
}

static void test_alone(void **state)
{
	begin();
	pass_us(349999);
	assert_done("");
	pass(1);
	assert_done("active vips+ arp advert0 advert1 ");
	assert_int_equal(vs[OUT].state, VRRP_STATE_MASTER);
	assert_int_equal(vs[IN].state, VRRP_STATE_MASTER);
	pass(100);
	assert_done("advert0 advert1 ");
	assert_int_equal(own.last[OUT].vrid, 1);
	assert_int_equal(own.last[OUT].priority, 128);
	assert_int_equal(own.last[OUT].interval_ms, 100);
}

static void test_master_silent(void **state)
{
	become_backup();
	pass_us(249999);
	assert_done("");
	pass(1);
	assert_done("active vips+ arp advert0 advert1 ");
}

static void test_one_lan_heard_is_no_takeover(void **state)
{
	int i;

	become_backup();
	for (i = 0; i < 20; i++) {
		hear(IN, 200);
		pass(100);
	}
	assert_done("");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	pass(300);
	assert_done("active vips+ arp advert0 advert1 ");
}

/* Skew time and not at once: who has a higher priority is first. */
static void test_resign(void **state)
{
	become_backup();
	hear(OUT, 0);
	hear(IN, 0);
	pass_us(49999);
	assert_done("");
	pass(1);
	assert_done("active vips+ arp advert0 advert1 ");
	assert_int_equal(vs[OUT].resigned, 1);
}

static void test_resign_of_another(void **state)
{
	struct vrrp_msg m;

	become_backup();
	m = other_msg(OUT, 0);
	hear_msg(OUT, &m, "192.0.2.77");
	hear(IN, 0);
	pass(99);
	assert_done("");
	assert_true(vs[OUT].master.known);
}

static void test_interval_is_learnt(void **state)
{
	struct vrrp_msg m;

	become_backup();
	m = other_msg(OUT, 200);
	m.interval_ms = 1000;
	hear_msg(OUT, &m, other_addr(OUT));
	m = other_msg(IN, 200);
	m.interval_ms = 1000;
	hear_msg(IN, &m, other_addr(IN));
	assert_int_equal(vs[OUT].interval_ms, 1000);
	pass_us(3499999);
	assert_done("");
	pass(1);
	assert_done("active vips+ arp advert0 advert1 ");
	/* And its own when it is master itself. */
	assert_int_equal(own.last[OUT].interval_ms, 100);
	pass(100);
	assert_done("advert0 advert1 ");
}

static void test_lower_is_left_in_peace(void **state)
{
	begin();
	hear_for(2000, 100);
	assert_done("");
	assert_int_equal(vs[OUT].master.priority, 100);
}

static void test_equal_is_left_in_peace(void **state)
{
	conf.standbys[OUT].preempt = true;
	conf.standbys[IN].preempt = true;
	begin();
	hear_for(2000, 128);
	assert_done("");
}

static void test_preempt(void **state)
{
	conf.standbys[OUT].preempt = true;
	conf.standbys[IN].preempt = true;
	w.group.state = XFRM_HA_STATE_STANDBY_COLD;
	begin();
	hear_for(1000, 100);
	assert_done("");
	/* Only once it is in sync. */
	w.group.state = XFRM_HA_STATE_STANDBY_HOT;
	hear_for(100, 100);
	assert_done("active vips+ arp advert0 advert1 ");
}

static void test_preempt_delay(void **state)
{
	int i;

	for (i = 0; i < 2; i++) {
		conf.standbys[i].preempt = true;
		conf.standbys[i].vrrp.preempt_delay_ms = 1000;
	}
	begin();
	hear_for(900, 100);
	/* A higher one in between: it begins anew. */
	hear_for(100, 200);
	hear_for(1000, 100);
	assert_done("");
	hear_for(100, 100);
	assert_done("active vips+ arp advert0 advert1 ");
}

static void test_owner_preempts(void **state)
{
	vs[OUT].elect.priority = 255;
	vs[IN].elect.priority = 255;
	begin();
	hear_for(100, 254);
	assert_done("active vips+ arp advert0 advert1 ");
	assert_int_equal(own.last[OUT].priority, 255);
}

/* Told at once; and what a backup thought of a master is thought anew. */
static void test_lowered(void **state)
{
	const struct xha_elect_ops *ops = vs[OUT].elect.ops;

	become_master();
	ops->prioritize(&vs[OUT].elect, 1);
	assert_done("advert0 ");
	assert_int_equal(own.last[OUT].priority, 1);
	pass(100);
	assert_int_equal(own.last[OUT].priority, 1);
	assert_int_equal(own.last[IN].priority, 128);
	ops->release(&vs[OUT].elect);
	hear(OUT, 0);
	/* 100 ms * 255 / 256 */
	assert_int_equal(vs[OUT].wait_us, 99609);
	ops->prioritize(&vs[OUT].elect, 128);
	vs[OUT].preempting = true;
	w.trace[0] = '\0';
	ops->prioritize(&vs[OUT].elect, 100);
	assert_done("");
	assert_false(vs[OUT].preempting);
}

static void test_rival(void **state)
{
	become_master();
	/* With the channel up the kernels decide. */
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	hear(OUT, 200);
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	/* Without it the priority; and who gives way there does not resign. */
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	hear(OUT, 200);
	assert_done("standby vips- resign1 ");
	assert_int_equal(vs[OUT].state, VRRP_STATE_BACKUP);
	assert_int_equal(vs[OUT].master.priority, 200);
	assert_int_equal(vs[IN].state, VRRP_STATE_BACKUP);
}

static void test_equal_rival_by_address(void **state)
{
	struct vrrp_msg m;

	become_master();
	m = other_msg(OUT, 128);
	hear_msg(OUT, &m, "192.0.2.1");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	hear_msg(OUT, &m, "192.0.2.3");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

static void test_lower_rival_is_told(void **state)
{
	become_master();
	pass(30);
	assert_done("");
	hear(OUT, 100);
	assert_done("advert0 ");
	/* But a flood of them is not answered by a flood. */
	hear(OUT, 100);
	hear(OUT, 100);
	assert_done("");
	pass(15);
	hear(OUT, 0);
	assert_done("advert0 ");
}

static void test_link_lost_resigns_all(void **state)
{
	become_master();
	xha_role_link(&role, &vs[IN].elect, false);
	assert_done("standby vips- resign0 resign1 ");
	assert_int_equal(vs[OUT].state, VRRP_STATE_INITIAL);
	pass(1000);
	assert_done("");
}

static void done(void *arg, const char *error)
{
	trace(error ? "failed " : "done ");
}

static void test_handed_over(void **state)
{
	struct xha_nl_event ev = { .cmd = XFRM_HA_CMD_GROUP_NTF };

	become_master();
	assert_int_equal(xha_role_switchover(&role, done, NULL), 0);
	assert_done("handover ");
	hear(OUT, 200);
	hear(IN, 200);
	assert_done("");
	w.group.role = XFRM_HA_ROLE_STANDBY;
	ev.event = XFRM_HA_EVENT_HANDOVER_DONE;
	ev.group = w.group;
	xha_role_event(&role, &ev);
	/* The peer is master already. */
	assert_done("vips- done ");
	hear_for(1000, 200);
	assert_done("");
}

/* ---- bad packets ---- */

static void assert_refused(int lan, enum vrrp_bad bad)
{
	int i;

	assert_int_equal(vs[lan].received, 0);
	for (i = 0; i < VRRP_BAD_END; i++)
		assert_int_equal(vs[lan].bad[i], i == (int)bad);
	assert_false(vs[lan].master.known);
	vs[lan].bad[bad] = 0;
}

static void test_refused(void **state)
{
	struct vrrp_path path;
	struct vrrp_msg m;
	__u8 buf[VRRP_PKT_MAX];
	int len;

	begin();
	m = other_msg(OUT, 200);
	m.vrid = 9;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_refused(OUT, VRRP_BAD_VRID);
	m = other_msg(OUT, 200);
	m.version = 2;
	m.pseudo = false;
	m.interval_ms = 1000;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_refused(OUT, VRRP_BAD_VERSION);
	m = other_msg(OUT, 200);
	hear_msg(OUT, &m, "192.0.2.2");
	assert_refused(OUT, VRRP_BAD_SOURCE);
	path = path_from(&vs[OUT], "192.0.2.3");
	len = vrrp_pkt_encode(&m, &path, buf, sizeof(buf));
	path.ttl = 254;
	vrrp_receive(&vs[OUT], buf, len, &path);
	assert_refused(OUT, VRRP_BAD_TTL);
	path.ttl = 255;
	vrrp_receive(&vs[OUT], buf, len - 1, &path);
	assert_refused(OUT, VRRP_BAD_LENGTH);
	buf[6] ^= 1;
	vrrp_receive(&vs[OUT], buf, len, &path);
	assert_refused(OUT, VRRP_BAD_CHECKSUM);
	/* None of them has held the takeover up. */
	pass(351);
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
}

static void test_refused_v2(void **state)
{
	struct vrrp_msg m;

	conf.standbys[OUT].vrrp.version = 2;
	conf.standbys[OUT].vrrp.pseudo = false;
	conf.standbys[OUT].vrrp.has_auth = true;
	memcpy(conf.standbys[OUT].vrrp.auth, "secret\0\0", 8);
	conf.standbys[OUT].hello_ms = 1000;
	begin();
	m = other_msg(OUT, 200);
	m.auth_type = VRRP_AUTH_NONE;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_refused(OUT, VRRP_BAD_AUTH_TYPE);
	m = other_msg(OUT, 200);
	m.auth[7] = 'x';
	hear_msg(OUT, &m, "192.0.2.3");
	assert_refused(OUT, VRRP_BAD_AUTH);
	m = other_msg(OUT, 200);
	m.interval_ms = 2000;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_refused(OUT, VRRP_BAD_INTERVAL);
	m = other_msg(OUT, 200);
	m.addrs[0].b[3]++;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_refused(OUT, VRRP_BAD_VIPS);
	/* What the owner says of its own addresses counts. */
	m.priority = 255;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_int_equal(vs[OUT].received, 1);
	assert_int_equal(vs[OUT].vips_differ, 1);
	m = other_msg(OUT, 200);
	hear_msg(OUT, &m, "192.0.2.3");
	assert_int_equal(vs[OUT].received, 2);
}

/* Version 3 tells of other addresses and goes on. */
static void test_other_vips(void **state)
{
	struct vrrp_msg m;

	begin();
	m = other_msg(OUT, 200);
	m.addrs[0].b[3]++;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_int_equal(vs[OUT].received, 1);
	assert_int_equal(vs[OUT].vips_differ, 1);
	assert_int_equal(own.warned, 1);
	assert_true(vs[OUT].master.known);
	m.n_addrs = 2;
	m.addrs[1] = conf.standbys[OUT].vips[0].addr;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_int_equal(vs[OUT].vips_differ, 2);
	assert_int_equal(own.warned, 1);
}

static void test_one_line_per_burst(void **state)
{
	struct vrrp_msg m;
	int i;

	begin();
	m = other_msg(OUT, 200);
	m.vrid = 9;
	for (i = 0; i < 10000; i++)
		hear_msg(OUT, &m, "192.0.2.3");
	assert_int_equal(vs[OUT].bad[VRRP_BAD_VRID], 10000);
	assert_int_equal(own.warned, 1);
	w.now_us += 11000000;
	hear_msg(OUT, &m, "192.0.2.3");
	assert_int_equal(own.warned, 2);
}

/* VIPs of the other family are the group's, and not in the packet. */
static void test_ipv6(void **state)
{
	struct xha_conf_standby *sb = &conf.standbys[OUT];

	xha_addr_parse("fe80::1:1", &sb->vips[0].addr);
	xha_addr_parse("192.0.2.1", &sb->vips[1].addr);
	xha_addr_parse("2001:db8::1", &sb->vips[2].addr);
	sb->n_vips = 3;
	make_elections(1);
	xha_addr_parse("fe80::2", &vs[OUT].elect.addr);
	become_master();
	assert_int_equal(own.last[OUT].n_addrs, 2);
	assert_true(xha_addr_equal(&own.last[OUT].addrs[0], &sb->vips[0].addr));
	assert_true(xha_addr_equal(&own.last[OUT].addrs[1], &sb->vips[2].addr));
	hear(OUT, 200);
	assert_done("standby vips- ");
	assert_int_equal(vs[OUT].vips_differ, 1);
	hear_for(1000, 200);
	assert_done("");
}

static void test_history(void **state)
{
	become_backup();
	pass(400);
	assert_last(&vs[OUT].elect.history, "backup", "master",
		    "master down time over: 192.0.2.3 priority 200");
	assert_last(&role.history, "standby", "active",
		    "master down time over: 192.0.2.3 priority 200");
	/* A master that says so is conceded to, and its resign is the cause. */
	hear(OUT, 200);
	assert_last(&vs[IN].elect.history, "master", "backup",
		    "192.0.2.3 is active too on eth0, and wins");
	hear(OUT, 200);
	hear(IN, 200);
	hear(OUT, VRRP_PRIORITY_RESIGN);
	hear(IN, VRRP_PRIORITY_RESIGN);
	pass(100);
	assert_last(&role.history, "standby", "active",
		    "resign heard: 192.0.2.3 priority 0");
	assert_last(&vs[IN].elect.history, "backup", "master",
		    "resign heard: 192.0.2.3 priority 0");
	assert_int_equal(vs[IN].elect.history.total, vs[IN].changes);
}

/* Packets of one virtual router are not refused by its neighbour here. */
static void test_siblings(void **state)
{
	struct vrrp *all = NULL;
	struct vrrp_msg m;

	begin();
	vs[IN].elect.ifname = vs[OUT].elect.ifname;
	vrrp_join(&all, &vs[OUT]);
	vrrp_join(&all, &vs[IN]);
	m = other_msg(IN, 200);
	hear_msg(OUT, &m, other_addr(OUT));
	assert_int_equal(vs[OUT].bad[VRRP_BAD_VRID], 0);
	assert_int_equal(vs[OUT].received, 0);
	assert_false(vs[OUT].master.known);
	m.vrid = 77;
	hear_msg(OUT, &m, other_addr(OUT));
	assert_int_equal(vs[OUT].bad[VRRP_BAD_VRID], 1);
	/* One on another interface is no sibling. */
	vs[IN].elect.ifname = conf.standbys[IN].interface;
	m.vrid = conf.standbys[IN].number;
	hear_msg(OUT, &m, other_addr(OUT));
	assert_int_equal(vs[OUT].bad[VRRP_BAD_VRID], 2);
}

#define test(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_alone),
		test(test_history),
		test(test_siblings),
		test(test_master_silent),
		test(test_one_lan_heard_is_no_takeover),
		test(test_resign),
		test(test_resign_of_another),
		test(test_interval_is_learnt),
		test(test_lower_is_left_in_peace),
		test(test_equal_is_left_in_peace),
		test(test_preempt),
		test(test_preempt_delay),
		test(test_owner_preempts),
		test(test_lowered),
		test(test_rival),
		test(test_equal_rival_by_address),
		test(test_lower_rival_is_told),
		test(test_link_lost_resigns_all),
		test(test_handed_over),
		test(test_refused),
		test(test_refused_v2),
		test(test_other_vips),
		test(test_one_line_per_burst),
		test(test_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
