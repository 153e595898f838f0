// SPDX-License-Identifier: GPL-2.0-only
/* VRRP codec: golden packets, round trip, every refusal, every truncation. */
/* link: tools/xhad/vrrp_pkt.c tools/lib/xha_addr.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp_pkt.h"
#include "xha_util.h"

/*
 * Sent by keepalived 2.2.7 from 192.0.2.9 or fe80::9, captured on a veth; the
 * checksums are its own. Virtual router 7, priority 150.
 */
static const __u8 v2_text[] = {	/* 2 s, password "secret12" */
	0x21, 0x07, 0x96, 0x02, 0x01, 0x02, 0x56, 0x0f,
	0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02, 0x64,
	's', 'e', 'c', 'r', 'e', 't', '1', '2',
};

static const __u8 v2_plain[] = {	/* 1 s */
	0x21, 0x07, 0x96, 0x01, 0x00, 0x01, 0x86, 0xf4,
	0xc0, 0x00, 0x02, 0x01,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static const __u8 v3_ip4[] = {	/* 250 ms */
	0x31, 0x07, 0x96, 0x01, 0x00, 0x19, 0xd4, 0x43,
	0xc0, 0x00, 0x02, 0x01,
};

static const __u8 v3_ip6[] = {	/* 100 ms */
	0x31, 0x07, 0x96, 0x02, 0x00, 0x0a, 0x0e, 0x78,
	0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01,
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
};

static const struct golden {
	const __u8 *pkt;
	size_t len;
	__u8 version;
	int family;
	__u32 interval_ms;
	const char *auth;
	const char *addrs[3];
} golden[] = {
	{ v2_text, sizeof(v2_text), 2, AF_INET, 2000, "secret12",
	  { "192.0.2.1", "192.0.2.100" } },
	{ v2_plain, sizeof(v2_plain), 2, AF_INET, 1000, NULL,
	  { "192.0.2.1" } },
	{ v3_ip4, sizeof(v3_ip4), 3, AF_INET, 250, NULL, { "192.0.2.1" } },
	{ v3_ip6, sizeof(v3_ip6), 3, AF_INET6, 100, NULL,
	  { "fe80::1:1", "2001:db8::1" } },
};

static struct vrrp_path path_of(int family)
{
	bool v4 = family == AF_INET;
	struct vrrp_path path = { .ttl = 255 };

	xha_addr_parse(v4 ? "192.0.2.9" : "fe80::9", &path.src);
	xha_addr_parse(v4 ? "224.0.0.18" : "ff02::12", &path.dst);
	return path;
}

static struct vrrp_msg msg_of(const struct golden *g)
{
	struct vrrp_msg m = {
		.version = g->version,
		.vrid = 7,
		.priority = 150,
		.auth_type = g->auth ? VRRP_AUTH_TEXT : VRRP_AUTH_NONE,
		.interval_ms = g->interval_ms,
		.pseudo = g->version == 3,
	};

	if (g->auth)
		memcpy(m.auth, g->auth, VRRP_AUTH_LEN);
	for (; g->addrs[m.n_addrs]; m.n_addrs++)
		xha_addr_parse(g->addrs[m.n_addrs], &m.addrs[m.n_addrs]);
	return m;
}

/* From memory of exactly that size, so that a read beyond it is caught. */
static enum vrrp_bad decode(const __u8 *data, size_t len,
			    const struct vrrp_path *path, struct vrrp_msg *m)
{
	static const struct vrrp_msg zero;
	__u8 *copy = malloc(len ? len : 1);
	enum vrrp_bad bad;

	memcpy(copy, data, len);
	bad = vrrp_pkt_decode(copy, len, path, m);
	free(copy);
	if (bad)
		assert_memory_equal(m, &zero, sizeof(zero));
	return bad;
}

static void test_golden(void **state)
{
	struct vrrp_msg want, got;
	struct vrrp_path path;
	__u8 buf[VRRP_PKT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		path = path_of(golden[i].family);
		want = msg_of(&golden[i]);
		assert_int_equal(decode(golden[i].pkt, golden[i].len, &path,
					&got), VRRP_BAD_NONE);
		assert_memory_equal(&got, &want, sizeof(got));
		memset(buf, 0xaa, sizeof(buf));
		assert_int_equal(vrrp_pkt_encode(&want, &path, buf,
						 golden[i].len),
				 golden[i].len);
		assert_memory_equal(buf, golden[i].pkt, golden[i].len);
		assert_int_equal(buf[golden[i].len], 0xaa);
		assert_int_equal(vrrp_pkt_encode(&want, &path, buf,
						 golden[i].len - 1), -EMSGSIZE);
	}
}

static void test_every_truncation(void **state)
{
	struct vrrp_msg m;
	struct vrrp_path path;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		path = path_of(golden[i].family);
		for (len = 0; len < golden[i].len; len++)
			assert_int_equal(decode(golden[i].pkt, len, &path, &m),
					 VRRP_BAD_LENGTH);
	}
}

static void test_too_long(void **state)
{
	__u8 buf[VRRP_PKT_MAX] = { 0 };
	struct vrrp_msg m;
	struct vrrp_path path;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		path = path_of(golden[i].family);
		memcpy(buf, golden[i].pkt, golden[i].len);
		assert_int_equal(decode(buf, golden[i].len + 1, &path, &m),
				 VRRP_BAD_LENGTH);
		assert_int_equal(decode(buf, golden[i].len + 4, &path, &m),
				 VRRP_BAD_LENGTH);
	}
}

/* Every single bit that is turned breaks the checksum, or what comes first. */
static void test_every_bit(void **state)
{
	__u8 buf[VRRP_PKT_MAX];
	struct vrrp_path path;
	struct vrrp_msg m;
	size_t i, bit;

	for (i = 0; i < ARRAY_SIZE(golden); i++) {
		path = path_of(golden[i].family);
		for (bit = 0; bit < golden[i].len * 8; bit++) {
			memcpy(buf, golden[i].pkt, golden[i].len);
			buf[bit / 8] ^= 1 << bit % 8;
			assert_int_not_equal(decode(buf, golden[i].len, &path,
						    &m), VRRP_BAD_NONE);
		}
	}
}

/*
 * Another way to the same checksum: a number modulo 65535, byte by byte, whose
 * complement is stored.
 */
static unsigned int rest_of(const __u8 *p, size_t len, unsigned int rest)
{
	size_t i;

	for (i = 0; i < len; i++)
		rest = (rest + p[i] * (i % 2 ? 1 : 256)) % 65535;
	return rest;
}

static unsigned int whole_rest(const __u8 *buf, size_t len,
			       const struct vrrp_path *path, bool pseudo)
{
	__u8 tail[8] = { 0 };
	unsigned int rest = 0;

	if (pseudo) {
		tail[2] = len >> 8;
		tail[3] = len;
		tail[7] = 112;
		rest = rest_of(path->src.b, path->src.len, rest);
		rest = rest_of(path->dst.b, path->dst.len, rest);
		rest = rest_of(tail, sizeof(tail), rest);
	}
	return rest_of(buf, len, rest);
}

static void test_checksum(void **state)
{
	__u8 buf[VRRP_PKT_MAX];
	struct vrrp_path path;
	struct vrrp_msg m;
	unsigned int i, n;
	size_t k, b;
	int len;

	srand(1);
	for (i = 0; i < 2000; i++) {
		k = i % ARRAY_SIZE(golden);
		path = path_of(golden[k].family);
		m = msg_of(&golden[k]);
		m.priority = rand();
		m.n_addrs = 1 + rand() % VRRP_ADDRS_MAX;
		for (n = 0; n < m.n_addrs; n++)
			for (b = 0; b < path.src.len; b++) {
				m.addrs[n].len = path.src.len;
				m.addrs[n].b[b] = rand();
			}
		len = vrrp_pkt_encode(&m, &path, buf, sizeof(buf));
		assert_true(len > 0);
		assert_int_equal(whole_rest(buf, len, &path, m.pseudo), 0);
	}
}

static void test_round_trip(void **state)
{
	struct vrrp_msg m, back;
	struct vrrp_path path;
	__u8 buf[VRRP_PKT_MAX];
	unsigned int prio;
	size_t i;
	int len;

	for (i = 0; i < ARRAY_SIZE(golden); i++)
		for (prio = 0; prio < 256; prio++) {
			path = path_of(golden[i].family);
			m = msg_of(&golden[i]);
			m.priority = prio;
			m.vrid = prio ? prio : 1;
			m.interval_ms = m.version == 2 ? (prio + 1) * 1000 :
				(prio + 1) * 160 - 10;
			if (m.interval_ms > VRRP_V2_INTERVAL_MAX)
				m.interval_ms = VRRP_V2_INTERVAL_MAX;
			len = vrrp_pkt_encode(&m, &path, buf, sizeof(buf));
			assert_int_equal(decode(buf, len, &path, &back),
					 VRRP_BAD_NONE);
			assert_memory_equal(&m, &back, sizeof(m));
		}
}

/* Both readings of version 3 with IPv4 are right, with IPv6 only one is. */
static void test_pseudo_header(void **state)
{
	struct vrrp_path path = path_of(AF_INET);
	struct vrrp_msg m = msg_of(&golden[2]), back;
	__u8 buf[VRRP_PKT_MAX];
	int len;

	m.pseudo = false;
	len = vrrp_pkt_encode(&m, &path, buf, sizeof(buf));
	assert_memory_not_equal(buf, v3_ip4, sizeof(v3_ip4));
	assert_int_equal(decode(buf, len, &path, &back), VRRP_BAD_NONE);
	assert_false(back.pseudo);

	path = path_of(AF_INET6);
	m = msg_of(&golden[3]);
	m.pseudo = false;
	len = vrrp_pkt_encode(&m, &path, buf, sizeof(buf));
	assert_int_equal(decode(buf, len, &path, &back), VRRP_BAD_CHECKSUM);
}

static void fix_checksum(__u8 *buf, size_t len, const struct vrrp_path *path,
			 bool pseudo)
{
	unsigned int rest;

	buf[6] = 0;
	buf[7] = 0;
	rest = 65535 - whole_rest(buf, len, path, pseudo);
	buf[6] = rest >> 8;
	buf[7] = rest;
}

static const struct {
	int golden;
	size_t at;
	__u8 value;
	size_t len;	/* 0: as it is */
	enum vrrp_bad bad;
} broken[] = {
	{ 1, 0, 0x11, 0, VRRP_BAD_VERSION },
	{ 1, 0, 0x41, 0, VRRP_BAD_VERSION },
	{ 1, 0, 0x22, 0, VRRP_BAD_TYPE },
	{ 1, 0, 0x20, 0, VRRP_BAD_TYPE },
	{ 1, 1, 0, 0, VRRP_BAD_VRID },
	{ 1, 3, 2, 0, VRRP_BAD_LENGTH },
	{ 1, 3, 0, 16, VRRP_BAD_COUNT },
	{ 1, 5, 0, 0, VRRP_BAD_INTERVAL },
	{ 1, 6, 0x87, 0, VRRP_BAD_CHECKSUM },
	{ 2, 5, 0, 0, VRRP_BAD_INTERVAL },
	{ 2, 3, 0, 8, VRRP_BAD_COUNT },
	{ 3, 0, 0x21, 0, VRRP_BAD_VERSION },
	{ 3, 3, 1, 24, VRRP_BAD_NONE },
	{ 3, 4, 0xf0, 0, VRRP_BAD_NONE },	/* reserved bits */
};

static void test_broken(void **state)
{
	const struct golden *g;
	struct vrrp_path path;
	struct vrrp_msg m;
	__u8 buf[64];
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		g = &golden[broken[i].golden];
		path = path_of(g->family);
		len = broken[i].len ? broken[i].len : g->len;
		memcpy(buf, g->pkt, g->len);
		buf[broken[i].at] = broken[i].value;
		if (broken[i].at != 6)
			fix_checksum(buf, len, &path, g->version == 3);
		assert_int_equal(decode(buf, len, &path, &m), broken[i].bad);
	}
}

static void test_ttl(void **state)
{
	struct vrrp_path path = path_of(AF_INET);
	struct vrrp_msg m;
	int ttl;

	for (ttl = 0; ttl < 255; ttl++) {
		path.ttl = ttl;
		assert_int_equal(decode(v3_ip4, sizeof(v3_ip4), &path, &m),
				 VRRP_BAD_TTL);
	}
}

static void test_names(void **state)
{
	int i, k;

	for (i = 0; i < VRRP_BAD_END; i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(vrrp_pkt_bad_name(i),
						vrrp_pkt_bad_name(k));
	assert_string_equal(vrrp_pkt_bad_name(VRRP_BAD_END), "unknown");
}

static void test_virtual_mac(void **state)
{
	static const __u8 v4[] = { 0x00, 0x00, 0x5e, 0x00, 0x01, 0x07 };
	static const __u8 v6[] = { 0x00, 0x00, 0x5e, 0x00, 0x02, 0xff };
	__u8 mac[6];

	vrrp_virtual_mac(AF_INET, 7, mac);
	assert_memory_equal(mac, v4, sizeof(mac));
	vrrp_virtual_mac(AF_INET6, 255, mac);
	assert_memory_equal(mac, v6, sizeof(mac));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_pseudo_header),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_ttl),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_virtual_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
