/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The standby side: staged SAs and policies, built from the active's frames.
 * All with xha_net.lock held, process context, may sleep.
 */
#ifndef XHA_SHADOW_H
#define XHA_SHADOW_H

#include "wire.h"

struct netlink_ext_ack;
struct xha_group;
struct xha_net;
struct xha_rec;
struct xha_sa_id;
struct xfrm_state;

/* The identity a decoded SA has. */
void xha_shadow_sa_id(struct xha_sa_id *id, const struct xha_wire_sa *w);

/*
 * Apply one decoded frame. What cannot be staged stays as a record with a
 * reason, is reported to the active and keeps the group from being hot.
 */
void xha_shadow_sa(struct xha_group *g, const struct xha_wire_sa *w);
void xha_shadow_policy(struct xha_group *g, const struct xha_wire_policy *w);
void xha_shadow_del(struct xha_group *g, u64 incarnation);
void xha_shadow_counters(struct xha_group *g, u8 type,
			 const struct xha_wire_counters *c);
void xha_shadow_window_big(struct xha_group *g,
			   const struct xha_wire_window_big *w);

/* Brackets of a snapshot; what it did not name is dropped at its end. */
void xha_shadow_bulk_begin(struct xha_group *g, const struct xha_wire_bulk *b);
void xha_shadow_bulk_end(struct xha_group *g, const struct xha_wire_bulk *b);

/* The reason of an SA whose place in xfrm's table another one has. */
extern const char *const xha_shadow_taken;

/* What xfrm has there: the SA that xfrm_state_add(@x) would meet, held. */
struct xfrm_state *xha_shadow_rival(struct xha_net *xn,
				    const struct xfrm_state *x);
/* May a staged SA replace it in a takeover? Else it is a conflict. */
bool xha_shadow_gives_way(const struct xfrm_state *rival,
			  const struct xfrm_state *x);

/*
 * An SA of that id came to, or went from, xfrm's table: conflicts with what is
 * staged begin or end, and with them the group is cold, or hot again.
 */
void xha_shadow_seen(struct xha_net *xn, const struct xha_sa_id *id);
/* The same for all that is staged, where nothing tells which. */
void xha_shadow_look(struct xha_net *xn);

/* Final numbers of a hand-over that was not committed mean nothing. */
void xha_shadow_drop_finals(struct xha_group *g);

/* Grow the SAD's hash tables for what is staged, so that adoption need not. */
void xha_shadow_grow_hash(struct xha_group *g);
/* One doubling of that, without waiting for it; for the tick. */
void xha_shadow_grow_hash_step(struct xha_group *g);

/*
 * Compare with the active's digest; of buckets that differ a snapshot is asked
 * for, and the group is not hot until it has come.
 */
void xha_shadow_compare(struct xha_group *g, const struct xha_wire_sums *theirs);

/*
 * Only a snapshot of everything makes the shadow whole again: not hot until it
 * has come. Asked for at the next tick, no sooner than the last request allows.
 * Nothing happens on a node that is no standby.
 */
void xha_shadow_want_all(struct xha_group *g);

/**
 * xha_shadow_verify() - ask the active for a digest to compare with now
 * Return: 0; -EPERM if no standby; -EAGAIN while not synchronised; errors of
 * xha_session_send().
 */
int xha_shadow_verify(struct xha_group *g, struct netlink_ext_ack *extack);

/* Ask for everything again, now. -EPERM if no standby. */
int xha_shadow_resync(struct xha_group *g, struct netlink_ext_ack *extack);

#endif /* XHA_SHADOW_H */
