/* SPDX-License-Identifier: GPL-2.0-only */
/* What a role needs of this machine and its kernel, for real. */
#ifndef XHA_HOST_H
#define XHA_HOST_H

#include "xhad.h"

extern const struct xha_kernel_ops xha_host_kernel_ops;
extern const struct xha_host_ops xha_host_ops;

void xha_host_announce_later(struct xhad_group *g);

#endif /* XHA_HOST_H */
