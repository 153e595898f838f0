// SPDX-License-Identifier: GPL-2.0-only
#include <json-c/json.h>
#include <string.h>

#include "ctl_debug.h"
#include "xha_util.h"

/**
 * xha_debug_kinds - read what a client wants to listen to
 * @request: its request
 * @kinds: result
 *
 * Return: NULL, or what is wrong with the request.
 */
const char *xha_debug_kinds(struct json_object *request, unsigned int *kinds)
{
	static const struct {
		const char *name;
		unsigned int kinds;
	} choices[] = {
		{ "errors",	XHA_TRACE_ERROR },
		{ "events",	XHA_TRACE_EVENT },
		{ "packets",	XHA_TRACE_PACKET | XHA_TRACE_HELLO },
	};
	struct json_object *what = NULL, *terse = NULL;
	size_t i;

	json_object_object_get_ex(request, "what", &what);
	json_object_object_get_ex(request, "terse", &terse);
	if (!json_object_is_type(what, json_type_string))
		return "\"what\" is missing: errors, events or packets";
	for (i = 0; i < ARRAY_SIZE(choices); i++)
		if (!strcmp(json_object_get_string(what), choices[i].name))
			break;
	if (i == ARRAY_SIZE(choices))
		return "\"what\" is errors, events or packets";
	*kinds = choices[i].kinds;
	if (!json_object_get_boolean(terse))
		return NULL;
	if (!(*kinds & XHA_TRACE_HELLO))
		return "\"terse\" is for packets";
	*kinds &= ~XHA_TRACE_HELLO;
	return NULL;
}

static void on_line(struct xha_trace_sink *sink, const char *text, size_t len)
{
	struct xha_debug *debug = (struct xha_debug *)sink;

	xha_out_line(debug->out, text, len);
}

/**
 * xha_debug_start - have a client listen
 * @debug: the client, which does not yet
 * @out: its way
 * @kinds: what to: enum xha_trace_kind, or'ed
 *
 * Return: 0, or as xha_out_stream().
 */
int xha_debug_start(struct xha_debug *debug, struct xha_out *out,
		    unsigned int kinds)
{
	int err = xha_out_stream(out);

	if (err)
		return err;
	debug->out = out;
	debug->sink.kinds = kinds;
	debug->sink.line = on_line;
	xha_trace_attach(&debug->sink);
	return 0;
}

/**
 * xha_debug_stop - end that; nothing is done where it does not listen
 * @debug: the client
 */
void xha_debug_stop(struct xha_debug *debug)
{
	if (xha_debug_runs(debug))
		xha_trace_detach(&debug->sink);
	debug->out = NULL;
}
