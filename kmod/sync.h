/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The active side: sending records to the peer, as a snapshot and as changes.
 * All under xha_net.lock, process context.
 */
#ifndef XHA_SYNC_H
#define XHA_SYNC_H

#include "rec.h"

struct xha_group;
struct xha_net;
struct xha_wire_ack;

/* A record of an active group must be sent. */
void xha_sync_touch(struct xha_rec *r);
/* Forget a record and tell the peer. */
void xha_sync_forget(struct xha_rec *r);
/* A record that cannot be mirrored: kept, named (a constant), not sent. */
void xha_sync_refuse(struct xha_rec *r, const char *why);

/*
 * A peer said hello: it may take what another one did not, or not take what that
 * one did. To be called before it is told of the groups, and asks for all.
 */
void xha_sync_reconsider(struct xha_net *xn);

/* Start a snapshot of some buckets of a group (the peer asked). */
void xha_sync_bulk(struct xha_group *g, u16 buckets);
/* Send what is dirty, as far as the channel takes it. */
void xha_sync_flush(struct xha_net *xn);
/*
 * Of one group: live records as the active's, staged ones as those of a node
 * that was active (merge.h). 0, or the error that the next try may not meet.
 */
int xha_sync_send_dirty(struct xha_net *xn, struct xha_group *g);
/* The peer applied frames up to here. */
void xha_sync_ack(struct xha_net *xn, const struct xha_wire_ack *a);
/*
 * Nothing of a group is under way to the peer any more, nor known to it: the
 * session ended, its frames come the other way now, or the group goes.
 */
void xha_sync_stop(struct xha_group *g);
/* The session with the peer ended: what was under way is unknown again. */
void xha_sync_disconnect(struct xha_net *xn);

/* Reserve an IV tag for the peer, if that is due. */
void xha_sync_reserve_tag(struct xha_net *xn, struct xha_sa *sa);

/*
 * The peer has been active, or may have been: it has used the tags that were
 * reserved for it.
 */
void xha_sync_take_tags_back(struct xha_group *g);

/* Does the peer apply what it acknowledges? Only a standby does. */
bool xha_sync_applies(const struct xha_group *g);

#endif /* XHA_SYNC_H */
