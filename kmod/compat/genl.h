/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XHA_COMPAT_GENL_H
#define XHA_COMPAT_GENL_H

#include <net/genetlink.h>

/* Attributes of a dump request; newer kernels keep them in a genl_info. */
static inline struct nlattr **xha_compat_dump_attrs(struct netlink_callback *cb)
{
#ifdef XHA_HAVE_DUMPIT_INFO
	return genl_dumpit_info(cb)->info.attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* XHA_COMPAT_GENL_H */
