/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One HSRP group on one interface: what it has heard, what it says, and its
 * state. Packets and time go through struct hsrp_io_ops, so that a test can
 * stand for both.
 */
#ifndef HSRP_H
#define HSRP_H

#include "conf.h"
#include "elect.h"
#include "hsrp_fsm.h"

enum hsrp_timer {
	HSRP_TIMER_HELLO,
	HSRP_TIMER_ACTIVE,
	HSRP_TIMER_STANDBY,
	HSRP_TIMER_END,
};

struct hsrp;

/**
 * struct hsrp_io_ops - what an instance needs of the world
 * @open: begin to receive and to be able to send; 0 or -errno
 * @close: end that
 * @send: send a packet to the multicast group; 0 or -errno
 * @arm: (re)start a timer
 * @disarm: stop a timer
 */
struct hsrp_io_ops {
	int (*open)(struct hsrp *h);
	void (*close)(struct hsrp *h);
	int (*send)(struct hsrp *h, const __u8 *buf, size_t len);
	void (*arm)(struct hsrp *h, enum hsrp_timer timer, __u32 ms);
	void (*disarm)(struct hsrp *h, enum hsrp_timer timer);
};

/**
 * struct hsrp_router - the active or the standby node, as heard
 * @known: it was heard within its hold time
 * @addr: real address, network byte order
 * @priority: its priority
 */
struct hsrp_router {
	bool known;
	__be32 addr;
	__u32 priority;
};

/**
 * struct hsrp - one instance
 * @elect: how its group sees it; first, so that one pointer is the other
 * @io: packets and time
 * @io_data: the io's own
 * @conf: its configuration
 * @state: of the state machine
 * @active: the active node, if it is another one
 * @standby: the standby node, if it is another one
 * @hello_ms: timers in use: configured ones, or those of the active
 * @hold_ms: the same
 * @active_wait: the active timer runs
 * @preempting: a lower active was heard that may be replaced
 * @heard_us: when the active was last heard
 * @changes: changes of state
 * @changed_us: time of the last one
 * @sent: packets sent
 * @send_failed: packets that could not be sent
 * @received: good packets received
 * @bad: refused ones, by reason
 * @bad_logged_us: last time one was logged, by reason
 */
struct hsrp {
	struct xha_elect elect;
	const struct hsrp_io_ops *io;
	void *io_data;
	const struct xha_conf_standby *conf;
	enum hsrp_state state;
	struct hsrp_router active;
	struct hsrp_router standby;
	__u32 hello_ms;
	__u32 hold_ms;
	bool active_wait;
	bool preempting;
	__u64 heard_us;
	__u64 changes;
	__u64 changed_us;
	__u64 sent;
	__u64 send_failed;
	__u64 received;
	__u64 bad[HSRP_BAD_END];
	__u64 bad_logged_us[HSRP_BAD_END];
};

void hsrp_init(struct hsrp *h, const struct xha_conf_standby *conf,
	       const struct hsrp_io_ops *io, struct xha_role *role);
void hsrp_receive(struct hsrp *h, const __u8 *buf, size_t len, __be32 src);
void hsrp_timeout(struct hsrp *h, enum hsrp_timer timer);

#endif /* HSRP_H */
