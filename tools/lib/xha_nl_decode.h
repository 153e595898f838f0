/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of the family xfrm_ha to plain structs; no I/O. */
#ifndef XHA_NL_DECODE_H
#define XHA_NL_DECODE_H

#include "xha_nl.h"

struct nlmsghdr;

int xha_nl_decode_peer(struct nlmsghdr *nlh, struct xha_nl_peer *peer);
int xha_nl_decode_group(struct nlmsghdr *nlh, struct xha_nl_group *group,
			__u32 *event);
int xha_nl_decode_sa(struct nlmsghdr *nlh, struct xha_nl_sa *sa);
int xha_nl_decode_tunable(struct nlmsghdr *nlh, struct xha_nl_tunable *tunable);

#endif /* XHA_NL_DECODE_H */
