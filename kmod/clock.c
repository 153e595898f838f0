// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arithmetic of moments.
 *
 * A measurement is true for the time it was made. Clocks drift, so it grows by
 * what they may have gone apart since, and one of a moment with less delay
 * takes its place. Should they drift faster than that, it is dropped with its
 * window.
 */
#include "clock.h"
#include "wire.h"

#define SECONDS_MAX	0x10000000000LL
#define MOMENT_MAX	((s64)XHA_WIRE_TIME_BIAS - 1)

static s64 floor_s(s64 ms)
{
	s64 s = div_s64(ms, 1000);

	return s - (s * 1000 > ms);
}

static s64 ms_of(s64 ms)
{
	return ms - floor_s(ms) * 1000;
}

static s64 grown(s64 least, s64 at, s64 now)
{
	if (least == XHA_CLOCK_NEVER || now <= at)
		return least;
	return least + ((now - at) >> XHA_CLOCK_DRIFT) + 1;
}

void xha_clock_init(struct xha_clock *c)
{
	memset(c, 0, sizeof(*c));
	c->least[0] = XHA_CLOCK_NEVER;
	c->least[1] = XHA_CLOCK_NEVER;
	c->told = XHA_CLOCK_NEVER;
}

static void turn_window(struct xha_clock *c, s64 now)
{
	s64 age = now - c->since;

	if (age < XHA_CLOCK_WINDOW)
		return;
	c->least[1] = age < 2 * XHA_CLOCK_WINDOW ? c->least[0] : XHA_CLOCK_NEVER;
	c->at[1] = c->at[0];
	c->least[0] = XHA_CLOCK_NEVER;
	c->since = now;
}

/* Rounding must not make it less than it was. */
static void heard(struct xha_clock *c, s64 stamp, s64 now)
{
	now++;
	c->stamp = stamp;
	turn_window(c, now);
	if (now - stamp <= grown(c->least[0], c->at[0], now)) {
		c->least[0] = now - stamp;
		c->at[0] = now;
	}
}

static s64 fresh(s64 least, s64 at, s64 now)
{
	if (now - at >= 2 * XHA_CLOCK_WINDOW)
		return XHA_CLOCK_NEVER;
	return grown(least, at, now);
}

s64 xha_clock_least(const struct xha_clock *c, s64 now)
{
	return min_t(s64, fresh(c->least[0], c->at[0], now),
		     fresh(c->least[1], c->at[1], now));
}

const char *xha_clock_frame(struct xha_clock *c, s64 stamp, s64 least, s64 now)
{
	if (least == XHA_CLOCK_NEVER)
		xha_clock_init(c);
	if (stamp < c->stamp) {
		xha_clock_init(c);
		return "the clock runs backwards";
	}
	heard(c, stamp, now);
	if (least == XHA_CLOCK_NEVER)
		return NULL;
	if (xha_clock_least(c, now) + least < -XHA_CLOCK_SLACK) {
		xha_clock_init(c);
		return "by the clocks, frames arrive before they are sent";
	}
	c->told = least;
	c->told_at = now;
	return NULL;
}

s64 xha_clock_here(const struct xha_clock *c, s64 moment, s64 now)
{
	if (moment == XHA_CLOCK_NEVER)
		return moment;
	moment -= grown(c->told, c->told_at, now) + XHA_CLOCK_MARGIN;
	return min_t(s64, moment, now);
}

s64 xha_clock_better(s64 a, s64 b)
{
	s64 first = min_t(s64, a, b), last = max_t(s64, a, b);

	if (last == XHA_CLOCK_NEVER || last - first > XHA_CLOCK_APART)
		return first;
	return last;
}

s64 xha_clock_first(s64 known, s64 told)
{
	return told < known - XHA_CLOCK_APART ? told : known;
}

u64 xha_clock_to_wire(s64 moment)
{
	if (moment == XHA_CLOCK_NEVER)
		return 0;
	moment = min_t(s64, max_t(s64, moment, -MOMENT_MAX), MOMENT_MAX);
	return (u64)(moment + (s64)XHA_WIRE_TIME_BIAS);
}

s64 xha_clock_from_wire(u64 w)
{
	return w ? (s64)w - (s64)XHA_WIRE_TIME_BIAS : XHA_CLOCK_NEVER;
}

u64 xha_clock_age(s64 moment, s64 now)
{
	if (moment == XHA_CLOCK_NEVER)
		return U64_MAX;
	return now > moment ? (u64)floor_s(now - moment + 999) : 0;
}

s64 xha_clock_of_age(u64 age, s64 now)
{
	if (age == U64_MAX)
		return XHA_CLOCK_NEVER;
	return now - (s64)min_t(u64, age, SECONDS_MAX) * 1000;
}

s64 xha_clock_of_seconds(u64 seconds, u32 ms)
{
	s64 s = min_t(s64, max_t(s64, seconds, -SECONDS_MAX), SECONDS_MAX);

	return s * 1000 + ms;
}

/* 0 is "unused" to xfrm. */
static s64 use_seconds(s64 use, s64 ms)
{
	s64 s;

	if (use == XHA_CLOCK_NEVER)
		return 0;
	s = floor_s(use - ms);
	return s ? s : -1;
}

/*
 * Its seconds are counted at ticks: a look right after one begins may still
 * find the one before, and be late by one. A look at the end of one that comes
 * a bit too late finds the next, and is early by one.
 */
void xha_clock_pace(struct xha_pace *p, s64 add, s64 use)
{
	s64 ms = ms_of(add);

	p->base = add;
	if (ms < XHA_CLOCK_LAG)
		p->base -= ms + XHA_CLOCK_ROOM;
	else if (ms > 1000 - XHA_CLOCK_ROOM)
		p->base -= ms - (1000 - XHA_CLOCK_ROOM);
	p->add = floor_s(p->base);
	p->use = use_seconds(use, ms_of(p->base));
}

void xha_clock_pace_unknown(struct xha_pace *p, s64 add, s64 use)
{
	p->base = add;
	p->add = floor_s(add - 999);
	p->use = use_seconds(use, 999);
}

s64 xha_clock_next(s64 base, s64 now)
{
	return now + ms_of(base - now);
}
