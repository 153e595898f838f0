// SPDX-License-Identifier: GPL-2.0-only
/* xha show standby: the elections, as xhad sees them. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) || !v)
		return "unknown";
	return json_object_get_string(v);
}

static long long number_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ?
	       json_object_get_int64(v) : 0;
}

static bool flag_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) &&
	       json_object_get_boolean(v);
}

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
	else if (flag_of(r, "local"))
		printf("  %s router is local\n", title);
	else
		printf("  %s router is %s, priority %lld\n", title,
		       text_of(r, "address"), number_of(r, "priority"));
}

static void print_bad(struct json_object *election)
{
	struct json_object *bad;

	if (!json_object_object_get_ex(election, "bad", &bad) ||
	    !json_object_is_type(bad, json_type_object))
		return;
	json_object_object_foreach(bad, reason, count) {
		long long n = json_object_get_int64(count);

		if (n)
			printf("    refused, %s: %lld\n", reason, n);
	}
}

static void print_election(struct json_object *group,
			   struct json_object *election)
{
	long long changed = number_of(election, "last_change_ms");

	printf("%s - Group %lld (version %lld)\n",
	       text_of(election, "interface"), number_of(election, "number"),
	       number_of(election, "version"));
	printf("  State is %s\n", text_of(election, "state"));
	printf("    %lld state changes, last state change %lld.%03lld s ago\n",
	       number_of(election, "state_changes"), changed / 1000,
	       changed % 1000);
	print_vips(election);
	printf("  Hello time %lld msec, hold time %lld msec\n",
	       number_of(election, "hello_ms"), number_of(election, "hold_ms"));
	printf("  Preemption %s\n",
	       flag_of(election, "preempt") ? "enabled" : "disabled");
	print_router(election, "active", "Active");
	print_router(election, "standby", "Standby");
	printf("  Priority %lld\n", number_of(election, "priority"));
	printf("  Group name is \"%s\", redundancy group %lld \"%s\" (%s)\n",
	       text_of(election, "name"), number_of(group, "id"),
	       text_of(group, "name"), text_of(group, "role"));
	printf("  Packets sent %lld, received %lld\n",
	       number_of(election, "sent"), number_of(election, "received"));
	print_bad(election);
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
			if (strcmp(text_of(election, "protocol"), "vrrp"))
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
