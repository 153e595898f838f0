/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients of the control socket that listen to what elections do. */
#ifndef XHA_CTL_DEBUG_H
#define XHA_CTL_DEBUG_H

#include "out.h"
#include "trace.h"

/**
 * struct xha_debug - a client that may listen; all zero does not
 * @sink: who listens; first, so that one pointer is the other
 * @out: its way to the client
 */
struct xha_debug {
	struct xha_trace_sink sink;
	struct xha_out *out;
};

const char *xha_debug_kinds(struct json_object *request, unsigned int *kinds);
int xha_debug_start(struct xha_debug *debug, struct xha_out *out,
		    unsigned int kinds);
void xha_debug_stop(struct xha_debug *debug);

/**
 * xha_debug_runs - whether a client listens
 * @debug: the client
 *
 * Return: true from xha_debug_start() on.
 */
static inline bool xha_debug_runs(const struct xha_debug *debug)
{
	return debug->out;
}

#endif /* XHA_CTL_DEBUG_H */
