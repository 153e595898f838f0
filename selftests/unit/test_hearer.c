// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a node tells its peer of what it hears, and what it does for what the
 * peer says: with a played clock, kernel and witnesses.
 */
/* link: tools/xhad/hearer.c tools/xhad/hearing.c */
/* link: tools/xhad/role.c tools/xhad/role_conf.c tools/xhad/role_hold.c */
/* link: tools/xhad/track.c tools/xhad/change.c tools/xhad/history.c */
/* link: tools/xhad/trace.c tools/xhad/show.c */
/* link: tools/xhad/role_ask.c tools/xhad/role_resume.c tools/xhad/role_vips.c */
/* link: tools/lib/xha_addr.c tools/lib/xha_names.c */
/* libs: json-c libsystemd */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hearer.h"
#include "played_elects.h"

#define HOLD_US	300000

static struct xha_tracker tracker;
static struct xha_hearer h;
static enum xha_hearing_witness answers[2];
static char deaf[128];
static unsigned int questions;

void xha_witness_init(struct xha_witness *wit, const struct xha_elect *elect,
		      sd_event *event)
{
	wit->elect = elect;
}

void xha_witness_ask(struct xha_witness *wit)
{
	questions++;
}

enum xha_hearing_witness xha_witness_state(const struct xha_witness *wit,
					   __u64 now_us)
{
	return answers[wit->elect - es];
}

void xha_witness_exit(struct xha_witness *wit)
{
}

void xha_tracker_deaf(struct xha_tracker *t, const char *cause)
{
	snprintf(deaf, sizeof(deaf), "%s", cause ? cause : "");
	xha_role_hold(&role, cause);
	tick();
}

static int begin(void **state)
{
	setup(state);
	memset(&h, 0, sizeof(h));
	answers[0] = XHA_HEARING_NONE;
	answers[1] = XHA_HEARING_NONE;
	deaf[0] = '\0';
	questions = 0;
	conf.standbys[0].hold_ms = HOLD_US / 1000;
	conf.standbys[1].hold_ms = HOLD_US / 1000;
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.peer.has_heard = true;
	h.role = &role;
	h.tracker = &tracker;
	h.witnesses[0].elect = &es[0];
	h.witnesses[1].elect = &es[1];
	return 0;
}

/* As the peer says it: witness, then the other node, on each LAN. */
static __u32 word(enum xha_hearing_witness w0, enum xha_hearing_peer p0,
		  enum xha_hearing_witness w1, enum xha_hearing_peer p1)
{
	struct xha_hearing view = { 2, { { w0, p0 }, { w1, p1 } } };

	return xha_hearing_pack(&view);
}

static void peer_says(enum xha_hearing_witness w0, enum xha_hearing_peer p0,
		      enum xha_hearing_witness w1, enum xha_hearing_peer p1)
{
	w.group.peer_hearing = word(w0, p0, w1, p1);
}

static void hear_all(void)
{
	es[0].heard_us = w.now_us;
	es[1].heard_us = w.now_us;
}

/* Look on and on for @us, hearing the peer all the time. */
static void look_for(__u64 us)
{
	__u64 end = w.now_us + us;

	while (w.now_us < end) {
		w.now_us += HOLD_US / 4;
		hear_all();
		xha_hearer_look(&h);
		tick();
	}
}

static void be_active_with_hot_peer(void)
{
	start();
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	own.silent = true;
	own.tick = true;
	tick();
	assert_done("kernel:active vips+ grant0 grant1 ");
	own.silent = false;
	w.peer.state = XFRM_HA_PEER_STATE_UP;
	w.group.state = XFRM_HA_STATE_ACTIVE;
	w.group.peer_state = XFRM_HA_STATE_STANDBY_HOT;
}

static void test_tells_what_it_hears(void **state)
{
	start();
	hear_all();
	answers[0] = XHA_HEARING_ANSWERS;
	xha_hearer_look(&h);
	assert_int_equal(w.group.hearing,
			 word(XHA_HEARING_ANSWERS, XHA_HEARING_HEARD,
			      XHA_HEARING_NONE, XHA_HEARING_HEARD));
	assert_int_equal(questions, 2);
	w.now_us += HOLD_US;
	xha_hearer_look(&h);
	assert_int_equal(w.group.hearing,
			 word(XHA_HEARING_ANSWERS, XHA_HEARING_UNKNOWN,
			      XHA_HEARING_NONE, XHA_HEARING_UNKNOWN));
}

/* The kernel forgets what is not said again. */
static void test_repeats(void **state)
{
	start();
	xha_hearer_look(&h);
	w.group.hearing = 0;
	w.now_us += 999999;
	xha_hearer_look(&h);
	assert_int_equal(w.group.hearing, 0);
	w.now_us += 1;
	xha_hearer_look(&h);
	assert_int_not_equal(w.group.hearing, 0);
}

/* Silence means something only while the peer's kernel is active. */
static void test_standby_says_what_it_lost(void **state)
{
	start();
	own.silent = true;
	xha_hearer_look(&h);
	assert_int_equal(w.group.hearing,
			 word(XHA_HEARING_NONE, XHA_HEARING_UNKNOWN,
			      XHA_HEARING_NONE, XHA_HEARING_UNKNOWN));
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	xha_hearer_look(&h);
	assert_int_equal(w.group.hearing,
			 word(XHA_HEARING_NONE, XHA_HEARING_LOST,
			      XHA_HEARING_NONE, XHA_HEARING_LOST));
}

static void test_helper_of_the_active_decides(void **state)
{
	start();
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	peer_says(XHA_HEARING_NONE, XHA_HEARING_UNKNOWN, XHA_HEARING_NONE,
		  XHA_HEARING_UNKNOWN);
	own.silent = true;
	look_for(100 * HOLD_US);
	own.tick = true;
	tick();
	assert_done("");
	/* It is gone, and no grace was configured. */
	w.group.peer_hearing = 0;
	xha_hearer_look(&h);
	own.tick = true;
	tick();
	assert_done("kernel:active vips+ grant0 grant1 ");
}

static void test_unheard_hands_over_once(void **state)
{
	be_active_with_hot_peer();
	peer_says(XHA_HEARING_NONE, XHA_HEARING_LOST, XHA_HEARING_NONE,
		  XHA_HEARING_HEARD);
	look_for(HOLD_US);
	assert_done("");
	look_for(HOLD_US / 2);
	assert_done("kernel:handover ");
	kernel_event(XFRM_HA_EVENT_HANDOVER_FAILED);
	look_for(9000000);
	assert_done("");
	look_for(1500000);
	assert_done("kernel:handover ");
}

static void test_unheard_stays_with_a_cold_peer(void **state)
{
	be_active_with_hot_peer();
	w.group.peer_state = XFRM_HA_STATE_STANDBY_COLD;
	peer_says(XHA_HEARING_NONE, XHA_HEARING_LOST, XHA_HEARING_NONE,
		  XHA_HEARING_LOST);
	look_for(20 * HOLD_US);
	assert_done("");
	assert_int_equal(role.mode, XHA_ROLE_ACTIVE);
}

static void given_away(void)
{
	w.group.role = XFRM_HA_ROLE_STANDBY;
	w.group.state = XFRM_HA_STATE_STANDBY_HOT;
	w.group.peer_state = XFRM_HA_STATE_ACTIVE;
	kernel_event(XFRM_HA_EVENT_HANDOVER_DONE);
	assert_done("vips- release0 release1 ");
}

static void may_preempt_now(const char *does)
{
	own.preempts = true;
	own.tick = true;
	tick();
	own.preempts = false;
	assert_done(does);
}

static void be_muted(void)
{
	be_active_with_hot_peer();
	peer_says(XHA_HEARING_NONE, XHA_HEARING_LOST, XHA_HEARING_NONE,
		  XHA_HEARING_HEARD);
	look_for(2 * HOLD_US);
	assert_done("kernel:handover ");
	given_away();
	peer_says(XHA_HEARING_NONE, XHA_HEARING_UNKNOWN, XHA_HEARING_NONE,
		  XHA_HEARING_HEARD);
	look_for(20 * HOLD_US);
	may_preempt_now("");
}

static void test_muted_until_heard(void **state)
{
	be_muted();
	peer_says(XHA_HEARING_NONE, XHA_HEARING_HEARD, XHA_HEARING_NONE,
		  XHA_HEARING_HEARD);
	look_for(HOLD_US);
	may_preempt_now("ask0 ask1 ");
}

/* Neither hears the other: who has asked once would get it back, on and on. */
static void test_muted_tells_no_loss(void **state)
{
	be_muted();
	own.silent = true;
	w.now_us += HOLD_US;
	xha_hearer_look(&h);
	assert_int_equal(w.group.hearing,
			 word(XHA_HEARING_NONE, XHA_HEARING_UNKNOWN,
			      XHA_HEARING_NONE, XHA_HEARING_UNKNOWN));
}

static void test_muted_until_alone(void **state)
{
	be_muted();
	w.group.peer_hearing = 0;
	look_for(HOLD_US);
	may_preempt_now("ask0 ask1 ");
}

static void test_deaf_is_held(void **state)
{
	be_active_with_hot_peer();
	answers[0] = XHA_HEARING_SILENT;
	answers[1] = XHA_HEARING_ANSWERS;
	peer_says(XHA_HEARING_ANSWERS, XHA_HEARING_HEARD, XHA_HEARING_ANSWERS,
		  XHA_HEARING_HEARD);
	look_for(HOLD_US);
	assert_string_equal(deaf, "");
	look_for(HOLD_US / 2);
	assert_string_equal(deaf,
			    "no witness answers on out, but the peer is answered");
	assert_done("kernel:handover ");
	w.group.role = XFRM_HA_ROLE_STANDBY;
	kernel_event(XFRM_HA_EVENT_HANDOVER_DONE);
	assert_done("vips- stop0 stop1 ");
	/* One answer is not enough to come back. */
	answers[0] = XHA_HEARING_ANSWERS;
	look_for(HOLD_US / 2);
	answers[0] = XHA_HEARING_SILENT;
	look_for(3 * HOLD_US);
	assert_done("");
	answers[0] = XHA_HEARING_ANSWERS;
	look_for(2 * HOLD_US);
	assert_string_equal(deaf, "");
	assert_done("start0 start1 ");
}

/* Half deaf is better than nobody. */
static void test_deaf_comes_back_alone(void **state)
{
	start();
	answers[1] = XHA_HEARING_SILENT;
	peer_says(XHA_HEARING_ANSWERS, XHA_HEARING_HEARD, XHA_HEARING_ANSWERS,
		  XHA_HEARING_HEARD);
	look_for(2 * HOLD_US);
	assert_done("stop0 stop1 ");
	w.group.peer_hearing = 0;
	w.now_us += HOLD_US / 4;
	xha_hearer_look(&h);
	tick();
	assert_string_equal(deaf, "");
	assert_done("start0 start1 ");
}

/* The link says it all, and is not waited for when it is back. */
static void test_lost_link_is_no_deafness(void **state)
{
	start();
	answers[0] = XHA_HEARING_SILENT;
	peer_says(XHA_HEARING_ANSWERS, XHA_HEARING_HEARD, XHA_HEARING_ANSWERS,
		  XHA_HEARING_HEARD);
	xha_role_link(&role, &es[0], false);
	assert_done("stop0 stop1 ");
	look_for(3 * HOLD_US);
	assert_string_equal(deaf, "");
	answers[0] = XHA_HEARING_NONE;
	xha_role_link(&role, &es[0], true);
	assert_done("start0 start1 ");
}

static void test_from_out_to_in(void **state)
{
	start();
	answers[0] = XHA_HEARING_SILENT;
	answers[1] = XHA_HEARING_ANSWERS;
	peer_says(XHA_HEARING_ANSWERS, XHA_HEARING_HEARD, XHA_HEARING_ANSWERS,
		  XHA_HEARING_HEARD);
	look_for(2 * HOLD_US);
	assert_done("stop0 stop1 ");
	answers[0] = XHA_HEARING_ANSWERS;
	answers[1] = XHA_HEARING_SILENT;
	look_for(3 * HOLD_US);
	assert_string_equal(deaf,
			    "no witness answers on in, but the peer is answered");
	assert_done("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_tells_what_it_hears, begin),
		cmocka_unit_test_setup(test_repeats, begin),
		cmocka_unit_test_setup(test_standby_says_what_it_lost, begin),
		cmocka_unit_test_setup(test_helper_of_the_active_decides, begin),
		cmocka_unit_test_setup(test_unheard_hands_over_once, begin),
		cmocka_unit_test_setup(test_unheard_stays_with_a_cold_peer, begin),
		cmocka_unit_test_setup(test_muted_until_heard, begin),
		cmocka_unit_test_setup(test_muted_tells_no_loss, begin),
		cmocka_unit_test_setup(test_muted_until_alone, begin),
		cmocka_unit_test_setup(test_deaf_is_held, begin),
		cmocka_unit_test_setup(test_deaf_comes_back_alone, begin),
		cmocka_unit_test_setup(test_lost_link_is_no_deafness, begin),
		cmocka_unit_test_setup(test_from_out_to_in, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
