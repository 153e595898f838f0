// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drives the kernel side of one node without a helper, for tests of the
 * module alone.
 *
 *   xctl peer LOCAL REMOTE PORT KEY [patient|manual [DEVICE]]
 *   xctl unpeer
 *   xctl group ID IN OUT VIP...         xctl ungroup ID [force]
 *   xctl protect ID PREFIX...           xctl newgroup ID VIP PREFIX...
 *   xctl role ID active|standby         xctl handover ID
 *   xctl neigh ID IFINDEX ADDR...       xctl vipup ID
 *   xctl hot|active ID SECONDS          waits until it is hot standby, active
 *   xctl listen                         takes events for ever, as a helper does
 *   xctl time VERB ARGUMENT...          prints the ns the verb took
 *   xctl strict ID 0|1                  xctl fenced ID
 *   xctl vips ID VIP...                 replaces those of the group
 *   xctl known ID                       prints SAs and policies of the group
 *   xctl held                           prints SAs and policies of the kernel
 *   xctl equal ID                       a standby's, compared with the peer's
 *   xctl serve                          takes verbs from its input, one a line;
 *                                       after each of them comes "= STATUS"
 *
 * A patient channel lives through 12 s of silence. What is left to show, `xha`
 * shows. Errors are the kernel's words.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/xfrm.h>
#include <linux/xfrm_ha.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "xha_addr.h"
#include "xha_nl.h"

static struct xha_addr addr(const char *text)
{
	struct xha_addr a;

	if (xha_addr_parse(text, &a)) {
		fprintf(stderr, "xctl: bad address %s\n", text);
		exit(2);
	}
	return a;
}

static int peer(struct xha_nl *nl, int argc, char **argv)
{
	struct xha_nl_peer_conf c = { .security = XFRM_HA_SECURITY_NONE };

	if (argc < 4 || argc > 6)
		return 2;
	if (argc > 4 && !strcmp(argv[4], "manual")) {
		c.security = XFRM_HA_SECURITY_MANUAL;
	} else if (argc == 5 && !strcmp(argv[4], "patient")) {
		c.rto_min = 3000;
		c.rto_max = 3000;
		c.path_rtx = 10;
		c.assoc_rtx = 10;
	} else if (argc > 4) {
		return 2;
	}
	if (argc > 5)
		snprintf(c.security_dev, sizeof(c.security_dev), "%s", argv[5]);
	c.local[0] = addr(argv[0]);
	c.remote[0] = addr(argv[1]);
	c.n_local = 1;
	c.n_remote = 1;
	c.local_port = atoi(argv[2]);
	c.remote_port = c.local_port;
	c.key = (const __u8 *)argv[3];
	c.key_len = strlen(argv[3]);
	return xha_nl_peer_set(nl, &c);
}

static int group(struct xha_nl *nl, int argc, char **argv)
{
	struct xha_nl_group_conf c = { .set_vips = true };
	int i;

	if (argc < 4 || argc > 3 + XFRM_HA_MAX_VIPS)
		return 2;
	c.id = atoi(argv[0]);
	c.interval_in = atoi(argv[1]);
	c.interval_out = atoi(argv[2]);
	for (i = 3; i < argc; i++)
		c.vips[c.n_vips++] = addr(argv[i]);
	return xha_nl_group_new(nl, &c);
}

static int vips(struct xha_nl *nl, int argc, char **argv)
{
	struct xha_nl_group_conf c = { .set_vips = true };
	int i;

	if (argc < 2 || argc > 1 + XFRM_HA_MAX_VIPS)
		return 2;
	c.id = atoi(argv[0]);
	for (i = 1; i < argc; i++)
		c.vips[c.n_vips++] = addr(argv[i]);
	return xha_nl_group_set(nl, &c);
}

static int neigh(struct xha_nl *nl, int argc, char **argv)
{
	struct xha_nl_group_conf c = { .set_neighs = true };
	int i;

	if (argc < 1 || argc > 2 * XFRM_HA_MAX_NEIGHS)
		return 2;
	c.id = atoi(argv[0]);
	for (i = 1; i + 1 < argc; i += 2) {
		c.neighs[c.n_neighs].ifindex = atoi(argv[i]);
		c.neighs[c.n_neighs++].addr = addr(argv[i + 1]);
	}
	return xha_nl_group_set(nl, &c);
}

static int strict(struct xha_nl *nl, int argc, char **argv)
{
	struct xha_nl_group_conf c = { .set_strict = true };

	if (argc != 2)
		return 2;
	c.id = atoi(argv[0]);
	c.strict = atoi(argv[1]);
	return xha_nl_group_set(nl, &c);
}

static int prefixes(struct xha_nl_group_conf *c, int argc, char **argv)
{
	int i;

	c->set_prefixes = true;
	if (argc > XFRM_HA_MAX_PREFIXES)
		return 2;
	for (i = 0; i < argc; i++)
		if (xha_prefix_parse(argv[i], &c->prefixes[c->n_prefixes++])) {
			fprintf(stderr, "xctl: bad prefix %s\n", argv[i]);
			exit(2);
		}
	return 0;
}

static int protect(struct xha_nl *nl, int argc, char **argv)
{
	struct xha_nl_group_conf c = { 0 };

	if (argc < 1 || prefixes(&c, argc - 1, argv + 1))
		return 2;
	c.id = atoi(argv[0]);
	return xha_nl_group_set(nl, &c);
}

static int newgroup(struct xha_nl *nl, int argc, char **argv)
{
	struct xha_nl_group_conf c = { .set_vips = true, .n_vips = 1 };

	if (argc < 2 || prefixes(&c, argc - 2, argv + 2))
		return 2;
	c.id = atoi(argv[0]);
	c.vips[0] = addr(argv[1]);
	return xha_nl_group_new(nl, &c);
}

static int ungroup(struct xha_nl *nl, int argc, char **argv)
{
	bool force = argc == 2 && !strcmp(argv[1], "force");

	if (argc != 1 && !force)
		return 2;
	return xha_nl_group_del(nl, atoi(argv[0]), force);
}

static int role(struct xha_nl *nl, int argc, char **argv)
{
	if (argc != 2)
		return 2;
	return xha_nl_role_set(nl, atoi(argv[0]), strcmp(argv[1], "active") ?
			       XFRM_HA_ROLE_STANDBY : XFRM_HA_ROLE_ACTIVE);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void ignore(const struct xha_nl_event *event, void *arg)
{
}

static int subscribed(struct xha_nl **events)
{
	int err = xha_nl_open(events);

	return err ? err : xha_nl_subscribe(*events);
}

/* Whoever subscribes counts as a helper that could bring VIPs up. */
static int listen_on(void)
{
	struct pollfd pfd = { .events = POLLIN };
	struct xha_nl *events;
	int err = subscribed(&events);

	if (err)
		return err;
	pfd.fd = xha_nl_event_fd(events);
	while (poll(&pfd, 1, -1) >= 0)
		xha_nl_event_read(events, ignore, NULL);
	return -errno;
}

/* Costs nothing while it waits: the kernel tells when the state changes. */
static int await(struct xha_nl *nl, __u32 state, int argc, char **argv)
{
	struct pollfd pfd = { .events = POLLIN };
	struct xha_nl *events;
	struct xha_nl_group g;
	uint64_t end;
	int err;

	if (argc != 2)
		return 2;
	end = now_ns() + strtoull(argv[1], NULL, 10) * 1000000000ULL;
	err = subscribed(&events);
	if (err)
		return err;
	pfd.fd = xha_nl_event_fd(events);
	for (;;) {
		err = xha_nl_group_get(nl, atoi(argv[0]), &g);
		if (err || g.state == state)
			break;
		if (now_ns() > end) {
			fprintf(stderr, "xctl: still state %u: %s\n", g.state,
				g.reason);
			err = -ETIMEDOUT;
			break;
		}
		poll(&pfd, 1, 1000);
		/* How many were missed does not matter: the state is asked. */
		xha_nl_event_read(events, ignore, NULL);
	}
	xha_nl_close(events);
	return err;
}

static int known(struct xha_nl *nl, __u32 id)
{
	struct xha_nl_group g;
	int err = xha_nl_group_get(nl, id, &g);

	if (!err)
		printf("%u %u\n", g.sas, g.policies);
	return err;
}

/* Equal when the counter of such comparisons moves, whoever asked for one. */
static int equal(struct xha_nl *nl, __u32 id)
{
	uint64_t end = now_ns() + 20 * 1000000000ULL;
	struct xha_nl_group before, now;
	int err = xha_nl_group_get(nl, id, &before);

	err = err ? err : xha_nl_verify(nl, id);
	while (!err) {
		err = xha_nl_group_get(nl, id, &now);
		if (err || now.verified != before.verified)
			break;
		if (now.repairs != before.repairs)
			err = -EILSEQ;
		else if (now_ns() > end)
			err = -ETIMEDOUT;
		else
			poll(NULL, 0, 20);
	}
	return err;
}

static int count_sas(struct nl_msg *msg, void *arg)
{
	struct nlattr *a = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(__u32),
					   XFRMA_SAD_CNT);

	*(unsigned int *)arg = a ? nla_get_u32(a) : 0;
	return NL_STOP;
}

static int count_policies(struct nl_msg *msg, void *arg)
{
	struct nlattr *a = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(__u32),
					   XFRMA_SPD_INFO);
	const struct xfrmu_spdinfo *info = a ? nla_data(a) : NULL;

	*(unsigned int *)arg = info ? info->incnt + info->outcnt + info->fwdcnt : 0;
	return NL_STOP;
}

static int ask_xfrm(struct nl_sock *sock, int type, nl_recvmsg_msg_cb_t fn,
		    unsigned int *count)
{
	__u32 flags = 0;
	int err;

	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, fn, count);
	err = nl_send_simple(sock, type, 0, &flags, sizeof(flags));
	return err < 0 ? err : nl_recvmsgs_default(sock);
}

static int held(void)
{
	struct nl_sock *sock = nl_socket_alloc();
	unsigned int sas = 0, policies = 0;
	int err = -NLE_NOMEM;

	if (sock) {
		nl_socket_disable_auto_ack(sock);
		err = nl_connect(sock, NETLINK_XFRM);
	}
	if (!err)
		err = ask_xfrm(sock, XFRM_MSG_GETSADINFO, count_sas, &sas);
	if (!err)
		err = ask_xfrm(sock, XFRM_MSG_GETSPDINFO, count_policies, &policies);
	nl_socket_free(sock);
	if (err)
		return -EIO;
	printf("%u %u\n", sas, policies);
	return 0;
}

static int run(struct xha_nl *nl, const char *verb, int argc, char **argv)
{
	if (!strcmp(verb, "peer"))
		return peer(nl, argc, argv);
	if (!strcmp(verb, "unpeer"))
		return xha_nl_peer_del(nl);
	if (!strcmp(verb, "group"))
		return group(nl, argc, argv);
	if (!strcmp(verb, "vips"))
		return vips(nl, argc, argv);
	if (!strcmp(verb, "neigh"))
		return neigh(nl, argc, argv);
	if (!strcmp(verb, "protect"))
		return protect(nl, argc, argv);
	if (!strcmp(verb, "newgroup"))
		return newgroup(nl, argc, argv);
	if (!strcmp(verb, "ungroup"))
		return ungroup(nl, argc, argv);
	if (!strcmp(verb, "role"))
		return role(nl, argc, argv);
	if (!strcmp(verb, "hot"))
		return await(nl, XFRM_HA_STATE_STANDBY_HOT, argc, argv);
	if (!strcmp(verb, "active"))
		return await(nl, XFRM_HA_STATE_ACTIVE, argc, argv);
	if (!strcmp(verb, "strict"))
		return strict(nl, argc, argv);
	if (!strcmp(verb, "listen"))
		return listen_on();
	if (!strcmp(verb, "held"))
		return held();
	if (argc != 1)
		return 2;
	if (!strcmp(verb, "known"))
		return known(nl, atoi(argv[0]));
	if (!strcmp(verb, "equal"))
		return equal(nl, atoi(argv[0]));
	if (!strcmp(verb, "fenced"))
		return xha_nl_fenced(nl, atoi(argv[0]));
	if (!strcmp(verb, "handover"))
		return xha_nl_handover(nl, atoi(argv[0]));
	if (!strcmp(verb, "vipup"))
		return xha_nl_vip_up(nl, atoi(argv[0]));
	return 2;
}

/* Exit status of one verb; what went wrong has been said. */
static int one(struct xha_nl *nl, int argc, char **argv)
{
	bool timed = argc > 1 && !strcmp(argv[0], "time");
	uint64_t begin = now_ns();
	int err;

	argc -= timed;
	argv += timed;
	err = run(nl, argv[0], argc - 1, argv + 1);
	if (timed && !err)
		printf("%" PRIu64 "\n", now_ns() - begin);
	if (err == 2)
		fprintf(stderr, "xctl: %s: wrong arguments\n", argv[0]);
	else if (err)
		fprintf(stderr, "xctl: %s: %s (%s)\n", argv[0], strerror(-err),
			xha_nl_error(nl));
	return err == 2 ? 2 : !!err;
}

static int serve(struct xha_nl *nl)
{
	char line[1024], *argv[64], *word;
	int argc;

	while (fgets(line, sizeof(line), stdin)) {
		argc = 0;
		for (word = strtok(line, "\n "); word && argc < 64;
		     word = strtok(NULL, "\n "))
			argv[argc++] = word;
		if (!argc)
			continue;
		printf("= %d\n", one(nl, argc, argv));
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct xha_nl *nl;
	int err;

	if (argc < 2) {
		fprintf(stderr, "usage: xctl VERB ARGUMENT...\n");
		return 2;
	}
	err = xha_nl_open(&nl);
	if (err) {
		fprintf(stderr, "xctl: %s\n", strerror(-err));
		return 1;
	}
	err = !strcmp(argv[1], "serve") ? serve(nl) : one(nl, argc - 1, argv + 1);
	xha_nl_close(nl);
	return err;
}
