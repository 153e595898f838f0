// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel's sockets, see chan_sock.h.
 *
 * Why an association may be believed
 * ----------------------------------
 * SCTP-AUTH (RFC 4895) authenticates the chunk types each side asks for, with
 * the key both know; the null key, number 0, is deleted so that nothing else
 * is taken. What it leaves open is closed here:
 *
 * - A peer that does not speak AUTH is let in by SCTP and nothing of it is
 *   authenticated. So the association must be AUTH capable when it is up.
 * - COOKIE ECHO cannot be authenticated without the net.sctp.auth_enable
 *   sysctl, so a listener's association is established whatever key the other
 *   side has. So each side sends a knock, a DATA chunk, and an association
 *   counts as up when a DATA chunk of the peer has come (chan.c).
 * - The association of a socket can be replaced under it (a restart, RFC 4960
 *   5.2), and the replacement of an accepted one is not AUTH capable, its
 *   endpoint having no key. So an association must be the first its socket had,
 *   every later change ends it, and its tags are compared before a message is
 *   handed on: it cannot have been replaced before its last byte came.
 *
 * Wake-ups come through an entry in the socket's wait queue, which SCTP wakes
 * for all that matters, room in the send buffer included (sk_write_space is
 * never called). No callback of the socket is replaced, so nothing has to be
 * restored, and once the entry is out of the queue none of this code runs.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/poll.h>
#include <linux/sctp.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <net/sctp/sctp.h>
#include <net/sock.h>

#include "chan_sock.h"

#define HEARTBEAT_MS	500
#define INIT_RETRIES	2	/* then chan.c dials anew, another address if any */
#define BUF_BYTES	SZ_1M
#define KEY_ID		1

static int set_opt(struct socket *sock, int name, void *val, unsigned int len)
{
	return sock->ops->setsockopt(sock, SOL_SCTP, name, KERNEL_SOCKPTR(val), len);
}

#define SET_OPT(sock, name, val) set_opt(sock, name, &(val), sizeof(val))

int xha_chan_sock_addr(const struct xha_ip *ip, u16 port,
		       struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (ip->family == AF_INET) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		sin->sin_addr.s_addr = ip->a.a4;
		return sizeof(*sin);
	}
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	sin6->sin6_addr = ip->a.in6;
	return sizeof(*sin6);
}

/* SCTP copies the options it is given and wipes its copy of this one. */
static int set_key(struct socket *sock, const struct xha_chan_conf *conf)
{
	u8 buf[sizeof(struct sctp_authkey) + XFRM_HA_KEY_MAX] __aligned(4) = {};
	struct sctp_authkey *ak = (struct sctp_authkey *)buf;
	struct sctp_authkeyid id = { .scact_keynumber = KEY_ID };
	int err;

	ak->sca_keynumber = KEY_ID;
	ak->sca_keylength = conf->key_len;
	memcpy(buf + sizeof(*ak), conf->key, conf->key_len);
	err = set_opt(sock, SCTP_AUTH_KEY, buf, sizeof(*ak) + conf->key_len);
	memzero_explicit(buf, sizeof(buf));
	if (!err)
		err = SET_OPT(sock, SCTP_AUTH_ACTIVE_KEY, id);
	if (!err) {
		id.scact_keynumber = 0;
		err = SET_OPT(sock, SCTP_AUTH_DELETE_KEY, id);
	}
	return err;
}

static int set_auth(struct socket *sock, const struct xha_chan_conf *conf)
{
	static const u8 chunks[] = {
		SCTP_CID_DATA, SCTP_CID_SACK, SCTP_CID_HEARTBEAT,
		SCTP_CID_HEARTBEAT_ACK, SCTP_CID_ABORT, SCTP_CID_SHUTDOWN,
		SCTP_CID_SHUTDOWN_ACK, SCTP_CID_ERROR, SCTP_CID_COOKIE_ACK,
		SCTP_CID_FWD_TSN, SCTP_CID_I_DATA, SCTP_CID_I_FWD_TSN,
		SCTP_CID_RECONF,
	};
	struct sctp_assoc_value on = { .assoc_value = 1 };
	struct {
		struct sctp_hmacalgo	head;
		u16			ids[2];
	} hmacs = {
		/* RFC 4895 3.3 demands SHA-1 in the list; the first is used. */
		.head.shmac_num_idents = 2,
		.ids = { SCTP_AUTH_HMAC_ID_SHA256, SCTP_AUTH_HMAC_ID_SHA1 },
	};
	struct sctp_authchunk chunk;
	unsigned int i;
	int err;

	err = SET_OPT(sock, SCTP_AUTH_SUPPORTED, on);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		chunk.sauth_chunk = chunks[i];
		err = SET_OPT(sock, SCTP_AUTH_CHUNK, chunk);
		if (err)
			return err;
	}
	/* A kernel without SHA-256 keeps its default, SHA-1. */
	err = set_opt(sock, SCTP_HMAC_IDENT, &hmacs,
		      sizeof(hmacs.head) + sizeof(hmacs.ids));
	if (err && err != -EOPNOTSUPP)
		return err;
	return set_key(sock, conf);
}

static int set_timing(struct socket *sock, const struct xha_chan_conf *conf)
{
	struct sctp_rtoinfo rto = {
		.srto_initial	= conf->rto_min,
		.srto_min	= conf->rto_min,
		.srto_max	= conf->rto_max,
	};
	struct sctp_assocparams assoc = {
		.sasoc_asocmaxrxt = conf->assoc_rtx,
	};
	struct sctp_paddrparams path = {
		.spp_hbinterval	= HEARTBEAT_MS,
		.spp_pathmaxrxt	= conf->path_rtx,
		.spp_flags	= SPP_HB_ENABLE,
	};
	struct sctp_initmsg init = {
		.sinit_num_ostreams	= XHA_CHAN_STREAMS,
		.sinit_max_instreams	= XHA_CHAN_STREAMS,
		.sinit_max_attempts	= INIT_RETRIES,
		.sinit_max_init_timeo	= conf->rto_max,
	};
	int err;

	err = SET_OPT(sock, SCTP_RTOINFO, rto);
	if (!err)
		err = SET_OPT(sock, SCTP_ASSOCINFO, assoc);
	if (!err)
		err = SET_OPT(sock, SCTP_PEER_ADDR_PARAMS, path);
	if (!err)
		err = SET_OPT(sock, SCTP_INITMSG, init);
	return err;
}

static int set_service(struct socket *sock)
{
	struct sctp_event_subscribe events = {
		.sctp_association_event	= 1,
		.sctp_shutdown_event	= 1,
	};
	struct sctp_assoc_value off = { .assoc_value = 0 };
	struct sctp_udpencaps no_udp = {};
	int one = 1;
	int err;

	err = SET_OPT(sock, SCTP_NODELAY, one);
	if (!err)
		err = SET_OPT(sock, SCTP_RECVRCVINFO, one);
	if (!err)
		err = SET_OPT(sock, SCTP_EVENTS, events);
	/* Addresses are what the operator said: none comes or goes later. */
	if (!err)
		err = SET_OPT(sock, SCTP_ASCONF_SUPPORTED, off);
	if (!err)
		err = SET_OPT(sock, SCTP_REMOTE_UDP_ENCAPS_PORT, no_udp);
	return err;
}

static void set_buffers(struct sock *sk)
{
	sock_set_rcvbuf(sk, BUF_BYTES);
	lock_sock(sk);
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	WRITE_ONCE(sk->sk_sndbuf, BUF_BYTES);
	release_sock(sk);
}

/**
 * xha_chan_sock_open() - make a socket for dialing or listening
 * @s: zeroed; owns the socket on success
 * @net: namespace; the socket takes no reference
 * @conf: key and timing (ms); its addresses decide the family
 *
 * SCTP-AUTH after RFC 4895 with one key, no dynamic addresses (RFC 5061), no
 * SCTP in UDP (RFC 6951).
 *
 * Context: process, may sleep, may load sctp.
 * Return: 0; -ENOMEM; -EPROTONOSUPPORT without SCTP, or with an SCTP that
 * lacks one of the options.
 */
int xha_chan_sock_open(struct xha_chan_sock *s, struct net *net,
		       const struct xha_chan_conf *conf)
{
	int family = PF_INET;
	unsigned int i;
	int err;

	for (i = 0; i < conf->n_local; i++)
		if (conf->local[i].family == AF_INET6)
			family = PF_INET6;

	err = sock_create_kern(net, family, SOCK_STREAM, IPPROTO_SCTP, &s->sock);
	if (err) {
		s->sock = NULL;
		return err == -ENOMEM || err == -ENOBUFS ? -ENOMEM : -EPROTONOSUPPORT;
	}

	/* An association that was just aborted must not keep the port. */
	sock_set_reuseaddr(s->sock->sk);
	set_buffers(s->sock->sk);
	err = set_service(s->sock);
	if (!err)
		err = set_timing(s->sock, conf);
	if (!err)
		err = set_auth(s->sock, conf);
	if (err) {
		xha_chan_sock_close(s);
		return err == -ENOMEM ? err : -EPROTONOSUPPORT;
	}
	return 0;
}

/**
 * xha_chan_sock_bind() - bind to all local addresses (SCTP_BINDX_ADD_ADDR)
 * @s: opened
 * @conf: local addresses and port
 *
 * Context: process, may sleep.
 * Return: how many addresses are not on this machine, and are left out;
 * -EADDRNOTAVAIL where none is there; -EADDRINUSE.
 */
int xha_chan_sock_bind(struct xha_chan_sock *s, const struct xha_chan_conf *conf)
{
	unsigned int absent = 0, i;
	struct sockaddr_storage ss;
	int err, len;

	for (i = 0; i < conf->n_local; i++) {
		len = xha_chan_sock_addr(&conf->local[i], conf->local_port, &ss);
		if (i == absent)
			err = kernel_bind(s->sock, (struct sockaddr *)&ss, len);
		else
			err = sock_bind_add(s->sock->sk, (struct sockaddr *)&ss, len);
		/* bindx says EINVAL for an address it cannot find. */
		if (err == -EADDRNOTAVAIL || (err == -EINVAL && i != absent))
			absent++;
		else if (err)
			return err;
	}
	return absent < conf->n_local ? absent : -EADDRNOTAVAIL;
}

/**
 * xha_chan_sock_dial() - begin an association, without waiting for it
 * @s: bound
 * @conf: remote addresses and port
 * @n: which of the remote addresses is tried; the others are learnt
 *
 * Context: process, may sleep.
 * Return: 0 or the errno of connect, mostly -ENETUNREACH.
 */
int xha_chan_sock_dial(struct xha_chan_sock *s, const struct xha_chan_conf *conf,
		       unsigned int n)
{
	struct sockaddr_storage ss;
	int err;
	int len;

	len = xha_chan_sock_addr(&conf->remote[n], conf->remote_port, &ss);
	err = kernel_connect(s->sock, (struct sockaddr *)&ss, len, O_NONBLOCK);
	return err == -EINPROGRESS ? 0 : err;
}

/**
 * xha_chan_sock_accept() - take an association from a listener
 * @s: zeroed; owns the socket on success
 * @listener: made by xha_chan_sock_open(), whose options are inherited
 *
 * Context: process, may sleep, does not wait.
 * Return: 0; -EAGAIN when there is none; -ENOMEM.
 */
int xha_chan_sock_accept(struct xha_chan_sock *s, struct socket *listener)
{
	int err = kernel_accept(listener, &s->sock, O_NONBLOCK);

	if (err)
		s->sock = NULL;
	return err;
}

static int wait_func(wait_queue_entry_t *wait, unsigned int mode, int sync,
		     void *key)
{
	const __poll_t room = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	struct xha_chan_sock *s = container_of(wait, struct xha_chan_sock, wait);
	__poll_t mask = key_to_poll(key);

	if (mask & EPOLLIN)
		WRITE_ONCE(s->arrived, jiffies);
	/* Room is announced for each chunk that is acknowledged. */
	if (mask && !(mask & ~room) &&
	    (!atomic_read(&s->want_room) || !xha_chan_sock_has_room(s)))
		return 0;
	s->wake(s);
	return 0;
}

/**
 * xha_chan_sock_watch() - have @wake called when there is something to do
 * @s: with a socket; must not be watched already
 * @wake: called in any context, interrupts disabled; also right now
 */
void xha_chan_sock_watch(struct xha_chan_sock *s,
			 void (*wake)(struct xha_chan_sock *s))
{
	s->wake = wake;
	s->arrived = jiffies;
	init_waitqueue_func_entry(&s->wait, wait_func);
	add_wait_queue(sk_sleep(s->sock->sk), &s->wait);
	/* What happened before nobody has been told of. */
	wake(s);
}

/**
 * xha_chan_sock_close() - abort, and free the socket
 * @s: with a socket or without
 *
 * Every association of the socket is aborted at once (SO_LINGER with 0), not
 * shut down: nothing of it outlives this call, as the namespace may not.
 *
 * Context: process, may sleep. On return @wake does not run and will not.
 */
void xha_chan_sock_close(struct xha_chan_sock *s)
{
	if (!s->sock)
		return;
	if (s->wake)
		remove_wait_queue(sk_sleep(s->sock->sk), &s->wait);
	sock_no_linger(s->sock->sk);
	sock_release(s->sock);
	s->sock = NULL;
	s->wake = NULL;
	memzero_explicit(s->buf, sizeof(s->buf));
}

/* The one association of a one-to-one socket; the socket is locked. */
static struct sctp_association *assoc_of(struct sock *sk)
{
	return list_first_entry_or_null(&sctp_sk(sk)->ep->asocs,
					struct sctp_association, asocs);
}

static bool is_remote(const struct xha_chan_conf *conf, const union sctp_addr *a)
{
	unsigned int i;

	for (i = 0; i < conf->n_remote; i++) {
		const struct xha_ip *ip = &conf->remote[i];

		if (ip->family != a->sa.sa_family)
			continue;
		if (ip->family == AF_INET ?
		    ip->a.a4 == a->v4.sin_addr.s_addr :
		    ipv6_addr_equal(&ip->a.in6, &a->v6.sin6_addr))
			return true;
	}
	return false;
}

static bool has_notification(struct sk_buff_head *queue)
{
	struct sk_buff *skb;

	skb_queue_walk(queue, skb)
		if (sctp_skb2event(skb)->msg_flags & MSG_NOTIFICATION)
			return true;
	return false;
}

static bool is_peer(const struct xha_chan_conf *conf,
		    const struct sctp_association *asoc)
{
	struct sctp_transport *t;

	if (asoc->peer.port != conf->remote_port)
		return false;
	list_for_each_entry(t, &asoc->peer.transport_addr_list, transports)
		if (t->encap_port || !is_remote(conf, &t->ipaddr))
			return false;
	return true;
}

/*
 * The first addresses are the path to use while it works, whichever was dialed.
 * That it is not one of the association's is the only error, and none.
 */
static void prefer_first(struct xha_chan_sock *s, const struct xha_chan_conf *conf)
{
	struct sctp_prim prim = {};
	struct sockaddr_storage ss;

	xha_chan_sock_addr(&conf->remote[0], conf->remote_port, &ss);
	memcpy(&prim.ssp_addr, &ss, sizeof(prim.ssp_addr));
	SET_OPT(s->sock, SCTP_PRIMARY_ADDR, prim);
}

/**
 * xha_chan_sock_believe() - check an association that is just established
 * @s: xha_chan_sock_recv() said %XHA_CHAN_GOT_UP, for the first time
 * @conf: who the peer is
 * @stranger: set when it is not from the peer
 *
 * Context: process, may sleep (socket lock).
 * Return: NULL when it may be believed, else why not, a constant.
 */
const char *xha_chan_sock_believe(struct xha_chan_sock *s,
				  const struct xha_chan_conf *conf, bool *stranger)
{
	struct sock *sk = s->sock->sk;
	struct sctp_association *asoc;
	const char *why = NULL;

	lock_sock(sk);
	asoc = assoc_of(sk);
	if (!asoc || has_notification(&sk->sk_receive_queue) ||
	    has_notification(&sctp_sk(sk)->pd_lobby)) {
		why = "association changed while it was set up";
	} else if (!is_peer(conf, asoc)) {
		*stranger = true;
		why = "peer has an address or port that is not configured";
	} else if (!asoc->peer.auth_capable) {
		/* Also what a restarted dialer sees of an old listener. */
		why = "peer does not authenticate (SCTP-AUTH)";
	} else {
		s->my_tag = asoc->c.my_vtag;
		s->peer_tag = asoc->c.peer_vtag;
		s->believed = true;
	}
	release_sock(sk);
	if (!why && conf->n_remote > 1)
		prefer_first(s, conf);
	return why;
}

static bool is_same_assoc(const struct xha_chan_sock *s)
{
	struct sock *sk = s->sock->sk;
	const struct sctp_association *asoc;
	bool same;

	lock_sock(sk);
	asoc = assoc_of(sk);
	same = s->believed && asoc && asoc->peer.auth_capable &&
	       asoc->c.my_vtag == s->my_tag && asoc->c.peer_vtag == s->peer_tag;
	release_sock(sk);
	return same;
}

static int lost(struct xha_chan_sock *s, const char *why)
{
	s->lost = why;
	return XHA_CHAN_GOT_LOST;
}

static int notified(struct xha_chan_sock *s, size_t len)
{
	const union sctp_notification *n = (const void *)s->buf;

	/* Only the end of an association comes in the middle of a message. */
	if (s->len)
		return lost(s, "association failed");
	if (len < sizeof(n->sn_header))
		return lost(s, "notification cut short");
	if (n->sn_header.sn_type == SCTP_SHUTDOWN_EVENT)
		return lost(s, "peer shut down");
	if (n->sn_header.sn_type != SCTP_ASSOC_CHANGE)
		return XHA_CHAN_GOT_FRAGMENT;
	if (len < sizeof(n->sn_assoc_change))
		return lost(s, "notification cut short");

	switch (n->sn_assoc_change.sac_state) {
	case SCTP_COMM_UP:
		if (s->believed)
			return lost(s, "association was replaced");
		return XHA_CHAN_GOT_UP;
	case SCTP_RESTART:
		return lost(s, "peer restarted");
	case SCTP_CANT_STR_ASSOC:
		return lost(s, "no answer from peer");
	case SCTP_COMM_LOST:
		return lost(s, "association lost");
	default:
		return lost(s, "association closed");
	}
}

/* The end of a message is in: what was it? */
static int whole(struct xha_chan_sock *s)
{
	bool skip = s->skip;

	s->skip = false;
	s->got = s->len;
	s->len = 0;
	if (!is_same_assoc(s))
		return lost(s, "association is gone");
	if (skip)
		return XHA_CHAN_GOT_OVERSIZED;
	return s->ppid == XHA_CHAN_PPID_KNOCK ? XHA_CHAN_GOT_KNOCK :
						XHA_CHAN_GOT_FRAME;
}

static void read_info(struct xha_chan_sock *s, const void *control, size_t len)
{
	const struct cmsghdr *c = control;
	const struct sctp_rcvinfo *info = CMSG_DATA(c);

	if (len < CMSG_LEN(sizeof(*info)) || c->cmsg_level != IPPROTO_SCTP ||
	    c->cmsg_type != SCTP_RCVINFO)
		return;
	s->stream = info->rcv_sid;
	s->ppid = ntohl((__force __be32)info->rcv_ppid);
}

/**
 * xha_chan_sock_recv() - read what is there, without waiting
 * @s: not read by anybody else meanwhile
 *
 * After a result other than %XHA_CHAN_GOT_FRAGMENT the next call begins a new
 * message. A message longer than %XHA_CHAN_FRAME_MAX is read to its end
 * and thrown away.
 *
 * Context: process, may sleep (socket lock).
 * Return: &enum xha_chan_got, or -EAGAIN when nothing is there.
 */
int xha_chan_sock_recv(struct xha_chan_sock *s)
{
	u8 control[CMSG_SPACE(sizeof(struct sctp_rcvinfo))] __aligned(sizeof(long));
	struct msghdr msg = {
		.msg_control	= control,
		.msg_controllen	= sizeof(control),
	};
	struct kvec vec;
	int n;

	/* A full buffer without the end of the message: it is too long. */
	if (s->len == sizeof(s->buf)) {
		s->skip = true;
		s->len = 0;
	}
	vec.iov_base = s->buf + s->len;
	vec.iov_len = sizeof(s->buf) - s->len;
	n = kernel_recvmsg(s->sock, &msg, &vec, 1, vec.iov_len, MSG_DONTWAIT);
	if (n == -EAGAIN)
		return n;
	if (n <= 0)
		return lost(s, n == -ECONNREFUSED ? "peer is not there" :
			    n == -ETIMEDOUT ? "no answer from peer" :
			    n ? "association failed" : "association closed");

	if (msg.msg_flags & MSG_NOTIFICATION)
		return notified(s, n);

	if (!s->len)
		read_info(s, control, sizeof(control) - msg.msg_controllen);
	s->len = s->skip ? 0 : s->len + n;
	return msg.msg_flags & MSG_EOR ? whole(s) : XHA_CHAN_GOT_FRAGMENT;
}

/**
 * xha_chan_sock_has_room() - is half of the send buffer free
 * @s: with a socket
 *
 * Half, so that a sender who ran into the limit gets room for a burst.
 * Context: any; no lock.
 * Return: true if so.
 */
bool xha_chan_sock_has_room(const struct xha_chan_sock *s)
{
	const struct sock *sk = s->sock->sk;

	return READ_ONCE(sk->sk_wmem_queued) <= READ_ONCE(sk->sk_sndbuf) / 2;
}

/**
 * xha_chan_sock_send() - send one message, without waiting for room
 * @s: with an association
 * @ppid: host byte order
 * @stream: less than %XHA_CHAN_STREAMS
 * @buf: message, copied
 * @len: bytes, at least 1
 * @more: a packet that is not full waits for the next message
 *
 * Context: process, may sleep (socket lock, memory).
 * Return: 0; -EAGAIN, also for want of memory; -ENOTCONN.
 */
int xha_chan_sock_send(struct xha_chan_sock *s, u32 ppid, u16 stream,
		       const u8 *buf, size_t len, bool more)
{
	u8 control[CMSG_SPACE(sizeof(struct sctp_sndinfo))] __aligned(sizeof(long)) = {};
	struct msghdr msg = {
		.msg_control	= control,
		.msg_controllen	= sizeof(control),
		.msg_flags	= MSG_DONTWAIT | MSG_NOSIGNAL,
	};
	struct kvec vec = { .iov_base = (void *)buf, .iov_len = len };
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct sctp_sndinfo *info = CMSG_DATA(c);
	int n;

	c->cmsg_level = IPPROTO_SCTP;
	c->cmsg_type = SCTP_SNDINFO;
	c->cmsg_len = CMSG_LEN(sizeof(*info));
	info->snd_sid = stream;
	info->snd_ppid = (__force u32)htonl(ppid);

	if (more)
		msg.msg_flags |= MSG_MORE;
	n = kernel_sendmsg(s->sock, &msg, &vec, 1, len);
	if (n >= 0)
		return 0;
	return n == -EAGAIN || n == -ENOMEM || n == -ENOBUFS ? -EAGAIN : -ENOTCONN;
}
