// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include <linux/xfrm_ha.h>

#include "xha_names.h"
#include "xha_util.h"

static const char *lookup(const char *const *table, size_t n, __u32 value)
{
	return value < n && table[value] ? table[value] : "unknown";
}

static const char *const roles[] = {
	[XFRM_HA_ROLE_INIT]	= "init",
	[XFRM_HA_ROLE_STANDBY]	= "standby",
	[XFRM_HA_ROLE_ACTIVE]	= "active",
};

static const char *const states[] = {
	[XFRM_HA_STATE_INIT]		= "init",
	[XFRM_HA_STATE_NEGOTIATION]	= "negotiation",
	[XFRM_HA_STATE_STANDBY_COLD]	= "standby cold",
	[XFRM_HA_STATE_STANDBY_BULK]	= "standby bulk",
	[XFRM_HA_STATE_STANDBY_HOT]	= "standby hot",
	[XFRM_HA_STATE_HANDOVER]	= "handover",
	[XFRM_HA_STATE_ACTIVE]		= "active",
};

static const char *const events[] = {
	[XFRM_HA_EVENT_UNSPEC]		= "none",
	[XFRM_HA_EVENT_ROLE]		= "role",
	[XFRM_HA_EVENT_STATE]		= "state",
	[XFRM_HA_EVENT_TAKEN]		= "taken",
	[XFRM_HA_EVENT_ANNOUNCE]	= "announce",
	[XFRM_HA_EVENT_HANDOVER_DONE]	= "handover done",
	[XFRM_HA_EVENT_HANDOVER_FAILED]	= "handover failed",
	[XFRM_HA_EVENT_SUPERSEDED]	= "superseded",
	[XFRM_HA_EVENT_HEARING]		= "hearing",
};

static const char *const causes[] = {
	[XFRM_HA_CAUSE_NONE]		= "none",
	[XFRM_HA_CAUSE_COMMAND]		= "command",
	[XFRM_HA_CAUSE_HANDOVER]	= "handover",
};

static const char *const peer_states[] = {
	[XFRM_HA_PEER_STATE_NONE]	= "not configured",
	[XFRM_HA_PEER_STATE_CONNECTING]	= "connecting",
	[XFRM_HA_PEER_STATE_HELLO]	= "hello",
	[XFRM_HA_PEER_STATE_UP]		= "up",
};

static const char *const securities[] = {
	[XFRM_HA_SECURITY_UNSPEC]	= "unspecified",
	[XFRM_HA_SECURITY_NONE]		= "none",
	[XFRM_HA_SECURITY_MANUAL]	= "manual",
};

static const char *const dirs[] = {
	[XFRM_HA_DIR_UNSPEC]	= "unspecified",
	[XFRM_HA_DIR_IN]	= "in",
	[XFRM_HA_DIR_OUT]	= "out",
};

static const char *const sa_states[] = {
	[XFRM_HA_SA_STATE_ACTIVE]	= "active",
	[XFRM_HA_SA_STATE_STANDBY]	= "standby",
	[XFRM_HA_SA_STATE_REFUSED]	= "refused",
};

/**
 * xha_names_role - word for an enum xfrm_ha_role
 * @role: the value
 *
 * Return: a static string.
 */
const char *xha_names_role(__u32 role)
{
	return lookup(roles, ARRAY_SIZE(roles), role);
}

/**
 * xha_names_state - word for an enum xfrm_ha_state
 * @state: the value
 *
 * Return: a static string.
 */
const char *xha_names_state(__u32 state)
{
	return lookup(states, ARRAY_SIZE(states), state);
}

/**
 * xha_names_event - word for an enum xfrm_ha_event
 * @event: the value
 *
 * Return: a static string.
 */
const char *xha_names_event(__u32 event)
{
	return lookup(events, ARRAY_SIZE(events), event);
}

/**
 * xha_names_cause - word for an enum xfrm_ha_cause
 * @cause: the value
 *
 * Return: a static string.
 */
const char *xha_names_cause(__u32 cause)
{
	return lookup(causes, ARRAY_SIZE(causes), cause);
}

/**
 * xha_names_peer_state - word for an enum xfrm_ha_peer_state
 * @state: the value
 *
 * Return: a static string.
 */
const char *xha_names_peer_state(__u32 state)
{
	return lookup(peer_states, ARRAY_SIZE(peer_states), state);
}

/**
 * xha_names_security - word for an enum xfrm_ha_security
 * @security: the value
 *
 * Return: a static string.
 */
const char *xha_names_security(__u32 security)
{
	return lookup(securities, ARRAY_SIZE(securities), security);
}

/**
 * xha_names_dir - word for an enum xfrm_ha_dir
 * @dir: the value
 *
 * Return: a static string.
 */
const char *xha_names_dir(__u32 dir)
{
	return lookup(dirs, ARRAY_SIZE(dirs), dir);
}

/**
 * xha_names_sa_state - word for an enum xfrm_ha_sa_state
 * @state: the value
 *
 * Return: a static string.
 */
const char *xha_names_sa_state(__u32 state)
{
	return lookup(sa_states, ARRAY_SIZE(sa_states), state);
}
