/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Authentication of HSRP packets: a text that all can read, or keyed MD5 over
 * the packet. Neither keeps old packets from being sent again.
 */
#ifndef HSRP_AUTH_H
#define HSRP_AUTH_H

#include "hsrp_pkt.h"

#define HSRP_KEYS_MAX		8
/* What fits into one block of MD5 with its padding; see hsrp_auth.c. */
#define HSRP_KEY_LEN_MAX	55
#define HSRP_TEXT_DEFAULT	"cisco"

enum hsrp_auth_mode {
	HSRP_MODE_DEFAULT,	/* the default text; none is as good */
	HSRP_MODE_TEXT,
	HSRP_MODE_MD5,
};

/**
 * struct hsrp_key - a key of MD5 authentication
 * @id: its number, which is sent along
 * @len: bytes of @data, 1..%HSRP_KEY_LEN_MAX
 * @data: the key
 */
struct hsrp_key {
	__u32 id;
	__u8 len;
	__u8 data[HSRP_KEY_LEN_MAX];
};

/**
 * struct hsrp_auth_conf - how an instance authenticates
 * @mode: which kind
 * @text: %HSRP_MODE_TEXT: the text, filled up with zeros
 * @keys: %HSRP_MODE_MD5: the first one signs, all are accepted
 * @n_keys: number of @keys
 */
struct hsrp_auth_conf {
	enum hsrp_auth_mode mode;
	__u8 text[HSRP_TEXT_LEN];
	struct hsrp_key keys[HSRP_KEYS_MAX];
	unsigned int n_keys;
};

void hsrp_auth_prepare(const struct hsrp_auth_conf *conf, __be32 own,
		       struct hsrp_msg *msg);
void hsrp_auth_sign(const struct hsrp_auth_conf *conf, __u8 *buf, size_t len);
enum hsrp_bad hsrp_auth_check(const struct hsrp_auth_conf *conf,
			      const struct hsrp_msg *msg, const __u8 *buf,
			      size_t len);

#endif /* HSRP_AUTH_H */
