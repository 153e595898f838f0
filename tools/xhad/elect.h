/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a redundancy group knows of an election: one protocol instance on one
 * interface, by HSRP or VRRP. An election never acts on its own: it reports
 * to the group, and the group, which moves all its elections together, tells
 * it the outcome.
 */
#ifndef XHA_ELECT_H
#define XHA_ELECT_H

#include <stdbool.h>

#include "history.h"
#include "vmac_plan.h"
#include "xha_addr.h"

struct xha_conf_standby;
struct xha_elect;
struct xha_role;

/**
 * struct xha_elect_ops - one kind of election
 * @start: the interface is usable and the group wants to take part
 * @stop: no longer; an active or standby election resigns where it still can
 * @grant: this node has taken the role; @coup tells a preempted active
 * @release: this node has given up the role
 * @silent: no active node is heard, and that has lasted long enough
 * @claims: this node would be the next active one
 * @preempts: a lower active node is heard and may be replaced
 * @ask: tell a lower active node that this one would replace it; may be NULL,
 *	where the protocol has no word for that
 * @prioritize: this node's priority is another one, which all shall know now
 * @insists: @preempts holds for so long that it need not wait any more until
 *	this node is in sync; may be NULL, for never
 */
struct xha_elect_ops {
	void (*start)(struct xha_elect *e);
	void (*stop)(struct xha_elect *e);
	void (*grant)(struct xha_elect *e, bool coup);
	void (*release)(struct xha_elect *e);
	bool (*silent)(const struct xha_elect *e);
	bool (*claims)(const struct xha_elect *e);
	bool (*preempts)(const struct xha_elect *e);
	void (*ask)(struct xha_elect *e);
	void (*prioritize)(struct xha_elect *e, unsigned int priority);
	bool (*insists)(const struct xha_elect *e);
};

/**
 * struct xha_cause - why an election does something
 * @words: what happened, static
 * @from: who was heard, or is no more; length 0 for nobody
 * @priority: its priority
 */
struct xha_cause {
	const char *words;
	struct xha_addr from;
	__u32 priority;
};

/**
 * struct xha_elect - an election as part of its group
 * @ops: its kind
 * @role: its group
 * @conf: its configuration
 * @ifname: name of the interface
 * @ifindex: the interface as it is now, 0 while there is none
 * @mac: its Ethernet address
 * @vmac: the macvlan that carries the VIPs, if the election has one
 * @addr: own real address there; length 0 while there is none
 * @peer: real address of the peer there, as last heard; length 0 before
 * @heard_us: when that was heard last; 0 before
 * @priority: its priority: the configured one less what tracking takes
 * @link_up: the interface can carry traffic and has an address
 * @running: between start and stop
 * @cue: how the active was lost, or which other one is heard: what the group
 *	moves for next
 * @history: changes of its state
 */
struct xha_elect {
	const struct xha_elect_ops *ops;
	struct xha_role *role;
	const struct xha_conf_standby *conf;
	const char *ifname;
	unsigned int ifindex;
	__u8 mac[6];
	struct xha_vmac vmac;
	struct xha_addr addr;
	struct xha_addr peer;
	__u64 heard_us;
	unsigned int priority;
	bool link_up;
	bool running;
	struct xha_cause cue;
	struct xha_history history;
};

#endif /* XHA_ELECT_H */
