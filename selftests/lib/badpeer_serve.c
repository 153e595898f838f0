// SPDX-License-Identifier: GPL-2.0-only
/*
 * badpeer: actives with SAs and policies of their own. They answer what a
 * standby asks; one loses track of what it told, one takes its time.
 */
#include "badpeer.h"

#define SERVED		0x7365727600000000ULL
#define SAS		40
#define POLICIES	6
#define FIRST_POLICY	0x100	/* as a number of what there is */
#define TRICKLED	4
#define PADDED		1400

struct item {
	uint64_t incarnation;
	uint32_t gen;
	uint32_t n;	/* the SPI, or the policy's place */
	int policy;
	int gone;
};

struct model {
	struct peer *p;
	struct item items[SAS + POLICIES + 1];
	unsigned int n;
	unsigned int sas;	/* that are told of */
};

static uint16_t bucket_of(const struct item *i)
{
	return 1 << xha_wire_bucket(i->incarnation);
}

static void add_item(struct model *m, uint32_t n, int policy)
{
	m->items[m->n++] = (struct item){
		.incarnation = SERVED + n, .gen = 1, .n = n, .policy = policy,
	};
}

static void put_sa(struct model *m, const struct item *i)
{
	struct xha_wire_frame f = frame(m->p, XHA_MSG_SA, 1);
	struct xha_wire_sa w = tagged_sa(m->p, 0x4000 + i->n, 1);

	w.incarnation = i->incarnation;
	w.gen = i->gen;
	w.reqid = 100 + i->gen;
	send_frame(m->p, 1, xha_wire_put_sa(m->p->buf, &f, &w));
}

static void put_policy(struct model *m, const struct item *i)
{
	struct xha_wire_frame f = frame(m->p, XHA_MSG_POLICY, 1);
	struct xha_wire_policy w = {
		.incarnation = i->incarnation, .gen = i->gen, .dir = 1,
		.family = AF_INET, .priority = 100 + i->gen,
		.sel = {
			.family = AF_INET, .daddr.b = { 10, 2, i->n },
			.saddr.b = { 10, 1 }, .prefixlen_d = 24,
			.prefixlen_s = 24,
		},
		.limits = {
			UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
		},
		.times.use_age = UINT64_MAX, .n_tmpl = 1,
		.tmpl[0] = {
			.family = AF_INET, .proto = IPPROTO_ESP, .mode = 1,
			.daddr.b = { 10, 10, 10, 10 }, .aalgos = UINT32_MAX,
			.ealgos = UINT32_MAX, .calgos = UINT32_MAX,
		},
	};

	memcpy(w.tmpl[0].saddr.b, &m->p->vip, sizeof(m->p->vip));
	send_frame(m->p, 1, xha_wire_put_policy(m->p->buf, &f, &w));
}

static void send_end(struct model *m, uint16_t buckets)
{
	struct xha_wire_bulk b = { .id = 7, .buckets = buckets };
	struct xha_wire_frame f = frame(m->p, XHA_MSG_BULK_END, 1);
	const struct item *i;

	for (i = m->items; i < m->items + m->n; i++) {
		if (i->gone || !(bucket_of(i) & buckets))
			continue;
		b.sas += !i->policy;
		b.policies += !!i->policy;
		b.digest += xha_wire_digest(i->incarnation, i->gen);
	}
	send_frame(m->p, 1, xha_wire_put_bulk(m->p->buf, &f, &b));
}

static void send_part(struct model *m, uint16_t buckets)
{
	const struct item *i;

	send_bulk(m->p, XHA_MSG_BULK_BEGIN, buckets);
	for (i = m->items; i < m->items + m->n; i++) {
		if (i->gone || !(bucket_of(i) & buckets))
			continue;
		if (i->policy)
			put_policy(m, i);
		else
			put_sa(m, i);
	}
	send_end(m, buckets);
	say("told 0x%04x\n", buckets);
}

static void send_digest(struct model *m)
{
	struct xha_wire_frame f = frame(m->p, XHA_MSG_DIGEST, 1);
	struct xha_wire_sums s = { 0 };
	const struct item *i;

	for (i = m->items; i < m->items + m->n; i++) {
		if (i->gone)
			continue;
		s.sas += !i->policy;
		s.policies += !!i->policy;
		s.sum[xha_wire_bucket(i->incarnation)] +=
			xha_wire_digest(i->incarnation, i->gen);
	}
	send_frame(m->p, 1, xha_wire_put_sums(m->p->buf, &f, &s));
}

/* Without a word to the peer: an add, an update, deletes that got lost. */
static void change(struct model *m, int step)
{
	struct item *i;

	switch (step) {
	case 0:
		add_item(m, SAS, 0);
		i = &m->items[m->n - 1];
		break;
	case 1:
		i = &m->items[5];
		i->gen++;
		break;
	case 2:
		i = &m->items[7];
		i->gone = 1;
		break;
	case 3:
		i = &m->items[SAS + 2];
		i->gen++;
		break;
	default:
		i = &m->items[SAS + 3];
		i->gone = 1;
	}
	say("changed 0x%04x 0x%016llx\n", bucket_of(i),
	    (unsigned long long)i->incarnation);
}

/* A ceiling for each of the SAs, which no snapshot tells of */
static void raise_ceilings(struct model *m)
{
	struct xha_wire_counters c = { .base = SERVED >> 32 };
	struct xha_wire_frame f = frame(m->p, XHA_MSG_CEILINGS, 2);
	const struct item *i;

	for (i = m->items; i < m->items + m->n; i++)
		if (!i->policy)
			c.e[c.n++] = (struct xha_wire_counter){
				(uint32_t)i->incarnation, 20000, 0, 0,
			};
	send_frame(m->p, 2, xha_wire_put_counters(m->p->buf, &f, &c));
}

int case_serve(struct peer *p)
{
	static struct model m;
	uint16_t wanted = 0;
	int type = 0, step = 0;
	uint32_t i;

	m = (struct model){ .p = p };
	for (i = 0; i < SAS; i++)
		add_item(&m, i, 0);
	for (i = 0; i < POLICIES; i++)
		add_item(&m, FIRST_POLICY + i, 1);
	heed_group(p);
	say_group(p, ROLE_ACTIVE, STATE_ACTIVE);
	while (type >= 0 && now_ms() < deadline) {
		if (step < steps)
			change(&m, step++);
		type = next_frame(p, 100);
		if (type == XHA_MSG_SYNC_REQ) {
			wanted |= requested(p);
			say("asked 0x%04x\n", requested(p));
		}
		if (type == XHA_MSG_DIGEST_REQ)
			send_digest(&m);
		if (!wanted ||
		    (p->hold && wanted != XHA_WIRE_BUCKETS_ALL && !released))
			continue;
		send_part(&m, wanted);
		if (wanted == XHA_WIRE_BUCKETS_ALL)
			raise_ceilings(&m);
		wanted = released = 0;
	}
	return type < 0 ? type : 0;
}

/* A frame of an SA as long as SCTP has to cut it. */
static void put_long_sa(struct model *m, const struct item *i)
{
	struct xha_wire_frame f = frame(m->p, XHA_MSG_SA, 1);
	struct xha_wire_sa w = tagged_sa(m->p, 0x4000 + i->n, 1);
	int len;

	w.incarnation = i->incarnation;
	w.gen = i->gen;
	len = xha_wire_put_sa(m->p->buf, &f, &w);
	if (len > 0)
		len = pad_frame(m->p, len, PADDED);
	send_frame(m->p, 1, len);
	say("sa %u\n", i->n);
}

/* An active that is in order, but for its pace (-b). */
int case_trickle(struct peer *p)
{
	static struct model m;
	uint32_t i;

	m = (struct model){ .p = p };
	for (i = 0; i < TRICKLED; i++)
		add_item(&m, i, 0);
	heed_group(p);
	say_group(p, ROLE_ACTIVE, STATE_ACTIVE);
	if (await_request(p) != XHA_WIRE_BUCKETS_ALL)
		return -EPROTO;
	send_bulk(p, XHA_MSG_BULK_BEGIN, XHA_WIRE_BUCKETS_ALL);
	say("begun\n");
	for (i = 0; i < TRICKLED; i++)
		put_long_sa(&m, &m.items[i]);
	send_end(&m, XHA_WIRE_BUCKETS_ALL);
	return 0;
}
