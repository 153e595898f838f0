/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arithmetic of sequence numbers: leases of outbound numbers, distance and
 * merging of inbound windows, reservation of IV tags. Pure.
 */
#ifndef XHA_SEQ_H
#define XHA_SEQ_H

#include "wire.h"

/**
 * xha_seq_max() - last usable number of an SA
 * @esn: 64-bit numbers
 * Return: 2^32-1 or 2^64-1 (RFC 4303 section 3.3.3: numbers never cycle).
 */
u64 xha_seq_max(bool esn);

/**
 * xha_seq_ceiling() - ceiling to publish now
 * @last: last number sent (0: none yet)
 * @interval: packets per lease, > 0
 * @esn: 64-bit numbers
 * Return: @last + @interval, at most xha_seq_max(@esn).
 */
u64 xha_seq_ceiling(u64 last, u32 interval, bool esn);

/**
 * xha_seq_lease_due() - is it time to publish a new ceiling
 * @last: last number sent
 * @ceiling: last ceiling published
 * @interval: packets per lease
 * @esn: 64-bit numbers
 * Return: true once half of the lease is used and a higher ceiling exists.
 */
bool xha_seq_lease_due(u64 last, u64 ceiling, u32 interval, bool esn);

/**
 * xha_seq_adapt() - length of a lease, of whatever is leased, from now on
 * @lease: so far; times @ms it must not overflow
 * @least: the shortest
 * @most: the longest
 * @used: used since the last look; times XHA_SEQ_RENEW_MS it must not overflow
 * @ms: time since then, 0 counts as 1
 * Return: twice @lease where the SA uses more than half of it, which is when
 * it is renewed, in XHA_SEQ_RENEW_MS; half of it where it would use less than
 * a sixteenth; from @least to @most.
 */
u64 xha_seq_adapt(u64 lease, u64 least, u64 most, u64 used, u32 ms);

/**
 * xha_seq_lease() - packets per lease from now on
 * @lease: so far
 * @interval: as configured; the least
 * @used: numbers used since the last look
 * @ms: time since then, 0 counts as 1
 * Return: xha_seq_adapt() of it, up to %XHA_SEQ_LEASE_MAX times @interval.
 */
u32 xha_seq_lease(u32 lease, u32 interval, u64 used, u32 ms);

#define XHA_SEQ_RENEW_MS	200
#define XHA_SEQ_LEASE_MAX	64

/**
 * xha_seq_beyond() - packets sent past what the standby would start at
 * @last: last number sent
 * @acked: ceiling acknowledged as applied
 */
u64 xha_seq_beyond(u64 last, u64 acked);

/**
 * xha_seq_skip() - numbers a takeover now would skip
 * @last: last number sent
 * @acked: ceiling acknowledged as applied
 */
u64 xha_seq_skip(u64 last, u64 acked);

/**
 * xha_seq_exhausted() - should the SA be handed to rekey
 * @ceiling: last ceiling published
 * @interval: packets per lease
 * @esn: 64-bit numbers
 * Return: true if no two further full leases are left.
 */
bool xha_seq_exhausted(u64 ceiling, u32 interval, bool esn);

/**
 * xha_seq_window_due() - must the window be sent
 * @top: highest number seen now
 * @sent: highest number in the last update
 * @interval: packets
 * @paused: no packet came since the last look
 * Return: true where @top moved by @interval or more, or at all when paused.
 */
bool xha_seq_window_due(u64 top, u64 sent, u32 interval, bool paused);

/*
 * A window with what its bitmap means. Sizes go up to 32 (legacy) or 4096,
 * and the words of @w must hold @size bits; xha_seq_merge() checks that, the
 * others take it as given.
 */
struct xha_seq_window {
	struct xha_wire_window	*w;
	u32			size;	/* packets; 0: no replay protection */
	u8			mode;	/* enum xha_wire_replay */
};

/**
 * xha_seq_seen() - would the kernel refuse this number as seen or too old
 *
 * Models xfrm_replay_check() of net/xfrm/xfrm_replay.c (legacy, bmp; for ESN
 * @seq is the full 64-bit number).
 */
bool xha_seq_seen(const struct xha_seq_window *win, u64 seq);

/**
 * xha_seq_advance() - record a number as seen, as xfrm_replay_advance() does
 *
 * Numbers too old for the window are ignored: the kernel checks them first.
 * Bit for bit as the kernel, which with a ring size that is no power of two
 * misplaces bits when the low half of top leaves 0.
 */
void xha_seq_advance(const struct xha_seq_window *win, u64 seq);

/**
 * xha_seq_merge() - merge a window into another
 * @dst: afterwards refuses every number that either refused before
 * @src: left alone; may be of another size, then what is too old for it counts
 *	as seen
 * Return: 0, or -EINVAL where only one of them has 64-bit numbers.
 */
int xha_seq_merge(const struct xha_seq_window *dst,
		  const struct xha_seq_window *src);

/**
 * xha_seq_bits() - the 64 newest bits of a window, bit 0 = top
 *
 * Numbers beyond the window's size or below 1 read as 0.
 */
u64 xha_seq_bits(const struct xha_seq_window *win);

/**
 * xha_seq_set_bits() - inverse of xha_seq_bits() for windows up to 64
 * @win: top and bitmap are replaced
 * @top: new top
 * @bits: bit 0 = @top
 *
 * In a larger window everything older than 64 numbers counts as seen.
 */
void xha_seq_set_bits(const struct xha_seq_window *win, u64 top, u64 bits);

/**
 * xha_seq_tag() - IV tag number @index of node @node
 * @base: top 16 bits of the first owner's salt
 * @node: 0 or 1
 * @index: how many were reserved for that node before
 * @tag: the tag, distinct from @base and from every other (node, index)
 * Return: 0, or -ENOSPC when the 2^16 tags of the SA are used up.
 */
int xha_seq_tag(u16 base, u8 node, u32 index, u16 *tag);

/**
 * xha_seq_tags_scarce() - should the SA be handed to rekey
 * @node: 0 or 1
 * @index: as for xha_seq_tag(), of the tag reserved now
 * Return: true if less than %XHA_SEQ_TAGS_SPARE are left to the node.
 */
bool xha_seq_tags_scarce(u8 node, u32 index);

#define XHA_SEQ_TAGS_SPARE	1024

#endif /* XHA_SEQ_H */
