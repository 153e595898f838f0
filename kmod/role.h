/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing roles: adoption and demotion. All with xha_net.lock held, process
 * context, may sleep.
 */
#ifndef XHA_ROLE_H
#define XHA_ROLE_H

#include <linux/types.h>

struct netlink_ext_ack;
struct xha_group;

/**
 * xha_role_set() - what user space asked for
 * @role: &enum xfrm_ha_role; not init
 *
 * Return: 0, also when the role is held already or a hand-over to it is under
 * way; -EBUSY during a hand-over the other way; errors of xha_role_take() and
 * xha_role_demote().
 */
int xha_role_set(struct xha_group *g, u32 role, struct netlink_ext_ack *extack);

/**
 * xha_role_take() - become active
 * @epoch: the new epoch
 * @finals: start where the hand-over said, not at the ceilings
 * @cause: &enum xfrm_ha_cause, for the event
 *
 * All staged SAs and policies go live or none do; the gate opens last.
 * Return: 0 or -ENOMEM, the group then being the standby it was.
 */
int xha_role_take(struct xha_group *g, u32 epoch, bool finals, u32 cause,
		  struct netlink_ext_ack *extack);

/**
 * xha_role_demote() - become standby
 * Return: 0, or the error of closing the gate: the group is active then.
 */
int xha_role_demote(struct xha_group *g, u32 cause);

/* Parts of a demotion, for hand-overs, in this order. */
/* Make staged twins of the policies, to be able to go back. Why not, or NULL. */
const char *xha_role_prepare_spares(struct xha_group *g);
/* Policies out of the SPD. */
void xha_role_retire_policies(struct xha_group *g);
/* No live SA of the group numbers another packet after this. */
void xha_role_fence(struct xha_group *g);
/*
 * Undo both. What others put into the SPD meanwhile stays. -ENOMEM: not all
 * policies are back, to be tried again before the gate opens.
 */
int xha_role_revive(struct xha_group *g);
/* Packets may leave, and meet its policies. */
void xha_role_open_gate(struct xha_group *g);
/* Live SAs become staged ones, silently. */
void xha_role_retire_sas(struct xha_group *g);
/* Role, state and event after the group's objects are staged. */
void xha_role_become_standby(struct xha_group *g, u32 cause);

/**
 * xha_role_extend() - adopt what was staged beside an active group's live SAs
 *
 * For merge.c: records marked as merging. What cannot be adopted is named in
 * the log and forgotten.
 * Return: how many went live.
 */
unsigned int xha_role_extend(struct xha_group *g);

/* The next epoch of this node for the group. */
u32 xha_role_next_epoch(const struct xha_group *g);

#endif /* XHA_ROLE_H */
