// SPDX-License-Identifier: GPL-2.0-only
/* Addresses in the configuration. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "conf_check.h"

static bool usable_v6(const struct xha_addr *a)
{
	struct in6_addr in6;

	memcpy(&in6, a->b, sizeof(in6));
	return !IN6_IS_ADDR_UNSPECIFIED(&in6) && !IN6_IS_ADDR_LOOPBACK(&in6) &&
	       !IN6_IS_ADDR_MULTICAST(&in6) && !IN6_IS_ADDR_V4MAPPED(&in6);
}

static bool usable(const struct xha_addr *a)
{
	__u32 v4;

	if (a->len != 4)
		return usable_v6(a);
	v4 = ntohl(xha_addr_get_v4(a));
	/* Not this host, loopback, multicast, reserved. */
	return v4 >> 24 && v4 >> 24 != 127 && v4 >> 24 < 224;
}

static int take_addr(struct xha_conf_ctx *ctx, int line, const char *key,
		     const char *text, struct xha_addr *addr)
{
	if (xha_addr_parse(text, addr)) {
		xha_conf_error(ctx, line, "%s = %s: not an IP address", key,
			       text);
		return -EINVAL;
	}
	if (!usable(addr)) {
		xha_conf_error(ctx, line, "%s = %s: not a unicast address",
			       key, text);
		return -EINVAL;
	}
	return 0;
}

/* Of the channel. */
static int take_addr_v4(struct xha_conf_ctx *ctx, int line, const char *key,
			const char *text, struct xha_addr *addr)
{
	if (take_addr(ctx, line, key, text, addr))
		return -EINVAL;
	if (addr->len == 4)
		return 0;
	xha_conf_error(ctx, line,
		       "%s = %s: IPv6 is not supported in this version", key,
		       text);
	return -EINVAL;
}

/**
 * xha_conf_take_addrs - take the channel's addresses of one side over
 * @ctx: the configuration being read
 * @sec: the section of the channel
 * @key: local-ip or remote-ip
 * @addrs: result, of %XFRM_HA_MAX_ADDRS
 * @n: number of @addrs
 */
void xha_conf_take_addrs(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
			 struct xha_addr *addrs, unsigned int *n)
{
	unsigned int i, size;
	int line;

	if (!xha_conf_need(ctx, sec, key))
		return;
	size = cfg_size(sec, key);
	line = xha_conf_line_of(ctx, sec, key);
	if (!size || size > XFRM_HA_MAX_ADDRS) {
		xha_conf_error(ctx, line, "%s: %u addresses, must be 1..%d",
			       key, size, XFRM_HA_MAX_ADDRS);
		return;
	}
	for (i = 0; i < size; i++)
		if (!take_addr_v4(ctx, line, key, cfg_getnstr(sec, key, i),
				  &addrs[*n]))
			(*n)++;
}

static int take_vip(struct xha_conf_ctx *ctx, int line, const char *text,
		    struct xha_conf_vip *vip)
{
	char addr[64];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char *end;
	long v;

	if (len >= sizeof(addr)) {
		xha_conf_error(ctx, line, "ip = %s: not an IP address", text);
		return -EINVAL;
	}
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (take_addr(ctx, line, "ip", addr, &vip->addr))
		return -EINVAL;
	if (!slash)
		return 0;
	v = strtol(slash + 1, &end, 10);
	if (end == slash + 1 || *end || v < 1 || v > vip->addr.len * 8) {
		xha_conf_error(ctx, line, "ip = %s: prefix must be 1..%d", text,
			       vip->addr.len * 8);
		return -EINVAL;
	}
	vip->prefix = v;
	return 0;
}

/**
 * xha_conf_take_vips - take the virtual addresses of an election over
 * @ctx: the configuration being read
 * @sec: its section
 * @sb: gets them
 */
void xha_conf_take_vips(struct xha_conf_ctx *ctx, cfg_t *sec,
			struct xha_conf_standby *sb)
{
	unsigned int i, size;
	int line;

	if (!xha_conf_need(ctx, sec, "ip"))
		return;
	size = cfg_size(sec, "ip");
	line = xha_conf_line_of(ctx, sec, "ip");
	if (!size || size > XFRM_HA_MAX_VIPS) {
		xha_conf_error(ctx, line, "ip: %u addresses, must be 1..%d",
			       size, XFRM_HA_MAX_VIPS);
		return;
	}
	for (i = 0; i < size; i++)
		if (!take_vip(ctx, line, cfg_getnstr(sec, "ip", i),
			      &sb->vips[sb->n_vips]))
			sb->n_vips++;
}

/**
 * xha_conf_is_witness - whether an address is one of an election's witnesses
 * @sb: the election
 * @addr: the address
 *
 * Return: true if it is.
 */
bool xha_conf_is_witness(const struct xha_conf_standby *sb,
			 const struct xha_addr *addr)
{
	unsigned int i;

	for (i = 0; i < sb->n_witnesses; i++)
		if (xha_addr_equal(&sb->witnesses[i], addr))
			return true;
	return false;
}

/**
 * xha_conf_take_witnesses - take the witnesses on a LAN over
 * @ctx: the configuration being read
 * @sec: the section of the election there
 * @sb: gets them
 */
void xha_conf_take_witnesses(struct xha_conf_ctx *ctx, cfg_t *sec,
			     struct xha_conf_standby *sb)
{
	const char *key = "witness", *text;
	unsigned int i, size;
	struct xha_addr addr;
	int line;

	if (!xha_conf_given(ctx, sec, key))
		return;
	size = cfg_size(sec, key);
	line = xha_conf_line_of(ctx, sec, key);
	if (size > XHA_CONF_MAX_WITNESSES) {
		xha_conf_error(ctx, line, "%s: %u addresses, must be at most %d",
			       key, size, XHA_CONF_MAX_WITNESSES);
		return;
	}
	for (i = 0; i < size; i++) {
		text = cfg_getnstr(sec, key, i);
		if (take_addr(ctx, line, key, text, &addr))
			continue;
		if (xha_conf_is_witness(sb, &addr))
			xha_conf_error(ctx, line, "%s = %s: is given twice",
				       key, text);
		else
			sb->witnesses[sb->n_witnesses++] = addr;
	}
}

/**
 * xha_conf_compare_witnesses - a virtual address against all witnesses
 * @ctx: the configuration being read
 * @sec: section of an election
 * @sb: the same, read
 * @vip: the address: whoever is active would be its own witness
 */
void xha_conf_compare_witnesses(struct xha_conf_ctx *ctx, cfg_t *sec,
				const struct xha_conf_standby *sb,
				const struct xha_addr *vip)
{
	char text[XHA_ADDR_STRLEN];

	if (xha_conf_is_witness(sb, vip))
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "witness"),
			       "witness = %s: is a virtual address",
			       xha_addr_format(vip, text, sizeof(text)));
}
