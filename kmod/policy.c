// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between struct xfrm_policy and the wire form of a policy; fields as in
 * copy_from_user_policy() and copy_templates() of net/xfrm/xfrm_user.c.
 */
#include <linux/slab.h>
#include <net/xfrm.h>

#include "compat/xfrm.h"
#include "context.h"
#include "group.h"
#include "policy.h"
#include "sa.h"

bool xha_policy_local(const struct xfrm_policy *xp, int dir, struct xha_ip *ip)
{
	bool out = dir == XFRM_POLICY_OUT;
	const struct xfrm_tmpl *t;
	u8 plen;
	int i;

	memset(ip, 0, sizeof(*ip));
	for (i = 0; i < xp->xfrm_nr; i++) {
		t = &xp->xfrm_vec[i];
		if (t->mode == XFRM_MODE_TRANSPORT)
			continue;
		ip->family = t->encap_family;
		ip->a = out ? t->saddr : t->id.daddr;
		return true;
	}
	if (!xp->xfrm_nr)
		return false;
	plen = out ? xp->selector.prefixlen_s : xp->selector.prefixlen_d;
	if (plen != (xp->family == AF_INET ? 32 : 128))
		return false;
	ip->family = xp->family;
	ip->a = out ? xp->selector.saddr : xp->selector.daddr;
	return true;
}

/* An index of an interface means nothing on another machine. */
const char *xha_policy_refusal(const struct xfrm_policy *xp)
{
	if (!xha_context_fits(xp->security))
		return xha_context_too_long;
	if (xp->selector.ifindex)
		return "its selector names an interface";
	if (xha_compat_policy_offloaded(xp))
		return "is offloaded to a device";
	return NULL;
}

void xha_policy_log_refusal(const struct xha_group *g,
			    const struct xha_wire_policy *w, const char *why)
{
	static const char * const dirs[] = { "in", "out", "fwd" };
	const struct xha_wire_sel *s = &w->sel;

	if (s->family == AF_INET)
		pr_warn_ratelimited("xfrm_ha: group %s: policy dir %s src %pI4/%u dst %pI4/%u is not mirrored: %s\n",
				    g->name, dirs[w->dir], s->saddr.b,
				    s->prefixlen_s, s->daddr.b, s->prefixlen_d, why);
	else
		pr_warn_ratelimited("xfrm_ha: group %s: policy dir %s src %pI6c/%u dst %pI6c/%u is not mirrored: %s\n",
				    g->name, dirs[w->dir], s->saddr.b,
				    s->prefixlen_s, s->daddr.b, s->prefixlen_d, why);
}

static void tmpl_to_wire(struct xha_wire_tmpl *w, const struct xfrm_tmpl *t)
{
	w->family = t->encap_family;
	xha_sa_addr_to_wire(&w->daddr, &t->id.daddr, w->family);
	xha_sa_addr_to_wire(&w->saddr, &t->saddr, w->family);
	w->spi = t->id.spi;
	w->proto = t->id.proto;
	w->mode = t->mode;
	w->share = t->share;
	w->optional = t->optional;
	w->allalgs = t->allalgs;
	w->reqid = t->reqid;
	w->aalgos = t->aalgos;
	w->ealgos = t->ealgos;
	w->calgos = t->calgos;
}

static void tmpl_from_wire(struct xfrm_tmpl *t, const struct xha_wire_tmpl *w)
{
	t->encap_family = w->family;
	xha_sa_addr_from_wire(&t->id.daddr, &w->daddr, w->family);
	xha_sa_addr_from_wire(&t->saddr, &w->saddr, w->family);
	t->id.spi = w->spi;
	t->id.proto = w->proto;
	t->mode = w->mode;
	t->share = w->share;
	t->optional = w->optional;
	t->allalgs = w->allalgs;
	t->reqid = w->reqid;
	t->aalgos = w->aalgos;
	t->ealgos = w->ealgos;
	t->calgos = w->calgos;
}

void xha_policy_snapshot(struct xha_wire_policy *w, struct xfrm_policy *xp,
			 int dir)
{
	int i;

	memset(w, 0, sizeof(*w));
	read_lock_bh(&xp->lock);
	w->dir = dir;
	w->action = xp->action;
	w->flags = xp->flags;
	w->type = xp->type;
	w->family = xp->family;
	w->priority = xp->priority;
	w->mark_v = xp->mark.v;
	w->mark_m = xp->mark.m;
	w->if_id = xp->if_id;
	xha_sa_sel_to_wire(&w->sel, &xp->selector);
	if (!w->sel.family)
		w->sel.family = xp->family;
	xha_sa_limits_to_wire(&w->limits, &xp->lft);
	w->n_tmpl = min_t(u8, xp->xfrm_nr, XHA_WIRE_TMPLS);
	for (i = 0; i < w->n_tmpl; i++)
		tmpl_to_wire(&w->tmpl[i], &xp->xfrm_vec[i]);
	xha_context_to_wire(&w->context, xp->security);
	read_unlock_bh(&xp->lock);
}

struct xfrm_policy *xha_policy_build_unlabelled(struct net *net,
						const struct xha_wire_policy *w)
{
	struct xfrm_policy *xp;
	int i;

	xp = xfrm_policy_alloc(net, GFP_KERNEL);
	if (!xp)
		return ERR_PTR(-ENOMEM);
	xp->action = w->action;
	xp->flags = w->flags;
	xp->type = w->type;
	xp->family = w->family;
	xp->priority = w->priority;
	xp->mark.v = w->mark_v;
	xp->mark.m = w->mark_m;
	xp->if_id = w->if_id;
	xha_sa_sel_from_wire(&xp->selector, &w->sel);
	xha_sa_limits_from_wire(&xp->lft, &w->limits);
	xp->xfrm_nr = w->n_tmpl;
	for (i = 0; i < w->n_tmpl; i++)
		tmpl_from_wire(&xp->xfrm_vec[i], &w->tmpl[i]);
	return xp;
}

struct xfrm_policy *xha_policy_build(struct net *net,
				     const struct xha_wire_policy *w,
				     const char **why)
{
	struct xfrm_policy *xp = xha_policy_build_unlabelled(net, w);
	int err;

	*why = "out of memory";
	if (IS_ERR(xp))
		return xp;
	err = xha_context_set_policy(xp, &w->context, why);
	if (!err)
		return xp;
	xha_policy_destroy_staged(xp);
	return ERR_PTR(err);
}

void xha_policy_no_limits(struct xfrm_policy *xp)
{
	xp->lft.soft_byte_limit = XFRM_INF;
	xp->lft.hard_byte_limit = XFRM_INF;
	xp->lft.soft_packet_limit = XFRM_INF;
	xp->lft.hard_packet_limit = XFRM_INF;
}

void xha_policy_destroy_staged(struct xfrm_policy *xp)
{
	xp->walk.dead = 1;
	xfrm_pol_put(xp);
}

void xha_policy_rule(struct xha_gate_rule *r, const struct xha_wire_policy *w)
{
	int i;

	memset(r, 0, sizeof(*r));
	xha_sa_sel_from_wire(&r->sel, &w->sel);
	r->mark.v = w->mark_v;
	r->mark.m = w->mark_m;
	r->if_id = w->if_id;
	r->priority = w->priority;
	r->dir = w->dir;
	r->labelled = w->context.len;
	r->pass = w->action == XFRM_POLICY_ALLOW;
	for (i = 0; i < w->n_tmpl; i++)
		r->pass &= w->tmpl[i].optional;
}
