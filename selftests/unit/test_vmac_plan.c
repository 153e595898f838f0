// SPDX-License-Identifier: GPL-2.0-only
/* Virtual MAC addresses: names, addresses, whose macvlan one is, settings. */
/* link: tools/xhad/vmac_plan.c tools/xhad/hsrp_pkt.c tools/xhad/vrrp_pkt.c */
/* link: tools/lib/xha_addr.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "vmac_plan.h"

#define LOWER	7

static struct xha_conf_group group;
static struct xha_vmac_want want;

/* An election of the group, with one or two VIPs; what it is to have. */
static void elect(unsigned int place, enum xha_conf_protocol protocol,
		  unsigned int version, unsigned int number, const char *vip,
		  const char *second)
{
	struct xha_conf_standby *sb = &group.standbys[place];

	memset(sb, 0, sizeof(*sb));
	strcpy(sb->name, "outside");
	sb->protocol = protocol;
	sb->version = version;
	sb->number = number;
	assert_int_equal(xha_addr_parse(vip, &sb->vips[0].addr), 0);
	sb->n_vips = 1;
	if (second)
		assert_int_equal(xha_addr_parse(second,
						&sb->vips[sb->n_vips++].addr),
				 0);
	xha_vmac_want(&want, &group, place);
}

static int set_up(void **state)
{
	memset(&group, 0, sizeof(group));
	strcpy(group.name, "ha");
	group.id = 3;
	elect(0, XHA_CONF_HSRP, 2, 5, "192.0.2.1", NULL);
	return 0;
}

static void assert_mac(const char *text)
{
	char seen[18];
	const __u8 *m = want.mac;

	snprintf(seen, sizeof(seen), "%02x:%02x:%02x:%02x:%02x:%02x", m[0],
		 m[1], m[2], m[3], m[4], m[5]);
	assert_string_equal(seen, text);
}

static void test_macs(void **state)
{
	elect(0, XHA_CONF_HSRP, 1, 5, "192.0.2.1", NULL);
	assert_mac("00:00:0c:07:ac:05");
	elect(0, XHA_CONF_HSRP, 2, 4095, "192.0.2.1", NULL);
	assert_mac("00:00:0c:9f:ff:ff");
	elect(0, XHA_CONF_HSRP, 2, 5, "fe80::1", NULL);
	assert_mac("00:05:73:a0:00:05");
	elect(0, XHA_CONF_VRRP, 3, 51, "192.0.2.1", NULL);
	assert_mac("00:00:5e:00:01:33");
	elect(0, XHA_CONF_VRRP, 3, 51, "fe80::1", NULL);
	assert_mac("00:00:5e:00:02:33");
	/* The first one decides, whatever comes behind it. */
	elect(0, XHA_CONF_VRRP, 3, 51, "fe80::1", "192.0.2.1");
	assert_mac("00:00:5e:00:02:33");
}

static void test_families(void **state)
{
	assert_true(want.v4 && !want.v6);
	elect(0, XHA_CONF_HSRP, 2, 5, "2001:db8::1", NULL);
	assert_true(!want.v4 && want.v6);
	elect(0, XHA_CONF_HSRP, 2, 5, "192.0.2.1", "2001:db8::1");
	assert_true(want.v4 && want.v6);
}

/* Each election of a node has a name of its own, and the kernel takes it. */
static void test_names(void **state)
{
	char names[4][IFNAMSIZ];
	unsigned int i, k, n = 0;

	for (i = 1; i < 256; i += 254)
		for (k = 0; k < XHA_CONF_MAX_STANDBYS; k += 7) {
			group.id = i;
			elect(k, XHA_CONF_HSRP, 2, 5, "192.0.2.1", NULL);
			memcpy(names[n++], want.name, IFNAMSIZ);
		}
	assert_string_equal(names[0], "xha1-1");
	assert_string_equal(names[1], "xha1-8");
	assert_string_equal(names[2], "xha255-1");
	assert_string_equal(names[3], "xha255-8");
}

static struct xha_vmac_found as_wanted(void)
{
	struct xha_vmac_found f = {
		.macvlan = true,
		.mode = MACVLAN_MODE_VEPA,
		.lower = LOWER,
	};

	memcpy(f.mac, want.mac, sizeof(f.mac));
	return f;
}

static void test_judge(void **state)
{
	struct xha_vmac_saved saved = { { 0, 0 } };
	struct xha_vmac_found f;

	assert_int_equal(xha_vmac_judge(&want, NULL, LOWER), XHA_VMAC_MAKE);
	/* Of a helper killed before it could put its name on it. */
	f = as_wanted();
	assert_int_equal(xha_vmac_judge(&want, &f, LOWER), XHA_VMAC_ADOPT);
	xha_vmac_alias(f.alias, sizeof(f.alias), &want, &saved);
	assert_int_equal(xha_vmac_judge(&want, &f, LOWER), XHA_VMAC_ADOPT);
}

/* What differs is ours to replace only if it has our alias. */
static void test_judge_other(void **state)
{
	struct xha_vmac_saved saved = { { 0, 0 } };
	struct xha_vmac_found f[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		f[i] = as_wanted();
	f[0].mode = MACVLAN_MODE_PRIVATE;
	f[1].lower++;
	f[2].mac[5] ^= 1;
	f[3].macvlan = false;
	for (i = 0; i < 4; i++) {
		assert_int_equal(xha_vmac_judge(&want, &f[i], LOWER),
				 XHA_VMAC_FOREIGN);
		strcpy(f[i].alias, "an operator's");
		assert_int_equal(xha_vmac_judge(&want, &f[i], LOWER),
				 XHA_VMAC_FOREIGN);
		xha_vmac_alias(f[i].alias, sizeof(f[i].alias), &want, &saved);
		assert_int_equal(xha_vmac_judge(&want, &f[i], LOWER),
				 i == 3 ? XHA_VMAC_FOREIGN : XHA_VMAC_REPLACE);
	}
}

static void test_alias(void **state)
{
	static const char *const others[] = {
		"", "xhad", "xhad arp_ignore=0 arp_announce=0",
		"xhad arp_ignore=0 arp_announce=0 ", "xhad arp_ignore=x ha/o",
		"of xhad arp_ignore=0 arp_announce=0 ha/outside",
	};
	struct xha_vmac_saved saved = { { 1, 2 } }, read = { { -1, -1 } };
	char alias[XHA_VMAC_ALIAS_LEN];
	unsigned int i;

	xha_vmac_alias(alias, sizeof(alias), &want, &saved);
	assert_string_equal(alias,
			    "xhad arp_ignore=1 arp_announce=2 ha/outside");
	assert_true(xha_vmac_alias_read(alias, &read));
	assert_int_equal(read.value[XHA_VMAC_ARP_IGNORE], 1);
	assert_int_equal(read.value[XHA_VMAC_ARP_ANNOUNCE], 2);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(xha_vmac_alias_read(others[i], &read));
}

/* The longest names there are must not cut off what is read back. */
static void test_long_alias(void **state)
{
	struct xha_vmac_saved saved = { { 8, 2 } }, read;
	char alias[XHA_VMAC_ALIAS_LEN];

	memset(group.name, 'g', XFRM_HA_NAME_LEN - 1);
	memset(group.standbys[0].name, 's', XFRM_HA_NAME_LEN - 1);
	xha_vmac_want(&want, &group, 0);
	assert_int_equal(strlen(want.label), 2 * XFRM_HA_NAME_LEN - 1);
	xha_vmac_alias(alias, sizeof(alias), &want, &saved);
	assert_true(xha_vmac_alias_read(alias, &read));
	assert_int_equal(read.value[XHA_VMAC_ARP_IGNORE], 8);
}

static struct xha_vmac_param params[XHA_VMAC_PARAMS_MAX];
static unsigned int n_params;

/* Place of a setting, which must be there once. */
static unsigned int at(const char *family, const char *name)
{
	unsigned int i, found = XHA_VMAC_PARAMS_MAX;

	for (i = 0; i < n_params; i++)
		if (!strcmp(params[i].family, family) &&
		    !strcmp(params[i].name, name)) {
			assert_int_equal(found, XHA_VMAC_PARAMS_MAX);
			found = i;
		}
	assert_true(found < XHA_VMAC_PARAMS_MAX);
	return found;
}

static void assert_set(const char *family, const char *name, int value)
{
	const struct xha_vmac_param *p = &params[at(family, name)];

	assert_int_equal(p->rule, XHA_VMAC_SET);
	assert_int_equal(p->value, value);
}

static void assert_v4_settings(void)
{
	assert_set("ipv4", "arp_ignore", 1);
	assert_set("ipv4", "arp_filter", 0);
	assert_set("ipv4", "proxy_arp", 0);
	assert_set("ipv4", "rp_filter", 2);
	assert_int_equal(params[at("ipv4", "forwarding")].rule, XHA_VMAC_COPY);
}

static void test_params_v4(void **state)
{
	n_params = xha_vmac_params(&want, params);
	assert_v4_settings();
	assert_set("ipv6", "disable_ipv6", 1);
	assert_true(params[at("ipv6", "disable_ipv6")].may_lack);
	assert_int_equal(n_params, 6);
}

static void test_params_v6(void **state)
{
	elect(0, XHA_CONF_HSRP, 2, 5, "2001:db8::1", NULL);
	n_params = xha_vmac_params(&want, params);
	assert_v4_settings();
	assert_set("ipv6", "addr_gen_mode", 1);
	assert_set("ipv6", "accept_ra", 0);
	assert_set("ipv6", "mldv1_unsolicited_report_interval", 10);
	assert_set("ipv6", "mldv2_unsolicited_report_interval", 10);
	assert_int_equal(n_params, 11);
	assert_set("ipv6", "disable_ipv6", 0);
	assert_false(params[at("ipv6", "disable_ipv6")].may_lack);
	assert_int_equal(params[at("ipv6", "forwarding")].rule, XHA_VMAC_COPY);
	/* IPv6 comes last, when it can no longer make an address. */
	assert_int_equal(at("ipv6", "disable_ipv6"), n_params - 1);
}

static void test_lower(void **state)
{
	int to;

	assert_string_equal(xha_vmac_lower_name(XHA_VMAC_ARP_IGNORE),
			    "arp_ignore");
	assert_true(xha_vmac_lower_raise(XHA_VMAC_ARP_IGNORE, 0, &to));
	assert_int_equal(to, 1);
	assert_false(xha_vmac_lower_raise(XHA_VMAC_ARP_IGNORE, 1, &to));
	assert_false(xha_vmac_lower_raise(XHA_VMAC_ARP_IGNORE, 2, &to));
	assert_true(xha_vmac_lower_raise(XHA_VMAC_ARP_ANNOUNCE, 1, &to));
	assert_int_equal(to, 2);
	/* Put back only what was raised, and nobody has changed since. */
	assert_true(xha_vmac_lower_restore(XHA_VMAC_ARP_IGNORE, 1, 0));
	assert_false(xha_vmac_lower_restore(XHA_VMAC_ARP_IGNORE, 1, 1));
	assert_false(xha_vmac_lower_restore(XHA_VMAC_ARP_IGNORE, 2, 0));
	assert_false(xha_vmac_lower_restore(XHA_VMAC_ARP_ANNOUNCE, 2, 2));
	assert_true(xha_vmac_lower_restore(XHA_VMAC_ARP_ANNOUNCE, 2, 1));
}

static void test_speaks(void **state)
{
	struct xha_vmac vmac = { .quiet_us = 500 };

	assert_false(xha_vmac_speaks(&vmac, 1000));
	vmac.carries = true;
	assert_true(xha_vmac_speaks(&vmac, 500));
	assert_false(xha_vmac_speaks(&vmac, 499));
}

static void test_path(void **state)
{
	char path[XHA_VMAC_PATH_LEN];

	xha_vmac_path(path, sizeof(path), "ipv4", "bond0.4094", "arp_ignore");
	assert_string_equal(path,
			    "/proc/sys/net/ipv4/conf/bond0.4094/arp_ignore");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_macs, set_up),
		cmocka_unit_test_setup(test_families, set_up),
		cmocka_unit_test_setup(test_names, set_up),
		cmocka_unit_test_setup(test_judge, set_up),
		cmocka_unit_test_setup(test_judge_other, set_up),
		cmocka_unit_test_setup(test_alias, set_up),
		cmocka_unit_test_setup(test_long_alias, set_up),
		cmocka_unit_test_setup(test_params_v4, set_up),
		cmocka_unit_test_setup(test_params_v6, set_up),
		cmocka_unit_test_setup(test_lower, set_up),
		cmocka_unit_test_setup(test_speaks, set_up),
		cmocka_unit_test_setup(test_path, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
