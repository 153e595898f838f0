/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XHA_EXTERNAL_SHOW_H
#define XHA_EXTERNAL_SHOW_H

#include "external.h"

struct json_object;

struct json_object *external_show(const struct external *x);

#endif /* XHA_EXTERNAL_SHOW_H */
