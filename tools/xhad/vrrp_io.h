/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VRRP on sockets and timers: raw sockets, which need CAP_NET_RAW; xhad keeps
 * that.
 */
#ifndef VRRP_IO_H
#define VRRP_IO_H

#include "elect_io.h"
#include "vrrp.h"

extern const struct vrrp_io_ops vrrp_io_ops;

void vrrp_io_init(struct elect_io *io, struct vrrp *v, sd_event *event);

#endif /* VRRP_IO_H */
