/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The channel's guard: SCTP packets to the channel's port that do not come
 * from the configured peer are dropped before SCTP sees them. With "security
 * manual" so are the channel's own packets, in and out, that are not encrypted
 * on their way.
 */
#ifndef XHA_CHAN_GUARD_H
#define XHA_CHAN_GUARD_H

#include <linux/netfilter.h>

#include "chan.h"

#define XHA_CHAN_GUARD_HOOKS	6

/**
 * struct xha_chan_guard - the hooks and what they compare with
 * @net: namespace the hooks are in
 * @conf: addresses, ports, security; constant while the hooks are registered
 * @stats: counts what is dropped
 * @refused: told of each packet that is dropped for want of protection, one of
 *	ours (@out) or the peer's; @why is a constant string. Any context
 * @ops: LOCAL_IN of IPv4 and IPv6, then LOCAL_OUT and POST_ROUTING of both
 * @n_ops: registered ones of @ops
 */
struct xha_chan_guard {
	struct net			*net;
	const struct xha_chan_conf	*conf;
	struct xha_chan_stats		*stats;
	void				(*refused)(struct xha_chan_guard *g,
						   const char *why, bool out);
	struct nf_hook_ops		ops[XHA_CHAN_GUARD_HOOKS];
	unsigned int			n_ops;
};

int xha_chan_guard_start(struct xha_chan_guard *g, struct net *net,
			 const struct xha_chan_conf *conf,
			 struct xha_chan_stats *stats,
			 void (*refused)(struct xha_chan_guard *g,
					 const char *why, bool out));
void xha_chan_guard_stop(struct xha_chan_guard *g);

#endif /* XHA_CHAN_GUARD_H */
