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

#endif /* XHA_LOG_H */
