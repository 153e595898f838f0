// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of the wire protocol: the fields of each body, in wire order, with
 * their ranges and defaults, the TLVs they are grouped in, and the types of
 * frames. What stands here is the wire format: never change a row, add TLVs.
 */
#include "wire_form.h"
#include <linux/xfrm.h>
#include <linux/xfrm_ha.h>

#define BODY_MAX	(XHA_WIRE_FRAME_MAX - 12)
#define BODY_REASON	(XHA_WIRE_REASON - 1)
#define LEGACY_WINDOW	32	/* bits of xfrm_replay_state.bitmap */
#define ESN_WINDOW	(XHA_WIRE_BMP_WORDS * 32)
#define TIME_MAX	(2 * XHA_WIRE_TIME_BIAS - 1)	/* ms, biased */
#define TAGS_PER_NODE	0x8000
#define XFLAGS		(XFRM_SA_XFLAG_DONT_ENCAP_DSCP | XFRM_SA_XFLAG_OSEQ_MAY_WRAP)
#define POLICY_FLAGS	7	/* LOCALOK, ICMP, CPU_ACQUIRE */

/* --- fields ----------------------------------------------------------- */

#define FIELD(s, m, k, lo, hi, d) \
	{ #m, offsetof(struct s, m), sizeof_field(struct s, m), k, lo, hi, d }
#define NUM(s, m)		FIELD(s, m, K_NUM, 0, U64_MAX, 0)
#define NUM_IN(s, m, lo, hi)	FIELD(s, m, K_NUM, lo, hi, 0)
#define NUM_DFL(s, m, d)	FIELD(s, m, K_NUM, 0, U64_MAX, d)
#define OTHER(s, m, k)		FIELD(s, m, k, 0, 0, 0)

static const struct field version_fields[] = {
	NUM_IN(xha_wire_hello, version_min, 1, U64_MAX),
	NUM_IN(xha_wire_hello, version_max, 1, U64_MAX),
	NUM_IN(xha_wire_hello, boot_id, 1, U64_MAX),
};

static const struct field feature_fields[] = {
	NUM(xha_wire_hello, features),
};

static const struct field group_fields[] = {
	NUM_IN(xha_wire_group, role, 0, XFRM_HA_ROLE_ACTIVE),
	NUM_IN(xha_wire_group, state, 0, XFRM_HA_STATE_ACTIVE),
	NUM_IN(xha_wire_group, epoch_node, 0, 1),
	NUM_IN(xha_wire_group, interval_in, 1, 1000),
	NUM_IN(xha_wire_group, interval_out, 1000, 100000),
	NUM(xha_wire_group, vips_digest),
	NUM(xha_wire_group, refused),
};

static const struct field ack_fields[] = {
	NUM(xha_wire_ack, state_seq),
	NUM(xha_wire_ack, counters_seq),
};

static const struct field nak_fields[] = {
	NUM(xha_wire_nak, incarnation),
	OTHER(xha_wire_nak, reason, K_TEXT),
};

static const struct field hearing_fields[] = {
	NUM(xha_wire_hearing, hearing),
};

static const struct field clock_fields[] = {
	NUM_IN(xha_wire_clock, now, 0, XHA_WIRE_TIME_BIAS - 1),
	NUM_IN(xha_wire_clock, least, 0, TIME_MAX),
};

static const struct field sync_fields[] = {
	NUM_IN(xha_wire_sync, buckets, 1, XHA_WIRE_BUCKETS_ALL),
};

static const struct field sums_fields[] = {
	NUM(xha_wire_sums, sas),
	NUM(xha_wire_sums, policies),
	NUM(xha_wire_sums, sum[0]),
	NUM(xha_wire_sums, sum[1]),
	NUM(xha_wire_sums, sum[2]),
	NUM(xha_wire_sums, sum[3]),
	NUM(xha_wire_sums, sum[4]),
	NUM(xha_wire_sums, sum[5]),
	NUM(xha_wire_sums, sum[6]),
	NUM(xha_wire_sums, sum[7]),
	NUM(xha_wire_sums, sum[8]),
	NUM(xha_wire_sums, sum[9]),
	NUM(xha_wire_sums, sum[10]),
	NUM(xha_wire_sums, sum[11]),
	NUM(xha_wire_sums, sum[12]),
	NUM(xha_wire_sums, sum[13]),
	NUM(xha_wire_sums, sum[14]),
	NUM(xha_wire_sums, sum[15]),
};

static const struct field bulk_fields[] = {
	NUM(xha_wire_bulk, id),
	NUM_IN(xha_wire_bulk, buckets, 1, XHA_WIRE_BUCKETS_ALL),
	NUM(xha_wire_bulk, sas),
	NUM(xha_wire_bulk, policies),
	NUM(xha_wire_bulk, digest),
};

static const struct field del_fields[] = {
	NUM(xha_wire_del, incarnation),
};

static const struct field verdict_fields[] = {
	NUM_IN(xha_wire_verdict, accept, 0, 1),
	OTHER(xha_wire_verdict, reason, K_TEXT),
};

static const struct field commit_fields[] = {
	NUM(xha_wire_commit, epoch),
	NUM(xha_wire_commit, sas),
};

static const struct field big_fields[] = {
	NUM(xha_wire_window_big, incarnation),
	NUM(xha_wire_window_big, window.top),
	OTHER(xha_wire_window_big, window, K_WORDS),
};

/* Of struct xha_wire_sel, but for the family, which is with the owner's. */
static const struct field sel_fields[] = {
	OTHER(xha_wire_sel, daddr, K_ADDR),
	OTHER(xha_wire_sel, saddr, K_ADDR),
	OTHER(xha_wire_sel, dport, K_RAW),
	OTHER(xha_wire_sel, dport_mask, K_RAW),
	OTHER(xha_wire_sel, sport, K_RAW),
	OTHER(xha_wire_sel, sport_mask, K_RAW),
	NUM(xha_wire_sel, prefixlen_d),
	NUM(xha_wire_sel, prefixlen_s),
	NUM(xha_wire_sel, proto),
	NUM(xha_wire_sel, user),
};

static const struct field volume_fields[] = {
	NUM_DFL(xha_wire_limits, soft_byte, XFRM_INF),
	NUM_DFL(xha_wire_limits, hard_byte, XFRM_INF),
	NUM_DFL(xha_wire_limits, soft_packet, XFRM_INF),
	NUM_DFL(xha_wire_limits, hard_packet, XFRM_INF),
};

static const struct field time_fields[] = {
	NUM(xha_wire_limits, soft_add),
	NUM(xha_wire_limits, hard_add),
	NUM(xha_wire_limits, soft_use),
	NUM(xha_wire_limits, hard_use),
};

static const struct field sa_id_fields[] = {
	NUM(xha_wire_sa, incarnation),
	NUM(xha_wire_sa, gen),
	OTHER(xha_wire_sa, family, K_FAMILY),
	OTHER(xha_wire_sa, sel.family, K_FAMILY_ANY),
	OTHER(xha_wire_sa, daddr, K_ADDR),
	OTHER(xha_wire_sa, saddr, K_ADDR),
	OTHER(xha_wire_sa, spi, K_RAW),
	NUM(xha_wire_sa, proto),
	NUM(xha_wire_sa, mode),
	NUM_IN(xha_wire_sa, outbound, 0, 1),
	NUM(xha_wire_sa, flags),
	NUM_IN(xha_wire_sa, replay, 0, XHA_REPLAY_ESN),
	NUM_IN(xha_wire_sa, replay_window, 0, LEGACY_WINDOW),
	NUM_IN(xha_wire_sa, dying, 0, 1),
	NUM_IN(xha_wire_sa, dir, 0, 2),
	NUM(xha_wire_sa, reqid),
};

static const struct field sa_mark_fields[] = {
	NUM(xha_wire_sa, mark_v),
	NUM(xha_wire_sa, mark_m),
};

static const struct field sa_smark_fields[] = {
	NUM(xha_wire_sa, smark_v),
	NUM(xha_wire_sa, smark_m),
};

static const struct field sa_if_id_fields[] = {
	NUM(xha_wire_sa, if_id),
};

static const struct field sa_extra_fields[] = {
	NUM_IN(xha_wire_sa, extra_flags, 0, XFLAGS),
	NUM(xha_wire_sa, tfcpad),
};

static const struct field sa_aead_fields[] = {
	OTHER(xha_wire_sa, aead, K_ALG),
};

static const struct field sa_auth_fields[] = {
	OTHER(xha_wire_sa, auth, K_ALG),
};

static const struct field sa_crypt_fields[] = {
	OTHER(xha_wire_sa, crypt, K_ALG),
};

static const struct field sa_comp_fields[] = {
	OTHER(xha_wire_sa, comp, K_ALG),
};

static const struct field sa_encap_fields[] = {
	NUM(xha_wire_sa, encap_type),
	OTHER(xha_wire_sa, encap_sport, K_RAW),
	OTHER(xha_wire_sa, encap_dport, K_RAW),
	OTHER(xha_wire_sa, encap_oa, K_ADDR),
	NUM(xha_wire_sa, mapping_maxage),
	NUM(xha_wire_sa, nat_keepalive),
};

static const struct field sa_coaddr_fields[] = {
	NUM_IN(xha_wire_sa, has_coaddr, 0, 1),
	OTHER(xha_wire_sa, coaddr, K_ADDR),
};

static const struct field sa_use_fields[] = {
	NUM(xha_wire_sa, bytes),
	NUM(xha_wire_sa, packets),
	NUM_IN(xha_wire_sa, times.add_age, 0, AGE_MAX),
	NUM_DFL(xha_wire_sa, times.use_age, U64_MAX),
};

static const struct field sa_seq_fields[] = {
	NUM(xha_wire_sa, ceiling),
	NUM(xha_wire_sa, window.top),
	NUM_IN(xha_wire_sa, esn_window, 0, ESN_WINDOW),
	OTHER(xha_wire_sa, window, K_WORDS),
};

static const struct field sa_salt_fields[] = {
	OTHER(xha_wire_sa, salt, K_SALT),
};

static const struct field sa_tag_fields[] = {
	NUM_IN(xha_wire_sa, tag_valid, 0, 1),
	NUM(xha_wire_sa, tag_base),
	NUM(xha_wire_sa, tag_peer),
	NUM_IN(xha_wire_sa, tag_count[0], 0, TAGS_PER_NODE),
	NUM_IN(xha_wire_sa, tag_count[1], 0, TAGS_PER_NODE - 1),
};

static const struct field sa_cpu_fields[] = {
	NUM_DFL(xha_wire_sa, cpu, U32_MAX),
};

static const struct field sa_times_fields[] = {
	NUM_IN(xha_wire_sa, times.add_time, 0, TIME_MAX),
	NUM_IN(xha_wire_sa, times.use_time, 0, TIME_MAX),
};

static const struct field sa_context_fields[] = {
	OTHER(xha_wire_sa, context, K_CONTEXT),
};

static const struct field policy_id_fields[] = {
	NUM(xha_wire_policy, incarnation),
	NUM(xha_wire_policy, gen),
	OTHER(xha_wire_policy, family, K_FAMILY),
	OTHER(xha_wire_policy, sel.family, K_FAMILY),
	NUM_IN(xha_wire_policy, dir, 0, XFRM_POLICY_FWD),
	NUM_IN(xha_wire_policy, action, 0, 1),
	NUM_IN(xha_wire_policy, flags, 0, POLICY_FLAGS),
	NUM_IN(xha_wire_policy, type, 0, XFRM_POLICY_TYPE_SUB),
	NUM(xha_wire_policy, priority),
};

static const struct field policy_mark_fields[] = {
	NUM(xha_wire_policy, mark_v),
	NUM(xha_wire_policy, mark_m),
};

static const struct field policy_if_id_fields[] = {
	NUM(xha_wire_policy, if_id),
};

static const struct field policy_use_fields[] = {
	NUM_IN(xha_wire_policy, times.add_age, 0, AGE_MAX),
	NUM_DFL(xha_wire_policy, times.use_age, U64_MAX),
};

static const struct field policy_times_fields[] = {
	NUM_IN(xha_wire_policy, times.add_time, 0, TIME_MAX),
	NUM_IN(xha_wire_policy, times.use_time, 0, TIME_MAX),
};

static const struct field policy_context_fields[] = {
	OTHER(xha_wire_policy, context, K_CONTEXT),
};

static const struct field policy_tmpl_fields[] = {
	OTHER(xha_wire_policy, tmpl, K_TMPLS),
};

/* Of one struct xha_wire_tmpl. */
static const struct field tmpl_fields[] = {
	OTHER(xha_wire_tmpl, family, K_FAMILY),
	OTHER(xha_wire_tmpl, daddr, K_ADDR),
	OTHER(xha_wire_tmpl, saddr, K_ADDR),
	OTHER(xha_wire_tmpl, spi, K_RAW),
	NUM(xha_wire_tmpl, proto),
	NUM_IN(xha_wire_tmpl, mode, 0, XFRM_MODE_BEET),
	NUM_IN(xha_wire_tmpl, share, 0, XFRM_SHARE_UNIQUE),
	NUM(xha_wire_tmpl, optional),
	NUM_IN(xha_wire_tmpl, allalgs, 0, 1),
	NUM(xha_wire_tmpl, reqid),
	NUM(xha_wire_tmpl, aalgos),
	NUM(xha_wire_tmpl, ealgos),
	NUM(xha_wire_tmpl, calgos),
};

/* --- TLVs ------------------------------------------------------------- */

#define TLV(t, nm, b, fam, fl) { nm, t, b, fam, ARRAY_SIZE(fl), fl }
#define TLV_HELLO(t, nm, fl)	TLV(t, nm, 0, 0, fl)
#define TLV_SA(t, nm, fl) \
	TLV(t, nm, 0, offsetof(struct xha_wire_sa, family), fl)
#define TLV_POL(t, nm, fl) \
	TLV(t, nm, 0, offsetof(struct xha_wire_policy, family), fl)
#define TLV_PART(t, nm, s, m, fl) \
	TLV(t, nm, offsetof(struct s, m), offsetof(struct s, sel.family), fl)

static const struct tlv hello_tlvs[] = {
	TLV_HELLO(1, "version", version_fields),
	TLV_HELLO(2, "features", feature_fields),
};

static const struct tlv sa_tlvs[] = {
	TLV_SA(1, "sa", sa_id_fields),
	TLV_PART(2, "selector", xha_wire_sa, sel, sel_fields),
	TLV_PART(3, "volume limits", xha_wire_sa, limits, volume_fields),
	TLV_PART(4, "time limits", xha_wire_sa, limits, time_fields),
	TLV_SA(5, "mark", sa_mark_fields),
	TLV_SA(6, "output mark", sa_smark_fields),
	TLV_SA(7, "if_id", sa_if_id_fields),
	TLV_SA(8, "extra", sa_extra_fields),
	TLV_SA(9, "aead", sa_aead_fields),
	TLV_SA(10, "auth", sa_auth_fields),
	TLV_SA(11, "crypt", sa_crypt_fields),
	TLV_SA(12, "comp", sa_comp_fields),
	TLV_SA(13, "encap", sa_encap_fields),
	TLV_SA(14, "coaddr", sa_coaddr_fields),
	TLV_SA(15, "use", sa_use_fields),
	TLV_SA(16, "sequence", sa_seq_fields),
	TLV_SA(17, "salt", sa_salt_fields),
	TLV_SA(18, "tag", sa_tag_fields),
	TLV_SA(19, "cpu", sa_cpu_fields),
	TLV_SA(20, "times", sa_times_fields),
	TLV_SA(21, "context", sa_context_fields),
};

static const struct tlv policy_tlvs[] = {
	TLV_POL(1, "policy", policy_id_fields),
	TLV_PART(2, "selector", xha_wire_policy, sel, sel_fields),
	TLV_PART(3, "volume limits", xha_wire_policy, limits, volume_fields),
	TLV_PART(4, "time limits", xha_wire_policy, limits, time_fields),
	TLV_POL(5, "mark", policy_mark_fields),
	TLV_POL(6, "if_id", policy_if_id_fields),
	TLV_POL(7, "use", policy_use_fields),
	TLV_POL(8, "templates", policy_tmpl_fields),
	TLV_POL(9, "times", policy_times_fields),
	TLV_POL(10, "context", policy_context_fields),
};

/* --- forms ------------------------------------------------------------ */

#define FIXED(s, f, c) { sizeof(struct s), ARRAY_SIZE(f), 0, f, NULL, c }
#define TLVS(s, t, c)  { sizeof(struct s), 0, ARRAY_SIZE(t), NULL, t, c }

static const struct form forms[] = {
	[FORM_EMPTY]	= {},
	[FORM_HELLO]	= TLVS(xha_wire_hello, hello_tlvs, xha_wire_check_hello),
	[FORM_GROUP]	= FIXED(xha_wire_group, group_fields, NULL),
	[FORM_ACK]	= FIXED(xha_wire_ack, ack_fields, NULL),
	[FORM_NAK]	= FIXED(xha_wire_nak, nak_fields, NULL),
	[FORM_HEARING]	= FIXED(xha_wire_hearing, hearing_fields, NULL),
	[FORM_CLOCK]	= FIXED(xha_wire_clock, clock_fields, NULL),
	[FORM_SYNC]	= FIXED(xha_wire_sync, sync_fields, NULL),
	[FORM_SUMS]	= FIXED(xha_wire_sums, sums_fields, NULL),
	[FORM_BULK]	= FIXED(xha_wire_bulk, bulk_fields, NULL),
	[FORM_DEL]	= FIXED(xha_wire_del, del_fields, NULL),
	[FORM_VERDICT]	= FIXED(xha_wire_verdict, verdict_fields, xha_wire_check_verdict),
	[FORM_COMMIT]	= FIXED(xha_wire_commit, commit_fields, NULL),
	[FORM_SA]	= TLVS(xha_wire_sa, sa_tlvs, xha_wire_check_sa),
	[FORM_POLICY]	= TLVS(xha_wire_policy, policy_tlvs, xha_wire_check_policy),
	[FORM_COUNTERS]	= { .size = sizeof(struct xha_wire_counters) },
	[FORM_BIG]	= FIXED(xha_wire_window_big, big_fields, NULL),
	[FORM_TMPL]	= FIXED(xha_wire_tmpl, tmpl_fields, NULL),
};

const struct form *xha_wire_form(enum form_id id)
{
	return &forms[id];
}

/* --- types ------------------------------------------------------------ */

#define ENTRIES(size)	4 + (size), 4 + XHA_WIRE_COUNTERS * (size)

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

const struct type_row *xha_wire_row(u8 type)
{
	if (type >= ARRAY_SIZE(types) || !types[type].info.name)
		return NULL;
	return &types[type];
}
