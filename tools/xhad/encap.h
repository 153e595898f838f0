/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The UDP socket that NAT-T needs (RFC 3948): without one that is set to
 * UDP_ENCAP_ESPINUDP on port 4500, the kernel hands no ESP-in-UDP to xfrm.
 *
 * An IKE daemon has its own, so this one stays away while a daemon has the
 * port. It is bound with SO_REUSEADDR, which daemons set as well, so that one
 * that starts later is not kept from its port; this one sees it in the socket
 * table within a second, or at the first IKE packet, and closes.
 *
 * It is opened before the VIP is on this node (IP_FREEBIND), so that a takeover
 * need not wait for it; a standby gets no packets to the VIP anyway.
 *
 * The kernel is told to hold the port as well, bound to no address, so that ESP
 * goes on while no helper is there; and after the module has gone there is
 * still this one.
 */
#ifndef XHA_ENCAP_H
#define XHA_ENCAP_H

#include <systemd/sd-event.h>

#include "conf.h"

struct xha_encap;

/**
 * struct xha_encap_ops - the kernel's part; families are what it knows, not VIPs
 * @kept: it holds the port for the family of @e, as far as told
 * @keep: tell it what the group wants now, @e->wanted included; 0 or -errno
 * @lost: it does not hold that port, whatever it was told
 */
struct xha_encap_ops {
	bool (*kept)(const struct xha_encap *e, void *arg);
	int (*keep)(const struct xha_encap *e, void *arg);
	void (*lost)(const struct xha_encap *e, void *arg);
};

/**
 * struct xha_encap - socket for one VIP
 * @vip: the address
 * @event: the loop
 * @ops: the kernel's part
 * @arg: for @ops
 * @wanted: no daemon has the port of this VIP
 * @fd: the socket, -1 while there is none
 * @err: why the last attempt to open it or to tell the kernel failed, -errno,
 *	or 0
 * @rx: readiness of @fd
 * @timer: looks for daemons that come or go
 */
struct xha_encap {
	struct xha_addr vip;
	sd_event *event;
	const struct xha_encap_ops *ops;
	void *arg;
	bool wanted;
	int fd;
	int err;
	sd_event_source *rx;
	sd_event_source *timer;
};

void xha_encap_init(struct xha_encap *e, sd_event *event,
		    const struct xha_addr *vip, const struct xha_encap_ops *ops,
		    void *arg);
void xha_encap_up(struct xha_encap *e);
void xha_encap_down(struct xha_encap *e);

#endif /* XHA_ENCAP_H */
