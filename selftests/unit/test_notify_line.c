// SPDX-License-Identifier: GPL-2.0-only
/* Lines of keepalived's notify FIFO: what they mean, and what is none. */
/* link: tools/xha/notify_line.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "notify_line.h"
#include "xha_util.h"

static const struct {
	const char *line, *name, *role;
	bool stops;
} good[] = {
	{ "INSTANCE \"VI_1\" MASTER 100", "VI_1", "active", false },
	{ "INSTANCE \"VI_1\" BACKUP 0", "VI_1", "standby", false },
	{ "INSTANCE \"VI_1\" FAULT 255", "VI_1", "fault", false },
	{ "GROUP \"ha\" MASTER 0", "ha", "active", false },
	{ "GROUP \"ha\" STOP 0", "ha", "standby", true },
	{ "INSTANCE \"VI_1\" DELETED 100", "VI_1", "standby", false },
	{ "INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 100", "VI_1", NULL, false },
	{ "INSTANCE \"VI_1\" MASTER_PRIORITY 90", "VI_1", NULL, false },
	{ "INSTANCE \"VI_1\" BACKUP_PRIORITY 90", "VI_1", NULL, false },
	{ "GROUP \"a name with spaces\" FAULT 0", "a name with spaces", "fault",
	  false },
	{ "GROUP \"a \"quoted\" BACKUP 3\" MASTER 0", "a \"quoted\" BACKUP 3",
	  "active", false },
	{ "VS [192.0.2.1]:tcp:80 UP", "", NULL, false },
	{ "RS [192.0.2.2]:tcp:80 [192.0.2.1]:tcp:80 DOWN", "", NULL, false },
};

static const char *const bad[] = {
	"",
	" ",
	"INSTANCE",
	"INSTANCE ",
	"INSTANCE \"",
	"INSTANCE \"\" MASTER 100",
	"INSTANCE \"VI_1",
	"INSTANCE \"VI_1\"",
	"INSTANCE \"VI_1\" ",
	"INSTANCE \"VI_1\" MASTER",
	"INSTANCE \"VI_1\" MASTER ",
	"INSTANCE \"VI_1\" MASTER 1000",
	"INSTANCE \"VI_1\" MASTER -1",
	"INSTANCE \"VI_1\" MASTER 100 ",
	"INSTANCE \"VI_1\" MASTER 100 100",
	"INSTANCE \"VI_1\"MASTER 100",
	"INSTANCE \"VI_1\" master 100",
	"INSTANCE \"VI_1\" {UNKNOWN} 100",
	"INSTANCE VI_1 MASTER 100",
	"instance \"VI_1\" MASTER 100",
	" INSTANCE \"VI_1\" MASTER 100",
	"INSTANCES \"VI_1\" MASTER 100",
	"VSX [192.0.2.1]:tcp:80 UP",
};

static void test_good(void **state)
{
	struct xha_notify_line got;
	char line[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		snprintf(line, sizeof(line), "%s", good[i].line);
		if (xha_notify_line_parse(line, &got))
			fail_msg("refused: %s", good[i].line);
		assert_string_equal(got.name, good[i].name);
		assert_int_equal(got.stops, good[i].stops);
		if (good[i].role)
			assert_string_equal(got.role, good[i].role);
		else
			assert_null(got.role);
	}
}

/* And it is left as it was, to be named. */
static void test_bad(void **state)
{
	struct xha_notify_line got;
	char line[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(line, sizeof(line), "%s", bad[i]);
		if (xha_notify_line_parse(line, &got) != -EINVAL)
			fail_msg("taken: %s", bad[i]);
		assert_string_equal(line, bad[i]);
	}
}

static void test_truncated(void **state)
{
	const char *whole = "GROUP \"ha\" MASTER_RX_LOWER_PRI 0";
	struct xha_notify_line got;
	char line[128];
	size_t n;

	for (n = 0; n < strlen(whole); n++) {
		snprintf(line, sizeof(line), "%.*s", (int)n, whole);
		assert_int_equal(xha_notify_line_parse(line, &got), -EINVAL);
	}
}

static void test_quote(void **state)
{
	char text[9];

	xha_notify_line_quote("a\tb\033[2J\x80", text, sizeof(text));
	assert_string_equal(text, "a?b?[2J?");
	xha_notify_line_quote("0123456789", text, sizeof(text));
	assert_string_equal(text, "01234567");
	xha_notify_line_quote("", text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
