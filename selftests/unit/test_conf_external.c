// SPDX-License-Identifier: GPL-2.0-only
/* Groups that another program elects: what is accepted, what is refused. */
/* link: tools/xhad/conf.c tools/xhad/conf_check.c tools/xhad/conf_hsrp.c */
/* link: tools/xhad/conf_addr.c */
/* link: tools/xhad/conf_external.c tools/xhad/conf_protect.c */
/* link: tools/xhad/conf_track.c tools/xhad/conf_vrrp.c */
/* link: tools/xhad/vrrp_fsm.c tools/lib/xha_addr.c */
/* libs: libconfuse */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "xha_util.h"

/* The lines are counted below: keep them where they are. */
static const char good[] =
	"channel { local-ip = {10.9.0.1} remote-ip = {10.9.0.2}\n"	/*  1 */
	"  local-port = 1 remote-port = 1 security = none\n"		/*  2 */
	"  key = \"0123456789abcdef\" }\n"				/*  3 */
	"group ha {\n"							/*  4 */
	"  id = 7\n"							/*  5 */
	"  election = external\n"					/*  6 */
	"  vips = xhad\n"						/*  7 */
	"  handover-wait = 250\n"					/*  8 */
	"  address outside {\n"						/*  9 */
	"    interface = eth0\n"					/* 10 */
	"    ip = {203.0.113.10/24, \"2001:db8::1/64\"}\n"		/* 11 */
	"    neighbour = 203.0.113.3\n"					/* 12 */
	"  }\n"								/* 13 */
	"  address inside {\n"						/* 14 */
	"    interface = eth0\n"					/* 15 */
	"    ip = {10.1.0.1}\n"						/* 16 */
	"  }\n"								/* 17 */
	"}\n";								/* 18 */

/* The good text with the first @from replaced by @to. */
static int parse_with(const char *from, const char *to)
{
	return parse(with(good, from, to));
}

static void test_good(void **state)
{
	const struct xha_conf_group *g = &conf.groups[0];
	struct xha_addr addr;

	assert_int_equal(parse(good), 0);
	assert_string_equal(said, "");
	assert_true(g->external);
	assert_true(g->move_vips);
	assert_int_equal(g->grace_ms, 250);
	assert_int_equal(g->n_standbys, 2);
	assert_string_equal(g->standbys[0].name, "outside");
	assert_string_equal(g->standbys[0].interface, "eth0");
	assert_int_equal(g->standbys[0].protocol, XHA_CONF_EXTERNAL);
	assert_int_equal(g->standbys[0].n_vips, 2);
	assert_int_equal(g->standbys[0].vips[1].prefix, 64);
	assert_int_equal(xha_addr_parse("203.0.113.3", &addr), 0);
	assert_true(xha_addr_equal(&g->standbys[0].neighbour, &addr));
	assert_string_equal(g->standbys[1].name, "inside");
	assert_int_equal(g->standbys[1].neighbour.len, 0);
	/* How long the peer's silence is none. */
	assert_true(g->standbys[1].hold_ms > 50);
}

static void test_defaults(void **state)
{
	assert_int_equal(parse_with("  vips = xhad\n  handover-wait = 250\n", ""),
			 0);
	assert_false(conf.groups[0].move_vips);
	assert_int_equal(conf.groups[0].grace_ms, 1000);
}

static void test_elector_moves(void **state)
{
	assert_int_equal(parse_with("vips = xhad", "vips = elector"), 0);
	assert_false(conf.groups[0].move_vips);
}

/* A group with an election of its own has none of it, and moves its VIPs. */
static void test_own_election(void **state)
{
	assert_int_equal(parse_with("  election = external\n  vips = xhad\n"
				    "  handover-wait = 250\n  address outside {\n"
				    "    interface = eth0\n",
				    "  standby outside {\n    number = 1\n"
				    "    interface = eth0\n"), -EINVAL);
	assert_int_equal(parse("channel { local-ip = {10.9.0.1}\n"
			       "remote-ip = {10.9.0.2}\n"
			       "local-port = 1 remote-port = 1 security = none\n"
			       "key = \"0123456789abcdef\" }\n"
			       "group ha { id = 1 standby out {\n"
			       "interface = eth0 number = 1 ip = {10.1.0.1}\n"
			       "} }\n"), 0);
	assert_false(conf.groups[0].external);
	assert_true(conf.groups[0].move_vips);
	assert_int_equal(conf.groups[0].grace_ms, 10000);
}

static const struct {
	const char *from, *to, *say;
} wrong[] = {
	{ "election = external", "election = keepalived",
	  "t.conf:6: election = keepalived: must be external" },
	{ "vips = xhad", "vips = keepalived",
	  "t.conf:7: vips = keepalived: must be xhad or elector" },
	{ "handover-wait = 250", "handover-wait = 60001",
	  "t.conf:8: handover-wait = 60001: must be 0..60000" },
	{ "handover-wait = 250", "handover-wait = -1",
	  "t.conf:8: handover-wait = -1: must be 0..60000" },
	{ "  address inside {\n", "  standby inside {\n    number = 1\n",
	  "standby: group ha has election = external: name its addresses in address sections" },
	{ "  address inside {\n", "  vrrp inside {\n    vrid = 1\n",
	  "vrrp: group ha has election = external" },
	{ "  vips = xhad\n", "  track t {\n    interface = eth2\n  }\n",
	  "track: group ha has election = external: whatever elects has to track it" },
	{ "  election = external\n", "\n",
	  "t.conf:7: vips: group ha has not election = external" },
	{ "  election = external\n", "\n",
	  "t.conf:8: handover-wait: group ha has not election = external" },
	{ "  election = external\n", "\n",
	  "address: group ha has not election = external" },
	{ "    ip = {10.1.0.1}\n", "    ip = {203.0.113.10}\n",
	  "t.conf:16: ip = 203.0.113.10: already used by address outside" },
	{ "    ip = {10.1.0.1}\n", "    ip = {10.9.0.2}\n",
	  "remote-ip = 10.9.0.2: is a virtual address" },
	{ "    ip = {10.1.0.1}\n", "\n", "address inside: ip is missing" },
	{ "    interface = eth0\n", "\n",
	  "address outside: interface is missing" },
	{ "    interface = eth0\n", "    interface = eth0 number = 1\n",
	  "t.conf:10: no such option 'number'" },
	{ "neighbour = 203.0.113.3", "neighbour = eth0",
	  "t.conf:12: neighbour = eth0: not an IP address" },
	{ "neighbour = 203.0.113.3", "neighbour = 203.0.113.10",
	  "t.conf:12: neighbour = 203.0.113.10: is a virtual address" },
	{ "    ip = {10.1.0.1}\n",
	  "    ip = {10.1.0.1}\n    neighbour = \"fe80::2\"\n",
	  "t.conf:17: neighbour = fe80::2: no virtual address here is of its family" },
};

static void test_wrong(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(parse_with(wrong[i].from, wrong[i].to),
				 -EINVAL);
		if (!strstr(said, wrong[i].say))
			fail_msg("\"%s\" is not said, but: %s", wrong[i].say,
				 said);
	}
}

static void test_no_address(void **state)
{
	static char text[4096];
	const char *at = strstr(good, "  address outside");

	snprintf(text, sizeof(text), "%.*s}\n", (int)(at - good), good);
	assert_int_equal(parse(text), -EINVAL);
	assert_non_null(strstr(said, "group ha: 0 address sections, must be 1..8"));
}

static void test_example(void **state)
{
	assert_int_equal(parse_example("Documentation/examples/xhad-external.conf",
				       "key-file = \"/etc/xfrm-ha/channel.key\"",
				       "key = \"0123456789abcdef\""), 0);
	assert_string_equal(said, "");
	assert_true(conf.groups[0].external);
	assert_int_equal(conf.groups[0].n_standbys, 2);
}

static void test_grace_is_idle(void **state)
{
	assert_int_equal(parse_with("  vips = xhad\n",
				    "  vips = xhad\n  helper-grace = 5\n"), 0);
	assert_int_equal(n_warnings, 1);
	assert_non_null(strstr(said, "t.conf:8: warning: helper-grace"));
	assert_int_equal(conf.groups[0].grace_ms, 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_elector_moves),
		cmocka_unit_test(test_own_election),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_grace_is_idle),
		cmocka_unit_test(test_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
