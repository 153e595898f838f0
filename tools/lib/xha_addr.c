// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static bool bit(const struct xha_addr *addr, unsigned int i)
{
	return addr->b[i / 8] >> (7 - i % 8) & 1;
}

/**
 * xha_prefix_parse - read ADDRESS/LENGTH
 * @text: an address as in xha_addr_parse() and a length in bits
 * @prefix: result, untouched on failure
 *
 * Return: 0, -EINVAL when @text is no prefix, -ERANGE when the address has
 * bits beyond the length.
 */
int xha_prefix_parse(const char *text, struct xha_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : 0;
	char addr[XHA_ADDR_STRLEN];
	struct xha_prefix p;
	unsigned long len;
	unsigned int i;
	char *end;

	if (!slash || n >= sizeof(addr) || slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	memcpy(addr, text, n);
	addr[n] = '\0';
	if (xha_addr_parse(addr, &p.addr))
		return -EINVAL;
	len = strtoul(slash + 1, &end, 10);
	if (*end || len > p.addr.len * 8U)
		return -EINVAL;
	for (i = len; i < p.addr.len * 8U; i++)
		if (bit(&p.addr, i))
			return -ERANGE;
	p.len = len;
	*prefix = p;
	return 0;
}

/**
 * xha_prefix_format - write ADDRESS/LENGTH
 * @prefix: the prefix
 * @buf: room for the text
 * @size: bytes at @buf, %XHA_PREFIX_STRLEN is enough
 *
 * Return: @buf.
 */
const char *xha_prefix_format(const struct xha_prefix *prefix, char *buf,
			      size_t size)
{
	size_t n;

	xha_addr_format(&prefix->addr, buf, size);
	n = strlen(buf);
	snprintf(buf + n, size - n, "/%u", prefix->len);
	return buf;
}

/**
 * xha_prefix_equal - compare two prefixes
 * @a: one
 * @b: the other
 *
 * Return: true when both have the same address and length.
 */
bool xha_prefix_equal(const struct xha_prefix *a, const struct xha_prefix *b)
{
	return a->len == b->len && xha_addr_equal(&a->addr, &b->addr);
}

/**
 * xha_prefix_covers - is an address in a network
 * @prefix: the network
 * @addr: an address of any family
 *
 * Return: true when the families are equal and @addr is in @prefix.
 */
bool xha_prefix_covers(const struct xha_prefix *prefix,
		       const struct xha_addr *addr)
{
	unsigned int i;

	if (prefix->addr.len != addr->len)
		return false;
	for (i = 0; i < prefix->len; i++)
		if (bit(&prefix->addr, i) != bit(addr, i))
			return false;
	return true;
}

/**
 * xha_prefix_reserved - does a network have addresses that are never remote
 * @prefix: the network
 *
 * Return: true when it has loopback, link-local, multicast or reserved ones.
 */
bool xha_prefix_reserved(const struct xha_prefix *prefix)
{
	static const char *const reserved[] = {
		"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3",
		"::1/128", "fe80::/10", "ff00::/8",
	};
	struct xha_prefix r;
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!xha_prefix_parse(reserved[i], &r) &&
		    (xha_prefix_covers(prefix, &r.addr) ||
		     xha_prefix_covers(&r, &prefix->addr)))
			return true;
	return false;
}
