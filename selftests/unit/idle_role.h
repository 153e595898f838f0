/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For unit tests of what is said of an HSRP election: a clock that only the
 * test moves, and a log, a group and an interface that do nothing with what
 * they are told.
 */
#ifndef IDLE_ROLE_H
#define IDLE_ROLE_H

#include "hsrp.h"
#include "log.h"
#include "role.h"

static __u64 now_us;

void xha_log_write(int level, const char *fmt, ...)
{
}

__u64 xha_log_now_us(void)
{
	return now_us;
}

void xha_role_kick(struct xha_role *r)
{
}

void xha_role_rival(struct xha_role *r, struct xha_elect *e,
		    struct xha_addr addr)
{
}

void xha_role_neighbour(struct xha_role *r, struct xha_elect *e,
			struct xha_addr addr)
{
}

void xha_role_asked(struct xha_role *r, struct xha_elect *e,
		    struct xha_addr addr)
{
}

static int h_open(struct hsrp *h)
{
	return 0;
}

static void h_close(struct hsrp *h)
{
}

static void h_arm(struct hsrp *h, enum hsrp_timer t, __u32 ms)
{
}

static void h_disarm(struct hsrp *h, enum hsrp_timer t)
{
}

#endif /* IDLE_ROLE_H */
