// SPDX-License-Identifier: GPL-2.0-only
/* What tracked objects do to a group. */
#include <stdio.h>

#include "log.h"
#include "role.h"
#include "track.h"

static void on_given(void *arg, const char *error)
{
	struct xha_role *role = arg;

	/* Not in agreement, then: the tick gives up the role. */
	if (error)
		role->host->arm(role, 0);
}

/**
 * xha_role_hold - keep the node from the role, or no longer
 * @role: the group
 * @cause: why, or NULL to let it take part again
 *
 * An active node whose peer is hot hands over, and loses nothing. Without such
 * a peer, or where that fails, it gives up all elections.
 */
void xha_role_hold(struct xha_role *role, const char *cause)
{
	bool was_held = *role->held;

	if (!cause && !was_held)
		return;
	snprintf(role->held, sizeof(role->held), "%s", cause ? cause : "");
	if (cause && !was_held && xha_role_peer_hot(role)) {
		xha_log_warn("group %s: hands over the role: %s",
			     role->conf->name, cause);
		xha_role_switchover(role, on_given, role);
		return;
	}
	/* A hand-over under way ends by itself, and looks then. */
	if (role->mode != XHA_ROLE_GIVING)
		role->host->arm(role, 0);
}

/**
 * xha_role_wait - not all is known that decides whether to take part
 * @role: the group
 * @waits: whether it is so
 */
void xha_role_wait(struct xha_role *role, bool waits)
{
	bool waited = role->waits;

	role->waits = waits;
	if (waited && !waits && role->mode != XHA_ROLE_GIVING)
		role->host->arm(role, 0);
}

/**
 * xha_role_lower - lower the priorities of all elections
 * @role: the group
 * @decrement: by so much below what is configured; 0: not at all
 */
void xha_role_lower(struct xha_role *role, unsigned int decrement)
{
	struct xha_elect *e;
	unsigned int i, priority;

	for (i = 0; i < role->n_elects; i++) {
		e = role->elects[i];
		priority = xha_track_priority(&role->conf->standbys[i],
					      decrement);
		if (e->priority != priority)
			e->ops->prioritize(e, priority);
	}
}
