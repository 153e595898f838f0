// SPDX-License-Identifier: GPL-2.0-only
/*
 * A group that another program elects, against a kernel, a machine and a clock
 * that are played here: what each word leads to, in which order, and when it
 * counts as followed.
 */
/* link: tools/xhad/external.c tools/xhad/role.c tools/xhad/role_conf.c */
/* link: tools/xhad/role_ask.c tools/xhad/role_resume.c tools/xhad/role_vips.c */
/* link: tools/xhad/change.c tools/xhad/history.c tools/xhad/trace.c */
/* link: tools/xhad/show.c tools/lib/xha_addr.c tools/lib/xha_names.c */
/* libs: json-c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "external.h"
#include "played_role.h"

/* Beside what played_role.h plays */
static struct {
	int keep_err;
	bool fault_kept;
	struct xha_nl_neigh neighs[XFRM_HA_MAX_NEIGHS];
	unsigned int n_neighs;
} own;

static struct xha_conf_group conf;
static struct xha_role role;
static struct external ext;
static char why[256];

void xha_log_write(int level, const char *fmt, ...)
{
}

static int k_group_new(void *arg, const struct xha_nl_group_conf *c)
{
	if (w.exists)
		return -EEXIST;
	w.exists = true;
	w.group.n_vips = c->n_vips;
	memcpy(w.group.vips, c->vips, sizeof(w.group.vips));
	return 0;
}

static int k_group_set(void *arg, const struct xha_nl_group_conf *c)
{
	memcpy(own.neighs, c->neighs, sizeof(own.neighs));
	own.n_neighs = c->n_neighs;
	return 0;
}

static int k_role_set(void *arg, __u32 id, __u32 r)
{
	trace(r == XFRM_HA_ROLE_ACTIVE ? "kernel:active " : "kernel:standby ");
	if (w.role_err)
		return w.role_err;
	w.group.role = r;
	w.group.state = r == XFRM_HA_ROLE_ACTIVE ? XFRM_HA_STATE_ACTIVE :
						   XFRM_HA_STATE_STANDBY_COLD;
	return 0;
}

static int keep_fault(struct external *x, bool fault)
{
	own.fault_kept = fault;
	return own.keep_err;
}

static const struct external_io_ops io_ops = { keep_fault };

/* Let time pass; after each event xhad looks what is still to be done. */
static void pass(unsigned int ms)
{
	__u64 end = w.now_us + ms * 1000ULL;

	while (w.tick_us && w.tick_us <= end) {
		w.now_us = w.tick_us;
		w.tick_us = 0;
		xha_role_tick(&role);
		external_pursue(&ext);
	}
	w.now_us = end;
}

static void event(__u32 what, __u32 cause)
{
	struct xha_nl_event ev = { .cmd = XFRM_HA_CMD_GROUP_NTF };

	ev.event = what;
	w.group.cause = cause;
	ev.group = w.group;
	xha_role_event(&role, &ev);
	external_pursue(&ext);
	pass(1);
}

static __u64 tell(enum external_order order)
{
	__u64 serial = external_tell(&ext, order);

	external_pursue(&ext);
	pass(1);
	return serial;
}

static enum external_outcome outcome(__u64 serial)
{
	return external_outcome(&ext, serial, why, sizeof(why));
}

/* ---- the peer ---- */

static void peer_is(__u32 state)
{
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.peer.has_heard = true;
	w.peer.heard_ms = 20;
	w.group.peer_state = state;
}

static void peer_lost(void)
{
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	w.group.peer_state = XFRM_HA_STATE_INIT;
}

/* The peer has taken the role over by a later epoch. */
static void superseded(void)
{
	peer_is(XFRM_HA_STATE_ACTIVE);
	event(XFRM_HA_EVENT_SUPERSEDED, XFRM_HA_CAUSE_NONE);
}

static void handed_to_peer(void)
{
	w.group.role = XFRM_HA_ROLE_STANDBY;
	w.group.state = XFRM_HA_STATE_STANDBY_COLD;
	peer_is(XFRM_HA_STATE_ACTIVE);
	event(XFRM_HA_EVENT_HANDOVER_DONE, XFRM_HA_CAUSE_HANDOVER);
}

static void handed_by_peer(void)
{
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	w.group.state = XFRM_HA_STATE_ACTIVE;
	peer_is(XFRM_HA_STATE_STANDBY_COLD);
	event(XFRM_HA_EVENT_TAKEN, XFRM_HA_CAUSE_HANDOVER);
}

static void handover_fails(void)
{
	snprintf(w.group.reason, sizeof(w.group.reason), "the peer refuses");
	event(XFRM_HA_EVENT_HANDOVER_FAILED, XFRM_HA_CAUSE_HANDOVER);
	w.group.reason[0] = '\0';
}

/* ---- the helper ---- */

static void helper_new(void)
{
	int i;

	memset(&role, 0, sizeof(role));
	w.tick_us = 0;
	role.conf = &conf;
	role.kernel = &played_kernel;
	role.host = &played_host;
	external_init(&ext, &role, &io_ops);
	if (own.fault_kept)
		external_recall_fault(&ext);
	for (i = 0; i < 2; i++)
		role.elects[role.n_elects++] =
			external_add(&ext, &conf.standbys[i]);
}

static void helper_start(void)
{
	struct xha_link link = { .up = true };
	int i;

	assert_int_equal(xha_role_start(&role), 0);
	for (i = 0; i < 2; i++) {
		link.ifindex = 10 + i;
		external_link(&ext.lans[i], &link, true);
	}
	external_pursue(&ext);
	pass(1);
}

static int setup(void **state)
{
	int i;

	memset(&w, 0, sizeof(w));
	memset(&own, 0, sizeof(own));
	memset(&conf, 0, sizeof(conf));
	w.now_us = 1000000;
	peer_lost();
	snprintf(conf.name, sizeof(conf.name), "ha");
	conf.id = 1;
	conf.external = true;
	conf.move_vips = true;
	conf.grace_ms = 1000;
	conf.n_standbys = 2;
	for (i = 0; i < 2; i++) {
		struct xha_conf_standby *sb = &conf.standbys[i];

		sb->protocol = XHA_CONF_EXTERNAL;
		snprintf(sb->interface, sizeof(sb->interface), "eth%d", i);
		xha_addr_parse(i ? "10.1.0.1" : "192.0.2.1", &sb->vips[0].addr);
		sb->n_vips = 1;
		sb->hold_ms = 400;
	}
	helper_new();
	return 0;
}

static void begin(void)
{
	helper_start();
	assert_done("vips- kernel:standby ");
}

static void begin_active(void)
{
	begin();
	tell(EXTERNAL_ACTIVE);
	assert_done("kernel:active vips+ arp ");
}

/* ---- tests ---- */

/* Untold it is silent, however long nobody is active. */
static void test_untold(void **state)
{
	begin();
	pass(60000);
	assert_done("");
	assert_int_equal(ext.order, EXTERNAL_NONE);
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

static void test_active(void **state)
{
	__u64 serial;

	begin();
	serial = external_tell(&ext, EXTERNAL_ACTIVE);
	/* Told is not done. */
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	pass(1);
	assert_done("kernel:active vips+ arp ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
	/* Again: the same word, nothing to do. */
	assert_int_equal(tell(EXTERNAL_ACTIVE), serial);
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
	pass(5000);
	assert_done("");
}

static void test_standby_without_peer(void **state)
{
	__u64 serial;

	begin_active();
	serial = tell(EXTERNAL_STANDBY);
	assert_done("kernel:standby vips- ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
	assert_int_equal(tell(EXTERNAL_STANDBY), serial);
	pass(5000);
	assert_done("");
}

static void test_standby_hands_over(void **state)
{
	__u64 serial;

	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	serial = tell(EXTERNAL_STANDBY);
	assert_done("kernel:handover ");
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	assert_non_null(strstr(why, "hand-over"));
	handed_to_peer();
	assert_done("vips- ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
	assert_int_equal(ext.order, EXTERNAL_STANDBY);
	/* And it stays so, with the peer active or gone: it was told. */
	peer_lost();
	event(XFRM_HA_EVENT_STATE, XFRM_HA_CAUSE_NONE);
	pass(5000);
	assert_done("");
}

static void test_standby_waits_until_hot(void **state)
{
	__u64 serial;

	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_BULK);
	serial = tell(EXTERNAL_STANDBY);
	pass(300);
	assert_done("");
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	assert_non_null(strstr(why, "hot"));
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	pass(100);
	assert_done("kernel:handover ");
	handed_to_peer();
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

static void test_standby_waits_no_longer(void **state)
{
	__u64 serial;

	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_COLD);
	serial = tell(EXTERNAL_STANDBY);
	pass(900);
	assert_done("");
	pass(200);
	assert_done("kernel:standby vips- ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

static void test_standby_handover_fails(void **state)
{
	__u64 serial;

	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	serial = tell(EXTERNAL_STANDBY);
	assert_done("kernel:handover ");
	handover_fails();
	/* What elects has decided: not once more, and not active. */
	assert_done("kernel:standby vips- ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

static void test_standby_handover_refused(void **state)
{
	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	w.handover_err = -EBUSY;
	tell(EXTERNAL_STANDBY);
	assert_done("kernel:handover kernel:standby vips- ");
}

static void test_kernel_refuses_standby(void **state)
{
	__u64 serial;

	begin_active();
	w.role_err = -ENOMEM;
	serial = tell(EXTERNAL_STANDBY);
	assert_done("kernel:standby vips- ");
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	assert_string_equal(why, "the kernel refuses the role standby: said the kernel");
	w.role_err = 0;
	pass(600);
	assert_done("kernel:standby ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

static void test_kernel_refuses_active(void **state)
{
	__u64 serial;

	begin();
	w.role_err = -ENOMEM;
	serial = tell(EXTERNAL_ACTIVE);
	assert_done("kernel:active ");
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	assert_string_equal(why, "takeover: the kernel refuses: said the kernel");
	w.role_err = 0;
	pass(600);
	assert_done("kernel:active vips+ arp ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

/* Adopted without VIPs is not followed: all of it is taken back. */
static void test_vips_refused(void **state)
{
	__u64 serial;

	begin();
	w.vips_err = -ENODEV;
	serial = tell(EXTERNAL_ACTIVE);
	assert_done("kernel:active vips+ kernel:standby ");
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	assert_non_null(strstr(why, "cannot add the VIPs: No such device"));
	w.vips_err = 0;
	pass(600);
	assert_done("kernel:active vips+ arp ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

/* The peer has been told standby as well, a little later: nothing is lost. */
static void test_active_waits_for_handover(void **state)
{
	__u64 serial;

	begin();
	tell(EXTERNAL_STANDBY);
	peer_is(XFRM_HA_STATE_ACTIVE);
	serial = tell(EXTERNAL_ACTIVE);
	pass(500);
	assert_done("");
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	assert_non_null(strstr(why, "has not handed over yet"));
	handed_by_peer();
	assert_done("vips+ kernel:vip-up ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
	pass(5000);
	assert_done("");
}

static void test_active_takes_over(void **state)
{
	__u64 serial;

	begin();
	peer_is(XFRM_HA_STATE_ACTIVE);
	serial = tell(EXTERNAL_ACTIVE);
	pass(900);
	assert_done("");
	pass(200);
	assert_done("kernel:active vips+ arp ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

/* A peer that was active and is silent is not waited for. */
static void test_active_dead_peer(void **state)
{
	begin();
	peer_is(XFRM_HA_STATE_ACTIVE);
	w.peer.heard_ms = 300;
	tell(EXTERNAL_ACTIVE);
	assert_done("kernel:active vips+ arp ");
}

static void test_wait_off(void **state)
{
	conf.grace_ms = 0;
	begin();
	peer_is(XFRM_HA_STATE_ACTIVE);
	tell(EXTERNAL_ACTIVE);
	assert_done("kernel:active vips+ arp ");
	peer_is(XFRM_HA_STATE_STANDBY_COLD);
	tell(EXTERNAL_STANDBY);
	assert_done("kernel:standby vips- ");
}

/* The newest word wins, and who waits for an older one is told. */
static void test_newest_wins(void **state)
{
	__u64 first, second, third;

	begin();
	peer_is(XFRM_HA_STATE_ACTIVE);
	first = tell(EXTERNAL_ACTIVE);
	second = tell(EXTERNAL_STANDBY);
	assert_int_equal(outcome(first), EXTERNAL_REPLACED);
	assert_string_equal(why, "replaced by \"standby\" (xha role)");
	assert_int_equal(outcome(second), EXTERNAL_REACHED);
	pass(5000);
	assert_done("");
	third = tell(EXTERNAL_ACTIVE);
	/* The same word as the first, and yet another one. */
	assert_int_equal(outcome(first), EXTERNAL_REPLACED);
	assert_int_equal(outcome(third), EXTERNAL_PENDING);
	pass(1100);
	assert_done("kernel:active vips+ arp ");
}

static void test_active_amid_handover(void **state)
{
	__u64 away, back;

	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	away = tell(EXTERNAL_STANDBY);
	assert_done("kernel:handover ");
	back = tell(EXTERNAL_ACTIVE);
	assert_int_equal(outcome(away), EXTERNAL_REPLACED);
	assert_int_equal(outcome(back), EXTERNAL_PENDING);
	handed_to_peer();
	assert_done("vips- ");
	pass(900);
	assert_done("");
	pass(200);
	assert_done("kernel:active vips+ arp ");
	assert_int_equal(outcome(back), EXTERNAL_REACHED);
}

static void test_active_when_handover_fails(void **state)
{
	__u64 back;

	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	tell(EXTERNAL_STANDBY);
	back = tell(EXTERNAL_ACTIVE);
	handover_fails();
	assert_done("kernel:handover ");
	assert_int_equal(outcome(back), EXTERNAL_REACHED);
}

static void test_fault(void **state)
{
	__u64 serial;

	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	serial = tell(EXTERNAL_FAULT);
	/* At once: not fit to hand anything over. */
	assert_done("kernel:standby vips- ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
	assert_true(own.fault_kept);
	peer_lost();
	event(XFRM_HA_EVENT_STATE, XFRM_HA_CAUSE_NONE);
	pass(60000);
	assert_done("");
	tell(EXTERNAL_STANDBY);
	assert_false(own.fault_kept);
	assert_done("");
	tell(EXTERNAL_ACTIVE);
	assert_done("kernel:active vips+ arp ");
}

/* The role is not taken from a peer that hands it over, either. */
static void test_fault_takes_nothing(void **state)
{
	begin();
	tell(EXTERNAL_FAULT);
	handed_by_peer();
	assert_done("vips+ kernel:vip-up kernel:standby vips- ");
	assert_int_equal(ext.order, EXTERNAL_FAULT);
	assert_int_equal(w.group.role, XFRM_HA_ROLE_STANDBY);
}

static void test_fault_outlives_helper(void **state)
{
	begin_active();
	tell(EXTERNAL_FAULT);
	w.trace[0] = '\0';
	helper_new();
	helper_start();
	assert_done("vips- ");
	assert_int_equal(ext.order, EXTERNAL_FAULT);
	handed_by_peer();
	assert_int_equal(w.group.role, XFRM_HA_ROLE_STANDBY);
}

static void test_fault_amid_handover(void **state)
{
	begin_active();
	peer_is(XFRM_HA_STATE_STANDBY_HOT);
	tell(EXTERNAL_STANDBY);
	tell(EXTERNAL_FAULT);
	assert_done("kernel:handover ");
	handover_fails();
	assert_done("kernel:standby vips- ");
}

static void test_resumes_active(void **state)
{
	begin_active();
	helper_new();
	helper_start();
	/* The VIPs are looked at, nothing is told to the kernel. */
	assert_done("vips+ ");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	assert_int_equal(ext.order, EXTERNAL_ACTIVE);
	assert_string_equal(ext.cause, "resumed");
	assert_int_equal(outcome(tell(EXTERNAL_ACTIVE)), EXTERNAL_REACHED);
	assert_done("");
}

static void test_resumes_standby(void **state)
{
	begin();
	tell(EXTERNAL_STANDBY);
	helper_new();
	helper_start();
	assert_done("vips- ");
	peer_lost();
	event(XFRM_HA_EVENT_STATE, XFRM_HA_CAUSE_NONE);
	pass(5000);
	assert_done("");
}

/* What elects moved the role while no helper was there to be told. */
static void test_told_after_restart(void **state)
{
	begin_active();
	helper_new();
	helper_start();
	w.trace[0] = '\0';
	tell(EXTERNAL_STANDBY);
	assert_done("kernel:standby vips- ");
}

/* Given the role by a peer that was told standby before this node active. */
static void test_handed_over_first(void **state)
{
	__u64 serial;

	begin();
	tell(EXTERNAL_STANDBY);
	handed_by_peer();
	assert_done("vips+ kernel:vip-up ");
	assert_string_equal(ext.cause, "handed over by the peer");
	serial = tell(EXTERNAL_ACTIVE);
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
	pass(5000);
	assert_done("");
}

static void test_superseded_yields(void **state)
{
	begin_active();
	superseded();
	assert_done("kernel:standby vips- ");
	assert_true(ext.yielded);
	/* An old word is none against a peer that is active. */
	event(XFRM_HA_EVENT_STATE, XFRM_HA_CAUSE_NONE);
	pass(10000);
	assert_done("");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

/* Somebody has to be active: the peer was told standby, this node active. */
static void test_yields_to_nobody(void **state)
{
	begin_active();
	superseded();
	assert_done("kernel:standby vips- ");
	peer_is(XFRM_HA_STATE_STANDBY_COLD);
	event(XFRM_HA_EVENT_STATE, XFRM_HA_CAUSE_NONE);
	assert_done("kernel:active vips+ arp ");
	assert_false(ext.yielded);
}

static void test_yields_not_to_the_dead(void **state)
{
	begin_active();
	superseded();
	w.trace[0] = '\0';
	peer_lost();
	xha_role_kick(&role);
	pass(1);
	assert_done("kernel:active vips+ arp ");
}

static void test_told_again_after_yielding(void **state)
{
	__u64 serial;

	begin_active();
	superseded();
	w.trace[0] = '\0';
	serial = tell(EXTERNAL_ACTIVE);
	assert_int_equal(outcome(serial), EXTERNAL_PENDING);
	pass(1100);
	assert_done("kernel:active vips+ arp ");
	assert_int_equal(outcome(serial), EXTERNAL_REACHED);
}

/* Nobody told it active: there is no word to come back to. */
static void test_handed_then_superseded(void **state)
{
	begin();
	handed_by_peer();
	superseded();
	w.trace[0] = '\0';
	peer_lost();
	xha_role_kick(&role);
	pass(5000);
	assert_done("");
	assert_int_equal(ext.order, EXTERNAL_STANDBY);
}

static void test_neighbours(void **state)
{
	struct xha_link link = { .up = true, .ifindex = 20 };

	xha_addr_parse("192.0.2.3", &conf.standbys[0].neighbour);
	xha_addr_parse("10.1.0.3", &conf.standbys[1].neighbour);
	begin();
	assert_int_equal(own.n_neighs, 2);
	assert_int_equal(own.neighs[0].ifindex, 10);
	assert_true(xha_addr_equal(&own.neighs[1].addr,
				   &conf.standbys[1].neighbour));
	/* The interface is another one now. */
	external_link(&ext.lans[0], &link, false);
	assert_int_equal(own.n_neighs, 2);
	assert_int_equal(own.neighs[0].ifindex, 20);
}

/* A lost interface is what elects' business; VIPs come back with it. */
static void test_links(void **state)
{
	struct xha_link link = { 0 };

	begin_active();
	external_link(&ext.lans[0], &link, false);
	pass(5000);
	assert_done("");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	link.up = true;
	link.ifindex = 30;
	external_link(&ext.lans[0], &link, false);
	assert_done("vips+ arp ");
	conf.move_vips = false;
	link.ifindex = 31;
	external_link(&ext.lans[0], &link, false);
	assert_done("");
}

static void test_names(void **state)
{
	enum external_order order;

	assert_int_equal(external_order_parse("fault", &order), 0);
	assert_int_equal(order, EXTERNAL_FAULT);
	assert_string_equal(external_order_name(EXTERNAL_STANDBY), "standby");
	assert_int_equal(external_order_parse("none", &order), -EINVAL);
	assert_int_equal(external_order_parse("act", &order), -EINVAL);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_untold),
		T(test_active),
		T(test_standby_without_peer),
		T(test_standby_hands_over),
		T(test_standby_waits_until_hot),
		T(test_standby_waits_no_longer),
		T(test_standby_handover_fails),
		T(test_standby_handover_refused),
		T(test_kernel_refuses_standby),
		T(test_kernel_refuses_active),
		T(test_vips_refused),
		T(test_active_waits_for_handover),
		T(test_active_takes_over),
		T(test_active_dead_peer),
		T(test_wait_off),
		T(test_newest_wins),
		T(test_active_amid_handover),
		T(test_active_when_handover_fails),
		T(test_fault),
		T(test_fault_takes_nothing),
		T(test_fault_outlives_helper),
		T(test_fault_amid_handover),
		T(test_resumes_active),
		T(test_resumes_standby),
		T(test_told_after_restart),
		T(test_handed_over_first),
		T(test_superseded_yields),
		T(test_yields_to_nobody),
		T(test_yields_not_to_the_dead),
		T(test_told_again_after_yielding),
		T(test_handed_then_superseded),
		T(test_neighbours),
		T(test_links),
		T(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
