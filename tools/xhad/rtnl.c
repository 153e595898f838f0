// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>

#include <netlink/errno.h>

#include "rtnl.h"
#include "xha_util.h"

static const struct {
	int nle;
	int err;
} errors[] = {
	{ NLE_SUCCESS,		0 },
	{ NLE_NOMEM,		-ENOMEM },
	{ NLE_PERM,		-EPERM },
	{ NLE_NOACCESS,		-EACCES },
	{ NLE_NODEV,		-ENODEV },
	{ NLE_OBJ_NOTFOUND,	-ENODEV },
	{ NLE_EXIST,		-EEXIST },
	{ NLE_NOADDR,		-EADDRNOTAVAIL },
	{ NLE_BUSY,		-EBUSY },
	{ NLE_INVAL,		-EINVAL },
	{ NLE_RANGE,		-ERANGE },
	{ NLE_OPNOTSUPP,	-EOPNOTSUPP },
};

/**
 * xha_rtnl_errno - the errno that an error of libnl stands for
 * @nle: what a function of libnl returned
 *
 * Return: 0 or -errno; -EIO for what has no better name.
 */
int xha_rtnl_errno(int nle)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].nle == (nle < 0 ? -nle : nle))
			return errors[i].err;
	return -EIO;
}
