/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XHA_VMAC_SHOW_H
#define XHA_VMAC_SHOW_H

#include "vmac_plan.h"

struct json_object;

void xha_vmac_show(struct json_object *o, const struct xha_conf_standby *sb,
		   const struct xha_vmac *vmac);

#endif /* XHA_VMAC_SHOW_H */
