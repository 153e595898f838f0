/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What netlink shows of the peer, of groups and of SAs. No key material.
 */
#ifndef XHA_NETLINK_DUMP_H
#define XHA_NETLINK_DUMP_H

#include <linux/skbuff.h>

struct xha_group;
struct xha_net;
struct xha_sa;

/*
 * Put the attributes of one object; xha_net.lock held. -EMSGSIZE. @cause is
 * that of an event, else of the last change of role.
 */
int xha_netlink_put_peer(struct sk_buff *msg, struct xha_net *xn);
int xha_netlink_put_group(struct sk_buff *msg, struct xha_group *g, u32 cause);
int xha_netlink_put_sa(struct sk_buff *msg, struct xha_sa *sa);

#endif /* XHA_NETLINK_DUMP_H */
