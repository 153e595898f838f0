// SPDX-License-Identifier: GPL-2.0-only
/* badpeer: the association, as kmod/chan_sock.c wants it. */
#include "badpeer.h"

int set_opt(struct peer *p, int opt, const void *val, socklen_t len)
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

/* The least that SCTP can be told, of what is in one packet. */
static int set_pieces(struct peer *p)
{
	struct sctp_assoc_value least = { .assoc_value = 512 };

	return set_opt(p, SCTP_MAXSEG, &least, sizeof(least));
}

/* All messages go to the kernel at once or the association is gone. */
int send_msg(struct peer *p, uint32_t ppid, uint16_t stream, const void *data,
	     size_t len)
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

int dial(struct peer *p)
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
	    (p->pieces && set_pieces(p)) ||
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

/* The type of the next frame, 0: none came in time. */
int next_frame(struct peer *p, int ms)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	struct sctp_sndrcvinfo info = { 0 };
	int flags = 0, n;

	if (poll(&pfd, 1, ms) <= 0)
		return 0;
	n = sctp_recvmsg(p->fd, p->got, sizeof(p->got), NULL, NULL, &info, &flags);
	if (n <= 0)
		return n ? -errno : -ECONNRESET;
	if (ntohl(info.sinfo_ppid) != PPID_FRAME ||
	    n < (int)sizeof(struct xha_wire_hdr))
		return 0;
	p->got_len = n;
	p->got_stream = info.sinfo_stream;
	note_number(p, info.sinfo_stream, n);
	return p->got[offsetof(struct xha_wire_hdr, type)];
}

/* Receive until a frame of @type has come. */
int await_frame(struct peer *p, uint8_t type)
{
	int got;

	while (now_ms() < deadline) {
		got = next_frame(p, 100);
		if (got < 0)
			return got;
		if (got && got == type)
			return 0;
	}
	return -ETIMEDOUT;
}

/* That of next_frame(), by today's rules */
int open_frame(struct peer *p, struct xha_wire_frame *f)
{
	return xha_wire_open(f, p->got, p->got_len, p->got_stream, XHA_LINK_UP);
}
