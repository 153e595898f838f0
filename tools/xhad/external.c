// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "external.h"
#include "log.h"

/* How often is looked whether a peer that syncs has become hot. */
#define HOT_CHECK_MS	50

static const char *const order_names[EXTERNAL_ORDER_END] = {
	[EXTERNAL_NONE]		= "none",
	[EXTERNAL_ACTIVE]	= "active",
	[EXTERNAL_STANDBY]	= "standby",
	[EXTERNAL_FAULT]	= "fault",
};

/**
 * external_order_name - a word as xha role has it
 * @order: the word
 *
 * Return: its name, "none" where nothing was said.
 */
const char *external_order_name(enum external_order order)
{
	return order_names[order];
}

/**
 * external_order_parse - a word by its name
 * @name: active, standby or fault
 * @order: result
 *
 * Return: 0 or -EINVAL.
 */
int external_order_parse(const char *name, enum external_order *order)
{
	unsigned int i;

	for (i = EXTERNAL_ACTIVE; i < EXTERNAL_ORDER_END; i++)
		if (!strcmp(name, order_names[i])) {
			*order = i;
			return 0;
		}
	return -EINVAL;
}

static const struct external_lan *lan_of(const struct xha_elect *e)
{
	return (const struct external_lan *)e;
}

/**
 * external_lan - what an interface is beside what the group sees of it
 * @e: of a group that another program elects
 *
 * Return: its other half.
 */
struct external_lan *external_lan(struct xha_elect *e)
{
	return (struct external_lan *)e;
}

/* The group has one word, however many interfaces: the first speaks for all. */
static bool leads(const struct xha_elect *e)
{
	return e == e->role->elects[0];
}

static void keep_fault(struct external *x, bool fault)
{
	int err = x->io->keep_fault(x, fault);

	if (err)
		xha_log_warn("group %s: a restart of xhad will forget that it was told %s: %s",
			     xha_role_name(x->role),
			     fault ? "fault" : "something else than fault",
			     strerror(-err));
}

static void replace(struct external *x, enum external_order order, bool told,
		    const char *cause)
{
	bool was_fault = x->order == EXTERNAL_FAULT;
	bool is_fault = order == EXTERNAL_FAULT;

	snprintf(x->cause, sizeof(x->cause), "%s", cause);
	x->told = told;
	x->yielded = false;
	if (x->order == order)
		return;
	xha_log_info("group %s: to be %s: %s", xha_role_name(x->role),
		     order_names[order], cause);
	x->order = order;
	x->serial++;
	x->reached = false;
	x->tried = false;
	x->failed[0] = '\0';
	x->since_us = x->role->host->now_us(x->role);
	if (was_fault != is_fault)
		keep_fault(x, is_fault);
}

static bool peer_state_is(const struct external *x, bool (*is)(__u32 state))
{
	return is(xha_role_peer_state(x->role));
}

static bool is_active(__u32 state)
{
	return state == XFRM_HA_STATE_ACTIVE || state == XFRM_HA_STATE_HANDOVER;
}

/* Not hot yet, and nothing says that it will not be. */
static bool is_syncing(__u32 state)
{
	return state == XFRM_HA_STATE_NEGOTIATION ||
	       state == XFRM_HA_STATE_STANDBY_COLD ||
	       state == XFRM_HA_STATE_STANDBY_BULK;
}

/* ---- what the group asks for and tells ---- */

static void tell_neighbour(struct external_lan *lan)
{
	if (lan->elect.conf->neighbour.len && lan->elect.ifindex)
		xha_role_neighbour(lan->external->role, &lan->elect,
				   lan->elect.conf->neighbour);
}

static void start(struct xha_elect *e)
{
	e->running = true;
	tell_neighbour(external_lan(e));
}

static void stop(struct xha_elect *e)
{
	e->running = false;
}

/*
 * The role comes from the kernel unasked where the peer has handed it over, or
 * it was kept over a restart of the helper; in fault it is given up again.
 */
static void grant(struct xha_elect *e, bool coup)
{
	struct external *x = lan_of(e)->external;
	bool kept = e->role->resumed && x->order == EXTERNAL_NONE;

	if (!leads(e) || x->order == EXTERNAL_FAULT)
		return;
	if (x->order != EXTERNAL_ACTIVE)
		replace(x, EXTERNAL_ACTIVE,
			kept && e->role->mode == XHA_ROLE_ACTIVE,
			kept ? "resumed" : "handed over by the peer");
	x->reached = true;
	x->yielded = false;
}

/*
 * Who was active and is no more without having been told has been superseded.
 * The word it was given still counts, but not against a peer that is active.
 */
static void release(struct xha_elect *e)
{
	struct external *x = lan_of(e)->external;

	if (!leads(e) || x->order != EXTERNAL_ACTIVE)
		return;
	if (!x->reached)
		;	/* told so since the role began to go */
	else if (x->told)
		x->yielded = true;
	else
		replace(x, EXTERNAL_STANDBY, false, "the peer took over");
	xha_role_kick(x->role);
}

static bool silent(const struct xha_elect *e)
{
	return true;
}

static bool claims(const struct xha_elect *e)
{
	const struct external *x = lan_of(e)->external;

	return x->order == EXTERNAL_ACTIVE &&
	       !(x->yielded && peer_state_is(x, is_active));
}

static bool preempts(const struct xha_elect *e)
{
	return false;
}

static void prioritize(struct xha_elect *e, unsigned int priority)
{
	e->priority = priority;
}

static const struct xha_elect_ops elect_ops = {
	.start		= start,
	.stop		= stop,
	.grant		= grant,
	.release	= release,
	.silent		= silent,
	.claims		= claims,
	.preempts	= preempts,
	.prioritize	= prioritize,
};

/**
 * external_init - set up
 * @x: to be set up
 * @role: its group, conf and host set
 * @io: what outlives the helper
 */
void external_init(struct external *x, struct xha_role *role,
		   const struct external_io_ops *io)
{
	memset(x, 0, sizeof(*x));
	x->role = role;
	x->io = io;
	/* Addresses decide nothing here, whatever their order is. */
	role->split_told = true;
}

/**
 * external_add - add an interface
 * @x: from external_init()
 * @conf: its addresses
 *
 * Return: it, for the group.
 */
struct xha_elect *external_add(struct external *x,
			       const struct xha_conf_standby *conf)
{
	struct external_lan *lan = &x->lans[x->n_lans++];

	lan->elect.conf = conf;
	lan->external = x;
	lan->elect.ops = &elect_ops;
	lan->elect.role = x->role;
	lan->elect.ifname = conf->interface;
	return &lan->elect;
}

/**
 * external_link - an interface is, or has changed
 * @lan: the interface
 * @link: as it is now
 * @first: the helper starts
 *
 * To the group it is always there: what elects decides what its loss means.
 * VIPs that xhad moves are put back on an interface that was gone.
 */
void external_link(struct external_lan *lan, const struct xha_link *link,
		   bool first)
{
	struct xha_elect *e = &lan->elect;
	struct xha_role *role = lan->external->role;
	bool other = link->ifindex != e->ifindex;
	bool back = link->up && (other || !lan->carrier);

	if (other)
		e->peer.len = 0;
	e->ifindex = link->ifindex;
	e->addr = link->addr;
	memcpy(e->mac, link->mac, sizeof(e->mac));
	lan->carrier = link->up;
	if (first) {
		xha_role_link(role, e, true);
		return;
	}
	if (other)
		tell_neighbour(lan);
	if (!back || role->mode == XHA_ROLE_STANDBY || role->unsure_us ||
	    !role->conf->move_vips)
		return;
	if (xha_role_add_vips(role) >= 0)
		role->host->announce(role);
}

/**
 * external_recall_fault - fault was the last word to a helper before this one
 * @x: before the group starts
 */
void external_recall_fault(struct external *x)
{
	x->order = EXTERNAL_FAULT;
	x->told = true;
	x->since_us = x->role->host->now_us(x->role);
	snprintf(x->cause, sizeof(x->cause), "resumed");
	xha_log_warn("group %s: to be fault: told so before xhad restarted",
		     xha_role_name(x->role));
}

/**
 * external_tell - somebody says what this node is to be
 * @x: of the group
 * @order: active, standby or fault
 *
 * The word before is replaced. The same word again changes nothing, except
 * that active is no longer an old word to a node that had yielded.
 *
 * Return: number of this word, for external_outcome().
 */
__u64 external_tell(struct external *x, enum external_order order)
{
	replace(x, order, true, "xha role");
	if (order == EXTERNAL_ACTIVE)
		x->role->elects[0]->cue.words = "told active";
	/* Its elections may not have begun yet: role_resume.c. */
	if (order == EXTERNAL_ACTIVE && x->role->mode == XHA_ROLE_ACTIVE)
		x->reached = true;
	external_pursue(x);
	if (order == EXTERNAL_ACTIVE)
		xha_role_kick(x->role);
	return x->serial;
}

static void on_handed(void *arg, const char *error)
{
	struct external *x = arg;

	if (error)
		snprintf(x->failed, sizeof(x->failed), "%s", error);
}

/* True while giving the role up has to wait. */
static bool hand_over(struct external *x)
{
	struct xha_role *role = x->role;
	__u64 waited = role->host->now_us(role) - x->since_us;

	if (x->tried)
		return false;
	if (xha_role_peer_hot(role)) {
		x->tried = true;
		return !xha_role_switchover(role, on_handed, x);
	}
	if (waited >= role->conf->grace_ms * 1000ULL ||
	    !peer_state_is(x, is_syncing))
		return false;
	role->host->arm(role, HOT_CHECK_MS);
	return true;
}

/**
 * external_pursue - do what the last word asks for and is not done yet
 * @x: of the group
 *
 * To be called after whatever may have changed the role. What leads to active
 * the group does by itself.
 */
void external_pursue(struct external *x)
{
	char cause[sizeof(x->failed) + 64];

	if (x->role->mode != XHA_ROLE_ACTIVE ||
	    (x->order != EXTERNAL_STANDBY && x->order != EXTERNAL_FAULT))
		return;
	if (x->order == EXTERNAL_STANDBY && hand_over(x))
		return;
	snprintf(cause, sizeof(cause), "told %s%s%s", order_names[x->order],
		 *x->failed ? ", and the hand-over failed: " : "", x->failed);
	xha_role_give_up(x->role, cause);
}

static bool is_reached(const struct external *x)
{
	const struct xha_role *role = x->role;

	if (x->order == EXTERNAL_ACTIVE)
		return role->mode == XHA_ROLE_ACTIVE;
	return role->mode == XHA_ROLE_STANDBY && role->kernel_standby;
}

static void say_why_pending(struct external *x, char *why, size_t size)
{
	const struct xha_role *role = x->role;

	if (role->mode == XHA_ROLE_GIVING)
		snprintf(why, size, "a hand-over to the peer is under way");
	else if (x->order == EXTERNAL_ACTIVE && role->defer_us)
		snprintf(why, size,
			 "the peer is active and has not handed over yet");
	else if (role->mode == XHA_ROLE_ACTIVE)
		snprintf(why, size, "waiting for the peer to become hot");
	else
		snprintf(why, size, "%s", *role->refused ? role->refused :
			 "not yet begun");
}

/**
 * external_outcome - what has become of a word
 * @x: of the group
 * @serial: the word, from external_tell()
 * @why: unless it is followed: why not, or what has replaced it
 * @size: bytes at @why
 *
 * Return: whether the kernel, and the VIPs where xhad moves them, are as it
 * said.
 */
enum external_outcome external_outcome(struct external *x, __u64 serial,
				       char *why, size_t size)
{
	*why = '\0';
	if (x->serial != serial) {
		snprintf(why, size, "replaced by \"%s\" (%s)",
			 order_names[x->order], x->cause);
		return EXTERNAL_REPLACED;
	}
	if (is_reached(x))
		return EXTERNAL_REACHED;
	say_why_pending(x, why, size);
	return EXTERNAL_PENDING;
}
