// SPDX-License-Identifier: GPL-2.0-only
/* Tracked scripts and processes, real ones, on a real loop. */
/* link: tools/xhad/track_script.c tools/xhad/track_process.c */
/* libs: libsystemd */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "track_process.h"
#include "track_script.h"

#define LIMIT_US 20000000	/* however slow the machine is */

static char dir[32];
static struct xha_conf_track conf;
static struct xha_script script;
static sd_event *event;
static unsigned int good, bad;
static char reason[64];

void xha_log_write(int level, const char *fmt, ...)
{
}

__u64 xha_log_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void on_result(void *arg, bool is_good, const char *text)
{
	assert_ptr_equal(arg, &script);
	good += is_good;
	bad += !is_good;
	snprintf(reason, sizeof(reason), "%s", text);
}

static void add_arg(const char *arg)
{
	size_t used = 0;
	unsigned int i;

	for (i = 0; i < conf.n_args; i++)
		used += strlen(conf.args + used) + 1;
	memcpy(conf.args + used, arg, strlen(arg) + 1);
	conf.n_args++;
}

/* Runs @text in @dir, with "hello" and a dangerous word as arguments. */
static void begin(const char *text, unsigned int interval_ms,
		  unsigned int timeout_ms)
{
	char path[64];
	FILE *f;

	memset(&conf, 0, sizeof(conf));
	memset(&script, 0, sizeof(script));
	good = 0;
	bad = 0;
	snprintf(path, sizeof(path), "%s/script", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\ncd %s\n%s\n", dir, text);
	fclose(f);
	assert_int_equal(chmod(path, 0700), 0);
	snprintf(conf.name, sizeof(conf.name), "check");
	conf.interval_ms = interval_ms;
	conf.timeout_ms = timeout_ms;
	add_arg(path);
	add_arg("a b; touch broken $(touch broken)");
	script.conf = &conf;
	script.group = "ha";
	script.event = event;
	script.fn = on_result;
	script.arg = &script;
	xha_script_start(&script);
}

static void run_until_results(unsigned int n)
{
	__u64 end = xha_log_now_us() + LIMIT_US;

	while (good + bad < n) {
		assert_true(xha_log_now_us() < end);
		assert_true(sd_event_run(event, 100000) >= 0);
	}
}

/* What the script wrote. */
static const char *output(const char *name)
{
	static char text[4096];
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return "";
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int empty(void **state)
{
	char cmd[64];

	snprintf(cmd, sizeof(cmd), "rm -rf %s/*", dir);
	xha_script_stop(&script);
	return system(cmd);
}

static int setup(void **state)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	snprintf(dir, sizeof(dir), "/tmp/xha-script-XXXXXX");
	return !mkdtemp(dir) || sd_event_new(&event) < 0;
}

static int teardown(void **state)
{
	sd_event_unref(event);
	return rmdir(dir);
}

/* Gone, or dead and waiting for whoever has to reap it. */
static bool is_dead(pid_t pid)
{
	char path[32], stat[512] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return true;
	if (read(fd, stat, sizeof(stat) - 1) <= 0)
		stat[0] = '\0';
	close(fd);
	return !*stat || !strncmp(strrchr(stat, ')'), ") Z", 3);
}

static void assert_dies(pid_t pid)
{
	__u64 end = xha_log_now_us() + LIMIT_US;

	assert_true(pid > 1);
	while (!is_dead(pid)) {
		assert_true(xha_log_now_us() < end);
		sd_event_run(event, 10000);
	}
}

static void test_results(void **state)
{
	begin("exit 0", 20, 10000);
	run_until_results(3);
	assert_int_equal(good, 3);
	assert_string_equal(reason, "exit status 0");
	empty(NULL);
	begin("exit 3", 20, 10000);
	run_until_results(2);
	assert_int_equal(bad, 2);
	assert_string_equal(reason, "exit status 3");
	empty(NULL);
	begin("kill -9 $$", 20, 10000);
	run_until_results(1);
	assert_int_equal(bad, 1);
	assert_string_equal(reason, "ended by signal 9");
}

static void test_cannot_be_run(void **state)
{
	begin("exit 0", 20, 10000);
	snprintf(conf.args, sizeof(conf.args), "%s/none", dir);
	conf.n_args = 1;
	run_until_results(2);
	assert_int_equal(bad, 1);
	assert_string_equal(reason, "exit status 127");
}

/* Each takes longer than an interval: the next one waits for its end. */
static void test_never_two_at_once(void **state)
{
	begin("echo b >>log; sleep 0.1; echo e >>log", 10, 10000);
	run_until_results(3);
	assert_memory_equal(output("log"), "b\ne\nb\ne\nb\ne\n", 12);
}

/* With all its process group, whatever ignores milder signals. */
static void test_timeout(void **state)
{
	begin("trap '' TERM INT HUP\n"
	      "sleep 100 & echo $$ $! >pids.new; mv pids.new pids; sleep 100",
	      100, 1000);
	run_until_results(1);
	assert_int_equal(bad, 1);
	assert_string_equal(reason, "killed after 1000 ms");
	assert_dies(atoi(output("pids")));
	assert_dies(atoi(strchr(output("pids"), ' ')));
	/* One result for a run, and the next run comes. */
	run_until_results(2);
	assert_int_equal(bad, 2);
}

/* What a script leaves behind in its group ends with it. */
static void test_left_behind(void **state)
{
	begin("sleep 100 & echo $! >pid", 10000, 10000);
	run_until_results(1);
	assert_int_equal(good, 1);
	assert_dies(atoi(output("pid")));
}

static void test_stop_kills(void **state)
{
	begin("sleep 100 & echo $! >pid.new; mv pid.new pid; sleep 100", 10,
	      60000);
	while (!*output("pid"))
		sd_event_run(event, 10000);
	xha_script_stop(&script);
	assert_dies(atoi(output("pid")));
	assert_int_equal(good + bad, 0);
}

static void test_surroundings(void **state)
{
	unsigned long long blocked, ignored;
	int n, fd = dup2(STDERR_FILENO, 77);

	assert_int_equal(fd, 77);
	begin("echo \"$#.$1.$XHA_GROUP.$XHA_TRACK\" >args\n"
	      "[ -e /proc/$$/fd/77 ] || echo none >fds\n"
	      "grep -E '^Sig(Blk|Ign)' /proc/self/status >signals\n"
	      "o=$(readlink /proc/$$/fd/1); echo \"$o\" >out\n"
	      "env >env", 10000, 10000);
	run_until_results(1);
	close(fd);
	assert_string_equal(output("args"),
			    "1.a b; touch broken $(touch broken).ha.check\n");
	assert_string_equal(output("broken"), "");
	assert_string_equal(output("fds"), "none\n");
	assert_string_equal(output("out"), "/dev/null\n");
	n = sscanf(output("signals"), "SigBlk: %llx SigIgn: %llx", &blocked,
		   &ignored);
	assert_int_equal(n, 2);
	assert_int_equal(blocked, 0);
	/* 32 and 33 are the C library's own: a shell may leave them so. */
	assert_int_equal(ignored & ~0x180000000ULL, 0);
	assert_non_null(strstr(output("env"), "PATH=/usr/local/sbin:"));
	assert_null(strstr(output("env"), "HOME="));
}

static void write_stat(int pid, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%d", dir, pid);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%d/stat", dir, pid);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s", text);
	fclose(f);
}

static void test_processes(void **state)
{
	struct xha_process ps[] = {
		{ .name = "bird" }, { .name = "a) S 1" }, { .name = "none" },
	};

	write_stat(1, "1 (bird) S 0 1 1 0 -1 4194560\n");
	write_stat(22, "22 (bird) R 0 1 1\n");
	write_stat(23, "23 (bird) Z 0 1 1\n");
	write_stat(24, "24 (bird) X 0 1 1\n");
	write_stat(25, "25 (birdc) S 0 1 1\n");
	write_stat(26, "26 (a) S 1) S 0 1 1\n");
	write_stat(27, "27 (bird");
	write_stat(28, "28 )bird( S");
	write_stat(29, "");
	write_stat(30, "30 (bird)");
	assert_int_equal(xha_process_count(dir, ps, 3), 0);
	assert_int_equal(ps[0].count, 2);
	assert_int_equal(ps[1].count, 1);
	assert_int_equal(ps[2].count, 0);
	/* Counted anew each time. */
	assert_int_equal(xha_process_count(dir, ps, 3), 0);
	assert_int_equal(ps[0].count, 2);
	assert_int_equal(xha_process_count("/nonexistent", ps, 1), -ENOENT);
}

static void test_this_process(void **state)
{
	struct xha_process me = { .name = "xha of a test" };

	assert_int_equal(prctl(PR_SET_NAME, me.name), 0);
	assert_int_equal(xha_process_count("/proc", &me, 1), 0);
	assert_int_equal(me.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_results, empty),
		cmocka_unit_test_teardown(test_cannot_be_run, empty),
		cmocka_unit_test_teardown(test_never_two_at_once, empty),
		cmocka_unit_test_teardown(test_timeout, empty),
		cmocka_unit_test_teardown(test_left_behind, empty),
		cmocka_unit_test_teardown(test_stop_kills, empty),
		cmocka_unit_test_teardown(test_surroundings, empty),
		cmocka_unit_test_teardown(test_processes, empty),
		cmocka_unit_test(test_this_process),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
