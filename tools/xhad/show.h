/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the JSON objects that xhad answers with. */
#ifndef XHA_SHOW_H
#define XHA_SHOW_H

#include <json-c/json.h>

#include "conf.h"
#include "history.h"

static inline void show_str(struct json_object *o, const char *key,
			    const char *v)
{
	json_object_object_add(o, key, json_object_new_string(v));
}

static inline void show_u64(struct json_object *o, const char *key, __u64 v)
{
	json_object_object_add(o, key, json_object_new_uint64(v));
}

static inline void show_bool(struct json_object *o, const char *key, bool v)
{
	json_object_object_add(o, key, json_object_new_boolean(v));
}

struct json_object *show_addr(const struct xha_addr *addr);
void show_mac(struct json_object *o, const char *key, const __u8 mac[6]);
void show_time(struct json_object *o, __u64 wall_us, __u64 mono_us);
struct json_object *show_vips(const struct xha_conf_standby *conf);
struct json_object *show_history(const struct xha_history *history);
__u64 show_left_ms(__u64 until_us);
__u64 show_wall_us(void);

#endif /* XHA_SHOW_H */
