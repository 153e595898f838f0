// SPDX-License-Identifier: GPL-2.0-only
#include "encap_kernel.h"
#include "xhad.h"

static __u32 family_bit(const struct xha_encap *e)
{
	return e->vip.len == 4 ? XFRM_HA_ENCAP_V4 : XFRM_HA_ENCAP_V6;
}

static bool kept(const struct xha_encap *e, void *arg)
{
	struct xhad *x = ((struct xhad_group *)arg)->xhad;
	unsigned int i;

	for (i = 0; i < x->conf.n_groups; i++)
		if (x->groups[i].encap_told & family_bit(e))
			return true;
	return false;
}

static int keep(const struct xha_encap *e, void *arg)
{
	struct xhad_group *g = arg;
	struct xha_nl_group_conf conf = {
		.id = g->role.conf->id,
		.set_encap = true,
	};
	unsigned int i;
	int err;

	for (i = 0; i < g->n_encap; i++)
		if (g->encap[i].wanted)
			conf.encap |= family_bit(&g->encap[i]);
	if (conf.encap == g->encap_told)
		return 0;
	err = xha_nl_group_set(g->xhad->nl, &conf);
	if (!err)
		g->encap_told = conf.encap;
	return err;
}

static void lost(const struct xha_encap *e, void *arg)
{
	struct xhad *x = ((struct xhad_group *)arg)->xhad;
	unsigned int i;

	for (i = 0; i < x->conf.n_groups; i++)
		x->groups[i].encap_told &= ~family_bit(e);
}

const struct xha_encap_ops xha_encap_kernel_ops = {
	.kept = kept,
	.keep = keep,
	.lost = lost,
};

int xha_encap_kernel_resume(struct xhad_group *g)
{
	struct xha_nl_group now;
	unsigned int i;
	int err;

	err = xha_nl_group_get(g->xhad->nl, g->role.conf->id, &now);
	if (err)
		return err;
	g->encap_told = now.encap;
	for (i = 0; i < g->n_encap; i++)
		g->encap[i].wanted = now.encap & family_bit(&g->encap[i]);
	return 0;
}
