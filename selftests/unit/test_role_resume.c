// SPDX-License-Identifier: GPL-2.0-only
/*
 * A helper that starts where the kernel has the group already, and the VIPs of
 * an active node: elections, kernel and machine are played here, and tell what
 * was asked of them.
 */
/* link: tools/xhad/role.c tools/xhad/role_conf.c tools/xhad/role_resume.c */
/* link: tools/xhad/role_vips.c tools/xhad/role_ask.c tools/xhad/role_hold.c */
/* link: tools/xhad/track.c tools/xhad/change.c tools/xhad/history.c */
/* link: tools/xhad/trace.c tools/xhad/show.c */
/* link: tools/lib/xha_addr.c tools/lib/xha_names.c */
/* libs: json-c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "played_elects.h"

/* The kernel has the group, as the file has it. */
static void exists(__u32 r)
{
	int i;

	conf.interval_in = 1000;
	conf.interval_out = 100000;
	w.exists = true;
	w.group.role = r;
	w.group.state = r == XFRM_HA_ROLE_ACTIVE ? XFRM_HA_STATE_ACTIVE :
			XFRM_HA_STATE_STANDBY_COLD;
	w.group.interval_in = 1000;
	w.group.interval_out = 100000;
	w.group.n_vips = 2;
	for (i = 0; i < 2; i++) {
		xha_addr_parse(i ? "10.1.0.1" : "192.0.2.1",
			       &conf.standbys[i].vips[0].addr);
		conf.standbys[i].n_vips = 1;
		w.group.vips[i] = conf.standbys[i].vips[0].addr;
	}
}

static void nobody(void *arg, const char *error)
{
}

/* Both took over while neither knew of the other. */
static void two_actives(void)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	pass(1000);
	assert_done("");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	assert_int_equal(own.announced, 0);
}

static void test_active(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	assert_int_equal(xha_role_start(&role), 0);
	assert_done("vips+ ");
	links_up();
	assert_done("start0 start1 grant0 grant1 ");
	pass(10000);
	assert_done("");
	assert_int_equal(own.sets, 0);
	assert_int_equal(w.group.role, XFRM_HA_ROLE_ACTIVE);
	/* Ending the helper must say nothing, either. */
	xha_role_stop(&role);
	assert_done("");
}

/* Intervals that the file does not give are the kernel's business. */
static void test_own_intervals(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	conf.interval_in = 0;
	conf.interval_out = 0;
	w.group.interval_in = 7;
	w.group.interval_out = 7000;
	assert_int_equal(xha_role_start(&role), 0);
	assert_done("vips+ ");
	assert_int_equal(own.sets, 0);
}

/* A file that asks for strict mode gets it, whatever the kernel had. */
static void test_strict(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	conf.has_strict = true;
	conf.strict = true;
	assert_int_equal(xha_role_start(&role), 0);
	assert_int_equal(own.sets, 1);
	assert_true(own.last_set.set_strict);
	assert_true(own.last_set.strict);
	assert_false(own.last_set.set_vips);
}

static void test_standby_removes_vips(void **state)
{
	exists(XFRM_HA_ROLE_STANDBY);
	w.group.n_vips = 0;
	assert_int_equal(xha_role_start(&role), 0);
	assert_done("vips- ");
	assert_true(own.last_set.set_vips);
	links_up();
	assert_done("start0 start1 ");
}

static void test_handover_under_way(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	w.group.state = XFRM_HA_STATE_HANDOVER;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	assert_int_equal(xha_role_start(&role), 0);
	assert_int_equal(role.mode, XHA_ROLE_GIVING);
	/* It may take its time. */
	pass(7000);
	assert_int_equal(role.mode, XHA_ROLE_GIVING);
	/* Its outcome was notified when nobody listened. */
	w.group.role = XFRM_HA_ROLE_STANDBY;
	w.group.state = XFRM_HA_STATE_STANDBY_HOT;
	pass(5001);
	assert_done("vips+ vips- ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

/* The helper was away for longer than the peer's grace. */
static void test_older_of_two_actives(void **state)
{
	two_actives();
	kernel_event(XFRM_HA_EVENT_SUPERSEDED);
	assert_done("kernel:standby vips- start0 start1 ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	pass(10000);
	assert_done("");
}

static void test_later_of_two_actives(void **state)
{
	two_actives();
	/* The word for it may be lost twice. */
	pass(6000);
	assert_done("");
	pass(1101);
	assert_done("vips+ start0 start1 grant0 grant1 ");
	assert_int_equal(own.announced, 1);
	assert_int_equal(w.group.role, XFRM_HA_ROLE_ACTIVE);
	/* Who heard the other last hears this one once it has given way. */
	kernel_event(XFRM_HA_EVENT_STATE);
	assert_int_equal(own.announced, 1);
	w.group.peer_state = XFRM_HA_STATE_STANDBY_COLD;
	kernel_event(XFRM_HA_EVENT_STATE);
	assert_int_equal(own.announced, 2);
	w.group.peer_state = XFRM_HA_STATE_STANDBY_HOT;
	kernel_event(XFRM_HA_EVENT_STATE);
	assert_int_equal(own.announced, 2);
	assert_done("");
}

/* Two that meet again with helpers on both: the channel may fail meanwhile. */
static void test_announced_when_the_rival_gives_way(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_STATE);
	w.group.peer_state = XFRM_HA_STATE_INIT;
	kernel_event(XFRM_HA_EVENT_STATE);
	assert_int_equal(own.announced, 0);
	w.group.peer_state = XFRM_HA_STATE_STANDBY_BULK;
	kernel_event(XFRM_HA_EVENT_STATE);
	assert_int_equal(own.announced, 1);
}

/* Refused, as the peer is not hot; the waiting goes on. */
static void test_switchover_with_two_actives(void **state)
{
	two_actives();
	w.handover_err = -EAGAIN;
	assert_int_equal(xha_role_switchover(&role, nobody, NULL), -EAGAIN);
	assert_done("kernel:handover ");
	kernel_event(XFRM_HA_EVENT_ANNOUNCE);
	xha_role_resync(&role);
	assert_int_equal(own.announced, 0);
	w.group.peer_state = XFRM_HA_STATE_STANDBY_COLD;
	pass(101);
	assert_done("vips+ start0 start1 grant0 grant1 ");
}

/* What only its kernel knows: the notification was lost. */
static void test_standby_after_two_actives(void **state)
{
	two_actives();
	w.group.role = XFRM_HA_ROLE_STANDBY;
	xha_role_resync(&role);
	pass(101);
	assert_done("vips- start0 start1 ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

/* The other's helper was there, and has given up the role. */
static void test_active_alone_again(void **state)
{
	two_actives();
	w.group.peer_state = XFRM_HA_STATE_STANDBY_COLD;
	pass(101);
	assert_done("vips+ start0 start1 grant0 grant1 ");
	assert_int_equal(own.announced, 1);
}

static void test_two_actives_and_no_channel(void **state)
{
	two_actives();
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	pass(101);
	assert_done("vips+ start0 start1 grant0 grant1 ");
}

/* Its kernel has heard that the other is the later; it cannot hear more. */
static void test_older_and_no_channel(void **state)
{
	two_actives();
	w.group.superseded = 1;
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	pass(101);
	assert_done("kernel:standby vips- start0 start1 ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	assert_int_equal(own.announced, 0);
}

/* The same before the helper began: no address, no announcement. */
static void test_older_from_the_start(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	w.group.superseded = 1;
	assert_int_equal(xha_role_start(&role), 0);
	assert_done("kernel:standby vips- ");
	links_up();
	assert_done("start0 start1 ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	assert_int_equal(own.announced, 0);
}

/* The kernel's word for it was lost. */
static void test_older_unheard(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	assert_done("vips+ start0 start1 grant0 grant1 ");
	w.group.superseded = 1;
	xha_role_resync(&role);
	assert_done("kernel:standby vips- release0 release1 ");
}

static void test_link_lost_with_two_actives(void **state)
{
	two_actives();
	xha_role_link(&role, &es[1], false);
	assert_done("kernel:standby vips- ");
	pass(10000);
	assert_done("");
	assert_int_equal(own.announced, 0);
}

static void test_held_with_two_actives(void **state)
{
	two_actives();
	xha_role_hold(&role, "track x: down");
	tick();
	assert_done("kernel:standby vips- ");
	assert_int_equal(own.announced, 0);
}

/* One of two VIPs cannot be added: the other serves. */
static void test_vip_missing(void **state)
{
	start();
	w.vips_err = 1;
	own.silent = true;
	own.tick = true;
	tick();
	assert_done("kernel:active vips+ grant0 grant1 ");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	assert_int_equal(own.announced, 1);
	assert_int_equal(xha_role_vips_missing(&role), 1);
	pass(4001);
	assert_done("vips+ vips+ ");
	assert_int_equal(own.announced, 1);
	w.vips_err = 0;
	pass(2001);
	assert_done("vips+ ");
	assert_int_equal(own.announced, 2);
	assert_int_equal(xha_role_vips_missing(&role), 0);
	pass(10000);
	assert_done("");
}

/* Its kernel has the role already: it keeps trying for all of them. */
static void test_no_vip_at_all(void **state)
{
	exists(XFRM_HA_ROLE_ACTIVE);
	w.vips_err = -EACCES;
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	assert_done("vips+ start0 start1 grant0 grant1 ");
	assert_int_equal(xha_role_vips_missing(&role), 2);
	pass(2001);
	assert_done("vips+ ");
	w.vips_err = 1;
	pass(2001);
	assert_done("vips+ ");
	assert_int_equal(own.announced, 1);
	/* Whoever gives up the role lacks nothing. */
	xha_role_link(&role, &es[0], false);
	assert_done("kernel:standby vips- stop0 stop1 ");
	pass(10000);
	assert_done("");
	assert_int_equal(xha_role_vips_missing(&role), 0);
}

static void test_vip_missing_in_a_hand_over(void **state)
{
	start();
	w.vips_err = 1;
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_TAKEN);
	assert_done("vips+ kernel:vip-up grant0 grant1 ");
	pass(2001);
	assert_done("vips+ ");
	/* Nor is it forgotten over a hand-over that fails. */
	assert_int_equal(xha_role_switchover(&role, nobody, NULL), 0);
	pass(2001);
	assert_done("kernel:handover ");
	kernel_event(XFRM_HA_EVENT_HANDOVER_FAILED);
	w.vips_err = 0;
	pass(2001);
	assert_done("vips+ vips+ ");
}

#define T(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_active),
		T(test_own_intervals),
		T(test_strict),
		T(test_standby_removes_vips),
		T(test_handover_under_way),
		T(test_older_of_two_actives),
		T(test_later_of_two_actives),
		T(test_announced_when_the_rival_gives_way),
		T(test_switchover_with_two_actives),
		T(test_standby_after_two_actives),
		T(test_active_alone_again),
		T(test_two_actives_and_no_channel),
		T(test_older_and_no_channel),
		T(test_older_from_the_start),
		T(test_older_unheard),
		T(test_link_lost_with_two_actives),
		T(test_held_with_two_actives),
		T(test_vip_missing),
		T(test_no_vip_at_all),
		T(test_vip_missing_in_a_hand_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
