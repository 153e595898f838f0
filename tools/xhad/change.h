/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of state of elections and groups, with their causes: into the
 * history of each, and to whoever listens.
 */
#ifndef XHA_CHANGE_H
#define XHA_CHANGE_H

#include "role.h"

const char *xha_cause_format(const struct xha_cause *cause, char *buf,
			     size_t size);
void xha_change_elect(struct xha_elect *e, const char *from, const char *to,
		      const struct xha_cause *cause);

/* For role.c. */
const char *xha_role_word(const struct xha_role *role);
void xha_role_note(struct xha_role *role, const char *cause);
void xha_role_enter(struct xha_role *role, enum xha_role_mode mode,
		    const char *cause);

#endif /* XHA_CHANGE_H */
