// SPDX-License-Identifier: GPL-2.0-only
/* xha show external: groups that another program elects, and its last word. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

static void print_address(struct json_object *address)
{
	struct json_object *neighbour;

	printf("  %s is %s\n", xha_answer_text(address, "interface"),
	       xha_answer_flag(address, "link_up") ? "up" : "down");
	xha_answer_print_vips(address, "    ");
	if (json_object_object_get_ex(address, "neighbour", &neighbour) &&
	    neighbour)
		printf("    The peer there is %s\n",
		       json_object_get_string(neighbour));
}

static void print_group(struct json_object *group)
{
	struct json_object *x, *addresses;
	long long since;
	size_t i;

	json_object_object_get_ex(group, "external", &x);
	since = xha_answer_number(x, "since_ms");
	printf("Redundancy group %lld \"%s\"\n", xha_answer_number(group, "id"),
	       xha_answer_text(group, "name"));
	printf("  Role is %s\n", xha_answer_text(group, "role"));
	if (!strcmp(xha_answer_text(x, "order"), "none"))
		puts("  Nobody has said yet what it is to be");
	else
		printf("  It is to be %s (%s), since %lld.%03lld s\n",
		       xha_answer_text(x, "order"), xha_answer_text(x, "cause"),
		       since / 1000, since % 1000);
	if (xha_answer_flag(x, "yielded"))
		puts("  The peer took over later: it has yielded to it");
	printf("  Virtual IP addresses are moved by %s\n",
	       strcmp(xha_answer_text(x, "vips"), "xhad") ?
	       "what elects" : "xhad");
	xha_answer_print_missing(group);
	addresses = xha_answer_array(x, "addresses");
	if (!addresses)
		return;
	for (i = 0; i < json_object_array_length(addresses); i++)
		print_address(json_object_array_get_idx(addresses, i));
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct json_object *reply, *groups, *group, *x;
	size_t i = 0;
	int status;

	if (argc) {
		xha_main_error("unexpected argument \"%s\"", argv[0]);
		return XHA_USAGE;
	}
	status = xha_helper_groups(opts, false, &reply, &groups);
	if (status != XHA_OK)
		return status;
	while (i < json_object_array_length(groups)) {
		group = json_object_array_get_idx(groups, i);
		if (!json_object_object_get_ex(group, "external", &x) || !x) {
			json_object_array_del_idx(groups, i, 1);
			continue;
		}
		json_object_object_del(group, "standby");
		if (!opts->json)
			print_group(group);
		i++;
	}
	if (opts->json)
		xha_answer_json(reply);
	json_object_put(reply);
	return XHA_OK;
}

static struct xha_cmd cmd_show_external = {
	.words = { "show", "external" },
	.args = "",
	.help = "groups that another program elects, what it said",
	.run = run,
};

XHA_COMMAND(cmd_show_external);
