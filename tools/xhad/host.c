// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "announce.h"
#include "host.h"
#include "log.h"
#include "vip.h"
#include "vmacs.h"

/* When the VIPs are announced again, after the first time: ms. */
static const unsigned int arp_gaps[] = { 100, 200, 300, 400, 1000 };

static int kernel_group_new(void *arg, const struct xha_nl_group_conf *conf)
{
	return xha_nl_group_new(arg, conf);
}

static int kernel_group_set(void *arg, const struct xha_nl_group_conf *conf)
{
	return xha_nl_group_set(arg, conf);
}

static int kernel_group_get(void *arg, __u32 id, struct xha_nl_group *group)
{
	return xha_nl_group_get(arg, id, group);
}

static int kernel_peer_get(void *arg, struct xha_nl_peer *peer)
{
	return xha_nl_peer_get(arg, peer);
}

static int kernel_role_set(void *arg, __u32 id, __u32 role)
{
	return xha_nl_role_set(arg, id, role);
}

static int kernel_handover(void *arg, __u32 id)
{
	return xha_nl_handover(arg, id);
}

static int kernel_vip_up(void *arg, __u32 id)
{
	return xha_nl_vip_up(arg, id);
}

static const char *kernel_error(void *arg)
{
	return xha_nl_error(arg);
}

const struct xha_kernel_ops xha_host_kernel_ops = {
	.group_new	= kernel_group_new,
	.group_set	= kernel_group_set,
	.group_get	= kernel_group_get,
	.peer_get	= kernel_peer_get,
	.role_set	= kernel_role_set,
	.handover	= kernel_handover,
	.vip_up		= kernel_vip_up,
	.error		= kernel_error,
};

static struct xhad_group *group_of(struct xha_role *role)
{
	return role->host_arg;
}

/* Which VIPs of a group. */
enum vips {
	VIPS_ALL,
	VIPS_V4,
};

static int one_vip(struct xhad_group *g, unsigned int i, unsigned int v,
		   bool up)
{
	const struct xha_conf_standby *sb = &g->role.conf->standbys[i];
	unsigned int lan = if_nametoindex(sb->interface);
	unsigned int ifindex = xha_vmacs_ifindex(g->role.elects[i]);
	char text[XHA_ADDR_STRLEN];
	int err;

	if (!ifindex)
		return up ? -ENODEV : 0;
	err = up ? xha_vip_add(g->xhad->rt, ifindex, lan, &sb->vips[v]) :
		   xha_vip_del(g->xhad->rt, ifindex, &sb->vips[v]);
	/* One that is missing is tried often. */
	if (err && !(up && g->role.missing))
		xha_log_err("group %s: cannot %s %s %s %s: %s",
			    g->role.conf->name, up ? "add" : "remove",
			    xha_addr_format(&sb->vips[v].addr, text,
					    sizeof(text)),
			    up ? "to" : "from", sb->interface, strerror(-err));
	return err;
}

static void remove_vips(struct xhad_group *g, enum vips which)
{
	const struct xha_conf_standby *sb;
	unsigned int i, v;

	if (g->arp_timer)
		sd_event_source_set_enabled(g->arp_timer, SD_EVENT_OFF);
	for (i = 0; i < g->role.conf->n_standbys; i++) {
		sb = &g->role.conf->standbys[i];
		for (v = 0; v < sb->n_vips; v++)
			if (which == VIPS_ALL || sb->use_bia ||
			    sb->vips[v].addr.len == 4)
				one_vip(g, i, v, false);
	}
}

static void host_vips_down(struct xha_role *role)
{
	struct xhad_group *g = group_of(role);

	if (!role->conf->move_vips)
		return;
	xha_vmacs_down(g);
	remove_vips(g, VIPS_ALL);
}

/*
 * IPv6 addresses stay on a macvlan until it goes down, which sends nothing,
 * as taking them off would; the gate keeps them silent meanwhile. It does not
 * know ARP.
 */
static void host_vips_give(struct xha_role *role)
{
	struct xhad_group *g = group_of(role);

	if (!role->conf->move_vips)
		return;
	remove_vips(g, VIPS_V4);
	xha_vmacs_linger(g);
}

static int host_vips_up(struct xha_role *role)
{
	const struct xha_conf_group *conf = role->conf;
	struct xhad_group *g = group_of(role);
	int up, err, last = 0, missing = 0;
	unsigned int i, v, there = 0;

	for (i = 0; conf->move_vips && i < conf->n_standbys; i++) {
		up = xha_vmacs_up(g, role->elects[i]);
		for (v = 0; v < conf->standbys[i].n_vips; v++) {
			err = up ? up : one_vip(g, i, v, true);
			if (err) {
				last = err;
				missing++;
			} else {
				there++;
			}
		}
	}
	if (there || !missing)
		return missing;
	host_vips_down(role);
	return last;
}

static void announce_once(struct xhad_group *g)
{
	const struct xha_conf_standby *sb;
	const struct xha_elect *e;
	unsigned int i, v;
	int err;

	for (i = 0; i < g->role.conf->n_standbys; i++) {
		sb = &g->role.conf->standbys[i];
		e = g->role.elects[i];
		for (v = 0; v < sb->n_vips; v++) {
			if (g->role.missing &&
			    !xha_vip_has(xha_vmacs_ifindex(e), &sb->vips[v]))
				continue;
			err = xha_announce(xha_vmacs_ifindex(e),
					   sb->use_bia ? e->mac : e->vmac.mac,
					   &sb->vips[v].addr);
			if (err)
				xha_log_warn("group %s: announcement on %s: %s",
					     g->role.conf->name, sb->interface,
					     strerror(-err));
		}
	}
}

static int on_arp_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct xhad_group *g = arg;

	/* What is being given away is the other node's to announce. */
	if (g->role.mode != XHA_ROLE_ACTIVE)
		return 0;
	announce_once(g);
	if (g->arp_round == ARRAY_SIZE(arp_gaps))
		return 0;
	sd_event_source_set_time_relative(s,
					  arp_gaps[g->arp_round++] * 1000ULL);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

/* (Re)start a one-shot timer, made on first use. */
static void arm(struct xhad_group *g, sd_event_source **s, unsigned int ms,
		sd_event_time_handler_t fn)
{
	uint64_t us = ms * 1000ULL;
	int err;

	if (!*s)
		err = sd_event_add_time_relative(g->xhad->event, s,
						 CLOCK_MONOTONIC, us, 1000, fn,
						 g);
	else
		err = sd_event_source_set_time_relative(*s, us);
	if (err >= 0)
		err = sd_event_source_set_enabled(*s, SD_EVENT_ONESHOT);
	if (err < 0)
		xha_log_err("group %s: timer: %s", g->role.conf->name,
			    strerror(-err));
}

static void host_announce(struct xha_role *role)
{
	struct xhad_group *g = group_of(role);

	if (!role->conf->move_vips)
		return;
	xha_log_info("group %s: announces its VIPs", role->conf->name);
	xha_vmacs_speak(g);
	announce_once(g);
	g->arp_round = 1;
	arm(g, &g->arp_timer, arp_gaps[0], on_arp_timer);
}

/**
 * xha_host_announce_later - tell where VIPs are that are up already
 * @g: the group
 *
 * After its hold time, if the node is still active then.
 */
void xha_host_announce_later(struct xhad_group *g)
{
	if (!g->role.conf->move_vips || !g->role.conf->n_standbys)
		return;
	g->arp_round = 0;
	arm(g, &g->arp_timer, g->role.conf->standbys[0].hold_ms, on_arp_timer);
}

static int on_role_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct xhad_group *g = arg;

	xha_role_tick(&g->role);
	return 0;
}

static void host_arm(struct xha_role *role, unsigned int ms)
{
	struct xhad_group *g = group_of(role);

	arm(g, &g->timer, ms, on_role_timer);
}

static __u64 host_now_us(struct xha_role *role)
{
	return xha_log_now_us();
}

const struct xha_host_ops xha_host_ops = {
	.vips_up	= host_vips_up,
	.vips_down	= host_vips_down,
	.vips_give	= host_vips_give,
	.announce	= host_announce,
	.arm		= host_arm,
	.now_us		= host_now_us,
};
