// SPDX-License-Identifier: GPL-2.0-only
/*
 * Active and standby are kept by the kernel while no helper runs. That this
 * node is not fit the kernel does not know: a file beside the control socket
 * says so, which a reboot removes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "external_io.h"
#include "log.h"

static int path_of(const struct external *x, char *path, size_t size)
{
	int n = snprintf(path, size, "%s/fault-%u", (const char *)x->io_data,
			 x->role->conf->id);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int io_keep_fault(struct external *x, bool fault)
{
	char path[192];
	int fd, err;

	err = path_of(x, path, sizeof(path));
	if (err)
		return err;
	if (!fault)
		return unlink(path) && errno != ENOENT ? -errno : 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static const struct external_io_ops io_ops = {
	.keep_fault = io_keep_fault,
};

/**
 * external_io_init - set up, with what an earlier helper was told
 * @x: to be set up
 * @role: its group, conf and host set
 * @dir: where a file may outlive the helper; kept
 */
void external_io_init(struct external *x, struct xha_role *role,
		      const char *dir)
{
	char path[192];

	external_init(x, role, &io_ops);
	x->io_data = (void *)dir;
	if (path_of(x, path, sizeof(path)))
		return;
	if (!access(path, F_OK))
		external_recall_fault(x);
	else if (errno != ENOENT)
		xha_log_warn("group %s: whether it was told fault is not known: %s: %s",
			     role->conf->name, path, strerror(errno));
}
