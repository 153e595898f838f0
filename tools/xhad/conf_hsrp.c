// SPDX-License-Identifier: GPL-2.0-only
/* Keys of a standby section that only HSRP has. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_check.h"

#define KEY_ID_MAX	2147483647
#define KEY_FILE_SIZE	4096

/* "250" and "msec 250" as in "standby timers"; without the word, seconds. */
static int parse_time(const char *text, unsigned int *ms)
{
	bool msec = !strncmp(text, "msec ", 5);
	char *end;
	long v;

	if (msec)
		text += 5;
	errno = 0;
	v = strtol(text, &end, 10);
	if (errno || end == text || *end || v < 0 || v > HSRP_TIMER_MAX)
		return -EINVAL;
	if (!msec && v > HSRP_TIMER_MAX / 1000)
		return -EINVAL;
	*ms = msec ? v : v * 1000;
	return 0;
}

static int take_times(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
		      bool msec, unsigned int ms[2])
{
	unsigned int i, size = cfg_size(sec, key);
	int line = xha_conf_line_of(ctx, sec, key);
	const char *text;
	char buf[32];

	if (size != 2) {
		xha_conf_error(ctx, line, "%s: %u values, must be {HELLO, HOLD}",
			       key, size);
		return -EINVAL;
	}
	for (i = 0; i < 2; i++) {
		text = buf;
		if (msec)
			snprintf(buf, sizeof(buf), "msec %ld",
				 cfg_getnint(sec, key, i));
		else
			text = cfg_getnstr(sec, key, i);
		if (parse_time(text, &ms[i])) {
			xha_conf_error(ctx, line,
				       "%s: %s: not a time of at most %d ms",
				       key, text, HSRP_TIMER_MAX);
			return -EINVAL;
		}
	}
	return 0;
}

static void check_timers(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_standby *sb)
{
	bool msec = xha_conf_given(ctx, sec, "timers-msec");
	const char *key = msec ? "timers-msec" : "timers";
	unsigned int ms[2];
	int line;

	sb->hello_ms = 3000;
	sb->hold_ms = 10000;
	if (!xha_conf_given(ctx, sec, key))
		return;
	line = xha_conf_line_of(ctx, sec, key);
	if (msec && xha_conf_given(ctx, sec, "timers")) {
		xha_conf_error(ctx, line, "timers-msec: timers is given as well");
		return;
	}
	if (take_times(ctx, sec, key, msec, ms))
		return;
	if (ms[0] < 15) {
		xha_conf_error(ctx, line, "%s: hello of %u ms: must be at least 15 ms",
			       key, ms[0]);
		return;
	}
	if (ms[1] <= ms[0]) {
		xha_conf_error(ctx, line, "%s: hold below hello: %u ms is not above %u ms",
			       key, ms[1], ms[0]);
		return;
	}
	if (ms[1] < 5 * ms[0])
		xha_conf_warn(ctx, line,
			      "%s: hold of %u ms is below 5 times hello (%u ms): a few lost packets will look like a failure",
			      key, ms[1], ms[0]);
	sb->hello_ms = ms[0];
	sb->hold_ms = ms[1];
}

/* One of the words of an option like "minimum 5 reload 60", in seconds. */
struct delay_word {
	const char *word;
	unsigned int *ms;
	bool *given;
};

static bool take_word(const struct delay_word *words, const char *word,
		      const char *number, long max)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(number, &end, 10);
	if (errno || *end || end == number || *number < '0' || *number > '9' ||
	    v > max)
		return false;
	for (; words->word; words++) {
		if (strcmp(word, words->word) || *words->given)
			continue;
		*words->given = true;
		*words->ms = v * 1000;
		return true;
	}
	return false;
}

static void take_delay(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
		       const struct delay_word *words, long max,
		       const char *form)
{
	char copy[128], *save = NULL, *word, *number;
	const char *text;
	bool good;

	if (!xha_conf_given(ctx, sec, key))
		return;
	text = cfg_getstr(sec, key);
	good = *text && strlen(text) < sizeof(copy);
	if (good)
		strcpy(copy, text);
	else
		copy[0] = '\0';
	word = strtok_r(copy, " ", &save);
	good = good && word;
	while (good && word) {
		number = strtok_r(NULL, " ", &save);
		good = number && take_word(words, word, number, max);
		word = strtok_r(NULL, " ", &save);
	}
	if (!good)
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, key),
			       "%s = %s: must be \"%s\", each at most %ld s",
			       key, text, form, max);
}

static void check_delays(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_standby *sb)
{
	bool seen[4] = { false };
	const struct delay_word delay[] = {
		{ "minimum", &sb->delay_min_ms, &seen[0] },
		{ "reload", &sb->delay_reload_ms, &seen[1] },
		{ .word = NULL }
	};
	const struct delay_word preempt[] = {
		{ "minimum", &sb->preempt_min_ms, &seen[2] },
		{ "reload", &sb->preempt_reload_ms, &seen[3] },
		{ "sync", &sb->preempt_sync_ms, &sb->has_sync },
		{ .word = NULL }
	};

	take_delay(ctx, sec, "delay", delay, 10000, "minimum S reload S");
	take_delay(ctx, sec, "preempt-delay", preempt, 3600,
		   "minimum S reload S sync S");
	if (xha_conf_given(ctx, sec, "preempt-delay") && !sb->preempt)
		xha_conf_warn(ctx, xha_conf_line_of(ctx, sec, "preempt-delay"),
			      "preempt-delay: means nothing without preempt");
}

static void check_version(struct xha_conf_ctx *ctx, cfg_t *sec,
			  struct xha_conf_standby *sb)
{
	sb->version = 2;
	xha_conf_take_int(ctx, sec, "version", 1, 2, &sb->version);
	if (sb->version == 2)
		return;
	if (sb->number > HSRP_GROUP_MAX_V1)
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "number"),
			       "number = %u: must be 0..%d in version 1",
			       sb->number, HSRP_GROUP_MAX_V1);
	if (sb->n_vips && sb->vips[0].addr.len == 16)
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, "version"),
			       "version = 1: has no IPv6, and the first ip is one");
}

/* What a message may say of a key is how long it is. */
static void add_key(struct xha_conf_ctx *ctx, int line, const char *key,
		    unsigned long id, const char *data, size_t len,
		    struct hsrp_auth_conf *auth)
{
	struct hsrp_key *k = &auth->keys[auth->n_keys];
	unsigned int i;

	if (!len || len > HSRP_KEY_LEN_MAX) {
		xha_conf_error(ctx, line, "%s: key of %zu bytes, must be 1..%d",
			       key, len, HSRP_KEY_LEN_MAX);
		return;
	}
	for (i = 0; i < auth->n_keys; i++)
		if (auth->keys[i].id == id) {
			xha_conf_error(ctx, line, "%s: key %lu is there twice",
				       key, id);
			return;
		}
	if (auth->n_keys == HSRP_KEYS_MAX) {
		xha_conf_error(ctx, line, "%s: more than %d keys", key,
			       HSRP_KEYS_MAX);
		return;
	}
	k->id = id;
	k->len = len;
	memcpy(k->data, data, len);
	auth->n_keys++;
}

/* "ID KEY": the key is all that follows the blank. */
static void take_chain_key(struct xha_conf_ctx *ctx, int line, const char *key,
			   const char *text, struct hsrp_auth_conf *auth)
{
	unsigned long id;
	char *end;

	errno = 0;
	id = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || id > KEY_ID_MAX ||
	    *end != ' ') {
		xha_conf_error(ctx, line, "%s: must be \"ID KEY\", ID 0..%d",
			       key, KEY_ID_MAX);
		return;
	}
	add_key(ctx, line, key, id, end + 1, strlen(end + 1), auth);
}

static void take_chain(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
		       struct hsrp_auth_conf *auth)
{
	int line = xha_conf_line_of(ctx, sec, key);
	unsigned int i, n = cfg_size(sec, key);

	if (!n)
		xha_conf_error(ctx, line, "%s: no key", key);
	for (i = 0; i < n; i++)
		take_chain_key(ctx, line, key, cfg_getnstr(sec, key, i), auth);
}

/* One "ID KEY" on each line. */
static void take_key_file(struct xha_conf_ctx *ctx, cfg_t *sec,
			  const char *key, struct hsrp_auth_conf *auth)
{
	const char *path = cfg_getstr(sec, key);
	int line = xha_conf_line_of(ctx, sec, key);
	char buf[KEY_FILE_SIZE], *save = NULL, *text;
	ssize_t n;

	n = xha_conf_read_secret(ctx, line, key, path, buf, sizeof(buf));
	if (n < 0)
		return;
	if (!n || n == sizeof(buf) || memchr(buf, 0, n)) {
		xha_conf_error(ctx, line, "%s = %s: no lines \"ID KEY\", or more than %d bytes",
			       key, path, KEY_FILE_SIZE - 1);
	} else {
		buf[n] = '\0';
		for (text = strtok_r(buf, "\n", &save); text;
		     text = strtok_r(NULL, "\n", &save))
			take_chain_key(ctx, line, key, text, auth);
	}
	explicit_bzero(buf, sizeof(buf));
}

static void take_text(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key,
		      struct hsrp_auth_conf *auth)
{
	const char *text = cfg_getstr(sec, key);
	size_t len = strlen(text);

	if (!len || len > HSRP_TEXT_LEN)
		xha_conf_error(ctx, xha_conf_line_of(ctx, sec, key),
			       "%s: %zu bytes, must be 1..%d", key, len,
			       HSRP_TEXT_LEN);
	else
		memcpy(auth->text, text, len);
}

/* A list without values has no line; it must not pass for no list at all. */
static bool stands(struct xha_conf_ctx *ctx, cfg_t *sec, const char *key)
{
	return xha_conf_given(ctx, sec, key) ||
	       cfg_getopt(sec, key)->flags & CFGF_MODIFIED;
}

static void check_auth(struct xha_conf_ctx *ctx, cfg_t *sec,
		       struct hsrp_auth_conf *auth)
{
	static const char *const keys[] = {
		"authentication-text", "authentication-key-string",
		"authentication-key-chain", "authentication-key-file",
	};
	const char *key = NULL, *string;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!stands(ctx, sec, keys[i]))
			continue;
		if (key) {
			xha_conf_error(ctx, xha_conf_line_of(ctx, sec, keys[i]),
				       "%s: %s is given as well", keys[i], key);
			return;
		}
		key = keys[i];
	}
	if (!key)
		return;
	auth->mode = key == keys[0] ? HSRP_MODE_TEXT : HSRP_MODE_MD5;
	if (key == keys[0]) {
		take_text(ctx, sec, key, auth);
	} else if (key == keys[1]) {
		string = cfg_getstr(sec, key);
		add_key(ctx, xha_conf_line_of(ctx, sec, key), key, 0, string,
			strlen(string), auth);
	} else if (key == keys[2]) {
		take_chain(ctx, sec, key, auth);
	} else {
		take_key_file(ctx, sec, key, auth);
	}
}

/**
 * xha_conf_check_hsrp - take over what only HSRP has
 * @ctx: the parsed file; errors are reported and counted there
 * @sec: the standby section
 * @sb: result; what both HSRP and others have is there already
 */
void xha_conf_check_hsrp(struct xha_conf_ctx *ctx, cfg_t *sec,
			 struct xha_conf_standby *sb)
{
	check_timers(ctx, sec, sb);
	check_version(ctx, sec, sb);
	check_delays(ctx, sec, sb);
	check_auth(ctx, sec, &sb->auth);
	sb->use_bia = cfg_getbool(sec, "use-bia");
}
