/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * With "security manual": is a packet of the channel hidden from others on its
 * way? Judged is what the kernel does to this very packet, never a route or a
 * policy looked up beforehand. What cannot be judged is refused.
 */
#ifndef XHA_CHAN_PROTECT_H
#define XHA_CHAN_PROTECT_H

#include <linux/skbuff.h>
#include <net/dst.h>

#include "chan.h"

/**
 * xha_chan_protect_out() - may a packet of the channel leave
 * @net: namespace of the hook
 * @conf: addresses, and the device if one is named
 * @dst: the route it leaves by, or NULL
 * @saddr: source address in the packet
 * @daddr: destination address in the packet
 *
 * Context: RCU read side (a netfilter hook).
 * Return: NULL, or why not: a constant for &xha_chan_ops.failed.
 */
const char *xha_chan_protect_out(struct net *net,
				 const struct xha_chan_conf *conf,
				 const struct dst_entry *dst,
				 const struct xha_ip *saddr,
				 const struct xha_ip *daddr);

/**
 * xha_chan_protect_in() - did a packet of the channel come protected
 * @conf: addresses, and the device if one is named
 * @skb: with what the kernel undid, and the device it came by
 * @saddr: source address in the packet
 * @daddr: destination address in the packet
 *
 * Context: RCU read side (a netfilter hook).
 * Return: NULL, or why not: a constant for &xha_chan_ops.failed.
 */
const char *xha_chan_protect_in(const struct xha_chan_conf *conf,
				const struct sk_buff *skb,
				const struct xha_ip *saddr,
				const struct xha_ip *daddr);

/**
 * xha_chan_protect_probe() - would a packet be protected if it left now
 * @net: namespace
 * @conf: addresses, ports, device
 *
 * Only tells the operator why nothing comes, where this node waits to be
 * dialed; nothing is let through for what it says. Like a packet it may raise
 * an ACQUIRE.
 *
 * Context: process, may sleep.
 * Return: NULL, or why not, as above.
 */
const char *xha_chan_protect_probe(struct net *net,
				   const struct xha_chan_conf *conf);

#endif /* XHA_CHAN_PROTECT_H */
