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
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "link.h"

#define LINKS_MAX	16

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
		link_prepare(&links[i], argv[i + 2], up);
	clock_gettime(CLOCK_REALTIME, &t0);
	for (i = 0; i < n; i++)
		link_set(&links[i]);
	clock_gettime(CLOCK_REALTIME, &t1);
	printf("%lld.%06ld %lld.%06ld\n", (long long)t0.tv_sec,
	       t0.tv_nsec / 1000, (long long)t1.tv_sec, t1.tv_nsec / 1000);
	return 0;
}
