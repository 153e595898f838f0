// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tracked objects do to a redundancy group: its elections, kernel and
 * machine are played here, and tell what was asked of them.
 */
/* link: tools/xhad/role.c tools/xhad/role_conf.c tools/xhad/role_hold.c */
/* link: tools/xhad/track.c tools/xhad/change.c tools/xhad/history.c */
/* link: tools/xhad/trace.c tools/xhad/show.c */
/* link: tools/xhad/role_ask.c tools/xhad/role_resume.c tools/xhad/role_vips.c */
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

static void become_active(void)
{
	start();
	own.silent = true;
	own.tick = true;
	tick();
	assert_done("kernel:active vips+ grant0 grant1 ");
	own.silent = false;
	w.group.state = XFRM_HA_STATE_ACTIVE;
}

static void hold(const char *cause)
{
	xha_role_hold(&role, cause);
	tick();
}

static void test_active_without_peer_gives_up_all(void **state)
{
	become_active();
	hold("track x: down");
	assert_done("kernel:standby vips- stop0 stop1 ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	/* Nobody is heard, and it does not come back all the same. */
	own.silent = true;
	own.tick = true;
	tick();
	assert_done("");
	hold(NULL);
	assert_done("start0 start1 kernel:active vips+ grant0 grant1 ");
}

static void test_active_hands_over_to_a_hot_peer(void **state)
{
	become_active();
	w.group.peer_state = XFRM_HA_STATE_STANDBY_HOT;
	hold("track x: down");
	assert_done("kernel:handover ");
	assert_int_equal(role.mode, XHA_ROLE_GIVING);
	/* Another result while that is under way changes nothing. */
	hold("track x: down, and y");
	assert_done("");
	w.group.role = XFRM_HA_ROLE_STANDBY;
	kernel_event(XFRM_HA_EVENT_HANDOVER_DONE);
	assert_done("vips- stop0 stop1 ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	hold(NULL);
	assert_done("start0 start1 ");
}

static void test_failed_hand_over(void **state)
{
	become_active();
	w.group.peer_state = XFRM_HA_STATE_STANDBY_HOT;
	hold("track x: down");
	assert_done("kernel:handover ");
	kernel_event(XFRM_HA_EVENT_HANDOVER_FAILED);
	assert_done("kernel:standby vips- stop0 stop1 ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

static void test_refused_hand_over(void **state)
{
	become_active();
	w.group.peer_state = XFRM_HA_STATE_STANDBY_HOT;
	w.handover_err = -EBUSY;
	hold("track x: down");
	assert_done("kernel:handover kernel:standby vips- stop0 stop1 ");
}

static void test_up_again_during_the_hand_over(void **state)
{
	become_active();
	w.group.peer_state = XFRM_HA_STATE_STANDBY_HOT;
	hold("track x: down");
	hold(NULL);
	w.trace[0] = '\0';
	w.group.role = XFRM_HA_ROLE_STANDBY;
	kernel_event(XFRM_HA_EVENT_HANDOVER_DONE);
	/* A candidate, as after any hand-over. */
	assert_done("vips- release0 release1 ");
	assert_true(es[0].running && es[1].running);
}

static void test_standby_leaves_the_race(void **state)
{
	start();
	hold("track x: down");
	assert_done("stop0 stop1 ");
	/* Links that come and go do not bring it back. */
	xha_role_link(&role, &es[1], false);
	xha_role_link(&role, &es[1], true);
	own.silent = true;
	tick();
	assert_done("");
	hold("track y: down");
	assert_done("");
	own.silent = false;
	hold(NULL);
	assert_done("start0 start1 ");
}

static void test_links_count_beside(void **state)
{
	start();
	hold("track x: down");
	xha_role_link(&role, &es[0], false);
	w.trace[0] = '\0';
	hold(NULL);
	assert_done("");
	xha_role_link(&role, &es[0], true);
	tick();
	assert_done("start0 start1 ");
}

static void test_held_node_is_handed_the_role(void **state)
{
	start();
	hold("track x: down");
	w.trace[0] = '\0';
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_TAKEN);
	assert_done("vips+ kernel:vip-up kernel:standby vips- ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
}

/* Nor does it keep a role with which it could carry nothing. */
static void test_role_is_handed_to_a_dead_link(void **state)
{
	start();
	xha_role_link(&role, &es[0], false);
	w.trace[0] = '\0';
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_TAKEN);
	assert_done("vips+ kernel:vip-up kernel:standby vips- ");
	assert_int_equal(role.mode, XHA_ROLE_STANDBY);
	xha_role_link(&role, &es[0], true);
	tick();
	assert_done("start0 start1 ");
}

static void test_waits_for_first_results(void **state)
{
	xha_role_wait(&role, true);
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	assert_done("vips- kernel:standby ");
	xha_role_wait(&role, false);
	tick();
	assert_done("start0 start1 ");
}

/* A restarted helper keeps the role, whatever it does not know yet. */
static void test_resumed_active_does_not_wait(void **state)
{
	w.exists = true;
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	w.group.state = XFRM_HA_STATE_ACTIVE;
	xha_role_wait(&role, true);
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	assert_done("vips+ start0 start1 grant0 grant1 ");
	hold("track x: down");
	assert_done("kernel:standby vips- stop0 stop1 ");
}

static void test_back_but_not_hot(void **state)
{
	start();
	hold("track x: down");
	hold(NULL);
	w.trace[0] = '\0';
	own.preempts = true;
	w.group.state = XFRM_HA_STATE_STANDBY_BULK;
	own.tick = true;
	tick();
	assert_done("");
	w.group.state = XFRM_HA_STATE_STANDBY_HOT;
	own.tick = true;
	tick();
	assert_done("kernel:active vips+ coup0 coup1 ");
}

/* A hot standby of higher priority, and its peer is active. */
static void may_preempt(void)
{
	start();
	own.preempts = true;
	w.group.state = XFRM_HA_STATE_STANDBY_HOT;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	own.tick = true;
	tick();
	assert_done("ask0 ask1 ");
}

static void test_preempting_asks_first(void **state)
{
	may_preempt();
	w.now_us += 499999;
	own.tick = true;
	tick();
	assert_done("");
	w.now_us += 1;
	own.tick = true;
	tick();
	assert_done("ask0 ask1 ");
	w.group.role = XFRM_HA_ROLE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_TAKEN);
	assert_done("vips+ kernel:vip-up grant0 grant1 ");
}

static void test_nobody_answers(void **state)
{
	may_preempt();
	w.now_us += 2000000;
	own.tick = true;
	tick();
	assert_done("kernel:active vips+ coup0 coup1 ");
}

static void test_asks_anew_the_next_time(void **state)
{
	may_preempt();
	own.preempts = false;
	own.tick = true;
	tick();
	w.now_us += 5000000;
	own.preempts = true;
	own.tick = true;
	tick();
	assert_done("ask0 ask1 ");
}

static void test_asked(void **state)
{
	struct xha_addr addr = { .len = 4 };

	become_active();
	w.group.peer_state = XFRM_HA_STATE_STANDBY_HOT;
	xha_role_asked(&role, &es[0], addr);
	assert_done("kernel:handover ");
	assert_int_equal(role.mode, XHA_ROLE_GIVING);
	xha_role_asked(&role, &es[1], addr);
	assert_done("");
	kernel_event(XFRM_HA_EVENT_HANDOVER_FAILED);
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
	/* Not as often as somebody likes to ask. */
	w.now_us += 9999999;
	xha_role_asked(&role, &es[0], addr);
	assert_done("");
	w.now_us += 1;
	xha_role_asked(&role, &es[0], addr);
	assert_done("kernel:handover ");
}

/* Without the channel it is the election's rule that holds. */
static void test_asked_without_peer(void **state)
{
	struct xha_addr addr = { .len = 4 };

	become_active();
	w.group.peer_state = XFRM_HA_STATE_INIT;
	xha_role_asked(&role, &es[0], addr);
	assert_done("kernel:standby vips- release0 release1 ");
}

static void test_lower(void **state)
{
	start();
	conf.standbys[1].priority = 15;
	es[1].priority = 15;
	xha_role_lower(&role, 20);
	assert_done("priority0=80 priority1=0 ");
	/* Only what changes is told. */
	xha_role_lower(&role, 25);
	assert_done("priority0=75 ");
	xha_role_lower(&role, 0);
	assert_done("priority0=100 priority1=15 ");
	xha_role_lower(&role, 0);
	assert_done("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_active_without_peer_gives_up_all,
				       setup),
		cmocka_unit_test_setup(test_active_hands_over_to_a_hot_peer,
				       setup),
		cmocka_unit_test_setup(test_failed_hand_over, setup),
		cmocka_unit_test_setup(test_refused_hand_over, setup),
		cmocka_unit_test_setup(test_up_again_during_the_hand_over,
				       setup),
		cmocka_unit_test_setup(test_standby_leaves_the_race, setup),
		cmocka_unit_test_setup(test_links_count_beside, setup),
		cmocka_unit_test_setup(test_held_node_is_handed_the_role,
				       setup),
		cmocka_unit_test_setup(test_role_is_handed_to_a_dead_link,
				       setup),
		cmocka_unit_test_setup(test_waits_for_first_results, setup),
		cmocka_unit_test_setup(test_resumed_active_does_not_wait,
				       setup),
		cmocka_unit_test_setup(test_back_but_not_hot, setup),
		cmocka_unit_test_setup(test_preempting_asks_first, setup),
		cmocka_unit_test_setup(test_nobody_answers, setup),
		cmocka_unit_test_setup(test_asks_anew_the_next_time, setup),
		cmocka_unit_test_setup(test_asked, setup),
		cmocka_unit_test_setup(test_asked_without_peer, setup),
		cmocka_unit_test_setup(test_lower, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
