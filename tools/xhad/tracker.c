// SPDX-License-Identifier: GPL-2.0-only
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "link.h"
#include "log.h"
#include "show.h"
#include "track_process.h"
#include "trace.h"
#include "tracker.h"

#define SCAN_US	1000000

static void apply(struct xha_tracker *t)
{
	struct xha_track_sum sum = xha_track_add_up(t->tracks, t->n);
	char cause[128];

	if (sum.down)
		snprintf(cause, sizeof(cause), "track %s: %s",
			 sum.down->conf->name, sum.down->reason);
	else
		memcpy(cause, t->deaf, sizeof(cause));
	xha_role_lower(t->role, sum.decrement);
	xha_role_wait(t->role, sum.unknown);
	xha_role_hold(t->role, *cause ? cause : NULL);
}

static void trace(const struct xha_tracker *t, const struct xha_track *track)
{
	struct json_object *o = xha_trace_begin("event", NULL);

	show_str(o, "group", t->role->conf->name);
	show_str(o, "event", "track");
	show_str(o, "track", track->conf->name);
	show_str(o, "state", xha_track_state_name(track->state));
	show_str(o, "reason", track->reason);
	xha_trace_end(XHA_TRACE_EVENT, o);
}

static void tell(const struct xha_tracker *t, const struct xha_track *track)
{
	const struct xha_conf_track *conf = track->conf;
	const char *group = t->role->conf->name;
	char effect[48] = "gives up the role";

	if (conf->decrement)
		snprintf(effect, sizeof(effect), "priority lower by %u",
			 conf->decrement);
	if (track->state == XHA_TRACK_DOWN)
		xha_log_warn("group %s: track %s: down, %s: %s %s: %s", group,
			     conf->name, effect,
			     xha_conf_track_kind(conf->kind),
			     xha_conf_track_object(conf), track->reason);
	else
		xha_log_info("group %s: track %s: up: %s %s: %s", group,
			     conf->name, xha_conf_track_kind(conf->kind),
			     xha_conf_track_object(conf), track->reason);
	if (xha_trace_on(XHA_TRACE_EVENT))
		trace(t, track);
}

static bool result(struct xha_tracker *t, struct xha_track *track, bool good,
		   const char *reason)
{
	if (!xha_track_result(track, good, reason, xha_log_now_us()))
		return false;
	tell(t, track);
	return true;
}

static void on_script(void *arg, bool good, const char *reason)
{
	struct xha_tracked *one = arg;

	if (result(one->tracker, one->track, good, reason))
		apply(one->tracker);
}

/* Returns whether a state has changed. */
static bool read_links(struct xha_tracker *t)
{
	struct xha_track *track;
	bool changed = false;
	const char *fault;
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		track = &t->tracks[i];
		if (track->conf->kind != XHA_CONF_TRACK_INTERFACE)
			continue;
		fault = xha_link_fault(track->conf->interface);
		changed |= result(t, track, !fault, fault ? fault : "carrier");
	}
	return changed;
}

static bool count_processes(struct xha_tracker *t)
{
	struct xha_process ps[XHA_CONF_MAX_TRACKS];
	struct xha_track *of[XHA_CONF_MAX_TRACKS];
	unsigned int i, n = 0;
	bool changed = false;
	char text[64];
	int err;

	for (i = 0; i < t->n; i++) {
		if (t->tracks[i].conf->kind != XHA_CONF_TRACK_PROCESS)
			continue;
		of[n] = &t->tracks[i];
		ps[n++].name = t->tracks[i].conf->process;
	}
	err = n ? xha_process_count("/proc", ps, n) : 0;
	for (i = 0; i < n; i++) {
		if (err)
			snprintf(text, sizeof(text), "/proc: %s",
				 strerror(-err));
		else
			snprintf(text, sizeof(text), "%u of %u", ps[i].count,
				 of[i]->conf->quorum);
		changed |= result(t, of[i],
				  !err && ps[i].count >= of[i]->conf->quorum,
				  text);
	}
	return changed;
}

static int on_scan(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xha_tracker *t = arg;

	sd_event_source_set_time_relative(source, SCAN_US);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	if (count_processes(t))
		apply(t);
	return 0;
}

static bool has_processes(const struct xha_conf_group *conf)
{
	unsigned int i;

	for (i = 0; i < conf->n_tracks; i++)
		if (conf->tracks[i].kind == XHA_CONF_TRACK_PROCESS)
			return true;
	return false;
}

static void start_script(struct xha_tracker *t, unsigned int i)
{
	struct xha_tracked *one = &t->tracked[i];

	one->script.conf = t->tracks[i].conf;
	one->script.group = t->role->conf->name;
	one->script.event = t->event;
	one->script.fn = on_script;
	one->script.arg = one;
	xha_script_start(&one->script);
}

/**
 * xha_tracker_start - begin to track
 * @t: the tracker, all zero
 * @event: the loop
 * @role: the group, started before
 *
 * Interfaces and processes are known at once; until each script has ended the
 * first time, a node that is not active waits.
 */
void xha_tracker_start(struct xha_tracker *t, sd_event *event,
		       struct xha_role *role)
{
	const struct xha_conf_group *conf = role->conf;
	unsigned int i;
	int err;

	t->event = event;
	t->role = role;
	t->n = conf->n_tracks;
	for (i = 0; i < t->n; i++) {
		xha_track_init(&t->tracks[i], &conf->tracks[i]);
		t->tracked[i].tracker = t;
		t->tracked[i].track = &t->tracks[i];
	}
	read_links(t);
	count_processes(t);
	for (i = 0; i < t->n; i++)
		if (conf->tracks[i].kind == XHA_CONF_TRACK_SCRIPT)
			start_script(t, i);
	apply(t);
	if (!has_processes(conf))
		return;
	err = sd_event_add_time_relative(event, &t->scan, CLOCK_MONOTONIC,
					 SCAN_US, 10000, on_scan, t);
	if (err < 0)
		xha_log_err("group %s: timer: %s", conf->name, strerror(-err));
}

/**
 * xha_tracker_links - an interface of this machine may have changed
 * @t: the tracker
 */
void xha_tracker_links(struct xha_tracker *t)
{
	if (read_links(t))
		apply(t);
}

/**
 * xha_tracker_deaf - this node hears less than its peer, or no longer
 * @t: the tracker
 * @cause: on which LAN, and how that is known; or NULL
 */
void xha_tracker_deaf(struct xha_tracker *t, const char *cause)
{
	snprintf(t->deaf, sizeof(t->deaf), "%s", cause ? cause : "");
	apply(t);
}

/**
 * xha_tracker_stop - end tracking; scripts that run are killed
 * @t: the tracker
 */
void xha_tracker_stop(struct xha_tracker *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		xha_script_stop(&t->tracked[i].script);
	t->scan = sd_event_source_disable_unref(t->scan);
	t->n = 0;
}

static struct json_object *show_one(const struct xha_track *track)
{
	const struct xha_conf_track *conf = track->conf;
	struct json_object *o = json_object_new_object();
	struct json_object *since = NULL;

	show_str(o, "name", conf->name);
	show_str(o, "kind", xha_conf_track_kind(conf->kind));
	show_str(o, "object", xha_conf_track_object(conf));
	show_str(o, "state", xha_track_state_name(track->state));
	if (track->since_us)
		since = json_object_new_uint64((xha_log_now_us() -
						track->since_us) / 1000);
	json_object_object_add(o, "since_ms", since);
	show_str(o, "reason", track->reason);
	show_bool(o, "release", conf->release);
	show_u64(o, "decrement", conf->decrement);
	show_u64(o, "rise", conf->rise);
	show_u64(o, "fall", conf->fall);
	show_u64(o, "streak", track->streak);
	show_u64(o, "changes", track->changes);
	show_u64(o, "results", track->results);
	show_u64(o, "failures", track->failures);
	return o;
}

/**
 * xha_tracker_show - state of the tracked objects
 * @t: the tracker
 *
 * Return: an array, the caller's.
 */
struct json_object *xha_tracker_show(const struct xha_tracker *t)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < t->n; i++)
		json_object_array_add(list, show_one(&t->tracks[i]));
	return list;
}
