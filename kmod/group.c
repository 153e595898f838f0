// SPDX-License-Identifier: GPL-2.0-only
/*
 * Redundancy groups.
 */
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "encap.h"
#include "group.h"
#include "handover.h"
#include "hooks.h"
#include "merge.h"
#include "netlink.h"
#include "netns.h"
#include "policy.h"
#include "seq.h"
#include "shadow.h"
#include "strict.h"
#include "sync.h"

struct xha_group *xha_group_find(struct xha_net *xn, u32 id)
{
	struct xha_group *g;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry(g, &xn->groups, list)
		if (g->id == id)
			return g;
	return NULL;
}

bool xha_group_has_vip(const struct xha_group *g, const xfrm_address_t *a,
		       u16 family)
{
	unsigned int i;

	for (i = 0; i < g->n_vips; i++)
		if (g->vips[i].family == family &&
		    xfrm_addr_equal(&g->vips[i].a, a, family))
			return true;
	return false;
}

struct xha_group *xha_group_by_vip(struct xha_net *xn, const xfrm_address_t *a,
				   u16 family)
{
	struct xha_group *g;

	list_for_each_entry(g, &xn->groups, list)
		if (xha_group_has_vip(g, a, family))
			return g;
	return NULL;
}

u64 xha_group_vips_digest(const struct xha_group *g)
{
	unsigned int i, len;
	u64 sum = g->n_vips;

	for (i = 0; i < g->n_vips; i++) {
		len = g->vips[i].family == AF_INET ? 4 : 16;
		sum += (u64)jhash(&g->vips[i].a, len, 1) << 32 |
		       jhash(&g->vips[i].a, len, 2);
	}
	return sum;
}

static bool same_ip(const struct xha_ip *a, const struct xha_ip *b)
{
	return a->family == b->family && xfrm_addr_equal(&a->a, &b->a, a->family);
}

static bool is_channel_address(const struct xha_net *xn, const struct xha_ip *ip)
{
	const struct xha_chan_conf *c = &xn->session.conf;
	int i;

	for (i = 0; i < c->n_local; i++)
		if (same_ip(&c->local[i], ip))
			return true;
	for (i = 0; i < c->n_remote; i++)
		if (same_ip(&c->remote[i], ip))
			return true;
	return false;
}

static int check_vips(struct xha_net *xn, const struct xha_group *self,
		      const struct xha_group_conf *c,
		      struct netlink_ext_ack *extack)
{
	struct xha_group *other;
	unsigned int i;

	if (!c->n_vips) {
		NL_SET_ERR_MSG(extack, "a group needs at least one VIP");
		return -EINVAL;
	}
	for (i = 0; i < c->n_vips; i++) {
		other = xha_group_by_vip(xn, &c->vips[i].a, c->vips[i].family);
		if (other && other != self) {
			NL_SET_ERR_MSG(extack, "a VIP belongs to another group");
			return -EADDRINUSE;
		}
		if (is_channel_address(xn, &c->vips[i])) {
			NL_SET_ERR_MSG(extack, "a VIP is an address of the channel");
			return -EADDRINUSE;
		}
		if (xha_protect_covers(xn, c->has_prefixes ? self : NULL,
				       &c->vips[i])) {
			NL_SET_ERR_MSG(extack, "a prefix to protect covers a VIP");
			return -EADDRINUSE;
		}
	}
	return 0;
}

static int check_neighs(struct xha_net *xn, const struct xha_group *self,
			const struct xha_group_conf *c,
			struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i < c->n_neighs; i++)
		if (xha_protect_covers(xn, c->has_prefixes ? self : NULL,
				       &c->neighs[i].addr)) {
			NL_SET_ERR_MSG(extack,
				       "a prefix to protect covers the peer's address on a LAN");
			return -EADDRINUSE;
		}
	return 0;
}

/*
 * Unloading the module would open the gate of a standby and take the block
 * policies of a node out that has no role yet. The active goes on without it.
 */
static bool wants_pin(const struct xha_group *g)
{
	return g->role == XFRM_HA_ROLE_STANDBY ||
	       (g->role == XFRM_HA_ROLE_INIT && g->n_prefixes);
}

static void pin(struct xha_group *g)
{
	bool on = wants_pin(g);

	if (g->pinned == on)
		return;
	/*
	 * Refused only where unloading has begun, and takes the group along:
	 * xha_group_end_all() leaves policies that block then.
	 */
	if (on)
		on = try_module_get(THIS_MODULE);
	else
		module_put(THIS_MODULE);
	g->pinned = on;
}

static void apply_small(struct xha_group *g, const struct xha_group_conf *c)
{
	if (c->has_name)
		strscpy(g->name, c->name, sizeof(g->name));
	if (c->has_interval_in)
		g->interval_in = c->interval_in;
	if (c->has_interval_out)
		g->interval_out = c->interval_out;
	if (c->has_hearing) {
		g->hearing = c->hearing;
		g->hearing_at = jiffies;
	}
	if (!c->has_strict)
		return;
	g->strict = c->strict;
	if (g->strict)
		xha_strict_bind(g);
	else
		xha_strict_release(g, false);
}

/*
 * What belongs to the group changes with its VIPs: an active looks for it in
 * xfrm, a standby judges all that it was sent, and refused perhaps, once more.
 */
static void apply_vips(struct xha_group *g, const struct xha_group_conf *c,
		       struct xha_vips *v)
{
	memcpy(g->vips, c->vips, sizeof(g->vips));
	g->n_vips = c->n_vips;
	xha_netns_vips_set(g->xn, v);
	set_bit(0, &g->xn->rescan);
	g->sync_retry = jiffies;
	xha_shadow_want_all(g);
	xha_netns_kick(g->xn);
}

/* Prefixes, neighbours and VIPs: all of them, or an error and none. */
static int apply_addrs(struct xha_group *g, const struct xha_group_conf *c)
{
	struct xha_gate_tables *t = xha_gate_tables_alloc(&g->gate);
	struct xha_vips *v = NULL;
	int err = PTR_ERR_OR_ZERO(t);

	if (!err && c->has_vips) {
		v = xha_netns_vips_alloc(g->xn, c->n_vips);
		err = v ? 0 : -ENOMEM;
	}
	if (!err && c->has_prefixes)
		err = xha_protect_set(g, c->prefixes, c->n_prefixes);
	if (err) {
		kfree(v);
		if (!IS_ERR(t))
			kfree(t);
		return err;
	}
	xha_gate_set_addrs(&g->gate, t, c->has_vips ? c->vips : NULL, c->n_vips,
			   c->has_neighs ? c->neighs : NULL, c->n_neighs);
	if (c->has_neighs) {
		memcpy(g->neighs, c->neighs, sizeof(g->neighs));
		g->n_neighs = c->n_neighs;
	}
	if (c->has_vips)
		apply_vips(g, c, v);
	pin(g);
	return 0;
}

int xha_group_new(struct xha_net *xn, u32 id, const struct xha_group_conf *c,
		  struct netlink_ext_ack *extack)
{
	struct xha_group *g;
	int err;

	if (xha_group_find(xn, id)) {
		NL_SET_ERR_MSG(extack, "the group exists");
		return -EEXIST;
	}
	err = check_vips(xn, NULL, c, extack) ?:
	      check_neighs(xn, NULL, c, extack) ?:
	      xha_protect_check(xn, NULL, c, extack) ?: xha_rec_tables_alloc(xn);
	if (err)
		return err;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	g->xn = xn;
	g->id = id;
	g->policies_jiffies = jiffies;
	snprintf(g->name, sizeof(g->name), "%u", id);
	g->interval_in = xha_sysctl_get(xn, replay_interval_inbound);
	g->interval_out = xha_sysctl_get(xn, replay_interval_outbound);
	g->strict = xha_sysctl_get(xn, strict);
	g->state_since = jiffies;
	INIT_LIST_HEAD(&g->sas);
	INIT_LIST_HEAD(&g->policies);
	INIT_LIST_HEAD(&g->dirty);
	INIT_LIST_HEAD(&g->dels);
	INIT_LIST_HEAD(&g->dels_sent);
	INIT_LIST_HEAD(&g->graves);
	xha_gate_init(&g->gate, xn->net);
	list_add_tail(&g->list, &xn->groups);
	apply_small(g, c);
	xha_hooks_get();
	err = apply_addrs(g, c);
	if (err)
		xha_group_del(g);
	else
		xha_netns_kick(xn);
	return err;
}

int xha_group_set(struct xha_group *g, const struct xha_group_conf *c,
		  struct netlink_ext_ack *extack)
{
	int err = 0;

	lockdep_assert_held(&g->xn->lock);
	if (c->has_vips)
		err = check_vips(g->xn, g, c, extack);
	err = err ?: check_neighs(g->xn, g, c, extack) ?:
	      xha_protect_check(g->xn, g, c, extack);
	if (!err && (c->has_prefixes || c->has_neighs || c->has_vips))
		err = apply_addrs(g, c);
	else if (!err && c->has_encap)
		err = xha_encap_set(g, c->encap, extack);
	if (err)
		return err;
	apply_small(g, c);
	if (c->has_vips || c->has_interval_in || c->has_interval_out ||
	    g->hearing != g->hearing_told)
		xha_session_send_group(g->xn, g);
	return 0;
}

/* All but what holds its packets back. */
static void clear(struct xha_group *g)
{
	struct xha_net *xn = g->xn;
	struct xha_rec *r, *tmp;
	struct xha_vips *v;

	lockdep_assert_held(&xn->lock);
	xha_handover_abandon(g);
	list_del(&g->list);
	xha_encap_sweep(xn);
	v = list_empty(&xn->groups) ? NULL : xha_netns_vips_alloc(xn, 0);
	/* Else the filter lets more events pass than have a group. */
	if (v || list_empty(&xn->groups))
		xha_netns_vips_set(xn, v);
	xha_sync_stop(g);
	xha_merge_forget_dead(g);
	list_for_each_entry_safe(r, tmp, &g->sas, list)
		xha_rec_free(r);
	list_for_each_entry_safe(r, tmp, &g->policies, list)
		xha_rec_free(r);
	xha_hooks_put();
}

static void release(struct xha_group *g)
{
	xha_gate_exit(&g->gate);
	xha_hush_lift(g->xn, &g->gate);
	xha_protect_set(g, NULL, 0);
	if (g->pinned)
		module_put(THIS_MODULE);
	kfree(g);
}

void xha_group_del(struct xha_group *g)
{
	clear(g);
	release(g);
}

static int set_rules(struct xha_group *g, bool prefixes)
{
	struct xha_gate_rule *rules;
	unsigned int n = g->n_policies;
	struct xha_rec *r;
	int err;

	if (prefixes)
		n += XHA_PROTECT_RULES * g->n_prefixes;
	rules = kvcalloc(n ?: 1, sizeof(*rules), GFP_KERNEL);
	if (!rules)
		return -ENOMEM;
	n = 0;
	list_for_each_entry(r, &g->policies, list)
		xha_policy_rule(&rules[n++], xha_rec_policy(r)->w);
	if (prefixes)
		n += xha_protect_rules(g, &rules[n]);
	err = xha_gate_set_rules(&g->gate, rules, n);
	kvfree(rules);
	return err;
}

/*
 * Newer kernels flush all policies in xfrm's .pre_exit, while the devices of
 * the namespace still forward: those of an active and those that block, too.
 */
static void seal(struct xha_group *g)
{
	int err = set_rules(g, true);

	/* Without new rules the old ones and the VIPs are better than none. */
	if (xha_gate_close(&g->gate) || err)
		pr_warn("xfrm_ha: group %s: no memory to block plaintext while its namespace ends\n",
			g->name);
}

void xha_group_end_all(struct xha_net *xn)
{
	struct xha_group *g, *tmp;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry_safe(g, tmp, &xn->groups, list) {
		/* Else it is the module that goes, and an active forwards. */
		if (!check_net(xn->net))
			seal(g);
		else if (wants_pin(g) && xha_protect_leave(g))
			pr_warn("xfrm_ha: group %s: no memory to block plaintext without the module\n",
				g->name);
		clear(g);
		list_add_tail(&g->list, &xn->ended);
	}
}

void xha_group_release_all(struct xha_net *xn)
{
	struct xha_group *g, *tmp;

	lockdep_assert_held(&xn->lock);
	list_for_each_entry_safe(g, tmp, &xn->ended, list)
		release(g);
}

/* Or the peer, with the channel still there, would think it is what it was. */
static void say_goodbye(struct xha_group *g)
{
	xha_handover_abandon(g);
	g->role = XFRM_HA_ROLE_INIT;
	g->state = XFRM_HA_STATE_INIT;
	xha_session_send_group(g->xn, g);
}

int xha_group_forget(struct xha_group *g, bool force,
		     struct netlink_ext_ack *extack)
{
	bool guards = g->role != XFRM_HA_ROLE_ACTIVE &&
		      (g->n_policies || g->n_prefixes);
	int err;

	lockdep_assert_held(&g->xn->lock);
	if (guards && !force) {
		NL_SET_ERR_MSG(extack,
			       "the group blocks plaintext; with force, policies that block it stay behind");
		return -EBUSY;
	}
	/* Its policies are back in place before others take theirs. */
	xha_handover_unfence(g, "the group is being deleted");
	err = force ? xha_protect_leave(g) : 0;
	if (err) {
		NL_SET_ERR_MSG(extack, "out of memory for the policies to stay behind");
		return err;
	}
	say_goodbye(g);
	/* If nobody heard that, what this node used is not to be offered again. */
	xha_netns_draw_boot(g->xn);
	xha_group_del(g);
	return 0;
}

void xha_group_reason(struct xha_group *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(g->reason, sizeof(g->reason), fmt, ap);
	va_end(ap);
}

static u8 standby_state(struct xha_group *g)
{
	if (!xha_session_up(&g->xn->session)) {
		xha_group_reason(g, "the peer is not connected");
		return XFRM_HA_STATE_NEGOTIATION;
	}
	if (g->mismatch)	/* the reason names it */
		return XFRM_HA_STATE_STANDBY_COLD;
	if (g->peer_role != XFRM_HA_ROLE_ACTIVE) {
		xha_group_reason(g, "the peer is not active");
		return XFRM_HA_STATE_STANDBY_COLD;
	}
	if (g->rules_missing) {
		xha_group_reason(g, "out of memory for the gate's rules");
		return XFRM_HA_STATE_STANDBY_COLD;
	}
	if (g->bulk_rx || g->sync_wanted)
		return XFRM_HA_STATE_STANDBY_BULK;
	if (!g->synced)
		return XFRM_HA_STATE_STANDBY_COLD;
	if (g->n_refused) {
		xha_group_reason(g, "%u SAs or policies cannot be adopted",
				 g->n_refused);
		return XFRM_HA_STATE_STANDBY_COLD;
	}
	if (g->peer_refused) {
		xha_group_reason(g, "%u SAs or policies of the active cannot be mirrored",
				 g->peer_refused);
		return XFRM_HA_STATE_STANDBY_COLD;
	}
	g->reason[0] = 0;
	return XFRM_HA_STATE_STANDBY_HOT;
}

static u8 derive_state(struct xha_group *g)
{
	switch (g->role) {
	case XFRM_HA_ROLE_STANDBY:
		return standby_state(g);
	case XFRM_HA_ROLE_ACTIVE:
		return g->ho >= XHA_HO_PREPARE && g->ho <= XHA_HO_COMMIT ?
		       XFRM_HA_STATE_HANDOVER : XFRM_HA_STATE_ACTIVE;
	default:
		return XFRM_HA_STATE_INIT;
	}
}

void xha_group_update(struct xha_group *g)
{
	u8 state;

	lockdep_assert_held(&g->xn->lock);
	pin(g);
	state = derive_state(g);
	if (state == g->state)
		return;
	g->state = state;
	g->state_since = jiffies;
	xha_session_send_group(g->xn, g);
	xha_netlink_group_event(g, XFRM_HA_EVENT_STATE, XFRM_HA_CAUSE_NONE);
}

int xha_group_sync_rules(struct xha_group *g)
{
	int err;

	lockdep_assert_held(&g->xn->lock);
	if (!g->rules_dirty)
		return 0;
	err = set_rules(g, false);
	if (!err)
		g->rules_dirty = false;
	if (g->rules_missing != !!err) {
		g->rules_missing = !!err;
		xha_group_update(g);
	}
	return err;
}

void xha_group_exposure(const struct xha_group *g, u64 *out, u64 *in)
{
	struct xha_rec *r;
	struct xha_sa *sa;
	u64 v;

	*out = 0;
	*in = 0;
	list_for_each_entry(r, &g->sas, list) {
		sa = xha_rec_sa(r);
		if (!r->live || r->reason[0])
			continue;
		v = xha_rec_sa_exposure(sa);
		if (sa->outbound)
			*out = max(*out, v);
		else
			*in = max(*in, v);
	}
}
