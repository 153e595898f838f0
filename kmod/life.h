/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arithmetic of lifetimes in bytes and packets. Where an SA has such a limit,
 * the figure its standby is told runs ahead of what is used: after a crash the
 * limit then comes early by at most one step, not late. Pure.
 */
#ifndef XHA_LIFE_H
#define XHA_LIFE_H

#include "wire_os.h"

/**
 * struct xha_life - what of one volume of an SA, bytes or packets, is told
 * @step: how far ahead of use, adapted to the rate; 0: not yet looked at
 * @seen: use when @step was looked at last
 * @told: the figure told last
 */
struct xha_life {
	u64	step;
	u64	seen;
	u64	told;
};

#define XHA_LIFE_STEPS		256	/* least step: this part of the limit */

/**
 * xha_life_least() - the smallest step, for limits as in xfrm_lifetime_cfg
 * @soft: soft limit, all ones if there is none
 * @hard: hard limit, likewise
 * Return: a part of the smaller of both, at least 1; 0 without any limit.
 */
u64 xha_life_least(u64 soft, u64 hard);

/**
 * xha_life_adapt() - follow the rate
 * @l: its step follows as a lease does, see xha_seq_adapt(), from @least to
 *	XHA_SEQ_LEASE_MAX times that
 * @least: xha_life_least(); 0 leaves @l without a step
 * @used: used now
 * @ms: time since the last call, 0 counts as 1; more than XHA_SEQ_RENEW_MS
 *	counts as that, so that a step lasts from one call to the next
 */
void xha_life_adapt(struct xha_life *l, u64 least, u64 used, u32 ms);

/**
 * xha_life_figure() - what to tell now
 * @l: not changed; set its @told once the figure is sent
 * @least: xha_life_least()
 * @used: used now
 * Return: @used where there is no limit, else ahead of it, saturating.
 */
u64 xha_life_figure(const struct xha_life *l, u64 least, u64 used);

/**
 * xha_life_due() - is less than half a step left
 * @l: see xha_life_figure()
 * @least: xha_life_least(); 0: never due
 * @used: used now
 */
bool xha_life_due(const struct xha_life *l, u64 least, u64 used);

#endif /* XHA_LIFE_H */
