/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arithmetic of moments, in ms. Where clocks of two machines must be compared,
 * of everything that cannot be known the earlier is taken: a lifetime ends
 * early by what is in doubt, never late. Pure: whoever calls says what time
 * it is.
 *
 * A node stamps frames with its clock, and is told the least that the peer's
 * clock was ahead of a stamp when that came in. No frame arrives before it was
 * sent, so the peer's clock is ahead by that at most, whatever the delays were.
 */
#ifndef XHA_CLOCK_H
#define XHA_CLOCK_H

#include "wire_os.h"

#define XHA_CLOCK_NEVER		S64_MAX

#define XHA_CLOCK_DRIFT		9	/* clocks go apart by 1/512 at most */
#define XHA_CLOCK_WINDOW	64000	/* ms a measurement is kept, or twice that */
#define XHA_CLOCK_MARGIN	16	/* ms: drift while the answer is under way */
#define XHA_CLOCK_SLACK		1000	/* ms: a round trip below minus that is absurd */
#define XHA_CLOCK_APART		2000	/* ms: so far apart are two events */
#define XHA_CLOCK_LAG		20	/* ms the kernel's whole seconds may be behind */
#define XHA_CLOCK_ROOM		200	/* ms its timers may be late */

/**
 * struct xha_clock - how two clocks stand to each other
 * @least: least (own clock on arrival - peer's stamp) in this window, in the
 *	one before; %XHA_CLOCK_NEVER while there is none
 * @at: when they were measured
 * @since: when this window began
 * @stamp: last stamp of the peer
 * @told: the peer's own @least, %XHA_CLOCK_NEVER until it says so
 * @told_at: when it said so
 */
struct xha_clock {
	s64	least[2];
	s64	at[2];
	s64	since;
	s64	stamp;
	s64	told;
	s64	told_at;
};

/* Nothing is known of the peer's clock (any more). */
void xha_clock_init(struct xha_clock *c);

/**
 * xha_clock_frame() - the peer tells its time
 * @stamp: when it made the frame, by its clock
 * @least: its own xha_clock_least(); %XHA_CLOCK_NEVER: it begins anew, and so
 *	does @c
 * @now: own clock, rounded down
 * Return: NULL; what is wrong with it where the stamp is older than the one
 * before, or a frame there and back would have arrived before it was sent. Then
 * @c begins anew, and so will the peer.
 */
const char *xha_clock_frame(struct xha_clock *c, s64 stamp, s64 least, s64 now);

/**
 * xha_clock_least() - what to tell the peer
 * Return: see &struct xha_clock, grown by the drift since; %XHA_CLOCK_NEVER
 * where there is none, or none younger than two windows.
 */
s64 xha_clock_least(const struct xha_clock *c, s64 now);

static inline bool xha_clock_known(const struct xha_clock *c)
{
	return c->told != XHA_CLOCK_NEVER;
}

/**
 * xha_clock_here() - a moment of the peer's clock by the own one
 * @c: xha_clock_known()
 * @moment: %XHA_CLOCK_NEVER stays that
 * Return: the moment or earlier, and not after @now.
 */
s64 xha_clock_here(const struct xha_clock *c, s64 moment, s64 now);

/*
 * Of two that are told of an event, neither after it, the better one: the later.
 * Where they are further apart than the way of a frame explains they are of two
 * events, or of a clock that stood still, and the earlier counts. "Never" tells
 * nothing.
 */
s64 xha_clock_better(s64 a, s64 b);

/* What is known, unless what is told, a bit late perhaps, is clearly before. */
s64 xha_clock_first(s64 known, s64 told);

/* To and from the wire: 0 is never, see %XHA_WIRE_TIME_BIAS. */
u64 xha_clock_to_wire(s64 moment);
s64 xha_clock_from_wire(u64 w);

/* Whole seconds since @moment, rounded up; U64_MAX if never. */
u64 xha_clock_age(s64 moment, s64 now);

/* The moment of an age in whole seconds. */
s64 xha_clock_of_age(u64 age, s64 now);

/* Seconds as xfrm has them, plus ms, within bounds that nothing overflows. */
s64 xha_clock_of_seconds(u64 seconds, u32 ms);

/**
 * struct xha_pace - how xfrm is told of a moment
 * @add: whole seconds for curlft.add_time
 * @use: for curlft.use_time, 0 if unused
 * @base: xfrm's timer is to look at this ms of a second
 */
struct xha_pace {
	s64	add;
	s64	use;
	s64	base;
};

/**
 * xha_clock_pace() - moments for xfrm's timers
 * @p: filled
 * @add: when it was added, ms of CLOCK_REALTIME
 * @use: when it was used, likewise, or %XHA_CLOCK_NEVER
 *
 * xfrm compares whole seconds, and looks in steps of whole seconds from where
 * its timer was started: it finds a limit of N seconds reached at @add + N plus
 * the ms of @base, which is at the very moment or up to %XHA_CLOCK_LAG +
 * %XHA_CLOCK_ROOM ms before.
 */
void xha_clock_pace(struct xha_pace *p, s64 add, s64 use);

/* The same where nobody knows at which ms the timer looks: early by up to 2 s. */
void xha_clock_pace_unknown(struct xha_pace *p, s64 add, s64 use);

/* The first moment at or after @now that is a whole number of s from @base. */
s64 xha_clock_next(s64 base, s64 now);

#endif /* XHA_CLOCK_H */
