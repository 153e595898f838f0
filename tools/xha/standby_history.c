// SPDX-License-Identifier: GPL-2.0-only
/* The last changes of elections and groups, oldest first. */
#include <stdio.h>

#include "standby.h"
#include "xha.h"
#include "xha_util.h"

/**
 * xha_standby_changes - print the changes of an election or a group
 * @o: the election or the group
 * @indent: what each line begins with
 */
void xha_standby_changes(struct json_object *o, const char *indent)
{
	struct json_object *list = xha_answer_array(o, "history"), *c;
	size_t i, n = list ? json_object_array_length(list) : 0;
	long long us;

	if (!n)
		printf("%sno change yet\n", indent);
	for (i = 0; i < n; i++) {
		c = json_object_array_get_idx(list, i);
		us = xha_answer_number(c, "monotonic_us");
		printf("%s%s [%lld.%06lld] %s -> %s: %s\n", indent,
		       xha_answer_text(c, "time"), us / 1000000, us % 1000000,
		       xha_answer_text(c, "from"), xha_answer_text(c, "to"),
		       xha_answer_text(c, "cause"));
	}
}

static void print_election(struct json_object *election)
{
	printf("  %s - %s %lld \"%s\"\n", xha_answer_text(election, "interface"),
	       xha_standby_is_vrrp(election) ? "Virtual router" : "Group",
	       xha_answer_number(election, "number"),
	       xha_answer_text(election, "name"));
	xha_standby_changes(election, "    ");
}

/**
 * xha_standby_history - print what changed, group by group
 * @groups: the groups, with the elections that are wanted
 */
void xha_standby_history(struct json_object *groups)
{
	struct json_object *group, *list;
	size_t i, k;

	for (i = 0; i < json_object_array_length(groups); i++) {
		group = json_object_array_get_idx(groups, i);
		printf("Redundancy group %lld \"%s\" is %s\n",
		       xha_answer_number(group, "id"),
		       xha_answer_text(group, "name"),
		       xha_answer_text(group, "role"));
		xha_standby_changes(group, "  ");
		list = xha_answer_array(group, "standby");
		for (k = 0; list && k < json_object_array_length(list); k++)
			print_election(json_object_array_get_idx(list, k));
	}
}

/**
 * xha_standby_history_trim - keep the histories and what they are of
 * @groups: the groups
 */
void xha_standby_history_trim(struct json_object *groups)
{
	static const char *const keys[] = {
		"protocol", "name", "interface", "number", "state", "history",
	};
	struct json_object *list, *e;
	size_t i, k;

	for (i = 0; i < json_object_array_length(groups); i++) {
		list = xha_answer_array(json_object_array_get_idx(groups, i),
					"standby");
		for (k = 0; list && k < json_object_array_length(list); k++) {
			e = json_object_array_get_idx(list, k);
			json_object_array_put_idx(list, k,
						  xha_answer_pick(e, keys,
								  ARRAY_SIZE(keys)));
		}
	}
}
