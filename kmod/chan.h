/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The channel: one SCTP association to the one peer, moving opaque frames.
 * Knows nothing of xfrm or of the wire format.
 *
 * Symmetric for the operator: the node with the lower (local address, port)
 * listens, the other dials; both keep trying for ever. Only remote-ip with
 * remote-port may speak: others are dropped before SCTP sees them, and data
 * must be authenticated by SCTP-AUTH (RFC 4895) with the configured key. With
 * "security manual" every packet, in and out, must also be encrypted on its way
 * (chan_protect.h), or it is dropped.
 *
 * Up-calls run one at a time on the channel's ordered workqueue, in process
 * context with no lock of the channel held, and may sleep. up -> rx* -> down
 * bracket each association. After xha_chan_close() returned none runs.
 */
#ifndef XHA_CHAN_H
#define XHA_CHAN_H

#include <linux/if.h>
#include <linux/types.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>

#include "gate.h"	/* struct xha_ip */

#define XHA_CHAN_FRAME_MAX	8192	/* bytes; longer messages are dropped whole */

struct xha_chan;

/**
 * struct xha_chan_conf - what the operator says about the channel
 * @local: this node's addresses, the first one decides who dials
 * @remote: the peer's addresses; it may have these and no others
 * @n_local: addresses in @local, at least 1
 * @n_remote: addresses in @remote, at least 1
 * @local_port: host byte order
 * @remote_port: host byte order
 * @rto_min: ms; ranges are checked by the caller
 * @rto_max: ms
 * @path_rtx: retransmissions until a path is given up
 * @assoc_rtx: retransmissions until the association is given up
 * @security: %XFRM_HA_SECURITY_NONE or %XFRM_HA_SECURITY_MANUAL
 * @device: with the latter: packets must take this device; "" if they must take
 *	an SA between the addresses
 * @key: SCTP-AUTH key, the same on both nodes
 * @key_len: bytes of @key; the struct is wiped by whoever owns it
 */
struct xha_chan_conf {
	struct xha_ip	local[XFRM_HA_MAX_ADDRS];
	struct xha_ip	remote[XFRM_HA_MAX_ADDRS];
	u8		n_local;
	u8		n_remote;
	u16		local_port;
	u16		remote_port;
	u32		rto_min;
	u32		rto_max;
	u32		path_rtx;
	u32		assoc_rtx;
	u8		security;
	char		device[IFNAMSIZ];
	u8		key[XFRM_HA_KEY_MAX];
	u8		key_len;
};

/**
 * struct xha_chan_ops - up-calls
 * @up: associated, and the peer has proved that it has the key; @dialer: this
 *	node dialed
 * @down: the association is gone (also after xha_chan_reset()); @why is a
 *	constant string
 * @failed: not associated, and an attempt did not succeed; @why is a constant
 *	string
 * @rx: one whole message; @buf is only valid during the call and is wiped
 *	afterwards
 * @writable: xha_chan_send() may work again after it said -EAGAIN
 * @idle: called after a burst of @rx when nothing more is queued: the place
 *	to send one acknowledgment for many frames
 *
 * All of them get the @ctx of xha_chan_open() and may call xha_chan_send(),
 * xha_chan_reset(), xha_chan_heard() and xha_chan_stats(), nothing else.
 */
struct xha_chan_ops {
	void (*up)(void *ctx, bool dialer);
	void (*down)(void *ctx, const char *why);
	void (*failed)(void *ctx, const char *why);
	void (*rx)(void *ctx, u16 stream, const u8 *buf, size_t len);
	void (*writable)(void *ctx);
	void (*idle)(void *ctx);
};

/* Counters the channel keeps by itself. */
struct xha_chan_stats {
	atomic64_t	tx_frames;
	atomic64_t	tx_bytes;
	atomic64_t	rx_frames;
	atomic64_t	rx_bytes;
	atomic64_t	oversized;	/* messages over the limit, dropped whole */
	atomic64_t	strangers;	/* packets and dials not from the peer */
	atomic64_t	unprotected;	/* packets dropped, in and out: not encrypted */
};

/**
 * xha_chan_open() - start keeping an association
 * @net: namespace; no reference is taken: close before it goes (.pre_exit)
 * @conf: copied
 * @ops: up-calls, must outlive the channel
 * @ctx: handed to them
 * @extack: names what was wrong
 *
 * Context: process, may sleep, may load sctp. Not from an up-call.
 * Return: the channel, or ERR_PTR: -EADDRNOTAVAIL where a local address is not
 * on this machine is NOT an error (it keeps trying); -ENOMEM,
 * -EPROTONOSUPPORT without SCTP or SCTP-AUTH.
 */
struct xha_chan *xha_chan_open(struct net *net, const struct xha_chan_conf *conf,
			       const struct xha_chan_ops *ops, void *ctx,
			       struct netlink_ext_ack *extack);

/**
 * xha_chan_close() - abort the association and free the channel
 * @ch: not used any more by anybody, gone on return
 *
 * The key is wiped. Nothing of the channel is left in the namespace, so this
 * fits in .pre_exit and in front of the module's end. Calls no @down.
 *
 * Context: process, may sleep. Not from an up-call: waits for the one that
 * runs, and none runs afterwards.
 */
void xha_chan_close(struct xha_chan *ch);

/**
 * xha_chan_send() - queue one message
 * @ch: the channel
 * @stream: 0 to 3; ordered within a stream, not between them
 * @buf: copied
 * @len: bytes, 1 to %XHA_CHAN_FRAME_MAX
 * @more: another follows at once: a packet that is not full may wait for it.
 *	What waits goes with the next message without @more, on any stream.
 *
 * Context: process, may sleep (socket lock) but never waits for the peer.
 * Callable from up-calls and from elsewhere; callers serialise per stream.
 * Return: 0; -EAGAIN when the send buffer is full or memory is short
 * (@writable follows); -ENOTCONN when there is no association, or not any
 * more (@down follows); -EMSGSIZE for a length or stream out of range.
 */
int xha_chan_send(struct xha_chan *ch, u16 stream, const u8 *buf, size_t len,
		  bool more);

/**
 * xha_chan_reset() - abort the association and try again
 * @ch: the channel
 * @why: constant string, handed to @down
 * @penalty: the peer misbehaved: not again within a second
 *
 * @down follows if there is an association; no @rx comes before it, except one
 * that runs already.
 *
 * Context: any process context, up-calls included; does not sleep.
 */
void xha_chan_reset(struct xha_chan *ch, const char *why, bool penalty);

/**
 * xha_chan_heard() - when the peer was last heard
 * @ch: the channel
 * @heard: jiffies when its last message was looked at; gets when one came
 *
 * What has come counts even where it waits to be looked at, and one that has
 * waited is no fresher for it: a takeover may hang on either. Without an
 * association @heard stays.
 *
 * Context: process, may sleep. Not under what a sender may wait for.
 */
void xha_chan_heard(struct xha_chan *ch, unsigned long *heard);

/**
 * xha_chan_stats() - the channel's counters
 * @ch: the channel; they live as long as it does and are never reset
 *
 * Context: any.
 * Return: the counters.
 */
const struct xha_chan_stats *xha_chan_stats(const struct xha_chan *ch);

#endif /* XHA_CHAN_H */
