// SPDX-License-Identifier: GPL-2.0-only
/* xha role GROUP active|standby|fault: what elects says what this node is. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

#define DEFAULT_TIMEOUT	20	/* s */

/* xhad answers at the end of the time; this is for one that hangs. */
#define GRACE	10		/* s */

static const char *const roles[] = { "active", "fault", "standby" };

static int refused(struct json_object *reply)
{
	const char *code = xha_answer_text(reply, "code");

	xha_main_error("%s", xha_answer_text(reply, "error"));
	if (!strcmp(code, "replaced"))
		return XHA_REPLACED;
	return strcmp(code, "timeout") ? XHA_FAILED : XHA_TIMEOUT;
}

static int tell(const struct xha_opts *opts, const char *group,
		const char *role)
{
	unsigned int timeout = opts->timeout ? opts->timeout : DEFAULT_TIMEOUT;
	struct json_object *request = json_object_new_object(), *reply;
	int status;

	json_object_object_add(request, "cmd", json_object_new_string("role"));
	json_object_object_add(request, "group", xha_helper_group(group));
	json_object_object_add(request, "role", json_object_new_string(role));
	json_object_object_add(request, "timeout_ms",
			       json_object_new_int(timeout * 1000));
	status = xha_helper_answer(opts, request, timeout + GRACE, &reply);
	if (status != XHA_OK)
		return status;
	if (!xha_answer_flag(reply, "ok"))
		status = refused(reply);
	else if (opts->json)
		xha_answer_json(reply);
	else
		printf("Group %s is %s, after %lld ms.\n",
		       xha_answer_text(reply, "group"), role,
		       xha_answer_number(reply, "took_ms"));
	json_object_put(reply);
	return status;
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	char why[128];
	int i;

	if (argc != 2 || !*argv[0]) {
		xha_main_error("the command is: role GROUP active|standby|fault");
		return XHA_USAGE;
	}
	i = xha_match_pick(argv[1], roles, sizeof(roles) / sizeof(roles[0]),
			   why, sizeof(why));
	if (i < 0) {
		xha_main_error("%s", why);
		return XHA_USAGE;
	}
	return tell(opts, argv[0], roles[i]);
}

static struct xha_cmd cmd_role = {
	.words = { "role" },
	.args = "GROUP active|standby|fault",
	.help = "what elects says what this node is to be",
	.timed = true,
	.run = run,
};

XHA_COMMAND(cmd_role);
