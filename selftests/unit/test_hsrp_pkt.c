// SPDX-License-Identifier: GPL-2.0-only
/* HSRPv2 codec: golden bytes, round trip, every refusal, every truncation. */
/* link: tools/xhad/hsrp_pkt.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hsrp_pkt.h"
#include "xha_util.h"

/* A hello as tshark 4.0 decodes it: active, group 7, priority 110, VIP .1. */
static const __u8 golden[HSRP_PKT_LEN] = {
	0x01, 0x28, 0x02, 0x00, 0x06, 0x04, 0x00, 0x07,
	0x02, 0x00, 0x00, 0x00, 0x0a, 0x01,
	0x00, 0x00, 0x00, 0x6e,
	0x00, 0x00, 0x00, 0xfa,
	0x00, 0x00, 0x02, 0xee,
	0xc0, 0x00, 0x02, 0x01,
};

static struct hsrp_msg golden_msg(void)
{
	struct hsrp_msg m = {
		.opcode = HSRP_OP_HELLO,
		.state = HSRP_STATE_ACTIVE,
		.group = 7,
		.id = { 0x02, 0, 0, 0, 0x0a, 0x01 },
		.priority = 110,
		.hello_ms = 250,
		.hold_ms = 750,
	};

	inet_pton(AF_INET, "192.0.2.1", &m.vip);
	return m;
}

/* From memory of exactly that size, so that a read beyond it is caught. */
static enum hsrp_bad decode(const __u8 *data, size_t len, struct hsrp_msg *m)
{
	__u8 *copy = malloc(len ? len : 1);
	enum hsrp_bad bad;

	memcpy(copy, data, len);
	bad = hsrp_pkt_decode(copy, len, m);
	free(copy);
	return bad;
}

static void test_encode_golden(void **state)
{
	struct hsrp_msg m = golden_msg();
	__u8 buf[HSRP_PKT_LEN];

	memset(buf, 0xaa, sizeof(buf));
	assert_int_equal(hsrp_pkt_encode(&m, buf, sizeof(buf)), HSRP_PKT_LEN);
	assert_memory_equal(buf, golden, sizeof(golden));
	assert_int_equal(hsrp_pkt_encode(&m, buf, HSRP_PKT_LEN - 1), -EMSGSIZE);
}

static void test_decode_golden(void **state)
{
	struct hsrp_msg want = golden_msg(), m;

	assert_int_equal(decode(golden, sizeof(golden), &m), HSRP_BAD_NONE);
	assert_memory_equal(&m, &want, sizeof(m));
}

static void test_round_trip(void **state)
{
	struct hsrp_msg m = golden_msg(), back;
	__u8 buf[HSRP_PKT_LEN];
	int op, st;

	for (op = HSRP_OP_HELLO; op <= HSRP_OP_RESIGN; op++)
		for (st = HSRP_STATE_INITIAL; st <= HSRP_STATE_ACTIVE; st++) {
			m.opcode = op;
			m.state = st;
			m.group = 4095 - st;
			m.priority = op * 100 + st;
			m.hold_ms = 255000 - st;
			hsrp_pkt_encode(&m, buf, sizeof(buf));
			assert_int_equal(decode(buf, sizeof(buf), &back),
					 HSRP_BAD_NONE);
			assert_memory_equal(&m, &back, sizeof(m));
		}
}

static void test_truncated(void **state)
{
	static const struct hsrp_msg zero;
	struct hsrp_msg m;
	size_t len;

	assert_int_equal(decode(golden, 0, &m), HSRP_BAD_NO_STATE);
	for (len = 1; len < sizeof(golden); len++) {
		assert_int_equal(decode(golden, len, &m), HSRP_BAD_LENGTH);
		assert_memory_equal(&m, &zero, sizeof(m));
	}
}

static void test_one_byte_wrong(void **state)
{
	static const struct {
		size_t off;
		__u8 value;
		enum hsrp_bad bad;
	} cases[] = {
		{ 1, 39, HSRP_BAD_TLV_SIZE },
		{ 1, 41, HSRP_BAD_LENGTH },
		{ 0, 9, HSRP_BAD_NO_STATE },
		{ 2, 1, HSRP_BAD_VERSION },
		{ 3, 3, HSRP_BAD_OPCODE },
		{ 4, 0, HSRP_BAD_STATE },
		{ 4, 7, HSRP_BAD_STATE },
		{ 5, 6, HSRP_BAD_FAMILY },
		{ 6, 0x10, HSRP_BAD_GROUP },
		{ 21, 0, HSRP_BAD_TIMERS },
		{ 20, 2, HSRP_BAD_TIMERS },
		{ 22, 1, HSRP_BAD_TIMERS },
		{ 24, 0, HSRP_BAD_TIMERS },
	};
	__u8 buf[HSRP_PKT_LEN];
	struct hsrp_msg m;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(buf, golden, sizeof(buf));
		buf[cases[i].off] = cases[i].value;
		if (cases[i].off == 20)
			buf[21] = 0xee;
		assert_int_equal(decode(buf, sizeof(buf), &m), cases[i].bad);
	}
}

static void test_hold_equals_hello(void **state)
{
	struct hsrp_msg m = golden_msg();
	__u8 buf[HSRP_PKT_LEN];

	m.hold_ms = m.hello_ms;
	hsrp_pkt_encode(&m, buf, sizeof(buf));
	assert_int_equal(decode(buf, sizeof(buf), &m), HSRP_BAD_TIMERS);
	m = golden_msg();
	m.hold_ms = m.hello_ms + 1;
	hsrp_pkt_encode(&m, buf, sizeof(buf));
	assert_int_equal(decode(buf, sizeof(buf), &m), HSRP_BAD_NONE);
}

static void test_other_tlvs(void **state)
{
	static const __u8 text_auth[10] = { 3, 8, 'c', 'i', 's', 'c', 'o' };
	__u8 buf[2 * HSRP_PKT_LEN + sizeof(text_auth)];
	struct hsrp_msg m;

	memcpy(buf, golden, HSRP_PKT_LEN);
	memcpy(buf + HSRP_PKT_LEN, text_auth, sizeof(text_auth));
	assert_int_equal(decode(buf, HSRP_PKT_LEN + 10, &m), HSRP_BAD_NONE);
	assert_int_equal(m.group, 7);
	/* The same before it. */
	memcpy(buf, text_auth, sizeof(text_auth));
	memcpy(buf + 10, golden, HSRP_PKT_LEN);
	assert_int_equal(decode(buf, HSRP_PKT_LEN + 10, &m), HSRP_BAD_NONE);
	/* Half a TLV header behind it. */
	assert_int_equal(decode(buf, HSRP_PKT_LEN + 10 + 1, &m) ==
			 HSRP_BAD_LENGTH, 1);
	memcpy(buf, golden, HSRP_PKT_LEN);
	memcpy(buf + HSRP_PKT_LEN, golden, HSRP_PKT_LEN);
	assert_int_equal(decode(buf, 2 * HSRP_PKT_LEN, &m), HSRP_BAD_TWICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode_golden),
		cmocka_unit_test(test_decode_golden),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_one_byte_wrong),
		cmocka_unit_test(test_hold_equals_hello),
		cmocka_unit_test(test_other_tlvs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
