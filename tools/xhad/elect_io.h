/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets and timers of an election, whichever protocol it speaks, on an
 * sd-event loop.
 */
#ifndef XHA_ELECT_IO_H
#define XHA_ELECT_IO_H

#include <netinet/in.h>
#include <systemd/sd-event.h>

#include "elect.h"

#define ELECT_IO_TIMERS	8	/* of one protocol, at most */

/* Address of either family, as the socket calls want it. */
union elect_sockaddr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/**
 * struct elect_packet - what came
 * @buf: as the socket gives it
 * @len: bytes at @buf; a packet longer than any that is good is cut, and its
 *	length tells
 * @src: source address
 * @ttl: TTL or hop limit; -1, which no packet has, if the kernel did not say
 */
struct elect_packet {
	const __u8 *buf;
	size_t len;
	struct xha_addr src;
	int ttl;
};

/**
 * struct elect_proto - what one protocol has of its own
 * @name: what its sections are called in the log
 * @interval_name: what its hello time is called there
 * @type: kind of its sockets
 * @protocol: number of it, for raw sockets, else 0
 * @port: for IPv4 and for IPv6, host order; 0: none
 * @ttl: for IPv4 and for IPv6
 * @n_timers: how many it has
 * @hold_timer: which one says that the active is gone
 * @silence_timers: mask of those that end in silence: what waits in the socket
 *	is read first
 * @accuracy_us: how late a timer may be, to save wake-ups
 * @prepare: set what only its sockets have; 0 or -1 with errno; may be NULL
 * @mcast: where its packets go
 * @interval_us: time between the packets of the active
 * @from_vmac: packets are to be sent from the virtual MAC address now; may be
 *	NULL, for always
 * @receive: a packet came
 * @timeout: a timer ended
 *
 * @self is what elect_io_init() was given.
 */
struct elect_proto {
	const char *name;
	const char *interval_name;
	int type;
	int protocol;
	__u16 port[2];
	int ttl[2];
	unsigned int n_timers;
	unsigned int hold_timer;
	unsigned int silence_timers;
	unsigned int accuracy_us;
	int (*prepare)(int fd, int family);
	struct xha_addr (*mcast)(const void *self);
	__u64 (*interval_us)(const void *self);
	bool (*from_vmac)(const void *self);
	void (*receive)(void *self, const struct elect_packet *p);
	void (*timeout)(void *self, unsigned int timer);
};

/**
 * struct elect_io - one election's sockets and timers
 * @proto: what it speaks
 * @self: the instance of that protocol
 * @elect: the same as an election
 * @event: the loop
 * @fd: to hear and to be heard on the interface; -1 while closed
 * @vmac_fd: another one on the macvlan, to send by; -1 while closed
 * @vmac_ifindex: the macvlan it was opened on
 * @rx: readiness of @fd
 * @timers: made on first use
 * @touched: times each was started or stopped
 * @stalls: times in a row that the hold timer came late
 */
struct elect_io {
	const struct elect_proto *proto;
	void *self;
	const struct xha_elect *elect;
	sd_event *event;
	int fd;
	int vmac_fd;
	unsigned int vmac_ifindex;
	sd_event_source *rx;
	sd_event_source *timers[ELECT_IO_TIMERS];
	unsigned int touched[ELECT_IO_TIMERS];
	unsigned int stalls;
};

void elect_io_init(struct elect_io *io, const struct elect_proto *proto,
		   void *self, const struct xha_elect *elect, sd_event *event);
void elect_io_exit(struct elect_io *io);

int elect_io_open(struct elect_io *io);
void elect_io_close(struct elect_io *io);
int elect_io_send(struct elect_io *io, const __u8 *buf, size_t len);
void elect_io_arm(struct elect_io *io, unsigned int timer, __u64 us);
void elect_io_disarm(struct elect_io *io, unsigned int timer);

#endif /* XHA_ELECT_IO_H */
