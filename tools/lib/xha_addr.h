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

int xha_addr_parse(const char *text, struct xha_addr *addr);
const char *xha_addr_format(const struct xha_addr *addr, char *buf,
			    size_t size);
int xha_addr_set(struct xha_addr *addr, const void *data, size_t len);
bool xha_addr_equal(const struct xha_addr *a, const struct xha_addr *b);
struct xha_addr xha_addr_v4(__be32 v4);
__be32 xha_addr_get_v4(const struct xha_addr *addr);

#endif /* XHA_ADDR_H */
