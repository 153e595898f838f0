// SPDX-License-Identifier: GPL-2.0-only
/* xha show standby: the elections, as xhad sees them. */
#include <stdio.h>
#include <string.h>

#include "standby.h"
#include "xha.h"

enum form { FORM_ALL, FORM_BRIEF, FORM_HISTORY, FORM_PLAIN };

static const char *const forms[] = {
	[FORM_ALL]	= "all",
	[FORM_BRIEF]	= "brief",
	[FORM_HISTORY]	= "history",
};

/**
 * xha_standby_is_vrrp - whether an election is one of VRRP
 * @election: the election
 *
 * Return: false for one of HSRP.
 */
bool xha_standby_is_vrrp(struct json_object *election)
{
	return !strcmp(xha_answer_text(election, "protocol"), "vrrp");
}

/**
 * xha_standby_each - look at each election
 * @groups: the groups, with the elections that are wanted
 * @fn: called for each
 * @arg: passed to @fn
 */
void xha_standby_each(struct json_object *groups, xha_standby_fn fn, void *arg)
{
	struct json_object *group, *list;
	size_t i, k;

	for (i = 0; i < json_object_array_length(groups); i++) {
		group = json_object_array_get_idx(groups, i);
		list = xha_answer_array(group, "standby");
		for (k = 0; list && k < json_object_array_length(list); k++)
			fn(group, json_object_array_get_idx(list, k), arg);
	}
}

/* Which interfaces there are, for a message. */
struct names {
	const char *wanted;
	bool found;
	char list[256];
};

static void look(struct json_object *group, struct json_object *election,
		 void *arg)
{
	const char *name = xha_answer_text(election, "interface");
	struct names *n = arg;
	size_t len = strlen(n->list);
	char word[64];

	if (!strcmp(name, n->wanted))
		n->found = true;
	snprintf(word, sizeof(word), " %s,", name);
	if (!strstr(n->list, word))
		snprintf(n->list + len, sizeof(n->list) - len, "%s", word);
}

/* Leaves the elections of one interface, and the groups that have one. */
static void filter(struct json_object *groups, const char *interface)
{
	struct json_object *list, *e;
	size_t i, k;

	for (i = json_object_array_length(groups); i--;) {
		list = xha_answer_array(json_object_array_get_idx(groups, i),
					"standby");
		for (k = list ? json_object_array_length(list) : 0; k--;) {
			e = json_object_array_get_idx(list, k);
			if (strcmp(xha_answer_text(e, "interface"), interface))
				json_object_array_del_idx(list, k, 1);
		}
		if (!list || !json_object_array_length(list))
			json_object_array_del_idx(groups, i, 1);
	}
}

/*
 * What is the name of an interface is none of the words: those can be written
 * as short as they are unambiguous, and "a" may well be an interface.
 */
static int read_words(struct json_object *groups, int argc, char **argv,
		      enum form *form)
{
	char why[128];
	int i, got;

	*form = FORM_PLAIN;
	for (i = 0; i < argc; i++) {
		struct names names = { .wanted = argv[i] };

		xha_standby_each(groups, look, &names);
		if (names.found) {
			filter(groups, argv[i]);
			continue;
		}
		got = xha_match_pick(argv[i], forms, FORM_PLAIN, why,
				     sizeof(why));
		if (got < 0) {
			xha_main_error("no election on \"%s\"; possible:%s all, brief, history",
				       argv[i], names.list);
			return XHA_FAILED;
		}
		if (*form != FORM_PLAIN) {
			xha_main_error("\"%s\" and \"%s\" exclude each other",
				       forms[*form], forms[got]);
			return XHA_USAGE;
		}
		*form = got;
	}
	return XHA_OK;
}

static void print(struct json_object *groups, enum form form)
{
	switch (form) {
	case FORM_BRIEF:
		xha_standby_brief(groups);
		break;
	case FORM_HISTORY:
		xha_standby_history(groups);
		break;
	case FORM_ALL:
	case FORM_PLAIN:
		xha_standby_detail(groups, form == FORM_ALL);
		break;
	}
}

static int print_json(struct json_object *reply, struct json_object *groups,
		      enum form form)
{
	if (form == FORM_HISTORY)
		xha_standby_history_trim(groups);
	if (form == FORM_BRIEF) {
		json_object_object_add(reply, "standby",
				       xha_standby_brief_json(groups));
		json_object_object_del(reply, "groups");
	}
	return xha_answer_json(reply);
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct json_object *reply, *groups;
	enum form form;
	int status;

	if (argc > 2) {
		xha_main_error("unexpected argument \"%s\"", argv[2]);
		return XHA_USAGE;
	}
	status = xha_helper_groups(opts, argc, &reply, &groups);
	if (status != XHA_OK)
		return status;
	status = read_words(groups, argc, argv, &form);
	if (status == XHA_OK && opts->json)
		status = print_json(reply, groups, form);
	else if (status == XHA_OK)
		print(groups, form);
	json_object_put(reply);
	return status;
}

static struct xha_cmd cmd_show_standby = {
	.words = { "show", "standby" },
	.args = "[INTERFACE] [brief|all|history]",
	.help = "elections on each interface (VRRP: show vrrp)",
	.run = run,
};

XHA_COMMAND(cmd_show_standby);
