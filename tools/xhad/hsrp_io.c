// SPDX-License-Identifier: GPL-2.0-only
#include <netinet/in.h>
#include <sys/socket.h>

#include "hsrp_io.h"

#define MCAST_V1	"224.0.0.2"
#define MCAST_V2	"224.0.0.102"
#define MCAST_V6	"ff02::66"

_Static_assert(HSRP_TIMER_END <= ELECT_IO_TIMERS, "room for all timers");

/* Several groups on one interface share the port. */
static int prepare(int fd, int family)
{
	int yes = 1, no = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)))
		return -1;
	if (family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &yes,
				  sizeof(yes));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) ||
	       setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &no,
			  sizeof(no)) ? -1 : 0;
}

static struct xha_addr mcast(const void *self)
{
	const struct hsrp *h = self;
	struct xha_addr addr;

	if (hsrp_family(h) == AF_INET6)
		xha_addr_parse(MCAST_V6, &addr);
	else
		xha_addr_parse(h->conf->version == 1 ? MCAST_V1 : MCAST_V2,
			       &addr);
	return addr;
}

static __u64 interval_us(const void *self)
{
	return ((const struct hsrp *)self)->hello_ms * 1000ULL;
}

/* RFC 2281, 6: the others send from their own address. */
static bool from_vmac(const void *self)
{
	return ((const struct hsrp *)self)->state == HSRP_STATE_ACTIVE;
}

static void receive(void *self, const struct elect_packet *p)
{
	struct hsrp_rx rx = {
		.buf = p->buf,
		.len = p->len,
		.src = p->src,
		.ttl = p->ttl,
	};

	hsrp_receive(self, &rx);
}

static void timeout(void *self, unsigned int timer)
{
	hsrp_timeout(self, timer);
}

static const struct elect_proto proto = {
	.name		= "standby",
	.interval_name	= "hello time",
	.type		= SOCK_DGRAM,
	.port		= { HSRP_PORT, HSRP_PORT_V6 },
	.ttl		= { HSRP_TTL, HSRP_HOPS_V6 },
	.n_timers	= HSRP_TIMER_END,
	.hold_timer	= HSRP_TIMER_ACTIVE,
	.silence_timers	= 1U << HSRP_TIMER_ACTIVE | 1U << HSRP_TIMER_STANDBY,
	.accuracy_us	= 1000,
	.prepare	= prepare,
	.mcast		= mcast,
	.interval_us	= interval_us,
	.from_vmac	= from_vmac,
	.receive	= receive,
	.timeout	= timeout,
};

static int io_open(struct hsrp *h)
{
	return elect_io_open(h->io_data);
}

static void io_close(struct hsrp *h)
{
	elect_io_close(h->io_data);
}

static int io_send(struct hsrp *h, const __u8 *buf, size_t len)
{
	return elect_io_send(h->io_data, buf, len);
}

static void io_arm(struct hsrp *h, enum hsrp_timer timer, __u32 ms)
{
	elect_io_arm(h->io_data, timer, ms * 1000ULL);
}

static void io_disarm(struct hsrp *h, enum hsrp_timer timer)
{
	elect_io_disarm(h->io_data, timer);
}

const struct hsrp_io_ops hsrp_io_ops = {
	.open	= io_open,
	.close	= io_close,
	.send	= io_send,
	.arm	= io_arm,
	.disarm	= io_disarm,
};

/**
 * hsrp_io_init - give an instance its sockets and timers, none open yet
 * @io: to be set up; must outlive @h's use of it; elect_io_exit() ends it
 * @h: the instance
 * @event: the loop
 */
void hsrp_io_init(struct elect_io *io, struct hsrp *h, sd_event *event)
{
	elect_io_init(io, &proto, h, &h->elect, event);
	h->io_data = io;
}
