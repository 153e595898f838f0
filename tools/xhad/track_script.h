/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tracked script: run again and again, one at a time, killed when it takes
 * too long. Only its exit status counts: nobody reads what it writes.
 */
#ifndef XHA_TRACK_SCRIPT_H
#define XHA_TRACK_SCRIPT_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "conf.h"

struct xha_script;

/* Called for each run: @reason says how it ended. */
typedef void (*xha_script_fn)(void *arg, bool good, const char *reason);

/**
 * struct xha_script - a script
 * @conf: what to run, and when
 * @group: name of the redundancy group, told to the script
 * @event: the loop
 * @fn: takes results
 * @arg: passed to @fn
 * @pid: the process, and its process group, while it runs; else 0
 * @child: waits for its end
 * @timer: of the next run, or of the end of this one's patience
 * @begun_us: when it was last started
 * @late: this run has had its result: it took too long
 */
struct xha_script {
	const struct xha_conf_track *conf;
	const char *group;
	sd_event *event;
	xha_script_fn fn;
	void *arg;
	pid_t pid;
	sd_event_source *child;
	sd_event_source *timer;
	__u64 begun_us;
	bool late;
};

void xha_script_start(struct xha_script *s);
void xha_script_stop(struct xha_script *s);

#endif /* XHA_TRACK_SCRIPT_H */
