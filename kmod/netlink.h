/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generic netlink family xfrm_ha.
 */
#ifndef XHA_NETLINK_H
#define XHA_NETLINK_H

struct genl_family;
struct xha_group;
struct xha_net;

/* For the messages of other files of the family. */
extern struct genl_family xha_netlink_family;

int xha_netlink_init(void);
void xha_netlink_exit(void);

/*
 * Tell listeners about a group or about the peer; an event without listeners
 * costs nothing, one that cannot be allocated is lost and the listener's
 * socket says so (ENOBUFS). With xha_net.lock held.
 */
void xha_netlink_group_event(struct xha_group *g, u32 event, u32 cause);
void xha_netlink_peer_event(struct xha_net *xn);

/* Is anybody there to bring VIPs up. */
bool xha_netlink_has_listener(struct xha_net *xn);

#endif /* XHA_NETLINK_H */
