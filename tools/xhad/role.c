// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "log.h"
#include "role.h"
#include "role_conf.h"
#include "xha_names.h"

#define DEFER_CHECK_MS	50
#define RETRY_MS	500
/* The kernel bounds a hand-over itself; this catches a lost notification. */
#define GIVING_LIMIT_MS	5000

static __u64 now_us(struct xha_role *role)
{
	return role->host->now_us(role);
}

/**
 * xha_role_why - words for what the kernel has just refused
 * @role: the group
 * @err: the -errno it gave
 *
 * Return: the kernel's own, or those of @err.
 */
const char *xha_role_why(struct xha_role *role, int err)
{
	const char *text = role->kernel->error(role->kernel_arg);

	return text && *text ? text : strerror(-err);
}

static bool all_up(const struct xha_role *role)
{
	unsigned int i;

	/* What is active already need not wait for what may be well. */
	if (*role->held || role->unsure_us ||
	    (role->waits && role->mode == XHA_ROLE_STANDBY))
		return false;
	for (i = 0; i < role->n_elects; i++)
		if (!role->elects[i]->link_up)
			return false;
	return true;
}

static bool all_running(const struct xha_role *role)
{
	unsigned int i;

	for (i = 0; i < role->n_elects; i++)
		if (!role->elects[i]->running)
			return false;
	return true;
}

static void finish(struct xha_role *role, const char *error)
{
	xha_role_done_fn done = role->done;

	role->done = NULL;
	role->giving_us = 0;
	role->asked_us = 0;
	if (done)
		done(role->done_arg, error);
	if (*role->held || role->missing)
		role->host->arm(role, 0);
}

static void grant_all(struct xha_role *role, bool coup)
{
	unsigned int i;

	for (i = 0; i < role->n_elects; i++)
		role->elects[i]->ops->grant(role->elects[i], coup);
}

static void release_all(struct xha_role *role)
{
	unsigned int i;

	for (i = 0; i < role->n_elects; i++)
		role->elects[i]->ops->release(role->elects[i]);
}

static void stop_all(struct xha_role *role)
{
	unsigned int i;

	for (i = 0; i < role->n_elects; i++)
		role->elects[i]->ops->stop(role->elects[i]);
}

/* A step that will be tried again has failed. */
static void refuse(struct xha_role *role, const char *what, const char *reason)
{
	snprintf(role->refused, sizeof(role->refused), "%s%s", what, reason);
	xha_log_err("group %s: %s", role->conf->name, role->refused);
}

static void set_standby(struct xha_role *role)
{
	int err;

	err = role->kernel->role_set(role->kernel_arg, role->conf->id,
				     XFRM_HA_ROLE_STANDBY);
	role->kernel_standby = !err;
	xha_role_note(role, err ? "the kernel refuses the role" : "takes part");
	if (!err)
		return;
	refuse(role, "the kernel refuses the role standby: ",
	       xha_role_why(role, err));
	role->host->arm(role, RETRY_MS);
}

/* What concerns an active node only. */
static void forget(struct xha_role *role)
{
	role->missing = 0;
	role->unsure_us = 0;
	role->rival = false;
}

/*
 * Gate first, then the addresses; only then may the elections tell others.
 * Ends with all elections stopped (@stop) or as candidates.
 */
static void demote(struct xha_role *role, const char *cause, bool stop)
{
	xha_log_warn("group %s: gives up the role: %s", role->conf->name,
		     cause);
	set_standby(role);
	role->host->vips_down(role);
	forget(role);
	xha_role_enter(role, XHA_ROLE_STANDBY, cause);
	if (stop)
		stop_all(role);
	else
		release_all(role);
	finish(role, cause);
}

/* The kernel has given the role away already. */
static void given(struct xha_role *role, const char *cause, const char *error)
{
	role->host->vips_give(role);
	forget(role);
	role->kernel_standby = true;
	xha_role_enter(role, XHA_ROLE_STANDBY, cause);
	if (*role->held)
		stop_all(role);
	else
		release_all(role);
	xha_log_info("group %s: standby: %s", role->conf->name, cause);
	finish(role, error);
}

/* Kernel, addresses, neighbours, peers; each step undone if a later fails. */
static void take(struct xha_role *role, bool coup)
{
	__u64 begin = now_us(role);
	int err;

	xha_log_info("group %s: takeover: begin", role->conf->name);
	role->retry_us = 0;
	role->defer_us = 0;
	err = role->kernel->role_set(role->kernel_arg, role->conf->id,
				     XFRM_HA_ROLE_ACTIVE);
	if (err) {
		refuse(role, "takeover: the kernel refuses: ",
		       xha_role_why(role, err));
		goto err_retry;
	}
	xha_log_info("group %s: takeover: adopted in %llu us",
		     role->conf->name, now_us(role) - begin);
	role->kernel_standby = false;
	err = xha_role_add_vips(role);
	if (err < 0) {
		refuse(role, "takeover: cannot add the VIPs: ", strerror(-err));
		goto err_role;
	}
	if (role->conf->move_vips)
		xha_log_info("group %s: takeover: VIPs up after %llu us",
			     role->conf->name, now_us(role) - begin);
	xha_role_enter(role, XHA_ROLE_ACTIVE, NULL);
	role->refused[0] = '\0';
	role->host->announce(role);
	grant_all(role, coup);
	return;

err_role:
	role->missing = 0;
	set_standby(role);
err_retry:
	role->retry_us = now_us(role) + RETRY_MS * 1000;
	role->host->arm(role, RETRY_MS);
}

/**
 * xha_role_follow - be what the kernel is already: active
 * @role: the group
 * @cause: how that came
 */
void xha_role_follow(struct xha_role *role, const char *cause)
{
	role->kernel_standby = false;
	role->defer_us = 0;
	xha_role_enter(role, XHA_ROLE_ACTIVE, cause);
	xha_role_add_vips(role);
}

static void taken(struct xha_role *role)
{
	int err;

	if (role->mode == XHA_ROLE_STANDBY) {
		xha_role_follow(role, "received in a hand-over");
		xha_log_info("group %s: active: received in a hand-over",
			     role->conf->name);
	}
	err = role->kernel->vip_up(role->kernel_arg, role->conf->id);
	if (err)
		xha_log_warn("group %s: VIP_UP: %s", role->conf->name,
			     xha_role_why(role, err));
	grant_all(role, false);
	/* The kernel that accepted it knows of neither. */
	if (*role->held || !all_up(role))
		role->host->arm(role, 0);
}

/*
 * Up to what age a sign of life of the peer's kernel (a keepalive every 50 ms)
 * proves that only its helper is gone: a box that died fell silent on all ways
 * at once, so at the end of the hold time its kernel was heard about a hold
 * time ago. Half of that tells the two apart on any machine, however slow. Once
 * that is settled, only a silence of a whole hold time says that the box died
 * after its helper: one stall must not be enough in dozens of looks.
 */
static unsigned int fresh_ms(const struct xha_role *role)
{
	unsigned int i, hold = UINT_MAX;

	for (i = 0; i < role->conf->n_standbys; i++)
		if (role->conf->standbys[i].hold_ms < hold)
			hold = role->conf->standbys[i].hold_ms;
	return role->defer_us ? hold : hold / 2;
}

/*
 * True while the takeover should wait: nobody hears the active, but its kernel
 * is active and heard, so traffic flows. Where its helper says nothing it may
 * be restarting. Where that lives it knows what is heard, and hands over if
 * this node is better off (hearing.h).
 */
static bool deferred(struct xha_role *role)
{
	struct xha_nl_group group;
	struct xha_nl_peer peer;

	if ((!role->conf->grace_ms && !role->peer_helper) ||
	    role->kernel->group_get(role->kernel_arg, role->conf->id, &group) ||
	    role->kernel->peer_get(role->kernel_arg, &peer))
		return false;
	if (group.peer_state != XFRM_HA_STATE_ACTIVE &&
	    group.peer_state != XFRM_HA_STATE_HANDOVER)
		return false;
	if (peer.state != XFRM_HA_PEER_STATE_UP || !peer.has_heard ||
	    peer.heard_ms > fresh_ms(role))
		return false;
	if (!role->defer_us) {
		role->defer_us = now_us(role);
		xha_log_warn("group %s: takeover put off for up to %u ms, or while the peer's helper lives: its kernel is active and heard",
			     role->conf->name, role->conf->grace_ms);
	}
	return role->peer_helper ||
	       now_us(role) - role->defer_us <
	       (__u64)role->conf->grace_ms * 1000;
}

static bool all_silent(const struct xha_role *role)
{
	unsigned int i;

	for (i = 0; i < role->n_elects; i++)
		if (!role->elects[i]->ops->silent(role->elects[i]))
			return false;
	return true;
}

static bool may_preempt(struct xha_role *role)
{
	struct xha_nl_group group;
	struct xha_elect *e;
	unsigned int i;

	if (*role->muted)
		return false;
	for (i = 0; i < role->n_elects; i++) {
		e = role->elects[i];
		if (!e->ops->preempts(e) && (!i || !e->ops->silent(e)))
			return false;
	}
	if (role->kernel->group_get(role->kernel_arg, role->conf->id, &group))
		return false;
	e = role->elects[0];
	return group.state == XFRM_HA_STATE_STANDBY_HOT ||
	       (e->ops->insists && e->ops->insists(e));
}

static void consider(struct xha_role *role)
{
	struct xha_elect *lead = role->elects[0];
	__u64 now = now_us(role);

	if (!all_running(role))
		return;
	if (now < role->retry_us) {
		role->host->arm(role, (role->retry_us - now) / 1000 + 1);
		return;
	}
	if (lead->ops->claims(lead) && all_silent(role)) {
		if (deferred(role))
			role->host->arm(role, DEFER_CHECK_MS);
		else
			take(role, false);
		return;
	}
	if (role->defer_us)
		xha_log_info("group %s: takeover not needed: active heard again",
			     role->conf->name);
	role->defer_us = 0;
	if (!may_preempt(role))
		role->asked_us = 0;
	else if (!xha_role_ask(role))
		take(role, true);
}

static void start_all(struct xha_role *role)
{
	unsigned int i;

	for (i = 0; i < role->n_elects; i++)
		role->elects[i]->ops->start(role->elects[i]);
	if (role->mode != XHA_ROLE_STANDBY)
		grant_all(role, false);
	/* An election that could not start is tried again by the tick. */
	if (!all_running(role))
		role->host->arm(role, RETRY_MS);
}

/**
 * xha_role_tick - look again whether something is due
 * @role: the group
 *
 * Called by the host when the time asked for has come.
 */
void xha_role_tick(struct xha_role *role)
{
	__u64 limit = role->giving_us + GIVING_LIMIT_MS * 1000ULL;

	if (role->mode == XHA_ROLE_GIVING) {
		if (now_us(role) >= limit) {
			role->giving_us = now_us(role);
			role->host->arm(role, GIVING_LIMIT_MS);
			xha_role_resync(role);
		} else {
			role->host->arm(role, (limit - now_us(role)) / 1000 + 1);
		}
		return;
	}
	if (xha_role_is_unsure(role))
		return;
	if (role->mode == XHA_ROLE_ACTIVE && (*role->held || !all_up(role))) {
		demote(role, *role->held ? role->held : "a link is lost", true);
	} else if (*role->held) {
		xha_role_note(role, role->held);
		stop_all(role);
	}
	if (all_up(role) && !all_running(role))
		start_all(role);
	if (role->mode == XHA_ROLE_ACTIVE) {
		xha_role_retry_vips(role);
		return;
	}
	if (!role->kernel_standby)
		set_standby(role);
	if (role->kernel_standby)
		consider(role);
}

/**
 * xha_role_stop - end taking part, for a clean exit
 * @role: the group
 *
 * An active node says nothing: its kernel keeps the role and traffic goes on
 * until a helper is there again.
 */
void xha_role_stop(struct xha_role *role)
{
	xha_role_note(role, "the helper ends");
	if (role->mode == XHA_ROLE_STANDBY)
		stop_all(role);
	finish(role, role->cause);
}

/**
 * xha_role_link - an interface of the group was lost or found
 * @role: the group
 * @e: its election there; address and index are as they are now
 * @up: it can carry traffic
 *
 * To be called for each interface at start, too.
 */
void xha_role_link(struct xha_role *role, struct xha_elect *e, bool up)
{
	char cause[64];

	e->link_up = up;
	if (up) {
		if (all_up(role))
			start_all(role);
		if (role->mode == XHA_ROLE_STANDBY && !role->kernel_standby)
			set_standby(role);
		return;
	}
	snprintf(cause, sizeof(cause), "link of %s lost", e->ifname);
	xha_role_note(role, cause);
	if (role->mode != XHA_ROLE_STANDBY)
		demote(role, cause, true);
	else
		stop_all(role);
}

/**
 * xha_role_superseded - the kernel has heard of a later takeover by the peer
 * @role: the group
 */
void xha_role_superseded(struct xha_role *role)
{
	if (role->mode == XHA_ROLE_STANDBY)
		return;
	demote(role, "the peer took over later", false);
	/* Those of a node that was unsure have not begun yet. */
	if (!all_running(role))
		role->host->arm(role, 0);
}

static void sync_role(struct xha_role *role, bool lost)
{
	struct xha_nl_group group;
	int err;

	err = role->kernel->group_get(role->kernel_arg, role->conf->id,
				      &group);
	if (err) {
		xha_log_err("group %s: cannot read its state: %s",
			    role->conf->name, xha_role_why(role, err));
		return;
	}
	if (group.role == XFRM_HA_ROLE_ACTIVE) {
		if (role->mode == XHA_ROLE_STANDBY) {
			taken(role);
			if (lost || group.cause != XFRM_HA_CAUSE_HANDOVER)
				role->host->announce(role);
		} else if (role->mode == XHA_ROLE_ACTIVE && group.superseded) {
			xha_role_superseded(role);
		} else if (role->mode == XHA_ROLE_GIVING && lost &&
			   group.state != XFRM_HA_STATE_HANDOVER) {
			xha_role_enter(role, XHA_ROLE_ACTIVE,
				       "the hand-over failed");
			finish(role, role->cause);
		}
		return;
	}
	if (role->mode == XHA_ROLE_GIVING && !lost)
		return;
	if (role->mode != XHA_ROLE_STANDBY)
		given(role, "the kernel has the role no more", NULL);
	role->kernel_standby = group.role == XFRM_HA_ROLE_STANDBY;
	xha_role_note(role, "the kernel says so");
	if (!role->kernel_standby)
		role->host->arm(role, 0);
}

/**
 * xha_role_resync - do what lost notifications would have asked for
 * @role: the group
 */
void xha_role_resync(struct xha_role *role)
{
	sync_role(role, true);
}

static void handover_failed(struct xha_role *role,
			    const struct xha_nl_group *group)
{
	const char *reason = *group->reason ? group->reason : "no reason given";

	if (role->mode != XHA_ROLE_GIVING)
		return;
	xha_log_warn("group %s: hand-over failed, still active: %s",
		     role->conf->name, reason);
	xha_role_enter(role, XHA_ROLE_ACTIVE, reason);
	finish(role, reason);
}

/* Of two actives the other may be the one that was heard last. */
static void heed_rival(struct xha_role *role, __u32 peer_state)
{
	bool was_rival = role->rival;

	if (peer_state == XFRM_HA_STATE_ACTIVE)
		role->rival = true;
	else if (peer_state == XFRM_HA_STATE_STANDBY_COLD ||
		 peer_state == XFRM_HA_STATE_STANDBY_BULK ||
		 peer_state == XFRM_HA_STATE_STANDBY_HOT)
		role->rival = false;
	if (was_rival && !role->rival && !role->unsure_us)
		role->host->announce(role);
}

/**
 * xha_role_event - a notification of the kernel about the group
 * @role: the group
 * @event: the notification
 */
void xha_role_event(struct xha_role *role, const struct xha_nl_event *event)
{
	const struct xha_nl_group *g = &event->group;

	switch (event->event) {
	case XFRM_HA_EVENT_ROLE:
		/* In a hand-over TAKEN and HANDOVER_DONE say what to do. */
		if (g->cause != XFRM_HA_CAUSE_HANDOVER)
			sync_role(role, false);
		break;
	case XFRM_HA_EVENT_STATE:
		xha_log_info("group %s: state %s, peer %s%s%s",
			     role->conf->name, xha_names_state(g->state),
			     xha_names_state(g->peer_state),
			     *g->reason ? ": " : "", g->reason);
		if (role->mode == XHA_ROLE_STANDBY)
			role->host->arm(role, 0);
		else if (role->mode == XHA_ROLE_ACTIVE)
			heed_rival(role, g->peer_state);
		break;
	case XFRM_HA_EVENT_TAKEN:
		taken(role);
		break;
	case XFRM_HA_EVENT_ANNOUNCE:
		if (role->mode == XHA_ROLE_ACTIVE && !role->unsure_us)
			role->host->announce(role);
		break;
	case XFRM_HA_EVENT_HANDOVER_DONE:
		if (role->mode != XHA_ROLE_STANDBY)
			given(role, "handed over to the peer", NULL);
		break;
	case XFRM_HA_EVENT_HANDOVER_FAILED:
		handover_failed(role, g);
		break;
	case XFRM_HA_EVENT_SUPERSEDED:
		xha_role_superseded(role);
		break;
	}
}

/**
 * xha_role_giving - a hand-over to the peer is under way
 * @role: the group, active
 * @cause: who wants it
 */
void xha_role_giving(struct xha_role *role, const char *cause)
{
	xha_role_enter(role, XHA_ROLE_GIVING, cause);
	role->giving_us = now_us(role);
	role->host->arm(role, GIVING_LIMIT_MS);
}

/**
 * xha_role_switchover - give the role to the peer, planned
 * @role: the group
 * @done: called once with the outcome, maybe before this returns
 * @arg: passed to @done
 *
 * Return: 0 when under way; else -errno, and @done was called: -EINVAL when
 * this node is not active, -EBUSY when a hand-over is under way already, or
 * what the kernel said.
 */
int xha_role_switchover(struct xha_role *role, xha_role_done_fn done,
			void *arg)
{
	char text[192];
	int err;

	if (role->mode == XHA_ROLE_GIVING) {
		done(arg, "a hand-over is already under way");
		return -EBUSY;
	}
	if (role->mode != XHA_ROLE_ACTIVE) {
		snprintf(text, sizeof(text),
			 "this node is not active for group %s: run the command on the active node",
			 role->conf->name);
		done(arg, text);
		return -EINVAL;
	}
	/* The outcome may be notified before the command is acknowledged. */
	xha_role_giving(role, *role->held ? role->held :
			*role->muted ? role->muted : "hand-over asked for");
	err = role->kernel->handover(role->kernel_arg, role->conf->id);
	if (err) {
		snprintf(text, sizeof(text), "%s", xha_role_why(role, err));
		xha_role_enter(role, XHA_ROLE_ACTIVE, text);
		xha_log_warn("group %s: hand-over refused: %s",
			     role->conf->name, text);
		/* What the tick was armed for before. */
		role->host->arm(role, 0);
		done(arg, text);
		return err;
	}
	xha_log_info("group %s: hand-over begun", role->conf->name);
	role->done = done;
	role->done_arg = arg;
	return 0;
}

/**
 * xha_role_give_up - be no longer active, whatever the peer is
 * @role: the group; not in a hand-over
 * @cause: why, for the log
 */
void xha_role_give_up(struct xha_role *role, const char *cause)
{
	if (role->mode == XHA_ROLE_ACTIVE)
		demote(role, cause, false);
}

/**
 * xha_role_forget - do not report the outcome of a switchover any more
 * @role: the group
 * @arg: the argument of the caller who has gone
 */
void xha_role_forget(struct xha_role *role, void *arg)
{
	if (role->done_arg == arg)
		role->done = NULL;
}

/**
 * xha_role_peer_hot - whether a hand-over could succeed now
 * @role: the group
 *
 * Return: true when this node is active and its peer hot standby.
 */
bool xha_role_peer_hot(struct xha_role *role)
{
	struct xha_nl_group group;

	return role->mode == XHA_ROLE_ACTIVE &&
	       !role->kernel->group_get(role->kernel_arg, role->conf->id,
					&group) &&
	       group.peer_state == XFRM_HA_STATE_STANDBY_HOT;
}

/**
 * xha_role_peer_state - what the peer is, over a channel that works
 * @role: the group
 *
 * Return: &enum xfrm_ha_state; XFRM_HA_STATE_INIT while the channel is not
 * up, as what it was before says nothing, or where the kernel does not answer.
 */
__u32 xha_role_peer_state(struct xha_role *role)
{
	struct xha_nl_group group;
	struct xha_nl_peer peer;

	if (role->kernel->peer_get(role->kernel_arg, &peer) ||
	    peer.state != XFRM_HA_PEER_STATE_UP ||
	    role->kernel->group_get(role->kernel_arg, role->conf->id, &group))
		return XFRM_HA_STATE_INIT;
	return group.peer_state;
}

/**
 * xha_role_name - name of a group, for logs
 * @role: the group
 *
 * Return: its name in the configuration.
 */
const char *xha_role_name(const struct xha_role *role)
{
	return role->conf->name;
}

/**
 * xha_role_kick - an election has changed in a way that may move the group
 * @role: the group
 *
 * Only has the group looked at soon: the election is amid its own change.
 */
void xha_role_kick(struct xha_role *role)
{
	if (role->mode == XHA_ROLE_STANDBY)
		role->host->arm(role, 0);
}

/**
 * xha_role_rival - another node says it is active, and would win
 * @role: the group
 * @e: the election that heard it
 * @addr: the other node
 *
 * With the channel up the kernels decide by their epochs who stays, and say
 * so; else the rule of the election holds. In a hand-over it is no surprise.
 */
void xha_role_rival(struct xha_role *role, struct xha_elect *e,
		    struct xha_addr addr)
{
	char cause[128], text[XHA_ADDR_STRLEN];
	struct xha_nl_peer peer;

	if (role->mode != XHA_ROLE_ACTIVE)
		return;
	if (!role->kernel->peer_get(role->kernel_arg, &peer) &&
	    peer.state == XFRM_HA_PEER_STATE_UP)
		return;
	snprintf(cause, sizeof(cause), "%s is active too on %s, and wins",
		 xha_addr_format(&addr, text, sizeof(text)), e->ifname);
	demote(role, cause, false);
}

static bool is_higher(const struct xha_elect *e)
{
	return memcmp(e->addr.b, e->peer.b, sizeof(e->addr.b)) > 0;
}

/*
 * Equal priorities are decided by addresses, on each LAN by its own. Where
 * they disagree the group still moves as one, but maybe not as expected.
 */
static void check_order(struct xha_role *role)
{
	char a[4][XHA_ADDR_STRLEN];
	struct xha_elect *first = role->elects[0], *e;
	unsigned int i;

	for (i = 1; i < role->n_elects && !role->split_told; i++) {
		e = role->elects[i];
		if (!first->peer.len || !e->peer.len ||
		    is_higher(first) == is_higher(e))
			continue;
		role->split_told = true;
		xha_log_warn("group %s: address order differs: own %s, peer %s on %s, but own %s, peer %s on %s: with equal priorities %s decides for all",
			     role->conf->name,
			     xha_addr_format(&first->addr, a[0], sizeof(a[0])),
			     xha_addr_format(&first->peer, a[1], sizeof(a[1])),
			     first->ifname,
			     xha_addr_format(&e->addr, a[2], sizeof(a[2])),
			     xha_addr_format(&e->peer, a[3], sizeof(a[3])),
			     e->ifname, first->ifname);
	}
}

/**
 * xha_role_neighbour - the peer's real address on a LAN was heard
 * @role: the group
 * @e: the election of that LAN
 * @addr: the address
 *
 * Tells the kernel when it is news: a hand-over forwards packets there.
 */
void xha_role_neighbour(struct xha_role *role, struct xha_elect *e,
			struct xha_addr addr)
{
	struct xha_nl_group_conf kconf = { .set_neighs = true };
	unsigned int i;
	int err;

	e->heard_us = now_us(role);
	if (xha_addr_equal(&e->peer, &addr))
		return;
	kconf.id = role->conf->id;
	for (i = 0; i < role->n_elects; i++) {
		struct xha_elect *other = role->elects[i];
		struct xha_addr *peer = other == e ? &addr : &other->peer;

		if (!peer->len || !other->ifindex)
			continue;
		kconf.neighs[kconf.n_neighs].ifindex = other->ifindex;
		kconf.neighs[kconf.n_neighs++].addr = *peer;
	}
	err = role->kernel->group_set(role->kernel_arg, &kconf);
	if (err)
		xha_log_warn("group %s: cannot tell the kernel its neighbours: %s",
			     role->conf->name, xha_role_why(role, err));
	else
		e->peer = addr;
	check_order(role);
}
