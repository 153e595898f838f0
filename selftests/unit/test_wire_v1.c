// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/wire*.c */
/*
 * The wire codec and frames that were recorded when there were no features yet:
 * today's decoder reads of them what was written, and today's encoder writes
 * the same octets to a peer without features.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <linux/xfrm.h>

#include "wire_body.h"
#include "wire_v1_bodies.h"
#include "../lib/wire_v1.h"

#define NEWEST_TYPE	XHA_MSG_HANDOVER_FLUSHED
#define SEQ_AT		4
#define EPOCH_AT	8

static const struct xha_v1_frame *frame_of(u32 i)
{
	assert_in_range(i, 0, ARRAY_SIZE(xha_v1_frames) - 1);
	assert_string_equal(xha_v1_frames[i].name, v1_bodies[i].name);
	return &xha_v1_frames[i];
}

static void open_v1(struct xha_wire_frame *f, u32 i)
{
	const struct xha_v1_frame *v = frame_of(i);
	u8 link = v1_bodies[i].type == XHA_MSG_HELLO ? XHA_LINK_HELLO :
						       XHA_LINK_UP;
	int err = xha_wire_open(f, (const u8 *)v->octets, v->len, v->stream, link);

	if (err)
		fail_msg("%s: cannot be opened: %d", v->name, err);
}

static void test_header(void **state)
{
	const struct xha_wire_type_info *info;
	struct xha_wire_frame f;
	u32 i;

	(void)state;
	assert_int_equal(ARRAY_SIZE(v1_bodies), ARRAY_SIZE(xha_v1_frames));
	for (i = 0; i < ARRAY_SIZE(v1_bodies); i++) {
		open_v1(&f, i);
		info = xha_wire_type_info(f.type);
		assert_int_equal(f.type, v1_bodies[i].type);
		assert_int_equal(f.seq, i + 1);
		assert_int_equal(f.group, info->group ? 1 : 0);
		assert_int_equal(f.epoch, info->group ? 5 : 0);
		/* badpeer writes its own there */
		assert_int_equal(xha_v1_frames[i].octets[SEQ_AT + 3], i + 1);
		assert_int_equal(xha_v1_frames[i].octets[EPOCH_AT + 3], f.epoch);
	}
}

static void test_decode(void **state)
{
	static union body want, got;
	struct xha_wire_frame f;
	const char *bad;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(v1_bodies); i++) {
		open_v1(&f, i);
		memset(&want, 0, sizeof(want));
		memset(&got, 0, sizeof(got));
		v1_bodies[i].fill(&want);
		bad = NULL;
		if (get_body(&got, &f, &bad))
			fail_msg("%s: %s", v1_bodies[i].name, bad);
		if (memcmp(&want, &got, sizeof(want)))
			fail_msg("%s: is read as something else", v1_bodies[i].name);
	}
}

static void test_encode(void **state)
{
	static u8 buf[XHA_WIRE_FRAME_MAX];
	static union body b;
	struct xha_wire_frame f;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(v1_bodies); i++) {
		open_v1(&f, i);
		memset(&b, 0, sizeof(b));
		v1_bodies[i].fill(&b);
		if (put_body(buf, &f, &b) != frame_of(i)->len ||
		    memcmp(buf, frame_of(i)->octets, frame_of(i)->len))
			fail_msg("%s: is written otherwise", v1_bodies[i].name);
	}
}

/* Whatever was there before the features is in the table. */
static void test_all_types(void **state)
{
	bool seen[NEWEST_TYPE + 1] = { false };
	u32 i, type;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(v1_bodies); i++)
		seen[v1_bodies[i].type] = true;
	for (type = 0; type <= NEWEST_TYPE; type++)
		if (xha_wire_type_info(type) && !seen[type] &&
		    type != XHA_MSG_HEARING && type != XHA_MSG_CLOCK &&
		    type != XHA_MSG_FINAL_USE)
			fail_msg("no %s was recorded", xha_wire_type_info(type)->name);
}

/* Moments would be a part that it must not skip: without them there is none. */
static void test_moments_only_where_known(void **state)
{
	static u8 buf[XHA_WIRE_FRAME_MAX];
	struct xha_wire_frame f = {
		.type = XHA_MSG_SA, .group = 1, .seq = 11, .epoch = 5,
	};
	static union body b;
	int plain, more;

	(void)state;
	v1_sa_out(&b);
	plain = xha_wire_put_sa(buf, &f, &b.sa);
	b.sa.times.add_time = 1;
	more = xha_wire_put_sa(buf, &f, &b.sa);
	assert_true(plain > 0);
	assert_int_equal(more - plain, 4 + 2 * 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_all_types),
		cmocka_unit_test(test_moments_only_where_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
