// SPDX-License-Identifier: GPL-2.0-only
/*
 * xha verify [GROUP], xha resync [GROUP]: is the standby what the active is,
 * and having it told everything again. Without GROUP of all groups this node
 * is standby for.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

#define ANSWER_MS	5000
#define POLL_MS		20

/* Groups chosen, as they were before the request. */
struct chosen {
	struct xha_nl_group *groups;
	size_t n;
};

static bool is_chosen(const struct xha_nl_group *g, const char *word)
{
	char *end;

	if (!word)
		return g->role == XFRM_HA_ROLE_STANDBY;
	return !strcmp(word, g->name) ||
	       (strtoul(word, &end, 10) == g->id && !*end);
}

/* What @word names, all standbys where it is NULL; told if that is nothing. */
static int choose(struct xha_nl *nl, struct chosen *c, const char *word)
{
	int status = xha_kernel_groups(nl, &c->groups, &c->n);
	size_t i, kept = 0;

	if (status != XHA_OK)
		return status;
	for (i = 0; i < c->n; i++)
		if (is_chosen(&c->groups[i], word))
			c->groups[kept++] = c->groups[i];
	c->n = kept;
	if (kept)
		return XHA_OK;
	if (word)
		xha_main_error("no group \"%s\"", word);
	else
		xha_main_error("this node is standby for no group: ask the other one");
	return XHA_FAILED;
}

/* The word for one group: its counters move when the digest has come. */
static const char *check(struct xha_nl *nl, const struct xha_nl_group *before,
			 int *status)
{
	struct xha_nl_group now;
	int waited, err;

	err = xha_nl_verify(nl, before->id);
	if (err == -EAGAIN)
		return "unsynchronised";
	if (err) {
		*status = xha_kernel_fail(nl, err, "compare the group");
		return NULL;
	}
	for (waited = 0; waited < ANSWER_MS; waited += POLL_MS) {
		if (xha_nl_group_get(nl, before->id, &now))
			break;
		if (now.repairs != before->repairs)
			return "different";
		if (now.verified != before->verified)
			return "equal";
		poll(NULL, 0, POLL_MS);
	}
	return "unanswered";
}

static const char *ask_again(struct xha_nl *nl, const struct xha_nl_group *g,
			     int *status)
{
	int err = xha_nl_resync(nl, g->id);

	if (!err)
		return "requested";
	*status = xha_kernel_fail(nl, err, "synchronise the group");
	return NULL;
}

typedef const char *(*act_fn)(struct xha_nl *nl, const struct xha_nl_group *g,
			      int *status);

/* One line per group, or an array in JSON; the worst status counts. */
static int each(const struct xha_opts *opts, struct xha_nl *nl,
		const struct chosen *c, act_fn act, const char *good)
{
	struct json_object *all = json_object_new_array(), *o;
	int status = XHA_OK;
	const char *word;
	size_t i;

	for (i = 0; i < c->n; i++) {
		word = act(nl, &c->groups[i], &status);
		if (!word)
			continue;
		if (strcmp(word, good))
			status = XHA_FAILED;
		if (!opts->json) {
			printf("%s: %s\n", c->groups[i].name, word);
			continue;
		}
		o = json_object_new_object();
		json_object_object_add(o, "group",
				       json_object_new_string(c->groups[i].name));
		json_object_object_add(o, "result", json_object_new_string(word));
		json_object_array_add(all, o);
	}
	if (opts->json)
		xha_answer_json(all);
	json_object_put(all);
	return status;
}

static int run(const struct xha_opts *opts, int argc, char **argv, act_fn act,
	       const char *good)
{
	struct chosen c = { 0 };
	struct xha_nl *nl;
	int status;

	if (argc > 1) {
		xha_main_error("unexpected argument \"%s\"", argv[1]);
		return XHA_USAGE;
	}
	status = xha_kernel_open(&nl);
	if (status != XHA_OK)
		return status;
	status = choose(nl, &c, argc ? argv[0] : NULL);
	if (status == XHA_OK)
		status = each(opts, nl, &c, act, good);
	free(c.groups);
	xha_nl_close(nl);
	return status;
}

static int run_verify(const struct xha_opts *opts, int argc, char **argv)
{
	return run(opts, argc, argv, check, "equal");
}

static int run_resync(const struct xha_opts *opts, int argc, char **argv)
{
	return run(opts, argc, argv, ask_again, "requested");
}

static struct xha_cmd cmd_verify = {
	.words = { "verify" },
	.args = "[GROUP]",
	.help = "compare the standby with the active",
	.run = run_verify,
};

static struct xha_cmd cmd_resync = {
	.words = { "resync" },
	.args = "[GROUP]",
	.help = "have the standby told everything again",
	.run = run_resync,
};

XHA_COMMAND(cmd_verify);
XHA_COMMAND(cmd_resync);
