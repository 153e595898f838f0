/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets and timers of HSRP instances, on an sd-event loop. */
#ifndef HSRP_IO_H
#define HSRP_IO_H

#include <systemd/sd-event.h>

#include "hsrp.h"

/**
 * struct hsrp_io - one instance's socket and timers
 * @event: the loop
 * @fd: UDP socket, -1 while closed
 * @vmac_fd: another one on the macvlan, to send by; -1 while closed
 * @vmac_ifindex: the macvlan it was opened on
 * @rx: readiness of @fd
 * @timers: one for each enum hsrp_timer, made on first use
 * @touched: times each was started or stopped
 * @stalls: times in a row that the active timer came late
 */
struct hsrp_io {
	sd_event *event;
	int fd;
	int vmac_fd;
	unsigned int vmac_ifindex;
	sd_event_source *rx;
	sd_event_source *timers[HSRP_TIMER_END];
	unsigned int touched[HSRP_TIMER_END];
	unsigned int stalls;
};

extern const struct hsrp_io_ops hsrp_io_ops;

void hsrp_io_init(struct hsrp_io *io, struct hsrp *h, sd_event *event);
void hsrp_io_exit(struct hsrp_io *io);

#endif /* HSRP_IO_H */
