// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matching packets against selectors.
 *
 * A gateway has thousands of policies whose prefix lengths come in a handful
 * of combinations. Rules are therefore put into classes of equal direction,
 * family and prefix lengths; within a class the masked addresses are hashed.
 * A lookup costs one hash per class and not one comparison per policy.
 *
 * Rules are stored in the order in which they win, so that of two hits the
 * one with the lower position is right, and a chain can be left as soon as it
 * passes the best position so far.
 */

#include <linux/err.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <net/gre.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "gate.h"
#include "gate_match.h"

#define NO_RULE	U32_MAX

/* Rules that differ only in masked addresses and in what is no address. */
struct rule_class {
	u16	family;
	u8	dir;
	u8	plen_s;
	u8	plen_d;
};

struct rule_node {
	struct xha_gate_rule	rule;
	u32			class;	/* while building: its position in @v */
	u32			next;	/* higher position in the same bucket */
};

struct xha_gate_index {
	struct rcu_head	rcu;
	u32		seed;
	u32		mask;		/* buckets - 1 */
	unsigned int	n_nodes;
	unsigned int	n_classes;
	struct rule_class	*classes;
	u32		*heads;
	struct rule_node	*nodes;
};

static void mask_addr(const xfrm_address_t *a, u16 family, u8 plen,
		      __be32 out[4])
{
	unsigned int words = family == AF_INET ? 1 : 4;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		unsigned int bits = plen > 32 * i ? plen - 32 * i : 0;

		if (i >= words || !bits)
			out[i] = 0;
		else if (bits >= 32)
			out[i] = a->a6[i];
		else
			out[i] = a->a6[i] & htonl(~0U << (32 - bits));
	}
}

static u32 bucket(const struct xha_gate_index *ix, u32 class,
		  const xfrm_address_t *s, const xfrm_address_t *d)
{
	const struct rule_class *c = &ix->classes[class];
	__be32 key[8];

	mask_addr(s, c->family, c->plen_s, key);
	mask_addr(d, c->family, c->plen_d, key + 4);
	return jhash2((__force const u32 *)key, ARRAY_SIZE(key),
		      ix->seed ^ class) & ix->mask;
}

static bool same_net(const xfrm_address_t *a, const xfrm_address_t *b,
		     u16 family, u8 plen)
{
	if (family == AF_INET)
		return addr4_match(a->a4, b->a4, plen);
	return addr_match(a, b, plen);
}

static bool ports_match(const struct xha_gate_rule *r,
			const struct xha_gate_flow *fl)
{
	const struct xfrm_selector *s = &r->sel;

	if (fl->any_port && (s->sport_mask || s->dport_mask))
		return !r->pass;
	return !((fl->sport ^ s->sport) & s->sport_mask) &&
	       !((fl->dport ^ s->dport) & s->dport_mask);
}

static bool rule_match(const struct xha_gate_rule *r,
		       const struct xha_gate_flow *fl)
{
	const struct xfrm_selector *s = &r->sel;

	if ((fl->mark & r->mark.m) != r->mark.v)
		return false;
	if (r->if_id != fl->if_id &&
	    !(fl->any_if_id && r->if_id && !r->pass))
		return false;
	if ((s->ifindex || r->labelled) && r->pass)
		return false;
	if (s->proto && fl->any_proto) {
		if (r->pass)
			return false;
	} else if (s->proto && s->proto != fl->proto) {
		return false;
	}
	return same_net(&fl->daddr, &s->daddr, fl->family, s->prefixlen_d) &&
	       same_net(&fl->saddr, &s->saddr, fl->family, s->prefixlen_s) &&
	       ports_match(r, fl);
}

const struct xha_gate_rule *
xha_gate_match_find(const struct xha_gate_index *ix,
		    const struct xha_gate_flow *fl, u8 dir)
{
	u32 best = NO_RULE;
	unsigned int c;
	u32 i;

	for (c = 0; c < ix->n_classes; c++) {
		if (ix->classes[c].family != fl->family ||
		    ix->classes[c].dir != dir)
			continue;
		i = ix->heads[bucket(ix, c, &fl->saddr, &fl->daddr)];
		for (; i < best; i = ix->nodes[i].next) {
			if (ix->nodes[i].class == c &&
			    rule_match(&ix->nodes[i].rule, fl)) {
				best = i;
				break;
			}
		}
	}
	return best == NO_RULE ? NULL : &ix->nodes[best].rule;
}

static bool rule_valid(const struct xha_gate_rule *r)
{
	u8 max = r->sel.family == AF_INET ? 32 : 128;

	return (r->sel.family == AF_INET || r->sel.family == AF_INET6) &&
	       r->sel.prefixlen_s <= max && r->sel.prefixlen_d <= max &&
	       (r->dir == XFRM_POLICY_IN || r->dir == XFRM_POLICY_OUT ||
		r->dir == XFRM_POLICY_FWD);
}

static int node_cmp(const void *a, const void *b)
{
	const struct rule_node *x = a, *y = b;

	if (x->rule.priority != y->rule.priority)
		return x->rule.priority < y->rule.priority ? -1 : 1;
	if (x->rule.pass != y->rule.pass)
		return x->rule.pass ? 1 : -1;
	return x->class < y->class ? -1 : x->class > y->class;
}

static u32 class_of(struct xha_gate_index *ix, const struct xha_gate_rule *r)
{
	const struct rule_class want = {
		.family = r->sel.family,
		.dir = r->dir,
		.plen_s = r->sel.prefixlen_s,
		.plen_d = r->sel.prefixlen_d,
	};
	unsigned int i;

	for (i = 0; i < ix->n_classes; i++) {
		const struct rule_class *c = &ix->classes[i];

		if (c->family == want.family && c->dir == want.dir &&
		    c->plen_s == want.plen_s && c->plen_d == want.plen_d)
			return i;
	}
	ix->classes[ix->n_classes] = want;
	return ix->n_classes++;
}

/* One block, so that one kvfree_rcu() frees it. */
static struct xha_gate_index *index_alloc(unsigned int n)
{
	unsigned int buckets = roundup_pow_of_two(max(n, 1U));
	size_t off_nodes, off_classes, off_heads, size;
	struct xha_gate_index *ix;

	off_nodes = ALIGN(sizeof(*ix), __alignof__(struct rule_node));
	off_classes = off_nodes + array_size(n, sizeof(struct rule_node));
	off_heads = ALIGN(off_classes + array_size(n, sizeof(struct rule_class)),
			  sizeof(u32));
	size = off_heads + array_size(buckets, sizeof(u32));

	ix = kvzalloc(size, GFP_KERNEL);
	if (!ix)
		return NULL;
	ix->nodes = (void *)ix + off_nodes;
	ix->classes = (void *)ix + off_classes;
	ix->heads = (void *)ix + off_heads;
	ix->mask = buckets - 1;
	ix->n_nodes = n;
	ix->seed = get_random_u32();
	memset(ix->heads, 0xff, array_size(buckets, sizeof(u32)));
	return ix;
}

struct xha_gate_index *xha_gate_match_build(const struct xha_gate_rule *v,
					    unsigned int n)
{
	struct xha_gate_index *ix;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!rule_valid(&v[i]))
			return ERR_PTR(-EINVAL);

	ix = index_alloc(n);
	if (!ix)
		return ERR_PTR(-ENOMEM);

	for (i = 0; i < n; i++) {
		ix->nodes[i].rule = v[i];
		ix->nodes[i].class = i;
	}
	sort(ix->nodes, n, sizeof(struct rule_node), node_cmp, NULL);

	for (i = 0; i < n; i++) {
		struct rule_node *nd = &ix->nodes[i];

		nd->class = class_of(ix, &nd->rule);
	}
	/* From the last to the first: chains then rise in position. */
	for (i = n; i-- > 0;) {
		struct rule_node *nd = &ix->nodes[i];
		u32 *head = &ix->heads[bucket(ix, nd->class,
					      &nd->rule.sel.saddr,
					      &nd->rule.sel.daddr)];

		nd->next = *head;
		*head = i;
	}
	return ix;
}

void xha_gate_match_free(struct xha_gate_index *ix)
{
	kvfree(ix);
}

void xha_gate_match_free_rcu(struct xha_gate_index *ix)
{
	if (ix)
		kvfree_rcu(ix, rcu);
}

static void decode_gre(const struct sk_buff *skb, unsigned int off,
		       struct xha_gate_flow *fl)
{
	const struct gre_base_hdr *gre;
	struct gre_base_hdr _gre;
	const __be32 *keyp;
	__be32 _key;

	gre = skb_header_pointer(skb, off, sizeof(_gre), &_gre);
	if (!gre) {
		fl->any_port = true;
		return;
	}
	if (!(gre->flags & GRE_KEY))
		return;
	off += sizeof(*gre) + (gre->flags & GRE_CSUM ? 4 : 0);
	keyp = skb_header_pointer(skb, off, sizeof(_key), &_key);
	if (!keyp) {
		fl->any_port = true;
		return;
	}
	fl->sport = htons(ntohl(*keyp) >> 16);
	fl->dport = htons(ntohl(*keyp) & 0xffff);
}

static void decode_upper(const struct sk_buff *skb, unsigned int off,
			 struct xha_gate_flow *fl)
{
	const __be16 *ports;
	const u8 *icmp;
	__be16 _ports[2];
	u8 _icmp[2];

	switch (fl->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
		ports = skb_header_pointer(skb, off, sizeof(_ports), _ports);
		fl->any_port = !ports;
		fl->sport = ports ? ports[0] : 0;
		fl->dport = ports ? ports[1] : 0;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		icmp = skb_header_pointer(skb, off, sizeof(_icmp), _icmp);
		fl->any_port = !icmp;
		fl->sport = icmp ? htons(icmp[0]) : 0;
		fl->dport = icmp ? htons(icmp[1]) : 0;
		break;
	case IPPROTO_GRE:
		decode_gre(skb, off, fl);
		break;
	case IPPROTO_MH:
		/* Its type is rare enough not to be worth reading. */
		fl->any_port = true;
		break;
	}
}

static int decode4(const struct sk_buff *skb, struct xha_gate_flow *fl)
{
	unsigned int off = skb_network_offset(skb);
	const struct iphdr *iph;
	struct iphdr _iph;

	iph = skb_header_pointer(skb, off, sizeof(_iph), &_iph);
	if (!iph || iph->ihl < 5)
		return -EINVAL;
	fl->saddr.a4 = iph->saddr;
	fl->daddr.a4 = iph->daddr;
	fl->proto = iph->protocol;
	if (ip_is_fragment(iph))
		fl->any_port = true;
	else
		decode_upper(skb, off + iph->ihl * 4, fl);
	return 0;
}

static int decode6(const struct sk_buff *skb, struct xha_gate_flow *fl)
{
	unsigned int off = skb_network_offset(skb);
	const struct ipv6_opt_hdr *opt;
	const struct ipv6hdr *ip6h;
	struct ipv6_opt_hdr _opt;
	struct ipv6hdr _ip6h;

	ip6h = skb_header_pointer(skb, off, sizeof(_ip6h), &_ip6h);
	if (!ip6h)
		return -EINVAL;
	fl->saddr.in6 = ip6h->saddr;
	fl->daddr.in6 = ip6h->daddr;
	fl->proto = ip6h->nexthdr;
	off += sizeof(*ip6h);

	while (fl->proto == NEXTHDR_HOP || fl->proto == NEXTHDR_ROUTING ||
	       fl->proto == NEXTHDR_DEST || fl->proto == NEXTHDR_FRAGMENT) {
		/* Behind a later fragment's header there is no header. */
		if (fl->proto != NEXTHDR_FRAGMENT && fl->any_port) {
			fl->any_proto = true;
			return 0;
		}
		opt = skb_header_pointer(skb, off, sizeof(_opt), &_opt);
		if (!opt) {
			fl->any_proto = true;
			fl->any_port = true;
			return 0;
		}
		if (fl->proto == NEXTHDR_FRAGMENT) {
			fl->any_port = true;
			off += sizeof(struct frag_hdr);
		} else {
			off += ipv6_optlen(opt);
		}
		fl->proto = opt->nexthdr;
	}
	if (!fl->any_port)
		decode_upper(skb, off, fl);
	return 0;
}

int xha_gate_match_decode(const struct sk_buff *skb, u16 family,
			  struct xha_gate_flow *fl)
{
	memset(fl, 0, sizeof(*fl));
	fl->family = family;
	fl->mark = skb->mark;
	return family == AF_INET ? decode4(skb, fl) : decode6(skb, fl);
}
