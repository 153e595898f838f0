/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Advertisement of what an interface is for all its HSRP groups together:
 * dormant, passive or active. Others use it to find out whether a router on
 * the LAN, whose real address they know, is part of HSRP at all. It is told
 * when it changes and, as long as it is passive, every minute. What is heard
 * of others is counted and has no effect.
 */
#ifndef HSRP_ADV_H
#define HSRP_ADV_H

#include "hsrp.h"

#define HSRP_ADV_MS	60000

bool hsrp_adv_shared(const struct hsrp *a, const struct hsrp *b);
void hsrp_adv_update(struct hsrp *h);
void hsrp_adv_timeout(struct hsrp *h);

#endif /* HSRP_ADV_H */
