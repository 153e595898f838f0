// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <sys/socket.h>

#include <json-c/json.h>

#include "log.h"
#include "vrrp.h"
#include "vrrp_show.h"

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

/* This node, another one, or none (null). */
static struct json_object *show_master(const struct vrrp *v)
{
	bool local = v->state == VRRP_STATE_MASTER;
	struct json_object *o;
	char text[XHA_ADDR_STRLEN];

	if (!local && !v->master.known)
		return NULL;
	o = json_object_new_object();
	add_str(o, "address",
		xha_addr_format(local ? &v->elect.addr : &v->master.addr, text,
				sizeof(text)));
	add_u64(o, "priority",
		local ? v->conf->priority : v->master.priority);
	add_bool(o, "local", local);
	return o;
}

static struct json_object *show_vips(const struct xha_conf_standby *conf)
{
	struct json_object *list = json_object_new_array();
	char text[XHA_ADDR_STRLEN];
	unsigned int i;

	for (i = 0; i < conf->n_vips; i++) {
		xha_addr_format(&conf->vips[i].addr, text, sizeof(text));
		json_object_array_add(list, json_object_new_string(text));
	}
	return list;
}

static void add_mac(struct json_object *o, const struct xha_conf_standby *conf)
{
	__u8 m[6];
	char text[18];

	vrrp_virtual_mac(conf->vips[0].addr.len == 4 ? AF_INET : AF_INET6,
			 conf->number, m);
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0],
		 m[1], m[2], m[3], m[4], m[5]);
	add_str(o, "virtual_mac", text);
}

static void add_counters(struct json_object *o, const struct vrrp *v)
{
	struct json_object *bad = json_object_new_object();
	unsigned int i;

	add_u64(o, "sent", v->sent);
	add_u64(o, "send_failed", v->send_failed);
	add_u64(o, "received", v->received);
	add_u64(o, "resigned", v->resigned);
	add_u64(o, "vips_differ", v->vips_differ);
	for (i = VRRP_BAD_NONE + 1; i < VRRP_BAD_END; i++)
		add_u64(bad, vrrp_pkt_bad_name(i), v->bad[i]);
	json_object_object_add(o, "bad", bad);
}

/**
 * vrrp_show - state of a virtual router
 * @v: the virtual router
 *
 * Return: an object, the caller's.
 */
struct json_object *vrrp_show(const struct vrrp *v)
{
	const struct xha_conf_standby *conf = v->conf;
	struct json_object *o = json_object_new_object();

	add_str(o, "protocol", "vrrp");
	add_str(o, "name", conf->name);
	add_str(o, "interface", v->elect.ifname);
	add_u64(o, "number", conf->number);
	add_u64(o, "version", conf->vrrp.version);
	add_str(o, "state", vrrp_fsm_state_name(v->state));
	add_u64(o, "priority", conf->priority);
	add_bool(o, "preempt", conf->preempt);
	add_u64(o, "preempt_delay_ms", conf->vrrp.preempt_delay_ms);
	add_u64(o, "advertise_interval_ms", conf->hello_ms);
	add_u64(o, "master_interval_ms", v->interval_ms);
	add_u64(o, "skew_us", vrrp_fsm_skew_us(conf->vrrp.version,
					       conf->priority, v->interval_ms));
	add_u64(o, "master_down_us",
		vrrp_fsm_master_down_us(conf->vrrp.version, conf->priority,
					v->interval_ms));
	add_bool(o, "authentication", conf->vrrp.has_auth);
	add_mac(o, conf);
	json_object_object_add(o, "vips", show_vips(conf));
	json_object_object_add(o, "master", show_master(v));
	add_bool(o, "link_up", v->elect.link_up);
	add_u64(o, "state_changes", v->changes);
	add_u64(o, "last_change_ms",
		(xha_log_now_us() - v->changed_us) / 1000);
	add_counters(o, v);
	return o;
}
