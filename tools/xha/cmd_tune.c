// SPDX-License-Identifier: GPL-2.0-only
/*
 * xha tune [NAME [VALUE]]: the kernel's tunables of this network namespace, the
 * same as net.xfrm_ha.*. Lists all, shows one, or sets one.
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"

#define PREFIX	"net.xfrm_ha."	/* as sysctl has it; may be left out here */

struct tunables {
	struct xha_nl_tunable *all;
	size_t n;
};

static int append(const struct xha_nl_tunable *tunable, void *arg)
{
	struct tunables *t = arg;
	struct xha_nl_tunable *more;

	more = realloc(t->all, (t->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	t->all = more;
	t->all[t->n++] = *tunable;
	return 0;
}

/* The one that @word is or begins; told if that is none or several. */
static struct xha_nl_tunable *pick(const struct tunables *t, const char *word)
{
	const char **names = calloc(t->n + 1, sizeof(*names));
	char why[512];
	size_t i;
	int hit;

	if (!names) {
		xha_main_error("out of memory");
		return NULL;
	}
	for (i = 0; i < t->n; i++)
		names[i] = t->all[i].name;
	if (!strncmp(word, PREFIX, strlen(PREFIX)))
		word += strlen(PREFIX);
	hit = xha_match_pick(word, names, t->n, why, sizeof(why));
	free(names);
	if (hit < 0) {
		xha_main_error("%s", why);
		return NULL;
	}
	return &t->all[hit];
}

static void print(const struct xha_nl_tunable *v)
{
	printf("%-24s %7u %-7s  %u..%u, default %u\n", v->name, v->value,
	       v->unit, v->min, v->max, v->def);
}

static void add_number(struct json_object *o, const char *key, __u32 value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static struct json_object *to_json(const struct xha_nl_tunable *v)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "name", json_object_new_string(v->name));
	add_number(o, "value", v->value);
	json_object_object_add(o, "unit", json_object_new_string(v->unit));
	add_number(o, "minimum", v->min);
	add_number(o, "maximum", v->max);
	add_number(o, "default", v->def);
	return o;
}

static void show_all(const struct xha_opts *opts, const struct tunables *t)
{
	struct json_object *o, *list;
	size_t i;

	if (!opts->json) {
		for (i = 0; i < t->n; i++)
			print(&t->all[i]);
		return;
	}
	o = json_object_new_object();
	list = json_object_new_array();
	for (i = 0; i < t->n; i++)
		json_object_array_add(list, to_json(&t->all[i]));
	json_object_object_add(o, "tunables", list);
	xha_answer_json(o);
	json_object_put(o);
}

static void show_one(const struct xha_opts *opts, const struct xha_nl_tunable *v)
{
	struct json_object *o;

	if (!opts->json) {
		print(v);
		return;
	}
	o = to_json(v);
	xha_answer_json(o);
	json_object_put(o);
}

static int parse(const char *text, __u32 *value)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || v > UINT32_MAX) {
		xha_main_error("%s: a value must be a number, 0..%u", text,
			       UINT32_MAX);
		return XHA_USAGE;
	}
	*value = v;
	return XHA_OK;
}

static int give(struct xha_nl *nl, struct xha_nl_tunable *v, __u32 value)
{
	char what[128];
	int err;

	err = xha_nl_tunable_set(nl, v->name, value);
	if (!err) {
		v->value = value;
		return XHA_OK;
	}
	/* What the kernel says then is the same for all, and names no limits. */
	if (err == -ERANGE)
		snprintf(what, sizeof(what), "set %s to %u (%u..%u%s%s)",
			 v->name, value, v->min, v->max, *v->unit ? " " : "",
			 v->unit);
	else
		snprintf(what, sizeof(what), "set %s", v->name);
	return xha_kernel_fail(nl, err, what);
}

static int act(const struct xha_opts *opts, struct xha_nl *nl,
	       const struct tunables *t, const char *word, const __u32 *value)
{
	struct xha_nl_tunable *v;
	int status = XHA_OK;

	if (!word) {
		show_all(opts, t);
		return XHA_OK;
	}
	v = pick(t, word);
	if (!v)
		return XHA_USAGE;
	if (value)
		status = give(nl, v, *value);
	if (status == XHA_OK)
		show_one(opts, v);
	return status;
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct tunables t = { 0 };
	struct xha_nl *nl;
	__u32 value = 0;
	int status, err;

	if (argc > 2) {
		xha_main_error("unexpected argument \"%s\"", argv[2]);
		return XHA_USAGE;
	}
	status = argc > 1 ? parse(argv[1], &value) : XHA_OK;
	if (status != XHA_OK)
		return status;
	status = xha_kernel_open(&nl);
	if (status != XHA_OK)
		return status;
	err = xha_nl_tunables(nl, append, &t);
	if (err)
		status = xha_kernel_fail(nl, err, "read the tunables");
	else
		status = act(opts, nl, &t, argc ? argv[0] : NULL,
			     argc > 1 ? &value : NULL);
	free(t.all);
	xha_nl_close(nl);
	return status;
}

static struct xha_cmd cmd_tune = {
	.words = { "tune" },
	.args = "[NAME [VALUE]]",
	.help = "tunables of the kernel: list all, show or set one",
	.run = run,
};

XHA_COMMAND(cmd_tune);
