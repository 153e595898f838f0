/* SPDX-License-Identifier: GPL-2.0-only */
/* What a group was told, as far as it outlives the helper. */
#ifndef XHA_EXTERNAL_IO_H
#define XHA_EXTERNAL_IO_H

#include "external.h"

void external_io_init(struct external *x, struct xha_role *role,
		      const char *dir);

#endif /* XHA_EXTERNAL_IO_H */
