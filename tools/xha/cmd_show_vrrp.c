// SPDX-License-Identifier: GPL-2.0-only
/* xha show vrrp: the virtual routers, as xhad sees them. */
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
		printf("  Virtual IP address is %s\n",
		       json_object_get_string(json_object_array_get_idx(vips, i)));
}

static void print_master(struct json_object *election)
{
	struct json_object *m;

	if (!json_object_object_get_ex(election, "master", &m) ||
	    !json_object_is_type(m, json_type_object))
		printf("  Master Router is unknown\n");
	else
		printf("  Master Router is %s%s, priority is %lld\n",
		       text_of(m, "address"),
		       flag_of(m, "local") ? " (local)" : "",
		       number_of(m, "priority"));
}

static void print_preempt(struct json_object *election)
{
	long long delay = number_of(election, "preempt_delay_ms");

	printf("  Preemption %s",
	       flag_of(election, "preempt") ? "enabled" : "disabled");
	if (delay)
		printf(", delay %lld.%03lld s", delay / 1000, delay % 1000);
	putchar('\n');
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

static void print_us(const char *title, long long us)
{
	printf("  %s is %lld.%06lld s\n", title, us / 1000000, us % 1000000);
}

static void print_election(struct json_object *group,
			   struct json_object *election)
{
	long long changed = number_of(election, "last_change_ms");

	printf("%s - Virtual router %lld (VRRP version %lld)\n",
	       text_of(election, "interface"), number_of(election, "number"),
	       number_of(election, "version"));
	printf("  State is %s\n", text_of(election, "state"));
	printf("    %lld state changes, last state change %lld.%03lld s ago\n",
	       number_of(election, "state_changes"), changed / 1000,
	       changed % 1000);
	print_vips(election);
	printf("  Virtual MAC address is %s\n", text_of(election, "virtual_mac"));
	printf("  Advertisement interval is %lld msec\n",
	       number_of(election, "advertise_interval_ms"));
	print_preempt(election);
	printf("  Priority is %lld\n", number_of(election, "priority"));
	if (flag_of(election, "authentication"))
		printf("  Authentication is text\n");
	print_master(election);
	printf("  Master Advertisement interval is %lld msec\n",
	       number_of(election, "master_interval_ms"));
	print_us("Master Down interval", number_of(election, "master_down_us"));
	print_us("Skew time", number_of(election, "skew_us"));
	printf("  Name is \"%s\", redundancy group %lld \"%s\" (%s)\n",
	       text_of(election, "name"), number_of(group, "id"),
	       text_of(group, "name"), text_of(group, "role"));
	printf("  Packets sent %lld, received %lld, with priority 0 %lld\n",
	       number_of(election, "sent"), number_of(election, "received"),
	       number_of(election, "resigned"));
	if (number_of(election, "vips_differ"))
		printf("    with other virtual addresses: %lld\n",
		       number_of(election, "vips_differ"));
	print_bad(election);
}

static bool is_vrrp(struct json_object *election)
{
	return !strcmp(text_of(election, "protocol"), "vrrp");
}

/* The helper's elections of a group, without those that are not VRRP's. */
static struct json_object *filter(struct json_object *group)
{
	struct json_object *all, *one, *list = json_object_new_array();
	size_t k;

	if (!json_object_object_get_ex(group, "standby", &all) ||
	    !json_object_is_type(all, json_type_array))
		return list;
	for (k = 0; k < json_object_array_length(all); k++) {
		one = json_object_array_get_idx(all, k);
		if (is_vrrp(one))
			json_object_array_add(list, json_object_get(one));
	}
	return list;
}

static void show_group(const struct xha_opts *opts, struct json_object *group)
{
	struct json_object *list = filter(group);
	size_t k;

	if (opts->json) {
		json_object_object_del(group, "standby");
		json_object_object_add(group, "vrrp", list);
		return;
	}
	for (k = 0; k < json_object_array_length(list); k++)
		print_election(group, json_object_array_get_idx(list, k));
	json_object_put(list);
}

static int show(const struct xha_opts *opts, struct json_object *reply)
{
	struct json_object *groups;
	size_t i;

	if (!json_object_object_get_ex(reply, "groups", &groups) ||
	    !json_object_is_type(groups, json_type_array)) {
		xha_main_error("xhad's answer names no groups; is it of another version?");
		return XHA_FAILED;
	}
	for (i = 0; i < json_object_array_length(groups); i++)
		show_group(opts, json_object_array_get_idx(groups, i));
	if (opts->json)
		puts(json_object_to_json_string_ext(reply,
						    JSON_C_TO_STRING_PLAIN));
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
	status = show(opts, reply);
	json_object_put(reply);
	return status;
}

static struct xha_cmd cmd_show_vrrp = {
	.words = { "show", "vrrp" },
	.args = "",
	.help = "VRRP on each interface",
	.run = run,
};

XHA_COMMAND(cmd_show_vrrp);
