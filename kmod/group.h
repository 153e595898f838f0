/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Redundancy groups: the unit of role.
 */
#ifndef XHA_GROUP_H
#define XHA_GROUP_H

#include <linux/list.h>

#include "gate.h"
#include "protect.h"
#include "rec.h"

struct xha_net;

/* When what happened in the last change of role, ns of CLOCK_MONOTONIC. */
struct xha_timeline {
	u64	begin;
	u64	added;
	u64	valid;
	u64	policies;
	u64	gate;
	u64	end;
};

enum xha_handover_step {
	XHA_HO_NONE,
	/* giving */
	XHA_HO_PREPARE,		/* asked, not answered */
	XHA_HO_FINALS,		/* fenced, final counters not yet acked */
	XHA_HO_BACK,		/* going back, memory for policies is missing */
	XHA_HO_COMMIT,		/* committed: no way back but a refusal */
	XHA_HO_FORWARD,		/* the peer has it; late packets forwarded */
	/* receiving */
	XHA_HO_READY,		/* said ready, waiting for the commit */
	XHA_HO_VIP,		/* adopted, waiting for the VIPs */
	XHA_HO_FLUSH,		/* VIPs up, waiting for the held packets */
};

/**
 * struct xha_group - a redundancy group; under xha_net.lock
 * @list: in xha_net.groups
 * @xn: the namespace
 * @id: 1..255
 * @name: for people
 * @vips: virtual addresses, @n_vips of them
 * @neighs: the peer's real addresses, @n_neighs of them
 * @prefixes: what is blocked without SAs, @n_prefixes of them
 * @encap: mask of XFRM_HA_ENCAP_*: for what to hold port 4500
 * @pinned: it holds a reference on the module
 * @interval_in: packets between inbound updates
 * @interval_out: packets per outbound lease
 * @role: &enum xfrm_ha_role
 * @state: &enum xfrm_ha_state
 * @state_since: jiffies
 * @reason: why it is not hot, or why the last change failed
 * @epoch: counter, with @epoch_node the id of who raised it
 * @peer_role: as last told; XFRM_HA_ROLE_INIT when unknown
 * @peer_state: as last told
 * @peer_epoch: as last told
 * @peer_refused: SAs and policies it cannot mirror or adopt, as last told
 * @superseded: active, and so was the peer when it was heard last, by a later
 *	takeover; that it is out of reach since changes nothing
 * @hearing: what this node's elections hear, as user space said last
 * @hearing_at: jiffies when it did
 * @hearing_told: what the peer knows of it
 * @peer_hearing: what the peer's elections hear
 * @mismatch: the peer's configuration differs; text in @reason
 * @gate: see gate.h
 * @rules_dirty: the gate's rules no longer match the policies
 * @rules_missing: there was no memory to mend that
 * @sas: records of SAs, @n_sas of them
 * @policies: records of policies, @n_policies of them
 * @n_refused: records with a reason why they are not mirrored or adoptable
 * @dirty: records to send
 * @dels: incarnations to be reported as deleted (struct xha_del)
 * @dels_sent: reported, the receipt is to come
 * @merge: &enum xha_merge_step
 * @merge_epoch: epoch in which it is told
 * @merge_seq: number of the frame that ends what this node tells
 * @merged: SAs and policies taken over from a peer that was active as well
 * @graves: what was deleted by an active and the peer may still have (struct
 *	xha_del)
 * @graves_lost: there was no memory for one, or there were too many
 * @n_notes: in @dels, @dels_sent and @graves
 * @feeding: active: the peer asked for a snapshot on this association
 * @bulk_tx: active: id of the snapshot under way, 0 if none
 * @bulk_buckets: what it is of, on both sides
 * @bulk_begun: its BEGIN frame is sent
 * @bulk_seq: number of the last END frame
 * @bulk_clears: its receipt says that the peer has nothing of @graves
 * @bulk_rx: standby: id of the snapshot being received, 0 if none
 * @synced: standby: a snapshot was completed on this association
 * @sync_wanted: standby: buckets of which a snapshot is to be asked for
 * @last_digest: active: jiffies when the standby was told a digest last
 * @digest_wanted: active: it asked for one
 * @verified: standby: comparisons that found no difference
 * @verified_at: jiffies of the last comparison
 * @repairs: standby: comparisons that found one, and had it repaired
 * @tell_peer: its state could not be sent and must be
 * @policies_jiffies: active: when use of policies was looked at last
 * @sync_retry: jiffies from when the request is repeated
 * @ho: &enum xha_handover_step
 * @ho_deadline: jiffies
 * @ho_sent: the final counters are all under way
 * @ho_changed: giver: a policy had been deleted when it was to be taken out, or
 *	something was added or updated since
 * @ho_epoch: epoch offered in the commit
 * @ho_why: giver, going back: the reason
 * @tl: last change of role
 * @takeovers: since creation
 * @cause: enum xfrm_ha_cause of the last change of role
 * @beyond: packets sent past an acked ceiling by SAs as last looked at
 * @strict: to be bounded once the peer is hot, see strict.h
 * @bounded: it is
 * @bound_by: &enum xha_strict_by
 * @strict_dropped: packets dropped at bounds, of SAs no longer bounded
 * @strict_told: drops known when last looked for, at @strict_looked (jiffies)
 * @strict_warned: jiffies of the last log line about them
 */
struct xha_group {
	struct list_head	list;
	struct xha_net		*xn;
	u8			id;
	char			name[XFRM_HA_NAME_LEN];
	struct xha_ip		vips[XFRM_HA_MAX_VIPS];
	unsigned int		n_vips;
	struct xha_gate_neigh	neighs[XFRM_HA_MAX_NEIGHS];
	unsigned int		n_neighs;
	struct xha_prefix	prefixes[XFRM_HA_MAX_PREFIXES];
	unsigned int		n_prefixes;
	u32			encap;
	bool			pinned;
	u32			interval_in;
	u32			interval_out;
	u8			role;
	u8			state;
	unsigned long		state_since;
	char			reason[XHA_REC_REASON];
	u32			epoch;
	u8			epoch_node;
	u8			peer_role;
	u8			peer_state;
	u32			peer_epoch;
	u32			peer_refused;
	bool			superseded;
	u32			hearing;
	unsigned long		hearing_at;
	u32			hearing_told;
	u32			peer_hearing;
	bool			mismatch;
	struct xha_gate		gate;
	bool			rules_dirty;
	bool			rules_missing;
	struct list_head	sas;
	struct list_head	policies;
	u32			n_sas;
	u32			n_policies;
	u32			n_refused;
	struct list_head	dirty;
	struct list_head	dels;
	struct list_head	dels_sent;
	u8			merge;
	u32			merge_epoch;
	u32			merge_seq;
	u64			merged;
	struct list_head	graves;
	bool			graves_lost;
	unsigned int		n_notes;
	bool			feeding;
	u32			bulk_tx;
	u16			bulk_buckets;
	bool			bulk_begun;
	u32			bulk_seq;
	bool			bulk_clears;
	u32			bulk_rx;
	bool			synced;
	u16			sync_wanted;
	unsigned long		last_digest;
	bool			digest_wanted;
	u64			verified;
	unsigned long		verified_at;
	u64			repairs;
	bool			tell_peer;
	unsigned long		policies_jiffies;
	unsigned long		sync_retry;
	u8			ho;
	unsigned long		ho_deadline;
	bool			ho_sent;
	bool			ho_changed;
	u32			ho_epoch;
	char			ho_why[XHA_REC_REASON];
	struct xha_timeline	tl;
	u64			takeovers;
	u32			cause;
	u64			beyond;
	bool			strict;
	bool			bounded;
	u8			bound_by;
	u64			strict_dropped;
	u64			strict_told;
	unsigned long		strict_looked;
	unsigned long		strict_warned;
};

/**
 * struct xha_del - what was deleted, and is to be told to the peer or kept
 * @list: in the group's dels, dels_sent or graves
 * @incarnation: of it
 * @last: of an outbound SA: last number known of; 0 of all else
 * @floor: of an outbound SA: see &struct xha_sa; XHA_STRICT_NONE if it had none
 * @spi: of an SA, with @proto
 * @tx_seq: in dels_sent: number of its frame
 * @kind: &enum xha_rec_kind
 * @proto: see @spi
 */
struct xha_del {
	struct list_head	list;
	u64			incarnation;
	u64			last;
	u64			floor;
	__be32			spi;
	u32			tx_seq;
	u8			kind;
	u8			proto;
};

/* What GROUP_NEW and GROUP_SET carry, checked by netlink.c. */
struct xha_group_conf {
	bool			has_name;
	bool			has_vips;
	bool			has_neighs;
	bool			has_interval_in;
	bool			has_interval_out;
	bool			has_strict;
	bool			strict;
	bool			has_hearing;
	u32			hearing;
	bool			has_prefixes;
	bool			has_encap;
	u32			encap;
	char			name[XFRM_HA_NAME_LEN];
	struct xha_ip		vips[XFRM_HA_MAX_VIPS];
	unsigned int		n_vips;
	struct xha_gate_neigh	neighs[XFRM_HA_MAX_NEIGHS];
	unsigned int		n_neighs;
	struct xha_prefix	prefixes[XFRM_HA_MAX_PREFIXES];
	unsigned int		n_prefixes;
	u32			interval_in;
	u32			interval_out;
};

struct netlink_ext_ack;

/* All with xha_net.lock held, process context. */
struct xha_group *xha_group_find(struct xha_net *xn, u32 id);

/**
 * xha_group_new() - create a group in role init
 * Return: 0; -EEXIST; -ENOMEM; -EINVAL without VIPs; -EADDRINUSE where a VIP
 * belongs to another group, is an address of the channel or is covered by a
 * prefix to protect; what xha_protect_check() says of prefixes.
 */
int xha_group_new(struct xha_net *xn, u32 id, const struct xha_group_conf *c,
		  struct netlink_ext_ack *extack);
/* Same errors, and of xha_encap_set(); nothing is changed on error. */
int xha_group_set(struct xha_group *g, const struct xha_group_conf *c,
		  struct netlink_ext_ack *extack);
/*
 * Forget the group: live SAs and policies stay in xfrm, staged ones are
 * wiped, the gate opens. @g is gone afterwards. For whoever cannot be refused;
 * commands use xha_group_forget().
 */
void xha_group_del(struct xha_group *g);

/*
 * The same of all groups of a namespace in two steps: what refers to devices
 * and SAs goes first, what holds packets back when there are no devices.
 */
void xha_group_end_all(struct xha_net *xn);
void xha_group_release_all(struct xha_net *xn);

/**
 * xha_group_forget() - xha_group_del() by command
 * @force: also where plaintext would pass without the group; policies that
 *	block what it protects stay
 *
 * Return: 0 and @g is gone; -EBUSY; -ENOMEM where what is to stay could not be
 * made.
 */
int xha_group_forget(struct xha_group *g, bool force,
		     struct netlink_ext_ack *extack);

/* Does an address belong to the group. */
bool xha_group_has_vip(const struct xha_group *g, const xfrm_address_t *a, u16 family);
struct xha_group *xha_group_by_vip(struct xha_net *xn, const xfrm_address_t *a, u16 family);

/* Order-independent digest of the VIPs, for the comparison with the peer. */
u64 xha_group_vips_digest(const struct xha_group *g);

/* Derive the state from everything else; tell peer and user space changes. */
void xha_group_update(struct xha_group *g);

/* Set the reason (printf-like); xha_group_update() keeps or clears it. */
__printf(2, 3) void xha_group_reason(struct xha_group *g, const char *fmt, ...);

/* Give the gate the rules of the group's policies, if they changed. */
int xha_group_sync_rules(struct xha_group *g);

/* Exposure now: most numbers an SA would skip, most packets replayable. */
void xha_group_exposure(const struct xha_group *g, u64 *out, u64 *in);

#endif /* XHA_GROUP_H */
