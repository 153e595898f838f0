// SPDX-License-Identifier: GPL-2.0-only
/* xha show crypto ipsec sa [active|standby]: the SAs of all groups. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <linux/xfrm.h>

#include "xha.h"
#include "xha_names.h"

/**
 * struct shown - the SAs to show
 * @sas: array
 * @n: its length
 * @room: SAs it has room for
 * @filter: enum xfrm_ha_sa_state, or -1 for all
 */
struct shown {
	struct xha_nl_sa *sas;
	size_t n;
	size_t room;
	int filter;
};

static const struct xha_addr *local_of(const struct xha_nl_sa *sa)
{
	return sa->dir == XFRM_HA_DIR_OUT ? &sa->src : &sa->dst;
}

static const struct xha_addr *remote_of(const struct xha_nl_sa *sa)
{
	return sa->dir == XFRM_HA_DIR_OUT ? &sa->dst : &sa->src;
}

static int collect(const struct xha_nl_sa *sa, void *arg)
{
	struct shown *s = arg;
	struct xha_nl_sa *more;

	if (s->filter >= 0 && sa->state != (__u32)s->filter)
		return 0;
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		more = realloc(s->sas, s->room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->sas = more;
	}
	s->sas[s->n++] = *sa;
	return 0;
}

static int compare_addr(const struct xha_addr *a, const struct xha_addr *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->b, b->b, a->len);
}

/* Pairs of gateways together, inbound first, then by SPI and by life. */
static int compare(const void *va, const void *vb)
{
	const struct xha_nl_sa *a = va, *b = vb;
	int r;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	r = compare_addr(local_of(a), local_of(b));
	if (!r)
		r = compare_addr(remote_of(a), remote_of(b));
	if (r)
		return r;
	if (a->dir != b->dir)
		return a->dir < b->dir ? -1 : 1;
	if (a->spi != b->spi)
		return ntohl(a->spi) < ntohl(b->spi) ? -1 : 1;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	return a->incarnation < b->incarnation ? -1 :
	       a->incarnation > b->incarnation;
}

static const char *proto_name(__u32 proto)
{
	switch (proto) {
	case 50:
		return "esp";
	case 51:
		return "ah";
	case 108:
		return "comp";
	default:
		return "unknown";
	}
}

static const char *mode_name(__u32 mode)
{
	switch (mode) {
	case XFRM_MODE_TRANSPORT:
		return "transport";
	case XFRM_MODE_TUNNEL:
		return "tunnel";
	case XFRM_MODE_BEET:
		return "beet";
	default:
		return "unknown";
	}
}

static const char *dir_name(__u32 dir)
{
	switch (dir) {
	case XFRM_HA_DIR_IN:
		return "inbound";
	case XFRM_HA_DIR_OUT:
		return "outbound";
	default:
		return "undirected";
	}
}

static void add_addr(struct json_object *o, const char *key,
		     const struct xha_addr *addr)
{
	char buf[XHA_ADDR_STRLEN];

	xha_addr_format(addr, buf, sizeof(buf));
	json_object_object_add(o, key, json_object_new_string(buf));
}

static void add_u64(struct json_object *o, const char *key, __u64 value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static struct json_object *json_encap(const struct xha_nl_sa *sa)
{
	struct json_object *o;

	if (!sa->encap_sport && !sa->encap_dport)
		return NULL;
	o = json_object_new_object();
	add_u64(o, "sport", sa->encap_sport);
	add_u64(o, "dport", sa->encap_dport);
	return o;
}

static void add_counters(struct json_object *o, const struct xha_nl_sa *sa)
{
	add_u64(o, "sequence", sa->seq);
	if (sa->dir == XFRM_HA_DIR_OUT)
		add_u64(o, "ceiling", sa->ceiling);
	else
		json_object_object_add(o, "ceiling", NULL);
	add_u64(o, "acked", sa->acked);
	add_u64(o, "exposure", sa->exposure);
	add_u64(o, "bytes", sa->bytes);
	add_u64(o, "packets", sa->packets);
	add_u64(o, "age_s", sa->age);
	json_object_object_add(o, "iv_tag", sa->has_tag ?
			       json_object_new_uint64(sa->tag) : NULL);
}

static struct json_object *json_sa(const struct xha_nl_sa *sa)
{
	struct json_object *o = json_object_new_object();
	char buf[24];

	add_u64(o, "group", sa->group);
	add_text(o, "state", xha_names_sa_state(sa->state));
	add_text(o, "reason", sa->reason);
	add_text(o, "dir", xha_names_dir(sa->dir));
	add_addr(o, "local", local_of(sa));
	add_addr(o, "remote", remote_of(sa));
	add_addr(o, "src", &sa->src);
	add_addr(o, "dst", &sa->dst);
	snprintf(buf, sizeof(buf), "0x%08x", ntohl(sa->spi));
	add_text(o, "spi", buf);
	add_text(o, "proto", proto_name(sa->proto));
	add_text(o, "mode", mode_name(sa->mode));
	add_u64(o, "reqid", sa->reqid);
	add_text(o, "algorithms", sa->algs);
	json_object_object_add(o, "esn", json_object_new_boolean(sa->esn));
	add_u64(o, "replay_window", sa->window);
	json_object_object_add(o, "encap", json_encap(sa));
	snprintf(buf, sizeof(buf), "0x%016llx", sa->incarnation);
	add_text(o, "incarnation", buf);
	add_counters(o, sa);
	return o;
}

/* One SA at a time, so that the size of the SAD costs no memory here. */
static void print_json(const struct shown *s)
{
	struct json_object *o;
	const char *text;
	size_t i;

	printf("{\"sas\":[");
	for (i = 0; i < s->n; i++) {
		o = json_sa(&s->sas[i]);
		text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
		printf("%s%s", i ? "," : "", text);
		json_object_put(o);
	}
	printf("]}\n");
}

static void print_pair(const struct xha_nl_sa *sa)
{
	char local[XHA_ADDR_STRLEN], remote[XHA_ADDR_STRLEN];

	printf("group %u, local %s, remote %s\n", sa->group,
	       xha_addr_format(local_of(sa), local, sizeof(local)),
	       xha_addr_format(remote_of(sa), remote, sizeof(remote)));
}

static void print_status(const struct xha_nl_sa *sa)
{
	switch (sa->state) {
	case XFRM_HA_SA_STATE_ACTIVE:
		printf("      Status: ACTIVE\n");
		break;
	case XFRM_HA_SA_STATE_STANDBY:
		printf("      Status: STANDBY\n");
		break;
	case XFRM_HA_SA_STATE_REFUSED:
		printf("      Status: REFUSED, %s\n", sa->reason);
		break;
	default:
		printf("      Status: unknown (%u)\n", sa->state);
	}
}

static void print_sequence(const struct xha_nl_sa *sa)
{
	if (sa->dir == XFRM_HA_DIR_OUT)
		printf("      sequence %llu, ceiling %llu, acked %llu, exposure: %llu skipped\n",
		       sa->seq, sa->ceiling, sa->acked, sa->exposure);
	else
		printf("      sequence %llu, acked %llu, exposure: %llu replayable\n",
		       sa->seq, sa->acked, sa->exposure);
}

static void print_sa(const struct xha_nl_sa *sa)
{
	printf("   %s %s, spi 0x%08x, %s mode\n", dir_name(sa->dir),
	       proto_name(sa->proto), ntohl(sa->spi), mode_name(sa->mode));
	print_status(sa);
	print_sequence(sa);
	printf("      algorithms: %s\n", *sa->algs ? sa->algs : "unknown");
	printf("      %s sequence numbers, replay window %u, reqid %u",
	       sa->esn ? "64-bit" : "32-bit", sa->window, sa->reqid);
	if (sa->has_tag)
		printf(", iv tag 0x%04x", sa->tag);
	putchar('\n');
	if (sa->encap_sport || sa->encap_dport)
		printf("      udp encapsulation: source port %u, destination port %u\n",
		       sa->encap_sport, sa->encap_dport);
	printf("      %llu packets, %llu bytes, %llu s old\n", sa->packets,
	       sa->bytes, sa->age);
}

static void print_text(const struct shown *s)
{
	const struct xha_nl_sa *sa, *last = NULL;
	size_t i;

	for (i = 0; i < s->n; i++) {
		sa = &s->sas[i];
		if (!last || last->group != sa->group ||
		    compare_addr(local_of(last), local_of(sa)) ||
		    compare_addr(remote_of(last), remote_of(sa))) {
			if (last)
				putchar('\n');
			print_pair(sa);
		}
		print_sa(sa);
		last = sa;
	}
	if (!s->n)
		puts("no SAs");
}

static int parse_filter(int argc, char **argv, int *filter)
{
	static const char *const words[] = { "active", "standby" };
	static const int states[] = {
		XFRM_HA_SA_STATE_ACTIVE, XFRM_HA_SA_STATE_STANDBY
	};
	char why[128];
	int i;

	*filter = -1;
	if (!argc)
		return XHA_OK;
	i = xha_match_pick(argv[0], words, 2, why, sizeof(why));
	if (i < 0) {
		xha_main_error("%s", why);
		return XHA_USAGE;
	}
	if (argc > 1) {
		xha_main_error("unexpected argument \"%s\"", argv[1]);
		return XHA_USAGE;
	}
	*filter = states[i];
	return XHA_OK;
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct shown s = { 0 };
	struct xha_nl *nl;
	int status, err;

	status = parse_filter(argc, argv, &s.filter);
	if (status == XHA_OK)
		status = xha_kernel_open(&nl);
	if (status != XHA_OK)
		return status;
	err = xha_nl_sa_dump(nl, 0, collect, &s);
	if (err) {
		status = xha_kernel_fail(nl, err, "read the SAs");
	} else {
		if (s.n)
			qsort(s.sas, s.n, sizeof(*s.sas), compare);
		if (opts->json)
			print_json(&s);
		else
			print_text(&s);
	}
	free(s.sas);
	xha_nl_close(nl);
	return status;
}

static struct xha_cmd cmd_show_crypto_ipsec_sa = {
	.words = { "show", "crypto", "ipsec", "sa" },
	.args = "[active|standby]",
	.help = "SAs, their numbers and their exposure",
	.run = run,
};

XHA_COMMAND(cmd_show_crypto_ipsec_sa);
