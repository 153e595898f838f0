// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything of a network namespace, from first to last.
 *
 * End of a namespace (or of the module, which is the same for each):
 * .pre_exit runs while sockets and xfrm of the namespace still work. It marks
 * the namespace dead, so that no work and no up-call does anything any more;
 * closes the channel, whose close waits for its up-calls and aborts the
 * association; stops the works; then ends the groups: staged SAs are wiped
 * and put, references to live ones dropped. The last group anywhere
 * unregisters the key manager and waits for its callbacks, and no group's VIPs
 * are published, so callbacks that other namespaces keep alive return at once
 * here. Where the namespace goes, and not the module, all gates close: it
 * forwards until its devices are gone, staged policies are in no SPD, and xfrm
 * may flush the others before. Devices go in the .exit of devices, which comes
 * before that of subsystems; xfrm and netfilter end after this one, for they
 * were there first. So .exit opens the gates, takes out block policies, drops
 * each standby's reference on the module and frees memory.
 * module_put() is no danger for the code that calls it, since unloading waits
 * for the exit of namespaces, for commands and for the works. Netlink cannot
 * come between: a socket in the namespace would have kept it alive, and the
 * family is gone before the module's namespaces are.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "counters.h"
#include "group.h"
#include "handover.h"
#include "hooks.h"
#include "mirror.h"
#include "netns.h"
#include "shadow.h"
#include "strict.h"
#include "sync.h"

#define TICK_SLOW	max(HZ / 20, 1)
#define TICK_SHARE	20	/* of the time, at most 1/20 in the sampler */

static unsigned int net_id __read_mostly;

struct xha_net *xha_net(struct net *net)
{
	return net_generic(net, net_id);
}

struct xha_gates *xha_gates_of(struct net *net)
{
	return &xha_net(net)->gates;
}

struct xha_vips *xha_netns_vips_alloc(struct xha_net *xn, unsigned int more)
{
	struct xha_vips *v;
	struct xha_group *g;
	unsigned int n = more;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list)
		n += g->n_vips;
	return kzalloc(struct_size(v, ip, n), GFP_KERNEL);
}

void xha_netns_vips_set(struct xha_net *xn, struct xha_vips *v)
{
	struct xha_vips *old;
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		memcpy(&v->ip[v->n], g->vips, g->n_vips * sizeof(v->ip[0]));
		v->n += g->n_vips;
	}
	old = rcu_replace_pointer(xn->vips, v, lockdep_is_held(&xn->lock));
	if (old)
		kfree_rcu(old, rcu);
}

void xha_netns_kick(struct xha_net *xn)
{
	if (!READ_ONCE(xn->dead))
		mod_delayed_work(xn->wq, &xn->tick_work, 0);
}

static void event_work(struct work_struct *work)
{
	struct xha_net *xn = container_of(work, struct xha_net, event_work);

	mutex_lock(&xn->lock);
	xha_hooks_drain(xn);
	mutex_unlock(&xn->lock);
}

static unsigned long tick_delay(struct xha_net *xn, unsigned long spent)
{
	if (xha_handover_busy(xn))
		return 1;
	if (xha_counters_busy(xn))
		return max(xha_sysctl_jiffies(xn, sample_interval_ms),
			   spent * TICK_SHARE);
	return TICK_SLOW;
}

/* What no change of role should wait for. */
static void tidy_group(struct xha_group *g)
{
	xha_group_sync_rules(g);
	xha_strict_complain(g);
	if (g->role == XFRM_HA_ROLE_STANDBY)
		xha_shadow_grow_hash_step(g);
	if (g->ho == XHA_HO_NONE && time_after(jiffies, g->state_since + HZ))
		xha_gate_settle(&g->gate);
}

/* What appeared or went without an event is found by looking. */
static void walk_if_due(struct xha_net *xn)
{
	if (time_before(jiffies, xn->last_walk +
				 xha_sysctl_jiffies(xn, walk_interval_ms)))
		return;
	xn->last_walk = jiffies;
	xha_protect_keep(xn);
	xha_hush_sweep(xn);
	xha_mirror_rescan(xn);
	xha_shadow_look(xn);
}

static void tick_work(struct work_struct *work)
{
	struct xha_net *xn = container_of(work, struct xha_net, tick_work.work);
	unsigned long begin = jiffies;
	struct xha_group *g;

	mutex_lock(&xn->lock);
	if (xn->dead || (list_empty(&xn->groups) && !xn->session.chan))
		goto out;
	if (test_bit(0, &xn->rescan))
		xha_hooks_drain(xn);
	xha_session_tick(xn);
	if (xha_counters_busy(xn))
		xha_counters_sample(xn);
	walk_if_due(xn);
	xha_sync_flush(xn);
	xha_handover_tick(xn);
	list_for_each_entry(g, &xn->groups, list)
		tidy_group(g);
	queue_delayed_work(xn->wq, &xn->tick_work,
			   tick_delay(xn, jiffies - begin));
out:
	mutex_unlock(&xn->lock);
}

void xha_netns_draw_boot(struct xha_net *xn)
{
	do {
		xn->boot_id = get_random_u64();
	} while (!(xn->boot_id >> 32));
}

static int __net_init netns_init(struct net *net)
{
	struct xha_net *xn = xha_net(net);
	int err;

	xn->net = net;
	mutex_init(&xn->lock);
	INIT_LIST_HEAD(&xn->groups);
	INIT_LIST_HEAD(&xn->ended);
	init_llist_head(&xn->events);
	atomic_set(&xn->n_events, 0);
	INIT_WORK(&xn->event_work, event_work);
	INIT_DELAYED_WORK(&xn->tick_work, tick_work);
	xha_gates_init(&xn->gates);
	xha_protect_init(&xn->protect);
	xha_hush_init(&xn->hushes);
	xha_netns_draw_boot(xn);
	err = xha_session_init(xn);
	if (err)
		return err;
	err = xha_counters_init(xn);
	if (err)
		goto err_session;
	xn->last_walk = jiffies;
	xn->wq = alloc_ordered_workqueue("xfrm_ha", 0);
	if (!xn->wq) {
		err = -ENOMEM;
		goto err_mirror;
	}
	err = xha_sysctl_init(xn);
	if (err)
		goto err_wq;
	return 0;

err_wq:
	destroy_workqueue(xn->wq);
err_mirror:
	xha_counters_exit(xn);
err_session:
	xha_session_exit(xn);
	return err;
}

static void __net_exit netns_pre_exit(struct net *net)
{
	struct xha_net *xn = xha_net(net);

	mutex_lock(&xn->lock);
	WRITE_ONCE(xn->dead, true);
	mutex_unlock(&xn->lock);
	xha_session_close(xn);
	cancel_delayed_work_sync(&xn->tick_work);
	mutex_lock(&xn->lock);
	xha_group_end_all(xn);
	mutex_unlock(&xn->lock);
	/* No VIPs: once running callbacks are through, none queues again. */
	synchronize_rcu();
	cancel_work_sync(&xn->event_work);
	xha_hooks_purge(xn);
}

static void __net_exit netns_exit(struct net *net)
{
	struct xha_net *xn = xha_net(net);

	mutex_lock(&xn->lock);
	xha_group_release_all(xn);
	mutex_unlock(&xn->lock);
	xha_strict_flush();
	xha_sysctl_exit(xn);
	destroy_workqueue(xn->wq);
	xha_gates_exit(&xn->gates);
	xha_rec_tables_free(xn);
	xha_counters_exit(xn);
	xha_session_exit(xn);
	memzero_explicit(&xn->session.conf, sizeof(xn->session.conf));
}

static struct pernet_operations net_ops = {
	.init		= netns_init,
	.pre_exit	= netns_pre_exit,
	.exit		= netns_exit,
	.id		= &net_id,
	.size		= sizeof(struct xha_net),
};

int xha_netns_init(void)
{
	return register_pernet_subsys(&net_ops);
}

void xha_netns_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
