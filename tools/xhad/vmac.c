// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/macvlan.h>

#include "log.h"
#include "rtnl.h"
#include "vmac.h"

#define VALUE_LEN	16

static int read_setting(const char *path, int *value)
{
	char buf[VALUE_LEN];
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	buf[n] = '\0';
	*value = atoi(buf);
	return 0;
}

static int write_setting(const char *path, int value)
{
	char buf[VALUE_LEN];
	int len = snprintf(buf, sizeof(buf), "%d\n", value);
	int fd, err = 0, now;

	/* Where it is right nothing need be writable. */
	if (!read_setting(path, &now) && now == value)
		return 0;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, buf, len) != len)
		err = -errno;
	close(fd);
	return err;
}

/* Link @name as the kernel has it; 0, -ENODEV or another -errno. */
static int get_link(struct nl_sock *sk, const char *name,
		    struct rtnl_link **link)
{
	return xha_rtnl_errno(rtnl_link_get_kernel(sk, 0, name, link));
}

static void describe(struct rtnl_link *link, struct xha_vmac_found *found)
{
	struct nl_addr *mac = rtnl_link_get_addr(link);
	const char *alias = rtnl_link_get_ifalias(link);

	memset(found, 0, sizeof(*found));
	found->macvlan = rtnl_link_is_macvlan(link);
	if (found->macvlan)
		found->mode = rtnl_link_macvlan_get_mode(link);
	found->lower = rtnl_link_get_link(link);
	if (mac && nl_addr_get_len(mac) == sizeof(found->mac))
		memcpy(found->mac, nl_addr_get_binary_addr(mac),
		       sizeof(found->mac));
	if (alias)
		snprintf(found->alias, sizeof(found->alias), "%s", alias);
}

/* What changes in @link: take @change, which is consumed. */
static int change_link(struct nl_sock *sk, struct rtnl_link *link,
		       struct rtnl_link *change)
{
	int err = xha_rtnl_errno(rtnl_link_change(sk, link, change, 0));

	rtnl_link_put(change);
	return err;
}

static int set_flag(struct nl_sock *sk, struct rtnl_link *link, bool up)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (!change)
		return -ENOMEM;
	if (up)
		rtnl_link_set_flags(change, IFF_UP);
	else
		rtnl_link_unset_flags(change, IFF_UP);
	return change_link(sk, link, change);
}

/*
 * What the interface @lower had before the first macvlan on it: noted by
 * another one of xhad's there, or as it is now. @but is not asked.
 * Return: how many others there are, or -errno.
 */
static int read_saved(struct nl_sock *sk, unsigned int lower, const char *but,
		      struct xha_vmac_saved *saved)
{
	struct nl_object *o;
	struct nl_cache *links;
	struct xha_vmac_found found;
	int err, n = 0;

	err = rtnl_link_alloc_cache(sk, AF_UNSPEC, &links);
	if (err < 0)
		return xha_rtnl_errno(err);
	for (o = nl_cache_get_first(links); o; o = nl_cache_get_next(o)) {
		struct rtnl_link *link = (struct rtnl_link *)o;

		if (!strcmp(rtnl_link_get_name(link), but))
			continue;
		describe(link, &found);
		if (found.macvlan && found.lower == lower &&
		    xha_vmac_alias_read(found.alias, saved))
			n++;
	}
	nl_cache_free(links);
	return n;
}

static int read_lower(const char *parent, struct xha_vmac_saved *saved)
{
	char path[XHA_VMAC_PATH_LEN];
	unsigned int i;
	int err;

	for (i = 0; i < XHA_VMAC_LOWER_END; i++) {
		xha_vmac_path(path, sizeof(path), "ipv4", parent,
			      xha_vmac_lower_name(i));
		err = read_setting(path, &saved->value[i]);
		if (err) {
			xha_log_err("%s: %s", path, strerror(-err));
			return err;
		}
	}
	return 0;
}

static int raise_lower(const char *parent)
{
	char path[XHA_VMAC_PATH_LEN];
	unsigned int i;
	int err, now, to;

	for (i = 0; i < XHA_VMAC_LOWER_END; i++) {
		xha_vmac_path(path, sizeof(path), "ipv4", parent,
			      xha_vmac_lower_name(i));
		err = read_setting(path, &now);
		if (!err && xha_vmac_lower_raise(i, now, &to))
			err = write_setting(path, to);
		if (err) {
			xha_log_err("%s: %s", path, strerror(-err));
			return err;
		}
	}
	return 0;
}

static void restore_lower(const char *parent,
			  const struct xha_vmac_saved *saved)
{
	char path[XHA_VMAC_PATH_LEN];
	unsigned int i;
	int err, now;

	for (i = 0; i < XHA_VMAC_LOWER_END; i++) {
		xha_vmac_path(path, sizeof(path), "ipv4", parent,
			      xha_vmac_lower_name(i));
		err = read_setting(path, &now);
		if (!err && xha_vmac_lower_restore(i, now, saved->value[i]))
			err = write_setting(path, saved->value[i]);
		if (err)
			xha_log_warn("%s: cannot be put back to %d: %s", path,
				     saved->value[i], strerror(-err));
	}
}

static int set_param(const struct xha_vmac_param *p, const char *ifname,
		     const char *parent)
{
	char path[XHA_VMAC_PATH_LEN];
	int err = 0, value = p->value;

	if (p->rule == XHA_VMAC_COPY) {
		xha_vmac_path(path, sizeof(path), p->family, parent, p->name);
		err = read_setting(path, &value);
	}
	if (!err) {
		xha_vmac_path(path, sizeof(path), p->family, ifname, p->name);
		err = write_setting(path, value);
	}
	if (err == -ENOENT && p->may_lack)
		return 0;
	if (err)
		xha_log_err("%s: %s", path, strerror(-err));
	return err;
}

static int set_params(const struct xha_vmac_want *want, const char *parent)
{
	struct xha_vmac_param params[XHA_VMAC_PARAMS_MAX];
	unsigned int i, n = xha_vmac_params(want, params);
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = set_param(&params[i], want->name, parent);
	return err;
}

static int set_alias(struct nl_sock *sk, struct rtnl_link *link,
		     const struct xha_vmac_want *want,
		     const struct xha_vmac_saved *saved)
{
	struct rtnl_link *change = rtnl_link_alloc();
	char alias[XHA_VMAC_ALIAS_LEN];

	if (!change)
		return -ENOMEM;
	xha_vmac_alias(alias, sizeof(alias), want, saved);
	rtnl_link_set_ifalias(change, alias);
	return change_link(sk, link, change);
}

/* Of the same VRF as the interface below, where that is in one. */
static int make(struct nl_sock *sk, const struct xha_vmac_want *want,
		struct rtnl_link *lower)
{
	struct rtnl_link *link = rtnl_link_macvlan_alloc();
	struct nl_addr *mac = nl_addr_build(AF_LLC, want->mac,
					    sizeof(want->mac));
	int err = -ENOMEM;

	if (link && mac) {
		rtnl_link_set_name(link, want->name);
		rtnl_link_set_link(link, rtnl_link_get_ifindex(lower));
		rtnl_link_set_addr(link, mac);
		rtnl_link_macvlan_set_mode(link, MACVLAN_MODE_VEPA);
		if (rtnl_link_get_master(lower))
			rtnl_link_set_master(link, rtnl_link_get_master(lower));
		err = xha_rtnl_errno(rtnl_link_add(sk, link, NLM_F_CREATE |
						   NLM_F_EXCL));
	}
	nl_addr_put(mac);
	if (link)
		rtnl_link_put(link);
	return err;
}

static void say_why_not(const struct xha_vmac_want *want, const char *parent,
			int err)
{
	const char *hint = "";

	if (err == -EOPNOTSUPP)
		hint = " (the kernel has no macvlan: is its module there?)";
	else if (err == -EBUSY)
		hint = " (is it a port of a bridge or a bond?)";
	xha_log_err("virtual MAC of %s: cannot make %s on %s: %s%s; use-bia = true does without",
		    want->label, want->name, parent, strerror(-err), hint);
}

/* Note whose it is, then the settings; a killed helper leaves what it noted. */
static int furnish(struct nl_sock *sk, const struct xha_vmac_want *want,
		   struct rtnl_link *link, const char *parent)
{
	struct xha_vmac_saved saved;
	struct xha_vmac_found found;
	int err;

	describe(link, &found);
	if (!xha_vmac_alias_read(found.alias, &saved)) {
		err = read_saved(sk, found.lower, want->name, &saved);
		if (!err)
			err = read_lower(parent, &saved);
		if (err < 0)
			return err;
	}
	err = set_alias(sk, link, want, &saved);
	if (!err)
		err = set_params(want, parent);
	if (!err && want->v4)
		err = raise_lower(parent);
	return err;
}

static void remove_link(struct nl_sock *sk, struct rtnl_link *link)
{
	struct xha_vmac_saved saved, other;
	struct xha_vmac_found found;
	char parent[IFNAMSIZ];
	int err;

	describe(link, &found);
	err = xha_rtnl_errno(rtnl_link_delete(sk, link));
	if (err) {
		xha_log_warn("cannot remove %s: %s", rtnl_link_get_name(link),
			     strerror(-err));
		return;
	}
	/* The last one on its interface leaves that as it was. */
	if (xha_vmac_alias_read(found.alias, &saved) &&
	    if_indextoname(found.lower, parent) &&
	    !read_saved(sk, found.lower, "", &other))
		restore_lower(parent, &saved);
}

/* What is there under the wanted name is fit, or out of the way. */
static int clear_name(struct nl_sock *sk, const struct xha_vmac_want *want,
		      unsigned int lower, bool *adopt)
{
	struct xha_vmac_found found;
	enum xha_vmac_verdict verdict;
	struct rtnl_link *link;
	int err = get_link(sk, want->name, &link);

	*adopt = false;
	if (err)
		return err == -ENODEV ? 0 : err;
	describe(link, &found);
	verdict = xha_vmac_judge(want, &found, lower);
	if (verdict == XHA_VMAC_FOREIGN) {
		xha_log_err("virtual MAC of %s: interface %s is there already, and not xhad's",
			    want->label, want->name);
		err = -EEXIST;
	} else if (verdict == XHA_VMAC_REPLACE) {
		xha_log_warn("virtual MAC of %s: %s was made for something else: made anew",
			     want->label, want->name);
		remove_link(sk, link);
	} else {
		*adopt = true;
	}
	rtnl_link_put(link);
	return err;
}

static int check_lower(struct rtnl_link *lower,
		       const struct xha_vmac_want *want, const char *parent)
{
	if (!rtnl_link_is_macvlan(lower))
		return 0;
	xha_log_err("virtual MAC of %s: %s is a macvlan itself: use-bia = true does without",
		    want->label, parent);
	return -EINVAL;
}

static int ensure_on(struct nl_sock *sk, const struct xha_vmac_want *want,
		     struct rtnl_link *lower, const char *parent,
		     struct xha_vmac *vmac)
{
	struct rtnl_link *link;
	bool adopt;
	int err;

	err = check_lower(lower, want, parent);
	if (!err)
		err = clear_name(sk, want, rtnl_link_get_ifindex(lower),
				 &adopt);
	if (err)
		return err;
	if (!adopt) {
		err = make(sk, want, lower);
		if (err) {
			say_why_not(want, parent, err);
			return err;
		}
	}
	err = get_link(sk, want->name, &link);
	if (err)
		return err;
	err = furnish(sk, want, link, parent);
	if (!err)
		vmac->ifindex = rtnl_link_get_ifindex(link);
	else if (!adopt)
		xha_vmac_remove(sk, want->name);
	rtnl_link_put(link);
	if (!err)
		xha_log_info("virtual MAC of %s: %s on %s%s", want->label,
			     want->name, parent, adopt ? " is there" : "");
	return err;
}

/**
 * xha_vmac_ensure - make an election's macvlan, or find it
 * @sk: rtnetlink
 * @want: what it is to be
 * @parent: the interface it is on
 * @vmac: gets its index; 0 on failure
 *
 * A new one is down. One left by a helper that was killed is taken over as it
 * is, its addresses and its being up included.
 *
 * Return: 0, -ENODEV while @parent is not there, or another -errno after
 * logging why; then nothing is left behind.
 */
int xha_vmac_ensure(struct nl_sock *sk, const struct xha_vmac_want *want,
		    const char *parent, struct xha_vmac *vmac)
{
	struct rtnl_link *lower;
	int err;

	vmac->ifindex = 0;
	err = get_link(sk, parent, &lower);
	if (err)
		return err;
	err = ensure_on(sk, want, lower, parent, vmac);
	rtnl_link_put(lower);
	return err;
}

/**
 * xha_vmac_set_up - set a macvlan up or down
 * @sk: rtnetlink
 * @vmac: the macvlan
 * @up: up, else down
 *
 * Return: 0 or -errno; -EEXIST: another interface here has the MAC address.
 */
int xha_vmac_set_up(struct nl_sock *sk, const struct xha_vmac *vmac, bool up)
{
	struct rtnl_link *link;
	int err;

	err = xha_rtnl_errno(rtnl_link_get_kernel(sk, vmac->ifindex, NULL,
						  &link));
	if (err)
		return err;
	err = set_flag(sk, link, up);
	rtnl_link_put(link);
	return err;
}

/**
 * xha_vmac_remove - remove a macvlan unless it is up
 * @sk: rtnetlink
 * @ifname: the macvlan; that it is not there is no error
 *
 * One that is up has VIPs: its kernel is active, with or without a helper.
 */
void xha_vmac_remove(struct nl_sock *sk, const char *ifname)
{
	struct rtnl_link *link;

	if (get_link(sk, ifname, &link))
		return;
	if (!(rtnl_link_get_flags(link) & IFF_UP))
		remove_link(sk, link);
	rtnl_link_put(link);
}

/**
 * xha_vmac_sweep - remove macvlans that earlier helpers left and nobody wants
 * @sk: rtnetlink
 * @wanted: says which stay
 * @arg: passed to @wanted
 *
 * Return: how many there were.
 */
unsigned int xha_vmac_sweep(struct nl_sock *sk, xha_vmac_wanted_fn wanted,
			    void *arg)
{
	struct xha_vmac_saved saved;
	struct xha_vmac_found found;
	struct nl_cache *links;
	struct nl_object *o;
	unsigned int n = 0;

	if (rtnl_link_alloc_cache(sk, AF_UNSPEC, &links) < 0)
		return 0;
	for (o = nl_cache_get_first(links); o; o = nl_cache_get_next(o)) {
		struct rtnl_link *link = (struct rtnl_link *)o;

		describe(link, &found);
		if (!found.macvlan ||
		    !xha_vmac_alias_read(found.alias, &saved) ||
		    wanted(rtnl_link_get_name(link), arg))
			continue;
		xha_log_warn("%s was left by an earlier xhad: removed",
			     rtnl_link_get_name(link));
		remove_link(sk, link);
		n++;
	}
	nl_cache_free(links);
	return n;
}
