/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net.xfrm_ha.*: what an operator may tune in a network namespace.
 */
#ifndef XHA_SYSCTL_H
#define XHA_SYSCTL_H

#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/types.h>

struct ctl_table;
struct ctl_table_header;
struct xha_net;

/**
 * struct xha_sysctl - values in force, embedded in struct xha_net
 * @walk_interval_ms: between comparisons of all SAs and policies of xfrm with
 *	the records of active groups
 * @sample_interval_ms: between passes of the sampler over busy SAs
 * @digest_interval_ms: between digests told to the standby
 * @idle_after_samples: passes without a packet until an SA is idle
 * @idle_every_samples: an idle SA is looked at in one of so many passes
 * @hold_queue_packets: most packets a group holds during a hand-over
 * @deletion_notes: most of them a group keeps, see &struct xha_del
 * @handover_answer_ms: for each of the peer's answers before the commit
 * @handover_commit_ms: for the peer's adoption after the commit
 * @handover_vip_ms: for this node's helper to bring the VIPs up
 * @handover_forward_ms: how long late packets are sent on to the new active
 * @replay_interval_inbound: packets; for groups made without one
 * @replay_interval_outbound: packets; for groups made without one
 * @strict: for groups made without saying
 * @table: of this namespace
 * @header: its registration
 *
 * Written by writes to /proc and by netlink at any time: read with
 * xha_sysctl_get().
 */
struct xha_sysctl {
	int	walk_interval_ms;
	int	sample_interval_ms;
	int	digest_interval_ms;
	int	idle_after_samples;
	int	idle_every_samples;
	int	hold_queue_packets;
	int	deletion_notes;
	int	handover_answer_ms;
	int	handover_commit_ms;
	int	handover_vip_ms;
	int	handover_forward_ms;
	int	replay_interval_inbound;
	int	replay_interval_outbound;
	int	strict;
	struct ctl_table	*table;
	struct ctl_table_header	*header;
};

/**
 * struct xha_tunable - what is known of one of them, the same everywhere
 * @name: of the file below net/xfrm_ha
 * @unit: "ms", "packets", ..., or "" for a switch
 * @offset: of the value in &struct xha_sysctl
 * @def: where a namespace begins
 * @min: least value, not negative
 * @max: greatest value
 */
struct xha_tunable {
	const char	*name;
	const char	*unit;
	size_t		offset;
	int		def;
	int		min;
	int		max;
};

/* A value of xha_net @xn as it is now. Any context. */
#define xha_sysctl_get(xn, name)	READ_ONCE((xn)->sysctl.name)

/* One that is a time, in jiffies, at least 1. Any context. */
#define xha_sysctl_jiffies(xn, name)	\
	max_t(unsigned long, 1, msecs_to_jiffies(xha_sysctl_get(xn, name)))

/**
 * xha_sysctl_init() - set the defaults and show them below net/xfrm_ha
 * @xn: its @net is set
 * Context: process, when the namespace begins.
 * Return: 0, -ENOMEM.
 */
int xha_sysctl_init(struct xha_net *xn);
/* Waits for reads and writes under way; the values stay readable. */
void xha_sysctl_exit(struct xha_net *xn);

/**
 * xha_sysctl_nth() - one of all
 * @n: from 0 on
 * Context: any.
 * Return: it, or NULL past the last one.
 */
const struct xha_tunable *xha_sysctl_nth(unsigned int n);

/**
 * xha_sysctl_find() - by name
 * @name: in full
 * Context: any.
 * Return: it, or NULL.
 */
const struct xha_tunable *xha_sysctl_find(const char *name);

/* Its value in @xn as it is now. Any context. */
u32 xha_sysctl_value(struct xha_net *xn, const struct xha_tunable *v);

/**
 * xha_sysctl_set() - what a write to its file does
 * @xn: whose value
 * @v: which
 * @value: new one
 * Context: any; needs no lock, as each value is an int of its own.
 * Return: 0; -ERANGE, and nothing has changed.
 */
int xha_sysctl_set(struct xha_net *xn, const struct xha_tunable *v, u32 value);

#endif /* XHA_SYSCTL_H */
