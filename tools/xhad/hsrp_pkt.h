/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HSRP packets, numbers in network byte order. Pure: no I/O, no allocation.
 *
 * Version 1 (RFC 2281; IPv4, UDP 1985 to 224.0.0.2, TTL 1), 20 bytes:
 *
 *	 0  version u8 = 0      1  opcode u8        2  state u8 (0 1 2 4 8 16)
 *	 3  hello u8 s          4  hold u8 s        5  priority u8
 *	 6  group u8            7  reserved u8      8  text, 8 bytes
 *	16  virtual address, 4 bytes
 *
 * With opcode 3, advertisement of an interface, 16 bytes:
 *
 *	 0  version u8 = 0      1  opcode u8 = 3    2  type u16 = 1
 *	 4  length u16 = 10     6  state u8 (1..3)  7  reserved u8
 *	 8  active groups u16  10  passive groups u16
 *	12  reserved u32
 *
 * Version 2 (IPv4: UDP 1985 to 224.0.0.102, TTL 1; IPv6: UDP 2029 to ff02::66,
 * hop limit 255) is a row of TLVs: type u8, length u8 of what follows.
 *
 * Type 1, length 40, Group State:
 *
 *	 0  version u8 = 2      1  opcode u8        2  state u8 (1..6)
 *	 3  IP version u8       4  group u16        6  identifier, 6 bytes (MAC)
 *	12  priority u32       16  hello u32 ms    20  hold u32 ms
 *	24  virtual address, 16 bytes, an IPv4 address in the first 4
 *
 * Type 2, length 4, Interface State, alone in a packet:
 *
 *	 0  active groups u16   2  passive groups u16
 *
 * Type 3, length 8, text authentication: the text, filled up with zeros.
 *
 * Type 4, length 28, MD5 authentication; in version 1, too, behind the header,
 * whose text is zero then:
 *
 *	 0  algorithm u8 = 1    1  padding u8       2  flags u16
 *	 4  IPv4 address of the sender              8  key id u32
 *	12  digest, 16 bytes
 */
#ifndef HSRP_PKT_H
#define HSRP_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "xha_addr.h"

#define HSRP_PORT		1985	/* IPv4 */
#define HSRP_PORT_V6		2029
#define HSRP_TTL		1
#define HSRP_HOPS_V6		255
#define HSRP_GROUP_MAX_V1	255
#define HSRP_GROUP_MAX		4095
#define HSRP_TEXT_LEN		8
#define HSRP_DIGEST_LEN		16
#define HSRP_PKT_LEN_MAX	72	/* Group State and MD5 TLVs */
#define HSRP_TIMER_MIN		15	/* ms, of a hello */
#define HSRP_TIMER_MAX		255000	/* ms, what version 1 can say */

enum hsrp_opcode {
	HSRP_OP_HELLO	= 0,
	HSRP_OP_COUP	= 1,
	HSRP_OP_RESIGN	= 2,
	HSRP_OP_ADVERT	= 3,	/* of an interface, not of a group */
};

/* The values are those on the wire of version 2. */
enum hsrp_state {
	HSRP_STATE_INITIAL	= 1,
	HSRP_STATE_LEARN	= 2,
	HSRP_STATE_LISTEN	= 3,
	HSRP_STATE_SPEAK	= 4,
	HSRP_STATE_STANDBY	= 5,
	HSRP_STATE_ACTIVE	= 6,
	HSRP_STATE_END,
};

enum hsrp_auth_type {
	HSRP_AUTH_NONE,		/* version 2 only */
	HSRP_AUTH_TEXT,
	HSRP_AUTH_MD5,
};

/* Why a packet was refused; each has a counter. */
enum hsrp_bad {
	HSRP_BAD_NONE,
	HSRP_BAD_TTL,		/* TTL or hop limit: not from this LAN */
	HSRP_BAD_LENGTH,	/* too short, a TLV goes beyond the end */
	HSRP_BAD_NO_STATE,	/* neither Group nor Interface State TLV */
	HSRP_BAD_TWICE,		/* more than one Group State TLV */
	HSRP_BAD_TLV_SIZE,	/* a known TLV of another length */
	HSRP_BAD_VERSION,
	HSRP_BAD_OPCODE,
	HSRP_BAD_STATE,
	HSRP_BAD_FAMILY,	/* IPv6 over IPv4 or the other way round */
	HSRP_BAD_GROUP,		/* not ours, or beyond 4095 */
	HSRP_BAD_TIMERS,	/* 0, too short or long, hold not above hello */
	HSRP_BAD_VIP,		/* virtual address differs from ours */
	HSRP_BAD_SOURCE,	/* sent from an address of this node */
	HSRP_BAD_AUTH_TYPE,	/* none, text or MD5, and not what is set */
	HSRP_BAD_AUTH_TWICE,	/* more than one */
	HSRP_BAD_AUTH_TEXT,	/* another text */
	HSRP_BAD_AUTH_KEY,	/* a key id that is not known */
	HSRP_BAD_AUTH_DIGEST,	/* another key, or changed on its way */
	HSRP_BAD_END,
};

/**
 * struct hsrp_msg - a packet
 * @version: 1 or 2
 * @opcode: enum hsrp_opcode
 * @state: enum hsrp_state of the sender; %HSRP_OP_ADVERT: 0
 * @group: 0..4095, or ..255 in version 1, host byte order
 * @id: MAC address of the sender, zero in version 1
 * @priority: host byte order
 * @hello_ms: time between hellos; version 1 has whole seconds, and 0 for less
 * @hold_ms: time after which the sender is to be taken for dead
 * @vip: virtual address, which tells the IP version
 * @if_active: %HSRP_OP_ADVERT: groups of the interface in state active
 * @if_passive: the same: groups in another state
 * @auth: how it is authenticated
 * @text: %HSRP_AUTH_TEXT: the text
 * @key_id: %HSRP_AUTH_MD5: number of the key, host byte order
 * @key_ip: the same: IPv4 address of the sender, network byte order
 * @digest: where in the packet the digest lies, or 0
 */
struct hsrp_msg {
	__u8 version;
	__u8 opcode;
	__u8 state;
	__u16 group;
	__u8 id[6];
	__u32 priority;
	__u32 hello_ms;
	__u32 hold_ms;
	struct xha_addr vip;
	__u16 if_active;
	__u16 if_passive;
	enum hsrp_auth_type auth;
	__u8 text[HSRP_TEXT_LEN];
	__u32 key_id;
	__be32 key_ip;
	size_t digest;
};

int hsrp_pkt_encode(const struct hsrp_msg *msg, __u8 *buf, size_t size);
enum hsrp_bad hsrp_pkt_decode(unsigned int version, const __u8 *buf, size_t len,
			      struct hsrp_msg *msg);
void hsrp_virtual_mac(unsigned int version, int family, unsigned int group,
		      __u8 mac[6]);
const char *hsrp_pkt_bad_name(enum hsrp_bad bad);
const char *hsrp_pkt_state_name(enum hsrp_state state);

#endif /* HSRP_PKT_H */
