/* SPDX-License-Identifier: GPL-2.0-only */
/* What "show standby" and its forms print of xhad's answer. */
#ifndef XHA_STANDBY_H
#define XHA_STANDBY_H

#include <json-c/json.h>
#include <stdbool.h>

/* Called for each election that is wanted. */
typedef void (*xha_standby_fn)(struct json_object *group,
			       struct json_object *election, void *arg);

/* cmd_show_standby.c */
void xha_standby_each(struct json_object *groups, xha_standby_fn fn, void *arg);
bool xha_standby_is_vrrp(struct json_object *election);

/* standby_detail.c */
void xha_standby_detail(struct json_object *groups, bool all);

/* cmd_show_vrrp.c */
void xha_standby_vrrp(struct json_object *group, struct json_object *election,
		      bool all);

/* standby_brief.c */
void xha_standby_brief(struct json_object *groups);
struct json_object *xha_standby_brief_json(struct json_object *groups);

/* standby_history.c */
void xha_standby_changes(struct json_object *o, const char *indent);
void xha_standby_history(struct json_object *groups);
void xha_standby_history_trim(struct json_object *groups);

#endif /* XHA_STANDBY_H */
