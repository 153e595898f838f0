// SPDX-License-Identifier: GPL-2.0-only
/* Groups whose role another program decides: election = external. */
#include <string.h>

#include "conf_check.h"

#define DEFAULT_WAIT	1000	/* ms */
#define MAX_WAIT	60000	/* ms */

/*
 * Up to what age a sign of life of the peer's kernel, one every 50 ms, says
 * that it is still there to hand the role over.
 */
#define PEER_FRESH	400	/* ms */

/* What is only for the other kind of group. */
static void refuse(struct xha_conf_ctx *ctx, cfg_t *sec, const char *const *keys,
		   size_t n, const char *why)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (xha_conf_given(ctx, sec, keys[i]))
			xha_conf_error(ctx, xha_conf_line_of(ctx, sec, keys[i]),
				       "%s: group %s %s", keys[i],
				       cfg_title(sec), why);
}

static bool check_election(struct xha_conf_ctx *ctx, cfg_t *sec)
{
	const char *key = "election", *v;

	if (!xha_conf_given(ctx, sec, key))
		return false;
	v = cfg_getstr(sec, key);
	if (!strcmp(v, "external"))
		return true;
	xha_conf_error(ctx, xha_conf_line_of(ctx, sec, key),
		       "%s = %s: must be external; without it the standby and vrrp sections elect",
		       key, v);
	return false;
}

static void check_vips(struct xha_conf_ctx *ctx, cfg_t *sec,
		       struct xha_conf_group *g)
{
	const char *key = "vips", *v;

	if (!xha_conf_given(ctx, sec, key))
		return;
	v = cfg_getstr(sec, key);
	g->move_vips = !strcmp(v, "xhad");
	if (!g->move_vips && strcmp(v, "elector"))
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, key),
			       "%s = %s: must be xhad or elector, whoever adds and removes them",
			       key, v);
}

/**
 * xha_conf_check_external - judge what only a group has that another program
 *	elects, and take it over
 * @ctx: the configuration being read
 * @sec: the group's section
 * @g: the group; gets @external, @move_vips, and @grace_ms if external
 */
void xha_conf_check_external(struct xha_conf_ctx *ctx, cfg_t *sec,
			     struct xha_conf_group *g)
{
	static const char *const elections[] = { "standby", "vrrp" };
	static const char *const tracks[] = { "track" };
	static const char *const own[] = { "vips", "handover-wait", "address" };

	g->move_vips = true;
	g->external = check_election(ctx, sec);
	if (!g->external) {
		refuse(ctx, sec, own, ARRAY_SIZE(own),
		       "has not election = external, which this is for");
		return;
	}
	refuse(ctx, sec, elections, ARRAY_SIZE(elections),
	       "has election = external: name its addresses in address sections");
	refuse(ctx, sec, tracks, ARRAY_SIZE(tracks),
	       "has election = external: whatever elects has to track it");
	if (xha_conf_given(ctx, sec, "helper-grace"))
		xha_conf_warn(ctx, xha_conf_line_of(ctx, sec, "helper-grace"),
			      "helper-grace: has no effect with election = external: what elects decides");
	g->move_vips = false;
	check_vips(ctx, sec, g);
	g->grace_ms = DEFAULT_WAIT;
	xha_conf_take_int(ctx, sec, "handover-wait", 0, MAX_WAIT, &g->grace_ms);
}

static bool has_family(const struct xha_conf_standby *sb, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < sb->n_vips; i++)
		if (sb->vips[i].addr.len == len)
			return true;
	return false;
}

static bool has_vip(const struct xha_conf_standby *sb,
		    const struct xha_addr *addr)
{
	unsigned int i;

	for (i = 0; i < sb->n_vips; i++)
		if (xha_addr_equal(&sb->vips[i].addr, addr))
			return true;
	return false;
}

/**
 * xha_conf_check_address - judge what only an address section has
 * @ctx: the configuration being read
 * @sec: the section
 * @sb: what all sections have is there already
 */
void xha_conf_check_address(struct xha_conf_ctx *ctx, cfg_t *sec,
			    struct xha_conf_standby *sb)
{
	const char *key = "neighbour", *text;
	struct xha_addr addr;
	int line;

	sb->use_bia = true;
	sb->hello_ms = PEER_FRESH / 2;
	sb->hold_ms = PEER_FRESH;
	if (!xha_conf_given(ctx, sec, key))
		return;
	text = cfg_getstr(sec, key);
	line = xha_conf_line_of(ctx, sec, key);
	if (xha_addr_parse(text, &addr))
		xha_conf_error(ctx, line, "%s = %s: not an IP address", key,
			       text);
	else if (has_vip(sb, &addr))
		xha_conf_error(ctx, line, "%s = %s: is a virtual address", key,
			       text);
	else if (sb->n_vips && !has_family(sb, addr.len))
		xha_conf_error(ctx, line,
			       "%s = %s: no virtual address here is of its family",
			       key, text);
	else
		sb->neighbour = addr;
}
