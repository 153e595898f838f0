/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the unit tests of what moves a redundancy group: a group with two
 * elections that do as they are told, in front of the kernel and the machine
 * of played_role.h. A test includes cmocka.h before, and links
 * tools/xhad/role.c with what that needs.
 */
#ifndef PLAYED_ELECTS_H
#define PLAYED_ELECTS_H

#include "played_role.h"

/* Beside what played_role.h plays */
static struct {
	bool tick, silent, preempts;
	/* what the kernel's group was told last, and how often */
	struct xha_nl_group_conf last_set;
	unsigned int sets;
	unsigned int announced;
} own;

static struct xha_conf_group conf;
static struct xha_elect es[2];
static struct xha_role role;

void xha_log_write(int level, const char *fmt, ...)
{
}

static int k_group_new(void *arg, const struct xha_nl_group_conf *c)
{
	if (w.exists)
		return -EEXIST;
	w.exists = true;
	return 0;
}

static int k_group_set(void *arg, const struct xha_nl_group_conf *c)
{
	if (c->set_hearing)
		w.group.hearing = c->hearing;
	own.last_set = *c;
	own.sets++;
	return 0;
}

static int k_role_set(void *arg, __u32 id, __u32 r)
{
	trace(r == XFRM_HA_ROLE_ACTIVE ? "kernel:active " : "kernel:standby ");
	w.group.role = r;
	return 0;
}

static void announce(struct xha_role *r)
{
	own.announced++;
}

static void arm(struct xha_role *r, unsigned int ms)
{
	own.tick = !ms;
	h_arm(r, ms);
}

static const struct xha_host_ops host_ops = {
	.vips_up	= h_vips_up,
	.vips_down	= h_vips_down,
	.vips_give	= h_vips_down,
	.announce	= announce,
	.arm		= arm,
	.now_us		= h_now,
};

static void e_start(struct xha_elect *e)
{
	if (!e->running)
		trace("start%d ", (int)(e - es));
	e->running = true;
}

static void e_stop(struct xha_elect *e)
{
	if (e->running)
		trace("stop%d ", (int)(e - es));
	e->running = false;
}

static void e_grant(struct xha_elect *e, bool coup)
{
	if (e->running)
		trace("%s%d ", coup ? "coup" : "grant", (int)(e - es));
}

static void e_release(struct xha_elect *e)
{
	if (e->running)
		trace("release%d ", (int)(e - es));
}

static void e_ask(struct xha_elect *e)
{
	trace("ask%d ", (int)(e - es));
}

static bool e_silent(const struct xha_elect *e)
{
	return e->running && own.silent;
}

static bool e_preempts(const struct xha_elect *e)
{
	return e->running && own.preempts;
}

static void e_prioritize(struct xha_elect *e, unsigned int priority)
{
	e->priority = priority;
	trace("priority%d=%u ", (int)(e - es), priority);
}

static const struct xha_elect_ops elect_ops = {
	.start		= e_start,
	.stop		= e_stop,
	.grant		= e_grant,
	.release	= e_release,
	.silent		= e_silent,
	.claims		= e_silent,
	.preempts	= e_preempts,
	.ask		= e_ask,
	.prioritize	= e_prioritize,
};

/* What was put off until the election is done with its own change. */
static void tick(void)
{
	while (own.tick) {
		own.tick = false;
		w.tick_us = 0;
		xha_role_tick(&role);
	}
}

/* Let time pass, in ms, with the ticks that fall due. */
static inline void pass(unsigned int ms)
{
	__u64 end = w.now_us + ms * 1000ULL;

	while (next_due(NULL, 0, end)) {
		own.tick = false;
		xha_role_tick(&role);
	}
	w.now_us = end;
}

static void kernel_event(__u32 event)
{
	struct xha_nl_event ev = { .event = event };

	w.group.cause = XFRM_HA_CAUSE_HANDOVER;
	ev.group = w.group;
	xha_role_event(&role, &ev);
	tick();
}

static int setup(void **state)
{
	int i;

	memset(&w, 0, sizeof(w));
	memset(&own, 0, sizeof(own));
	memset(&conf, 0, sizeof(conf));
	memset(&role, 0, sizeof(role));
	memset(es, 0, sizeof(es));
	w.now_us = 1000000;
	w.peer.state = XFRM_HA_PEER_STATE_CONNECTING;
	snprintf(conf.name, sizeof(conf.name), "ha");
	conf.n_standbys = 2;
	role.conf = &conf;
	role.kernel = &played_kernel;
	role.host = &host_ops;
	for (i = 0; i < 2; i++) {
		conf.standbys[i].priority = 100;
		es[i].ops = &elect_ops;
		es[i].conf = &conf.standbys[i];
		es[i].ifname = i ? "in" : "out";
		es[i].priority = 100;
		role.elects[role.n_elects++] = &es[i];
	}
	return 0;
}

static void links_up(void)
{
	xha_role_link(&role, &es[0], true);
	xha_role_link(&role, &es[1], true);
	tick();
}

static void start(void)
{
	assert_int_equal(xha_role_start(&role), 0);
	links_up();
	assert_done("vips- kernel:standby start0 start1 ");
}

#endif /* PLAYED_ELECTS_H */
