/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What netlink shows of the peer, of groups and of SAs. No key material.
 */
#ifndef XHA_NETLINK_DUMP_H
#define XHA_NETLINK_DUMP_H

#include <linux/netlink.h>

struct xha_group;
struct xha_net;

/*
 * Put the attributes of one object; xha_net.lock held. -EMSGSIZE. @cause is
 * that of an event, else of the last change of role.
 */
int xha_netlink_put_peer(struct sk_buff *msg, struct xha_net *xn);
int xha_netlink_put_group(struct sk_buff *msg, struct xha_group *g, u32 cause);

/* The dumps of GROUP_GET and SA_GET. */
int xha_netlink_dump_groups(struct sk_buff *skb, struct netlink_callback *cb);
int xha_netlink_dump_sas(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* XHA_NETLINK_DUMP_H */
