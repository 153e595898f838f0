// SPDX-License-Identifier: GPL-2.0-only
/* What tracking does to an election, as text. */
#include <stdio.h>

#include <json-c/json.h>

#include "xha.h"

static void print_one(struct json_object *track)
{
	long long since = xha_answer_number(track, "since_ms");

	printf("  Track %s: %s %s is %s", xha_answer_text(track, "name"),
	       xha_answer_text(track, "kind"), xha_answer_text(track, "object"),
	       xha_answer_text(track, "state"));
	if (json_object_object_get(track, "since_ms"))
		printf(" for %lld.%03lld s (%s)", since / 1000, since % 1000,
		       xha_answer_text(track, "reason"));
	if (xha_answer_flag(track, "release"))
		puts(", needed for the role");
	else
		printf(", decrement %lld\n",
		       xha_answer_number(track, "decrement"));
}

/**
 * xha_tracks_print_priority - print the priority of an election
 * @election: the election
 * @title: words before it
 */
void xha_tracks_print_priority(struct json_object *election,
			       const char *title)
{
	long long priority = xha_answer_number(election, "priority");
	long long configured = xha_answer_number(election,
						 "priority_configured");

	printf("  %s %lld", title, priority);
	if (priority != configured)
		printf(" (configured %lld)", configured);
	putchar('\n');
}

/**
 * xha_tracks_print - print the tracked objects of a group
 * @group: the group
 */
void xha_tracks_print(struct json_object *group)
{
	struct json_object *tracks;
	size_t i;

	tracks = xha_answer_array(group, "track");
	if (!tracks)
		return;
	for (i = 0; i < json_object_array_length(tracks); i++)
		print_one(json_object_array_get_idx(tracks, i));
}
