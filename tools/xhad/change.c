// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "log.h"
#include "show.h"
#include "trace.h"

/**
 * xha_cause_format - a cause in words
 * @cause: the cause
 * @buf: for the text
 * @size: bytes at @buf
 *
 * Return: @buf.
 */
const char *xha_cause_format(const struct xha_cause *cause, char *buf,
			     size_t size)
{
	char addr[XHA_ADDR_STRLEN];

	if (cause->from.len)
		snprintf(buf, size, "%s: %s priority %u", cause->words,
			 xha_addr_format(&cause->from, addr, sizeof(addr)),
			 cause->priority);
	else
		snprintf(buf, size, "%s", cause->words);
	return buf;
}

static void begin(struct xha_change *c, const char *from, const char *to)
{
	memset(c, 0, sizeof(*c));
	c->mono_us = xha_log_now_us();
	c->wall_us = show_wall_us();
	c->from = from;
	c->to = to;
}

static void tell(struct json_object *o, const char *event,
		 const struct xha_change *c)
{
	show_str(o, "event", event);
	show_str(o, "from", c->from);
	show_str(o, "to", c->to);
	show_str(o, "cause", c->cause);
	xha_trace_end(XHA_TRACE_EVENT, o);
}

/**
 * xha_change_elect - an election has another state
 * @e: the election
 * @from: word for the state before, static
 * @to: word for the state now, static
 * @cause: why
 */
void xha_change_elect(struct xha_elect *e, const char *from, const char *to,
		      const struct xha_cause *cause)
{
	struct xha_change c;

	begin(&c, from, to);
	xha_cause_format(cause, c.cause, sizeof(c.cause));
	xha_history_add(&e->history, &c);
	if (xha_trace_on(XHA_TRACE_EVENT))
		tell(xha_trace_begin("event", e), "state", &c);
}

/**
 * xha_role_word - word for what a group is on this node
 * @role: the group
 *
 * Return: a static string.
 */
const char *xha_role_word(const struct xha_role *role)
{
	switch (role->mode) {
	case XHA_ROLE_ACTIVE:
		return "active";
	case XHA_ROLE_GIVING:
		return "handover";
	case XHA_ROLE_STANDBY:
		break;
	}
	return role->kernel_standby ? "standby" : "init";
}

/* Before anything was noted a group has no role. */
static const char *shown(const struct xha_role *role)
{
	return role->shown ? role->shown : "init";
}

/**
 * xha_role_note - what a group is on this node may have changed
 * @role: the group
 * @cause: why; also the cause of what its elections are told next
 */
void xha_role_note(struct xha_role *role, const char *cause)
{
	const char *now = xha_role_word(role);
	struct json_object *o;
	struct xha_change c;

	if (cause != role->cause)
		snprintf(role->cause, sizeof(role->cause), "%s", cause);
	if (!strcmp(shown(role), now))
		return;
	begin(&c, shown(role), now);
	memcpy(c.cause, role->cause, sizeof(c.cause));
	role->shown = now;
	xha_history_add(&role->history, &c);
	if (!xha_trace_on(XHA_TRACE_EVENT))
		return;
	o = xha_trace_begin("event", NULL);
	show_str(o, "group", xha_role_name(role));
	tell(o, "role", &c);
}

/**
 * xha_role_enter - change what a group is on this node
 * @role: the group
 * @mode: what it is from now on
 * @cause: why, or NULL where the first election asked for it
 */
void xha_role_enter(struct xha_role *role, enum xha_role_mode mode,
		    const char *cause)
{
	struct xha_cause cue = role->elects[0]->cue;
	char text[XHA_CAUSE_LEN];

	if (!cue.words)
		cue.words = "no active heard";
	if (!cause)
		cause = xha_cause_format(&cue, text, sizeof(text));
	role->mode = mode;
	xha_role_note(role, cause);
}
