// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"
#include "priv.h"

/* Above ordinary work, below what the kernel and others hold urgent. */
#define FIFO_PRIORITY	10

/**
 * xha_priv_realtime - keep hellos on time on a busy machine, where allowed
 *
 * Best effort: what is refused is logged.
 */
void xha_priv_realtime(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct sched_param param = { .sched_priority = FIFO_PRIORITY };

	/* Later allocations must not fail when the capability is gone. */
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited))
		xha_log_warn("memory is not locked: limit: %s",
			     strerror(errno));
	else if (mlockall(MCL_CURRENT | MCL_FUTURE))
		xha_log_warn("memory is not locked: %s", strerror(errno));
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param))
		xha_log_warn("no real-time scheduling: %s", strerror(errno));
}

static void drop_bounding(void)
{
	int cap;

	for (cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap != CAP_NET_ADMIN && cap != CAP_NET_RAW)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

/**
 * xha_priv_drop - keep CAP_NET_ADMIN and CAP_NET_RAW, for good
 *
 * Return: 0 or -errno.
 */
int xha_priv_drop(void)
{
	static const cap_value_t keep[] = { CAP_NET_ADMIN, CAP_NET_RAW };
	cap_t caps = cap_init();
	int err = 0;

	if (!caps)
		return -ENOMEM;
	drop_bounding();
	if (cap_set_flag(caps, CAP_PERMITTED, 2, keep, CAP_SET) ||
	    cap_set_flag(caps, CAP_EFFECTIVE, 2, keep, CAP_SET) ||
	    cap_set_proc(caps) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	cap_free(caps);
	return err;
}
