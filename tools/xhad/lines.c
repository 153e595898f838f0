// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

/**
 * xha_lines_init - make an empty ring
 * @lines: all zero before
 * @size: bytes it can hold, > 0
 *
 * Return: 0 or -ENOMEM.
 */
int xha_lines_init(struct xha_lines *lines, size_t size)
{
	memset(lines, 0, sizeof(*lines));
	lines->buf = malloc(size);
	if (!lines->buf)
		return -ENOMEM;
	lines->size = size;
	return 0;
}

/**
 * xha_lines_free - forget what waits, and free the memory
 * @lines: the ring, which is one of size 0 afterwards
 */
void xha_lines_free(struct xha_lines *lines)
{
	free(lines->buf);
	memset(lines, 0, sizeof(*lines));
}

/**
 * xha_lines_put - add text
 * @lines: the ring
 * @text: the text
 * @len: bytes at @text
 *
 * Return: false where it does not fit, and nothing is added then.
 */
bool xha_lines_put(struct xha_lines *lines, const char *text, size_t len)
{
	size_t end, first;

	if (len > lines->size - lines->len)
		return false;
	if (!len)
		return true;
	end = (lines->start + lines->len) % lines->size;
	first = lines->size - end < len ? lines->size - end : len;
	memcpy(lines->buf + end, text, first);
	memcpy(lines->buf, text + first, len - first);
	lines->len += len;
	return true;
}

/**
 * xha_lines_peek - what to write next
 * @lines: the ring
 * @at: result: the oldest bytes
 *
 * Return: bytes at @at, 0 if nothing waits. There may be more behind them.
 */
size_t xha_lines_peek(const struct xha_lines *lines, const char **at)
{
	size_t tail = lines->size - lines->start;

	*at = lines->buf + lines->start;
	return lines->len < tail ? lines->len : tail;
}

/**
 * xha_lines_eat - forget what has been written
 * @lines: the ring
 * @n: bytes, not more than wait
 */
void xha_lines_eat(struct xha_lines *lines, size_t n)
{
	if (!n)
		return;
	lines->start = (lines->start + n) % lines->size;
	lines->len -= n;
}
