/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last changes of state of an election or a group. A ring: the newest
 * replaces the oldest. Pure: no I/O, no allocation, no clock.
 */
#ifndef XHA_HISTORY_H
#define XHA_HISTORY_H

#include <linux/types.h>

#define XHA_HISTORY_LEN	64
#define XHA_CAUSE_LEN	128

/**
 * struct xha_change - one change of state
 * @mono_us: when, µs of CLOCK_MONOTONIC
 * @wall_us: the same, µs of CLOCK_REALTIME, as it was set then
 * @from: word for the state before, static
 * @to: word for the state since, static
 * @cause: why, a sentence without an end; cut where it is too long
 */
struct xha_change {
	__u64 mono_us;
	__u64 wall_us;
	const char *from;
	const char *to;
	char cause[XHA_CAUSE_LEN];
};

/**
 * struct xha_history - changes of one state
 * @total: changes ever added; all zero is an empty history
 * @ring: the last of them
 */
struct xha_history {
	__u64 total;
	struct xha_change ring[XHA_HISTORY_LEN];
};

void xha_history_add(struct xha_history *history, const struct xha_change *c);
unsigned int xha_history_count(const struct xha_history *history);
const struct xha_change *xha_history_get(const struct xha_history *history,
					 unsigned int i);

#endif /* XHA_HISTORY_H */
