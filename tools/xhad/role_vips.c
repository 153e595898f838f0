// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VIPs of an active node. One that cannot be added takes nothing from the
 * others: they serve, and it is tried again.
 */
#include <string.h>

#include "log.h"
#include "role.h"

#define RETRY_MS	2000

static void tell(const struct xha_role *role, int missing)
{
	const char *name = role->conf->name;

	if (missing < 0)
		xha_log_err("group %s: no VIP can be added: %s; trying again",
			    name, strerror(-missing));
	else if (missing)
		xha_log_err("group %s: VIPs missing: %d; the others serve, trying again",
			    name, missing);
	else
		xha_log_info("group %s: has all its VIPs now", name);
}

/**
 * xha_role_add_vips - see to it that an active node has its VIPs
 * @role: the group, active in the kernel
 *
 * Arms the tick for another try where some are missing.
 *
 * Return: as vips_up of struct xha_host_ops.
 */
int xha_role_add_vips(struct xha_role *role)
{
	int missing = role->host->vips_up(role);

	if (missing != role->missing)
		tell(role, missing);
	role->missing = missing;
	if (missing)
		role->host->arm(role, RETRY_MS);
	return missing;
}

/**
 * xha_role_retry_vips - add what was missing
 * @role: the group, active
 */
void xha_role_retry_vips(struct xha_role *role)
{
	int missed = role->missing;

	if (!missed)
		return;
	if (xha_role_add_vips(role) >= 0 && role->missing != missed)
		role->host->announce(role);
}

/**
 * xha_role_vips_missing - how many VIPs an active node lacks
 * @role: the group
 *
 * Return: their number; 0 where it has all, or is not active.
 */
unsigned int xha_role_vips_missing(const struct xha_role *role)
{
	unsigned int i, n = 0;

	if (role->missing >= 0)
		return role->missing;
	for (i = 0; i < role->conf->n_standbys; i++)
		n += role->conf->standbys[i].n_vips;
	return n;
}
