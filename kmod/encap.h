/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UDP port 4500 of VIPs, for ESP in UDP (RFC 3948). The helper holds it where
 * no IKE daemon does; these sockets are there while it is not, so that an
 * active node loses nothing when it dies or is started anew. It says which of
 * them are wanted, and takes them away for a daemon.
 *
 * All with xha_net.lock held, process context, may sleep.
 */
#ifndef XHA_ENCAP_H
#define XHA_ENCAP_H

#include "uapi/linux/xfrm_ha.h"

struct netlink_ext_ack;
struct socket;
struct xha_group;
struct xha_ip;

/**
 * struct xha_encaps - sockets of a group
 * @sock: of the VIP at the same place, bound and set to encapsulation; NULL:
 *	not wanted
 */
struct xha_encaps {
	struct socket	*sock[XFRM_HA_MAX_VIPS];
};

/**
 * xha_encap_set() - hold the port of these addresses, and of no others
 * @ips: each a VIP of the group
 *
 * Return: 0; -EADDRNOTAVAIL where one is no VIP; what binding said: -EADDRINUSE
 * where a socket without SO_REUSEADDR has the port; -ENOMEM. Nothing has
 * changed on error.
 */
int xha_encap_set(struct xha_group *g, const struct xha_ip *ips, unsigned int n,
		  struct netlink_ext_ack *extack);

/* The VIPs are about to be replaced, or the group goes: hold none. */
void xha_encap_clear(struct xha_group *g);

#endif /* XHA_ENCAP_H */
