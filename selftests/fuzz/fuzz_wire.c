// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/wire.c kmod/seq.c */
/*
 * Anything as a frame. Byte 0: stream in bits 0-1, link state in bits 2-3,
 * and in bit 7 whether to write the true length into the header, without
 * which mutations that change the length would never get past it. The rest
 * is the frame. What is accepted must survive being written and read again,
 * and what is refused must leave nothing behind.
 *
 * The first corpus comes from the unit test: XHA_CORPUS=DIR test_wire
 */
#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

union body {
	struct xha_wire_hello		hello;
	struct xha_wire_group		group;
	struct xha_wire_ack		ack;
	struct xha_wire_nak		nak;
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
	[XHA_MSG_BULK_BEGIN]		= CODEC(bulk),
	[XHA_MSG_BULK_END]		= CODEC(bulk),
	[XHA_MSG_SA]			= CODEC(sa),
	[XHA_MSG_SA_DEL]		= CODEC(del),
	[XHA_MSG_POLICY]		= CODEC(policy),
	[XHA_MSG_POLICY_DEL]		= CODEC(del),
	[XHA_MSG_DIGEST]		= CODEC(sums),
	[XHA_MSG_CEILINGS]		= CODEC(counters),
	[XHA_MSG_WINDOWS]		= CODEC(counters),
	[XHA_MSG_WINDOW_BIG]		= CODEC(window_big),
	[XHA_MSG_LIFETIMES]		= CODEC(counters),
	[XHA_MSG_FINALS]		= CODEC(counters),
	[XHA_MSG_HANDOVER_PREPARE]	= CODEC(empty),
	[XHA_MSG_HANDOVER_READY]	= CODEC(verdict),
	[XHA_MSG_HANDOVER_COMMIT]	= CODEC(commit),
	[XHA_MSG_HANDOVER_TAKEN]	= CODEC(verdict),
	[XHA_MSG_HANDOVER_FLUSHED]	= CODEC(empty),
};

static void die(const char *what, u8 type, int err)
{
	fprintf(stderr, "%s, type %u: %d\n", what, type, err);
	abort();
}

static void check_refused(const union body *b, const char *bad, u8 type)
{
	static const union body zero;

	if (!bad)
		die("refused without a name", type, 0);
	if (memcmp(b, &zero, sizeof(zero)))
		die("refused and not wiped", type, 0);
}

static void check_again(const struct xha_wire_frame *f, const union body *b,
			u16 stream, u8 link)
{
	static u8 buf[XHA_WIRE_FRAME_MAX];
	static union body again;
	struct xha_wire_frame g;
	const char *bad = NULL;
	int len = codecs[f->type].put(buf, f, b);
	int err;

	if (len < 0)
		die("accepted but cannot be written", f->type, len);
	err = xha_wire_open(&g, buf, len, stream, link);
	if (err)
		die("written but cannot be opened", f->type, err);
	memset(&again, 0, sizeof(again));
	err = codecs[g.type].get(&again, &g, &bad);
	if (err)
		die(bad ? bad : "?", g.type, err);
	if (memcmp(b, &again, sizeof(again)))
		die("differs the second time", g.type, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static union body body;
	struct xha_wire_frame f;
	const char *bad = NULL;
	u16 stream;
	u8 link;
	u8 *copy;

	if (size < 3)
		return 0;
	stream = data[0] & 3;
	link = data[0] >> 2 & 3;
	copy = malloc(size - 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 0x80) {
		copy[0] = (size - 1) >> 8;
		copy[1] = (u8)(size - 1);
	}
	if (!xha_wire_open(&f, copy, size - 1, stream, link)) {
		if (f.type >= ARRAY_SIZE(codecs) || !codecs[f.type].get)
			die("type without a codec here", f.type, 0);
		memset(&body, 0, sizeof(body));
		if (codecs[f.type].get(&body, &f, &bad))
			check_refused(&body, bad, f.type);
		else
			check_again(&f, &body, stream, link);
	}
	free(copy);
	return 0;
}
