/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that keepalived writes to a notify FIFO. */
#ifndef XHA_NOTIFY_LINE_H
#define XHA_NOTIFY_LINE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct xha_notify_line - a line
 * @name: of the VRRP instance or sync group, within the line
 * @role: what the node is to be then, as xha role has it; NULL where the line
 *	changes nothing (priorities, health checks)
 * @stops: keepalived says that it ends
 */
struct xha_notify_line {
	const char *name;
	const char *role;
	bool stops;
};

int xha_notify_line_parse(char *line, struct xha_notify_line *to);
void xha_notify_line_quote(const char *line, char *to, size_t size);

#endif /* XHA_NOTIFY_LINE_H */
