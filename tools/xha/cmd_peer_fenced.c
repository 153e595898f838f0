// SPDX-License-Identifier: GPL-2.0-only
/*
 * xha peer fenced [GROUP]: the operator, or what cuts the peer's power, says
 * that the peer sends nothing any more. Ends what strict mode holds back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

struct chosen {
	const char *word;	/* NULL: all */
	__u32 ids[256];
	bool bounded[256];
	char names[256][XFRM_HA_NAME_LEN];
	size_t n;
};

static int choose(const struct xha_nl_group *g, void *arg)
{
	struct chosen *c = arg;
	char *end;

	if (c->word && strcmp(c->word, g->name) &&
	    (strtoul(c->word, &end, 10) != g->id || *end))
		return 0;
	if (c->n == sizeof(c->ids) / sizeof(c->ids[0]))
		return -E2BIG;
	c->ids[c->n] = g->id;
	c->bounded[c->n] = g->bounded;
	memcpy(c->names[c->n++], g->name, sizeof(g->name));
	return 0;
}

static int each(const struct xha_opts *opts, struct xha_nl *nl,
		const struct chosen *c)
{
	struct json_object *all = json_object_new_array(), *o;
	int status = XHA_OK, err;
	const char *word;
	size_t i;

	for (i = 0; i < c->n; i++) {
		err = xha_nl_fenced(nl, c->ids[i]);
		if (err) {
			status = xha_kernel_fail(nl, err, "release the group");
			continue;
		}
		word = c->bounded[i] ? "released" : "not bounded";
		if (!opts->json) {
			printf("%s: %s\n", c->names[i], word);
			continue;
		}
		o = json_object_new_object();
		json_object_object_add(o, "group",
				       json_object_new_string(c->names[i]));
		json_object_object_add(o, "result", json_object_new_string(word));
		json_object_array_add(all, o);
	}
	if (opts->json)
		xha_answer_json(all);
	json_object_put(all);
	return status;
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct chosen *c;
	struct xha_nl *nl;
	int status, err;

	if (argc > 1) {
		xha_main_error("unexpected argument \"%s\"", argv[1]);
		return XHA_USAGE;
	}
	status = xha_kernel_open(&nl);
	if (status != XHA_OK)
		return status;
	c = calloc(1, sizeof(*c));
	if (!c) {
		xha_nl_close(nl);
		xha_main_error("out of memory");
		return XHA_FAILED;
	}
	c->word = argc ? argv[0] : NULL;
	err = xha_nl_group_dump(nl, choose, c);
	if (err) {
		status = xha_kernel_fail(nl, err, "read the groups");
	} else if (!c->n) {
		if (c->word)
			xha_main_error("no group \"%s\"", c->word);
		else
			xha_main_error("there are no groups");
		status = XHA_FAILED;
	} else {
		status = each(opts, nl, c);
	}
	free(c);
	xha_nl_close(nl);
	return status;
}

static struct xha_cmd cmd_peer_fenced = {
	.words = { "peer", "fenced" },
	.args = "[GROUP]",
	.help = "the peer is known to send nothing: release strict groups",
	.run = run,
};

XHA_COMMAND(cmd_peer_fenced);
