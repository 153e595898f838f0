// SPDX-License-Identifier: GPL-2.0-only
/* xha show standby: the elections, as xhad sees them. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

static void print_vips(struct json_object *election)
{
	struct json_object *vips;
	size_t i;

	if (!json_object_object_get_ex(election, "vips", &vips) ||
	    !json_object_is_type(vips, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(vips); i++)
		printf("  Virtual IP address is %s%s\n",
		       json_object_get_string(json_object_array_get_idx(vips, i)),
		       i ? " (secondary)" : "");
}

static void print_router(struct json_object *election, const char *key,
			 const char *title)
{
	struct json_object *r;

	if (!json_object_object_get_ex(election, key, &r) ||
	    !json_object_is_type(r, json_type_object))
		printf("  %s router is unknown\n", title);
	else if (xha_answer_flag(r, "local"))
		printf("  %s router is local\n", title);
	else
		printf("  %s router is %s, priority %lld\n", title,
		       xha_answer_text(r, "address"),
		       xha_answer_number(r, "priority"));
}

static void print_election(struct json_object *group,
			   struct json_object *election)
{
	long long changed = xha_answer_number(election, "last_change_ms");

	printf("%s - Group %lld (version %lld)\n",
	       xha_answer_text(election, "interface"),
	       xha_answer_number(election, "number"),
	       xha_answer_number(election, "version"));
	printf("  State is %s\n", xha_answer_text(election, "state"));
	printf("    %lld state changes, last state change %lld.%03lld s ago\n",
	       xha_answer_number(election, "state_changes"), changed / 1000,
	       changed % 1000);
	print_vips(election);
	printf("  Hello time %lld msec, hold time %lld msec\n",
	       xha_answer_number(election, "hello_ms"),
	       xha_answer_number(election, "hold_ms"));
	printf("  Preemption %s\n",
	       xha_answer_flag(election, "preempt") ? "enabled" : "disabled");
	print_router(election, "active", "Active");
	print_router(election, "standby", "Standby");
	printf("  Priority %lld\n", xha_answer_number(election, "priority"));
	printf("  Group name is \"%s\", redundancy group %lld \"%s\" (%s)\n",
	       xha_answer_text(election, "name"),
	       xha_answer_number(group, "id"),
	       xha_answer_text(group, "name"), xha_answer_text(group, "role"));
	printf("  Packets sent %lld, received %lld\n",
	       xha_answer_number(election, "sent"),
	       xha_answer_number(election, "received"));
	xha_answer_print_bad(election);
}

static int print_groups(struct json_object *reply)
{
	struct json_object *groups, *group, *elections, *election;
	size_t i, k;

	if (!json_object_object_get_ex(reply, "groups", &groups) ||
	    !json_object_is_type(groups, json_type_array)) {
		xha_main_error("xhad's answer names no groups; is it of another version?");
		return XHA_FAILED;
	}
	for (i = 0; i < json_object_array_length(groups); i++) {
		group = json_object_array_get_idx(groups, i);
		if (!json_object_object_get_ex(group, "standby", &elections) ||
		    !json_object_is_type(elections, json_type_array))
			continue;
		for (k = 0; k < json_object_array_length(elections); k++) {
			election = json_object_array_get_idx(elections, k);
			if (strcmp(xha_answer_text(election, "protocol"), "vrrp"))
				print_election(group, election);
		}
	}
	return XHA_OK;
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct json_object *reply;
	int status;

	if (argc) {
		xha_main_error("unexpected argument \"%s\"", argv[0]);
		return XHA_USAGE;
	}
	status = xha_helper_ask(opts, "standby", NULL, &reply);
	if (status != XHA_OK)
		return status;
	if (opts->json)
		puts(json_object_to_json_string_ext(reply,
						    JSON_C_TO_STRING_PLAIN));
	else
		status = print_groups(reply);
	json_object_put(reply);
	return status;
}

static struct xha_cmd cmd_show_standby = {
	.words = { "show", "standby" },
	.args = "",
	.help = "HSRP on each interface (VRRP: show vrrp)",
	.run = run,
};

XHA_COMMAND(cmd_show_standby);
