/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds out what a group hears on its LANs, tells the peer over the channel,
 * and acts on what comes of the two views (hearing.h).
 */
#ifndef XHA_HEARER_H
#define XHA_HEARER_H

#include "hearing.h"
#include "tracker.h"
#include "witness.h"

struct json_object;

/**
 * struct xha_hearer - that of a group
 * @role: the group; NULL before the start
 * @tracker: holds the group while this node is deaf
 * @timer: of the next look
 * @witnesses: by election
 * @own: what this node hears
 * @peer: what the peer hears; nothing while it is not connected
 * @told: the word the kernel has
 * @told_us: since when
 * @seen: verdict of the last look
 * @seen_us: since when it is so
 * @acted: verdict that was acted upon last
 * @tried_us: when this node tried to hand over for being unheard, or 0
 */
struct xha_hearer {
	struct xha_role *role;
	struct xha_tracker *tracker;
	sd_event_source *timer;
	struct xha_witness witnesses[XHA_CONF_MAX_STANDBYS];
	struct xha_hearing own;
	struct xha_hearing peer;
	__u32 told;
	__u64 told_us;
	struct xha_hearing_verdict seen;
	__u64 seen_us;
	struct xha_hearing_verdict acted;
	__u64 tried_us;
};

void xha_hearer_start(struct xha_hearer *h, sd_event *event,
		      struct xha_role *role, struct xha_tracker *tracker);
void xha_hearer_look(struct xha_hearer *h);
void xha_hearer_stop(struct xha_hearer *h);

/* hearer_show.c */
struct json_object *xha_hearer_show(const struct xha_hearer *h);
struct json_object *xha_hearer_show_lan(const struct xha_hearer *h,
					unsigned int lan);

#endif /* XHA_HEARER_H */
