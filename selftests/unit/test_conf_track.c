// SPDX-License-Identifier: GPL-2.0-only
/* Tracked objects: what is accepted, and what is said of what is not. */
/* link: tools/xhad/conf_external.c */
/* link: tools/xhad/conf.c tools/xhad/conf_check.c tools/xhad/conf_hsrp.c */
/* link: tools/xhad/conf_addr.c */
/* link: tools/xhad/conf_protect.c tools/xhad/conf_track.c */
/* link: tools/xhad/conf_vrrp.c */
/* link: tools/xhad/vrrp_fsm.c tools/lib/xha_addr.c */
/* libs: libconfuse */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_text.h"
#include "xha_util.h"

/* @ stands for the path of a script. Lines are counted below. */
static const char good[] =
	"channel { local-ip = {10.9.0.1} remote-ip = {10.9.0.2}\n"	/*  1 */
	"  local-port = 1 remote-port = 1 security = none\n"		/*  2 */
	"  key = \"0123456789abcdef\" }\n"				/*  3 */
	"group ha {\n"							/*  4 */
	"  id = 7\n"							/*  5 */
	"  track uplink {\n"						/*  6 */
	"    interface = eth2\n"					/*  7 */
	"  }\n"								/*  8 */
	"  standby outside {\n"						/*  9 */
	"    interface = eth0\n"					/* 10 */
	"    number = 1\n"						/* 11 */
	"    ip = {203.0.113.10/24}\n"					/* 12 */
	"    preempt = true\n"						/* 13 */
	"  }\n"								/* 14 */
	"  vrrp inside {\n"						/* 15 */
	"    interface = eth1\n"					/* 16 */
	"    vrid = 1\n"						/* 17 */
	"    ip = {10.1.0.1/24}\n"					/* 18 */
	"  }\n"								/* 19 */
	"  track reach {\n"						/* 20 */
	"    script = {\"@\", \"-c\", \"a b\"}\n"			/* 21 */
	"    interval = 5\n"						/* 22 */
	"    timeout = 2\n"						/* 23 */
	"    rise = 2\n"						/* 24 */
	"    fall = 3\n"						/* 25 */
	"    decrement = 30\n"						/* 26 */
	"  }\n"								/* 27 */
	"  track router {\n"						/* 28 */
	"    process = bird\n"						/* 29 */
	"    quorum = 2\n"						/* 30 */
	"    release = false\n"						/* 31 */
	"  }\n"								/* 32 */
	"}\n";								/* 33 */

static char script[32];

/* @text with each @ replaced by the path of the script */
static void fill(char *to, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += snprintf(to + n, size - n, "%.*s",
			      *text == '@' ? 64 : 1,
			      *text == '@' ? script : text);
}

/* The good text with the first @from replaced by @to. */
static int parse_with(const char *from, const char *to)
{
	static char filled[8192];

	fill(filled, sizeof(filled), with(good, from, to));
	return parse(filled);
}

static int setup(void **state)
{
	int fd;

	snprintf(script, sizeof(script), "/tmp/xha-track-XXXXXX");
	fd = mkstemp(script);
	return fd < 0 || fchmod(fd, 0755) || close(fd);
}

static int teardown(void **state)
{
	return unlink(script);
}

static void test_good(void **state)
{
	const struct xha_conf_track *t = conf.groups[0].tracks;

	assert_int_equal(parse_with("eth2", "eth2"), 0);
	assert_string_equal(said, "");
	assert_int_equal(conf.groups[0].n_tracks, 3);
	assert_string_equal(t[0].name, "uplink");
	assert_int_equal(t[0].kind, XHA_CONF_TRACK_INTERFACE);
	assert_string_equal(xha_conf_track_object(&t[0]), "eth2");
	assert_true(t[0].release);
	assert_int_equal(t[0].rise + t[0].fall, 2);
	assert_int_equal(t[1].kind, XHA_CONF_TRACK_SCRIPT);
	assert_string_equal(xha_conf_track_object(&t[1]), script);
	assert_int_equal(t[1].n_args, 3);
	assert_memory_equal(t[1].args + strlen(script), "\0-c\0a b", 8);
	assert_int_equal(t[1].interval_ms, 5000);
	assert_int_equal(t[1].timeout_ms, 2000);
	assert_int_equal(t[1].rise, 2);
	assert_int_equal(t[1].fall, 3);
	assert_false(t[1].release);
	assert_int_equal(t[1].decrement, 30);
	assert_int_equal(t[2].kind, XHA_CONF_TRACK_PROCESS);
	assert_string_equal(xha_conf_track_object(&t[2]), "bird");
	assert_int_equal(t[2].quorum, 2);
	assert_false(t[2].release);
	/* Cisco's, where none is named. */
	assert_int_equal(t[2].decrement, 10);
}

static void test_defaults(void **state)
{
	const struct xha_conf_track *t = &conf.groups[0].tracks[1];

	assert_int_equal(parse_with("    interval = 5\n    timeout = 2\n"
				    "    rise = 2\n    fall = 3\n"
				    "    decrement = 30\n", ""), 0);
	assert_int_equal(t->interval_ms, 1000);
	assert_int_equal(t->timeout_ms, 1000);
	assert_int_equal(t->rise, 1);
	assert_int_equal(t->fall, 1);
	assert_true(t->release);
	assert_int_equal(t->decrement, 0);
	/* The timeout is the interval where it is not given. */
	assert_int_equal(parse_with("    timeout = 2\n", ""), 0);
	assert_int_equal(t->timeout_ms, 5000);
	assert_int_equal(parse_with("    quorum = 2\n    release = false\n",
				    ""), 0);
	assert_int_equal(conf.groups[0].tracks[2].quorum, 1);
}

#define LONG64 "0123456789012345678901234567890123456789012345678901234567890123"

static const struct {
	const char *from, *to, *says;
} bad[] = {
	{ "interface = eth2", "",
	  "t.conf:8: track uplink: interface, script or process is missing" },
	{ "interface = eth2", "interface = eth2\nprocess = bird2",
	  "t.conf:8: process: interface is given as well" },
	{ "interface = eth2", "interface = eth0123456789012",
	  "t.conf:7: interface = eth0123456789012: not an interface name" },
	{ "interface = eth2", "interface = \"\"",
	  "t.conf:7: interface = : not an interface name" },
	{ "interface = eth2", "interface = eth2 fall = 2",
	  "t.conf:7: fall: is for scripts and processes" },
	{ "interface = eth2", "interface = eth2 interval = 2",
	  "t.conf:7: interval: is for scripts" },
	{ "interface = eth2", "interface = eth2 weight = 2",
	  "t.conf:7: no such option 'weight'" },
	{ "interface = eth2", "interface = eth2 decrement = 0",
	  "t.conf:7: decrement = 0: must be 1..255" },
	{ "decrement = 30", "decrement = 256",
	  "t.conf:26: decrement = 256: must be 1..255" },
	{ "decrement = 30", "decrement = -1",
	  "t.conf:26: decrement = -1: must be 1..255" },
	{ "decrement = 30", "decrement = 30 release = true",
	  "t.conf:26: decrement: with release = true no priority matters" },
	{ "{\"@\", \"-c\", \"a b\"}", "bin/true",
	  "t.conf:21: script = bin/true: not an absolute path" },
	{ "{\"@\", \"-c\", \"a b\"}", "\"/nonexistent/x -c\"",
	  "t.conf:21: script = /nonexistent/x -c: No such file or directory" },
	{ "{\"@\", \"-c\", \"a b\"}", "/tmp",
	  "t.conf:21: script = /tmp: not a regular file" },
	{ "{\"@\", \"-c\", \"a b\"}", "/etc/passwd",
	  "t.conf:21: script = /etc/passwd: not executable (mode 0644)" },
	{ "{\"@\", \"-c\", \"a b\"}", "{}",
	  "t.conf:27: track reach: interface, script or process is missing" },
	{ "\"a b\"", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
	  "t.conf:21: script: 17 words, must be 1..16" },
	{ "\"a b\"", "\"" LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64
	  LONG64 "\"",
	  "t.conf:21: script: more than 496 bytes with its arguments" },
	{ "interval = 5", "interval = 0",
	  "t.conf:22: interval = 0: must be 1..3600" },
	{ "timeout = 2", "timeout = 3601",
	  "t.conf:23: timeout = 3601: must be 1..3600" },
	{ "rise = 2", "rise = 0", "t.conf:24: rise = 0: must be 1..1000" },
	{ "fall = 3", "fall = 1001", "t.conf:25: fall = 1001: must be 1..1000" },
	{ "fall = 3", "quorum = 2", "t.conf:25: quorum: is for processes" },
	{ "process = bird", "process = 0123456789abcdef",
	  "t.conf:29: process = 0123456789abcdef: not a name of 1..15 bytes as in /proc/PID/comm" },
	{ "process = bird", "process = /usr/sbin/bird",
	  "t.conf:29: process = /usr/sbin/bird: not a name of 1..15 bytes as in /proc/PID/comm" },
	{ "quorum = 2", "timeout = 2", "t.conf:30: timeout: is for scripts" },
	{ "quorum = 2", "quorum = 0", "t.conf:30: quorum = 0: must be 1..1000" },
	{ "track router", "track reach",
	  "t.conf:28: found duplicate title 'reach'" },
	{ "track router", "track \"\"",
	  "t.conf:32: track : name must have 1..31 bytes" },
	{ "process = bird\n    quorum = 2\n", "interface = eth2\n",
	  "t.conf:29: interface = eth2: already tracked by track uplink" },
	{ "  track router {\n    process = bird\n    quorum = 2\n",
	  "  track reach2 {\n    script = {\"@\", \"-c\", \"a b\"}\n",
	  "t.conf:29: script = @: already tracked by track reach" },
};

static void test_bad(void **state)
{
	char want[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fill(want, sizeof(want), bad[i].says);
		assert_bad(parse_with(bad[i].from, bad[i].to), want);
	}
}

/* Another script, or the same with other arguments, is another object. */
static void test_not_the_same(void **state)
{
	assert_int_equal(parse_with("  track router {\n    process = bird\n"
				    "    quorum = 2\n",
				    "  track other {\n"
				    "    script = {\"@\", \"-c\", \"a\"}\n"), 0);
	assert_string_equal(said, "");
}

static void test_changeable_script(void **state)
{
	char want[256];

	assert_int_equal(chmod(script, 0775), 0);
	assert_int_equal(parse_with("eth2", "eth2"), -EINVAL);
	snprintf(want, sizeof(want),
		 "t.conf:21: script = %s: others than root may change it (owner %u, mode 0775)\n",
		 script, geteuid());
	assert_string_equal(said, want);
	assert_int_equal(chmod(script, 0755), 0);
}

static void test_too_many(void **state)
{
	char text[2048] = "id = 7\n";
	size_t n = strlen(text);
	int i;

	for (i = 0; i < 14; i++)
		n += snprintf(text + n, sizeof(text) - n,
			      "track t%d { interface = dummy%d }\n", i, i);
	assert_int_equal(parse_with("id = 7\n", text), -EINVAL);
	assert_string_equal(said,
			    "t.conf:47: group ha: 17 track sections, must be at most 16\n");
}

static void test_warnings(void **state)
{
	assert_int_equal(parse_with("eth2", "eth1"), 0);
	assert_string_equal(said,
			    "t.conf:7: warning: interface = eth1: is that of "
			    "inside, so the role is released without it in any "
			    "case\n");
	assert_int_equal(parse_with("preempt = true", "preempt = false"), 0);
	assert_int_equal(n_warnings, 2);
	assert_non_null(strstr(said,
			       "t.conf:21: warning: track reach: a lower "
			       "priority moves the role only where the other "
			       "node has preempt = true in outside\n"));
	assert_int_equal(parse_with("vrid = 1\n", "vrid = 1 priority = 255\n"),
			 0);
	assert_int_equal(n_warnings, 2);
	assert_non_null(strstr(said,
			       "t.conf:29: warning: track router: the priority "
			       "of inside, owner of its addresses, stays 255\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_not_the_same),
		cmocka_unit_test(test_changeable_script),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
