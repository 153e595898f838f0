// SPDX-License-Identifier: GPL-2.0-only
/*
 * Codec of the wire protocol; wire.h is the specification of the frames.
 *
 * Each body is described once, by tables, and both directions walk the same
 * tables (wire_tab.h): a field has a place, a range and a default. What no
 * single field can tell, the check function of a form does, again for both
 * directions, so that nothing is sent that the peer would refuse.
 *
 * A TLV is be16 type, be16 length of the value, value. Bit 15 of the type
 * says that a receiver who does not know the type may skip it. The first TLV
 * of a table is required and comes first, because it names the address
 * family that the others depend on; a TLV whose fields all have their
 * defaults is left out.
 */
#include "wire.h"
#include "wire_tab.h"

#define HDR_LEN		((u32)sizeof(struct xha_wire_hdr))
#define BODY_MAX	(XHA_WIRE_FRAME_MAX - 12)
#define TLV_HDR		4
#define TLV_OPTIONAL	0x8000
#define ALG_HDR		5
#define BODY_REASON	(XHA_WIRE_REASON - 1)

/* --- checks across fields; each returns the field at fault or NULL ----- */

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

static const char *check_sa(const void *obj)
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

static const char *check_policy(const void *obj)
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

static const char *check_hello(const void *obj)
{
	const struct xha_wire_hello *h = obj;

	return h->version_min > h->version_max ? "version_max" : NULL;
}

static const char *check_verdict(const void *obj)
{
	const struct xha_wire_verdict *v = obj;

	return !v->accept && !v->reason[0] ? "reason" : NULL;
}

/* --- forms and types --------------------------------------------------- */

enum form_id {
	FORM_EMPTY,
	FORM_HELLO,
	FORM_GROUP,
	FORM_ACK,
	FORM_NAK,
	FORM_HEARING,
	FORM_CLOCK,
	FORM_SYNC,
	FORM_SUMS,
	FORM_BULK,
	FORM_DEL,
	FORM_VERDICT,
	FORM_COMMIT,
	FORM_SA,
	FORM_POLICY,
	FORM_COUNTERS,
	FORM_BIG,
};

struct form {
	u16			size;	/* of the decoded struct */
	u8			n_fields;
	u8			n_tlvs;
	const struct field	*fields;
	const struct tlv	*tlvs;
	const char		*(*check)(const void *obj);
};

#define FIXED(s, f, c) { sizeof(struct s), ARRAY_SIZE(f), 0, f, NULL, c }
#define TLVS(s, t, c)  { sizeof(struct s), 0, ARRAY_SIZE(t), NULL, t, c }

static const struct form forms[] = {
	[FORM_EMPTY]	= {},
	[FORM_HELLO]	= TLVS(xha_wire_hello, hello_tlvs, check_hello),
	[FORM_GROUP]	= FIXED(xha_wire_group, group_fields, NULL),
	[FORM_ACK]	= FIXED(xha_wire_ack, ack_fields, NULL),
	[FORM_NAK]	= FIXED(xha_wire_nak, nak_fields, NULL),
	[FORM_HEARING]	= FIXED(xha_wire_hearing, hearing_fields, NULL),
	[FORM_CLOCK]	= FIXED(xha_wire_clock, clock_fields, NULL),
	[FORM_SYNC]	= FIXED(xha_wire_sync, sync_fields, NULL),
	[FORM_SUMS]	= FIXED(xha_wire_sums, sums_fields, NULL),
	[FORM_BULK]	= FIXED(xha_wire_bulk, bulk_fields, NULL),
	[FORM_DEL]	= FIXED(xha_wire_del, del_fields, NULL),
	[FORM_VERDICT]	= FIXED(xha_wire_verdict, verdict_fields, check_verdict),
	[FORM_COMMIT]	= FIXED(xha_wire_commit, commit_fields, NULL),
	[FORM_SA]	= TLVS(xha_wire_sa, sa_tlvs, check_sa),
	[FORM_POLICY]	= TLVS(xha_wire_policy, policy_tlvs, check_policy),
	[FORM_COUNTERS]	= { .size = sizeof(struct xha_wire_counters) },
	[FORM_BIG]	= FIXED(xha_wire_window_big, big_fields, NULL),
};

/* Bytes of one counter entry: with inc and a, then b, then c. */
#define ENTRY_CEILING	12
#define ENTRY_WINDOW	20
#define ENTRY_LIFETIME	24
#define ENTRIES(size)	4 + (size), 4 + XHA_WIRE_COUNTERS * (size)

struct type_row {
	struct xha_wire_type_info	info;
	u8				form;
	u8				entry;
};

#define CONTROL	XHA_STREAM_CONTROL
#define STATE	XHA_STREAM_STATE
#define COUNTERS XHA_STREAM_COUNTERS
#define UP	XHA_LINK_UP

static const struct type_row types[] = {
	[XHA_MSG_HELLO] = {
		{ "hello", CONTROL, 20, 512, XHA_LINK_HELLO, false }, FORM_HELLO, 0 },
	[XHA_MSG_KEEPALIVE] = {
		{ "keepalive", CONTROL, 0, 0, UP, false }, FORM_EMPTY, 0 },
	[XHA_MSG_GROUP_STATE] = {
		{ "group-state", CONTROL, 23, 23, UP, true }, FORM_GROUP, 0 },
	[XHA_MSG_SYNC_REQ] = {
		{ "sync-req", CONTROL, 2, 2, UP, true }, FORM_SYNC, 0 },
	[XHA_MSG_ACK] = {
		{ "ack", CONTROL, 8, 8, UP, false }, FORM_ACK, 0 },
	[XHA_MSG_NAK] = {
		{ "nak", CONTROL, 8, 8 + BODY_REASON, UP, true }, FORM_NAK, 0 },
	[XHA_MSG_DIGEST_REQ] = {
		{ "digest-req", CONTROL, 0, 0, UP, true }, FORM_EMPTY, 0 },
	[XHA_MSG_HEARING] = {
		{ "hearing", CONTROL, 4, 4, UP, true }, FORM_HEARING, 0 },
	[XHA_MSG_CLOCK] = {
		{ "clock", CONTROL, 16, 16, UP, false }, FORM_CLOCK, 0 },

	[XHA_MSG_BULK_BEGIN] = {
		{ "bulk-begin", STATE, 22, 22, UP, true }, FORM_BULK, 0 },
	[XHA_MSG_BULK_END] = {
		{ "bulk-end", STATE, 22, 22, UP, true }, FORM_BULK, 0 },
	[XHA_MSG_SA] = {
		{ "sa", STATE, 44, BODY_MAX, UP, true }, FORM_SA, 0 },
	[XHA_MSG_SA_DEL] = {
		{ "sa-del", STATE, 8, 8, UP, true }, FORM_DEL, 0 },
	[XHA_MSG_POLICY] = {
		{ "policy", STATE, 28, BODY_MAX, UP, true }, FORM_POLICY, 0 },
	[XHA_MSG_POLICY_DEL] = {
		{ "policy-del", STATE, 8, 8, UP, true }, FORM_DEL, 0 },
	[XHA_MSG_DIGEST] = {
		{ "digest", STATE, 8 + 8 * XHA_WIRE_BUCKETS,
		  8 + 8 * XHA_WIRE_BUCKETS, UP, true }, FORM_SUMS, 0 },
	[XHA_MSG_MERGE_SA] = {
		{ "merge-sa", STATE, 44, BODY_MAX, UP, true }, FORM_SA, 0 },
	[XHA_MSG_MERGE_POLICY] = {
		{ "merge-policy", STATE, 28, BODY_MAX, UP, true }, FORM_POLICY, 0 },
	[XHA_MSG_MERGE_END] = {
		{ "merge-end", STATE, 0, 0, UP, true }, FORM_EMPTY, 0 },

	[XHA_MSG_CEILINGS] = {
		{ "ceilings", COUNTERS, ENTRIES(ENTRY_CEILING), UP, true },
		FORM_COUNTERS, ENTRY_CEILING },
	[XHA_MSG_WINDOWS] = {
		{ "windows", COUNTERS, ENTRIES(ENTRY_WINDOW), UP, true },
		FORM_COUNTERS, ENTRY_WINDOW },
	[XHA_MSG_WINDOW_BIG] = {
		{ "window-big", COUNTERS, 20, 16 + 4 * XHA_WIRE_BMP_WORDS, UP, true },
		FORM_BIG, 0 },
	[XHA_MSG_LIFETIMES] = {
		{ "lifetimes", COUNTERS, ENTRIES(ENTRY_LIFETIME), UP, true },
		FORM_COUNTERS, ENTRY_LIFETIME },
	[XHA_MSG_FINALS] = {
		{ "finals", COUNTERS, ENTRIES(ENTRY_CEILING), UP, true },
		FORM_COUNTERS, ENTRY_CEILING },
	[XHA_MSG_FINAL_USE] = {
		{ "final-use", COUNTERS, ENTRIES(ENTRY_LIFETIME), UP, true },
		FORM_COUNTERS, ENTRY_LIFETIME },

	[XHA_MSG_HANDOVER_PREPARE] = {
		{ "handover-prepare", CONTROL, 0, 0, UP, true }, FORM_EMPTY, 0 },
	[XHA_MSG_HANDOVER_READY] = {
		{ "handover-ready", CONTROL, 1, 1 + BODY_REASON, UP, true },
		FORM_VERDICT, 0 },
	[XHA_MSG_HANDOVER_COMMIT] = {
		{ "handover-commit", CONTROL, 8, 8, UP, true }, FORM_COMMIT, 0 },
	[XHA_MSG_HANDOVER_TAKEN] = {
		{ "handover-taken", CONTROL, 1, 1 + BODY_REASON, UP, true },
		FORM_VERDICT, 0 },
	[XHA_MSG_HANDOVER_FLUSHED] = {
		{ "handover-flushed", CONTROL, 0, 0, UP, true }, FORM_EMPTY, 0 },
};

static const struct type_row *type_row(u8 type)
{
	if (type >= ARRAY_SIZE(types) || !types[type].info.name)
		return NULL;
	return &types[type];
}

const struct xha_wire_type_info *xha_wire_type_info(u8 type)
{
	const struct type_row *row = type_row(type);

	return row ? &row->info : NULL;
}

/* --- numbers and ranges ------------------------------------------------ */

static void store_be(u8 *p, u64 v, u32 size)
{
	while (size--) {
		p[size] = (u8)v;
		v >>= 8;
	}
}

static u64 load_be(const u8 *p, u32 size)
{
	u64 v = 0;

	while (size--)
		v = v << 8 | *p++;
	return v;
}

static u64 load_host(const void *p, u32 size)
{
	u16 v16;
	u32 v32;
	u64 v64;

	switch (size) {
	case 1:
		return *(const u8 *)p;
	case 2:
		memcpy(&v16, p, sizeof(v16));
		return v16;
	case 4:
		memcpy(&v32, p, sizeof(v32));
		return v32;
	default:
		memcpy(&v64, p, sizeof(v64));
		return v64;
	}
}

static void store_host(void *p, u64 v, u32 size)
{
	u16 v16 = (u16)v;
	u32 v32 = (u32)v;

	switch (size) {
	case 1:
		*(u8 *)p = (u8)v;
		break;
	case 2:
		memcpy(p, &v16, sizeof(v16));
		break;
	case 4:
		memcpy(p, &v32, sizeof(v32));
		break;
	default:
		memcpy(p, &v, sizeof(v));
	}
}

static bool is_number(const struct field *f)
{
	return f->kind <= K_FAMILY_ANY && f->kind != K_RAW;
}

static bool value_ok(const struct field *f, u64 v)
{
	switch (f->kind) {
	case K_FAMILY_ANY:
		if (!v)
			return true;
		fallthrough;
	case K_FAMILY:
		return v == FAMILY_V4 || v == FAMILY_V6;
	default:
		return v >= f->min && v <= f->max;
	}
}

static bool printable(const char *s, size_t len, char first)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] < first || s[i] > '~')
			return false;
	return true;
}

/* Bytes of a number, of raw bytes or of an address on the wire. */
static u32 wire_size(const struct field *f, u16 family)
{
	return f->kind == K_ADDR && family == FAMILY_V4 ? 4 : f->size;
}

static int fault(const char **bad, const char *name, int err)
{
	if (bad)
		*bad = name;
	return err;
}

/* --- encoding ---------------------------------------------------------- */

struct out {
	u8	*buf;
	u32	len;
};

static u8 *reserve(struct out *o, u32 size)
{
	u8 *p = o->buf + o->len;

	if (size > XHA_WIRE_FRAME_MAX - o->len)
		return NULL;
	o->len += size;
	return p;
}

static int put_number(struct out *o, u64 v, u32 size)
{
	u8 *p = reserve(o, size);

	if (!p)
		return -EMSGSIZE;
	store_be(p, v, size);
	return 0;
}

static int put_bytes(struct out *o, const void *v, u32 size)
{
	u8 *p = reserve(o, size);

	if (!p)
		return -EMSGSIZE;
	memcpy(p, v, size);
	return 0;
}

static int put_text(struct out *o, const struct field *f, const char *s)
{
	size_t len = strnlen(s, f->size);

	if (len == f->size || !printable(s, len, ' '))
		return -EINVAL;
	return put_bytes(o, s, len);
}

static int put_words(struct out *o, const struct xha_wire_window *w)
{
	u32 i;
	int err = 0;

	if (w->words > XHA_WIRE_BMP_WORDS)
		return -EINVAL;
	for (i = 0; !err && i < w->words; i++)
		err = put_number(o, w->bmp[i], sizeof(u32));
	return err;
}

static int put_alg(struct out *o, const struct xha_wire_alg *a)
{
	size_t len = strnlen(a->name, sizeof(a->name));
	int err;

	if (!len || len == sizeof(a->name) || !printable(a->name, len, '!') ||
	    a->key_bits > 8 * XHA_WIRE_KEY_MAX || a->icv_bits > ICV_BITS_MAX ||
	    a->icv_bits % 8)
		return -EINVAL;
	err = put_number(o, a->key_bits, 2);
	if (!err)
		err = put_number(o, a->icv_bits, 2);
	if (!err)
		err = put_number(o, len, 1);
	if (!err)
		err = put_bytes(o, a->name, len);
	return err ? err : put_bytes(o, a->key, (a->key_bits + 7) / 8);
}

static int put_fields(struct out *o, const u8 *obj, u16 family,
		      const struct field *f, u32 n);

static int put_tmpls(struct out *o, const struct xha_wire_policy *p)
{
	int err = 0;
	u32 i;

	if (p->n_tmpl > XHA_WIRE_TMPLS)
		return -EINVAL;
	for (i = 0; !err && i < p->n_tmpl; i++)
		err = put_fields(o, (const u8 *)&p->tmpl[i], p->tmpl[i].family,
				 tmpl_fields, ARRAY_SIZE(tmpl_fields));
	return err;
}

/* @obj: the struct the fields are in */
static int put_special(struct out *o, const u8 *obj, const struct field *f)
{
	const struct xha_wire_sa *sa = (const void *)obj;

	switch (f->kind) {
	case K_TEXT:
		return put_text(o, f, (const char *)obj + f->off);
	case K_WORDS:
		return put_words(o, (const void *)(obj + f->off));
	case K_ALG:
		return put_alg(o, (const void *)(obj + f->off));
	case K_SALT:
		if (sa->salt_len > XHA_WIRE_SALT_MAX)
			return -EINVAL;
		return put_bytes(o, sa->salt, sa->salt_len);
	default:
		return put_tmpls(o, (const void *)obj);
	}
}

static int put_fields(struct out *o, const u8 *obj, u16 family,
		      const struct field *f, u32 n)
{
	int err = 0;
	u64 v;

	for (; !err && n--; f++) {
		if (is_number(f)) {
			v = load_host(obj + f->off, f->size);
			err = value_ok(f, v) ? put_number(o, v, f->size) :
					       -EINVAL;
		} else if (f->kind == K_RAW || f->kind == K_ADDR) {
			err = put_bytes(o, obj + f->off, wire_size(f, family));
		} else {
			err = put_special(o, obj, f);
		}
	}
	return err;
}

/* Nothing in it differs from what a decoder assumes when the TLV is absent. */
static bool is_default(const u8 *obj, u16 family, const struct field *f)
{
	const struct xha_wire_alg *a = (const void *)(obj + f->off);
	u32 i;

	switch (f->kind) {
	case K_RAW:
	case K_ADDR:
		for (i = 0; i < wire_size(f, family); i++)
			if (obj[f->off + i])
				return false;
		return true;
	case K_WORDS:
		return !((const struct xha_wire_window *)(obj + f->off))->words;
	case K_ALG:
		return !a->name[0] && !a->key_bits && !a->icv_bits;
	case K_SALT:
		return !((const struct xha_wire_sa *)obj)->salt_len;
	case K_TMPLS:
		return !((const struct xha_wire_policy *)obj)->n_tmpl;
	default:
		return load_host(obj + f->off, f->size) == f->dfl;
	}
}

static bool all_default(const u8 *obj, u16 family, const struct tlv *t)
{
	u32 i;

	for (i = 0; i < t->n; i++)
		if (!is_default(obj, family, &t->fields[i]))
			return false;
	return true;
}

static int put_tlvs(struct out *o, const u8 *obj, const struct form *form)
{
	const struct tlv *t;
	u16 family;
	u32 i, start;
	u8 *head;
	int err;

	for (i = 0; i < form->n_tlvs; i++) {
		t = &form->tlvs[i];
		family = load_host(obj + t->family, sizeof(family));
		if (i && all_default(obj + t->base, family, t))
			continue;
		head = reserve(o, TLV_HDR);
		if (!head)
			return -EMSGSIZE;
		start = o->len;
		err = put_fields(o, obj + t->base, family, t->fields, t->n);
		if (err)
			return err;
		store_be(head, t->type, 2);
		store_be(head + 2, o->len - start, 2);
	}
	return 0;
}

static int put_body(struct out *o, const struct form *form, u8 type,
		    const void *obj)
{
	int err = 0;

	if (form->check && form->check(obj))
		return -EINVAL;
	if (type == XHA_MSG_HELLO)
		err = put_number(o, XHA_WIRE_MAGIC, 4);
	if (!err && form->n_tlvs)
		err = put_tlvs(o, obj, form);
	else if (!err)
		err = put_fields(o, obj, 0, form->fields, form->n_fields);
	return err;
}

/* Group, sequence and epoch as the table of types wants them. */
static bool header_fits(const struct xha_wire_type_info *info, u8 group,
			u32 seq, u32 epoch)
{
	if (!seq)
		return false;
	return info->group ? group != 0 : !group && !epoch;
}

static int put_end(struct out *o, const struct xha_wire_frame *f, int err)
{
	const struct type_row *row = type_row(f->type);
	struct xha_wire_hdr hdr = {
		.len = cpu_to_be16((u16)o->len),
		.type = f->type,
		.group = f->group,
		.seq = cpu_to_be32(f->seq),
		.epoch = cpu_to_be32(f->epoch),
	};

	if (!err && o->len > HDR_LEN + row->info.max)
		err = -EMSGSIZE;
	if (!err && o->len < HDR_LEN + row->info.min)
		err = -EINVAL;
	if (err) {
		wire_wipe(o->buf, o->len);
		return err;
	}
	memcpy(o->buf, &hdr, sizeof(hdr));
	return o->len;
}

static int put(u8 *buf, const struct xha_wire_frame *f, u8 form,
	       const void *obj)
{
	const struct type_row *row = type_row(f->type);
	struct out o = { buf, HDR_LEN };

	if (!row || row->form != form ||
	    !header_fits(&row->info, f->group, f->seq, f->epoch))
		return -EINVAL;
	return put_end(&o, f, put_body(&o, &forms[form], f->type, obj));
}

int xha_wire_put_counters(u8 *buf, const struct xha_wire_frame *f,
			  const struct xha_wire_counters *c)
{
	const struct type_row *row = type_row(f->type);
	struct out o = { buf, HDR_LEN };
	const struct xha_wire_counter *e;
	int err;
	u32 i;

	if (!row || row->form != FORM_COUNTERS || !c->n ||
	    c->n > XHA_WIRE_COUNTERS ||
	    !header_fits(&row->info, f->group, f->seq, f->epoch))
		return -EINVAL;
	err = put_number(&o, c->base, 4);
	for (i = 0; !err && i < c->n; i++) {
		e = &c->e[i];
		err = put_number(&o, e->inc, 4);
		if (!err)
			err = put_number(&o, e->a, 8);
		if (!err && row->entry >= ENTRY_WINDOW)
			err = put_number(&o, e->b, 8);
		if (!err && row->entry >= ENTRY_LIFETIME)
			err = put_number(&o, e->c, 4);
	}
	return put_end(&o, f, err);
}

/* --- decoding ---------------------------------------------------------- */

struct in {
	const u8	*p;
	u32		len;
};

static const u8 *take(struct in *in, u32 size)
{
	const u8 *p = in->p;

	if (size > in->len)
		return NULL;
	in->p += size;
	in->len -= size;
	return p;
}

static int get_number(struct in *in, const struct field *f, void *to)
{
	const u8 *p = take(in, f->size);
	u64 v;

	if (!p)
		return -EBADMSG;
	v = load_be(p, f->size);
	if (!value_ok(f, v))
		return -ERANGE;
	store_host(to, v, f->size);
	return 0;
}

static int get_text(struct in *in, const struct field *f, char *to)
{
	u32 len = in->len;

	if (len >= f->size || !printable((const char *)in->p, len, ' '))
		return -ERANGE;
	memcpy(to, take(in, len), len);
	to[len] = 0;
	return 0;
}

static int get_words(struct in *in, struct xha_wire_window *w)
{
	u32 i, n = in->len / sizeof(u32);

	if (in->len % sizeof(u32))
		return -EBADMSG;
	if (n > XHA_WIRE_BMP_WORDS)
		return -ERANGE;
	for (i = 0; i < n; i++)
		w->bmp[i] = (u32)load_be(take(in, sizeof(u32)), sizeof(u32));
	w->words = n;
	return 0;
}

static int get_alg(struct in *in, struct xha_wire_alg *a)
{
	const u8 *p = take(in, ALG_HDR);
	u32 len;

	if (!p)
		return -EBADMSG;
	a->key_bits = (u16)load_be(p, 2);
	a->icv_bits = (u16)load_be(p + 2, 2);
	len = p[4];
	if (!len || len >= sizeof(a->name) || a->icv_bits % 8 ||
	    a->key_bits > 8 * XHA_WIRE_KEY_MAX || a->icv_bits > ICV_BITS_MAX)
		return -ERANGE;
	p = take(in, len);
	if (!p || in->len != (u32)(a->key_bits + 7) / 8)
		return -EBADMSG;
	if (!printable((const char *)p, len, '!'))
		return -ERANGE;
	memcpy(a->name, p, len);
	len = in->len;
	memcpy(a->key, take(in, len), len);
	return 0;
}

static int get_salt(struct in *in, struct xha_wire_sa *sa)
{
	u32 len = in->len;

	if (!len || len > XHA_WIRE_SALT_MAX)
		return -ERANGE;
	memcpy(sa->salt, take(in, len), len);
	sa->salt_len = (u8)len;
	return 0;
}

static int get_fields(struct in *in, u8 *obj, const u8 *family,
		      const struct field *f, u32 n, const char **bad);

static int get_tmpls(struct in *in, struct xha_wire_policy *p,
		     const char **bad)
{
	struct xha_wire_tmpl *t;
	int err;

	while (in->len) {
		if (p->n_tmpl == XHA_WIRE_TMPLS)
			return fault(bad, "n_tmpl", -ERANGE);
		t = &p->tmpl[p->n_tmpl++];
		err = get_fields(in, (u8 *)t, (const u8 *)&t->family,
				 tmpl_fields, ARRAY_SIZE(tmpl_fields), bad);
		if (err)
			return err;
	}
	return 0;
}

static int get_special(struct in *in, u8 *obj, const struct field *f)
{
	switch (f->kind) {
	case K_TEXT:
		return get_text(in, f, (char *)obj + f->off);
	case K_WORDS:
		return get_words(in, (void *)(obj + f->off));
	case K_ALG:
		return get_alg(in, (void *)(obj + f->off));
	default:
		return get_salt(in, (void *)obj);
	}
}

/*
 * @family points into the object, since the family may be one of the fields;
 * tables put it before the first address.
 */
static int get_fields(struct in *in, u8 *obj, const u8 *family,
		      const struct field *f, u32 n, const char **bad)
{
	const u8 *p;
	u32 size;
	int err;

	for (; n--; f++) {
		err = 0;
		if (is_number(f)) {
			err = get_number(in, f, obj + f->off);
		} else if (f->kind == K_RAW || f->kind == K_ADDR) {
			size = wire_size(f, load_host(family, sizeof(u16)));
			p = take(in, size);
			if (p)
				memcpy(obj + f->off, p, size);
			else
				err = -EBADMSG;
		} else if (f->kind != K_TMPLS) {
			err = get_special(in, obj, f);
		} else {
			return get_tmpls(in, (void *)obj, bad);
		}
		if (err)
			return fault(bad, f->name, err);
	}
	return 0;
}

static void set_defaults(u8 *obj, const struct tlv *t)
{
	const struct field *f;
	u32 i;

	for (i = 0; i < t->n; i++) {
		f = &t->fields[i];
		if (f->dfl)
			store_host(obj + t->base + f->off, f->dfl, f->size);
	}
}

static int get_value(struct in *value, u8 *obj, const struct tlv *t,
		     const char **bad)
{
	int err;

	err = get_fields(value, obj + t->base, obj + t->family, t->fields,
			 t->n, bad);
	if (!err && value->len)
		err = fault(bad, t->name, -EBADMSG);
	return err;
}

static u32 tlv_index(const struct form *form, u16 type)
{
	u32 i;

	for (i = 0; i < form->n_tlvs; i++)
		if (form->tlvs[i].type == (type & ~TLV_OPTIONAL))
			break;
	return i;
}

static int get_tlvs(struct in *in, u8 *obj, const struct form *form,
		    const char **bad)
{
	struct in value;
	const u8 *head;
	u32 seen = 0, i;
	u16 type;
	int err;

	while (in->len) {
		head = take(in, TLV_HDR);
		if (!head)
			return fault(bad, "tlv", -EBADMSG);
		type = (u16)load_be(head, 2);
		value.len = (u32)load_be(head + 2, 2);
		value.p = take(in, value.len);
		if (!value.p)
			return fault(bad, "tlv", -EBADMSG);
		i = tlv_index(form, type);
		if (i == form->n_tlvs) {
			if (type & TLV_OPTIONAL)
				continue;
			return fault(bad, "unknown tlv", -EPROTONOSUPPORT);
		}
		if (seen & 1U << i)
			return fault(bad, form->tlvs[i].name, -EBADMSG);
		if (i && !(seen & 1))
			break;
		seen |= 1U << i;
		err = get_value(&value, obj, &form->tlvs[i], bad);
		if (err)
			return err;
	}
	if (!(seen & 1))
		return fault(bad, form->tlvs[0].name, -EBADMSG);
	for (i = 1; i < form->n_tlvs; i++)
		if (!(seen & 1U << i))
			set_defaults(obj, &form->tlvs[i]);
	return 0;
}

static const struct field magic_field = {
	"magic", 0, 4, K_NUM, XHA_WIRE_MAGIC, XHA_WIRE_MAGIC, 0
};

static int get_body(struct in *in, u8 *obj, const struct form *form, u8 type,
		    const char **bad)
{
	const char *name;
	u32 magic;
	int err = 0;

	if (type == XHA_MSG_HELLO)
		err = get_number(in, &magic_field, &magic);
	if (err)
		return fault(bad, magic_field.name, err);
	if (form->n_tlvs)
		err = get_tlvs(in, obj, form, bad);
	else
		err = get_fields(in, obj, NULL, form->fields, form->n_fields,
				 bad);
	if (!err && in->len)
		err = fault(bad, "length", -EBADMSG);
	if (err || !form->check)
		return err;
	name = form->check(obj);
	return name ? fault(bad, name, -ERANGE) : 0;
}

static int get(void *obj, const struct xha_wire_frame *f, u8 form_id,
	       const char **bad)
{
	const struct form *form = &forms[form_id];
	const struct type_row *row = type_row(f->type);
	struct in in = { f->body, f->body_len };
	int err;

	memset(obj, 0, form->size);
	if (!row || row->form != form_id)
		return fault(bad, "type", -EINVAL);
	err = get_body(&in, obj, form, f->type, bad);
	if (err)
		wire_wipe(obj, form->size);
	return err;
}

int xha_wire_get_counters(struct xha_wire_counters *c,
			  const struct xha_wire_frame *f, const char **bad)
{
	const struct type_row *row = type_row(f->type);
	struct xha_wire_counter *e;
	const u8 *p = f->body + 4;
	u32 i, n;

	memset(c, 0, sizeof(*c));
	if (!row || row->form != FORM_COUNTERS)
		return fault(bad, "type", -EINVAL);
	if (f->body_len < 4 + (u32)row->entry ||
	    (f->body_len - 4) % row->entry)
		return fault(bad, "entries", -EBADMSG);
	n = (f->body_len - 4) / row->entry;
	if (n > XHA_WIRE_COUNTERS)
		return fault(bad, "entries", -ERANGE);
	c->base = (u32)load_be(f->body, 4);
	c->n = n;
	for (i = 0; i < n; i++, p += row->entry) {
		e = &c->e[i];
		e->inc = (u32)load_be(p, 4);
		e->a = load_be(p + 4, 8);
		if (row->entry >= ENTRY_WINDOW)
			e->b = load_be(p + 12, 8);
		if (row->entry >= ENTRY_LIFETIME)
			e->c = (u32)load_be(p + 20, 4);
	}
	return 0;
}

int xha_wire_open(struct xha_wire_frame *f, const u8 *buf, size_t len,
		  u16 stream, u8 link)
{
	const struct xha_wire_type_info *info;
	struct xha_wire_hdr hdr;

	memset(f, 0, sizeof(*f));
	if (len < HDR_LEN || len > XHA_WIRE_FRAME_MAX)
		return -EBADMSG;
	memcpy(&hdr, buf, sizeof(hdr));
	if (be16_to_cpu(hdr.len) != len)
		return -EBADMSG;
	info = xha_wire_type_info(hdr.type);
	if (!info)
		return -EPROTONOSUPPORT;
	if (stream != info->stream ||
	    len - HDR_LEN < info->min || len - HDR_LEN > info->max ||
	    !header_fits(info, hdr.group, be32_to_cpu(hdr.seq),
			 be32_to_cpu(hdr.epoch)))
		return -EPROTO;
	if (!(info->links & link))
		return -EBUSY;
	f->type = hdr.type;
	f->group = hdr.group;
	f->seq = be32_to_cpu(hdr.seq);
	f->epoch = be32_to_cpu(hdr.epoch);
	f->body = buf + HDR_LEN;
	f->body_len = len - HDR_LEN;
	return 0;
}

/* --- one pair per form -------------------------------------------------- */

int xha_wire_put_empty(u8 *buf, const struct xha_wire_frame *f)
{
	return put(buf, f, FORM_EMPTY, NULL);
}

#define CODEC(name, form)						\
int xha_wire_put_##name(u8 *buf, const struct xha_wire_frame *f,	\
			const struct xha_wire_##name *obj)		\
{									\
	return put(buf, f, form, obj);					\
}									\
									\
int xha_wire_get_##name(struct xha_wire_##name *obj,			\
			const struct xha_wire_frame *f,			\
			const char **bad)				\
{									\
	return get(obj, f, form, bad);					\
}

CODEC(hello, FORM_HELLO)
CODEC(group, FORM_GROUP)
CODEC(ack, FORM_ACK)
CODEC(nak, FORM_NAK)
CODEC(hearing, FORM_HEARING)
CODEC(clock, FORM_CLOCK)
CODEC(sync, FORM_SYNC)
CODEC(sums, FORM_SUMS)
CODEC(bulk, FORM_BULK)
CODEC(del, FORM_DEL)
CODEC(verdict, FORM_VERDICT)
CODEC(commit, FORM_COMMIT)
CODEC(sa, FORM_SA)
CODEC(policy, FORM_POLICY)
CODEC(window_big, FORM_BIG)

/* Finalizer of the splitmix64 generator: each input bit moves each output. */
static u64 mix(u64 v)
{
	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
	v = (v ^ v >> 27) * 0x94d049bb133111ebULL;
	return v ^ v >> 31;
}

u64 xha_wire_digest(u64 incarnation, u32 gen)
{
	return mix(mix(incarnation + 0x9e3779b97f4a7c15ULL) + gen);
}
