// SPDX-License-Identifier: GPL-2.0-only
/* HSRP state machine: every pair of state and event, and what must hold. */
/* link: tools/xhad/hsrp_fsm.c tools/xhad/hsrp_pkt.c tools/lib/xha_addr.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hsrp_fsm.h"

/* Letters of the states, so that a line of the expected table is short. */
static const char letters[] = "?ILSPTA";	/* P speak, T standby; S listen */

/*
 * Next state, written down independently of the table under test. Columns as
 * enum hsrp_event: up, down, active silent, standby silent, higher speaks,
 * higher active, lower active, the same with preempt, resign, coup, higher
 * standby, lower standby, grant, release.
 */
static const char *const expected[HSRP_STATE_END] = {
	[HSRP_STATE_INITIAL]	= "SIIIIIIIIIIIII",
	[HSRP_STATE_LEARN]	= "SISSSSSSSSSSAS",
	[HSRP_STATE_LISTEN]	= "SIPPSSSSPSSPAS",
	[HSRP_STATE_SPEAK]	= "PIPTSPPPPPSTAP",
	[HSRP_STATE_STANDBY]	= "TITTSTTTTTSTAT",
	[HSRP_STATE_ACTIVE]	= "AIAAAAAAAAAAAP",
};

static void test_every_pair(void **state)
{
	struct hsrp_step step;
	int st, ev;

	for (st = HSRP_STATE_INITIAL; st < HSRP_STATE_END; st++) {
		assert_int_equal(strlen(expected[st]), HSRP_EV_END);
		for (ev = 0; ev < HSRP_EV_END; ev++) {
			step = hsrp_fsm_step(st, ev);
			if (letters[step.next] != expected[st][ev])
				fail_msg("%s on %s gives %s",
					 hsrp_pkt_state_name(st),
					 hsrp_fsm_event_name(ev),
					 hsrp_pkt_state_name(step.next));
			assert_int_equal(step.actions & ~(HSRP_ACT_END - 1), 0);
		}
	}
}

static int talks(int state)
{
	return state >= HSRP_STATE_SPEAK;
}

static int all_pairs(int (*holds)(int st, int ev, struct hsrp_step step))
{
	int st, ev;

	for (st = HSRP_STATE_INITIAL; st < HSRP_STATE_END; st++)
		for (ev = 0; ev < HSRP_EV_END; ev++)
			if (!holds(st, ev, hsrp_fsm_step(st, ev)))
				fail_msg("does not hold for %s on %s",
					 hsrp_pkt_state_name(st),
					 hsrp_fsm_event_name(ev));
	return 1;
}

/* Hellos are sent in exactly the states that talk. */
static int hello_matches(int st, int ev, struct hsrp_step step)
{
	int on = !!(step.actions & HSRP_ACT_HELLO_ON);
	int off = !!(step.actions & HSRP_ACT_HELLO_OFF);

	if (on && off)
		return 0;
	if (on && !talks(step.next))
		return 0;
	if (off && talks(step.next))
		return 0;
	if (!talks(st) && talks(step.next))
		return on;
	if (talks(st) && !talks(step.next))
		return off;
	return 1;
}

/* Only the group makes and unmakes an active node. */
static int only_granted(int st, int ev, struct hsrp_step step)
{
	if (st != HSRP_STATE_ACTIVE && step.next == HSRP_STATE_ACTIVE)
		return ev == HSRP_EV_GRANT;
	if (st == HSRP_STATE_ACTIVE && step.next != HSRP_STATE_ACTIVE)
		return (ev == HSRP_EV_RELEASE || ev == HSRP_EV_DOWN) &&
		       step.actions & HSRP_ACT_RESIGN;
	return 1;
}

/* Timers that nobody waits for do not run. */
static int initial_is_quiet(int st, int ev, struct hsrp_step step)
{
	unsigned int stop = HSRP_ACT_LOSE_ACTIVE | HSRP_ACT_LOSE_STANDBY;

	if (st != HSRP_STATE_INITIAL && step.next == HSRP_STATE_INITIAL)
		return (step.actions & stop) == stop;
	return 1;
}

/* Without a timer nothing would ever get a listener further. */
static int listener_waits(int st, int ev, struct hsrp_step step)
{
	if (step.next != HSRP_STATE_LISTEN || st == HSRP_STATE_LISTEN)
		return 1;
	return step.actions & (HSRP_ACT_WAIT_STANDBY | HSRP_ACT_NOTE_STANDBY |
			       HSRP_ACT_WAIT_ACTIVE | HSRP_ACT_NOTE_ACTIVE);
}

/* Hearing an active restarts its timer in all states that wait for it. */
static int active_is_noted(int st, int ev, struct hsrp_step step)
{
	if (st < HSRP_STATE_LEARN || st == HSRP_STATE_ACTIVE)
		return 1;
	if (ev != HSRP_EV_ACTIVE_HIGHER && ev != HSRP_EV_ACTIVE_LOWER &&
	    ev != HSRP_EV_ACTIVE_LOWER_PREEMPT)
		return 1;
	return step.actions & HSRP_ACT_NOTE_ACTIVE &&
	       step.actions & HSRP_ACT_LEARN;
}

/* Two nodes that hear each other must not both back off, or both insist. */
static int one_yields(int st, int ev, struct hsrp_step step)
{
	if (st != HSRP_STATE_ACTIVE)
		return !(step.actions & HSRP_ACT_YIELD);
	return !!(step.actions & HSRP_ACT_YIELD) ==
	       (ev == HSRP_EV_ACTIVE_HIGHER || ev == HSRP_EV_COUP_HIGHER);
}

static int claims_when_next(int st, int ev, struct hsrp_step step)
{
	if (!(step.actions & HSRP_ACT_CLAIM))
		return !(st == HSRP_STATE_STANDBY &&
			 (ev == HSRP_EV_ACTIVE_SILENT || ev == HSRP_EV_RESIGN));
	return step.next == HSRP_STATE_STANDBY;
}

static void test_invariants(void **state)
{
	assert_true(all_pairs(hello_matches));
	assert_true(all_pairs(only_granted));
	assert_true(all_pairs(initial_is_quiet));
	assert_true(all_pairs(listener_waits));
	assert_true(all_pairs(active_is_noted));
	assert_true(all_pairs(one_yields));
	assert_true(all_pairs(claims_when_next));
}

static void test_out_of_range(void **state)
{
	struct hsrp_step step = hsrp_fsm_step(HSRP_STATE_LISTEN, HSRP_EV_END);

	assert_int_equal(step.next, HSRP_STATE_LISTEN);
	assert_int_equal(step.actions, 0);
	step = hsrp_fsm_step(HSRP_STATE_END, HSRP_EV_UP);
	assert_int_equal(step.next, HSRP_STATE_END);
	assert_int_equal(step.actions, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_invariants),
		cmocka_unit_test(test_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
