/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between struct xfrm_state and the wire form of an SA.
 */
#ifndef XHA_SA_H
#define XHA_SA_H

#include <net/xfrm.h>

#include "rec.h"
#include "seq.h"
#include "wire.h"

struct xha_group;

/* Conversions of addresses. */
void xha_sa_addr_to_wire(struct xha_wire_addr *w, const xfrm_address_t *a, u16 family);
void xha_sa_addr_from_wire(xfrm_address_t *a, const struct xha_wire_addr *w, u16 family);
void xha_sa_sel_to_wire(struct xha_wire_sel *w, const struct xfrm_selector *s);
void xha_sa_sel_from_wire(struct xfrm_selector *s, const struct xha_wire_sel *w);
void xha_sa_limits_to_wire(struct xha_wire_limits *w, const struct xfrm_lifetime_cfg *l);
void xha_sa_limits_from_wire(struct xfrm_lifetime_cfg *l, const struct xha_wire_limits *w);

/**
 * xha_sa_refusal() - why an SA cannot be mirrored
 * Return: NULL if it can, else a constant string.
 */
const char *xha_sa_refusal(const struct xfrm_state *x);

/* Which replay structure the SA uses (enum xha_wire_replay). */
u8 xha_sa_replay_mode(const struct xfrm_state *x);

/* Last number used (outbound) or highest seen; lockless peek. */
u64 xha_sa_peek(const struct xfrm_state *x, bool outbound);

/**
 * xha_sa_snapshot() - the static part and the counters of an SA, but for times
 * @w: filled, keys included: the caller wipes it
 * @sa: its record: incarnation, tags; what xfrm says of times goes into it
 * Context: process; takes x->lock.
 */
void xha_sa_snapshot(struct xha_wire_sa *w, struct xha_sa *sa);

/* Only the inbound window, under x->lock. */
void xha_sa_window(struct xha_wire_window *w, struct xfrm_state *x);

/**
 * xha_sa_build() - make a staged SA
 * @w: validated by the codec
 * @why: on error a constant string
 *
 * Complete, transforms initialised, in no table, state VOID.
 * Context: process, may sleep and load modules.
 * Return: the state with one reference, or ERR_PTR.
 */
struct xfrm_state *xha_sa_build(struct net *net, const struct xha_wire_sa *w,
				const char **why);

/*
 * Wipe the keys of an SA that is in no table any more: xfrm frees them as they
 * are. Its transforms have their own, and wipe those.
 */
void xha_sa_wipe(struct xfrm_state *x);

/* Destroy a staged SA that was never in a table: wipe its keys, put it. */
void xha_sa_destroy_staged(struct xfrm_state *x);

/* @w, with numbers of @x or to be filled with them, by its size and form. */
struct xha_seq_window xha_sa_window_of(const struct xfrm_state *x,
				       struct xha_wire_window *w);

/* Counters of a staged (or live, under x->lock) SA, upward only. */
void xha_sa_raise_window(struct xfrm_state *x, const struct xha_wire_window *w);
/* Of a live SA, x->lock held: what either has seen is seen, if both are ESN or not. */
void xha_sa_merge_window(struct xfrm_state *x, const struct xha_seq_window *from);
void xha_sa_raise_bits(struct xfrm_state *x, u64 top, u64 bits);
void xha_sa_raise_use(struct xfrm_state *x, u64 bytes, u64 packets);

/* Start outbound numbers right after @last. x->lock held or x staged. */
void xha_sa_set_oseq(struct xfrm_state *x, u64 last);

/* The last number taken becomes @last, lower: x->lock held. */
void xha_sa_put_oseq(struct xfrm_state *x, u64 last);

/*
 * Salt of the IV generator. Return: its length, 0 if the SA has none, or
 * -EOPNOTSUPP where the algorithm's implementation keeps it out of reach.
 */
int xha_sa_salt_get(const struct xfrm_state *x, u8 salt[XHA_WIRE_SALT_MAX]);
int xha_sa_salt_set(struct xfrm_state *x, const u8 *salt, u8 len);

/* Is the IV sequence XOR salt (counter-mode ciphers), so that tags matter. */
bool xha_sa_iv_tagged(const struct xfrm_state *x);
/* Replace the top 16 bits of the salt; only where xha_sa_iv_tagged(). */
void xha_sa_set_tag(struct xfrm_state *x, u16 tag);
u16 xha_sa_tag(const struct xfrm_state *x);

/* Same keys and parameters, so that counters may be merged. */
bool xha_sa_same_keys(const struct xfrm_state *a, const struct xfrm_state *b);

#endif /* XHA_SA_H */
