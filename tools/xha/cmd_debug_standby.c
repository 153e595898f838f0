// SPDX-License-Identifier: GPL-2.0-only
/* xha debug standby: what the elections do, as it happens. */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "xha.h"
#include "xha_util.h"

static bool has(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL);
}

static bool is(struct json_object *o, const char *key, const char *word)
{
	return !strcmp(xha_answer_text(o, key), word);
}

static void print_word(struct json_object *o, const char *title,
		       const char *key)
{
	if (has(o, key))
		printf(" %s %s", title, xha_answer_text(o, key));
}

static void print_packet(struct json_object *o)
{
	struct json_object *vips = xha_answer_array(o, "vips");
	size_t i, n = vips ? json_object_array_length(vips) : 0;

	if (!has(o, "opcode"))
		return;
	printf(" %s", xha_answer_text(o, "opcode"));
	print_word(o, "version", "version");
	if (xha_answer_number(o, "packet_number") !=
	    xha_answer_number(o, "number"))
		print_word(o, "number", "packet_number");
	print_word(o, "state", "state");
	print_word(o, "pri", "priority");
	print_word(o, "hello", "hello_ms");
	print_word(o, "hold", "hold_ms");
	print_word(o, "interval", "interval_ms");
	print_word(o, "vip", "vip");
	for (i = 0; i < n; i++)
		printf("%s%s", i ? "," : " vip ",
		       json_object_get_string(json_object_array_get_idx(vips,
									i)));
	print_word(o, "active", "active_groups");
	print_word(o, "passive", "passive_groups");
	print_word(o, "auth", "auth");
	print_word(o, "key", "auth_key_id");
}

static void print_event(struct json_object *o)
{
	if (is(o, "event", "timer"))
		printf(" timer over: %s", xha_answer_text(o, "timer"));
	else if (is(o, "event", "track"))
		printf(" track %s is %s: %s", xha_answer_text(o, "track"),
		       xha_answer_text(o, "state"),
		       xha_answer_text(o, "reason"));
	else
		printf(" %s -> %s: %s", xha_answer_text(o, "from"),
		       xha_answer_text(o, "to"), xha_answer_text(o, "cause"));
}

/* One line for each record, whatever it is. */
static void print_line(struct json_object *o)
{
	if (is(o, "kind", "lost")) {
		printf("... %lld lines lost: they came faster than they are read\n",
		       xha_answer_number(o, "lines"));
		return;
	}
	printf("%s", xha_answer_text(o, "time"));
	if (has(o, "interface"))
		printf(" %s %s %lld", xha_answer_text(o, "interface"),
		       xha_answer_text(o, "protocol"),
		       xha_answer_number(o, "number"));
	else
		printf(" group %s", xha_answer_text(o, "group"));
	if (is(o, "kind", "event")) {
		print_event(o);
	} else {
		printf(" %s %s", xha_answer_text(o, "direction"),
		       xha_answer_text(o, "source"));
		print_packet(o);
	}
	if (is(o, "kind", "error"))
		printf(" %s: %s", is(o, "direction", "in") ? "refused" :
		       "not sent", xha_answer_text(o, "reason"));
	if (has(o, "length"))
		printf(" (ttl %lld, length %lld)", xha_answer_number(o, "ttl"),
		       xha_answer_number(o, "length"));
	putchar('\n');
}

static void print_json(struct json_object *o)
{
	xha_answer_json(o);
}

static int read_words(int argc, char **argv, struct json_object *request)
{
	static const char *const whats[] = { "errors", "events", "packets" };
	static const char *const terse[] = { "terse" };
	char why[128];
	int i;

	if (!argc || argc > 2) {
		xha_main_error("debug standby goes on with: errors, events, packets [terse]");
		return XHA_USAGE;
	}
	i = xha_match_pick(argv[0], whats, ARRAY_SIZE(whats), why, sizeof(why));
	if (i < 0) {
		xha_main_error("%s", why);
		return XHA_USAGE;
	}
	json_object_object_add(request, "what",
			       json_object_new_string(whats[i]));
	if (argc == 1)
		return XHA_OK;
	if (strcmp(whats[i], "packets")) {
		xha_main_error("unexpected argument \"%s\"", argv[1]);
		return XHA_USAGE;
	}
	if (xha_match_pick(argv[1], terse, 1, why, sizeof(why)) < 0) {
		xha_main_error("%s", why);
		return XHA_USAGE;
	}
	json_object_object_add(request, "terse", json_object_new_boolean(true));
	return XHA_OK;
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct json_object *request = json_object_new_object();
	int status = read_words(argc, argv, request);

	if (status != XHA_OK) {
		json_object_put(request);
		return status;
	}
	json_object_object_add(request, "cmd", json_object_new_string("debug"));
	setvbuf(stdout, NULL, _IOLBF, 0);
	return xha_helper_follow(opts, request,
				 opts->json ? print_json : print_line);
}

static struct xha_cmd cmd_debug_standby = {
	.words = { "debug", "standby" },
	.args = "errors|events|packets [terse]",
	.help = "what elections do, until Ctrl-C",
	.run = run,
};

XHA_COMMAND(cmd_debug_standby);
