/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel holds of port 4500 for the groups of this helper: a family at
 * a time, while any VIP of a group wants it (kmod/encap.c).
 */
#ifndef XHA_ENCAP_KERNEL_H
#define XHA_ENCAP_KERNEL_H

#include "encap.h"

struct xhad_group;

/* For xha_encap_init(), whose arg is the struct xhad_group then. */
extern const struct xha_encap_ops xha_encap_kernel_ops;

/**
 * xha_encap_kernel_resume - learn what the kernel holds since an earlier run
 * @g: group, which the kernel has; its sockets are initialised and not up
 *
 * Return: 0, or -errno of xha_nl_group_get().
 */
int xha_encap_kernel_resume(struct xhad_group *g);

#endif /* XHA_ENCAP_KERNEL_H */
