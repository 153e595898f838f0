// SPDX-License-Identifier: GPL-2.0-only
/* Decoding of frames. */
#include "wire_form.h"

#define TLV_OPTIONAL	0x8000
#define ALG_HDR		5

static u64 load_be(const u8 *p, u32 size)
{
	u64 v = 0;

	while (size--)
		v = v << 8 | *p++;
	return v;
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

static int fault(const char **bad, const char *name, int err)
{
	if (bad)
		*bad = name;
	return err;
}

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

static int get_context(struct in *in, struct xha_wire_context *c)
{
	const u8 *p = take(in, 2);
	u32 len = in->len;

	if (!p)
		return -EBADMSG;
	if (!len || len > XHA_WIRE_CONTEXT_MAX)
		return -ERANGE;
	c->alg = p[0];
	c->doi = p[1];
	memcpy(c->text, take(in, len), len);
	c->len = (u16)len;
	return 0;
}

static int get_fields(struct in *in, u8 *obj, const u8 *family,
		      const struct field *f, u32 n, const char **bad);

static int get_tmpls(struct in *in, struct xha_wire_policy *p,
		     const char **bad)
{
	const struct form *form = xha_wire_form(FORM_TMPL);
	struct xha_wire_tmpl *t;
	int err;

	while (in->len) {
		if (p->n_tmpl == XHA_WIRE_TMPLS)
			return fault(bad, "n_tmpl", -ERANGE);
		t = &p->tmpl[p->n_tmpl++];
		err = get_fields(in, (u8 *)t, (const u8 *)&t->family,
				 form->fields, form->n_fields, bad);
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
	case K_CONTEXT:
		return get_context(in, (void *)(obj + f->off));
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

int xha_wire_decode(void *obj, const struct xha_wire_frame *f, enum form_id id,
		    const char **bad)
{
	const struct form *form = xha_wire_form(id);
	const struct type_row *row = xha_wire_row(f->type);
	struct in in = { f->body, f->body_len };
	int err;

	memset(obj, 0, form->size);
	if (!row || row->form != id)
		return fault(bad, "type", -EINVAL);
	err = get_body(&in, obj, form, f->type, bad);
	if (err)
		wire_wipe(obj, form->size);
	return err;
}

int xha_wire_get_counters(struct xha_wire_counters *c,
			  const struct xha_wire_frame *f, const char **bad)
{
	const struct type_row *row = xha_wire_row(f->type);
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
