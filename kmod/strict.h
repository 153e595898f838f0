/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strict mode: while a peer is, or was last, hot, no packet leaves with a
 * number the peer could start at. The head of strict.c says how.
 *
 * All with xha_net.lock held, process context, may sleep.
 */
#ifndef XHA_STRICT_H
#define XHA_STRICT_H

#include <linux/types.h>

struct netlink_ext_ack;
struct xha_group;
struct xha_sa;
struct xha_strict;

/* The peer has nothing of this SA, so it cannot start anywhere. */
#define XHA_STRICT_NONE		U64_MAX

/**
 * enum xha_strict_by - why a group is bounded
 * @XHA_STRICT_TOLD: the peer said that it is hot, or was told what it may use
 * @XHA_STRICT_SENT: all was sent, which may have made it hot
 * @XHA_STRICT_RECEIVED: it has all, and has not said what it makes of it
 * @XHA_STRICT_LOST: the same, and it is not there to say so
 */
enum xha_strict_by {
	XHA_STRICT_TOLD,
	XHA_STRICT_SENT,
	XHA_STRICT_RECEIVED,
	XHA_STRICT_LOST,
};

/**
 * xha_strict_bind() - the peer is hot, or the group has become strict
 * @g: bounded afterwards, if it is strict, active and its peer hot
 */
void xha_strict_bind(struct xha_group *g);

/**
 * xha_strict_bind_early() - the end of a snapshot is under way
 * @g: bounded afterwards, if it is strict and active
 *
 * The peer may be hot, and lost before it can say so.
 */
void xha_strict_bind_early(struct xha_group *g);

/**
 * xha_strict_settle() - a receipt, or a word of the peer, has come
 * @received: the end of the snapshot was received
 *
 * The group is free again where the peer has all and is not hot.
 */
void xha_strict_settle(struct xha_group *g, bool received);

/**
 * xha_strict_release() - the group is no longer bounded
 * @g: in any role
 * @forget: what the peer had counts for nothing any more
 */
void xha_strict_release(struct xha_group *g, bool forget);

/**
 * xha_strict_fenced() - the operator says that the peer can send nothing
 * Return: 0, also where nothing was bounded; -EBUSY while it is connected and
 * has the group.
 */
int xha_strict_fenced(struct xha_group *g, struct netlink_ext_ack *extack);

/* @sa is live: it is bounded as its group is. */
void xha_strict_track(struct xha_sa *sa);
/*
 * Before that, of one found with numbers used: where the peer may have it since
 * before it was deleted, and added again, the bound is the one it had.
 */
void xha_strict_recall(struct xha_sa *sa);
/*
 * Before @sa forgets its state, or that becomes another one. The bound holds
 * for all packets that have a number by now.
 */
void xha_strict_detach(struct xha_sa *sa);

/**
 * xha_strict_offer() - the peer is about to be told of an SA
 * @ceiling: where it will start
 * Return: what to give xha_strict_withdraw() if it was not told after all.
 */
u64 xha_strict_offer(struct xha_sa *sa, u64 ceiling);
void xha_strict_withdraw(struct xha_sa *sa, u64 before);
/* The peer will start at @ceiling or above. */
void xha_strict_acked(struct xha_sa *sa, u64 ceiling);

/**
 * xha_strict_gave() - the peer, active, was told of a staged outbound SA
 * @sa: of a standby; the peer may go on right behind its number
 *
 * In strict mode the group is bounded from then on. May change where other
 * staged SAs of the group start.
 */
void xha_strict_gave(struct xha_sa *sa);

/* The peer may start right behind the final numbers / may not after all. */
void xha_strict_give(struct xha_group *g);
void xha_strict_keep(struct xha_group *g);

/* Half of what is acknowledged was used since last asked: sample it now. */
bool xha_strict_urgent(struct xha_sa *sa);

/* Packets of the group dropped at bounds. */
u64 xha_strict_dropped(const struct xha_group *g);
/* Live SAs that can send nothing more now. */
u32 xha_strict_stopped(const struct xha_group *g);

/* Name drops at bounds in the log, once per burst. Called by the tick. */
void xha_strict_complain(struct xha_group *g);

/*
 * Wait until every state that was let go has its own methods back, and no
 * packet is in ours. May take seconds where there was one. Without
 * xha_net.lock.
 */
void xha_strict_flush(void);

#endif /* XHA_STRICT_H */
