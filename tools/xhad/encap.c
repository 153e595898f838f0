// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "encap.h"
#include "log.h"

#define NATT_PORT	4500
#define LOOK_US		1000000

/*
 * A line of /proc/net/udp or udp6: true when another socket than that of @own
 * would get what comes to port 4500 of @vip. An address stands there as words
 * of 32 bits in host byte order.
 */
static bool line_has_port(const char *line, const struct xha_addr *vip,
			  unsigned long own)
{
	__u32 words[4] = { 0 }, zero[4] = { 0 };
	unsigned int port, n = vip->len / 4;
	unsigned long inode;
	char addr[33];
	unsigned int i;

	if (sscanf(line,
		   " %*[^:]: %32[0-9A-F]:%x %*x:%*x %*x %*x:%*x %*x:%*x %*x %*u %*u %lu",
		   addr, &port, &inode) != 3 || strlen(addr) != n * 8)
		return false;
	for (i = 0; i < n; i++)
		if (sscanf(addr + i * 8, "%8x", &words[i]) != 1)
			return false;
	return port == NATT_PORT && inode != own &&
	       (!memcmp(words, zero, vip->len) ||
		!memcmp(words, vip->b, vip->len));
}

/* Sockets other than ours that can get packets to the VIP's port. */
static unsigned int others_at_port(const struct xha_encap *e)
{
	unsigned int found = 0;
	unsigned long own = 0;
	struct stat st;
	char line[256];
	FILE *f;

	if (e->fd >= 0 && !fstat(e->fd, &st))
		own = st.st_ino;
	f = fopen(e->vip.len == 4 ? "/proc/self/net/udp" :
		  "/proc/self/net/udp6", "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		found += line_has_port(line, &e->vip, own);
	fclose(f);
	return found;
}

static bool daemon_has_port(const struct xha_encap *e)
{
	unsigned int n = others_at_port(e);
	bool kept = e->ops->kept(e, e->arg);

	if (kept && !n)
		e->ops->lost(e, e->arg);
	return n > kept;
}

static void shut(struct xha_encap *e)
{
	e->rx = sd_event_source_disable_unref(e->rx);
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

static void look(struct xha_encap *e);

/* Only IKE and keepalives get here; ESP is taken by the kernel. */
static int on_readable(sd_event_source *s, int fd, uint32_t revents,
		       void *arg)
{
	struct xha_encap *e = arg;
	char buf[64];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	look(e);
	return 0;
}

static int bind_vip(const struct xha_encap *e)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(NATT_PORT),
	};
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(NATT_PORT),
	};

	if (e->vip.len == 4) {
		sin.sin_addr.s_addr = xha_addr_get_v4(&e->vip);
		return bind(e->fd, (struct sockaddr *)&sin, sizeof(sin));
	}
	memcpy(&sin6.sin6_addr, e->vip.b, sizeof(sin6.sin6_addr));
	return bind(e->fd, (struct sockaddr *)&sin6, sizeof(sin6));
}

static int set_freebind(const struct xha_encap *e)
{
	bool v4 = e->vip.len == 4;
	int one = 1;

	return setsockopt(e->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6,
			  v4 ? IP_FREEBIND : IPV6_FREEBIND, &one, sizeof(one));
}

static int try_open(struct xha_encap *e)
{
	int type = UDP_ENCAP_ESPINUDP, one = 1;
	int err = 0;

	e->fd = socket(e->vip.len == 4 ? AF_INET : AF_INET6,
		       SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->fd < 0)
		return -errno;
	if (setsockopt(e->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    set_freebind(e) || bind_vip(e) ||
	    setsockopt(e->fd, IPPROTO_UDP, UDP_ENCAP, &type, sizeof(type)))
		err = -errno;
	if (!err)
		err = sd_event_add_io(e->event, &e->rx, e->fd, EPOLLIN,
				      on_readable, e);
	if (err < 0)
		shut(e);
	return err < 0 ? err : 0;
}

static int hold(struct xha_encap *e, const char *text)
{
	int err;

	if (e->fd < 0) {
		err = try_open(e);
		if (err)
			return err;
		xha_log_info("encap %s: holds port %d for NAT-T", text,
			     NATT_PORT);
	}
	e->wanted = true;
	return e->ops->keep(e, e->arg);
}

static int let_go(struct xha_encap *e, const char *text)
{
	if (e->fd >= 0) {
		xha_log_info("encap %s: yields port %d to a daemon", text,
			     NATT_PORT);
		shut(e);
	}
	e->wanted = false;
	return e->ops->keep(e, e->arg);
}

static void look(struct xha_encap *e)
{
	char text[XHA_ADDR_STRLEN];
	int err;

	xha_addr_format(&e->vip, text, sizeof(text));
	err = daemon_has_port(e) ? let_go(e, text) : hold(e, text);
	if (err && err != -EADDRINUSE && err != e->err)
		xha_log_warn("encap %s: port %d: %s", text, NATT_PORT,
			     strerror(-err));
	e->err = err;
}

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	look(arg);
	sd_event_source_set_time_relative(s, LOOK_US);
	return 0;
}

/**
 * xha_encap_init - set up, with no socket yet
 * @e: to be set up
 * @event: the loop
 * @vip: IPv4 or IPv6
 * @ops: the kernel's part
 * @arg: for @ops
 */
void xha_encap_init(struct xha_encap *e, sd_event *event,
		    const struct xha_addr *vip, const struct xha_encap_ops *ops,
		    void *arg)
{
	memset(e, 0, sizeof(*e));
	e->event = event;
	e->ops = ops;
	e->arg = arg;
	e->vip = *vip;
	e->fd = -1;
}

/**
 * xha_encap_up - hold the port whenever no daemon has it
 * @e: the socket; its VIP need not be here yet
 */
void xha_encap_up(struct xha_encap *e)
{
	int err;

	look(e);
	err = sd_event_add_time_relative(e->event, &e->timer, CLOCK_MONOTONIC,
					 LOOK_US, LOOK_US / 10, on_timer, e);
	if (err >= 0)
		err = sd_event_source_set_enabled(e->timer, SD_EVENT_ON);
	if (err < 0)
		xha_log_err("encap: timer: %s", strerror(-err));
}

/**
 * xha_encap_down - give the port back; the kernel goes on holding it
 * @e: the socket
 */
void xha_encap_down(struct xha_encap *e)
{
	e->timer = sd_event_source_disable_unref(e->timer);
	shut(e);
}
