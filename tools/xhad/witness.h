/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The witnesses of a LAN: hosts that are asked all the time, so that this node
 * knows that it is heard there and hears, whatever the peer does.
 */
#ifndef XHA_WITNESS_H
#define XHA_WITNESS_H

#include <systemd/sd-event.h>

#include "elect.h"
#include "hearing.h"

/**
 * struct xha_witness_sock - a socket for one family
 * @fd: -1 while there is none
 * @rx: its place in the loop
 */
struct xha_witness_sock {
	int fd;
	sd_event_source *rx;
};

/**
 * struct xha_witness - those of one LAN
 * @elect: the election there
 * @event: the loop
 * @arp: asks IPv4 hosts
 * @nd: asks IPv6 hosts
 * @ifindex: where the sockets are; 0 while they are not
 * @since_us: when they were opened
 * @answered_us: when one answered last; 0 before
 * @unanswered: how often they were asked since
 * @asked: how often they were asked at all
 * @answers: answers so far
 */
struct xha_witness {
	const struct xha_elect *elect;
	sd_event *event;
	struct xha_witness_sock arp;
	struct xha_witness_sock nd;
	unsigned int ifindex;
	__u64 since_us;
	__u64 answered_us;
	unsigned int unanswered;
	__u64 asked;
	__u64 answers;
};

void xha_witness_init(struct xha_witness *w, const struct xha_elect *elect,
		      sd_event *event);
void xha_witness_ask(struct xha_witness *w);
enum xha_hearing_witness xha_witness_state(const struct xha_witness *w,
					   __u64 now_us);
void xha_witness_exit(struct xha_witness *w);

#endif /* XHA_WITNESS_H */
