// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/clock.c */
/*
 * Moments between two clocks: a lifetime in seconds ends never late, and early
 * by less than a second, after many takeovers, with clocks that differ, drift
 * and are set, and frames that were under way for seconds. The arithmetic that
 * was here before plays the same, and must fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "clock.h"
#include "wire.h"

static u64 seed;

static u64 rnd(u64 n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 24) % n;
}

/* What it measured itself is not the question. */
static const char *heard(struct xha_clock *c, s64 stamp, s64 now)
{
	return xha_clock_frame(c, stamp, 1LL << 50, now - 1);
}

static const char *told(struct xha_clock *c, s64 least, s64 now)
{
	return xha_clock_frame(c, c->stamp, least, now);
}

/* --- one by one -------------------------------------------------------- */

static void test_here(void **state)
{
	struct xha_clock c;

	(void)state;
	xha_clock_init(&c);
	assert_false(xha_clock_known(&c));
	assert_true(xha_clock_least(&c, 5) == XHA_CLOCK_NEVER);
	assert_null(told(&c, 700, 1000));
	assert_true(xha_clock_known(&c));
	assert_true(xha_clock_here(&c, 1500, 1000) == 800 - XHA_CLOCK_MARGIN);
	assert_true(xha_clock_here(&c, XHA_CLOCK_NEVER, 9) == XHA_CLOCK_NEVER);
	assert_true(xha_clock_here(&c, 1LL << 50, 1000) == 1000);	/* not yet */
	/* By the time it is older it is less sure. */
	assert_true(xha_clock_here(&c, 1500, 1000 + 51200) ==
		    800 - 101 - XHA_CLOCK_MARGIN);
}

static void test_least(void **state)
{
	struct xha_clock c;

	(void)state;
	xha_clock_init(&c);
	assert_null(heard(&c, 100, 3100));
	assert_true(xha_clock_least(&c, 3100) == 3000);
	assert_null(heard(&c, 200, 210));
	assert_null(heard(&c, 300, 5000));
	assert_true(xha_clock_least(&c, 210) == 10);
	assert_true(xha_clock_least(&c, 210 + 5120) == 21);
	/* In a window that follows it still counts, in the next it does not. */
	assert_null(heard(&c, 65000, 70000));
	assert_true(xha_clock_least(&c, 70000) < 200);
	assert_null(heard(&c, 130000, 135000));
	assert_true(xha_clock_least(&c, 135000) == 5000);
	/* After a long silence nothing of old counts, nor is it told. */
	assert_true(xha_clock_least(&c, 134999 + 128000) != XHA_CLOCK_NEVER);
	assert_true(xha_clock_least(&c, 135000 + 128000) == XHA_CLOCK_NEVER);
	assert_null(heard(&c, 1000000, 1009000));
	assert_true(xha_clock_least(&c, 1009000) == 9000);
}

static void test_bad_stamps(void **state)
{
	struct xha_clock c;

	(void)state;
	xha_clock_init(&c);
	assert_null(heard(&c, 1000, 1001));
	assert_null(heard(&c, 1000, 1002));
	assert_null(told(&c, 50, 1003));
	assert_non_null(heard(&c, 999, 1004));
	assert_false(xha_clock_known(&c));
	assert_true(xha_clock_least(&c, 1004) == XHA_CLOCK_NEVER);
	/* There and back before it was sent. */
	assert_null(heard(&c, 1000, 1005));
	assert_non_null(told(&c, -2000, 1005));
	assert_false(xha_clock_known(&c));
	assert_non_null(told(&c, -(1LL << 51) + 1, 1005));
	/* What its clock may say for all we know, but changes no sign. */
	assert_null(told(&c, (1LL << 51) - 1, 1005));
	assert_true(xha_clock_here(&c, (1LL << 51) - 1, 1005) < 1005);
	assert_true(xha_clock_here(&c, -(1LL << 51) + 1, 1005) < -(1LL << 51));
	assert_null(xha_clock_frame(&c, (1LL << 51) - 1, 1LL << 51, 1005));
	assert_non_null(xha_clock_frame(&c, 1, 1, 1005));
}

static void test_wire(void **state)
{
	(void)state;
	assert_true(xha_clock_to_wire(XHA_CLOCK_NEVER) == 0);
	assert_true(xha_clock_from_wire(0) == XHA_CLOCK_NEVER);
	assert_true(xha_clock_from_wire(xha_clock_to_wire(-5)) == -5);
	assert_true(xha_clock_from_wire(xha_clock_to_wire(1LL << 50)) == 1LL << 50);
	assert_true(xha_clock_to_wire(-(1LL << 60)) == 1);
	assert_true(xha_clock_to_wire(1LL << 60) == (1ULL << 52) - 1);
}

static void test_seconds(void **state)
{
	(void)state;
	assert_true(xha_clock_age(1000, 1000) == 0);
	assert_true(xha_clock_age(1000, 1001) == 1);
	assert_true(xha_clock_age(-1, 999) == 1);
	assert_true(xha_clock_age(5000, 1000) == 0);
	assert_true(xha_clock_age(XHA_CLOCK_NEVER, 5) == UINT64_MAX);
	assert_true(xha_clock_of_age(UINT64_MAX, 5) == XHA_CLOCK_NEVER);
	assert_true(xha_clock_of_age(7, 5) == -6995);
	assert_true(xha_clock_of_age(UINT64_MAX - 1, 0) == -1000 * (1LL << 40));
	assert_true(xha_clock_of_seconds(3, 7) == 3007);
	assert_true(xha_clock_of_seconds((u64)-3, 7) == -2993);
	assert_true(xha_clock_of_seconds(1ULL << 63, 0) == -1000 * (1LL << 40));
	assert_true(xha_clock_of_seconds(UINT64_MAX >> 1, 0) == 1000 * (1LL << 40));
	assert_true(xha_clock_better(1, 2) == 2);
	assert_true(xha_clock_better(XHA_CLOCK_NEVER, 2) == 2);
	assert_true(xha_clock_better(1, XHA_CLOCK_NEVER) == 1);
	assert_true(xha_clock_better(1, 1 + XHA_CLOCK_APART) == 1 + XHA_CLOCK_APART);
	assert_true(xha_clock_better(1, 2 + XHA_CLOCK_APART) == 1);
	assert_true(xha_clock_better(2 + XHA_CLOCK_APART, 1) == 1);
	assert_true(xha_clock_first(5000, 5001 - XHA_CLOCK_APART) == 5000);
	assert_true(xha_clock_first(5000, 4999 - XHA_CLOCK_APART) ==
		    4999 - XHA_CLOCK_APART);
	assert_true(xha_clock_first(5000, 99999) == 5000);
	assert_true(xha_clock_first(XHA_CLOCK_NEVER, 5000) == 5000);
	assert_true(xha_clock_first(5000, XHA_CLOCK_NEVER) == 5000);
	assert_true(xha_clock_first(XHA_CLOCK_NEVER, XHA_CLOCK_NEVER) ==
		    XHA_CLOCK_NEVER);
	assert_true(xha_clock_next(500, 1200) == 1500);
	assert_true(xha_clock_next(-500, 1500) == 1500);
	assert_true(xha_clock_next(9500, 1200) == 1500);
}

/* --- the kernel's timer ------------------------------------------------- */

/* ktime_get_real_seconds(): as of the last tick. */
static s64 seconds(s64 real)
{
	return (real - (s64)rnd(10)) / 1000;
}

/*
 * xfrm_timer_handler(), for a hard limit: when it finds that reached, with a
 * timer that is started to look at @look. All in ms of CLOCK_REALTIME.
 */
static s64 expires(s64 add_time, s64 hard, s64 look)
{
	s64 tmo, now;

	for (;;) {
		now = look + rnd(XHA_CLOCK_ROOM);	/* timers are late */
		tmo = add_time + hard - seconds(now);
		if (tmo <= 0)
			return look;
		look += tmo * 1000;
	}
}

static void test_pace(void **state)
{
	struct xha_pace p;
	s64 add, use, look, end, now;
	u32 i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		add = 1700000000000 + (s64)rnd(5000);
		use = add + (s64)rnd(5000);
		now = use + (s64)rnd(30000);
		xha_clock_pace(&p, add, use);
		look = xha_clock_next(p.base, now);
		assert_in_range(look - now, 0, 999);
		end = expires(p.add, 60, look);
		assert_in_range(add + 60000 - end, 0,
				XHA_CLOCK_LAG + XHA_CLOCK_ROOM);
		end = expires(p.use, 60, look);
		assert_in_range(use + 60000 - end, 0, 999);
		xha_clock_pace_unknown(&p, add, use);
		end = expires(p.add, 60, now + rnd(1000) + 20);
		assert_in_range(add + 60000 + 10 - end, 0, 3010);
	}
	xha_clock_pace(&p, 5000, XHA_CLOCK_NEVER);
	assert_true(p.use == 0);
	xha_clock_pace(&p, 500, 700);	/* in 1970, and used all the same */
	assert_true(p.use == -1);
}

/* --- many takeovers ----------------------------------------------------- */

/* A node: clocks by true time, both in ms, and what it knows of one SA. */
struct node {
	s64			boot;	/* CLOCK_BOOTTIME at true 0 */
	s64			real;	/* CLOCK_REALTIME less CLOCK_BOOTTIME */
	s32			ppm;
	struct xha_clock	clock;
	s64			add;
	bool			knows;
	s64			add_time;	/* as xfrm has it, while live */
};

static s64 boottime(const struct node *n, s64 t)
{
	return t + n->boot + t * n->ppm / 1000000;
}

struct model {
	void (*adopt)(struct node *n, s64 t);
	void (*demote)(struct node *n, s64 t);
	/* An SA frame of @from, made at @made, comes in at @came. */
	void (*frame)(struct node *from, s64 made, struct node *to, s64 came);
	s64 (*end)(const struct node *n, s64 hard, s64 t);
};

static void new_adopt(struct node *n, s64 t)
{
	(void)n;
	(void)t;
}

static void new_frame(struct node *from, s64 made, struct node *to, s64 came)
{
	s64 add, now = boottime(to, came);

	(void)made;
	assert_true(xha_clock_known(&to->clock));
	add = xha_clock_here(&to->clock,
			     xha_clock_from_wire(xha_clock_to_wire(from->add)), now);
	to->add = to->knows ? xha_clock_better(to->add, add) : add;
	to->knows = true;
}

/* In ms of its CLOCK_BOOTTIME, for an SA adopted at @t. */
static s64 new_end(const struct node *n, s64 hard, s64 t)
{
	struct xha_pace p;

	xha_clock_pace(&p, n->add + n->real, XHA_CLOCK_NEVER);
	return expires(p.add, hard, xha_clock_next(p.base, boottime(n, t) +
						   n->real)) - n->real;
}

static void old_adopt(struct node *n, s64 t)
{
	s64 boot = boottime(n, t);

	n->add_time = (boot + n->real) / 1000 - (boot / 1000 - n->add);
}

static void old_demote(struct node *n, s64 t)
{
	s64 boot = boottime(n, t);

	n->add = boot / 1000 - ((boot + n->real) / 1000 - n->add_time);
}

static void old_frame(struct node *from, s64 made, struct node *to, s64 came)
{
	s64 age = (boottime(from, made) + from->real) / 1000 - from->add_time;

	to->add = boottime(to, came) / 1000 - age;
	to->knows = true;
}

/* xfrm_state_add() had started its timer for a second later. */
static s64 old_end(const struct node *n, s64 hard, s64 t)
{
	return expires(n->add_time, hard, boottime(n, t) + n->real + 1000) -
	       n->real;
}

static const struct model new_model = { new_adopt, new_adopt, new_frame, new_end };
static const struct model old_model = { old_adopt, old_demote, old_frame, old_end };

/* A frame with a stamp; delays are fair but for one @jam in so many. */
static s64 delay(u32 jam, s64 most)
{
	return rnd(jam) ? (s64)rnd(3) : (s64)rnd(most);
}

static void stamp(struct node *from, struct node *to, s64 t, s64 under_way)
{
	s64 least = xha_clock_least(&from->clock, boottime(from, t));
	const char *bad = xha_clock_frame(&to->clock, boottime(from, t), least,
					  boottime(to, t + under_way));

	if (bad)
		fail_msg("%s", bad);
}

/* Both tell for @ms; streams are in order, so each waits for the one before. */
static s64 talk(struct node *n, s64 t, s64 ms)
{
	s64 end = t + ms;
	u32 i = 0;

	for (; t < end; t += 50 + rnd(900)) {
		s64 d = i++ < 40 ? (s64)rnd(3) : delay(4, 800);

		stamp(&n[0], &n[1], t, d);
		stamp(&n[1], &n[0], t + 1, d);
	}
	return t;
}

struct result {
	s64	late;	/* most */
	s64	early;
};

/*
 * An SA of node 0 moves to and fro @moves times, each SA frame as late as a
 * jam of up to 5 s makes it; when would it end? By the clock of the node it is
 * on, since no node can do better than its own.
 */
static void play(const struct model *m, u32 moves, s32 ppm, bool reboot,
		 struct result *r)
{
	struct node n[2] = {
		{ .boot = rnd(1 << 30), .real = 1700000000000 + rnd(1 << 20),
		  .ppm = ppm },
		{ .boot = rnd(1 << 30), .real = 1400000000000 + rnd(1 << 30),
		  .ppm = -ppm },
	};
	s64 t = 10000000 + rnd(100000), born = t, hard = 1000000, early;
	u32 i, on = 0;

	xha_clock_init(&n[0].clock);
	xha_clock_init(&n[1].clock);
	n[0].add = boottime(&n[0], t);
	n[0].knows = true;
	n[0].add_time = (n[0].add + n[0].real) / 1000;
	for (i = 0; i < moves; i++) {
		t = talk(n, t, 5000 + rnd(40000));
		if (reboot && i % 2)	/* what a fresh standby knows */
			n[!on].knows = false;
		m->frame(&n[on], t, &n[!on], t + delay(2, 5000));
		t += 5000;
		m->demote(&n[on], t);
		on = !on;
		m->adopt(&n[on], t);
		n[on].real += (s64)rnd(3000) - 1500;	/* and its clock is set */
		m->adopt(&n[on], t);
		early = boottime(&n[on], born) + 1000 * hard -
			m->end(&n[on], hard, t);
		if (early > r->early)
			r->early = early;
		if (-early > r->late)
			r->late = -early;
	}
}

static void test_takeovers(void **state)
{
	struct result r = { 0, 0 };
	u32 i;

	(void)state;
	for (i = 0; i < 300; i++)
		play(&new_model, 1 + rnd(200), 0, false, &r);
	print_message("# clocks alike: late by %lld ms, early by %lld ms\n",
		      (long long)r.late, (long long)r.early);
	assert_true(r.late <= 0);
	assert_in_range(r.early, 0, 999);
}

static void test_restarts(void **state)
{
	struct result r = { 0, 0 };
	u32 i;

	(void)state;
	for (i = 0; i < 300; i++)
		play(&new_model, 20, 0, true, &r);
	print_message("# standby restarts, 20 moves: late by %lld ms, early by %lld ms\n",
		      (long long)r.late, (long long)r.early);
	assert_true(r.late <= 0);
	assert_in_range(r.early, 0, 999);
}

/*
 * With drift an age is as right as the clocks that counted it: 2 * @ppm over
 * the time since it was added are taken off.
 */
static void test_drift(void **state)
{
	static const s32 ppm[] = { 1, 20, 100, 500, -500 };
	struct result r;
	s64 slip;
	u32 i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ppm); i++) {
		r = (struct result){ 0, 0 };
		for (j = 0; j < 100; j++)
			play(&new_model, 40, ppm[i], false, &r);
		slip = 40LL * 55000 * 2 * abs(ppm[i]) / 1000000 + 1;
		print_message("# %d ppm: late by %lld ms, early by %lld ms, apart by %lld ms\n",
			      ppm[i], (long long)r.late, (long long)r.early,
			      (long long)slip);
		assert_true(r.late <= slip);
		assert_true(r.early <= 999 + slip);
	}
}

/* The bound itself never breaks while drift is what clocks may have. */
static void test_bound(void **state)
{
	struct node n[2] = { { .boot = 1 << 29 }, { .boot = 5 } };
	s64 t = 0, when, true_here, here;
	u32 i, j;

	(void)state;
	for (i = 0; i < 40; i++) {
		n[0].ppm = (s32)rnd(1500) - 750;
		n[1].ppm = (s32)rnd(1500) - 750;
		xha_clock_init(&n[0].clock);
		xha_clock_init(&n[1].clock);
		t = 0;
		for (j = 0; j < 3000; j++) {
			s64 d = t % 100000 < 60000 ? (s64)rnd(3) : 3000;

			stamp(&n[0], &n[1], t, d);
			stamp(&n[1], &n[0], t + 1, d);
			t += 1000;
			if (j < 2)
				continue;
			when = t - rnd(1000);
			true_here = boottime(&n[1], when);
			here = xha_clock_here(&n[1].clock, boottime(&n[0], when),
					      boottime(&n[1], t));
			assert_true(here <= true_here);
			assert_true(true_here - here < 250);
		}
	}
}

/* As a session does, with clocks that no clock is like. */
static void exchange(struct node *from, struct node *to, s64 t, u32 *bad)
{
	s64 least = xha_clock_least(&from->clock, boottime(from, t));

	*bad += !!xha_clock_frame(&to->clock, boottime(from, t), least,
				  boottime(to, t));
}

/* Wrong, but not for good, and it mends itself. */
static void test_runaway(void **state)
{
	struct node n[2] = { { .ppm = 0 }, { .ppm = 20000 } };
	s64 t = 0, off, worst[2] = { 0, 0 };
	u32 i, j, bad = 0;

	(void)state;
	xha_clock_init(&n[0].clock);
	xha_clock_init(&n[1].clock);
	for (i = 0; i < 20000; i++, t += 500) {
		exchange(&n[0], &n[1], t, &bad);
		exchange(&n[1], &n[0], t, &bad);
		for (j = 0; j < 2; j++) {
			if (!xha_clock_known(&n[j].clock))
				continue;
			off = xha_clock_here(&n[j].clock, boottime(&n[!j], t) - 9000,
					     boottime(&n[j], t)) + 9000 -
			      boottime(&n[j], t);
			worst[j] = max_t(s64, worst[j], llabs(off));
		}
	}
	print_message("# 2 %% apart for %lld s: off by %lld and %lld ms, anew %u times\n",
		      (long long)t / 1000, (long long)worst[0],
		      (long long)worst[1], bad);
	assert_in_range(worst[0], 0, 3000);
	assert_in_range(worst[1], 0, 3000);
	assert_in_range(bad, 1, 300);
}

static void test_old(void **state)
{
	struct result r = { 0, 0 };
	u32 i;

	(void)state;
	for (i = 0; i < 50; i++)
		play(&old_model, 50, 0, false, &r);
	print_message("# as it was: late by %lld ms, early by %lld ms\n",
		      (long long)r.late, (long long)r.early);
	assert_true(r.late > 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_here),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_bad_stamps),
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_takeovers),
		cmocka_unit_test(test_restarts),
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_runaway),
		cmocka_unit_test(test_old),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	seed = getenv("XHA_SEED") ? strtoull(getenv("XHA_SEED"), NULL, 0) : 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
