/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets and timers of VRRP instances, on an sd-event loop. */
#ifndef VRRP_IO_H
#define VRRP_IO_H

#include <systemd/sd-event.h>

#include "vrrp.h"

/**
 * struct vrrp_io - one instance's socket and timers
 * @event: the loop
 * @fd: raw socket, -1 while closed; needs CAP_NET_RAW, which xhad keeps
 * @vmac_fd: another one on the macvlan, to send by; -1 while closed
 * @vmac_ifindex: the macvlan it was opened on
 * @rx: readiness of @fd
 * @timers: one for each enum vrrp_timer, made on first use
 * @touched: times each was started or stopped
 * @stalls: times in a row that the master down timer came late
 */
struct vrrp_io {
	sd_event *event;
	int fd;
	int vmac_fd;
	unsigned int vmac_ifindex;
	sd_event_source *rx;
	sd_event_source *timers[VRRP_TIMER_END];
	unsigned int touched[VRRP_TIMER_END];
	unsigned int stalls;
};

extern const struct vrrp_io_ops vrrp_io_ops;

void vrrp_io_init(struct vrrp_io *io, struct vrrp *v, sd_event *event);
void vrrp_io_exit(struct vrrp_io *io);

#endif /* VRRP_IO_H */
