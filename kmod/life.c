// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arithmetic of lifetimes in bytes and packets.
 *
 * The kernel compares use with a limit before each packet
 * (xfrm_state_check_expire()), so a figure that is ahead is early, and one that
 * lags is late.
 */
#include "life.h"
#include "seq.h"

#define LEAST_MAX	0x10000000000ULL	/* no overflow below, and step enough */

u64 xha_life_least(u64 soft, u64 hard)
{
	u64 limit = min_t(u64, soft, hard);

	if (limit == U64_MAX)
		return 0;
	return max_t(u64, min_t(u64, limit / XHA_LIFE_STEPS, LEAST_MAX), 1);
}

void xha_life_adapt(struct xha_life *l, u64 least, u64 used, u32 ms)
{
	u64 since = used > l->seen ? used - l->seen : 0;

	since = min_t(u64, since, LEAST_MAX * XHA_SEQ_LEASE_MAX);
	l->step = xha_seq_adapt(max_t(u64, l->step, least), least,
				least * XHA_SEQ_LEASE_MAX, since,
				min_t(u32, ms, XHA_SEQ_RENEW_MS));
	l->seen = used;
}

u64 xha_life_figure(const struct xha_life *l, u64 least, u64 used)
{
	u64 step = least ? max_t(u64, l->step, least) : 0;

	return used > U64_MAX - step ? U64_MAX : used + step;
}

bool xha_life_due(const struct xha_life *l, u64 least, u64 used)
{
	u64 half = max_t(u64, l->step, least) / 2;

	return least && (used >= l->told || l->told - used <= half);
}
