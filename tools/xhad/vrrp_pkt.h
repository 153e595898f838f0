/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VRRP advertisements: IP protocol 112, TTL or hop limit 255, to 224.0.0.18 or
 * ff02::12. Version 2 (RFC 3768, IPv4) and version 3 (RFC 5798, RFC 9568, IPv4
 * and IPv6).
 *
 *	 0  version, 4 bits; type, 4 bits = 1
 *	 1  virtual router id u8, 1..255      2  priority u8, 0: resigns
 *	 3  number of addresses u8, 1..255
 *	 v2:  4  authentication type u8         5  interval u8, s
 *	 v3:  4  0, 4 bits; interval, 12 bits, hundredths of a second
 *	 6  checksum u16
 *	 8  the virtual addresses, 4 or 16 bytes each
 *	 v2:     then 8 bytes for authentication
 *
 * Numbers are in network byte order. The checksum is the Internet's, over all
 * of it. In version 3 a pseudo-header of the IP header is part of it: always
 * with IPv6. With IPv4 RFC 5798 was read either way (keepalived: with it), and
 * RFC 9568 says without it, so both are right in a packet that comes.
 *
 * Pure: no I/O, no allocation.
 */
#ifndef VRRP_PKT_H
#define VRRP_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "xha_addr.h"

#define VRRP_PROTO		112
#define VRRP_TTL		255
#define VRRP_PRIORITY_OWNER	255
#define VRRP_PRIORITY_RESIGN	0
#define VRRP_ADDRS_MAX		255
#define VRRP_AUTH_LEN		8
#define VRRP_PKT_MAX		(8 + VRRP_ADDRS_MAX * 16)
#define VRRP_V2_INTERVAL_MAX	255000	/* ms, in steps of 1000 */
#define VRRP_V3_INTERVAL_MAX	40950	/* ms, in steps of 10 */

enum vrrp_auth {
	VRRP_AUTH_NONE	= 0,
	VRRP_AUTH_TEXT	= 1,
};

/* Why a packet was refused; each has a counter. */
enum vrrp_bad {
	VRRP_BAD_NONE,
	VRRP_BAD_TTL,		/* TTL or hop limit is not 255: routed */
	VRRP_BAD_LENGTH,	/* cut, or longer than it says */
	VRRP_BAD_VERSION,	/* neither 2 nor 3, not for IPv6, not ours */
	VRRP_BAD_TYPE,		/* no advertisement */
	VRRP_BAD_CHECKSUM,
	VRRP_BAD_COUNT,		/* no virtual address */
	VRRP_BAD_VRID,		/* 0, or another virtual router */
	VRRP_BAD_SOURCE,	/* sent from an address of this node */
	VRRP_BAD_AUTH_TYPE,	/* version 2: other authentication than ours */
	VRRP_BAD_AUTH,		/* version 2: wrong password */
	VRRP_BAD_INTERVAL,	/* 0, or in version 2 not ours */
	VRRP_BAD_VIPS,		/* version 2: other addresses, not the owner */
	VRRP_BAD_END,
};

/**
 * struct vrrp_path - the IP header of a packet, as far as it matters
 * @src: source
 * @dst: destination, of the same family
 * @ttl: TTL or hop limit
 */
struct vrrp_path {
	struct xha_addr src;
	struct xha_addr dst;
	__u8 ttl;
};

/**
 * struct vrrp_msg - an advertisement
 * @version: 2 or 3
 * @vrid: virtual router
 * @priority: 255: owner of the addresses, 0: gives the role up
 * @auth_type: version 2, as on the wire
 * @auth: the same
 * @interval_ms: time between advertisements
 * @pseudo: the checksum includes the pseudo-header; true for IPv6, false for
 *	version 2
 * @n_addrs: number of @addrs
 * @addrs: virtual addresses, all of the family of the path
 */
struct vrrp_msg {
	__u8 version;
	__u8 vrid;
	__u8 priority;
	__u8 auth_type;
	__u8 auth[VRRP_AUTH_LEN];
	__u32 interval_ms;
	bool pseudo;
	unsigned int n_addrs;
	struct xha_addr addrs[VRRP_ADDRS_MAX];
};

int vrrp_pkt_encode(const struct vrrp_msg *msg, const struct vrrp_path *path,
		    __u8 *buf, size_t size);
enum vrrp_bad vrrp_pkt_decode(const __u8 *buf, size_t len,
			      const struct vrrp_path *path,
			      struct vrrp_msg *msg);
const char *vrrp_pkt_bad_name(enum vrrp_bad bad);
void vrrp_virtual_mac(int family, __u8 vrid, __u8 mac[6]);

#endif /* VRRP_PKT_H */
