// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "xha_addr.h"

/**
 * xha_addr_parse - read an address in its usual notation
 * @text: dotted quad or RFC 4291 text, no prefix length
 * @addr: result, untouched on failure
 *
 * Return: 0, or -EINVAL when @text is no address.
 */
int xha_addr_parse(const char *text, struct xha_addr *addr)
{
	struct xha_addr a = { 0 };

	if (inet_pton(AF_INET, text, a.b) == 1)
		a.len = 4;
	else if (inet_pton(AF_INET6, text, a.b) == 1)
		a.len = 16;
	else
		return -EINVAL;
	*addr = a;
	return 0;
}

/**
 * xha_addr_format - write an address in its usual notation
 * @addr: the address; one of length 0 is written as "none"
 * @buf: room for the text
 * @size: bytes at @buf, %XHA_ADDR_STRLEN is enough
 *
 * Return: @buf.
 */
const char *xha_addr_format(const struct xha_addr *addr, char *buf,
			    size_t size)
{
	int family = addr->len == 4 ? AF_INET : AF_INET6;

	if (!addr->len || !inet_ntop(family, addr->b, buf, size))
		snprintf(buf, size, "none");
	return buf;
}

/**
 * xha_addr_set - take an address from bytes in network order
 * @addr: result, untouched on failure
 * @data: the bytes
 * @len: their number
 *
 * Return: 0, or -EINVAL when @len is neither 4 nor 16.
 */
int xha_addr_set(struct xha_addr *addr, const void *data, size_t len)
{
	if (len != 4 && len != 16)
		return -EINVAL;
	memset(addr, 0, sizeof(*addr));
	addr->len = len;
	memcpy(addr->b, data, len);
	return 0;
}

/**
 * xha_addr_equal - compare two addresses
 * @a: one address
 * @b: the other
 *
 * Return: true when both have the same family and bytes.
 */
bool xha_addr_equal(const struct xha_addr *a, const struct xha_addr *b)
{
	return a->len == b->len && !memcmp(a->b, b->b, a->len);
}

/**
 * xha_addr_v4 - make an address from an IPv4 address
 * @v4: network byte order
 *
 * Return: the address.
 */
struct xha_addr xha_addr_v4(__be32 v4)
{
	struct xha_addr a = { .len = 4 };

	memcpy(a.b, &v4, sizeof(v4));
	return a;
}

/**
 * xha_addr_get_v4 - the IPv4 address in an address
 * @addr: an address of length 4
 *
 * Return: network byte order.
 */
__be32 xha_addr_get_v4(const struct xha_addr *addr)
{
	__be32 v4;

	memcpy(&v4, addr->b, sizeof(v4));
	return v4;
}
