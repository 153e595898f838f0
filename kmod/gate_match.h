/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Matching packets against the selectors of policies, as the kernel's SPD
 * does, without the SPD: xfrm_selector_match() is not exported, and a standby
 * keeps its policies out of the SPD.
 */
#ifndef XHA_GATE_MATCH_H
#define XHA_GATE_MATCH_H

#include <linux/types.h>
#include <linux/skbuff.h>
#include <net/xfrm.h>

struct xha_gate_rule;
struct xha_gate_index;

/**
 * struct xha_gate_flow - what selectors look at
 * @saddr: source; @daddr: destination; as in the IP header
 * @family: AF_INET or AF_INET6
 * @sport: as xfrm_flowi_sport(): source port, ICMP type, high half of a GRE
 *	key; @dport: as xfrm_flowi_dport(); both network byte order
 * @proto: upper-layer protocol
 * @any_port: a fragment or cut short: the ports are not known
 * @any_proto: the chain of IPv6 headers could not be followed
 * @any_if_id: leaves by an interface that chooses the if_id per packet
 * @mark: packet mark, or the key of a VTI
 * @if_id: of the XFRM interface the packet leaves by, else 0
 */
struct xha_gate_flow {
	xfrm_address_t	saddr;
	xfrm_address_t	daddr;
	u16		family;
	__be16		sport;
	__be16		dport;
	u8		proto;
	bool		any_port;
	bool		any_proto;
	bool		any_if_id;
	u32		mark;
	u32		if_id;
};

/**
 * xha_gate_match_decode() - read a packet's flow
 * @skb: packet with its network header set; it is not changed
 * @family: AF_INET or AF_INET6
 * @fl: filled in; @fl->if_id is 0
 *
 * Reads what decode_session4() and decode_session6() of
 * net/xfrm/xfrm_policy.c read. Every fragment, the first one too, counts as
 * one whose ports are unknown. Context: any, takes no lock.
 *
 * Return: 0, or -EINVAL without a whole IP header.
 */
int xha_gate_match_decode(const struct sk_buff *skb, u16 family,
			  struct xha_gate_flow *fl);

/**
 * xha_gate_match_build() - index rules for lookup
 * @v: rules in any order, copied
 * @n: how many, 0 is fine
 *
 * Context: process, may sleep. The caller owns the index and frees it with
 * xha_gate_match_free() or xha_gate_match_free_rcu().
 *
 * Return: the index; ERR_PTR(-ENOMEM); ERR_PTR(-EINVAL) where a family,
 * prefix length or direction is impossible.
 */
struct xha_gate_index *xha_gate_match_build(const struct xha_gate_rule *v,
					    unsigned int n);

/**
 * xha_gate_match_find() - first rule that matches a flow
 * @ix: index
 * @fl: flow
 * @dir: XFRM_POLICY_IN, OUT or FWD
 *
 * The rule of lowest priority value wins, as in the SPD; where two are equal,
 * one that protects beats one that passes. What is not known of the flow
 * counts as matching for a rule that protects and as not matching for one
 * that passes. Interfaces in selectors are treated as not known, too: routing
 * has not yet chosen one; and so are security contexts.
 *
 * Context: any; the index must stay (RCU).
 *
 * Return: a rule that lives as long as @ix, or NULL.
 */
const struct xha_gate_rule *
xha_gate_match_find(const struct xha_gate_index *ix,
		    const struct xha_gate_flow *fl, u8 dir);

/* Free an index (NULL is fine); _rcu: after a grace period. Any context but
 * hard interrupts for _rcu, process context for the other.
 */
void xha_gate_match_free(struct xha_gate_index *ix);
void xha_gate_match_free_rcu(struct xha_gate_index *ix);

#endif /* XHA_GATE_MATCH_H */
