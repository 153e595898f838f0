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
	HSRP_TIMER_DELAY,	/* until taking part, after a start */
	HSRP_TIMER_ADVERT,	/* of the interface's state */
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
 * struct hsrp_rx - a received datagram
 * @buf: payload
 * @len: bytes at @buf
 * @src: source address
 * @ttl: TTL or hop limit it came with
 */
struct hsrp_rx {
	const __u8 *buf;
	size_t len;
	struct xha_addr src;
	int ttl;
};

/**
 * struct hsrp_router - the active or the standby node, as heard
 * @known: it was heard within its hold time
 * @addr: real address
 * @priority: its priority
 * @heard_us: when it was last heard
 */
struct hsrp_router {
	bool known;
	struct xha_addr addr;
	__u32 priority;
	__u64 heard_us;
};

/* What an interface is for all its groups together; RFC 2281 has no word. */
enum hsrp_if_state {
	HSRP_IF_DORMANT,	/* no group */
	HSRP_IF_PASSIVE,	/* groups, none of them active */
	HSRP_IF_ACTIVE,
};

/**
 * struct hsrp - one instance
 * @elect: how its group sees it; first, so that one pointer is the other
 * @all: list of all instances of this node, or NULL
 * @next: next one in it
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
 * @was_up: it has taken part before
 * @delay_us: when the delay before taking part ends; 0 where none runs
 * @preempt_us: not to replace an active before
 * @since_us: since when @preempting, without a break
 * @hello_state: state of the last hello, 0 while none are sent
 * @hello_us: when it was sent
 * @yield_us: when the group was last told of a rival
 * @if_state: what was advertised of the interface, at the first of its
 *	instances
 * @changes: changes of state
 * @changed_us: time of the last one
 * @sent: packets sent
 * @send_failed: packets that could not be sent
 * @received: good packets received
 * @adverts: advertisements of interfaces received
 * @bad: refused ones, by reason
 * @bad_logged_us: last time one came, by reason
 */
struct hsrp {
	struct xha_elect elect;
	struct hsrp **all;
	struct hsrp *next;
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
	bool was_up;
	__u64 delay_us;
	__u64 preempt_us;
	__u64 since_us;
	enum hsrp_state hello_state;
	__u64 hello_us;
	__u64 yield_us;
	enum hsrp_if_state if_state;
	__u64 changes;
	__u64 changed_us;
	__u64 sent;
	__u64 send_failed;
	__u64 received;
	__u64 adverts;
	__u64 bad[HSRP_BAD_END];
	__u64 bad_logged_us[HSRP_BAD_END];
};

void hsrp_init(struct hsrp *h, const struct xha_conf_standby *conf,
	       const struct hsrp_io_ops *io, struct xha_role *role);
void hsrp_join(struct hsrp **all, struct hsrp *h);
void hsrp_receive(struct hsrp *h, const struct hsrp_rx *rx);
void hsrp_timeout(struct hsrp *h, enum hsrp_timer timer);

/* For hsrp_adv.c. */
int hsrp_family(const struct hsrp *h);
void hsrp_send(struct hsrp *h, struct hsrp_msg *msg);

#endif /* HSRP_H */
