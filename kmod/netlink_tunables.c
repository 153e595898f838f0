// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tunables of net.xfrm_ha.* over netlink: the values are those of the sysctl
 * files. As there, everybody may read them.
 *
 * No lock is taken. A command's socket keeps its namespace alive, and the family
 * is gone before the module's namespaces are (see netns.c); the values are single
 * integers, which users read one by one.
 */
#include <net/genetlink.h>

#include "netlink.h"
#include "netlink_tunables.h"
#include "netns.h"
#include "sysctl.h"

const struct nla_policy xha_netlink_tunable_policy[XFRM_HA_A_TUNABLE_VALUE + 1] = {
	[XFRM_HA_A_TUNABLE_NAME]	= { .type = NLA_NUL_STRING,
					    .len = XFRM_HA_TUNABLE_LEN - 1 },
	[XFRM_HA_A_TUNABLE_VALUE]	= { .type = NLA_U32 },
};

static const struct xha_tunable *named(struct genl_info *info)
{
	const struct nlattr *name = info->attrs[XFRM_HA_A_TUNABLE_NAME];
	const struct xha_tunable *v;

	if (!name) {
		NL_SET_ERR_MSG(info->extack, "the tunable's name is missing");
		return ERR_PTR(-EINVAL);
	}
	v = xha_sysctl_find(nla_data(name));
	if (!v) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "no such tunable");
		return ERR_PTR(-ENOENT);
	}
	return v;
}

static int put_tunable(struct sk_buff *msg, struct xha_net *xn,
		       const struct xha_tunable *v)
{
	return nla_put_string(msg, XFRM_HA_A_TUNABLE_NAME, v->name) ?:
	       nla_put_u32(msg, XFRM_HA_A_TUNABLE_VALUE,
			   xha_sysctl_value(xn, v)) ?:
	       nla_put_u32(msg, XFRM_HA_A_TUNABLE_DEFAULT, v->def) ?:
	       nla_put_u32(msg, XFRM_HA_A_TUNABLE_MINIMUM, v->min) ?:
	       nla_put_u32(msg, XFRM_HA_A_TUNABLE_MAXIMUM, v->max) ?:
	       nla_put_string(msg, XFRM_HA_A_TUNABLE_UNIT, v->unit);
}

int xha_netlink_tunable_get(struct sk_buff *skb, struct genl_info *info)
{
	const struct xha_tunable *v = named(info);
	struct sk_buff *msg;
	void *hdr;

	if (IS_ERR(v))
		return PTR_ERR(v);
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &xha_netlink_family, 0,
				XFRM_HA_CMD_TUNABLE_GET);
	if (!hdr || put_tunable(msg, xha_net(genl_info_net(info)), v)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int xha_netlink_tunable_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct xha_net *xn = xha_net(sock_net(skb->sk));
	const struct xha_tunable *v;
	void *hdr;

	while ((v = xha_sysctl_nth(cb->args[0]))) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &xha_netlink_family,
				  NLM_F_MULTI, XFRM_HA_CMD_TUNABLE_GET);
		if (!hdr)
			break;
		if (put_tunable(skb, xn, v)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0]++;
	}
	return skb->len;
}

int xha_netlink_tunable_set(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *value = info->attrs[XFRM_HA_A_TUNABLE_VALUE];
	const struct xha_tunable *v = named(info);
	int err;

	if (IS_ERR(v))
		return PTR_ERR(v);
	if (!value) {
		NL_SET_ERR_MSG(info->extack, "the tunable's value is missing");
		return -EINVAL;
	}
	err = xha_sysctl_set(xha_net(genl_info_net(info)), v,
			     nla_get_u32(value));
	/* The words of attribute policies, which have the other limits. */
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, value, "integer out of range");
	return err;
}
