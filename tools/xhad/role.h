/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The role of a redundancy group on this node.
 *
 * All elections of a group move together. A node takes part only while all its
 * interfaces work and nothing it tracks holds it; losing one gives up all. It
 * takes over when the first election of the group (the order of the file, which
 * is the same on both nodes) would, and no active node is heard on any other:
 * where each node is next in line on another LAN, exactly one of them goes.
 *
 * Kernel and host are reached through ops, so that a test can watch the order.
 */
#ifndef XHA_ROLE_H
#define XHA_ROLE_H

#include "conf.h"
#include "elect.h"
#include "xha_nl.h"

struct xha_role;

/**
 * struct xha_kernel_ops - the kernel's part; xha_nl.h says what each does
 * @group_new: GROUP_NEW
 * @group_set: GROUP_SET
 * @group_get: GROUP_GET
 * @peer_get: PEER_GET
 * @role_set: ROLE_SET
 * @handover: HANDOVER
 * @vip_up: VIP_UP
 * @error: words to the last failure
 *
 * @arg is the role's kernel_arg.
 */
struct xha_kernel_ops {
	int (*group_new)(void *arg, const struct xha_nl_group_conf *conf);
	int (*group_set)(void *arg, const struct xha_nl_group_conf *conf);
	int (*group_get)(void *arg, __u32 id, struct xha_nl_group *group);
	int (*peer_get)(void *arg, struct xha_nl_peer *peer);
	int (*role_set)(void *arg, __u32 id, __u32 role);
	int (*handover)(void *arg, __u32 id);
	int (*vip_up)(void *arg, __u32 id);
	const char *(*error)(void *arg);
};

/**
 * struct xha_host_ops - this machine's part
 * @vips_up: add the VIPs of the group; 0, or how many could not be added while
 *	others are there, or -errno if none is, and then nothing is left behind.
 *	Says which and why, unless some were missing before
 * @vips_down: remove them; what is not there is no error
 * @vips_give: the same, but what is still sent here for the VIPs must go on
 *	reaching the kernel for a while: it sends it on to the new active
 * @announce: tell the neighbours where the VIPs are, several times
 * @arm: call xha_role_tick() in @ms, once; replaces an earlier call
 * @now_us: the clock
 */
struct xha_host_ops {
	int (*vips_up)(struct xha_role *role);
	void (*vips_down)(struct xha_role *role);
	void (*vips_give)(struct xha_role *role);
	void (*announce)(struct xha_role *role);
	void (*arm)(struct xha_role *role, unsigned int ms);
	__u64 (*now_us)(struct xha_role *role);
};

enum xha_role_mode {
	XHA_ROLE_STANDBY,	/* or not yet anything */
	XHA_ROLE_ACTIVE,
	XHA_ROLE_GIVING,	/* active, a hand-over is under way */
};

/* Outcome of a switchover: @error is NULL when it succeeded. */
typedef void (*xha_role_done_fn)(void *arg, const char *error);

/**
 * struct xha_role - a group
 * @conf: its configuration
 * @kernel: kernel's part
 * @kernel_arg: passed to @kernel
 * @host: machine's part
 * @host_arg: the host's own
 * @elects: its elections, in the order of the configuration
 * @n_elects: number of @elects
 * @mode: what this node is
 * @kernel_standby: the kernel was told that it is standby
 * @resumed: the kernel had the group already when this helper started
 * @retry_us: do not try to take over before; 0 if not waiting
 * @defer_us: since when a takeover is put off for the peer's helper, or 0
 * @unsure_us: until when it waits to be told which of two actives is the later
 *	one, or 0
 * @rival: of an active node: the peer was active as well when it was last heard
 * @missing: of an active node: VIPs it lacks, as of vips_up
 * @split_told: a split of the address order was logged
 * @held: why this node must not be active, whatever its links; or empty
 * @waits: whether it may be is not known yet: it does not begin to take part
 * @asked_us: since when the active has been asked for a hand-over, or 0
 * @ask_us: when to ask again
 * @answered_us: when one was last begun because another node asked
 * @peer_helper: the peer's helper lives: it says so over the channel
 * @muted: why this node must not preempt, or empty
 * @refused: which step failed last and why, while it is tried again; or empty
 * @giving_us: since when the hand-over is under way
 * @done: whom to tell its outcome, or NULL
 * @done_arg: passed to @done
 * @cause: why it last changed, or told its elections something
 * @shown: word for what it is, as noted last; NULL before
 * @history: changes of that
 */
struct xha_role {
	const struct xha_conf_group *conf;
	const struct xha_kernel_ops *kernel;
	void *kernel_arg;
	const struct xha_host_ops *host;
	void *host_arg;
	struct xha_elect *elects[XHA_CONF_MAX_STANDBYS];
	unsigned int n_elects;
	enum xha_role_mode mode;
	bool kernel_standby;
	bool split_told;
	bool resumed;
	char held[128];
	bool waits;
	__u64 retry_us;
	__u64 defer_us;
	__u64 unsure_us;
	bool rival;
	int missing;
	__u64 asked_us;
	__u64 ask_us;
	__u64 answered_us;
	bool peer_helper;
	char muted[128];
	char refused[192];
	__u64 giving_us;
	xha_role_done_fn done;
	void *done_arg;
	char cause[XHA_CAUSE_LEN];
	const char *shown;
	struct xha_history history;
};

const char *xha_role_why(struct xha_role *role, int err);
void xha_role_follow(struct xha_role *role, const char *cause);
void xha_role_giving(struct xha_role *role, const char *cause);
void xha_role_stop(struct xha_role *role);
void xha_role_link(struct xha_role *role, struct xha_elect *e, bool up);
void xha_role_tick(struct xha_role *role);
void xha_role_resync(struct xha_role *role);
void xha_role_event(struct xha_role *role, const struct xha_nl_event *event);
int xha_role_switchover(struct xha_role *role, xha_role_done_fn done,
			void *arg);
void xha_role_give_up(struct xha_role *role, const char *cause);
void xha_role_forget(struct xha_role *role, void *arg);
bool xha_role_peer_hot(struct xha_role *role);
__u32 xha_role_peer_state(struct xha_role *role);

/* role_resume.c */
int xha_role_start(struct xha_role *role);
bool xha_role_is_unsure(struct xha_role *role);

/* role_vips.c */
int xha_role_add_vips(struct xha_role *role);
void xha_role_retry_vips(struct xha_role *role);
unsigned int xha_role_vips_missing(const struct xha_role *role);

/* role_ask.c */
bool xha_role_ask(struct xha_role *role);

/* role_hold.c */
void xha_role_hold(struct xha_role *role, const char *cause);
void xha_role_wait(struct xha_role *role, bool waits);
void xha_role_lower(struct xha_role *role, unsigned int decrement);

/* For elections. */
const char *xha_role_name(const struct xha_role *role);
void xha_role_kick(struct xha_role *role);
void xha_role_superseded(struct xha_role *role);
void xha_role_rival(struct xha_role *role, struct xha_elect *e,
		    struct xha_addr addr);
void xha_role_asked(struct xha_role *role, struct xha_elect *e,
		    struct xha_addr addr);
void xha_role_neighbour(struct xha_role *role, struct xha_elect *e,
			struct xha_addr addr);

#endif /* XHA_ROLE_H */
