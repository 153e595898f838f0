// SPDX-License-Identifier: GPL-2.0-only
/*
 * Codec of the wire protocol; wire.h is the specification of the frames.
 *
 * Each body is described once, by tables, and both directions walk the same
 * tables (wire_tab.c): a field has a place, a range and a default. What no
 * single field can tell, the check function of a form does, again for both
 * directions, so that nothing is sent that the peer would refuse.
 *
 * A TLV is be16 type, be16 length of the value, value. Bit 15 of the type
 * says that a receiver who does not know the type may skip it. The first TLV
 * of a table is required and comes first, because it names the address
 * family that the others depend on; a TLV whose fields all have their
 * defaults is left out.
 */
#include "wire_form.h"

const struct xha_wire_type_info *xha_wire_type_info(u8 type)
{
	const struct type_row *row = xha_wire_row(type);

	return row ? &row->info : NULL;
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
	return xha_wire_encode(buf, f, FORM_EMPTY, NULL);
}

#define CODEC(name, form)						\
int xha_wire_put_##name(u8 *buf, const struct xha_wire_frame *f,	\
			const struct xha_wire_##name *obj)		\
{									\
	return xha_wire_encode(buf, f, form, obj);			\
}									\
									\
int xha_wire_get_##name(struct xha_wire_##name *obj,			\
			const struct xha_wire_frame *f,			\
			const char **bad)				\
{									\
	return xha_wire_decode(obj, f, form, bad);			\
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
