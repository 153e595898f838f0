// SPDX-License-Identifier: GPL-2.0-only
/* xha group delete GROUP [force]: have the kernel forget a group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

struct wanted {
	const char *word;
	struct xha_nl_group group;
};

/* A name goes before an id; ends the dump with 1 when found. */
static int by_name(const struct xha_nl_group *g, void *arg)
{
	struct wanted *w = arg;

	if (strcmp(w->word, g->name))
		return 0;
	w->group = *g;
	return 1;
}

static int by_id(const struct xha_nl_group *g, void *arg)
{
	struct wanted *w = arg;
	char *end;

	if (strtoul(w->word, &end, 10) != g->id || *end)
		return 0;
	w->group = *g;
	return 1;
}

static int find(struct xha_nl *nl, struct wanted *w)
{
	int rc = xha_nl_group_dump(nl, by_name, w);

	if (!rc)
		rc = xha_nl_group_dump(nl, by_id, w);
	if (rc == 1)
		return XHA_OK;
	if (rc)
		return xha_kernel_fail(nl, rc, "read the groups");
	xha_main_error("no group \"%s\"", w->word);
	return XHA_FAILED;
}

static void print_done(const struct xha_opts *opts, const char *name)
{
	struct json_object *o;

	if (!opts->json) {
		printf("%s: deleted\n", name);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "group", json_object_new_string(name));
	json_object_object_add(o, "result", json_object_new_string("deleted"));
	xha_answer_json(o);
	json_object_put(o);
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	static const char *const words[] = { "force" };
	struct wanted w = { .word = argc ? argv[0] : NULL };
	struct xha_nl *nl;
	char why[256];
	int status, err;

	if (!argc) {
		xha_main_error("which group? \"xha group delete GROUP [force]\"");
		return XHA_USAGE;
	}
	if (argc > 1 && xha_match_pick(argv[1], words, 1, why, sizeof(why)) < 0) {
		xha_main_error("%s", why);
		return XHA_USAGE;
	}
	if (argc > 2) {
		xha_main_error("unexpected argument \"%s\"", argv[2]);
		return XHA_USAGE;
	}
	status = xha_kernel_open(&nl);
	if (status != XHA_OK)
		return status;
	status = find(nl, &w);
	if (status == XHA_OK) {
		err = xha_nl_group_del(nl, w.group.id, argc > 1);
		if (err)
			status = xha_kernel_fail(nl, err, "delete the group");
		else
			print_done(opts, w.group.name);
	}
	xha_nl_close(nl);
	return status;
}

static struct xha_cmd cmd_group_delete = {
	.words = { "group", "delete" },
	.args = "GROUP [force]",
	.help = "have the kernel forget a group",
	.run = run,
};

XHA_COMMAND(cmd_group_delete);
