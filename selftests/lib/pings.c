// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbered echo requests over many flows at once, answered by the far kernel:
 * live traffic through dozens of SAs by one process.
 *
 *   pings -o FILE NAME,SRC,DST,RATE...
 *
 * SRC and DST are addresses of one family, RATE is requests per second. FILE
 * is rewritten in place 20 times a second, one line of fixed width per flow:
 * name, requests sent, different replies, replies that came twice, and ms of
 * CLOCK_MONOTONIC when the last new reply came. SIGUSR1 pauses sending,
 * SIGUSR2 goes on.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <linux/icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOWS_MAX	64
#define SEEN		(1U << 20)	/* numbers told apart */
#define NSEC		1000000000LL
#define PROGRESS_NS	(50 * 1000000LL)
#define MAGIC		0x70696e67u

/* The body of a request, behind the 8 octets that both ICMPs begin with. */
struct body {
	uint32_t magic;
	uint32_t flow;
	uint64_t seq;
	uint8_t fill[48];
};

struct message {
	uint8_t type, code;
	uint16_t sum, id, seq;
	struct body body;
};

struct flow {
	const char *name;
	int family;
	int fd;
	int64_t step, next;
	uint64_t sent, received, twice;
	int64_t last_ms;
	uint8_t seen[SEEN / 8];
};

static struct flow flows[FLOWS_MAX];
static struct pollfd fds[FLOWS_MAX];
static int n_flows;
static volatile sig_atomic_t paused, stop;

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		paused = 1;
	else if (sig == SIGUSR2)
		paused = 0;
	else
		stop = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "pings: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

static socklen_t parse(const char *text, int family, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = family;
	if (inet_pton(family, text, family == AF_INET ? (void *)&in->sin_addr :
		      (void *)&in6->sin6_addr) != 1) {
		errno = EINVAL;
		die(text);
	}
	return family == AF_INET ? sizeof(*in) : sizeof(*in6);
}

/* The kernel hands each socket only what its far end sends to its near end. */
static void flow_socket(struct flow *f, const char *src, const char *dst)
{
	struct icmp_filter only4 = { .data = ~(1U << ICMP_ECHOREPLY) };
	struct icmp6_filter only6;
	struct sockaddr_storage ss;
	socklen_t len;

	f->family = strchr(src, ':') ? AF_INET6 : AF_INET;
	f->fd = socket(f->family, SOCK_RAW | SOCK_CLOEXEC, f->family == AF_INET ?
		       IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (f->fd < 0)
		die("socket");
	if (f->family == AF_INET) {
		setsockopt(f->fd, SOL_RAW, ICMP_FILTER, &only4, sizeof(only4));
	} else {
		ICMP6_FILTER_SETBLOCKALL(&only6);
		ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only6);
		setsockopt(f->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &only6,
			   sizeof(only6));
	}
	len = parse(src, f->family, &ss);
	if (bind(f->fd, (struct sockaddr *)&ss, len))
		die(src);
	len = parse(dst, f->family, &ss);
	if (connect(f->fd, (struct sockaddr *)&ss, len))
		die(dst);
}

static void flow_open(char *arg)
{
	char *name = strsep(&arg, ","), *src = strsep(&arg, ",");
	char *dst = strsep(&arg, ","), *rate = arg;
	struct flow *f = &flows[n_flows];

	if (!rate || atof(rate) <= 0 || n_flows == FLOWS_MAX) {
		errno = EINVAL;
		die(name);
	}
	f->name = name;
	f->step = NSEC / atof(rate);
	/* not all at the same moment */
	f->next = now_ns() + n_flows * (f->step / FLOWS_MAX);
	flow_socket(f, src, dst);
	fds[n_flows].fd = f->fd;
	fds[n_flows++].events = POLLIN;
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *p = data;
	uint32_t sum = 0;

	for (; len; len -= 2)
		sum += *p++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* What cannot be sent now counts as sent: it is lost. */
static void flow_send(struct flow *f)
{
	struct message m = {
		.type = f->family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
		.id = htons(f - flows), .seq = htons(++f->sent),
		.body = { .magic = htobe32(MAGIC), .flow = htobe32(f - flows),
			  .seq = htobe64(f->sent) },
	};

	if (f->family == AF_INET)
		m.sum = checksum(&m, sizeof(m));
	if (send(f->fd, &m, sizeof(m), MSG_DONTWAIT) < 0)
		return;
}

static void flow_receive(struct flow *f)
{
	const struct message *m;
	uint64_t seq;
	char buf[512];
	ssize_t n;
	int skip;

	while ((n = recv(f->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		skip = f->family == AF_INET ? (buf[0] & 15) * 4 : 0;
		m = (const struct message *)(buf + skip);
		if (n < (ssize_t)(skip + sizeof(*m)) ||
		    be32toh(m->body.magic) != MAGIC ||
		    be32toh(m->body.flow) != f - flows)
			continue;
		seq = be64toh(m->body.seq) % SEEN;
		if (f->seen[seq / 8] & 1 << seq % 8) {
			f->twice++;
			continue;
		}
		f->seen[seq / 8] |= 1 << seq % 8;
		/* forget what lies far ahead: numbers come round again */
		f->seen[(seq + SEEN / 2) % SEEN / 8] = 0;
		f->received++;
		f->last_ms = now_ns() / 1000000;
	}
}

static void progress(int fd)
{
	char text[FLOWS_MAX * 80];
	int i, n = 0;

	for (i = 0; i < n_flows; i++)
		n += snprintf(text + n, sizeof(text) - n,
			      "%-16s %10llu %10llu %10llu %14lld\n",
			      flows[i].name, (unsigned long long)flows[i].sent,
			      (unsigned long long)flows[i].received,
			      (unsigned long long)flows[i].twice,
			      (long long)flows[i].last_ms);
	if (pwrite(fd, text, n, 0) != n)
		die("progress");
}

/* Sends what is due; returns when the next is. */
static int64_t send_due(int64_t now)
{
	int64_t next = now + PROGRESS_NS;
	int i;

	for (i = 0; i < n_flows; i++) {
		if (flows[i].next <= now) {
			if (!paused)
				flow_send(&flows[i]);
			flows[i].next += flows[i].step;
			if (flows[i].next < now)	/* no flood after a stall */
				flows[i].next = now + flows[i].step;
		}
		if (flows[i].next < next)
			next = flows[i].next;
	}
	return next;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int64_t now, next, told = 0;
	struct timespec ts = { 0 };
	int fd, i;

	if (argc < 4 || strcmp(argv[1], "-o")) {
		fprintf(stderr, "usage: pings -o FILE NAME,SRC,DST,RATE...\n");
		return 2;
	}
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		die(argv[2]);
	for (i = 3; i < argc; i++)
		flow_open(argv[i]);
	while (!stop) {
		now = now_ns();
		next = send_due(now);
		if (now - told >= PROGRESS_NS) {
			told = now;
			progress(fd);
		}
		now = now_ns();
		ts.tv_nsec = next > now ? next - now : 0;
		if (ppoll(fds, n_flows, &ts, NULL) <= 0)
			continue;
		for (i = 0; i < n_flows; i++)
			if (fds[i].revents)
				flow_receive(&flows[i]);
	}
	progress(fd);
	return 0;
}
