// SPDX-License-Identifier: GPL-2.0-only
/*
 * xha: shows and steers the redundancy of IPsec on this gateway. Options,
 * choice of the command, and the table the commands register in.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xha.h"

static struct xha_cmd *commands;

/* Order of the table, independent of the order of constructors. */
static int compare(const struct xha_cmd *a, const struct xha_cmd *b)
{
	size_t i;
	int r;

	for (i = 0; a->words[i] && b->words[i]; i++) {
		r = strcmp(a->words[i], b->words[i]);
		if (r)
			return r;
	}
	return (a->words[i] ? 1 : 0) - (b->words[i] ? 1 : 0);
}

/**
 * xha_main_register - add a command to the table
 * @cmd: static storage; stays owned by the caller
 *
 * Context: before main(), by XHA_COMMAND().
 */
void xha_main_register(struct xha_cmd *cmd)
{
	struct xha_cmd **p = &commands;

	while (*p && compare(*p, cmd) < 0)
		p = &(*p)->next;
	cmd->next = *p;
	*p = cmd;
}

/**
 * xha_main_commands - the table of commands
 *
 * Return: the first of a list in alphabetic order, linked by @next.
 */
const struct xha_cmd *xha_main_commands(void)
{
	return commands;
}

/**
 * xha_main_error - one line on standard error
 * @fmt: as for printf(), without the newline
 */
void xha_main_error(const char *fmt, ...)
{
	va_list ap;

	fputs("xha: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* A full disk or a closed pipe must not look like success. */
static int finish(int status)
{
	if ((fflush(stdout) || ferror(stdout)) && status == XHA_OK) {
		xha_main_error("cannot write the output");
		return XHA_FAILED;
	}
	return status;
}

static int parse_timeout(const char *text, unsigned int *seconds)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (end == text || *end || v < 1 || v > XHA_TIMEOUT_MAX) {
		xha_main_error("--timeout %s: must be 1..%d seconds", text,
			       XHA_TIMEOUT_MAX);
		return -1;
	}
	*seconds = v;
	return 0;
}

static int run(const struct xha_opts *opts, int n, char **words)
{
	const struct xha_cmd *cmd;
	char why[512];
	int used;

	used = xha_match_command(commands, n, words, &cmd, why, sizeof(why));
	if (used < 0) {
		xha_main_error("%s", why);
		return XHA_USAGE;
	}
	if (opts->timeout && !cmd->timed) {
		xha_main_error("--timeout: not with this command");
		return XHA_USAGE;
	}
	return finish(cmd->run(opts, n - used, words + used));
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	struct xha_opts opts = { .socket = XHA_SOCKET };
	char *help = "help";
	char **words = NULL;
	int c, n;

	while ((c = getopt_long(argc, argv, "hj", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			opts.json = true;
			break;
		case 's':
			opts.socket = optarg;
			break;
		case 't':
			if (parse_timeout(optarg, &opts.timeout))
				return XHA_USAGE;
			break;
		case 'V':
			printf("xha %s\n", XHA_VERSION);
			return finish(XHA_OK);
		case 'h':
			words = &help;
			break;
		default:
			return XHA_USAGE;
		}
	}
	n = words ? 1 : argc - optind;
	if (!words)
		words = argv + optind;
	if (!n) {
		xha_main_error("no command; \"xha help\" lists them");
		return XHA_USAGE;
	}
	return run(&opts, n, words);
}
