// SPDX-License-Identifier: GPL-2.0-only
/*
 * As many UDP packets as get through between two namespaces, in both
 * directions alike, and how long that took.
 *
 *   flood NS_A ADDR_A NS_B ADDR_B COUNT [TUNNELS]
 *
 * COUNT packets go each way, in bursts that are received before the next is
 * sent, so no queue on the way is ever full and every packet is accounted for.
 * With TUNNELS the second end has so many addresses, 256 apart, and they take
 * turns. Prints one JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BURST		16
#define PORT		7009
#define SIZE		64
#define TUNNELS_MAX	512
#define STRIDE		256
#define RCVBUF		(1 << 20)

static int b_fd[TUNNELS_MAX];
static struct sockaddr_in b_addr[TUNNELS_MAX];
static struct sockaddr_in a_addr;
static int a_fd;
static uint64_t lost;

static void fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *ns)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(ns);
	close(fd);
}

static struct sockaddr_in address(const char *text, unsigned int n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (inet_pton(AF_INET, text, &a.sin_addr) != 1) {
		errno = EINVAL;
		fail(text);
	}
	a.sin_addr.s_addr = htonl(ntohl(a.sin_addr.s_addr) + n * STRIDE);
	return a;
}

/* A packet that does not come for so long is lost. */
static int open_at(const struct sockaddr_in *a)
{
	struct timeval tv = { .tv_sec = 5 };
	int size = RCVBUF;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)a, sizeof(*a)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		fail("socket");
	return fd;
}

static void give(int fd, const struct sockaddr_in *to)
{
	static const char payload[SIZE];

	/* A socket tells of an earlier packet's error with the next one. */
	if (sendto(fd, payload, sizeof(payload), 0, (const struct sockaddr *)to,
		   sizeof(*to)) < 0 &&
	    sendto(fd, payload, sizeof(payload), 0, (const struct sockaddr *)to,
		   sizeof(*to)) < 0)
		fail("send");
}

static void take(int fd)
{
	char buf[SIZE];

	if (recv(fd, buf, sizeof(buf), 0) < 0)
		lost++;
}

static void burst(uint64_t first, unsigned int n, unsigned int tunnels)
{
	unsigned int i, t;

	for (i = 0; i < n; i++) {
		t = (first + i) % tunnels;
		give(a_fd, &b_addr[t]);
		give(b_fd[t], &a_addr);
	}
	for (i = 0; i < n; i++) {
		take(b_fd[(first + i) % tunnels]);
		take(a_fd);
	}
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned int tunnels = argc > 6 ? atoi(argv[6]) : 1;
	uint64_t count, n, begin;
	unsigned int i;

	if (argc < 6 || !tunnels || tunnels > TUNNELS_MAX) {
		fprintf(stderr, "usage: flood NS_A ADDR_A NS_B ADDR_B COUNT [TUNNELS]\n");
		return 2;
	}
	count = strtoull(argv[5], NULL, 10);
	enter(argv[1]);
	a_addr = address(argv[2], 0);
	a_fd = open_at(&a_addr);
	enter(argv[3]);
	for (i = 0; i < tunnels; i++) {
		b_addr[i] = address(argv[4], i);
		b_fd[i] = open_at(&b_addr[i]);
	}
	burst(0, tunnels > BURST ? tunnels : BURST, tunnels);	/* neighbours, routes */
	if (lost) {
		fprintf(stderr, "flood: no way through\n");
		return 1;
	}
	begin = now_ns();
	for (n = 0; n < count; n += BURST)
		burst(n, BURST, tunnels);
	printf("{\"packets\": %" PRIu64 ", \"ns\": %" PRIu64 ", \"lost\": %" PRIu64 "}\n",
	       2 * n, now_ns() - begin, lost);
	return 0;
}
