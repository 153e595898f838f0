/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between struct xfrm_policy and the wire form of a policy.
 */
#ifndef XHA_POLICY_H
#define XHA_POLICY_H

#include <net/xfrm.h>

#include "gate.h"
#include "wire.h"

struct xha_group;

/**
 * xha_policy_local() - the local endpoint of what a policy demands
 * @dir: XFRM_POLICY_IN, OUT or FWD
 * @ip: filled
 *
 * A tunnel-mode template names it; in transport mode it is the local side of
 * the selector, if that is a host.
 *
 * Return: false where the policy has none (a block or a bypass).
 */
bool xha_policy_local(const struct xfrm_policy *xp, int dir, struct xha_ip *ip);

/**
 * xha_policy_snapshot() - content of a policy in wire form, but for times
 * Context: any; takes xp->lock.
 */
void xha_policy_snapshot(struct xha_wire_policy *w, struct xfrm_policy *xp, int dir);

/**
 * xha_policy_build() - make a staged policy
 * @why: set on error, a constant
 * Context: process, may sleep.
 * Return: the policy, in no table, with one reference, or ERR_PTR(): -ENOMEM, or
 * what xha_context_set_policy() says of its security context.
 */
struct xfrm_policy *xha_policy_build(struct net *net,
				     const struct xha_wire_policy *w,
				     const char **why);

/* The same without its security context: for everybody's packets. */
struct xfrm_policy *
xha_policy_build_unlabelled(struct net *net, const struct xha_wire_policy *w);

/* Why a policy cannot be mirrored, or NULL. */
const char *xha_policy_refusal(const struct xfrm_policy *xp);

/* Name one in the kernel log, with the reason why it is not mirrored. */
void xha_policy_log_refusal(const struct xha_group *g,
			    const struct xha_wire_policy *w, const char *why);

/* Of a new policy: none in bytes or packets. */
void xha_policy_no_limits(struct xfrm_policy *xp);

/* Destroy a policy that was never inserted. */
void xha_policy_destroy_staged(struct xfrm_policy *xp);

/* The policy as the gate sees it. */
void xha_policy_rule(struct xha_gate_rule *r, const struct xha_wire_policy *w);

#endif /* XHA_POLICY_H */
