// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds IPv6 addresses by the function xhad adds VIPs by, more urgent than the
 * kernel's workers on its CPU, as xhad may be.
 *
 *   vipadd DEV ADDRESS...
 *
 * Prints of how many of them this machine takes what comes in, each looked at
 * when the function has returned: "N of M".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vip.h"

static int urgent(void)
{
	const struct sched_param param = { .sched_priority = 1 };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    sched_setscheduler(0, SCHED_FIFO, &param)) {
		perror("vipadd: priority");
		return -1;
	}
	return 0;
}

/* The MTU of the way there is that of lo, as to any address of one's own. */
static bool is_local(const struct xha_addr *addr)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	int mtu = 0, fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(mtu);

	memcpy(&to.sin6_addr, addr->b, sizeof(to.sin6_addr));
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &len))
		perror("vipadd: way to the address");
	close(fd);
	return mtu > 1500;
}

int main(int argc, char **argv)
{
	unsigned int ifindex = argc > 2 ? if_nametoindex(argv[1]) : 0;
	struct xha_conf_vip vip = { .prefix = 64 };
	struct nl_sock *sk;
	int i, err, n = 0;

	if (!ifindex) {
		fprintf(stderr, "usage: vipadd DEV ADDRESS...\n");
		return 2;
	}
	err = xha_vip_open(&sk);
	if (err || urgent())
		return 1;
	for (i = 2; i < argc; i++) {
		if (xha_addr_parse(argv[i], &vip.addr)) {
			fprintf(stderr, "vipadd: no address: %s\n", argv[i]);
			return 2;
		}
		err = xha_vip_add(sk, ifindex, ifindex, &vip);
		if (err) {
			fprintf(stderr, "vipadd: %s: %s\n", argv[i], strerror(-err));
			return 1;
		}
		n += is_local(&vip.addr);
	}
	xha_vip_close(sk);
	printf("%d of %d\n", n, argc - 2);
	return 0;
}
