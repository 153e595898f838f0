/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XHA_PRIV_H
#define XHA_PRIV_H

void xha_priv_realtime(void);
int xha_priv_drop(void);

#endif /* XHA_PRIV_H */
