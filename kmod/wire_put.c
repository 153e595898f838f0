// SPDX-License-Identifier: GPL-2.0-only
/* Encoding of frames. */
#include "wire_form.h"

static void store_be(u8 *p, u64 v, u32 size)
{
	while (size--) {
		p[size] = (u8)v;
		v >>= 8;
	}
}

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

static int put_context(struct out *o, const struct xha_wire_context *c)
{
	int err;

	if (!c->len || c->len > XHA_WIRE_CONTEXT_MAX)
		return -EINVAL;
	err = put_number(o, c->alg, 1);
	if (!err)
		err = put_number(o, c->doi, 1);
	return err ? err : put_bytes(o, c->text, c->len);
}

static int put_fields(struct out *o, const u8 *obj, u16 family,
		      const struct field *f, u32 n);

static int put_tmpls(struct out *o, const struct xha_wire_policy *p)
{
	const struct form *form = xha_wire_form(FORM_TMPL);
	int err = 0;
	u32 i;

	if (p->n_tmpl > XHA_WIRE_TMPLS)
		return -EINVAL;
	for (i = 0; !err && i < p->n_tmpl; i++)
		err = put_fields(o, (const u8 *)&p->tmpl[i], p->tmpl[i].family,
				 form->fields, form->n_fields);
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
	case K_CONTEXT:
		return put_context(o, (const void *)(obj + f->off));
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
	case K_CONTEXT:
		return !((const struct xha_wire_context *)(obj + f->off))->len;
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

static int put_end(struct out *o, const struct xha_wire_frame *f, int err)
{
	const struct type_row *row = xha_wire_row(f->type);
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

int xha_wire_encode(u8 *buf, const struct xha_wire_frame *f, enum form_id id,
		    const void *obj)
{
	const struct type_row *row = xha_wire_row(f->type);
	struct out o = { buf, HDR_LEN };

	if (!row || row->form != id ||
	    !header_fits(&row->info, f->group, f->seq, f->epoch))
		return -EINVAL;
	return put_end(&o, f, put_body(&o, xha_wire_form(id), f->type, obj));
}

int xha_wire_put_counters(u8 *buf, const struct xha_wire_frame *f,
			  const struct xha_wire_counters *c)
{
	const struct type_row *row = xha_wire_row(f->type);
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
