/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What elections do, live, for those who listen ("xha debug standby"). As long
 * as nobody does, each place that could tell something tests one variable.
 */
#ifndef XHA_TRACE_H
#define XHA_TRACE_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct xha_elect;

/* What a record is; or'ed: all that somebody wants, or may find it under. */
enum xha_trace_kind {
	XHA_TRACE_ERROR		= 0x1,	/* bad packet, packet not sent */
	XHA_TRACE_EVENT		= 0x2,	/* state changed, timer expired */
	XHA_TRACE_PACKET	= 0x4,	/* any packet but the next */
	XHA_TRACE_HELLO		= 0x8,	/* what is sent again and again */
};

/**
 * struct xha_trace_sink - somebody who listens
 * @kinds: what to: enum xha_trace_kind, or'ed
 * @line: called with each record: one line of JSON with its newline
 * @next: next one
 */
struct xha_trace_sink {
	unsigned int kinds;
	void (*line)(struct xha_trace_sink *sink, const char *text, size_t len);
	struct xha_trace_sink *next;
};

/* What somebody listens to; all zero most of the time. */
extern unsigned int xha_trace_kinds;

static inline bool xha_trace_on(unsigned int kinds)
{
	return xha_trace_kinds & kinds;
}

void xha_trace_attach(struct xha_trace_sink *sink);
void xha_trace_detach(struct xha_trace_sink *sink);
struct json_object *xha_trace_begin(const char *kind,
				    const struct xha_elect *e);
void xha_trace_end(unsigned int kinds, struct json_object *record);
void xha_trace_write_timer(const struct xha_elect *e, const char *timer);

/**
 * xha_trace_timer - a timer has expired
 * @e: whose
 * @timer: which
 */
static inline void xha_trace_timer(const struct xha_elect *e, const char *timer)
{
	if (xha_trace_on(XHA_TRACE_EVENT))
		xha_trace_write_timer(e, timer);
}

#endif /* XHA_TRACE_H */
