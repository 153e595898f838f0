// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/wire*.c kmod/seq.c */
/*
 * The wire codec: round trips of random content, truncation, each range, and
 * bytes that must never change. With XHA_CORPUS=DIR in the environment one
 * frame of each kind is written there, as the fuzz target wants its input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire_random.h"

static u8 buf[XHA_WIRE_FRAME_MAX];
static u8 copy[XHA_WIRE_FRAME_MAX];

static struct xha_wire_frame frame(u8 type)
{
	const struct xha_wire_type_info *i = xha_wire_type_info(type);
	struct xha_wire_frame f = { .type = type, .seq = 7 };

	if (i && i->group) {
		f.group = 3;
		f.epoch = 9;
	}
	return f;
}

static u8 link_of(u8 type)
{
	return type == XHA_MSG_HELLO ? XHA_LINK_HELLO : XHA_LINK_UP;
}

static int reopen(struct xha_wire_frame *f, u8 type, int len)
{
	return xha_wire_open(f, buf, len, xha_wire_type_info(type)->stream,
			     link_of(type));
}

static void save(u8 type, u32 round, int len)
{
	const char *dir = getenv("XHA_CORPUS");
	char path[512];
	FILE *file;

	if (!dir || round >= (type == XHA_MSG_SA || type == XHA_MSG_POLICY ? 6 : 1))
		return;
	snprintf(path, sizeof(path), "%s/%02u-%s-%u", dir, type,
		 xha_wire_type_info(type)->name, round);
	file = fopen(path, "wb");
	assert_non_null(file);
	fputc(xha_wire_type_info(type)->stream | link_of(type) << 2, file);
	assert_int_equal(fwrite(buf, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void test_round_trip(void **state)
{
	static union body in, out;
	struct xha_wire_frame f, g;
	const char *bad = NULL;
	u32 type, round, types = 0;
	int len;

	(void)state;
	for (type = 0; type < 256; type++) {
		if (!xha_wire_type_info(type))
			continue;
		types++;
		for (round = 0; round < 2000; round++) {
			random_body(&in, type);
			f = frame(type);
			memset(buf, 0xaa, sizeof(buf));
			len = put_body(buf, &f, &in);
			if (len < 0)
				fail_msg("%s: %d", xha_wire_type_info(type)->name, len);
			save(type, round, len);
			assert_int_equal(reopen(&g, type, len), 0);
			assert_int_equal(g.type, type);
			assert_int_equal(g.group, f.group);
			assert_int_equal(g.seq, f.seq);
			assert_int_equal(g.epoch, f.epoch);
			memset(&out, 0, sizeof(out));
			if (get_body(&out, &g, &bad))
				fail_msg("%s: %s", xha_wire_type_info(type)->name, bad);
			assert_memory_equal(&in, &out, sizeof(in));
		}
	}
	assert_int_equal(types, 30);
}

static int open_heap(struct xha_wire_frame *g, u8 **heap, u8 type, u32 len)
{
	*heap = malloc(len);	/* its own block, so that ASAN sees the end */
	memcpy(*heap, buf, len);
	(*heap)[0] = len >> 8;
	(*heap)[1] = len;
	return xha_wire_open(g, *heap, len, xha_wire_type_info(type)->stream,
			     link_of(type));
}

/*
 * Cut short, a frame is refused, or means exactly what its bytes say: written
 * again it gives the same bytes.
 */
static void test_truncation(void **state)
{
	static const union body zero;
	static union body in, out;
	struct xha_wire_frame f, g;
	const char *bad;
	u32 type, round;
	int len, cut, err;
	u8 *heap;

	(void)state;
	for (type = 0; type < 256; type++)
		for (round = 0; round < 12 && xha_wire_type_info(type); round++) {
			random_body(&in, type);
			f = frame(type);
			len = put_body(buf, &f, &in);
			assert_true(len > 0);
			memcpy(copy, buf, len);
			for (cut = 12; cut < len; cut++) {
				memcpy(buf, copy, len);
				err = open_heap(&g, &heap, type, cut);
				bad = NULL;
				memset(&out, 0, sizeof(out));
				if (!err)
					err = get_body(&out, &g, &bad);
				if (err) {
					assert_memory_equal(&out, &zero, sizeof(out));
				} else {
					assert_int_equal(put_body(buf, &g, &out), cut);
					assert_memory_equal(buf + 2, copy + 2, cut - 2);
				}
				free(heap);
			}
		}
}

static void test_open(void **state)
{
	struct xha_wire_frame f = frame(XHA_MSG_SA_DEL), g;
	struct xha_wire_del d = { 5 };
	int len = xha_wire_put_del(buf, &f, &d);

	(void)state;
	assert_int_equal(len, 20);
	assert_int_equal(xha_wire_open(&g, buf, 20, 1, XHA_LINK_UP), 0);
	assert_int_equal(xha_wire_open(&g, buf, 11, 1, XHA_LINK_UP), -EBADMSG);
	assert_int_equal(xha_wire_open(&g, buf, 19, 1, XHA_LINK_UP), -EBADMSG);
	assert_int_equal(xha_wire_open(&g, buf, 21, 1, XHA_LINK_UP), -EBADMSG);
	assert_int_equal(xha_wire_open(&g, buf, 8193, 1, XHA_LINK_UP), -EBADMSG);
	assert_int_equal(xha_wire_open(&g, buf, 20, 0, XHA_LINK_UP), -EPROTO);
	assert_int_equal(xha_wire_open(&g, buf, 20, 2, XHA_LINK_UP), -EPROTO);
	assert_int_equal(xha_wire_open(&g, buf, 20, 1, XHA_LINK_HELLO), -EBUSY);
	buf[3] = 0;
	assert_int_equal(xha_wire_open(&g, buf, 20, 1, XHA_LINK_UP), -EPROTO);
	buf[3] = 3;
	memset(buf + 4, 0, 4);
	assert_int_equal(xha_wire_open(&g, buf, 20, 1, XHA_LINK_UP), -EPROTO);
	buf[7] = 1;
	buf[2] = XHA_MSG_BULK_END;
	assert_int_equal(xha_wire_open(&g, buf, 20, 1, XHA_LINK_UP), -EPROTO);
	buf[2] = 15;
	assert_int_equal(xha_wire_open(&g, buf, 20, 1, XHA_LINK_UP),
			 -EPROTONOSUPPORT);
	buf[2] = 255;
	assert_int_equal(xha_wire_open(&g, buf, 20, 1, XHA_LINK_UP),
			 -EPROTONOSUPPORT);
	/* A type about no group carries none, nor an epoch. */
	f = frame(XHA_MSG_KEEPALIVE);
	assert_int_equal(xha_wire_put_empty(buf, &f), 12);
	assert_int_equal(xha_wire_open(&g, buf, 12, 0, XHA_LINK_UP), 0);
	buf[11] = 1;
	assert_int_equal(xha_wire_open(&g, buf, 12, 0, XHA_LINK_UP), -EPROTO);
	buf[11] = 0;
	buf[3] = 1;
	assert_int_equal(xha_wire_open(&g, buf, 12, 0, XHA_LINK_UP), -EPROTO);
}

static void test_put_refuses_header(void **state)
{
	struct xha_wire_frame f = frame(XHA_MSG_SA_DEL);
	struct xha_wire_counters *c = calloc(1, sizeof(*c));
	struct xha_wire_del d = { 5 };

	(void)state;
	f.seq = 0;
	assert_int_equal(xha_wire_put_del(buf, &f, &d), -EINVAL);
	f = frame(XHA_MSG_SA_DEL);
	f.group = 0;
	assert_int_equal(xha_wire_put_del(buf, &f, &d), -EINVAL);
	f = frame(XHA_MSG_SA);
	assert_int_equal(xha_wire_put_del(buf, &f, &d), -EINVAL);
	assert_int_equal(xha_wire_put_empty(buf, &f), -EINVAL);
	f = frame(XHA_MSG_KEEPALIVE);
	f.group = 1;
	assert_int_equal(xha_wire_put_empty(buf, &f), -EINVAL);
	f = frame(XHA_MSG_CEILINGS);
	assert_int_equal(xha_wire_put_counters(buf, &f, c), -EINVAL);
	c->n = XHA_WIRE_COUNTERS + 1;
	assert_int_equal(xha_wire_put_counters(buf, &f, c), -EINVAL);
	c->n = XHA_WIRE_COUNTERS;
	assert_int_equal(xha_wire_put_counters(buf, &f, c), 12 + 4 + 128 * 12);
	free(c);
}

/* A common SA: AES-GCM in a tunnel, window 32, limits in time. */
static void common_sa(struct xha_wire_sa *sa, u16 family)
{
	memset(sa, 0, sizeof(*sa));
	sa->incarnation = 0x1122334400000001ULL;
	sa->gen = 1;
	sa->family = sa->sel.family = family;
	memset(sa->daddr.b, 0xc0, family == 2 ? 4 : 16);
	memset(sa->saddr.b, 0x0a, family == 2 ? 4 : 16);
	sa->spi = cpu_to_be32(0xc0ffee01);
	sa->proto = 50;
	sa->mode = XFRM_MODE_TUNNEL;
	sa->replay_window = 32;
	sa->reqid = 1;
	sa->limits = (struct xha_wire_limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX, 3000, 3600, 0, 0 };
	strcpy(sa->aead.name, "rfc4106(gcm(aes))");
	sa->aead.key_bits = 288;
	sa->aead.icv_bits = 128;
	memset(sa->aead.key, 0x5a, 36);
	sa->times.use_age = 5;
	sa->bytes = 1000;
	sa->packets = 10;
	sa->window.words = 1;
	sa->window.top = 1000;
	sa->window.bmp[0] = 0xffffffff;
	sa->salt_len = 8;
	memset(sa->salt, 0x77, 8);
	sa->tag_base = 0x7777;
	sa->tag_peer = 0x7778;
	sa->tag_count[0] = 1;
	sa->tag_valid = 1;
}

static void common_policy(struct xha_wire_policy *p)
{
	memset(p, 0, sizeof(*p));
	p->family = p->sel.family = 2;
	p->dir = XFRM_POLICY_OUT;
	p->limits = (struct xha_wire_limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX, 0, 0, 0, 0 };
	p->times.use_age = UINT64_MAX;
	p->n_tmpl = 1;
	p->tmpl[0].family = 2;
	p->tmpl[0].proto = 50;
	p->tmpl[0].mode = XFRM_MODE_TUNNEL;
}

static void test_sizes(void **state)
{
	struct xha_wire_frame f = frame(XHA_MSG_SA);
	struct xha_wire_counters *c = calloc(1, sizeof(*c));
	struct xha_wire_sa sa;
	int v4, v6, one, two;

	(void)state;
	common_sa(&sa, 2);
	v4 = xha_wire_put_sa(buf, &f, &sa);
	common_sa(&sa, 10);
	/* All that a busy NAT-T tunnel between marks would add. */
	sa.encap_type = 2;
	sa.mark_v = sa.mark_m = sa.if_id = sa.smark_v = sa.smark_m = 1;
	v6 = xha_wire_put_sa(buf, &f, &sa);
	print_message("# AES-GCM SA: %d bytes IPv4, %d bytes IPv6 with extras\n",
		      v4, v6);
	assert_true(v4 > 0 && v4 <= 400);
	assert_true(v6 > 0 && v6 <= 400);
	f.type = XHA_MSG_CEILINGS;
	c->n = 1;
	one = xha_wire_put_counters(buf, &f, c);
	c->n = 2;
	two = xha_wire_put_counters(buf, &f, c);
	assert_int_equal(two - one, 12);
	f.type = XHA_MSG_WINDOWS;
	assert_int_equal(xha_wire_put_counters(buf, &f, c) - 16, 2 * 20);
	f.type = XHA_MSG_LIFETIMES;
	assert_int_equal(xha_wire_put_counters(buf, &f, c) - 16, 2 * 24);
	free(c);
}

static void test_golden(void **state)
{
	static const u8 hello[] = {
		0x00, 0x20, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0, 0, 0, 0,
		0x58, 0x48, 0x41, 0x31,
		0x00, 0x01, 0x00, 0x0c, 0x00, 0x01, 0x00, 0x01,
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
	};
	static const u8 windows[] = {
		0x00, 0x24, 0x21, 0x05, 0x00, 0x00, 0x01, 0x00, 0, 0, 0, 2,
		0xaa, 0xbb, 0xcc, 0xdd, 0x00, 0x00, 0x00, 0x09,
		0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02,
		0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
	};
	struct xha_wire_hello h = { 1, 1, 0, 0x0102030405060708ULL };
	struct xha_wire_counters *c = calloc(1, sizeof(*c));
	struct xha_wire_frame f = { .type = XHA_MSG_HELLO, .seq = 1 };

	(void)state;
	assert_int_equal(xha_wire_put_hello(buf, &f, &h), sizeof(hello));
	assert_memory_equal(buf, hello, sizeof(hello));
	f = (struct xha_wire_frame){ XHA_MSG_WINDOWS, 5, 256, 2, NULL, 0 };
	c->base = 0xaabbccdd;
	c->n = 1;
	c->e[0].inc = 9;
	c->e[0].a = 0x100000002ULL;
	c->e[0].b = 0x8000000000000001ULL;
	assert_int_equal(xha_wire_put_counters(buf, &f, c), sizeof(windows));
	assert_memory_equal(buf, windows, sizeof(windows));
	free(c);
}

/* --- ranges -------------------------------------------------------------- */

/*
 * Each range is tried in both directions: the encoder refuses the struct, and
 * the decoder the frame. Frames with a bad value are made by writing a good
 * one and patching the bytes of the value, found by a marker.
 */
static void expect_get(u8 type, int len, int want, const char *name)
{
	static union body out;
	static const union body zero;
	struct xha_wire_frame g;
	const char *bad = NULL;
	int err;

	buf[0] = len >> 8;
	buf[1] = len;
	assert_int_equal(reopen(&g, type, len), 0);
	memset(&out, 0, sizeof(out));
	err = get_body(&out, &g, &bad);
	if (err != want || !bad || strcmp(bad, name))
		fail_msg("%s of type %u: got %d '%s'", name, type, err,
			 bad ? bad : "");
	assert_memory_equal(&out, &zero, sizeof(out));
}

/* Where the value of a TLV starts in buf. */
static u32 find_tlv(u8 type, int len, u16 tlv)
{
	u32 at = 12 + (type == XHA_MSG_HELLO ? 4 : 0);

	while (at < (u32)len) {
		if ((buf[at] << 8 | buf[at + 1]) == tlv)
			return at + 4;
		at += 4 + (buf[at + 2] << 8 | buf[at + 3]);
	}
	fail_msg("no TLV %u in type %u", tlv, type);
	return 0;
}

struct patch {
	u16		tlv;
	u16		at;	/* in the value; IPv4 offsets */
	u8		size;
	u64		value;
	const char	*name;
};

static void try_patches(u8 type, const union body *b, const struct patch *p,
			u32 n)
{
	struct xha_wire_frame f = frame(type);
	u32 at, i;
	int len;

	for (; n--; p++) {
		len = put_body(buf, &f, b);
		assert_true(len > 0);
		at = (p->tlv ? find_tlv(type, len, p->tlv) : 12) + p->at;
		for (i = 0; i < p->size; i++)
			buf[at + i] = p->value >> 8 * (p->size - 1 - i);
		expect_get(type, len, -ERANGE, p->name);
	}
}

static void test_range_sa(void **state)
{
	static const struct patch patches[] = {
		{ 1, 12, 2, 3, "family" },
		{ 1, 14, 2, 9, "sel.family" },
		{ 1, 24, 4, 0, "spi" },
		{ 1, 28, 1, 17, "proto" },
		{ 1, 29, 1, 2, "mode" },
		{ 1, 29, 1, 5, "mode" },
		{ 1, 30, 1, 2, "outbound" },
		{ 1, 31, 1, 128, "replay" },
		{ 1, 32, 1, 3, "replay" },
		{ 1, 32, 1, 1, "replay" },
		{ 1, 33, 1, 33, "replay_window" },
		{ 1, 34, 1, 2, "dying" },
		{ 1, 35, 1, 3, "dir" },
		{ 1, 35, 1, 2, "dir" },
		{ 2, 16, 1, 33, "prefixlen_d" },
		{ 2, 17, 1, 33, "prefixlen_s" },
		{ 8, 0, 4, 4, "extra_flags" },
		{ 9, 0, 2, 2049, "aead" },
		{ 9, 2, 2, 520, "aead" },
		{ 9, 2, 2, 127, "aead" },
		{ 9, 4, 1, 0, "aead" },
		{ 9, 4, 1, 64, "aead" },
		{ 9, 6, 1, 0, "aead" },
		{ 9, 6, 1, ' ', "aead" },
		{ 9, 6, 1, 0x80, "aead" },
		{ 13, 0, 2, 3, "encap_type" },
		{ 13, 0, 2, 0, "mapping_maxage" },
		{ 14, 0, 1, 2, "has_coaddr" },
		{ 15, 16, 8, (1ULL << 40) + 1, "times.add_age" },
		{ 15, 24, 8, (1ULL << 40) + 1, "times.use_age" },
		{ 16, 0, 8, 1, "ceiling" },
		{ 16, 8, 8, 1ULL << 32, "window.top" },
		{ 16, 16, 4, 4097, "esn_window" },
		{ 16, 16, 4, 1, "esn_window" },
		{ 18, 0, 1, 2, "tag_valid" },
		{ 18, 3, 2, 0x7777, "tag_peer" },
		{ 18, 5, 2, 32769, "tag_count[0]" },
		{ 18, 7, 2, 32768, "tag_count[1]" },
		{ 20, 0, 8, 1ULL << 52, "times.add_time" },
		{ 20, 8, 8, UINT64_MAX, "times.use_time" },
	};
	static union body b;

	(void)state;
	common_sa(&b.sa, 2);
	b.sa.sel.prefixlen_d = b.sa.sel.prefixlen_s = 32;
	b.sa.extra_flags = 1;
	b.sa.encap_type = 2;
	b.sa.mapping_maxage = 9;
	b.sa.has_coaddr = 1;
	b.sa.times.add_time = 1;
	try_patches(XHA_MSG_SA, &b, patches, ARRAY_SIZE(patches));
}

static void test_range_policy(void **state)
{
	static const struct patch patches[] = {
		{ 1, 12, 2, 0, "family" },
		{ 1, 14, 2, 0, "sel.family" },
		{ 1, 12, 2, 10, "sel.family" },
		{ 1, 16, 1, 3, "dir" },
		{ 1, 17, 1, 2, "action" },
		{ 1, 18, 1, 8, "flags" },
		{ 1, 19, 1, 2, "type" },
		{ 2, 16, 1, 33, "prefixlen_d" },
		{ 2, 17, 1, 33, "prefixlen_s" },
		{ 7, 0, 8, (1ULL << 40) + 1, "times.add_age" },
		{ 7, 8, 8, (1ULL << 40) + 1, "times.use_age" },
		{ 9, 0, 8, 1ULL << 52, "times.add_time" },
		{ 9, 8, 8, UINT64_MAX, "times.use_time" },
		{ 8, 0, 2, 0, "family" },
		{ 8, 14, 1, 43, "tmpl.proto" },
		{ 8, 15, 1, 5, "mode" },
		{ 8, 15, 1, 3, "tmpl.mode" },
		{ 8, 16, 1, 4, "share" },
		{ 8, 17, 1, 1, "tmpl.optional" },
		{ 8, 18, 1, 2, "allalgs" },
	};
	static union body b;

	(void)state;
	common_policy(&b.policy);
	b.policy.sel.prefixlen_d = b.policy.sel.prefixlen_s = 24;
	b.policy.times.add_age = 1;
	b.policy.times.add_time = 1;
	try_patches(XHA_MSG_POLICY, &b, patches, ARRAY_SIZE(patches));
}

static void test_range_small(void **state)
{
	static const struct patch hello[] = {
		{ 1, 0, 2, 0, "version_min" },
		{ 1, 0, 2, 3, "version_max" },
		{ 1, 2, 2, 0, "version_max" },
		{ 1, 4, 8, 0, "boot_id" },
		{ 0, 0, 4, 0x58484132, "magic" },
	};
	static const struct patch group[] = {
		{ 0, 0, 1, 3, "role" },
		{ 0, 1, 1, 7, "state" },
		{ 0, 2, 1, 2, "epoch_node" },
		{ 0, 3, 4, 0, "interval_in" },
		{ 0, 3, 4, 1001, "interval_in" },
		{ 0, 7, 4, 999, "interval_out" },
		{ 0, 7, 4, 100001, "interval_out" },
	};
	static const struct patch nak[] = {
		{ 0, 8, 1, 0, "reason" },
		{ 0, 9, 1, '\n', "reason" },
		{ 0, 9, 1, 0x7f, "reason" },
	};
	static const struct patch verdict[] = {
		{ 0, 0, 1, 2, "accept" },
		{ 0, 1, 1, 0x1b, "reason" },
	};
	static union body b;
	struct xha_wire_frame f = frame(XHA_MSG_HANDOVER_READY);

	(void)state;
	b.hello = (struct xha_wire_hello){ 2, 2, 1, 1 };
	try_patches(XHA_MSG_HELLO, &b, hello, ARRAY_SIZE(hello));
	memset(&b, 0, sizeof(b));
	b.group = (struct xha_wire_group){ 2, 6, 1, 16, 1000, 1, 0 };
	try_patches(XHA_MSG_GROUP_STATE, &b, group, ARRAY_SIZE(group));
	memset(&b, 0, sizeof(b));
	strcpy(b.nak.reason, "no such algorithm");
	try_patches(XHA_MSG_NAK, &b, nak, ARRAY_SIZE(nak));
	memset(&b, 0, sizeof(b));
	strcpy(b.verdict.reason, "x");
	try_patches(XHA_MSG_HANDOVER_READY, &b, verdict, ARRAY_SIZE(verdict));
	b.verdict.reason[0] = 0;
	assert_int_equal(xha_wire_put_verdict(buf, &f, &b.verdict), -EINVAL);
	memset(b.verdict.reason, 'x', sizeof(b.verdict.reason));
	assert_int_equal(xha_wire_put_verdict(buf, &f, &b.verdict), -EINVAL);
}

/* Encoders refuse what spans fields, and so would the decoder. */
#define REFUSED(change) do {						\
	common_sa(&sa, 2);						\
	change;								\
	memset(buf, 0, sizeof(buf));					\
	assert_int_equal(xha_wire_put_sa(buf, &f, &sa), -EINVAL);	\
	for (i = 12; i < sizeof(buf); i++)				\
		assert_int_equal(buf[i], 0);				\
} while (0)

#define ACCEPTED(change) do {						\
	common_sa(&sa, 2);						\
	change;								\
	assert_true(xha_wire_put_sa(buf, &f, &sa) > 0);			\
} while (0)

static void test_put_sa(void **state)
{
	struct xha_wire_frame f = frame(XHA_MSG_SA);
	struct xha_wire_sa sa;
	u32 i;

	(void)state;
	ACCEPTED((void)0);
	REFUSED(sa.family = 0);
	REFUSED(sa.spi = 0);
	REFUSED(strcpy(sa.crypt.name, "cbc(aes)"));
	REFUSED(strcpy(sa.auth.name, "hmac(sha256)"));
	REFUSED(strcpy(sa.comp.name, "deflate"));
	REFUSED(memset(&sa.aead, 0, sizeof(sa.aead)));
	REFUSED(memset(sa.aead.name, 'a', sizeof(sa.aead.name)));
	REFUSED(sa.aead.key_bits = 2049);
	REFUSED(sa.aead.name[3] = ' ');
	REFUSED(sa.auth.key_bits = 8);
	REFUSED(sa.proto = 51);
	REFUSED(sa.proto = 108);
	REFUSED(sa.proto = 108; memset(&sa.aead, 0, sizeof(sa.aead));
		strcpy(sa.comp.name, "deflate"));
	REFUSED(sa.window.words = 129);
	REFUSED(sa.window.words = 2);
	REFUSED(sa.window.words = 0);
	ACCEPTED(sa.window.words = 0; sa.replay_window = 0);
	REFUSED(sa.replay = XHA_REPLAY_ESN);
	REFUSED(sa.replay = XHA_REPLAY_ESN; sa.flags = XFRM_STATE_ESN;
		sa.esn_window = 32);
	ACCEPTED(sa.replay = XHA_REPLAY_ESN; sa.flags = XFRM_STATE_ESN;
		 sa.esn_window = 32; sa.replay_window = 0);
	REFUSED(sa.replay = XHA_REPLAY_ESN; sa.flags = XFRM_STATE_ESN;
		sa.esn_window = 33; sa.replay_window = 0);
	REFUSED(sa.replay = XHA_REPLAY_ESN; sa.flags = XFRM_STATE_ESN;
		sa.esn_window = 0; sa.replay_window = 0);
	ACCEPTED(sa.replay = XHA_REPLAY_ESN; sa.flags = XFRM_STATE_ESN;
		 sa.replay_window = 0; sa.outbound = 1; sa.window.words = 0;
		 sa.ceiling = sa.window.top = 1ULL << 40);
	ACCEPTED(sa.outbound = 1; sa.ceiling = 1000);
	REFUSED(sa.outbound = 1; sa.ceiling = 999);
	REFUSED(sa.outbound = 1; sa.ceiling = 1ULL << 32);
	REFUSED(sa.tag_peer = sa.tag_base);
	REFUSED(sa.salt_len = 0);
	REFUSED(sa.salt_len = 17);
	ACCEPTED(sa.context.len = 1);
	ACCEPTED(sa.context.len = XHA_WIRE_CONTEXT_MAX);
	REFUSED(sa.context.len = XHA_WIRE_CONTEXT_MAX + 1);
	REFUSED(sa.tfcpad = 1; sa.mode = XFRM_MODE_TRANSPORT);
	REFUSED(sa.nat_keepalive = 1);
	REFUSED(sa.encap_type = 2; sa.proto = 51;
		strcpy(sa.auth.name, "hmac(sha1)");
		memset(&sa.aead, 0, sizeof(sa.aead)));
}

static void test_put_policy(void **state)
{
	struct xha_wire_frame f = frame(XHA_MSG_POLICY);
	struct xha_wire_policy p;

	(void)state;
	common_policy(&p);
	assert_true(xha_wire_put_policy(buf, &f, &p) > 0);
	p.n_tmpl = 7;
	assert_int_equal(xha_wire_put_policy(buf, &f, &p), -EINVAL);
	p.n_tmpl = 255;
	assert_int_equal(xha_wire_put_policy(buf, &f, &p), -EINVAL);
	common_policy(&p);
	p.tmpl[0].mode = XFRM_MODE_TRANSPORT;
	p.tmpl[0].family = 10;
	assert_int_equal(xha_wire_put_policy(buf, &f, &p), -EINVAL);
	common_policy(&p);
	p.sel.family = 10;
	assert_int_equal(xha_wire_put_policy(buf, &f, &p), -EINVAL);
	common_policy(&p);
	p.context.len = XHA_WIRE_CONTEXT_MAX + 1;
	assert_int_equal(xha_wire_put_policy(buf, &f, &p), -EINVAL);
}

/* --- TLV rules ----------------------------------------------------------- */

static int append(int len, u16 type, u16 size, u16 claimed)
{
	buf[len++] = type >> 8;
	buf[len++] = type;
	buf[len++] = claimed >> 8;
	buf[len++] = claimed;
	memset(buf + len, 0, size);
	return len + size;
}

static int good_hello(void)
{
	struct xha_wire_hello h = { 1, 1, 0, 1 };
	struct xha_wire_frame f = frame(XHA_MSG_HELLO);

	return xha_wire_put_hello(buf, &f, &h);
}

static void test_tlvs(void **state)
{
	struct xha_wire_frame g, f = frame(XHA_MSG_POLICY);
	struct xha_wire_policy p;
	struct xha_wire_hello h;
	int len, i;

	(void)state;
	len = append(good_hello(), 0x8123, 3, 3);
	len = append(len, 0x8123, 0, 0);
	buf[1] = len;
	assert_int_equal(reopen(&g, XHA_MSG_HELLO, len), 0);
	assert_int_equal(xha_wire_get_hello(&h, &g, NULL), 0);
	assert_true(h.boot_id == 1);
	expect_get(XHA_MSG_HELLO, append(good_hello(), 0x123, 3, 3),
		   -EPROTONOSUPPORT, "unknown tlv");
	expect_get(XHA_MSG_HELLO, append(good_hello(), 2, 3, 3), -EBADMSG,
		   "features");
	expect_get(XHA_MSG_HELLO, append(good_hello(), 2, 5, 5), -EBADMSG,
		   "features");
	expect_get(XHA_MSG_HELLO, append(good_hello(), 2, 4, 5), -EBADMSG, "tlv");
	expect_get(XHA_MSG_HELLO, append(good_hello(), 1, 12, 12), -EBADMSG,
		   "version");
	len = append(append(good_hello(), 2, 4, 4), 2, 4, 4);
	expect_get(XHA_MSG_HELLO, len, -EBADMSG, "features");
	good_hello();
	len = append(append(16, 2, 4, 4), 0x8001, 8, 8);
	expect_get(XHA_MSG_HELLO, len, -EBADMSG, "version");
	good_hello();
	expect_get(XHA_MSG_HELLO, append(16, 0x8055, 12, 12), -EBADMSG, "version");
	/* A seventh template, though each is right. */
	common_policy(&p);
	p.n_tmpl = 6;
	for (i = 1; i < 6; i++)
		p.tmpl[i] = p.tmpl[0];
	len = xha_wire_put_policy(buf, &f, &p);
	i = find_tlv(XHA_MSG_POLICY, len, 8);
	memcpy(buf + len, buf + i, (len - i) / 6);
	buf[i - 2] = (len - i) / 6 * 7 >> 8;
	buf[i - 1] = (u8)((len - i) / 6 * 7);
	expect_get(XHA_MSG_POLICY, len + (len - i) / 6, -ERANGE, "n_tmpl");
}

static int with_context(u16 size)
{
	struct xha_wire_frame f = frame(XHA_MSG_SA);
	struct xha_wire_sa sa;

	common_sa(&sa, 2);
	return append(xha_wire_put_sa(buf, &f, &sa), 21, size, size);
}

static void test_context(void **state)
{
	struct xha_wire_frame f;
	struct xha_wire_sa sa;
	int len;

	(void)state;
	expect_get(XHA_MSG_SA, with_context(0), -EBADMSG, "context");
	expect_get(XHA_MSG_SA, with_context(1), -EBADMSG, "context");
	expect_get(XHA_MSG_SA, with_context(2), -ERANGE, "context");
	expect_get(XHA_MSG_SA, with_context(3 + XHA_WIRE_CONTEXT_MAX), -ERANGE,
		   "context");
	len = with_context(2 + XHA_WIRE_CONTEXT_MAX);
	buf[len - 1] = 0x5a;
	buf[0] = len >> 8;
	buf[1] = (u8)len;
	assert_int_equal(reopen(&f, XHA_MSG_SA, len), 0);
	assert_int_equal(xha_wire_get_sa(&sa, &f, NULL), 0);
	assert_int_equal(sa.context.len, XHA_WIRE_CONTEXT_MAX);
	assert_int_equal(sa.context.text[XHA_WIRE_CONTEXT_MAX - 1], 0x5a);
}

static void test_array_sizes(void **state)
{
	struct xha_wire_counters *c = calloc(1, sizeof(*c));
	struct xha_wire_frame f = frame(XHA_MSG_WINDOWS);
	struct xha_wire_window_big w = { .window.words = 2 };
	int len;

	(void)state;
	c->n = 3;
	len = xha_wire_put_counters(buf, &f, c);
	expect_get(XHA_MSG_WINDOWS, len - 1, -EBADMSG, "entries");
	expect_get(XHA_MSG_WINDOWS, len + 1, -EBADMSG, "entries");
	f.type = XHA_MSG_WINDOW_BIG;
	len = xha_wire_put_window_big(buf, &f, &w);
	expect_get(XHA_MSG_WINDOW_BIG, len + 1, -EBADMSG, "window");
	w.window.words = 0;
	assert_int_equal(xha_wire_put_window_big(buf, &f, &w), -EINVAL);
	w.window.words = 129;
	assert_int_equal(xha_wire_put_window_big(buf, &f, &w), -EINVAL);
	free(c);
}

/* Key bits and the length of the TLV must agree, whichever is the lie. */
static void test_key_length(void **state)
{
	static const u16 bits[] = { 0, 8, 280, 296, 2048 };
	struct xha_wire_frame f = frame(XHA_MSG_SA);
	struct xha_wire_sa sa;
	u32 at, i;
	int len;

	(void)state;
	common_sa(&sa, 2);
	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		len = xha_wire_put_sa(buf, &f, &sa);
		at = find_tlv(XHA_MSG_SA, len, 9);
		buf[at] = bits[i] >> 8;
		buf[at + 1] = (u8)bits[i];
		expect_get(XHA_MSG_SA, len, -EBADMSG, "aead");
	}
	/* Longer than any key there is room for. */
	sa.salt_len = 0;
	sa.tag_valid = sa.tag_base = sa.tag_peer = sa.tag_count[0] = 0;
	len = xha_wire_put_sa(buf, &f, &sa);
	at = find_tlv(XHA_MSG_SA, len, 9);
	memmove(buf + at + 4000, buf + at, len - at);
	memset(buf + at + 5 + 17, 0x5a, 4000);
	i = 5 + 17 + 36 + 4000;
	buf[at - 2] = i >> 8;
	buf[at - 1] = (u8)i;
	expect_get(XHA_MSG_SA, len + 4000, -EBADMSG, "aead");
}

/* A decoder for another form is the caller's slip, not the peer's. */
static void test_wrong_decoder(void **state)
{
	struct xha_wire_frame f = frame(XHA_MSG_SA_DEL), g;
	struct xha_wire_del d = { 5 };
	struct xha_wire_ack a;
	int len = xha_wire_put_del(buf, &f, &d);

	(void)state;
	assert_int_equal(reopen(&g, XHA_MSG_SA_DEL, len), 0);
	assert_int_equal(xha_wire_get_ack(&a, &g, NULL), -EINVAL);
}

static void test_digest(void **state)
{
	u64 inc = 0x1234567800000001ULL;
	u32 i, moved = 0;

	(void)state;
	assert_true(xha_wire_digest(inc, 1) == xha_wire_digest(inc, 1));
	for (i = 0; i < 64; i++)
		moved += __builtin_popcountll(xha_wire_digest(inc, 1) ^
					      xha_wire_digest(inc ^ 1ULL << i, 1));
	assert_in_range(moved, 64 * 24, 64 * 40);
	for (i = moved = 0; i < 32; i++)
		moved += __builtin_popcountll(xha_wire_digest(inc, 1) ^
					      xha_wire_digest(inc, 1 ^ 1U << i));
	assert_in_range(moved, 32 * 24, 32 * 40);
	/* Generations of two SAs swapped must not cancel in a sum. */
	assert_true(xha_wire_digest(inc, 1) + xha_wire_digest(inc + 1, 2) !=
		    xha_wire_digest(inc, 2) + xha_wire_digest(inc + 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_put_refuses_header),
		cmocka_unit_test(test_range_sa),
		cmocka_unit_test(test_range_policy),
		cmocka_unit_test(test_range_small),
		cmocka_unit_test(test_put_sa),
		cmocka_unit_test(test_put_policy),
		cmocka_unit_test(test_tlvs),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_array_sizes),
		cmocka_unit_test(test_key_length),
		cmocka_unit_test(test_wrong_decoder),
		cmocka_unit_test(test_digest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
