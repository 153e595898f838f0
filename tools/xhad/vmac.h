/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The macvlans that carry virtual MAC addresses: made, found again, removed.
 * vmac_plan.h says what they are.
 */
#ifndef XHA_VMAC_H
#define XHA_VMAC_H

#include "vmac_plan.h"

struct nl_sock;

/* Whether a macvlan of that name is still wanted. */
typedef bool (*xha_vmac_wanted_fn)(const char *ifname, void *arg);

int xha_vmac_ensure(struct nl_sock *sk, const struct xha_vmac_want *want,
		    const char *parent, struct xha_vmac *vmac);
int xha_vmac_set_up(struct nl_sock *sk, const struct xha_vmac *vmac, bool up);
void xha_vmac_remove(struct nl_sock *sk, const char *ifname);
unsigned int xha_vmac_sweep(struct nl_sock *sk, xha_vmac_wanted_fn wanted,
			    void *arg);

#endif /* XHA_VMAC_H */
