/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every form of frame behind one pair of calls, by its type: for the unit test
 * and the fuzzer of the wire codec.
 */
#ifndef WIRE_BODY_H
#define WIRE_BODY_H

#include "wire.h"

union body {
	struct xha_wire_hello		hello;
	struct xha_wire_group		group;
	struct xha_wire_ack		ack;
	struct xha_wire_nak		nak;
	struct xha_wire_hearing		hearing;
	struct xha_wire_clock		clock;
	struct xha_wire_sync		sync;
	struct xha_wire_sums		sums;
	struct xha_wire_bulk		bulk;
	struct xha_wire_del		del;
	struct xha_wire_verdict		verdict;
	struct xha_wire_commit		commit;
	struct xha_wire_sa		sa;
	struct xha_wire_policy		policy;
	struct xha_wire_counters	counters;
	struct xha_wire_window_big	big;
};

#define FORM(name, member)						\
static int get_##name(union body *b, const struct xha_wire_frame *f,	\
		      const char **bad)					\
{									\
	return xha_wire_get_##name(&b->member, f, bad);			\
}									\
									\
static int put_##name(u8 *buf, const struct xha_wire_frame *f,		\
		      const union body *b)				\
{									\
	return xha_wire_put_##name(buf, f, &b->member);			\
}

FORM(hello, hello)
FORM(group, group)
FORM(ack, ack)
FORM(nak, nak)
FORM(hearing, hearing)
FORM(clock, clock)
FORM(sync, sync)
FORM(sums, sums)
FORM(bulk, bulk)
FORM(del, del)
FORM(verdict, verdict)
FORM(commit, commit)
FORM(sa, sa)
FORM(policy, policy)
FORM(counters, counters)
FORM(window_big, big)

static int get_empty(union body *b, const struct xha_wire_frame *f,
		     const char **bad)
{
	(void)b;
	(void)f;
	(void)bad;
	return 0;
}

static int put_empty(u8 *buf, const struct xha_wire_frame *f,
		     const union body *b)
{
	(void)b;
	return xha_wire_put_empty(buf, f);
}

struct codec {
	int (*get)(union body *b, const struct xha_wire_frame *f,
		   const char **bad);
	int (*put)(u8 *buf, const struct xha_wire_frame *f,
		   const union body *b);
};

#define CODEC(name) { get_##name, put_##name }

static const struct codec codecs[] = {
	[XHA_MSG_HELLO]			= CODEC(hello),
	[XHA_MSG_KEEPALIVE]		= CODEC(empty),
	[XHA_MSG_GROUP_STATE]		= CODEC(group),
	[XHA_MSG_SYNC_REQ]		= CODEC(sync),
	[XHA_MSG_ACK]			= CODEC(ack),
	[XHA_MSG_NAK]			= CODEC(nak),
	[XHA_MSG_DIGEST_REQ]		= CODEC(empty),
	[XHA_MSG_HEARING]		= CODEC(hearing),
	[XHA_MSG_CLOCK]			= CODEC(clock),
	[XHA_MSG_BULK_BEGIN]		= CODEC(bulk),
	[XHA_MSG_BULK_END]		= CODEC(bulk),
	[XHA_MSG_SA]			= CODEC(sa),
	[XHA_MSG_SA_DEL]		= CODEC(del),
	[XHA_MSG_POLICY]		= CODEC(policy),
	[XHA_MSG_POLICY_DEL]		= CODEC(del),
	[XHA_MSG_DIGEST]		= CODEC(sums),
	[XHA_MSG_MERGE_SA]		= CODEC(sa),
	[XHA_MSG_MERGE_POLICY]		= CODEC(policy),
	[XHA_MSG_MERGE_END]		= CODEC(empty),
	[XHA_MSG_CEILINGS]		= CODEC(counters),
	[XHA_MSG_WINDOWS]		= CODEC(counters),
	[XHA_MSG_WINDOW_BIG]		= CODEC(window_big),
	[XHA_MSG_LIFETIMES]		= CODEC(counters),
	[XHA_MSG_FINALS]		= CODEC(counters),
	[XHA_MSG_FINAL_USE]		= CODEC(counters),
	[XHA_MSG_HANDOVER_PREPARE]	= CODEC(empty),
	[XHA_MSG_HANDOVER_READY]	= CODEC(verdict),
	[XHA_MSG_HANDOVER_COMMIT]	= CODEC(commit),
	[XHA_MSG_HANDOVER_TAKEN]	= CODEC(verdict),
	[XHA_MSG_HANDOVER_FLUSHED]	= CODEC(empty),
};

/* NULL where the type has none: it was not added here. */
static const struct codec *codec_of(u8 type)
{
	return type < ARRAY_SIZE(codecs) && codecs[type].get ? &codecs[type] : NULL;
}

static int put_body(u8 *buf, const struct xha_wire_frame *f,
		    const union body *b)
{
	const struct codec *c = codec_of(f->type);

	return c ? c->put(buf, f, b) : -ENOENT;
}

static int get_body(union body *b, const struct xha_wire_frame *f,
		    const char **bad)
{
	const struct codec *c = codec_of(f->type);

	if (c)
		return c->get(b, f, bad);
	*bad = "type without a codec";
	return -ENOENT;
}

#endif /* WIRE_BODY_H */
