// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between struct xfrm_state and the wire form of an SA.
 *
 * What a complete state consists of, and in which order it is built, follows
 * xfrm_state_construct() of net/xfrm/xfrm_user.c. Documentation/sa-fields.md
 * lists every field: mirrored, derived, or left out and why.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <crypto/aead.h>
#include <crypto/internal/geniv.h>
#include <net/xfrm.h>

#include "age.h"
#include "compat/xfrm.h"
#include "context.h"
#include "sa.h"
#include "seq.h"

void xha_sa_addr_to_wire(struct xha_wire_addr *w, const xfrm_address_t *a,
			 u16 family)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->b, a, family == AF_INET ? 4 : 16);
}

void xha_sa_addr_from_wire(xfrm_address_t *a, const struct xha_wire_addr *w,
			   u16 family)
{
	memset(a, 0, sizeof(*a));
	memcpy(a, w->b, family == AF_INET ? 4 : 16);
}

void xha_sa_sel_to_wire(struct xha_wire_sel *w, const struct xfrm_selector *s)
{
	memset(w, 0, sizeof(*w));
	xha_sa_addr_to_wire(&w->daddr, &s->daddr, s->family);
	xha_sa_addr_to_wire(&w->saddr, &s->saddr, s->family);
	w->dport = s->dport;
	w->dport_mask = s->dport_mask;
	w->sport = s->sport;
	w->sport_mask = s->sport_mask;
	w->family = s->family;
	w->prefixlen_d = s->prefixlen_d;
	w->prefixlen_s = s->prefixlen_s;
	w->proto = s->proto;
	w->user = (__force u32)s->user;
}

void xha_sa_sel_from_wire(struct xfrm_selector *s, const struct xha_wire_sel *w)
{
	memset(s, 0, sizeof(*s));
	xha_sa_addr_from_wire(&s->daddr, &w->daddr, w->family);
	xha_sa_addr_from_wire(&s->saddr, &w->saddr, w->family);
	s->dport = w->dport;
	s->dport_mask = w->dport_mask;
	s->sport = w->sport;
	s->sport_mask = w->sport_mask;
	s->family = w->family;
	s->prefixlen_d = w->prefixlen_d;
	s->prefixlen_s = w->prefixlen_s;
	s->proto = w->proto;
	s->user = (__force __kernel_uid32_t)w->user;
}

void xha_sa_limits_to_wire(struct xha_wire_limits *w,
			   const struct xfrm_lifetime_cfg *l)
{
	w->soft_byte = l->soft_byte_limit;
	w->hard_byte = l->hard_byte_limit;
	w->soft_packet = l->soft_packet_limit;
	w->hard_packet = l->hard_packet_limit;
	w->soft_add = l->soft_add_expires_seconds;
	w->hard_add = l->hard_add_expires_seconds;
	w->soft_use = l->soft_use_expires_seconds;
	w->hard_use = l->hard_use_expires_seconds;
}

void xha_sa_limits_from_wire(struct xfrm_lifetime_cfg *l,
			     const struct xha_wire_limits *w)
{
	l->soft_byte_limit = w->soft_byte;
	l->hard_byte_limit = w->hard_byte;
	l->soft_packet_limit = w->soft_packet;
	l->hard_packet_limit = w->hard_packet;
	l->soft_add_expires_seconds = w->soft_add;
	l->hard_add_expires_seconds = w->hard_add;
	l->soft_use_expires_seconds = w->soft_use;
	l->hard_use_expires_seconds = w->hard_use;
}

static bool keys_fit(const struct xfrm_state *x)
{
	unsigned int most = 8 * XHA_WIRE_KEY_MAX;

	return (!x->aead || x->aead->alg_key_len <= most) &&
	       (!x->aalg || x->aalg->alg_key_len <= most) &&
	       (!x->ealg || x->ealg->alg_key_len <= most);
}

const char *xha_sa_refusal(const struct xfrm_state *x)
{
	/* Building one inserts its inner SA at once (ipcomp_tunnel_attach()). */
	if (x->id.proto == IPPROTO_COMP)
		return "IPComp is not adoptable";
	if (x->id.proto != IPPROTO_ESP && x->id.proto != IPPROTO_AH)
		return "neither ESP nor AH";
	if (x->props.mode != XFRM_MODE_TUNNEL &&
	    x->props.mode != XFRM_MODE_TRANSPORT &&
	    x->props.mode != XFRM_MODE_BEET)
		return "its mode is not adoptable";
	/* The device has the numbers. */
	if (x->xso.dev && x->xso.type == XFRM_DEV_OFFLOAD_PACKET)
		return "its packets are offloaded to a device";
	/*
	 * Where a device encrypts, esp_xmit() never comes to the IV generator:
	 * the driver writes the IV, some the bare number, outside of all that
	 * salt and tags keep apart. One that decrypts takes what the peer chose.
	 */
	if (x->xso.dev && x->xso.dir == XFRM_DEV_OFFLOAD_OUT)
		return "its encryption is offloaded to a device";
	/* After a wrap no ceiling keeps a number from coming twice. */
	if ((x->props.extra_flags & XFRM_SA_XFLAG_OSEQ_MAY_WRAP) &&
	    xha_sa_replay_mode(x) != XHA_REPLAY_ESN)
		return "its sequence numbers may wrap";
	if (!keys_fit(x))
		return "its key is too long";
	if (!xha_context_fits(x->security))
		return xha_context_too_long;
	if (x->sel.ifindex)
		return "its selector names an interface";
	return NULL;
}

u8 xha_sa_replay_mode(const struct xfrm_state *x)
{
	if (!x->replay_esn)
		return XHA_REPLAY_LEGACY;
	return x->props.flags & XFRM_STATE_ESN ? XHA_REPLAY_ESN : XHA_REPLAY_BMP;
}

/*
 * Two halves that move under x->lock, read without it. Around a carry the
 * value may be off by 2^32 for one pass of the sampler: too low is corrected by
 * the next, too high only skips numbers.
 */
static u64 peek_halves(const u32 *hi, const u32 *lo)
{
	u32 h, l;

	do {
		h = READ_ONCE(*hi);
		l = READ_ONCE(*lo);
	} while (h != READ_ONCE(*hi));
	return (u64)h << 32 | l;
}

u64 xha_sa_peek(const struct xfrm_state *x, bool outbound)
{
	const struct xfrm_replay_state_esn *esn = x->replay_esn;

	if (!esn)
		return outbound ? READ_ONCE(x->replay.oseq) :
				  READ_ONCE(x->replay.seq);
	if (outbound)
		return peek_halves(&esn->oseq_hi, &esn->oseq);
	return peek_halves(&esn->seq_hi, &esn->seq);
}

static void window_locked(struct xha_wire_window *w, const struct xfrm_state *x,
			  bool outbound)
{
	const struct xfrm_replay_state_esn *esn = x->replay_esn;

	lockdep_assert_held(&x->lock);
	memset(w, 0, sizeof(*w));
	w->top = xha_sa_peek(x, outbound);
	if (!esn) {
		w->words = 1;
		w->bmp[0] = x->replay.bitmap;
		return;
	}
	w->words = min_t(u32, esn->bmp_len, XHA_WIRE_BMP_WORDS);
	memcpy(w->bmp, esn->bmp, w->words * sizeof(u32));
}

void xha_sa_window(struct xha_wire_window *w, struct xfrm_state *x)
{
	spin_lock_bh(&x->lock);
	window_locked(w, x, false);
	spin_unlock_bh(&x->lock);
}

/* One that does not fit is refused, and never sent: xha_sa_refusal(). */
static void alg_to_wire(struct xha_wire_alg *w, const char *name,
			unsigned int key_bits, unsigned int icv_bits,
			const char *key)
{
	strscpy(w->name, name, sizeof(w->name));
	w->key_bits = min_t(unsigned int, key_bits, XHA_WIRE_KEY_MAX * 8);
	w->icv_bits = icv_bits;
	memcpy(w->key, key, DIV_ROUND_UP(w->key_bits, 8));
}

static void snapshot_algs(struct xha_wire_sa *w, const struct xfrm_state *x)
{
	if (x->aead)
		alg_to_wire(&w->aead, x->aead->alg_name, x->aead->alg_key_len,
			    x->aead->alg_icv_len, x->aead->alg_key);
	if (x->aalg)
		alg_to_wire(&w->auth, x->aalg->alg_name, x->aalg->alg_key_len,
			    x->aalg->alg_trunc_len, x->aalg->alg_key);
	if (x->ealg)
		alg_to_wire(&w->crypt, x->ealg->alg_name, x->ealg->alg_key_len,
			    0, x->ealg->alg_key);
	if (x->calg)
		alg_to_wire(&w->comp, x->calg->alg_name, x->calg->alg_key_len,
			    0, x->calg->alg_key);
}

static void snapshot_props(struct xha_wire_sa *w, const struct xfrm_state *x)
{
	w->family = x->props.family;
	xha_sa_addr_to_wire(&w->daddr, &x->id.daddr, w->family);
	xha_sa_addr_to_wire(&w->saddr, &x->props.saddr, w->family);
	w->spi = x->id.spi;
	w->proto = x->id.proto;
	w->mode = x->props.mode;
	w->flags = x->props.flags;
	w->extra_flags = x->props.extra_flags;
	w->replay_window = x->props.replay_window;
	w->reqid = x->props.reqid;
	w->mark_v = x->mark.v;
	w->mark_m = x->mark.m;
	w->if_id = x->if_id;
	w->smark_v = x->props.smark.v;
	w->smark_m = x->props.smark.m;
	w->tfcpad = x->tfcpad;
	w->mapping_maxage = x->mapping_maxage;
	xha_compat_sa_get(w, x);
	xha_sa_sel_to_wire(&w->sel, &x->sel);
	xha_sa_limits_to_wire(&w->limits, &x->lft);
	xha_context_to_wire(&w->context, x->security);
	if (x->encap) {
		w->encap_type = x->encap->encap_type;
		w->encap_sport = x->encap->encap_sport;
		w->encap_dport = x->encap->encap_dport;
		xha_sa_addr_to_wire(&w->encap_oa, &x->encap->encap_oa, w->family);
	}
	if (x->coaddr) {
		w->has_coaddr = 1;
		xha_sa_addr_to_wire(&w->coaddr, x->coaddr, w->family);
	}
}

void xha_sa_snapshot(struct xha_wire_sa *w, struct xha_sa *sa)
{
	struct xfrm_state *x = sa->x;
	int len;

	memset(w, 0, sizeof(*w));
	w->incarnation = sa->rec.incarnation;
	w->outbound = sa->outbound;
	w->replay = xha_sa_replay_mode(x);
	if (x->replay_esn)
		w->esn_window = x->replay_esn->replay_window;
	len = xha_sa_salt_get(x, w->salt);
	w->salt_len = max(len, 0);
	w->tag_valid = sa->tag_valid;
	w->tag_base = sa->tag_base;
	w->tag_peer = sa->tag_peer;
	w->tag_count[0] = sa->tag_count[0];
	w->tag_count[1] = sa->tag_count[1];

	spin_lock_bh(&x->lock);
	snapshot_props(w, x);
	snapshot_algs(w, x);
	window_locked(&w->window, x, sa->outbound);
	if (sa->rec.live && xha_age_read_sa(sa))
		sa->rec.gen++;
	w->gen = sa->rec.gen;
	w->dying = x->km.dying;
	w->bytes = x->curlft.bytes;
	w->packets = x->curlft.packets;
	spin_unlock_bh(&x->lock);
}

/* As attach_aead() of xfrm_user.c. */
static int build_aead(struct xfrm_state *x, const struct xha_wire_alg *w)
{
	struct xfrm_algo_desc *desc;
	unsigned int len = DIV_ROUND_UP(w->key_bits, 8);

	if (!w->name[0])
		return 0;
	desc = xfrm_aead_get_byname(w->name, w->icv_bits, 1);
	if (!desc)
		return -EOPNOTSUPP;
	x->props.ealgo = desc->desc.sadb_alg_id;
	x->geniv = desc->uinfo.aead.geniv;
	x->aead = kzalloc(sizeof(*x->aead) + len, GFP_KERNEL);
	if (!x->aead)
		return -ENOMEM;
	strscpy(x->aead->alg_name, desc->name, sizeof(x->aead->alg_name));
	x->aead->alg_key_len = w->key_bits;
	x->aead->alg_icv_len = w->icv_bits;
	memcpy(x->aead->alg_key, w->key, len);
	return 0;
}

/* As attach_auth_trunc(). */
static int build_auth(struct xfrm_state *x, const struct xha_wire_alg *w)
{
	struct xfrm_algo_desc *desc;
	unsigned int len = DIV_ROUND_UP(w->key_bits, 8);

	if (!w->name[0])
		return 0;
	desc = xfrm_aalg_get_byname(w->name, 1);
	if (!desc)
		return -EOPNOTSUPP;
	if (w->icv_bits > desc->uinfo.auth.icv_fullbits)
		return -EINVAL;
	x->props.aalgo = desc->desc.sadb_alg_id;
	x->aalg = kzalloc(sizeof(*x->aalg) + len, GFP_KERNEL);
	if (!x->aalg)
		return -ENOMEM;
	strscpy(x->aalg->alg_name, desc->name, sizeof(x->aalg->alg_name));
	x->aalg->alg_key_len = w->key_bits;
	x->aalg->alg_trunc_len = w->icv_bits ?: desc->uinfo.auth.icv_truncbits;
	memcpy(x->aalg->alg_key, w->key, len);
	return 0;
}

/* As attach_crypt(). */
static int build_crypt(struct xfrm_state *x, const struct xha_wire_alg *w)
{
	struct xfrm_algo_desc *desc;
	unsigned int len = DIV_ROUND_UP(w->key_bits, 8);

	if (!w->name[0])
		return 0;
	desc = xfrm_ealg_get_byname(w->name, 1);
	if (!desc)
		return -EOPNOTSUPP;
	x->props.ealgo = desc->desc.sadb_alg_id;
	x->geniv = desc->uinfo.encr.geniv;
	x->ealg = kzalloc(sizeof(*x->ealg) + len, GFP_KERNEL);
	if (!x->ealg)
		return -ENOMEM;
	strscpy(x->ealg->alg_name, desc->name, sizeof(x->ealg->alg_name));
	x->ealg->alg_key_len = w->key_bits;
	memcpy(x->ealg->alg_key, w->key, len);
	return 0;
}

static int build_props(struct xfrm_state *x, const struct xha_wire_sa *w)
{
	x->props.family = w->family;
	xha_sa_addr_from_wire(&x->id.daddr, &w->daddr, w->family);
	xha_sa_addr_from_wire(&x->props.saddr, &w->saddr, w->family);
	x->id.spi = w->spi;
	x->id.proto = w->proto;
	x->props.mode = w->mode;
	x->props.flags = w->flags;
	x->props.extra_flags = w->extra_flags;
	x->props.replay_window = w->replay_window;
	x->props.reqid = w->reqid;
	x->mark.v = w->mark_v;
	x->mark.m = w->mark_m;
	x->if_id = w->if_id;
	x->props.smark.v = w->smark_v;
	x->props.smark.m = w->smark_m;
	x->tfcpad = w->tfcpad;
	x->mapping_maxage = w->mapping_maxage;
	xha_compat_sa_set(x, w);
	xha_sa_sel_from_wire(&x->sel, &w->sel);
	xha_sa_limits_from_wire(&x->lft, &w->limits);
	if (w->encap_type) {
		x->encap = kzalloc(sizeof(*x->encap), GFP_KERNEL);
		if (!x->encap)
			return -ENOMEM;
		x->encap->encap_type = w->encap_type;
		x->encap->encap_sport = w->encap_sport;
		x->encap->encap_dport = w->encap_dport;
		xha_sa_addr_from_wire(&x->encap->encap_oa, &w->encap_oa, w->family);
	}
	if (w->has_coaddr) {
		x->coaddr = kzalloc(sizeof(*x->coaddr), GFP_KERNEL);
		if (!x->coaddr)
			return -ENOMEM;
		xha_sa_addr_from_wire(x->coaddr, &w->coaddr, w->family);
	}
	return 0;
}

static int build_replay(struct xfrm_state *x, const struct xha_wire_sa *w,
			struct net *net)
{
	u32 window = max(w->esn_window, xha_compat_esn_window_min(w));
	u32 words = max(w->window.words, DIV_ROUND_UP(window, 32));
	struct xfrm_replay_state_esn *esn;
	size_t len;

	if (w->replay != XHA_REPLAY_LEGACY) {
		len = struct_size(esn, bmp, words);
		esn = kzalloc(len, GFP_KERNEL);
		if (!esn)
			return -ENOMEM;
		esn->bmp_len = words;
		esn->replay_window = window;
		x->replay_esn = esn;
		x->preplay_esn = kmemdup(esn, len, GFP_KERNEL);
		if (!x->preplay_esn)
			return -ENOMEM;
	}
	x->replay_maxdiff = net->xfrm.sysctl_aevent_rseqth;
	x->replay_maxage = net->xfrm.sysctl_aevent_etime * HZ / XFRM_AE_ETH_M;
	return xfrm_init_replay(x, NULL);
}

static int build_counters(struct xfrm_state *x, const struct xha_wire_sa *w)
{
	int err = 0;

	if (w->outbound)
		xha_sa_set_oseq(x, w->window.top);
	else
		xha_sa_raise_window(x, &w->window);
	xha_sa_raise_use(x, w->bytes, w->packets);
	x->km.dying = w->dying;
	if (w->salt_len)
		err = xha_sa_salt_set(x, w->salt, w->salt_len);
	return err;
}

struct xfrm_state *xha_sa_build(struct net *net, const struct xha_wire_sa *w,
				const char **why)
{
	struct xfrm_state *x;
	int err = -ENOMEM;

	*why = "out of memory";
	x = xfrm_state_alloc(net);
	if (!x)
		return ERR_PTR(-ENOMEM);
	err = build_props(x, w);
	if (err)
		goto err_destroy;
	*why = "algorithm not available here";
	err = build_aead(x, &w->aead) ?: build_auth(x, &w->auth) ?:
	      build_crypt(x, &w->crypt);
	if (err)
		goto err_destroy;
	*why = "the kernel refused its parameters";
	err = __xfrm_init_state(x, false, false, NULL);
	if (err)
		goto err_destroy;
	err = xha_context_set_sa(x, &w->context, why);
	if (err)
		goto err_destroy;
	*why = "the kernel refused its replay window";
	err = build_replay(x, w, net);
	if (err)
		goto err_destroy;
	*why = "IV generator cannot be continued here";
	err = build_counters(x, w);
	if (err)
		goto err_destroy;
	*why = xha_sa_refusal(x);
	if (*why) {
		err = -EOPNOTSUPP;
		goto err_destroy;
	}
	return x;

err_destroy:
	/* Whichever step it was: this is worth another try. */
	if (err == -ENOMEM)
		*why = "out of memory";
	xha_sa_destroy_staged(x);
	return ERR_PTR(err);
}

void xha_sa_wipe(struct xfrm_state *x)
{
	if (x->aead)
		memzero_explicit(x->aead->alg_key,
				 DIV_ROUND_UP(x->aead->alg_key_len, 8));
	if (x->aalg)
		memzero_explicit(x->aalg->alg_key,
				 DIV_ROUND_UP(x->aalg->alg_key_len, 8));
	if (x->ealg)
		memzero_explicit(x->ealg->alg_key,
				 DIV_ROUND_UP(x->ealg->alg_key_len, 8));
}

void xha_sa_destroy_staged(struct xfrm_state *x)
{
	xha_sa_wipe(x);
	x->km.state = XFRM_STATE_DEAD;
	xfrm_state_put(x);
}

void xha_sa_raise_window(struct xfrm_state *x, const struct xha_wire_window *w)
{
	struct xfrm_replay_state_esn *esn = x->replay_esn;
	u64 top = xha_sa_peek(x, false);
	u32 i;

	if (!w->words || w->top < top)
		return;
	if (!esn) {
		x->replay.bitmap = w->bmp[0] |
				   (w->top == top ? x->replay.bitmap : 0);
		x->replay.seq = w->top;
		x->preplay = x->replay;
		return;
	}
	if (w->words != esn->bmp_len)
		return;
	for (i = 0; i < w->words; i++)
		esn->bmp[i] = w->bmp[i] | (w->top == top ? esn->bmp[i] : 0);
	esn->seq = (u32)w->top;
	esn->seq_hi = w->top >> 32;
	memcpy(x->preplay_esn, esn, struct_size(esn, bmp, esn->bmp_len));
}

struct xha_seq_window xha_sa_window_of(const struct xfrm_state *x,
				       struct xha_wire_window *w)
{
	return (struct xha_seq_window){
		.w = w,
		.size = x->replay_esn ? x->replay_esn->replay_window :
					x->props.replay_window,
		.mode = xha_sa_replay_mode(x),
	};
}

void xha_sa_merge_window(struct xfrm_state *x, const struct xha_seq_window *from)
{
	struct xha_seq_window to;
	struct xha_wire_window own;

	lockdep_assert_held(&x->lock);
	window_locked(&own, x, false);
	to = xha_sa_window_of(x, &own);
	/* Other numbers than those of @x it has nothing to say about. */
	if (!xha_seq_merge(&to, from))
		xha_sa_raise_window(x, &own);
}

void xha_sa_raise_bits(struct xfrm_state *x, u64 top, u64 bits)
{
	struct xha_wire_window w = {
		.words = x->replay_esn ? x->replay_esn->bmp_len : 1,
	};
	struct xha_seq_window win = xha_sa_window_of(x, &w);

	if (w.words > XHA_WIRE_BMP_WORDS)
		return;
	xha_seq_set_bits(&win, top, bits);
	xha_sa_raise_window(x, &w);
}

void xha_sa_raise_use(struct xfrm_state *x, u64 bytes, u64 packets)
{
	x->curlft.bytes = max_t(u64, x->curlft.bytes, bytes);
	x->curlft.packets = max_t(u64, x->curlft.packets, packets);
}

void xha_sa_put_oseq(struct xfrm_state *x, u64 last)
{
	struct xfrm_replay_state_esn *esn = x->replay_esn;

	lockdep_assert_held(&x->lock);
	if (!esn) {
		x->replay.oseq = (u32)last;
		return;
	}
	esn->oseq = (u32)last;
	esn->oseq_hi = last >> 32;
}

void xha_sa_set_oseq(struct xfrm_state *x, u64 last)
{
	struct xfrm_replay_state_esn *esn = x->replay_esn;

	if (!esn) {
		x->replay.oseq = (u32)last;
		x->preplay.oseq = (u32)last;
		return;
	}
	esn->oseq = (u32)last;
	esn->oseq_hi = last >> 32;
	x->preplay_esn->oseq = esn->oseq;
	x->preplay_esn->oseq_hi = esn->oseq_hi;
}

/* The IV generator of the SA's AEAD if it is a template instance we know. */
static struct aead_geniv_ctx *geniv_ctx(const struct xfrm_state *x)
{
	struct crypto_aead *aead = x->data;
	const struct crypto_alg *alg = &crypto_aead_alg(aead)->base;

	if (!(alg->cra_flags & CRYPTO_ALG_INSTANCE))
		return NULL;
	if (strncmp(alg->cra_driver_name, "seqiv(", 6) &&
	    strncmp(alg->cra_driver_name, "echainiv(", 9))
		return NULL;
	return crypto_aead_ctx(aead);
}

int xha_sa_salt_get(const struct xfrm_state *x, u8 salt[XHA_WIRE_SALT_MAX])
{
	struct aead_geniv_ctx *ctx;
	unsigned int len;

	if (x->id.proto != IPPROTO_ESP || !x->geniv || !x->data)
		return 0;
	len = crypto_aead_ivsize(x->data);
	ctx = geniv_ctx(x);
	if (!ctx || len > XHA_WIRE_SALT_MAX)
		return -EOPNOTSUPP;
	memcpy(salt, ctx->salt, len);
	return len;
}

int xha_sa_salt_set(struct xfrm_state *x, const u8 *salt, u8 len)
{
	struct aead_geniv_ctx *ctx;

	if (!x->geniv || !x->data || len != crypto_aead_ivsize(x->data))
		return -EINVAL;
	ctx = geniv_ctx(x);
	if (!ctx)
		return -EOPNOTSUPP;
	memcpy(ctx->salt, salt, len);
	return 0;
}

bool xha_sa_iv_tagged(const struct xfrm_state *x)
{
	return x->geniv && !strcmp(x->geniv, "seqiv") && x->data &&
	       geniv_ctx(x) && crypto_aead_ivsize(x->data) == 8;
}

void xha_sa_set_tag(struct xfrm_state *x, u16 tag)
{
	struct aead_geniv_ctx *ctx = geniv_ctx(x);

	ctx->salt[0] = tag >> 8;
	ctx->salt[1] = tag & 0xff;
}

u16 xha_sa_tag(const struct xfrm_state *x)
{
	const struct aead_geniv_ctx *ctx = geniv_ctx(x);

	return ctx->salt[0] << 8 | ctx->salt[1];
}

static bool same_key(const char *a, unsigned int a_bits, const char *b,
		     unsigned int b_bits)
{
	return a_bits == b_bits && !memcmp(a, b, DIV_ROUND_UP(a_bits, 8));
}

bool xha_sa_same_keys(const struct xfrm_state *a, const struct xfrm_state *b)
{
	if (!a->aead != !b->aead || !a->aalg != !b->aalg || !a->ealg != !b->ealg)
		return false;
	if (a->aead && (strcmp(a->aead->alg_name, b->aead->alg_name) ||
			a->aead->alg_icv_len != b->aead->alg_icv_len ||
			!same_key(a->aead->alg_key, a->aead->alg_key_len,
				  b->aead->alg_key, b->aead->alg_key_len)))
		return false;
	if (a->aalg && (strcmp(a->aalg->alg_name, b->aalg->alg_name) ||
			a->aalg->alg_trunc_len != b->aalg->alg_trunc_len ||
			!same_key(a->aalg->alg_key, a->aalg->alg_key_len,
				  b->aalg->alg_key, b->aalg->alg_key_len)))
		return false;
	if (a->ealg && (strcmp(a->ealg->alg_name, b->ealg->alg_name) ||
			!same_key(a->ealg->alg_key, a->ealg->alg_key_len,
				  b->ealg->alg_key, b->ealg->alg_key_len)))
		return false;
	return a->props.mode == b->props.mode && a->id.proto == b->id.proto &&
	       xha_sa_replay_mode(a) == xha_sa_replay_mode(b);
}
