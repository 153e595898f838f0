// SPDX-License-Identifier: GPL-2.0-only
/*
 * A helper starts, and its kernel may have the group already. An active one
 * goes on. Where the peer is active as well, both took over while neither knew
 * of the other, and one of them has to give up the role. Only the kernels know
 * which is the older: it says so again and again, and the helper there must
 * listen before it does anything for the group. What the kernel has heard of it
 * stands, though the peer may be out of reach again.
 */
#include "change.h"
#include "log.h"
#include "role.h"
#include "role_conf.h"

/* The kernels of two actives tell each other every 2 s (SYNC_RETRY there). */
#define UNSURE_US	8000000
#define UNSURE_CHECK_MS	100

static bool peer_is_active(struct xha_role *role)
{
	return xha_role_peer_state(role) == XFRM_HA_STATE_ACTIVE;
}

static bool is_superseded(struct xha_role *role)
{
	struct xha_nl_group group;

	return !role->kernel->group_get(role->kernel_arg, role->conf->id,
					&group) && group.superseded;
}

static void resume_active(struct xha_role *role, const struct xha_nl_group *group)
{
	bool in_handover = group->state == XFRM_HA_STATE_HANDOVER;

	xha_log_info("group %s: resumed as active", role->conf->name);
	if (group->superseded) {
		xha_role_enter(role, XHA_ROLE_ACTIVE, "resumed");
		xha_role_superseded(role);
		return;
	}
	/* In a hand-over the peer may be so already, as agreed. */
	if (!in_handover && peer_is_active(role)) {
		xha_log_warn("group %s: the peer is active, too: waits for the kernels to say who is the later",
			     role->conf->name);
		role->kernel_standby = false;
		role->unsure_us = role->host->now_us(role) + UNSURE_US;
		xha_role_enter(role, XHA_ROLE_ACTIVE,
			       "resumed, and the peer is active, too");
		role->host->arm(role, UNSURE_CHECK_MS);
		return;
	}
	xha_role_follow(role, "resumed");
	if (in_handover)
		xha_role_giving(role, "resumed");
}

/**
 * xha_role_is_unsure - tell whether this node waits to hear which active stays
 * @role: the group
 *
 * Arms the tick while it does. Ends the waiting when there is no other active
 * any more, when this node must not be active anyway, or when its kernel had
 * time enough to say that the peer's is the later: then it goes on. Gives way
 * where the kernel has said so already.
 *
 * Return: true while it waits.
 */
bool xha_role_is_unsure(struct xha_role *role)
{
	bool rival;

	if (!role->unsure_us)
		return false;
	if (is_superseded(role)) {
		xha_role_superseded(role);
		return false;
	}
	rival = peer_is_active(role);
	if (rival && !*role->held &&
	    role->host->now_us(role) < role->unsure_us) {
		role->host->arm(role, UNSURE_CHECK_MS);
		return true;
	}
	role->unsure_us = 0;
	if (*role->held)
		return false;
	role->rival = rival;
	xha_role_follow(role, rival ? "the later of two actives" :
			"the peer is active no more");
	role->host->announce(role);
	return false;
}

/**
 * xha_role_start - create the group in the kernel, or resume it
 * @role: the group, all fields up to n_elects set, the rest zero
 *
 * A group the kernel already has keeps its role: an active one gets its VIPs
 * again and nothing else happens to it. If the peer is active as well that
 * waits until the kernels have settled who remains so. Elections start with
 * their links.
 *
 * Return: 0, or -errno when the kernel refuses the group.
 */
int xha_role_start(struct xha_role *role)
{
	struct xha_nl_group group = { .role = XFRM_HA_ROLE_INIT };
	int err;

	err = xha_role_conf_apply(role, &group);
	if (err) {
		xha_log_err("group %s: the kernel refuses it: %s",
			    role->conf->name, xha_role_why(role, err));
		return err;
	}
	if (group.role == XFRM_HA_ROLE_ACTIVE) {
		resume_active(role, &group);
		return 0;
	}
	/* VIPs without the role may be left from a helper that was killed. */
	role->host->vips_down(role);
	role->kernel_standby = group.role == XFRM_HA_ROLE_STANDBY;
	xha_role_note(role, "resumed");
	if (role->kernel_standby)
		xha_log_info("group %s: resumed as standby", role->conf->name);
	return 0;
}
