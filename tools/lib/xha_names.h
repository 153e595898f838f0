/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words for the enums of linux/xfrm_ha.h, one table each, for logs and for
 * what the command shows. A value that has no word gives "unknown".
 */
#ifndef XHA_NAMES_H
#define XHA_NAMES_H

#include <linux/types.h>

const char *xha_names_role(__u32 role);
const char *xha_names_state(__u32 state);
const char *xha_names_event(__u32 event);
const char *xha_names_cause(__u32 cause);
const char *xha_names_peer_state(__u32 state);
const char *xha_names_security(__u32 security);
const char *xha_names_dir(__u32 dir);
const char *xha_names_sa_state(__u32 state);

#endif /* XHA_NAMES_H */
