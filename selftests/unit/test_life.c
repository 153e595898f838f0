// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/life.c kmod/seq.c kmod/wire*.c */
/*
 * Lifetimes in bytes and packets: what a standby is told must be ahead of what
 * is used at every moment a crash may come, and not far ahead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "life.h"

static void test_least(void **state)
{
	(void)state;
	assert_true(xha_life_least(UINT64_MAX, UINT64_MAX) == 0);
	assert_true(xha_life_least(UINT64_MAX, 2560) == 10);
	assert_true(xha_life_least(2560, UINT64_MAX) == 10);
	assert_true(xha_life_least(2560, 1ULL << 40) == 10);
	assert_true(xha_life_least(1, 2) == 1);
	assert_true(xha_life_least(0, 0) == 1);
	assert_true(xha_life_least(UINT64_MAX - 1, UINT64_MAX) == 1ULL << 40);
}

static void test_figure(void **state)
{
	struct xha_life l = { 0 };

	(void)state;
	assert_true(xha_life_figure(&l, 0, 77) == 77);
	assert_true(xha_life_figure(&l, 10, 77) == 87);
	l.step = 40;
	assert_true(xha_life_figure(&l, 10, 77) == 117);
	assert_true(xha_life_figure(&l, 0, 77) == 77);
	assert_true(xha_life_figure(&l, 10, UINT64_MAX - 39) == UINT64_MAX);
	assert_true(xha_life_figure(&l, 10, UINT64_MAX - 40) == UINT64_MAX);
	assert_true(xha_life_figure(&l, 10, UINT64_MAX - 41) == UINT64_MAX - 1);
}

static void test_due(void **state)
{
	struct xha_life l = { .step = 40, .told = 140 };

	(void)state;
	assert_false(xha_life_due(&l, 10, 100));
	assert_false(xha_life_due(&l, 10, 119));
	assert_true(xha_life_due(&l, 10, 120));
	assert_true(xha_life_due(&l, 10, 1000));
	assert_false(xha_life_due(&l, 0, 1000));
	l.step = 0;	/* the least counts */
	assert_false(xha_life_due(&l, 10, 134));
	assert_true(xha_life_due(&l, 10, 135));
	l.told = 1;
	assert_false(xha_life_due(&l, 1, 0));
	assert_true(xha_life_due(&l, 1, 1));
}

static void adapt(u64 step, u64 used, u32 ms, u64 expected)
{
	struct xha_life l = { .step = step, .seen = 1000 };

	xha_life_adapt(&l, 16, 1000 + used, ms);
	assert_true(l.step == expected);
	assert_true(l.seen == 1000 + used);
}

static void test_adapt(void **state)
{
	struct xha_life l = { .step = 5, .seen = 7 };

	(void)state;
	adapt(0, 0, 100, 16);		/* never below the least */
	adapt(32, 16, 200, 32);		/* half of it lasts */
	adapt(32, 17, 200, 64);
	adapt(32, 17, 1000, 64);	/* looks are that far apart */
	adapt(32, 16, 1000, 32);
	adapt(32, 2, 200, 32);
	adapt(32, 1, 200, 16);
	adapt(16 * 64, 1u << 30, 1, 16 * 64);
	adapt(16, UINT64_MAX - 1000, 0, 32);
	adapt(16 * 64, 0, UINT32_MAX, 16 * 32);
	xha_life_adapt(&l, 0, 9, 100);	/* the limit was taken away */
	assert_true(l.step == 0);
	l.seen = 90;			/* use went back, as after a hand-over */
	l.step = 16;
	xha_life_adapt(&l, 16, 9, 100);
	assert_true(l.step == 16 && l.seen == 9);
	l.step = 1ULL << 46;		/* the largest: nothing overflows */
	l.seen = 0;
	xha_life_adapt(&l, 1ULL << 40, UINT64_MAX, 1);
	assert_true(l.step == 1ULL << 46);
	l.seen = UINT64_MAX;
	xha_life_adapt(&l, 1ULL << 40, UINT64_MAX, UINT32_MAX);
	assert_true(l.step == 1ULL << 45);
}

/*
 * An SA of @limit units, @rate of them per ms, sampled every @tick ms; a figure
 * is applied @delay ms after it was sent, the next one is not sent before.
 * Return: the largest lead of what is applied over what is used, once it runs.
 */
static u64 run(u64 limit, u64 rate, u32 tick, u32 delay)
{
	u64 least = xha_life_least(UINT64_MAX, limit);
	u64 used = 0, applied = least, under_way = 0, lead = 0;
	struct xha_life l = { .told = least };
	u32 ms, sent = 0, looked = 0;

	for (ms = 1; used < limit; ms++) {
		used += rate;
		if (under_way && ms - sent >= delay) {
			applied = under_way;
			under_way = 0;
		}
		if (ms % tick == 0) {
			bool due = xha_life_due(&l, least, used);

			if (due || ms - looked >= 100) {
				xha_life_adapt(&l, least, used, ms - looked);
				looked = ms;
			}
			if (due && !under_way) {
				under_way = xha_life_figure(&l, least, used);
				l.told = under_way;
				sent = ms;
			}
		}
		/* The least step is for what starts; the rate is then known. */
		if (ms >= 1000 && ms >= 5 * tick) {
			assert_true(applied >= used);
			lead = applied - used > lead ? applied - used : lead;
		}
	}
	return lead;
}

static void test_never_late(void **state)
{
	static const u64 rates[] = { 1, 3, 10, 50, 200 };
	size_t i;
	u32 tick;

	(void)state;
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		for (tick = 5; tick <= 20; tick += 5)
			/* 10 s at least, updates of 200 ms at most */
			assert_true(run(10000 * rates[i], rates[i], tick, 10) <=
				    rates[i] * 1000);
}

/* Somebody who looks seldom sees a step used up in time all the same. */
static void test_slow_looks(void **state)
{
	u32 tick;

	(void)state;
	for (tick = 400; tick <= 1000; tick += 200)
		assert_true(run(40000, 1, tick, 10) <= 8 * tick);
}

static void test_small_and_slow(void **state)
{
	(void)state;
	/* a step of 1000 at a packet per ms is the least one: no more is lost */
	assert_true(run(256000, 1, 10, 10) <= 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_figure),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_adapt),
		cmocka_unit_test(test_never_late),
		cmocka_unit_test(test_slow_looks),
		cmocka_unit_test(test_small_and_slow),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
