/* SPDX-License-Identifier: GPL-2.0-only */
/* What "show redundancy states" shows, and its two forms. */
#ifndef XHA_STATES_H
#define XHA_STATES_H

#include "xha_nl.h"

/**
 * struct xha_states - channel and groups of this node
 * @peer: the channel; state XFRM_HA_PEER_STATE_NONE where none is configured
 * @groups: array ordered by id
 * @n: its length
 */
struct xha_states {
	struct xha_nl_peer peer;
	struct xha_nl_group *groups;
	size_t n;
};

/* states.c */
unsigned int xha_states_code(__u32 state);
unsigned int xha_states_peer_code(const struct xha_states *s,
				  const struct xha_nl_group *g);
const char *xha_states_word(unsigned int code);
void xha_states_text(const struct xha_states *s);

/* states_json.c */
void xha_states_json(const struct xha_states *s);

#endif /* XHA_STATES_H */
