// SPDX-License-Identifier: GPL-2.0-only
/* Questions to witnesses and their answers, byte by byte. */
/* link: tools/xhad/witness_pkt.c tools/lib/xha_addr.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "witness_pkt.h"
#include "xha_util.h"

static const __u8 mac[6] = { 2, 0, 0, 0, 0xa, 1 };

static struct xha_addr addr(const char *text)
{
	struct xha_addr a;

	assert_int_equal(xha_addr_parse(text, &a), 0);
	return a;
}

/* A reply of 192.0.2.10 to the request below. */
static const __u8 reply[XHA_WITNESS_ARP_LEN] = {
	0, 1, 8, 0, 6, 4, 0, 2,
	2, 0, 0, 0, 0xc, 1, 192, 0, 2, 10,
	2, 0, 0, 0, 0xa, 1, 192, 0, 2, 2,
};

static void test_arp_request(void **state)
{
	static const __u8 want[XHA_WITNESS_ARP_LEN] = {
		0, 1, 8, 0, 6, 4, 0, 1,
		2, 0, 0, 0, 0xa, 1, 192, 0, 2, 2,
		0, 0, 0, 0, 0, 0, 192, 0, 2, 10,
	};
	struct xha_addr own = addr("192.0.2.2"), witness = addr("192.0.2.10");
	__u8 buf[XHA_WITNESS_ARP_LEN];

	xha_witness_arp(buf, mac, &own, &witness);
	assert_memory_equal(buf, want, sizeof(want));
}

/* An election of IPv6 has no IPv4 address to ask with. */
static void test_arp_probe(void **state)
{
	struct xha_addr own = addr("fe80::1"), witness = addr("192.0.2.10");
	static const __u8 nobody[4];
	__u8 buf[XHA_WITNESS_ARP_LEN];

	xha_witness_arp(buf, mac, &own, &witness);
	assert_memory_equal(buf + 14, nobody, sizeof(nobody));
}

static void test_arp_answer(void **state)
{
	struct xha_addr from, witness = addr("192.0.2.10");

	assert_true(xha_witness_arp_answer(reply, sizeof(reply), mac, &from));
	assert_true(xha_addr_equal(&from, &witness));
	/* Ethernet pads it. */
	assert_false(xha_witness_arp_answer(reply, sizeof(reply) - 1, mac, &from));
}

/* A change of any byte of the header, or of whom it is to, is no answer. */
static void test_arp_no_answer(void **state)
{
	__u8 buf[sizeof(reply)];
	struct xha_addr from;
	size_t i;

	for (i = 0; i < sizeof(reply); i++) {
		memcpy(buf, reply, sizeof(buf));
		buf[i] ^= 1;
		assert_int_equal(xha_witness_arp_answer(buf, sizeof(buf), mac,
							&from),
				 (i >= 8 && i < 18) || i >= 24);
	}
}

static void test_ns(void **state)
{
	struct xha_addr witness = addr("2001:db8::12:3456");
	struct xha_addr group = addr("ff02::1:ff12:3456");
	static const __u8 option[8] = { 1, 1, 2, 0, 0, 0, 0xa, 1 };
	__u8 buf[XHA_WITNESS_NS_LEN];
	struct xha_addr to;

	xha_witness_ns(buf, mac, &witness);
	assert_int_equal(buf[0], 135);
	assert_int_equal(buf[1], 0);
	assert_memory_equal(buf + 8, witness.b, 16);
	assert_memory_equal(buf + 24, option, sizeof(option));
	to = xha_witness_ns_to(&witness);
	assert_true(xha_addr_equal(&to, &group));
}

static void test_ns_answer(void **state)
{
	struct xha_addr witness = addr("2001:db8::12:3456"), from;
	__u8 na[24] = { 136, 0, 0, 0, 0x40 };

	memcpy(na + 8, witness.b, 16);
	assert_true(xha_witness_ns_answer(na, sizeof(na), 255, &from));
	assert_true(xha_addr_equal(&from, &witness));
	assert_false(xha_witness_ns_answer(na, sizeof(na), 254, &from));
	assert_false(xha_witness_ns_answer(na, sizeof(na) - 1, 255, &from));
	na[4] = 0x20;	/* to all, asked by nobody */
	assert_false(xha_witness_ns_answer(na, sizeof(na), 255, &from));
	na[4] = 0x40;
	na[1] = 1;
	assert_false(xha_witness_ns_answer(na, sizeof(na), 255, &from));
	na[1] = 0;
	na[0] = 135;
	assert_false(xha_witness_ns_answer(na, sizeof(na), 255, &from));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arp_request),
		cmocka_unit_test(test_arp_probe),
		cmocka_unit_test(test_arp_answer),
		cmocka_unit_test(test_arp_no_answer),
		cmocka_unit_test(test_ns),
		cmocka_unit_test(test_ns_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
