// SPDX-License-Identifier: GPL-2.0-only
/*
 * The digest is that of RFC 1828, "keyed MD5": the key, filled up as MD5 fills
 * up the end of a message, so that it takes whole blocks; then the packet with
 * its digest as zeros; then the key once more. How far the filling reaches for
 * keys beyond one block is nowhere written down, so longer ones are refused.
 */
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <string.h>

#include "hsrp_auth.h"

#define LENGTH_AT	56	/* in a block: bits of the key, little endian */

static void digest(const struct hsrp_key *key, const __u8 *buf, size_t len,
		   size_t at, __u8 out[HSRP_DIGEST_LEN])
{
	static const __u8 zero[HSRP_DIGEST_LEN];
	__u8 block[MD5_BLOCK_SIZE] = { 0 };
	unsigned int bits = key->len * 8;
	struct md5_ctx ctx;

	memcpy(block, key->data, key->len);
	block[key->len] = 0x80;
	block[LENGTH_AT] = bits;
	block[LENGTH_AT + 1] = bits >> 8;
	md5_init(&ctx);
	md5_update(&ctx, sizeof(block), block);
	md5_update(&ctx, at, buf);
	md5_update(&ctx, HSRP_DIGEST_LEN, zero);
	md5_update(&ctx, len - at - HSRP_DIGEST_LEN,
		   buf + at + HSRP_DIGEST_LEN);
	md5_update(&ctx, key->len, key->data);
	md5_digest(&ctx, HSRP_DIGEST_LEN, out);
	explicit_bzero(block, sizeof(block));
	explicit_bzero(&ctx, sizeof(ctx));
}

static const __u8 *text_of(const struct hsrp_auth_conf *conf)
{
	static const __u8 standard[HSRP_TEXT_LEN] = HSRP_TEXT_DEFAULT;

	return conf->mode == HSRP_MODE_TEXT ? conf->text : standard;
}

/**
 * hsrp_auth_prepare - say in a message how it is authenticated
 * @conf: the configuration
 * @own: IPv4 address of this node, network byte order, or 0
 * @msg: gets auth, text, key_id and key_ip
 */
void hsrp_auth_prepare(const struct hsrp_auth_conf *conf, __be32 own,
		       struct hsrp_msg *msg)
{
	if (conf->mode == HSRP_MODE_MD5) {
		msg->auth = HSRP_AUTH_MD5;
		msg->key_id = conf->keys[0].id;
		msg->key_ip = own;
		return;
	}
	msg->auth = HSRP_AUTH_TEXT;
	memcpy(msg->text, text_of(conf), HSRP_TEXT_LEN);
}

/**
 * hsrp_auth_sign - put the digest into an encoded packet
 * @conf: the configuration; nothing is done in another mode than MD5
 * @buf: the packet
 * @len: its length; the digest takes the last %HSRP_DIGEST_LEN bytes
 */
void hsrp_auth_sign(const struct hsrp_auth_conf *conf, __u8 *buf, size_t len)
{
	size_t at = len - HSRP_DIGEST_LEN;

	if (conf->mode == HSRP_MODE_MD5)
		digest(&conf->keys[0], buf, len, at, buf + at);
}

static enum hsrp_bad check_md5(const struct hsrp_auth_conf *conf,
			       const struct hsrp_msg *msg, const __u8 *buf,
			       size_t len)
{
	__u8 want[HSRP_DIGEST_LEN];
	unsigned int i;

	for (i = 0; i < conf->n_keys; i++)
		if (conf->keys[i].id == msg->key_id)
			break;
	if (i == conf->n_keys)
		return HSRP_BAD_AUTH_KEY;
	digest(&conf->keys[i], buf, len, msg->digest, want);
	return memeql_sec(want, buf + msg->digest, sizeof(want)) ?
	       HSRP_BAD_NONE : HSRP_BAD_AUTH_DIGEST;
}

/**
 * hsrp_auth_check - judge a packet's authentication
 * @conf: the configuration
 * @msg: the decoded packet
 * @buf: the packet
 * @len: its length
 *
 * Return: %HSRP_BAD_NONE, or why the packet is refused.
 */
enum hsrp_bad hsrp_auth_check(const struct hsrp_auth_conf *conf,
			      const struct hsrp_msg *msg, const __u8 *buf,
			      size_t len)
{
	if (conf->mode == HSRP_MODE_MD5)
		return msg->auth == HSRP_AUTH_MD5 ?
		       check_md5(conf, msg, buf, len) : HSRP_BAD_AUTH_TYPE;
	if (msg->auth == HSRP_AUTH_NONE && conf->mode == HSRP_MODE_DEFAULT)
		return HSRP_BAD_NONE;
	if (msg->auth != HSRP_AUTH_TEXT)
		return HSRP_BAD_AUTH_TYPE;
	return memcmp(msg->text, text_of(conf), HSRP_TEXT_LEN) ?
	       HSRP_BAD_AUTH_TEXT : HSRP_BAD_NONE;
}
