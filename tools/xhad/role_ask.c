// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preempting without loss: the node that may replace the active asks it for a
 * hand-over first, and takes the role itself only if none comes.
 */
#include "log.h"
#include "role.h"

/* The kernels' hand-over takes much less, or has failed by then. */
#define ASK_LIMIT_US	2000000
/* It may not have heard yet that this node is hot, or not the coup. */
#define ASK_AGAIN_US	500000
/* Who asks all the time must not keep the active busy with it. */
#define ANSWER_GAP_US	10000000

static void ask_all(struct xha_role *role)
{
	struct xha_elect *e;
	unsigned int i;

	for (i = 0; i < role->n_elects; i++) {
		e = role->elects[i];
		if (e->ops->ask)
			e->ops->ask(e);
	}
}

/*
 * The active is the peer, its kernel is heard, and this node could take over.
 * The first election, which leads the others, has a word for asking.
 */
static bool can_ask(struct xha_role *role)
{
	struct xha_nl_group group;

	return role->elects[0]->ops->ask &&
	       !role->kernel->group_get(role->kernel_arg, role->conf->id,
					&group) &&
	       group.state == XFRM_HA_STATE_STANDBY_HOT &&
	       group.peer_state == XFRM_HA_STATE_ACTIVE;
}

/**
 * xha_role_ask - before preempting, ask the active for a hand-over
 * @role: the group, a standby that may preempt
 *
 * Return: true while it may still come, and the tick is armed; false when this
 * node has to help itself.
 */
bool xha_role_ask(struct xha_role *role)
{
	__u64 now = role->host->now_us(role);

	if (!role->asked_us) {
		if (!can_ask(role))
			return false;
		xha_log_info("group %s: asks the active for a hand-over",
			     role->conf->name);
		role->asked_us = now;
		role->ask_us = now;
	}
	if (now - role->asked_us >= ASK_LIMIT_US)
		return false;
	if (now >= role->ask_us) {
		ask_all(role);
		role->ask_us = now + ASK_AGAIN_US;
	}
	role->host->arm(role, (role->ask_us - now) / 1000 + 1);
	return true;
}

/* Who asked takes over by itself if this has failed. */
static void on_outcome(void *arg, const char *error)
{
}

/**
 * xha_role_asked - a node of higher priority wants to replace this one
 * @role: the group
 * @e: the election that heard it
 * @addr: the other node
 */
void xha_role_asked(struct xha_role *role, struct xha_elect *e,
		    struct xha_addr addr)
{
	__u64 now = role->host->now_us(role);
	char text[XHA_ADDR_STRLEN];

	if (!xha_role_peer_hot(role)) {
		xha_role_rival(role, e, addr);
		return;
	}
	if (role->answered_us && now - role->answered_us < ANSWER_GAP_US)
		return;
	role->answered_us = now;
	xha_log_info("group %s: %s asks for the role on %s", role->conf->name,
		     xha_addr_format(&addr, text, sizeof(text)), e->ifname);
	xha_role_switchover(role, on_outcome, role);
}
