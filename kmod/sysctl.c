// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.xfrm_ha.*, in each network namespace its own.
 *
 * The table is a copy whose pointers go to the values in struct xha_net.
 * Unregistering waits for handlers under way, and comes before that struct
 * dies. Handlers touch nothing but the values, so it does not matter what else
 * of the namespace works when they are called. Every value is read where it is
 * used, so that a change counts from the next use on.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "compat/sysctl.h"
#include "netns.h"
#include "sysctl.h"

#define TUNABLE(name_, def_, min_, max_, unit_)				\
	{								\
		.name = #name_,						\
		.unit = (unit_),					\
		.offset = offsetof(struct xha_sysctl, name_),		\
		.def = (def_),						\
		.min = (min_),						\
		.max = (max_),						\
	}

/*
 * Limits are described in Documentation/configuration.md. They are never
 * negative: netlink has them as u32.
 */
static struct xha_tunable tunables[] = {
	TUNABLE(walk_interval_ms, 10000, 100, 3600000, "ms"),
	TUNABLE(sample_interval_ms, 10, 1, 1000, "ms"),
	TUNABLE(digest_interval_ms, 10000, 100, 3600000, "ms"),
	TUNABLE(idle_after_samples, 64, 1, 255, "looks"),
	TUNABLE(idle_every_samples, 16, 1, 255, "looks"),
	TUNABLE(hold_queue_packets, XHA_GATE_HOLD_MAX, 64, 65536, "packets"),
	TUNABLE(deletion_notes, 65536, 256, 1048576, "notes"),
	TUNABLE(handover_answer_ms, 1000, 100, 60000, "ms"),
	TUNABLE(handover_commit_ms, 5000, 100, 60000, "ms"),
	TUNABLE(handover_vip_ms, 2000, 100, 60000, "ms"),
	TUNABLE(handover_forward_ms, 3000, 100, 60000, "ms"),
	TUNABLE(replay_interval_inbound, 1000, 1, 1000, "packets"),
	TUNABLE(replay_interval_outbound, 100000, 1000, 100000, "packets"),
	TUNABLE(strict, 0, 0, 1, ""),
};

static void fill(struct ctl_table *t, struct xha_sysctl *s, struct xha_tunable *v)
{
	t->procname = v->name;
	t->data = (char *)s + v->offset;
	t->maxlen = sizeof(int);
	t->mode = 0644;
	t->proc_handler = proc_dointvec_minmax;
	t->extra1 = &v->min;
	t->extra2 = &v->max;
	*(int *)t->data = v->def;
}

int xha_sysctl_init(struct xha_net *xn)
{
	struct xha_sysctl *s = &xn->sysctl;
	struct ctl_table *t;
	unsigned int i;

	/* One more: some kernels want an empty entry at the end. */
	t = kcalloc(ARRAY_SIZE(tunables) + 1, sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		fill(&t[i], s, &tunables[i]);
	s->header = xha_compat_sysctl(xn->net, "net/xfrm_ha", t,
				      ARRAY_SIZE(tunables));
	if (!s->header) {
		kfree(t);
		return -ENOMEM;
	}
	s->table = t;
	return 0;
}

void xha_sysctl_exit(struct xha_net *xn)
{
	unregister_net_sysctl_table(xn->sysctl.header);
	kfree(xn->sysctl.table);
}

const struct xha_tunable *xha_sysctl_nth(unsigned int n)
{
	return n < ARRAY_SIZE(tunables) ? &tunables[n] : NULL;
}

const struct xha_tunable *xha_sysctl_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tunables); i++)
		if (!strcmp(tunables[i].name, name))
			return &tunables[i];
	return NULL;
}

static int *value_of(struct xha_net *xn, const struct xha_tunable *v)
{
	return (int *)((char *)&xn->sysctl + v->offset);
}

u32 xha_sysctl_value(struct xha_net *xn, const struct xha_tunable *v)
{
	return READ_ONCE(*value_of(xn, v));
}

int xha_sysctl_set(struct xha_net *xn, const struct xha_tunable *v, u32 value)
{
	if (value < (u32)v->min || value > (u32)v->max)
		return -ERANGE;
	WRITE_ONCE(*value_of(xn, v), value);
	return 0;
}
