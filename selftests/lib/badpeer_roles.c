// SPDX-License-Identifier: GPL-2.0-only
/* badpeer: actives and standbys that know better, or do not keep to it. */
#include "badpeer.h"

/*
 * An active with nothing, whose digest says otherwise of one bucket: a standby
 * asks for that one again, and for nothing more.
 */
int case_differ(struct peer *p)
{
	struct xha_wire_sums s = { .sum[3] = 1 };
	struct xha_wire_frame f;

	say_group(p, ROLE_ACTIVE, STATE_ACTIVE);
	if (await_request(p) != XHA_WIRE_BUCKETS_ALL)
		return -EPROTO;
	send_bulk(p, XHA_MSG_BULK_BEGIN, XHA_WIRE_BUCKETS_ALL);
	send_bulk(p, XHA_MSG_BULK_END, XHA_WIRE_BUCKETS_ALL);
	f = frame(p, XHA_MSG_DIGEST, 1);
	send_frame(p, 1, xha_wire_put_sums(p->buf, &f, &s));
	if (await_request(p) != 1 << 3)
		return -EPROTO;
	send_bulk(p, XHA_MSG_BULK_BEGIN, 1 << 3);
	send_bulk(p, XHA_MSG_BULK_END, 1 << 3);
	return 0;
}

/* An SA of the VIP -v of which so many IV tags were reserved for each node. */
struct xha_wire_sa tagged_sa(struct peer *p, uint32_t spi, uint16_t count)
{
	struct xha_wire_sa w = {
		.incarnation = 0x7461677300000000ULL + spi,
		.spi = htonl(spi), .family = AF_INET, .proto = IPPROTO_ESP,
		.mode = 1, .outbound = 1, .cpu = UINT32_MAX,
		.times.use_age = UINT64_MAX, .ceiling = 10000,
		.limits = {
			UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
		},
		.sel = { .family = AF_INET },
		.aead = {
			.name = "rfc4106(gcm(aes))", .key_bits = 160,
			.icv_bits = 128,
		},
		.window = { .words = 1 },
		.salt_len = 8, .salt = { 0x11, 0x11, 3 },
		.tag_valid = 1, .tag_base = 0x1111, .tag_peer = 0x1112,
		/* of 65536, one of which is the base */
		.tag_count = { count, count - (count == 32768) },
	};

	memcpy(w.saddr.b, &p->vip, sizeof(p->vip));
	memset(w.daddr.b, 0x0a, 4);
	return w;
}

/* SAs in the life of which the standby's node was new many times. */
void case_tags(struct peer *p)
{
	static const uint16_t counts[] = { 31000, 32000, 32768 };
	struct xha_wire_frame f;
	struct xha_wire_sa w;
	unsigned int i;

	say_group(p, ROLE_ACTIVE, STATE_ACTIVE);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		w = tagged_sa(p, 0x3001 + i, counts[i]);
		f = frame(p, XHA_MSG_SA, 1);
		send_frame(p, 1, xha_wire_put_sa(p->buf, &f, &w));
	}
}

static void label(struct xha_wire_context *c)
{
	static const char text[] = "kernel";

	c->alg = 1;	/* XFRM_SC_ALG_SELINUX */
	c->doi = 1;	/* XFRM_SC_DOI_LSM */
	c->len = sizeof(text) - 1;
	memcpy(c->text, text, c->len);
}

/* An SA and a policy with a security context, and an SA without. */
void case_labelled(struct peer *p)
{
	struct xha_wire_policy pol = {
		.incarnation = 0x6c61626500000001ULL, .dir = 1 /* out */,
		.family = AF_INET, .priority = 7,
		.sel = { .family = AF_INET, .prefixlen_s = 32, .prefixlen_d = 32 },
		.limits = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX },
		.times.use_age = UINT64_MAX,
	};
	struct xha_wire_sa sa = tagged_sa(p, 0x3001, 1);
	struct xha_wire_frame f;

	say_group(p, ROLE_ACTIVE, STATE_ACTIVE);
	f = frame(p, XHA_MSG_SA, 1);
	send_frame(p, 1, xha_wire_put_sa(p->buf, &f, &sa));
	sa = tagged_sa(p, 0x3002, 1);
	label(&sa.context);
	f = frame(p, XHA_MSG_SA, 1);
	send_frame(p, 1, xha_wire_put_sa(p->buf, &f, &sa));
	memcpy(pol.sel.saddr.b, &p->vip, sizeof(p->vip));
	memset(pol.sel.daddr.b, 0x0a, 4);
	label(&pol.context);
	f = frame(p, XHA_MSG_POLICY, 1);
	send_frame(p, 1, xha_wire_put_policy(p->buf, &f, &pol));
}

/* Raises the counters of SAs and deletes them, as their active would. */
void case_role(struct peer *p)
{
	struct xha_wire_counters c = { .n = 1 };
	struct xha_wire_frame f;
	struct xha_wire_del d;
	unsigned int i;

	for (i = 0; i < p->n_sas; i++) {
		c.base = p->sas[i] >> 32;
		c.e[0].inc = (uint32_t)p->sas[i];
		c.e[0].a = 0x40000000;
		f = frame(p, XHA_MSG_CEILINGS, 2);
		send_frame(p, 2, xha_wire_put_counters(p->buf, &f, &c));
		f = frame(p, XHA_MSG_WINDOWS, 2);
		send_frame(p, 2, xha_wire_put_counters(p->buf, &f, &c));
		if (i % 2)
			continue;	/* leave one of two to be counted */
		d.incarnation = p->sas[i];
		f = frame(p, XHA_MSG_SA_DEL, 1);
		send_frame(p, 1, xha_wire_put_del(p->buf, &f, &d));
	}
}

/* An active of an older epoch: whoever knows a newer one must not mind. */
void case_stale(struct peer *p)
{
	say_group(p, ROLE_ACTIVE, STATE_ACTIVE);
	case_role(p);
}

/* A standby that has all, acknowledges it, and then reads nothing any more. */
int case_deaf(struct peer *p)
{
	int err;

	say_group(p, ROLE_STANDBY, STATE_COLD);
	request(p, XHA_WIRE_BUCKETS_ALL);
	err = await_frame(p, XHA_MSG_BULK_END);
	if (!err)
		err = say_group(p, ROLE_STANDBY, STATE_HOT);
	if (!err)
		err = say_ack(p);
	if (err)
		return err;
	say("deaf\n");
	raise(SIGSTOP);
	/* Each keepalive that is read is a chance to tell how far it is. */
	while (!err && now_ms() < deadline) {
		err = await_frame(p, XHA_MSG_KEEPALIVE);
		if (!err)
			err = say_ack(p);
	}
	return err == -ETIMEDOUT ? 0 : err;
}

/* What the gateway sends between two brackets, and what else it sends. */
struct part {
	uint16_t buckets;
	uint32_t sas;
	uint32_t policies;
	uint64_t digest;
};

/* One SA or policy: named, and counted if it is in the brackets. */
static void note_item(const struct xha_wire_frame *f, struct part *t)
{
	static struct xha_wire_policy pol;
	static struct xha_wire_sa sa;
	uint64_t incarnation;
	uint32_t gen;

	if (f->type == XHA_MSG_SA) {
		if (xha_wire_get_sa(&sa, f, NULL))
			return;
		incarnation = sa.incarnation;
		gen = sa.gen;
	} else {
		if (xha_wire_get_policy(&pol, f, NULL))
			return;
		incarnation = pol.incarnation;
		gen = pol.gen;
	}
	if (!t->buckets) {
		say("stray 0x%016llx\n", (unsigned long long)incarnation);
		return;
	}
	t->sas += f->type == XHA_MSG_SA;
	t->policies += f->type == XHA_MSG_POLICY;
	t->digest += xha_wire_digest(incarnation, gen);
	say("0x%04x %s 0x%016llx\n", t->buckets,
	    f->type == XHA_MSG_SA ? "sa" : "policy",
	    (unsigned long long)incarnation);
}

/* The snapshot of @buckets: 0 when its end agrees with what came before. */
static int take_part(struct peer *p, uint16_t buckets)
{
	struct part t = { 0 };
	struct xha_wire_frame f;
	struct xha_wire_bulk b;
	int type;

	request(p, buckets);
	while (now_ms() < deadline) {
		type = next_frame(p, 100);
		if (type < 0)
			return type;
		if (!type || open_frame(p, &f))
			continue;
		if (type == XHA_MSG_SA || type == XHA_MSG_POLICY)
			note_item(&f, &t);
		if ((type != XHA_MSG_BULK_BEGIN && type != XHA_MSG_BULK_END) ||
		    xha_wire_get_bulk(&b, &f, NULL))
			continue;
		if (b.buckets != buckets)
			return -EPROTO;
		t.buckets = b.buckets;
		if (type == XHA_MSG_BULK_BEGIN)
			continue;
		if (b.sas != t.sas || b.policies != t.policies || b.digest != t.digest)
			return -EBADMSG;
		return say_ack(p);
	}
	return -ETIMEDOUT;
}

/* A standby that wants the whole, then each bucket, then two at once. */
int case_buckets(struct peer *p)
{
	int err, i;

	heed_group(p);
	say_group(p, ROLE_STANDBY, STATE_COLD);
	err = take_part(p, XHA_WIRE_BUCKETS_ALL);
	if (!err)
		err = say_group(p, ROLE_STANDBY, STATE_HOT);
	for (i = 0; !err && i < XHA_WIRE_BUCKETS; i++)
		err = take_part(p, 1 << i);
	return err ?: take_part(p, 0x0802);
}

/* Takes all, says it is hot and ready for more, and never acknowledges. */
int case_never_acks(struct peer *p)
{
	int type = 0;

	heed_group(p);
	say_group(p, ROLE_STANDBY, STATE_COLD);
	request(p, XHA_WIRE_BUCKETS_ALL);
	type = await_frame(p, XHA_MSG_BULK_END);
	if (type)
		return type;
	say_group(p, ROLE_STANDBY, STATE_HOT);
	say("whole\nhot\n");
	while (type >= 0 && now_ms() < deadline) {
		type = next_frame(p, 100);
		if (type == XHA_MSG_HANDOVER_PREPARE)
			say_ready(p);
		if (type == XHA_MSG_BULK_END)
			say("whole\n");
		if (steps && type > 0 && p->got_stream != XHA_STREAM_CONTROL)
			say_ack(p);
		if (steps == 1) {
			say_ack(p);
			steps++;
		}
	}
	return type < 0 ? type : 0;
}
