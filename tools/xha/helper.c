// SPDX-License-Identifier: GPL-2.0-only
/* Client of xhad's control socket: one line of JSON each way. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <json-c/json.h>

#include "xha.h"

#define REPLY_MAX	4194304

/*
 * xhad bounds every request itself, a hand-over by a few seconds; this only
 * ends the wait for one that hangs.
 */
#define WAIT_SECONDS	30

/**
 * xha_helper_dial - connect to xhad
 * @path: of its control socket
 * @seconds: how long each step may take: a client that waits must end some
 *	day, whatever becomes of xhad
 *
 * Return: a connected socket, or -errno.
 */
int xha_helper_dial(const char *path, unsigned int seconds)
{
	struct timeval wait = { .tv_sec = seconds };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int send_line(int fd, const char *text)
{
	size_t len = strlen(text), done = 0;
	char *line;
	ssize_t n;
	int err = 0;

	line = malloc(len + 1);
	if (!line)
		return -ENOMEM;
	memcpy(line, text, len);
	line[len++] = '\n';
	while (done < len) {
		n = send(fd, line + done, len - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = -errno;
			break;
		}
		done += n;
	}
	free(line);
	return err;
}

/* Reads up to the newline, which is replaced by a NUL. */
static int read_line(int fd, char *buf, size_t size)
{
	size_t have = 0;
	char *end;
	ssize_t n;

	while (have < size) {
		n = recv(fd, buf + have, size - have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (!n)
			return -ECONNRESET;
		end = memchr(buf + have, '\n', n);
		if (end) {
			*end = '\0';
			return 0;
		}
		have += n;
	}
	return -EMSGSIZE;
}

static int exchange(int fd, struct json_object *request,
		    struct json_object **reply)
{
	const char *text;
	char *buf;
	int err;

	text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	if (!text)
		return -ENOMEM;
	buf = malloc(REPLY_MAX);
	if (!buf)
		return -ENOMEM;
	err = send_line(fd, text);
	if (!err)
		err = read_line(fd, buf, REPLY_MAX);
	if (!err) {
		*reply = json_tokener_parse(buf);
		if (!json_object_is_type(*reply, json_type_object)) {
			json_object_put(*reply);
			*reply = NULL;
			err = -EBADMSG;
		}
	}
	free(buf);
	return err;
}

static int explain(const char *path, int err)
{
	switch (err) {
	case -ENOENT:
	case -ECONNREFUSED:
		xha_main_error("xhad is not running (%s: %s)", path,
			       strerror(-err));
		return XHA_ABSENT;
	case -ECONNRESET:
	case -EPIPE:
		xha_main_error("xhad closed %s without an answer: it ended, or is too busy",
			       path);
		return XHA_ABSENT;
	case -EACCES:
	case -EPERM:
		xha_main_error("no permission to use %s (run it as root)",
			       path);
		return XHA_FAILED;
	case -ETIMEDOUT:
		xha_main_error("xhad has not answered on %s in time", path);
		return XHA_FAILED;
	case -EBADMSG:
		xha_main_error("what answers on %s is not xhad", path);
		return XHA_FAILED;
	default:
		xha_main_error("cannot talk to xhad on %s: %s", path,
			       strerror(-err));
		return XHA_FAILED;
	}
}

/**
 * xha_helper_group - the group a word stands for
 * @word: a number is an id, anything else a name
 *
 * Return: what a request has as "group".
 */
struct json_object *xha_helper_group(const char *word)
{
	if (word[strspn(word, "0123456789")] || strlen(word) > 9)
		return json_object_new_string(word);
	return json_object_new_int(atoi(word));
}

/**
 * xha_helper_answer - send a request and wait for the answer, whatever it is
 * @opts: names the socket
 * @request: the request; consumed
 * @seconds: how long to wait
 * @reply: a JSON object, maybe a refusal, or NULL; the caller puts it
 *
 * Return: XHA_OK with a reply; XHA_ABSENT where no xhad listens or it ended,
 * XHA_FAILED where it could not be asked, both after a message.
 */
int xha_helper_answer(const struct xha_opts *opts, struct json_object *request,
		      unsigned int seconds, struct json_object **reply)
{
	int fd, err;

	*reply = NULL;
	fd = xha_helper_dial(opts->socket, seconds);
	err = fd < 0 ? fd : exchange(fd, request, reply);
	if (fd >= 0)
		close(fd);
	json_object_put(request);
	return err ? explain(opts->socket, err) : XHA_OK;
}

/**
 * xha_helper_ask - send one request to xhad and wait for its answer
 * @opts: names the socket
 * @cmd: what is asked for
 * @group: of which group, its name or id; consumed; NULL for all
 * @reply: a JSON object without an error in it, or NULL; the caller puts it
 *
 * Return: XHA_OK, XHA_ABSENT where no xhad listens, XHA_FAILED where it
 * refused or could not be asked; the message has been printed.
 */
int xha_helper_ask(const struct xha_opts *opts, const char *cmd,
		   struct json_object *group, struct json_object **reply)
{
	struct json_object *request = json_object_new_object();

	json_object_object_add(request, "cmd", json_object_new_string(cmd));
	if (group)
		json_object_object_add(request, "group", group);
	return xha_helper_request(opts, request, reply);
}

/* Whether xhad agreed; if not, its words are printed. */
static int verdict(struct json_object *reply)
{
	struct json_object *ok, *text;

	if (json_object_object_get_ex(reply, "ok", &ok) &&
	    json_object_get_boolean(ok))
		return XHA_OK;
	if (json_object_object_get_ex(reply, "error", &text))
		xha_main_error("%s", json_object_get_string(text));
	else
		xha_main_error("xhad refused without a reason");
	return XHA_FAILED;
}

/**
 * xha_helper_request - the same with a request that has more to say
 * @opts: names the socket
 * @request: the request; consumed
 * @reply: as with xha_helper_ask()
 *
 * Return: as xha_helper_ask().
 */
int xha_helper_request(const struct xha_opts *opts, struct json_object *request,
		       struct json_object **reply)
{
	int status;

	status = xha_helper_answer(opts, request, WAIT_SECONDS, reply);
	if (status != XHA_OK)
		return status;
	if (verdict(*reply) == XHA_OK)
		return XHA_OK;
	json_object_put(*reply);
	*reply = NULL;
	return XHA_FAILED;
}

/**
 * xha_helper_groups - ask xhad for all groups and their elections
 * @opts: names the socket
 * @history: with the history of each
 * @reply: as with xha_helper_ask()
 * @groups: the array of groups in it
 *
 * Return: as xha_helper_ask().
 */
int xha_helper_groups(const struct xha_opts *opts, bool history,
		      struct json_object **reply, struct json_object **groups)
{
	struct json_object *request = json_object_new_object();
	int status;

	json_object_object_add(request, "cmd",
			       json_object_new_string("standby"));
	if (history)
		json_object_object_add(request, "history",
				       json_object_new_boolean(true));
	status = xha_helper_request(opts, request, reply);
	if (status != XHA_OK)
		return status;
	*groups = xha_answer_array(*reply, "groups");
	if (*groups)
		return XHA_OK;
	xha_main_error("xhad's answer names no groups; is it of another version?");
	json_object_put(*reply);
	*reply = NULL;
	return XHA_FAILED;
}

/* The next line, or NULL when there is none; the caller puts it. */
static int next_object(FILE *f, char **line, size_t *size,
		       struct json_object **o)
{
	errno = 0;
	if (getline(line, size, f) < 0)
		return errno == EAGAIN ? -ETIMEDOUT :
		       errno ? -errno : -ECONNRESET;
	*o = json_tokener_parse(*line);
	if (json_object_is_type(*o, json_type_object))
		return 0;
	json_object_put(*o);
	return -EBADMSG;
}

static int follow(FILE *f, struct json_object *request, xha_helper_fn fn)
{
	struct timeval forever = { 0 };
	struct json_object *o;
	char *line = NULL;
	size_t size = 0;
	int err, status = XHA_OK;

	err = send_line(fileno(f),
			json_object_to_json_string_ext(request,
						       JSON_C_TO_STRING_PLAIN));
	if (!err)
		err = next_object(f, &line, &size, &o);
	if (!err) {
		status = verdict(o);
		json_object_put(o);
		setsockopt(fileno(f), SOL_SOCKET, SO_RCVTIMEO, &forever,
			   sizeof(forever));
	}
	while (!err && status == XHA_OK && !ferror(stdout)) {
		err = next_object(f, &line, &size, &o);
		if (err)
			break;
		fn(o);
		json_object_put(o);
	}
	free(line);
	return err ? err : status;
}

/**
 * xha_helper_follow - send a request that is answered by line after line
 * @opts: names the socket
 * @request: the request; consumed
 * @fn: called with each line
 *
 * Return: only when it is over: XHA_ABSENT where no xhad listens or it has gone,
 * XHA_FAILED where it refused; the message has been printed. XHA_OK where
 * standard output takes nothing any more.
 */
int xha_helper_follow(const struct xha_opts *opts, struct json_object *request,
		      xha_helper_fn fn)
{
	int fd = xha_helper_dial(opts->socket, WAIT_SECONDS);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	int status = fd;

	if (f)
		status = follow(f, request, fn);
	else if (fd >= 0)
		status = -errno;
	if (f)
		fclose(f);
	else if (fd >= 0)
		close(fd);
	json_object_put(request);
	return status < 0 ? explain(opts->socket, status) : status;
}
