/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The active side: which SAs and policies of xfrm belong to a group, what of
 * them the peer must know, and sending it. All under xha_net.lock.
 */
#ifndef XHA_MIRROR_H
#define XHA_MIRROR_H

#include <net/xfrm.h>

struct xha_group;
struct xha_net;
struct xha_rec;
struct xha_wire_ack;

/* Scratch memory of the namespace. -ENOMEM. */
int xha_mirror_init(struct xha_net *xn);
void xha_mirror_exit(struct xha_net *xn);

/**
 * xha_mirror_add_sa() - a live SA appeared or was seen
 * @x: not consumed; a reference is taken when it is tracked
 * Ignored when it belongs to no active group or is already known. Where
 * memory is short a rescan is asked for.
 */
void xha_mirror_add_sa(struct xha_net *xn, struct xfrm_state *x);
/* The parameters of a live SA changed; @id names it. */
void xha_mirror_update_sa(struct xha_net *xn, const struct xha_sa_id *id);
/* @x is only compared, never followed. */
void xha_mirror_del_sa(struct xha_net *xn, const struct xha_sa_id *id, const void *x);
/* Same for policies; @xp is held by the caller. */
void xha_mirror_add_policy(struct xha_net *xn, struct xfrm_policy *xp, int dir);

/* Compare all of xfrm's SAs and policies with the records of active groups. */
void xha_mirror_rescan(struct xha_net *xn);
/* Drop the records whose live object is dead. */
void xha_mirror_reap(struct xha_net *xn);

/* Start sending everything of a group (the peer asked). */
void xha_mirror_bulk(struct xha_group *g);
/* The session with the peer ended: what was under way is unknown again. */
void xha_mirror_disconnect(struct xha_net *xn);
/* The peer applied frames up to here. */
void xha_mirror_ack(struct xha_net *xn, const struct xha_wire_ack *a);

/* One pass of the sampler over all active groups, then send what is due. */
void xha_mirror_sample(struct xha_net *xn);
/* Send what is dirty, as far as the channel takes it. */
void xha_mirror_flush(struct xha_net *xn);
/* Is a pass of the sampler needed soon. */
bool xha_mirror_busy(struct xha_net *xn);

/* Reserve an IV tag for the peer, if that is due. */
struct xha_sa;
void xha_mirror_reserve_tag(struct xha_net *xn, struct xha_sa *sa);

/*
 * Send the exact final counters of a fenced group. Return: 0 when all are
 * under way; -EAGAIN to be called again; other errors of the session.
 */
int xha_mirror_send_finals(struct xha_group *g);

/* A record (SA or policy) of an active group must be sent. */
void xha_mirror_touch(struct xha_rec *r);
/* Forget a record and tell the peer. */
void xha_mirror_forget(struct xha_rec *r);

#endif /* XHA_MIRROR_H */
