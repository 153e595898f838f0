// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hsrp_io.h"
#include "log.h"
#include "role.h"

#define MCAST_V1	"224.0.0.2"
#define MCAST_V2	"224.0.0.102"
#define MCAST_V6	"ff02::66"
#define TOS_CONTROL	0xc0	/* internetwork control, as routing protocols */
/* A flood must not keep the loop from its timers. */
#define RX_BATCH	64
/* How late a timer must be, and how often in a row, to mean something. */
#define LATE_MIN_US	20000
#define STALLS_MAX	3

static struct hsrp_io *io_of(struct hsrp *h)
{
	return h->io_data;
}

/* Address of either family, as the socket calls want it. */
union sock_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/*
 * Where a socket is: on the interface, to hear and to be heard; or on the
 * macvlan, to be heard from the virtual MAC address.
 */
struct place {
	const char *ifname;
	unsigned int ifindex;
	bool hears;
};

static struct place own_place(const struct hsrp *h)
{
	return (struct place){ h->elect.ifname, h->elect.ifindex, true };
}

static struct place vmac_place(const struct hsrp *h)
{
	return (struct place){ h->elect.vmac.ifname, h->elect.vmac.ifindex,
			       false };
}

static socklen_t mcast(const struct hsrp *h, unsigned int ifindex,
		       union sock_addr *to)
{
	memset(to, 0, sizeof(*to));
	if (hsrp_family(h) == AF_INET6) {
		to->in6.sin6_family = AF_INET6;
		to->in6.sin6_port = htons(HSRP_PORT_V6);
		to->in6.sin6_scope_id = ifindex;
		inet_pton(AF_INET6, MCAST_V6, &to->in6.sin6_addr);
		return sizeof(to->in6);
	}
	to->in.sin_family = AF_INET;
	to->in.sin_port = htons(HSRP_PORT);
	inet_pton(AF_INET, h->conf->version == 1 ? MCAST_V1 : MCAST_V2,
		  &to->in.sin_addr);
	return sizeof(to->in);
}

static void read_source(const union sock_addr *from, struct xha_addr *src)
{
	if (from->sa.sa_family == AF_INET6)
		xha_addr_set(src, &from->in6.sin6_addr, 16);
	else
		*src = xha_addr_v4(from->in.sin_addr.s_addr);
}

/* TTL or hop limit; -1, which no packet has, if the kernel did not say. */
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

static bool read_one(struct hsrp *h, int fd)
{
	char control[CMSG_SPACE(sizeof(int)) * 2];
	__u8 buf[1500];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	union sock_addr from;
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct hsrp_rx rx = { .buf = buf };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

	if (n < 0)
		return false;
	rx.len = n;
	rx.ttl = read_ttl(&msg);
	read_source(&from, &rx.src);
	hsrp_receive(h, &rx);
	return true;
}

static void read_batch(struct hsrp *h)
{
	int fd = io_of(h)->fd;
	int i;

	/* What is heard may close the socket: look at it before each read. */
	for (i = 0; i < RX_BATCH && fd >= 0 && io_of(h)->fd == fd; i++)
		if (!read_one(h, fd))
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

static int setup_v4(int fd, const struct hsrp *h, const struct place *at,
		    const union sock_addr *to)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr = to->in.sin_addr,
		.imr_address.s_addr = xha_addr_get_v4(&h->elect.addr),
		.imr_ifindex = at->ifindex,
	};

	if (set_int(fd, IPPROTO_IP, IP_TOS, TOS_CONTROL) ||
	    set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, HSRP_TTL) ||
	    set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0) ||
	    set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) ||
	    set_int(fd, IPPROTO_IP, IP_RECVTTL, 1) ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq, sizeof(mreq)))
		return -errno;
	if (at->hears && setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq,
				    sizeof(mreq)))
		return -errno;
	return 0;
}

/* What is sent by the macvlan has an address that is not on it. */
static int setup_v6(int fd, const struct place *at, const union sock_addr *to)
{
	struct ipv6_mreq mreq = {
		.ipv6mr_multiaddr = to->in6.sin6_addr,
		.ipv6mr_interface = at->ifindex,
	};

	if (set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) ||
	    set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS_CONTROL) ||
	    set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HSRP_HOPS_V6) ||
	    set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) ||
	    set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) ||
	    set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) ||
	    set_int(fd, IPPROTO_IPV6, IPV6_FREEBIND, !at->hears) ||
	    set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, at->ifindex))
		return -errno;
	if (at->hears && setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,
				    &mreq, sizeof(mreq)))
		return -errno;
	return 0;
}

/* Bound to the multicast address: nothing sent to another one gets here. */
static int setup(int fd, const struct hsrp *h, const struct place *at)
{
	union sock_addr to;
	socklen_t len = mcast(h, at->ifindex, &to);
	int err;

	if (set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, at->ifname,
		       strlen(at->ifname) + 1) ||
	    set_int(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL))
		return -errno;
	if (to.sa.sa_family == AF_INET6)
		err = setup_v6(fd, at, &to);
	else
		err = setup_v4(fd, h, at, &to);
	if (err)
		return err;
	return bind(fd, &to.sa, len) ? -errno : 0;
}

static int open_at(const struct hsrp *h, const struct place *at)
{
	int fd, err;

	fd = socket(hsrp_family(h),
		    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = setup(fd, h, at);
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

static void io_close(struct hsrp *h)
{
	struct hsrp_io *io = io_of(h);

	io->rx = sd_event_source_disable_unref(io->rx);
	close_fd(&io->fd);
	close_fd(&io->vmac_fd);
}

static int io_open(struct hsrp *h)
{
	struct hsrp_io *io = io_of(h);
	struct place at = own_place(h);
	int err;

	io->fd = open_at(h, &at);
	if (io->fd < 0)
		return io->fd;
	err = sd_event_add_io(io->event, &io->rx, io->fd, EPOLLIN,
			      on_readable, h);
	if (err < 0) {
		io_close(h);
		return err;
	}
	return 0;
}

/* Of several link-local addresses the kernel might take a virtual one. */
static void from_own(const struct hsrp *h, const struct place *at,
		     struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct in6_pktinfo info = { .ipi6_ifindex = at->ifindex };

	memcpy(&info.ipi6_addr, h->elect.addr.b, sizeof(info.ipi6_addr));
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static int send_at(const struct hsrp *h, int fd, const struct place *at,
		   const __u8 *buf, size_t len)
{
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	union sock_addr to;
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = mcast(h, at->ifindex, &to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	if (to.sa.sa_family == AF_INET6) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		from_own(h, at, &msg);
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/*
 * RFC 2281, 6: the active node sends from the virtual MAC address, the others
 * from their own. While the role is given away, and once the VIPs are gone,
 * nothing may come from it any more, not even the resign: switches would look
 * for it here.
 */
static int send_vmac(struct hsrp *h, const __u8 *buf, size_t len)
{
	const struct xha_vmac *vmac = &h->elect.vmac;
	struct hsrp_io *io = io_of(h);
	struct place at = vmac_place(h);

	if (!vmac->carries || io->vmac_ifindex != vmac->ifindex)
		close_fd(&io->vmac_fd);
	if (!xha_vmac_speaks(vmac, xha_log_now_us()) ||
	    h->state != HSRP_STATE_ACTIVE ||
	    h->elect.role->mode != XHA_ROLE_ACTIVE)
		return -ENODEV;
	if (io->vmac_fd < 0) {
		io->vmac_fd = open_at(h, &at);
		io->vmac_ifindex = vmac->ifindex;
	}
	return io->vmac_fd < 0 ? io->vmac_fd :
	       send_at(h, io->vmac_fd, &at, buf, len);
}

/* From the wrong address is better than not at all. */
static int io_send(struct hsrp *h, const __u8 *buf, size_t len)
{
	struct place at = own_place(h);

	if (!send_vmac(h, buf, len))
		return 0;
	return send_at(h, io_of(h)->fd, &at, buf, len);
}

static enum hsrp_timer timer_of(const struct hsrp_io *io,
				const sd_event_source *s)
{
	unsigned int i;

	for (i = 0; i < HSRP_TIMER_END - 1; i++)
		if (io->timers[i] == s)
			break;
	return i;
}

/*
 * A node that was itself stalled when its hold time ended cannot tell whether
 * the active was: it may only have missed to listen, and where both run on one
 * machine the active was stalled too. One more hello time shows it, and a node
 * that is late again and again must not wait for ever.
 */
static bool stalled(struct hsrp *h, uint64_t due_us)
{
	struct hsrp_io *io = io_of(h);
	__u64 late = xha_log_now_us() - due_us;
	__u64 limit = h->hello_ms * 1000ULL / 4;

	if (late < (limit > LATE_MIN_US ? limit : LATE_MIN_US) ||
	    io->stalls == STALLS_MAX) {
		io->stalls = 0;
		return false;
	}
	io->stalls++;
	xha_log_warn("standby %s: this node was late by %llu ms: listens for one hello time more",
		     h->conf->name, late / 1000);
	h->io->arm(h, HSRP_TIMER_ACTIVE, h->hello_ms);
	return true;
}

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct hsrp *h = arg;
	struct hsrp_io *io = io_of(h);
	enum hsrp_timer timer = timer_of(io, s);
	unsigned int touched = io->touched[timer];

	/* Where this process was late, what waits may say there was no silence. */
	if (timer == HSRP_TIMER_ACTIVE || timer == HSRP_TIMER_STANDBY)
		read_batch(h);
	if (io->touched[timer] != touched)
		return 0;
	if (timer != HSRP_TIMER_ACTIVE || !stalled(h, usec))
		hsrp_timeout(h, timer);
	return 0;
}

static void io_arm(struct hsrp *h, enum hsrp_timer timer, __u32 ms)
{
	struct hsrp_io *io = io_of(h);
	sd_event_source **s = &io->timers[timer];
	uint64_t us = (uint64_t)ms * 1000;
	int err;

	io->touched[timer]++;
	if (!*s)
		err = sd_event_add_time_relative(io->event, s, CLOCK_MONOTONIC,
						 us, 1000, on_timer, h);
	else
		err = sd_event_source_set_time_relative(*s, us);
	if (err >= 0)
		err = sd_event_source_set_enabled(*s, SD_EVENT_ONESHOT);
	if (err < 0)
		xha_log_err("standby %s: timer: %s", h->conf->name,
			    strerror(-err));
}

static void io_disarm(struct hsrp *h, enum hsrp_timer timer)
{
	sd_event_source *s = io_of(h)->timers[timer];

	io_of(h)->touched[timer]++;
	if (s)
		sd_event_source_set_enabled(s, SD_EVENT_OFF);
}

const struct hsrp_io_ops hsrp_io_ops = {
	.open	= io_open,
	.close	= io_close,
	.send	= io_send,
	.arm	= io_arm,
	.disarm	= io_disarm,
};

/**
 * hsrp_io_init - give an instance its socket and timers, none open yet
 * @io: to be set up; must outlive @h's use of it
 * @h: the instance
 * @event: the loop
 */
void hsrp_io_init(struct hsrp_io *io, struct hsrp *h, sd_event *event)
{
	memset(io, 0, sizeof(*io));
	io->event = event;
	io->fd = -1;
	io->vmac_fd = -1;
	h->io_data = io;
}

/**
 * hsrp_io_exit - close socket and timers
 * @io: what hsrp_io_init() set up
 */
void hsrp_io_exit(struct hsrp_io *io)
{
	unsigned int i;

	io->rx = sd_event_source_disable_unref(io->rx);
	for (i = 0; i < HSRP_TIMER_END; i++)
		io->timers[i] = sd_event_source_disable_unref(io->timers[i]);
	close_fd(&io->fd);
	close_fd(&io->vmac_fd);
}
