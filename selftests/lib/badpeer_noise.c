// SPDX-License-Identifier: GPL-2.0-only
/* badpeer: what no peer sends that means well. */
#include "badpeer.h"

void case_garbage(struct peer *p)
{
	int i, j, len;

	srand(1);
	for (i = 0; i < RANDOM_FRAMES; i++) {
		len = 1 + rand() % XHA_WIRE_FRAME_MAX;
		for (j = 0; j < len; j++)
			p->buf[j] = rand() >> 8;
		send_msg(p, PPID_FRAME, rand() % 4, p->buf, len);
	}
}

void case_truncated(struct peer *p)
{
	int (*const put[])(struct peer *) = { put_group, put_bulk, put_hello };
	static const uint16_t stream[] = { 0, 1, 0 };
	int i, j, len;

	for (i = 0; i < (int)ARRAY_SIZE(put); i++) {
		len = put[i](p);
		for (j = 1; j < len; j++)
			send_msg(p, PPID_FRAME, stream[i], p->buf, j);
	}
}

void case_oversized(struct peer *p)
{
	static uint8_t big[OVERSIZED];
	int i;

	put_group(p);
	memcpy(big, p->buf, 64);
	for (i = 0; i < XHA_STREAMS; i++) {
		send_msg(p, PPID_FRAME, i, big, sizeof(big));
		send_msg(p, PPID_FRAME, i, big, XHA_WIRE_FRAME_MAX + 1);
		send_msg(p, PPID_FRAME, i, big, XHA_WIRE_FRAME_MAX);
	}
}

void case_length(struct peer *p)
{
	static const uint16_t lens[] = { 0, 1, 11, 12, 13, 8192, 65535 };
	unsigned int i;
	__be16 be;
	int len;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		len = put_group(p);
		if (lens[i] == len)
			continue;
		be = cpu_to_be16(lens[i]);
		memcpy(p->buf + offsetof(struct xha_wire_hdr, len), &be, 2);
		send_msg(p, PPID_FRAME, 0, p->buf, len);
	}
}

void case_unknown(struct peer *p)
{
	int len, type;

	for (type = 0; type < 256; type++) {
		if (xha_wire_type_info(type))
			continue;
		len = put_keepalive(p);
		p->buf[offsetof(struct xha_wire_hdr, type)] = type;
		send_msg(p, PPID_FRAME, type % 4, p->buf, len);
	}
}

void case_stream(struct peer *p)
{
	int len = put_group(p), i;

	for (i = 1; i < 4; i++)
		send_msg(p, PPID_FRAME, i, p->buf, len);
	len = put_bulk(p);
	send_msg(p, PPID_FRAME, 0, p->buf, len);
	send_msg(p, PPID_FRAME, 2, p->buf, len);
}

/* Every type with bodies of noise of its least, its greatest and odd sizes. */
void case_bodies(struct peer *p)
{
	uint8_t body[XHA_WIRE_FRAME_MAX];
	const struct xha_wire_type_info *info;
	unsigned int type, round, i, len;

	srand(2);
	for (round = 0; round < 4; round++) {
		for (type = 0; type < 256; type++) {
			info = xha_wire_type_info(type);
			if (!info || !info->max || !(info->links & XHA_LINK_UP))
				continue;
			len = round == 0 ? info->min : round == 1 ? info->max :
			      info->min + rand() % (info->max - info->min + 1);
			if (len > sizeof(body) - sizeof(struct xha_wire_hdr))
				len = sizeof(body) - sizeof(struct xha_wire_hdr);
			for (i = 0; i < len; i++)
				body[i] = 0x80 | rand() >> 8;
			send_raw(p, type, info->stream, body, len);
		}
	}
}

/* In order as frames, but nothing that fits where the gateway stands. */
void case_state(struct peer *p)
{
	struct xha_wire_verdict v = { .accept = 1 };
	struct xha_wire_commit c = { .epoch = EPOCH, .sas = 1 };
	struct xha_wire_frame f;

	send_msg(p, PPID_FRAME, 0, p->buf, put_hello(p));
	send_frame(p, 1, put_bulk(p));
	f = frame(p, XHA_MSG_HANDOVER_READY, 0);
	send_frame(p, 0, xha_wire_put_verdict(p->buf, &f, &v));
	f = frame(p, XHA_MSG_HANDOVER_TAKEN, 0);
	send_frame(p, 0, xha_wire_put_verdict(p->buf, &f, &v));
	f = frame(p, XHA_MSG_HANDOVER_COMMIT, 0);
	send_frame(p, 0, xha_wire_put_commit(p->buf, &f, &c));
	f = frame(p, XHA_MSG_HANDOVER_FLUSHED, 0);
	send_frame(p, 0, xha_wire_put_empty(p->buf, &f));
}

void case_early(struct peer *p)
{
	send_msg(p, PPID_FRAME, 0, p->buf, put_keepalive(p));
	send_msg(p, PPID_FRAME, 0, p->buf, put_group(p));
	send_msg(p, PPID_FRAME, 1, p->buf, put_bulk(p));
}
