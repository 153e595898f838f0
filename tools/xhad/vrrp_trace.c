// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "show.h"
#include "vrrp_trace.h"

static void add_msg(struct json_object *o, const struct vrrp_msg *msg)
{
	struct json_object *vips = json_object_new_array();
	unsigned int i;

	show_str(o, "opcode", msg->priority == VRRP_PRIORITY_RESIGN ?
			      "resign" : "advertisement");
	show_u64(o, "version", msg->version);
	show_u64(o, "packet_number", msg->vrid);
	show_u64(o, "priority", msg->priority);
	show_u64(o, "interval_ms", msg->interval_ms);
	for (i = 0; i < msg->n_addrs; i++)
		json_object_array_add(vips, show_addr(&msg->addrs[i]));
	json_object_object_add(o, "vips", vips);
	show_str(o, "auth", msg->auth_type == VRRP_AUTH_NONE ? "none" :
			    msg->auth_type == VRRP_AUTH_TEXT ? "text" :
							       "other");
}

/* What a good packet is; terse output leaves out those that come all the time. */
static unsigned int kind_of(const struct vrrp_msg *msg)
{
	return msg->priority == VRRP_PRIORITY_RESIGN ? XHA_TRACE_PACKET :
						       XHA_TRACE_HELLO;
}

/**
 * vrrp_trace_write_sent - vrrp_trace_sent(), where somebody listens
 * @v: the same
 * @msg: the same
 * @err: the same
 */
void vrrp_trace_write_sent(const struct vrrp *v, const struct vrrp_msg *msg,
			   int err)
{
	struct json_object *o = xha_trace_begin(err ? "error" : "packet",
						&v->elect);

	show_str(o, "direction", "out");
	json_object_object_add(o, "source", show_addr(&v->elect.addr));
	if (err)
		show_str(o, "reason", strerror(-err));
	add_msg(o, msg);
	xha_trace_end(err ? XHA_TRACE_ERROR | XHA_TRACE_PACKET : kind_of(msg),
		      o);
}

/* Of those that hear the same packets, the first one. */
static bool speaks_for_all(const struct vrrp *v)
{
	const struct vrrp *o;

	for (o = v->all ? *v->all : NULL; o && o != v; o = o->next)
		if (o->elect.running && vrrp_shared(o, v))
			return false;
	return true;
}

/**
 * vrrp_trace_write_got - vrrp_trace_got(), where somebody listens
 * @v: the same
 * @path: the same
 * @len: the same
 * @msg: the same
 * @bad: the same
 */
void vrrp_trace_write_got(const struct vrrp *v, const struct vrrp_path *path,
			  size_t len, const struct vrrp_msg *msg,
			  enum vrrp_bad bad)
{
	bool own = msg->version && bad != VRRP_BAD_VRID;
	struct json_object *o;

	if (!own && !speaks_for_all(v))
		return;
	o = xha_trace_begin(bad ? "error" : "packet", &v->elect);
	show_str(o, "direction", "in");
	json_object_object_add(o, "source", show_addr(&path->src));
	if (bad) {
		show_str(o, "reason", vrrp_pkt_bad_name(bad));
		show_u64(o, "length", len);
		show_u64(o, "ttl", path->ttl);
	}
	if (msg->version)
		add_msg(o, msg);
	xha_trace_end(bad ? XHA_TRACE_ERROR | XHA_TRACE_PACKET : kind_of(msg),
		      o);
}
