/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All of a network namespace.
 */
#ifndef XHA_NETNS_H
#define XHA_NETNS_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "encap.h"
#include "gate.h"
#include "hush.h"
#include "protect.h"
#include "session.h"
#include "sysctl.h"

/**
 * struct xha_net - state of one network namespace
 * @net: the namespace; this struct dies in its .exit, never later
 * @lock: protects @groups and everything reached from them, the record
 *	tables and @session. Order: @lock before gates.lock, before any lock
 *	of xfrm or of a socket. Up-calls of the channel and works take it, so
 *	nothing that waits for them may be called with it held.
 * @dead: set under @lock in .pre_exit: no group and no channel from here on
 * @wq: ordered and unbound (never the bound system queue: the hash resize of
 *	xfrm lives there and must not starve)
 * @boot_id: random, drawn when the module was loaded here and each time a group
 *	is forgotten; upper half never 0; @lock once there is a session
 * @groups: list of struct xha_group
 * @ended: those that only hold packets back, until the devices are gone
 * @by_inc: records by incarnation, XHA_REC_BUCKETS heads
 * @by_id: records by identity, XHA_REC_BUCKETS heads
 * @next_inc: lower half of the next incarnation
 * @gates: of all groups
 * @protect: block policies of all groups
 * @encaps: port 4500 for all groups
 * @hushes: blocks in front of policies that others install for a standby
 * @session: the peer
 * @vips: RCU: what the xfrm events are filtered by
 * @events: queued by hooks.c, newest first
 * @n_events: length of @events
 * @rescan: bit 0: events were lost, or came without a name: compare all;
 *	bit XHA_RESCAN_STARVED: and it was memory that there was none of
 * @announcer: task that tells key managers what we did ourselves, or NULL
 * @event_work: drains @events
 * @tick_work: sampler, timers of hand-overs, sending
 * @tick: passes so far
 * @last_walk: jiffies of the last comparison of all SAs and policies
 * @counters: scratch of the sampler, see counters.c
 * @sysctl: tunables, see sysctl.h
 */
struct xha_net {
	struct net		*net;
	struct mutex		lock;	/* see above */
	bool			dead;
	struct workqueue_struct	*wq;
	u64			boot_id;
	struct list_head	groups;
	struct list_head	ended;
	struct hlist_head	*by_inc;
	struct hlist_head	*by_id;
	u32			next_inc;
	struct xha_gates	gates;
	struct xha_protect	protect;
	struct xha_encaps	encaps;
	struct xha_hushes	hushes;
	struct xha_session	session;
	struct xha_vips __rcu	*vips;
	struct llist_head	events;
	atomic_t		n_events;
	unsigned long		rescan;
	struct task_struct	*announcer;
	struct work_struct	event_work;
	struct delayed_work	tick_work;
	u32			tick;
	unsigned long		last_walk;
	struct xha_counters	*counters;
	struct xha_sysctl	sysctl;
};

#define XHA_RESCAN_STARVED	1

/* Not all could be seen for want of memory: compare all later. */
static inline void xha_netns_starved(struct xha_net *xn)
{
	set_bit(XHA_RESCAN_STARVED, &xn->rescan);
	set_bit(0, &xn->rescan);
}

/* Flat copy of all VIPs for the lockless filter in hooks.c. */
struct xha_vips {
	struct rcu_head		rcu;
	unsigned int		n;
	struct xha_ip		ip[];
};

struct xha_net *xha_net(struct net *net);

/* An empty copy with room for the VIPs of all groups and @more, or NULL. */
struct xha_vips *xha_netns_vips_alloc(struct xha_net *xn, unsigned int more);

/*
 * Fill @v with the VIPs of all groups and have it replace @vips; NULL where there
 * is no group, and so no event to look at.
 */
void xha_netns_vips_set(struct xha_net *xn, struct xha_vips *v);

/* Wake the sender and sampler now. Any context. */
void xha_netns_kick(struct xha_net *xn);

/* From now on this is another node, to whom no IV tag was given yet. */
void xha_netns_draw_boot(struct xha_net *xn);

int xha_netns_init(void);
void xha_netns_exit(void);

#endif /* XHA_NETNS_H */
