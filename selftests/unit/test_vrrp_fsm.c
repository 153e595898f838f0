// SPDX-License-Identifier: GPL-2.0-only
/* VRRP state machine: every pair of state and event, and the waiting times. */
/* link: tools/xhad/vrrp_fsm.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "vrrp_fsm.h"
#include "xha_util.h"

/*
 * Next state and actions, written down independently of the table under test.
 * Columns as enum vrrp_event: up, down, silent, higher, lower, lower with
 * preempt, resign, grant, release, concede. Actions: r resign, l learn, n note
 * master, w wait for one, s wait skew time, f forget it, + adverts on,
 * - adverts off, a assert, c claim, p preempt, y yield.
 */
static const char *const expected[VRRP_STATE_END][VRRP_EV_END] = {
	[VRRP_STATE_INITIAL] = {
		"Bw", "I", "I", "I", "I", "I", "I", "I", "I", "I" },
	[VRRP_STATE_BACKUP] = {
		"B", "If", "Bfc", "Bln", "Bln", "Blnp", "Bs", "Mf+", "B", "B" },
	[VRRP_STATE_MASTER] = {
		"M", "Irf-", "M", "My", "Ma", "Ma", "Ma", "M+", "Brw-",
		"Bln-" },
};

static const char state_letters[] = "?IBM";
static const char action_letters[] = "rlnwsf+-acpy";

static void test_every_pair(void **state)
{
	struct vrrp_step step;
	char text[16];
	size_t n;
	int st, ev, bit;

	for (st = VRRP_STATE_INITIAL; st < VRRP_STATE_END; st++)
		for (ev = 0; ev < VRRP_EV_END; ev++) {
			step = vrrp_fsm_step(st, ev);
			n = 0;
			text[n++] = state_letters[step.next];
			for (bit = 0; 1U << bit < VRRP_ACT_END; bit++)
				if (step.actions & 1U << bit)
					text[n++] = action_letters[bit];
			text[n] = '\0';
			if (strcmp(text, expected[st][ev]))
				fail_msg("%s on %s gives %s, not %s",
					 vrrp_fsm_state_name(st),
					 vrrp_fsm_event_name(ev), text,
					 expected[st][ev]);
		}
}

static void test_out_of_range(void **state)
{
	struct vrrp_step step = vrrp_fsm_step(VRRP_STATE_BACKUP, VRRP_EV_END);

	assert_int_equal(step.next, VRRP_STATE_BACKUP);
	assert_int_equal(step.actions, 0);
	step = vrrp_fsm_step(VRRP_STATE_END, VRRP_EV_UP);
	assert_int_equal(step.actions, 0);
	assert_string_equal(vrrp_fsm_state_name(VRRP_STATE_END), "unknown");
	assert_string_equal(vrrp_fsm_state_name(0), "unknown");
	assert_string_equal(vrrp_fsm_event_name(VRRP_EV_END), "unknown");
}

/* No event but a grant makes a master. */
static void test_only_grant_makes_master(void **state)
{
	int st, ev;

	for (st = VRRP_STATE_INITIAL; st < VRRP_STATE_MASTER; st++)
		for (ev = 0; ev < VRRP_EV_END; ev++)
			if (ev != VRRP_EV_GRANT)
				assert_int_not_equal(vrrp_fsm_step(st, ev).next,
						     VRRP_STATE_MASTER);
}

static const struct {
	unsigned int version, priority, interval_ms;
	__u32 skew_us, down_us;
} times[] = {
	/* RFC 3768: a part of a second whatever the interval */
	{ 2, 100, 1000, 609375, 3609375 },
	{ 2, 100, 10000, 609375, 30609375 },
	{ 2, 254, 1000, 7812, 3007812 },
	{ 2, 1, 255000, 996093, 765996093 },
	/* RFC 5798: a part of the interval */
	{ 3, 100, 1000, 609375, 3609375 },
	{ 3, 100, 100, 60937, 360937 },
	{ 3, 255, 10, 39, 30039 },
	{ 3, 1, 10, 9960, 39960 },
	{ 3, 1, 40950, 40790039, 163640039 },
};

static void test_times(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		assert_int_equal(vrrp_fsm_skew_us(times[i].version,
						  times[i].priority,
						  times[i].interval_ms),
				 times[i].skew_us);
		assert_int_equal(vrrp_fsm_master_down_us(times[i].version,
							 times[i].priority,
							 times[i].interval_ms),
				 times[i].down_us);
	}
}

/* The higher priority comes first, always. */
static void test_skew_falls_with_priority(void **state)
{
	unsigned int version, priority;

	for (version = 2; version <= 3; version++)
		for (priority = 2; priority < 256; priority++)
			assert_true(vrrp_fsm_skew_us(version, priority, 10) <
				    vrrp_fsm_skew_us(version, priority - 1, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_only_grant_makes_master),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_skew_falls_with_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
