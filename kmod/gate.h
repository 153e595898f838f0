/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The gate of a group: what keeps a standby silent, and what holds and
 * forwards packets while the role moves.
 *
 *   OPEN     nothing is touched; once settled, hooks exist only while another
 *            group of the namespace needs them
 *   CLOSED   drops (a) plaintext that the group's policies protect, before
 *            routing can raise an ACQUIRE, (b) whatever has a VIP as source,
 *            and whatever would be transformed into such a packet, (c)
 *            whatever comes for a VIP
 *   HOLD     as CLOSED, but forwarded plaintext that an outbound policy
 *            protects and ESP for a VIP are queued in order instead of
 *            dropped, up to a bound; packets already transformed may leave
 *   FORWARD  as CLOSED, but what HOLD would queue is sent to the peer's real
 *            address on the LAN it came from
 *
 * The head of gate.c says what exactly is matched where, and what passes.
 */
#ifndef XHA_GATE_H
#define XHA_GATE_H

#include <linux/types.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/notifier.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>
#include <net/xfrm.h>

#include "uapi/linux/xfrm_ha.h"

/* An address with its family (AF_INET: a.a4, AF_INET6: a.a6). */
struct xha_ip {
	u16		family;
	xfrm_address_t	a;
};

enum xha_gate_mode {
	XHA_GATE_OPEN,
	XHA_GATE_CLOSED,
	XHA_GATE_HOLD,
	XHA_GATE_FORWARD,
};

/**
 * struct xha_gate_rule - one policy as the gate sees it
 * @sel: selector; its family must be AF_INET or AF_INET6
 * @mark: as in the policy
 * @if_id: as in the policy; a rule with one is matched where a packet leaves
 *	by an XFRM interface, and nowhere else
 * @priority: as in the policy: the lowest value wins. It is compared over all
 *	groups of the namespace, so that what another group's better policy
 *	protects is that group's business
 * @dir: XFRM_POLICY_IN, OUT or FWD
 * @pass: matching packets pass: policies without templates, policies whose
 *	templates are all optional, and policies of no group, so that they keep
 *	their precedence
 * @labelled: has a security context: whose packets it is for is not known
 */
struct xha_gate_rule {
	struct xfrm_selector	sel;
	struct xfrm_mark	mark;
	u32			if_id;
	u32			priority;
	u8			dir;
	bool			pass;
	bool			labelled;
};

/* The peer's real address on a LAN both nodes are on. */
struct xha_gate_neigh {
	int		ifindex;
	struct xha_ip	addr;
};

struct xha_gate_tables;
struct xha_gate_addrs;
struct xha_gates;

/* Packets since creation. What is held is counted again when it leaves. */
struct xha_gate_stats {
	atomic64_t	dropped;
	atomic64_t	held;
	atomic64_t	forwarded;
	atomic64_t	overflow;
};

/**
 * struct xha_gate - gate of one group
 * @list: in the namespace's RCU list of gates, from init to exit
 * @net: the namespace
 * @gates: the namespace's gates, NULL if the namespace was going at init
 * @mode: &enum xha_gate_mode at the first hook, where packets are held; read
 *	locklessly, written under @lock. Stays HOLD while held packets are
 *	released or sent on, so that what arrives meanwhile queues behind them
 * @late: the same for all other hooks: OPEN before the last packet held is
 *	released, and until those under way at xha_gate_hold() have left
 * @hooked: this gate counts in @gates->n_closed
 * @tables: VIPs, neighbours and the index of rules; RCU, written under
 *	@gates->lock
 * @lock: protects @held and writes to @mode; BH-safe
 * @held: packets held, oldest first, each with a reference on its device;
 *	the end of skb->cb says how to release it
 * @n_held: how many came as these on the wire: GRO makes one of many
 * @stats: counters
 */
struct xha_gate {
	struct list_head		list;
	struct net			*net;
	struct xha_gates		*gates;
	int				mode;
	int				late;
	bool				hooked;
	struct xha_gate_tables __rcu	*tables;
	spinlock_t			lock;	/* see above */
	struct sk_buff_head		held;
	unsigned int			n_held;
	struct xha_gate_stats		stats;
};

#define XHA_GATE_HOLD_MAX	4096	/* packets per group, unless tuned */
/* IPv4 and IPv6, four each; ARP where the kernel has netfilter for it */
#define XHA_GATE_HOOKS		(8 + IS_ENABLED(CONFIG_NETFILTER_FAMILY_ARP))

/**
 * struct xha_gates - all gates of a namespace, embedded in struct xha_net
 * @lock: protects writers of @list, @n_closed, @exempt and of all tables.
 *	RTNL is taken inside it
 * @list: of &struct xha_gate, RCU
 * @n_closed: gates not OPEN or not settled; the hooks live while it is > 0
 * @exempt: addresses of the channel; RCU
 * @nb: drops packets held whose device goes; registered with the first hooks
 * @nb_net: the namespace, once @nb is registered
 * @ops: the hooks, with this struct as their private pointer
 */
struct xha_gates {
	struct mutex			lock;	/* see above */
	struct list_head		list;
	unsigned int			n_closed;
	struct xha_gate_addrs __rcu	*exempt;
	struct notifier_block		nb;
	struct net			*nb_net;
	struct nf_hook_ops		ops[XHA_GATE_HOOKS];
};

struct xha_gates *xha_gates_of(struct net *net);	/* netns.c; NULL if gone */

/*
 * All below: process context, may sleep, not under RTNL. Changes of one
 * gate's mode, its init and its exit are serialised by the caller; tables may
 * be replaced at any time in between.
 */

/**
 * xha_gates_init() - prepare a namespace
 * @gates: zeroed or not
 */
void xha_gates_init(struct xha_gates *gates);

/**
 * xha_gates_exit() - release what a namespace holds
 * @gates: all its gates must have been through xha_gate_exit()
 */
void xha_gates_exit(struct xha_gates *gates);

/**
 * xha_gates_set_exempt() - addresses this node may always talk to
 * @gates: of the namespace
 * @v: addresses of the channel's far end, copied; replaces all
 * @n: how many, 0 for none
 *
 * Traffic between an address of this node that is no closed VIP and one of
 * these passes all gates of the namespace; so does traffic with every
 * neighbour given to xha_gate_set_neighs().
 *
 * Return: 0, or -ENOMEM and the old ones stay in force.
 */
int xha_gates_set_exempt(struct xha_gates *gates, const struct xha_ip *v,
			 unsigned int n);

/*
 * The gate that is not open and has this address as a VIP, or NULL. RCU held;
 * the gate is as safe as it is in RCU's terms, its address longer.
 */
struct xha_gate *xha_gates_shut_for(struct xha_gates *gates,
				    const struct xha_ip *ip);

/**
 * xha_gate_init() - make an open gate without tables
 * @g: memory of the caller, kept until xha_gate_exit()
 * @net: namespace; no reference is taken
 */
void xha_gate_init(struct xha_gate *g, struct net *net);

/**
 * xha_gate_exit() - open a gate and forget it
 * @g: gate in any mode. Held packets are dropped and counted.
 *
 * Waits for readers: afterwards the memory of @g is the caller's again.
 */
void xha_gate_exit(struct xha_gate *g);

/**
 * xha_gate_tables_alloc() - what xha_gate_set_addrs() needs, so it cannot fail
 * @g: gate
 *
 * Return: tables for xha_gate_set_addrs() or kfree(); ERR_PTR() of -ENOMEM or
 * (namespace going) -ENODEV.
 */
struct xha_gate_tables *xha_gate_tables_alloc(const struct xha_gate *g);

/**
 * xha_gate_set_addrs() - replace virtual addresses, neighbours, or both
 * @g: gate
 * @t: of xha_gate_tables_alloc() for this gate; taken over
 * @vips: copied; NULL leaves them
 * @n_vips: at most %XFRM_HA_MAX_VIPS
 * @neighs: the peer's addresses per LAN, copied; NULL leaves them
 * @n_neighs: at most %XFRM_HA_MAX_NEIGHS
 *
 * A neighbour of one family also serves the other on its LAN: only its link
 * layer address matters.
 */
void xha_gate_set_addrs(struct xha_gate *g, struct xha_gate_tables *t,
			const struct xha_ip *vips, unsigned int n_vips,
			const struct xha_gate_neigh *neighs, unsigned int n_neighs);

/**
 * xha_gate_set_rules() - replace the rules
 * @g: gate
 * @v: any order, copied; @n: any number
 *
 * Rules of an open gate matter, too: see &struct xha_gate_rule.priority. While
 * it is not open this waits until no packet is under way that was judged by
 * the old ones. Sleeps.
 *
 * Return: 0; -ENOMEM, (namespace going) -ENODEV, or -EINVAL for an impossible
 * selector or direction leave the old ones in force.
 */
int xha_gate_set_rules(struct xha_gate *g, const struct xha_gate_rule *v,
		       unsigned int n);

/**
 * xha_gate_close() - enter CLOSED from any mode
 * @g: gate
 *
 * From OPEN: registers the namespace's hooks if this is its first gate that
 * is not open; retries where memory is short, a bounded number of times.
 * From HOLD or FORWARD: held packets are dropped and counted; cannot fail. On
 * return no packet that passed the gate before is still in a softirq, or waits
 * for the link layer address of a neighbour.
 *
 * Return: 0; the errno of nf_register_net_hooks() (-ENOMEM) or -ENODEV where
 * the namespace is going; the mode is then unchanged.
 */
int xha_gate_close(struct xha_gate *g);

/**
 * xha_gate_hold() - enter HOLD from any mode
 * @g: gate
 *
 * From OPEN, packets under way finish as if it were open and have left the
 * softirqs on return. Also asks for the neighbours' link layer addresses, so
 * that they are known when xha_gate_forward() needs them.
 *
 * Return: as xha_gate_close().
 */
int xha_gate_hold(struct xha_gate *g);

/**
 * xha_gate_forward() - enter FORWARD from HOLD
 * @g: gate; nothing happens in other modes
 *
 * All held packets go to the peer in order, then those that arrive. A packet
 * whose LAN has no known neighbour is dropped and counted. Where packets are
 * held for a neighbour whose link layer address is not known yet, waits for
 * it for up to 200 ms. What left before is xha_gate_purge()'s.
 */
void xha_gate_forward(struct xha_gate *g);

/**
 * xha_gate_purge() - drop what passed the gate and has not left
 * @g: gate in CLOSED or FORWARD
 *
 * Waits for packets in softirqs, then drops and counts those from a VIP that wait
 * for the link layer address of a neighbour. xha_gate_close() includes it.
 */
void xha_gate_purge(struct xha_gate *g);

/**
 * xha_gate_open() - enter OPEN from any mode
 * @g: gate
 *
 * Held packets are released locally in order before any that arrive later.
 * Cannot fail. The hooks stay and let everything pass until
 * xha_gate_settle(): a takeover does not wait for their removal.
 */
void xha_gate_open(struct xha_gate *g);

/**
 * xha_gate_settle() - let go of the hooks of a gate that is open
 * @g: gate; nothing happens in other modes
 *
 * The hooks go when no gate of the namespace needs them.
 */
void xha_gate_settle(struct xha_gate *g);

#endif /* XHA_GATE_H */
