// SPDX-License-Identifier: GPL-2.0-only
/* badpeer: frames in order, and hellos of other times. */
#include "badpeer.h"

struct xha_wire_frame frame(struct peer *p, uint8_t type, uint16_t stream)
{
	const struct xha_wire_type_info *info = xha_wire_type_info(type);
	struct xha_wire_frame f = { .type = type, .seq = p->seq[stream] + 1 };

	if (info && info->group) {
		f.group = GROUP;
		f.epoch = p->epoch;
	}
	return f;
}

/* A frame that takes its number: the header is in order. */
int send_frame(struct peer *p, uint16_t stream, int len)
{
	int err;

	if (len < 0) {
		fprintf(stderr, "badpeer: cannot encode: %d\n", len);
		exit(2);
	}
	err = send_msg(p, PPID_FRAME, stream, p->buf, len);
	if (!err)
		p->seq[stream]++;
	if (p->rate)
		poll(NULL, 0, len * 1000 / p->rate);
	return err;
}

/* Header over any body, which no encoder would write. */
void send_raw(struct peer *p, uint8_t type, uint16_t stream, const void *body,
	      size_t body_len)
{
	struct xha_wire_frame f = frame(p, type, stream);
	struct xha_wire_hdr hdr = {
		.len = cpu_to_be16(sizeof(hdr) + body_len), .type = type,
		.group = f.group, .seq = cpu_to_be32(f.seq),
		.epoch = cpu_to_be32(f.epoch),
	};

	memcpy(p->buf, &hdr, sizeof(hdr));
	memcpy(p->buf + sizeof(hdr), body, body_len);
	send_frame(p, stream, sizeof(hdr) + body_len);
}

int put_keepalive(struct peer *p)
{
	struct xha_wire_frame f = frame(p, XHA_MSG_KEEPALIVE, 0);

	return xha_wire_put_empty(p->buf, &f);
}

int put_group(struct peer *p)
{
	struct xha_wire_frame f = frame(p, XHA_MSG_GROUP_STATE, 0);
	struct xha_wire_group g = {
		.role = 1, .state = 1, .interval_in = 1000,
		.interval_out = 10000,
	};

	return xha_wire_put_group(p->buf, &f, &g);
}

int put_bulk(struct peer *p)
{
	struct xha_wire_frame f = frame(p, XHA_MSG_BULK_BEGIN, 1);
	struct xha_wire_bulk b = { .id = 1, .buckets = 1 };

	return xha_wire_put_bulk(p->buf, &f, &b);
}

int hello_of(struct peer *p, uint16_t min, uint16_t max, uint32_t features)
{
	struct xha_wire_frame f = frame(p, XHA_MSG_HELLO, 0);
	struct xha_wire_hello h = {
		.version_min = min,
		.version_max = max,
		.features = features,
		.boot_id = 0x6261647065657200ULL + getpid(),
	};

	return xha_wire_put_hello(p->buf, &f, &h);
}

int put_hello(struct peer *p)
{
	return hello_of(p, XHA_WIRE_VERSION_MIN, XHA_WIRE_VERSION_MAX, 0);
}

static int add_tlv(struct peer *p, int len, uint16_t type)
{
	const uint8_t tlv[8] = { type >> 8, type & 0xff, 0, 4, 1, 2, 3, 4 };
	const uint8_t total[2] = { 0, len + sizeof(tlv) };

	memcpy(p->buf + len, tlv, sizeof(tlv));
	memcpy(p->buf, total, sizeof(total));
	return len + sizeof(tlv);
}

/* Of a later time: more versions, features, and parts one may skip. */
int put_hello_newer(struct peer *p)
{
	return add_tlv(p, hello_of(p, 1, 9, 0xffffffff), 0x8000 | 99);
}

/* Of a time when version 1 is forgotten. */
int put_hello_newest(struct peer *p)
{
	return hello_of(p, 2, 3, 0);
}

/* With a part that must not be skipped. */
int put_hello_demands(struct peer *p)
{
	return add_tlv(p, hello_of(p, 1, 1, 0), 99);
}

/*
 * A frame of TLVs made as long as @to by a part that nobody knows, and that one
 * may skip.
 */
int pad_frame(struct peer *p, int len, int to)
{
	const uint8_t tlv[4] = { 0x80, 99, (to - len - 4) >> 8, to - len - 4 };
	const uint8_t total[2] = { to >> 8, to };

	memcpy(p->buf + len, tlv, sizeof(tlv));
	memset(p->buf + len + sizeof(tlv), 0x2a, to - len - sizeof(tlv));
	memcpy(p->buf, total, sizeof(total));
	return to;
}

/* The buckets that the request just received is about, or 0. */
uint16_t requested(struct peer *p)
{
	struct xha_wire_frame f;
	struct xha_wire_sync w;

	return open_frame(p, &f) || xha_wire_get_sync(&w, &f, NULL) ? 0 : w.buckets;
}

/* The buckets the gateway asks for next, or 0. */
uint16_t await_request(struct peer *p)
{
	return await_frame(p, XHA_MSG_SYNC_REQ) ? 0 : requested(p);
}

int request(struct peer *p, uint16_t buckets)
{
	struct xha_wire_sync w = { .buckets = buckets };
	struct xha_wire_frame f = frame(p, XHA_MSG_SYNC_REQ, 0);

	return send_frame(p, 0, xha_wire_put_sync(p->buf, &f, &w));
}

void send_bulk(struct peer *p, uint8_t type, uint16_t buckets)
{
	struct xha_wire_bulk b = { .id = 7, .buckets = buckets };
	struct xha_wire_frame f = frame(p, type, 1);

	send_frame(p, 1, xha_wire_put_bulk(p->buf, &f, &b));
}

/*
 * Has the VIPs, or their digest, that the gateway says its group has, in what was
 * received last or is to come.
 */
void heed_group(struct peer *p)
{
	struct xha_wire_group g;
	struct xha_wire_frame f;

	do {
		if (!open_frame(p, &f) && f.group == GROUP &&
		    !xha_wire_get_group(&g, &f, NULL)) {
			p->vips_digest = g.vips_digest;
			return;
		}
	} while (!await_frame(p, XHA_MSG_GROUP_STATE));
}

int say_group(struct peer *p, uint8_t role, uint8_t state)
{
	struct xha_wire_group g = {
		.role = role, .state = state, .interval_in = 1000,
		.interval_out = 10000, .vips_digest = p->vips_digest,
	};
	struct xha_wire_frame f = frame(p, XHA_MSG_GROUP_STATE, 0);

	return send_frame(p, 0, xha_wire_put_group(p->buf, &f, &g));
}

int say_ack(struct peer *p)
{
	struct xha_wire_ack a = {
		.state_seq = p->heard[XHA_STREAM_STATE],
		.counters_seq = p->heard[XHA_STREAM_COUNTERS],
	};
	struct xha_wire_frame f = frame(p, XHA_MSG_ACK, 0);

	return send_frame(p, 0, xha_wire_put_ack(p->buf, &f, &a));
}

int say_ready(struct peer *p)
{
	struct xha_wire_verdict v = { .accept = 1 };
	struct xha_wire_frame f = frame(p, XHA_MSG_HANDOVER_READY, 0);

	return send_frame(p, 0, xha_wire_put_verdict(p->buf, &f, &v));
}
