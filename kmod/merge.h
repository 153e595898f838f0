/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two actives that meet again. The one that gives way (whose epoch is the
 * older) tells the other all it has once it is a standby: counters only ever
 * move up, and SAs and policies that only it negotiated are adopted. All with
 * xha_net.lock held, process context, may sleep.
 */
#ifndef XHA_MERGE_H
#define XHA_MERGE_H

#include "wire.h"

struct xha_group;
struct xha_net;
struct xha_rec;

/* How far a node that gave way is with telling what it has. */
enum xha_merge_step {
	XHA_MERGE_NONE,
	XHA_MERGE_WANTED,	/* no active of a later epoch heard yet */
	XHA_MERGE_SENDING,
	XHA_MERGE_SENT,		/* until acknowledged as applied */
};

/* The node that gives way: */

/* It was active, and is standby now without a hand-over. */
void xha_merge_want(struct xha_group *g);

/**
 * xha_merge_meet() - the peer is active: begin, if anything is to be told
 * @epoch: the peer's
 *
 * It becomes the group's, too. An active with the epoch that this node raised
 * itself raises it first (session_rx.c), so nothing that is merged is of an
 * epoch which both have had; until then nothing happens.
 */
void xha_merge_meet(struct xha_group *g, u32 epoch);

/**
 * xha_merge_flush() - send what is left, as far as the channel takes it
 * Return: 0, also with nothing to send; else the error of xha_session_send().
 */
int xha_merge_flush(struct xha_net *xn, struct xha_group *g);

/* The peer applied state frames up to @seq. */
void xha_merge_ack(struct xha_net *xn, u32 seq);

/* The node that stays active: */

/* A decoded frame. What was deleted here meanwhile stays deleted. */
void xha_merge_sa(struct xha_group *g, const struct xha_wire_sa *w);
void xha_merge_policy(struct xha_group *g, const struct xha_wire_policy *w);
/* This node becomes active: what came of a merge is as good as the rest. */
void xha_merge_over(struct xha_group *g);
/* All has come: what only the peer had goes live. */
void xha_merge_end(struct xha_group *g);

/*
 * A record goes which a peer that is not fed may still have, and think alive:
 * it must not bring it back. Bounded by what the two once shared.
 */
void xha_merge_bury(struct xha_rec *r);

/* Either: */

/* The peer that gives way has gone: what is not live yet never gets so. */
void xha_merge_break_off(struct xha_group *g);
/* The session ended: begin again with the next one. */
void xha_merge_disconnect(struct xha_group *g);
/* The peer has nothing of its own any more, or the group goes. */
void xha_merge_forget_dead(struct xha_group *g);

#endif /* XHA_MERGE_H */
