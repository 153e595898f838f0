// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parsing by libconfuse, then one pass over all sections that checks every
 * value and takes it over. A hook on every option notes the line it stands on,
 * so that what only shows when two of them are compared is named with its line
 * as well. The text is read whole first: the parser sees one consistent file.
 */
#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "conf_check.h"

#define FILE_MAX_SIZE	65536

/* libconfuse gives its hooks no argument. */
static struct xha_conf_ctx *parsing;

static cfg_opt_t channel_opts[] = {
	CFG_STR_LIST("local-ip", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("remote-ip", NULL, CFGF_NODEFAULT),
	CFG_INT("local-port", 0, CFGF_NODEFAULT),
	CFG_INT("remote-port", 0, CFGF_NODEFAULT),
	CFG_INT_LIST("retransmit-timeout", NULL, CFGF_NODEFAULT),
	CFG_INT("path-retransmit", 0, CFGF_NODEFAULT),
	CFG_INT("assoc-retransmit", 0, CFGF_NODEFAULT),
	CFG_STR("key", NULL, CFGF_NODEFAULT),
	CFG_STR("key-file", NULL, CFGF_NODEFAULT),
	CFG_STR("security", NULL, CFGF_NODEFAULT),
	CFG_STR("security-device", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t standby_opts[] = {
	CFG_STR("interface", NULL, CFGF_NODEFAULT),
	CFG_INT("version", 0, CFGF_NODEFAULT),
	CFG_INT("number", 0, CFGF_NODEFAULT),
	CFG_STR_LIST("ip", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("witness", NULL, CFGF_NODEFAULT),
	CFG_INT("priority", 0, CFGF_NODEFAULT),
	CFG_BOOL("preempt", cfg_false, CFGF_NONE),
	CFG_STR("preempt-delay", NULL, CFGF_NODEFAULT),
	CFG_STR("delay", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("timers", NULL, CFGF_NODEFAULT),
	CFG_INT_LIST("timers-msec", NULL, CFGF_NODEFAULT),
	CFG_STR("authentication-text", NULL, CFGF_NODEFAULT),
	CFG_STR("authentication-key-string", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("authentication-key-chain", NULL, CFGF_NODEFAULT),
	CFG_STR("authentication-key-file", NULL, CFGF_NODEFAULT),
	CFG_BOOL("use-bia", cfg_true, CFGF_NONE),
	CFG_END()
};

static cfg_opt_t vrrp_opts[] = {
	CFG_STR("interface", NULL, CFGF_NODEFAULT),
	CFG_INT("vrid", 0, CFGF_NODEFAULT),
	CFG_INT("version", 0, CFGF_NODEFAULT),
	CFG_STR_LIST("ip", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("witness", NULL, CFGF_NODEFAULT),
	CFG_INT("priority", 0, CFGF_NODEFAULT),
	CFG_BOOL("preempt", cfg_true, CFGF_NONE),
	CFG_INT("preempt-delay", 0, CFGF_NODEFAULT),
	CFG_STR("advertise-interval", NULL, CFGF_NODEFAULT),
	CFG_STR("authentication-text", NULL, CFGF_NODEFAULT),
	CFG_BOOL("checksum-with-ipv4-pseudoheader", cfg_true, CFGF_NONE),
	CFG_BOOL("accept", cfg_true, CFGF_NONE),
	CFG_BOOL("use-bia", cfg_true, CFGF_NONE),
	CFG_END()
};

static cfg_opt_t track_opts[] = {
	CFG_STR("interface", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("script", NULL, CFGF_NODEFAULT),
	CFG_STR("process", NULL, CFGF_NODEFAULT),
	CFG_INT("quorum", 0, CFGF_NODEFAULT),
	CFG_INT("interval", 0, CFGF_NODEFAULT),
	CFG_INT("timeout", 0, CFGF_NODEFAULT),
	CFG_INT("rise", 0, CFGF_NODEFAULT),
	CFG_INT("fall", 0, CFGF_NODEFAULT),
	CFG_INT("decrement", 0, CFGF_NODEFAULT),
	CFG_BOOL("release", cfg_true, CFGF_NONE),
	CFG_END()
};

static cfg_opt_t address_opts[] = {
	CFG_STR("interface", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("ip", NULL, CFGF_NODEFAULT),
	CFG_STR("neighbour", NULL, CFGF_NODEFAULT),
	CFG_END()
};

static cfg_opt_t group_opts[] = {
	CFG_INT("id", 0, CFGF_NODEFAULT),
	CFG_STR("replay-interval", NULL, CFGF_NODEFAULT),
	CFG_INT("replay-interval-inbound", 0, CFGF_NODEFAULT),
	CFG_INT("replay-interval-outbound", 0, CFGF_NODEFAULT),
	CFG_INT("helper-grace", 0, CFGF_NODEFAULT),
	CFG_BOOL("strict", cfg_false, CFGF_NONE),
	CFG_STR_LIST("protect", NULL, CFGF_NODEFAULT),
	CFG_STR("election", NULL, CFGF_NODEFAULT),
	CFG_STR("vips", NULL, CFGF_NODEFAULT),
	CFG_INT("handover-wait", 0, CFGF_NODEFAULT),
	CFG_SEC("standby", standby_opts,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("vrrp", vrrp_opts,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("address", address_opts,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_SEC("track", track_opts,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END()
};

static cfg_opt_t file_opts[] = {
	CFG_SEC("channel", channel_opts, CFGF_NONE),
	CFG_SEC("group", group_opts,
		CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
	CFG_END()
};

static void on_confuse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	xha_conf_error(parsing, cfg ? cfg->line : 0, "%s", text);
}

static int note_line(cfg_t *cfg, cfg_opt_t *opt)
{
	struct xha_conf_ctx *ctx = parsing;
	struct xha_conf_line *l;

	if (ctx->n_lines == XHA_CONF_MAX_LINES) {
		cfg_error(cfg, "too many options");
		return -1;
	}
	l = &ctx->lines[ctx->n_lines++];
	l->sec = cfg;
	l->name = opt->name;
	l->line = cfg->line;
	return 0;
}

static void hook(cfg_opt_t *opts)
{
	for (; opts->name; opts++)
		opts->validcb = note_line;
}

static void hook_all(void)
{
	hook(channel_opts);
	hook(standby_opts);
	hook(vrrp_opts);
	hook(track_opts);
	hook(address_opts);
	hook(group_opts);
	hook(file_opts);
}

/* Length of a comment at @p, without the newline that ends one of a line. */
static size_t comment_len(const char *text, const char *p)
{
	bool starts = p == text || strchr(" \t\n", p[-1]);
	const char *end;

	if (*p == '#' || (starts && p[0] == '/' && p[1] == '/'))
		return strcspn(p, "\n");
	if (p[0] != '/' || p[1] != '*')
		return 0;
	end = strstr(p + 2, "*/");
	return end ? (size_t)(end + 2 - p) : 0;
}

/*
 * Blank out comments: libconfuse counts their newlines more than once, and
 * messages would name wrong lines.
 */
static void blank_comments(char *text)
{
	char quote = '\0';
	size_t len;
	char *p;

	for (p = text; *p; p++) {
		if (quote) {
			if (*p == '\\' && p[1])
				p++;
			else if (*p == quote)
				quote = '\0';
			continue;
		}
		if (*p == '"' || *p == '\'') {
			quote = *p;
			continue;
		}
		for (len = comment_len(text, p); len; len--, p++)
			if (*p != '\n')
				*p = ' ';
		if (!*p)
			break;
	}
}

static int parse(struct xha_conf_ctx *ctx, const char *text,
		 struct xha_conf *conf)
{
	cfg_t *cfg;
	int rc;

	hook_all();
	cfg = cfg_init(file_opts, CFGF_NONE);
	if (!cfg)
		return -ENOMEM;
	cfg_set_error_function(cfg, on_confuse_error);
	parsing = ctx;
	rc = cfg_parse_buf(cfg, text);
	if (rc == CFG_SUCCESS) {
		ctx->root = cfg;
		xha_conf_check(ctx, conf);
	} else if (!ctx->errors) {
		xha_conf_error(ctx, cfg->line, "cannot be parsed");
	}
	parsing = NULL;
	cfg_free(cfg);
	return ctx->errors ? -EINVAL : 0;
}

/**
 * xha_conf_parse - read a configuration from memory
 * @text: the file's text
 * @name: its name, for messages
 * @conf: result, all zero on failure; may hold a key: xha_conf_wipe()
 * @report: called for each error and warning, "NAME:LINE: text"
 * @arg: passed to @report
 *
 * Return: 0, -EINVAL when something was reported as error, -ENOMEM.
 */
int xha_conf_parse(const char *text, const char *name, struct xha_conf *conf,
		   xha_conf_report_fn report, void *arg)
{
	struct xha_conf_ctx *ctx = calloc(1, sizeof(*ctx));
	char *copy = strdup(text);
	int err;

	memset(conf, 0, sizeof(*conf));
	if (!ctx || !copy) {
		free(copy);
		free(ctx);
		return -ENOMEM;
	}
	ctx->name = name;
	ctx->report = report;
	ctx->arg = arg;
	blank_comments(copy);
	err = parse(ctx, copy, conf);
	explicit_bzero(copy, strlen(copy));
	free(copy);
	free(ctx);
	if (err)
		xha_conf_wipe(conf);
	return err;
}

static int read_text(const char *path, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + len, size - len)) > 0)
		len += n;
	if (n < 0)
		n = -errno;
	else if (len == size)
		n = -EFBIG;
	else if (memchr(text, 0, len))
		n = -EILSEQ;
	close(fd);
	if (!n)
		text[len] = '\0';
	return n;
}

/**
 * xha_conf_load - read a configuration file
 * @path: the file
 * @conf: as in xha_conf_parse()
 * @report: the same
 * @arg: the same
 *
 * Return: 0, -EINVAL when something was reported as error, -ENOMEM.
 */
int xha_conf_load(const char *path, struct xha_conf *conf,
		  xha_conf_report_fn report, void *arg)
{
	char *text = calloc(1, FILE_MAX_SIZE);
	char line[512];
	int err;

	memset(conf, 0, sizeof(*conf));
	if (!text)
		return -ENOMEM;
	err = read_text(path, text, FILE_MAX_SIZE);
	if (err) {
		snprintf(line, sizeof(line), "%s: cannot be read: %s", path,
			 strerror(-err));
		report(true, line, arg);
		err = -EINVAL;
	} else {
		err = xha_conf_parse(text, path, conf, report, arg);
	}
	explicit_bzero(text, FILE_MAX_SIZE);
	free(text);
	return err;
}

/**
 * xha_conf_wipe - forget a configuration, its key above all
 * @conf: the configuration
 */
void xha_conf_wipe(struct xha_conf *conf)
{
	explicit_bzero(conf, sizeof(*conf));
}
