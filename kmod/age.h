/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When SAs and policies were added and used: between their records, which keep
 * moments of this node's CLOCK_BOOTTIME in ms (clock.h), xfrm, which has whole
 * seconds of a clock that anybody may set, and the wire. All under
 * xha_net.lock.
 */
#ifndef XHA_AGE_H
#define XHA_AGE_H

#include "rec.h"

/* ms of CLOCK_BOOTTIME */
s64 xha_age_now(void);

/**
 * xha_age_read_sa() - see whether xfrm says something else than it did
 * @sa: live
 *
 * What is known already is not derived again, so nothing adds up; a time that
 * its owner set is.
 *
 * Context: x->lock held.
 * Return: true if the owner changed when it was added, or first used.
 */
bool xha_age_read_sa(struct xha_sa *sa);
/* Likewise; xp->lock held. */
bool xha_age_read_policy(struct xha_policy *p);

/* Without the lock: is there something to read. */
bool xha_age_stale_sa(const struct xha_sa *sa);
bool xha_age_stale_policy(const struct xha_policy *p);

/* Times of a staged SA before it goes live, early enough whatever its timer. */
void xha_age_arm_sa(struct xha_sa *sa);
/* It went live: exact times, and its timer in step with them. Takes x->lock. */
void xha_age_start_sa(struct xha_sa *sa);
/* Inserting made it new: its times, likewise. Takes xp->lock. */
void xha_age_start_policy(struct xha_policy *p);

/* For the peer; moments only where it takes them. */
void xha_age_to_wire(const struct xha_net *xn, struct xha_wire_times *w,
		     const struct xha_times *t);

/**
 * xha_age_sa_from_wire() - what the peer says of a staged SA
 * @again: of something that was known already and that its owner did not
 *	change: then the better of two moments counts, so that nothing adds up
 *	on the way to and fro
 */
void xha_age_sa_from_wire(struct xha_sa *sa, const struct xha_wire_times *w,
			  bool again);
/* Likewise; its use is the last one. */
void xha_age_policy_from_wire(struct xha_policy *p,
			      const struct xha_wire_times *w, bool again);

/*
 * The peer used a live SA, too, while it did not hear of this node: the first
 * use of both counts. Takes x->lock.
 */
void xha_age_merge_sa(struct xha_sa *sa, const struct xha_wire_times *w);

#endif /* XHA_AGE_H */
