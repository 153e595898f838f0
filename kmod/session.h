/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The session with the peer: hello, keepalive, dispatch of frames,
 * acknowledgements. All under xha_net.lock unless said otherwise.
 */
#ifndef XHA_SESSION_H
#define XHA_SESSION_H

#include <linux/list.h>
#include <linux/mutex.h>

#include "chan.h"
#include "clock.h"
#include "wire.h"

struct xha_net;
struct xha_group;
struct xha_rec;
struct xha_sa;

/**
 * struct xha_session - the one peer of a namespace
 * @configure: one change of the channel at a time; taken before
 *	xha_net.lock. Per namespace: opening a channel may load sctp, which
 *	waits for the exit of other namespaces
 * @chan: the channel, NULL while not configured. Written under xha_net.lock;
 *	closing happens outside it.
 * @conf: as configured, the key included; wiped when forgotten
 * @node: 0 if our first address and port sort below the peer's, else 1
 * @state: &enum xfrm_ha_peer_state
 * @state_since: jiffies
 * @reason: why it is down
 * @version: wire version agreed, 0 while not UP
 * @features: bits of a hello that both sides have
 * @peer_boot: the peer's boot id
 * @clock: how the peer's clock stands to ours; kept as long as @peer_boot
 * @clock_sent: jiffies when ours was told last
 * @tied: the peer told what @clock needs, on this association
 * @tx_seq: last number used, per stream
 * @rx_seq: last number received, per stream
 * @tx_len: bytes of the frame sent last
 * @ack_due: frames were applied since the last ack
 * @more: sync.c has more to send at once: frames may share packets
 * @blocked: the channel said -EAGAIN; nothing is sent until it is writable
 * @inflight: state records sent and not acked, oldest first
 * @ctr_inflight: counter records sent and not acked, oldest first
 * @heard: jiffies of the last frame received
 * @sent: jiffies of the last frame sent
 * @warned: jiffies of the last log line about a bad frame
 * @reset_why: what the association was given up for last, and the log has told;
 *	NULL since it was up
 * @buf: XHA_WIRE_FRAME_MAX bytes to encode in
 * @sa: decoded SA, wiped after each use
 * @policy: decoded policy
 * @counters: decoded counters
 * @window: decoded window
 */
struct xha_session {
	struct mutex		configure;	/* see above */
	struct xha_chan		*chan;
	struct xha_chan_conf	conf;
	u8			node;
	u8			state;
	unsigned long		state_since;
	const char		*reason;
	u16			version;
	u32			features;
	u64			peer_boot;
	struct xha_clock	clock;
	unsigned long		clock_sent;
	bool			tied;
	u32			tx_seq[XHA_STREAMS];
	u32			rx_seq[XHA_STREAMS];
	u16			tx_len;
	bool			ack_due;
	bool			more;
	bool			blocked;
	struct list_head	inflight;
	struct list_head	ctr_inflight;
	unsigned long		heard;
	unsigned long		sent;
	unsigned long		warned;
	const char		*reset_why;
	u8			*buf;
	struct xha_wire_sa	*sa;
	struct xha_wire_policy	*policy;
	struct xha_wire_counters *counters;
	struct xha_wire_window_big *window;
	u64			rx_bad;
	u64			rx_state;
	u64			rx_stale;
	u64			connects;
};

/* Buffers of the namespace; -ENOMEM. */
int xha_session_init(struct xha_net *xn);
void xha_session_exit(struct xha_net *xn);

/**
 * xha_session_configure() - open the channel, or replace it
 * @conf: copied; an identical configuration leaves a running channel alone
 *
 * Context: process; takes xha_net.lock itself, must not be held.
 * Return: 0; -EINVAL where an address is a VIP (named in @extack); errors of
 * xha_chan_open(), the old channel being closed then.
 */
int xha_session_configure(struct xha_net *xn, const struct xha_chan_conf *conf,
			  struct netlink_ext_ack *extack);

/* Close and forget; takes xha_net.lock itself. */
void xha_session_close(struct xha_net *xn);

/* Is the peer there and accepted. */
static inline bool xha_session_up(const struct xha_session *s)
{
	return s->state == XFRM_HA_PEER_STATE_UP;
}

/**
 * xha_session_frame() - start a frame
 * @f: gets type, group, epoch and the next number of the type's stream
 * @g: the group, or NULL
 */
void xha_session_frame(struct xha_net *xn, struct xha_wire_frame *f, u8 type,
		       const struct xha_group *g);

/**
 * xha_session_send() - send the frame encoded in xha_session.buf
 * @f: as given to the encoder
 * @len: what the encoder returned (an error is handed through)
 *
 * Wipes the buffer. On success the number is used up.
 * Return: 0; -EAGAIN when blocked; -ENOTCONN; the encoder's error.
 */
int xha_session_send(struct xha_net *xn, const struct xha_wire_frame *f, int len);

/* Small frames in one call; errors as xha_session_send(). */
int xha_session_send_empty(struct xha_net *xn, u8 type, const struct xha_group *g);
/* Our clock, and what we know of the peer's. */
int xha_session_send_clock(struct xha_net *xn);
/* Our state of a group; repeated by the tick if the channel is full. */
int xha_session_send_group(struct xha_net *xn, struct xha_group *g);
int xha_session_send_verdict(struct xha_net *xn, u8 type,
			     const struct xha_group *g, const char *refusal);
int xha_session_send_nak(struct xha_net *xn, const struct xha_rec *r);

/* Between session.c and session_rx.c. */

/**
 * xha_session_dispatch() - apply a frame that fits the type table
 * @f: opened, its number is the next of @stream
 */
void xha_session_dispatch(struct xha_net *xn, u16 stream,
			  const struct xha_wire_frame *f);
/* @reason: constant text, or NULL. Tells user space. */
void xha_session_set_state(struct xha_net *xn, u8 state, const char *reason);
/* Give the association up and dial anew; told in the log unless it just was. */
void xha_session_start_over(struct xha_net *xn, const char *why);
/* Name a bad frame in the log, once per burst. */
void xha_session_complain(struct xha_session *s, const char *type,
			  const char *what);

/* Keepalive, hello timeout; called by the tick. */
void xha_session_tick(struct xha_net *xn);

/**
 * struct xha_lag - what was sent and not yet acknowledged as applied
 * @frames: records
 * @bytes: their frames, as encoded
 * @ms: age of the oldest
 */
struct xha_lag {
	u64	frames;
	u64	bytes;
	u64	ms;
};

/* Under xha_net.lock; walks what is under way. */
void xha_session_lag(const struct xha_session *s, struct xha_lag *lag);

#endif /* XHA_SESSION_H */
