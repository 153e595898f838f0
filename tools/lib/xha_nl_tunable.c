// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include <netlink/netlink.h>
#include <netlink/attr.h>

#include "xha_nl.h"
#include "xha_nl_decode.h"
#include "xha_nl_exchange.h"

/* What a dump calls for each tunable. */
struct each {
	xha_nl_tunable_fn fn;
	void *arg;
};

static int take_tunable(struct xha_nl_exchange *x, struct nlmsghdr *nlh)
{
	struct each *each = x->arg;
	struct xha_nl_tunable tunable;
	int err = xha_nl_decode_tunable(nlh, &tunable);

	return err ? err : each->fn(&tunable, each->arg);
}

/**
 * xha_nl_tunables - read all tunables of this namespace (TUNABLE_GET)
 * @nl: the client
 * @fn: called for each; must not use @nl
 * @arg: passed to @fn
 *
 * Return: 0, what @fn returned if not 0, or the kernel's errno.
 */
int xha_nl_tunables(struct xha_nl *nl, xha_nl_tunable_fn fn, void *arg)
{
	struct each each = { .fn = fn, .arg = arg };
	struct xha_nl_exchange x = { .nl = nl, .take = take_tunable, .arg = &each };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_TUNABLE_GET, NLM_F_DUMP);

	return msg ? xha_nl_transact(&x, msg) : xha_nl_no_room(nl, NULL);
}

/**
 * xha_nl_tunable_set - give a tunable a value (TUNABLE_SET)
 * @nl: the client
 * @name: which, in full
 * @value: in its unit
 *
 * Return: 0, -ENOENT where there is none of that name, -ERANGE beyond its
 * limits, -EPERM without CAP_NET_ADMIN, or another errno of the kernel.
 */
int xha_nl_tunable_set(struct xha_nl *nl, const char *name, __u32 value)
{
	struct xha_nl_exchange x = { .nl = nl };
	struct nl_msg *msg = xha_nl_msg(nl, XFRM_HA_CMD_TUNABLE_SET, 0);

	if (!msg)
		return xha_nl_no_room(nl, NULL);
	if (nla_put_string(msg, XFRM_HA_A_TUNABLE_NAME, name) ||
	    nla_put_u32(msg, XFRM_HA_A_TUNABLE_VALUE, value))
		return xha_nl_no_room(nl, msg);
	return xha_nl_transact(&x, msg);
}
