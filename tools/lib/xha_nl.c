// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "xha_nl.h"
#include "xha_nl_decode.h"
#include "xha_nl_exchange.h"

#define RX_SIZE		65536
/* Room for a burst of notifications while the helper is in a command. */
#define EVENT_RCVBUF	1048576

static int errno_of_nle(int nle)
{
	switch (nle < 0 ? -nle : nle) {
	case NLE_SUCCESS:
		return 0;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_AGAIN:
		return -EAGAIN;
	case NLE_PERM:
		return -EPERM;
	case NLE_INTR:
		return -EINTR;
	case NLE_MSGSIZE:
		return -EMSGSIZE;
	case NLE_PROTO_MISMATCH:
	case NLE_AF_NOSUPPORT:
		return -EPROTONOSUPPORT;
	default:
		return -EIO;
	}
}

static void set_error(struct xha_nl *nl, const char *text)
{
	snprintf(nl->error, sizeof(nl->error), "%s", text);
}

/* The text beside an error lies behind the request, if that is echoed. */
static void take_extack(struct xha_nl *nl, const struct nlmsgerr *err)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)err - 1;
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t off = sizeof(*nlh) + sizeof(*err);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		off += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	if (off >= nlh->nlmsg_len)
		return;
	if (nla_parse(tb, NLMSGERR_ATTR_MAX,
		      (struct nlattr *)((char *)nlh + off),
		      nlh->nlmsg_len - off, NULL) < 0)
		return;
	if (tb[NLMSGERR_ATTR_MSG])
		snprintf(nl->error, sizeof(nl->error), "%.*s",
			 nla_len(tb[NLMSGERR_ATTR_MSG]),
			 (char *)nla_data(tb[NLMSGERR_ATTR_MSG]));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct xha_nl_exchange *x = arg;

	x->err = err->error;
	x->done = true;
	set_error(x->nl, strerror(-err->error));
	take_extack(x->nl, err);
	return NL_STOP;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	struct xha_nl_exchange *x = arg;
	struct nlmsghdr *nlh = nlmsg_hdr(msg);

	/* A dump that fails in its midst says so in the final message. */
	if (nlh->nlmsg_type == NLMSG_DONE &&
	    nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(int))) {
		int err = *(int *)NLMSG_DATA(nlh);

		if (err < 0) {
			x->err = err;
			set_error(x->nl, strerror(-err));
		}
	}
	x->done = true;
	return NL_STOP;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct xha_nl_exchange *x = arg;
	int err;

	if (!x->take || x->err)
		return NL_OK;
	err = x->take(x, nlmsg_hdr(msg));
	if (err && !x->err) {
		x->err = err;
		if (err == -EBADMSG)
			set_error(x->nl, "malformed answer of the kernel");
	}
	x->n++;
	return NL_OK;
}

/* Answers to a request that was given up earlier are not ours to read. */
static int on_seq(struct nl_msg *msg, void *arg)
{
	struct xha_nl_exchange *x = arg;

	return nlmsg_hdr(msg)->nlmsg_seq == x->seq ? NL_OK : NL_SKIP;
}

/* A change during a dump at most shows one object of before or after it. */
static int on_intr(struct nl_msg *msg, void *arg)
{
	return NL_OK;
}

static int receive(struct xha_nl *nl, struct xha_nl_exchange *x)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int rc;

	if (!cb)
		return -ENOMEM;
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_end, x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_end, x);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, x);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_seq, x);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_intr, x);
	while (!x->done) {
		rc = nl_recvmsgs(nl->sk, cb);
		if (rc < 0 && rc != -NLE_INTR && rc != -NLE_DUMP_INTR &&
		    !x->done) {
			x->err = errno_of_nle(rc);
			set_error(nl, nl_geterror(rc));
			break;
		}
	}
	nl_cb_put(cb);
	return x->err;
}

struct nl_msg *xha_nl_msg(struct xha_nl *nl, int cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);

	nl->error[0] = '\0';
	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0,
			 flags | NLM_F_REQUEST | NLM_F_ACK, cmd,
			 XFRM_HA_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int xha_nl_transact(struct xha_nl_exchange *x, struct nl_msg *msg)
{
	struct xha_nl *nl = x->nl;
	int rc;

	rc = nl_send_auto(nl->sk, msg);
	x->seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	if (rc < 0) {
		set_error(nl, nl_geterror(rc));
		return errno_of_nle(rc);
	}
	return receive(nl, x);
}

int xha_nl_no_room(struct xha_nl *nl, struct nl_msg *msg)
{
	nlmsg_free(msg);
	set_error(nl, strerror(ENOMEM));
	return -ENOMEM;
}

static int request_id(struct xha_nl *nl, int cmd, int attr, __u32 id)
{
	struct xha_nl_exchange x = { .nl = nl };
	struct nl_msg *msg = xha_nl_msg(nl, cmd, 0);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (nla_put_u32(msg, attr, id))
		return xha_nl_no_room(nl, msg);
	return xha_nl_transact(&x, msg);
}

/**
 * xha_nl_open - connect to the kernel's family xfrm_ha
 * @nlp: the client, to be freed by xha_nl_close(); NULL on failure
 *
 * Return: 0, -ENOENT when the kernel has no such family (the module is not
 * loaded), -ENOMEM, or what opening a netlink socket gave.
 */
int xha_nl_open(struct xha_nl **nlp)
{
	struct xha_nl *nl;
	int one = 1;
	int rc;

	*nlp = NULL;
	nl = calloc(1, sizeof(*nl));
	if (!nl)
		return -ENOMEM;
	nl->sk = nl_socket_alloc();
	rc = nl->sk ? genl_connect(nl->sk) : -NLE_NOMEM;
	if (rc < 0)
		goto err_close;
	nl_socket_set_msg_buf_size(nl->sk, RX_SIZE);
	/* Without it errors come without their text, which is bearable. */
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_EXT_ACK,
		   &one, sizeof(one));
	rc = genl_ctrl_resolve(nl->sk, XFRM_HA_FAMILY_NAME);
	if (rc < 0)
		goto err_close;
	nl->family = rc;
	*nlp = nl;
	return 0;

err_close:
	xha_nl_close(nl);
	return errno_of_nle(rc);
}

/**
 * xha_nl_close - close the sockets and free the client
 * @nl: the client, or NULL
 */
void xha_nl_close(struct xha_nl *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->ev);
	nl_socket_free(nl->sk);
	free(nl);
}

/**
 * xha_nl_error - what the last failed call was told
 * @nl: the client
 *
 * Return: the kernel's own words where it gave some, else those of the errno;
 * empty after success. Valid until the next call.
 */
const char *xha_nl_error(const struct xha_nl *nl)
{
	return nl->error;
}

static int put_addrs(struct nl_msg *msg, int type, const struct xha_addr *a,
		     unsigned int n)
{
	struct nlattr *nest = nla_nest_start(msg, type | NLA_F_NESTED);
	unsigned int i;

	if (!nest)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		if (nla_put(msg, XFRM_HA_A_ITEM_ADDR, a[i].len, a[i].b))
			return -ENOMEM;
	/* An empty list is a value here. */
	nla_nest_end_keep_empty(msg, nest);
	return 0;
}

static int put_nonzero(struct nl_msg *msg, int type, __u32 value)
{
	return value ? nla_put_u32(msg, type, value) : 0;
}

/**
 * xha_nl_peer_set - configure or replace the channel (PEER_SET)
 * @nl: the client
 * @conf: the channel; the kernel keeps a running one that has it already
 *
 * Return: 0 or the kernel's errno.
 */
int xha_nl_peer_set(struct xha_nl *nl, const struct xha_nl_peer_conf *conf)
{
	struct xha_nl_exchange x = { .nl = nl };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_PEER_SET, 0);
	int err;

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (put_addrs(msg, XFRM_HA_A_PEER_LOCAL, conf->local, conf->n_local) ||
	    put_addrs(msg, XFRM_HA_A_PEER_REMOTE, conf->remote,
		      conf->n_remote) ||
	    nla_put_u16(msg, XFRM_HA_A_PEER_LOCAL_PORT, conf->local_port) ||
	    nla_put_u16(msg, XFRM_HA_A_PEER_REMOTE_PORT, conf->remote_port) ||
	    put_nonzero(msg, XFRM_HA_A_PEER_RTO_MIN, conf->rto_min) ||
	    put_nonzero(msg, XFRM_HA_A_PEER_RTO_MAX, conf->rto_max) ||
	    put_nonzero(msg, XFRM_HA_A_PEER_PATH_RTX, conf->path_rtx) ||
	    put_nonzero(msg, XFRM_HA_A_PEER_ASSOC_RTX, conf->assoc_rtx) ||
	    nla_put_u32(msg, XFRM_HA_A_PEER_SECURITY, conf->security) ||
	    (*conf->security_dev &&
	     nla_put_string(msg, XFRM_HA_A_PEER_SECURITY_DEV,
			    conf->security_dev)) ||
	    nla_put(msg, XFRM_HA_A_PEER_KEY, conf->key_len, conf->key)) {
		explicit_bzero(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
		return xha_nl_no_room(nl, msg);
	}
	nlmsg_get(msg);
	err = xha_nl_transact(&x, msg);
	/* The message held the key. */
	explicit_bzero(nlmsg_data(nlmsg_hdr(msg)),
		       nlmsg_datalen(nlmsg_hdr(msg)));
	nlmsg_free(msg);
	return err;
}

/**
 * xha_nl_peer_del - close and forget the channel (PEER_DEL)
 * @nl: the client
 *
 * Return: 0 or the kernel's errno.
 */
int xha_nl_peer_del(struct xha_nl *nl)
{
	struct xha_nl_exchange x = { .nl = nl };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_PEER_DEL, 0);

	return msg ? xha_nl_transact(&x, msg) : xha_nl_no_room(nl, NULL);
}

static int take_peer(struct xha_nl_exchange *x, struct nlmsghdr *nlh)
{
	return xha_nl_decode_peer(nlh, x->result);
}

static int take_group(struct xha_nl_exchange *x, struct nlmsghdr *nlh)
{
	return xha_nl_decode_group(nlh, x->result, NULL);
}

/* An ack alone would leave the result unset. */
static int need_answer(struct xha_nl_exchange *x, int err)
{
	if (!err && !x->n) {
		set_error(x->nl, "the kernel gave no answer");
		return -ENODATA;
	}
	return err;
}

/**
 * xha_nl_peer_get - read the state of the channel (PEER_GET)
 * @nl: the client
 * @peer: result; state is XFRM_HA_PEER_STATE_NONE when not configured
 *
 * Return: 0 or the kernel's errno.
 */
int xha_nl_peer_get(struct xha_nl *nl, struct xha_nl_peer *peer)
{
	struct xha_nl_exchange x = { .nl = nl, .take = take_peer, .result = peer };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_PEER_GET, 0);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	return need_answer(&x, xha_nl_transact(&x, msg));
}

static int put_neighs(struct nl_msg *msg, const struct xha_nl_neigh *neighs,
		      unsigned int n)
{
	struct nlattr *list, *item;
	unsigned int i;

	list = nla_nest_start(msg, XFRM_HA_A_GROUP_NEIGHS | NLA_F_NESTED);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		item = nla_nest_start(msg, XFRM_HA_A_ITEM_NEIGH | NLA_F_NESTED);
		if (!item ||
		    nla_put_u32(msg, XFRM_HA_A_NEIGH_IFINDEX,
				neighs[i].ifindex) ||
		    nla_put(msg, XFRM_HA_A_NEIGH_ADDR, neighs[i].addr.len,
			    neighs[i].addr.b))
			return -ENOMEM;
		nla_nest_end(msg, item);
	}
	nla_nest_end_keep_empty(msg, list);
	return 0;
}

static int put_prefixes(struct nl_msg *msg, const struct xha_prefix *prefixes,
			unsigned int n)
{
	struct nlattr *list, *item;
	unsigned int i;

	list = nla_nest_start(msg, XFRM_HA_A_GROUP_PROTECT | NLA_F_NESTED);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		item = nla_nest_start(msg, XFRM_HA_A_ITEM_PREFIX | NLA_F_NESTED);
		if (!item ||
		    nla_put(msg, XFRM_HA_A_PREFIX_ADDR, prefixes[i].addr.len,
			    prefixes[i].addr.b) ||
		    nla_put_u32(msg, XFRM_HA_A_PREFIX_LEN, prefixes[i].len))
			return -ENOMEM;
		nla_nest_end(msg, item);
	}
	nla_nest_end_keep_empty(msg, list);
	return 0;
}

static int group_conf(struct xha_nl *nl, int cmd,
		      const struct xha_nl_group_conf *conf)
{
	struct xha_nl_exchange x = { .nl = nl };
	struct nl_msg *msg = xha_nl_msg(nl, cmd, 0);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (nla_put_u32(msg, XFRM_HA_A_GROUP_ID, conf->id) ||
	    (conf->name &&
	     nla_put_string(msg, XFRM_HA_A_GROUP_NAME, conf->name)) ||
	    (conf->set_vips &&
	     put_addrs(msg, XFRM_HA_A_GROUP_VIPS, conf->vips, conf->n_vips)) ||
	    (conf->set_neighs &&
	     put_neighs(msg, conf->neighs, conf->n_neighs)) ||
	    (conf->set_prefixes &&
	     put_prefixes(msg, conf->prefixes, conf->n_prefixes)) ||
	    put_nonzero(msg, XFRM_HA_A_GROUP_INTERVAL_IN, conf->interval_in) ||
	    put_nonzero(msg, XFRM_HA_A_GROUP_INTERVAL_OUT, conf->interval_out) ||
	    (conf->set_strict &&
	     nla_put_u32(msg, XFRM_HA_A_GROUP_STRICT, conf->strict)) ||
	    (conf->set_encap &&
	     nla_put_u32(msg, XFRM_HA_A_GROUP_ENCAP, conf->encap)) ||
	    (conf->set_hearing &&
	     nla_put_u32(msg, XFRM_HA_A_GROUP_HEARING, conf->hearing)))
		return xha_nl_no_room(nl, msg);
	return xha_nl_transact(&x, msg);
}

/**
 * xha_nl_group_new - create a group in role init (GROUP_NEW)
 * @nl: the client
 * @conf: the group
 *
 * Return: 0, -EEXIST when a group has that id, or the kernel's errno.
 */
int xha_nl_group_new(struct xha_nl *nl, const struct xha_nl_group_conf *conf)
{
	return group_conf(nl, XFRM_HA_CMD_GROUP_NEW, conf);
}

/**
 * xha_nl_group_set - change a group (GROUP_SET)
 * @nl: the client
 * @conf: what to change; the rest is left alone
 *
 * Return: 0, -ENOENT when no group has that id, or the kernel's errno.
 */
int xha_nl_group_set(struct xha_nl *nl, const struct xha_nl_group_conf *conf)
{
	return group_conf(nl, XFRM_HA_CMD_GROUP_SET, conf);
}

/**
 * xha_nl_group_del - forget a group (GROUP_DEL)
 * @nl: the client
 * @id: the group
 * @force: leave policies behind that block what it protects
 *
 * Return: 0, -ENOENT when no group has that id, -EBUSY where only force would
 * do, or the kernel's errno.
 */
int xha_nl_group_del(struct xha_nl *nl, __u32 id, bool force)
{
	struct xha_nl_exchange x = { .nl = nl };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_GROUP_DEL, 0);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (nla_put_u32(msg, XFRM_HA_A_GROUP_ID, id) ||
	    (force && nla_put_flag(msg, XFRM_HA_A_GROUP_FORCE)))
		return xha_nl_no_room(nl, msg);
	return xha_nl_transact(&x, msg);
}

/**
 * xha_nl_group_get - read one group (GROUP_GET)
 * @nl: the client
 * @id: the group
 * @group: result
 *
 * Return: 0, -ENOENT when no group has that id, or the kernel's errno.
 */
int xha_nl_group_get(struct xha_nl *nl, __u32 id, struct xha_nl_group *group)
{
	struct xha_nl_exchange x = { .nl = nl, .take = take_group, .result = group };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_GROUP_GET, 0);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (nla_put_u32(msg, XFRM_HA_A_GROUP_ID, id))
		return xha_nl_no_room(nl, msg);
	return need_answer(&x, xha_nl_transact(&x, msg));
}

/* What a dump calls for each object. */
struct dump_fn {
	xha_nl_group_fn group;
	xha_nl_sa_fn sa;
	void *arg;
};

static int take_dumped_group(struct xha_nl_exchange *x, struct nlmsghdr *nlh)
{
	struct dump_fn *fn = x->arg;
	struct xha_nl_group group;
	int err = xha_nl_decode_group(nlh, &group, NULL);

	return err ? err : fn->group(&group, fn->arg);
}

static int take_dumped_sa(struct xha_nl_exchange *x, struct nlmsghdr *nlh)
{
	struct dump_fn *fn = x->arg;
	struct xha_nl_sa sa;
	int err = xha_nl_decode_sa(nlh, &sa);

	return err ? err : fn->sa(&sa, fn->arg);
}

/**
 * xha_nl_group_dump - read all groups (GROUP_GET)
 * @nl: the client
 * @fn: called for each; must not use @nl
 * @arg: passed to @fn
 *
 * Return: 0, what @fn returned if not 0, or the kernel's errno.
 */
int xha_nl_group_dump(struct xha_nl *nl, xha_nl_group_fn fn, void *arg)
{
	struct dump_fn f = { .group = fn, .arg = arg };
	struct xha_nl_exchange x = { .nl = nl, .take = take_dumped_group, .arg = &f };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_GROUP_GET, NLM_F_DUMP);

	return msg ? xha_nl_transact(&x, msg) : xha_nl_no_room(nl, NULL);
}

/**
 * xha_nl_sa_dump - read the SAs of one group or of all (SA_GET)
 * @nl: the client
 * @id: the group, 0 for all
 * @fn: called for each; must not use @nl
 * @arg: passed to @fn
 *
 * Return: 0, what @fn returned if not 0, or the kernel's errno (-EPERM
 * without CAP_NET_ADMIN).
 */
int xha_nl_sa_dump(struct xha_nl *nl, __u32 id, xha_nl_sa_fn fn, void *arg)
{
	struct dump_fn f = { .sa = fn, .arg = arg };
	struct xha_nl_exchange x = { .nl = nl, .take = take_dumped_sa, .arg = &f };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_SA_GET, NLM_F_DUMP);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (put_nonzero(msg, XFRM_HA_A_SA_GROUP, id))
		return xha_nl_no_room(nl, msg);
	return xha_nl_transact(&x, msg);
}

/**
 * xha_nl_role_set - take a role (ROLE_SET)
 * @nl: the client
 * @id: the group
 * @role: XFRM_HA_ROLE_STANDBY or XFRM_HA_ROLE_ACTIVE
 *
 * Blocks until the role is taken: on success as active, all SAs are adopted.
 *
 * Return: 0 or the kernel's errno.
 */
int xha_nl_role_set(struct xha_nl *nl, __u32 id, __u32 role)
{
	struct xha_nl_exchange x = { .nl = nl };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_ROLE_SET, 0);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (nla_put_u32(msg, XFRM_HA_A_GROUP_ID, id) ||
	    nla_put_u32(msg, XFRM_HA_A_GROUP_ROLE, role))
		return xha_nl_no_room(nl, msg);
	return xha_nl_transact(&x, msg);
}

/**
 * xha_nl_handover - begin to give the role to the hot peer (HANDOVER)
 * @nl: the client
 * @id: the group
 *
 * The outcome comes as XFRM_HA_EVENT_HANDOVER_DONE or _FAILED.
 *
 * Return: 0 when begun, or the kernel's errno.
 */
int xha_nl_handover(struct xha_nl *nl, __u32 id)
{
	return request_id(nl, XFRM_HA_CMD_HANDOVER, XFRM_HA_A_GROUP_ID, id);
}

/**
 * xha_nl_verify - have a standby compare itself with the active (VERIFY)
 * @nl: the client
 * @id: the group
 *
 * The outcome is the next rise of verified or repairs of the group.
 *
 * Return: 0 when asked; -EPERM where the node is no standby; -EAGAIN while it
 * is not synchronised; or another errno of the kernel.
 */
int xha_nl_verify(struct xha_nl *nl, __u32 id)
{
	return request_id(nl, XFRM_HA_CMD_VERIFY, XFRM_HA_A_GROUP_ID, id);
}

/**
 * xha_nl_resync - have a standby ask for everything again (RESYNC)
 * @nl: the client
 * @id: the group
 *
 * Return: 0; -EPERM where the node is no standby; or the kernel's errno.
 */
int xha_nl_resync(struct xha_nl *nl, __u32 id)
{
	return request_id(nl, XFRM_HA_CMD_RESYNC, XFRM_HA_A_GROUP_ID, id);
}

/**
 * xha_nl_fenced - say that the peer can send nothing any more (FENCED)
 * @nl: the client
 * @id: the group
 *
 * Return: 0, also where the group was not bounded; -EBUSY while the peer is
 * connected; or another errno of the kernel.
 */
int xha_nl_fenced(struct xha_nl *nl, __u32 id)
{
	return request_id(nl, XFRM_HA_CMD_FENCED, XFRM_HA_A_GROUP_ID, id);
}

/**
 * xha_nl_vip_up - say that the VIPs of a group answer here (VIP_UP)
 * @nl: the client
 * @id: the group
 *
 * Return: 0 or the kernel's errno.
 */
int xha_nl_vip_up(struct xha_nl *nl, __u32 id)
{
	return request_id(nl, XFRM_HA_CMD_VIP_UP, XFRM_HA_A_GROUP_ID, id);
}

/**
 * xha_nl_subscribe - open the socket for notifications
 * @nl: the client; once per client
 *
 * Return: 0, -EALREADY, -ENOENT when the kernel has no such group, or -errno.
 */
int xha_nl_subscribe(struct xha_nl *nl)
{
	int rc;

	if (nl->ev)
		return -EALREADY;
	rc = genl_ctrl_resolve_grp(nl->sk, XFRM_HA_FAMILY_NAME,
				   XFRM_HA_MCGRP_EVENTS);
	if (rc < 0)
		goto err;
	nl->mcgrp = rc;
	nl->ev = nl_socket_alloc();
	rc = nl->ev ? genl_connect(nl->ev) : -NLE_NOMEM;
	if (!rc)
		rc = nl_socket_set_buffer_size(nl->ev, EVENT_RCVBUF, 0);
	if (!rc)
		rc = nl_socket_set_nonblocking(nl->ev);
	if (!rc)
		rc = nl_socket_add_membership(nl->ev, nl->mcgrp);
	if (!rc)
		return 0;
	nl_socket_free(nl->ev);
	nl->ev = NULL;
err:
	set_error(nl, nl_geterror(rc));
	return errno_of_nle(rc);
}

/**
 * xha_nl_event_fd - descriptor that polls readable when events wait
 * @nl: the client
 *
 * Return: the descriptor, or -EBADF before xha_nl_subscribe().
 */
int xha_nl_event_fd(const struct xha_nl *nl)
{
	return nl->ev ? nl_socket_get_fd(nl->ev) : -EBADF;
}

static void take_event(struct xha_nl *nl, struct nlmsghdr *nlh,
		       xha_nl_event_fn fn, void *arg)
{
	struct genlmsghdr *genl;
	struct xha_nl_event ev;
	int err;

	if (nlh->nlmsg_type != nl->family ||
	    nlh->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return;
	genl = NLMSG_DATA(nlh);
	memset(&ev, 0, sizeof(ev));
	ev.cmd = genl->cmd;
	if (ev.cmd == XFRM_HA_CMD_GROUP_NTF)
		err = xha_nl_decode_group(nlh, &ev.group, &ev.event);
	else if (ev.cmd == XFRM_HA_CMD_PEER_NTF)
		err = xha_nl_decode_peer(nlh, &ev.peer);
	else
		return;
	if (!err)
		fn(&ev, arg);
}

/**
 * xha_nl_event_read - read the notifications that wait
 * @nl: the client, subscribed
 * @fn: called for each; may use @nl for commands
 * @arg: passed to @fn
 *
 * Never blocks.
 *
 * Return: 0, -ENOBUFS when notifications were lost (read the state anew), or
 * another -errno of the socket.
 */
int xha_nl_event_read(struct xha_nl *nl, xha_nl_event_fn fn, void *arg)
{
	static __u32 buf[RX_SIZE / sizeof(__u32)];
	struct sockaddr_nl from = { 0 };
	socklen_t from_len;
	struct nlmsghdr *nlh;
	ssize_t n;
	int left;

	for (;;) {
		from_len = sizeof(from);
		n = recvfrom(xha_nl_event_fd(nl), buf, sizeof(buf), 0,
			     (struct sockaddr *)&from, &from_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		/* Any process may send here; only the kernel is believed. */
		if (from.nl_pid)
			continue;
		left = n;
		nlh = (struct nlmsghdr *)buf;
		for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left))
			take_event(nl, nlh, fn, arg);
	}
}
