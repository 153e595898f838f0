// SPDX-License-Identifier: GPL-2.0-only
/*
 * keepalived writes, for each change, one line of
 *
 *	{INSTANCE|GROUP} "NAME" STATE PRIORITY
 *
 * and to a FIFO it shares with its health checkers also lines beginning with
 * VS, VSG or RS. Pure.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "notify_line.h"

static const struct {
	const char *state, *role;
} states[] = {
	{ "MASTER", "active" },
	{ "BACKUP", "standby" },
	{ "FAULT", "fault" },
	{ "STOP", "standby" },
	{ "DELETED", "standby" },
	{ "MASTER_RX_LOWER_PRI", NULL },
	{ "MASTER_PRIORITY", NULL },
	{ "BACKUP_PRIORITY", NULL },
};

/* Moves past @word and the space behind it; NULL if it is another word. */
static char *skip(char *line, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) || line[len] != ' ')
		return NULL;
	return line + len + 1;
}

static bool is_checker(char *line)
{
	return skip(line, "VS") || skip(line, "VSG") || skip(line, "RS");
}

static bool is_priority(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len && len <= 3 && !text[len];
}

static int take_state(char *text, struct xha_notify_line *to)
{
	char *space = strchr(text, ' ');
	size_t i;

	if (!space || !is_priority(space + 1))
		return -EINVAL;
	*space = '\0';
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(text, states[i].state)) {
			to->role = states[i].role;
			to->stops = !strcmp(text, "STOP");
			return 0;
		}
	*space = ' ';
	return -EINVAL;
}

/**
 * xha_notify_line_parse - read a line
 * @line: without its newline; cut into pieces if it is good
 * @to: result
 *
 * Return: 0, or -EINVAL when it is none of keepalived's.
 */
int xha_notify_line_parse(char *line, struct xha_notify_line *to)
{
	char *p = skip(line, "INSTANCE"), *end;

	memset(to, 0, sizeof(*to));
	if (is_checker(line)) {
		to->name = "";
		return 0;
	}
	if (!p)
		p = skip(line, "GROUP");
	if (!p || *p++ != '"')
		return -EINVAL;
	/* A name may have anything in it, a state and a number have not. */
	end = strrchr(p, '"');
	if (!end || end == p || end[1] != ' ' || take_state(end + 2, to))
		return -EINVAL;
	*end = '\0';
	to->name = p;
	return 0;
}

/**
 * xha_notify_line_quote - make any text fit for a message
 * @line: the text
 * @to: gets it, cut where it is too long, with ? for what cannot be printed
 * @size: bytes at @to, > 0
 */
void xha_notify_line_quote(const char *line, char *to, size_t size)
{
	snprintf(to, size, "%s", line);
	for (; *to; to++)
		if (!isprint((unsigned char)*to))
			*to = '?';
}
