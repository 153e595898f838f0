/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XHA_COMPAT_SYSCTL_H
#define XHA_COMPAT_SYSCTL_H

#include <net/net_namespace.h>

/* @t has @n entries and an empty one, which older kernels end at. */
static inline struct ctl_table_header *
xha_compat_sysctl(struct net *net, const char *path, struct ctl_table *t,
		  size_t n)
{
#ifdef XHA_HAVE_SYSCTL_SZ
	return register_net_sysctl_sz(net, path, t, n);
#else
	return register_net_sysctl(net, path, t);
#endif
}

#endif /* XHA_COMPAT_SYSCTL_H */
