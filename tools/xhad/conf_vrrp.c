// SPDX-License-Identifier: GPL-2.0-only
/* Keys of a vrrp section that a standby section has not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf_check.h"
#include "vrrp_fsm.h"
#include "vrrp_pkt.h"

#define PREEMPT_DELAY_MAX	1000	/* s, as in keepalived */
#define DEFAULT_INTERVAL	1000	/* ms */

/* "1", "1s", "100ms" or "25cs" */
static int parse_interval(const char *text, unsigned int *ms)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	if (errno || end == text || v < 1 || v > VRRP_V2_INTERVAL_MAX)
		return -EINVAL;
	if (!*end || !strcmp(end, "s"))
		v *= 1000;
	else if (!strcmp(end, "cs"))
		v *= 10;
	else if (strcmp(end, "ms"))
		return -EINVAL;
	if (v > VRRP_V2_INTERVAL_MAX)
		return -ERANGE;
	*ms = v;
	return 0;
}

static bool fits(unsigned int version, unsigned int ms)
{
	if (version == 2)
		return !(ms % 1000) && ms <= VRRP_V2_INTERVAL_MAX;
	return !(ms % 10) && ms <= VRRP_V3_INTERVAL_MAX;
}

static void check_interval(struct xha_conf_ctx *ctx, cfg_t *sec,
			   struct xha_conf_standby *sb)
{
	const char *key = "advertise-interval", *text;
	unsigned int version = sb->vrrp.version, ms = DEFAULT_INTERVAL;
	int line = xha_conf_line_of(ctx, sec, key);
	int err = 0;

	if (xha_conf_given(ctx, sec, key)) {
		text = cfg_getstr(sec, key);
		err = parse_interval(text, &ms);
		if (err == -EINVAL)
			xha_conf_error(ctx, line,
				       "%s = %s: not a time like 1s, 100ms or 25cs",
				       key, text);
		else if (err || !fits(version, ms))
			xha_conf_error(ctx, line,
				       version == 2 ?
				       "%s = %s: version 2 has 1..255 whole seconds" :
				       "%s = %s: version 3 has 10..40950 ms in steps of 10",
				       key, text);
	}
	sb->hello_ms = ms;
	/* Up, so that no test of it ends before the instance's own. */
	sb->hold_ms = (vrrp_fsm_master_down_us(version, sb->priority, ms) +
		       999) / 1000;
}

static void check_auth(struct xha_conf_ctx *ctx, cfg_t *sec,
		       struct xha_conf_standby *sb)
{
	const char *key = "authentication-text", *text;
	int line = xha_conf_line_of(ctx, sec, key);
	size_t len;

	if (!xha_conf_given(ctx, sec, key))
		return;
	text = cfg_getstr(sec, key);
	len = strlen(text);
	if (sb->vrrp.version != 2) {
		xha_conf_error(ctx, line, "%s: version 3 has no authentication",
			       key);
		return;
	}
	if (!len || len > VRRP_AUTH_LEN) {
		xha_conf_error(ctx, line, "%s: %zu bytes, must be 1..%d", key,
			       len, VRRP_AUTH_LEN);
		return;
	}
	memcpy(sb->vrrp.auth, text, len);
	sb->vrrp.has_auth = true;
	xha_conf_warn(ctx, line,
		      "%s: everybody on the LAN can read it: it keeps out mistakes, not attackers",
		      key);
}

static bool link_local(const struct xha_addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static void check_family(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_standby *sb)
{
	const char *pseudo = "checksum-with-ipv4-pseudoheader";
	int line = xha_conf_line_of(ctx, sec, "ip");
	bool v6 = sb->vips[0].addr.len == 16;

	if (v6 && sb->vrrp.version == 2)
		xha_conf_error(ctx, line,
			       "ip: the first is IPv6, which version 2 has not");
	if (v6 && !link_local(&sb->vips[0].addr))
		xha_conf_warn(ctx, line,
			      "ip: the first is IPv6 and not link-local (fe80::/10), as RFC 5798 wants it");
	/* An IPv6 checksum always has it, one of version 2 never. */
	sb->vrrp.pseudo = v6 || cfg_getbool(sec, pseudo);
	if (xha_conf_given(ctx, sec, pseudo) && (v6 || sb->vrrp.version == 2))
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, pseudo),
			       "%s: is for version 3 and IPv4", pseudo);
	if (sb->vrrp.version == 2)
		sb->vrrp.pseudo = false;
}

static void check_preempt(struct xha_conf_ctx *ctx, cfg_t *sec,
			  struct xha_conf_standby *sb)
{
	const char *key = "preempt-delay";
	unsigned int delay = 0;

	xha_conf_take_int(ctx, sec, key, 0, PREEMPT_DELAY_MAX, &delay);
	sb->vrrp.preempt_delay_ms = delay * 1000;
	if (delay && !sb->preempt)
		xha_conf_warn(ctx, xha_conf_line_of(ctx, sec, key),
			      "%s: has no effect with preempt = false", key);
}

/**
 * xha_conf_check_vrrp - judge what only VRRP has, and take it over
 * @ctx: the configuration being read
 * @sec: the vrrp section
 * @sb: what both protocols have is there already
 */
void xha_conf_check_vrrp(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_standby *sb)
{
	sb->vrrp.version = 3;
	xha_conf_take_int(ctx, sec, "version", 2, 3, &sb->vrrp.version);
	check_interval(ctx, sec, sb);
	check_auth(ctx, sec, sb);
	check_family(ctx, sec, sb);
	check_preempt(ctx, sec, sb);
	sb->use_bia = cfg_getbool(sec, "use-bia");
	if (!cfg_getbool(sec, "accept"))
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "accept"),
			       "accept = false: tunnels end at the virtual address, so it must accept packets");
}
