/* SPDX-License-Identifier: GPL-2.0-only */
/* The helper's state as JSON. */
#ifndef XHA_CTL_SHOW_H
#define XHA_CTL_SHOW_H

struct json_object;
struct xhad;

void xha_ctl_show_standby(struct xhad *x, struct json_object *request,
			  struct json_object *reply);
void xha_ctl_show_status(struct xhad *x, struct json_object *request,
			 struct json_object *reply);

#endif /* XHA_CTL_SHOW_H */
