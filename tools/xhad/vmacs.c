// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "host.h"
#include "log.h"
#include "vip.h"
#include "vmac.h"
#include "vmacs.h"

/* How long after a hand-over frames may still be on their way to this node:
 * as long as the kernel, unless tuned, sends on what they carry.
 */
#define LINGER_US	3000000

static bool uses_vmac(const struct xha_elect *e)
{
	return e->vmac.ifname[0];
}

/* The group an election belongs to, and its place there. */
static const struct xha_conf_group *place_of(const struct xha_elect *e,
					     unsigned int *place)
{
	const struct xha_role *role = e->role;

	for (*place = 0; *place < role->n_elects - 1; ++*place)
		if (role->elects[*place] == e)
			break;
	return role->conf;
}

static int ensure(struct xhad *x, struct xha_elect *e)
{
	struct xha_vmac_want want;
	const struct xha_conf_group *conf;
	unsigned int place;

	conf = place_of(e, &place);
	xha_vmac_want(&want, conf, place);
	memcpy(e->vmac.mac, want.mac, sizeof(e->vmac.mac));
	return xha_vmac_ensure(x->rt, &want, e->ifname, &e->vmac);
}

static bool is_wanted(const char *ifname, void *arg)
{
	const struct xhad *x = arg;
	const struct xha_role *role;
	unsigned int g, s;

	for (g = 0; g < x->conf.n_groups; g++) {
		role = &x->groups[g].role;
		for (s = 0; s < role->n_elects; s++)
			if (!strcmp(role->elects[s]->vmac.ifname, ifname))
				return true;
	}
	return false;
}

/* A helper that was killed may have had them on the interface itself. */
static void clear_lower(struct xhad *x, const struct xha_elect *e)
{
	const struct xha_conf_standby *sb;
	const struct xha_conf_group *conf;
	unsigned int place, v, ifindex = if_nametoindex(e->ifname);

	conf = place_of(e, &place);
	sb = &conf->standbys[place];
	for (v = 0; ifindex && v < sb->n_vips; v++) {
		x->moved = x->moved || xha_vip_has(ifindex, &sb->vips[v]);
		xha_vip_del(x->rt, ifindex, &sb->vips[v]);
	}
}

static int start_group(struct xhad *x, struct xha_role *role)
{
	const struct xha_conf_standby *sb;
	struct xha_vmac_want want;
	struct xha_elect *e;
	unsigned int s;
	int err;

	for (s = 0; s < role->conf->n_standbys; s++) {
		sb = &role->conf->standbys[s];
		e = role->elects[s];
		if (sb->use_bia)
			continue;
		xha_vmac_want(&want, role->conf, s);
		memcpy(e->vmac.ifname, want.name, sizeof(e->vmac.ifname));
		err = ensure(x, e);
		/* An interface may appear later, and gets its macvlan then. */
		if (err && err != -ENODEV)
			return err;
	}
	return 0;
}

/**
 * xha_vmacs_start - make or find the macvlans of all elections
 * @x: the helper, its elections set up
 *
 * Before any role: what is not possible here keeps the helper from starting.
 * Then what earlier helpers left in another way is removed.
 *
 * Return: 0 or -errno, after logging why; then what was made is removed.
 */
int xha_vmacs_start(struct xhad *x)
{
	const struct xha_role *role;
	unsigned int g, s;
	int err;

	for (g = 0; g < x->conf.n_groups; g++) {
		err = start_group(x, &x->groups[g].role);
		if (err) {
			xha_vmacs_finish(x);
			return err;
		}
	}
	for (g = 0; g < x->conf.n_groups; g++) {
		role = &x->groups[g].role;
		for (s = 0; s < role->n_elects; s++)
			if (uses_vmac(role->elects[s]))
				clear_lower(x, role->elects[s]);
	}
	x->moved = xha_vmac_sweep(x->rt, is_wanted, x) || x->moved;
	return 0;
}

/**
 * xha_vmacs_resume - groups that are active at the start go on
 * @x: the helper, its roles started
 *
 * Where VIPs have another MAC address than before, the LAN has to know at once.
 * Else the helper before may have died between taking the role and telling of
 * it; which can wait until no other active that would win was heard.
 */
void xha_vmacs_resume(struct xhad *x)
{
	struct xha_role *role;
	unsigned int g;

	for (g = 0; g < x->conf.n_groups; g++) {
		role = &x->groups[g].role;
		if (role->mode == XHA_ROLE_STANDBY || role->unsure_us)
			continue;
		xha_vmacs_speak(&x->groups[g]);
		if (x->moved)
			role->host->announce(role);
		else
			xha_host_announce_later(&x->groups[g]);
	}
}

/**
 * xha_vmacs_ready - see to it that an election has its macvlan
 * @x: the helper
 * @e: the election, whose interface is there
 * @lost: set where it was gone, or is another one now
 *
 * Where that failed it is tried again when an interface changes, but not for
 * what the failed try itself has changed.
 *
 * Return: true if it is there, or none is wanted.
 */
bool xha_vmacs_ready(struct xhad *x, struct xha_elect *e, bool *lost)
{
	unsigned int old = e->vmac.ifindex;
	__u64 now = xha_log_now_us();
	int err;

	*lost = false;
	if (!uses_vmac(e))
		return true;
	if (old && if_nametoindex(e->vmac.ifname) == old)
		return true;
	*lost = old;
	e->vmac.carries = false;
	if (!old && now < e->vmac.retry_us)
		return false;
	err = ensure(x, e);
	if (err && err != -ENODEV)
		e->vmac.retry_us = now + XHA_VMAC_RETRY_US;
	return !err;
}

/**
 * xha_vmacs_ifindex - where an election's VIPs belong
 * @e: the election
 *
 * Return: its macvlan or its interface as they are now; 0 if not there.
 */
unsigned int xha_vmacs_ifindex(const struct xha_elect *e)
{
	return uses_vmac(e) ? e->vmac.ifindex : if_nametoindex(e->ifname);
}

static void log_state(const struct xha_elect *e, bool up, int err)
{
	xha_log_err("group %s: cannot set %s %s: %s",
		    xha_role_name(e->role), e->vmac.ifname,
		    up ? "up" : "down", err == -EEXIST ?
		    "its MAC address is in use on this interface" :
		    strerror(-err));
}

/**
 * xha_vmacs_up - set an election's macvlan up, before VIPs are put on it
 * @g: the group
 * @e: its election
 *
 * Return: 0, also where it has none, or -errno after logging why, unless VIPs
 * were missing before.
 */
int xha_vmacs_up(struct xhad_group *g, struct xha_elect *e)
{
	int err;

	if (g->linger_timer)
		sd_event_source_set_enabled(g->linger_timer, SD_EVENT_OFF);
	if (!uses_vmac(e))
		return 0;
	err = e->vmac.ifindex ?
	      xha_vmac_set_up(g->xhad->rt, &e->vmac, true) : -ENODEV;
	if (err) {
		if (!g->role.missing)
			log_state(e, true, err);
		return err;
	}
	if (!e->vmac.carries)
		e->vmac.quiet_us = xha_log_now_us() + XHA_VMAC_QUIET_US;
	e->vmac.carries = true;
	return 0;
}

/**
 * xha_vmacs_speak - a group's VIPs are, or were, announced
 * @g: the group
 */
void xha_vmacs_speak(struct xhad_group *g)
{
	unsigned int s;

	for (s = 0; s < g->role.n_elects; s++)
		g->role.elects[s]->vmac.quiet_us = 0;
}

/**
 * xha_vmacs_down - set a group's macvlans down
 * @g: the group
 *
 * Before the VIPs are taken off them: the kernel reports each group of
 * multicast that an address leaves, and a switch that hears this after the
 * other node's announcement would look for the virtual MAC here again.
 */
void xha_vmacs_down(struct xhad_group *g)
{
	struct xha_elect *e;
	unsigned int s;
	int err;

	if (g->linger_timer)
		sd_event_source_set_enabled(g->linger_timer, SD_EVENT_OFF);
	for (s = 0; s < g->role.n_elects; s++) {
		e = g->role.elects[s];
		e->vmac.carries = false;
		if (!uses_vmac(e) || !e->vmac.ifindex)
			continue;
		err = xha_vmac_set_up(g->xhad->rt, &e->vmac, false);
		if (err && err != -ENODEV)
			log_state(e, false, err);
	}
}

static int on_linger_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	xha_vmacs_down(arg);
	return 0;
}

/**
 * xha_vmacs_linger - go on hearing, not sending, for a while
 * @g: the group, whose role has just been given to the peer
 *
 * Until switches know where the virtual MAC is now, frames for it come here,
 * and the kernel sends on what is in them. They must get as far as that.
 */
void xha_vmacs_linger(struct xhad_group *g)
{
	unsigned int s;
	int err;

	for (s = 0; s < g->role.n_elects; s++)
		g->role.elects[s]->vmac.carries = false;
	if (!g->linger_timer)
		err = sd_event_add_time_relative(g->xhad->event,
						 &g->linger_timer,
						 CLOCK_MONOTONIC, LINGER_US,
						 1000, on_linger_timer, g);
	else
		err = sd_event_source_set_time_relative(g->linger_timer,
							LINGER_US);
	if (err >= 0)
		err = sd_event_source_set_enabled(g->linger_timer,
						  SD_EVENT_ONESHOT);
	if (err < 0)
		xha_vmacs_down(g);
}

static bool lingers(const struct xhad_group *g)
{
	int on = SD_EVENT_OFF;

	if (g->linger_timer)
		sd_event_source_get_enabled(g->linger_timer, &on);
	return on != SD_EVENT_OFF;
}

/**
 * xha_vmacs_finish - remove the macvlans at the helper's exit
 * @x: the helper
 *
 * Not those that are up: an active kernel goes on with the VIPs on them.
 */
void xha_vmacs_finish(struct xhad *x)
{
	const struct xha_role *role;
	struct xha_elect *e;
	unsigned int g, s;

	for (g = 0; g < x->conf.n_groups; g++) {
		role = &x->groups[g].role;
		if (lingers(&x->groups[g]))
			xha_vmacs_down(&x->groups[g]);
		for (s = 0; s < role->n_elects; s++) {
			e = role->elects[s];
			if (uses_vmac(e) && e->vmac.ifindex)
				xha_vmac_remove(x->rt, e->vmac.ifname);
			e->vmac.ifindex = 0;
		}
	}
}
