// SPDX-License-Identifier: GPL-2.0-only
/* HSRP codec: golden bytes, round trip, every refusal, every truncation. */
/* link: tools/xhad/hsrp_pkt.c tools/lib/xha_addr.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "hsrp_pkt.h"
#include "xha_util.h"

#define V2_LEN	42	/* one Group State TLV */

/* A hello as tshark 4.0 decodes it: active, group 7, priority 110, VIP .1. */
static const __u8 golden[V2_LEN] = {
	0x01, 0x28, 0x02, 0x00, 0x06, 0x04, 0x00, 0x07,
	0x02, 0x00, 0x00, 0x00, 0x0a, 0x01,
	0x00, 0x00, 0x00, 0x6e,
	0x00, 0x00, 0x00, 0xfa,
	0x00, 0x00, 0x02, 0xee,
	0xc0, 0x00, 0x02, 0x01,
};

/* The same over IPv6, standby, VIP fe80::5, with the text "cisco" behind. */
static const __u8 golden_v6[V2_LEN + 10] = {
	0x01, 0x28, 0x02, 0x00, 0x05, 0x06, 0x00, 0x07,
	0x02, 0x00, 0x00, 0x00, 0x0a, 0x01,
	0x00, 0x00, 0x00, 0x6e,
	0x00, 0x00, 0x00, 0xfa,
	0x00, 0x00, 0x02, 0xee,
	0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x05,
	0x03, 0x08, 'c', 'i', 's', 'c', 'o', 0, 0, 0,
};

/* Version 1, RFC 2281: standby, 3 s and 10 s, priority 100, group 9. */
static const __u8 golden_v1[20] = {
	0x00, 0x00, 0x08, 0x03, 0x0a, 0x64, 0x09, 0x00,
	'c', 'i', 's', 'c', 'o', 0, 0, 0,
	0xc0, 0x00, 0x02, 0x01,
};

static const __u8 advert_v1[16] = {
	0x00, 0x03, 0x00, 0x01, 0x00, 0x0a, 0x03, 0x00,
	0x00, 0x01, 0x00, 0x02, 0, 0, 0, 0,
};

static const __u8 advert_v2[6] = { 0x02, 0x04, 0x00, 0x01, 0x00, 0x02 };

static struct hsrp_msg golden_msg(void)
{
	struct hsrp_msg m = {
		.version = 2,
		.opcode = HSRP_OP_HELLO,
		.state = HSRP_STATE_ACTIVE,
		.group = 7,
		.id = { 0x02, 0, 0, 0, 0x0a, 0x01 },
		.priority = 110,
		.hello_ms = 250,
		.hold_ms = 750,
	};

	xha_addr_parse("192.0.2.1", &m.vip);
	return m;
}

static struct hsrp_msg golden_v6_msg(void)
{
	struct hsrp_msg m = golden_msg();

	m.state = HSRP_STATE_STANDBY;
	xha_addr_parse("fe80::5", &m.vip);
	m.auth = HSRP_AUTH_TEXT;
	memcpy(m.text, "cisco", 5);
	return m;
}

static struct hsrp_msg golden_v1_msg(void)
{
	struct hsrp_msg m = {
		.version = 1,
		.opcode = HSRP_OP_HELLO,
		.state = HSRP_STATE_STANDBY,
		.group = 9,
		.priority = 100,
		.hello_ms = 3000,
		.hold_ms = 10000,
		.auth = HSRP_AUTH_TEXT,
		.text = "cisco",
	};

	xha_addr_parse("192.0.2.1", &m.vip);
	return m;
}

/* From memory of exactly that size, so that a read beyond it is caught. */
static enum hsrp_bad decode(unsigned int version, const __u8 *data, size_t len,
			    struct hsrp_msg *m)
{
	__u8 *copy = malloc(len ? len : 1);
	enum hsrp_bad bad;

	memcpy(copy, data, len);
	bad = hsrp_pkt_decode(version, copy, len, m);
	free(copy);
	return bad;
}

static void both_ways(const struct hsrp_msg *m, const __u8 *bytes, size_t len)
{
	__u8 buf[HSRP_PKT_LEN_MAX];
	struct hsrp_msg back;

	memset(buf, 0xaa, sizeof(buf));
	assert_int_equal(hsrp_pkt_encode(m, buf, sizeof(buf)), len);
	assert_memory_equal(buf, bytes, len);
	assert_int_equal(decode(m->version, bytes, len, &back), HSRP_BAD_NONE);
	assert_memory_equal(&back, m, sizeof(back));
}

static void test_golden(void **state)
{
	struct hsrp_msg m = golden_msg();
	__u8 buf[HSRP_PKT_LEN_MAX];

	both_ways(&m, golden, sizeof(golden));
	assert_int_equal(hsrp_pkt_encode(&m, buf, HSRP_PKT_LEN_MAX - 1),
			 -EMSGSIZE);
	m = golden_v6_msg();
	both_ways(&m, golden_v6, sizeof(golden_v6));
	m = golden_v1_msg();
	both_ways(&m, golden_v1, sizeof(golden_v1));
}

static void test_golden_advert(void **state)
{
	struct hsrp_msg m = {
		.version = 1, .opcode = HSRP_OP_ADVERT,
		.if_active = 1, .if_passive = 2,
	};
	__u8 buf[HSRP_PKT_LEN_MAX];

	both_ways(&m, advert_v1, sizeof(advert_v1));
	m.version = 2;
	both_ways(&m, advert_v2, sizeof(advert_v2));
	/* Passive, then dormant. */
	m.version = 1;
	m.if_active = 0;
	hsrp_pkt_encode(&m, buf, sizeof(buf));
	assert_int_equal(buf[6], 2);
	m.if_passive = 0;
	hsrp_pkt_encode(&m, buf, sizeof(buf));
	assert_int_equal(buf[6], 1);
}

static void test_round_trip(void **state)
{
	struct hsrp_msg m, back;
	__u8 buf[HSRP_PKT_LEN_MAX];
	int version, op, st, len;

	for (version = 1; version <= 2; version++)
		for (op = HSRP_OP_HELLO; op <= HSRP_OP_RESIGN; op++)
			for (st = HSRP_STATE_INITIAL; st < HSRP_STATE_END;
			     st++) {
				m = version == 1 ? golden_v1_msg() :
				    golden_msg();
				m.opcode = op;
				m.state = st;
				m.group = (version == 1 ? 255 : 4095) - st;
				m.priority = op * 100 + st;
				m.hold_ms = 255000 - st * 1000;
				len = hsrp_pkt_encode(&m, buf, sizeof(buf));
				assert_int_equal(decode(version, buf, len,
							&back), HSRP_BAD_NONE);
				assert_memory_equal(&m, &back, sizeof(m));
			}
}

/* A packet cut anywhere is either refused or says less, never garbage. */
static void cut_everywhere(const struct hsrp_msg *whole)
{
	static const struct hsrp_msg zero;
	__u8 buf[HSRP_PKT_LEN_MAX];
	size_t len, size, head = whole->version == 1 ? 20 : V2_LEN;
	struct hsrp_msg m;

	size = hsrp_pkt_encode(whole, buf, sizeof(buf));
	assert_true(size > head);
	assert_int_equal(decode(whole->version, buf, 0, &m),
			 whole->version == 1 ? HSRP_BAD_LENGTH :
			 HSRP_BAD_NO_STATE);
	for (len = 1; len < size; len++) {
		/* Without the TLV behind it a packet is whole, but not that. */
		if (len == head) {
			assert_int_equal(decode(whole->version, buf, len, &m),
					 HSRP_BAD_NONE);
			assert_int_not_equal(m.auth, whole->auth);
			continue;
		}
		assert_int_equal(decode(whole->version, buf, len, &m),
				 HSRP_BAD_LENGTH);
		assert_memory_equal(&m, &zero, sizeof(m));
	}
}

static void test_truncated(void **state)
{
	struct hsrp_msg m = golden_v6_msg();

	cut_everywhere(&m);
	m = golden_msg();
	m.auth = HSRP_AUTH_MD5;
	m.key_id = 7;
	cut_everywhere(&m);
	m = golden_v1_msg();
	m.auth = HSRP_AUTH_MD5;
	memset(m.text, 0, sizeof(m.text));
	cut_everywhere(&m);
}

static void test_truncated_advert(void **state)
{
	struct hsrp_msg m;
	size_t len;

	for (len = 0; len < sizeof(advert_v1); len++)
		assert_int_equal(decode(1, advert_v1, len, &m),
				 HSRP_BAD_LENGTH);
	for (len = 1; len < sizeof(advert_v2); len++)
		assert_int_equal(decode(2, advert_v2, len, &m),
				 HSRP_BAD_LENGTH);
}

struct wrong {
	size_t off;
	__u8 value;
	enum hsrp_bad bad;
};

static void one_byte_wrong(unsigned int version, const __u8 *good, size_t len,
			   const struct wrong *cases, size_t n)
{
	__u8 buf[HSRP_PKT_LEN_MAX];
	struct hsrp_msg m;
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(buf, good, len);
		buf[cases[i].off] = cases[i].value;
		assert_int_equal(decode(version, buf, len, &m), cases[i].bad);
	}
}

static void test_one_byte_wrong(void **state)
{
	static const struct wrong v2[] = {
		{ 1, 39, HSRP_BAD_TLV_SIZE },
		{ 1, 41, HSRP_BAD_LENGTH },
		{ 0, 9, HSRP_BAD_NO_STATE },
		{ 2, 1, HSRP_BAD_VERSION },
		{ 3, 3, HSRP_BAD_OPCODE },
		{ 4, 0, HSRP_BAD_STATE },
		{ 4, 7, HSRP_BAD_STATE },
		{ 5, 5, HSRP_BAD_FAMILY },
		{ 6, 0x10, HSRP_BAD_GROUP },
		{ 21, 14, HSRP_BAD_TIMERS },
		{ 21, 0, HSRP_BAD_TIMERS },
		{ 20, 3, HSRP_BAD_TIMERS },
		{ 22, 1, HSRP_BAD_TIMERS },
		{ 24, 0, HSRP_BAD_TIMERS },
	};
	static const struct wrong v1[] = {
		{ 0, 2, HSRP_BAD_VERSION },
		{ 1, 4, HSRP_BAD_OPCODE },
		{ 2, 3, HSRP_BAD_STATE },
		{ 2, 32, HSRP_BAD_STATE },
		{ 3, 10, HSRP_BAD_TIMERS },
		{ 4, 0, HSRP_BAD_TIMERS },
		{ 4, 3, HSRP_BAD_TIMERS },
		{ 3, 0, HSRP_BAD_NONE },	/* less than a second */
	};
	static const struct wrong advert[] = {
		{ 3, 2, HSRP_BAD_TLV_SIZE },
		{ 5, 9, HSRP_BAD_TLV_SIZE },
		{ 6, 0, HSRP_BAD_STATE },
		{ 6, 4, HSRP_BAD_STATE },
	};
	static const struct wrong text[] = {
		{ V2_LEN + 1, 7, HSRP_BAD_TLV_SIZE },
		{ V2_LEN + 1, 9, HSRP_BAD_LENGTH },
		{ V2_LEN, 9, HSRP_BAD_NONE },		/* unknown */
	};

	one_byte_wrong(2, golden, sizeof(golden), v2, ARRAY_SIZE(v2));
	one_byte_wrong(1, golden_v1, sizeof(golden_v1), v1, ARRAY_SIZE(v1));
	one_byte_wrong(1, advert_v1, sizeof(advert_v1), advert,
		       ARRAY_SIZE(advert));
	one_byte_wrong(2, golden_v6, sizeof(golden_v6), text,
		       ARRAY_SIZE(text));
}

static void test_hold_equals_hello(void **state)
{
	struct hsrp_msg m = golden_msg();
	__u8 buf[HSRP_PKT_LEN_MAX];

	m.hold_ms = m.hello_ms;
	hsrp_pkt_encode(&m, buf, sizeof(buf));
	assert_int_equal(decode(2, buf, V2_LEN, &m), HSRP_BAD_TIMERS);
	m = golden_msg();
	m.hold_ms = m.hello_ms + 1;
	hsrp_pkt_encode(&m, buf, sizeof(buf));
	assert_int_equal(decode(2, buf, V2_LEN, &m), HSRP_BAD_NONE);
}

/* Version 1 has whole seconds: hello down, hold up, and never beyond a byte. */
static void test_v1_seconds(void **state)
{
	static const struct {
		__u32 hello, hold;
		__u8 says_hello, says_hold;
	} cases[] = {
		{ 250, 750, 0, 1 }, { 999, 3000, 0, 3 }, { 1500, 2000, 1, 2 },
		{ 1000, 3001, 1, 4 }, { 254000, 255000, 254, 255 },
		{ 300000, 400000, 255, 255 },
	};
	struct hsrp_msg m = golden_v1_msg();
	__u8 buf[HSRP_PKT_LEN_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		m.hello_ms = cases[i].hello;
		m.hold_ms = cases[i].hold;
		hsrp_pkt_encode(&m, buf, sizeof(buf));
		assert_int_equal(buf[3], cases[i].says_hello);
		assert_int_equal(buf[4], cases[i].says_hold);
	}
}

/* What stands behind, before or twice. */
static void test_other_tlvs(void **state)
{
	static const __u8 unknown[5] = { 77, 3, 1, 2, 3 };
	static const __u8 text[10] = { 3, 8, 'c', 'i', 's', 'c', 'o' };
	__u8 buf[3 * HSRP_PKT_LEN_MAX];
	struct hsrp_msg m;

	memcpy(buf, unknown, 5);
	memcpy(buf + 5, golden, V2_LEN);
	memcpy(buf + 5 + V2_LEN, text, 10);
	memcpy(buf + 15 + V2_LEN, text, 10);
	assert_int_equal(decode(2, buf, 15 + V2_LEN, &m), HSRP_BAD_NONE);
	assert_int_equal(m.group, 7);
	assert_int_equal(m.auth, HSRP_AUTH_TEXT);
	assert_memory_equal(m.text, text + 2, 8);
	/* Half a TLV header behind it. */
	assert_int_equal(decode(2, buf, 16 + V2_LEN, &m), HSRP_BAD_LENGTH);
	assert_int_equal(decode(2, buf, 25 + V2_LEN, &m), HSRP_BAD_AUTH_TWICE);
	memcpy(buf, golden, V2_LEN);
	memcpy(buf + V2_LEN, golden, V2_LEN);
	assert_int_equal(decode(2, buf, 2 * V2_LEN, &m), HSRP_BAD_TWICE);
	/* Both TLVs of a state: that of the group counts. */
	memcpy(buf + V2_LEN, advert_v2, 6);
	assert_int_equal(decode(2, buf, V2_LEN + 6, &m), HSRP_BAD_NONE);
	assert_int_equal(m.opcode, HSRP_OP_HELLO);
}

static void test_v1_tlvs(void **state)
{
	__u8 buf[3 * HSRP_PKT_LEN_MAX] = { 0 };
	struct hsrp_msg m = golden_v1_msg();

	/* An unknown one is skipped, one of version 2 is out of place. */
	memcpy(buf, golden_v1, 20);
	buf[20] = 77;
	buf[21] = 1;
	assert_int_equal(decode(1, buf, 23, &m), HSRP_BAD_NONE);
	assert_memory_equal(m.text, "cisco", 5);
	memcpy(buf + 20, golden, V2_LEN);
	assert_int_equal(decode(1, buf, 20 + V2_LEN, &m), HSRP_BAD_VERSION);
	/* MD5 with another algorithm than MD5, and twice. */
	m = golden_v1_msg();
	m.auth = HSRP_AUTH_MD5;
	assert_int_equal(hsrp_pkt_encode(&m, buf, HSRP_PKT_LEN_MAX), 50);
	assert_int_equal(decode(1, buf, 50, &m), HSRP_BAD_NONE);
	assert_int_equal(m.digest, 34);
	memcpy(buf + 50, buf + 20, 30);
	assert_int_equal(decode(1, buf, 80, &m), HSRP_BAD_AUTH_TWICE);
	buf[22] = 2;
	assert_int_equal(decode(1, buf, 50, &m), HSRP_BAD_AUTH_TYPE);
}

static void assert_mac(unsigned int version, int family, unsigned int group,
		       const char *want)
{
	char text[18];
	__u8 m[6];

	hsrp_virtual_mac(version, family, group, m);
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0],
		 m[1], m[2], m[3], m[4], m[5]);
	assert_string_equal(text, want);
}

static void test_virtual_mac(void **state)
{
	assert_mac(1, AF_INET, 0, "00:00:0c:07:ac:00");
	assert_mac(1, AF_INET, 255, "00:00:0c:07:ac:ff");
	assert_mac(2, AF_INET, 1, "00:00:0c:9f:f0:01");
	assert_mac(2, AF_INET, 4095, "00:00:0c:9f:ff:ff");
	assert_mac(2, AF_INET6, 0, "00:05:73:a0:00:00");
	assert_mac(2, AF_INET6, 0x123, "00:05:73:a0:01:23");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_golden_advert),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_truncated_advert),
		cmocka_unit_test(test_one_byte_wrong),
		cmocka_unit_test(test_hold_equals_hello),
		cmocka_unit_test(test_v1_seconds),
		cmocka_unit_test(test_other_tlvs),
		cmocka_unit_test(test_v1_tlvs),
		cmocka_unit_test(test_virtual_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
