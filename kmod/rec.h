/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records: what is known of one SA or one policy of a group. On the active a
 * record is bookkeeping beside a live object of xfrm, on the standby it owns
 * the staged one. All under xha_net.lock.
 */
#ifndef XHA_REC_H
#define XHA_REC_H

#include <linux/bits.h>
#include <linux/list.h>
#include <net/xfrm.h>

#include "clock.h"
#include "life.h"
#include "wire.h"

struct xha_net;
struct xha_del;
struct xha_group;
struct xha_strict;

#define XHA_REC_BUCKETS_BITS	14
#define XHA_REC_BUCKETS		BIT(XHA_REC_BUCKETS_BITS)
#define XHA_REC_REASON		96

/**
 * struct xha_times - when it was added and used, see age.h
 * @add: when it was added, in ms of CLOCK_BOOTTIME (may be < 0)
 * @use: SA: first use; policy: last use; %XHA_CLOCK_NEVER if unused
 * @add_seen: what xfrm said or was told when @add was derived
 * @use_seen: likewise
 * @read: the two above are valid
 * @exact: @add and @use come from xfrm or from moments of the peer, not from
 *	ages in whole seconds
 */
struct xha_times {
	s64	add;
	s64	use;
	u64	add_seen;
	u64	use_seen;
	bool	read;
	bool	exact;
};

enum xha_rec_kind {
	XHA_REC_SA,
	XHA_REC_POLICY,
};

/**
 * struct xha_rec - the common part
 * @list: in the group's list of its kind, oldest first
 * @inc_node: in xha_net.by_inc
 * @id_node: in xha_net.by_id
 * @dirty: in the group's dirty list while it must be sent
 * @inflight: in the session's list of unacknowledged state frames
 * @group: owner
 * @incarnation: names this life of the object, on both nodes
 * @gen: raised with each change of the static part
 * @kind: &enum xha_rec_kind
 * @id_hash: hash of the identity
 * @live: the object is in xfrm's tables (active), else it is staged
 * @snapshot: standby: id of the snapshot that last named it
 * @tx_seq: number of the last state frame that carried it
 * @tx_jiffies: when
 * @tx_len: and its octets
 * @gen_acked: active: the @gen that the peer has
 * @known: active: the peer acknowledged it on this association
 * @shared: the peer has had it, at some time
 * @merging: active: came from a peer that was active as well, not yet live
 * @reason: why it cannot be mirrored, a constant; "" if it can
 *
 * There are as many as SAs and policies: fields are in an order without holes.
 */
struct xha_rec {
	struct list_head	list;
	struct hlist_node	inc_node;
	struct hlist_node	id_node;
	struct list_head	dirty;
	struct list_head	inflight;
	struct xha_group	*group;
	const char		*reason;
	u64			incarnation;
	unsigned long		tx_jiffies;
	u32			tx_seq;
	u32			gen;
	u32			gen_acked;
	u32			id_hash;
	u32			snapshot;
	u16			tx_len;
	u8			kind;
	bool			live;
	bool			known;
	bool			shared;
	bool			merging;
};

/**
 * struct xha_sa - record of an SA
 * @rec: common part
 * @x: the state, one reference held; NULL only where @rec.reason says why
 * @outbound: the VIP is the source
 * @esn: 64-bit numbers
 * @ctr_inflight: in the session's list of unacknowledged counter frames
 * @ctr_seq: number of the counter frame under way
 * @ctr_jiffies: when it was sent
 * @ctr_len: and its octets: this SA's share
 * @ctr_kinds: mask of XHA_CTR_* under way
 * @seq: last number used (out) or highest seen (in): as sampled on the
 *	active, as last mirrored on the standby
 * @lease: outbound, active: packets per lease, adapted to the rate
 * @lease_seq: @seq when @lease was looked at last
 * @lease_jiffies: when that was
 * @ceil_pub: outbound, active: ceiling published last
 * @ceil_tx: the ceiling the counter frame under way carries
 * @ceil_state: the ceiling the state frame under way carries
 * @ceil_acked: active: acknowledged as applied; standby: adopt here
 * @win_tx: inbound, active: top in the frame under way
 * @win_state: top in the state frame under way
 * @win_acked: top acknowledged as applied
 * @win_sent: top sent last
 * @came_tx: inbound, active: packets ever received, in the frame under way: a
 *	late one fills a hole and leaves the top where it is
 * @came_state: in the state frame under way
 * @came_acked: acknowledged as applied
 * @came_sent: sent last
 * @life_bytes: active: what the peer was told of the bytes used
 * @life_packets: and of the packets
 * @life_jiffies: when their steps were looked at last
 * @lft_jiffies: when lifetimes were sent last
 * @idle: passes of the sampler without a packet, saturating
 * @floor: outbound, active: lowest number behind which the peer may start;
 *	XHA_STRICT_NONE: it has nothing of this SA. Kept through a demotion
 * @strict: bounds its packets; NULL if they are not
 * @beyond: active: highest number already counted as past @floor
 * @final_valid: standby: @final holds the exact last number of a hand-over
 *	that is still to be committed
 * @final: see @final_valid
 * @use_valid: standby: @final_bytes and @final_packets hold what was really
 *	used before a hand-over that is still to be committed
 * @final_bytes: see @use_valid
 * @final_packets: see @use_valid
 * @tag_base: top 16 bits of the first owner's salt
 * @tag_count: IV tags reserved so far for node 0 and 1
 * @tag_peer: active: tag reserved for the peer; standby: tag to adopt with
 * @tag_valid: @tag_peer is set
 * @tag_boot: active: boot id of the peer it was reserved for
 * @times: when it was added, and used first
 * @exhausted: handed to rekey for want of numbers or tags
 * @guessed: standby: @ceil_acked is where this node guesses the new active to
 *	be; @seq is the last number it has used itself
 */
struct xha_sa {
	struct xha_rec		rec;
	struct xfrm_state	*x;
	struct list_head	ctr_inflight;
	unsigned long		ctr_jiffies;
	u32			ctr_seq;
	u8			ctr_kinds;
	u8			idle;
	bool			outbound;
	bool			esn;
	u64			seq;
	u32			lease;
	u16			ctr_len;
	u64			lease_seq;
	unsigned long		lease_jiffies;
	u64			ceil_pub;
	u64			ceil_tx;
	u64			ceil_state;
	u64			ceil_acked;
	u64			win_tx;
	u64			win_state;
	u64			win_acked;
	u64			win_sent;
	u32			came_tx;
	u32			came_state;
	u32			came_acked;
	u32			came_sent;
	union {
		struct {	/* active */
			struct xha_life	life_bytes;
			struct xha_life	life_packets;
		};
		struct {	/* standby */
			u64	final;
			u64	final_bytes;
			u64	final_packets;
		};
	};
	unsigned long		life_jiffies;
	unsigned long		lft_jiffies;
	u64			floor;
	struct xha_strict	*strict;
	u64			beyond;
	u64			tag_boot;
	struct xha_times	times;
	u16			tag_base;
	u16			tag_count[2];
	u16			tag_peer;
	bool			tag_valid;
	bool			final_valid;
	bool			use_valid;
	bool			exhausted;
	bool			guessed;
};

#define XHA_CTR_CEILING		BIT(0)
#define XHA_CTR_WINDOW		BIT(1)
#define XHA_CTR_LIFETIME	BIT(2)
#define XHA_CTR_FINAL		BIT(3)
#define XHA_CTR_FINAL_USE	BIT(4)
#define XHA_CTR_FINALS		(XHA_CTR_FINAL | XHA_CTR_FINAL_USE)

/**
 * struct xha_policy - record of a policy
 * @rec: common part
 * @w: its content in wire form, owned
 * @xp: live: the policy in the SPD; staged: a complete one that is not; one
 *	reference held; NULL only where @rec.reason says why
 * @spare: live: a staged twin made before a hand-over, to go back to
 * @times: when it was added, and used last
 */
struct xha_policy {
	struct xha_rec		rec;
	struct xha_wire_policy	*w;
	struct xfrm_policy	*xp;
	struct xfrm_policy	*spare;
	struct xha_times	times;
};

static inline struct xha_sa *xha_rec_sa(struct xha_rec *r)
{
	return container_of(r, struct xha_sa, rec);
}

static inline struct xha_policy *xha_rec_policy(struct xha_rec *r)
{
	return container_of(r, struct xha_policy, rec);
}

/* Is it in one of the buckets of a mask. */
static inline bool xha_rec_in(const struct xha_rec *r, u16 buckets)
{
	return buckets & BIT(xha_wire_bucket(r->incarnation));
}

/* The identity of an SA in the kernel's terms (never the reqid). */
struct xha_sa_id {
	xfrm_address_t	daddr;
	__be32		spi;
	u32		mark;	/* v & m */
	u32		if_id;
	u16		family;
	u8		proto;
};

void xha_rec_sa_id(struct xha_sa_id *id, const struct xfrm_state *x);

/* Allocate the tables once per namespace. -ENOMEM. */
int xha_rec_tables_alloc(struct xha_net *xn);
void xha_rec_tables_free(struct xha_net *xn);

/* The cache of SA records, for all namespaces. -ENOMEM. */
int xha_rec_init(void);
void xha_rec_exit(void);

/* A fresh incarnation of this node; never 0. */
u64 xha_rec_incarnation(struct xha_net *xn);

/* New, empty records, linked into the group and the tables; NULL: no memory. */
struct xha_sa *xha_rec_sa_new(struct xha_group *g, u64 incarnation,
			      const struct xha_sa_id *id);
struct xha_policy *xha_rec_policy_new(struct xha_group *g, u64 incarnation,
				      const struct xha_wire_policy *w);

/*
 * Why a record is not mirrored or cannot be adopted, a constant; NULL: it is or
 * can. The group counts those that have a reason.
 */
void xha_rec_refuse(struct xha_rec *r, const char *why);

/*
 * A live object that xfrm has let go of; the event may be still to come. May
 * change at any time where the caller does not hold the object's lock.
 */
bool xha_rec_is_dead(struct xha_rec *r);

/* Append a &struct xha_del of it to @dels, to outlive it; false: no memory. */
bool xha_rec_note_del(struct xha_rec *r, struct list_head *dels);
/* Unlink and free one. */
void xha_rec_drop_note(struct xha_group *g, struct xha_del *d);
void xha_rec_drop_notes(struct xha_group *g, struct list_head *dels);

/* Unlink and free, putting what it holds (a staged object is destroyed). */
void xha_rec_free(struct xha_rec *r);

struct xha_rec *xha_rec_find(struct xha_group *g, u64 incarnation);
/* By identity, within the group. */
struct xha_sa *xha_rec_find_sa(struct xha_group *g, const struct xha_sa_id *id);
struct xha_policy *xha_rec_find_policy(struct xha_group *g,
				       const struct xha_wire_policy *w);
/* All of any group that have the address, SPI and protocol; @fn frees none. */
void xha_rec_each_spi(struct xha_net *xn, const struct xha_sa_id *id,
		      void (*fn)(struct xha_sa *sa));

/**
 * xha_rec_sums() - what a group has, as the peer is told
 * @s: overwritten
 *
 * The active leaves out what it refuses, which the standby never hears of.
 */
void xha_rec_sums(const struct xha_group *g, struct xha_wire_sums *s);

/* The same of some buckets, in the terms of a snapshot's end. */
void xha_rec_tally(const struct xha_group *g, struct xha_wire_bulk *b);

/*
 * Packets that a live SA has received, modulo 2^32; without a window nobody
 * asks. Without x->lock.
 */
static inline u32 xha_rec_sa_came(const struct xha_sa *sa)
{
	const struct xfrm_state *x = sa->x;

	return x->replay_esn || x->props.replay_window ?
	       READ_ONCE(x->curlft.packets) : 0;
}

/* Frames of two streams are acknowledged in any order. */
static inline void xha_rec_sa_came_acked(struct xha_sa *sa, u32 came)
{
	if ((s32)(came - sa->came_acked) > 0)
		sa->came_acked = came;
}

/**
 * xha_rec_sa_exposure() - what a takeover now would cost a live SA
 * Return: outbound: numbers skipped; inbound: packets replayable, i.e. those
 * that came since the last acknowledged update.
 */
u64 xha_rec_sa_exposure(const struct xha_sa *sa);

/*
 * Same policy in xfrm's eyes: direction, selector, mark, if_id, type, security
 * context.
 */
bool xha_rec_policy_same(const struct xha_wire_policy *a,
			 const struct xha_wire_policy *b);

#endif /* XHA_REC_H */
