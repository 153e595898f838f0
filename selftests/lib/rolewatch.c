// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a gateway's kernel says of its first group, whenever it changes: one
 * JSON object per line. It asks 40 times a second instead of subscribing, since
 * whoever subscribes counts as a helper that could bring VIPs up.
 *
 *   rolewatch
 *
 * Times are ns of CLOCK_MONOTONIC; begin, gate and end are those of the last
 * change of role.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "xha_names.h"
#include "xha_nl.h"

#define POLL_NS	25000000L

struct seen {
	bool group;
	__u32 role, state, peer_state, epoch, epoch_node, channel;
	__u64 takeovers, begin, boot;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = 1;
}

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int first(const struct xha_nl_group *group, void *arg)
{
	*(struct xha_nl_group *)arg = *group;
	return 1;
}

static void look(struct xha_nl *nl, struct seen *last)
{
	struct xha_nl_group g = { 0 };
	struct xha_nl_peer p = { 0 };
	struct seen now;

	/* the padding is compared, too */
	memset(&now, 0, sizeof(now));
	now.group = xha_nl_group_dump(nl, first, &g) > 0 || g.id;
	if (xha_nl_peer_get(nl, &p))
		p.state = 0;
	now.role = g.role;
	now.state = g.state;
	now.peer_state = g.peer_state;
	now.epoch = g.epoch;
	now.epoch_node = g.epoch_node;
	now.takeovers = g.takeovers;
	now.begin = g.timeline.begin;
	now.channel = p.state;
	now.boot = p.boot_id;
	if (!memcmp(&now, last, sizeof(now)))
		return;
	*last = now;
	printf("{\"at\":%lld,\"group\":%s,\"role\":\"%s\",\"state\":\"%s\",",
	       now_ns(), now.group ? "true" : "false", xha_names_role(g.role),
	       xha_names_state(g.state));
	printf("\"peer_state\":\"%s\",\"epoch\":%u,\"epoch_node\":%u,",
	       xha_names_state(g.peer_state), g.epoch, g.epoch_node);
	printf("\"takeovers\":%llu,\"begin\":%llu,\"gate\":%llu,\"end\":%llu,",
	       g.takeovers, g.timeline.begin, g.timeline.gate, g.timeline.end);
	printf("\"channel\":\"%s\",\"peer_boot\":\"%016llx\"}\n",
	       xha_names_peer_state(p.state), p.boot_id);
	fflush(stdout);
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct timespec nap = { .tv_nsec = POLL_NS };
	struct seen last;
	struct xha_nl *nl;
	int err;

	memset(&last, 0xff, sizeof(last));
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	err = xha_nl_open(&nl);
	if (err) {
		fprintf(stderr, "rolewatch: %s\n", strerror(-err));
		return 1;
	}
	while (!stop) {
		look(nl, &last);
		nanosleep(&nap, NULL);
	}
	xha_nl_close(nl);
	return 0;
}
