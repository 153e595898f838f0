// SPDX-License-Identifier: GPL-2.0-only
/* Tracked objects: counting of results, and what states come to. */
/* link: tools/xhad/track.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "track.h"
#include "xha_util.h"

static struct xha_conf_track conf[3] = {
	{ .rise = 2, .fall = 3, .release = true },
	{ .rise = 1, .fall = 1, .decrement = 20 },
	{ .rise = 1, .fall = 1, .decrement = 250 },
};

static struct xha_track t[3];

static int setup(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		xha_track_init(&t[i], &conf[i]);
	return 0;
}

/* Each letter is a result, good or bad; upper case where the state changes. */
static void results(struct xha_track *track, const char *text)
{
	bool good, changed;

	for (; *text; text++) {
		good = *text == 'g' || *text == 'G';
		changed = *text == 'G' || *text == 'B';
		assert_int_equal(xha_track_result(track, good, "r", 7),
				 changed);
		if (changed)
			assert_int_equal(track->state, good ? XHA_TRACK_UP :
					 XHA_TRACK_DOWN);
	}
}

static void test_first_result_decides(void **state)
{
	assert_int_equal(t[0].state, XHA_TRACK_UNKNOWN);
	assert_int_equal(t[0].since_us, 0);
	results(&t[0], "B");
	setup(NULL);
	results(&t[0], "G");
	assert_int_equal(t[0].changes, 0);
	assert_int_equal(t[0].since_us, 7);
}

static void test_fall_and_rise(void **state)
{
	results(&t[0], "GggbbBbbbgGg");
	assert_int_equal(t[0].changes, 2);
	assert_int_equal(t[0].results, 12);
	assert_int_equal(t[0].failures, 6);
}

/* Only results in a row count. */
static void test_streak_is_broken(void **state)
{
	results(&t[0], "GbbgbbgbbBgbgbgG");
}

static void test_since_is_of_the_state(void **state)
{
	assert_true(xha_track_result(&t[1], false, "no carrier", 100));
	assert_false(xha_track_result(&t[1], false, "not there", 200));
	assert_int_equal(t[1].since_us, 100);
	/* The reason is what holds now. */
	assert_string_equal(t[1].reason, "not there");
	assert_true(xha_track_result(&t[1], true, "", 300));
	assert_int_equal(t[1].since_us, 300);
	assert_string_equal(t[1].reason, "");
}

static void test_long_reason(void **state)
{
	char text[200];

	memset(text, 'x', sizeof(text));
	text[199] = '\0';
	xha_track_result(&t[1], false, text, 1);
	assert_int_equal(strlen(t[1].reason), XHA_TRACK_REASON_LEN - 1);
}

static void test_sum(void **state)
{
	struct xha_track_sum sum = xha_track_add_up(t, 3);

	assert_true(sum.unknown);
	assert_null(sum.down);
	assert_int_equal(sum.decrement, 0);
	results(&t[1], "B");
	results(&t[2], "G");
	sum = xha_track_add_up(t, 3);
	assert_true(sum.unknown);
	assert_int_equal(sum.decrement, 20);
	results(&t[0], "G");
	sum = xha_track_add_up(t, 3);
	assert_false(sum.unknown);
	assert_null(sum.down);
	assert_int_equal(sum.decrement, 20);
	results(&t[2], "B");
	results(&t[0], "bbB");
	sum = xha_track_add_up(t, 3);
	assert_ptr_equal(sum.down, &t[0]);
	assert_int_equal(sum.decrement, 270);
	results(&t[0], "gG");
	results(&t[1], "G");
	results(&t[2], "G");
	sum = xha_track_add_up(t, 3);
	assert_null(sum.down);
	assert_int_equal(sum.decrement, 0);
	sum = xha_track_add_up(t, 0);
	assert_false(sum.unknown);
}

static void test_priority(void **state)
{
	static const struct {
		enum xha_conf_protocol protocol;
		unsigned int configured, decrement, want;
	} cases[] = {
		{ XHA_CONF_HSRP, 100, 0, 100 },
		{ XHA_CONF_HSRP, 100, 10, 90 },
		{ XHA_CONF_HSRP, 100, 100, 0 },
		{ XHA_CONF_HSRP, 100, 101, 0 },
		{ XHA_CONF_HSRP, 255, 10, 245 },
		{ XHA_CONF_HSRP, 0, 10, 0 },
		{ XHA_CONF_HSRP, 255, 4080, 0 },
		{ XHA_CONF_VRRP, 100, 0, 100 },
		{ XHA_CONF_VRRP, 100, 99, 1 },
		{ XHA_CONF_VRRP, 100, 100, 1 },
		{ XHA_CONF_VRRP, 1, 10, 1 },
		{ XHA_CONF_VRRP, 254, 4080, 1 },
		{ XHA_CONF_VRRP, 255, 10, 255 },
	};
	struct xha_conf_standby sb = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		sb.protocol = cases[i].protocol;
		sb.priority = cases[i].configured;
		assert_int_equal(xha_track_priority(&sb, cases[i].decrement),
				 cases[i].want);
	}
}

static void test_names(void **state)
{
	assert_string_equal(xha_track_state_name(XHA_TRACK_UNKNOWN), "unknown");
	assert_string_equal(xha_track_state_name(XHA_TRACK_UP), "up");
	assert_string_equal(xha_track_state_name(XHA_TRACK_DOWN), "down");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_first_result_decides, setup),
		cmocka_unit_test_setup(test_fall_and_rise, setup),
		cmocka_unit_test_setup(test_streak_is_broken, setup),
		cmocka_unit_test_setup(test_since_is_of_the_state, setup),
		cmocka_unit_test_setup(test_long_reason, setup),
		cmocka_unit_test_setup(test_sum, setup),
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
