// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "hsrp_adv.h"

/**
 * hsrp_adv_shared - whether two instances hear the same packets
 * @a: an instance
 * @b: another one, or the same
 *
 * Return: true if interface, version and IP version are the same.
 */
bool hsrp_adv_shared(const struct hsrp *a, const struct hsrp *b)
{
	return a->conf->version == b->conf->version &&
	       hsrp_family(a) == hsrp_family(b) &&
	       !strcmp(a->elect.ifname, b->elect.ifname);
}

static struct hsrp *first(struct hsrp *h)
{
	return h->all ? *h->all : h;
}

/* The first instance of the interface keeps what was told, and the timer. */
static struct hsrp *keeper(struct hsrp *h)
{
	struct hsrp *o;

	for (o = first(h); o; o = o->next)
		if (hsrp_adv_shared(o, h))
			break;
	return o ? o : h;
}

static enum hsrp_if_state count(struct hsrp *h, struct hsrp_msg *msg)
{
	struct hsrp *o;

	for (o = first(h); o; o = o->next) {
		if (!o->elect.running || !hsrp_adv_shared(o, h))
			continue;
		if (o->state == HSRP_STATE_ACTIVE)
			msg->if_active++;
		else
			msg->if_passive++;
	}
	if (msg->if_active)
		return HSRP_IF_ACTIVE;
	return msg->if_passive ? HSRP_IF_PASSIVE : HSRP_IF_DORMANT;
}

/**
 * hsrp_adv_update - an instance may have changed what its interface is
 * @h: the instance, whose socket is still open
 */
void hsrp_adv_update(struct hsrp *h)
{
	struct hsrp_msg msg = { .opcode = HSRP_OP_ADVERT };
	struct hsrp *k = keeper(h);
	enum hsrp_if_state state = count(h, &msg);

	if (state == k->if_state)
		return;
	k->if_state = state;
	hsrp_send(h, &msg);
	if (state == HSRP_IF_PASSIVE)
		k->io->arm(k, HSRP_TIMER_ADVERT, HSRP_ADV_MS);
	else
		k->io->disarm(k, HSRP_TIMER_ADVERT);
}

/**
 * hsrp_adv_timeout - it is time to say again that an interface is passive
 * @h: the instance whose timer it is
 */
void hsrp_adv_timeout(struct hsrp *h)
{
	struct hsrp_msg msg = { .opcode = HSRP_OP_ADVERT };
	struct hsrp *o;

	if (count(h, &msg) != HSRP_IF_PASSIVE)
		return;
	for (o = first(h); o; o = o->next)
		if (o->elect.running && hsrp_adv_shared(o, h))
			break;
	if (o)
		hsrp_send(o, &msg);
	h->io->arm(h, HSRP_TIMER_ADVERT, HSRP_ADV_MS);
}
