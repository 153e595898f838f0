/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the unit tests of a redundancy group's role: the kernel, the machine and
 * the clock it sees, played, with a trace of what was asked of them. A test
 * includes cmocka.h before. It says itself what creating, changing and telling
 * the kernel's group does (k_group_new() and the like below), and plays in its
 * own operations what it wants otherwise.
 */
#ifndef PLAYED_ROLE_H
#define PLAYED_ROLE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "role.h"

/* The played world: a test clears it before it begins. */
static struct {
	char trace[4096];
	/* the clock, and when it calls xha_role_tick(), or 0 */
	__u64 now_us, tick_us;
	/* the kernel; @exists: it has the group */
	bool exists;
	struct xha_nl_group group;
	struct xha_nl_peer peer;
	int role_err, handover_err;
	/* the machine; @vips: they are there */
	bool vips;
	int vips_err;
} w;

__u64 xha_log_now_us(void)
{
	return w.now_us;
}

static void trace(const char *fmt, ...)
{
	size_t n = strlen(w.trace);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w.trace + n, sizeof(w.trace) - n, fmt, ap);
	va_end(ap);
}

/* What was done since the last look. */
static void assert_done(const char *want)
{
	assert_string_equal(w.trace, want);
	w.trace[0] = '\0';
}

/*
 * Let time pass to what falls due first, until @end, of the role's tick and
 * @timers: it is not set any more. NULL if there is none.
 */
static inline __u64 *next_due(__u64 *timers, unsigned int n_timers, __u64 end)
{
	__u64 *due = w.tick_us ? &w.tick_us : NULL;
	unsigned int i;

	for (i = 0; i < n_timers; i++)
		if (timers[i] && (!due || timers[i] < *due))
			due = &timers[i];
	if (!due || *due > end)
		return NULL;
	w.now_us = *due;
	*due = 0;
	return due;
}

/* The last change in a history is @from -> @to for @cause. */
static inline void assert_last(const struct xha_history *h, const char *from,
			       const char *to, const char *cause)
{
	const struct xha_change *c;

	assert_true(xha_history_count(h) > 0);
	c = xha_history_get(h, xha_history_count(h) - 1);
	assert_string_equal(c->from, from);
	assert_string_equal(c->to, to);
	assert_string_equal(c->cause, cause);
	assert_true(c->mono_us && c->mono_us <= w.now_us && c->wall_us);
}

/* ---- the kernel ---- */

/* The test's own */
static int k_group_new(void *arg, const struct xha_nl_group_conf *c);
static int k_group_set(void *arg, const struct xha_nl_group_conf *c);
static int k_role_set(void *arg, __u32 id, __u32 r);

static int k_group_get(void *arg, __u32 id, struct xha_nl_group *g)
{
	*g = w.group;
	return w.exists ? 0 : -ENOENT;
}

static int k_peer_get(void *arg, struct xha_nl_peer *p)
{
	*p = w.peer;
	return 0;
}

static int k_handover(void *arg, __u32 id)
{
	trace("kernel:handover ");
	return w.handover_err;
}

static int k_vip_up(void *arg, __u32 id)
{
	trace("kernel:vip-up ");
	return 0;
}

static const char *k_error(void *arg)
{
	return "said the kernel";
}

static const struct xha_kernel_ops played_kernel = {
	.group_new	= k_group_new,
	.group_set	= k_group_set,
	.group_get	= k_group_get,
	.peer_get	= k_peer_get,
	.role_set	= k_role_set,
	.handover	= k_handover,
	.vip_up		= k_vip_up,
	.error		= k_error,
};

/* ---- the machine ---- */

static int h_vips_up(struct xha_role *r)
{
	trace("vips+ ");
	if (w.vips_err)
		return w.vips_err;
	w.vips = true;
	return 0;
}

static void h_vips_down(struct xha_role *r)
{
	trace("vips- ");
	w.vips = false;
}

static void h_announce(struct xha_role *r)
{
	trace("arp ");
}

static void h_arm(struct xha_role *r, unsigned int ms)
{
	w.tick_us = w.now_us + ms * 1000ULL + 1;
}

static __u64 h_now(struct xha_role *r)
{
	return w.now_us;
}

static const struct xha_host_ops played_host = {
	.vips_up	= h_vips_up,
	.vips_down	= h_vips_down,
	.vips_give	= h_vips_down,
	.announce	= h_announce,
	.arm		= h_arm,
	.now_us		= h_now,
};

#endif /* PLAYED_ROLE_H */
