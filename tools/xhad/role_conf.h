/* SPDX-License-Identifier: GPL-2.0-only */
/* A group's configuration as the kernel is told it. */
#ifndef XHA_ROLE_CONF_H
#define XHA_ROLE_CONF_H

#include "role.h"

int xha_role_conf_apply(struct xha_role *role, struct xha_nl_group *group);

#endif /* XHA_ROLE_CONF_H */
