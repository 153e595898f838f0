/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracked objects of a group on this machine, and what they do to it. */
#ifndef XHA_TRACKER_H
#define XHA_TRACKER_H

#include <systemd/sd-event.h>

#include "role.h"
#include "track.h"
#include "track_script.h"

struct json_object;
struct xha_tracker;

/**
 * struct xha_tracked - an object and its tracker
 * @tracker: the tracker
 * @track: the object
 * @script: runs it, if it is a script
 */
struct xha_tracked {
	struct xha_tracker *tracker;
	struct xha_track *track;
	struct xha_script script;
};

/**
 * struct xha_tracker - the tracked objects of a group
 * @role: the group
 * @event: the loop
 * @tracks: the objects, in the order of the configuration
 * @tracked: the same, for callbacks
 * @n: number of objects; 0 before the start
 * @deaf: why the LANs count as down, or empty
 * @scan: timer of the search for processes
 */
struct xha_tracker {
	struct xha_role *role;
	sd_event *event;
	struct xha_track tracks[XHA_CONF_MAX_TRACKS];
	struct xha_tracked tracked[XHA_CONF_MAX_TRACKS];
	unsigned int n;
	char deaf[128];
	sd_event_source *scan;
};

void xha_tracker_start(struct xha_tracker *t, sd_event *event,
		       struct xha_role *role);
void xha_tracker_links(struct xha_tracker *t);
void xha_tracker_deaf(struct xha_tracker *t, const char *cause);
void xha_tracker_stop(struct xha_tracker *t);
struct json_object *xha_tracker_show(const struct xha_tracker *t);

#endif /* XHA_TRACKER_H */
