// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of xfrm, through a key manager that only watches.
 *
 * Callbacks run under rcu_read_lock(), often with x->lock held and in softirq
 * context: they filter by VIP, take a reference where the count allows one,
 * queue and return. What an event names is compared with the records later;
 * events that name nothing (flush) or could not be queued ask for a rescan.
 *
 * The mandatory callbacks that are questions answer so that nothing changes:
 * ->acquire must fail (success would install a larval SA although nobody
 * negotiates), ->compile_policy returns NULL and leaves *dir alone,
 * ->new_mapping and ->migrate must not be the first to succeed.
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <net/xfrm.h>

#include "compat/xfrm.h"
#include "group.h"
#include "hooks.h"
#include "mirror.h"
#include "netns.h"
#include "shadow.h"

#define EVENTS_MAX	16384	/* queued; beyond, a rescan is cheaper */

enum {
	EVENT_SA_ADD,		/* holds x */
	EVENT_SA_UPDATE,
	EVENT_SA_DYING,
	EVENT_SA_DEL,		/* compares ptr only */
	EVENT_POLICY_ADD,	/* holds xp */
	EVENT_REAP,
	EVENT_SA_FLUSH,
};

struct event {
	struct llist_node	node;
	u8			what;
	u8			dir;
	struct xha_sa_id	id;
	void			*obj;
};

static DEFINE_MUTEX(users_lock);	/* protects users */
static unsigned int users;

static bool is_vip(struct xha_net *xn, const xfrm_address_t *a, u16 family)
{
	const struct xha_vips *v = rcu_dereference(xn->vips);
	unsigned int i;

	for (i = 0; v && i < v->n; i++)
		if (v->ip[i].family == family &&
		    xfrm_addr_equal(&v->ip[i].a, a, family))
			return true;
	return false;
}

/* An event of a timer that interrupted the announcing task is not ours. */
static bool is_own(struct xha_net *xn)
{
	return in_task() && READ_ONCE(xn->announcer) == current;
}

static void lost(struct xha_net *xn)
{
	set_bit(0, &xn->rescan);
	queue_work(xn->wq, &xn->event_work);
}

static void starved(struct xha_net *xn)
{
	set_bit(XHA_RESCAN_STARVED, &xn->rescan);
	lost(xn);
}

static struct event *event_new(struct xha_net *xn, u8 what)
{
	struct event *e;

	if (atomic_read(&xn->n_events) >= EVENTS_MAX) {
		lost(xn);
		return NULL;
	}
	e = kzalloc(sizeof(*e), GFP_ATOMIC);
	if (e)
		e->what = what;
	else
		starved(xn);
	return e;
}

static void event_queue(struct xha_net *xn, struct event *e)
{
	atomic_inc(&xn->n_events);
	llist_add(&e->node, &xn->events);
	queue_work(xn->wq, &xn->event_work);
}

static void queue_plain(struct xha_net *xn, u8 what)
{
	struct event *e = event_new(xn, what);

	if (e)
		event_queue(xn, e);
}

static void queue_sa(struct xha_net *xn, u8 what, struct xfrm_state *x)
{
	struct event *e;

	if (what == EVENT_SA_ADD && !refcount_inc_not_zero(&x->refcnt))
		return;
	e = event_new(xn, what);
	if (!e) {
		if (what == EVENT_SA_ADD)
			xfrm_state_put(x);
		return;
	}
	xha_rec_sa_id(&e->id, x);
	e->obj = x;
	event_queue(xn, e);
}

static int sa_event(const struct km_event *c)
{
	switch (c->event) {
	case XFRM_MSG_NEWSA:
		return EVENT_SA_ADD;
	case XFRM_MSG_UPDSA:
		return EVENT_SA_UPDATE;
	case XFRM_MSG_DELSA:
		return EVENT_SA_DEL;
	case XFRM_MSG_EXPIRE:
		return c->data.hard ? EVENT_SA_DEL : EVENT_SA_DYING;
	default:
		return -ENOENT;
	}
}

/* Atomic context. */
static int watch_sa(struct xfrm_state *x, const struct km_event *c)
{
	struct xha_net *xn;
	int what;

	if (!x) {
		/* Only a flush comes without an SA; only then is c->net set. */
		if (c->event == XFRM_MSG_FLUSHSA) {
			xn = xha_net(c->net);
			if (rcu_access_pointer(xn->vips))
				queue_plain(xn, EVENT_SA_FLUSH);
		}
		return 0;
	}
	what = sa_event(c);
	xn = xha_net(xs_net(x));
	if (what < 0 || is_own(xn) ||
	    (!is_vip(xn, &x->props.saddr, x->props.family) &&
	     !is_vip(xn, &x->id.daddr, x->props.family)))
		return 0;
	queue_sa(xn, what, x);
	return 0;
}

static int watch_policy(struct xfrm_policy *xp, int dir, const struct km_event *c)
{
	struct xha_net *xn = xha_net(xp ? xp_net(xp) : c->net);
	struct event *e;

	if (!rcu_access_pointer(xn->vips) || is_own(xn))
		return 0;
	if (!xp || (c->event != XFRM_MSG_NEWPOLICY &&
		    c->event != XFRM_MSG_UPDPOLICY)) {
		xha_protect_keep(xn);
		queue_plain(xn, EVENT_REAP);
		return 0;
	}
	if (dir >= XFRM_POLICY_MAX || !refcount_inc_not_zero(&xp->refcnt))
		return 0;
	if (xha_hush_policy(xn, xp, dir))
		starved(xn);
	e = event_new(xn, EVENT_POLICY_ADD);
	if (!e) {
		xfrm_pol_put(xp);
		return 0;
	}
	e->obj = xp;
	e->dir = dir;
	event_queue(xn, e);
	return 0;
}

static int refuse_acquire(struct xfrm_state *x, struct xfrm_tmpl *t,
			  struct xfrm_policy *xp)
{
	return -ENOENT;
}

static struct xfrm_policy *no_policy(struct sock *sk, int opt, u8 *data, int len,
				     int *dir)
{
	return NULL;
}

static int refuse_mapping(struct xfrm_state *x, xfrm_address_t *ipaddr,
			  __be16 sport)
{
	return -ENOENT;
}

/*
 * SAs and policies were moved to other addresses, which raises no other event;
 * in which namespace not every kernel tells.
 */
static int watch_migrate(const struct xfrm_selector *sel, u8 dir, u8 type,
			 const struct xfrm_migrate *m, int num_bundles,
			 const struct xfrm_kmaddress *k,
			 XHA_COMPAT_KM_MIGRATE_NET
			 const struct xfrm_encap_tmpl *encap)
{
	struct net *n;

	/* While there is a watcher all that are listed have a struct xha_net. */
	for_each_net_rcu(n)
		if (rcu_access_pointer(xha_net(n)->vips))
			lost(xha_net(n));
	return -ENOENT;
}

static struct xfrm_mgr watcher = {
	.notify		= watch_sa,
	.notify_policy	= watch_policy,
	.acquire	= refuse_acquire,
	.compile_policy	= no_policy,
	.new_mapping	= refuse_mapping,
	.migrate	= watch_migrate,
};

void xha_hooks_get(void)
{
	mutex_lock(&users_lock);
	if (!users++)
		xfrm_register_km(&watcher);
	mutex_unlock(&users_lock);
}

/* On return of the last one no callback runs: unregistering waits for RCU. */
void xha_hooks_put(void)
{
	mutex_lock(&users_lock);
	if (!--users)
		xfrm_unregister_km(&watcher);
	mutex_unlock(&users_lock);
}

static void sweep(struct xha_net *xn)
{
	if (xha_hush_sweep(xn))
		set_bit(0, &xn->rescan);
}

static void apply(struct xha_net *xn, struct event *e)
{
	switch (e->what) {
	case EVENT_SA_ADD:
		xha_mirror_add_sa(xn, e->obj);
		xha_shadow_seen(xn, &e->id);
		break;
	case EVENT_SA_UPDATE:
		xha_mirror_update_sa(xn, &e->id);
		xha_shadow_seen(xn, &e->id);
		break;
	case EVENT_SA_DYING:
		xha_mirror_dying_sa(xn, &e->id);
		break;
	case EVENT_SA_DEL:
		xha_mirror_del_sa(xn, &e->id, e->obj);
		xha_shadow_seen(xn, &e->id);
		break;
	case EVENT_SA_FLUSH:
		xha_mirror_reap(xn);
		xha_shadow_look(xn);
		break;
	case EVENT_POLICY_ADD:
		/* An update may have displaced a policy under the same selector. */
		xha_mirror_add_policy(xn, e->obj, e->dir);
		sweep(xn);
		break;
	case EVENT_REAP:
		xha_protect_keep(xn);	/* without the memory for it before */
		sweep(xn);
		xha_mirror_reap(xn);
		break;
	}
}

static void event_free(struct event *e)
{
	if (e->what == EVENT_SA_ADD)
		xfrm_state_put(e->obj);
	else if (e->what == EVENT_POLICY_ADD)
		xfrm_pol_put(e->obj);
	kfree(e);
}

static struct llist_node *take_events(struct xha_net *xn)
{
	return llist_reverse_order(llist_del_all(&xn->events));
}

void xha_hooks_drain(struct xha_net *xn)
{
	struct event *e, *tmp;

	lockdep_assert_held(&xn->lock);
	llist_for_each_entry_safe(e, tmp, take_events(xn), node) {
		if (!xn->dead)
			apply(xn, e);
		atomic_dec(&xn->n_events);
		event_free(e);
		cond_resched();
	}
	if (test_and_clear_bit(0, &xn->rescan) && !xn->dead) {
		xha_mirror_rescan(xn);
		xha_shadow_look(xn);
	}
}

void xha_hooks_purge(struct xha_net *xn)
{
	struct event *e, *tmp;

	llist_for_each_entry_safe(e, tmp, take_events(xn), node)
		event_free(e);
}
