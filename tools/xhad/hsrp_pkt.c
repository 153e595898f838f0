// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "hsrp_pkt.h"

#define TLV_GROUP_STATE	1
#define GROUP_STATE_LEN	40
#define VERSION		2
#define IP_VERSION	4

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

/**
 * hsrp_pkt_encode - write a packet of one Group State TLV
 * @msg: what it says; not checked
 * @buf: room for it
 * @size: bytes at @buf
 *
 * Return: its length %HSRP_PKT_LEN, or -EMSGSIZE when @size is less.
 */
int hsrp_pkt_encode(const struct hsrp_msg *msg, __u8 *buf, size_t size)
{
	__u8 *p = buf + 2;

	if (size < HSRP_PKT_LEN)
		return -EMSGSIZE;
	memset(buf, 0, HSRP_PKT_LEN);
	buf[0] = TLV_GROUP_STATE;
	buf[1] = GROUP_STATE_LEN;
	p[0] = VERSION;
	p[1] = msg->opcode;
	p[2] = msg->state;
	p[3] = IP_VERSION;
	put16(p + 4, msg->group);
	memcpy(p + 6, msg->id, sizeof(msg->id));
	put32(p + 12, msg->priority);
	put32(p + 16, msg->hello_ms);
	put32(p + 20, msg->hold_ms);
	memcpy(p + 24, &msg->vip, sizeof(msg->vip));
	return HSRP_PKT_LEN;
}

static enum hsrp_bad decode_state(const __u8 *p, struct hsrp_msg *msg)
{
	if (p[0] != VERSION)
		return HSRP_BAD_VERSION;
	if (p[1] > HSRP_OP_RESIGN)
		return HSRP_BAD_OPCODE;
	if (p[2] < HSRP_STATE_INITIAL || p[2] > HSRP_STATE_ACTIVE)
		return HSRP_BAD_STATE;
	if (p[3] != IP_VERSION)
		return HSRP_BAD_FAMILY;
	msg->opcode = p[1];
	msg->state = p[2];
	msg->group = get16(p + 4);
	memcpy(msg->id, p + 6, sizeof(msg->id));
	msg->priority = get32(p + 12);
	msg->hello_ms = get32(p + 16);
	msg->hold_ms = get32(p + 20);
	memcpy(&msg->vip, p + 24, sizeof(msg->vip));
	if (msg->group > HSRP_GROUP_MAX)
		return HSRP_BAD_GROUP;
	if (!msg->hello_ms || msg->hold_ms <= msg->hello_ms ||
	    msg->hold_ms > HSRP_TIMER_MAX)
		return HSRP_BAD_TIMERS;
	return HSRP_BAD_NONE;
}

/**
 * hsrp_pkt_decode - read a packet
 * @buf: payload of the UDP datagram
 * @len: bytes at @buf
 * @msg: result, all zero unless the packet is good
 *
 * Every TLV must lie inside the packet; those of other types are skipped.
 *
 * Return: %HSRP_BAD_NONE, or why the packet is refused.
 */
enum hsrp_bad hsrp_pkt_decode(const __u8 *buf, size_t len, struct hsrp_msg *msg)
{
	enum hsrp_bad bad = HSRP_BAD_NONE;
	struct hsrp_msg found = { 0 };
	bool have = false;
	size_t size;

	memset(msg, 0, sizeof(*msg));
	while (len) {
		if (len < 2 || len - 2 < buf[1])
			return HSRP_BAD_LENGTH;
		size = 2 + (size_t)buf[1];
		if (buf[0] == TLV_GROUP_STATE) {
			if (have)
				return HSRP_BAD_TWICE;
			if (buf[1] != GROUP_STATE_LEN)
				return HSRP_BAD_TLV_SIZE;
			bad = decode_state(buf + 2, &found);
			if (bad)
				return bad;
			have = true;
		}
		buf += size;
		len -= size;
	}
	if (!have)
		return HSRP_BAD_NO_STATE;
	*msg = found;
	return HSRP_BAD_NONE;
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
