// SPDX-License-Identifier: GPL-2.0-only
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp_io.h"

_Static_assert(VRRP_TIMER_END <= ELECT_IO_TIMERS, "room for all timers");

static struct xha_addr mcast(const void *self)
{
	return vrrp_mcast(self);
}

static __u64 interval_us(const void *self)
{
	return ((const struct vrrp *)self)->interval_ms * 1000ULL;
}

/* A raw socket of IPv4 gives the IP header, too. */
static void receive_v4(struct vrrp *v, const struct elect_packet *p)
{
	struct vrrp_path path = { 0 };
	struct iphdr ip;
	size_t hlen;

	if (p->len < sizeof(ip))
		return;
	memcpy(&ip, p->buf, sizeof(ip));
	hlen = ip.ihl * 4U;
	if (hlen < sizeof(ip) || hlen > p->len)
		return;
	path.src = xha_addr_v4(ip.saddr);
	path.dst = xha_addr_v4(ip.daddr);
	path.ttl = ip.ttl;
	vrrp_receive(v, p->buf + hlen, p->len - hlen, &path);
}

static void receive(void *self, const struct elect_packet *p)
{
	struct vrrp_path path = {
		.src = p->src,
		.dst = vrrp_mcast(self),
		.ttl = p->ttl,
	};

	if (p->src.len == 4)
		receive_v4(self, p);
	else if (p->ttl >= 0)
		vrrp_receive(self, p->buf, p->len, &path);
}

static void timeout(void *self, unsigned int timer)
{
	vrrp_timeout(self, timer);
}

/* RFC 5798, 7.3: who is master sends from the virtual MAC address. */
static const struct elect_proto proto = {
	.name		= "vrrp",
	.interval_name	= "interval",
	.type		= SOCK_RAW,
	.protocol	= VRRP_PROTO,
	.ttl		= { VRRP_TTL, VRRP_TTL },
	.n_timers	= VRRP_TIMER_END,
	.hold_timer	= VRRP_TIMER_MASTER,
	.silence_timers	= ~(1U << VRRP_TIMER_ADVERT),
	.accuracy_us	= 100,
	.mcast		= mcast,
	.interval_us	= interval_us,
	.receive	= receive,
	.timeout	= timeout,
};

static int io_open(struct vrrp *v)
{
	return elect_io_open(v->io_data);
}

static void io_close(struct vrrp *v)
{
	elect_io_close(v->io_data);
}

static int io_send(struct vrrp *v, const __u8 *buf, size_t len)
{
	return elect_io_send(v->io_data, buf, len);
}

static void io_arm(struct vrrp *v, enum vrrp_timer timer, __u32 us)
{
	elect_io_arm(v->io_data, timer, us);
}

static void io_disarm(struct vrrp *v, enum vrrp_timer timer)
{
	elect_io_disarm(v->io_data, timer);
}

const struct vrrp_io_ops vrrp_io_ops = {
	.open	= io_open,
	.close	= io_close,
	.send	= io_send,
	.arm	= io_arm,
	.disarm	= io_disarm,
};

/**
 * vrrp_io_init - give an instance its sockets and timers, none open yet
 * @io: to be set up; must outlive @v's use of it; elect_io_exit() ends it
 * @v: the instance
 * @event: the loop
 */
void vrrp_io_init(struct elect_io *io, struct vrrp *v, sd_event *event)
{
	elect_io_init(io, &proto, v, &v->elect, event);
	v->io_data = io;
}
