/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The channel's sockets: how they are made, what a message is, and when an
 * association may be believed. No state machine here; that is chan.c.
 */
#ifndef XHA_CHAN_SOCK_H
#define XHA_CHAN_SOCK_H

#include <linux/net.h>
#include <linux/wait.h>

#include "chan.h"

/* Payload protocol identifiers, network byte order on the wire. */
#define XHA_CHAN_PPID_KNOCK	0x58484130u	/* "XHA0": proves the key, no more */
#define XHA_CHAN_PPID_FRAME	0x58484131u	/* "XHA1": a frame for the channel's user */

#define XHA_CHAN_STREAMS	4

/* An address and a port, host byte order, as sockets take them; its length. */
int xha_chan_sock_addr(const struct xha_ip *ip, u16 port,
		       struct sockaddr_storage *ss);

/* What xha_chan_sock_recv() found. */
enum xha_chan_got {
	XHA_CHAN_GOT_FRAGMENT,	/* part of a message: call again */
	XHA_CHAN_GOT_FRAME,	/* @got bytes in @buf, on @stream */
	XHA_CHAN_GOT_KNOCK,
	XHA_CHAN_GOT_OVERSIZED,	/* the end of a message that was too long */
	XHA_CHAN_GOT_UP,	/* SCTP says the association is established */
	XHA_CHAN_GOT_LOST,	/* it is gone, or is not the one it was */
};

/**
 * struct xha_chan_sock - a socket with the state of its reader
 * @sock: one-to-one SCTP socket; NULL while there is none
 * @wait: in the socket's wait queue: tells of data, state, errors and room
 * @wake: what @wait calls; any context, with the wait queue's lock held
 * @arrived: jiffies when something to read came last
 * @want_room: somebody waits for room in the send buffer
 * @lost: with %XHA_CHAN_GOT_LOST, why
 * @my_tag: verification tags when it was believed; host byte order as in
 * @peer_tag: &struct sctp_cookie
 * @believed: xha_chan_sock_believe() succeeded
 * @skip: the message being read is too long
 * @stream: of the message being read
 * @ppid: of the message being read, host byte order
 * @len: bytes of it in @buf
 * @got: bytes of the message that was read last
 * @buf: messages; wiped by who used one, and when the socket is closed
 */
struct xha_chan_sock {
	struct socket		*sock;
	wait_queue_entry_t	wait;
	void			(*wake)(struct xha_chan_sock *s);
	unsigned long		arrived;
	atomic_t		want_room;
	const char		*lost;
	u32			my_tag;
	u32			peer_tag;
	bool			believed;
	bool			skip;
	u16			stream;
	u32			ppid;
	size_t			len;
	size_t			got;
	u8			buf[XHA_CHAN_FRAME_MAX];
};

int xha_chan_sock_open(struct xha_chan_sock *s, struct net *net,
		       const struct xha_chan_conf *conf);
int xha_chan_sock_bind(struct xha_chan_sock *s, const struct xha_chan_conf *conf);
int xha_chan_sock_dial(struct xha_chan_sock *s, const struct xha_chan_conf *conf,
		       unsigned int n);
int xha_chan_sock_accept(struct xha_chan_sock *s, struct socket *listener);
void xha_chan_sock_watch(struct xha_chan_sock *s,
			 void (*wake)(struct xha_chan_sock *s));
void xha_chan_sock_close(struct xha_chan_sock *s);

const char *xha_chan_sock_believe(struct xha_chan_sock *s,
				  const struct xha_chan_conf *conf, bool *stranger);
int xha_chan_sock_recv(struct xha_chan_sock *s);
int xha_chan_sock_send(struct xha_chan_sock *s, u32 ppid, u16 stream,
		       const u8 *buf, size_t len, bool more);
bool xha_chan_sock_has_room(const struct xha_chan_sock *s);

#endif /* XHA_CHAN_SOCK_H */
