/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XHA_LOG_H
#define XHA_LOG_H

#include <stdbool.h>
#include <linux/types.h>

#include "xha_util.h"

#define xha_log_err(...)	xha_log_write(3, __VA_ARGS__)
#define xha_log_warn(...)	xha_log_write(4, __VA_ARGS__)
#define xha_log_info(...)	xha_log_write(6, __VA_ARGS__)
#define xha_log_debug(...)	xha_log_write(7, __VA_ARGS__)

void xha_log_init(bool debug);
__printf(2, 3)
void xha_log_write(int level, const char *fmt, ...);
__u64 xha_log_now_us(void);

#define XHA_LOG_BURST_GAP_US	10000000

/**
 * xha_log_new_burst - whether what comes again and again should be logged
 * @last_us: when it came last, 0 before; updated
 *
 * Once per burst: a flood must not become a flood of log lines.
 *
 * Return: true for the first of a burst.
 */
static inline bool xha_log_new_burst(__u64 *last_us)
{
	__u64 now = xha_log_now_us();
	bool is_new = !*last_us || now - *last_us > XHA_LOG_BURST_GAP_US;

	*last_us = now;
	return is_new;
}

#endif /* XHA_LOG_H */
