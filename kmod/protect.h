/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies that block plaintext where no SA could protect it: for prefixes the
 * operator named, and what a group leaves behind that is forgotten by force.
 */
#ifndef XHA_PROTECT_H
#define XHA_PROTECT_H

#include <linux/list.h>
#include <linux/spinlock.h>

#include "gate.h"

struct netlink_ext_ack;
#define XHA_PROTECT_RULES	3	/* for each prefix */

struct xha_gate_rule;
struct xha_group;
struct xha_group_conf;
struct xha_net;

/* A network: the bits beyond @len are zero. */
struct xha_prefix {
	struct xha_ip	ip;
	u8		len;
};

/**
 * struct xha_protect - block policies of a namespace, embedded in struct xha_net
 * @lock: protects @blocks and what is in it; BH-safe, taken before any lock of
 *	xfrm. A leaf of xha_net.lock, which is not needed for it
 * @blocks: of struct xha_block, see protect.c
 */
struct xha_protect {
	spinlock_t		lock;	/* see above */
	struct list_head	blocks;
};

void xha_protect_init(struct xha_protect *p);

/**
 * xha_protect_check() - may a group have these prefixes
 * @g: NULL for a group that is to be created
 * @c: has prefixes, and perhaps VIPs and neighbours that come with them
 *
 * A prefix is what is behind the peers. One that covers what the node itself
 * must talk to would cut it off, and is refused.
 *
 * Return: 0; -EADDRINUSE where a prefix covers an address of this node, of the
 * channel, of a neighbour or a VIP; -EINVAL where it covers addresses that are
 * never behind a tunnel, or is there twice.
 */
int xha_protect_check(struct xha_net *xn, const struct xha_group *g,
		      const struct xha_group_conf *c,
		      struct netlink_ext_ack *extack);

/* Does a prefix of a group other than @but (or NULL) cover an address. */
bool xha_protect_covers(struct xha_net *xn, const struct xha_group *but,
			const struct xha_ip *ip);

/**
 * xha_protect_set() - replace the prefixes of a group
 * @p: checked, copied
 * @n: at most %XFRM_HA_MAX_PREFIXES; with 0 it cannot fail
 *
 * From then on packets to them (OUT) and from them (IN, FWD) are blocked by
 * policies of the lowest precedence there is: any other policy wins. They are
 * in the SPD whatever the role. What stays the same is not touched.
 *
 * Context: xha_net.lock held, may sleep.
 * Return: 0; -ENOMEM with the old ones still in force.
 */
int xha_protect_set(struct xha_group *g, const struct xha_prefix *p,
		    unsigned int n);

/*
 * What a gate needs to block the same: fills %XHA_PROTECT_RULES zeroed ones of
 * @v for each prefix. Return: how many.
 */
unsigned int xha_protect_rules(const struct xha_group *g,
			       struct xha_gate_rule *v);

/**
 * xha_protect_keep() - put back what somebody deleted or flushed
 *
 * What there is no memory for is put back by a later call.
 *
 * Context: any but hard interrupts, no lock of xfrm held.
 */
void xha_protect_keep(struct xha_net *xn);

/**
 * xha_protect_leave() - block for good what a group protects
 *
 * For a group that is about to be forgotten by force: policies that block, with
 * the selectors of its staged policies and prefixes. They are the operator's
 * from then on. A policy that is there already under such a selector stays.
 *
 * Context: xha_net.lock held, may sleep.
 * Return: 0; -ENOMEM where one could not be made, and may be tried again.
 */
int xha_protect_leave(struct xha_group *g);

#endif /* XHA_PROTECT_H */
