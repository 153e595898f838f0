// SPDX-License-Identifier: GPL-2.0-only
#include <json-c/json.h>
#include <unistd.h>

#include "change.h"
#include "ctl_show.h"
#include "external_show.h"
#include "hsrp_show.h"
#include "show.h"
#include "vrrp_show.h"
#include "xhad.h"

static struct json_object *show_elect(const struct xhad_group *g,
				      unsigned int s, bool history)
{
	const struct xha_elect *e = g->role.elects[s];
	struct json_object *o;

	if (e->conf->protocol == XHA_CONF_VRRP)
		o = vrrp_show(&g->vrrp[s]);
	else
		o = hsrp_show(&g->hsrp[s]);
	json_object_object_add(o, "hearing",
			       xha_hearer_show_lan(&g->hearer, s));
	if (history)
		json_object_object_add(o, "history", show_history(&e->history));
	return o;
}

/**
 * xha_ctl_show_standby - answer to "standby"
 * @x: the helper
 * @request: with "history": true the last changes are wanted, too
 * @reply: gets "groups"
 */
void xha_ctl_show_standby(struct xhad *x, struct json_object *request,
			  struct json_object *reply)
{
	struct json_object *groups = json_object_new_array();
	struct json_object *o, *list;
	struct json_object *wanted = NULL;
	struct xhad_group *g;
	unsigned int i, s;
	bool history;

	json_object_object_get_ex(request, "history", &wanted);
	history = json_object_get_boolean(wanted);
	for (i = 0; i < x->conf.n_groups; i++) {
		g = &x->groups[i];
		o = json_object_new_object();
		list = json_object_new_array();
		show_u64(o, "id", g->role.conf->id);
		show_str(o, "name", g->role.conf->name);
		show_str(o, "role", xha_role_word(&g->role));
		show_str(o, "cause", g->role.cause);
		show_u64(o, "vips_missing", xha_role_vips_missing(&g->role));
		if (history)
			json_object_object_add(o, "history",
					       show_history(&g->role.history));
		if (g->role.conf->external)
			json_object_object_add(o, "external",
					       external_show(&g->external));
		for (s = 0; s < g->role.n_elects && !g->role.conf->external; s++)
			json_object_array_add(list, show_elect(g, s, history));
		json_object_object_add(o, "standby", list);
		json_object_object_add(o, "hearing",
				       xha_hearer_show(&g->hearer));
		json_object_object_add(o, "track",
				       xha_tracker_show(&g->tracker));
		json_object_array_add(groups, o);
	}
	json_object_object_add(reply, "groups", groups);
}

/**
 * xha_ctl_show_status - answer to "status"
 * @x: the helper
 * @request: not looked at
 * @reply: gets "pid", "status" and "nat_t" (VIPs whose NAT-T port is held)
 */
void xha_ctl_show_status(struct xhad *x, struct json_object *request,
			 struct json_object *reply)
{
	struct json_object *held = json_object_new_array();
	struct xhad_group *g;
	unsigned int i, e;

	show_u64(reply, "pid", getpid());
	show_str(reply, "status", x->status);
	for (i = 0; i < x->conf.n_groups; i++) {
		g = &x->groups[i];
		for (e = 0; e < g->n_encap; e++) {
			if (g->encap[e].fd < 0)
				continue;
			json_object_array_add(held,
					      show_addr(&g->encap[e].vip));
		}
	}
	json_object_object_add(reply, "nat_t", held);
}
