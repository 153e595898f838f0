/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One virtual router on one interface: what it has heard, what it says, and
 * its state. Packets and time go through struct vrrp_io_ops, so that a test
 * can stand for both.
 */
#ifndef VRRP_H
#define VRRP_H

#include "conf.h"
#include "elect.h"
#include "vrrp_fsm.h"
#include "vrrp_pkt.h"

enum vrrp_timer {
	VRRP_TIMER_ADVERT,
	VRRP_TIMER_MASTER,	/* master down */
	VRRP_TIMER_PREEMPT,	/* delay before a lower master is replaced */
	VRRP_TIMER_END,
};

struct vrrp;

/**
 * struct vrrp_io_ops - what an instance needs of the world
 * @open: begin to receive and to be able to send; 0 or -errno
 * @close: end that
 * @send: send a packet to the multicast group; 0 or -errno
 * @arm: (re)start a timer
 * @disarm: stop a timer
 */
struct vrrp_io_ops {
	int (*open)(struct vrrp *v);
	void (*close)(struct vrrp *v);
	int (*send)(struct vrrp *v, const __u8 *buf, size_t len);
	void (*arm)(struct vrrp *v, enum vrrp_timer timer, __u32 us);
	void (*disarm)(struct vrrp *v, enum vrrp_timer timer);
};

/**
 * struct vrrp_router - another node that says it is master
 * @known: it was heard within its master down interval
 * @addr: real address
 * @priority: its priority
 * @interval_ms: time between its advertisements
 * @heard_us: when it was heard
 */
struct vrrp_router {
	bool known;
	struct xha_addr addr;
	__u8 priority;
	__u32 interval_ms;
	__u64 heard_us;
};

/**
 * struct vrrp - one instance
 * @elect: how its group sees it; first, so that one pointer is the other
 * @all: list of all instances of this node, or NULL
 * @next: next one in it
 * @io: packets and time
 * @io_data: the io's own
 * @conf: its configuration
 * @state: of the state machine
 * @master: the master, if it is another one and this node is not
 * @rival: while this node is master: a higher one that says so as well
 * @interval_ms: time between the master's advertisements, its own or this
 *	node's
 * @wait_us: master down or skew time, as last started
 * @master_wait: the master down timer runs
 * @delay_begun: the delay before a lower master is replaced has begun
 * @delay_over: and ended
 * @delay_us: when it ends; 0 where none runs
 * @preempting: a lower master was heard that may be replaced
 * @sent_us: when the last advertisement was sent
 * @changes: changes of state
 * @changed_us: time of the last one
 * @sent: packets sent
 * @send_failed: packets that could not be sent
 * @received: good packets received
 * @resigned: of these, with priority 0
 * @vips_differ: of these, with other virtual addresses than this node's
 * @vips_logged_us: when one was last logged
 * @bad: refused ones, by reason
 * @bad_logged_us: last time one came, by reason
 */
struct vrrp {
	struct xha_elect elect;
	struct vrrp **all;
	struct vrrp *next;
	const struct vrrp_io_ops *io;
	void *io_data;
	const struct xha_conf_standby *conf;
	enum vrrp_state state;
	struct vrrp_router master;
	struct vrrp_router rival;
	__u32 interval_ms;
	__u32 wait_us;
	bool master_wait;
	bool delay_begun;
	bool delay_over;
	bool preempting;
	__u64 delay_us;
	__u64 sent_us;
	__u64 changes;
	__u64 changed_us;
	__u64 sent;
	__u64 send_failed;
	__u64 received;
	__u64 resigned;
	__u64 vips_differ;
	__u64 vips_logged_us;
	__u64 bad[VRRP_BAD_END];
	__u64 bad_logged_us[VRRP_BAD_END];
};

void vrrp_init(struct vrrp *v, const struct xha_conf_standby *conf,
	       const struct vrrp_io_ops *io, struct xha_role *role);
void vrrp_join(struct vrrp **all, struct vrrp *v);
bool vrrp_shared(const struct vrrp *a, const struct vrrp *b);
void vrrp_receive(struct vrrp *v, const __u8 *buf, size_t len,
		  const struct vrrp_path *path);
void vrrp_timeout(struct vrrp *v, enum vrrp_timer timer);
struct xha_addr vrrp_mcast(const struct vrrp *v);

#endif /* VRRP_H */
