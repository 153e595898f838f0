// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arithmetic of sequence numbers: leases, replay windows, IV tags.
 *
 * Windows follow net/xfrm/xfrm_replay.c bit by bit, since they are copied
 * from one kernel into another. Two layouts exist:
 *
 *   legacy  bit d is number top - d
 *   ring    (bmp and ESN) number top - d is bit (pos - d) mod size, where pos
 *           is (top - 1) mod size taken over the low 32 bits of top
 *
 * With ESN and a size that is no power of two, pos jumps when top crosses a
 * multiple of 2^32, and the kernel reads the older bits at shifted places.
 * Hence nothing here assumes that a number keeps its bit while top moves.
 */
#include "seq.h"

#define TAGS		0x10000u

u64 xha_seq_max(bool esn)
{
	return esn ? U64_MAX : U32_MAX;
}

u64 xha_seq_ceiling(u64 last, u32 interval, bool esn)
{
	u64 max = xha_seq_max(esn);

	if (last >= max || max - last < interval)
		return max;
	return last + interval;
}

bool xha_seq_lease_due(u64 last, u64 ceiling, u32 interval, bool esn)
{
	return xha_seq_skip(last, ceiling) <= interval / 2 &&
	       xha_seq_ceiling(last, interval, esn) > ceiling;
}

u64 xha_seq_adapt(u64 lease, u64 least, u64 most, u64 used, u32 ms)
{
	u64 next = lease;

	ms = max_t(u32, ms, 1);
	used *= XHA_SEQ_RENEW_MS;
	if (used > lease / 2 * ms)
		next = 2 * lease;
	else if (used < lease / 16 * ms)
		next = lease / 2;
	return max_t(u64, min_t(u64, next, most), least);
}

u32 xha_seq_lease(u32 lease, u32 interval, u64 used, u32 ms)
{
	u64 most = min_t(u64, (u64)interval * XHA_SEQ_LEASE_MAX, U32_MAX);

	/* More than 2^32 are not told apart, and would overflow. */
	used = min_t(u64, used, U32_MAX);
	return xha_seq_adapt(lease, interval, most, used, ms);
}

u64 xha_seq_beyond(u64 last, u64 acked)
{
	return last > acked ? last - acked : 0;
}

u64 xha_seq_skip(u64 last, u64 acked)
{
	return acked > last ? acked - last : 0;
}

bool xha_seq_exhausted(u64 ceiling, u32 interval, bool esn)
{
	u64 max = xha_seq_max(esn);

	return ceiling >= max || max - ceiling < 2 * (u64)interval;
}

bool xha_seq_window_due(u64 top, u64 sent, u32 interval, bool paused)
{
	return top > sent && (paused || top - sent >= interval);
}

/* Can the bitmap of this window be indexed by its size at all? */
static bool window_sane(const struct xha_seq_window *win)
{
	if (win->w->words > XHA_WIRE_BMP_WORDS)
		return false;
	if (win->mode == XHA_REPLAY_LEGACY)
		return win->size <= 32 && (!win->size || win->w->words);
	return win->size <= win->w->words * 32;
}

/* Bit that a window with this @top keeps for number top - @back. */
static u32 bit_of(const struct xha_seq_window *win, u64 top, u32 back)
{
	u32 pos;

	if (win->mode == XHA_REPLAY_LEGACY)
		return back;
	pos = ((u32)top - 1) % win->size;
	return pos >= back ? pos - back : win->size - (back - pos);
}

static bool bit_get(const struct xha_wire_window *w, u32 bit)
{
	return w->bmp[bit / 32] >> (bit % 32) & 1;
}

static void bit_set(struct xha_wire_window *w, u32 bit)
{
	w->bmp[bit / 32] |= 1U << (bit % 32);
}

static void bit_clear(struct xha_wire_window *w, u32 bit)
{
	w->bmp[bit / 32] &= ~(1U << (bit % 32));
}

bool xha_seq_seen(const struct xha_seq_window *win, u64 seq)
{
	u64 top = win->w->top;

	if (!win->size)
		return false;
	if (!seq && (win->mode != XHA_REPLAY_ESN || top < win->size - 1))
		return true;
	if (seq > top)
		return false;
	if (top - seq >= win->size)
		return true;
	return bit_get(win->w, bit_of(win, top, top - seq));
}

static void advance_legacy(const struct xha_seq_window *win, u64 seq)
{
	struct xha_wire_window *w = win->w;

	if (seq <= w->top) {
		bit_set(w, w->top - seq);
		return;
	}
	if (seq - w->top < win->size)
		w->bmp[0] = w->bmp[0] << (seq - w->top) | 1;
	else
		w->bmp[0] = 1;
	w->top = seq;
}

static void advance_ring(const struct xha_seq_window *win, u64 seq)
{
	struct xha_wire_window *w = win->w;
	u32 pos = ((u32)w->top - 1) % win->size;
	u64 diff, i;

	if (seq <= w->top) {
		bit_set(w, bit_of(win, w->top, w->top - seq));
		return;
	}
	diff = seq - w->top;
	if (diff < win->size) {
		for (i = 1; i < diff; i++)
			bit_clear(w, (pos + i) % win->size);
	} else {
		memset(w->bmp, 0, (win->size + 31) / 32 * sizeof(u32));
	}
	/* The kernel's difference has 32 bits, so has the bit it sets. */
	bit_set(w, ((u64)pos + (u32)diff) % win->size);
	w->top = seq;
}

void xha_seq_advance(const struct xha_seq_window *win, u64 seq)
{
	u64 top = win->w->top;

	/* Where the kernel's check came first, advance never sees these. */
	if (!win->size || !seq || (seq <= top && top - seq >= win->size))
		return;
	if (win->mode == XHA_REPLAY_LEGACY)
		advance_legacy(win, seq);
	else
		advance_ring(win, seq);
}

static bool has_esn(const struct xha_seq_window *win)
{
	return win->mode == XHA_REPLAY_ESN;
}

int xha_seq_merge(const struct xha_seq_window *dst,
		  const struct xha_seq_window *src)
{
	u64 top = max_t(u64, dst->w->top, src->w->top);
	u32 bits[XHA_WIRE_BMP_WORDS] = {};
	struct xha_wire_window *w = dst->w;
	u32 back, bit;

	if (has_esn(dst) != has_esn(src) || !window_sane(dst) || !window_sane(src))
		return -EINVAL;
	for (back = 0; back < dst->size && back <= top; back++) {
		if (!xha_seq_seen(dst, top - back) &&
		    !xha_seq_seen(src, top - back))
			continue;
		bit = bit_of(dst, top, back);
		bits[bit / 32] |= 1U << (bit % 32);
	}
	w->top = top;
	memcpy(w->bmp, bits, w->words * sizeof(u32));
	return 0;
}

u64 xha_seq_bits(const struct xha_seq_window *win)
{
	u64 top = win->w->top;
	u64 bits = 0;
	u32 back;

	for (back = 0; back < 64 && back < win->size && back < top; back++)
		if (bit_get(win->w, bit_of(win, top, back)))
			bits |= 1ULL << back;
	return bits;
}

void xha_seq_set_bits(const struct xha_seq_window *win, u64 top, u64 bits)
{
	struct xha_wire_window *w = win->w;
	u32 back;

	w->top = top;
	w->words = max_t(u32, w->words, win->mode == XHA_REPLAY_LEGACY ?
			 1 : (win->size + 31) / 32);
	memset(w->bmp, 0, sizeof(w->bmp));
	for (back = 0; back < win->size && back < top; back++)
		/* What 64 bits cannot tell is refused rather than taken. */
		if (back >= 64 || bits >> back & 1)
			bit_set(w, bit_of(win, top, back));
}

/*
 * Distances 1, 3, 5 … from the base are node 0's, 2, 4, 6 … node 1's; distance
 * 0, the base itself, is what the first owner uses.
 */
static u64 tag_distance(u8 node, u32 index)
{
	return 1 + 2 * (u64)index + (node & 1);
}

int xha_seq_tag(u16 base, u8 node, u32 index, u16 *tag)
{
	u64 distance = tag_distance(node, index);

	if (distance >= TAGS)
		return -ENOSPC;
	*tag = base + (u16)distance;
	return 0;
}

bool xha_seq_tags_scarce(u8 node, u32 index)
{
	return tag_distance(node, index) + 2 * XHA_SEQ_TAGS_SPARE >= TAGS;
}
