// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_debug.h"
#include "ctl_role.h"
#include "ctl_show.h"
#include "out.h"
#include "xhad.h"

#define LINE_MAX_LEN	1024
#define MAX_CLIENTS	16
/* They stay: some places are left for those who only ask. */
#define MAX_DEBUG	8

struct client {
	struct xha_ctl *ctl;
	struct xha_out out;
	struct xha_debug debug;
	uid_t uid;
	struct xha_role *waiting;
	struct ctl_role told;
	size_t len;
	char line[LINE_MAX_LEN];
};

struct xha_ctl {
	struct xhad *x;
	int fd;
	sd_event_source *rx;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client *clients[MAX_CLIENTS];
};

static void drop(struct client *c)
{
	unsigned int i;

	if (c->waiting)
		xha_role_forget(c->waiting, c);
	ctl_role_drop(&c->told);
	for (i = 0; i < MAX_CLIENTS; i++)
		if (c->ctl->clients[i] == c)
			c->ctl->clients[i] = NULL;
	xha_debug_stop(&c->debug);
	xha_out_close(&c->out);
	free(c);
}

/* A client that asks on without reading finds its connection closed. */
static void answer(struct client *c, struct json_object *reply)
{
	const char *json = json_object_to_json_string_ext(reply,
							  JSON_C_TO_STRING_PLAIN);
	char *text;

	if (asprintf(&text, "%s\n", json) < 0)
		text = NULL;
	if (!text || xha_out_answer(&c->out, text))
		shutdown(c->out.fd, SHUT_RDWR);
	free(text);
	json_object_put(reply);
}

static void answer_outcome(struct client *c, const char *error)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "ok", json_object_new_boolean(!error));
	if (error)
		json_object_object_add(o, "error",
				       json_object_new_string(error));
	answer(c, o);
}

static void on_switched(void *arg, const char *error)
{
	struct client *c = arg;

	c->waiting = NULL;
	answer_outcome(c, error);
}

static struct xha_role *find_role(struct xhad *x, struct json_object *which)
{
	const struct xha_conf_group *conf;
	unsigned int i;
	bool match;

	if (!which)
		return x->conf.n_groups == 1 ? &x->groups[0].role : NULL;
	for (i = 0; i < x->conf.n_groups; i++) {
		conf = &x->conf.groups[i];
		if (json_object_is_type(which, json_type_int))
			match = json_object_get_int64(which) == conf->id;
		else
			match = !strcmp(json_object_get_string(which),
					conf->name);
		if (match)
			return &x->groups[i].role;
	}
	return NULL;
}

/* The group a command of root's is for, or NULL, after an answer. */
static struct xha_role *may_steer(struct client *c, struct json_object *request)
{
	struct json_object *which = NULL;
	struct xha_role *role;

	if (c->uid) {
		answer_outcome(c, "only root may do that");
		return NULL;
	}
	if (c->waiting || ctl_role_waits(&c->told)) {
		answer_outcome(c, "a change of the role is already under way");
		return NULL;
	}
	json_object_object_get_ex(request, "group", &which);
	role = find_role(c->ctl->x, which);
	if (!role)
		answer_outcome(c, which ? "no such group" :
				  "there are several groups: name one");
	return role;
}

static void do_switchover(struct client *c, struct json_object *request)
{
	struct xha_role *role = may_steer(c, request);
	char text[192];

	if (!role)
		return;
	if (role->conf->external) {
		snprintf(text, sizeof(text),
			 "another program elects for group %s: have that move the role, or use: xha role %s standby",
			 role->conf->name, role->conf->name);
		answer_outcome(c, text);
		return;
	}
	c->waiting = role;
	if (xha_role_switchover(role, on_switched, c))
		c->waiting = NULL;
}

static void on_told(void *arg, struct json_object *reply)
{
	answer(arg, reply);
}

static void do_role(struct client *c, struct json_object *request)
{
	struct xha_role *role = may_steer(c, request);

	if (role)
		ctl_role_tell(&c->told, role, request, on_told, c);
}

/**
 * xha_ctl_settle - answer who waits for a role, if there is an answer now
 * @ctl: the socket
 *
 * To be called after whatever may have changed a role.
 */
void xha_ctl_settle(struct xha_ctl *ctl)
{
	unsigned int i;

	for (i = 0; i < MAX_CLIENTS; i++)
		if (ctl->clients[i])
			ctl_role_settle(&ctl->clients[i]->told);
}

static void do_show(struct client *c, struct json_object *request,
		    void (*show)(struct xhad *x, struct json_object *request,
				 struct json_object *reply))
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "ok", json_object_new_boolean(true));
	show(c->ctl->x, request, o);
	answer(c, o);
}

static bool debug_is_full(const struct xha_ctl *ctl)
{
	unsigned int i, n = 0;

	for (i = 0; i < MAX_CLIENTS; i++)
		if (ctl->clients[i] && xha_debug_runs(&ctl->clients[i]->debug))
			n++;
	return n >= MAX_DEBUG;
}

/* From here on the client is not listened to any more. */
static void do_debug(struct client *c, struct json_object *request)
{
	const char *error;
	unsigned int kinds;

	error = xha_debug_kinds(request, &kinds);
	if (c->uid)
		error = "only root may do that";
	else if (!error && debug_is_full(c->ctl))
		error = "too many others listen already";
	answer_outcome(c, error);
	if (!error && xha_debug_start(&c->debug, &c->out, kinds))
		shutdown(c->out.fd, SHUT_RDWR);
}

static void serve(struct client *c, const char *line)
{
	struct json_object *request = json_tokener_parse(line);
	struct json_object *cmd = NULL;
	const char *name;

	if (!json_object_is_type(request, json_type_object) ||
	    !json_object_object_get_ex(request, "cmd", &cmd) ||
	    !json_object_is_type(cmd, json_type_string)) {
		answer_outcome(c, "not a JSON object with \"cmd\"");
		json_object_put(request);
		return;
	}
	name = json_object_get_string(cmd);
	if (!strcmp(name, "standby"))
		do_show(c, request, xha_ctl_show_standby);
	else if (!strcmp(name, "status"))
		do_show(c, request, xha_ctl_show_status);
	else if (!strcmp(name, "debug"))
		do_debug(c, request);
	else if (!strcmp(name, "switchover"))
		do_switchover(c, request);
	else if (!strcmp(name, "role"))
		do_role(c, request);
	else
		answer_outcome(c, "unknown command");
	json_object_put(request);
}

static int on_client(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct client *c = arg;
	char *end;
	ssize_t n;

	if ((revents & EPOLLOUT) && xha_out_flush(&c->out)) {
		drop(c);
		return 0;
	}
	n = recv(fd, c->line + c->len, LINE_MAX_LEN - 1 - c->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		drop(c);
		return 0;
	}
	if (xha_debug_runs(&c->debug))
		return 0;
	c->len += n;
	while (!xha_debug_runs(&c->debug) &&
	       (end = memchr(c->line, '\n', c->len))) {
		*end++ = '\0';
		serve(c, c->line);
		c->len -= end - c->line;
		memmove(c->line, end, c->len);
	}
	if (xha_debug_runs(&c->debug)) {
		c->len = 0;
	} else if (c->len == LINE_MAX_LEN - 1) {
		answer_outcome(c, "the line is too long");
		drop(c);
	}
	return 0;
}

static int admit(struct xha_ctl *ctl, int fd)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(cred);
	struct client *c;
	unsigned int i;
	int err;

	for (i = 0; i < MAX_CLIENTS && ctl->clients[i]; i++)
		;
	if (i == MAX_CLIENTS)
		return -EUSERS;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	c->ctl = ctl;
	c->out.fd = fd;
	c->uid = cred.uid;
	err = sd_event_add_io(ctl->x->event, &c->out.io, fd, EPOLLIN,
			      on_client, c);
	if (err < 0) {
		free(c);
		return err;
	}
	ctl->clients[i] = c;
	return 0;
}

static int on_listen(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (client >= 0 && admit(arg, client))
		close(client);
	return 0;
}

/* A socket file nobody answers on is left from a helper that was killed. */
static int remove_stale(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	close(fd);
	if (!rc)
		return -EADDRINUSE;
	if (unlink(sun->sun_path) && errno != ENOENT)
		return -errno;
	return 0;
}

static void make_dir(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return;
	*slash = '\0';
	/* If that fails, so does bind(), which then tells. */
	mkdir(dir, 0755);
}

static int listen_at(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	make_dir(path);
	err = remove_stale(&sun);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* All may ask; who may command is looked up for each client. */
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) ||
	    chmod(path, 0666) || listen(fd, MAX_CLIENTS)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/**
 * xha_ctl_open - listen on the control socket
 * @x: the helper; gets the socket as x->ctl
 * @path: where
 *
 * Return: 0, -EADDRINUSE when another helper answers there, or -errno.
 */
int xha_ctl_open(struct xhad *x, const char *path)
{
	struct xha_ctl *ctl = calloc(1, sizeof(*ctl));
	int err;

	if (!ctl)
		return -ENOMEM;
	ctl->x = x;
	ctl->fd = listen_at(path);
	if (ctl->fd < 0) {
		err = ctl->fd;
		free(ctl);
		return err;
	}
	snprintf(ctl->path, sizeof(ctl->path), "%s", path);
	err = sd_event_add_io(x->event, &ctl->rx, ctl->fd, EPOLLIN, on_listen,
			      ctl);
	if (err < 0) {
		xha_ctl_close(ctl);
		return err;
	}
	x->ctl = ctl;
	return 0;
}

/**
 * xha_ctl_close - close the control socket and remove its file
 * @ctl: the socket, or NULL
 */
void xha_ctl_close(struct xha_ctl *ctl)
{
	unsigned int i;

	if (!ctl)
		return;
	for (i = 0; i < MAX_CLIENTS; i++)
		if (ctl->clients[i])
			drop(ctl->clients[i]);
	sd_event_source_disable_unref(ctl->rx);
	close(ctl->fd);
	unlink(ctl->path);
	free(ctl);
}
