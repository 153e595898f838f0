/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual MAC addresses of all elections of the helper. */
#ifndef XHA_VMACS_H
#define XHA_VMACS_H

#include "xhad.h"

int xha_vmacs_start(struct xhad *x);
void xha_vmacs_resume(struct xhad *x);
bool xha_vmacs_ready(struct xhad *x, struct xha_elect *e, bool *lost);
void xha_vmacs_finish(struct xhad *x);

unsigned int xha_vmacs_ifindex(const struct xha_elect *e);
int xha_vmacs_up(struct xhad_group *g, struct xha_elect *e);
void xha_vmacs_speak(struct xhad_group *g);
void xha_vmacs_down(struct xhad_group *g);
void xha_vmacs_linger(struct xhad_group *g);

#endif /* XHA_VMACS_H */
