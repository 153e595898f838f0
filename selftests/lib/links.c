// SPDX-License-Identifier: GPL-2.0-only
/*
 * Set interfaces of several namespaces up or down back to back, as near to
 * at once as one thread can: a gateway that loses its links one after the
 * other has time to say goodbye on the rest, and that would be another test.
 *
 *   links up|down NS:DEV...
 *
 * Prints the real time in seconds right before the first change and right
 * after the last one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX	16

struct link {
	int fd;
	struct ifreq ifr;
};

static void die(const char *what)
{
	fprintf(stderr, "links: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void prepare(struct link *l, char *arg, bool up)
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

int main(int argc, char **argv)
{
	struct link links[LINKS_MAX];
	struct timespec t0, t1;
	bool up;
	int i, n = argc - 2;

	if (n < 1 || n > LINKS_MAX ||
	    (strcmp(argv[1], "up") && strcmp(argv[1], "down"))) {
		fprintf(stderr, "usage: links up|down NS:DEV...\n");
		return 2;
	}
	up = !strcmp(argv[1], "up");
	for (i = 0; i < n; i++)
		prepare(&links[i], argv[i + 2], up);
	clock_gettime(CLOCK_REALTIME, &t0);
	for (i = 0; i < n; i++)
		if (ioctl(links[i].fd, SIOCSIFFLAGS, &links[i].ifr))
			die(argv[i + 2]);
	clock_gettime(CLOCK_REALTIME, &t1);
	printf("%lld.%06ld %lld.%06ld\n", (long long)t0.tv_sec,
	       t0.tv_nsec / 1000, (long long)t1.tv_sec, t1.tv_nsec / 1000);
	return 0;
}
