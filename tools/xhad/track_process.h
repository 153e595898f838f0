/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracked processes: how many there are of a name. They are looked for in
 * /proc: the kernel's connector would tell of each one that comes and goes, but
 * only to the initial network and user namespace.
 */
#ifndef XHA_TRACK_PROCESS_H
#define XHA_TRACK_PROCESS_H

/**
 * struct xha_process - processes of a name
 * @name: what to look for, as in /proc/PID/comm
 * @count: result
 */
struct xha_process {
	const char *name;
	unsigned int count;
};

int xha_process_count(const char *proc, struct xha_process *ps,
		      unsigned int n);

#endif /* XHA_TRACK_PROCESS_H */
