/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of badpeer share. */
#ifndef BADPEER_H
#define BADPEER_H

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

/* As in the uapi header, which is not to be needed here. */
#define ROLE_STANDBY	1
#define ROLE_ACTIVE	2
#define STATE_COLD	2
#define STATE_HOT	4
#define STATE_ACTIVE	6

struct peer {
	struct sockaddr_in local;
	struct sockaddr_in remote;
	uint8_t key[KEY_MAX];
	size_t key_len;
	int fd;
	int pieces;		/* frames go in packets as small as can be */
	unsigned int rate;	/* octets in a second, 0: as they come */
	int hold;		/* repairs wait for SIGUSR2 */
	int modern;		/* has all features there are */
	uint32_t epoch;
	uint64_t vips_digest;	/* 0 until heed_group() */
	struct in_addr vip;
	uint64_t sas[SAS_MAX];
	unsigned int n_sas;
	uint32_t seq[XHA_STREAMS];	/* numbers used */
	uint32_t heard[XHA_STREAMS];	/* last numbers of the gateway */
	uint8_t buf[XHA_WIRE_FRAME_MAX];
	uint8_t got[XHA_WIRE_FRAME_MAX];	/* what next_frame() saw */
	int got_len;
	uint16_t got_stream;
};

struct bad_case {
	const char *name;
	void (*send)(struct peer *p);
	int early;	/* before the hello */
	int mute;	/* instead of a hello */
	int (*hello)(struct peer *p);	/* instead of put_hello() */
	int (*talk)(struct peer *p);	/* instead of @send: must go well */
};

extern int64_t deadline;
extern volatile sig_atomic_t steps;	/* SIGUSR1s that came */
extern volatile sig_atomic_t released;	/* SIGUSR2s */

int64_t now_ms(void);
/* Let it be read at once. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* badpeer_assoc.c */
int set_opt(struct peer *p, int opt, const void *val, socklen_t len);
int send_msg(struct peer *p, uint32_t ppid, uint16_t stream, const void *data,
	     size_t len);
int dial(struct peer *p);
int next_frame(struct peer *p, int ms);
int await_frame(struct peer *p, uint8_t type);
int open_frame(struct peer *p, struct xha_wire_frame *f);

/* badpeer_frames.c */
struct xha_wire_frame frame(struct peer *p, uint8_t type, uint16_t stream);
int send_frame(struct peer *p, uint16_t stream, int len);
void send_raw(struct peer *p, uint8_t type, uint16_t stream, const void *body,
	      size_t body_len);
int put_keepalive(struct peer *p);
int put_group(struct peer *p);
int put_bulk(struct peer *p);
int hello_of(struct peer *p, uint16_t min, uint16_t max, uint32_t features);
int put_hello(struct peer *p);
int put_hello_newer(struct peer *p);
int put_hello_newest(struct peer *p);
int put_hello_demands(struct peer *p);
int pad_frame(struct peer *p, int len, int to);
uint16_t await_request(struct peer *p);
uint16_t requested(struct peer *p);
int request(struct peer *p, uint16_t buckets);
void send_bulk(struct peer *p, uint8_t type, uint16_t buckets);
void heed_group(struct peer *p);
int say_group(struct peer *p, uint8_t role, uint8_t state);
int say_ack(struct peer *p);
int say_ready(struct peer *p);

/* badpeer_noise.c */
void case_garbage(struct peer *p);
void case_truncated(struct peer *p);
void case_oversized(struct peer *p);
void case_length(struct peer *p);
void case_unknown(struct peer *p);
void case_stream(struct peer *p);
void case_bodies(struct peer *p);
void case_state(struct peer *p);
void case_early(struct peer *p);

/* badpeer_roles.c */
struct xha_wire_sa tagged_sa(struct peer *p, uint32_t spi, uint16_t count);
int case_differ(struct peer *p);
void case_tags(struct peer *p);
void case_labelled(struct peer *p);
void case_role(struct peer *p);
void case_stale(struct peer *p);
int case_deaf(struct peer *p);
int case_buckets(struct peer *p);
int case_never_acks(struct peer *p);

/* badpeer_serve.c */
int case_serve(struct peer *p);
int case_trickle(struct peer *p);

/* badpeer_old.c */
int put_hello_old(struct peer *p);
int case_old(struct peer *p);

#endif /* BADPEER_H */
