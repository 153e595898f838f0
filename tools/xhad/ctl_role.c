// SPDX-License-Identifier: GPL-2.0-only
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl_role.h"
#include "log.h"
#include "xhad.h"

#define TIMEOUT_MAX_MS	600000

static struct json_object *refusal(const char *code, const char *error)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "ok", json_object_new_boolean(false));
	json_object_object_add(o, "error", json_object_new_string(error));
	json_object_object_add(o, "code", json_object_new_string(code));
	return o;
}

static void answer(struct ctl_role *c, struct json_object *reply)
{
	ctl_role_drop(c);
	c->answer(c->arg, reply);
}

static struct json_object *success(const struct ctl_role *c)
{
	const struct xha_role *role = c->external->role;
	struct json_object *o = json_object_new_object();
	__u64 took = (xha_log_now_us() - c->since_us) / 1000;

	json_object_object_add(o, "ok", json_object_new_boolean(true));
	json_object_object_add(o, "group",
			       json_object_new_string(role->conf->name));
	json_object_object_add(o, "role",
			       json_object_new_string(external_order_name(c->order)));
	json_object_object_add(o, "took_ms", json_object_new_uint64(took));
	return o;
}

static int on_limit(sd_event_source *s, uint64_t usec, void *arg)
{
	struct ctl_role *c = arg;
	char why[192], text[384];

	switch (external_outcome(c->external, c->serial, why, sizeof(why))) {
	case EXTERNAL_REACHED:
	case EXTERNAL_REPLACED:
		ctl_role_settle(c);
		return 0;
	case EXTERNAL_PENDING:
		break;
	}
	snprintf(text, sizeof(text),
		 "group %s is not %s yet, and goes on trying: %s",
		 xha_role_name(c->external->role),
		 external_order_name(c->order), why);
	answer(c, refusal("timeout", text));
	return 0;
}

static int parse(struct json_object *request, enum external_order *order,
		 unsigned int *timeout_ms)
{
	struct json_object *v;
	int64_t ms;

	if (!json_object_object_get_ex(request, "role", &v) ||
	    !json_object_is_type(v, json_type_string) ||
	    external_order_parse(json_object_get_string(v), order))
		return -1;
	if (!json_object_object_get_ex(request, "timeout_ms", &v) ||
	    !json_object_is_type(v, json_type_int))
		return -1;
	ms = json_object_get_int64(v);
	if (ms < 1 || ms > TIMEOUT_MAX_MS)
		return -1;
	*timeout_ms = ms;
	return 0;
}

/**
 * ctl_role_tell - take a client's word
 * @c: of the client; waits for nothing
 * @role: the group
 * @request: with "role" and "timeout_ms"
 * @answer: called once, maybe before this returns
 * @arg: passed to @answer
 */
void ctl_role_tell(struct ctl_role *c, struct xha_role *role,
		   struct json_object *request, ctl_role_answer_fn answer_fn,
		   void *arg)
{
	struct xhad_group *g = role->host_arg;
	unsigned int timeout_ms;
	char text[256];
	int err;

	if (!role->conf->external) {
		snprintf(text, sizeof(text),
			 "group %s has an election of its own, which decides the role: use xha switchover %s",
			 role->conf->name, role->conf->name);
		answer_fn(arg, refusal("refused", text));
		return;
	}
	if (parse(request, &c->order, &timeout_ms)) {
		snprintf(text, sizeof(text),
			 "role must be active, standby or fault, timeout_ms 1..%d",
			 TIMEOUT_MAX_MS);
		answer_fn(arg, refusal("refused", text));
		return;
	}
	c->answer = answer_fn;
	c->arg = arg;
	c->since_us = xha_log_now_us();
	err = sd_event_add_time_relative(g->xhad->event, &c->limit,
					 CLOCK_MONOTONIC, timeout_ms * 1000ULL,
					 0, on_limit, c);
	if (err < 0) {
		answer_fn(arg, refusal("refused", strerror(-err)));
		return;
	}
	c->external = &g->external;
	c->serial = external_tell(c->external, c->order);
	/* The loop settles it, after this event. */
}

/**
 * ctl_role_waits - whether a client waits for a role
 * @c: of the client
 *
 * Return: true until it is answered.
 */
bool ctl_role_waits(const struct ctl_role *c)
{
	return c->external;
}

/**
 * ctl_role_settle - answer a client, if there is an answer
 * @c: of the client
 */
void ctl_role_settle(struct ctl_role *c)
{
	char why[192], text[384];

	if (!c->external)
		return;
	switch (external_outcome(c->external, c->serial, why, sizeof(why))) {
	case EXTERNAL_PENDING:
		return;
	case EXTERNAL_REACHED:
		answer(c, success(c));
		return;
	case EXTERNAL_REPLACED:
		snprintf(text, sizeof(text), "group %s: \"%s\" was %s",
			 xha_role_name(c->external->role),
			 external_order_name(c->order), why);
		answer(c, refusal("replaced", text));
		return;
	}
}

/**
 * ctl_role_drop - a client does not wait any more; its word still counts
 * @c: of the client
 */
void ctl_role_drop(struct ctl_role *c)
{
	c->limit = sd_event_source_disable_unref(c->limit);
	c->external = NULL;
}
