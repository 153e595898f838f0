/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random content for each type of frame, within what the codec allows: the
 * same in each run.
 */
#ifndef WIRE_RANDOM_H
#define WIRE_RANDOM_H

#include "wire_body.h"
#include "rnd.h"
#include <linux/xfrm.h>
#include <linux/xfrm_ha.h>

static u64 rng_state = 0x77697265;

static bool coin(void)
{
	return rnd() >> 20 & 1;
}

static void fill(void *p, u32 len)
{
	u8 *b = p;

	while (len--)
		*b++ = rnd() >> 13;
}

static void fill_text(char *s, u32 len, char first)
{
	while (len--)
		*s++ = first + rnd() % ('~' - first + 1);
	*s = 0;
}

static u16 random_family(void)
{
	return coin() ? 2 : 10;
}

static void random_addr(struct xha_wire_addr *a, u16 family)
{
	fill(a->b, family == 2 ? 4 : 16);
}

static void random_sel(struct xha_wire_sel *s, u16 family)
{
	s->family = family;
	if (coin())
		return;
	random_addr(&s->daddr, family);
	random_addr(&s->saddr, family);
	fill(&s->dport, 2);
	fill(&s->dport_mask, 2);
	fill(&s->sport, 2);
	fill(&s->sport_mask, 2);
	s->prefixlen_d = rnd() % (family == 2 ? 33 : 129);
	s->prefixlen_s = rnd() % (family == 2 ? 33 : 129);
	s->proto = rnd();
	s->user = rnd();
}

static void random_limits(struct xha_wire_limits *l)
{
	l->soft_byte = l->hard_byte = UINT64_MAX;
	l->soft_packet = l->hard_packet = UINT64_MAX;
	if (coin())
		fill(l, offsetof(struct xha_wire_limits, soft_add));
	if (coin())
		fill(&l->soft_add, sizeof(*l) -
		     offsetof(struct xha_wire_limits, soft_add));
}

static void random_alg(struct xha_wire_alg *a, bool icv)
{
	fill_text(a->name, 1 + rnd() % (XHA_WIRE_ALG_NAME - 1), '!');
	a->key_bits = rnd() % (8 * XHA_WIRE_KEY_MAX + 1);
	if (icv)
		a->icv_bits = rnd() % 65 * 8;
	fill(a->key, (a->key_bits + 7) / 8);
}

static void random_replay(struct xha_wire_sa *sa)
{
	u32 mask = 0xffffffff;

	sa->replay = sa->proto == 108 ? 0 : rnd() % 3;
	sa->flags = rnd() & ~XFRM_STATE_ESN;
	if (sa->replay == XHA_REPLAY_LEGACY) {
		sa->replay_window = rnd() % 33;
		sa->window.words = 1;
	} else {
		sa->esn_window = 1 + rnd() % 4096;
		sa->window.words = (sa->esn_window + 31) / 32;
	}
	if (sa->replay == XHA_REPLAY_ESN) {
		sa->flags |= XFRM_STATE_ESN;
		mask = 0;
	}
	fill(sa->window.bmp, sa->window.words * 4);
	sa->window.top = mask ? rnd() & 0x7fffffff : rnd() >> 1;
	if (sa->outbound)
		sa->ceiling = sa->window.top + rnd() % 100000;
}

static void random_context(struct xha_wire_context *c)
{
	if (coin())
		return;
	c->alg = rnd();
	c->doi = rnd();
	c->len = 1 + rnd() % XHA_WIRE_CONTEXT_MAX;
	fill(c->text, c->len);
}

static void random_extras(struct xha_wire_sa *sa)
{
	if (coin()) {
		sa->mark_v = rnd();
		sa->mark_m = rnd();
		sa->if_id = rnd();
		sa->smark_v = rnd();
		sa->smark_m = rnd();
		sa->extra_flags = rnd() % 4;
		sa->dir = sa->outbound ? 2 : 1;
	}
	if (sa->proto == 50 && coin()) {
		sa->encap_type = coin() ? 2 : 7;
		fill(&sa->encap_sport, 2);
		fill(&sa->encap_dport, 2);
		random_addr(&sa->encap_oa, sa->family);
		sa->mapping_maxage = rnd();
		sa->nat_keepalive = rnd();
	}
	if (coin()) {
		sa->has_coaddr = 1;
		random_addr(&sa->coaddr, sa->family);
	}
	if (coin()) {
		sa->salt_len = 2 + rnd() % 15;
		fill(sa->salt, sa->salt_len);
		sa->tag_base = rnd();
		sa->tag_valid = 1;
		sa->tag_peer = sa->tag_base + 1 + rnd() % 65535;
		sa->tag_count[0] = rnd() % 32769;
		sa->tag_count[1] = rnd() % 32768;
	}
	random_context(&sa->context);
}

static void random_sa(struct xha_wire_sa *sa)
{
	static const u8 protos[] = { 50, 50, 51, 108 };
	static const u8 modes[] = { 0, 1, 4 };

	sa->incarnation = rnd();
	sa->gen = rnd();
	sa->family = random_family();
	random_addr(&sa->daddr, sa->family);
	random_addr(&sa->saddr, sa->family);
	sa->proto = protos[rnd() % 4];
	sa->spi = cpu_to_be32(sa->proto == 108 ? rnd() & 0xffff : rnd() | 1);
	sa->mode = modes[rnd() % 3];
	sa->outbound = coin();
	sa->dying = coin();
	sa->reqid = rnd();
	if (sa->proto == 50 && sa->mode == 1 && coin())
		sa->tfcpad = rnd();
	random_sel(&sa->sel, coin() ? sa->family : coin() ? 0 : random_family());
	random_limits(&sa->limits);
	if (sa->proto == 108)
		random_alg(&sa->comp, false);
	if (sa->proto == 51)
		random_alg(&sa->auth, true);
	if (sa->proto == 50 && coin()) {
		random_alg(&sa->aead, true);
	} else if (sa->proto == 50) {
		random_alg(&sa->crypt, false);
		if (coin())
			random_alg(&sa->auth, true);
	}
	sa->bytes = rnd();
	sa->packets = rnd();
	sa->times.add_age = rnd() >> 24;
	sa->times.use_age = coin() ? UINT64_MAX : rnd() >> 24;
	sa->times.add_time = coin() ? 0 : rnd() >> 12;
	sa->times.use_time = coin() ? 0 : rnd() >> 12;
	random_replay(sa);
	random_extras(sa);
}

static void random_tmpl(struct xha_wire_tmpl *t, u16 *family, u8 dir)
{
	static const u8 protos[] = { 50, 51, 108, 255 };

	t->mode = rnd() % 3 ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
	if (t->mode)
		*family = random_family();
	t->family = *family;
	random_addr(&t->daddr, t->family);
	random_addr(&t->saddr, t->family);
	fill(&t->spi, 4);
	t->proto = protos[rnd() % 4];
	t->share = rnd() % 4;
	t->optional = !t->mode || dir != XFRM_POLICY_OUT ? coin() : 0;
	t->allalgs = coin();
	t->reqid = rnd();
	t->aalgos = rnd();
	t->ealgos = rnd();
	t->calgos = rnd();
}

static void random_policy(struct xha_wire_policy *p)
{
	u16 family = random_family();
	u32 i;

	p->incarnation = rnd();
	p->gen = rnd();
	p->dir = rnd() % 3;
	p->action = coin();
	p->flags = rnd() % 8;
	p->type = coin();
	p->family = family;
	p->priority = rnd();
	if (coin()) {
		p->mark_v = rnd();
		p->mark_m = rnd();
		p->if_id = rnd();
	}
	random_sel(&p->sel, family);
	random_limits(&p->limits);
	p->times.add_age = rnd() >> 24;
	p->times.use_age = coin() ? UINT64_MAX : rnd() >> 24;
	p->times.add_time = coin() ? 0 : rnd() >> 12;
	p->times.use_time = coin() ? 0 : rnd() >> 12;
	p->n_tmpl = rnd() % 7;
	for (i = 0; i < p->n_tmpl; i++)
		random_tmpl(&p->tmpl[i], &family, p->dir);
	random_context(&p->context);
}

static void random_counters(struct xha_wire_counters *c, u8 type)
{
	u32 i;

	c->base = rnd();
	c->n = coin() ? 1 + rnd() % 4 : 1 + rnd() % XHA_WIRE_COUNTERS;
	for (i = 0; i < c->n; i++) {
		c->e[i].inc = rnd();
		c->e[i].a = rnd();
		if (type == XHA_MSG_WINDOWS || type == XHA_MSG_LIFETIMES)
			c->e[i].b = rnd();
		if (type == XHA_MSG_LIFETIMES)
			c->e[i].c = rnd();
	}
}

static void random_small(union body *b, u8 type)
{
	switch (type) {
	case XHA_MSG_HELLO:
		b->hello.version_min = 1 + rnd() % 9;
		b->hello.version_max = b->hello.version_min + rnd() % 9;
		b->hello.features = coin() ? rnd() : 0;
		b->hello.boot_id = rnd() | 1;
		break;
	case XHA_MSG_GROUP_STATE:
		b->group.role = rnd() % 3;
		b->group.state = rnd() % 7;
		b->group.epoch_node = coin();
		b->group.interval_in = 1 + rnd() % 1000;
		b->group.interval_out = 1000 + rnd() % 99001;
		b->group.vips_digest = rnd();
		b->group.refused = rnd();
		break;
	case XHA_MSG_NAK:
		b->nak.incarnation = rnd();
		fill_text(b->nak.reason, rnd() % XHA_WIRE_REASON, ' ');
		break;
	case XHA_MSG_HANDOVER_READY:
	case XHA_MSG_HANDOVER_TAKEN:
		b->verdict.accept = coin();
		fill_text(b->verdict.reason, 1 + rnd() % (XHA_WIRE_REASON - 1),
			  ' ');
		break;
	case XHA_MSG_HEARING:
		fill(&b->hearing, sizeof(b->hearing));
		break;
	case XHA_MSG_CLOCK:
		b->clock.now = rnd() >> 13;
		b->clock.least = coin() ? 0 : rnd() >> 12;
		break;
	case XHA_MSG_SYNC_REQ:
		b->sync.buckets = 1 + rnd() % XHA_WIRE_BUCKETS_ALL;
		break;
	case XHA_MSG_DIGEST:
		fill(&b->sums, sizeof(b->sums));
		break;
	case XHA_MSG_ACK:
		fill(&b->ack, sizeof(b->ack));
		break;
	case XHA_MSG_HANDOVER_COMMIT:
		fill(&b->commit, sizeof(b->commit));
		break;
	case XHA_MSG_SA_DEL:
	case XHA_MSG_POLICY_DEL:
		fill(&b->del, sizeof(b->del));
		break;
	}
}

static void random_body(union body *b, u8 type)
{
	memset(b, 0, sizeof(*b));
	switch (type) {
	case XHA_MSG_SA:
	case XHA_MSG_MERGE_SA:
		random_sa(&b->sa);
		break;
	case XHA_MSG_POLICY:
	case XHA_MSG_MERGE_POLICY:
		random_policy(&b->policy);
		break;
	case XHA_MSG_BULK_BEGIN:
	case XHA_MSG_BULK_END:
		b->bulk.id = rnd();
		b->bulk.buckets = 1 + rnd() % XHA_WIRE_BUCKETS_ALL;
		b->bulk.sas = rnd();
		b->bulk.policies = rnd();
		b->bulk.digest = rnd();
		break;
	case XHA_MSG_CEILINGS:
	case XHA_MSG_WINDOWS:
	case XHA_MSG_LIFETIMES:
	case XHA_MSG_FINALS:
	case XHA_MSG_FINAL_USE:
		random_counters(&b->counters, type);
		break;
	case XHA_MSG_WINDOW_BIG:
		b->big.incarnation = rnd();
		b->big.window.top = rnd();
		b->big.window.words = 1 + rnd() % XHA_WIRE_BMP_WORDS;
		fill(b->big.window.bmp, 4 * b->big.window.words);
		break;
	default:
		random_small(b, type);
	}
}

#endif /* WIRE_RANDOM_H */
