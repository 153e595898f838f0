// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "track_script.h"

#define PATH_ENV	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define NOT_RUN		127	/* as a shell says it */

static void run(struct xha_script *s);

/*
 * The child, between fork and exec. It has its own process group, no file of
 * this process, no signal blocked or ignored, and ends with this process.
 */
static void become(char *const argv[], char *const env[])
{
	sigset_t none;
	int fd, sig;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);	/* KILL and STOP have no other */
	fd = open("/dev/null", O_RDWR);
	if (fd < 0 || chdir("/") || dup2(fd, STDIN_FILENO) < 0 ||
	    dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0))
		_exit(NOT_RUN);
	execve(argv[0], argv, env);
	_exit(NOT_RUN);
}

/* fork(), not vfork(): a file system that hangs must not stop the hellos. */
static pid_t spawn(const struct xha_script *s)
{
	char group[sizeof("XHA_GROUP=") + XFRM_HA_NAME_LEN];
	char track[sizeof("XHA_TRACK=") + XFRM_HA_NAME_LEN];
	char *env[4] = { (char *)PATH_ENV, group, track };
	char *argv[XHA_CONF_TRACK_ARGS + 1];
	const char *at = s->conf->args;
	unsigned int i;
	pid_t pid;

	snprintf(group, sizeof(group), "XHA_GROUP=%s", s->group);
	snprintf(track, sizeof(track), "XHA_TRACK=%s", s->conf->name);
	for (i = 0; i < s->conf->n_args; i++, at += strlen(at) + 1)
		argv[i] = (char *)at;
	argv[i] = NULL;
	pid = fork();
	if (!pid)
		become(argv, env);
	if (pid < 0)
		return -errno;
	/* Whichever of the two is first: killing the group must find it. */
	setpgid(pid, pid);
	return pid;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xha_script *s = arg;
	char text[64];

	if (!s->pid) {
		run(s);
		return 0;
	}
	kill(-s->pid, SIGKILL);
	if (s->late)
		snprintf(text, sizeof(text), "still there, although killed");
	else
		snprintf(text, sizeof(text), "killed after %u ms",
			 s->conf->timeout_ms);
	s->late = true;
	sd_event_source_set_time_relative(source,
					  s->conf->interval_ms * 1000ULL);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	s->fn(s->arg, false, text);
	return 0;
}

static void arm(struct xha_script *s, __u64 us)
{
	int err;

	if (!s->timer)
		err = sd_event_add_time_relative(s->event, &s->timer,
						 CLOCK_MONOTONIC, us, 1000,
						 on_timer, s);
	else
		err = sd_event_source_set_time_relative(s->timer, us);
	if (err >= 0)
		err = sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
	if (err < 0)
		xha_log_err("group %s: track %s: timer: %s", s->group,
			    s->conf->name, strerror(-err));
}

/* One interval from start to start, but never two at once. */
static void arm_next(struct xha_script *s)
{
	__u64 due = s->begun_us + s->conf->interval_ms * 1000ULL;
	__u64 now = xha_log_now_us();

	arm(s, due > now ? due - now : 0);
}

static int on_exit(sd_event_source *source, const siginfo_t *si, void *arg)
{
	struct xha_script *s = arg;
	bool good = si->si_code == CLD_EXITED && !si->si_status;
	bool late = s->late;
	char text[64];

	/* Not reaped before this returns, so the number is still its own. */
	kill(-s->pid, SIGKILL);
	s->pid = 0;
	s->late = false;
	s->child = sd_event_source_disable_unref(s->child);
	arm_next(s);
	if (late)
		return 0;
	if (si->si_code == CLD_EXITED)
		snprintf(text, sizeof(text), "exit status %d", si->si_status);
	else
		snprintf(text, sizeof(text), "ended by signal %d",
			 si->si_status);
	s->fn(s->arg, good, text);
	return 0;
}

static void run(struct xha_script *s)
{
	char text[64];
	pid_t pid;
	int err;

	s->begun_us = xha_log_now_us();
	pid = spawn(s);
	err = pid;
	if (pid > 0) {
		err = sd_event_add_child(s->event, &s->child, pid, WEXITED,
					 on_exit, s);
		if (err < 0) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	if (err < 0) {
		arm_next(s);
		snprintf(text, sizeof(text), "cannot be started: %s",
			 strerror(-err));
		s->fn(s->arg, false, text);
		return;
	}
	s->pid = pid;
	arm(s, s->conf->timeout_ms * 1000ULL);
}

/**
 * xha_script_start - run a script now, and from now on
 * @s: the script, with conf, group, event, fn and arg set, the rest zero
 *
 * SIGCHLD has to be blocked in this process.
 */
void xha_script_start(struct xha_script *s)
{
	run(s);
}

/**
 * xha_script_stop - end that, and a run that is under way
 * @s: the script
 */
void xha_script_stop(struct xha_script *s)
{
	if (s->pid)
		kill(-s->pid, SIGKILL);
	s->pid = 0;
	s->child = sd_event_source_disable_unref(s->child);
	s->timer = sd_event_source_disable_unref(s->timer);
}
