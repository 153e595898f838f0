// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/xfrm.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "role.h"
#include "witness.h"
#include "witness_pkt.h"

#define PACKET_MAX	256	/* what is longer is no answer */
/* A flood must not keep the loop from its timers. */
#define RX_BATCH	64
/* So many questions in a row without an answer, at least, are silence. */
#define UNANSWERED	3

static void answered(struct xha_witness *w, const struct xha_addr *from)
{
	if (!xha_conf_is_witness(w->elect->conf, from))
		return;
	w->answers++;
	w->unanswered = 0;
	w->answered_us = xha_log_now_us();
}

static int on_arp(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct xha_witness *w = arg;
	struct xha_addr from;
	__u8 buf[PACKET_MAX];
	ssize_t n;
	int i;

	for (i = 0; i < RX_BATCH; i++) {
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0)
			break;
		if (xha_witness_arp_answer(buf, n, w->elect->mac, &from))
			answered(w, &from);
	}
	return 0;
}

static int read_hops(struct msghdr *msg)
{
	struct cmsghdr *c;
	int hops = -1;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	return hops;
}

static int on_nd(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct xha_witness *w = arg;
	struct xha_addr from;
	__u8 buf[PACKET_MAX];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg;
	ssize_t n;
	int i;

	for (i = 0; i < RX_BATCH; i++) {
		msg = (struct msghdr){
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		n = recvmsg(fd, &msg, MSG_DONTWAIT);
		if (n < 0)
			break;
		if (xha_witness_ns_answer(buf, n, read_hops(&msg), &from))
			answered(w, &from);
	}
	return 0;
}

static int open_arp(const struct xha_witness *w)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = w->elect->ifindex,
	};
	int fd, err;

	/* Protocol 0: nothing of other interfaces comes before the bind. */
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&at, sizeof(at)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Policies for all of ::/0 are not meant for what keeps a LAN together. */
static int bypass_policies(int fd)
{
	struct xfrm_userpolicy_info policy = {
		.sel.family = AF_INET6,
		.action = XFRM_POLICY_ALLOW,
	};
	int dir;

	for (dir = XFRM_POLICY_IN; dir <= XFRM_POLICY_OUT; dir++) {
		policy.dir = dir;
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, &policy,
			       sizeof(policy)))
			return -errno;
	}
	return 0;
}

static int set_int(int fd, int name, int value)
{
	return setsockopt(fd, IPPROTO_IPV6, name, &value, sizeof(value));
}

static int setup_nd(const struct xha_witness *w, int fd)
{
	const struct xha_elect *e = w->elect;
	struct sockaddr_in6 own = {
		.sin6_family = AF_INET6,
		.sin6_scope_id = e->ifindex,
	};
	struct icmp6_filter filter;
	int err;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &filter);
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, e->ifname,
		       strlen(e->ifname) + 1) ||
	    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter,
		       sizeof(filter)) ||
	    set_int(fd, IPV6_MULTICAST_HOPS, XHA_WITNESS_HOPS) ||
	    set_int(fd, IPV6_MULTICAST_IF, e->ifindex) ||
	    set_int(fd, IPV6_MULTICAST_LOOP, 0) ||
	    set_int(fd, IPV6_RECVHOPLIMIT, 1))
		return -errno;
	err = bypass_policies(fd);
	if (err || e->addr.len != 16)
		return err;
	memcpy(&own.sin6_addr, e->addr.b, sizeof(own.sin6_addr));
	return bind(fd, (struct sockaddr *)&own, sizeof(own)) ? -errno : 0;
}

static int open_nd(const struct xha_witness *w)
{
	int fd, err;

	fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    IPPROTO_ICMPV6);
	if (fd < 0)
		return -errno;
	err = setup_nd(w, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static void close_sock(struct xha_witness_sock *s)
{
	s->rx = sd_event_source_disable_unref(s->rx);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void close_all(struct xha_witness *w)
{
	close_sock(&w->arp);
	close_sock(&w->nd);
	w->ifindex = 0;
	w->since_us = 0;
	w->answered_us = 0;
	w->unanswered = 0;
}

static bool asks(const struct xha_witness *w, int len)
{
	const struct xha_conf_standby *conf = w->elect->conf;
	unsigned int i;

	for (i = 0; i < conf->n_witnesses; i++)
		if (conf->witnesses[i].len == len)
			return true;
	return false;
}

/* @fd: of the socket just opened, or -errno */
static int join(struct xha_witness *w, struct xha_witness_sock *s, int fd,
		sd_event_io_handler_t fn)
{
	if (fd < 0)
		return fd;
	s->fd = fd;
	return sd_event_add_io(w->event, &s->rx, fd, EPOLLIN, fn, w);
}

static void open_all(struct xha_witness *w)
{
	int err = 0;

	if (asks(w, 4))
		err = join(w, &w->arp, open_arp(w), on_arp);
	if (err >= 0 && asks(w, 16))
		err = join(w, &w->nd, open_nd(w), on_nd);
	if (err < 0) {
		xha_log_err("standby %s: cannot ask the witnesses on %s: %s",
			    w->elect->conf->name, w->elect->ifname,
			    strerror(-err));
		close_all(w);
	}
	/* Not again and again: until the link changes. */
	w->ifindex = w->elect->ifindex;
	w->since_us = xha_log_now_us();
}

static void ask_v4(const struct xha_witness *w, const struct xha_addr *witness)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = w->ifindex,
		.sll_halen = ETH_ALEN,
	};
	__u8 buf[XHA_WITNESS_ARP_LEN];

	memset(to.sll_addr, 0xff, ETH_ALEN);
	xha_witness_arp(buf, w->elect->mac, &w->elect->addr, witness);
	sendto(w->arp.fd, buf, sizeof(buf), MSG_DONTWAIT,
	       (struct sockaddr *)&to, sizeof(to));
}

static void ask_v6(const struct xha_witness *w, const struct xha_addr *witness)
{
	struct xha_addr group = xha_witness_ns_to(witness);
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_scope_id = w->ifindex,
	};
	__u8 buf[XHA_WITNESS_NS_LEN];

	memcpy(&to.sin6_addr, group.b, sizeof(to.sin6_addr));
	xha_witness_ns(buf, w->elect->mac, witness);
	sendto(w->nd.fd, buf, sizeof(buf), MSG_DONTWAIT,
	       (struct sockaddr *)&to, sizeof(to));
}

/**
 * xha_witness_init - get to know the witnesses of a LAN
 * @w: to be set up
 * @elect: the election there; must outlive @w
 * @event: the loop
 */
void xha_witness_init(struct xha_witness *w, const struct xha_elect *elect,
		      sd_event *event)
{
	memset(w, 0, sizeof(*w));
	w->elect = elect;
	w->event = event;
	w->arp.fd = -1;
	w->nd.fd = -1;
}

/**
 * xha_witness_ask - ask all of them once
 * @w: the witnesses
 *
 * Follows the link of the election. What cannot be sent gets no answer.
 */
void xha_witness_ask(struct xha_witness *w)
{
	const struct xha_conf_standby *conf = w->elect->conf;
	unsigned int i;

	if (!conf->n_witnesses)
		return;
	if (!w->elect->link_up || w->ifindex != w->elect->ifindex)
		close_all(w);
	if (!w->elect->link_up)
		return;
	if (!w->ifindex)
		open_all(w);
	for (i = 0; i < conf->n_witnesses; i++)
		if (conf->witnesses[i].len == 4)
			ask_v4(w, &conf->witnesses[i]);
		else
			ask_v6(w, &conf->witnesses[i]);
	w->asked++;
	w->unanswered++;
}

/**
 * xha_witness_state - whether they answer
 * @w: the witnesses
 * @now_us: the time
 *
 * Return: the state; a LAN without link is silent, too.
 */
enum xha_hearing_witness xha_witness_state(const struct xha_witness *w,
					   __u64 now_us)
{
	__u64 hold_us = w->elect->conf->hold_ms * 1000ULL;

	if (!w->elect->conf->n_witnesses)
		return XHA_HEARING_NONE;
	if (!w->elect->link_up)
		return XHA_HEARING_SILENT;
	if (w->arp.fd < 0 && w->nd.fd < 0)
		return XHA_HEARING_NONE;
	if (w->answered_us && (now_us - w->answered_us < hold_us ||
			       w->unanswered < UNANSWERED))
		return XHA_HEARING_ANSWERS;
	if (w->unanswered < UNANSWERED || now_us - w->since_us < hold_us)
		return XHA_HEARING_NONE;
	return XHA_HEARING_SILENT;
}

/**
 * xha_witness_exit - ask no more
 * @w: the witnesses; may be all zero
 */
void xha_witness_exit(struct xha_witness *w)
{
	if (w->event)
		close_all(w);
}
