// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text of "show redundancy states". The numbers and words of the states are
 * those that Cisco's redundancy facility shows, so that habits carry over.
 */
#include <stdio.h>

#include "states.h"
#include "xha_names.h"

enum {
	RF_DISABLED	= 1,	/* of a peer that is not heard */
	RF_UNKNOWN	= 0,
};

static const unsigned int codes[] = {
	[XFRM_HA_STATE_INIT]		= 2,
	[XFRM_HA_STATE_NEGOTIATION]	= 3,
	[XFRM_HA_STATE_STANDBY_COLD]	= 4,
	[XFRM_HA_STATE_STANDBY_BULK]	= 7,
	[XFRM_HA_STATE_STANDBY_HOT]	= 8,
	[XFRM_HA_STATE_HANDOVER]	= 10,
	[XFRM_HA_STATE_ACTIVE]		= 13,
};

static const char *const words[] = {
	[RF_UNKNOWN]	= "UNKNOWN",
	[RF_DISABLED]	= "DISABLED",
	[2]		= "INITIALIZATION",
	[3]		= "NEGOTIATION",
	[4]		= "STANDBY COLD",
	[7]		= "STANDBY COLD-BULK",
	[8]		= "STANDBY HOT",
	[10]		= "ACTIVE-DRAIN",
	[13]		= "ACTIVE",
};

/**
 * xha_states_code - number of a state as Cisco's command shows it
 * @state: enum xfrm_ha_state
 *
 * Return: 2..13, or 0 for a state this version does not know.
 */
unsigned int xha_states_code(__u32 state)
{
	return state < sizeof(codes) / sizeof(codes[0]) ? codes[state] : 0;
}

/**
 * xha_states_peer_code - number of the peer's state
 * @s: tells whether the peer is heard at all
 * @g: the group
 *
 * Return: as xha_states_code(), or 1 while the channel is not up.
 */
unsigned int xha_states_peer_code(const struct xha_states *s,
				  const struct xha_nl_group *g)
{
	if (s->peer.state != XFRM_HA_PEER_STATE_UP)
		return RF_DISABLED;
	return xha_states_code(g->peer_state);
}

/**
 * xha_states_word - word of a state as Cisco's command shows it
 * @code: from xha_states_code()
 *
 * Return: a static string.
 */
const char *xha_states_word(unsigned int code)
{
	if (code >= sizeof(words) / sizeof(words[0]) || !words[code])
		return words[RF_UNKNOWN];
	return words[code];
}

static void print_addrs(const char *title, const struct xha_addr *addrs,
			unsigned int n)
{
	char buf[XHA_ADDR_STRLEN];
	unsigned int i;

	printf("%16s =", title);
	for (i = 0; i < n; i++)
		printf("%s %s", i ? "," : "",
		       xha_addr_format(&addrs[i], buf, sizeof(buf)));
	puts(n ? "" : " none");
}

static void print_prefixes(const struct xha_nl_group *g)
{
	char buf[XHA_PREFIX_STRLEN];
	unsigned int i;

	if (!g->n_prefixes)
		return;
	printf("         Protect =");
	for (i = 0; i < g->n_prefixes; i++)
		printf("%s %s", i ? "," : "",
		       xha_prefix_format(&g->prefixes[i], buf, sizeof(buf)));
	putchar('\n');
}

static void print_channel(const struct xha_nl_peer *p)
{
	if (p->state == XFRM_HA_PEER_STATE_NONE) {
		puts("  Communications = Down, no channel is configured");
		return;
	}
	printf("  Communications = %s (%s for %llu.%03llu s)\n",
	       p->state == XFRM_HA_PEER_STATE_UP ? "Up" : "Down",
	       xha_names_peer_state(p->state), p->state_ms / 1000,
	       p->state_ms % 1000);
	if (*p->reason)
		printf("          Reason = %s\n", p->reason);
	print_addrs("local-ip", p->conf.local, p->conf.n_local);
	print_addrs("remote-ip", p->conf.remote, p->conf.n_remote);
	printf("           Ports = local %u, remote %u\n", p->conf.local_port,
	       p->conf.remote_port);
	printf("        Security = %s%s%s\n",
	       xha_names_security(p->conf.security),
	       *p->conf.security_dev ? ", by device " : "",
	       p->conf.security_dev);
	if (p->state == XFRM_HA_PEER_STATE_UP && p->has_heard)
		printf("      Last heard = %llu ms ago\n", p->heard_ms);
	printf("            Sent = %llu frames, %llu bytes\n", p->tx_frames,
	       p->tx_bytes);
	printf("       Unapplied = %llu frames, %llu bytes, oldest %llu ms\n",
	       p->lag_frames, p->lag_bytes, p->lag_ms);
	printf("        Received = %llu frames, %llu bytes\n", p->rx_frames,
	       p->rx_bytes);
	printf("         Refused = %llu malformed, %llu out of state, %llu stale\n",
	       p->rx_bad, p->rx_state, p->rx_stale);
	printf("         Dropped = %llu of strangers, %llu not protected\n",
	       p->strangers, p->unprotected);
	printf("        Connects = %llu\n", p->connects);
}

static unsigned long long us_since(__u64 begin, __u64 then)
{
	return (then - begin) / 1000;
}

static void print_step(const char *name, __u64 begin, __u64 then)
{
	if (then >= begin && then)
		printf(", %s +%llu us", name, us_since(begin, then));
}

static void print_timeline(const struct xha_nl_group *g)
{
	const struct xha_nl_timeline *t = &g->timeline;

	if (!t->begin)
		return;
	printf("     Last change = to %s by %s: begin +0 us",
	       xha_names_role(g->role), xha_names_cause(g->cause));
	print_step("added", t->begin, t->added);
	print_step("valid", t->begin, t->valid);
	print_step("policies", t->begin, t->policies);
	print_step("gate", t->begin, t->gate);
	print_step("end", t->begin, t->end);
	putchar('\n');
}

static void print_counters(const struct xha_nl_group *g)
{
	printf("             SAs = %u, %u refused; %u policies\n", g->sas,
	       g->sas_refused, g->policies);
	printf(" Replay interval = inbound %u outbound %u\n", g->interval_in,
	       g->interval_out);
	printf("        Exposure = %llu numbers skipped, %llu packets replayable\n",
	       g->exposure_out, g->exposure_in);
	printf("  Beyond ceiling = %llu packets sent\n", g->beyond);
	printf("          Strict = %s, %llu packets dropped, %u SAs stopped\n",
	       g->bounded ? "bounded" : g->strict ? "on, not bounded" : "off",
	       g->strict_dropped, g->stopped);
	printf("            Gate = %llu dropped, %llu held, %llu forwarded, %llu overflowed\n",
	       g->gate_dropped, g->gate_held, g->gate_forwarded,
	       g->gate_overflow);
	printf("       Takeovers = %llu\n", g->takeovers);
	if (g->role == XFRM_HA_ROLE_STANDBY)
		printf("        Compared = %llu equal, %llu repaired, last %llu.%03llu s ago\n",
		       g->verified, g->repairs, g->verify_ms / 1000,
		       g->verify_ms % 1000);
}

static void print_group(const struct xha_states *s,
			const struct xha_nl_group *g)
{
	unsigned int mine = xha_states_code(g->state);
	unsigned int peers = xha_states_peer_code(s, g);

	printf("\nGroup %u \"%s\"\n", g->id, g->name);
	printf("        my state = %-2u -%s (for %llu.%03llu s)\n", mine,
	       xha_states_word(mine), g->state_ms / 1000, g->state_ms % 1000);
	printf("      peer state = %-2u -%s\n", peers, xha_states_word(peers));
	if (*g->reason)
		printf("          Reason = %s\n", g->reason);
	printf("           Epoch = %u, raised by node %u\n", g->epoch,
	       g->epoch_node);
	print_addrs("VIPs", g->vips, g->n_vips);
	print_prefixes(g);
	print_counters(g);
	print_timeline(g);
}

/**
 * xha_states_text - print channel and groups for people
 * @s: what the kernel said
 */
void xha_states_text(const struct xha_states *s)
{
	size_t i;

	print_channel(&s->peer);
	for (i = 0; i < s->n; i++)
		print_group(s, &s->groups[i]);
	if (!s->n)
		puts("\nno redundancy groups");
}
