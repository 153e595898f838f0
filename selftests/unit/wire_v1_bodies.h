/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the recorded frames of selftests/lib/wire_v1.h say, as structs. It was
 * from these that they were written.
 */
#ifndef WIRE_V1_BODIES_H
#define WIRE_V1_BODIES_H

#include "wire.h"

#define V1_INC		0x7631763100000000ULL
#define V1_VIP		{ 192, 0, 2, 1 }
#define V1_REMOTE	{ 192, 0, 2, 10 }

#ifndef V1_AGES	/* whoever records has other members */
#define V1_AGES(w, add, use)	((w)->times.add_age = (add), (w)->times.use_age = (use))
#endif

static void v1_hello(union body *b)
{
	b->hello = (struct xha_wire_hello){ 1, 1, 0, 0x0102030405060708ULL };
}

static void v1_standby(union body *b)
{
	b->group = (struct xha_wire_group){
		.role = 1, .state = 2, .epoch_node = 1, .interval_in = 1000,
		.interval_out = 10000, .vips_digest = 0xdb321a6c89be6466ULL,
	};
}

static void v1_active(union body *b)
{
	v1_standby(b);
	b->group.role = 2;
	b->group.state = 6;
}

static void v1_sync_req(union body *b)
{
	b->sync.buckets = 0xffff;
}

static void v1_ack(union body *b)
{
	b->ack = (struct xha_wire_ack){ 0x01020304, 0x05060708 };
}

static void v1_nak(union body *b)
{
	b->nak.incarnation = V1_INC + 0x5001;
	strcpy(b->nak.reason, "no such algorithm");
}

static void v1_limits(struct xha_wire_limits *l, u64 hard_packet)
{
	*l = (struct xha_wire_limits){
		U64_MAX, U64_MAX, U64_MAX, hard_packet, 80000, 90000, 0, 70000,
	};
}

static void v1_sa(struct xha_wire_sa *w, u32 spi, u8 outbound)
{
	static const u8 vip[] = V1_VIP, remote[] = V1_REMOTE;

	w->incarnation = V1_INC + spi;
	w->gen = 3;
	memcpy(w->saddr.b, outbound ? vip : remote, 4);
	memcpy(w->daddr.b, outbound ? remote : vip, 4);
	w->spi = cpu_to_be32(spi);
	w->family = w->sel.family = 2;
	w->proto = 50;
	w->mode = 1;
	w->outbound = outbound;
	w->cpu = U32_MAX;
	w->reqid = 1;
	v1_limits(&w->limits, 1000000);
	w->bytes = 100000;
	w->packets = 1000;
	V1_AGES(w, 3600, 1800);
}

static void v1_key(struct xha_wire_alg *a, const char *name, u16 bits, u16 icv)
{
	u32 i;

	strcpy(a->name, name);
	a->key_bits = bits;
	a->icv_bits = icv;
	for (i = 0; i < bits / 8u; i++)
		a->key[i] = i + 1;
}

static void v1_sa_out(union body *b)
{
	struct xha_wire_sa *w = &b->sa;

	v1_sa(w, 0x5001, 1);
	v1_key(&w->aead, "rfc4106(gcm(aes))", 160, 128);
	w->ceiling = 5000;
	w->window.top = 1000;
	w->window.words = 1;
	w->salt_len = 8;
	memcpy(w->salt, "\x11\x11\x03\x04\x05\x06\x07\x08", 8);
	w->tag_valid = 1;
	w->tag_base = 0x1111;
	w->tag_peer = 0x1112;
	w->tag_count[0] = 2;
	w->tag_count[1] = 1;
}

static void v1_sa_in(union body *b)
{
	struct xha_wire_sa *w = &b->sa;

	v1_sa(w, 0x5002, 0);
	v1_key(&w->aead, "rfc4106(gcm(aes))", 160, 128);
	w->replay_window = 32;
	w->window.top = 2000;
	w->window.words = 1;
	w->window.bmp[0] = 0xffff00ff;
}

/* CBC, in UDP, with ESN and a ring of 128 */
static void v1_sa_esn(union body *b)
{
	struct xha_wire_sa *w = &b->sa;

	v1_sa(w, 0x5003, 0);
	v1_key(&w->auth, "hmac(sha256)", 256, 128);
	v1_key(&w->crypt, "cbc(aes)", 128, 0);
	w->encap_type = 2;
	w->encap_sport = cpu_to_be16(4500);
	w->encap_dport = cpu_to_be16(4501);
	w->flags = XFRM_STATE_ESN;
	w->replay = XHA_REPLAY_ESN;
	w->esn_window = 128;
	w->window.top = 0x100000010ULL;
	w->window.words = 4;
	w->window.bmp[0] = 0x0001ffff;
	w->window.bmp[3] = 0xfffe0000;
}

/* All parts there are, but for IPComp's */
static void v1_sa_full(union body *b)
{
	struct xha_wire_sa *w = &b->sa;

	v1_sa_esn(b);
	w->incarnation++;
	w->dying = 1;
	w->dir = 1;
	w->mark_v = 5;
	w->mark_m = 0xff;
	w->smark_v = 6;
	w->smark_m = 0xf0;
	w->if_id = 7;
	w->extra_flags = 2;
	w->tfcpad = 100;
	w->mapping_maxage = 30;
	w->nat_keepalive = 20;
	w->encap_oa.b[0] = 9;
	w->has_coaddr = 1;
	w->coaddr.b[0] = 8;
	w->cpu = 3;
	w->limits.soft_byte = 1 << 20;
	w->sel.prefixlen_d = 24;
	w->sel.daddr.b[0] = 10;
	w->sel.dport = cpu_to_be16(80);
	w->sel.dport_mask = 0xffff;
	w->sel.proto = 17;
	w->sel.user = 1000;
}

static void v1_sa_comp(union body *b)
{
	struct xha_wire_sa *w = &b->sa;

	v1_sa(w, 0x1234, 1);
	w->proto = 108;
	v1_key(&w->comp, "deflate", 0, 0);
}

static void v1_policy(struct xha_wire_policy *w, u8 dir)
{
	static const u8 vip[] = V1_VIP, remote[] = V1_REMOTE;
	bool out = dir == XFRM_POLICY_OUT;

	w->incarnation = V1_INC + 0x6000 + dir;
	w->gen = 2;
	w->dir = dir;
	w->family = w->sel.family = 2;
	w->priority = 77;
	memcpy(w->sel.saddr.b, out ? "\x0a\x01" : "\x0a\x02", 2);
	memcpy(w->sel.daddr.b, out ? "\x0a\x02" : "\x0a\x01", 2);
	w->sel.prefixlen_s = w->sel.prefixlen_d = 24;
	v1_limits(&w->limits, U64_MAX);
	V1_AGES(w, 3600, 1800);
	w->n_tmpl = 1;
	w->tmpl[0].family = 2;
	memcpy(w->tmpl[0].saddr.b, out ? vip : remote, 4);
	memcpy(w->tmpl[0].daddr.b, out ? remote : vip, 4);
	w->tmpl[0].proto = 50;
	w->tmpl[0].mode = 1;
	w->tmpl[0].reqid = 1;
	w->tmpl[0].aalgos = w->tmpl[0].ealgos = w->tmpl[0].calgos = U32_MAX;
}

static void v1_policy_out(union body *b)
{
	v1_policy(&b->policy, XFRM_POLICY_OUT);
}

static void v1_policy_fwd(union body *b)
{
	v1_policy(&b->policy, XFRM_POLICY_FWD);
}

static const struct {
	u32 inc;
	u32 gen;
} v1_told[] = {
	{ 0x5001, 3 }, { 0x5002, 3 }, { 0x5003, 3 },
	{ 0x6000 + XFRM_POLICY_OUT, 2 }, { 0x6000 + XFRM_POLICY_FWD, 2 },
};

static void v1_bulk_begin(union body *b)
{
	b->bulk.id = 0x11223344;
	b->bulk.buckets = 0xffff;
}

static void v1_bulk_end(union body *b)
{
	u32 i;

	v1_bulk_begin(b);
	b->bulk.sas = 3;
	b->bulk.policies = 2;
	for (i = 0; i < ARRAY_SIZE(v1_told); i++)
		b->bulk.digest += xha_wire_digest(V1_INC + v1_told[i].inc,
						  v1_told[i].gen);
}

static void v1_digest(union body *b)
{
	u64 inc;
	u32 i;

	b->sums.sas = 3;
	b->sums.policies = 2;
	for (i = 0; i < ARRAY_SIZE(v1_told); i++) {
		inc = V1_INC + v1_told[i].inc;
		b->sums.sum[xha_wire_bucket(inc)] +=
			xha_wire_digest(inc, v1_told[i].gen);
	}
}

static void v1_del(union body *b)
{
	b->del.incarnation = V1_INC + 0x5003;
}

static void v1_counter(union body *b, u32 spi, u64 a, u64 bits, u32 age)
{
	struct xha_wire_counters *c = &b->counters;

	c->base = V1_INC >> 32;
	c->e[c->n++] = (struct xha_wire_counter){ spi, a, bits, age };
}

static void v1_ceilings(union body *b)
{
	v1_counter(b, 0x5001, 9000, 0, 0);
}

static void v1_finals(union body *b)
{
	v1_counter(b, 0x5001, 7777, 0, 0);
}

static void v1_windows(union body *b)
{
	v1_counter(b, 0x5002, 2100, 0xfffffffffffffffdULL, 0);
}

static void v1_window_big(union body *b)
{
	b->big.incarnation = V1_INC + 0x5003;
	b->big.window.top = 0x100000020ULL;
	b->big.window.words = 4;
	b->big.window.bmp[1] = 1;
	b->big.window.bmp[0] = 0xffffffff;
}

static void v1_lifetimes(union body *b)
{
	v1_counter(b, 0x5001, 123456, 1234, 1801);
	v1_counter(b, 0x5002, 223456, 2234, U32_MAX);
}

static void v1_accept(union body *b)
{
	b->verdict.accept = 1;
}

static void v1_refuse(union body *b)
{
	strcpy(b->verdict.reason, "not hot");
}

static void v1_commit(union body *b)
{
	b->commit = (struct xha_wire_commit){ 0x01020304, 3 };
}

static void v1_nothing(union body *b)
{
	(void)b;
}

/* In the order of xha_v1_frames[] */
static const struct v1_body {
	const char *name;
	u8 type;
	void (*fill)(union body *b);
} v1_bodies[] = {
	{ "hello",		XHA_MSG_HELLO,			v1_hello },
	{ "keepalive",		XHA_MSG_KEEPALIVE,		v1_nothing },
	{ "standby",		XHA_MSG_GROUP_STATE,		v1_standby },
	{ "active",		XHA_MSG_GROUP_STATE,		v1_active },
	{ "sync-req",		XHA_MSG_SYNC_REQ,		v1_sync_req },
	{ "ack",		XHA_MSG_ACK,			v1_ack },
	{ "nak",		XHA_MSG_NAK,			v1_nak },
	{ "digest-req",		XHA_MSG_DIGEST_REQ,		v1_nothing },
	{ "bulk-begin",		XHA_MSG_BULK_BEGIN,		v1_bulk_begin },
	{ "bulk-end",		XHA_MSG_BULK_END,		v1_bulk_end },
	{ "sa-out",		XHA_MSG_SA,			v1_sa_out },
	{ "sa-in",		XHA_MSG_SA,			v1_sa_in },
	{ "sa-esn",		XHA_MSG_SA,			v1_sa_esn },
	{ "sa-full",		XHA_MSG_SA,			v1_sa_full },
	{ "sa-comp",		XHA_MSG_SA,			v1_sa_comp },
	{ "sa-del",		XHA_MSG_SA_DEL,			v1_del },
	{ "policy-out",		XHA_MSG_POLICY,			v1_policy_out },
	{ "policy-fwd",		XHA_MSG_POLICY,			v1_policy_fwd },
	{ "policy-del",		XHA_MSG_POLICY_DEL,		v1_del },
	{ "digest",		XHA_MSG_DIGEST,			v1_digest },
	{ "merge-sa",		XHA_MSG_MERGE_SA,		v1_sa_in },
	{ "merge-policy",	XHA_MSG_MERGE_POLICY,		v1_policy_out },
	{ "merge-end",		XHA_MSG_MERGE_END,		v1_nothing },
	{ "ceilings",		XHA_MSG_CEILINGS,		v1_ceilings },
	{ "windows",		XHA_MSG_WINDOWS,		v1_windows },
	{ "window-big",		XHA_MSG_WINDOW_BIG,		v1_window_big },
	{ "lifetimes",		XHA_MSG_LIFETIMES,		v1_lifetimes },
	{ "finals",		XHA_MSG_FINALS,			v1_finals },
	{ "prepare",		XHA_MSG_HANDOVER_PREPARE,	v1_nothing },
	{ "ready",		XHA_MSG_HANDOVER_READY,		v1_accept },
	{ "refusal",		XHA_MSG_HANDOVER_READY,		v1_refuse },
	{ "commit",		XHA_MSG_HANDOVER_COMMIT,	v1_commit },
	{ "taken",		XHA_MSG_HANDOVER_TAKEN,		v1_accept },
	{ "flushed",		XHA_MSG_HANDOVER_FLUSHED,	v1_nothing },
};

#endif /* WIRE_V1_BODIES_H */
