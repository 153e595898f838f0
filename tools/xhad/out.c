// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "out.h"

#define NOTE_LEN	64

/* Bytes written, which may be fewer than asked for, or -errno. */
static ssize_t write_some(const struct xha_out *out, const char *text,
			  size_t len)
{
	ssize_t n = send(out->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n;
}

static int wait_for_room(struct xha_out *out)
{
	uint32_t events = out->lines.len ? EPOLLIN | EPOLLOUT : EPOLLIN;
	int err = sd_event_source_set_io_events(out->io, events);

	return err < 0 ? err : 0;
}

/**
 * xha_out_answer - send one answer, now or as the client reads
 * @out: the client
 * @text: the answer, one line with its newline
 *
 * Return: 0, -EBUSY where an earlier one waits, -EMSGSIZE, -ENOMEM, or what
 * the socket said.
 */
int xha_out_answer(struct xha_out *out, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	if (out->lines.len)
		return -EBUSY;
	n = write_some(out, text, len);
	if (n < 0)
		return n;
	if ((size_t)n == len)
		return 0;
	len -= n;
	if (len > XHA_OUT_ANSWER_MAX)
		return -EMSGSIZE;
	xha_lines_free(&out->lines);
	if (xha_lines_init(&out->lines, len))
		return -ENOMEM;
	xha_lines_put(&out->lines, text + n, len);
	return wait_for_room(out);
}

/**
 * xha_out_stream - from now on the client gets a stream
 * @out: the client
 *
 * Return: 0, -EBUSY where an answer waits, or -ENOMEM.
 */
int xha_out_stream(struct xha_out *out)
{
	if (out->lines.len)
		return -EBUSY;
	xha_lines_free(&out->lines);
	out->stream = true;
	return xha_lines_init(&out->lines, XHA_OUT_STREAM_SIZE);
}

/* Tells of a gap where it is, as soon as there is room for that. */
static bool put_note(struct xha_out *out)
{
	char note[NOTE_LEN];
	int len;

	if (!out->lost)
		return true;
	len = snprintf(note, sizeof(note),
		       "{\"kind\":\"lost\",\"lines\":%llu}\n", out->lost);
	if (!xha_lines_put(&out->lines, note, len))
		return false;
	out->lost = 0;
	return true;
}

/**
 * xha_out_line - add one line to a stream, if there is room
 * @out: the client
 * @text: the line with its newline
 * @len: bytes at @text
 *
 * What goes wrong with the socket is found when its event source says so.
 */
void xha_out_line(struct xha_out *out, const char *text, size_t len)
{
	bool idle = !out->lines.len;

	if (!put_note(out) || !xha_lines_put(&out->lines, text, len))
		out->lost++;
	if (idle)
		xha_out_flush(out);
}

/**
 * xha_out_flush - write what waits, as far as there is room
 * @out: the client
 *
 * Return: 0, or -errno where the client has gone.
 */
int xha_out_flush(struct xha_out *out)
{
	const char *at;
	ssize_t n;
	size_t len;

	do {
		len = xha_lines_peek(&out->lines, &at);
		n = len ? write_some(out, at, len) : 0;
		if (n < 0)
			return n;
		xha_lines_eat(&out->lines, n);
		/* An idle stream would else not tell of its last gap. */
		if (!out->lines.len && out->stream)
			put_note(out);
	} while (n && out->lines.len);
	return wait_for_room(out);
}

/**
 * xha_out_close - end it
 * @out: the client; what waits is lost
 */
void xha_out_close(struct xha_out *out)
{
	sd_event_source_disable_unref(out->io);
	close(out->fd);
	xha_lines_free(&out->lines);
}
