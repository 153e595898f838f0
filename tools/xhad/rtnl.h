/* SPDX-License-Identifier: GPL-2.0-only */
/* What libnl says of rtnetlink, as errno. */
#ifndef XHA_RTNL_H
#define XHA_RTNL_H

int xha_rtnl_errno(int nle);

#endif /* XHA_RTNL_H */
