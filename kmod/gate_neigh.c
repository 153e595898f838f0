// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that wait below the gate: for the link layer address of a neighbour
 * (neigh_resolve_output(), __neigh_event_send()). The last hook is behind them,
 * so they would leave whenever the neighbour answers, which may be seconds later:
 * typically the link was lost, which is why the role was given up, and is back.
 *
 * What is further down is on its way, and cannot be told apart: the queueing
 * disciplines of a device (which are emptied when it is shut or has had no carrier
 * for a while, dev_deactivate_many()) and the rings of its driver.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/arp.h>
#include <net/ndisc.h>
#include <net/neighbour.h>

#include "gate_hook.h"

/* What one walk needs; @found: no longer queued, for the caller to free. */
struct walk {
	const struct net		*net;
	const struct xha_gate_tables	*tables;
	struct sk_buff_head		found;
};

/* As it stands before neigh_output(): at its network header. */
static bool is_from_vip(const struct sk_buff *skb, const struct xha_gate_tables *t)
{
	xfrm_address_t saddr;

	switch (skb->protocol) {
	case htons(ETH_P_IP):
		saddr.a4 = ip_hdr(skb)->saddr;
		return xha_gate_is_vip(t, AF_INET, &saddr);
	case htons(ETH_P_IPV6):
		saddr.in6 = ipv6_hdr(skb)->saddr;
		return xha_gate_is_vip(t, AF_INET6, &saddr);
	}
	return false;
}

/* Under the table's lock, bottom halves off. */
static void take_from(struct neighbour *n, void *cookie)
{
	struct walk *w = cookie;
	struct sk_buff *skb, *next;

	/* Who queues behind the gate's last hook has done so before this. */
	if (skb_queue_empty_lockless(&n->arp_queue) ||
	    !net_eq(dev_net(n->dev), w->net))
		return;
	write_lock(&n->lock);
	skb_queue_walk_safe(&n->arp_queue, skb, next) {
		if (!is_from_vip(skb, w->tables))
			continue;
		n->arp_queue_len_bytes -= skb->truesize;
		__skb_unlink(skb, &n->arp_queue);
		__skb_queue_tail(&w->found, skb);
	}
	write_unlock(&n->lock);
}

void xha_gate_neigh_purge(struct xha_gate *g)
{
	struct walk w = { .net = g->net };

	__skb_queue_head_init(&w.found);
	rcu_read_lock();
	w.tables = rcu_dereference(g->tables);
	if (w.tables) {
		neigh_for_each(&arp_tbl, take_from, &w);
#if IS_ENABLED(CONFIG_IPV6)
		/* With ipv6.disable=1 the table has never been set up. */
		if (ipv6_mod_enabled())
			neigh_for_each(&nd_tbl, take_from, &w);
#endif
	}
	rcu_read_unlock();
	atomic64_add(skb_queue_len(&w.found), &g->stats.dropped);
	__skb_queue_purge(&w.found);
}
