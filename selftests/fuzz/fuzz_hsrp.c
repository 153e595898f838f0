// SPDX-License-Identifier: GPL-2.0-only
/*
 * HSRP codec: what decodes, as either version, must encode to something that
 * decodes the same, and its authentication can be judged.
 */
/* link: tools/xhad/hsrp_pkt.c tools/xhad/hsrp_auth.c tools/lib/xha_addr.c */
/* libs: nettle */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hsrp_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hsrp_auth_conf md5 = {
	.mode = HSRP_MODE_MD5,
	.keys = { { .id = 0, .len = 3, .data = "key" } },
	.n_keys = 1,
};

static void check_group(const struct hsrp_msg *m)
{
	if (m->group > (m->version == 1 ? HSRP_GROUP_MAX_V1 : HSRP_GROUP_MAX))
		abort();
	if (m->state < HSRP_STATE_INITIAL || m->state >= HSRP_STATE_END)
		abort();
	if ((m->version == 2 || m->hello_ms) && m->hold_ms <= m->hello_ms)
		abort();
	if (m->vip.len != 4 && (m->version == 1 || m->vip.len != 16))
		abort();
}

static void try_version(unsigned int version, const uint8_t *data, size_t size)
{
	static const struct hsrp_msg zero;
	struct hsrp_msg msg, again;
	__u8 buf[HSRP_PKT_LEN_MAX];
	int len;

	if (hsrp_pkt_decode(version, data, size, &msg)) {
		if (memcmp(&msg, &zero, sizeof(msg)))
			abort();
		return;
	}
	if (msg.digest + HSRP_DIGEST_LEN > size && msg.digest)
		abort();
	if (msg.auth == HSRP_AUTH_MD5 ? !msg.digest : !!msg.digest)
		abort();
	if (msg.opcode != HSRP_OP_ADVERT) {
		check_group(&msg);
		hsrp_auth_check(&md5, &msg, data, size);
		/* Both need not lie where we put them. */
		msg.if_active = 0;
		msg.if_passive = 0;
	} else {
		msg.auth = HSRP_AUTH_NONE;
		msg.key_id = 0;
		msg.key_ip = 0;
		memset(msg.text, 0, sizeof(msg.text));
		msg.digest = 0;
	}
	len = hsrp_pkt_encode(&msg, buf, sizeof(buf));
	if (len <= 0 || hsrp_pkt_decode(version, buf, len, &again))
		abort();
	msg.digest = again.digest;
	if (memcmp(&msg, &again, sizeof(msg)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_version(1, data, size);
	try_version(2, data, size);
	return 0;
}
