/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies that others install for a group whose gate is not open: no packet
 * that meets one may raise an ACQUIRE. See hush.c.
 */
#ifndef XHA_HUSH_H
#define XHA_HUSH_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct xfrm_policy;
struct xha_gate;
struct xha_net;

#define XHA_HUSH_BUCKETS	256

/**
 * struct xha_hushes - of a namespace, embedded in struct xha_net
 * @lock: protects @heads and what is in them; BH-safe, taken before any lock
 *	of xfrm. A leaf of xha_net.lock, which is not needed for it
 * @n: how many there are
 * @heads: of struct xha_hush, by the policy they are for
 */
struct xha_hushes {
	spinlock_t		lock;	/* see above */
	unsigned int		n;
	struct hlist_head	heads[XHA_HUSH_BUCKETS];
};

void xha_hush_init(struct xha_hushes *h);

/**
 * xha_hush_policy() - a policy is in the SPD
 * @xp: held by the caller
 *
 * Where it is one of a group with a gate that is not open, what it matches is
 * blocked from now on.
 *
 * Context: any but hard interrupts, RCU held, no lock of xfrm held.
 * Return: 0; -ENOMEM.
 */
int xha_hush_policy(struct xha_net *xn, struct xfrm_policy *xp, int dir);

/**
 * xha_hush_sweep() - let go of those whose policy went, or whose gate opened
 *
 * Context: xha_net.lock held, may sleep.
 * Return: true if somebody deleted one that is still needed: the SPD is to be
 * looked through.
 */
bool xha_hush_sweep(struct xha_net *xn);

/*
 * The policies of a group are to work: before its gate opens, and once more
 * when it is open, since one might have come in between.
 */
void xha_hush_lift(struct xha_net *xn, const struct xha_gate *g);

#endif /* XHA_HUSH_H */
