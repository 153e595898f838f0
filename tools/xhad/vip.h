/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual addresses on interfaces. */
#ifndef XHA_VIP_H
#define XHA_VIP_H

#include "conf.h"

struct nl_sock;

int xha_vip_open(struct nl_sock **sk);
void xha_vip_close(struct nl_sock *sk);
bool xha_vip_has(unsigned int ifindex, const struct xha_conf_vip *vip);
int xha_vip_add(struct nl_sock *sk, unsigned int ifindex, unsigned int lan,
		const struct xha_conf_vip *vip);
int xha_vip_del(struct nl_sock *sk, unsigned int ifindex,
		const struct xha_conf_vip *vip);

#endif /* XHA_VIP_H */
