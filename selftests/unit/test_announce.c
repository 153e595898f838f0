// SPDX-License-Identifier: GPL-2.0-only
/* Announcements of virtual addresses, octet by octet. */
/* link: tools/xhad/announce.c tools/lib/xha_addr.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "announce.h"

static const __u8 mac[6] = { 2, 0, 0, 0, 0xa, 1 };

static void test_arp(void **state)
{
	static const __u8 want[XHA_ANNOUNCE_ARP_LEN] = {
		0, 1, 8, 0, 6, 4, 0, 1,
		2, 0, 0, 0, 0xa, 1, 192, 0, 2, 1,
		0, 0, 0, 0, 0, 0, 192, 0, 2, 1,
	};
	__u8 buf[XHA_ANNOUNCE_ARP_LEN];

	xha_announce_arp(buf, mac, htonl(0xc0000201), false);
	assert_memory_equal(buf, want, sizeof(want));
	xha_announce_arp(buf, mac, htonl(0xc0000201), true);
	assert_int_equal(buf[7], 2);
	assert_memory_equal(buf + 18, "\xff\xff\xff\xff\xff\xff", 6);
}

/* RFC 1071: the sum over what is summed, checksum included, is all ones. */
static __u32 na_sum(const __u8 *p)
{
	__u32 sum = 32 + 58;
	int i;

	for (i = 8; i < XHA_ANNOUNCE_NA_LEN; i += 2)
		sum += p[i] * 256 + p[i + 1];
	while (sum > 0xffff)
		sum = sum % 65536 + sum / 65536;
	return sum;
}

static void test_na(void **state)
{
	static const __u8 want[XHA_ANNOUNCE_NA_LEN] = {
		0x60, 0, 0, 0, 0, 32, 58, 255,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		136, 0, 0, 0, 0xa0, 0, 0, 0,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		2, 1, 2, 0, 0, 0, 0xa, 1,
	};
	__u8 buf[XHA_ANNOUNCE_NA_LEN];
	struct xha_addr vip;

	assert_int_equal(xha_addr_parse("2001:db8::1", &vip), 0);
	xha_announce_na(buf, mac, &vip, true);
	assert_int_equal(na_sum(buf), 0xffff);
	buf[42] = 0;
	buf[43] = 0;
	assert_memory_equal(buf, want, sizeof(want));
	/* A host is no router; carries in the sum. */
	assert_int_equal(xha_addr_parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
					&vip), 0);
	xha_announce_na(buf, mac, &vip, false);
	assert_int_equal(buf[44], 0x20);
	assert_int_equal(na_sum(buf), 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arp),
		cmocka_unit_test(test_na),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
