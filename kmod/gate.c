// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: tables, modes and the queue. gate_hook.c has the hooks and says
 * what they match.
 *
 * Order of packets. While held packets are let go, the first hook goes on
 * queueing, so that what arrives queues behind them; the mode changes under
 * the queue's lock in the moment the queue is empty. Packets let go run with
 * bottom halves off and through the same function pointer that netfilter
 * would have called, one after the other.
 *
 * Release. A packet held was stolen at the very first position of PRE_ROUTING:
 * ip_rcv_core() or ip6_rcv_core() had accepted it (checksum, length, options
 * parsed into the control block, socket orphaned), nothing else had seen it.
 * NF_HOOK() with the hook's own continuation makes it go on from there: all
 * hooks of PRE_ROUTING run (raw, conntrack, NAT), the gate's own one
 * recognises it and lets it pass. netif_receive_skb() would do, too, but
 * captures and tc would see the packet twice. The packet type, the state of
 * its checksum, its GSO form and its device stay as they were received; it
 * has no route yet. The continuation is kept behind what IPCB and IP6CB use
 * of the control block.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/neighbour.h>

#include "gate_hook.h"
#include "netns.h"

#define REGISTER_TRIES	3
#define RESOLVE_MS	200

/* Rounds of the release loop before arrivals may overtake: an overloaded node
 * must not stay here for ever.
 */
#define DRAIN_ROUNDS	64

/* Packets let go between two chances for softirqs. Few, so that the backlog of
 * this CPU, through which virtual devices pass them on, does not grow behind
 * the back of other CPUs.
 */
#define DRAIN_BATCH	16

/* --- tables --- */

static void tables_inherit(const struct xha_gate *g, struct xha_gate_tables *t)
{
	const struct xha_gate_tables *old;

	old = rcu_dereference_protected(g->tables,
					lockdep_is_held(&g->gates->lock));
	if (old)
		*t = *old;
}

static void tables_swap(struct xha_gate *g, struct xha_gate_tables *t)
{
	struct xha_gate_tables *old;

	old = rcu_replace_pointer(g->tables, t,
				  lockdep_is_held(&g->gates->lock));
	if (!old)
		return;
	if (!t || old->index != t->index)
		xha_gate_match_free_rcu(old->index);
	kfree_rcu(old, rcu);
}

struct xha_gate_tables *xha_gate_tables_alloc(const struct xha_gate *g)
{
	struct xha_gate_tables *t;

	if (!g->gates)
		return ERR_PTR(-ENODEV);
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	return t ?: ERR_PTR(-ENOMEM);
}

void xha_gate_set_addrs(struct xha_gate *g, struct xha_gate_tables *t,
			const struct xha_ip *vips, unsigned int n_vips,
			const struct xha_gate_neigh *neighs, unsigned int n_neighs)
{
	mutex_lock(&g->gates->lock);
	tables_inherit(g, t);
	if (vips) {
		t->n_vips = n_vips;
		memcpy(t->vips, vips, n_vips * sizeof(*vips));
	}
	if (neighs) {
		t->n_neighs = n_neighs;
		memcpy(t->neighs, neighs, n_neighs * sizeof(*neighs));
	}
	tables_swap(g, t);
	mutex_unlock(&g->gates->lock);
}

int xha_gate_set_rules(struct xha_gate *g, const struct xha_gate_rule *v,
		       unsigned int n)
{
	struct xha_gate_tables *t = xha_gate_tables_alloc(g);
	struct xha_gate_index *ix;

	if (IS_ERR(t))
		return PTR_ERR(t);
	ix = xha_gate_match_build(v, n);
	if (IS_ERR(ix)) {
		kfree(t);
		return PTR_ERR(ix);
	}
	mutex_lock(&g->gates->lock);
	tables_inherit(g, t);
	t->index = ix;
	tables_swap(g, t);
	mutex_unlock(&g->gates->lock);
	/* What passed without these rules has left before "hot" is said. */
	if (READ_ONCE(g->mode) != XHA_GATE_OPEN)
		synchronize_rcu_expedited();
	return 0;
}

int xha_gates_set_exempt(struct xha_gates *gates, const struct xha_ip *v,
			 unsigned int n)
{
	struct xha_gate_addrs *new = NULL, *old;

	if (n) {
		new = kzalloc(struct_size(new, v, n), GFP_KERNEL);
		if (!new)
			return -ENOMEM;
		new->n = n;
		memcpy(new->v, v, n * sizeof(*v));
	}
	mutex_lock(&gates->lock);
	old = rcu_replace_pointer(gates->exempt, new,
				  lockdep_is_held(&gates->lock));
	mutex_unlock(&gates->lock);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/* --- the queue --- */

struct held_cb {
	int (*okfn)(struct net *net, struct sock *sk, struct sk_buff *skb);
};

static struct held_cb *held_cb(struct sk_buff *skb)
{
	size_t off = sizeof(skb->cb) - sizeof(struct held_cb);

	BUILD_BUG_ON(sizeof(struct inet_skb_parm) > off);
	BUILD_BUG_ON(sizeof(struct inet6_skb_parm) > off);
	return (struct held_cb *)(skb->cb + off);
}

static void held_drop(struct xha_gate *g, struct sk_buff *skb)
{
	dev_put(skb->dev);
	kfree_skb(skb);
	atomic64_inc(&g->stats.dropped);
}

static unsigned int packets_in(const struct sk_buff *skb)
{
	return max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
}

/* Drop what is held; all of it, or what came in by @dev. */
static void held_purge(struct xha_gate *g, const struct net_device *dev)
{
	struct sk_buff_head gone;
	struct sk_buff *skb, *next;

	__skb_queue_head_init(&gone);
	spin_lock_bh(&g->lock);
	skb_queue_walk_safe(&g->held, skb, next) {
		if (dev && skb->dev != dev)
			continue;
		__skb_unlink(skb, &g->held);
		g->n_held -= packets_in(skb);
		__skb_queue_tail(&gone, skb);
	}
	spin_unlock_bh(&g->lock);
	while ((skb = __skb_dequeue(&gone)))
		held_drop(g, skb);
}

unsigned int xha_gate_take(struct xha_gate *g, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	unsigned int most = xha_sysctl_get(xha_net(g->net), hold_queue_packets);
	bool full = false;
	int mode;

	spin_lock_bh(&g->lock);
	mode = g->mode;
	if (mode == XHA_GATE_HOLD) {
		full = g->n_held + packets_in(skb) > most ||
		       (skb_dst(skb) && !skb_dst_force(skb));
		if (!full) {
			held_cb(skb)->okfn = state->okfn;
			dev_hold(skb->dev);
			g->n_held += packets_in(skb);
			__skb_queue_tail(&g->held, skb);
		}
	}
	spin_unlock_bh(&g->lock);

	switch (mode) {
	case XHA_GATE_OPEN:
		return NF_ACCEPT;
	case XHA_GATE_HOLD:
		atomic64_inc(full ? &g->stats.overflow : &g->stats.held);
		return full ? NF_DROP : NF_STOLEN;
	case XHA_GATE_FORWARD:
		xha_gate_transmit(g, skb);
		return NF_STOLEN;
	default:
		atomic64_inc(&g->stats.dropped);
		return NF_DROP;
	}
}

/* Let one held packet go; bottom halves off, RCU held. */
static void held_let_go(struct xha_gate *g, struct sk_buff *skb, int mode)
{
	struct net_device *dev = skb->dev;

	if (mode == XHA_GATE_FORWARD) {
		xha_gate_transmit(g, skb);
	} else {
		xha_gate_released(skb);
		if (skb->protocol == htons(ETH_P_IPV6))
			NF_HOOK(NFPROTO_IPV6, NF_INET_PRE_ROUTING, g->net, NULL,
				skb, dev, NULL, held_cb(skb)->okfn);
		else
			NF_HOOK(NFPROTO_IPV4, NF_INET_PRE_ROUTING, g->net, NULL,
				skb, dev, NULL, held_cb(skb)->okfn);
		xha_gate_released(NULL);
	}
	dev_put(dev);
}

/* Move the oldest packets held to @batch; with none left, enter @mode. */
static void held_next(struct xha_gate *g, struct sk_buff_head *batch, int mode,
		      bool last)
{
	unsigned int n = last ? UINT_MAX : DRAIN_BATCH;
	struct sk_buff *skb;

	spin_lock_bh(&g->lock);
	while (n-- && (skb = __skb_dequeue(&g->held))) {
		g->n_held -= packets_in(skb);
		__skb_queue_tail(batch, skb);
	}
	if (last || skb_queue_empty(batch))
		WRITE_ONCE(g->mode, mode);
	spin_unlock_bh(&g->lock);
}

/* Let all held packets go in order, then enter @mode. On one CPU: what two
 * CPUs transmit is not ordered.
 */
static void held_drain(struct xha_gate *g, int mode)
{
	unsigned int limit = DRAIN_ROUNDS * XHA_GATE_HOLD_MAX, n = 0;
	struct sk_buff_head batch;
	struct sk_buff *skb;

	__skb_queue_head_init(&batch);
	migrate_disable();
	do {
		held_next(g, &batch, mode, n >= limit);
		rcu_read_lock();
		local_bh_disable();
		while ((skb = __skb_dequeue(&batch))) {
			held_let_go(g, skb, mode);
			n++;
		}
		local_bh_enable();
		rcu_read_unlock();
		cond_resched();
	} while (READ_ONCE(g->mode) != mode);
	migrate_enable();
}

/* A device goes: what it received must not keep it. Takes no mutex, since
 * RTNL is taken inside gates->lock.
 */
static int gates_netdev_event(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct xha_gates *gates = container_of(nb, struct xha_gates, nb);
	struct xha_gate *g;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	rcu_read_lock();
	list_for_each_entry_rcu(g, &gates->list, list)
		held_purge(g, netdev_notifier_info_to_dev(ptr));
	rcu_read_unlock();
	return NOTIFY_DONE;
}

/* --- modes --- */

/*
 * Registered once and kept: it takes RTNL, whose holders may wait for grace
 * periods, and no change of role may wait for them.
 */
static int notifier_get(struct net *net, struct xha_gates *gates)
{
	int err;

	if (gates->nb_net)
		return 0;
	err = register_netdevice_notifier_net(net, &gates->nb);
	if (!err)
		gates->nb_net = net;
	return err;
}

static int hooks_get(struct xha_gate *g)
{
	struct xha_gates *gates = g->gates;
	int err = 0, try;

	if (!gates)
		return -ENODEV;
	if (g->hooked)
		return 0;
	mutex_lock(&gates->lock);
	if (!gates->n_closed) {
		err = notifier_get(g->net, gates);
		if (err)
			goto out;
		for (try = 0; try < REGISTER_TRIES; try++) {
			err = nf_register_net_hooks(g->net, gates->ops,
						    XHA_GATE_HOOKS);
			if (err != -ENOMEM)
				break;
		}
		if (err)
			goto out;
	}
	gates->n_closed++;
	g->hooked = true;
out:
	mutex_unlock(&gates->lock);
	return err;
}

static void hooks_put(struct xha_gate *g)
{
	struct xha_gates *gates = g->gates;

	if (!g->hooked)
		return;
	mutex_lock(&gates->lock);
	g->hooked = false;
	if (!--gates->n_closed)
		nf_unregister_net_hooks(g->net, gates->ops, XHA_GATE_HOOKS);
	mutex_unlock(&gates->lock);
}

static void set_mode(struct xha_gate *g, int mode)
{
	spin_lock_bh(&g->lock);
	WRITE_ONCE(g->mode, mode);
	spin_unlock_bh(&g->lock);
}

void xha_gate_purge(struct xha_gate *g)
{
	synchronize_rcu_expedited();
	xha_gate_neigh_purge(g);
}

int xha_gate_close(struct xha_gate *g)
{
	int err = hooks_get(g);

	if (err)
		return err;
	WRITE_ONCE(g->late, XHA_GATE_CLOSED);
	set_mode(g, XHA_GATE_CLOSED);
	held_purge(g, NULL);
	xha_gate_purge(g);
	return 0;
}

/* Packets that passed the first hook just before must still get through the
 * others, or the change of mode would lose them: these follow after a grace
 * period.
 */
int xha_gate_hold(struct xha_gate *g)
{
	int err = hooks_get(g);

	if (err)
		return err;
	set_mode(g, XHA_GATE_HOLD);
	xha_gate_resolve(g);
	synchronize_rcu_expedited();
	WRITE_ONCE(g->late, XHA_GATE_HOLD);
	return 0;
}

void xha_gate_forward(struct xha_gate *g)
{
	unsigned long end = jiffies + msecs_to_jiffies(RESOLVE_MS);

	if (READ_ONCE(g->mode) != XHA_GATE_HOLD)
		return;
	WRITE_ONCE(g->late, XHA_GATE_FORWARD);
	xha_gate_resolve(g);
	while (xha_gate_unresolved(g) && time_before(jiffies, end))
		usleep_range(500, 1000);
	held_drain(g, XHA_GATE_FORWARD);
}

void xha_gate_open(struct xha_gate *g)
{
	WRITE_ONCE(g->late, XHA_GATE_OPEN);
	if (READ_ONCE(g->mode) == XHA_GATE_HOLD)
		held_drain(g, XHA_GATE_OPEN);
	else
		set_mode(g, XHA_GATE_OPEN);
}

void xha_gate_settle(struct xha_gate *g)
{
	if (READ_ONCE(g->mode) == XHA_GATE_OPEN)
		hooks_put(g);
}

void xha_gate_init(struct xha_gate *g, struct net *net)
{
	memset(g, 0, sizeof(*g));
	INIT_LIST_HEAD(&g->list);
	g->net = net;
	g->gates = xha_gates_of(net);
	g->mode = XHA_GATE_OPEN;
	g->late = XHA_GATE_OPEN;
	spin_lock_init(&g->lock);
	__skb_queue_head_init(&g->held);
	if (!g->gates)
		return;
	mutex_lock(&g->gates->lock);
	list_add_tail_rcu(&g->list, &g->gates->list);
	mutex_unlock(&g->gates->lock);
}

void xha_gate_exit(struct xha_gate *g)
{
	WRITE_ONCE(g->late, XHA_GATE_OPEN);
	set_mode(g, XHA_GATE_OPEN);
	held_purge(g, NULL);
	hooks_put(g);
	if (!g->gates)
		return;
	mutex_lock(&g->gates->lock);
	list_del_rcu(&g->list);
	tables_swap(g, NULL);
	mutex_unlock(&g->gates->lock);
	synchronize_rcu();
}

void xha_gates_init(struct xha_gates *gates)
{
	memset(gates, 0, sizeof(*gates));
	mutex_init(&gates->lock);
	INIT_LIST_HEAD(&gates->list);
	gates->nb.notifier_call = gates_netdev_event;
	xha_gate_hook_init(gates);
}

void xha_gates_exit(struct xha_gates *gates)
{
	xha_gates_set_exempt(gates, NULL, 0);
	if (gates->nb_net)
		unregister_netdevice_notifier_net(gates->nb_net, &gates->nb);
	gates->nb_net = NULL;
}
