/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracked objects of a redundancy group, as far as they decide: results are
 * counted to states, and states add up to what they do to the group. Where
 * results come from is in tracker.c.
 */
#ifndef XHA_TRACK_H
#define XHA_TRACK_H

#include <linux/types.h>
#include <stdbool.h>

#include "conf.h"

#define XHA_TRACK_REASON_LEN	64

enum xha_track_state {
	XHA_TRACK_UNKNOWN,	/* no result yet */
	XHA_TRACK_UP,
	XHA_TRACK_DOWN,
};

/**
 * struct xha_track - a tracked object
 * @conf: its configuration
 * @state: what it is
 * @streak: results in a row that speak against @state
 * @since_us: since when it is in @state; 0 while unknown
 * @reason: words to the last result
 * @changes: changes between up and down
 * @results: results so far
 * @failures: of these, bad ones
 */
struct xha_track {
	const struct xha_conf_track *conf;
	enum xha_track_state state;
	unsigned int streak;
	__u64 since_us;
	char reason[XHA_TRACK_REASON_LEN];
	__u64 changes;
	__u64 results;
	__u64 failures;
};

/**
 * struct xha_track_sum - what all tracked objects of a group come to
 * @down: one without which the role is released, and which is down, or NULL
 * @unknown: some have no result yet
 * @decrement: by how much the priorities are lower
 */
struct xha_track_sum {
	const struct xha_track *down;
	bool unknown;
	unsigned int decrement;
};

void xha_track_init(struct xha_track *t, const struct xha_conf_track *conf);
bool xha_track_result(struct xha_track *t, bool good, const char *reason,
		      __u64 now_us);
struct xha_track_sum xha_track_add_up(const struct xha_track *tracks,
				      unsigned int n);
unsigned int xha_track_priority(const struct xha_conf_standby *conf,
				unsigned int decrement);
const char *xha_track_state_name(enum xha_track_state state);

#endif /* XHA_TRACK_H */
