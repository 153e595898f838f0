/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the configuration reader: conf.c parses, conf_check.c judges, and
 * the other conf_*.c what is HSRP's, VRRP's, or a concept of its own.
 */
#ifndef XHA_CONF_CHECK_H
#define XHA_CONF_CHECK_H

#include <confuse.h>
#include <sys/types.h>

#include "conf.h"
#include "xha_util.h"

#define XHA_CONF_MAX_LINES	1024

/**
 * struct xha_conf_line - where an option stands
 * @sec: its section
 * @name: its name, owned by @sec
 * @line: line of its (last) value
 */
struct xha_conf_line {
	const cfg_t *sec;
	const char *name;
	int line;
};

/**
 * struct xha_conf_ctx - a configuration being read
 * @name: the file, for messages
 * @report: takes messages
 * @arg: passed to @report
 * @root: the parsed file
 * @errors: errors so far
 * @lines: where the options stand
 * @n_lines: number of @lines
 */
struct xha_conf_ctx {
	const char *name;
	xha_conf_report_fn report;
	void *arg;
	cfg_t *root;
	unsigned int errors;
	struct xha_conf_line lines[XHA_CONF_MAX_LINES];
	unsigned int n_lines;
};

__printf(3, 4)
void xha_conf_error(struct xha_conf_ctx *ctx, int line, const char *fmt, ...);
__printf(3, 4)
void xha_conf_warn(struct xha_conf_ctx *ctx, int line, const char *fmt, ...);
int xha_conf_line_of(const struct xha_conf_ctx *ctx, cfg_t *sec,
		     const char *key);
bool xha_conf_given(const struct xha_conf_ctx *ctx, cfg_t *sec,
		    const char *key);
void xha_conf_take_int(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
		       long min, long max, unsigned int *to);
void xha_conf_take_addrs(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
			 struct xha_addr *addrs, unsigned int *n);
void xha_conf_take_vips(struct xha_conf_ctx *ctx, cfg_t *sec,
			struct xha_conf_standby *sb);
void xha_conf_take_witnesses(struct xha_conf_ctx *ctx, cfg_t *sec,
			     struct xha_conf_standby *sb);
void xha_conf_compare_witnesses(struct xha_conf_ctx *ctx, cfg_t *sec,
				const struct xha_conf_standby *sb,
				const struct xha_addr *vip);
bool xha_conf_need(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key);
int xha_conf_take_name(struct xha_conf_ctx *ctx, cfg_t *sec, char *to);
void xha_conf_take_ifname(struct xha_conf_ctx *ctx, cfg_t *sec,
			  const char *key, char *to);
ssize_t xha_conf_read_secret(struct xha_conf_ctx *ctx, int line,
			     const char *key, const char *path, char *buf,
			     size_t size);
void xha_conf_check_vrrp(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_standby *sb);
void xha_conf_check_hsrp(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_standby *sb);
void xha_conf_check_protect(struct xha_conf_ctx *ctx, cfg_t *sec,
			    struct xha_conf_group *g);
void xha_conf_check_tracks(struct xha_conf_ctx *ctx, cfg_t *group,
			   struct xha_conf_group *g);
void xha_conf_compare_protects(struct xha_conf_ctx *ctx,
			       const struct xha_conf *conf,
			       const struct xha_addr *addr, const char *what);
void xha_conf_check_external(struct xha_conf_ctx *ctx, cfg_t *sec,
			     struct xha_conf_group *g);
void xha_conf_check_address(struct xha_conf_ctx *ctx, cfg_t *sec,
			    struct xha_conf_standby *sb);
void xha_conf_check(struct xha_conf_ctx *ctx, struct xha_conf *conf);

#endif /* XHA_CONF_CHECK_H */
