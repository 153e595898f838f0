/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a body is described, for the two directions of the codec. Private to
 * wire*.c: tables of this kind are in wire_tab.c, wire_put.c and wire_get.c
 * walk them.
 */
#ifndef XHA_WIRE_FORM_H
#define XHA_WIRE_FORM_H

#include "wire.h"

#define HDR_LEN		((u32)sizeof(struct xha_wire_hdr))
#define TLV_HDR		4

#define FAMILY_V4	2	/* AF_INET on Linux */
#define FAMILY_V6	10	/* AF_INET6 on Linux */
#define ICV_BITS_MAX	512
#define AGE_MAX		(1ULL << 40)	/* s; keeps kernel time64_t sums sane */

enum kind {
	K_NUM,		/* host integer, big endian on the wire */
	K_RAW,		/* bytes as they are (already big endian) */
	K_FAMILY,	/* K_NUM, AF_INET or AF_INET6 */
	K_FAMILY_ANY,	/* or 0 */
	K_ADDR,		/* 4 bytes if the object's family is AF_INET, else 16 */
	/* These take the rest of the TLV or body, so they come last. */
	K_TEXT,		/* printable, without the NUL */
	K_WORDS,	/* struct xha_wire_window: words and bmp */
	K_ALG,		/* struct xha_wire_alg */
	K_SALT,		/* struct xha_wire_sa: salt_len and salt */
	K_CONTEXT,	/* struct xha_wire_context */
	K_TMPLS,	/* struct xha_wire_policy: n_tmpl and tmpl */
};

struct field {
	const char	*name;
	u16		off;
	u16		size;
	u8		kind;
	u64		min;
	u64		max;
	u64		dfl;
};

struct tlv {
	const char		*name;
	u16			type;
	u16			base;	/* of the struct the fields are in */
	u16			family;	/* that its addresses have */
	u8			n;
	const struct field	*fields;
};

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
	FORM_TMPL,	/* one template, within a policy */
};

struct form {
	u16			size;	/* of the decoded struct */
	u8			n_fields;
	u8			n_tlvs;
	const struct field	*fields;
	const struct tlv	*tlvs;
	const char		*(*check)(const void *obj);
};

/* Bytes of one counter entry: with inc and a, then b, then c. */
#define ENTRY_CEILING	12
#define ENTRY_WINDOW	20
#define ENTRY_LIFETIME	24

struct type_row {
	struct xha_wire_type_info	info;
	u8				form;
	u8				entry;
};

/* wire_tab.c: those of @id, which is valid; the row of @type, or NULL */
const struct form *xha_wire_form(enum form_id id);
const struct type_row *xha_wire_row(u8 type);

/* wire_check.c, across fields: each returns the field at fault, or NULL */
const char *xha_wire_check_sa(const void *obj);
const char *xha_wire_check_policy(const void *obj);
const char *xha_wire_check_hello(const void *obj);
const char *xha_wire_check_verdict(const void *obj);

/* Any form but the counters', as xha_wire_put_sa() and xha_wire_get_sa(). */
int xha_wire_encode(u8 *buf, const struct xha_wire_frame *f, enum form_id id,
		    const void *obj);
int xha_wire_decode(void *obj, const struct xha_wire_frame *f, enum form_id id,
		    const char **bad);

/* Group, sequence and epoch as the table of types wants them. */
static inline bool header_fits(const struct xha_wire_type_info *info, u8 group,
			       u32 seq, u32 epoch)
{
	if (!seq)
		return false;
	return info->group ? group != 0 : !group && !epoch;
}

static inline u64 load_host(const void *p, u32 size)
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

static inline bool is_number(const struct field *f)
{
	return f->kind <= K_FAMILY_ANY && f->kind != K_RAW;
}

static inline bool value_ok(const struct field *f, u64 v)
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

static inline bool printable(const char *s, size_t len, char first)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] < first || s[i] > '~')
			return false;
	return true;
}

/* Bytes of a number, of raw bytes or of an address on the wire. */
static inline u32 wire_size(const struct field *f, u16 family)
{
	return f->kind == K_ADDR && family == FAMILY_V4 ? 4 : f->size;
}

#endif /* XHA_WIRE_FORM_H */
