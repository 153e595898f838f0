// SPDX-License-Identifier: GPL-2.0-only
/* The ring of changes: what is kept, in which order, and what is lost. */
/* link: tools/xhad/history.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "history.h"

static struct xha_history h;

static void add(unsigned int i)
{
	struct xha_change c = { .mono_us = i, .wall_us = 1000 + i,
				.from = "a", .to = "b" };

	snprintf(c.cause, sizeof(c.cause), "cause %u", i);
	xha_history_add(&h, &c);
}

/* Numbers @first to @last are there, in this order, and nothing else. */
static void assert_kept(unsigned int first, unsigned int last)
{
	const struct xha_change *c;
	char cause[32];
	unsigned int i;

	assert_int_equal(xha_history_count(&h), last - first + 1);
	for (i = 0; i <= last - first; i++) {
		c = xha_history_get(&h, i);
		assert_non_null(c);
		snprintf(cause, sizeof(cause), "cause %u", first + i);
		assert_int_equal(c->mono_us, first + i);
		assert_int_equal(c->wall_us, 1000 + first + i);
		assert_string_equal(c->cause, cause);
		assert_string_equal(c->from, "a");
		assert_string_equal(c->to, "b");
	}
	assert_null(xha_history_get(&h, i));
	assert_null(xha_history_get(&h, ~0U));
}

static int setup(void **state)
{
	h = (struct xha_history){ 0 };
	return 0;
}

static void test_empty(void **state)
{
	assert_int_equal(xha_history_count(&h), 0);
	assert_null(xha_history_get(&h, 0));
}

static void test_every_fill(void **state)
{
	unsigned int i;

	for (i = 0; i < 3 * XHA_HISTORY_LEN + 5; i++) {
		add(i);
		assert_kept(i < XHA_HISTORY_LEN ? 0 : i - XHA_HISTORY_LEN + 1,
			    i);
		assert_int_equal(h.total, i + 1);
	}
}

/* A copy is kept: the caller may use the same struct again. */
static void test_copied(void **state)
{
	struct xha_change c = { .mono_us = 1, .cause = "first" };

	xha_history_add(&h, &c);
	c.cause[0] = 'w';
	xha_history_add(&h, &c);
	assert_string_equal(xha_history_get(&h, 0)->cause, "first");
	assert_string_equal(xha_history_get(&h, 1)->cause, "wirst");
}

#define T(f)	cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_empty),
		T(test_every_fill),
		T(test_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
