/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that waits to be written to a client: a ring of bytes of bounded size.
 * Whole lines go in, or nothing of them. Pure but for its allocation.
 */
#ifndef XHA_LINES_H
#define XHA_LINES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct xha_lines - the ring; all zero is one of size 0
 * @buf: its memory
 * @size: bytes at @buf
 * @start: where the oldest byte lies
 * @len: bytes that wait
 */
struct xha_lines {
	char *buf;
	size_t size;
	size_t start;
	size_t len;
};

int xha_lines_init(struct xha_lines *lines, size_t size);
void xha_lines_free(struct xha_lines *lines);
bool xha_lines_put(struct xha_lines *lines, const char *text, size_t len);
size_t xha_lines_peek(const struct xha_lines *lines, const char **at);
void xha_lines_eat(struct xha_lines *lines, size_t n);

#endif /* XHA_LINES_H */
