/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The channel's guard: SCTP packets to the channel's port that do not come
 * from the configured peer are dropped before SCTP sees them.
 */
#ifndef XHA_CHAN_GUARD_H
#define XHA_CHAN_GUARD_H

#include <linux/netfilter.h>

#include "chan.h"

/**
 * struct xha_chan_guard - the two hooks and what they compare with
 * @net: namespace the hooks are in
 * @conf: addresses and ports; constant while the hooks are registered
 * @strangers: counts what is dropped
 * @ops: LOCAL_IN of IPv4 and IPv6
 */
struct xha_chan_guard {
	struct net			*net;
	const struct xha_chan_conf	*conf;
	atomic64_t			*strangers;
	struct nf_hook_ops		ops[2];
};

int xha_chan_guard_start(struct xha_chan_guard *g, struct net *net,
			 const struct xha_chan_conf *conf, atomic64_t *strangers);
void xha_chan_guard_stop(struct xha_chan_guard *g);

#endif /* XHA_CHAN_GUARD_H */
