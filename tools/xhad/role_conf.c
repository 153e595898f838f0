// SPDX-License-Identifier: GPL-2.0-only
/* A group's configuration as the kernel is told it. */
#include <errno.h>
#include <string.h>

#include "role_conf.h"

static bool same_vips(const struct xha_nl_group_conf *conf,
		      const struct xha_nl_group *group)
{
	unsigned int i;

	if (conf->n_vips != group->n_vips)
		return false;
	for (i = 0; i < conf->n_vips; i++)
		if (!xha_addr_equal(&conf->vips[i], &group->vips[i]))
			return false;
	return true;
}

static bool same_prefixes(const struct xha_nl_group_conf *conf,
			  const struct xha_nl_group *group)
{
	unsigned int i;

	if (conf->n_prefixes != group->n_prefixes)
		return false;
	for (i = 0; i < conf->n_prefixes; i++)
		if (!xha_prefix_equal(&conf->prefixes[i], &group->prefixes[i]))
			return false;
	return true;
}

static void kernel_conf(const struct xha_conf_group *conf,
			struct xha_nl_group_conf *kconf)
{
	const struct xha_conf_standby *sb;
	unsigned int i, v;

	memset(kconf, 0, sizeof(*kconf));
	kconf->id = conf->id;
	kconf->name = conf->name;
	kconf->set_vips = true;
	kconf->interval_in = conf->interval_in;
	kconf->interval_out = conf->interval_out;
	kconf->set_strict = conf->has_strict;
	kconf->strict = conf->strict;
	kconf->set_prefixes = true;
	memcpy(kconf->prefixes, conf->protect, sizeof(kconf->prefixes));
	kconf->n_prefixes = conf->n_protect;
	for (i = 0; i < conf->n_standbys; i++) {
		sb = &conf->standbys[i];
		for (v = 0; v < sb->n_vips; v++)
			if (kconf->n_vips < XFRM_HA_MAX_VIPS)
				kconf->vips[kconf->n_vips++] = sb->vips[v].addr;
	}
}

/* What the configuration does not say the kernel may have as it likes. */
static bool same_interval(__u32 wanted, __u32 has)
{
	return !wanted || wanted == has;
}

/* A group that is there already was left by an earlier run of the helper. */
static int adopt_group(struct xha_role *role, struct xha_nl_group_conf *kconf,
		       struct xha_nl_group *group)
{
	int err;

	err = role->kernel->group_get(role->kernel_arg, kconf->id, group);
	if (err)
		return err;
	if (same_vips(kconf, group) && same_prefixes(kconf, group) &&
	    same_interval(kconf->interval_in, group->interval_in) &&
	    same_interval(kconf->interval_out, group->interval_out) &&
	    (!kconf->set_strict || kconf->strict == group->strict))
		return 0;
	kconf->name = NULL;
	kconf->set_vips = !same_vips(kconf, group);
	return role->kernel->group_set(role->kernel_arg, kconf);
}

/**
 * xha_role_conf_apply - create the group in the kernel, or adapt what is there
 * @role: the group; gets @resumed
 * @group: as the kernel has it if it was there, else left as it is
 *
 * Return: 0, or -errno when the kernel refuses it.
 */
int xha_role_conf_apply(struct xha_role *role, struct xha_nl_group *group)
{
	struct xha_nl_group_conf kconf;
	int err;

	kernel_conf(role->conf, &kconf);
	err = role->kernel->group_new(role->kernel_arg, &kconf);
	role->resumed = err == -EEXIST;
	return role->resumed ? adopt_group(role, &kconf, group) : err;
}
