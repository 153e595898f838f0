// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <time.h>

#include "log.h"
#include "show.h"

/**
 * show_addr - an address
 * @addr: the address
 *
 * Return: a string, or NULL (null in JSON) where there is none.
 */
struct json_object *show_addr(const struct xha_addr *addr)
{
	char text[XHA_ADDR_STRLEN];

	if (!addr->len)
		return NULL;
	return json_object_new_string(xha_addr_format(addr, text,
						      sizeof(text)));
}

/**
 * show_mac - add an Ethernet address
 * @o: where to
 * @key: under which key
 * @mac: the address
 */
void show_mac(struct json_object *o, const char *key, const __u8 mac[6])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	show_str(o, key, text);
}

/**
 * show_time - add when something happened, by both clocks
 * @o: where to; gets "time" (UTC) and "monotonic_us"
 * @wall_us: µs of CLOCK_REALTIME
 * @mono_us: µs of CLOCK_MONOTONIC
 */
void show_time(struct json_object *o, __u64 wall_us, __u64 mono_us)
{
	time_t s = wall_us / 1000000;
	char day[32], text[48];
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06lluZ", day, wall_us % 1000000);
	show_str(o, "time", text);
	show_u64(o, "monotonic_us", mono_us);
}

/**
 * show_vips - the virtual addresses of an election
 * @conf: the election
 *
 * Return: an array, the caller's.
 */
struct json_object *show_vips(const struct xha_conf_standby *conf)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < conf->n_vips; i++)
		json_object_array_add(list, show_addr(&conf->vips[i].addr));
	return list;
}

/**
 * show_history - the last changes of a state, oldest first
 * @history: the changes
 *
 * Return: an array, the caller's.
 */
struct json_object *show_history(const struct xha_history *history)
{
	struct json_object *list = json_object_new_array(), *o;
	const struct xha_change *c;
	unsigned int i;

	for (i = 0; (c = xha_history_get(history, i)); i++) {
		o = json_object_new_object();
		show_time(o, c->wall_us, c->mono_us);
		show_str(o, "from", c->from);
		show_str(o, "to", c->to);
		show_str(o, "cause", c->cause);
		json_object_array_add(list, o);
	}
	return list;
}

/**
 * show_left_ms - how long until a time
 * @until_us: µs of CLOCK_MONOTONIC
 *
 * Return: ms, rounded up, 0 when it has come.
 */
__u64 show_left_ms(__u64 until_us)
{
	__u64 now = xha_log_now_us();

	return until_us > now ? (until_us - now + 999) / 1000 : 0;
}

/**
 * show_wall_us - the clock that people look at
 *
 * Return: µs of CLOCK_REALTIME.
 */
__u64 show_wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (__u64)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
