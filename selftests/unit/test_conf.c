// SPDX-License-Identifier: GPL-2.0-only
/* Configuration: what is accepted, and one line with file, line, key and
 * value for each thing that is not.
 */
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
#include <sys/stat.h>
#include <unistd.h>

#include "conf_text.h"
#include "xha_util.h"

/* The lines are counted below: keep them where they are. */
static const char good[] =
	"# comment one\n"					/*  1 */
	"/* comment\n"						/*  2 */
	"   two */\n"						/*  3 */
	"channel {\n"						/*  4 */
	"  local-ip = {10.9.0.1, 10.8.0.1}  # three\n"		/*  5 */
	"  remote-ip = {10.9.0.2}\n"				/*  6 */
	"  local-port = 5000\n"					/*  7 */
	"  remote-port = 5001\n"				/*  8 */
	"  retransmit-timeout = {400, 700}\n"			/*  9 */
	"  key = \"0123456789abcdef\"\n"			/* 10 */
	"  security = none\n"					/* 11 */
	"}\n"							/* 12 */
	"group ha {\n"						/* 13 */
	"  id = 7\n"						/* 14 */
	"  replay-interval = \"inbound 16 outbound 2000\"\n"	/* 15 */
	"  standby outside {\n"					/* 16 */
	"    interface = eth0\n"				/* 17 */
	"    number = 1\n"					/* 18 */
	"    ip = {203.0.113.10/24}\n"				/* 19 */
	"    timers = {1, 5}\n"					/* 20 */
	"  }\n"							/* 21 */
	"  standby inside {\n"					/* 22 */
	"    interface = eth1\n"				/* 23 */
	"    number = 1\n"					/* 24 */
	"    ip = {10.1.0.1}\n"					/* 25 */
	"    priority = 120\n"					/* 26 */
	"    preempt = true\n"					/* 27 */
	"    timers = {\"msec 250\", \"msec 1250\"}\n"		/* 28 */
	"  }\n"							/* 29 */
	"}\n";							/* 30 */

/* The good text with the first @from replaced by @to. */
static int parse_with(const char *from, const char *to)
{
	return parse(with(good, from, to));
}

static void test_witnesses(void **state)
{
	const struct xha_conf_standby *sb = &conf.groups[0].standbys[0];
	struct xha_addr want;

	assert_int_equal(parse_with("    timers = {1, 5}\n",
				    "    witness = {203.0.113.1, \"fe80::1\"}\n"), 0);
	assert_string_equal(said, "");
	assert_int_equal(sb->n_witnesses, 2);
	assert_int_equal(xha_addr_parse("203.0.113.1", &want), 0);
	assert_true(xha_addr_equal(&sb->witnesses[0], &want));
	assert_int_equal(xha_addr_parse("fe80::1", &want), 0);
	assert_true(xha_addr_equal(&sb->witnesses[1], &want));
	assert_int_equal(conf.groups[0].standbys[1].n_witnesses, 0);
}

static void test_good(void **state)
{
	const struct xha_conf_standby *sb;

	assert_int_equal(parse(good), 0);
	assert_string_equal(said, "");
	assert_int_equal(conf.channel.n_local, 2);
	assert_int_equal(conf.channel.n_remote, 1);
	assert_int_equal(conf.channel.local_port, 5000);
	assert_int_equal(conf.channel.remote_port, 5001);
	assert_int_equal(conf.channel.rto_min, 400);
	assert_int_equal(conf.channel.rto_max, 700);
	assert_int_equal(conf.channel.path_rtx, 4);
	assert_int_equal(conf.channel.assoc_rtx, 4);
	assert_int_equal(conf.channel.security, XFRM_HA_SECURITY_NONE);
	assert_int_equal(conf.channel.key_len, 16);
	assert_int_equal(conf.n_groups, 1);
	assert_int_equal(conf.groups[0].id, 7);
	assert_int_equal(conf.groups[0].interval_in, 16);
	assert_int_equal(conf.groups[0].interval_out, 2000);
	assert_int_equal(conf.groups[0].grace_ms, 10000);
	assert_int_equal(conf.groups[0].n_standbys, 2);
	sb = &conf.groups[0].standbys[0];
	assert_string_equal(sb->name, "outside");
	assert_int_equal(sb->vips[0].prefix, 24);
	assert_int_equal(sb->hello_ms, 1000);
	assert_int_equal(sb->hold_ms, 5000);
	assert_int_equal(sb->priority, 100);
	assert_false(sb->preempt);
	sb = &conf.groups[0].standbys[1];
	assert_string_equal(sb->interface, "eth1");
	assert_int_equal(sb->vips[0].prefix, 0);
	assert_int_equal(sb->hello_ms, 250);
	assert_int_equal(sb->hold_ms, 1250);
	assert_int_equal(sb->priority, 120);
	assert_true(sb->preempt);
	xha_conf_wipe(&conf);
}

static const struct {
	const char *from, *to, *says;
} bad[] = {
	{ "retransmit-timeout", "retransmit-tmeout",
	  "t.conf:9: no such option 'retransmit-tmeout'" },
	{ "10.9.0.1,", "10.9.0.300,",
	  "t.conf:5: local-ip = 10.9.0.300: not an IP address" },
	{ "10.9.0.1,", "fe80::1,",
	  "t.conf:5: local-ip = fe80::1: IPv6 is not supported in this version" },
	{ "10.9.0.1,", "224.0.0.1,",
	  "t.conf:5: local-ip = 224.0.0.1: not a unicast address" },
	{ "10.9.0.1,", "10.1.0.1,",
	  "t.conf:5: local-ip = 10.1.0.1: is a virtual address" },
	{ "{10.9.0.2}", "{10.1.0.1}",
	  "t.conf:6: remote-ip = 10.1.0.1: is a virtual address" },
	{ "{10.9.0.2}", "{10.9.0.1}",
	  "t.conf:6: remote-ip: the same as local-ip" },
	{ "  local-port = 5000\n", "\n",
	  "t.conf:12: channel: local-port is missing" },
	{ "  remote-port = 5001\n", "\n",
	  "t.conf:12: channel: remote-port is missing" },
	{ "5000", "0", "t.conf:7: local-port = 0: must be 1..65535" },
	{ "5001", "65536", "t.conf:8: remote-port = 65536: must be 1..65535" },
	{ "5000", "abc",
	  "t.conf:7: invalid integer value for option 'local-port'" },
	{ "{400, 700}", "{700, 400}",
	  "t.conf:9: retransmit-timeout = {700, 400}: must be 300..60000 ms, MIN not above MAX" },
	{ "0123456789abcdef", "short",
	  "t.conf:10: key: 5 bytes, must be 16..128" },
	{ "key = \"0123456789abcdef\"", "",
	  "t.conf:12: channel: key-file (or key) is missing" },
	{ "key = \"0123456789abcdef\"", "key-file = /nonexistent",
	  "t.conf:10: key-file = /nonexistent: No such file or directory" },
	{ "security = none", "",
	  "t.conf:12: channel: security is missing" },
	{ "security = none", "security = ipsec",
	  "t.conf:11: security = ipsec: this version knows only none and manual" },
	{ "security = none", "security = manual security-device = \"a b\"",
	  "t.conf:11: security-device = a b: not an interface name" },
	{ "security = none", "security = manual security-device = sixteen-letters-",
	  "t.conf:11: security-device = sixteen-letters-: not an interface name" },
	{ "security = none", "security = none security-device = wg0",
	  "t.conf:11: security-device: with security = none nothing is protected" },
	{ "    timers = {1, 5}\n", "    witness = {203.0.113.1, 203.0.113.300}\n",
	  "t.conf:20: witness = 203.0.113.300: not an IP address" },
	{ "    timers = {1, 5}\n", "    witness = {\"ff02::1\"}\n",
	  "t.conf:20: witness = ff02::1: not a unicast address" },
	{ "    timers = {1, 5}\n", "    witness = {203.0.113.1, 203.0.113.1}\n",
	  "t.conf:20: witness = 203.0.113.1: is given twice" },
	{ "    timers = {1, 5}\n", "    witness = {1.0.0.1, 1.0.0.2, 1.0.0.3, 1.0.0.4, 1.0.0.5}\n",
	  "t.conf:20: witness: 5 addresses, must be at most 4" },
	{ "    timers = {1, 5}\n", "    witness = {203.0.113.10}\n",
	  "t.conf:20: witness = 203.0.113.10: is a virtual address" },
	{ "    timers = {1, 5}\n", "    witness = {10.1.0.1}\n",
	  "t.conf:20: witness = 10.1.0.1: is a virtual address" },
	{ "id = 7", "id = 256", "t.conf:14: id = 256: must be 1..255" },
	{ "id = 7", "", "t.conf:30: group ha: id is missing" },
	{ "id = 7", "id = 7 protect = {\"10.2.0.0\"}",
	  "t.conf:14: protect = 10.2.0.0: not ADDRESS/LENGTH" },
	{ "id = 7", "id = 7 protect = {\"10.2.0.0/\"}",
	  "t.conf:14: protect = 10.2.0.0/: not ADDRESS/LENGTH" },
	{ "id = 7", "id = 7 protect = {\"10.2.0.0/33\"}",
	  "t.conf:14: protect = 10.2.0.0/33: not ADDRESS/LENGTH" },
	{ "id = 7", "id = 7 protect = {\"10.2.0.0/16x\"}",
	  "t.conf:14: protect = 10.2.0.0/16x: not ADDRESS/LENGTH" },
	{ "id = 7", "id = 7 protect = {\"net/16\"}",
	  "t.conf:14: protect = net/16: not ADDRESS/LENGTH" },
	{ "id = 7", "id = 7 protect = {\"10.2.0.1/16\"}",
	  "t.conf:14: protect = 10.2.0.1/16: the address has bits beyond the prefix length" },
	{ "id = 7", "id = 7 protect = {\"2001:db9::/31\"}",
	  "t.conf:14: protect = 2001:db9::/31: the address has bits beyond the prefix length" },
	{ "id = 7", "id = 7 protect = {\"10.2.0.0/16\", \"10.2.0.0/16\"}",
	  "t.conf:14: protect = 10.2.0.0/16: is there twice" },
	{ "id = 7", "id = 7 protect = {\"0.0.0.0/0\"}",
	  "t.conf:14: protect = 0.0.0.0/0: covers multicast, link-local or loopback addresses" },
	{ "id = 7", "id = 7 protect = {\"ff05::/16\"}",
	  "t.conf:14: protect = ff05::/16: covers multicast, link-local or loopback addresses" },
	{ "id = 7", "id = 7 protect = {\"10.1.0.0/16\"}",
	  "t.conf:14: protect = 10.1.0.0/16: covers the virtual address 10.1.0.1" },
	{ "id = 7", "id = 7 protect = {\"10.9.0.0/31\"}",
	  "t.conf:14: protect = 10.9.0.0/31: covers local-ip 10.9.0.1" },
	{ "id = 7", "id = 7 protect = {\"10.9.0.2/32\"}",
	  "t.conf:14: protect = 10.9.0.2/32: covers remote-ip 10.9.0.2" },
	{ "id = 7", "id = 7 protect = {\"a/1\",2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17}",
	  "t.conf:14: protect: 17 prefixes, must be at most 16" },
	{ "inbound 16", "inbound 0",
	  "t.conf:15: replay-interval = inbound 0 outbound 2000: "
	  "must be inbound 1..1000, outbound 1000..100000" },
	{ "id = 7", "id = 7 replay-interval-outbound = 2000",
	  "t.conf:15: replay-interval: "
	  "replay-interval-inbound or -outbound is given as well" },
	{ "inbound 16", "outbound 16",
	  "t.conf:15: replay-interval = outbound 16 outbound 2000: "
	  "must be \"inbound N outbound N\"" },
	{ "interface = eth0", "interface = a-name-that-is-too-long",
	  "t.conf:17: interface = a-name-that-is-too-long: not an interface name" },
	{ "number = 1", "number = 4096",
	  "t.conf:18: number = 4096: must be 0..4095" },
	{ "203.0.113.10/24", "203.0.113.10/33",
	  "t.conf:19: ip = 203.0.113.10/33: prefix must be 1..32" },
	{ "203.0.113.10/24", "203.0.113.10, \"2001:db8::1/129\"",
	  "t.conf:19: ip = 2001:db8::1/129: prefix must be 1..128" },
	{ "203.0.113.10/24", "203.0.113.10, \"ff02::1\"",
	  "t.conf:19: ip = ff02::1: not a unicast address" },
	{ "203.0.113.10/24", "203.0.113.10, \"::ffff:192.0.2.1\"",
	  "t.conf:19: ip = ::ffff:192.0.2.1: not a unicast address" },
	{ "number = 1\n", "version = 3 number = 1\n",
	  "t.conf:18: version = 3: must be 1..2" },
	{ "number = 1\n", "number = 256\n version = 1\n",
	  "t.conf:18: number = 256: must be 0..255 in version 1" },
	{ "number = 1\n    ip = {203.0.113.10/24}",
	  "number = 1\n version = 1 ip = {\"fe80::1\", 203.0.113.10}",
	  "t.conf:19: version = 1: has no IPv6, and the first ip is one" },
	{ "number = 1\n", "number = 1 delay = \"minimum\"\n",
	  "t.conf:18: delay = minimum: must be \"minimum S reload S\", each at most 10000 s" },
	{ "number = 1\n", "number = 1 delay = \"sync 5\"\n",
	  "t.conf:18: delay = sync 5: must be \"minimum S reload S\", each at most 10000 s" },
	{ "number = 1\n", "number = 1 delay = \"reload 10001\"\n",
	  "t.conf:18: delay = reload 10001: must be \"minimum S reload S\", each at most 10000 s" },
	{ "number = 1\n", "number = 1 delay = \"\"\n",
	  "t.conf:18: delay = : must be \"minimum S reload S\", each at most 10000 s" },
	{ "number = 1\n",
	  "number = 1 preempt = true preempt-delay = \"minimum 5 minimum 6\"\n",
	  "t.conf:18: preempt-delay = minimum 5 minimum 6: must be "
	  "\"minimum S reload S sync S\", each at most 3600 s" },
	{ "number = 1\n",
	  "number = 1 preempt = true preempt-delay = \"minimum -5\"\n",
	  "t.conf:18: preempt-delay = minimum -5: must be "
	  "\"minimum S reload S sync S\", each at most 3600 s" },
	{ "number = 1\n", "number = 1 authentication-text = \"\"\n",
	  "t.conf:18: authentication-text: 0 bytes, must be 1..8" },
	{ "number = 1\n", "number = 1 authentication-text = \"123456789\"\n",
	  "t.conf:18: authentication-text: 9 bytes, must be 1..8" },
	{ "number = 1\n", "number = 1 authentication-key-string = \"\"\n",
	  "t.conf:18: authentication-key-string: key of 0 bytes, must be 1..55" },
	{ "number = 1\n",
	  "number = 1 authentication-key-string = "
	  "\"01234567890123456789012345678901234567890123456789012345\"\n",
	  "t.conf:18: authentication-key-string: key of 56 bytes, must be 1..55" },
	{ "number = 1\n",
	  "number = 1 authentication-text = \"x\" authentication-key-string = \"y\"\n",
	  "t.conf:18: authentication-key-string: authentication-text is given as well" },
	{ "number = 1\n", "number = 1 authentication-key-chain = {}\n",
	  "t.conf:21: authentication-key-chain: no key" },
	{ "number = 1\n", "number = 1 authentication-key-chain = {\"secret\"}\n",
	  "t.conf:18: authentication-key-chain: must be \"ID KEY\", ID 0..2147483647" },
	{ "number = 1\n",
	  "number = 1 authentication-key-chain = {\"2147483648 secret\"}\n",
	  "t.conf:18: authentication-key-chain: must be \"ID KEY\", ID 0..2147483647" },
	{ "number = 1\n",
	  "number = 1 authentication-key-chain = {\"1 secret\", \"1 other\"}\n",
	  "t.conf:18: authentication-key-chain: key 1 is there twice" },
	{ "number = 1\n",
	  "number = 1 authentication-key-chain = {\"1 a\", \"2 a\", \"3 a\", "
	  "\"4 a\", \"5 a\", \"6 a\", \"7 a\", \"8 a\", \"9 a\"}\n",
	  "t.conf:18: authentication-key-chain: more than 8 keys" },
	{ "number = 1\n",
	  "number = 1 authentication-key-file = \"/nowhere/hsrp.keys\"\n",
	  "t.conf:18: authentication-key-file = /nowhere/hsrp.keys: No such file or directory" },
	{ "203.0.113.10/24", "10.1.0.1",
	  "t.conf:25: ip = 10.1.0.1: already used by standby outside" },
	{ "{1, 5}", "{5, 1}",
	  "t.conf:20: timers: hold below hello: 1000 ms is not above 5000 ms" },
	{ "{1, 5}", "{5, 5}",
	  "t.conf:20: timers: hold below hello: 5000 ms is not above 5000 ms" },
	{ "{1, 5}", "{1}", "t.conf:20: timers: 1 values, must be {HELLO, HOLD}" },
	{ "{1, 5}", "{x, 5}",
	  "t.conf:20: timers: x: not a time of at most 255000 ms" },
	{ "msec 250", "msec 5",
	  "t.conf:28: timers: hello of 5 ms: must be at least 15 ms" },
	{ "interface = eth1", "interface = eth0",
	  "t.conf:24: number = 1: already used on interface eth0" },
	{ "standby inside", "standby outside",
	  "t.conf:22: found duplicate title 'outside'" },
	{ "priority = 120", "priority = 256",
	  "t.conf:26: priority = 256: must be 0..255" },
	{ "preempt = true", "preempt = maybe",
	  "t.conf:27: invalid boolean value for option 'preempt'" },
	{ "}\ngroup ha {\n  id = 7\n",
	  "}\ngroup b {\n id = 7\n standby x { interface = eth9\n number = 1\n ip = {10.7.0.1} } }\ngroup ha { id = 7\n",
	  "t.conf:18: id = 7: already used by group b" },
};

static void test_bad(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_bad(parse_with(bad[i].from, bad[i].to), bad[i].says);
}

/*
 * What has a range: both edges are taken, what is next to them is not, and what
 * is not given has its default.
 */
#define RTO	"retransmit-timeout = {400, 700}"
#define IVAL	"replay-interval = \"inbound 16 outbound 2000\""
#define LOCAL	"local-ip = {10.9.0.1, 10.8.0.1}"
#define REMOTE	"remote-ip = {10.9.0.2}"

#define TAKES(from, to, member, value) \
	{ from, to, NULL, offsetof(struct xha_conf, member), value }
#define REFUSES(from, to, line, words) \
	{ from, to, "t.conf:" line ": " to ": must be " words, 0, 0 }
#define SAYS(from, to, line, words) \
	{ from, to, "t.conf:" line ": " words, 0, 0 }

#define RTO_WORDS	"300..60000 ms, MIN not above MAX"
#define IVAL_WORDS	"inbound 1..1000, outbound 1000..100000"

static const struct {
	const char *from, *to;
	const char *says;	/* NULL: it is taken, */
	size_t at;		/* as this, an unsigned int */
	unsigned int value;
} limits[] = {
	TAKES(RTO, "", channel.rto_min, 300),
	TAKES(RTO, "", channel.rto_max, 600),
	TAKES(RTO, "retransmit-timeout = {300, 60000}", channel.rto_min, 300),
	TAKES(RTO, "retransmit-timeout = {300, 60000}", channel.rto_max, 60000),
	TAKES(RTO, "retransmit-timeout = {300, 300}", channel.rto_max, 300),
	TAKES(RTO, "retransmit-timeout = {60000, 60000}", channel.rto_min, 60000),
	REFUSES(RTO, "retransmit-timeout = {299, 700}", "9", RTO_WORDS),
	REFUSES(RTO, "retransmit-timeout = {299, 299}", "9", RTO_WORDS),
	REFUSES(RTO, "retransmit-timeout = {400, 60001}", "9", RTO_WORDS),
	REFUSES(RTO, "retransmit-timeout = {60001, 60001}", "9", RTO_WORDS),
	REFUSES(RTO, "retransmit-timeout = {701, 700}", "9", RTO_WORDS),
	REFUSES(RTO, "retransmit-timeout = {-300, 700}", "9", RTO_WORDS),
	REFUSES(RTO, "retransmit-timeout = {400, 4294967996}", "9", RTO_WORDS),
	SAYS(RTO, "retransmit-timeout = {400}", "9",
	     "retransmit-timeout: 1 values, must be {MIN, MAX}"),
	SAYS(RTO, "retransmit-timeout = {400, 700, 900}", "9",
	     "retransmit-timeout: 3 values, must be {MIN, MAX}"),
	TAKES(RTO, "", channel.path_rtx, 4),
	TAKES(RTO, "path-retransmit = 2", channel.path_rtx, 2),
	TAKES(RTO, "path-retransmit = 10", channel.path_rtx, 10),
	REFUSES(RTO, "path-retransmit = 1", "9", "2..10"),
	REFUSES(RTO, "path-retransmit = 11", "9", "2..10"),
	REFUSES(RTO, "path-retransmit = -4", "9", "2..10"),
	REFUSES(RTO, "path-retransmit = 4294967300", "9", "2..10"),
	TAKES(RTO, "", channel.assoc_rtx, 4),
	TAKES(RTO, "assoc-retransmit = 2", channel.assoc_rtx, 2),
	TAKES(RTO, "assoc-retransmit = 10", channel.assoc_rtx, 10),
	REFUSES(RTO, "assoc-retransmit = 1", "9", "2..10"),
	REFUSES(RTO, "assoc-retransmit = 11", "9", "2..10"),
	TAKES("local-port = 5000", "local-port = 1", channel.local_port, 1),
	TAKES("local-port = 5000", "local-port = 65535", channel.local_port, 65535),
	REFUSES("local-port = 5000", "local-port = 0", "7", "1..65535"),
	REFUSES("local-port = 5000", "local-port = 65536", "7", "1..65535"),
	TAKES("remote-port = 5001", "remote-port = 1", channel.remote_port, 1),
	TAKES("remote-port = 5001", "remote-port = 65535", channel.remote_port, 65535),
	REFUSES("remote-port = 5001", "remote-port = 0", "8", "1..65535"),
	REFUSES("remote-port = 5001", "remote-port = 65536", "8", "1..65535"),
	TAKES(LOCAL, "local-ip = {10.9.0.1}", channel.n_local, 1),
	TAKES(LOCAL, LOCAL, channel.n_local, 2),
	SAYS(LOCAL, "local-ip = {}", "12", "channel: local-ip is missing"),
	SAYS(LOCAL, "local-ip = {10.9.0.1, 10.8.0.1, 10.7.0.1}", "5",
	     "local-ip: 3 addresses, must be 1..2"),
	TAKES(REMOTE, REMOTE, channel.n_remote, 1),
	TAKES(REMOTE, "remote-ip = {10.9.0.2, 10.8.0.2}", channel.n_remote, 2),
	SAYS(REMOTE, "remote-ip = {}", "12", "channel: remote-ip is missing"),
	SAYS(REMOTE, "remote-ip = {10.9.0.2, 10.8.0.2, 10.7.0.2}", "6",
	     "remote-ip: 3 addresses, must be 1..2"),
	TAKES("id = 7", "id = 1", groups[0].id, 1),
	TAKES("id = 7", "id = 255", groups[0].id, 255),
	REFUSES("id = 7", "id = 0", "14", "1..255"),
	REFUSES("id = 7", "id = 256", "14", "1..255"),
	/* 0: the kernel's, which has the defaults */
	TAKES(IVAL, "", groups[0].interval_in, 0),
	TAKES(IVAL, "", groups[0].interval_out, 0),
	TAKES(IVAL, "replay-interval-inbound = 1", groups[0].interval_in, 1),
	TAKES(IVAL, "replay-interval-inbound = 1000", groups[0].interval_in, 1000),
	REFUSES(IVAL, "replay-interval-inbound = 0", "15", "1..1000"),
	REFUSES(IVAL, "replay-interval-inbound = 1001", "15", "1..1000"),
	TAKES(IVAL, "replay-interval-outbound = 1000", groups[0].interval_out, 1000),
	TAKES(IVAL, "replay-interval-outbound = 100000", groups[0].interval_out, 100000),
	REFUSES(IVAL, "replay-interval-outbound = 999", "15", "1000..100000"),
	REFUSES(IVAL, "replay-interval-outbound = 100001", "15", "1000..100000"),
	TAKES(IVAL, "replay-interval = \"inbound 1 outbound 1000\"",
	      groups[0].interval_in, 1),
	TAKES(IVAL, "replay-interval = \"inbound 1 outbound 1000\"",
	      groups[0].interval_out, 1000),
	TAKES(IVAL, "replay-interval = \"inbound 1000 outbound 100000\"",
	      groups[0].interval_in, 1000),
	TAKES(IVAL, "replay-interval = \"inbound 1000 outbound 100000\"",
	      groups[0].interval_out, 100000),
	SAYS(IVAL, "replay-interval = \"inbound 1001 outbound 2000\"", "15",
	     "replay-interval = inbound 1001 outbound 2000: must be " IVAL_WORDS),
	SAYS(IVAL, "replay-interval = \"inbound 16 outbound 999\"", "15",
	     "replay-interval = inbound 16 outbound 999: must be " IVAL_WORDS),
	SAYS(IVAL, "replay-interval = \"inbound 16 outbound 100001\"", "15",
	     "replay-interval = inbound 16 outbound 100001: must be " IVAL_WORDS),
	TAKES(IVAL, "", groups[0].grace_ms, 10000),
	TAKES(IVAL, "helper-grace = 0", groups[0].grace_ms, 0),
	TAKES(IVAL, "helper-grace = 3600", groups[0].grace_ms, 3600000),
	REFUSES(IVAL, "helper-grace = -1", "15", "0..3600"),
	REFUSES(IVAL, "helper-grace = 3601", "15", "0..3600"),
};

static void test_limits(void **state)
{
	unsigned int value;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		err = parse_with(limits[i].from, limits[i].to);
		if (limits[i].says) {
			assert_bad(err, limits[i].says);
			continue;
		}
		memcpy(&value, (const char *)&conf + limits[i].at, sizeof(value));
		if (err || value != limits[i].value)
			print_error("%s: %s%u, not %u\n", limits[i].to, said,
				    value, limits[i].value);
		assert_int_equal(err, 0);
		assert_string_equal(said, "");
		assert_int_equal(value, limits[i].value);
	}
}

static int parse_key_of(int bytes)
{
	char text[160];

	snprintf(text, sizeof(text), "key = \"%0*d\"", bytes, 7);
	return parse_with("key = \"0123456789abcdef\"", text);
}

static int parse_name_of(int bytes)
{
	char text[64];

	snprintf(text, sizeof(text), "group \"%0*d\" {", bytes, 7);
	return parse_with("group ha {", text);
}

static void test_lengths(void **state)
{
	assert_int_equal(parse_key_of(16), 0);
	assert_int_equal(conf.channel.key_len, 16);
	assert_int_equal(parse_key_of(128), 0);
	assert_int_equal(conf.channel.key_len, 128);
	assert_bad(parse_key_of(15), "t.conf:10: key: 15 bytes, must be 16..128");
	assert_bad(parse_key_of(129), "t.conf:10: key: 129 bytes, must be 16..128");
	assert_int_equal(parse_name_of(1), 0);
	assert_int_equal(parse_name_of(31), 0);
	assert_int_equal(strlen(conf.groups[0].name), 31);
	assert_bad(parse_name_of(32),
		   "t.conf:30: group 00000000000000000000000000000007: "
		   "name must have 1..31 bytes");
}

static void test_all_errors_are_told(void **state)
{
	assert_int_equal(parse_with("local-port = 5000\n  remote-port = 5001",
				    "local-port = 0\n  remote-port = 0"),
			 -EINVAL);
	assert_int_equal(n_errors, 2);
}

static void test_warning(void **state)
{
	assert_int_equal(parse_with("{1, 5}", "{1, 3}"), 0);
	assert_int_equal(n_errors, 0);
	assert_int_equal(n_warnings, 1);
	assert_non_null(strstr(said, "t.conf:20: warning: timers: "
			       "hold of 3000 ms is below 5 times hello"));
}

static void test_other_forms(void **state)
{
	assert_int_equal(parse_with("{1, 5}", "{\"msec 300\", 2}"), 0);
	assert_int_equal(conf.groups[0].standbys[0].hello_ms, 300);
	assert_int_equal(conf.groups[0].standbys[0].hold_ms, 2000);
	assert_int_equal(parse_with("timers = {1, 5}",
				    "timers-msec = {20, 100}"), 0);
	assert_int_equal(conf.groups[0].standbys[0].hello_ms, 20);
	assert_int_equal(parse_with("replay-interval = \"inbound 16 outbound 2000\"",
				    "replay-interval-inbound = 17\n helper-grace = 0"),
			 0);
	assert_int_equal(conf.groups[0].interval_in, 17);
	assert_int_equal(conf.groups[0].interval_out, 0);	/* not given */
	assert_int_equal(conf.groups[0].grace_ms, 0);
	assert_false(conf.groups[0].has_strict);
	assert_int_equal(parse_with("replay-interval = \"inbound 16 outbound 2000\"",
				    "strict = true"), 0);
	assert_true(conf.groups[0].has_strict);
	assert_true(conf.groups[0].strict);
	assert_int_equal(parse_with("replay-interval = \"inbound 16 outbound 2000\"",
				    "strict = false"), 0);
	assert_true(conf.groups[0].has_strict);
	assert_false(conf.groups[0].strict);
	assert_int_equal(parse_with("replay-interval = \"inbound 16 outbound 2000\"",
				    "strict = maybe"), -EINVAL);
}

static void test_use_bia(void **state)
{
	const struct xha_conf_standby *sb = conf.groups[0].standbys;

	assert_int_equal(parse(good), 0);
	assert_true(sb[0].use_bia && sb[1].use_bia);
	assert_int_equal(parse_with("priority = 120", "use-bia = false"), 0);
	assert_true(sb[0].use_bia);
	assert_false(sb[1].use_bia);
	assert_int_equal(parse_with("priority = 120", "use-bia = true"), 0);
	assert_true(sb[1].use_bia);
	assert_int_equal(parse_with("priority = 120", "use-bia = 2"),
			 -EINVAL);
	assert_string_equal(said,
			    "t.conf:26: invalid boolean value for option 'use-bia'\n");
}

static void test_ipv6_vips(void **state)
{
	const struct xha_conf_standby *sb = &conf.groups[0].standbys[0];
	char buf[XHA_ADDR_STRLEN];

	assert_int_equal(parse_with("{203.0.113.10/24}", "{203.0.113.10/24, "
				    "\"2001:db8::1/64\", \"fe80::1\"}"), 0);
	assert_string_equal(said, "");
	assert_int_equal(sb->n_vips, 3);
	assert_string_equal(xha_addr_format(&sb->vips[1].addr, buf, sizeof(buf)),
			    "2001:db8::1");
	assert_int_equal(sb->vips[1].prefix, 64);
	assert_int_equal(sb->vips[2].prefix, 0);
	/* A number once for each IP version. */
	assert_int_equal(parse_with("{203.0.113.10/24}",
				    "{\"fe80::1\"} } standby x { interface = "
				    "eth0 number = 1 ip = {203.0.113.10}"), 0);
	assert_int_equal(conf.groups[0].n_standbys, 3);
}

static void test_hsrp(void **state)
{
	const struct xha_conf_standby *sb = &conf.groups[0].standbys[0];

	assert_int_equal(parse(good), 0);
	assert_int_equal(sb->version, 2);
	assert_int_equal(sb->auth.mode, HSRP_MODE_DEFAULT);
	assert_int_equal(sb->delay_min_ms + sb->delay_reload_ms, 0);
	assert_int_equal(parse_with("    number = 1\n",
				    "number = 255 version = 1\n"
				    "delay = \" reload 10000  minimum 1\""
				    "preempt = true "
				    "preempt-delay = \"sync 0\""
				    "authentication-text = \"12345678\""), 0);
	assert_string_equal(said, "");
	assert_int_equal(sb->version, 1);
	assert_int_equal(sb->delay_min_ms, 1000);
	assert_int_equal(sb->delay_reload_ms, 10000000);
	assert_true(sb->has_sync);
	assert_int_equal(sb->preempt_sync_ms, 0);
	assert_int_equal(sb->auth.mode, HSRP_MODE_TEXT);
	assert_memory_equal(sb->auth.text, "12345678", 8);
	assert_int_equal(parse_with("    number = 1\n",
				    "number = 1 preempt-delay = \"minimum 9\""), 0);
	assert_int_equal(n_warnings, 1);
	assert_non_null(strstr(said, "means nothing without preempt"));
}

static void test_hsrp_keys(void **state)
{
	const struct xha_conf_standby *sb = &conf.groups[0].standbys[0];

	assert_int_equal(parse_with("    number = 1\n", "number = 1 "
				    "authentication-key-string = \"my key\""), 0);
	assert_int_equal(sb->auth.mode, HSRP_MODE_MD5);
	assert_int_equal(sb->auth.n_keys, 1);
	assert_int_equal(sb->auth.keys[0].id, 0);
	assert_int_equal(sb->auth.keys[0].len, 6);
	assert_int_equal(parse_with("    number = 1\n", "number = 1 "
				    "authentication-key-chain = {\"7 a b\", "
				    "\"2147483647 x\"}"), 0);
	assert_int_equal(sb->auth.n_keys, 2);
	assert_int_equal(sb->auth.keys[0].id, 7);
	assert_int_equal(sb->auth.keys[0].len, 3);
	assert_memory_equal(sb->auth.keys[0].data, "a b", 3);
	assert_int_equal(sb->auth.keys[1].id, 2147483647);
	/* No message says what a key is. */
	assert_int_equal(parse_with("    number = 1\n", "number = 1 "
				    "authentication-key-chain = "
				    "{\"1 hush\", \"hush\"}"), -EINVAL);
	assert_null(strstr(said, "hush"));
}

static void test_hsrp_key_file(void **state)
{
	char path[] = "/tmp/xha-hsrp-XXXXXX";
	const struct xha_conf_standby *sb = &conf.groups[0].standbys[0];
	int fd = mkstemp(path);
	char text[128];

	assert_true(fd >= 0);
	snprintf(text, sizeof(text),
		 "number = 1 authentication-key-file = \"%s\"\n", path);
	assert_int_equal(parse_with("    number = 1\n", text), -EINVAL);
	assert_non_null(strstr(said, "no lines \"ID KEY\""));
	assert_int_equal(write(fd, "1 new key\n0 old\n", 16), 16);
	assert_int_equal(parse_with("    number = 1\n", text), 0);
	assert_int_equal(sb->auth.n_keys, 2);
	assert_int_equal(sb->auth.keys[0].id, 1);
	assert_int_equal(sb->auth.keys[0].len, 7);
	assert_memory_equal(sb->auth.keys[1].data, "old", 3);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(parse_with("    number = 1\n", text), -EINVAL);
	assert_non_null(strstr(said, "open to all users (mode 0644)"));
	unlink(path);
	close(fd);
}

static void test_protect(void **state)
{
	const struct xha_conf_group *g = &conf.groups[0];
	char buf[XHA_PREFIX_STRLEN];

	assert_int_equal(parse_with("id = 7", "id = 7 protect = {10.2.0.0/15, "
				    "\"2001:db8::/32\", \"10.8.0.3/32\"}"), 0);
	assert_string_equal(said, "");
	assert_int_equal(g->n_protect, 3);
	assert_string_equal(xha_prefix_format(&g->protect[0], buf, sizeof(buf)),
			    "10.2.0.0/15");
	assert_string_equal(xha_prefix_format(&g->protect[1], buf, sizeof(buf)),
			    "2001:db8::/32");
	assert_int_equal(parse_with("id = 7", "id = 7 protect = {}"), 0);
	assert_int_equal(g->n_protect, 0);
}

static void test_key_file(void **state)
{
	char path[] = "/tmp/xha-key-XXXXXX";
	char text[128];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "an example of a key\n", 20), 20);
	snprintf(text, sizeof(text), "key-file = \"%s\"", path);
	assert_int_equal(parse_with("key = \"0123456789abcdef\"", text), 0);
	assert_int_equal(conf.channel.key_len, 19);
	assert_memory_equal(conf.channel.key, "an example of a key", 19);
	assert_int_equal(fchmod(fd, 0604), 0);
	assert_int_equal(parse_with("key = \"0123456789abcdef\"", text),
			 -EINVAL);
	assert_non_null(strstr(said, "open to all users (mode 0604)"));
	close(fd);
	unlink(path);
}

static void test_no_file(void **state)
{
	said[0] = '\0';
	assert_int_equal(xha_conf_load("/nonexistent", &conf, on_report, NULL),
			 -EINVAL);
	assert_string_equal(said,
			    "/nonexistent: cannot be read: No such file or directory\n");
}

static void test_examples(void **state)
{
	static const char *const examples[] = {
		"Documentation/examples/xhad.conf",
		"Documentation/examples/dual.conf",
		"Documentation/examples/single.conf",
	};
	char path[] = "/tmp/xha-key-XXXXXX";
	int fd = mkstemp(path);
	unsigned int i;

	assert_int_equal(write(fd, good, 64), 64);
	close(fd);
	for (i = 0; i < ARRAY_SIZE(examples); i++) {
		assert_int_equal(parse_example(examples[i],
					       "/etc/xfrm-ha/channel.key",
					       path), 0);
		assert_string_equal(said, "");
		assert_int_equal(conf.n_groups, 1);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_witnesses),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_all_errors_are_told),
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_other_forms),
		cmocka_unit_test(test_use_bia),
		cmocka_unit_test(test_ipv6_vips),
		cmocka_unit_test(test_hsrp),
		cmocka_unit_test(test_hsrp_keys),
		cmocka_unit_test(test_hsrp_key_file),
		cmocka_unit_test(test_protect),
		cmocka_unit_test(test_key_file),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
