// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_check.h"
#include "hsrp_pkt.h"

static void report(struct xha_conf_ctx *ctx, bool fatal, int line,
		   const char *fmt, va_list ap)
{
	char text[512];
	int n;

	n = snprintf(text, sizeof(text), "%s:%d: %s", ctx->name, line,
		     fatal ? "" : "warning: ");
	if (n < 0 || n >= (int)sizeof(text))
		n = 0;
	vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	/* A value may hold a newline; a message is one line. */
	for (n = 0; text[n]; n++)
		if ((unsigned char)text[n] < ' ')
			text[n] = '?';
	ctx->report(fatal, text, ctx->arg);
}

/**
 * xha_conf_error - report an error
 * @ctx: the configuration being read
 * @line: where
 * @fmt: printf format, should name key and value
 */
void xha_conf_error(struct xha_conf_ctx *ctx, int line, const char *fmt, ...)
{
	va_list ap;

	ctx->errors++;
	va_start(ap, fmt);
	report(ctx, true, line, fmt, ap);
	va_end(ap);
}

/**
 * xha_conf_warn - report what is allowed and probably not meant
 * @ctx: the configuration being read
 * @line: where
 * @fmt: printf format
 */
void xha_conf_warn(struct xha_conf_ctx *ctx, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(ctx, false, line, fmt, ap);
	va_end(ap);
}

/**
 * xha_conf_line_of - find where an option stands
 * @ctx: the configuration being read
 * @sec: its section
 * @key: the option
 *
 * Return: the line of its last value, or that of the section's end.
 */
int xha_conf_line_of(const struct xha_conf_ctx *ctx, cfg_t *sec,
		     const char *key)
{
	unsigned int i = ctx->n_lines;

	while (i--)
		if (ctx->lines[i].sec == sec && !strcmp(ctx->lines[i].name, key))
			return ctx->lines[i].line;
	return sec->line;
}

/**
 * xha_conf_given - tell whether the file has an option
 * @ctx: the configuration being read
 * @sec: its section
 * @key: the option
 *
 * Return: whether it stands there.
 */
bool xha_conf_given(const struct xha_conf_ctx *ctx, cfg_t *sec,
		    const char *key)
{
	unsigned int i;

	for (i = 0; i < ctx->n_lines; i++)
		if (ctx->lines[i].sec == sec && !strcmp(ctx->lines[i].name, key))
			return true;
	return false;
}

static const char *title(cfg_t *sec)
{
	return cfg_title(sec) ? cfg_title(sec) : "";
}

/* Names the section a message is about: "group ha" or "channel". */
static const char *where(cfg_t *sec, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", cfg_name(sec), *title(sec) ? " " : "",
		 title(sec));
	return buf;
}

/**
 * xha_conf_need - report an option that is missing
 * @ctx: the configuration being read
 * @sec: its section
 * @key: the option
 *
 * Return: true if it stands there.
 */
bool xha_conf_need(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key)
{
	char buf[128];

	if (xha_conf_given(ctx, sec, key))
		return true;
	xha_conf_error(ctx, sec->line, "%s: %s is missing",
		       where(sec, buf, sizeof(buf)), key);
	return false;
}

/**
 * xha_conf_take_int - take an integer over
 * @ctx: the configuration being read
 * @sec: the option's section
 * @key: the option
 * @min: least value allowed
 * @max: greatest value allowed
 * @to: gets it; left as it is if it is not given, or wrong
 */
void xha_conf_take_int(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
		       long min, long max, unsigned int *to)
{
	long v;

	if (!xha_conf_given(ctx, sec, key))
		return;
	v = cfg_getint(sec, key);
	if (v < min || v > max)
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, key),
			       "%s = %ld: must be %ld..%ld", key, v, min, max);
	else
		*to = v;
}

static void take_key(struct xha_conf_ctx *ctx, int line, const char *key,
		     const void *data, size_t len, struct xha_conf_channel *ch)
{
	if (len < XFRM_HA_KEY_MIN || len > XFRM_HA_KEY_MAX) {
		xha_conf_error(ctx, line, "%s: %zu bytes, must be %d..%d", key,
			       len, XFRM_HA_KEY_MIN, XFRM_HA_KEY_MAX);
		return;
	}
	memcpy(ch->key, data, len);
	ch->key_len = len;
}

static ssize_t read_some(struct xha_conf_ctx *ctx, int line, const char *key,
			 const char *path, int fd, char *buf, size_t size)
{
	ssize_t n = read(fd, buf, size);

	if (n < 0)
		xha_conf_error(ctx, line, "%s = %s: %s", key, path,
			       strerror(errno));
	return n;
}

/**
 * xha_conf_read_secret - read a file that is not for all to read
 * @ctx: the configuration being read
 * @line: of the option that names it
 * @key: the option
 * @path: the file
 * @buf: gets its content
 * @size: bytes at @buf; what is beyond is not read
 *
 * Return: bytes read, or -1 after reporting why not.
 */
ssize_t xha_conf_read_secret(struct xha_conf_ctx *ctx, int line,
			     const char *key, const char *path, char *buf,
			     size_t size)
{
	struct stat st;
	ssize_t n = -1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		xha_conf_error(ctx, line, "%s = %s: %s", key, path,
			       strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		xha_conf_error(ctx, line, "%s = %s: not a regular file", key,
			       path);
	else if (st.st_mode & 0007)
		xha_conf_error(ctx, line,
			       "%s = %s: open to all users (mode %04o)", key,
			       path, st.st_mode & 07777);
	else
		n = read_some(ctx, line, key, path, fd, buf, size);
	close(fd);
	return n;
}

static void read_key_file(struct xha_conf_ctx *ctx, int line, const char *path,
			  struct xha_conf_channel *ch)
{
	char buf[XFRM_HA_KEY_MAX + 2];
	ssize_t n;

	n = xha_conf_read_secret(ctx, line, "key-file", path, buf,
				 sizeof(buf));
	if (n < 0)
		return;
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	take_key(ctx, line, "key-file", buf, n, ch);
	explicit_bzero(buf, sizeof(buf));
}

static void check_key(struct xha_conf_ctx *ctx, cfg_t *sec,
		      struct xha_conf_channel *ch)
{
	bool in_file = xha_conf_given(ctx, sec, "key-file");
	int line;

	if (xha_conf_given(ctx, sec, "key")) {
		line = xha_conf_line_of(ctx, sec, "key");
		if (in_file)
			xha_conf_error(ctx, line,
				       "key: key-file is given as well");
		else
			take_key(ctx, line, "key", cfg_getstr(sec, "key"),
				 strlen(cfg_getstr(sec, "key")), ch);
		return;
	}
	if (!in_file) {
		xha_conf_error(ctx, sec->line,
			       "channel: key-file (or key) is missing");
		return;
	}
	read_key_file(ctx, xha_conf_line_of(ctx, sec, "key-file"),
		      cfg_getstr(sec, "key-file"), ch);
}

/**
 * xha_conf_take_ifname - take the name of an interface over
 * @ctx: the configuration being read
 * @sec: the option's section
 * @key: the option
 * @to: gets it, IFNAMSIZ bytes; left as it is if it is none
 *
 * The interface need not exist.
 */
void xha_conf_take_ifname(struct xha_conf_ctx *ctx, cfg_t *sec,
			  const char *key, char *to)
{
	const char *name = cfg_getstr(sec, key);

	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, "/: \t") ||
	    !strcmp(name, ".") || !strcmp(name, ".."))
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, key),
			       "%s = %s: not an interface name", key, name);
	else
		memcpy(to, name, strlen(name) + 1);
}

static void check_security(struct xha_conf_ctx *ctx, cfg_t *sec,
			   struct xha_conf_channel *ch)
{
	const char *v;

	if (!xha_conf_need(ctx, sec, "security"))
		return;
	v = cfg_getstr(sec, "security");
	if (!strcmp(v, "none"))
		ch->security = XFRM_HA_SECURITY_NONE;
	else if (!strcmp(v, "manual"))
		ch->security = XFRM_HA_SECURITY_MANUAL;
	else
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "security"),
			       "security = %s: this version knows only none and manual",
			       v);
	if (!xha_conf_given(ctx, sec, "security-device"))
		return;
	if (ch->security == XFRM_HA_SECURITY_NONE)
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "security-device"),
			       "security-device: with security = none nothing is protected");
	else
		xha_conf_take_ifname(ctx, sec, "security-device", ch->security_dev);
}

static void check_rto(struct xha_conf_ctx *ctx, cfg_t *sec,
		      struct xha_conf_channel *ch)
{
	const char *key = "retransmit-timeout";
	long min, max;
	int line;

	ch->rto_min = 300;
	ch->rto_max = 600;
	if (!xha_conf_given(ctx, sec, key))
		return;
	line = xha_conf_line_of(ctx, sec, key);
	if (cfg_size(sec, key) != 2) {
		xha_conf_error(ctx, line, "%s: %u values, must be {MIN, MAX}",
			       key, cfg_size(sec, key));
		return;
	}
	min = cfg_getnint(sec, key, 0);
	max = cfg_getnint(sec, key, 1);
	if (min < 300 || max > 60000 || min > max) {
		xha_conf_error(ctx, line,
			       "%s = {%ld, %ld}: must be 300..60000 ms, MIN not above MAX",
			       key, min, max);
		return;
	}
	ch->rto_min = min;
	ch->rto_max = max;
}

static void check_channel(struct xha_conf_ctx *ctx, cfg_t *sec,
			  struct xha_conf_channel *ch)
{
	unsigned int l, r;

	xha_conf_take_addrs(ctx, sec, "local-ip", ch->local, &ch->n_local);
	xha_conf_take_addrs(ctx, sec, "remote-ip", ch->remote, &ch->n_remote);
	for (l = 0; l < ch->n_local; l++)
		for (r = 0; r < ch->n_remote; r++)
			if (xha_addr_equal(&ch->local[l], &ch->remote[r]))
				xha_conf_error(ctx,
					       xha_conf_line_of(ctx, sec, "remote-ip"),
					       "remote-ip: the same as local-ip");
	if (xha_conf_need(ctx, sec, "local-port"))
		xha_conf_take_int(ctx, sec, "local-port", 1, 65535, &ch->local_port);
	if (xha_conf_need(ctx, sec, "remote-port"))
		xha_conf_take_int(ctx, sec, "remote-port", 1, 65535, &ch->remote_port);
	check_rto(ctx, sec, ch);
	ch->path_rtx = 4;
	ch->assoc_rtx = 4;
	xha_conf_take_int(ctx, sec, "path-retransmit", 2, 10, &ch->path_rtx);
	xha_conf_take_int(ctx, sec, "assoc-retransmit", 2, 10, &ch->assoc_rtx);
	check_key(ctx, sec, ch);
	check_security(ctx, sec, ch);
}

/**
 * xha_conf_take_name - take the title of a section over
 * @ctx: the configuration being read
 * @sec: the section
 * @to: gets it, XFRM_HA_NAME_LEN bytes
 *
 * Return: 0 or -EINVAL.
 */
int xha_conf_take_name(struct xha_conf_ctx *ctx, cfg_t *sec, char *to)
{
	const char *t = title(sec);
	size_t len = strlen(t);

	if (!len || len >= XFRM_HA_NAME_LEN) {
		xha_conf_error(ctx, sec->line, "%s %s: name must have 1..%d bytes",
			       cfg_name(sec), t, XFRM_HA_NAME_LEN - 1);
		return -EINVAL;
	}
	memcpy(to, t, len + 1);
	return 0;
}

static void check_standby(struct xha_conf_ctx *ctx, cfg_t *sec,
			  struct xha_conf_standby *sb)
{
	xha_conf_take_name(ctx, sec, sb->name);
	if (xha_conf_need(ctx, sec, "interface"))
		xha_conf_take_ifname(ctx, sec, "interface", sb->interface);
	if (xha_conf_need(ctx, sec, "number"))
		xha_conf_take_int(ctx, sec, "number", 0, HSRP_GROUP_MAX,
				  &sb->number);
	xha_conf_take_vips(ctx, sec, sb);
	sb->priority = 100;
	xha_conf_take_int(ctx, sec, "priority", 0, 255, &sb->priority);
	sb->preempt = cfg_getbool(sec, "preempt");
	xha_conf_take_witnesses(ctx, sec, sb);
	xha_conf_check_hsrp(ctx, sec, sb);
}

static void check_vrrp(struct xha_conf_ctx *ctx, cfg_t *sec,
		       struct xha_conf_standby *sb)
{
	sb->protocol = XHA_CONF_VRRP;
	xha_conf_take_name(ctx, sec, sb->name);
	if (xha_conf_need(ctx, sec, "interface"))
		xha_conf_take_ifname(ctx, sec, "interface", sb->interface);
	if (xha_conf_need(ctx, sec, "vrid"))
		xha_conf_take_int(ctx, sec, "vrid", 1, 255, &sb->number);
	xha_conf_take_vips(ctx, sec, sb);
	sb->priority = 100;
	xha_conf_take_int(ctx, sec, "priority", 1, 255, &sb->priority);
	sb->preempt = cfg_getbool(sec, "preempt");
	xha_conf_take_witnesses(ctx, sec, sb);
	xha_conf_check_vrrp(ctx, sec, sb);
}

static void check_address(struct xha_conf_ctx *ctx, cfg_t *sec,
			  struct xha_conf_standby *sb)
{
	sb->protocol = XHA_CONF_EXTERNAL;
	xha_conf_take_name(ctx, sec, sb->name);
	if (xha_conf_need(ctx, sec, "interface"))
		xha_conf_take_ifname(ctx, sec, "interface", sb->interface);
	xha_conf_take_vips(ctx, sec, sb);
	xha_conf_check_address(ctx, sec, sb);
}

/* The sections of a group's elections in the order of the file, or NULL. */
static cfg_t *election_sec(const struct xha_conf_ctx *ctx, cfg_t *group,
			   unsigned int nr)
{
	unsigned int i, standbys = 0, vrrps = 0, addresses = 0, *n;
	const struct xha_conf_line *l;

	for (i = 0; i < ctx->n_lines; i++) {
		l = &ctx->lines[i];
		if (l->sec != group)
			continue;
		if (!strcmp(l->name, "standby"))
			n = &standbys;
		else if (!strcmp(l->name, "vrrp"))
			n = &vrrps;
		else if (!strcmp(l->name, "address"))
			n = &addresses;
		else
			continue;
		if (!nr--)
			return cfg_getnsec(group, l->name, *n);
		(*n)++;
	}
	return NULL;
}

static void check_election(struct xha_conf_ctx *ctx, cfg_t *sec,
			   struct xha_conf_standby *sb)
{
	if (!strcmp(cfg_name(sec), "vrrp"))
		check_vrrp(ctx, sec, sb);
	else if (!strcmp(cfg_name(sec), "address"))
		check_address(ctx, sec, sb);
	else
		check_standby(ctx, sec, sb);
}

/* "inbound N outbound N", as in Cisco's words; or a key for each. */
static void check_interval(struct xha_conf_ctx *ctx, cfg_t *sec,
			   struct xha_conf_group *g)
{
	const char *key = "replay-interval", *text;
	unsigned int in, out;
	int line, n = -1;

	xha_conf_take_int(ctx, sec, "replay-interval-inbound", 1, 1000,
			  &g->interval_in);
	xha_conf_take_int(ctx, sec, "replay-interval-outbound", 1000, 100000,
			  &g->interval_out);
	if (!xha_conf_given(ctx, sec, key))
		return;
	text = cfg_getstr(sec, key);
	line = xha_conf_line_of(ctx, sec, key);
	if (xha_conf_given(ctx, sec, "replay-interval-inbound") ||
	    xha_conf_given(ctx, sec, "replay-interval-outbound")) {
		xha_conf_error(ctx, line,
			       "%s: replay-interval-inbound or -outbound is given as well",
			       key);
		return;
	}
	if (strlen(text) > 64 || strchr(text, '-') ||
	    sscanf(text, " inbound %9u outbound %9u %n", &in, &out, &n) != 2 ||
	    n < 0 || text[n]) {
		xha_conf_error(ctx, line,
			       "%s = %s: must be \"inbound N outbound N\"", key,
			       text);
		return;
	}
	if (in < 1 || in > 1000 || out < 1000 || out > 100000) {
		xha_conf_error(ctx, line,
			       "%s = %s: must be inbound 1..1000, outbound 1000..100000",
			       key, text);
		return;
	}
	g->interval_in = in;
	g->interval_out = out;
}

static void check_group(struct xha_conf_ctx *ctx, cfg_t *sec,
			struct xha_conf_group *g)
{
	unsigned int n = cfg_size(sec, "standby") + cfg_size(sec, "vrrp") +
			 cfg_size(sec, "address");
	unsigned int i, grace = 10;

	xha_conf_take_name(ctx, sec, g->name);
	if (xha_conf_need(ctx, sec, "id"))
		xha_conf_take_int(ctx, sec, "id", 1, 255, &g->id);
	check_interval(ctx, sec, g);
	g->has_strict = xha_conf_given(ctx, sec, "strict");
	g->strict = cfg_getbool(sec, "strict");
	xha_conf_take_int(ctx, sec, "helper-grace", 0, 3600, &grace);
	g->grace_ms = grace * 1000;
	xha_conf_check_protect(ctx, sec, g);
	xha_conf_check_external(ctx, sec, g);
	if (!n || n > XHA_CONF_MAX_STANDBYS) {
		xha_conf_error(ctx, sec->line,
			       "group %s: %u %s sections, must be 1..%d",
			       title(sec), n,
			       g->external ? "address" : "standby and vrrp",
			       XHA_CONF_MAX_STANDBYS);
		return;
	}
	for (i = 0; i < n; i++)
		check_election(ctx, election_sec(ctx, sec, i),
			       &g->standbys[g->n_standbys++]);
	xha_conf_check_tracks(ctx, sec, g);
}

/* One election of one group, for comparing all with all. */
struct place {
	cfg_t *sec;
	const struct xha_conf_standby *sb;
};

static void compare_standbys(struct xha_conf_ctx *ctx, const struct place *a,
			     const struct place *b)
{
	const char *key = b->sb->protocol == XHA_CONF_VRRP ? "vrid" : "number";
	char text[XHA_ADDR_STRLEN];
	unsigned int i, j;

	if (*a->sb->interface && !strcmp(a->sb->interface, b->sb->interface) &&
	    a->sb->number == b->sb->number &&
	    a->sb->protocol == b->sb->protocol &&
	    a->sb->protocol != XHA_CONF_EXTERNAL &&
	    a->sb->vips[0].addr.len == b->sb->vips[0].addr.len)
		xha_conf_error(ctx, xha_conf_line_of(ctx, b->sec, key),
			       "%s = %u: already used on interface %s", key,
			       b->sb->number, b->sb->interface);
	for (i = 0; i < a->sb->n_vips; i++)
		for (j = 0; j < b->sb->n_vips; j++)
			if (xha_addr_equal(&a->sb->vips[i].addr,
					   &b->sb->vips[j].addr))
				xha_conf_error(ctx, xha_conf_line_of(ctx, b->sec, "ip"),
					       "ip = %s: already used by %s %s",
					       xha_addr_format(&b->sb->vips[j].addr,
							       text,
							       sizeof(text)),
					       cfg_name(a->sec), a->sb->name);
}

static void compare_channel(struct xha_conf_ctx *ctx, cfg_t *channel,
			    const struct xha_conf_channel *ch,
			    const struct xha_addr *vip)
{
	char text[XHA_ADDR_STRLEN];
	unsigned int i;

	xha_addr_format(vip, text, sizeof(text));
	for (i = 0; i < ch->n_local; i++)
		if (xha_addr_equal(vip, &ch->local[i]))
			xha_conf_error(ctx, xha_conf_line_of(ctx, channel, "local-ip"),
				       "local-ip = %s: is a virtual address",
				       text);
	for (i = 0; i < ch->n_remote; i++)
		if (xha_addr_equal(vip, &ch->remote[i]))
			xha_conf_error(ctx, xha_conf_line_of(ctx, channel, "remote-ip"),
				       "remote-ip = %s: is a virtual address",
				       text);
}

/* Against the VIPs of its own election and of all others. */
static void compare_vips(struct xha_conf_ctx *ctx, const struct place *a,
			 const struct place *b)
{
	unsigned int i;

	for (i = 0; i < b->sb->n_vips; i++)
		xha_conf_compare_witnesses(ctx, a->sec, a->sb,
					   &b->sb->vips[i].addr);
}

static void compare_groups(struct xha_conf_ctx *ctx, const struct xha_conf *conf)
{
	const struct xha_conf_group *a, *b;
	unsigned int i, j;
	cfg_t *sec;

	for (i = 0; i < conf->n_groups; i++)
		for (j = i + 1; j < conf->n_groups; j++) {
			a = &conf->groups[i];
			b = &conf->groups[j];
			sec = cfg_getnsec(ctx->root, "group", j);
			if (a->id && a->id == b->id)
				xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "id"),
					       "id = %u: already used by group %s",
					       b->id, a->name);
		}
}

static void compare_all(struct xha_conf_ctx *ctx, const struct xha_conf *conf)
{
	struct place places[XHA_CONF_MAX_GROUPS * XHA_CONF_MAX_STANDBYS];
	unsigned int g, s, v, i, n = 0, vips;
	cfg_t *channel = cfg_getsec(ctx->root, "channel");
	cfg_t *sec;

	compare_groups(ctx, conf);
	for (i = 0; i < conf->channel.n_local; i++)
		xha_conf_compare_protects(ctx, conf, &conf->channel.local[i],
					  "local-ip");
	for (i = 0; i < conf->channel.n_remote; i++)
		xha_conf_compare_protects(ctx, conf, &conf->channel.remote[i],
					  "remote-ip");
	for (g = 0; g < conf->n_groups; g++) {
		sec = cfg_getnsec(ctx->root, "group", g);
		vips = 0;
		for (s = 0; s < conf->groups[g].n_standbys; s++) {
			struct place *p = &places[n++];

			p->sec = election_sec(ctx, sec, s);
			p->sb = &conf->groups[g].standbys[s];
			vips += p->sb->n_vips;
			for (v = 0; v < p->sb->n_vips; v++) {
				compare_channel(ctx, channel, &conf->channel,
						&p->sb->vips[v].addr);
				xha_conf_compare_protects(ctx, conf,
							  &p->sb->vips[v].addr,
							  "the virtual address");
			}
			compare_vips(ctx, p, p);
			for (i = 0; i < n - 1; i++) {
				compare_standbys(ctx, &places[i], p);
				compare_vips(ctx, &places[i], p);
				compare_vips(ctx, p, &places[i]);
			}
		}
		if (vips > XFRM_HA_MAX_VIPS)
			xha_conf_error(ctx, sec->line,
				       "group %s: %u virtual addresses, must be at most %d",
				       title(sec), vips, XFRM_HA_MAX_VIPS);
	}
}

/**
 * xha_conf_check - judge a parsed file and take its values over
 * @ctx: the parsed file; errors are reported and counted there
 * @conf: result, only to be used if there were none
 */
void xha_conf_check(struct xha_conf_ctx *ctx, struct xha_conf *conf)
{
	unsigned int i, n = cfg_size(ctx->root, "group");

	if (!xha_conf_given(ctx, ctx->root, "channel"))
		xha_conf_error(ctx, ctx->root->line,
			       "section channel is missing");
	else
		check_channel(ctx, cfg_getsec(ctx->root, "channel"),
			      &conf->channel);
	if (!n || n > XHA_CONF_MAX_GROUPS) {
		xha_conf_error(ctx, ctx->root->line,
			       "%u group sections, must be 1..%d", n,
			       XHA_CONF_MAX_GROUPS);
		return;
	}
	for (i = 0; i < n; i++)
		check_group(ctx, cfg_getnsec(ctx->root, "group", i),
			    &conf->groups[conf->n_groups++]);
	compare_all(ctx, conf);
}
