// SPDX-License-Identifier: GPL-2.0-only
/* One line for each election, with the columns of Cisco's command. */
#include <ctype.h>
#include <stdio.h>

#include "standby.h"
#include "xha.h"
#include "xha_util.h"

/* The node in a place of the election, as a word. */
static const char *node(struct json_object *election, const char *key)
{
	struct json_object *r;

	if (!json_object_object_get_ex(election, key, &r))
		return "-";
	if (!json_object_is_type(r, json_type_object))
		return "unknown";
	return xha_answer_flag(r, "local") ? "local" :
					     xha_answer_text(r, "address");
}

/* VRRP knows a master, and nobody who would be the next one. */
static const char *active(struct json_object *election)
{
	return node(election,
		    xha_standby_is_vrrp(election) ? "master" : "active");
}

static void print_line(struct json_object *group, struct json_object *election,
		       void *arg)
{
	struct json_object *vips = xha_answer_array(election, "vips");
	size_t i, n = vips ? json_object_array_length(vips) : 0;
	const char *state = xha_answer_text(election, "state");

	printf("%-11s %-5lld %-3lld %s %c%-8s %-15s %-15s",
	       xha_answer_text(election, "interface"),
	       xha_answer_number(election, "number"),
	       xha_answer_number(election, "priority"),
	       xha_answer_flag(election, "preempt") ? "P" : " ",
	       toupper((unsigned char)*state), *state ? state + 1 : "",
	       active(election), node(election, "standby"));
	for (i = 0; i < n; i++)
		printf("%c%s", i ? ',' : ' ',
		       json_object_get_string(json_object_array_get_idx(vips,
									i)));
	putchar('\n');
}

/**
 * xha_standby_brief - print one line for each election, HSRP's and VRRP's
 * @groups: the groups, with the elections that are wanted
 */
void xha_standby_brief(struct json_object *groups)
{
	puts("                      P indicates configured to preempt.\n"
	     "                      |\n"
	     "Interface   Grp   Pri P State     Active          Standby         Virtual IP");
	xha_standby_each(groups, print_line, NULL);
}

static void add_word(struct json_object *o, const char *key, const char *word)
{
	json_object_object_add(o, key, json_object_new_string(word));
}

static void add_line(struct json_object *group, struct json_object *election,
		     void *arg)
{
	static const char *const keys[] = {
		"protocol", "interface", "number", "priority", "preempt",
		"state", "vips",
	};
	struct json_object *o = xha_answer_pick(election, keys,
						ARRAY_SIZE(keys));

	add_word(o, "active", active(election));
	add_word(o, "standby", node(election, "standby"));
	add_word(o, "group", xha_answer_text(group, "name"));
	json_object_array_add(arg, o);
}

/**
 * xha_standby_brief_json - the same as JSON
 * @groups: the groups, with the elections that are wanted
 *
 * Return: an array, the caller's.
 */
struct json_object *xha_standby_brief_json(struct json_object *groups)
{
	struct json_object *list = json_object_new_array();

	xha_standby_each(groups, add_line, list);
	return list;
}
