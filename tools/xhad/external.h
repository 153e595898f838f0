/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The third kind of election: none. Another program (keepalived, a cluster
 * manager, an operator) says what this node is to be, by xha role.
 *
 * The last word counts until there is another. It differs from an election
 * that xhad runs in that nobody asks whether it could be followed: what this
 * file adds is how a word becomes a role, one way or the other, and when it
 * can be said that it has.
 *
 * active   waits for the peer, if that is active and heard, to hand the role
 *	    over, as it has been told standby at about the same time or will be;
 *	    then takes it, by a newer epoch. The peer that is superseded yields:
 *	    it does not take the role back by an old word, as long as this node
 *	    is seen to be active.
 * standby  hands over, if the peer is hot or about to be; else, or if that
 *	    fails, gives the role up. A node told standby takes the role if the
 *	    peer hands it over.
 * fault    gives the role up at once and takes it from nobody.
 */
#ifndef XHA_EXTERNAL_H
#define XHA_EXTERNAL_H

#include "link.h"
#include "role.h"

struct external;

enum external_order {
	EXTERNAL_NONE,		/* nothing was said yet */
	EXTERNAL_ACTIVE,
	EXTERNAL_STANDBY,
	EXTERNAL_FAULT,
	EXTERNAL_ORDER_END
};

enum external_outcome {
	EXTERNAL_PENDING,
	EXTERNAL_REACHED,
	EXTERNAL_REPLACED,
};

/**
 * struct external_io_ops - what outlives the helper
 * @keep_fault: remember that this node is told fault, or no longer; -errno
 *	where that cannot be written down
 */
struct external_io_ops {
	int (*keep_fault)(struct external *x, bool fault);
};

/**
 * struct external_lan - an interface of the group
 * @elect: what the group sees
 * @external: the group's
 * @carrier: the interface is up; for logs, since what elects decides
 */
struct external_lan {
	struct xha_elect elect;
	struct external *external;
	bool carrier;
};

/**
 * struct external - what a group was told
 * @role: the group
 * @io: what outlives the helper
 * @io_data: the io's own
 * @order: the last word
 * @serial: counts words that differed from the one before
 * @told: it is somebody's word, and not what the kernel was found to be
 * @reached: active: this node was, since it was told
 * @yielded: active: and the peer took over later
 * @tried: standby: a hand-over was tried
 * @since_us: when it was told first
 * @cause: where it comes from
 * @failed: why the hand-over failed, or empty
 * @lans: its interfaces
 * @n_lans: number of @lans
 */
struct external {
	struct xha_role *role;
	const struct external_io_ops *io;
	void *io_data;
	enum external_order order;
	__u64 serial;
	bool told;
	bool reached;
	bool yielded;
	bool tried;
	__u64 since_us;
	char cause[64];
	char failed[128];
	struct external_lan lans[XHA_CONF_MAX_STANDBYS];
	unsigned int n_lans;
};

void external_init(struct external *x, struct xha_role *role,
		   const struct external_io_ops *io);
struct xha_elect *external_add(struct external *x,
			       const struct xha_conf_standby *conf);
struct external_lan *external_lan(struct xha_elect *e);
void external_link(struct external_lan *lan, const struct xha_link *link,
		   bool first);
void external_recall_fault(struct external *x);
__u64 external_tell(struct external *x, enum external_order order);
void external_pursue(struct external *x);
enum external_outcome external_outcome(struct external *x, __u64 serial,
				       char *why, size_t size);
const char *external_order_name(enum external_order order);
int external_order_parse(const char *name, enum external_order *order);

#endif /* XHA_EXTERNAL_H */
