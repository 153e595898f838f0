/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wire protocol between the two gateways, version 1.
 *
 * One SCTP message carries one frame: a fixed header, then a body whose form
 * the type decides: a fixed struct, an array of fixed entries, or TLVs. All
 * numbers are big endian. Frames travel on three ordered streams:
 *
 *   0 control   hello, group state, sync requests, acks, hand-over, keepalive
 *   1 state     SAs and policies, in snapshots and as changes
 *   2 counters  ceilings, windows, lifetimes
 *
 * Snapshot and changes share a stream: every SA frame is the complete SA, so
 * the last one wins and a delete can never be overtaken by an older add.
 * Streams do not order against each other: counters name an incarnation and
 * are ignored where it is unknown, and the active sends none before the SA
 * itself was acknowledged.
 *
 * Sequence: per stream, starting at 1 with the hello on each association,
 * without gaps; an ack names the last frame of streams 1 and 2 whose content
 * has been *applied*.
 *
 * Epoch: counter of the group at the sender. Frames of streams 1 and 2 with
 * an epoch below the receiver's are ignored (and acked: they are settled).
 */
#ifndef XHA_WIRE_H
#define XHA_WIRE_H

#include "wire_os.h"

#define XHA_WIRE_VERSION_MIN	1
#define XHA_WIRE_VERSION_MAX	1

/* Bits of a hello: used where both sides have them. */
#define XHA_WIRE_FINAL_USE	1u		/* takes %XHA_MSG_FINAL_USE */
#define XHA_WIRE_HEARING	2u		/* takes %XHA_MSG_HEARING */
#define XHA_WIRE_CLOCK		4u		/* takes %XHA_MSG_CLOCK and times */
#define XHA_WIRE_CONTEXT	8u		/* takes security contexts */
#define XHA_WIRE_FEATURES	(XHA_WIRE_FINAL_USE | XHA_WIRE_HEARING | \
				 XHA_WIRE_CLOCK | XHA_WIRE_CONTEXT)
#define XHA_WIRE_MAGIC		0x58484131	/* "XHA1" */

#define XHA_WIRE_FRAME_MAX	8192	/* bytes, header included */
#define XHA_WIRE_KEY_MAX	256	/* bytes of one key */
#define XHA_WIRE_ALG_NAME	64	/* as in struct xfrm_algo */
#define XHA_WIRE_BMP_WORDS	128	/* 4096 packets */
#define XHA_WIRE_SALT_MAX	16
#define XHA_WIRE_CONTEXT_MAX	128	/* bytes of a security context */
#define XHA_WIRE_TMPLS		6	/* XFRM_MAX_DEPTH */
#define XHA_WIRE_COUNTERS	128	/* entries of one counter frame */
#define XHA_WIRE_REASON		96	/* with NUL */
#define XHA_WIRE_GROUPS		255
#define XHA_WIRE_BUCKETS	16	/* parts that digests and repairs have */
#define XHA_WIRE_BUCKETS_ALL	0xffff

/*
 * A moment is ms of the sender's CLOCK_BOOTTIME; what is older than its boot is
 * negative there, so it goes out with this added. 0 stands for none.
 */
#define XHA_WIRE_TIME_BIAS	(1ULL << 51)

enum xha_wire_stream {
	XHA_STREAM_CONTROL	= 0,
	XHA_STREAM_STATE	= 1,
	XHA_STREAM_COUNTERS	= 2,
	XHA_STREAMS
};

/*
 * Message types. A number is never used twice; gaps leave room for relatives.
 */
enum xha_wire_type {
	XHA_MSG_HELLO		= 1,	/* TLVs */
	XHA_MSG_KEEPALIVE	= 2,	/* empty */
	XHA_MSG_GROUP_STATE	= 3,	/* struct xha_wire_group */
	XHA_MSG_SYNC_REQ	= 4,	/* struct xha_wire_sync */
	XHA_MSG_ACK		= 5,	/* struct xha_wire_ack */
	XHA_MSG_NAK		= 6,	/* struct xha_wire_nak */
	XHA_MSG_DIGEST_REQ	= 7,	/* empty: group wants a digest */
	XHA_MSG_HEARING		= 8,	/* struct xha_wire_hearing */
	XHA_MSG_CLOCK		= 9,	/* struct xha_wire_clock */

	XHA_MSG_BULK_BEGIN	= 16,	/* struct xha_wire_bulk */
	XHA_MSG_BULK_END	= 17,	/* struct xha_wire_bulk */
	XHA_MSG_SA		= 18,	/* TLVs: struct xha_wire_sa */
	XHA_MSG_SA_DEL		= 19,	/* struct xha_wire_del */
	XHA_MSG_POLICY		= 20,	/* TLVs: struct xha_wire_policy */
	XHA_MSG_POLICY_DEL	= 21,	/* struct xha_wire_del */
	XHA_MSG_DIGEST		= 22,	/* struct xha_wire_sums */
	XHA_MSG_MERGE_SA	= 23,	/* as SA, from who was active as well */
	XHA_MSG_MERGE_POLICY	= 24,	/* as POLICY, likewise */
	XHA_MSG_MERGE_END	= 25,	/* empty: that was all */

	XHA_MSG_CEILINGS	= 32,	/* base + entries {u32 inc, u64 ceiling} */
	XHA_MSG_WINDOWS		= 33,	/* base + entries {u32 inc, u64 top, u64 bits} */
	XHA_MSG_WINDOW_BIG	= 34,	/* one SA, ESN ring bitmap */
	XHA_MSG_LIFETIMES	= 35,	/* base + entries {u32 inc, u64 bytes,
					 * u64 packets, u32 use_age}, ahead of
					 * use where there is a limit
					 */
	XHA_MSG_FINALS		= 36,	/* as CEILINGS, but the exact last number used */
	XHA_MSG_FINAL_USE	= 37,	/* as LIFETIMES, but what was really used */

	XHA_MSG_HANDOVER_PREPARE = 48,	/* empty: may I hand over? */
	XHA_MSG_HANDOVER_READY	= 49,	/* struct xha_wire_verdict */
	XHA_MSG_HANDOVER_COMMIT	= 50,	/* struct xha_wire_commit */
	XHA_MSG_HANDOVER_TAKEN	= 51,	/* struct xha_wire_verdict */
	XHA_MSG_HANDOVER_FLUSHED = 52,	/* empty: held packets are with you */
};

/* Link states a type is allowed in; the dispatch table names a mask. */
enum {
	XHA_LINK_HELLO	= 1 << 0,	/* associated, no hello accepted yet */
	XHA_LINK_UP	= 1 << 1,
};

/**
 * struct xha_wire_hdr - header of every frame, 12 bytes
 * @len: whole frame in bytes, equal to the length of the SCTP message
 * @type: &enum xha_wire_type
 * @group: redundancy group, 1..255; 0 where the frame is about none
 * @seq: number of the frame on its stream, from 1
 * @epoch: epoch counter of the group at the sender, 0 with group 0
 */
struct xha_wire_hdr {
	__be16	len;
	u8	type;
	u8	group;
	__be32	seq;
	__be32	epoch;
} __attribute__((packed));

/* Decoded header, host order. */
struct xha_wire_frame {
	u8		type;
	u8		group;
	u32		seq;
	u32		epoch;
	const u8	*body;
	u32		body_len;
};

/**
 * struct xha_wire_type_info - one row of the table of message types
 * @name: for logs and counters
 * @stream: the only stream it may come on
 * @min: smallest body in bytes
 * @max: largest body in bytes
 * @links: mask of XHA_LINK_*
 * @group: whether the group field must be non-zero (else it must be zero)
 */
struct xha_wire_type_info {
	const char	*name;
	u8		stream;
	u16		min;
	u16		max;
	u8		links;
	bool		group;
};

/* Decoded bodies, host order unless a member is __be. */

/**
 * struct xha_wire_hello - first frame of each side
 * @version_min: oldest version the sender speaks
 * @version_max: newest
 * @features: %XHA_WIRE_FINAL_USE and so on; used where both hellos have it,
 *	and what is not known is ignored
 * @boot_id: random, drawn when the sender's module was loaded and each time it
 *	forgets a group; never 0
 */
struct xha_wire_hello {
	u16	version_min;
	u16	version_max;
	u32	features;
	u64	boot_id;
};

/**
 * struct xha_wire_group - role of a group at the sender
 * @role: &enum xfrm_ha_role
 * @state: &enum xfrm_ha_state
 * @epoch_node: 0 or 1, who raised the epoch in the header
 * @interval_in: configured, packets; must match on both nodes
 * @interval_out: configured, packets
 * @vips_digest: order-independent digest of the group's VIPs; must match
 * @refused: SAs and policies of the group the sender cannot mirror or adopt
 */
struct xha_wire_group {
	u8	role;
	u8	state;
	u8	epoch_node;
	u32	interval_in;
	u32	interval_out;
	u64	vips_digest;
	u32	refused;
};

struct xha_wire_ack {
	u32	state_seq;	/* last frame of stream 1 applied */
	u32	counters_seq;	/* last frame of stream 2 applied */
};

/* An SA or policy was not taken; the group cannot be hot until it is gone. */
struct xha_wire_nak {
	u64	incarnation;
	char	reason[XHA_WIRE_REASON];
};

/* What the sender's elections hear: user space's business, see the uapi. */
struct xha_wire_hearing {
	u32	hearing;
};

/**
 * struct xha_wire_clock - what ties the clocks of both to each other
 * @now: ms of the sender's CLOCK_BOOTTIME when the frame was made
 * @least: least that its clock was ahead of a @now of the receiver's when that
 *	came in, plus %XHA_WIRE_TIME_BIAS; 0 while none came
 */
struct xha_wire_clock {
	u64	now;
	u64	least;
};

/* A snapshot is wanted of the buckets in this mask. */
struct xha_wire_sync {
	u16	buckets;	/* never 0 */
};

struct xha_wire_bulk {
	u32	id;		/* of the snapshot, chosen by the sender */
	u16	buckets;	/* mask of those it is of; never 0 */
	u32	sas;		/* END: named in it, as of now */
	u32	policies;
	u64	digest;		/* END: xha_wire_digest() summed over all */
};

/**
 * struct xha_wire_sums - what the active has, in a few words
 * @sas: SAs it mirrors
 * @policies: policies it mirrors
 * @sum: per bucket, xha_wire_digest() summed over both
 *
 * As of this place in the stream: all frames before it are counted in.
 */
struct xha_wire_sums {
	u32	sas;
	u32	policies;
	u64	sum[XHA_WIRE_BUCKETS];
};

struct xha_wire_del {
	u64	incarnation;
};

/* accept: 1, or 0 with a reason. */
struct xha_wire_verdict {
	u8	accept;
	char	reason[XHA_WIRE_REASON];
};

struct xha_wire_commit {
	u32	epoch;		/* the new active's */
	u32	sas;		/* staged SAs it must hold, as a last check */
};

/* An IP address; IPv4 in the first four bytes, the rest zero. */
struct xha_wire_addr {
	u8	b[16];
};

struct xha_wire_sel {
	struct xha_wire_addr	daddr;
	struct xha_wire_addr	saddr;
	__be16			dport;
	__be16			dport_mask;
	__be16			sport;
	__be16			sport_mask;
	u16			family;
	u8			prefixlen_d;
	u8			prefixlen_s;
	u8			proto;
	u32			user;
};

/* Limits as in struct xfrm_lifetime_cfg: XFRM_INF for none; seconds 0 for none. */
struct xha_wire_limits {
	u64	soft_byte;
	u64	hard_byte;
	u64	soft_packet;
	u64	hard_packet;
	u64	soft_add;
	u64	hard_add;
	u64	soft_use;
	u64	hard_use;
};

/**
 * struct xha_wire_times - when something was added, and used
 * @add_age: seconds since it was added, rounded up
 * @use_age: seconds since its use, rounded up, U64_MAX if unused
 * @add_time: the moment it was added; 0: the peer has no %XHA_WIRE_CLOCK
 * @use_time: the moment of its use, 0 likewise or if unused
 *
 * Ages are as of the moment the frame was made, which the receiver does not
 * know, so they count only where there are no moments.
 */
struct xha_wire_times {
	u64	add_age;
	u64	use_age;
	u64	add_time;
	u64	use_time;
};

/**
 * struct xha_wire_alg - one algorithm and its key
 * @name: as the kernel names it, "" where the SA has none of this kind
 * @key_bits: 0..8*XHA_WIRE_KEY_MAX
 * @icv_bits: ICV of an AEAD, truncation of an authenticator; else 0
 */
struct xha_wire_alg {
	char	name[XHA_WIRE_ALG_NAME];
	u16	key_bits;
	u16	icv_bits;
	u8	key[XHA_WIRE_KEY_MAX];
};

/**
 * struct xha_wire_context - a security context, see struct xfrm_sec_ctx
 * @alg: XFRM_SC_ALG_*
 * @doi: XFRM_SC_DOI_*
 * @len: of @text, 0: there is none
 * @text: as the security module has it, not a C string; zeros behind @len
 */
struct xha_wire_context {
	u8	alg;
	u8	doi;
	u16	len;
	u8	text[XHA_WIRE_CONTEXT_MAX];
};

/**
 * struct xha_wire_window - an inbound replay window, or an outbound position
 * @top: highest number seen, 64 bits where @esn
 * @bmp: legacy: bmp[0] holds xfrm_replay_state.bitmap (bit 0 is @top);
 *	with replay_esn: the ring of xfrm_replay_state_esn.bmp as it is
 * @words: words of @bmp, 1..XHA_WIRE_BMP_WORDS (legacy: 1); 0 if none
 */
struct xha_wire_window {
	u64	top;
	u32	words;
	u32	bmp[XHA_WIRE_BMP_WORDS];
};

/* Which replay structure the kernel keeps for the SA. */
enum xha_wire_replay {
	XHA_REPLAY_LEGACY	= 0,	/* xfrm_replay_state */
	XHA_REPLAY_BMP		= 1,	/* xfrm_replay_state_esn, 32 bits */
	XHA_REPLAY_ESN		= 2,	/* xfrm_replay_state_esn, 64 bits */
};

/**
 * struct xha_wire_sa - a complete SA
 *
 * Contains keys: whoever fills one wipes it with memzero_explicit().
 *
 * @incarnation: names this life of the SPI; upper half random per sender boot
 * @gen: raised with each change of the static part
 * @outbound: 1 if the local endpoint is the source
 * @ceiling: outbound: the standby may start right after it; inbound: 0
 * @window: inbound window; for an outbound SA @window.top is the last number
 * @times: when it was added, and used first
 * @salt: of the IV generator, @salt_len 0 where it has none
 * @tag_base: top 16 bits of the first owner's salt
 * @tag_count: tags reserved so far for node 0 and node 1
 * @tag_peer: tag the receiver is to use when it adopts, if @tag_valid
 */
struct xha_wire_sa {
	u64			incarnation;
	u32			gen;
	struct xha_wire_addr	daddr;
	struct xha_wire_addr	saddr;
	__be32			spi;
	u16			family;
	u8			proto;
	u8			mode;
	u8			outbound;
	u8			flags;		/* XFRM_STATE_* */
	u8			replay_window;	/* props.replay_window */
	u8			replay;		/* enum xha_wire_replay */
	u8			dying;
	u8			dir;		/* newer kernels' x->dir, 0 if none */
	u32			extra_flags;
	u32			reqid;
	u32			mark_v;
	u32			mark_m;
	u32			if_id;
	u32			smark_v;
	u32			smark_m;
	u32			tfcpad;
	u32			mapping_maxage;
	u32			nat_keepalive;
	u32			esn_window;	/* replay_esn->replay_window */
	u32			cpu;		/* newer kernels' x->pcpu_num, or U32_MAX */
	struct xha_wire_sel	sel;
	struct xha_wire_limits	limits;
	struct xha_wire_alg	aead;
	struct xha_wire_alg	auth;
	struct xha_wire_alg	crypt;
	struct xha_wire_alg	comp;
	u16			encap_type;	/* 0: none */
	__be16			encap_sport;
	__be16			encap_dport;
	struct xha_wire_addr	encap_oa;
	u8			has_coaddr;
	struct xha_wire_addr	coaddr;
	u64			bytes;
	u64			packets;
	struct xha_wire_times	times;
	u64			ceiling;
	struct xha_wire_window	window;
	u8			salt_len;
	u8			salt[XHA_WIRE_SALT_MAX];
	u8			tag_valid;
	u16			tag_base;
	u16			tag_peer;
	u16			tag_count[2];
	struct xha_wire_context	context;
};

struct xha_wire_tmpl {
	struct xha_wire_addr	daddr;
	struct xha_wire_addr	saddr;
	__be32			spi;
	u16			family;		/* encap_family */
	u8			proto;
	u8			mode;
	u8			share;
	u8			optional;
	u8			allalgs;
	u32			reqid;
	u32			aalgos;
	u32			ealgos;
	u32			calgos;
};

struct xha_wire_policy {
	u64			incarnation;
	u32			gen;
	u8			dir;		/* XFRM_POLICY_IN, OUT, FWD */
	u8			action;
	u8			flags;
	u8			type;
	u16			family;
	u32			priority;
	u32			mark_v;
	u32			mark_m;
	u32			if_id;
	struct xha_wire_sel	sel;
	struct xha_wire_limits	limits;
	struct xha_wire_times	times;		/* use: the last one */
	u8			n_tmpl;
	struct xha_wire_tmpl	tmpl[XHA_WIRE_TMPLS];
	struct xha_wire_context	context;
};

/*
 * Counter frames: the upper 32 bits of all incarnations once, then entries.
 */
struct xha_wire_counter {
	u32	inc;		/* lower 32 bits of the incarnation */
	u64	a;		/* ceiling; window top; bytes */
	u64	b;		/* -; low 64 window bits (bit 0 = top); packets */
	u32	c;		/* -; -; use age in s, U32_MAX if unused */
};

struct xha_wire_counters {
	u32			base;
	u32			n;
	struct xha_wire_counter	e[XHA_WIRE_COUNTERS];
};

struct xha_wire_window_big {
	u64			incarnation;
	struct xha_wire_window	window;
};

/**
 * xha_wire_type_info() - row of the type table
 * @type: as on the wire
 * Return: the row, or NULL if the type is unknown.
 */
const struct xha_wire_type_info *xha_wire_type_info(u8 type);

/**
 * xha_wire_open() - check a received frame against the type table
 * @f: filled on success; points into @buf
 * @buf: the SCTP message
 * @len: its length
 * @stream: the stream it came on
 * @link: XHA_LINK_HELLO or XHA_LINK_UP, the state of the link now
 *
 * Return: 0; -EBADMSG if too short, too long, or the length field disagrees;
 * -EPROTONOSUPPORT for an unknown type; -EPROTO for a wrong stream, group
 * field or body size; -EBUSY where the type is not allowed in @link.
 */
int xha_wire_open(struct xha_wire_frame *f, const u8 *buf, size_t len,
		  u16 stream, u8 link);

/*
 * Encoders write header and body to @buf (at least XHA_WIRE_FRAME_MAX bytes)
 * and return the frame's length, or -EMSGSIZE / -EINVAL where the content
 * cannot be put on the wire. @type, @group, @seq, @epoch come from @f (body
 * and body_len are not used). Decoders take the body of an opened frame,
 * validate every field to its range, skip unknown optional TLVs (type with
 * bit 15 set), refuse unknown mandatory ones with -EPROTONOSUPPORT, duplicate
 * TLVs and missing required ones with -EBADMSG, values out of range with
 * -ERANGE, and never touch more than the output struct, which is wiped on
 * error. @bad, if not NULL, gets a constant string that names the field.
 * On a truncated TLV or body they return -EBADMSG; both return -EINVAL for a
 * type of @f that has another form. Encoders take what decoders accept and
 * nothing else, and wipe @buf on error; on success it may hold keys, and
 * wiping it is the caller's.
 *
 * Context: any. No locks, no allocation, at most some 200 bytes of stack.
 */
int xha_wire_put_empty(u8 *buf, const struct xha_wire_frame *f);
int xha_wire_put_hello(u8 *buf, const struct xha_wire_frame *f,
		       const struct xha_wire_hello *h);
int xha_wire_put_group(u8 *buf, const struct xha_wire_frame *f,
		       const struct xha_wire_group *g);
int xha_wire_put_ack(u8 *buf, const struct xha_wire_frame *f,
		     const struct xha_wire_ack *a);
int xha_wire_put_nak(u8 *buf, const struct xha_wire_frame *f,
		     const struct xha_wire_nak *n);
int xha_wire_put_hearing(u8 *buf, const struct xha_wire_frame *f,
			 const struct xha_wire_hearing *h);
int xha_wire_put_clock(u8 *buf, const struct xha_wire_frame *f,
		       const struct xha_wire_clock *c);
int xha_wire_put_sync(u8 *buf, const struct xha_wire_frame *f,
		      const struct xha_wire_sync *s);
int xha_wire_put_sums(u8 *buf, const struct xha_wire_frame *f,
		      const struct xha_wire_sums *s);
int xha_wire_put_bulk(u8 *buf, const struct xha_wire_frame *f,
		      const struct xha_wire_bulk *b);
int xha_wire_put_del(u8 *buf, const struct xha_wire_frame *f,
		     const struct xha_wire_del *d);
int xha_wire_put_verdict(u8 *buf, const struct xha_wire_frame *f,
			 const struct xha_wire_verdict *v);
int xha_wire_put_commit(u8 *buf, const struct xha_wire_frame *f,
			const struct xha_wire_commit *c);
int xha_wire_put_sa(u8 *buf, const struct xha_wire_frame *f,
		    const struct xha_wire_sa *sa);
int xha_wire_put_policy(u8 *buf, const struct xha_wire_frame *f,
			const struct xha_wire_policy *p);
int xha_wire_put_counters(u8 *buf, const struct xha_wire_frame *f,
			  const struct xha_wire_counters *c);
int xha_wire_put_window_big(u8 *buf, const struct xha_wire_frame *f,
			    const struct xha_wire_window_big *w);

int xha_wire_get_hello(struct xha_wire_hello *h, const struct xha_wire_frame *f,
		       const char **bad);
int xha_wire_get_group(struct xha_wire_group *g, const struct xha_wire_frame *f,
		       const char **bad);
int xha_wire_get_ack(struct xha_wire_ack *a, const struct xha_wire_frame *f,
		     const char **bad);
int xha_wire_get_nak(struct xha_wire_nak *n, const struct xha_wire_frame *f,
		     const char **bad);
int xha_wire_get_hearing(struct xha_wire_hearing *h,
			 const struct xha_wire_frame *f, const char **bad);
int xha_wire_get_clock(struct xha_wire_clock *c, const struct xha_wire_frame *f,
		       const char **bad);
int xha_wire_get_sync(struct xha_wire_sync *s, const struct xha_wire_frame *f,
		      const char **bad);
int xha_wire_get_sums(struct xha_wire_sums *s, const struct xha_wire_frame *f,
		      const char **bad);
int xha_wire_get_bulk(struct xha_wire_bulk *b, const struct xha_wire_frame *f,
		      const char **bad);
int xha_wire_get_del(struct xha_wire_del *d, const struct xha_wire_frame *f,
		     const char **bad);
int xha_wire_get_verdict(struct xha_wire_verdict *v,
			 const struct xha_wire_frame *f, const char **bad);
int xha_wire_get_commit(struct xha_wire_commit *c,
			const struct xha_wire_frame *f, const char **bad);
int xha_wire_get_sa(struct xha_wire_sa *sa, const struct xha_wire_frame *f,
		    const char **bad);
int xha_wire_get_policy(struct xha_wire_policy *p,
			const struct xha_wire_frame *f, const char **bad);
int xha_wire_get_counters(struct xha_wire_counters *c,
			  const struct xha_wire_frame *f, const char **bad);
int xha_wire_get_window_big(struct xha_wire_window_big *w,
			    const struct xha_wire_frame *f, const char **bad);

/**
 * xha_wire_digest() - digest of one SA or policy in the shadow digest
 * @incarnation: of the SA or policy
 * @gen: its generation
 *
 * A mix of both without any key material, summed (mod 2^64) over all by the
 * caller, so that order does not matter.
 */
u64 xha_wire_digest(u64 incarnation, u32 gen);

/* Which bucket an SA or policy is in, 0..XHA_WIRE_BUCKETS - 1. */
static inline unsigned int xha_wire_bucket(u64 incarnation)
{
	return incarnation % XHA_WIRE_BUCKETS;
}

#endif /* XHA_WIRE_H */
