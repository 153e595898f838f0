// SPDX-License-Identifier: GPL-2.0-only
/* Elections in sentences; with "all", all there is to say of them. */
#include <stdio.h>
#include <string.h>

#include "standby.h"
#include "xha.h"

static struct json_object *part(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	json_object_object_get_ex(o, key, &v);
	return v;
}

static void print_ms(const char *before, long long ms, const char *after)
{
	printf("%s%lld.%03lld s%s", before, ms / 1000, ms % 1000, after);
}

static void print_vips(struct json_object *election)
{
	struct json_object *vips = xha_answer_array(election, "vips");
	size_t i;

	for (i = 0; vips && i < json_object_array_length(vips); i++)
		printf("  Virtual IP address is %s%s\n",
		       json_object_get_string(json_object_array_get_idx(vips, i)),
		       i ? " (secondary)" : "");
}

static void print_router(struct json_object *election, const char *key,
			 const char *title, bool all)
{
	struct json_object *r = part(election, key);

	if (!json_object_is_type(r, json_type_object)) {
		printf("  %s router is unknown\n", title);
		return;
	}
	if (xha_answer_flag(r, "local")) {
		printf("  %s router is local\n", title);
		return;
	}
	printf("  %s router is %s, priority %lld", title,
	       xha_answer_text(r, "address"), xha_answer_number(r, "priority"));
	if (all)
		print_ms(" (expires in ", xha_answer_number(r, "expires_ms"),
			 ")");
	putchar('\n');
}

static void print_view(struct json_object *view, const char *title)
{
	if (!json_object_is_type(view, json_type_object)) {
		printf("  %s: nothing is known\n", title);
		return;
	}
	printf("  %s: the other node is %s, witness %s\n", title,
	       xha_answer_text(view, "peer"),
	       xha_answer_text(view, "witness"));
}

static void print_hearing(struct json_object *election)
{
	struct json_object *h = part(election, "hearing");

	if (!json_object_is_type(h, json_type_object))
		return;
	print_view(part(h, "here"), "Heard here");
	print_view(part(h, "at_peer"), "Heard by the peer");
}

/* Why this node leaves the role to its peer, if it does. */
static void print_fault(struct json_object *group)
{
	struct json_object *h = part(group, "hearing");
	const char *fault = xha_answer_text(h, "fault");

	if (!json_object_is_type(h, json_type_object))
		return;
	if (strcmp(fault, "none"))
		printf("  This node is %s on %s\n", fault,
		       xha_answer_text(h, "interface"));
	if (*xha_answer_text(h, "muted"))
		printf("  Preemption waits: %s\n",
		       xha_answer_text(h, "muted"));
}

static void print_timers(struct json_object *election, bool all)
{
	printf("  Hello time %lld msec, hold time %lld msec%s\n",
	       xha_answer_number(election, "hello_ms"),
	       xha_answer_number(election, "hold_ms"),
	       all && xha_answer_flag(election, "timers_learnt") ?
	       " (learnt from the active)" : "");
	if (all)
		printf("    configured: hello time %lld msec, hold time %lld msec\n",
		       xha_answer_number(election, "hello_configured_ms"),
		       xha_answer_number(election, "hold_configured_ms"));
}

static void print_delay(struct json_object *election, const char *key,
			const char *title)
{
	struct json_object *d = part(election, key), *sync = part(d, "sync_ms");

	print_ms(title, xha_answer_number(d, "minimum_ms"), ", after a boot ");
	print_ms("", xha_answer_number(d, "reload_ms"), "");
	if (sync)
		print_ms(", waits for sync ", json_object_get_int64(sync), "");
	if (xha_answer_number(d, "left_ms"))
		print_ms(", running, ", xha_answer_number(d, "left_ms"),
			 " left");
	putchar('\n');
}

static void print_auth(struct json_object *election)
{
	struct json_object *ids = xha_answer_array(election, "auth_key_ids");
	size_t i, n = ids ? json_object_array_length(ids) : 0;

	printf("  Authentication %s", xha_answer_text(election, "auth"));
	for (i = 0; i < n; i++)
		printf("%s%s", i ? ", " : ", key ids ",
		       json_object_get_string(json_object_array_get_idx(ids, i)));
	putchar('\n');
}

static void print_more(struct json_object *election)
{
	xha_answer_print_mac(election);
	printf("  Own address %s, peer %s\n",
	       xha_answer_text(election, "address"),
	       xha_answer_text(election, "peer"));
	printf("  Interface %s, election %s\n",
	       xha_answer_flag(election, "link_up") ? "up" : "down",
	       xha_answer_flag(election, "running") ? "running" : "stopped");
	print_hearing(election);
	print_delay(election, "delay", "  Delay minimum ");
	print_delay(election, "preempt_delay", "  Preemption delay minimum ");
	print_auth(election);
}

static void print_counters(struct json_object *election, bool all)
{
	printf("  Packets sent %lld, received %lld\n",
	       xha_answer_number(election, "sent"),
	       xha_answer_number(election, "received"));
	if (all)
		printf("    could not be sent: %lld, advertisements of interfaces received: %lld\n",
		       xha_answer_number(election, "send_failed"),
		       xha_answer_number(election, "adverts"));
	xha_answer_print_bad(election, all);
}

static void print_election(struct json_object *group,
			   struct json_object *election, bool all)
{
	printf("%s - Group %lld (version %lld)\n",
	       xha_answer_text(election, "interface"),
	       xha_answer_number(election, "number"),
	       xha_answer_number(election, "version"));
	xha_answer_print_state(election);
	print_vips(election);
	print_timers(election, all);
	printf("  Preemption %s\n",
	       xha_answer_flag(election, "preempt") ? "enabled" : "disabled");
	print_router(election, "active", "Active", all);
	print_router(election, "standby", "Standby", all);
	xha_tracks_print_priority(election, "Priority");
	xha_tracks_print(group);
	xha_answer_print_missing(group);
	print_fault(group);
	printf("  Group name is \"%s\", redundancy group %lld \"%s\" (%s)\n",
	       xha_answer_text(election, "name"),
	       xha_answer_number(group, "id"), xha_answer_text(group, "name"),
	       xha_answer_text(group, "role"));
	if (all)
		print_more(election);
	print_counters(election, all);
	if (!all)
		return;
	puts("  History:");
	xha_standby_changes(election, "    ");
}

static void print_one(struct json_object *group, struct json_object *election,
		      void *arg)
{
	const bool *all = arg;

	if (!xha_standby_is_vrrp(election))
		print_election(group, election, *all);
	else if (*all)
		xha_standby_vrrp(group, election, true);
	else
		printf("%s - Virtual router %lld (VRRP version %lld)\n"
		       "  State is %s (more: show vrrp)\n",
		       xha_answer_text(election, "interface"),
		       xha_answer_number(election, "number"),
		       xha_answer_number(election, "version"),
		       xha_answer_text(election, "state"));
}

/**
 * xha_standby_detail - print elections in sentences, VRRP in one
 * @groups: the groups, with the elections that are wanted
 * @all: all there is to say of them, and of their groups what changed
 */
void xha_standby_detail(struct json_object *groups, bool all)
{
	struct json_object *group;
	size_t i;

	xha_standby_each(groups, print_one, &all);
	for (i = 0; all && i < json_object_array_length(groups); i++) {
		group = json_object_array_get_idx(groups, i);
		printf("Redundancy group %lld \"%s\" is %s\n  History:\n",
		       xha_answer_number(group, "id"),
		       xha_answer_text(group, "name"),
		       xha_answer_text(group, "role"));
		xha_standby_changes(group, "    ");
	}
}
