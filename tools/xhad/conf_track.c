// SPDX-License-Identifier: GPL-2.0-only
/* Sections track of a group: what else has to work for a node to be active. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_check.h"

#define SECONDS_MAX	3600
#define COUNT_MAX	1000
#define DEFAULT_DECREMENT 10	/* as Cisco's standby track */

static const char *const kinds[] = {
	[XHA_CONF_TRACK_INTERFACE]	= "interface",
	[XHA_CONF_TRACK_SCRIPT]		= "script",
	[XHA_CONF_TRACK_PROCESS]	= "process",
};

/* Keys that only some kinds have. */
static const struct {
	const char *key;
	bool of[ARRAY_SIZE(kinds)];
	const char *whose;
} special[] = {
	{ "interval", { [XHA_CONF_TRACK_SCRIPT] = true }, "scripts" },
	{ "timeout", { [XHA_CONF_TRACK_SCRIPT] = true }, "scripts" },
	{ "quorum", { [XHA_CONF_TRACK_PROCESS] = true }, "processes" },
	{ "rise", { [XHA_CONF_TRACK_SCRIPT] = true,
		    [XHA_CONF_TRACK_PROCESS] = true }, "scripts and processes" },
	{ "fall", { [XHA_CONF_TRACK_SCRIPT] = true,
		    [XHA_CONF_TRACK_PROCESS] = true }, "scripts and processes" },
};

/**
 * xha_conf_track_kind - word for the kind of a tracked object
 * @kind: the kind
 *
 * Return: the key that names such an object in the configuration.
 */
const char *xha_conf_track_kind(enum xha_conf_track_kind kind)
{
	return kinds[kind];
}

/**
 * xha_conf_track_object - what is tracked, for messages
 * @t: the tracked object
 *
 * Return: name of the interface or the process, or path of the script.
 */
const char *xha_conf_track_object(const struct xha_conf_track *t)
{
	switch (t->kind) {
	case XHA_CONF_TRACK_INTERFACE:
		return t->interface;
	case XHA_CONF_TRACK_PROCESS:
		return t->process;
	case XHA_CONF_TRACK_SCRIPT:
		break;
	}
	return t->args;
}

/* Which of the three is given; exactly one has to be. */
static int take_kind(struct xha_conf_ctx *ctx, cfg_t *sec,
		     struct xha_conf_track *t)
{
	unsigned int i;
	int found = -1;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!xha_conf_given(ctx, sec, kinds[i]))
			continue;
		if (found >= 0) {
			xha_conf_error(ctx, xha_conf_line_of(ctx, sec, kinds[i]),
				       "%s: %s is given as well", kinds[i],
				       kinds[found]);
			return -EINVAL;
		}
		found = i;
	}
	if (found < 0) {
		xha_conf_error(ctx, sec->line,
			       "track %s: interface, script or process is missing",
			       t->name);
		return -EINVAL;
	}
	t->kind = found;
	return 0;
}

static void check_special(struct xha_conf_ctx *ctx, cfg_t *sec,
			  const struct xha_conf_track *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(special); i++)
		if (!special[i].of[t->kind] &&
		    xha_conf_given(ctx, sec, special[i].key))
			xha_conf_error(ctx,
				       xha_conf_line_of(ctx, sec,
							special[i].key),
				       "%s: is for %s", special[i].key,
				       special[i].whose);
}

/* It is run as root: who could change it would be. */
static void check_file(struct xha_conf_ctx *ctx, int line, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		xha_conf_error(ctx, line, "script = %s: %s", path,
			       strerror(errno));
	else if (!S_ISREG(st.st_mode))
		xha_conf_error(ctx, line, "script = %s: not a regular file",
			       path);
	else if (!(st.st_mode & 0100))
		xha_conf_error(ctx, line,
			       "script = %s: not executable (mode %04o)", path,
			       st.st_mode & 07777);
	else if (st.st_mode & 0022 || (st.st_uid && st.st_uid != geteuid()))
		xha_conf_error(ctx, line,
			       "script = %s: others than root may change it (owner %u, mode %04o)",
			       path, st.st_uid, st.st_mode & 07777);
}

static void take_script(struct xha_conf_ctx *ctx, cfg_t *sec,
			struct xha_conf_track *t)
{
	int line = xha_conf_line_of(ctx, sec, "script");
	unsigned int i, n = cfg_size(sec, "script");
	size_t len, used = 0;
	const char *arg;

	if (!n || n > XHA_CONF_TRACK_ARGS) {
		xha_conf_error(ctx, line, "script: %u words, must be 1..%d", n,
			       XHA_CONF_TRACK_ARGS);
		return;
	}
	for (i = 0; i < n; i++) {
		arg = cfg_getnstr(sec, "script", i);
		len = strlen(arg) + 1;
		if (used + len > sizeof(t->args)) {
			xha_conf_error(ctx, line,
				       "script: more than %zu bytes with its arguments",
				       sizeof(t->args) - XHA_CONF_TRACK_ARGS);
			return;
		}
		memcpy(t->args + used, arg, len);
		used += len;
	}
	t->n_args = n;
	if (t->args[0] != '/')
		xha_conf_error(ctx, line, "script = %s: not an absolute path",
			       t->args);
	else
		check_file(ctx, line, t->args);
}

static void take_process(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_track *t)
{
	const char *name = cfg_getstr(sec, "process");
	size_t len = strlen(name);

	if (!len || len >= sizeof(t->process) || strchr(name, '/'))
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "process"),
			       "process = %s: not a name of 1..%zu bytes as in /proc/PID/comm",
			       name, sizeof(t->process) - 1);
	else
		memcpy(t->process, name, len + 1);
}

static void take_object(struct xha_conf_ctx *ctx, cfg_t *sec,
			struct xha_conf_track *t)
{
	switch (t->kind) {
	case XHA_CONF_TRACK_INTERFACE:
		xha_conf_take_ifname(ctx, sec, "interface", t->interface);
		break;
	case XHA_CONF_TRACK_SCRIPT:
		take_script(ctx, sec, t);
		break;
	case XHA_CONF_TRACK_PROCESS:
		take_process(ctx, sec, t);
		break;
	}
}

/* Without a decrement the role is released, unless told not to. */
static void take_effect(struct xha_conf_ctx *ctx, cfg_t *sec,
			struct xha_conf_track *t)
{
	bool has_decrement = xha_conf_given(ctx, sec, "decrement");

	t->decrement = DEFAULT_DECREMENT;
	xha_conf_take_int(ctx, sec, "decrement", 1, 255, &t->decrement);
	t->release = !has_decrement;
	if (xha_conf_given(ctx, sec, "release"))
		t->release = cfg_getbool(sec, "release");
	if (t->release && has_decrement)
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "decrement"),
			       "decrement: with release = true no priority matters");
	if (t->release)
		t->decrement = 0;
}

static void check_track(struct xha_conf_ctx *ctx, cfg_t *sec,
			struct xha_conf_track *t)
{
	unsigned int interval = 1, timeout;

	xha_conf_take_name(ctx, sec, t->name);
	t->quorum = 1;
	t->rise = 1;
	t->fall = 1;
	take_effect(ctx, sec, t);
	if (take_kind(ctx, sec, t))
		return;
	check_special(ctx, sec, t);
	take_object(ctx, sec, t);
	xha_conf_take_int(ctx, sec, "interval", 1, SECONDS_MAX, &interval);
	timeout = interval;
	xha_conf_take_int(ctx, sec, "timeout", 1, SECONDS_MAX, &timeout);
	t->interval_ms = interval * 1000;
	t->timeout_ms = timeout * 1000;
	xha_conf_take_int(ctx, sec, "quorum", 1, COUNT_MAX, &t->quorum);
	xha_conf_take_int(ctx, sec, "rise", 1, COUNT_MAX, &t->rise);
	xha_conf_take_int(ctx, sec, "fall", 1, COUNT_MAX, &t->fall);
}

static bool same_object(const struct xha_conf_track *a,
			const struct xha_conf_track *b)
{
	return a->kind == b->kind && *xha_conf_track_object(a) &&
	       !strcmp(a->interface, b->interface) &&
	       !strcmp(a->process, b->process) && a->n_args == b->n_args &&
	       !memcmp(a->args, b->args, sizeof(a->args));
}

/* What is right for itself, but probably not meant in this group. */
static void look_at_group(struct xha_conf_ctx *ctx, cfg_t *sec,
			  const struct xha_conf_group *g,
			  const struct xha_conf_track *t)
{
	int line = xha_conf_line_of(ctx, sec, kinds[t->kind]);
	const struct xha_conf_standby *sb;
	unsigned int i;

	for (i = 0; i < g->n_standbys; i++) {
		sb = &g->standbys[i];
		if (t->kind == XHA_CONF_TRACK_INTERFACE &&
		    !strcmp(t->interface, sb->interface))
			xha_conf_warn(ctx, line,
				      "interface = %s: is that of %s, so the role is released without it in any case",
				      t->interface, sb->name);
		if (!t->decrement)
			continue;
		if (sb->protocol == XHA_CONF_VRRP && sb->priority == 255)
			xha_conf_warn(ctx, line,
				      "track %s: the priority of %s, owner of its addresses, stays 255",
				      t->name, sb->name);
		else if (!sb->preempt)
			xha_conf_warn(ctx, line,
				      "track %s: a lower priority moves the role only where the other node has preempt = true in %s",
				      t->name, sb->name);
	}
}

/**
 * xha_conf_check_tracks - take the tracked objects of a group over
 * @ctx: the configuration being read
 * @group: the group's section
 * @g: the group, its elections taken over before
 */
void xha_conf_check_tracks(struct xha_conf_ctx *ctx, cfg_t *group,
			   struct xha_conf_group *g)
{
	unsigned int i, k, n = cfg_size(group, "track");
	struct xha_conf_track *t;
	cfg_t *sec;

	if (n > XHA_CONF_MAX_TRACKS) {
		xha_conf_error(ctx, group->line,
			       "group %s: %u track sections, must be at most %d",
			       g->name, n, XHA_CONF_MAX_TRACKS);
		return;
	}
	for (i = 0; i < n; i++) {
		sec = cfg_getnsec(group, "track", i);
		t = &g->tracks[g->n_tracks++];
		check_track(ctx, sec, t);
		for (k = 0; k < i; k++)
			if (same_object(&g->tracks[k], t))
				xha_conf_error(ctx,
					       xha_conf_line_of(ctx, sec,
								kinds[t->kind]),
					       "%s = %s: already tracked by track %s",
					       kinds[t->kind],
					       xha_conf_track_object(t),
					       g->tracks[k].name);
		look_at_group(ctx, sec, g, t);
	}
}
