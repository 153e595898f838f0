// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "track.h"

#define VRRP_OWNER	255	/* has the addresses, so it is nothing else */
#define VRRP_LOWEST	1	/* 0 says that a master resigns */

/**
 * xha_track_init - make a tracked object, in state unknown
 * @t: the object
 * @conf: its configuration, which must outlive it
 */
void xha_track_init(struct xha_track *t, const struct xha_conf_track *conf)
{
	memset(t, 0, sizeof(*t));
	t->conf = conf;
}

static bool is_enough(const struct xha_track *t, bool good)
{
	/* With the first result waiting ends, whatever it is. */
	if (t->state == XHA_TRACK_UNKNOWN)
		return true;
	return t->streak >= (good ? t->conf->rise : t->conf->fall);
}

/**
 * xha_track_result - count a result
 * @t: the tracked object
 * @good: it works
 * @reason: words to that, maybe empty
 * @now_us: the time
 *
 * Return: true when the object's state has changed.
 */
bool xha_track_result(struct xha_track *t, bool good, const char *reason,
		      __u64 now_us)
{
	enum xha_track_state state = good ? XHA_TRACK_UP : XHA_TRACK_DOWN;

	t->results++;
	t->failures += !good;
	snprintf(t->reason, sizeof(t->reason), "%s", reason);
	if (t->state == state) {
		t->streak = 0;
		return false;
	}
	t->streak++;
	if (!is_enough(t, good))
		return false;
	t->changes += t->state != XHA_TRACK_UNKNOWN;
	t->state = state;
	t->streak = 0;
	t->since_us = now_us;
	return true;
}

/**
 * xha_track_add_up - what the tracked objects of a group come to
 * @tracks: the objects
 * @n: number of @tracks
 *
 * Return: the sum.
 */
struct xha_track_sum xha_track_add_up(const struct xha_track *tracks,
				      unsigned int n)
{
	struct xha_track_sum sum = { 0 };
	const struct xha_track *t;

	for (t = tracks; t < tracks + n; t++) {
		if (t->state == XHA_TRACK_UNKNOWN)
			sum.unknown = true;
		if (t->state != XHA_TRACK_DOWN)
			continue;
		sum.decrement += t->conf->decrement;
		if (t->conf->release && !sum.down)
			sum.down = t;
	}
	return sum;
}

/**
 * xha_track_priority - priority of an election
 * @conf: the election
 * @decrement: by how much it is lowered
 *
 * Return: what is announced, within what the protocol allows.
 */
unsigned int xha_track_priority(const struct xha_conf_standby *conf,
				unsigned int decrement)
{
	unsigned int lowest = 0;

	if (conf->protocol == XHA_CONF_VRRP) {
		if (conf->priority == VRRP_OWNER)
			return VRRP_OWNER;
		lowest = VRRP_LOWEST;
	}
	if (conf->priority < lowest + decrement)
		return lowest;
	return conf->priority - decrement;
}

/**
 * xha_track_state_name - word for a state
 * @state: the state
 *
 * Return: a static string.
 */
const char *xha_track_state_name(enum xha_track_state state)
{
	switch (state) {
	case XHA_TRACK_UP:
		return "up";
	case XHA_TRACK_DOWN:
		return "down";
	case XHA_TRACK_UNKNOWN:
		break;
	}
	return "unknown";
}
