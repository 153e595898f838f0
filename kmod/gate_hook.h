/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the gate, between gate.c (modes, queue), gate_hook.c (hooks,
 * sending on to the peer) and gate_neigh.c (what waits behind the hooks).
 */
#ifndef XHA_GATE_HOOK_H
#define XHA_GATE_HOOK_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/ip.h>

#include "gate.h"
#include "gate_match.h"

/* A list of addresses, replaced as a whole. */
struct xha_gate_addrs {
	struct rcu_head	rcu;
	unsigned int	n;
	struct xha_ip	v[];
};

/* What a gate matches against; @index is freed by itself. */
struct xha_gate_tables {
	struct rcu_head		rcu;
	unsigned int		n_vips;
	unsigned int		n_neighs;
	struct xha_ip		vips[XFRM_HA_MAX_VIPS];
	struct xha_gate_neigh	neighs[XFRM_HA_MAX_NEIGHS];
	struct xha_gate_index	*index;
};

/* Any context, under RCU or with the tables' lock held. */
bool xha_gate_is_vip(const struct xha_gate_tables *t, u16 family,
		     const xfrm_address_t *a);

/* Fill in the hooks of a namespace; they are not registered. */
void xha_gate_hook_init(struct xha_gates *gates);

/*
 * Tell the first hook which packet is being released on this CPU; NULL: none.
 * Bottom halves are off from one to the other.
 */
void xha_gate_released(struct sk_buff *skb);

/*
 * Hold, send on, drop or pass, as the mode of the gate is under its lock.
 * RCU held, bottom halves off. Return: a netfilter verdict.
 */
unsigned int xha_gate_take(struct xha_gate *g, struct sk_buff *skb,
			   const struct nf_hook_state *state);

/*
 * Send a received packet to the peer at layer 2 and count it. Consumes @skb.
 * RCU held, bottom halves off.
 */
void xha_gate_transmit(struct xha_gate *g, struct sk_buff *skb);

/* Ask for the link layer addresses of all neighbours. Does not wait. */
void xha_gate_resolve(struct xha_gate *g);

/* Is a packet held whose neighbour's link layer address is not known? */
bool xha_gate_unresolved(struct xha_gate *g);

/*
 * Drop, and count, packets from the gate's VIPs that wait for the address of a
 * neighbour. Process context, once the gate is shut and a grace period is over,
 * after which no hook lets another one through.
 */
void xha_gate_neigh_purge(struct xha_gate *g);

#endif /* XHA_GATE_HOOK_H */
