// SPDX-License-Identifier: GPL-2.0-only
/*
 * VRRP codec: what decodes must encode to something that decodes the same. The
 * first byte is the TTL, the second chooses the family.
 */
/* link: tools/xhad/vrrp_pkt.c tools/lib/xha_addr.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp_pkt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const struct vrrp_msg *msg,
		       const struct vrrp_path *path)
{
	__u8 buf[VRRP_PKT_MAX + VRRP_AUTH_LEN];
	struct vrrp_msg again;
	int len = vrrp_pkt_encode(msg, path, buf, sizeof(buf));

	if (len < 0 || vrrp_pkt_decode(buf, len, path, &again) ||
	    memcmp(msg, &again, sizeof(again)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vrrp_msg zero;
	struct vrrp_path path = { 0 };
	struct vrrp_msg msg;
	__u8 *copy;

	if (size < 2)
		return 0;
	path.ttl = data[0];
	xha_addr_parse(data[1] & 1 ? "fe80::9" : "192.0.2.9", &path.src);
	xha_addr_parse(data[1] & 1 ? "ff02::12" : "224.0.0.18", &path.dst);
	copy = malloc(size);
	if (!copy)
		return 0;
	/* The checksum is hard to guess: where asked for, it is made right. */
	memcpy(copy, data + 2, size - 2);
	if (data[1] & 2 && size >= 10) {
		uint32_t sum = 0;
		size_t i;

		memset(copy + 6, 0, 2);
		for (i = 0; i < size - 2; i++)
			sum += i % 2 ? copy[i] : copy[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~(sum + (sum >> 16));
		copy[6] = sum >> 8;
		copy[7] = sum;
	}
	if (!vrrp_pkt_decode(copy, size - 2, &path, &msg)) {
		if (!msg.vrid || !msg.n_addrs || !msg.interval_ms ||
		    path.ttl != VRRP_TTL)
			abort();
		round_trip(&msg, &path);
	} else if (memcmp(&msg, &zero, sizeof(msg))) {
		abort();
	}
	free(copy);
	return 0;
}
