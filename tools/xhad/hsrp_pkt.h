/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HSRP version 2 packets for IPv4: UDP 1985 to 224.0.0.102, TTL 1.
 *
 * A packet is a row of TLVs (type u8, length u8 of what follows). The one that
 * matters here is the Group State TLV, type 1, length 40:
 *
 *	 0  version u8 = 2      1  opcode u8        2  state u8 (1..6)
 *	 3  IP version u8 = 4   4  group u16        6  identifier, 6 bytes (MAC)
 *	12  priority u32       16  hello u32 ms    20  hold u32 ms
 *	24  virtual address, 16 bytes, an IPv4 address in the first 4
 *
 * Numbers are in network byte order. Pure: no I/O, no allocation.
 */
#ifndef HSRP_PKT_H
#define HSRP_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define HSRP_PORT		1985
#define HSRP_GROUP_MAX		4095
#define HSRP_PKT_LEN		42	/* one Group State TLV */
#define HSRP_TIMER_MAX		255000	/* ms, what version 1 could say */

enum hsrp_opcode {
	HSRP_OP_HELLO	= 0,
	HSRP_OP_COUP	= 1,
	HSRP_OP_RESIGN	= 2,
};

/* The values are those on the wire. */
enum hsrp_state {
	HSRP_STATE_INITIAL	= 1,
	HSRP_STATE_LEARN	= 2,
	HSRP_STATE_LISTEN	= 3,
	HSRP_STATE_SPEAK	= 4,
	HSRP_STATE_STANDBY	= 5,
	HSRP_STATE_ACTIVE	= 6,
	HSRP_STATE_END,
};

/* Why a packet was refused; each has a counter. */
enum hsrp_bad {
	HSRP_BAD_NONE,
	HSRP_BAD_LENGTH,	/* a TLV goes beyond the packet, or is cut */
	HSRP_BAD_NO_STATE,	/* no Group State TLV */
	HSRP_BAD_TWICE,		/* more than one */
	HSRP_BAD_TLV_SIZE,	/* Group State TLV of another length than 40 */
	HSRP_BAD_VERSION,
	HSRP_BAD_OPCODE,
	HSRP_BAD_STATE,
	HSRP_BAD_FAMILY,	/* not IPv4 */
	HSRP_BAD_GROUP,		/* not ours, or beyond 4095 */
	HSRP_BAD_TIMERS,	/* 0, too long, or hold not above hello */
	HSRP_BAD_VIP,		/* virtual address differs from ours */
	HSRP_BAD_SOURCE,	/* sent from an address of this node */
	HSRP_BAD_END,
};

/**
 * struct hsrp_msg - one Group State TLV
 * @opcode: enum hsrp_opcode
 * @state: enum hsrp_state of the sender
 * @group: 0..4095, host byte order
 * @id: MAC address of the sender
 * @priority: host byte order
 * @hello_ms: time between hellos
 * @hold_ms: time after which the sender is to be taken for dead
 * @vip: virtual address, network byte order
 */
struct hsrp_msg {
	__u8 opcode;
	__u8 state;
	__u16 group;
	__u8 id[6];
	__u32 priority;
	__u32 hello_ms;
	__u32 hold_ms;
	__be32 vip;
};

int hsrp_pkt_encode(const struct hsrp_msg *msg, __u8 *buf, size_t size);
enum hsrp_bad hsrp_pkt_decode(const __u8 *buf, size_t len,
			      struct hsrp_msg *msg);
const char *hsrp_pkt_bad_name(enum hsrp_bad bad);
const char *hsrp_pkt_state_name(enum hsrp_state state);

#endif /* HSRP_PKT_H */
