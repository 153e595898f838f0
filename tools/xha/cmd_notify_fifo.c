// SPDX-License-Identifier: GPL-2.0-only
/*
 * xha notify-fifo NAME[=GROUP]... PATH: what keepalived writes to its notify
 * FIFO is told to xhad, in order. For vrrp_notify_fifo_script, which gives the
 * path as the last argument.
 *
 * Only the last word for a group counts. One that xhad is not there to hear is
 * told once it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "notify_line.h"
#include "xha.h"

#define MAX_TARGETS	8	/* as many groups as xhad has */
#define LINE_SIZE	512
#define REPLY_SIZE	2048
#define RETRY_MS	500	/* until xhad is there */
#define ROLE_MS		60000	/* xhad goes on trying after that, too */

/* keepalived kills what has not ended a second after it was asked to. */
#define LEAVE_MS	900

struct target {
	const char *name;		/* keepalived's */
	const char *group;		/* xhad's */
	const char *role;		/* the last word, NULL before */
	bool heard;			/* xhad has answered to it */
	bool absent_told;
	bool stopped;			/* it was that keepalived ends */
	int fd;				/* -1 unless xhad was asked */
	long long retry_ms;		/* ask then, 0: not waiting */
	size_t len;
	char reply[REPLY_SIZE];
};

struct feed {
	const struct xha_opts *opts;
	const char *path;
	int fd;
	bool ended;			/* nobody writes any more */
	unsigned long lines, bad;
	bool overlong;			/* skip until the newline */
	size_t len;
	char line[LINE_SIZE];
	struct target targets[MAX_TARGETS];
	unsigned int n_targets;
	long long leave_ms;		/* end then, 0: not asked to */
};

static volatile sig_atomic_t asked_to_end;

static void on_signal(int sig)
{
	asked_to_end = 1;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Whom keepalived has started has no terminal: to the log as well. */
__attribute__((format(printf, 2, 3)))
static void note(int priority, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	xha_main_error("%s", text);
	syslog(priority, "%s", text);
}

/* ---- to xhad ---- */

static void hang_up(struct target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->len = 0;
}

static int send_word(int fd, const struct target *t)
{
	struct json_object *o = json_object_new_object();
	const char *text;
	char line[512];
	int n;

	json_object_object_add(o, "cmd", json_object_new_string("role"));
	json_object_object_add(o, "group", xha_helper_group(t->group));
	json_object_object_add(o, "role", json_object_new_string(t->role));
	json_object_object_add(o, "timeout_ms", json_object_new_int(ROLE_MS));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	n = snprintf(line, sizeof(line), "%s\n", text);
	json_object_put(o);
	if (n < 0 || n >= (int)sizeof(line))
		return -EMSGSIZE;
	if (send(fd, line, n, MSG_NOSIGNAL) != n)
		return errno ? -errno : -EPIPE;
	return 0;
}

static void again_later(struct target *t, int err)
{
	hang_up(t);
	t->retry_ms = now_ms() + RETRY_MS;
	if (!t->absent_told)
		note(LOG_WARNING, "group %s cannot be told %s yet, is xhad running? %s",
		     t->group, t->role, strerror(-err));
	t->absent_told = true;
}

static void tell(struct feed *f, struct target *t)
{
	int err;

	/* Whoever waited for the word before need not be told that it is old. */
	hang_up(t);
	t->retry_ms = 0;
	t->fd = xha_helper_dial(f->opts->socket, 1);
	err = t->fd < 0 ? t->fd : send_word(t->fd, t);
	if (err)
		again_later(t, err);
}

static void take_reply(struct target *t)
{
	struct json_object *o = json_tokener_parse(t->reply);

	if (xha_answer_flag(o, "ok"))
		note(LOG_INFO, "group %s is %s, after %lld ms", t->group,
		     t->role, xha_answer_number(o, "took_ms"));
	else
		note(LOG_ERR, "group %s was told %s: %s", t->group, t->role,
		     xha_answer_text(o, "error"));
	json_object_put(o);
	t->heard = true;
	t->absent_told = false;
	hang_up(t);
}

static void read_reply(struct target *t)
{
	ssize_t n = recv(t->fd, t->reply + t->len, REPLY_SIZE - 1 - t->len,
			 MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		again_later(t, n ? -errno : -ECONNRESET);
		return;
	}
	t->len += n;
	t->reply[t->len] = '\0';
	end = strchr(t->reply, '\n');
	if (end) {
		*end = '\0';
		take_reply(t);
	} else if (t->len == REPLY_SIZE - 1) {
		again_later(t, -EMSGSIZE);
	}
}

/* ---- from keepalived ---- */

static void bad_line(struct feed *f, const char *line)
{
	char text[81];

	f->bad++;
	xha_notify_line_quote(line, text, sizeof(text));
	note(LOG_WARNING, "%s: line %lu is not keepalived's, ignored (%lu so far): %s",
	     f->path, f->lines, f->bad, text);
}

static void take_line(struct feed *f, char *line)
{
	struct xha_notify_line got;
	struct target *t;
	unsigned int i;

	f->lines++;
	if (xha_notify_line_parse(line, &got)) {
		bad_line(f, line);
		return;
	}
	for (i = 0; i < f->n_targets; i++) {
		t = &f->targets[i];
		if (!got.role || strcmp(t->name, got.name))
			continue;
		note(LOG_INFO, "keepalived: %s: group %s is to be %s", t->name,
		     t->group, got.role);
		t->role = got.role;
		t->stopped = got.stops;
		t->heard = false;
		tell(f, t);
	}
}

static void take_lines(struct feed *f)
{
	char *begin = f->line, *end;

	while ((end = memchr(begin, '\n', f->line + f->len - begin))) {
		*end = '\0';
		if (!f->overlong)
			take_line(f, begin);
		f->overlong = false;
		begin = end + 1;
	}
	f->len -= begin - f->line;
	memmove(f->line, begin, f->len);
	if (f->len < LINE_SIZE - 1)
		return;
	if (!f->overlong) {
		f->line[f->len] = '\0';
		f->lines++;
		bad_line(f, f->line);
	}
	f->overlong = true;
	f->len = 0;
}

static void read_fifo(struct feed *f)
{
	ssize_t n = read(f->fd, f->line + f->len, LINE_SIZE - 1 - f->len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		f->ended = true;
		return;
	}
	f->len += n;
	take_lines(f);
}

static int open_fifo(struct feed *f)
{
	struct stat st;

	f->fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (f->fd < 0) {
		note(LOG_ERR, "%s: %s", f->path, strerror(errno));
		return XHA_FAILED;
	}
	if (fstat(f->fd, &st) || !S_ISFIFO(st.st_mode)) {
		note(LOG_ERR, "%s: not a FIFO", f->path);
		return XHA_FAILED;
	}
	if (st.st_mode & 0022) {
		note(LOG_ERR, "%s: others may write to it (mode %04o), and would decide the role",
		     f->path, st.st_mode & 07777);
		return XHA_FAILED;
	}
	return XHA_OK;
}

/* ---- the loop ---- */

static long long earlier(long long a, long long b)
{
	return !a || (b && b < a) ? b : a;
}

static int wait_ms(const struct feed *f)
{
	long long due = f->leave_ms;
	unsigned int i;

	for (i = 0; i < f->n_targets; i++)
		due = earlier(due, f->targets[i].retry_ms);
	if (!due)
		return -1;
	due -= now_ms();
	return due > 0 ? due : 0;
}

static void step(struct feed *f, const sigset_t *unblocked)
{
	struct pollfd p[MAX_TARGETS + 1];
	struct timespec ts, *limit = NULL;
	int ms = wait_ms(f);
	unsigned int i;

	for (i = 0; i < f->n_targets; i++)
		p[i] = (struct pollfd){ .fd = f->targets[i].fd,
					.events = POLLIN };
	p[i] = (struct pollfd){ .fd = f->ended ? -1 : f->fd, .events = POLLIN };
	if (ms >= 0) {
		ts.tv_sec = ms / 1000;
		ts.tv_nsec = ms % 1000 * 1000000L;
		limit = &ts;
	}
	if (ppoll(p, f->n_targets + 1, limit, unblocked) < 0)
		return;
	for (i = 0; i < f->n_targets; i++) {
		if (p[i].revents)
			read_reply(&f->targets[i]);
		else if (f->targets[i].retry_ms &&
			 f->targets[i].retry_ms <= now_ms())
			tell(f, &f->targets[i]);
	}
	if (p[i].revents)
		read_fifo(f);
}

/* Has every group's last word been answered? */
static bool all_heard(const struct feed *f)
{
	unsigned int i;

	for (i = 0; i < f->n_targets; i++)
		if (f->targets[i].role && !f->targets[i].heard)
			return false;
	return true;
}

static bool all_stopped(const struct feed *f)
{
	unsigned int i;

	for (i = 0; i < f->n_targets; i++)
		if (f->targets[i].role && !f->targets[i].stopped)
			return false;
	return true;
}

static int leave(const struct feed *f)
{
	const struct target *t;
	int status = XHA_OK;
	unsigned int i;

	for (i = 0; i < f->n_targets; i++) {
		t = &f->targets[i];
		if (t->role && !t->heard && t->fd < 0) {
			note(LOG_ERR, "group %s was not told %s: xhad does not run",
			     t->group, t->role);
			status = XHA_ABSENT;
		}
	}
	if (f->ended && !all_stopped(f)) {
		note(LOG_WARNING, "%s: keepalived closed it without a word: roles stay as they are",
		     f->path);
		status = status ? status : XHA_FAILED;
	}
	return status;
}

static int follow(struct feed *f)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t blocked, unblocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	sigdelset(&unblocked, SIGTERM);
	sigdelset(&unblocked, SIGINT);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	for (;;) {
		/* keepalived asks its scripts to end, and then writes STOP. */
		if ((asked_to_end || f->ended) && !f->leave_ms)
			f->leave_ms = now_ms() + LEAVE_MS;
		if (f->ended && all_heard(f))
			break;
		if (f->leave_ms && f->leave_ms <= now_ms())
			break;
		step(f, &unblocked);
	}
	return leave(f);
}

static int add_target(struct feed *f, char *word)
{
	char *equal = strchr(word, '=');
	struct target *t;
	unsigned int i;

	if (f->n_targets == MAX_TARGETS) {
		xha_main_error("more than %d groups", MAX_TARGETS);
		return XHA_USAGE;
	}
	t = &f->targets[f->n_targets];
	if (equal)
		*equal = '\0';
	t->name = word;
	t->group = equal ? equal + 1 : word;
	t->fd = -1;
	if (!*t->name || !*t->group || strlen(t->group) >= XFRM_HA_NAME_LEN) {
		xha_main_error("\"%s\": must be NAME or NAME=GROUP", word);
		return XHA_USAGE;
	}
	for (i = 0; i < f->n_targets; i++)
		if (!strcmp(f->targets[i].group, t->group)) {
			xha_main_error("group %s has one role: name one vrrp_sync_group",
				       t->group);
			return XHA_USAGE;
		}
	f->n_targets++;
	return XHA_OK;
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	static struct feed f;
	int i, status;

	f.opts = opts;
	if (argc < 2) {
		xha_main_error("the command is: notify-fifo NAME[=GROUP]... PATH");
		return XHA_USAGE;
	}
	for (i = 0; i < argc - 1; i++) {
		status = add_target(&f, argv[i]);
		if (status != XHA_OK)
			return status;
	}
	f.path = argv[argc - 1];
	openlog("xha", LOG_PID, LOG_DAEMON);
	status = open_fifo(&f);
	return status != XHA_OK ? status : follow(&f);
}

static struct xha_cmd cmd_notify_fifo = {
	.words = { "notify-fifo" },
	.args = "NAME[=GROUP]... PATH",
	.help = "tell xhad what keepalived writes to a FIFO",
	.run = run,
};

XHA_COMMAND(cmd_notify_fifo);
