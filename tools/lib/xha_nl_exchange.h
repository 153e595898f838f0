/* SPDX-License-Identifier: GPL-2.0-only */
/* A request to the kernel and its answers, for the files of this library. */
#ifndef XHA_NL_EXCHANGE_H
#define XHA_NL_EXCHANGE_H

#include <netlink/netlink.h>

#include "xha_nl.h"

struct xha_nl {
	struct nl_sock *sk;
	struct nl_sock *ev;
	int family;
	int mcgrp;
	char error[256];
};

/* One request under way: who reads its answers, and how it ended. */
struct xha_nl_exchange {
	struct xha_nl *nl;
	int (*take)(struct xha_nl_exchange *x, struct nlmsghdr *nlh);
	void *result;
	void *arg;
	unsigned int seq;
	unsigned int n;
	bool done;
	int err;
};

/* A message of that command without attributes, or NULL. */
struct nl_msg *xha_nl_msg(struct xha_nl *nl, int cmd, int flags);

/* Frees @msg, which may be NULL; what to return where there is no memory. */
int xha_nl_no_room(struct xha_nl *nl, struct nl_msg *msg);

/* Sends @msg, frees it, and reads until the kernel has answered in full. */
int xha_nl_transact(struct xha_nl_exchange *x, struct nl_msg *msg);

#endif /* XHA_NL_EXCHANGE_H */
