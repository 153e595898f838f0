// SPDX-License-Identifier: GPL-2.0-only
/* xha show vrrp: the virtual routers, as xhad sees them. */
#include <stdio.h>

#include "standby.h"
#include "xha.h"

static void print_master(struct json_object *election)
{
	struct json_object *m;

	if (!json_object_object_get_ex(election, "master", &m) ||
	    !json_object_is_type(m, json_type_object))
		printf("  Master Router is unknown\n");
	else
		printf("  Master Router is %s%s, priority is %lld\n",
		       xha_answer_text(m, "address"),
		       xha_answer_flag(m, "local") ? " (local)" : "",
		       xha_answer_number(m, "priority"));
}

static void print_preempt(struct json_object *election)
{
	long long delay = xha_answer_number(election, "preempt_delay_ms");

	printf("  Preemption %s",
	       xha_answer_flag(election, "preempt") ? "enabled" : "disabled");
	if (delay)
		printf(", delay %lld.%03lld s", delay / 1000, delay % 1000);
	putchar('\n');
}

static void print_us(const char *title, long long us)
{
	printf("  %s is %lld.%06lld s\n", title, us / 1000000, us % 1000000);
}

static void print_more(struct json_object *election)
{
	struct json_object *m;

	if (json_object_object_get_ex(election, "master", &m) && m &&
	    !xha_answer_flag(m, "local"))
		print_us("Time left of the Master Down timer",
			 xha_answer_number(m, "expires_ms") * 1000);
	if (xha_answer_number(election, "preempt_left_ms"))
		print_us("Time left of the preemption delay",
			 xha_answer_number(election, "preempt_left_ms") * 1000);
	printf("  Own address %s, peer %s\n",
	       xha_answer_text(election, "address"),
	       xha_answer_text(election, "peer"));
	printf("  Interface %s, election %s\n",
	       xha_answer_flag(election, "link_up") ? "up" : "down",
	       xha_answer_flag(election, "running") ? "running" : "stopped");
	printf("  Packets that could not be sent %lld\n",
	       xha_answer_number(election, "send_failed"));
}

/**
 * xha_standby_vrrp - print a virtual router in sentences
 * @group: its group
 * @election: the virtual router
 * @all: all there is to say of it
 */
void xha_standby_vrrp(struct json_object *group, struct json_object *election,
		      bool all)
{
	printf("%s - Virtual router %lld (VRRP version %lld)\n",
	       xha_answer_text(election, "interface"),
	       xha_answer_number(election, "number"),
	       xha_answer_number(election, "version"));
	xha_answer_print_state(election);
	xha_answer_print_vips(election, "  ");
	xha_answer_print_missing(group);
	xha_answer_print_mac(election);
	printf("  Advertisement interval is %lld msec\n",
	       xha_answer_number(election, "advertise_interval_ms"));
	print_preempt(election);
	xha_tracks_print_priority(election, "Priority is");
	xha_tracks_print(group);
	if (all || xha_answer_flag(election, "authentication"))
		printf("  Authentication is %s\n",
		       xha_answer_text(election, "auth"));
	print_master(election);
	printf("  Master Advertisement interval is %lld msec\n",
	       xha_answer_number(election, "master_interval_ms"));
	print_us("Master Down interval",
		 xha_answer_number(election, "master_down_us"));
	print_us("Skew time", xha_answer_number(election, "skew_us"));
	printf("  Name is \"%s\", redundancy group %lld \"%s\" (%s)\n",
	       xha_answer_text(election, "name"),
	       xha_answer_number(group, "id"),
	       xha_answer_text(group, "name"), xha_answer_text(group, "role"));
	printf("  Packets sent %lld, received %lld, with priority 0 %lld\n",
	       xha_answer_number(election, "sent"),
	       xha_answer_number(election, "received"),
	       xha_answer_number(election, "resigned"));
	if (xha_answer_number(election, "vips_differ"))
		printf("    with other virtual addresses: %lld\n",
		       xha_answer_number(election, "vips_differ"));
	if (all)
		print_more(election);
	xha_answer_print_bad(election, all);
	if (!all)
		return;
	puts("  History:");
	xha_standby_changes(election, "    ");
}

/* The helper's elections of a group, without those that are not VRRP's. */
static struct json_object *filter(struct json_object *group)
{
	struct json_object *all, *one, *list = json_object_new_array();
	size_t k;

	all = xha_answer_array(group, "standby");
	if (!all)
		return list;
	for (k = 0; k < json_object_array_length(all); k++) {
		one = json_object_array_get_idx(all, k);
		if (xha_standby_is_vrrp(one))
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
		xha_standby_vrrp(group, json_object_array_get_idx(list, k),
				 false);
	json_object_put(list);
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct json_object *reply, *groups;
	int status;
	size_t i;

	if (argc) {
		xha_main_error("unexpected argument \"%s\"", argv[0]);
		return XHA_USAGE;
	}
	status = xha_helper_groups(opts, false, &reply, &groups);
	if (status != XHA_OK)
		return status;
	for (i = 0; i < json_object_array_length(groups); i++)
		show_group(opts, json_object_array_get_idx(groups, i));
	if (opts->json)
		xha_answer_json(reply);
	json_object_put(reply);
	return XHA_OK;
}

static struct xha_cmd cmd_show_vrrp = {
	.words = { "show", "vrrp" },
	.args = "",
	.help = "VRRP on each interface",
	.run = run,
};

XHA_COMMAND(cmd_show_vrrp);
