// SPDX-License-Identifier: GPL-2.0-only
/* Configuration of VRRP: what is accepted, and what is said of what is not. */
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
	"channel { local-ip = {10.9.0.1} remote-ip = {10.9.0.2}\n"	/*  1 */
	"  local-port = 1 remote-port = 1 security = none\n"		/*  2 */
	"  key = \"0123456789abcdef\" }\n"				/*  3 */
	"group ha {\n"							/*  4 */
	"  id = 7\n"							/*  5 */
	"  vrrp outside {\n"						/*  6 */
	"    interface = eth0\n"					/*  7 */
	"    vrid = 51\n"						/*  8 */
	"    ip = {203.0.113.10/24, 203.0.113.11}\n"			/*  9 */
	"    priority = 150\n"						/* 10 */
	"    advertise-interval = 250ms\n"				/* 11 */
	"    preempt-delay = 30\n"					/* 12 */
	"  }\n"								/* 13 */
	"  standby middle {\n"						/* 14 */
	"    interface = eth1\n"					/* 15 */
	"    number = 51\n"						/* 16 */
	"    ip = {10.1.0.1}\n"						/* 17 */
	"  }\n"								/* 18 */
	"  vrrp old {\n"						/* 19 */
	"    interface = eth1\n"					/* 20 */
	"    vrid = 51\n"						/* 21 */
	"    version = 2\n"						/* 22 */
	"    ip = {10.2.0.1}\n"						/* 23 */
	"    advertise-interval = 2\n"					/* 24 */
	"    preempt = false\n"						/* 25 */
	"  }\n"								/* 26 */
	"  vrrp six {\n"						/* 27 */
	"    interface = eth1\n"					/* 28 */
	"    vrid = 51\n"						/* 29 */
	"    ip = {\"fe80::51\", \"2001:db8::1/64\", 10.3.0.1}\n"	/* 30 */
	"  }\n"								/* 31 */
	"}\n";								/* 32 */

/* The good text with the first @from replaced by @to. */
static int parse_with(const char *from, const char *to)
{
	return parse(with(good, from, to));
}

static void test_good(void **state)
{
	const struct xha_conf_standby *sb = conf.groups[0].standbys;

	assert_int_equal(parse(good), 0);
	assert_string_equal(said, "");
	/* In the order of the file, whatever they are. */
	assert_int_equal(conf.groups[0].n_standbys, 4);
	assert_string_equal(sb[0].name, "outside");
	assert_int_equal(sb[0].protocol, XHA_CONF_VRRP);
	assert_int_equal(sb[0].number, 51);
	assert_int_equal(sb[0].vrrp.version, 3);
	assert_int_equal(sb[0].n_vips, 2);
	assert_int_equal(sb[0].priority, 150);
	assert_int_equal(sb[0].hello_ms, 250);
	assert_int_equal(sb[0].hold_ms, 854);	/* 750 + 106/256 of 250 */
	assert_true(sb[0].preempt);
	assert_int_equal(sb[0].vrrp.preempt_delay_ms, 30000);
	assert_true(sb[0].vrrp.pseudo);
	assert_false(sb[0].vrrp.has_auth);
	assert_string_equal(sb[1].name, "middle");
	assert_int_equal(sb[1].protocol, XHA_CONF_HSRP);
	assert_string_equal(sb[2].name, "old");
	assert_int_equal(sb[2].vrrp.version, 2);
	assert_int_equal(sb[2].hello_ms, 2000);
	assert_int_equal(sb[2].hold_ms, 6610);
	assert_int_equal(sb[2].priority, 100);
	assert_false(sb[2].preempt);
	assert_false(sb[2].vrrp.pseudo);
	assert_string_equal(sb[3].name, "six");
	assert_int_equal(sb[3].vips[0].addr.len, 16);
	assert_int_equal(sb[3].vips[2].addr.len, 4);
	assert_int_equal(sb[3].hello_ms, 1000);
	assert_true(sb[3].vrrp.pseudo);
}

static const struct {
	const char *from, *to, *says;
} bad[] = {
	{ "vrid = 51", "", "t.conf:13: vrrp outside: vrid is missing" },
	{ "vrid = 51", "vrid = 0", "t.conf:8: vrid = 0: must be 1..255" },
	{ "vrid = 51", "vrid = 256", "t.conf:8: vrid = 256: must be 1..255" },
	{ "priority = 150", "priority = 0",
	  "t.conf:10: priority = 0: must be 1..255" },
	{ "priority = 150", "priority = 256",
	  "t.conf:10: priority = 256: must be 1..255" },
	{ "priority = 150", "timers = {1, 5}",
	  "t.conf:10: no such option 'timers'" },
	{ "250ms", "5ms",
	  "t.conf:11: advertise-interval = 5ms: version 3 has 10..40950 ms in steps of 10" },
	{ "250ms", "255ms",
	  "t.conf:11: advertise-interval = 255ms: version 3 has 10..40950 ms in steps of 10" },
	{ "250ms", "4096cs",
	  "t.conf:11: advertise-interval = 4096cs: version 3 has 10..40950 ms in steps of 10" },
	{ "250ms", "0", "t.conf:11: advertise-interval = 0: not a time like 1s, 100ms or 25cs" },
	{ "250ms", "-1", "t.conf:11: advertise-interval = -1: not a time like 1s, 100ms or 25cs" },
	{ "250ms", "1m", "t.conf:11: advertise-interval = 1m: not a time like 1s, 100ms or 25cs" },
	{ "250ms", "99999999999999999999",
	  "t.conf:11: advertise-interval = 99999999999999999999: "
	  "not a time like 1s, 100ms or 25cs" },
	{ "interval = 2\n", "interval = 100ms\n",
	  "t.conf:24: advertise-interval = 100ms: version 2 has 1..255 whole seconds" },
	{ "interval = 2\n", "interval = 256s\n",
	  "t.conf:24: advertise-interval = 256s: version 2 has 1..255 whole seconds" },
	{ "preempt-delay = 30", "preempt-delay = 1001",
	  "t.conf:12: preempt-delay = 1001: must be 0..1000" },
	{ "preempt-delay = 30", "accept = false",
	  "t.conf:12: accept = false: tunnels end at the virtual address, "
	  "so it must accept packets" },
	{ "preempt-delay = 30", "authentication-text = secret",
	  "t.conf:12: authentication-text: version 3 has no authentication" },
	{ "version = 2", "version = 4", "t.conf:22: version = 4: must be 2..3" },
	{ "preempt = false", "authentication-text = too-long-x",
	  "t.conf:25: authentication-text: 10 bytes, must be 1..8" },
	{ "preempt = false", "authentication-text = \"\"",
	  "t.conf:25: authentication-text: 0 bytes, must be 1..8" },
	{ "preempt = false", "checksum-with-ipv4-pseudoheader = true",
	  "t.conf:25: checksum-with-ipv4-pseudoheader: is for version 3 and IPv4" },
	{ "vrid = 51\n    version = 2\n    ip = {10.2.0.1}",
	  "vrid = 52\n    version = 2\n    ip = {\"fe80::2\"}",
	  "t.conf:23: ip: the first is IPv6, which version 2 has not" },
	{ "{10.2.0.1}", "{203.0.113.11}",
	  "t.conf:23: ip = 203.0.113.11: already used by vrrp outside" },
	{ "eth0", "eth1", "t.conf:21: vrid = 51: already used on interface eth1" },
	{ "vrrp old", "vrrp outside",
	  "t.conf:19: found duplicate title 'outside'" },
};

static void test_bad(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_bad(parse_with(bad[i].from, bad[i].to), bad[i].says);
}

static void test_intervals(void **state)
{
	static const struct {
		const char *text;
		unsigned int ms;
	} good_ones[] = {
		{ "1", 1000 }, { "40s", 40000 }, { "10ms", 10 }, { "1cs", 10 },
		{ "4095cs", 40950 }, { "40950ms", 40950 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good_ones); i++) {
		assert_int_equal(parse_with("250ms", good_ones[i].text), 0);
		assert_string_equal(said, "");
		assert_int_equal(conf.groups[0].standbys[0].hello_ms,
				 good_ones[i].ms);
	}
}

static void test_use_bia(void **state)
{
	assert_int_equal(parse(good), 0);
	assert_true(conf.groups[0].standbys[0].use_bia);
	assert_int_equal(parse_with("priority = 150", "use-bia = false"), 0);
	assert_false(conf.groups[0].standbys[0].use_bia);
	assert_true(conf.groups[0].standbys[1].use_bia);
}

static void test_warnings(void **state)
{
	assert_int_equal(parse_with("priority = 150", "preempt = false"), 0);
	assert_string_equal(said,
			    "t.conf:12: warning: preempt-delay: has no effect with preempt = false\n");
	assert_int_equal(parse_with("preempt = false",
				    "authentication-text = secret"), 0);
	assert_int_equal(n_warnings, 1);
	assert_non_null(strstr(said, "t.conf:25: warning: authentication-text: everybody"));
	assert_true(conf.groups[0].standbys[2].vrrp.has_auth);
	assert_memory_equal(conf.groups[0].standbys[2].vrrp.auth,
			    "secret\0\0", 8);
	assert_int_equal(parse_with("\"fe80::51\", ", ""), 0);
	assert_string_equal(said,
			    "t.conf:30: warning: ip: the first is IPv6 and not "
			    "link-local (fe80::/10), as RFC 5798 wants it\n");
}

static void test_plain_checksum(void **state)
{
	assert_int_equal(parse_with("preempt-delay = 30",
				    "checksum-with-ipv4-pseudoheader = false"),
			 0);
	assert_false(conf.groups[0].standbys[0].vrrp.pseudo);
}

static void test_example(void **state)
{
	char path[] = "/tmp/xha-key-XXXXXXXXXXXX";
	int fd = mkstemp(path);

	assert_int_equal(write(fd, "0123456789abcdef\n", 17), 17);
	assert_int_equal(fchmod(fd, 0600), 0);
	close(fd);
	assert_int_equal(parse_example("Documentation/examples/vrrp.conf",
				       "/etc/xfrm-ha/channel.key", path), 0);
	assert_string_equal(said, "");
	assert_int_equal(conf.groups[0].n_standbys, 2);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_use_bia),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_plain_checksum),
		cmocka_unit_test(test_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
