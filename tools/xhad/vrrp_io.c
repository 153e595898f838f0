// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "role.h"
#include "vrrp_io.h"

#define TOS_CONTROL	0xc0	/* internetwork control, as routing protocols */
/* A flood must not keep the loop from its timers. */
#define RX_BATCH	64
/* How late a timer must be, and how often in a row, to mean something. */
#define LATE_MIN_US	20000
#define STALLS_MAX	3

static struct vrrp_io *io_of(struct vrrp *v)
{
	return v->io_data;
}

static bool is_v4(const struct vrrp *v)
{
	return v->conf->vips[0].addr.len == 4;
}

/*
 * Where a socket is: on the interface, to hear and to be heard; or on the
 * macvlan, to be heard from the virtual MAC address.
 */
struct place {
	const char *ifname;
	unsigned int ifindex;
	bool hears;
};

static struct place own_place(const struct vrrp *v)
{
	return (struct place){ v->elect.ifname, v->elect.ifindex, true };
}

static struct place vmac_place(const struct vrrp *v)
{
	return (struct place){ v->elect.vmac.ifname, v->elect.vmac.ifindex,
			       false };
}

/* Where advertisements go; the length of it. */
static socklen_t mcast(const struct vrrp *v, unsigned int ifindex,
		       struct sockaddr_storage *ss)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct xha_addr addr = vrrp_mcast(v);

	memset(ss, 0, sizeof(*ss));
	if (is_v4(v)) {
		sin->sin_family = AF_INET;
		memcpy(&sin->sin_addr, addr.b, sizeof(sin->sin_addr));
		return sizeof(*sin);
	}
	sin6->sin6_family = AF_INET6;
	sin6->sin6_scope_id = ifindex;
	memcpy(&sin6->sin6_addr, addr.b, sizeof(sin6->sin6_addr));
	return sizeof(*sin6);
}

/* A raw socket of IPv4 gives the IP header, too. */
static void take_v4(struct vrrp *v, const __u8 *buf, size_t len)
{
	struct vrrp_path path = { 0 };
	struct iphdr ip;
	size_t hlen;

	if (len < sizeof(ip))
		return;
	memcpy(&ip, buf, sizeof(ip));
	hlen = ip.ihl * 4U;
	if (hlen < sizeof(ip) || hlen > len)
		return;
	path.src = xha_addr_v4(ip.saddr);
	path.dst = xha_addr_v4(ip.daddr);
	path.ttl = ip.ttl;
	vrrp_receive(v, buf + hlen, len - hlen, &path);
}

static void take_v6(struct vrrp *v, const __u8 *buf, size_t len,
		    struct msghdr *msg)
{
	const struct sockaddr_in6 *src = msg->msg_name;
	struct vrrp_path path = { .dst = vrrp_mcast(v) };
	struct cmsghdr *c;
	int hops = -1;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	if (hops < 0)
		return;
	xha_addr_set(&path.src, &src->sin6_addr, 16);
	path.ttl = hops;
	vrrp_receive(v, buf, len, &path);
}

/* A packet longer than any that is good is cut, and its length tells. */
static bool read_one(struct vrrp *v)
{
	struct sockaddr_storage src;
	__u8 buf[60 + VRRP_PKT_MAX + 1];
	__u8 control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_name = &src,
		.msg_namelen = sizeof(src),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(io_of(v)->fd, &msg, MSG_DONTWAIT);

	if (n < 0)
		return false;
	if (is_v4(v))
		take_v4(v, buf, n);
	else
		take_v6(v, buf, n, &msg);
	return true;
}

static void read_batch(struct vrrp *v)
{
	int fd = io_of(v)->fd;
	int i;

	/* What is heard may close the socket: look at it before each read. */
	for (i = 0; i < RX_BATCH && fd >= 0 && io_of(v)->fd == fd; i++)
		if (!read_one(v))
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

static int setup_v4(int fd, const struct vrrp *v, const struct place *at,
		    const struct sockaddr_storage *to)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)to;
	struct ip_mreqn mreq = {
		.imr_multiaddr = sin->sin_addr,
		.imr_address.s_addr = xha_addr_get_v4(&v->elect.addr),
		.imr_ifindex = at->ifindex,
	};

	return set_int(fd, IPPROTO_IP, IP_TOS, TOS_CONTROL) ||
	       set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, VRRP_TTL) ||
	       set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0) ||
	       set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) ||
	       setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq,
			  sizeof(mreq)) ||
	       (at->hears && setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP,
					&mreq, sizeof(mreq)));
}

/* What is sent by the macvlan has an address that is not on it. */
static int setup_v6(int fd, const struct place *at,
		    const struct sockaddr_storage *to)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)to;
	int ifindex = at->ifindex;
	struct ipv6_mreq mreq = {
		.ipv6mr_multiaddr = sin6->sin6_addr,
		.ipv6mr_interface = ifindex,
	};

	return set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS_CONTROL) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, VRRP_TTL) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex) ||
	       set_int(fd, IPPROTO_IPV6, IPV6_FREEBIND, !at->hears) ||
	       (at->hears && setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP,
					&mreq, sizeof(mreq)));
}

/* Bound to the multicast address: nothing sent to another one gets here. */
static int setup(int fd, const struct vrrp *v, const struct place *at)
{
	struct sockaddr_storage to;
	socklen_t len = mcast(v, at->ifindex, &to);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, at->ifname,
		       strlen(at->ifname) + 1) ||
	    set_int(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL) ||
	    (is_v4(v) ? setup_v4(fd, v, at, &to) :
			setup_v6(fd, at, &to)) ||
	    bind(fd, (struct sockaddr *)&to, len))
		return -errno;
	return 0;
}

static int open_at(const struct vrrp *v, const struct place *at)
{
	int fd, err;

	fd = socket(is_v4(v) ? AF_INET : AF_INET6,
		    SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, VRRP_PROTO);
	if (fd < 0)
		return -errno;
	err = setup(fd, v, at);
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

static void io_close(struct vrrp *v)
{
	struct vrrp_io *io = io_of(v);

	io->rx = sd_event_source_disable_unref(io->rx);
	close_fd(&io->fd);
	close_fd(&io->vmac_fd);
}

static int io_open(struct vrrp *v)
{
	struct vrrp_io *io = io_of(v);
	struct place at = own_place(v);
	int err;

	io->fd = open_at(v, &at);
	if (io->fd < 0)
		return io->fd;
	err = sd_event_add_io(io->event, &io->rx, io->fd, EPOLLIN,
			      on_readable, v);
	if (err < 0) {
		io_close(v);
		return err;
	}
	return 0;
}

/* The source must be the address that is in the checksum. */
static void from_own(const struct vrrp *v, const struct place *at,
		     struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct in6_pktinfo info = { .ipi6_ifindex = at->ifindex };

	memcpy(&info.ipi6_addr, v->elect.addr.b, sizeof(info.ipi6_addr));
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static int send_at(const struct vrrp *v, int fd, const struct place *at,
		   const __u8 *buf, size_t len)
{
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = len };
	struct sockaddr_storage to;
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = mcast(v, at->ifindex, &to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	if (!is_v4(v)) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		from_own(v, at, &msg);
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/*
 * RFC 5798, 7.3: from the virtual MAC address. But not while the role is given
 * away, nor once the VIPs are gone: switches would look for it here.
 */
static int send_vmac(struct vrrp *v, const __u8 *buf, size_t len)
{
	const struct xha_vmac *vmac = &v->elect.vmac;
	struct vrrp_io *io = io_of(v);
	struct place at = vmac_place(v);

	if (!vmac->carries || io->vmac_ifindex != vmac->ifindex)
		close_fd(&io->vmac_fd);
	if (!xha_vmac_speaks(vmac, xha_log_now_us()) ||
	    v->elect.role->mode != XHA_ROLE_ACTIVE)
		return -ENODEV;
	if (io->vmac_fd < 0) {
		io->vmac_fd = open_at(v, &at);
		io->vmac_ifindex = vmac->ifindex;
	}
	return io->vmac_fd < 0 ? io->vmac_fd :
	       send_at(v, io->vmac_fd, &at, buf, len);
}

/* From the wrong address is better than not at all. */
static int io_send(struct vrrp *v, const __u8 *buf, size_t len)
{
	struct place at = own_place(v);

	if (!send_vmac(v, buf, len))
		return 0;
	return send_at(v, io_of(v)->fd, &at, buf, len);
}

static enum vrrp_timer timer_of(const struct vrrp_io *io,
				const sd_event_source *s)
{
	enum vrrp_timer t = 0;

	while (t < VRRP_TIMER_END - 1 && io->timers[t] != s)
		t++;
	return t;
}

/*
 * As with HSRP: a node that was itself stalled when its waiting time ended
 * cannot tell whether the master was, and listens for one interval more.
 */
static bool stalled(struct vrrp *v, uint64_t due_us)
{
	struct vrrp_io *io = io_of(v);
	__u64 late = xha_log_now_us() - due_us;
	__u64 limit = v->interval_ms * 1000ULL / 4;

	if (late < (limit > LATE_MIN_US ? limit : LATE_MIN_US) ||
	    io->stalls == STALLS_MAX) {
		io->stalls = 0;
		return false;
	}
	io->stalls++;
	xha_log_warn("vrrp %s: this node was late by %llu ms: listens for one interval more",
		     v->conf->name, late / 1000);
	v->io->arm(v, VRRP_TIMER_MASTER, v->interval_ms * 1000);
	return true;
}

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct vrrp *v = arg;
	struct vrrp_io *io = io_of(v);
	enum vrrp_timer timer = timer_of(io, s);
	unsigned int touched = io->touched[timer];

	/* Where this process was late, what waits may say there was no silence. */
	if (timer != VRRP_TIMER_ADVERT)
		read_batch(v);
	if (io->touched[timer] != touched)
		return 0;
	if (timer != VRRP_TIMER_MASTER || !stalled(v, usec))
		vrrp_timeout(v, timer);
	return 0;
}

static void io_arm(struct vrrp *v, enum vrrp_timer timer, __u32 us)
{
	struct vrrp_io *io = io_of(v);
	sd_event_source **s = &io->timers[timer];
	int err;

	io->touched[timer]++;
	if (!*s)
		err = sd_event_add_time_relative(io->event, s, CLOCK_MONOTONIC,
						 us, 100, on_timer, v);
	else
		err = sd_event_source_set_time_relative(*s, us);
	if (err >= 0)
		err = sd_event_source_set_enabled(*s, SD_EVENT_ONESHOT);
	if (err < 0)
		xha_log_err("vrrp %s: timer: %s", v->conf->name,
			    strerror(-err));
}

static void io_disarm(struct vrrp *v, enum vrrp_timer timer)
{
	sd_event_source *s = io_of(v)->timers[timer];

	io_of(v)->touched[timer]++;
	if (s)
		sd_event_source_set_enabled(s, SD_EVENT_OFF);
}

const struct vrrp_io_ops vrrp_io_ops = {
	.open	= io_open,
	.close	= io_close,
	.send	= io_send,
	.arm	= io_arm,
	.disarm	= io_disarm,
};

/**
 * vrrp_io_init - give an instance its socket and timers, none open yet
 * @io: to be set up; must outlive @v's use of it
 * @v: the instance
 * @event: the loop
 */
void vrrp_io_init(struct vrrp_io *io, struct vrrp *v, sd_event *event)
{
	memset(io, 0, sizeof(*io));
	io->event = event;
	io->fd = -1;
	io->vmac_fd = -1;
	v->io_data = io;
}

/**
 * vrrp_io_exit - close socket and timers
 * @io: what vrrp_io_init() set up
 */
void vrrp_io_exit(struct vrrp_io *io)
{
	unsigned int i;

	io->rx = sd_event_source_disable_unref(io->rx);
	for (i = 0; i < VRRP_TIMER_END; i++)
		io->timers[i] = sd_event_source_disable_unref(io->timers[i]);
	close_fd(&io->fd);
	close_fd(&io->vmac_fd);
}
