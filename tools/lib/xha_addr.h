/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An IP address of either family as the kernel interface carries it: bytes in
 * network order, whose number tells the family.
 */
#ifndef XHA_ADDR_H
#define XHA_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define XHA_ADDR_STRLEN	46	/* INET6_ADDRSTRLEN, without its header */

/**
 * struct xha_addr - an IP address
 * @len: 4 (IPv4), 16 (IPv6) or 0 (none)
 * @b: the address, network byte order, unused bytes zero
 */
struct xha_addr {
	__u8 len;
	__u8 b[16];
};

/**
 * struct xha_prefix - a network
 * @addr: its first address, bits beyond @len are zero
 * @len: length in bits, 0..32 or 0..128
 */
struct xha_prefix {
	struct xha_addr addr;
	__u8 len;
};

#define XHA_PREFIX_STRLEN	(XHA_ADDR_STRLEN + 4)

int xha_addr_parse(const char *text, struct xha_addr *addr);
const char *xha_addr_format(const struct xha_addr *addr, char *buf,
			    size_t size);
int xha_addr_set(struct xha_addr *addr, const void *data, size_t len);
bool xha_addr_equal(const struct xha_addr *a, const struct xha_addr *b);
struct xha_addr xha_addr_v4(__be32 v4);
__be32 xha_addr_get_v4(const struct xha_addr *addr);
int xha_prefix_parse(const char *text, struct xha_prefix *prefix);
const char *xha_prefix_format(const struct xha_prefix *prefix, char *buf,
			      size_t size);
bool xha_prefix_equal(const struct xha_prefix *a, const struct xha_prefix *b);
bool xha_prefix_covers(const struct xha_prefix *prefix,
		       const struct xha_addr *addr);
bool xha_prefix_reserved(const struct xha_prefix *prefix);

#endif /* XHA_ADDR_H */
