/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command xha. Each command is one file cmd_*.c that registers itself;
 * main.c knows none of them by name.
 */
#ifndef XHA_H
#define XHA_H

#include <stdbool.h>
#include <stddef.h>

#include "xha_nl.h"

#ifndef XHA_VERSION
#define XHA_VERSION	"0.1"
#endif

#define XHA_SOCKET	"/run/xfrm-ha/xhad.sock"

/* Exit status of the command; documented in Documentation/xha.md. */
enum xha_exit {
	XHA_OK		= 0,
	XHA_FAILED	= 1,
	XHA_USAGE	= 2,
	XHA_ABSENT	= 3,	/* no kernel module, or no xhad */
	XHA_REPLACED	= 4,	/* somebody said something else later */
	XHA_TIMEOUT	= 5,	/* not done yet, and still tried */
};

#define XHA_TIMEOUT_MAX	600	/* s */
#define XHA_CMD_WORDS	4	/* words of the longest command */

/**
 * struct xha_opts - options given on the command line
 * @json: print JSON instead of text
 * @socket: path of xhad's control socket
 * @timeout: s to wait, of commands that are @timed; 0 if not given
 */
struct xha_opts {
	bool json;
	const char *socket;
	unsigned int timeout;
};

/**
 * struct xha_cmd - one command
 * @words: its words, NULL after the last one
 * @args: what may follow, as help shows it, or ""
 * @help: what it does, one line
 * @timed: takes --timeout
 * @run: does it with the arguments behind the words; returns enum xha_exit
 * @next: next in the table
 */
struct xha_cmd {
	const char *words[XHA_CMD_WORDS + 1];
	const char *args;
	const char *help;
	bool timed;
	int (*run)(const struct xha_opts *opts, int argc, char **argv);
	struct xha_cmd *next;
};

/* main.c */
void xha_main_register(struct xha_cmd *cmd);
const struct xha_cmd *xha_main_commands(void);
__attribute__((format(printf, 1, 2))) void xha_main_error(const char *fmt, ...);

#define XHA_COMMAND(cmd)						\
	static void __attribute__((constructor)) register_##cmd(void)	\
	{								\
		xha_main_register(&(cmd));				\
	}

/* match.c */
int xha_match_pick(const char *word, const char *const *choices, size_t n,
		   char *why, size_t size);
int xha_match_command(const struct xha_cmd *table, int argc, char **argv,
		      const struct xha_cmd **cmd, char *why, size_t size);

/* kernel.c */
int xha_kernel_open(struct xha_nl **nlp);
int xha_kernel_fail(const struct xha_nl *nl, int err, const char *what);
int xha_kernel_groups(struct xha_nl *nl, struct xha_nl_group **groups,
		      size_t *n);

/* helper.c */
struct json_object;
int xha_helper_dial(const char *path, unsigned int seconds);
struct json_object *xha_helper_group(const char *word);
int xha_helper_answer(const struct xha_opts *opts, struct json_object *request,
		      unsigned int seconds, struct json_object **reply);
int xha_helper_ask(const struct xha_opts *opts, const char *cmd,
		   struct json_object *group, struct json_object **reply);
int xha_helper_groups(const struct xha_opts *opts, bool history,
		      struct json_object **reply, struct json_object **groups);
int xha_helper_request(const struct xha_opts *opts, struct json_object *request,
		       struct json_object **reply);
typedef void (*xha_helper_fn)(struct json_object *line);
int xha_helper_follow(const struct xha_opts *opts, struct json_object *request,
		      xha_helper_fn fn);

/* answer.c */
const char *xha_answer_text(struct json_object *o, const char *key);
long long xha_answer_number(struct json_object *o, const char *key);
bool xha_answer_flag(struct json_object *o, const char *key);
void xha_answer_print_state(struct json_object *election);
void xha_answer_print_vips(struct json_object *o, const char *indent);
void xha_answer_print_mac(struct json_object *election);
void xha_answer_print_missing(struct json_object *group);
void xha_answer_print_bad(struct json_object *election, bool all);
struct json_object *xha_answer_array(struct json_object *o, const char *key);
struct json_object *xha_answer_pick(struct json_object *from,
				    const char *const *keys, size_t n);
int xha_answer_json(struct json_object *o);

/* tracks.c */
void xha_tracks_print_priority(struct json_object *election,
			       const char *title);
void xha_tracks_print(struct json_object *group);

#endif /* XHA_H */
