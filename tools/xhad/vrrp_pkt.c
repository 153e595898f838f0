// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp_pkt.h"

#define HEADER_LEN	8
#define TYPE_ADVERT	1

static void put16(__u8 *p, __u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static __u16 get16(const __u8 *p)
{
	return p[0] << 8 | p[1];
}

static __u32 sum16(__u32 sum, const __u8 *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	if (len)
		sum += p[0] << 8;
	return sum;
}

static __u32 sum_pseudo(const struct vrrp_path *path, size_t len)
{
	__u32 sum = sum16(0, path->src.b, path->src.len);

	sum = sum16(sum, path->dst.b, path->dst.len);
	return sum + len + VRRP_PROTO;
}

/* What the checksum must be, or 0 where it is right already. */
static __u16 checksum(__u32 sum, const __u8 *buf, size_t len)
{
	sum = sum16(sum, buf, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static size_t msg_len(__u8 version, unsigned int n_addrs, size_t addr_len)
{
	return HEADER_LEN + n_addrs * addr_len +
	       (version == 2 ? VRRP_AUTH_LEN : 0);
}

/**
 * vrrp_pkt_encode - write an advertisement
 * @msg: what it says; not checked
 * @path: where it goes; version 2 needs only the family, of @src
 * @buf: room for it
 * @size: bytes at @buf
 *
 * Return: its length, or -EMSGSIZE when @size is less.
 */
int vrrp_pkt_encode(const struct vrrp_msg *msg, const struct vrrp_path *path,
		    __u8 *buf, size_t size)
{
	size_t alen = path->src.len;
	size_t len = msg_len(msg->version, msg->n_addrs, alen);
	unsigned int i;
	__u8 *p = buf + HEADER_LEN;

	if (size < len)
		return -EMSGSIZE;
	buf[0] = msg->version << 4 | TYPE_ADVERT;
	buf[1] = msg->vrid;
	buf[2] = msg->priority;
	buf[3] = msg->n_addrs;
	if (msg->version == 2) {
		buf[4] = msg->auth_type;
		buf[5] = msg->interval_ms / 1000;
	} else {
		put16(buf + 4, msg->interval_ms / 10);
	}
	put16(buf + 6, 0);
	for (i = 0; i < msg->n_addrs; i++, p += alen)
		memcpy(p, msg->addrs[i].b, alen);
	if (msg->version == 2)
		memcpy(p, msg->auth, VRRP_AUTH_LEN);
	put16(buf + 6, checksum(msg->pseudo ? sum_pseudo(path, len) : 0, buf,
				len));
	return len;
}

static enum vrrp_bad check_sum(const __u8 *buf, size_t len,
			       const struct vrrp_path *path,
			       struct vrrp_msg *msg)
{
	if (msg->version == 3 && !checksum(sum_pseudo(path, len), buf, len)) {
		msg->pseudo = true;
		return VRRP_BAD_NONE;
	}
	if (path->src.len == 4 && !checksum(0, buf, len))
		return VRRP_BAD_NONE;
	return VRRP_BAD_CHECKSUM;
}

static enum vrrp_bad decode(const __u8 *buf, size_t len,
			    const struct vrrp_path *path, struct vrrp_msg *msg)
{
	size_t alen = path->src.len;
	unsigned int i;

	if (path->ttl != VRRP_TTL)
		return VRRP_BAD_TTL;
	if (len < HEADER_LEN)
		return VRRP_BAD_LENGTH;
	msg->version = buf[0] >> 4;
	if (msg->version != 3 && (msg->version != 2 || alen != 4))
		return VRRP_BAD_VERSION;
	if ((buf[0] & 0xf) != TYPE_ADVERT)
		return VRRP_BAD_TYPE;
	if (len != msg_len(msg->version, buf[3], alen))
		return VRRP_BAD_LENGTH;
	if (check_sum(buf, len, path, msg))
		return VRRP_BAD_CHECKSUM;
	msg->vrid = buf[1];
	if (!msg->vrid)
		return VRRP_BAD_VRID;
	msg->priority = buf[2];
	msg->n_addrs = buf[3];
	if (!msg->n_addrs)
		return VRRP_BAD_COUNT;
	for (i = 0; i < msg->n_addrs; i++)
		xha_addr_set(&msg->addrs[i], buf + HEADER_LEN + i * alen, alen);
	if (msg->version == 2) {
		msg->auth_type = buf[4];
		memcpy(msg->auth, buf + len - VRRP_AUTH_LEN, VRRP_AUTH_LEN);
		msg->interval_ms = buf[5] * 1000;
	} else {
		msg->interval_ms = (get16(buf + 4) & 0xfff) * 10;
	}
	return msg->interval_ms ? VRRP_BAD_NONE : VRRP_BAD_INTERVAL;
}

/**
 * vrrp_pkt_decode - read an advertisement
 * @buf: payload of the IP packet
 * @len: bytes at @buf
 * @path: its IP header
 * @msg: result, all zero unless the packet is good
 *
 * Return: %VRRP_BAD_NONE, or why the packet is refused.
 */
enum vrrp_bad vrrp_pkt_decode(const __u8 *buf, size_t len,
			      const struct vrrp_path *path,
			      struct vrrp_msg *msg)
{
	enum vrrp_bad bad;

	memset(msg, 0, sizeof(*msg));
	bad = decode(buf, len, path, msg);
	if (bad)
		memset(msg, 0, sizeof(*msg));
	return bad;
}

/**
 * vrrp_pkt_bad_name - word for a reason
 * @bad: the reason
 *
 * Return: a static string.
 */
const char *vrrp_pkt_bad_name(enum vrrp_bad bad)
{
	static const char *const names[VRRP_BAD_END] = {
		[VRRP_BAD_NONE]		= "none",
		[VRRP_BAD_TTL]		= "ttl",
		[VRRP_BAD_LENGTH]	= "length",
		[VRRP_BAD_VERSION]	= "version",
		[VRRP_BAD_TYPE]		= "type",
		[VRRP_BAD_CHECKSUM]	= "checksum",
		[VRRP_BAD_COUNT]	= "count",
		[VRRP_BAD_VRID]		= "vrid",
		[VRRP_BAD_SOURCE]	= "source",
		[VRRP_BAD_AUTH_TYPE]	= "auth_type",
		[VRRP_BAD_AUTH]		= "auth",
		[VRRP_BAD_INTERVAL]	= "interval",
		[VRRP_BAD_VIPS]		= "vips",
	};

	return bad < VRRP_BAD_END ? names[bad] : "unknown";
}

/**
 * vrrp_virtual_mac - the MAC address of a virtual router (RFC 5798, 7.3)
 * @family: AF_INET or AF_INET6
 * @vrid: virtual router, 1..255
 * @mac: result
 */
void vrrp_virtual_mac(int family, __u8 vrid, __u8 mac[6])
{
	static const __u8 prefix[] = { 0x00, 0x00, 0x5e, 0x00 };

	memcpy(mac, prefix, sizeof(prefix));
	mac[4] = family == AF_INET6 ? 2 : 1;
	mac[5] = vrid;
}
