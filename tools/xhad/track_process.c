// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "track_process.h"

/* "PID (NAME) STATE ...": NAME may hold anything, what follows only numbers. */
static void count_stat(char *stat, struct xha_process *ps, unsigned int n)
{
	char *name = strchr(stat, '('), *end = strrchr(stat, ')');
	unsigned int i;

	if (!name || !end || end < name || end[1] != ' ')
		return;
	/* A zombie does nothing any more. */
	if (end[2] == 'Z' || end[2] == 'X')
		return;
	*end = '\0';
	for (i = 0; i < n; i++)
		if (!strcmp(name + 1, ps[i].name))
			ps[i].count++;
}

static void count_pid(int dir, const char *pid, struct xha_process *ps,
		      unsigned int n)
{
	char path[32], stat[512];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%.16s/stat", pid);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	/* It may have ended since. */
	if (fd < 0)
		return;
	len = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (len <= 0)
		return;
	stat[len] = '\0';
	count_stat(stat, ps, n);
}

/**
 * xha_process_count - count the processes of some names
 * @proc: where procfs is
 * @ps: the names; gets the counts
 * @n: number of @ps
 *
 * Return: 0 or -errno.
 */
int xha_process_count(const char *proc, struct xha_process *ps,
		      unsigned int n)
{
	DIR *dir = opendir(proc);
	struct dirent *d;
	unsigned int i;

	if (!dir)
		return -errno;
	for (i = 0; i < n; i++)
		ps[i].count = 0;
	while ((d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]))
			count_pid(dirfd(dir), d->d_name, ps, n);
	closedir(dir);
	return 0;
}
