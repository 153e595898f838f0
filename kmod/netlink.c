// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family xfrm_ha; the contract is in uapi/linux/xfrm_ha.h and
 * in Documentation/netlink/specs/xfrm_ha.yaml.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>

#include "group.h"
#include "handover.h"
#include "netlink.h"
#include "netns.h"
#include "netlink_dump.h"
#include "netlink_tunables.h"
#include "role.h"
#include "shadow.h"
#include "strict.h"

/* Not const: older kernels take a plain pointer. */
static struct netlink_range_validation range_id = { .min = 1, .max = 255 };

static struct netlink_range_validation range_rto = {
	.min = 300, .max = 60000,
};

static struct netlink_range_validation range_rtx = { .min = 2, .max = 10 };

static struct netlink_range_validation range_in = { .min = 1, .max = 1000 };

static struct netlink_range_validation range_bool = { .max = 1 };

static struct netlink_range_validation range_out = {
	.min = 1000, .max = 100000,
};

static const struct nla_policy item_policy[XFRM_HA_A_ITEM_MAX + 1] = {
	[XFRM_HA_A_ITEM_ADDR]		= { .type = NLA_BINARY, .len = 16 },
	[XFRM_HA_A_ITEM_NEIGH]		= { .type = NLA_NESTED },
	[XFRM_HA_A_ITEM_PREFIX]		= { .type = NLA_NESTED },
};

static const struct nla_policy neigh_policy[XFRM_HA_A_NEIGH_MAX + 1] = {
	[XFRM_HA_A_NEIGH_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),
	[XFRM_HA_A_NEIGH_ADDR]		= { .type = NLA_BINARY, .len = 16 },
};

static struct netlink_range_validation range_plen = { .max = 128 };

static const struct nla_policy prefix_policy[XFRM_HA_A_PREFIX_MAX + 1] = {
	[XFRM_HA_A_PREFIX_ADDR]		= { .type = NLA_BINARY, .len = 16 },
	[XFRM_HA_A_PREFIX_LEN]		= NLA_POLICY_FULL_RANGE(NLA_U32, &range_plen),
};

static const struct nla_policy peer_policy[XFRM_HA_A_PEER_SECURITY_DEV + 1] = {
	[XFRM_HA_A_PEER_LOCAL]		= { .type = NLA_NESTED },
	[XFRM_HA_A_PEER_REMOTE]		= { .type = NLA_NESTED },
	[XFRM_HA_A_PEER_LOCAL_PORT]	= NLA_POLICY_MIN(NLA_U16, 1),
	[XFRM_HA_A_PEER_REMOTE_PORT]	= NLA_POLICY_MIN(NLA_U16, 1),
	[XFRM_HA_A_PEER_RTO_MIN]	= NLA_POLICY_FULL_RANGE(NLA_U32, &range_rto),
	[XFRM_HA_A_PEER_RTO_MAX]	= NLA_POLICY_FULL_RANGE(NLA_U32, &range_rto),
	[XFRM_HA_A_PEER_PATH_RTX]	= NLA_POLICY_FULL_RANGE(NLA_U32, &range_rtx),
	[XFRM_HA_A_PEER_ASSOC_RTX]	= NLA_POLICY_FULL_RANGE(NLA_U32, &range_rtx),
	[XFRM_HA_A_PEER_SECURITY]	= { .type = NLA_U32 },
	[XFRM_HA_A_PEER_KEY]		= NLA_POLICY_RANGE(NLA_BINARY, XFRM_HA_KEY_MIN,
							   XFRM_HA_KEY_MAX),
	[XFRM_HA_A_PEER_SECURITY_DEV]	= { .type = NLA_NUL_STRING,
					    .len = IFNAMSIZ - 1 },
};

static const struct nla_policy group_policy[XFRM_HA_A_GROUP_MAX + 1] = {
	[XFRM_HA_A_GROUP_ID]		= NLA_POLICY_FULL_RANGE(NLA_U32, &range_id),
	[XFRM_HA_A_GROUP_NAME]		= { .type = NLA_NUL_STRING,
					    .len = XFRM_HA_NAME_LEN - 1 },
	[XFRM_HA_A_GROUP_VIPS]		= { .type = NLA_NESTED },
	[XFRM_HA_A_GROUP_NEIGHS]	= { .type = NLA_NESTED },
	[XFRM_HA_A_GROUP_INTERVAL_IN]	= NLA_POLICY_FULL_RANGE(NLA_U32, &range_in),
	[XFRM_HA_A_GROUP_INTERVAL_OUT]	= NLA_POLICY_FULL_RANGE(NLA_U32, &range_out),
	[XFRM_HA_A_GROUP_ROLE]		= NLA_POLICY_RANGE(NLA_U32,
							   XFRM_HA_ROLE_STANDBY,
							   XFRM_HA_ROLE_ACTIVE),
	[XFRM_HA_A_GROUP_STRICT]	= NLA_POLICY_FULL_RANGE(NLA_U32, &range_bool),
	[XFRM_HA_A_GROUP_PROTECT]	= { .type = NLA_NESTED },
	[XFRM_HA_A_GROUP_FORCE]		= { .type = NLA_FLAG },
	[XFRM_HA_A_GROUP_HEARING]	= { .type = NLA_U32 },
	[XFRM_HA_A_GROUP_ENCAP]		= NLA_POLICY_MASK(NLA_U32, XFRM_HA_ENCAP_V4 |
								   XFRM_HA_ENCAP_V6),
};

static const struct nla_policy sa_policy[XFRM_HA_A_SA_GROUP + 1] = {
	[XFRM_HA_A_SA_GROUP]		= NLA_POLICY_FULL_RANGE(NLA_U32, &range_id),
};

static int get_ip(struct xha_ip *ip, const struct nlattr *a,
		  struct netlink_ext_ack *extack)
{
	memset(ip, 0, sizeof(*ip));
	if (nla_len(a) != 4 && nla_len(a) != 16) {
		NL_SET_ERR_MSG_ATTR(extack, a, "an address has 4 or 16 bytes");
		return -EINVAL;
	}
	ip->family = nla_len(a) == 4 ? AF_INET : AF_INET6;
	memcpy(&ip->a, nla_data(a), nla_len(a));
	return 0;
}

/* Returns the number of addresses, or an errno. */
static int get_ips(struct xha_ip *ips, unsigned int max,
		   const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct nlattr *a;
	int rem, err, n = 0;

	err = nla_validate_nested(nest, XFRM_HA_A_ITEM_MAX, item_policy, extack);
	if (err)
		return err;
	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) != XFRM_HA_A_ITEM_ADDR) {
			NL_SET_ERR_MSG_ATTR(extack, a, "not an address");
			return -EINVAL;
		}
		if (n == max) {
			NL_SET_ERR_MSG_ATTR(extack, a, "too many addresses");
			return -E2BIG;
		}
		err = get_ip(&ips[n++], a, extack);
		if (err)
			return err;
	}
	return n;
}

static int get_neigh(struct xha_gate_neigh *v, const struct nlattr *nest,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[XFRM_HA_A_NEIGH_MAX + 1];
	int err;

	err = nla_parse_nested(tb, XFRM_HA_A_NEIGH_MAX, nest, neigh_policy, extack);
	if (err)
		return err;
	if (!tb[XFRM_HA_A_NEIGH_IFINDEX] || !tb[XFRM_HA_A_NEIGH_ADDR]) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "a neighbour needs an interface and an address");
		return -EINVAL;
	}
	v->ifindex = nla_get_u32(tb[XFRM_HA_A_NEIGH_IFINDEX]);
	return get_ip(&v->addr, tb[XFRM_HA_A_NEIGH_ADDR], extack);
}

static int get_neighs(struct xha_group_conf *c, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *a;
	int rem, err;

	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) != XFRM_HA_A_ITEM_NEIGH) {
			NL_SET_ERR_MSG_ATTR(extack, a, "not a neighbour");
			return -EINVAL;
		}
		if (c->n_neighs == XFRM_HA_MAX_NEIGHS) {
			NL_SET_ERR_MSG_ATTR(extack, a, "too many neighbours");
			return -E2BIG;
		}
		err = get_neigh(&c->neighs[c->n_neighs++], a, extack);
		if (err)
			return err;
	}
	c->has_neighs = true;
	return 0;
}

static int get_prefix(struct xha_prefix *p, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[XFRM_HA_A_PREFIX_MAX + 1];
	struct in6_addr net;
	int err;

	err = nla_parse_nested(tb, XFRM_HA_A_PREFIX_MAX, nest, prefix_policy, extack);
	if (err)
		return err;
	if (!tb[XFRM_HA_A_PREFIX_ADDR] || !tb[XFRM_HA_A_PREFIX_LEN]) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "a prefix needs an address and a length");
		return -EINVAL;
	}
	err = get_ip(&p->ip, tb[XFRM_HA_A_PREFIX_ADDR], extack);
	if (err)
		return err;
	p->len = nla_get_u32(tb[XFRM_HA_A_PREFIX_LEN]);
	if (p->len > 8 * nla_len(tb[XFRM_HA_A_PREFIX_ADDR])) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a prefix is longer than its address");
		return -EINVAL;
	}
	/* An IPv4 address is followed by zeroes: it may be looked at as IPv6. */
	ipv6_addr_prefix(&net, &p->ip.a.in6, p->len);
	if (!ipv6_addr_equal(&net, &p->ip.a.in6)) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a prefix has bits beyond its length");
		return -EINVAL;
	}
	return 0;
}

static int get_prefixes(struct xha_group_conf *c, const struct nlattr *nest,
			struct netlink_ext_ack *extack)
{
	struct nlattr *a;
	int rem, err;

	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) != XFRM_HA_A_ITEM_PREFIX) {
			NL_SET_ERR_MSG_ATTR(extack, a, "not a prefix");
			return -EINVAL;
		}
		if (c->n_prefixes == XFRM_HA_MAX_PREFIXES) {
			NL_SET_ERR_MSG_ATTR(extack, a, "too many prefixes");
			return -E2BIG;
		}
		err = get_prefix(&c->prefixes[c->n_prefixes++], a, extack);
		if (err)
			return err;
	}
	c->has_prefixes = true;
	return 0;
}

static u32 get_u32(const struct nlattr *a, u32 otherwise)
{
	return a ? nla_get_u32(a) : otherwise;
}

/* 0 if the attribute is there, else -EINVAL with a message naming it. */
#define missing(info, attr, what) ({					\
	struct genl_info *_info = (info);				\
	int _err = 0;							\
									\
	if (!_info->attrs[attr]) {					\
		NL_SET_ERR_MSG(_info->extack, what " is missing");	\
		_err = -EINVAL;						\
	}								\
	_err;								\
})

static int peer_required(struct genl_info *info)
{
	return missing(info, XFRM_HA_A_PEER_LOCAL, "local-ip") ?:
	       missing(info, XFRM_HA_A_PEER_REMOTE, "remote-ip") ?:
	       missing(info, XFRM_HA_A_PEER_LOCAL_PORT, "local-port") ?:
	       missing(info, XFRM_HA_A_PEER_REMOTE_PORT, "remote-port") ?:
	       missing(info, XFRM_HA_A_PEER_SECURITY, "security") ?:
	       missing(info, XFRM_HA_A_PEER_KEY, "key");
}

static int peer_addrs(struct xha_chan_conf *c, struct genl_info *info)
{
	int n;

	n = get_ips(c->local, XFRM_HA_MAX_ADDRS,
		    info->attrs[XFRM_HA_A_PEER_LOCAL], info->extack);
	if (n < 0)
		return n;
	c->n_local = n;
	n = get_ips(c->remote, XFRM_HA_MAX_ADDRS,
		    info->attrs[XFRM_HA_A_PEER_REMOTE], info->extack);
	if (n < 0)
		return n;
	c->n_remote = n;
	if (!c->n_local || !c->n_remote) {
		NL_SET_ERR_MSG(info->extack, "local-ip or remote-ip is empty");
		return -EINVAL;
	}
	return 0;
}

static int peer_security(struct xha_chan_conf *c, struct genl_info *info)
{
	struct nlattr *security = info->attrs[XFRM_HA_A_PEER_SECURITY];
	struct nlattr *dev = info->attrs[XFRM_HA_A_PEER_SECURITY_DEV];
	u32 v = nla_get_u32(security);

	if (v != XFRM_HA_SECURITY_NONE && v != XFRM_HA_SECURITY_MANUAL) {
		NL_SET_ERR_MSG_ATTR(info->extack, security,
				    "security must be none or manual");
		return -EOPNOTSUPP;
	}
	c->security = v;
	if (!dev)
		return 0;
	if (v != XFRM_HA_SECURITY_MANUAL) {
		NL_SET_ERR_MSG_ATTR(info->extack, dev,
				    "security-device is for security manual only");
		return -EINVAL;
	}
	nla_strscpy(c->device, dev, sizeof(c->device));
	if (!dev_valid_name(c->device)) {
		NL_SET_ERR_MSG_ATTR(info->extack, dev,
				    "security-device is not an interface name");
		return -EINVAL;
	}
	return 0;
}

static int peer_conf(struct xha_chan_conf *c, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	int err;

	err = peer_required(info) ?: peer_addrs(c, info) ?: peer_security(c, info);
	if (err)
		return err;
	c->local_port = nla_get_u16(a[XFRM_HA_A_PEER_LOCAL_PORT]);
	c->remote_port = nla_get_u16(a[XFRM_HA_A_PEER_REMOTE_PORT]);
	c->rto_min = get_u32(a[XFRM_HA_A_PEER_RTO_MIN], 300);
	c->rto_max = get_u32(a[XFRM_HA_A_PEER_RTO_MAX], 600);
	c->path_rtx = get_u32(a[XFRM_HA_A_PEER_PATH_RTX], 4);
	c->assoc_rtx = get_u32(a[XFRM_HA_A_PEER_ASSOC_RTX], 4);
	if (c->rto_min > c->rto_max) {
		NL_SET_ERR_MSG(info->extack,
			       "retransmit-timeout: the minimum exceeds the maximum");
		return -ERANGE;
	}
	c->key_len = nla_len(a[XFRM_HA_A_PEER_KEY]);
	memcpy(c->key, nla_data(a[XFRM_HA_A_PEER_KEY]), c->key_len);
	return 0;
}

static int peer_set(struct sk_buff *skb, struct genl_info *info)
{
	struct xha_chan_conf *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;
	err = peer_conf(c, info);
	if (!err)
		err = xha_session_configure(xha_net(genl_info_net(info)), c,
					    info->extack);
	kfree_sensitive(c);
	return err;
}

static int peer_del(struct sk_buff *skb, struct genl_info *info)
{
	xha_session_close(xha_net(genl_info_net(info)));
	return 0;
}

static int peer_get(struct sk_buff *skb, struct genl_info *info)
{
	struct xha_net *xn = xha_net(genl_info_net(info));
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;
	int err = -EMSGSIZE;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &xha_netlink_family, 0, XFRM_HA_CMD_PEER_GET);
	if (!hdr)
		goto err_free;
	mutex_lock(&xn->lock);
	err = xha_netlink_put_peer(msg, xn);
	mutex_unlock(&xn->lock);
	if (err)
		goto err_free;
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);

err_free:
	nlmsg_free(msg);
	return err;
}

/* Two that can fail would not be applied together or not at all. */
static int get_encap(struct xha_group_conf *c, const struct nlattr *a,
		     struct netlink_ext_ack *extack)
{
	if (c->has_vips || c->has_neighs || c->has_prefixes) {
		NL_SET_ERR_MSG_ATTR(extack, a,
				    "port 4500 is held by a command of its own");
		return -EINVAL;
	}
	c->encap = nla_get_u32(a);
	c->has_encap = true;
	return 0;
}

static int group_conf(struct xha_group_conf *c, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	int n, err = 0;

	if (a[XFRM_HA_A_GROUP_NAME]) {
		nla_strscpy(c->name, a[XFRM_HA_A_GROUP_NAME], sizeof(c->name));
		c->has_name = true;
	}
	if (a[XFRM_HA_A_GROUP_VIPS]) {
		n = get_ips(c->vips, XFRM_HA_MAX_VIPS, a[XFRM_HA_A_GROUP_VIPS],
			    info->extack);
		if (n < 0)
			return n;
		c->n_vips = n;
		c->has_vips = true;
	}
	c->has_interval_in = a[XFRM_HA_A_GROUP_INTERVAL_IN];
	c->interval_in = get_u32(a[XFRM_HA_A_GROUP_INTERVAL_IN], 0);
	c->has_interval_out = a[XFRM_HA_A_GROUP_INTERVAL_OUT];
	c->interval_out = get_u32(a[XFRM_HA_A_GROUP_INTERVAL_OUT], 0);
	c->has_strict = a[XFRM_HA_A_GROUP_STRICT];
	c->strict = get_u32(a[XFRM_HA_A_GROUP_STRICT], 0);
	c->has_hearing = a[XFRM_HA_A_GROUP_HEARING];
	c->hearing = get_u32(a[XFRM_HA_A_GROUP_HEARING], 0);
	if (a[XFRM_HA_A_GROUP_NEIGHS])
		err = get_neighs(c, a[XFRM_HA_A_GROUP_NEIGHS], info->extack);
	if (!err && a[XFRM_HA_A_GROUP_PROTECT])
		err = get_prefixes(c, a[XFRM_HA_A_GROUP_PROTECT], info->extack);
	if (!err && a[XFRM_HA_A_GROUP_ENCAP])
		err = get_encap(c, a[XFRM_HA_A_GROUP_ENCAP], info->extack);
	return err;
}

/*
 * Commands on one group: the id is looked up, the namespace locked, and a
 * dead namespace refused, in one place.
 */
typedef int (*group_fn)(struct xha_group *g, struct genl_info *info);

static int with_group(struct genl_info *info, group_fn fn)
{
	struct xha_net *xn = xha_net(genl_info_net(info));
	struct xha_group *g;
	int err;

	err = missing(info, XFRM_HA_A_GROUP_ID, "the group's id");
	if (err)
		return err;
	mutex_lock(&xn->lock);
	g = xha_group_find(xn, nla_get_u32(info->attrs[XFRM_HA_A_GROUP_ID]));
	if (g) {
		err = fn(g, info);
	} else {
		NL_SET_ERR_MSG(info->extack, "no such group");
		err = -ENOENT;
	}
	mutex_unlock(&xn->lock);
	return err;
}

static int group_new(struct sk_buff *skb, struct genl_info *info)
{
	struct xha_net *xn = xha_net(genl_info_net(info));
	struct xha_group_conf *c;
	int err;

	err = missing(info, XFRM_HA_A_GROUP_ID, "the group's id");
	if (err)
		return err;
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	err = group_conf(c, info);
	if (err)
		goto out;
	mutex_lock(&xn->lock);
	err = xn->dead ? -ENODEV :
	      xha_group_new(xn, nla_get_u32(info->attrs[XFRM_HA_A_GROUP_ID]), c,
			    info->extack);
	mutex_unlock(&xn->lock);
out:
	kfree(c);
	return err;
}

static int do_set(struct xha_group *g, struct genl_info *info)
{
	struct xha_group_conf *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;
	err = group_conf(c, info) ?: xha_group_set(g, c, info->extack);
	kfree(c);
	return err;
}

static int group_set(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_set);
}

static int do_del(struct xha_group *g, struct genl_info *info)
{
	return xha_group_forget(g, info->attrs[XFRM_HA_A_GROUP_FORCE],
				info->extack);
}

static int group_del(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_del);
}

static int do_get(struct xha_group *g, struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;
	int err = -EMSGSIZE;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &xha_netlink_family, 0, XFRM_HA_CMD_GROUP_GET);
	if (hdr)
		err = xha_netlink_put_group(msg, g, g->cause);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int group_get(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_get);
}

static int do_role(struct xha_group *g, struct genl_info *info)
{
	int err = missing(info, XFRM_HA_A_GROUP_ROLE, "the role");

	return err ?: xha_role_set(g, nla_get_u32(info->attrs[XFRM_HA_A_GROUP_ROLE]),
				   info->extack);
}

static int role_set(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_role);
}

static int do_handover(struct xha_group *g, struct genl_info *info)
{
	return xha_handover_start(g, info->extack);
}

static int handover(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_handover);
}

static int do_verify(struct xha_group *g, struct genl_info *info)
{
	return xha_shadow_verify(g, info->extack);
}

static int verify(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_verify);
}

static int do_resync(struct xha_group *g, struct genl_info *info)
{
	return xha_shadow_resync(g, info->extack);
}

static int resync(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_resync);
}

static int do_fenced(struct xha_group *g, struct genl_info *info)
{
	return xha_strict_fenced(g, info->extack);
}

static int fenced(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_fenced);
}

static int do_vip_up(struct xha_group *g, struct genl_info *info)
{
	return xha_handover_vip_up(g, info->extack);
}

static int vip_up(struct sk_buff *skb, struct genl_info *info)
{
	return with_group(info, do_vip_up);
}

#define GROUP_OP(command, fn, how)				\
	{							\
		.cmd		= command,			\
		.doit		= fn,				\
		.policy		= group_policy,			\
		.maxattr	= XFRM_HA_A_GROUP_MAX,		\
		.flags		= how,				\
	}

static const struct genl_ops ops[] = {
	{
		.cmd		= XFRM_HA_CMD_PEER_SET,
		.doit		= peer_set,
		.policy		= peer_policy,
		.maxattr	= XFRM_HA_A_PEER_SECURITY_DEV,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= XFRM_HA_CMD_PEER_DEL,
		.doit		= peer_del,
		.policy		= peer_policy,
		.maxattr	= XFRM_HA_A_PEER_SECURITY_DEV,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= XFRM_HA_CMD_PEER_GET,
		.doit		= peer_get,
		.policy		= peer_policy,
		.maxattr	= XFRM_HA_A_PEER_SECURITY_DEV,
	},
	GROUP_OP(XFRM_HA_CMD_GROUP_NEW, group_new, GENL_UNS_ADMIN_PERM),
	GROUP_OP(XFRM_HA_CMD_GROUP_SET, group_set, GENL_UNS_ADMIN_PERM),
	GROUP_OP(XFRM_HA_CMD_GROUP_DEL, group_del, GENL_UNS_ADMIN_PERM),
	{
		.cmd		= XFRM_HA_CMD_GROUP_GET,
		.doit		= group_get,
		.dumpit		= xha_netlink_dump_groups,
		.policy		= group_policy,
		.maxattr	= XFRM_HA_A_GROUP_MAX,
	},
	GROUP_OP(XFRM_HA_CMD_ROLE_SET, role_set, GENL_UNS_ADMIN_PERM),
	GROUP_OP(XFRM_HA_CMD_HANDOVER, handover, GENL_UNS_ADMIN_PERM),
	GROUP_OP(XFRM_HA_CMD_VIP_UP, vip_up, GENL_UNS_ADMIN_PERM),
	GROUP_OP(XFRM_HA_CMD_VERIFY, verify, GENL_UNS_ADMIN_PERM),
	GROUP_OP(XFRM_HA_CMD_RESYNC, resync, GENL_UNS_ADMIN_PERM),
	GROUP_OP(XFRM_HA_CMD_FENCED, fenced, GENL_UNS_ADMIN_PERM),
	{
		.cmd		= XFRM_HA_CMD_SA_GET,
		.dumpit		= xha_netlink_dump_sas,
		.policy		= sa_policy,
		.maxattr	= XFRM_HA_A_SA_GROUP,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= XFRM_HA_CMD_TUNABLE_GET,
		.doit		= xha_netlink_tunable_get,
		.dumpit		= xha_netlink_tunable_dump,
		.policy		= xha_netlink_tunable_policy,
		.maxattr	= XFRM_HA_A_TUNABLE_VALUE,
	},
	{
		.cmd		= XFRM_HA_CMD_TUNABLE_SET,
		.doit		= xha_netlink_tunable_set,
		.policy		= xha_netlink_tunable_policy,
		.maxattr	= XFRM_HA_A_TUNABLE_VALUE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group mcgrps[] = {
	{ .name = XFRM_HA_MCGRP_EVENTS, .flags = GENL_UNS_ADMIN_PERM, },
};

struct genl_family xha_netlink_family __ro_after_init = {
	.name		= XFRM_HA_FAMILY_NAME,
	.version	= XFRM_HA_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= ops,
	.n_ops		= ARRAY_SIZE(ops),
	.resv_start_op	= XFRM_HA_CMD_GROUP_NTF,
	.mcgrps		= mcgrps,
	.n_mcgrps	= ARRAY_SIZE(mcgrps),
};

bool xha_netlink_has_listener(struct xha_net *xn)
{
	return genl_has_listeners(&xha_netlink_family, xn->net, 0);
}

static struct sk_buff *event_new(struct xha_net *xn)
{
	struct sk_buff *msg;

	if (!xha_netlink_has_listener(xn))
		return NULL;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		genl_set_err(&xha_netlink_family, xn->net, 0, 0, -ENOBUFS);
	return msg;
}

/* Consumes @msg; an event that did not fit is told to the listeners as lost. */
static void event_send(struct xha_net *xn, struct sk_buff *msg, void *hdr, int err)
{
	if (!hdr || err) {
		nlmsg_free(msg);
		genl_set_err(&xha_netlink_family, xn->net, 0, 0, -ENOBUFS);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&xha_netlink_family, xn->net, msg, 0, 0, GFP_KERNEL);
}

void xha_netlink_group_event(struct xha_group *g, u32 event, u32 cause)
{
	struct sk_buff *msg = event_new(g->xn);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &xha_netlink_family, 0, XFRM_HA_CMD_GROUP_NTF);
	event_send(g->xn, msg, hdr,
		   nla_put_u32(msg, XFRM_HA_A_GROUP_EVENT, event) ?:
		   xha_netlink_put_group(msg, g, cause));
}

void xha_netlink_peer_event(struct xha_net *xn)
{
	struct sk_buff *msg = event_new(xn);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &xha_netlink_family, 0, XFRM_HA_CMD_PEER_NTF);
	event_send(xn, msg, hdr, xha_netlink_put_peer(msg, xn));
}

int __init xha_netlink_init(void)
{
	return genl_register_family(&xha_netlink_family);
}

void xha_netlink_exit(void)
{
	genl_unregister_family(&xha_netlink_family);
}
