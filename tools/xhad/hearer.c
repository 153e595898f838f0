// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "hearer.h"
#include "log.h"

/* Looks per hold time, and the longest time between two. */
#define LOOKS	4
#define LOOK_MS	1000
/* The kernel takes back what is not repeated within five seconds. */
#define TELL_US	1000000
/* A hand-over that failed will do so again for a while. */
#define TRY_US	10000000

/* Hold time of the slowest election: what lasts so long is no accident. */
static unsigned int hold_ms(const struct xha_hearer *h)
{
	const struct xha_conf_group *conf = h->role->conf;
	unsigned int i, hold = 0;

	for (i = 0; i < conf->n_standbys; i++)
		if (conf->standbys[i].hold_ms > hold)
			hold = conf->standbys[i].hold_ms;
	return hold;
}

/* The fastest one wants to be looked at several times per hold time. */
static unsigned int look_ms(const struct xha_hearer *h)
{
	const struct xha_conf_group *conf = h->role->conf;
	unsigned int i, ms = LOOK_MS;

	for (i = 0; i < conf->n_standbys; i++)
		if (conf->standbys[i].hold_ms / LOOKS < ms)
			ms = conf->standbys[i].hold_ms / LOOKS;
	return ms;
}

static enum xha_hearing_peer peer_on(const struct xha_hearer *h,
				     const struct xha_elect *e,
				     const struct xha_nl_group *group,
				     __u64 now)
{
	/*
	 * Where neither hears the other nobody knows whose fault it is. Who has
	 * given the role away for it must not ask for it back for the same.
	 */
	if (h->role->mode == XHA_ROLE_STANDBY && !*h->role->muted &&
	    e->running && group->peer_state == XFRM_HA_STATE_ACTIVE &&
	    e->ops->silent(e))
		return XHA_HEARING_LOST;
	if (e->heard_us && now - e->heard_us < e->conf->hold_ms * 1000ULL)
		return XHA_HEARING_HEARD;
	return XHA_HEARING_UNKNOWN;
}

static void listen_all(struct xha_hearer *h, const struct xha_nl_group *group,
		       __u64 now)
{
	struct xha_role *role = h->role;
	struct xha_hearing_lan *lan;
	unsigned int i;

	h->own.n = role->n_elects;
	for (i = 0; i < role->n_elects; i++) {
		lan = &h->own.lans[i];
		lan->witness = xha_witness_state(&h->witnesses[i], now);
		lan->peer = peer_on(h, role->elects[i], group, now);
	}
}

static void tell(struct xha_hearer *h, __u64 now)
{
	struct xha_nl_group_conf conf = {
		.id = h->role->conf->id,
		.set_hearing = true,
		.hearing = xha_hearing_pack(&h->own),
	};

	if (conf.hearing == h->told && now - h->told_us < TELL_US)
		return;
	/* What the kernel refuses is tried again at the next look. */
	if (h->role->kernel->group_set(h->role->kernel_arg, &conf))
		return;
	h->told = conf.hearing;
	h->told_us = now;
}

static const char *lan_name(const struct xha_hearer *h, unsigned int lan)
{
	return h->role->elects[lan]->ifname;
}

static void set_deaf(struct xha_hearer *h, bool deaf)
{
	char cause[128];

	if (deaf)
		snprintf(cause, sizeof(cause),
			 "no witness answers on %s, but the peer is answered",
			 lan_name(h, h->seen.lan));
	else if (h->acted.fault == XHA_HEARING_DEAF)
		xha_log_info("group %s: %s works again as well as the peer's",
			     h->role->conf->name, lan_name(h, h->acted.lan));
	xha_tracker_deaf(h->tracker, deaf ? cause : NULL);
}

static void unmute(struct xha_hearer *h, const char *why)
{
	if (*h->role->muted)
		xha_log_info("group %s: may preempt again: %s",
			     h->role->conf->name, why);
	h->role->muted[0] = '\0';
}

static void on_outcome(void *arg, const char *error)
{
	struct xha_hearer *h = arg;

	if (error)
		h->role->muted[0] = '\0';
}

/*
 * The standby may be the one that is deaf, so nothing is lost to learn it: only
 * a hot one gets the role, in a hand-over.
 */
static void give_unheard(struct xha_hearer *h, __u64 now)
{
	struct xha_role *role = h->role;

	if ((h->tried_us && now - h->tried_us < TRY_US) ||
	    !xha_role_peer_hot(role))
		return;
	h->tried_us = now;
	snprintf(role->muted, sizeof(role->muted), "unheard by the peer on %s",
		 lan_name(h, h->seen.lan));
	xha_log_warn("group %s: hands over the role: %s", role->conf->name,
		     role->muted);
	xha_role_switchover(role, on_outcome, h);
}

static bool same(const struct xha_hearing_verdict *a,
		 const struct xha_hearing_verdict *b)
{
	return a->fault == b->fault && a->lan == b->lan;
}

static void act(struct xha_hearer *h, __u64 now)
{
	if (!same(&h->seen, &h->acted)) {
		if (h->seen.fault == XHA_HEARING_DEAF ||
		    h->acted.fault == XHA_HEARING_DEAF)
			set_deaf(h, h->seen.fault == XHA_HEARING_DEAF);
		h->acted = h->seen;
	}
	if (h->acted.fault == XHA_HEARING_UNHEARD &&
	    h->role->mode == XHA_ROLE_ACTIVE)
		give_unheard(h, now);
}

static void judge(struct xha_hearer *h, __u64 now)
{
	struct xha_hearing_verdict v = xha_hearing_judge(&h->own, &h->peer);

	/* A lost link has taken the node out of the race already. */
	if (v.fault == XHA_HEARING_DEAF && !h->role->elects[v.lan]->link_up)
		v = (struct xha_hearing_verdict){ XHA_HEARING_WELL, 0 };
	if (!same(&v, &h->seen)) {
		h->seen = v;
		h->seen_us = now;
	}
	/* Alone, a node that is half deaf is better than none. */
	if (!h->peer.n || now - h->seen_us >= hold_ms(h) * 1000ULL)
		act(h, now);
	if (!h->peer.n)
		unmute(h, "the peer's helper is not there");
	else if (h->role->mode == XHA_ROLE_STANDBY &&
		 xha_hearing_by_all(&h->peer))
		unmute(h, "the peer hears this node");
}

/**
 * xha_hearer_look - find out, tell and act
 * @h: of the group
 */
void xha_hearer_look(struct xha_hearer *h)
{
	struct xha_role *role = h->role;
	struct xha_nl_group group;
	__u64 now = role->host->now_us(role);
	unsigned int i;

	if (role->kernel->group_get(role->kernel_arg, role->conf->id, &group))
		return;
	listen_all(h, &group, now);
	xha_hearing_unpack(&h->peer, group.peer_hearing);
	role->peer_helper = h->peer.n;
	tell(h, now);
	judge(h, now);
	for (i = 0; i < role->n_elects; i++)
		xha_witness_ask(&h->witnesses[i]);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct xha_hearer *h = arg;

	xha_hearer_look(h);
	sd_event_source_set_time_relative(s, look_ms(h) * 1000ULL);
	sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
	return 0;
}

/**
 * xha_hearer_start - begin to listen
 * @h: the hearer, all zero
 * @event: the loop
 * @role: the group; one whose election is another program's is left alone
 * @tracker: of the group
 */
void xha_hearer_start(struct xha_hearer *h, sd_event *event,
		      struct xha_role *role, struct xha_tracker *tracker)
{
	unsigned int i;
	int err;

	if (role->conf->external)
		return;
	h->role = role;
	h->tracker = tracker;
	for (i = 0; i < role->n_elects; i++)
		xha_witness_init(&h->witnesses[i], role->elects[i], event);
	err = sd_event_add_time_relative(event, &h->timer, CLOCK_MONOTONIC, 0,
					 1000, on_timer, h);
	/* Where all came late, answers are read before they are missed. */
	if (err >= 0)
		err = sd_event_source_set_priority(h->timer,
						   SD_EVENT_PRIORITY_NORMAL + 1);
	if (err < 0)
		xha_log_err("group %s: timer: %s", role->conf->name,
			    strerror(-err));
}

/**
 * xha_hearer_stop - listen no more
 * @h: the hearer; may not have been started
 *
 * The peer learns it when the kernel takes the last word back.
 */
void xha_hearer_stop(struct xha_hearer *h)
{
	unsigned int i;

	h->timer = sd_event_source_disable_unref(h->timer);
	for (i = 0; i < XHA_CONF_MAX_STANDBYS; i++)
		xha_witness_exit(&h->witnesses[i]);
}
