// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer that has the key and means no good, or is of another time. It dials
 * the channel from the configured address, authenticates (RFC 4895), says a
 * hello, waits until the gateway has answered as it answers a peer it accepted,
 * then sends frames that are wrong in one way, or nothing more. Of two nodes the
 * one with the lower address waits to be dialed, and so does this.
 *
 *   badpeer -l ADDR:PORT -r ADDR:PORT [-K KEYFILE] [-t SECONDS] [-e EPOCH]
 *           [-i INCARNATION]... [-v VIP] CASE
 *
 * Says "sent" and stays until it is thrown out or the time is over. Exit status
 * 0: accepted, and the case was sent; 1: never accepted in time.
 * Without -K it does not speak SCTP-AUTH. -e is the epoch of its frames, -i
 * names SAs for the cases "stale" and "role", -v the VIP for "tags". The case
 * "deaf" stops itself (SIGSTOP) where it would read on, and once continued
 * catches up.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#ifndef SCTP_AUTH_SUPPORTED
#define SCTP_AUTH_SUPPORTED	129
#endif

#define PPID_KNOCK	0x58484130u	/* as in kmod/chan_sock.h */
#define PPID_FRAME	0x58484131u
#define KEY_ID		1
#define KEY_MAX		128
#define HMAC_SHA1	1
#define HMAC_SHA256	3
#define GROUP		1
#define EPOCH		1000
#define RANDOM_FRAMES	200
#define OVERSIZED	20000
#define SAS_MAX		16

struct peer {
	struct sockaddr_in local;
	struct sockaddr_in remote;
	uint8_t key[KEY_MAX];
	size_t key_len;
	int fd;
	uint32_t epoch;
	struct in_addr vip;
	uint64_t sas[SAS_MAX];
	unsigned int n_sas;
	uint32_t seq[XHA_STREAMS];	/* numbers used */
	uint32_t heard[XHA_STREAMS];	/* last numbers of the gateway */
	uint8_t buf[XHA_WIRE_FRAME_MAX];
	uint8_t got[XHA_WIRE_FRAME_MAX];	/* what await_frame() saw */
};

struct bad_case {
	const char *name;
	void (*send)(struct peer *p);
	int early;	/* before the hello */
	int (*hello)(struct peer *p);	/* instead of put_hello() */
	int (*talk)(struct peer *p);	/* instead of @send: must go well */
};

static int64_t deadline;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static struct sockaddr_in parse_addr(char *text)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	char *colon = strchr(text, ':');

	if (colon)
		*colon = '\0';
	if (!colon || inet_pton(AF_INET, text, &sa.sin_addr) != 1) {
		fprintf(stderr, "badpeer: %s is not ADDR:PORT\n", text);
		exit(2);
	}
	sa.sin_port = htons(atoi(colon + 1));
	return sa;
}

static void read_key(struct peer *p, const char *path)
{
	FILE *f = fopen(path, "re");

	if (!f) {
		perror(path);
		exit(2);
	}
	p->key_len = fread(p->key, 1, sizeof(p->key), f);
	fclose(f);
}

static int set_opt(struct peer *p, int opt, const void *val, socklen_t len)
{
	if (!setsockopt(p->fd, IPPROTO_SCTP, opt, val, len))
		return 0;
	fprintf(stderr, "badpeer: option %d: %s\n", opt, strerror(errno));
	return -errno;
}

static int set_auth(struct peer *p)
{
	uint8_t hmac_buf[sizeof(struct sctp_hmacalgo) + 2 * sizeof(uint16_t)];
	uint8_t key_buf[sizeof(struct sctp_authkey) + KEY_MAX] = { 0 };
	struct sctp_hmacalgo *hmac = (struct sctp_hmacalgo *)hmac_buf;
	struct sctp_authkey *key = (struct sctp_authkey *)key_buf;
	struct sctp_assoc_value on = { .assoc_value = 1 };
	struct sctp_authkeyid id = { .scact_keynumber = KEY_ID };
	struct sctp_authchunk chunk = { .sauth_chunk = 0 };	/* DATA */

	hmac->shmac_number_of_idents = 2;
	hmac->shmac_idents[0] = HMAC_SHA256;
	hmac->shmac_idents[1] = HMAC_SHA1;
	key->sca_keynumber = KEY_ID;
	key->sca_keylength = p->key_len;
	memcpy(key_buf + sizeof(*key), p->key, p->key_len);
	return set_opt(p, SCTP_AUTH_SUPPORTED, &on, sizeof(on)) ?:
	       set_opt(p, SCTP_AUTH_CHUNK, &chunk, sizeof(chunk)) ?:
	       set_opt(p, SCTP_HMAC_IDENT, hmac_buf, sizeof(hmac_buf)) ?:
	       set_opt(p, SCTP_AUTH_KEY, key_buf, sizeof(*key) + p->key_len) ?:
	       set_opt(p, SCTP_AUTH_ACTIVE_KEY, &id, sizeof(id));
}

/* All messages go to the kernel at once or the association is gone. */
static int send_msg(struct peer *p, uint32_t ppid, uint16_t stream,
		    const void *data, size_t len)
{
	if (sctp_sendmsg(p->fd, data, len, NULL, 0, htonl(ppid), 0, stream, 0,
			 0) == (ssize_t)len)
		return 0;
	return -errno;
}

/* The node with the lower address listens, and hears the first word. */
static int listens(const struct peer *p)
{
	return ntohl(p->local.sin_addr.s_addr) < ntohl(p->remote.sin_addr.s_addr);
}

static int await_dialer(struct peer *p)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	int fd;

	if (listen(p->fd, 1))
		return -errno;
	while (now_ms() < deadline) {
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		fd = accept(p->fd, NULL, NULL);
		if (fd < 0)
			return -errno;
		close(p->fd);
		p->fd = fd;
		return 0;
	}
	return -ETIMEDOUT;
}

static int dial(struct peer *p)
{
	struct sctp_initmsg init = {
		.sinit_num_ostreams = 4, .sinit_max_instreams = 4,
		.sinit_max_attempts = 2, .sinit_max_init_timeo = 500,
	};
	struct sctp_event_subscribe events = { .sctp_data_io_event = 1 };
	static const uint8_t knock[4];	/* from either side */
	int one = 1, err = 0;

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
	if (p->fd < 0)
		return -errno;
	setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (set_opt(p, SCTP_INITMSG, &init, sizeof(init)) ||
	    set_opt(p, SCTP_NODELAY, &one, sizeof(one)) ||
	    set_opt(p, SCTP_EVENTS, &events, sizeof(events)) ||
	    (p->key_len && set_auth(p)))
		return -EINVAL;
	memset(p->seq, 0, sizeof(p->seq));
	memset(p->heard, 0, sizeof(p->heard));
	if (bind(p->fd, (struct sockaddr *)&p->local, sizeof(p->local)))
		return -errno;
	if (listens(p))
		err = await_dialer(p);
	else if (connect(p->fd, (struct sockaddr *)&p->remote, sizeof(p->remote)))
		err = -errno;
	return err ?: send_msg(p, PPID_KNOCK, 0, knock, sizeof(knock));
}

static void note_number(struct peer *p, uint16_t stream, int len)
{
	struct xha_wire_hdr hdr;

	if (len < (int)sizeof(hdr) || stream >= XHA_STREAMS)
		return;
	memcpy(&hdr, p->got, sizeof(hdr));
	p->heard[stream] = be32_to_cpu(hdr.seq);
}

/* Receive until a frame of @type has come. */
static int await_frame(struct peer *p, uint8_t type)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	struct sctp_sndrcvinfo info;
	uint8_t *buf = p->got;
	int flags, n;

	while (now_ms() < deadline) {
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		flags = 0;
		memset(&info, 0, sizeof(info));
		n = sctp_recvmsg(p->fd, buf, sizeof(p->got), NULL, NULL, &info,
				 &flags);
		if (n <= 0)
			return n ? -errno : -ECONNRESET;
		if (ntohl(info.sinfo_ppid) != PPID_FRAME)
			continue;
		note_number(p, info.sinfo_stream, n);
		if (n >= (int)sizeof(struct xha_wire_hdr) &&
		    buf[offsetof(struct xha_wire_hdr, type)] == type)
			return 0;
	}
	return -ETIMEDOUT;
}

/* ---- frames ---- */

static struct xha_wire_frame frame(struct peer *p, uint8_t type, uint16_t stream)
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
static int send_frame(struct peer *p, uint16_t stream, int len)
{
	int err;

	if (len < 0) {
		fprintf(stderr, "badpeer: cannot encode: %d\n", len);
		exit(2);
	}
	err = send_msg(p, PPID_FRAME, stream, p->buf, len);
	if (!err)
		p->seq[stream]++;
	return err;
}

/* Header over any body, which no encoder would write. */
static void send_raw(struct peer *p, uint8_t type, uint16_t stream,
		     const void *body, size_t body_len)
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

static int put_keepalive(struct peer *p)
{
	struct xha_wire_frame f = frame(p, XHA_MSG_KEEPALIVE, 0);

	return xha_wire_put_empty(p->buf, &f);
}

static int put_group(struct peer *p)
{
	struct xha_wire_frame f = frame(p, XHA_MSG_GROUP_STATE, 0);
	struct xha_wire_group g = {
		.role = 1, .state = 1, .interval_in = 1000,
		.interval_out = 10000,
	};

	return xha_wire_put_group(p->buf, &f, &g);
}

static int put_bulk(struct peer *p)
{
	struct xha_wire_frame f = frame(p, XHA_MSG_BULK_BEGIN, 1);
	struct xha_wire_bulk b = { .id = 1, .buckets = 1 };

	return xha_wire_put_bulk(p->buf, &f, &b);
}

static int hello_of(struct peer *p, uint16_t min, uint16_t max,
		    uint32_t features)
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

static int put_hello(struct peer *p)
{
	return hello_of(p, XHA_WIRE_VERSION_MIN, XHA_WIRE_VERSION_MAX, 0);
}

/*
 * The hello of version 1 as it went out, octet by octet, whatever this tree
 * makes of it by now.
 */
static int put_hello_1(struct peer *p)
{
	static const uint8_t octets[] = {
		0x00, 0x20, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0, 0, 0, 0,
		0x58, 0x48, 0x41, 0x31,
		0x00, 0x01, 0x00, 0x0c, 0x00, 0x01, 0x00, 0x01,
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
	};

	memcpy(p->buf, octets, sizeof(octets));
	return sizeof(octets);
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
static int put_hello_newer(struct peer *p)
{
	return add_tlv(p, hello_of(p, 1, 9, 0xffffffff), 0x8000 | 99);
}

/* Of a time when version 1 is forgotten. */
static int put_hello_newest(struct peer *p)
{
	return hello_of(p, 2, 3, 0);
}

/* With a part that must not be skipped. */
static int put_hello_demands(struct peer *p)
{
	return add_tlv(p, hello_of(p, 1, 1, 0), 99);
}

/* ---- cases ---- */

static void case_hello(struct peer *p)
{
}

static void case_garbage(struct peer *p)
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

static void case_truncated(struct peer *p)
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

static void case_oversized(struct peer *p)
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

static void case_length(struct peer *p)
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

static void case_unknown(struct peer *p)
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

static void case_stream(struct peer *p)
{
	int len = put_group(p), i;

	for (i = 1; i < 4; i++)
		send_msg(p, PPID_FRAME, i, p->buf, len);
	len = put_bulk(p);
	send_msg(p, PPID_FRAME, 0, p->buf, len);
	send_msg(p, PPID_FRAME, 2, p->buf, len);
}

/* Every type with bodies of noise of its least, its greatest and odd sizes. */
static void case_bodies(struct peer *p)
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
static void case_state(struct peer *p)
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

static void case_early(struct peer *p)
{
	send_msg(p, PPID_FRAME, 0, p->buf, put_keepalive(p));
	send_msg(p, PPID_FRAME, 0, p->buf, put_group(p));
	send_msg(p, PPID_FRAME, 1, p->buf, put_bulk(p));
}

/* The buckets the gateway asks for next, or 0. */
static uint16_t await_request(struct peer *p)
{
	struct xha_wire_frame f;
	struct xha_wire_sync w;

	if (await_frame(p, XHA_MSG_SYNC_REQ) ||
	    xha_wire_open(&f, p->got, p->got[0] << 8 | p->got[1],
			  XHA_STREAM_CONTROL, XHA_LINK_UP) ||
	    xha_wire_get_sync(&w, &f, NULL))
		return 0;
	return w.buckets;
}

static void send_bulk(struct peer *p, uint8_t type, uint16_t buckets)
{
	struct xha_wire_bulk b = { .id = 7, .buckets = buckets };
	struct xha_wire_frame f = frame(p, type, 1);

	send_frame(p, 1, xha_wire_put_bulk(p->buf, &f, &b));
}

/*
 * An active with nothing, whose digest says otherwise of one bucket: a standby
 * asks for that one again, and for nothing more.
 */
static int case_differ(struct peer *p)
{
	struct xha_wire_group g = {
		.role = 2, .state = 6, .interval_in = 1000,
		.interval_out = 10000,
	};
	struct xha_wire_sums s = { .sum[3] = 1 };
	struct xha_wire_frame f = frame(p, XHA_MSG_GROUP_STATE, 0);

	send_frame(p, 0, xha_wire_put_group(p->buf, &f, &g));
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
static struct xha_wire_sa tagged_sa(struct peer *p, uint32_t spi, uint16_t count)
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
static void case_tags(struct peer *p)
{
	static const uint16_t counts[] = { 31000, 32000, 32768 };
	struct xha_wire_group g = {
		.role = 2, .state = 6, .interval_in = 1000,
		.interval_out = 10000,
	};
	struct xha_wire_frame f = frame(p, XHA_MSG_GROUP_STATE, 0);
	struct xha_wire_sa w;
	unsigned int i;

	send_frame(p, 0, xha_wire_put_group(p->buf, &f, &g));
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		w = tagged_sa(p, 0x3001 + i, counts[i]);
		f = frame(p, XHA_MSG_SA, 1);
		send_frame(p, 1, xha_wire_put_sa(p->buf, &f, &w));
	}
}

/* Raises the counters of SAs and deletes them, as their active would. */
static void case_role(struct peer *p)
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
static void case_stale(struct peer *p)
{
	struct xha_wire_group g = {
		.role = 2, .state = 6, .interval_in = 1000,
		.interval_out = 10000,
	};
	struct xha_wire_frame f = frame(p, XHA_MSG_GROUP_STATE, 0);

	send_frame(p, 0, xha_wire_put_group(p->buf, &f, &g));
	case_role(p);
}

static int say_group(struct peer *p, uint8_t state)
{
	struct xha_wire_group g = {
		.role = 1, .state = state, .interval_in = 1000,
		.interval_out = 10000,
	};
	struct xha_wire_frame f = frame(p, XHA_MSG_GROUP_STATE, 0);

	return send_frame(p, 0, xha_wire_put_group(p->buf, &f, &g));
}

static int say_ack(struct peer *p)
{
	struct xha_wire_ack a = {
		.state_seq = p->heard[XHA_STREAM_STATE],
		.counters_seq = p->heard[XHA_STREAM_COUNTERS],
	};
	struct xha_wire_frame f = frame(p, XHA_MSG_ACK, 0);

	return send_frame(p, 0, xha_wire_put_ack(p->buf, &f, &a));
}

/* A standby that has all, acknowledges it, and then reads nothing any more. */
static int case_deaf(struct peer *p)
{
	struct xha_wire_sync w = { .buckets = XHA_WIRE_BUCKETS_ALL };
	struct xha_wire_frame f;
	int err;

	say_group(p, 2);
	f = frame(p, XHA_MSG_SYNC_REQ, 0);
	send_frame(p, 0, xha_wire_put_sync(p->buf, &f, &w));
	err = await_frame(p, XHA_MSG_BULK_END);
	if (!err)
		err = say_group(p, 4);
	if (!err)
		err = say_ack(p);
	if (err)
		return err;
	printf("deaf\n");
	fflush(stdout);
	raise(SIGSTOP);
	/* Each keepalive that is read is a chance to tell how far it is. */
	while (!err && now_ms() < deadline) {
		err = await_frame(p, XHA_MSG_KEEPALIVE);
		if (!err)
			err = say_ack(p);
	}
	return err == -ETIMEDOUT ? 0 : err;
}

static const struct bad_case cases[] = {
	{ .name = "hello", .send = case_hello },
	{ .name = "version1", .send = case_hello, .hello = put_hello_1 },
	{ .name = "newer", .send = case_hello, .hello = put_hello_newer },
	{ .name = "newest", .send = case_hello, .hello = put_hello_newest },
	{ .name = "demands", .send = case_hello, .hello = put_hello_demands },
	{ .name = "deaf", .talk = case_deaf },
	{ .name = "garbage", .send = case_garbage },
	{ .name = "truncated", .send = case_truncated },
	{ .name = "oversized", .send = case_oversized },
	{ .name = "length", .send = case_length },
	{ .name = "unknown", .send = case_unknown },
	{ .name = "stream", .send = case_stream },
	{ .name = "bodies", .send = case_bodies },
	{ .name = "state", .send = case_state },
	{ .name = "differ", .talk = case_differ },
	{ .name = "tags", .send = case_tags },
	{ .name = "stale", .send = case_stale },
	{ .name = "role", .send = case_role },
	{ .name = "early", .send = case_early, .early = 1 },
};

/*
 * One association: accepted or not. A gateway that has accepted a hello tells
 * the state of its groups; nothing else makes it do so.
 */
static int attempt(struct peer *p, const struct bad_case *c)
{
	int err = dial(p);

	if (err)
		return err;
	err = await_frame(p, XHA_MSG_HELLO);
	if (err)
		return err;
	if (c->early)
		c->send(p);
	err = send_frame(p, 0, c->hello ? c->hello(p) : put_hello(p));
	if (!err)
		err = await_frame(p, XHA_MSG_GROUP_STATE);
	if (err)
		return err;
	if (c->talk)
		err = c->talk(p);
	else if (!c->early)
		c->send(p);
	if (err)
		return err;
	/* An association that ends may take what is not yet read with it. */
	printf("sent\n");
	fflush(stdout);
	await_frame(p, 0);
	return 0;
}

static const struct bad_case *find_case(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strcmp(cases[i].name, name))
			return &cases[i];
	fprintf(stderr, "badpeer: no case %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	static struct peer p = { .epoch = EPOCH };
	const struct bad_case *c;
	int opt, err = -ETIMEDOUT, seconds = 10;
	struct timespec pause = { .tv_nsec = 200000000 };

	while ((opt = getopt(argc, argv, "l:r:K:t:e:i:v:")) != -1) {
		if (opt == 'l')
			p.local = parse_addr(optarg);
		else if (opt == 'r')
			p.remote = parse_addr(optarg);
		else if (opt == 'K')
			read_key(&p, optarg);
		else if (opt == 't')
			seconds = atoi(optarg);
		else if (opt == 'e')
			p.epoch = strtoul(optarg, NULL, 0);
		else if (opt == 'v')
			inet_pton(AF_INET, optarg, &p.vip);
		else if (opt == 'i' && p.n_sas < SAS_MAX)
			p.sas[p.n_sas++] = strtoull(optarg, NULL, 0);
		else
			return 2;
	}
	if (optind != argc - 1)
		return 2;
	/* To be thrown out while sending is no surprise. */
	signal(SIGPIPE, SIG_IGN);
	c = find_case(argv[optind]);
	deadline = now_ms() + seconds * 1000LL;
	while (now_ms() < deadline) {
		err = attempt(&p, c);
		if (p.fd >= 0)
			close(p.fd);
		if (!err)
			break;
		fprintf(stderr, "badpeer: %s\n", strerror(-err));
		nanosleep(&pause, NULL);	/* the gateway's penalty */
	}
	return err ? 1 : 0;
}
