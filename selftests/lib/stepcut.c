// SPDX-License-Identifier: GPL-2.0-only
/*
 * A crash at a step of a protocol: relays frames between two ports until one
 * carries a certain message of the channel. With that frame in its hands, which
 * so is at neither end, it sets links down, and relays no more.
 *
 *   stepcut FROM TO TYPE AFTER lose|pass [NS:DEV]...
 *
 * TYPE is the number of a message (kmod/wire.h) that comes in by port FROM; it
 * counts once one of type AFTER was relayed, from either end (0: at once). With
 * "pass" that frame is still delivered, after the links went down. The channel
 * must not be encrypted, and the ends must not leave checksums to their devices.
 *
 * Prints "ready", then "cut" and the real time in seconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "link.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING	23
#endif

#define FRAME_MAX	65536
#define LINKS_MAX	8
#define PROTO_SCTP	132
#define SCTP_HEADER	12
#define CHUNK_DATA	0
#define CHUNK_I_DATA	64
#define CHUNK_BEGINS	0x02	/* the first, or only, part of a message */
#define TYPE_AT		2	/* in struct xha_wire_hdr */

static void die(const char *what)
{
	fprintf(stderr, "stepcut: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int port_open(const char *dev)
{
	struct sockaddr_ll a = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(dev),
	};
	int one = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (!a.sll_ifindex)
		die(dev);
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
				 sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die("packet socket");
	return fd;
}

/* Type of the message that begins in a chunk, or -1. */
static int chunk_type(const uint8_t *c, size_t len)
{
	size_t at;

	if (c[0] != CHUNK_DATA && c[0] != CHUNK_I_DATA)
		return -1;
	at = (c[0] == CHUNK_DATA ? 16 : 20) + TYPE_AT;
	return (c[1] & CHUNK_BEGINS) && len > at ? c[at] : -1;
}

/* Does a frame bring a message of that type? IPv4 without fragments. */
static bool brings(const uint8_t *f, size_t len, int type)
{
	size_t at, chunk;

	if (len < ETH_HLEN + 20 || f[12] != 8 || f[13] || f[23] != PROTO_SCTP)
		return false;
	at = ETH_HLEN + (f[14] & 15) * 4 + SCTP_HEADER;
	while (at + 4 <= len) {
		chunk = f[at + 2] << 8 | f[at + 3];
		if (chunk < 4 || at + chunk > len)
			break;
		if (chunk_type(f + at, chunk) == type)
			return true;
		at += (chunk + 3) & ~(size_t)3;
	}
	return false;
}

static void cut(struct link *links, int n)
{
	struct timespec t;
	int i;

	for (i = 0; i < n; i++)
		link_set(&links[i]);
	clock_gettime(CLOCK_REALTIME, &t);
	printf("links down at %lld.%06ld\n", (long long)t.tv_sec, t.tv_nsec / 1000);
}

int main(int argc, char **argv)
{
	static uint8_t frame[FRAME_MAX];
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	struct link links[LINKS_MAX];
	int type, after, i, n = argc - 6;
	bool pass;
	ssize_t len;

	if (n < 0 || n > LINKS_MAX ||
	    (strcmp(argv[5], "lose") && strcmp(argv[5], "pass"))) {
		fprintf(stderr, "usage: stepcut FROM TO TYPE AFTER lose|pass [NS:DEV]...\n");
		return 2;
	}
	type = atoi(argv[3]);
	after = atoi(argv[4]);
	pass = !strcmp(argv[5], "pass");
	fds[0].fd = port_open(argv[1]);
	fds[1].fd = port_open(argv[2]);
	for (i = 0; i < n; i++)
		link_prepare(&links[i], argv[6 + i], false);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	for (;;) {
		if (poll(fds, 2, -1) < 0)
			die("poll");
		for (i = 0; i < 2; i++) {
			len = recv(fds[i].fd, frame, sizeof(frame), MSG_DONTWAIT);
			if (len <= 0)
				continue;
			if (!i && !after && brings(frame, len, type)) {
				cut(links, n);
				if (pass && send(fds[1].fd, frame, len, 0) < 0)
					die("send");
				return 0;
			}
			if (after && brings(frame, len, after))
				after = 0;
			/* Who has no carrier gets nothing, as on any wire. */
			if (send(fds[!i].fd, frame, len, 0) < 0 &&
			    errno != ENETDOWN && errno != ENOBUFS)
				die("send");
		}
	}
}
