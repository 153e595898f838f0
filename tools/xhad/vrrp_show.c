// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"
#include "show.h"
#include "vmac_show.h"
#include "vrrp.h"
#include "vrrp_show.h"

/* This node, another one, or none (null). */
static struct json_object *show_master(const struct vrrp *v)
{
	bool local = v->state == VRRP_STATE_MASTER;
	struct json_object *o;

	if (!local && !v->master.known)
		return NULL;
	o = json_object_new_object();
	json_object_object_add(o, "address",
			       show_addr(local ? &v->elect.addr :
						 &v->master.addr));
	show_u64(o, "priority",
		 local ? v->elect.priority : v->master.priority);
	show_bool(o, "local", local);
	if (!local)
		show_u64(o, "expires_ms",
			 show_left_ms(v->master.heard_us + v->wait_us));
	return o;
}

static void add_counters(struct json_object *o, const struct vrrp *v)
{
	struct json_object *bad = json_object_new_object();
	unsigned int i;

	show_u64(o, "sent", v->sent);
	show_u64(o, "send_failed", v->send_failed);
	show_u64(o, "received", v->received);
	show_u64(o, "resigned", v->resigned);
	show_u64(o, "vips_differ", v->vips_differ);
	for (i = VRRP_BAD_NONE + 1; i < VRRP_BAD_END; i++)
		show_u64(bad, vrrp_pkt_bad_name(i), v->bad[i]);
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

	show_str(o, "protocol", "vrrp");
	show_str(o, "name", conf->name);
	show_str(o, "interface", v->elect.ifname);
	show_u64(o, "number", conf->number);
	show_u64(o, "version", conf->vrrp.version);
	show_str(o, "state", vrrp_fsm_state_name(v->state));
	show_u64(o, "priority", v->elect.priority);
	show_u64(o, "priority_configured", conf->priority);
	show_bool(o, "preempt", conf->preempt);
	show_u64(o, "preempt_delay_ms", conf->vrrp.preempt_delay_ms);
	show_u64(o, "preempt_left_ms", show_left_ms(v->delay_us));
	show_u64(o, "advertise_interval_ms", conf->hello_ms);
	show_u64(o, "master_interval_ms", v->interval_ms);
	show_u64(o, "skew_us", vrrp_fsm_skew_us(conf->vrrp.version,
						v->elect.priority,
						v->interval_ms));
	show_u64(o, "master_down_us",
		 vrrp_fsm_master_down_us(conf->vrrp.version, v->elect.priority,
					 v->interval_ms));
	show_bool(o, "authentication", conf->vrrp.has_auth);
	show_str(o, "auth", conf->vrrp.has_auth ? "text" : "none");
	xha_vmac_show(o, conf, &v->elect.vmac);
	json_object_object_add(o, "vips", show_vips(conf));
	json_object_object_add(o, "address", show_addr(&v->elect.addr));
	json_object_object_add(o, "peer", show_addr(&v->elect.peer));
	json_object_object_add(o, "master", show_master(v));
	show_bool(o, "link_up", v->elect.link_up);
	show_bool(o, "running", v->elect.running);
	show_u64(o, "state_changes", v->changes);
	show_u64(o, "last_change_ms",
		 (xha_log_now_us() - v->changed_us) / 1000);
	add_counters(o, v);
	return o;
}
