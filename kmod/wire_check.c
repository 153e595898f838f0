// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no single field of a body can tell: do they fit each other? Asked in
 * both directions, so that nothing is sent that the peer would refuse.
 */
#include "wire_form.h"
#include <linux/xfrm.h>

#define PROTO_ESP	50
#define PROTO_AH	51
#define PROTO_COMP	108
#define SPI_COMP_MAX	0xffff	/* RFC 3173: a CPI has 16 bits */

static const char *check_sel(const struct xha_wire_sel *s)
{
	u8 max = s->family == FAMILY_V4 ? 32 : 128;

	if (s->prefixlen_d > max)
		return "prefixlen_d";
	return s->prefixlen_s > max ? "prefixlen_s" : NULL;
}

/* As verify_newsa_info() of net/xfrm/xfrm_user.c. */
static const char *check_algs(const struct xha_wire_sa *sa)
{
	bool aead = sa->aead.name[0], auth = sa->auth.name[0];
	bool crypt = sa->crypt.name[0], comp = sa->comp.name[0];
	bool ipcomp = sa->proto == PROTO_COMP;

	if (crypt && sa->crypt.icv_bits)
		return "crypt";
	if (comp && sa->comp.icv_bits)
		return "comp";
	if (comp != ipcomp)
		return "comp";
	if (aead && (sa->proto != PROTO_ESP || auth || crypt))
		return "aead";
	if (crypt && sa->proto != PROTO_ESP)
		return "crypt";
	if (sa->proto == PROTO_ESP && !aead && !crypt)
		return "crypt";
	if (auth ? sa->proto == PROTO_COMP : sa->proto == PROTO_AH)
		return "auth";
	return NULL;
}

/* As verify_replay() of xfrm_user.c and xfrm_init_replay(). */
static const char *check_replay(const struct xha_wire_sa *sa)
{
	const struct xha_wire_window *w = &sa->window;
	bool esn = sa->replay == XHA_REPLAY_ESN;
	u32 words = (sa->esn_window + 31) / 32;

	if (!!(sa->flags & XFRM_STATE_ESN) != esn)
		return "replay";
	if (sa->replay == XHA_REPLAY_LEGACY) {
		if (sa->esn_window)
			return "esn_window";
		words = !!sa->replay_window;
		if (w->words > 1)
			return "window";
	} else if (sa->replay_window || sa->proto == PROTO_COMP) {
		return "replay";
	}
	if (esn && !sa->outbound && !sa->esn_window)
		return "esn_window";
	if (w->words < words && (w->words || !sa->outbound))
		return "window";
	if (!esn && w->top > U32_MAX)
		return "window.top";
	if (sa->outbound ? sa->ceiling < w->top : sa->ceiling != 0)
		return "ceiling";
	return !esn && sa->ceiling > U32_MAX ? "ceiling" : NULL;
}

static const char *check_encap(const struct xha_wire_sa *sa)
{
	switch (sa->encap_type) {
	case 0:
		if (sa->mapping_maxage)
			return "mapping_maxage";
		return sa->nat_keepalive ? "nat_keepalive" : NULL;
	case 1:	/* UDP_ENCAP_ESPINUDP_NON_IKE */
	case 2:	/* UDP_ENCAP_ESPINUDP */
	case 7:	/* TCP_ENCAP_ESPINTCP */
		return sa->proto == PROTO_ESP ? NULL : "encap_type";
	default:
		return "encap_type";
	}
}

static const char *check_tag(const struct xha_wire_sa *sa)
{
	if (!sa->tag_valid)
		return NULL;
	if (sa->salt_len < sizeof(sa->tag_peer))
		return "salt";
	return sa->tag_peer == sa->tag_base ? "tag_peer" : NULL;
}

const char *xha_wire_check_sa(const void *obj)
{
	const struct xha_wire_sa *sa = obj;
	u32 spi = be32_to_cpu(sa->spi);
	const char *bad;

	if (sa->proto != PROTO_ESP && sa->proto != PROTO_AH &&
	    sa->proto != PROTO_COMP)
		return "proto";
	if (sa->mode != XFRM_MODE_TRANSPORT && sa->mode != XFRM_MODE_TUNNEL &&
	    sa->mode != XFRM_MODE_BEET)
		return "mode";
	if (sa->proto == PROTO_COMP ? spi > SPI_COMP_MAX : !spi)
		return "spi";
	if (sa->dir && sa->dir != (sa->outbound ? 2 : 1))
		return "dir";
	if (sa->tfcpad && (sa->proto != PROTO_ESP || sa->mode != XFRM_MODE_TUNNEL))
		return "tfcpad";
	if (sa->times.use_age > AGE_MAX && sa->times.use_age != U64_MAX)
		return "times.use_age";
	bad = check_sel(&sa->sel);
	if (!bad)
		bad = check_algs(sa);
	if (!bad)
		bad = check_replay(sa);
	if (!bad)
		bad = check_encap(sa);
	return bad ? bad : check_tag(sa);
}

/* As validate_tmpl() of xfrm_user.c, without the MIPv6 protocols. */
static const char *check_tmpl(const struct xha_wire_policy *p, u16 prev,
			      const struct xha_wire_tmpl *t)
{
	if (t->proto != PROTO_ESP && t->proto != PROTO_AH &&
	    t->proto != PROTO_COMP && t->proto != 255 /* IPSEC_PROTO_ANY */)
		return "tmpl.proto";
	if (t->mode == XFRM_MODE_ROUTEOPTIMIZATION ||
	    t->mode == XFRM_MODE_IN_TRIGGER)
		return "tmpl.mode";
	if (t->mode == XFRM_MODE_TRANSPORT)
		return t->family != prev ? "tmpl.family" : NULL;
	return t->optional && p->dir == XFRM_POLICY_OUT ? "tmpl.optional" : NULL;
}

const char *xha_wire_check_policy(const void *obj)
{
	const struct xha_wire_policy *p = obj;
	const char *bad = check_sel(&p->sel);
	u16 prev = p->family;
	u32 i;

	if (p->n_tmpl > XHA_WIRE_TMPLS)
		return "n_tmpl";
	if (p->family != p->sel.family)
		return "sel.family";
	if (p->times.use_age > AGE_MAX && p->times.use_age != U64_MAX)
		return "times.use_age";
	for (i = 0; !bad && i < p->n_tmpl; i++) {
		bad = check_tmpl(p, prev, &p->tmpl[i]);
		prev = p->tmpl[i].family;
	}
	return bad;
}

const char *xha_wire_check_hello(const void *obj)
{
	const struct xha_wire_hello *h = obj;

	return h->version_min > h->version_max ? "version_max" : NULL;
}

const char *xha_wire_check_verdict(const void *obj)
{
	const struct xha_wire_verdict *v = obj;

	return !v->accept && !v->reason[0] ? "reason" : NULL;
}
