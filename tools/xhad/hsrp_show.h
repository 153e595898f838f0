/* SPDX-License-Identifier: GPL-2.0-only */
/* HSRP instances as xhad's control socket shows them. */
#ifndef HSRP_SHOW_H
#define HSRP_SHOW_H

struct hsrp;
struct json_object;

struct json_object *hsrp_show(const struct hsrp *h);

#endif /* HSRP_SHOW_H */
