// SPDX-License-Identifier: GPL-2.0-only
/*
 * A crash at a step of a protocol: relays frames between two ports until one
 * carries a certain message of the channel. With that frame in its hands, which
 * so is at neither end, it sets links down, and relays no more.
 *
 *   stepcut FROM TO TYPE AFTER lose|pass [NS:DEV]...
 *   stepcut FROM TO TYPE AFTER run COMMAND
 *
 * TYPE is the number of a message (kmod/wire.h) that comes in by port FROM; it
 * counts once one of type AFTER was relayed, from either end (0: at once). With
 * "pass" that frame is still delivered, after the links went down. With "run" no
 * link goes down: the frame waits until the shell has done COMMAND, and relaying
 * goes on. The channel must not be encrypted, and the ends must not leave
 * checksums to their devices.
 *
 * Prints "ready", then "links down" with the real time in seconds, or "ran" with
 * the status of COMMAND.
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

enum how {
	LOSE,
	PASS,
	RUN,
};

static const char *const hows[] = { "lose", "pass", "run" };

/**
 * struct step - when to act, and how
 * @type: of the message
 * @after: of the one that comes before it, 0 once it did
 * @how: what is done
 * @met: it has been
 * @links: to set down
 * @n_links: how many
 * @command: for the shell
 */
struct step {
	int type;
	int after;
	enum how how;
	bool met;
	struct link links[LINKS_MAX];
	int n_links;
	const char *command;
};

static void act(struct step *s)
{
	struct timespec t;
	int i;

	s->met = true;
	if (s->how == RUN) {
		printf("ran: %d\n", system(s->command));
		return;
	}
	for (i = 0; i < s->n_links; i++)
		link_set(&s->links[i]);
	clock_gettime(CLOCK_REALTIME, &t);
	printf("links down at %lld.%06ld\n", (long long)t.tv_sec, t.tv_nsec / 1000);
}

/* Returns false when no more is to be relayed. */
static bool relay(struct step *s, const int from, const int to, bool forth)
{
	static uint8_t frame[FRAME_MAX];
	ssize_t len = recv(from, frame, sizeof(frame), MSG_DONTWAIT);
	bool now;

	if (len <= 0)
		return true;
	now = forth && !s->met && !s->after && brings(frame, len, s->type);
	if (now)
		act(s);
	if (now && s->how == LOSE)
		return false;
	if (s->after && brings(frame, len, s->after))
		s->after = 0;
	/* Who has no carrier gets nothing, as on any wire. */
	if (send(to, frame, len, 0) < 0 && errno != ENETDOWN && errno != ENOBUFS)
		die("send");
	return !now || s->how == RUN;
}

static void parse(struct step *s, int argc, char **argv)
{
	int i;

	for (i = RUN; argc > 5 && i >= LOSE && strcmp(argv[5], hows[i]); i--)
		;
	s->how = i;
	s->n_links = s->how == RUN ? 0 : argc - 6;
	if (argc < 6 || i < LOSE || s->n_links > LINKS_MAX ||
	    (s->how == RUN && argc != 7)) {
		fprintf(stderr,
			"usage: stepcut FROM TO TYPE AFTER lose|pass [NS:DEV]...\n"
			"       stepcut FROM TO TYPE AFTER run COMMAND\n");
		exit(2);
	}
	s->type = atoi(argv[3]);
	s->after = atoi(argv[4]);
	s->command = argv[6];
}

int main(int argc, char **argv)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	struct step step = { 0 };
	int i;

	parse(&step, argc, argv);
	fds[0].fd = port_open(argv[1]);
	fds[1].fd = port_open(argv[2]);
	/* These take it to other namespaces. */
	for (i = 0; i < step.n_links; i++)
		link_prepare(&step.links[i], argv[6 + i], false);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	do {
		if (poll(fds, 2, -1) < 0)
			die("poll");
	} while (relay(&step, fds[0].fd, fds[1].fd, true) &&
		 relay(&step, fds[1].fd, fds[0].fd, false));
	return 0;
}
