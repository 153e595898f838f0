/* SPDX-License-Identifier: GPL-2.0-only */
/* "role" on the control socket: somebody says what this node is to be. */
#ifndef XHA_CTL_ROLE_H
#define XHA_CTL_ROLE_H

#include <systemd/sd-event.h>

#include "external.h"

struct json_object;

/* Takes the answer over. */
typedef void (*ctl_role_answer_fn)(void *arg, struct json_object *reply);

/**
 * struct ctl_role - what a client has said and waits for, if anything
 * @external: of the group; NULL while it waits for nothing
 * @serial: its word
 * @order: the same
 * @since_us: when it came
 * @limit: end of its patience
 * @answer: answers it
 * @arg: passed to @answer
 */
struct ctl_role {
	struct external *external;
	__u64 serial;
	enum external_order order;
	__u64 since_us;
	sd_event_source *limit;
	ctl_role_answer_fn answer;
	void *arg;
};

void ctl_role_tell(struct ctl_role *c, struct xha_role *role,
		   struct json_object *request, ctl_role_answer_fn answer,
		   void *arg);
bool ctl_role_waits(const struct ctl_role *c);
void ctl_role_settle(struct ctl_role *c);
void ctl_role_drop(struct ctl_role *c);

#endif /* XHA_CTL_ROLE_H */
