/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The active side: which SAs and policies of xfrm belong to a group. All
 * under xha_net.lock, process context.
 */
#ifndef XHA_MIRROR_H
#define XHA_MIRROR_H

#include <net/xfrm.h>

#include "group.h"

/* Does the group follow xfrm: not on a standby, nor once it is fenced. */
static inline bool xha_mirror_on(const struct xha_group *g)
{
	return g->role == XFRM_HA_ROLE_ACTIVE &&
	       (g->ho < XHA_HO_FINALS || g->ho >= XHA_HO_READY);
}

/**
 * xha_mirror_add_sa() - a live SA appeared or was seen
 * @x: not consumed; a reference is taken when it is tracked
 * Ignored when it belongs to no active group or is already known. Where
 * memory is short a rescan is asked for.
 */
void xha_mirror_add_sa(struct xha_net *xn, struct xfrm_state *x);
/* The parameters of a live SA changed; @id names it. */
void xha_mirror_update_sa(struct xha_net *xn, const struct xha_sa_id *id);
/*
 * A soft limit of it was reached. In a hand-over that goes unsaid: the peer's own
 * timer, or first packet, tells the daemon there.
 */
void xha_mirror_dying_sa(struct xha_net *xn, const struct xha_sa_id *id);
/* @x is only compared, never followed. */
void xha_mirror_del_sa(struct xha_net *xn, const struct xha_sa_id *id, const void *x);
/* Same for policies; @xp is held by the caller. */
void xha_mirror_add_policy(struct xha_net *xn, struct xfrm_policy *xp, int dir);

/*
 * Compare all of xfrm's SAs and policies with the records of active groups, and
 * see what standby groups find there of themselves.
 */
void xha_mirror_rescan(struct xha_net *xn);
/* Drop the records whose live object is dead. */
void xha_mirror_reap(struct xha_net *xn);

#endif /* XHA_MIRROR_H */
