// SPDX-License-Identifier: GPL-2.0-only
/* A link of any namespace, prepared so that setting it is one call. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(1);
}

void link_prepare(struct link *l, char *arg, bool up)
{
	char path[256], *dev = strchr(arg, ':');
	int ns;

	if (!dev || strlen(dev + 1) >= IFNAMSIZ) {
		errno = EINVAL;
		die(arg);
	}
	*dev++ = '\0';
	snprintf(path, sizeof(path), "/run/netns/%s", arg);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		die(path);
	close(ns);
	l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		die("socket");
	memset(&l->ifr, 0, sizeof(l->ifr));
	memcpy(l->ifr.ifr_name, dev, strlen(dev) + 1);
	if (ioctl(l->fd, SIOCGIFFLAGS, &l->ifr))
		die(dev);
	if (up)
		l->ifr.ifr_flags |= IFF_UP;
	else
		l->ifr.ifr_flags &= ~IFF_UP;
}

void link_set(struct link *l)
{
	if (ioctl(l->fd, SIOCSIFFLAGS, &l->ifr))
		die(l->ifr.ifr_name);
}
