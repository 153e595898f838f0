// SPDX-License-Identifier: GPL-2.0-only
#include "hsrp.h"
#include "hsrp_show.h"
#include "log.h"
#include "show.h"
#include "vmac_show.h"

/* The node in a place of the election: this one, another, or none (null). */
static void add_router(struct json_object *o, const char *key,
		       const struct hsrp *h, const struct hsrp_router *r,
		       enum hsrp_state own)
{
	bool local = h->state == own;
	struct json_object *n = NULL;

	if (local || r->known) {
		n = json_object_new_object();
		json_object_object_add(n, "address",
				       show_addr(local ? &h->elect.addr :
							 &r->addr));
		show_u64(n, "priority",
			 local ? h->elect.priority : r->priority);
		show_bool(n, "local", local);
	}
	if (n && !local)
		show_u64(n, "expires_ms",
			 show_left_ms(r->heard_us + h->hold_ms * 1000ULL));
	json_object_object_add(o, key, n);
}

static void add_timers(struct json_object *o, const struct hsrp *h)
{
	show_u64(o, "hello_ms", h->hello_ms);
	show_u64(o, "hold_ms", h->hold_ms);
	show_u64(o, "hello_configured_ms", h->conf->hello_ms);
	show_u64(o, "hold_configured_ms", h->conf->hold_ms);
	show_bool(o, "timers_learnt",
		  h->hello_ms != h->conf->hello_ms ||
		  h->hold_ms != h->conf->hold_ms);
}

static void add_delays(struct json_object *o, const struct hsrp *h)
{
	const struct xha_conf_standby *conf = h->conf;
	struct json_object *d = json_object_new_object();

	show_u64(d, "minimum_ms", conf->delay_min_ms);
	show_u64(d, "reload_ms", conf->delay_reload_ms);
	show_u64(d, "left_ms", show_left_ms(h->delay_us));
	json_object_object_add(o, "delay", d);
	d = json_object_new_object();
	show_u64(d, "minimum_ms", conf->preempt_min_ms);
	show_u64(d, "reload_ms", conf->preempt_reload_ms);
	json_object_object_add(d, "sync_ms", conf->has_sync ?
			       json_object_new_uint64(conf->preempt_sync_ms) :
			       NULL);
	show_u64(d, "left_ms", conf->preempt ? show_left_ms(h->preempt_us) : 0);
	json_object_object_add(o, "preempt_delay", d);
}

/* What kind it is and the numbers of the keys; a text or a key never. */
static void add_auth(struct json_object *o, const struct hsrp_auth_conf *auth)
{
	static const char *const kinds[] = {
		[HSRP_MODE_DEFAULT]	= "default",
		[HSRP_MODE_TEXT]	= "text",
		[HSRP_MODE_MD5]		= "md5",
	};
	struct json_object *ids = json_object_new_array();
	unsigned int i;

	for (i = 0; i < auth->n_keys; i++)
		json_object_array_add(ids,
				      json_object_new_int64(auth->keys[i].id));
	show_str(o, "auth", kinds[auth->mode]);
	json_object_object_add(o, "auth_key_ids", ids);
}

static void add_counters(struct json_object *o, const struct hsrp *h)
{
	struct json_object *bad = json_object_new_object();
	unsigned int i;

	show_u64(o, "sent", h->sent);
	show_u64(o, "send_failed", h->send_failed);
	show_u64(o, "received", h->received);
	show_u64(o, "adverts", h->adverts);
	for (i = HSRP_BAD_NONE + 1; i < HSRP_BAD_END; i++)
		show_u64(bad, hsrp_pkt_bad_name(i), h->bad[i]);
	json_object_object_add(o, "bad", bad);
}

/**
 * hsrp_show - state of an HSRP instance
 * @h: the instance
 *
 * Return: an object, the caller's.
 */
struct json_object *hsrp_show(const struct hsrp *h)
{
	struct json_object *o = json_object_new_object();

	show_str(o, "protocol", "hsrp");
	show_str(o, "name", h->conf->name);
	show_str(o, "interface", h->elect.ifname);
	show_u64(o, "version", h->conf->version);
	show_u64(o, "number", h->conf->number);
	show_str(o, "state", hsrp_pkt_state_name(h->state));
	show_u64(o, "priority", h->elect.priority);
	show_u64(o, "priority_configured", h->conf->priority);
	show_bool(o, "preempt", h->conf->preempt);
	add_timers(o, h);
	add_delays(o, h);
	add_auth(o, &h->conf->auth);
	xha_vmac_show(o, h->conf, &h->elect.vmac);
	json_object_object_add(o, "vips", show_vips(h->conf));
	json_object_object_add(o, "address", show_addr(&h->elect.addr));
	json_object_object_add(o, "peer", show_addr(&h->elect.peer));
	add_router(o, "active", h, &h->active, HSRP_STATE_ACTIVE);
	add_router(o, "standby", h, &h->standby, HSRP_STATE_STANDBY);
	show_bool(o, "link_up", h->elect.link_up);
	show_bool(o, "running", h->elect.running);
	show_u64(o, "state_changes", h->changes);
	show_u64(o, "last_change_ms",
		 (xha_log_now_us() - h->changed_us) / 1000);
	add_counters(o, h);
	return o;
}
