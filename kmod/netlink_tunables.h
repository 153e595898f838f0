/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tunables of net.xfrm_ha.* over netlink.
 */
#ifndef XHA_NETLINK_TUNABLES_H
#define XHA_NETLINK_TUNABLES_H

#include <net/netlink.h>

#include "uapi/linux/xfrm_ha.h"

struct genl_info;

extern const struct nla_policy xha_netlink_tunable_policy[XFRM_HA_A_TUNABLE_VALUE + 1];

/* TUNABLE_GET and TUNABLE_SET, for the operations of the family. */
int xha_netlink_tunable_get(struct sk_buff *skb, struct genl_info *info);
int xha_netlink_tunable_dump(struct sk_buff *skb, struct netlink_callback *cb);
int xha_netlink_tunable_set(struct sk_buff *skb, struct genl_info *info);

#endif /* XHA_NETLINK_TUNABLES_H */
