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

#define MCAST_ADDR	"224.0.0.102"
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

static struct sockaddr_in mcast(void)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(HSRP_PORT),
	};

	inet_pton(AF_INET, MCAST_ADDR, &sin.sin_addr);
	return sin;
}

static void read_batch(struct hsrp *h)
{
	int fd = io_of(h)->fd;
	struct sockaddr_in src;
	__u8 buf[1500];
	socklen_t len;
	ssize_t n;
	int i;

	/* What is heard may close the socket: look at it before each read. */
	for (i = 0; i < RX_BATCH && fd >= 0 && io_of(h)->fd == fd; i++) {
		len = sizeof(src);
		n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
			     (struct sockaddr *)&src, &len);
		if (n < 0)
			break;
		hsrp_receive(h, buf, n, src.sin_addr.s_addr);
	}
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

/* Bound to the multicast address: nothing sent to another one gets here. */
static int setup(int fd, struct hsrp *h)
{
	struct sockaddr_in to = mcast();
	struct ip_mreqn mreq = {
		.imr_multiaddr = to.sin_addr,
		.imr_address.s_addr = xha_addr_get_v4(&h->elect.addr),
		.imr_ifindex = h->elect.ifindex,
	};
	const char *ifname = h->elect.ifname;

	if (set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname,
		       strlen(ifname) + 1) ||
	    set_int(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL) ||
	    set_int(fd, IPPROTO_IP, IP_TOS, TOS_CONTROL) ||
	    set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1) ||
	    set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0) ||
	    set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) ||
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq, sizeof(mreq)) ||
	    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq,
		       sizeof(mreq)) ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)))
		return -errno;
	return 0;
}

static void io_close(struct hsrp *h)
{
	struct hsrp_io *io = io_of(h);

	io->rx = sd_event_source_disable_unref(io->rx);
	if (io->fd >= 0)
		close(io->fd);
	io->fd = -1;
}

static int io_open(struct hsrp *h)
{
	struct hsrp_io *io = io_of(h);
	int err;

	io->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (io->fd < 0)
		return -errno;
	err = setup(io->fd, h);
	if (!err)
		err = sd_event_add_io(io->event, &io->rx, io->fd, EPOLLIN,
				      on_readable, h);
	if (err < 0) {
		io_close(h);
		return err;
	}
	return 0;
}

static int io_send(struct hsrp *h, const __u8 *buf, size_t len)
{
	struct sockaddr_in to = mcast();
	ssize_t n;

	n = sendto(io_of(h)->fd, buf, len, MSG_DONTWAIT,
		   (struct sockaddr *)&to, sizeof(to));
	return n < 0 ? -errno : 0;
}

static enum hsrp_timer timer_of(const struct hsrp_io *io,
				const sd_event_source *s)
{
	if (io->timers[HSRP_TIMER_ACTIVE] == s)
		return HSRP_TIMER_ACTIVE;
	if (io->timers[HSRP_TIMER_STANDBY] == s)
		return HSRP_TIMER_STANDBY;
	return HSRP_TIMER_HELLO;
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
	if (timer != HSRP_TIMER_HELLO)
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
	if (io->fd >= 0)
		close(io->fd);
	io->fd = -1;
}
