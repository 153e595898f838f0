// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients of the control socket get: the ring of bytes, answers longer
 * than a socket holds, and streams to clients that do not read.
 */
/* link: tools/xhad/out.c tools/xhad/lines.c */
/* libs: libsystemd */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "out.h"

/* ---- the ring ---- */

static char *take_all(struct xha_lines *l, size_t at_most)
{
	static char text[256];
	const char *at;
	size_t len, n = 0;

	while ((len = xha_lines_peek(l, &at)) && n < at_most) {
		if (len > at_most - n)
			len = at_most - n;
		memcpy(text + n, at, len);
		xha_lines_eat(l, len);
		n += len;
	}
	text[n] = '\0';
	return text;
}

static void test_ring_whole_or_nothing(void **state)
{
	struct xha_lines l;

	assert_int_equal(xha_lines_init(&l, 10), 0);
	assert_false(xha_lines_put(&l, "elevenbytes", 11));
	assert_int_equal(l.len, 0);
	assert_true(xha_lines_put(&l, "tenbytes..", 10));
	assert_false(xha_lines_put(&l, "x", 1));
	assert_true(xha_lines_put(&l, "", 0));
	assert_string_equal(take_all(&l, 255), "tenbytes..");
	xha_lines_free(&l);
	assert_false(xha_lines_put(&l, "x", 1));
}

/* Every offset at which a line can lie, and be cut when it is taken out. */
static void test_ring_wraps(void **state)
{
	struct xha_lines l;
	char line[16];
	unsigned int i;

	assert_int_equal(xha_lines_init(&l, 13), 0);
	for (i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "line%02u\n", i);
		assert_true(xha_lines_put(&l, line, 7));
		assert_true(xha_lines_put(&l, "ab\n", 3));
		assert_string_equal(take_all(&l, 4), "line");
		assert_int_equal(l.len, 6);
		assert_string_equal(take_all(&l, 255), strcat(line + 4,
							      "ab\n"));
	}
	xha_lines_free(&l);
}

/* ---- clients ---- */

struct world {
	sd_event *event;
	struct xha_out out;
	int client;
	bool gone;
};

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct world *w = arg;

	if ((revents & EPOLLOUT) && xha_out_flush(&w->out))
		w->gone = true;
	if (w->gone)
		sd_event_source_set_enabled(s, SD_EVENT_OFF);
	return 0;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
				    fds), 0);
	w->out.fd = fds[0];
	w->client = fds[1];
	assert_true(sd_event_new(&w->event) >= 0);
	assert_true(sd_event_add_io(w->event, &w->out.io, fds[0], EPOLLIN,
				    on_io, w) >= 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	xha_out_close(&w->out);
	if (w->client >= 0)
		close(w->client);
	sd_event_unref(w->event);
	free(w);
	return 0;
}

static void run_loop(struct world *w)
{
	int i;

	for (i = 0; i < 1000 && sd_event_run(w->event, 0) > 0; i++)
		;
}

/* Reads until nothing more comes; NUL-terminated, the caller's. */
static char *read_all(struct world *w)
{
	size_t size = 8 << 20, n = 0;
	char *text = malloc(size + 1);
	ssize_t got;

	assert_non_null(text);
	for (;;) {
		got = read(w->client, text + n, size - n);
		if (got <= 0) {
			run_loop(w);
			got = read(w->client, text + n, size - n);
		}
		if (got <= 0)
			break;
		n += got;
	}
	text[n] = '\0';
	return text;
}

static char *long_text(size_t len)
{
	char *text = malloc(len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		text[i] = "0123456789abcdefghijklmnopqrstu"[i % 31];
	text[len - 1] = '\n';
	text[len] = '\0';
	return text;
}

static void test_answer(void **state)
{
	struct world *w = *state;
	char *got;

	assert_int_equal(xha_out_answer(&w->out, "short\n"), 0);
	assert_int_equal(xha_out_answer(&w->out, "and again\n"), 0);
	got = read_all(w);
	assert_string_equal(got, "short\nand again\n");
	free(got);
}

/* It comes whole, in pieces; until then no other one is taken. */
static void test_long_answer(void **state)
{
	struct world *w = *state;
	char *text = long_text(3 << 20), *got;
	int i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(xha_out_answer(&w->out, text), 0);
		assert_true(w->out.lines.len > 0);
		assert_int_equal(xha_out_answer(&w->out, "no\n"), -EBUSY);
		got = read_all(w);
		assert_string_equal(got, text);
		assert_int_equal(w->out.lines.len, 0);
		free(got);
	}
	free(text);
}

static void test_answer_too_long(void **state)
{
	struct world *w = *state;
	char *text = long_text(2 * XHA_OUT_ANSWER_MAX);

	assert_int_equal(xha_out_answer(&w->out, text), -EMSGSIZE);
	free(text);
}

static void test_client_gone(void **state)
{
	struct world *w = *state;
	char *text = long_text(1 << 20);

	assert_int_equal(xha_out_answer(&w->out, text), 0);
	close(w->client);
	w->client = -1;
	run_loop(w);
	assert_true(w->gone);
	assert_int_equal(xha_out_answer(&w->out, ""), -EBUSY);
	free(text);
}

static void put_number(struct world *w, unsigned int i)
{
	char line[128];

	xha_out_line(&w->out, line,
		     snprintf(line, sizeof(line), "line %u %64s\n", i, ""));
}

static void test_stream(void **state)
{
	struct world *w = *state;
	unsigned int i;
	char *got;

	assert_int_equal(xha_out_stream(&w->out), 0);
	for (i = 0; i < 3; i++)
		xha_out_line(&w->out, "one\n", 4);
	got = read_all(w);
	assert_string_equal(got, "one\none\none\n");
	free(got);
}

/*
 * A client that does not read: the helper goes on, holds no more than the ring
 * and the socket, and every line is either read or counted in the note that
 * stands where it would be.
 */
static void test_slow_client(void **state)
{
	struct world *w = *state;
	const unsigned int n = 50000;
	unsigned int want = 0, lost = 0, notes = 0, number, i;
	char *got, *line, *save;

	assert_int_equal(xha_out_stream(&w->out), 0);
	for (i = 0; i < n; i++) {
		put_number(w, i);
		assert_true(w->out.lines.len <= XHA_OUT_STREAM_SIZE);
	}
	assert_true(w->out.lost > 0);
	got = read_all(w);
	for (line = strtok_r(got, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "{\"kind\":\"lost\",\"lines\":%u}",
			   &number) == 1) {
			notes++;
			lost += number;
			want += number;
			continue;
		}
		assert_int_equal(sscanf(line, "line %u", &number), 1);
		assert_int_equal(number, want);
		want++;
	}
	free(got);
	assert_int_equal(want, n);
	assert_true(lost > 0 && lost < n);
	assert_true(notes >= 1);
	/* And it is a stream like before. */
	put_number(w, n);
	got = read_all(w);
	assert_int_equal(strncmp(got, "line 50000 ", 11), 0);
	free(got);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_whole_or_nothing),
		cmocka_unit_test(test_ring_wraps),
		T(test_answer),
		T(test_long_answer),
		T(test_answer_too_long),
		T(test_client_gone),
		T(test_stream),
		T(test_slow_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
