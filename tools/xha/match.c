// SPDX-License-Identifier: GPL-2.0-only
/*
 * Abbreviated words: a word stands for the one choice it is the beginning of,
 * and a word written in full is never ambiguous. Pure.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "xha.h"

#define CHOICES_MAX	64

/* Appends to a buffer; what does not fit is cut. */
__attribute__((format(printf, 3, 4)))
static void append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

static void list(const char *word, const char *const *choices, size_t n,
		 char *why, size_t size)
{
	size_t i, shown = 0;

	for (i = 0; i < n; i++) {
		if (strncmp(choices[i], word, strlen(word)))
			continue;
		append(why, size, "%s%s", shown++ ? ", " : "", choices[i]);
	}
}

/**
 * xha_match_pick - find the choice a word stands for
 * @word: as typed
 * @choices: distinct words
 * @n: number of @choices
 * @why: on failure what is wrong, with the candidates
 * @size: bytes at @why, > 0
 *
 * Return: index into @choices, -ENOENT for an unknown or -EEXIST for an
 * ambiguous word.
 */
int xha_match_pick(const char *word, const char *const *choices, size_t n,
		   char *why, size_t size)
{
	size_t i, hits = 0, hit = 0;

	for (i = 0; i < n; i++) {
		if (!strcmp(choices[i], word))
			return i;
		if (*word && !strncmp(choices[i], word, strlen(word))) {
			hit = i;
			hits++;
		}
	}
	if (hits == 1)
		return hit;
	if (hits) {
		snprintf(why, size, "\"%s\" is ambiguous: ", word);
		list(word, choices, n, why, size);
		return -EEXIST;
	}
	snprintf(why, size, "\"%s\" is unknown here; possible: ", word);
	list("", choices, n, why, size);
	return -ENOENT;
}

/* Does the command begin with the @depth words of @path? */
static bool below(const struct xha_cmd *cmd, const char *const *path,
		  size_t depth)
{
	size_t i;

	for (i = 0; i < depth; i++) {
		if (!cmd->words[i] || strcmp(cmd->words[i], path[i]))
			return false;
	}
	return true;
}

/*
 * Collects the words that may follow @path; @whole is the command that ends
 * there. The table is sorted, so equal words are neighbours.
 */
static size_t followers(const struct xha_cmd *table, const char *const *path,
			size_t depth, const char **next,
			const struct xha_cmd **whole)
{
	const struct xha_cmd *cmd;
	size_t n = 0;

	*whole = NULL;
	for (cmd = table; cmd; cmd = cmd->next) {
		if (!below(cmd, path, depth))
			continue;
		if (!cmd->words[depth])
			*whole = cmd;
		else if (n < CHOICES_MAX &&
			 (!n || strcmp(next[n - 1], cmd->words[depth])))
			next[n++] = cmd->words[depth];
	}
	return n;
}

/**
 * xha_match_command - find the command that typed words stand for
 * @table: commands in alphabetic order
 * @argc: number of @argv
 * @argv: words as typed, arguments of the command behind them
 * @cmd: result
 * @why: on failure what is wrong, with the candidates
 * @size: bytes at @why, > 0
 *
 * A command ends the walk where no longer one goes on with the next word.
 *
 * Return: number of words used, or -ENOENT for an unknown word, -EEXIST for
 * an ambiguous one, -EINVAL where words are missing.
 */
int xha_match_command(const struct xha_cmd *table, int argc, char **argv,
		      const struct xha_cmd **cmd, char *why, size_t size)
{
	const char *path[XHA_CMD_WORDS + 1];
	const char *next[CHOICES_MAX];
	const struct xha_cmd *whole;
	size_t n, depth = 0;
	int i;

	for (;;) {
		n = followers(table, path, depth, next, &whole);
		if (!n || (whole && (int)depth == argc))
			break;
		if ((int)depth == argc) {
			snprintf(why, size, "the command goes on with: ");
			list("", next, n, why, size);
			return -EINVAL;
		}
		i = xha_match_pick(argv[depth], next, n, why, size);
		if (i == -ENOENT && whole)
			break;
		if (i < 0)
			return i;
		path[depth++] = next[i];
	}
	*cmd = whole;
	return depth;
}
