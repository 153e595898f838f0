// SPDX-License-Identifier: GPL-2.0-only
#include "external_show.h"
#include "log.h"
#include "show.h"

static struct json_object *show_lan(const struct external_lan *lan)
{
	const struct xha_conf_standby *conf = lan->elect.conf;
	struct json_object *o = json_object_new_object();

	show_str(o, "name", conf->name);
	show_str(o, "interface", conf->interface);
	json_object_object_add(o, "vips", show_vips(conf));
	json_object_object_add(o, "neighbour", conf->neighbour.len ?
			       show_addr(&conf->neighbour) : NULL);
	show_bool(o, "link_up", lan->carrier);
	return o;
}

/**
 * external_show - what a group was told, as the control socket answers it
 * @x: of the group
 *
 * Return: a new object.
 */
struct json_object *external_show(const struct external *x)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	const struct xha_conf_group *conf = x->role->conf;
	unsigned int i;

	show_str(o, "order", external_order_name(x->order));
	show_bool(o, "told", x->told);
	show_str(o, "cause", x->cause);
	show_u64(o, "since_ms", x->order == EXTERNAL_NONE ? 0 :
		 (xha_log_now_us() - x->since_us) / 1000);
	show_bool(o, "yielded", x->yielded);
	show_u64(o, "orders", x->serial);
	show_str(o, "vips", conf->move_vips ? "xhad" : "elector");
	show_u64(o, "handover_wait_ms", conf->grace_ms);
	for (i = 0; i < x->n_lans; i++)
		json_object_array_add(list, show_lan(&x->lans[i]));
	json_object_object_add(o, "addresses", list);
	return o;
}
