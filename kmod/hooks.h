/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events of xfrm: a key manager that only watches.
 */
#ifndef XHA_HOOKS_H
#define XHA_HOOKS_H

struct xha_net;

/* One per group, anywhere: the manager is registered while there is one. */
void xha_hooks_get(void);
void xha_hooks_put(void);

/* Apply all queued events now. xha_net.lock held, process context. */
void xha_hooks_drain(struct xha_net *xn);
/* Free what is queued; no event may come any more. */
void xha_hooks_purge(struct xha_net *xn);

#endif /* XHA_HOOKS_H */
