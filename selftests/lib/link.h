/* SPDX-License-Identifier: GPL-2.0-only */
/* A link of any namespace, prepared so that setting it is one call. */
#ifndef LINK_H
#define LINK_H

#include <net/if.h>
#include <stdbool.h>

struct link {
	int fd;
	struct ifreq ifr;
};

/*
 * @arg: NS:DEV, taken apart; @up: what link_set() is to make of it. This process
 * is in that namespace afterwards. What is wrong is said, and ends it.
 */
void link_prepare(struct link *l, char *arg, bool up);
void link_set(struct link *l);

#endif /* LINK_H */
