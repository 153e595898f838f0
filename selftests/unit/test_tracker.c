// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracked objects of all kinds, real ones in a network namespace of this test,
 * and what the group is told of them.
 */
/* link: tools/xhad/tracker.c tools/xhad/track.c tools/xhad/track_script.c */
/* link: tools/xhad/track_process.c tools/xhad/conf_track.c */
/* link: tools/xhad/link.c tools/xhad/conf_check.c tools/xhad/conf_hsrp.c */
/* link: tools/xhad/conf_addr.c */
/* link: tools/xhad/conf_external.c tools/xhad/conf_protect.c */
/* link: tools/xhad/conf_vrrp.c */
/* link: tools/xhad/vrrp_fsm.c tools/lib/xha_addr.c */
/* link: tools/xhad/trace.c tools/xhad/show.c tools/xhad/history.c */
/* libs: libsystemd json-c libconfuse */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "trace.h"
#include "tracker.h"

#define LIMIT_US 20000000	/* however slow the machine is */

enum { LINK, SCRIPT, PROCESS };

static struct xha_conf_group conf;
static struct xha_role role;
static struct xha_tracker tracker;
static sd_event *event;
static char flag[32], me[16];
static bool has_netns;

/* What the group was told last, and the log. */
static char held[128];
static bool waits;
static unsigned int lowered, n_holds;
static char logged[2048];

void xha_log_write(int level, const char *fmt, ...)
{
	size_t n = strlen(logged);
	va_list ap;

	va_start(ap, fmt);
	n += vsnprintf(logged + n, sizeof(logged) - n, fmt, ap);
	va_end(ap);
	snprintf(logged + n, sizeof(logged) - n, "\n");
}

__u64 xha_log_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* For records of elections, of which there are none here. */
const char *xha_role_name(const struct xha_role *r)
{
	return r->conf->name;
}

/* What a listener is told. */
static char traced[1024];

static void on_line(struct xha_trace_sink *sink, const char *text, size_t len)
{
	strncat(traced, text, sizeof(traced) - strlen(traced) - 1);
}

void xha_role_hold(struct xha_role *r, const char *cause)
{
	snprintf(held, sizeof(held), "%s", cause ? cause : "");
	n_holds++;
}

void xha_role_wait(struct xha_role *r, bool w)
{
	waits = w;
}

void xha_role_lower(struct xha_role *r, unsigned int decrement)
{
	lowered = decrement;
}

/* Where @want has a %s stands the name of this process. */
static void assert_logged(const char *want)
{
	char text[512];

	snprintf(text, sizeof(text), want, me);
	assert_string_equal(logged, text);
	logged[0] = '\0';
}

/* lo of a namespace of its own is down until somebody sets it up. */
static void set_lo(bool up)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
	close(fd);
}

static void set_flag(bool there)
{
	if (there)
		close(open(flag, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	else
		unlink(flag);
}

static void run_until(enum xha_track_state state, unsigned int i)
{
	__u64 end = xha_log_now_us() + LIMIT_US;

	while (tracker.tracks[i].state != state) {
		assert_true(xha_log_now_us() < end);
		assert_true(sd_event_run(event, 100000) >= 0);
	}
}

static int setup_all(void **state)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	has_netns = !unshare(CLONE_NEWNET) ||
		    !unshare(CLONE_NEWUSER | CLONE_NEWNET);
	snprintf(flag, sizeof(flag), "/tmp/xha-flag-%d", getpid());
	/* This test may run more than once on a machine. */
	snprintf(me, sizeof(me), "xha-%d", getpid());
	return sd_event_new(&event) < 0;
}

static int teardown_all(void **state)
{
	unlink(flag);
	sd_event_unref(event);
	return 0;
}

static int setup(void **state)
{
	struct xha_conf_track *t = conf.tracks;
	size_t len;
	int i;

	if (!has_netns)
		return 0;
	memset(&conf, 0, sizeof(conf));
	memset(&tracker, 0, sizeof(tracker));
	logged[0] = '\0';
	n_holds = 0;
	snprintf(conf.name, sizeof(conf.name), "ha");
	conf.n_tracks = 3;
	for (i = 0; i < 3; i++) {
		t[i].kind = i;
		t[i].rise = 1;
		t[i].fall = 1;
		t[i].quorum = 1;
		snprintf(t[i].name, sizeof(t[i].name), "t%d", i);
	}
	snprintf(t[LINK].interface, sizeof(t[LINK].interface), "lo");
	t[LINK].release = true;
	len = snprintf(t[SCRIPT].args, sizeof(t[SCRIPT].args), "/bin/test");
	len += 1 + snprintf(t[SCRIPT].args + len + 1, 64, "-e");
	snprintf(t[SCRIPT].args + len + 1, 64, "%s", flag);
	t[SCRIPT].n_args = 3;
	t[SCRIPT].interval_ms = 50;
	t[SCRIPT].timeout_ms = 10000;
	t[SCRIPT].decrement = 20;
	snprintf(t[PROCESS].process, sizeof(t[PROCESS].process), "%s", me);
	t[PROCESS].decrement = 5;
	role.conf = &conf;
	set_lo(true);
	set_flag(true);
	prctl(PR_SET_NAME, me);
	return 0;
}

static int teardown(void **state)
{
	xha_tracker_stop(&tracker);
	return 0;
}

/* Skips where the machine lets nobody have a network namespace. */
static void start(void)
{
	if (!has_netns)
		skip();
	xha_tracker_start(&tracker, event, &role);
}

static void test_all_up(void **state)
{
	start();
	/* The script has not ended yet. */
	assert_true(waits);
	assert_logged("group ha: track t0: up: interface lo: carrier\n"
		      "group ha: track t2: up: process %s: 1 of 1\n");
	run_until(XHA_TRACK_UP, SCRIPT);
	assert_false(waits);
	assert_logged("group ha: track t1: up: script /bin/test: exit status 0\n");
	assert_string_equal(held, "");
	assert_int_equal(lowered, 0);
}

static void test_link(void **state)
{
	struct xha_trace_sink sink = {
		.kinds = XHA_TRACE_EVENT, .line = on_line,
	};

	start();
	run_until(XHA_TRACK_UP, SCRIPT);
	logged[0] = '\0';
	set_lo(false);
	xha_trace_attach(&sink);
	xha_tracker_links(&tracker);
	xha_trace_detach(&sink);
	assert_non_null(strstr(traced, "\"event\":\"track\",\"track\":\"t0\",\"state\":\"down\","
			       "\"reason\":\"set down\"}\n"));
	assert_logged("group ha: track t0: down, gives up the role: interface lo: set down\n");
	assert_string_equal(held, "track t0: set down");
	/* Once per change, in the log and to the group. */
	n_holds = 0;
	xha_tracker_links(&tracker);
	xha_tracker_links(&tracker);
	assert_logged("");
	assert_int_equal(n_holds, 0);
	snprintf(conf.tracks[LINK].interface, IFNAMSIZ, "none0");
	xha_tracker_links(&tracker);
	assert_logged("");
	assert_string_equal(tracker.tracks[LINK].reason, "not there");
	snprintf(conf.tracks[LINK].interface, IFNAMSIZ, "lo");
	set_lo(true);
	xha_tracker_links(&tracker);
	assert_logged("group ha: track t0: up: interface lo: carrier\n");
	assert_string_equal(held, "");
}

static void test_script_and_process(void **state)
{
	start();
	run_until(XHA_TRACK_UP, SCRIPT);
	logged[0] = '\0';
	set_flag(false);
	run_until(XHA_TRACK_DOWN, SCRIPT);
	assert_int_equal(lowered, 20);
	assert_logged("group ha: track t1: down, priority lower by 20: "
		      "script /bin/test: exit status 1\n");
	prctl(PR_SET_NAME, "something-else");
	run_until(XHA_TRACK_DOWN, PROCESS);
	assert_int_equal(lowered, 25);
	assert_logged("group ha: track t2: down, priority lower by 5: "
		      "process %s: 0 of 1\n");
	assert_string_equal(held, "");
	prctl(PR_SET_NAME, me);
	run_until(XHA_TRACK_UP, PROCESS);
	assert_int_equal(lowered, 20);
	set_flag(true);
	run_until(XHA_TRACK_UP, SCRIPT);
	assert_int_equal(lowered, 0);
}

static struct json_object *value(struct json_object *list, int i,
				 const char *key)
{
	struct json_object *v;

	assert_true(json_object_object_get_ex(json_object_array_get_idx(list, i),
					      key, &v));
	return v;
}

static void test_show(void **state)
{
	struct json_object *list;

	set_flag(false);
	start();
	list = xha_tracker_show(&tracker);
	assert_int_equal(json_object_array_length(list), 3);
	assert_string_equal(json_object_get_string(value(list, 1, "state")),
			    "unknown");
	assert_null(value(list, 1, "since_ms"));
	json_object_put(list);
	run_until(XHA_TRACK_DOWN, SCRIPT);
	list = xha_tracker_show(&tracker);
	assert_string_equal(json_object_get_string(value(list, 0, "kind")),
			    "interface");
	assert_string_equal(json_object_get_string(value(list, 0, "object")),
			    "lo");
	assert_true(json_object_get_boolean(value(list, 0, "release")));
	assert_string_equal(json_object_get_string(value(list, 1, "object")),
			    "/bin/test");
	assert_string_equal(json_object_get_string(value(list, 1, "state")),
			    "down");
	assert_string_equal(json_object_get_string(value(list, 1, "reason")),
			    "exit status 1");
	assert_int_equal(json_object_get_int(value(list, 1, "decrement")), 20);
	assert_non_null(value(list, 1, "since_ms"));
	json_object_put(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_script_and_process, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_show, setup, teardown),
	};

	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
