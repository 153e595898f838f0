/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The active side: leases, windows and lifetimes of live SAs. All under
 * xha_net.lock, process context.
 */
#ifndef XHA_COUNTERS_H
#define XHA_COUNTERS_H

#include <linux/types.h>

struct xha_group;
struct xha_net;
struct xha_sa;
struct xha_wire_sa;

/* Scratch memory of the namespace. -ENOMEM. */
int xha_counters_init(struct xha_net *xn);
void xha_counters_exit(struct xha_net *xn);

/* One pass of the sampler over all active groups, then send what is due. */
void xha_counters_sample(struct xha_net *xn);
/*
 * Count what a live outbound SA has sent past its floor: before that rises,
 * and before the SA is no longer looked at.
 */
void xha_counters_beyond(struct xha_sa *sa);
/* What all SAs of the group sent past their floors, to the packet. */
u64 xha_counters_beyond_sum(const struct xha_group *g);
/*
 * Move the use in @w, a snapshot of @sa, as far ahead as its limits ask for:
 * what a standby has to begin with after a crash.
 */
void xha_counters_run_ahead(const struct xha_sa *sa, struct xha_wire_sa *w);
/* Such figures of @sa were sent. */
void xha_counters_told(struct xha_sa *sa, u64 bytes, u64 packets);
/*
 * Numbers or IV tags of a live SA run out: its key manager gets a soft expiry,
 * once by each active.
 */
void xha_counters_hand_to_rekey(struct xha_sa *sa);
/* Is a pass of the sampler needed soon. */
bool xha_counters_busy(struct xha_net *xn);
/* The peer applied the counter stream's frames up to @seq. */
void xha_counters_ack(struct xha_net *xn, u32 seq);

/* See to it that the first use of each SA of a fenced group is told. */
void xha_counters_first_use(struct xha_group *g);

/*
 * Send the exact final counters of a fenced group. Return: 0 when all are
 * under way; -EAGAIN to be called again; other errors of the session.
 */
int xha_counters_send_finals(struct xha_group *g);

#endif /* XHA_COUNTERS_H */
