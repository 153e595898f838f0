// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "history.h"

/**
 * xha_history_add - add the newest change
 * @history: where to
 * @c: the change; copied
 */
void xha_history_add(struct xha_history *history, const struct xha_change *c)
{
	history->ring[history->total++ % XHA_HISTORY_LEN] = *c;
}

/**
 * xha_history_count - number of changes that are still known
 * @history: the history
 *
 * Return: 0..%XHA_HISTORY_LEN.
 */
unsigned int xha_history_count(const struct xha_history *history)
{
	return history->total < XHA_HISTORY_LEN ? history->total :
						  XHA_HISTORY_LEN;
}

/**
 * xha_history_get - one change
 * @history: the history
 * @i: which, 0 for the oldest that is still known
 *
 * Return: it, valid until the next one is added, or NULL beyond the newest.
 */
const struct xha_change *xha_history_get(const struct xha_history *history,
					 unsigned int i)
{
	unsigned int n = xha_history_count(history);

	if (i >= n)
		return NULL;
	return &history->ring[(history->total - n + i) % XHA_HISTORY_LEN];
}
