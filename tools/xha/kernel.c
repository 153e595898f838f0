// SPDX-License-Identifier: GPL-2.0-only
/* What goes wrong between the command and the kernel, in words. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xha.h"

/**
 * xha_kernel_open - connect to the kernel's family, with a message if it fails
 * @nlp: result, to be closed with xha_nl_close()
 *
 * Return: XHA_OK, XHA_ABSENT without the module, XHA_FAILED otherwise; the
 * message has been printed.
 */
int xha_kernel_open(struct xha_nl **nlp)
{
	int err = xha_nl_open(nlp);

	switch (err) {
	case 0:
		return XHA_OK;
	case -ENOENT:
	case -EOPNOTSUPP:
	case -EPROTONOSUPPORT:
		xha_main_error("the kernel has no xfrm_ha family; is the module loaded?");
		return XHA_ABSENT;
	default:
		xha_main_error("cannot connect to the kernel: %s",
			       strerror(-err));
		return XHA_FAILED;
	}
}

/**
 * xha_kernel_fail - say why a call into the kernel failed
 * @nl: the connection, with the kernel's own words if it sent any
 * @err: -errno of the call
 * @what: what was being done, "read the SAs"
 *
 * Return: XHA_FAILED, for the caller to return.
 */
int xha_kernel_fail(const struct xha_nl *nl, int err, const char *what)
{
	const char *text = xha_nl_error(nl);

	if (err == -EPERM || err == -EACCES)
		xha_main_error("no permission to %s: it needs CAP_NET_ADMIN (run it as root)",
			       what);
	else
		xha_main_error("cannot %s: %s", what,
			       *text ? text : strerror(-err));
	return XHA_FAILED;
}

struct list {
	struct xha_nl_group *groups;
	size_t n;
};

static int append(const struct xha_nl_group *group, void *arg)
{
	struct list *l = arg;
	struct xha_nl_group *more;

	more = realloc(l->groups, (l->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	l->groups = more;
	l->groups[l->n++] = *group;
	return 0;
}

static int compare(const void *va, const void *vb)
{
	const struct xha_nl_group *a = va, *b = vb;

	return a->id < b->id ? -1 : a->id > b->id;
}

/**
 * xha_kernel_groups - read all groups, with a message if it fails
 * @nl: the connection
 * @groups: array ordered by id, the caller frees it; NULL where there are none
 * @n: its length
 *
 * Return: XHA_OK, or XHA_FAILED with nothing to free.
 */
int xha_kernel_groups(struct xha_nl *nl, struct xha_nl_group **groups,
		      size_t *n)
{
	struct list l = { 0 };
	int err;

	err = xha_nl_group_dump(nl, append, &l);
	if (err) {
		free(l.groups);
		return xha_kernel_fail(nl, err, "read the groups");
	}
	if (l.n)
		qsort(l.groups, l.n, sizeof(*l.groups), compare);
	*groups = l.groups;
	*n = l.n;
	return XHA_OK;
}
