// SPDX-License-Identifier: GPL-2.0-only
/* Key protect of a group: networks behind the peers. */
#include <errno.h>
#include <stdio.h>

#include "conf_check.h"

static int take_prefix(struct xha_conf_ctx *ctx, int line, const char *text,
		       struct xha_conf_group *g)
{
	struct xha_prefix p;
	unsigned int i;

	switch (xha_prefix_parse(text, &p)) {
	case 0:
		break;
	case -ERANGE:
		xha_conf_error(ctx, line,
			       "protect = %s: the address has bits beyond the prefix length",
			       text);
		return -EINVAL;
	default:
		xha_conf_error(ctx, line,
			       "protect = %s: not ADDRESS/LENGTH", text);
		return -EINVAL;
	}
	if (xha_prefix_reserved(&p)) {
		xha_conf_error(ctx, line,
			       "protect = %s: covers multicast, link-local or loopback addresses",
			       text);
		return -EINVAL;
	}
	for (i = 0; i < g->n_protect; i++)
		if (xha_prefix_equal(&g->protect[i], &p)) {
			xha_conf_error(ctx, line, "protect = %s: is there twice",
				       text);
			return -EINVAL;
		}
	g->protect[g->n_protect++] = p;
	return 0;
}

/**
 * xha_conf_check_protect - take the prefixes to protect over
 * @ctx: the configuration being read
 * @sec: the group's section
 * @g: the group
 */
void xha_conf_check_protect(struct xha_conf_ctx *ctx, cfg_t *sec,
			    struct xha_conf_group *g)
{
	const char *key = "protect";
	unsigned int i, size;
	int line;

	if (!xha_conf_given(ctx, sec, key))
		return;
	size = cfg_size(sec, key);
	line = xha_conf_line_of(ctx, sec, key);
	if (size > XFRM_HA_MAX_PREFIXES) {
		xha_conf_error(ctx, line, "%s: %u prefixes, must be at most %d",
			       key, size, XFRM_HA_MAX_PREFIXES);
		return;
	}
	for (i = 0; i < size; i++)
		take_prefix(ctx, line, cfg_getnstr(sec, key, i), g);
}

/* A prefix is behind the peers: what the node itself talks to is not. */
static void compare_protect(struct xha_conf_ctx *ctx,
			    const struct xha_conf *conf, unsigned int group,
			    const struct xha_addr *addr, const char *what)
{
	cfg_t *sec = cfg_getnsec(ctx->root, "group", group);
	const struct xha_conf_group *g = &conf->groups[group];
	char text[XHA_PREFIX_STRLEN], a[XHA_ADDR_STRLEN];
	unsigned int i;

	for (i = 0; i < g->n_protect; i++)
		if (xha_prefix_covers(&g->protect[i], addr))
			xha_conf_error(ctx,
				       xha_conf_line_of(ctx, sec, "protect"),
				       "protect = %s: covers %s %s",
				       xha_prefix_format(&g->protect[i], text,
							 sizeof(text)),
				       what, xha_addr_format(addr, a, sizeof(a)));
}

/**
 * xha_conf_compare_protects - an address against the prefixes of all groups
 * @ctx: the configuration being read
 * @conf: all of it
 * @addr: an address the node itself has, or talks to
 * @what: what it is, for messages
 */
void xha_conf_compare_protects(struct xha_conf_ctx *ctx,
			       const struct xha_conf *conf,
			       const struct xha_addr *addr, const char *what)
{
	unsigned int i;

	for (i = 0; i < conf->n_groups; i++)
		compare_protect(ctx, conf, i, addr, what);
}
