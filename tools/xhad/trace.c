// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "role.h"
#include "show.h"
#include "trace.h"

unsigned int xha_trace_kinds;

static struct xha_trace_sink *sinks;

static void sum_up(void)
{
	const struct xha_trace_sink *s;

	xha_trace_kinds = 0;
	for (s = sinks; s; s = s->next)
		xha_trace_kinds |= s->kinds;
}

/**
 * xha_trace_attach - begin to listen
 * @sink: who, with kinds and line set; stays the caller's
 */
void xha_trace_attach(struct xha_trace_sink *sink)
{
	sink->next = sinks;
	sinks = sink;
	sum_up();
}

/**
 * xha_trace_detach - listen no more
 * @sink: who; nothing is done where it does not listen
 */
void xha_trace_detach(struct xha_trace_sink *sink)
{
	struct xha_trace_sink **at = &sinks;

	while (*at && *at != sink)
		at = &(*at)->next;
	if (*at)
		*at = sink->next;
	sum_up();
}

/**
 * xha_trace_begin - a record with what all have
 * @kind: what it is, as the reader sees it
 * @e: whose it is, or NULL for none
 *
 * Return: an object, for xha_trace_end().
 */
struct json_object *xha_trace_begin(const char *kind, const struct xha_elect *e)
{
	struct json_object *o = json_object_new_object();

	show_str(o, "kind", kind);
	show_time(o, show_wall_us(), xha_log_now_us());
	if (!e)
		return o;
	show_str(o, "interface", e->ifname);
	show_str(o, "protocol",
		 e->conf->protocol == XHA_CONF_VRRP ? "vrrp" : "hsrp");
	show_u64(o, "number", e->conf->number);
	show_str(o, "name", e->conf->name);
	show_str(o, "group", xha_role_name(e->role));
	return o;
}

/**
 * xha_trace_end - tell a record to all who want it, each once
 * @kinds: under what it can be found: enum xha_trace_kind, or'ed
 * @record: the record; consumed
 */
void xha_trace_end(unsigned int kinds, struct json_object *record)
{
	const char *json = json_object_to_json_string_ext(record,
							  JSON_C_TO_STRING_PLAIN);
	size_t len = strlen(json) + 1;
	struct xha_trace_sink *s;
	char *line = malloc(len + 1);

	if (line) {
		memcpy(line, json, len - 1);
		strcpy(line + len - 1, "\n");
		for (s = sinks; s; s = s->next)
			if (s->kinds & kinds)
				s->line(s, line, len);
	}
	free(line);
	json_object_put(record);
}

/**
 * xha_trace_write_timer - tell that a timer has expired
 * @e: whose
 * @timer: which
 */
void xha_trace_write_timer(const struct xha_elect *e, const char *timer)
{
	struct json_object *o = xha_trace_begin("event", e);

	show_str(o, "event", "timer");
	show_str(o, "timer", timer);
	xha_trace_end(XHA_TRACE_EVENT, o);
}
