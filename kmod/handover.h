/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Planned hand-over of the active role. All with xha_net.lock held.
 */
#ifndef XHA_HANDOVER_H
#define XHA_HANDOVER_H

#include "wire.h"

struct netlink_ext_ack;
struct xha_group;
struct xha_net;

/**
 * xha_handover_start() - ask the peer to take the group
 * Return: 0, the outcome follows as an event; -EPERM where this node is not
 * active; -EBUSY while one is under way; -ENOTCONN or -EAGAIN where the peer
 * is not there or not hot.
 */
int xha_handover_start(struct xha_group *g, struct netlink_ext_ack *extack);

/* User space: the VIPs answer here. -EINVAL where nobody waits for that. */
int xha_handover_vip_up(struct xha_group *g, struct netlink_ext_ack *extack);

/* Frames of the peer. */
void xha_handover_prepare(struct xha_group *g);
void xha_handover_ready(struct xha_group *g, const struct xha_wire_verdict *v);
void xha_handover_commit(struct xha_group *g, const struct xha_wire_commit *c);
void xha_handover_taken(struct xha_group *g, const struct xha_wire_verdict *v);
void xha_handover_flushed(struct xha_group *g);

/* Deadlines, and steps that wait for acknowledgements. */
void xha_handover_tick(struct xha_net *xn);
/* Before the commit nothing is given: back to being active. @why: a constant. */
void xha_handover_unfence(struct xha_group *g, const char *why);
/* The group is about to be deleted: nothing may stay half given. */
void xha_handover_abandon(struct xha_group *g);
/* The session ended. */
void xha_handover_disconnect(struct xha_net *xn);
/* Is one under way, so that the tick must be fast. */
bool xha_handover_busy(struct xha_net *xn);

#endif /* XHA_HANDOVER_H */
