/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of xfrm differs between kernels: members of SAs and policies, an
 * argument of a callback, a rule about windows.
 */
#ifndef XHA_COMPAT_XFRM_H
#define XHA_COMPAT_XFRM_H

#include <net/xfrm.h>

#include "wire.h"

/* An argument that xfrm_mgr.migrate has or has not. */
#ifdef XHA_HAVE_KM_MIGRATE_NET
#define XHA_COMPAT_KM_MIGRATE_NET	struct net *net,
#else
#define XHA_COMPAT_KM_MIGRATE_NET
#endif

/* What a kernel has not keeps the default: none, 0, any CPU. */
static inline void xha_compat_sa_get(struct xha_wire_sa *w,
				     const struct xfrm_state *x)
{
	w->cpu = U32_MAX;
#ifdef XHA_HAVE_SA_DIR
	w->dir = x->dir;
#endif
#ifdef XHA_HAVE_NAT_KEEPALIVE
	w->nat_keepalive = x->nat_keepalive_interval;
#endif
#ifdef XHA_HAVE_SA_PCPU
	w->cpu = x->pcpu_num;
#endif
}

/* The CPU of an SA is a hint; one this machine has not is any. */
static inline void xha_compat_sa_set(struct xfrm_state *x,
				     const struct xha_wire_sa *w)
{
#ifdef XHA_HAVE_SA_DIR
	x->dir = w->dir;
#endif
#ifdef XHA_HAVE_NAT_KEEPALIVE
	x->nat_keepalive_interval = w->nat_keepalive;
#endif
#ifdef XHA_HAVE_SA_PCPU
	x->pcpu_num = w->cpu < num_possible_cpus() ? w->cpu : U32_MAX;
#endif
}

static inline bool xha_compat_policy_offloaded(const struct xfrm_policy *xp)
{
#ifdef XHA_HAVE_POLICY_XDO
	return xp->xdo.dev;
#else
	return false;
#endif
}

/*
 * Least bits of the replay window of an SA with 64-bit numbers: kernels that
 * know no direction want some for an outbound SA, too (xfrm_init_replay()).
 */
static inline u32 xha_compat_esn_window_min(const struct xha_wire_sa *w)
{
#ifdef XHA_HAVE_SA_DIR
	if (w->dir == XFRM_SA_DIR_OUT)
		return 0;
#endif
	return w->replay == XHA_REPLAY_ESN;
}

#endif /* XHA_COMPAT_XFRM_H */
