// SPDX-License-Identifier: GPL-2.0-only
/* JSON of "show redundancy states"; keys are described in Documentation/xha.md. */
#include <stdio.h>

#include <json-c/json.h>

#include "states.h"
#include "xha_names.h"

static void add_u64(struct json_object *o, const char *key, __u64 value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static void add_addrs(struct json_object *o, const char *key,
		      const struct xha_addr *addrs, unsigned int n)
{
	struct json_object *list = json_object_new_array();
	char buf[XHA_ADDR_STRLEN];
	unsigned int i;

	for (i = 0; i < n; i++) {
		xha_addr_format(&addrs[i], buf, sizeof(buf));
		json_object_array_add(list, json_object_new_string(buf));
	}
	json_object_object_add(o, key, list);
}

static void add_conf(struct json_object *o, const struct xha_nl_peer_conf *c)
{
	add_addrs(o, "local", c->local, c->n_local);
	add_addrs(o, "remote", c->remote, c->n_remote);
	add_u64(o, "local_port", c->local_port);
	add_u64(o, "remote_port", c->remote_port);
	add_u64(o, "rto_min_ms", c->rto_min);
	add_u64(o, "rto_max_ms", c->rto_max);
	add_u64(o, "path_retransmit", c->path_rtx);
	add_u64(o, "assoc_retransmit", c->assoc_rtx);
	add_text(o, "security", xha_names_security(c->security));
	add_text(o, "security_device", c->security_dev);
}

static struct json_object *json_channel(const struct xha_nl_peer *p)
{
	struct json_object *o = json_object_new_object();
	char buf[24];

	add_text(o, "state", xha_names_peer_state(p->state));
	if (p->state == XFRM_HA_PEER_STATE_NONE)
		return o;
	add_u64(o, "state_ms", p->state_ms);
	add_text(o, "reason", p->reason);
	add_conf(o, &p->conf);
	add_u64(o, "version", p->version);
	snprintf(buf, sizeof(buf), "0x%016llx", p->boot_id);
	add_text(o, "boot_id", buf);
	json_object_object_add(o, "heard_ms", p->has_heard ?
			       json_object_new_uint64(p->heard_ms) : NULL);
	add_u64(o, "connects", p->connects);
	add_u64(o, "lag_frames", p->lag_frames);
	add_u64(o, "lag_bytes", p->lag_bytes);
	add_u64(o, "lag_ms", p->lag_ms);
	add_u64(o, "tx_frames", p->tx_frames);
	add_u64(o, "tx_bytes", p->tx_bytes);
	add_u64(o, "rx_frames", p->rx_frames);
	add_u64(o, "rx_bytes", p->rx_bytes);
	add_u64(o, "rx_bad", p->rx_bad);
	add_u64(o, "rx_state", p->rx_state);
	add_u64(o, "rx_stale", p->rx_stale);
	add_u64(o, "strangers", p->strangers);
	add_u64(o, "unprotected", p->unprotected);
	return o;
}

static struct json_object *json_neighs(const struct xha_nl_group *g)
{
	struct json_object *list = json_object_new_array(), *o;
	char buf[XHA_ADDR_STRLEN];
	unsigned int i;

	for (i = 0; i < g->n_neighs; i++) {
		o = json_object_new_object();
		add_u64(o, "ifindex", g->neighs[i].ifindex);
		add_text(o, "address", xha_addr_format(&g->neighs[i].addr, buf,
						       sizeof(buf)));
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *json_gate(const struct xha_nl_group *g)
{
	struct json_object *o = json_object_new_object();

	add_u64(o, "dropped", g->gate_dropped);
	add_u64(o, "held", g->gate_held);
	add_u64(o, "forwarded", g->gate_forwarded);
	add_u64(o, "overflow", g->gate_overflow);
	return o;
}

static struct json_object *json_timeline_ns(const struct xha_nl_timeline *t)
{
	struct json_object *o = json_object_new_object();

	add_u64(o, "begin", t->begin);
	add_u64(o, "added", t->added);
	add_u64(o, "valid", t->valid);
	add_u64(o, "policies", t->policies);
	add_u64(o, "gate", t->gate);
	add_u64(o, "end", t->end);
	return o;
}

static void add_step(struct json_object *o, const char *key, __u64 begin,
		     __u64 then)
{
	json_object_object_add(o, key, then && then >= begin ?
			       json_object_new_uint64((then - begin) / 1000) :
			       NULL);
}

/* NULL where no change of role was timed, a null step where it was not done. */
static struct json_object *json_timeline_us(const struct xha_nl_timeline *t)
{
	struct json_object *o;

	if (!t->begin)
		return NULL;
	o = json_object_new_object();
	add_step(o, "added", t->begin, t->added);
	add_step(o, "valid", t->begin, t->valid);
	add_step(o, "policies", t->begin, t->policies);
	add_step(o, "gate", t->begin, t->gate);
	add_step(o, "end", t->begin, t->end);
	return o;
}

static void add_states(struct json_object *o, const struct xha_states *s,
		       const struct xha_nl_group *g)
{
	unsigned int code = xha_states_peer_code(s, g);

	add_text(o, "role", xha_names_role(g->role));
	add_text(o, "state", xha_names_state(g->state));
	add_u64(o, "state_code", xha_states_code(g->state));
	add_u64(o, "state_ms", g->state_ms);
	add_text(o, "peer_state", code == 1 ? "disabled" :
		 xha_names_state(g->peer_state));
	add_u64(o, "peer_state_code", code);
	add_text(o, "reason", g->reason);
	add_u64(o, "epoch", g->epoch);
	add_u64(o, "epoch_node", g->epoch_node);
	json_object_object_add(o, "superseded", json_object_new_boolean(g->superseded));
}

static void add_prefixes(struct json_object *o, const char *key,
			 const struct xha_prefix *prefixes, unsigned int n)
{
	struct json_object *list = json_object_new_array();
	char buf[XHA_PREFIX_STRLEN];
	unsigned int i;

	for (i = 0; i < n; i++) {
		xha_prefix_format(&prefixes[i], buf, sizeof(buf));
		json_object_array_add(list, json_object_new_string(buf));
	}
	json_object_object_add(o, key, list);
}

static struct json_object *json_group(const struct xha_states *s,
				      const struct xha_nl_group *g)
{
	struct json_object *o = json_object_new_object();

	add_u64(o, "id", g->id);
	add_text(o, "name", g->name);
	add_states(o, s, g);
	add_addrs(o, "vips", g->vips, g->n_vips);
	json_object_object_add(o, "neighbours", json_neighs(g));
	add_prefixes(o, "protect", g->prefixes, g->n_prefixes);
	add_u64(o, "interval_in", g->interval_in);
	add_u64(o, "interval_out", g->interval_out);
	add_u64(o, "sas", g->sas);
	add_u64(o, "sas_refused", g->sas_refused);
	add_u64(o, "policies", g->policies);
	add_u64(o, "exposure_out", g->exposure_out);
	add_u64(o, "exposure_in", g->exposure_in);
	add_u64(o, "beyond", g->beyond);
	add_u64(o, "takeovers", g->takeovers);
	add_u64(o, "verified", g->verified);
	add_u64(o, "verify_ms", g->verify_ms);
	add_u64(o, "repairs", g->repairs);
	json_object_object_add(o, "strict", json_object_new_boolean(g->strict));
	json_object_object_add(o, "bounded", json_object_new_boolean(g->bounded));
	add_u64(o, "strict_dropped", g->strict_dropped);
	add_u64(o, "stopped", g->stopped);
	add_u64(o, "merged", g->merged);
	json_object_object_add(o, "gate", json_gate(g));
	add_text(o, "cause", xha_names_cause(g->cause));
	json_object_object_add(o, "timeline_ns",
			       json_timeline_ns(&g->timeline));
	json_object_object_add(o, "timeline_us",
			       json_timeline_us(&g->timeline));
	return o;
}

/**
 * xha_states_json - print channel and groups as one line of JSON
 * @s: what the kernel said
 */
void xha_states_json(const struct xha_states *s)
{
	struct json_object *o = json_object_new_object();
	struct json_object *groups = json_object_new_array();
	size_t i;

	for (i = 0; i < s->n; i++)
		json_object_array_add(groups, json_group(s, &s->groups[i]));
	json_object_object_add(o, "channel", json_channel(&s->peer));
	json_object_object_add(o, "groups", groups);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}
