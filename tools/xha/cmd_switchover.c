// SPDX-License-Identifier: GPL-2.0-only
/* xha switchover [GROUP]: xhad knows the elections, so xhad does it. */
#include <stdio.h>

#include <json-c/json.h>

#include "xha.h"

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct json_object *group = NULL, *reply;
	int status;

	if (argc > 1) {
		xha_main_error("unexpected argument \"%s\"", argv[1]);
		return XHA_USAGE;
	}
	if (argc && !*argv[0]) {
		xha_main_error("the name of a group is not empty");
		return XHA_USAGE;
	}
	if (argc)
		group = xha_helper_group(argv[0]);
	status = xha_helper_ask(opts, "switchover", group, &reply);
	if (status != XHA_OK)
		return status;
	if (opts->json)
		xha_answer_json(reply);
	else
		puts("Switched over: the peer is active, this node is standby.");
	json_object_put(reply);
	return XHA_OK;
}

static struct xha_cmd cmd_switchover = {
	.words = { "switchover" },
	.args = "[GROUP]",
	.help = "give the active role to the hot standby",
	.run = run,
};

XHA_COMMAND(cmd_switchover);
