// SPDX-License-Identifier: GPL-2.0-only
/* HSRP codec: what decodes must encode to something that decodes the same. */
/* link: tools/xhad/hsrp_pkt.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hsrp_pkt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hsrp_msg zero;
	struct hsrp_msg msg, again;
	__u8 buf[HSRP_PKT_LEN];

	if (hsrp_pkt_decode(data, size, &msg)) {
		if (memcmp(&msg, &zero, sizeof(msg)))
			abort();
		return 0;
	}
	if (msg.group > HSRP_GROUP_MAX || msg.hold_ms <= msg.hello_ms)
		abort();
	if (hsrp_pkt_encode(&msg, buf, sizeof(buf)) != HSRP_PKT_LEN ||
	    hsrp_pkt_decode(buf, sizeof(buf), &again) ||
	    memcmp(&msg, &again, sizeof(msg)))
		abort();
	return 0;
}
