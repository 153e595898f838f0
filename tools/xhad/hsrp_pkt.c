// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "hsrp_pkt.h"

#define V1_VERSION	0
#define V1_LEN		20
#define V1_ADVERT_LEN	16
#define V1_ADVERT_TYPE	1
#define V1_ADVERT_BODY	10	/* its length field */
#define V2_VERSION	2

enum {
	TLV_GROUP_STATE	= 1,
	TLV_IF_STATE	= 2,
	TLV_TEXT	= 3,
	TLV_MD5		= 4,
	TLV_END,
};

#define GROUP_STATE_LEN	40
#define IF_STATE_LEN	4
#define MD5_LEN		28
#define MD5_ALGORITHM	1
#define MD5_DIGEST	12	/* where in the TLV's value */

/* Of version 1, for enum hsrp_state. */
static const __u8 v1_states[HSRP_STATE_END] = {
	[HSRP_STATE_INITIAL]	= 0,
	[HSRP_STATE_LEARN]	= 1,
	[HSRP_STATE_LISTEN]	= 2,
	[HSRP_STATE_SPEAK]	= 4,
	[HSRP_STATE_STANDBY]	= 8,
	[HSRP_STATE_ACTIVE]	= 16,
};

static void put16(__u8 *p, __u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(__u8 *p, __u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static __u16 get16(const __u8 *p)
{
	return p[0] << 8 | p[1];
}

static __u32 get32(const __u8 *p)
{
	return (__u32)get16(p) << 16 | get16(p + 2);
}

/* What is said of less than a second: 0 is not learnt. Hold is never 0. */
static __u8 v1_hello(__u32 ms)
{
	return ms / 1000 > 255 ? 255 : ms / 1000;
}

static __u8 v1_hold(__u32 ms)
{
	__u32 s = (ms + 999) / 1000;

	return s > 255 ? 255 : s;
}

static size_t put_v1(const struct hsrp_msg *msg, __u8 *p)
{
	p[0] = V1_VERSION;
	p[1] = msg->opcode;
	p[2] = v1_states[msg->state];
	p[3] = v1_hello(msg->hello_ms);
	p[4] = v1_hold(msg->hold_ms);
	p[5] = msg->priority;
	p[6] = msg->group;
	if (msg->auth == HSRP_AUTH_TEXT)
		memcpy(p + 8, msg->text, HSRP_TEXT_LEN);
	memcpy(p + 16, msg->vip.b, 4);
	return V1_LEN;
}

static size_t put_v1_advert(const struct hsrp_msg *msg, __u8 *p)
{
	p[0] = V1_VERSION;
	p[1] = HSRP_OP_ADVERT;
	put16(p + 2, V1_ADVERT_TYPE);
	put16(p + 4, V1_ADVERT_BODY);
	/* 1 dormant, without any group; 2 passive; 3 active */
	p[6] = msg->if_active ? 3 : msg->if_passive ? 2 : 1;
	put16(p + 8, msg->if_active);
	put16(p + 10, msg->if_passive);
	return V1_ADVERT_LEN;
}

static size_t put_group_state(const struct hsrp_msg *msg, __u8 *p)
{
	p[0] = TLV_GROUP_STATE;
	p[1] = GROUP_STATE_LEN;
	p += 2;
	p[0] = V2_VERSION;
	p[1] = msg->opcode;
	p[2] = msg->state;
	p[3] = msg->vip.len == 16 ? 6 : 4;
	put16(p + 4, msg->group);
	memcpy(p + 6, msg->id, sizeof(msg->id));
	put32(p + 12, msg->priority);
	put32(p + 16, msg->hello_ms);
	put32(p + 20, msg->hold_ms);
	memcpy(p + 24, msg->vip.b, msg->vip.len);
	return 2 + GROUP_STATE_LEN;
}

static size_t put_if_state(const struct hsrp_msg *msg, __u8 *p)
{
	p[0] = TLV_IF_STATE;
	p[1] = IF_STATE_LEN;
	put16(p + 2, msg->if_active);
	put16(p + 4, msg->if_passive);
	return 2 + IF_STATE_LEN;
}

static size_t put_text(const struct hsrp_msg *msg, __u8 *p)
{
	p[0] = TLV_TEXT;
	p[1] = HSRP_TEXT_LEN;
	memcpy(p + 2, msg->text, HSRP_TEXT_LEN);
	return 2 + HSRP_TEXT_LEN;
}

static size_t put_md5(const struct hsrp_msg *msg, __u8 *p)
{
	p[0] = TLV_MD5;
	p[1] = MD5_LEN;
	p[2] = MD5_ALGORITHM;
	memcpy(p + 6, &msg->key_ip, 4);
	put32(p + 10, msg->key_id);
	return 2 + MD5_LEN;
}

/**
 * hsrp_pkt_encode - write a packet
 * @msg: what it says; not checked, digest is ignored
 * @buf: room for it
 * @size: bytes at @buf, at least %HSRP_PKT_LEN_MAX
 *
 * With %HSRP_AUTH_MD5 the last %HSRP_DIGEST_LEN bytes are zero, for
 * hsrp_auth_sign(). An advertisement is never authenticated.
 *
 * Return: its length, or -EMSGSIZE when @size is too small.
 */
int hsrp_pkt_encode(const struct hsrp_msg *msg, __u8 *buf, size_t size)
{
	size_t len;

	if (size < HSRP_PKT_LEN_MAX)
		return -EMSGSIZE;
	memset(buf, 0, HSRP_PKT_LEN_MAX);
	if (msg->opcode == HSRP_OP_ADVERT)
		return msg->version == 1 ? put_v1_advert(msg, buf) :
					   put_if_state(msg, buf);
	len = msg->version == 1 ? put_v1(msg, buf) : put_group_state(msg, buf);
	if (msg->auth == HSRP_AUTH_MD5)
		len += put_md5(msg, buf + len);
	else if (msg->auth == HSRP_AUTH_TEXT && msg->version == 2)
		len += put_text(msg, buf + len);
	return len;
}

static enum hsrp_bad check_timers(const struct hsrp_msg *msg)
{
	/* Version 1 cannot say what is less than a second. */
	if (msg->version == 1 && !msg->hello_ms)
		return HSRP_BAD_NONE;
	if (msg->hello_ms < HSRP_TIMER_MIN || msg->hold_ms <= msg->hello_ms ||
	    msg->hold_ms > HSRP_TIMER_MAX)
		return HSRP_BAD_TIMERS;
	return HSRP_BAD_NONE;
}

static enum hsrp_bad decode_group_state(const __u8 *p, struct hsrp_msg *msg)
{
	if (p[0] != V2_VERSION)
		return HSRP_BAD_VERSION;
	if (p[1] > HSRP_OP_RESIGN)
		return HSRP_BAD_OPCODE;
	if (p[2] < HSRP_STATE_INITIAL || p[2] > HSRP_STATE_ACTIVE)
		return HSRP_BAD_STATE;
	if (p[3] != 4 && p[3] != 6)
		return HSRP_BAD_FAMILY;
	msg->opcode = p[1];
	msg->state = p[2];
	msg->group = get16(p + 4);
	memcpy(msg->id, p + 6, sizeof(msg->id));
	msg->priority = get32(p + 12);
	msg->hello_ms = get32(p + 16);
	msg->hold_ms = get32(p + 20);
	xha_addr_set(&msg->vip, p + 24, p[3] == 6 ? 16 : 4);
	if (msg->group > HSRP_GROUP_MAX)
		return HSRP_BAD_GROUP;
	return check_timers(msg);
}

static enum hsrp_bad decode_md5(const __u8 *p, size_t at, struct hsrp_msg *msg)
{
	if (p[0] != MD5_ALGORITHM)
		return HSRP_BAD_AUTH_TYPE;
	msg->auth = HSRP_AUTH_MD5;
	memcpy(&msg->key_ip, p + 4, 4);
	msg->key_id = get32(p + 8);
	msg->digest = at + MD5_DIGEST;
	return HSRP_BAD_NONE;
}

static enum hsrp_bad decode_tlv(const __u8 *buf, size_t at, struct hsrp_msg *msg,
				unsigned int seen)
{
	const __u8 *p = buf + at + 2;

	switch (buf[at]) {
	case TLV_GROUP_STATE:
		if (seen & 1 << TLV_GROUP_STATE)
			return HSRP_BAD_TWICE;
		return decode_group_state(p, msg);
	case TLV_IF_STATE:
		msg->if_active = get16(p);
		msg->if_passive = get16(p + 2);
		break;
	case TLV_TEXT:
	case TLV_MD5:
		if (msg->auth)
			return HSRP_BAD_AUTH_TWICE;
		if (buf[at] == TLV_MD5)
			return decode_md5(p, at + 2, msg);
		msg->auth = HSRP_AUTH_TEXT;
		memcpy(msg->text, p, HSRP_TEXT_LEN);
		break;
	}
	return HSRP_BAD_NONE;
}

/* Types beyond those known are skipped. @seen gets a bit for each known one. */
static enum hsrp_bad decode_tlvs(const __u8 *buf, size_t at, size_t len,
				 struct hsrp_msg *msg, unsigned int *seen)
{
	static const __u8 sizes[TLV_END] = {
		[TLV_GROUP_STATE]	= GROUP_STATE_LEN,
		[TLV_IF_STATE]		= IF_STATE_LEN,
		[TLV_TEXT]		= HSRP_TEXT_LEN,
		[TLV_MD5]		= MD5_LEN,
	};
	enum hsrp_bad bad;
	__u8 type;

	while (at < len) {
		if (len - at < 2 || len - at - 2 < buf[at + 1])
			return HSRP_BAD_LENGTH;
		type = buf[at];
		if (type && type < TLV_END) {
			if (buf[at + 1] != sizes[type])
				return HSRP_BAD_TLV_SIZE;
			bad = decode_tlv(buf, at, msg, *seen);
			if (bad)
				return bad;
			*seen |= 1 << type;
		}
		at += 2 + (size_t)buf[at + 1];
	}
	return HSRP_BAD_NONE;
}

static enum hsrp_bad decode_v1_advert(const __u8 *p, size_t len,
				      struct hsrp_msg *msg)
{
	if (len < V1_ADVERT_LEN)
		return HSRP_BAD_LENGTH;
	if (get16(p + 2) != V1_ADVERT_TYPE || get16(p + 4) != V1_ADVERT_BODY)
		return HSRP_BAD_TLV_SIZE;
	if (p[6] < 1 || p[6] > 3)
		return HSRP_BAD_STATE;
	msg->opcode = HSRP_OP_ADVERT;
	msg->if_active = get16(p + 8);
	msg->if_passive = get16(p + 10);
	return HSRP_BAD_NONE;
}

static bool v1_state(__u8 wire, __u8 *state)
{
	unsigned int i;

	for (i = HSRP_STATE_INITIAL; i < HSRP_STATE_END; i++)
		if (v1_states[i] == wire) {
			*state = i;
			return true;
		}
	return false;
}

/* The text of a packet with an MD5 TLV is zero and says nothing. */
static enum hsrp_bad decode_v1(const __u8 *buf, size_t len,
			       struct hsrp_msg *msg)
{
	enum hsrp_bad bad;
	unsigned int seen = 0;

	if (len < 2)
		return HSRP_BAD_LENGTH;
	if (buf[0] != V1_VERSION)
		return HSRP_BAD_VERSION;
	if (buf[1] == HSRP_OP_ADVERT)
		return decode_v1_advert(buf, len, msg);
	if (buf[1] > HSRP_OP_RESIGN)
		return HSRP_BAD_OPCODE;
	if (len < V1_LEN)
		return HSRP_BAD_LENGTH;
	if (!v1_state(buf[2], &msg->state))
		return HSRP_BAD_STATE;
	msg->opcode = buf[1];
	msg->hello_ms = buf[3] * 1000;
	msg->hold_ms = buf[4] * 1000;
	msg->priority = buf[5];
	msg->group = buf[6];
	xha_addr_set(&msg->vip, buf + 16, 4);
	bad = decode_tlvs(buf, V1_LEN, len, msg, &seen);
	if (bad)
		return bad;
	/* Group State TLVs have their place in version 2 only. */
	if (seen & ~(1U << TLV_MD5))
		return HSRP_BAD_VERSION;
	if (!msg->auth) {
		msg->auth = HSRP_AUTH_TEXT;
		memcpy(msg->text, buf + 8, HSRP_TEXT_LEN);
	}
	return check_timers(msg);
}

static enum hsrp_bad decode_v2(const __u8 *buf, size_t len,
			       struct hsrp_msg *msg)
{
	enum hsrp_bad bad;
	unsigned int seen = 0;

	bad = decode_tlvs(buf, 0, len, msg, &seen);
	if (bad)
		return bad;
	if (!(seen & (1 << TLV_GROUP_STATE | 1 << TLV_IF_STATE)))
		return HSRP_BAD_NO_STATE;
	if (!(seen & 1 << TLV_GROUP_STATE))
		msg->opcode = HSRP_OP_ADVERT;
	return HSRP_BAD_NONE;
}

/**
 * hsrp_pkt_decode - read a packet
 * @version: 1 or 2, which the multicast group it came to tells
 * @buf: payload of the UDP datagram
 * @len: bytes at @buf
 * @msg: result, all zero unless the packet is good
 *
 * Every TLV must lie inside the packet; those of unknown types are skipped.
 * Only the form of an authentication is looked at: hsrp_auth_check().
 *
 * Return: %HSRP_BAD_NONE, or why the packet is refused.
 */
enum hsrp_bad hsrp_pkt_decode(unsigned int version, const __u8 *buf, size_t len,
			      struct hsrp_msg *msg)
{
	enum hsrp_bad bad;

	memset(msg, 0, sizeof(*msg));
	msg->version = version;
	bad = version == 1 ? decode_v1(buf, len, msg) :
			     decode_v2(buf, len, msg);
	if (bad)
		memset(msg, 0, sizeof(*msg));
	return bad;
}

/**
 * hsrp_virtual_mac - MAC address of a group's virtual addresses
 * @version: 1 or 2
 * @family: AF_INET or AF_INET6
 * @group: number of the group
 * @mac: result: 00:00:0c:07:ac:XX in version 1, 00:00:0c:9f:fX:XX in version 2,
 *	00:05:73:a0:0X:XX for IPv6
 */
void hsrp_virtual_mac(unsigned int version, int family, unsigned int group,
		      __u8 mac[6])
{
	static const __u8 v1[6] = { 0x00, 0x00, 0x0c, 0x07, 0xac, 0x00 };
	static const __u8 v2[6] = { 0x00, 0x00, 0x0c, 0x9f, 0xf0, 0x00 };
	static const __u8 v6[6] = { 0x00, 0x05, 0x73, 0xa0, 0x00, 0x00 };

	if (family == AF_INET6)
		memcpy(mac, v6, 6);
	else
		memcpy(mac, version == 1 ? v1 : v2, 6);
	if (family == AF_INET6 || version == 2)
		mac[4] |= group >> 8 & 0xf;
	mac[5] = group;
}

/**
 * hsrp_pkt_bad_name - word for a reason
 * @bad: the reason
 *
 * Return: a static string.
 */
const char *hsrp_pkt_bad_name(enum hsrp_bad bad)
{
	static const char *const names[HSRP_BAD_END] = {
		[HSRP_BAD_NONE]		= "none",
		[HSRP_BAD_TTL]		= "ttl",
		[HSRP_BAD_LENGTH]	= "length",
		[HSRP_BAD_NO_STATE]	= "no_state",
		[HSRP_BAD_TWICE]	= "state_twice",
		[HSRP_BAD_TLV_SIZE]	= "tlv_size",
		[HSRP_BAD_VERSION]	= "version",
		[HSRP_BAD_OPCODE]	= "opcode",
		[HSRP_BAD_STATE]	= "state",
		[HSRP_BAD_FAMILY]	= "family",
		[HSRP_BAD_GROUP]	= "group",
		[HSRP_BAD_TIMERS]	= "timers",
		[HSRP_BAD_VIP]		= "vip",
		[HSRP_BAD_SOURCE]	= "source",
		[HSRP_BAD_AUTH_TYPE]	= "auth_type",
		[HSRP_BAD_AUTH_TWICE]	= "auth_twice",
		[HSRP_BAD_AUTH_TEXT]	= "auth_text",
		[HSRP_BAD_AUTH_KEY]	= "auth_key",
		[HSRP_BAD_AUTH_DIGEST]	= "auth_digest",
	};

	return bad < HSRP_BAD_END ? names[bad] : "unknown";
}

/**
 * hsrp_pkt_state_name - word for a state
 * @state: the state
 *
 * Return: a static string.
 */
const char *hsrp_pkt_state_name(enum hsrp_state state)
{
	static const char *const names[HSRP_STATE_END] = {
		[HSRP_STATE_INITIAL]	= "initial",
		[HSRP_STATE_LEARN]	= "learn",
		[HSRP_STATE_LISTEN]	= "listen",
		[HSRP_STATE_SPEAK]	= "speak",
		[HSRP_STATE_STANDBY]	= "standby",
		[HSRP_STATE_ACTIVE]	= "active",
	};

	if (state >= HSRP_STATE_END || !names[state])
		return "unknown";
	return names[state];
}
