// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "hsrp_adv.h"
#include "hsrp_trace.h"
#include "show.h"

static void add_auth(struct json_object *o, const struct hsrp_msg *msg)
{
	static const char *const kinds[] = {
		[HSRP_AUTH_NONE]	= "none",
		[HSRP_AUTH_TEXT]	= "text",
		[HSRP_AUTH_MD5]		= "md5",
	};

	show_str(o, "auth", kinds[msg->auth]);
	if (msg->auth == HSRP_AUTH_MD5)
		show_u64(o, "auth_key_id", msg->key_id);
}

static void add_group(struct json_object *o, const struct hsrp_msg *msg)
{
	show_u64(o, "version", msg->version);
	show_u64(o, "packet_number", msg->group);
	show_str(o, "state", hsrp_pkt_state_name(msg->state));
	show_u64(o, "priority", msg->priority);
	show_u64(o, "hello_ms", msg->hello_ms);
	show_u64(o, "hold_ms", msg->hold_ms);
	json_object_object_add(o, "vip", show_addr(&msg->vip));
	add_auth(o, msg);
}

static void add_msg(struct json_object *o, const struct hsrp_msg *msg)
{
	static const char *const opcodes[] = {
		[HSRP_OP_HELLO]		= "hello",
		[HSRP_OP_COUP]		= "coup",
		[HSRP_OP_RESIGN]	= "resign",
		[HSRP_OP_ADVERT]	= "advertise",
	};

	show_str(o, "opcode", opcodes[msg->opcode]);
	if (msg->opcode != HSRP_OP_ADVERT) {
		add_group(o, msg);
		return;
	}
	show_u64(o, "version", msg->version);
	show_u64(o, "active_groups", msg->if_active);
	show_u64(o, "passive_groups", msg->if_passive);
}

/* What a good packet is; terse output leaves out those that come all the time. */
static unsigned int kind_of(const struct hsrp_msg *msg)
{
	return msg->opcode == HSRP_OP_HELLO || msg->opcode == HSRP_OP_ADVERT ?
	       XHA_TRACE_HELLO : XHA_TRACE_PACKET;
}

/**
 * hsrp_trace_write_sent - hsrp_trace_sent(), where somebody listens
 * @h: the same
 * @msg: the same
 * @err: the same
 */
void hsrp_trace_write_sent(const struct hsrp *h, const struct hsrp_msg *msg,
			   int err)
{
	struct json_object *o = xha_trace_begin(err ? "error" : "packet",
						&h->elect);

	show_str(o, "direction", "out");
	json_object_object_add(o, "source", show_addr(&h->elect.addr));
	if (err)
		show_str(o, "reason", strerror(-err));
	add_msg(o, msg);
	xha_trace_end(err ? XHA_TRACE_ERROR | XHA_TRACE_PACKET : kind_of(msg),
		      o);
}

/* Of those that hear the same packets, the first one. */
static bool speaks_for_all(const struct hsrp *h)
{
	const struct hsrp *o;

	for (o = h->all ? *h->all : NULL; o && o != h; o = o->next)
		if (o->elect.running && hsrp_adv_shared(o, h))
			return false;
	return true;
}

/**
 * hsrp_trace_write_got - hsrp_trace_got(), where somebody listens
 * @h: the same
 * @rx: the same
 * @msg: the same
 * @bad: the same
 */
void hsrp_trace_write_got(struct hsrp *h, const struct hsrp_rx *rx,
			  const struct hsrp_msg *msg, enum hsrp_bad bad)
{
	bool own = msg && msg->opcode != HSRP_OP_ADVERT &&
		   bad != HSRP_BAD_GROUP;
	struct json_object *o;

	if (!own && !speaks_for_all(h))
		return;
	o = xha_trace_begin(bad ? "error" : "packet", &h->elect);
	show_str(o, "direction", "in");
	json_object_object_add(o, "source", show_addr(&rx->src));
	if (bad) {
		show_str(o, "reason", hsrp_pkt_bad_name(bad));
		show_u64(o, "length", rx->len);
		json_object_object_add(o, "ttl",
				       json_object_new_int(rx->ttl));
	}
	if (msg)
		add_msg(o, msg);
	xha_trace_end(bad ? XHA_TRACE_ERROR | XHA_TRACE_PACKET : kind_of(msg),
		      o);
}
