// SPDX-License-Identifier: GPL-2.0-only
#include <json-c/json.h>

#include "hearer.h"
#include "show.h"

/**
 * xha_hearer_show - what came of it, for a group
 * @h: the hearer
 *
 * Return: an object, the caller's; NULL where nobody listens.
 */
struct json_object *xha_hearer_show(const struct xha_hearer *h)
{
	struct json_object *o;

	if (!h->role)
		return NULL;
	o = json_object_new_object();
	show_str(o, "fault", xha_hearing_fault_name(h->acted.fault));
	show_str(o, "interface",
		 h->acted.fault == XHA_HEARING_WELL ? "" :
		 h->role->elects[h->acted.lan]->ifname);
	show_str(o, "muted", h->role->muted);
	show_bool(o, "peer_helper", h->role->peer_helper);
	return o;
}

static struct json_object *show_view(const struct xha_hearing *view,
				     unsigned int lan)
{
	struct json_object *o;

	if (lan >= view->n)
		return NULL;
	o = json_object_new_object();
	show_str(o, "witness",
		 xha_hearing_witness_name(view->lans[lan].witness));
	show_str(o, "peer", xha_hearing_peer_name(view->lans[lan].peer));
	return o;
}

/**
 * xha_hearer_show_lan - what is heard on one LAN
 * @h: the hearer
 * @lan: number of its election
 *
 * Return: an object, the caller's; NULL where nobody listens.
 */
struct json_object *xha_hearer_show_lan(const struct xha_hearer *h,
					unsigned int lan)
{
	struct json_object *o;

	if (!h->role)
		return NULL;
	o = json_object_new_object();
	json_object_object_add(o, "here", show_view(&h->own, lan));
	json_object_object_add(o, "at_peer", show_view(&h->peer, lan));
	show_u64(o, "asked", h->witnesses[lan].asked);
	show_u64(o, "answers", h->witnesses[lan].answers);
	return o;
}
