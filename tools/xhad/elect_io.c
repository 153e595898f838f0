// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf.h"
#include "elect_io.h"
#include "log.h"
#include "role.h"

#define TOS_CONTROL	0xc0	/* internetwork control, as routing protocols */
#define PACKET_MAX	1500	/* longer than any that is good */
/* A flood must not keep the loop from its timers. */
#define RX_BATCH	64
/* How late a timer must be, and how often in a row, to mean something. */
#define LATE_MIN_US	20000
#define STALLS_MAX	3

/*
 * Where a socket is: on the interface, to hear and to be heard; or on the
 * macvlan, to be heard from the virtual MAC address.
 */
struct place {
	const char *ifname;
	unsigned int ifindex;
	bool hears;
};

static struct place own_place(const struct elect_io *io)
{
	return (struct place){ io->elect->ifname, io->elect->ifindex, true };
}

static struct place vmac_place(const struct elect_io *io)
{
	const struct xha_vmac *vmac = &io->elect->vmac;

	return (struct place){ vmac->ifname, vmac->ifindex, false };
}

static bool is_v6(const struct elect_io *io)
{
	return io->elect->conf->vips[0].addr.len == 16;
}

/* Where packets go by @ifindex; the length of it. */
static socklen_t mcast(const struct elect_io *io, unsigned int ifindex,
		       union elect_sockaddr *to)
{
	struct xha_addr addr = io->proto->mcast(io->self);

	memset(to, 0, sizeof(*to));
	if (is_v6(io)) {
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_port = htons(io->proto->port[1]);
		to->in6.sin6_scope_id = ifindex;
		memcpy(&to->in6.sin6_addr, addr.b, sizeof(to->in6.sin6_addr));
		return sizeof(to->in6);
	}
	to->in.sin_family = AF_INET;
	to->in.sin_port = htons(io->proto->port[0]);
	memcpy(&to->in.sin_addr, addr.b, sizeof(to->in.sin_addr));
	return sizeof(to->in);
}

static void read_source(const union elect_sockaddr *from, struct xha_addr *src)
{
	if (from->sa.sa_family == AF_INET6)
		xha_addr_set(src, &from->in6.sin6_addr, 16);
	else
		*src = xha_addr_v4(from->in.sin_addr.s_addr);
}

static int read_ttl(struct msghdr *msg)
{
	struct cmsghdr *c;
	int ttl = -1;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
		     c->cmsg_type == IPV6_HOPLIMIT))
			memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
	return ttl;
}

static bool read_one(struct elect_io *io)
{
	char control[CMSG_SPACE(sizeof(int)) * 2];
	__u8 buf[PACKET_MAX];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	union elect_sockaddr from;
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct elect_packet p = { .buf = buf };
	ssize_t n = recvmsg(io->fd, &msg, MSG_DONTWAIT);

	if (n < 0)
		return false;
	p.len = n;
	p.ttl = read_ttl(&msg);
	read_source(&from, &p.src);
	io->proto->receive(io->self, &p);
	return true;
}

static void read_batch(struct elect_io *io)
{
	int fd = io->fd;
	int i;

	/* What is heard may close the socket: look at it before each read. */
	for (i = 0; i < RX_BATCH && fd >= 0 && io->fd == fd; i++)
		if (!read_one(io))
			break;
}

static int on_readable(sd_event_source *s, int fd, uint32_t revents,
		       void *arg)
{
	read_batch(arg);
	return 0;
}

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int setup_v4(int fd, const struct elect_io *io, const struct place *at,
		    const union elect_sockaddr *to)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr = to->in.sin_addr,
		.imr_address.s_addr = xha_addr_get_v4(&io->elect->addr),
		.imr_ifindex = at->ifindex,
	};

	return set_int(fd, IPPROTO_IP, IP_TOS, TOS_CONTROL) ||
	       set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, io->proto->ttl[0]) ||
	       set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0) ||
	       set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) ||
	       setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq,
			  sizeof(mreq)) ||
	       (at->hears && setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP,
					&mreq, sizeof(mreq)));
}

/* What is sent by the macvlan has an address that is not on it. */
static int setup_v6(int fd, const struct elect_io *io, const struct place *at,
		    const union elect_sockaddr *to)
{
	struct ipv6_mreq mreq = {
		.ipv6mr_multiaddr = to->in6.sin6_addr,
		.ipv6mr_interface = at->ifindex,
	};

	return set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS_CONTROL) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS,
		       io->proto->ttl[1]) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, at->ifindex) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_FREEBIND, !at->hears) ||
	       (at->hears && setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,
					&mreq, sizeof(mreq)));
}

/* Bound to the multicast address: nothing sent to another one gets here. */
static int setup(int fd, const struct elect_io *io, const struct place *at)
{
	union elect_sockaddr to;
	socklen_t len = mcast(io, at->ifindex, &to);

	if ((io->proto->prepare &&
	     io->proto->prepare(fd, to.sa.sa_family)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, at->ifname,
		       strlen(at->ifname) + 1) ||
	    set_int(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL) ||
	    (is_v6(io) ? setup_v6(fd, io, at, &to) :
			 setup_v4(fd, io, at, &to)) ||
	    bind(fd, &to.sa, len))
		return -errno;
	return 0;
}

static int open_at(const struct elect_io *io, const struct place *at)
{
	int fd, err;

	fd = socket(is_v6(io) ? AF_INET6 : AF_INET,
		    io->proto->type | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    io->proto->protocol);
	if (fd < 0)
		return -errno;
	err = setup(fd, io, at);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/**
 * elect_io_close - hear and send nothing any more
 * @io: may be closed already
 */
void elect_io_close(struct elect_io *io)
{
	io->rx = sd_event_source_disable_unref(io->rx);
	close_fd(&io->fd);
	close_fd(&io->vmac_fd);
}

/**
 * elect_io_open - begin to receive and to be able to send
 * @io: closed
 *
 * Return: 0 or -errno, and then it stays closed.
 */
int elect_io_open(struct elect_io *io)
{
	struct place at = own_place(io);
	int err;

	io->fd = open_at(io, &at);
	if (io->fd < 0)
		return io->fd;
	err = sd_event_add_io(io->event, &io->rx, io->fd, EPOLLIN,
			      on_readable, io);
	if (err < 0) {
		elect_io_close(io);
		return err;
	}
	return 0;
}

/*
 * Of several link-local addresses the kernel might take a virtual one, and VRRP
 * has the source in its checksum.
 */
static void from_own(const struct elect_io *io, const struct place *at,
		     struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct in6_pktinfo info = { .ipi6_ifindex = at->ifindex };

	memcpy(&info.ipi6_addr, io->elect->addr.b, sizeof(info.ipi6_addr));
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static int send_at(const struct elect_io *io, int fd, const struct place *at,
		   const __u8 *buf, size_t len)
{
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	union elect_sockaddr to;
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = mcast(io, at->ifindex, &to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	if (is_v6(io)) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		from_own(io, at, &msg);
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/*
 * From the virtual MAC address, where the protocol wants that. But not while
 * the role is given away, nor once the VIPs are gone, not even a resignation:
 * switches would look for it here.
 */
static int send_vmac(struct elect_io *io, const __u8 *buf, size_t len)
{
	const struct xha_vmac *vmac = &io->elect->vmac;
	struct place at = vmac_place(io);

	if (!vmac->carries || io->vmac_ifindex != vmac->ifindex)
		close_fd(&io->vmac_fd);
	if (!xha_vmac_speaks(vmac, xha_log_now_us()) ||
	    (io->proto->from_vmac && !io->proto->from_vmac(io->self)) ||
	    io->elect->role->mode != XHA_ROLE_ACTIVE)
		return -ENODEV;
	if (io->vmac_fd < 0) {
		io->vmac_fd = open_at(io, &at);
		io->vmac_ifindex = vmac->ifindex;
	}
	return io->vmac_fd < 0 ? io->vmac_fd :
	       send_at(io, io->vmac_fd, &at, buf, len);
}

/**
 * elect_io_send - send a packet to the multicast group
 * @io: open
 * @buf: the packet
 * @len: bytes at @buf
 *
 * From the wrong address is better than not at all.
 *
 * Return: 0 or -errno.
 */
int elect_io_send(struct elect_io *io, const __u8 *buf, size_t len)
{
	struct place at = own_place(io);

	if (!send_vmac(io, buf, len))
		return 0;
	return send_at(io, io->fd, &at, buf, len);
}

static unsigned int timer_of(const struct elect_io *io,
			     const sd_event_source *s)
{
	unsigned int i;

	for (i = 0; i < io->proto->n_timers - 1; i++)
		if (io->timers[i] == s)
			break;
	return i;
}

/*
 * A node that was itself stalled when its hold time ended cannot tell whether
 * the active was: it may only have missed to listen, and where both run on one
 * machine the active was stalled too. One more interval shows it, and a node
 * that is late again and again must not wait for ever.
 */
static bool stalled(struct elect_io *io, uint64_t due_us)
{
	__u64 late = xha_log_now_us() - due_us;
	__u64 interval = io->proto->interval_us(io->self);
	__u64 limit = interval / 4;

	if (late < (limit > LATE_MIN_US ? limit : LATE_MIN_US) ||
	    io->stalls == STALLS_MAX) {
		io->stalls = 0;
		return false;
	}
	io->stalls++;
	xha_log_warn("%s %s: this node was late by %llu ms: listens for one %s more",
		     io->proto->name, io->elect->conf->name, late / 1000,
		     io->proto->interval_name);
	elect_io_arm(io, io->proto->hold_timer, interval);
	return true;
}

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct elect_io *io = arg;
	unsigned int timer = timer_of(io, s);
	unsigned int touched = io->touched[timer];

	/* Where this process was late, what waits may say there was no silence. */
	if (io->proto->silence_timers & 1U << timer)
		read_batch(io);
	if (io->touched[timer] != touched)
		return 0;
	if (timer != io->proto->hold_timer || !stalled(io, usec))
		io->proto->timeout(io->self, timer);
	return 0;
}

/**
 * elect_io_arm - (re)start a timer
 * @io: open or not
 * @timer: which
 * @us: when it is to end, from now: not from when the loop last woke up, which
 *	on a busy machine is long ago, and no waiting time may come out short
 */
void elect_io_arm(struct elect_io *io, unsigned int timer, __u64 us)
{
	sd_event_source **s = &io->timers[timer];
	__u64 end = xha_log_now_us() + us;
	int err;

	io->touched[timer]++;
	if (!*s)
		err = sd_event_add_time(io->event, s, CLOCK_MONOTONIC, end,
					io->proto->accuracy_us, on_timer, io);
	else
		err = sd_event_source_set_time(*s, end);
	if (err >= 0)
		err = sd_event_source_set_enabled(*s, SD_EVENT_ONESHOT);
	if (err < 0)
		xha_log_err("%s %s: timer: %s", io->proto->name,
			    io->elect->conf->name, strerror(-err));
}

/**
 * elect_io_disarm - stop a timer
 * @io: open or not
 * @timer: which
 */
void elect_io_disarm(struct elect_io *io, unsigned int timer)
{
	sd_event_source *s = io->timers[timer];

	io->touched[timer]++;
	if (s)
		sd_event_source_set_enabled(s, SD_EVENT_OFF);
}

/**
 * elect_io_init - give an election its sockets and timers, none open yet
 * @io: to be set up; must outlive @self's use of it
 * @proto: what it speaks
 * @self: the instance, for @proto
 * @elect: the same as an election
 * @event: the loop
 */
void elect_io_init(struct elect_io *io, const struct elect_proto *proto,
		   void *self, const struct xha_elect *elect, sd_event *event)
{
	memset(io, 0, sizeof(*io));
	io->proto = proto;
	io->self = self;
	io->elect = elect;
	io->event = event;
	io->fd = -1;
	io->vmac_fd = -1;
}

/**
 * elect_io_exit - close sockets and timers
 * @io: what elect_io_init() set up
 */
void elect_io_exit(struct elect_io *io)
{
	unsigned int i;

	elect_io_close(io);
	for (i = 0; i < io->proto->n_timers; i++)
		io->timers[i] = sd_event_source_disable_unref(io->timers[i]);
}
