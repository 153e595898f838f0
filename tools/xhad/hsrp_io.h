/* SPDX-License-Identifier: GPL-2.0-only */
/* HSRP on sockets and timers: UDP to the routers of a LAN. */
#ifndef HSRP_IO_H
#define HSRP_IO_H

#include "elect_io.h"
#include "hsrp.h"

extern const struct hsrp_io_ops hsrp_io_ops;

void hsrp_io_init(struct elect_io *io, struct hsrp *h, sd_event *event);

#endif /* HSRP_IO_H */
