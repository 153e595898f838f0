// SPDX-License-Identifier: GPL-2.0-only
#include <json-c/json.h>
#include <unistd.h>

#include "ctl_show.h"
#include "log.h"
#include "vrrp_show.h"
#include "xhad.h"

static void add_str(struct json_object *o, const char *key, const char *v)
{
	json_object_object_add(o, key, json_object_new_string(v));
}

static void add_u64(struct json_object *o, const char *key, __u64 v)
{
	json_object_object_add(o, key, json_object_new_uint64(v));
}

static void add_bool(struct json_object *o, const char *key, bool v)
{
	json_object_object_add(o, key, json_object_new_boolean(v));
}

/* The node in a place of the election: this one, another, or none (null). */
static void add_router(struct json_object *o, const char *key,
		       const struct hsrp *h, const struct hsrp_router *r,
		       enum hsrp_state own)
{
	bool local = h->state == own;
	struct xha_addr addr = local ? h->elect.addr : r->addr;
	struct json_object *n = NULL;
	char text[XHA_ADDR_STRLEN];

	if (local || r->known) {
		n = json_object_new_object();
		add_str(n, "address", xha_addr_format(&addr, text,
						      sizeof(text)));
		add_u64(n, "priority", local ? h->conf->priority : r->priority);
		add_bool(n, "local", local);
	}
	json_object_object_add(o, key, n);
}

static struct json_object *counters(const struct hsrp *h)
{
	struct json_object *o = json_object_new_object();
	unsigned int i;

	for (i = HSRP_BAD_NONE + 1; i < HSRP_BAD_END; i++)
		add_u64(o, hsrp_pkt_bad_name(i), h->bad[i]);
	return o;
}

static struct json_object *show_hsrp(const struct hsrp *h)
{
	struct json_object *o = json_object_new_object();
	struct json_object *vips = json_object_new_array();
	char text[XHA_ADDR_STRLEN];
	unsigned int v;

	add_str(o, "protocol", "hsrp");
	add_str(o, "name", h->conf->name);
	add_str(o, "interface", h->elect.ifname);
	add_u64(o, "version", h->conf->version);
	add_u64(o, "number", h->conf->number);
	add_str(o, "state", hsrp_pkt_state_name(h->state));
	add_u64(o, "priority", h->conf->priority);
	add_bool(o, "preempt", h->conf->preempt);
	add_u64(o, "hello_ms", h->hello_ms);
	add_u64(o, "hold_ms", h->hold_ms);
	for (v = 0; v < h->conf->n_vips; v++) {
		xha_addr_format(&h->conf->vips[v].addr, text, sizeof(text));
		json_object_array_add(vips, json_object_new_string(text));
	}
	json_object_object_add(o, "vips", vips);
	add_router(o, "active", h, &h->active, HSRP_STATE_ACTIVE);
	add_router(o, "standby", h, &h->standby, HSRP_STATE_STANDBY);
	add_bool(o, "link_up", h->elect.link_up);
	add_u64(o, "state_changes", h->changes);
	add_u64(o, "last_change_ms",
		(xha_log_now_us() - h->changed_us) / 1000);
	add_u64(o, "sent", h->sent);
	add_u64(o, "send_failed", h->send_failed);
	add_u64(o, "received", h->received);
	add_u64(o, "adverts", h->adverts);
	json_object_object_add(o, "bad", counters(h));
	return o;
}

static struct json_object *show_elect(const struct xhad_group *g,
				      unsigned int s)
{
	if (g->role.conf->standbys[s].protocol == XHA_CONF_VRRP)
		return vrrp_show(&g->vrrp[s]);
	return show_hsrp(&g->hsrp[s]);
}

static const char *mode_name(const struct xha_role *role)
{
	switch (role->mode) {
	case XHA_ROLE_ACTIVE:
		return "active";
	case XHA_ROLE_GIVING:
		return "handover";
	case XHA_ROLE_STANDBY:
		break;
	}
	return role->kernel_standby ? "standby" : "init";
}

/**
 * xha_ctl_show_standby - answer to "standby"
 * @x: the helper
 * @reply: gets "groups"
 */
void xha_ctl_show_standby(struct xhad *x, struct json_object *reply)
{
	struct json_object *groups = json_object_new_array();
	struct json_object *o, *list;
	struct xhad_group *g;
	unsigned int i, s;

	for (i = 0; i < x->conf.n_groups; i++) {
		g = &x->groups[i];
		o = json_object_new_object();
		list = json_object_new_array();
		add_u64(o, "id", g->role.conf->id);
		add_str(o, "name", g->role.conf->name);
		add_str(o, "role", mode_name(&g->role));
		for (s = 0; s < g->role.conf->n_standbys; s++)
			json_object_array_add(list, show_elect(g, s));
		json_object_object_add(o, "standby", list);
		json_object_array_add(groups, o);
	}
	json_object_object_add(reply, "groups", groups);
}

/**
 * xha_ctl_show_status - answer to "status"
 * @x: the helper
 * @reply: gets "pid", "status" and "nat_t" (VIPs whose NAT-T port is held)
 */
void xha_ctl_show_status(struct xhad *x, struct json_object *reply)
{
	struct json_object *held = json_object_new_array();
	char text[XHA_ADDR_STRLEN];
	struct xhad_group *g;
	unsigned int i, e;

	add_u64(reply, "pid", getpid());
	add_str(reply, "status", x->status);
	for (i = 0; i < x->conf.n_groups; i++) {
		g = &x->groups[i];
		for (e = 0; e < g->n_encap; e++) {
			if (g->encap[e].fd < 0)
				continue;
			xha_addr_format(&g->encap[e].vip, text, sizeof(text));
			json_object_array_add(held,
					      json_object_new_string(text));
		}
	}
	json_object_object_add(reply, "nat_t", held);
}
