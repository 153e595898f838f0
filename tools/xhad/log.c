// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "log.h"

static int max_level = 6;
static bool journal;

/**
 * xha_log_init - choose what is logged and how
 * @debug: log debug messages too
 */
void xha_log_init(bool debug)
{
	max_level = debug ? 7 : 6;
	journal = getenv("JOURNAL_STREAM");
	setvbuf(stderr, NULL, _IOLBF, 0);
}

/**
 * xha_log_now_us - the clock of the log and of all timers
 *
 * Return: µs of CLOCK_MONOTONIC.
 */
__u64 xha_log_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/**
 * xha_log_write - write one line to standard error
 * @level: as in syslog(3); shown as sd-daemon(3) prefix under the journal
 * @fmt: printf format, without newline
 *
 * Each line begins with the time in ms of CLOCK_MONOTONIC, which is also the
 * clock of the kernel's timeline.
 */
void xha_log_write(int level, const char *fmt, ...)
{
	__u64 us = xha_log_now_us();
	char text[512];
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (journal)
		fprintf(stderr, "<%d>", level);
	fprintf(stderr, "[%llu.%03llu] %s\n", us / 1000, us % 1000, text);
}
