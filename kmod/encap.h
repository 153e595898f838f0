/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UDP port 4500 for ESP in UDP (RFC 3948). The helper holds it for its VIPs
 * where no IKE daemon does; the sockets here are for when it is not there, so
 * that an active node loses nothing when it dies or is started anew.
 *
 * They are bound to no address: the helper's, and a daemon's that starts later,
 * come before them.
 *
 * All with xha_net.lock held, process context, may sleep.
 */
#ifndef XHA_ENCAP_H
#define XHA_ENCAP_H

#include <linux/types.h>

struct netlink_ext_ack;
struct socket;
struct xha_group;
struct xha_net;

/**
 * struct xha_encaps - sockets of a namespace
 * @v4: for IPv4, set to encapsulation; NULL: no group wants it
 * @v6: for IPv6
 */
struct xha_encaps {
	struct socket	*v4;
	struct socket	*v6;
};

/**
 * xha_encap_set() - hold the port for a group
 * @families: mask of XFRM_HA_ENCAP_*, replaces what the group had before
 *
 * Return: 0; what binding said: -EADDRINUSE where a socket without SO_REUSEADDR
 * has the port; -ENOMEM. Nothing has changed on error.
 */
int xha_encap_set(struct xha_group *g, u32 families,
		  struct netlink_ext_ack *extack);

/* A group has left the list: release what was its alone. */
void xha_encap_sweep(struct xha_net *xn);

#endif /* XHA_ENCAP_H */
