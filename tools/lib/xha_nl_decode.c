// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <netlink/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "xha_nl_decode.h"
#include "xha_util.h"

/* How a scalar or a string of a message lands in a struct. */
enum kind { KIND_U16, KIND_U32, KIND_U64, KIND_FLAG, KIND_TEXT, KIND_ADDR };

/**
 * struct field - one attribute and where its value belongs
 * @attr: type of the attribute
 * @kind: its form
 * @off: offset in the struct
 * @size: bytes there, for KIND_TEXT
 */
struct field {
	__u16 attr;
	enum kind kind;
	size_t off;
	size_t size;
};

#define FIELD(a, k, s, m)	{ a, k, offsetof(struct s, m), 0 }
#define TEXT(a, s, m, n)	{ a, KIND_TEXT, offsetof(struct s, m), n }

static const struct field peer_fields[] = {
	FIELD(XFRM_HA_A_PEER_LOCAL_PORT, KIND_U16, xha_nl_peer,
	      conf.local_port),
	FIELD(XFRM_HA_A_PEER_REMOTE_PORT, KIND_U16, xha_nl_peer,
	      conf.remote_port),
	FIELD(XFRM_HA_A_PEER_RTO_MIN, KIND_U32, xha_nl_peer, conf.rto_min),
	FIELD(XFRM_HA_A_PEER_RTO_MAX, KIND_U32, xha_nl_peer, conf.rto_max),
	FIELD(XFRM_HA_A_PEER_PATH_RTX, KIND_U32, xha_nl_peer, conf.path_rtx),
	FIELD(XFRM_HA_A_PEER_ASSOC_RTX, KIND_U32, xha_nl_peer, conf.assoc_rtx),
	FIELD(XFRM_HA_A_PEER_SECURITY, KIND_U32, xha_nl_peer, conf.security),
	TEXT(XFRM_HA_A_PEER_SECURITY_DEV, xha_nl_peer, conf.security_dev,
	     IFNAMSIZ),
	FIELD(XFRM_HA_A_PEER_STATE, KIND_U32, xha_nl_peer, state),
	FIELD(XFRM_HA_A_PEER_STATE_MS, KIND_U64, xha_nl_peer, state_ms),
	FIELD(XFRM_HA_A_PEER_VERSION, KIND_U32, xha_nl_peer, version),
	FIELD(XFRM_HA_A_PEER_BOOT_ID, KIND_U64, xha_nl_peer, boot_id),
	TEXT(XFRM_HA_A_PEER_REASON, xha_nl_peer, reason,
	     XHA_NL_REASON_LEN),
	FIELD(XFRM_HA_A_PEER_TX_FRAMES, KIND_U64, xha_nl_peer, tx_frames),
	FIELD(XFRM_HA_A_PEER_TX_BYTES, KIND_U64, xha_nl_peer, tx_bytes),
	FIELD(XFRM_HA_A_PEER_RX_FRAMES, KIND_U64, xha_nl_peer, rx_frames),
	FIELD(XFRM_HA_A_PEER_RX_BYTES, KIND_U64, xha_nl_peer, rx_bytes),
	FIELD(XFRM_HA_A_PEER_RX_BAD, KIND_U64, xha_nl_peer, rx_bad),
	FIELD(XFRM_HA_A_PEER_RX_STATE, KIND_U64, xha_nl_peer, rx_state),
	FIELD(XFRM_HA_A_PEER_RX_STALE, KIND_U64, xha_nl_peer, rx_stale),
	FIELD(XFRM_HA_A_PEER_STRANGERS, KIND_U64, xha_nl_peer, strangers),
	FIELD(XFRM_HA_A_PEER_UNPROTECTED, KIND_U64, xha_nl_peer, unprotected),
	FIELD(XFRM_HA_A_PEER_CONNECTS, KIND_U64, xha_nl_peer, connects),
	FIELD(XFRM_HA_A_PEER_LAG_FRAMES, KIND_U64, xha_nl_peer, lag_frames),
	FIELD(XFRM_HA_A_PEER_LAG_BYTES, KIND_U64, xha_nl_peer, lag_bytes),
	FIELD(XFRM_HA_A_PEER_LAG_MS, KIND_U64, xha_nl_peer, lag_ms),
	FIELD(XFRM_HA_A_PEER_HEARD_MS, KIND_U64, xha_nl_peer, heard_ms),
};

static const struct field group_fields[] = {
	FIELD(XFRM_HA_A_GROUP_ID, KIND_U32, xha_nl_group, id),
	TEXT(XFRM_HA_A_GROUP_NAME, xha_nl_group, name, XFRM_HA_NAME_LEN),
	FIELD(XFRM_HA_A_GROUP_INTERVAL_IN, KIND_U32, xha_nl_group,
	      interval_in),
	FIELD(XFRM_HA_A_GROUP_INTERVAL_OUT, KIND_U32, xha_nl_group,
	      interval_out),
	FIELD(XFRM_HA_A_GROUP_ROLE, KIND_U32, xha_nl_group, role),
	FIELD(XFRM_HA_A_GROUP_STATE, KIND_U32, xha_nl_group, state),
	FIELD(XFRM_HA_A_GROUP_STATE_MS, KIND_U64, xha_nl_group, state_ms),
	FIELD(XFRM_HA_A_GROUP_PEER_STATE, KIND_U32, xha_nl_group, peer_state),
	TEXT(XFRM_HA_A_GROUP_REASON, xha_nl_group, reason,
	     XHA_NL_REASON_LEN),
	FIELD(XFRM_HA_A_GROUP_EPOCH, KIND_U32, xha_nl_group, epoch),
	FIELD(XFRM_HA_A_GROUP_EPOCH_NODE, KIND_U32, xha_nl_group, epoch_node),
	FIELD(XFRM_HA_A_GROUP_SUPERSEDED, KIND_U32, xha_nl_group, superseded),
	FIELD(XFRM_HA_A_GROUP_SAS, KIND_U32, xha_nl_group, sas),
	FIELD(XFRM_HA_A_GROUP_SAS_REFUSED, KIND_U32, xha_nl_group,
	      sas_refused),
	FIELD(XFRM_HA_A_GROUP_POLICIES, KIND_U32, xha_nl_group, policies),
	FIELD(XFRM_HA_A_GROUP_EXPOSURE_OUT, KIND_U64, xha_nl_group,
	      exposure_out),
	FIELD(XFRM_HA_A_GROUP_EXPOSURE_IN, KIND_U64, xha_nl_group,
	      exposure_in),
	FIELD(XFRM_HA_A_GROUP_BEYOND, KIND_U64, xha_nl_group, beyond),
	FIELD(XFRM_HA_A_GROUP_TAKEOVERS, KIND_U64, xha_nl_group, takeovers),
	FIELD(XFRM_HA_A_GROUP_GATE_DROPPED, KIND_U64, xha_nl_group,
	      gate_dropped),
	FIELD(XFRM_HA_A_GROUP_GATE_HELD, KIND_U64, xha_nl_group, gate_held),
	FIELD(XFRM_HA_A_GROUP_GATE_FORWARDED, KIND_U64, xha_nl_group,
	      gate_forwarded),
	FIELD(XFRM_HA_A_GROUP_GATE_OVERFLOW, KIND_U64, xha_nl_group,
	      gate_overflow),
	FIELD(XFRM_HA_A_GROUP_CAUSE, KIND_U32, xha_nl_group, cause),
	FIELD(XFRM_HA_A_GROUP_VERIFIED, KIND_U64, xha_nl_group, verified),
	FIELD(XFRM_HA_A_GROUP_VERIFY_MS, KIND_U64, xha_nl_group, verify_ms),
	FIELD(XFRM_HA_A_GROUP_REPAIRS, KIND_U64, xha_nl_group, repairs),
	FIELD(XFRM_HA_A_GROUP_STRICT, KIND_U32, xha_nl_group, strict),
	FIELD(XFRM_HA_A_GROUP_BOUNDED, KIND_U32, xha_nl_group, bounded),
	FIELD(XFRM_HA_A_GROUP_STRICT_DROPPED, KIND_U64, xha_nl_group,
	      strict_dropped),
	FIELD(XFRM_HA_A_GROUP_STOPPED, KIND_U32, xha_nl_group, stopped),
	FIELD(XFRM_HA_A_GROUP_MERGED, KIND_U64, xha_nl_group, merged),
	FIELD(XFRM_HA_A_GROUP_HEARING, KIND_U32, xha_nl_group, hearing),
	FIELD(XFRM_HA_A_GROUP_ENCAP, KIND_U32, xha_nl_group, encap),
	FIELD(XFRM_HA_A_GROUP_PEER_HEARING, KIND_U32, xha_nl_group,
	      peer_hearing),
};

static const struct field timeline_fields[] = {
	FIELD(XFRM_HA_A_TL_BEGIN, KIND_U64, xha_nl_timeline, begin),
	FIELD(XFRM_HA_A_TL_ADDED, KIND_U64, xha_nl_timeline, added),
	FIELD(XFRM_HA_A_TL_VALID, KIND_U64, xha_nl_timeline, valid),
	FIELD(XFRM_HA_A_TL_POLICIES, KIND_U64, xha_nl_timeline, policies),
	FIELD(XFRM_HA_A_TL_GATE, KIND_U64, xha_nl_timeline, gate),
	FIELD(XFRM_HA_A_TL_END, KIND_U64, xha_nl_timeline, end),
};

static const struct field sa_fields[] = {
	FIELD(XFRM_HA_A_SA_GROUP, KIND_U32, xha_nl_sa, group),
	FIELD(XFRM_HA_A_SA_STATE, KIND_U32, xha_nl_sa, state),
	TEXT(XFRM_HA_A_SA_REASON, xha_nl_sa, reason,
	     XHA_NL_REASON_LEN),
	FIELD(XFRM_HA_A_SA_DIR, KIND_U32, xha_nl_sa, dir),
	FIELD(XFRM_HA_A_SA_SRC, KIND_ADDR, xha_nl_sa, src),
	FIELD(XFRM_HA_A_SA_DST, KIND_ADDR, xha_nl_sa, dst),
	FIELD(XFRM_HA_A_SA_SPI, KIND_U32, xha_nl_sa, spi),
	FIELD(XFRM_HA_A_SA_PROTO, KIND_U32, xha_nl_sa, proto),
	FIELD(XFRM_HA_A_SA_MODE, KIND_U32, xha_nl_sa, mode),
	FIELD(XFRM_HA_A_SA_REQID, KIND_U32, xha_nl_sa, reqid),
	TEXT(XFRM_HA_A_SA_ALGS, xha_nl_sa, algs, XHA_NL_ALGS_LEN),
	FIELD(XFRM_HA_A_SA_ESN, KIND_FLAG, xha_nl_sa, esn),
	FIELD(XFRM_HA_A_SA_WINDOW, KIND_U32, xha_nl_sa, window),
	FIELD(XFRM_HA_A_SA_ENCAP_SPORT, KIND_U16, xha_nl_sa, encap_sport),
	FIELD(XFRM_HA_A_SA_ENCAP_DPORT, KIND_U16, xha_nl_sa, encap_dport),
	FIELD(XFRM_HA_A_SA_INCARNATION, KIND_U64, xha_nl_sa, incarnation),
	FIELD(XFRM_HA_A_SA_SEQ, KIND_U64, xha_nl_sa, seq),
	FIELD(XFRM_HA_A_SA_CEILING, KIND_U64, xha_nl_sa, ceiling),
	FIELD(XFRM_HA_A_SA_ACKED, KIND_U64, xha_nl_sa, acked),
	FIELD(XFRM_HA_A_SA_EXPOSURE, KIND_U64, xha_nl_sa, exposure),
	FIELD(XFRM_HA_A_SA_BYTES, KIND_U64, xha_nl_sa, bytes),
	FIELD(XFRM_HA_A_SA_PACKETS, KIND_U64, xha_nl_sa, packets),
	FIELD(XFRM_HA_A_SA_AGE, KIND_U64, xha_nl_sa, age),
	FIELD(XFRM_HA_A_SA_TAG, KIND_U32, xha_nl_sa, tag),
};

static const struct field tunable_fields[] = {
	TEXT(XFRM_HA_A_TUNABLE_NAME, xha_nl_tunable, name, XFRM_HA_TUNABLE_LEN),
	FIELD(XFRM_HA_A_TUNABLE_VALUE, KIND_U32, xha_nl_tunable, value),
	FIELD(XFRM_HA_A_TUNABLE_DEFAULT, KIND_U32, xha_nl_tunable, def),
	FIELD(XFRM_HA_A_TUNABLE_MINIMUM, KIND_U32, xha_nl_tunable, min),
	FIELD(XFRM_HA_A_TUNABLE_MAXIMUM, KIND_U32, xha_nl_tunable, max),
	TEXT(XFRM_HA_A_TUNABLE_UNIT, xha_nl_tunable, unit, XHA_NL_UNIT_LEN),
};

static int take_number(const struct nlattr *attr, void *to, size_t size)
{
	if (nla_len(attr) < (int)size)
		return -EBADMSG;
	memcpy(to, nla_data(attr), size);
	return 0;
}

static void take_text(const struct nlattr *attr, char *to, size_t size)
{
	size_t n = nla_len(attr);

	if (n > size - 1)
		n = size - 1;
	memcpy(to, nla_data(attr), n);
	to[n] = '\0';
}

static int take_field(const struct field *f, const struct nlattr *attr,
		      void *to)
{
	switch (f->kind) {
	case KIND_U16:
		return take_number(attr, to, sizeof(__u16));
	case KIND_U32:
		return take_number(attr, to, sizeof(__u32));
	case KIND_U64:
		return take_number(attr, to, sizeof(__u64));
	case KIND_FLAG:
		*(bool *)to = true;
		return 0;
	case KIND_TEXT:
		take_text(attr, to, f->size);
		return 0;
	case KIND_ADDR:
		return xha_addr_set(to, nla_data(attr), nla_len(attr)) ?
		       -EBADMSG : 0;
	}
	return -EBADMSG;
}

static int take_fields(const struct field *f, size_t n, struct nlattr **tb,
		       void *base)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		if (!tb[f[i].attr])
			continue;
		err = take_field(&f[i], tb[f[i].attr], (char *)base + f[i].off);
		if (err)
			return err;
	}
	return 0;
}

/* More entries than there is room for come from a newer kernel: show some. */
static int take_addrs(const struct nlattr *nest, struct xha_addr *addrs,
		      unsigned int max, unsigned int *n)
{
	struct nlattr *item;
	int rem;

	*n = 0;
	if (!nest)
		return 0;
	nla_for_each_nested(item, nest, rem) {
		if (nla_type(item) != XFRM_HA_A_ITEM_ADDR)
			continue;
		if (*n == max)
			break;
		if (xha_addr_set(&addrs[*n], nla_data(item), nla_len(item)))
			return -EBADMSG;
		(*n)++;
	}
	return 0;
}

static int take_neighs(struct nlattr *nest, struct xha_nl_group *group)
{
	struct nlattr *tb[XFRM_HA_A_NEIGH_MAX + 1];
	struct xha_nl_neigh *neigh;
	struct nlattr *item;
	int rem;

	if (!nest)
		return 0;
	nla_for_each_nested(item, nest, rem) {
		if (nla_type(item) != XFRM_HA_A_ITEM_NEIGH)
			continue;
		if (group->n_neighs == XFRM_HA_MAX_NEIGHS)
			break;
		if (nla_parse_nested(tb, XFRM_HA_A_NEIGH_MAX, item, NULL) ||
		    !tb[XFRM_HA_A_NEIGH_IFINDEX] || !tb[XFRM_HA_A_NEIGH_ADDR])
			return -EBADMSG;
		neigh = &group->neighs[group->n_neighs];
		if (take_number(tb[XFRM_HA_A_NEIGH_IFINDEX], &neigh->ifindex,
				sizeof(neigh->ifindex)) ||
		    xha_addr_set(&neigh->addr,
				 nla_data(tb[XFRM_HA_A_NEIGH_ADDR]),
				 nla_len(tb[XFRM_HA_A_NEIGH_ADDR])))
			return -EBADMSG;
		group->n_neighs++;
	}
	return 0;
}

static int take_prefixes(struct nlattr *nest, struct xha_nl_group *group)
{
	struct nlattr *tb[XFRM_HA_A_PREFIX_MAX + 1];
	struct xha_prefix *p;
	struct nlattr *item;
	__u32 len;
	int rem;

	if (!nest)
		return 0;
	nla_for_each_nested(item, nest, rem) {
		if (nla_type(item) != XFRM_HA_A_ITEM_PREFIX)
			continue;
		if (group->n_prefixes == XFRM_HA_MAX_PREFIXES)
			break;
		p = &group->prefixes[group->n_prefixes];
		if (nla_parse_nested(tb, XFRM_HA_A_PREFIX_MAX, item, NULL) ||
		    !tb[XFRM_HA_A_PREFIX_ADDR] || !tb[XFRM_HA_A_PREFIX_LEN] ||
		    take_number(tb[XFRM_HA_A_PREFIX_LEN], &len, sizeof(len)) ||
		    xha_addr_set(&p->addr, nla_data(tb[XFRM_HA_A_PREFIX_ADDR]),
				 nla_len(tb[XFRM_HA_A_PREFIX_ADDR])) ||
		    len > p->addr.len * 8U)
			return -EBADMSG;
		p->len = len;
		group->n_prefixes++;
	}
	return 0;
}

/**
 * xha_nl_decode_peer - read the attributes of PEER_GET and PEER_NTF
 * @nlh: the message
 * @peer: result
 *
 * Return: 0, or -EBADMSG when an attribute is malformed.
 */
int xha_nl_decode_peer(struct nlmsghdr *nlh, struct xha_nl_peer *peer)
{
	struct nlattr *tb[XFRM_HA_A_PEER_MAX + 1];

	memset(peer, 0, sizeof(*peer));
	if (genlmsg_parse(nlh, 0, tb, XFRM_HA_A_PEER_MAX, NULL) < 0)
		return -EBADMSG;
	if (take_fields(peer_fields, ARRAY_SIZE(peer_fields), tb, peer) ||
	    take_addrs(tb[XFRM_HA_A_PEER_LOCAL], peer->conf.local,
		       XFRM_HA_MAX_ADDRS, &peer->conf.n_local) ||
	    take_addrs(tb[XFRM_HA_A_PEER_REMOTE], peer->conf.remote,
		       XFRM_HA_MAX_ADDRS, &peer->conf.n_remote))
		return -EBADMSG;
	peer->has_heard = tb[XFRM_HA_A_PEER_HEARD_MS];
	return 0;
}

/**
 * xha_nl_decode_group - read the attributes of GROUP_GET and GROUP_NTF
 * @nlh: the message
 * @group: result
 * @event: enum xfrm_ha_event of a notification, 0 without; may be NULL
 *
 * Return: 0, or -EBADMSG when an attribute is malformed.
 */
int xha_nl_decode_group(struct nlmsghdr *nlh, struct xha_nl_group *group,
			__u32 *event)
{
	struct nlattr *tb[XFRM_HA_A_GROUP_MAX + 1];
	struct nlattr *tl[XFRM_HA_A_TL_MAX + 1];
	struct nlattr *nest;

	memset(group, 0, sizeof(*group));
	if (genlmsg_parse(nlh, 0, tb, XFRM_HA_A_GROUP_MAX, NULL) < 0)
		return -EBADMSG;
	if (take_fields(group_fields, ARRAY_SIZE(group_fields), tb, group) ||
	    take_addrs(tb[XFRM_HA_A_GROUP_VIPS], group->vips,
		       XFRM_HA_MAX_VIPS, &group->n_vips) ||
	    take_neighs(tb[XFRM_HA_A_GROUP_NEIGHS], group) ||
	    take_prefixes(tb[XFRM_HA_A_GROUP_PROTECT], group))
		return -EBADMSG;
	nest = tb[XFRM_HA_A_GROUP_TIMELINE];
	if (nest && (nla_parse_nested(tl, XFRM_HA_A_TL_MAX, nest, NULL) < 0 ||
		     take_fields(timeline_fields, ARRAY_SIZE(timeline_fields),
				 tl, &group->timeline)))
		return -EBADMSG;
	if (!event)
		return 0;
	*event = XFRM_HA_EVENT_UNSPEC;
	if (tb[XFRM_HA_A_GROUP_EVENT])
		return take_number(tb[XFRM_HA_A_GROUP_EVENT], event,
				   sizeof(*event));
	return 0;
}

/**
 * xha_nl_decode_sa - read the attributes of one SA of SA_GET
 * @nlh: the message
 * @sa: result
 *
 * Return: 0, or -EBADMSG when an attribute is malformed.
 */
int xha_nl_decode_sa(struct nlmsghdr *nlh, struct xha_nl_sa *sa)
{
	struct nlattr *tb[XFRM_HA_A_SA_MAX + 1];

	memset(sa, 0, sizeof(*sa));
	if (genlmsg_parse(nlh, 0, tb, XFRM_HA_A_SA_MAX, NULL) < 0 ||
	    take_fields(sa_fields, ARRAY_SIZE(sa_fields), tb, sa))
		return -EBADMSG;
	sa->has_tag = tb[XFRM_HA_A_SA_TAG];
	return 0;
}

/**
 * xha_nl_decode_tunable - read the attributes of one tunable of TUNABLE_GET
 * @nlh: the message
 * @tunable: result
 *
 * Return: 0, or -EBADMSG when an attribute is malformed.
 */
int xha_nl_decode_tunable(struct nlmsghdr *nlh, struct xha_nl_tunable *tunable)
{
	struct nlattr *tb[XFRM_HA_A_TUNABLE_MAX + 1];

	memset(tunable, 0, sizeof(*tunable));
	if (genlmsg_parse(nlh, 0, tb, XFRM_HA_A_TUNABLE_MAX, NULL) < 0 ||
	    take_fields(tunable_fields, ARRAY_SIZE(tunable_fields), tb, tunable))
		return -EBADMSG;
	return 0;
}
