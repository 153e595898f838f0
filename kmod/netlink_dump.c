// SPDX-License-Identifier: GPL-2.0-only
/*
 * What netlink shows of the peer, of groups and of SAs. No key material.
 */
#include <net/genetlink.h>

#include "age.h"
#include "compat/genl.h"
#include "counters.h"
#include "group.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "netns.h"
#include "sa.h"
#include "seq.h"
#include "strict.h"

static int put_u64(struct sk_buff *msg, int attr, u64 v)
{
	/* All attribute sets have their padding attribute at 1. */
	return nla_put_u64_64bit(msg, attr, v, XFRM_HA_A_PEER_PAD);
}

static int put_ip(struct sk_buff *msg, int attr, const struct xha_ip *ip)
{
	return nla_put(msg, attr, ip->family == AF_INET ? 4 : 16, &ip->a);
}

static int put_ips(struct sk_buff *msg, int attr, const struct xha_ip *ips,
		   unsigned int n)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < n; i++)
		if (put_ip(msg, XFRM_HA_A_ITEM_ADDR, &ips[i]))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_peer_conf(struct sk_buff *msg, const struct xha_chan_conf *c)
{
	return put_ips(msg, XFRM_HA_A_PEER_LOCAL, c->local, c->n_local) ?:
	       put_ips(msg, XFRM_HA_A_PEER_REMOTE, c->remote, c->n_remote) ?:
	       nla_put_u16(msg, XFRM_HA_A_PEER_LOCAL_PORT, c->local_port) ?:
	       nla_put_u16(msg, XFRM_HA_A_PEER_REMOTE_PORT, c->remote_port) ?:
	       nla_put_u32(msg, XFRM_HA_A_PEER_RTO_MIN, c->rto_min) ?:
	       nla_put_u32(msg, XFRM_HA_A_PEER_RTO_MAX, c->rto_max) ?:
	       nla_put_u32(msg, XFRM_HA_A_PEER_PATH_RTX, c->path_rtx) ?:
	       nla_put_u32(msg, XFRM_HA_A_PEER_ASSOC_RTX, c->assoc_rtx) ?:
	       nla_put_u32(msg, XFRM_HA_A_PEER_SECURITY, c->security) ?:
	       (*c->device ? nla_put_string(msg, XFRM_HA_A_PEER_SECURITY_DEV,
					    c->device) : 0);
}

static int put_chan_stats(struct sk_buff *msg, const struct xha_session *s)
{
	const struct xha_chan_stats *st = xha_chan_stats(s->chan);

	return put_u64(msg, XFRM_HA_A_PEER_TX_FRAMES, atomic64_read(&st->tx_frames)) ?:
	       put_u64(msg, XFRM_HA_A_PEER_TX_BYTES, atomic64_read(&st->tx_bytes)) ?:
	       put_u64(msg, XFRM_HA_A_PEER_RX_FRAMES, atomic64_read(&st->rx_frames)) ?:
	       put_u64(msg, XFRM_HA_A_PEER_RX_BYTES, atomic64_read(&st->rx_bytes)) ?:
	       put_u64(msg, XFRM_HA_A_PEER_RX_BAD,
		       s->rx_bad + atomic64_read(&st->oversized)) ?:
	       put_u64(msg, XFRM_HA_A_PEER_STRANGERS, atomic64_read(&st->strangers)) ?:
	       put_u64(msg, XFRM_HA_A_PEER_UNPROTECTED,
		       atomic64_read(&st->unprotected));
}

static int put_session(struct sk_buff *msg, const struct xha_session *s)
{
	unsigned long heard = s->heard;
	struct xha_lag lag;

	xha_session_lag(s, &lag);
	xha_chan_heard(s->chan, &heard);
	return put_chan_stats(msg, s) ?:
	       nla_put_u32(msg, XFRM_HA_A_PEER_VERSION, s->version) ?:
	       put_u64(msg, XFRM_HA_A_PEER_BOOT_ID, s->peer_boot) ?:
	       put_u64(msg, XFRM_HA_A_PEER_RX_STATE, s->rx_state) ?:
	       put_u64(msg, XFRM_HA_A_PEER_RX_STALE, s->rx_stale) ?:
	       put_u64(msg, XFRM_HA_A_PEER_CONNECTS, s->connects) ?:
	       put_u64(msg, XFRM_HA_A_PEER_LAG_FRAMES, lag.frames) ?:
	       put_u64(msg, XFRM_HA_A_PEER_LAG_MS, lag.ms) ?:
	       put_u64(msg, XFRM_HA_A_PEER_LAG_BYTES, lag.bytes) ?:
	       put_u64(msg, XFRM_HA_A_PEER_HEARD_MS,
		       jiffies_to_msecs(jiffies - heard));
}

int xha_netlink_put_peer(struct sk_buff *msg, struct xha_net *xn)
{
	const struct xha_session *s = &xn->session;
	int err;

	err = nla_put_u32(msg, XFRM_HA_A_PEER_STATE, s->state) ?:
	      put_u64(msg, XFRM_HA_A_PEER_STATE_MS,
		      jiffies_to_msecs(jiffies - s->state_since));
	if (err || !s->chan)
		return err;
	if (s->reason && nla_put_string(msg, XFRM_HA_A_PEER_REASON, s->reason))
		return -EMSGSIZE;
	return put_peer_conf(msg, &s->conf) ?: put_session(msg, s);
}

static int put_neighs(struct sk_buff *msg, const struct xha_group *g)
{
	struct nlattr *nest = nla_nest_start(msg, XFRM_HA_A_GROUP_NEIGHS);
	struct nlattr *item;
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < g->n_neighs; i++) {
		item = nla_nest_start(msg, XFRM_HA_A_ITEM_NEIGH);
		if (!item ||
		    nla_put_u32(msg, XFRM_HA_A_NEIGH_IFINDEX, g->neighs[i].ifindex) ||
		    put_ip(msg, XFRM_HA_A_NEIGH_ADDR, &g->neighs[i].addr))
			return -EMSGSIZE;
		nla_nest_end(msg, item);
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_prefixes(struct sk_buff *msg, const struct xha_group *g)
{
	struct nlattr *nest = nla_nest_start(msg, XFRM_HA_A_GROUP_PROTECT);
	struct nlattr *item;
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < g->n_prefixes; i++) {
		item = nla_nest_start(msg, XFRM_HA_A_ITEM_PREFIX);
		if (!item ||
		    put_ip(msg, XFRM_HA_A_PREFIX_ADDR, &g->prefixes[i].ip) ||
		    nla_put_u32(msg, XFRM_HA_A_PREFIX_LEN, g->prefixes[i].len))
			return -EMSGSIZE;
		nla_nest_end(msg, item);
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_timeline(struct sk_buff *msg, const struct xha_timeline *tl)
{
	struct nlattr *nest = nla_nest_start(msg, XFRM_HA_A_GROUP_TIMELINE);
	int err;

	if (!nest)
		return -EMSGSIZE;
	err = put_u64(msg, XFRM_HA_A_TL_BEGIN, tl->begin) ?:
	      put_u64(msg, XFRM_HA_A_TL_ADDED, tl->added) ?:
	      put_u64(msg, XFRM_HA_A_TL_VALID, tl->valid) ?:
	      put_u64(msg, XFRM_HA_A_TL_POLICIES, tl->policies) ?:
	      put_u64(msg, XFRM_HA_A_TL_GATE, tl->gate) ?:
	      put_u64(msg, XFRM_HA_A_TL_END, tl->end);
	if (!err)
		nla_nest_end(msg, nest);
	return err;
}

static int put_group_conf(struct sk_buff *msg, const struct xha_group *g)
{
	return nla_put_u32(msg, XFRM_HA_A_GROUP_ID, g->id) ?:
	       nla_put_string(msg, XFRM_HA_A_GROUP_NAME, g->name) ?:
	       put_ips(msg, XFRM_HA_A_GROUP_VIPS, g->vips, g->n_vips) ?:
	       put_neighs(msg, g) ?:
	       put_prefixes(msg, g) ?:
	       nla_put_u32(msg, XFRM_HA_A_GROUP_ENCAP, g->encap) ?:
	       nla_put_u32(msg, XFRM_HA_A_GROUP_INTERVAL_IN, g->interval_in) ?:
	       nla_put_u32(msg, XFRM_HA_A_GROUP_INTERVAL_OUT, g->interval_out);
}

static int put_group_counters(struct sk_buff *msg, const struct xha_group *g)
{
	const struct xha_gate_stats *gs = &g->gate.stats;
	u64 out, in;

	xha_group_exposure(g, &out, &in);
	return nla_put_u32(msg, XFRM_HA_A_GROUP_SAS, g->n_sas) ?:
	       nla_put_u32(msg, XFRM_HA_A_GROUP_SAS_REFUSED, g->n_refused) ?:
	       nla_put_u32(msg, XFRM_HA_A_GROUP_POLICIES, g->n_policies) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_EXPOSURE_OUT, out) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_EXPOSURE_IN, in) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_BEYOND,
		       xha_counters_beyond_sum(g)) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_TAKEOVERS, g->takeovers) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_GATE_DROPPED, atomic64_read(&gs->dropped)) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_GATE_HELD, atomic64_read(&gs->held)) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_GATE_FORWARDED,
		       atomic64_read(&gs->forwarded)) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_GATE_OVERFLOW,
		       atomic64_read(&gs->overflow));
}

static int put_group_strict(struct sk_buff *msg, const struct xha_group *g)
{
	return nla_put_u32(msg, XFRM_HA_A_GROUP_STRICT, g->strict) ?:
	       nla_put_u32(msg, XFRM_HA_A_GROUP_BOUNDED, g->bounded) ?:
	       nla_put_u32(msg, XFRM_HA_A_GROUP_STOPPED, xha_strict_stopped(g)) ?:
	       put_u64(msg, XFRM_HA_A_GROUP_STRICT_DROPPED,
		       xha_strict_dropped(g));
}

static int put_group_verified(struct sk_buff *msg, const struct xha_group *g)
{
	int err = put_u64(msg, XFRM_HA_A_GROUP_VERIFIED, g->verified) ?:
		  put_u64(msg, XFRM_HA_A_GROUP_REPAIRS, g->repairs) ?:
		  put_u64(msg, XFRM_HA_A_GROUP_MERGED, g->merged);

	if (err || g->role != XFRM_HA_ROLE_STANDBY || !g->verified_at)
		return err;
	return put_u64(msg, XFRM_HA_A_GROUP_VERIFY_MS,
		       jiffies_to_msecs(jiffies - g->verified_at));
}

/* An active has few: strict mode stops by design, and says so. */
static int put_reason(struct sk_buff *msg, const struct xha_group *g)
{
	char why[XHA_REC_REASON];
	u32 n;

	if (g->reason[0])
		return nla_put_string(msg, XFRM_HA_A_GROUP_REASON, g->reason);
	if (g->superseded)
		return nla_put_string(msg, XFRM_HA_A_GROUP_REASON,
				      "the peer took over later");
	n = g->role == XFRM_HA_ROLE_ACTIVE ? xha_strict_stopped(g) : 0;
	if (!n)
		return 0;
	snprintf(why, sizeof(why),
		 "strict: %u SAs stopped at what the peer has acknowledged", n);
	return nla_put_string(msg, XFRM_HA_A_GROUP_REASON, why);
}

int xha_netlink_put_group(struct sk_buff *msg, struct xha_group *g, u32 cause)
{
	int err;

	err = put_group_conf(msg, g) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_ROLE, g->role) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_CAUSE, cause) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_STATE, g->state) ?:
	      put_u64(msg, XFRM_HA_A_GROUP_STATE_MS,
		      jiffies_to_msecs(jiffies - g->state_since)) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_PEER_STATE, g->peer_state) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_HEARING, g->hearing) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_PEER_HEARING, g->peer_hearing) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_EPOCH, g->epoch) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_EPOCH_NODE, g->epoch_node) ?:
	      nla_put_u32(msg, XFRM_HA_A_GROUP_SUPERSEDED, g->superseded);
	return err ?: put_reason(msg, g) ?: put_group_counters(msg, g) ?:
	       put_group_strict(msg, g) ?:
	       put_group_verified(msg, g) ?: put_timeline(msg, &g->tl);
}

static void alg_names(const struct xfrm_state *x, char *buf, size_t len)
{
	size_t n = 0;

	buf[0] = 0;
	if (x->aead)
		n += scnprintf(buf + n, len - n, "%s", x->aead->alg_name);
	if (x->ealg)
		n += scnprintf(buf + n, len - n, "%s%s", n ? " " : "",
			       x->ealg->alg_name);
	if (x->aalg)
		scnprintf(buf + n, len - n, "%s%s", n ? " " : "",
			  x->aalg->alg_name);
}

static int put_sa_params(struct sk_buff *msg, const struct xfrm_state *x)
{
	int len = x->props.family == AF_INET ? 4 : 16;
	char names[2 * XHA_WIRE_ALG_NAME];
	int err;

	alg_names(x, names, sizeof(names));
	err = nla_put(msg, XFRM_HA_A_SA_SRC, len, &x->props.saddr) ?:
	      nla_put(msg, XFRM_HA_A_SA_DST, len, &x->id.daddr) ?:
	      nla_put_be32(msg, XFRM_HA_A_SA_SPI, x->id.spi) ?:
	      nla_put_u32(msg, XFRM_HA_A_SA_PROTO, x->id.proto) ?:
	      nla_put_u32(msg, XFRM_HA_A_SA_MODE, x->props.mode) ?:
	      nla_put_u32(msg, XFRM_HA_A_SA_REQID, x->props.reqid) ?:
	      nla_put_string(msg, XFRM_HA_A_SA_ALGS, names) ?:
	      nla_put_u32(msg, XFRM_HA_A_SA_WINDOW, x->replay_esn ?
			  x->replay_esn->replay_window : x->props.replay_window);
	if (!err && xha_sa_replay_mode(x) == XHA_REPLAY_ESN)
		err = nla_put_flag(msg, XFRM_HA_A_SA_ESN);
	if (!err && x->encap)
		err = nla_put_u16(msg, XFRM_HA_A_SA_ENCAP_SPORT,
				  ntohs(x->encap->encap_sport)) ?:
		      nla_put_u16(msg, XFRM_HA_A_SA_ENCAP_DPORT,
				  ntohs(x->encap->encap_dport));
	return err;
}

static u64 sa_age(const struct xha_sa *sa)
{
	return div_s64(max(xha_age_now() - sa->times.add, 0LL), 1000);
}

static int put_sa_counters(struct sk_buff *msg, const struct xha_sa *sa)
{
	const struct xfrm_state *x = sa->x;
	bool live = sa->rec.live;
	int err;

	err = put_u64(msg, XFRM_HA_A_SA_SEQ, live ?
		      xha_sa_peek(x, sa->outbound) : sa->seq) ?:
	      put_u64(msg, XFRM_HA_A_SA_ACKED, sa->outbound ?
		      sa->ceil_acked : sa->win_acked) ?:
	      put_u64(msg, XFRM_HA_A_SA_BYTES, READ_ONCE(x->curlft.bytes)) ?:
	      put_u64(msg, XFRM_HA_A_SA_PACKETS, READ_ONCE(x->curlft.packets)) ?:
	      put_u64(msg, XFRM_HA_A_SA_AGE, sa_age(sa));
	if (!err && sa->outbound)
		err = put_u64(msg, XFRM_HA_A_SA_CEILING,
			      live ? sa->ceil_pub : sa->ceil_acked);
	if (!err && live)
		err = put_u64(msg, XFRM_HA_A_SA_EXPOSURE, xha_rec_sa_exposure(sa));
	if (!err && xha_sa_iv_tagged(x))
		err = nla_put_u32(msg, XFRM_HA_A_SA_TAG, live || !sa->tag_valid ?
				  xha_sa_tag(x) : sa->tag_peer);
	return err;
}

static int put_sa(struct sk_buff *msg, struct xha_sa *sa)
{
	u32 state = sa->rec.live ? XFRM_HA_SA_STATE_ACTIVE :
				   XFRM_HA_SA_STATE_STANDBY;
	int err;

	if (sa->rec.reason[0])
		state = XFRM_HA_SA_STATE_REFUSED;
	err = nla_put_u32(msg, XFRM_HA_A_SA_GROUP, sa->rec.group->id) ?:
	      nla_put_u32(msg, XFRM_HA_A_SA_STATE, state) ?:
	      nla_put_u32(msg, XFRM_HA_A_SA_DIR, sa->outbound ?
			  XFRM_HA_DIR_OUT : XFRM_HA_DIR_IN) ?:
	      put_u64(msg, XFRM_HA_A_SA_INCARNATION, sa->rec.incarnation);
	if (!err && sa->rec.reason[0])
		err = nla_put_string(msg, XFRM_HA_A_SA_REASON, sa->rec.reason);
	if (err || !sa->x)
		return err;
	return put_sa_params(msg, sa->x) ?: put_sa_counters(msg, sa);
}

int xha_netlink_dump_groups(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct xha_net *xn = xha_net(sock_net(skb->sk));
	struct xha_group *g;
	long i = 0;
	void *hdr;

	mutex_lock(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (i++ < cb->args[0])
			continue;
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &xha_netlink_family, NLM_F_MULTI,
				  XFRM_HA_CMD_GROUP_GET);
		if (!hdr)
			break;
		if (xha_netlink_put_group(skb, g, g->cause)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0]++;
	}
	mutex_unlock(&xn->lock);
	return skb->len;
}

static int sa_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		       struct xha_sa *sa)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &xha_netlink_family, NLM_F_MULTI,
				XFRM_HA_CMD_SA_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (put_sa(skb, sa)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int sa_dump_group(struct sk_buff *skb, struct netlink_callback *cb,
			 struct xha_group *g, long *i)
{
	struct xha_rec *r;

	list_for_each_entry(r, &g->sas, list) {
		if ((*i)++ < cb->args[0])
			continue;
		if (sa_dump_one(skb, cb, xha_rec_sa(r)))
			return -EMSGSIZE;
		cb->args[0]++;
	}
	return 0;
}

/* SAs that come or go between two messages of a dump may be missed or twice. */
int xha_netlink_dump_sas(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct xha_net *xn = xha_net(sock_net(skb->sk));
	struct nlattr **a = xha_compat_dump_attrs(cb);
	u32 only = a && a[XFRM_HA_A_SA_GROUP] ?
		   nla_get_u32(a[XFRM_HA_A_SA_GROUP]) : 0;
	struct xha_group *g;
	long i = 0;

	mutex_lock(&xn->lock);
	list_for_each_entry(g, &xn->groups, list) {
		if (only && g->id != only)
			continue;
		if (sa_dump_group(skb, cb, g, &i))
			break;
	}
	mutex_unlock(&xn->lock);
	return skb->len;
}
