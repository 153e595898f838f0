/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the unit tests of the configuration: a text is parsed, and what comes of
 * it and is said of it is kept. A test includes cmocka.h before, and links
 * tools/xhad/conf.c with what that needs.
 */
#ifndef CONF_TEXT_H
#define CONF_TEXT_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"

static struct xha_conf conf;

/* What was said of the last text, a line each. */
static char said[4096];
static unsigned int n_errors, n_warnings;

static void on_report(bool fatal, const char *text, void *arg)
{
	size_t n = strlen(said);

	if (fatal)
		n_errors++;
	else
		n_warnings++;
	snprintf(said + n, sizeof(said) - n, "%s\n", text);
}

static int parse(const char *text)
{
	said[0] = '\0';
	n_errors = 0;
	n_warnings = 0;
	return xha_conf_parse(text, "t.conf", &conf, on_report, NULL);
}

/* @text with the first @from replaced by @to, until the next call. */
static const char *with(const char *text, const char *from, const char *to)
{
	static char changed[8192];
	const char *at = strstr(text, from);

	assert_non_null(at);
	snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text,
		 to, at + strlen(from));
	return changed;
}

/* parse() returned @err: one thing was wrong, which is what @says says. */
static inline void assert_bad(int err, const char *says)
{
	static const struct xha_conf zero;
	char want[1024];

	assert_int_equal(err, -EINVAL);
	snprintf(want, sizeof(want), "%s\n", says);
	assert_string_equal(said, want);
	assert_int_equal(n_errors, 1);
	/* Nothing half done. */
	assert_memory_equal(&conf, &zero, sizeof(conf));
}

/* The file @path of the examples, in which @from is replaced by @to. */
static inline int parse_example(const char *path, const char *from,
				const char *to)
{
	static char text[8192];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	assert_true(n > 0);
	text[n] = '\0';
	fclose(f);
	return parse(with(text, from, to));
}

#endif /* CONF_TEXT_H */
