// SPDX-License-Identifier: GPL-2.0-only
/*
 * HSRP authentication. The packets and digests below are recorded ones: the
 * test data of John the Ripper's format "hsrp" (hsrp_fmt_plug.c, by Dhiru
 * Kholia), packet with its digest zeroed, digest, and the key that was found.
 */
/* link: tools/xhad/hsrp_auth.c tools/xhad/hsrp_pkt.c tools/lib/xha_addr.c */
/* libs: nettle */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "hsrp_auth.h"
#include "xha_util.h"

#define ZEROS16	"00000000000000000000000000000000"

static const struct {
	unsigned int version;
	const char *head, *tlv, *digest, *key;
	enum hsrp_state state;
	unsigned int group, priority;
	const char *vip, *sender;
} recorded[] = {
	{ 1, "000004030a64010000000000000000000a000064",
	  "041c010000000a00001400000000" ZEROS16,
	  "52e1db09d18d695b8fefb3730ff8d9d6", "password12345",
	  HSRP_STATE_SPEAK, 1, 100, "10.0.0.100", "10.0.0.20" },
	{ 1, "000004030a5a01000000000000000000ac102801",
	  "041c01000000ac10281400000000" ZEROS16,
	  "f15dfa631a0679e0801f8e6b0c0c17ac", "openwall",
	  HSRP_STATE_SPEAK, 1, 90, "172.16.40.1", "172.16.40.20" },
	{ 1, "000010030a64010000000000000000000a000064",
	  "041c010000000a00001400000000" ZEROS16,
	  "f02fc41b1b516e2d1261d8800d39ccea", "openwall12345",
	  HSRP_STATE_ACTIVE, 1, 100, "10.0.0.100", "10.0.0.20" },
	{ 2, "0128020006040001aabbcc000a000000006400000bb8000027100a000064000000000000000000000000",
	  "041c010000000a00000a00000000" ZEROS16,
	  "642fedafe1f374bd2fdd8f1ba81d87a2", "password",
	  HSRP_STATE_ACTIVE, 1, 100, "10.0.0.100", "10.0.0.10" },
	{ 2, "0128020006040001aabbcc001400000000c800000bb8000027100a000064000000000000000000000000",
	  "041c010000000a00001400000000" ZEROS16,
	  "0481257f0fe583b275f03a48e88de72f", "password12345",
	  HSRP_STATE_ACTIVE, 1, 200, "10.0.0.100", "10.0.0.20" },
};

static size_t from_hex(const char *hex, __u8 *buf)
{
	size_t n = strlen(hex) / 2, i;
	unsigned int v;

	for (i = 0; i < n; i++) {
		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			fail_msg("not hexadecimal: %s", hex);
		buf[i] = v;
	}
	return n;
}

static size_t packet(size_t i, __u8 *buf)
{
	size_t n = from_hex(recorded[i].head, buf);

	return n + from_hex(recorded[i].tlv, buf + n);
}

static void add_key(struct hsrp_auth_conf *c, __u32 id, const char *data)
{
	struct hsrp_key *k = &c->keys[c->n_keys++];

	c->mode = HSRP_MODE_MD5;
	k->id = id;
	k->len = strlen(data);
	memcpy(k->data, data, k->len);
}

static enum hsrp_bad judge(const struct hsrp_auth_conf *c, unsigned int version,
			   const __u8 *buf, size_t len)
{
	struct hsrp_msg m;

	assert_int_equal(hsrp_pkt_decode(version, buf, len, &m), HSRP_BAD_NONE);
	return hsrp_auth_check(c, &m, buf, len);
}

/* What others have sent is accepted, and changed in any byte it is not. */
static void test_recorded(void **state)
{
	__u8 buf[HSRP_PKT_LEN_MAX], digest[HSRP_DIGEST_LEN];
	struct hsrp_auth_conf c;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(recorded); i++) {
		memset(&c, 0, sizeof(c));
		add_key(&c, 0, recorded[i].key);
		len = packet(i, buf);
		from_hex(recorded[i].digest, digest);
		assert_int_equal(judge(&c, recorded[i].version, buf, len),
				 HSRP_BAD_AUTH_DIGEST);
		memcpy(buf + len - 16, digest, 16);
		assert_int_equal(judge(&c, recorded[i].version, buf, len),
				 HSRP_BAD_NONE);
		buf[len - 1] ^= 1;
		assert_int_equal(judge(&c, recorded[i].version, buf, len),
				 HSRP_BAD_AUTH_DIGEST);
		buf[len - 1] ^= 1;
		/* The last byte of the virtual address. */
		buf[recorded[i].version == 1 ? 19 : 29] ^= 1;
		assert_int_equal(judge(&c, recorded[i].version, buf, len),
				 HSRP_BAD_AUTH_DIGEST);
	}
}

/* What we send is byte by byte what was recorded. */
static void test_made_as_recorded(void **state)
{
	__u8 want[HSRP_PKT_LEN_MAX], buf[HSRP_PKT_LEN_MAX];
	struct hsrp_auth_conf c;
	struct hsrp_msg m;
	struct in_addr own;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(recorded); i++) {
		memset(&c, 0, sizeof(c));
		add_key(&c, 0, recorded[i].key);
		len = packet(i, want);
		from_hex(recorded[i].digest, want + len - 16);
		memset(&m, 0, sizeof(m));
		m.version = recorded[i].version;
		m.state = recorded[i].state;
		m.group = recorded[i].group;
		m.priority = recorded[i].priority;
		m.hello_ms = 3000;
		m.hold_ms = 10000;
		xha_addr_parse(recorded[i].vip, &m.vip);
		if (m.version == 2)
			memcpy(m.id, want + 8, 6);
		inet_pton(AF_INET, recorded[i].sender, &own);
		hsrp_auth_prepare(&c, own.s_addr, &m);
		assert_int_equal(hsrp_pkt_encode(&m, buf, sizeof(buf)), len);
		hsrp_auth_sign(&c, buf, len);
		assert_memory_equal(buf, want, len);
	}
}

static size_t make(const struct hsrp_auth_conf *c, unsigned int version,
		   __u8 *buf)
{
	struct hsrp_msg m = {
		.version = version, .state = HSRP_STATE_ACTIVE, .group = 3,
		.priority = 5, .hello_ms = 1000, .hold_ms = 3000,
	};
	size_t len;

	xha_addr_parse("192.0.2.1", &m.vip);
	hsrp_auth_prepare(c, 0, &m);
	len = hsrp_pkt_encode(&m, buf, HSRP_PKT_LEN_MAX);
	hsrp_auth_sign(c, buf, len);
	return len;
}

static enum hsrp_bad between(const struct hsrp_auth_conf *from,
			     const struct hsrp_auth_conf *to,
			     unsigned int version)
{
	__u8 buf[HSRP_PKT_LEN_MAX];
	size_t len = make(from, version, buf);

	return judge(to, version, buf, len);
}

/* A new key on one node after the other: at no step one refuses the other. */
static void test_rollover(void **state)
{
	struct hsrp_auth_conf old = { 0 }, both = { 0 }, swapped = { 0 };
	struct hsrp_auth_conf new = { 0 };
	const struct hsrp_auth_conf *steps[] = { &old, &both, &swapped, &new };
	size_t i;

	add_key(&old, 1, "the old one");
	add_key(&both, 1, "the old one");
	add_key(&both, 2, "the new one");
	add_key(&swapped, 2, "the new one");
	add_key(&swapped, 1, "the old one");
	add_key(&new, 2, "the new one");
	for (i = 0; i + 1 < ARRAY_SIZE(steps); i++) {
		assert_int_equal(between(steps[i], steps[i + 1], 1), 0);
		assert_int_equal(between(steps[i + 1], steps[i], 2), 0);
	}
	assert_int_equal(between(&old, &new, 2), HSRP_BAD_AUTH_KEY);
	new.keys[0].id = 1;
	assert_int_equal(between(&old, &new, 2), HSRP_BAD_AUTH_DIGEST);
}

static void test_longest_key(void **state)
{
	static const char text[] =
		"0123456789012345678901234567890123456789012345678901234";
	struct hsrp_auth_conf a = { 0 }, b = { 0 };

	assert_int_equal(strlen(text), HSRP_KEY_LEN_MAX);
	add_key(&a, 0, text);
	add_key(&b, 0, text + 1);
	assert_int_equal(between(&a, &a, 2), HSRP_BAD_NONE);
	assert_int_equal(between(&a, &b, 2), HSRP_BAD_AUTH_DIGEST);
}

static void test_modes(void **state)
{
	struct hsrp_auth_conf none = { 0 }, md5 = { 0 };
	struct hsrp_auth_conf cisco = {
		.mode = HSRP_MODE_TEXT, .text = "cisco",
	};
	struct hsrp_auth_conf other = {
		.mode = HSRP_MODE_TEXT, .text = "12345678",
	};
	__u8 buf[HSRP_PKT_LEN_MAX];
	unsigned int v;

	add_key(&md5, 0, "k");
	for (v = 1; v <= 2; v++) {
		assert_int_equal(between(&none, &none, v), HSRP_BAD_NONE);
		assert_int_equal(between(&none, &cisco, v), HSRP_BAD_NONE);
		assert_int_equal(between(&cisco, &none, v), HSRP_BAD_NONE);
		assert_int_equal(between(&other, &other, v), HSRP_BAD_NONE);
		assert_int_equal(between(&none, &other, v), HSRP_BAD_AUTH_TEXT);
		assert_int_equal(between(&other, &none, v), HSRP_BAD_AUTH_TEXT);
		assert_int_equal(between(&md5, &none, v), HSRP_BAD_AUTH_TYPE);
		assert_int_equal(between(&md5, &other, v), HSRP_BAD_AUTH_TYPE);
		assert_int_equal(between(&none, &md5, v), HSRP_BAD_AUTH_TYPE);
		assert_int_equal(between(&other, &md5, v), HSRP_BAD_AUTH_TYPE);
	}
	/* Version 2 without any TLV: only where nothing is configured. */
	assert_int_equal(make(&none, 2, buf), 52);
	assert_int_equal(judge(&none, 2, buf, 42), HSRP_BAD_NONE);
	assert_int_equal(judge(&cisco, 2, buf, 42), HSRP_BAD_AUTH_TYPE);
	assert_int_equal(judge(&md5, 2, buf, 42), HSRP_BAD_AUTH_TYPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_made_as_recorded),
		cmocka_unit_test(test_rollover),
		cmocka_unit_test(test_longest_key),
		cmocka_unit_test(test_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
