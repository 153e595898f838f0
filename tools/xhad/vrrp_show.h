/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual router as JSON. */
#ifndef VRRP_SHOW_H
#define VRRP_SHOW_H

struct json_object;
struct vrrp;

struct json_object *vrrp_show(const struct vrrp *v);

#endif /* VRRP_SHOW_H */
