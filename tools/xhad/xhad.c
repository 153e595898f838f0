// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "ctl.h"
#include "encap_kernel.h"
#include "external_io.h"
#include "host.h"
#include "link.h"
#include "log.h"
#include "priv.h"
#include "vip.h"
#include "vmacs.h"
#include "xha_names.h"
#include "xhad.h"

/* Longer than the kernel has for all steps of a hand-over with its defaults. */
#define LEAVE_LIMIT_US	9000000

static bool is_vip(const struct xha_addr *addr, void *arg)
{
	const struct xha_conf *conf = arg;
	const struct xha_conf_standby *sb;
	unsigned int g, s, v;

	for (g = 0; g < conf->n_groups; g++)
		for (s = 0; s < conf->groups[g].n_standbys; s++) {
			sb = &conf->groups[g].standbys[s];
			for (v = 0; v < sb->n_vips; v++)
				if (xha_addr_equal(addr, &sb->vips[v].addr))
					return true;
		}
	return false;
}

/* @first: tell the group even if nothing has changed, as it knows nothing. */
static void scan_one(struct xhad *x, struct xha_elect *e,
		     const struct xha_addr *near, bool first)
{
	struct xha_link link;
	bool other, lost;

	xha_link_read(e->ifname, near, is_vip, &x->conf, &link);
	if (e->role->conf->external) {
		external_link(external_lan(e), &link, first);
		return;
	}
	if (!xha_vmacs_ready(x, e, &lost))
		link.up = false;
	other = lost || link.ifindex != e->ifindex ||
		!xha_addr_equal(&link.addr, &e->addr) ||
		memcmp(link.mac, e->mac, sizeof(e->mac));
	if (!first && !other && link.up == e->link_up)
		return;
	xha_log_info("link %s: %s", e->ifname,
		     !link.ifindex ? "not there" : link.up ? "up" :
		     !link.addr.len ? "no address" :
		     e->vmac.ifname[0] && !e->vmac.ifindex ?
		     "no macvlan" : "down");
	/* Another interface or address is another election: end the old one. */
	if (e->link_up && (other || !link.up))
		xha_role_link(e->role, e, false);
	if (link.ifindex != e->ifindex)
		e->peer.len = 0;
	e->ifindex = link.ifindex;
	e->addr = link.addr;
	memcpy(e->mac, link.mac, sizeof(e->mac));
	if (link.up)
		xha_role_link(e->role, e, true);
	else if (first)
		xha_role_link(e->role, e, false);
}

static void scan_links(struct xhad *x, bool first)
{
	const struct xha_conf_group *conf;
	unsigned int g, s;

	for (g = 0; g < x->conf.n_groups; g++) {
		conf = &x->conf.groups[g];
		for (s = 0; s < conf->n_standbys; s++)
			scan_one(x, x->groups[g].role.elects[s],
				 &conf->standbys[s].vips[0].addr, first);
	}
}

static int on_link(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct xhad *x = arg;
	unsigned int i;

	xha_link_drain(fd);
	for (i = 0; i < x->conf.n_groups; i++)
		xha_tracker_links(&x->groups[i].tracker);
	scan_links(x, false);
	return 0;
}

/* Once a second it may try and fail for the reason that is known. */
static void log_channel(struct xhad *x, const struct xha_nl_peer *p)
{
	bool known = *p->reason && !strcmp(p->reason, x->channel_reason);

	if (p->state == XFRM_HA_PEER_STATE_UP || !known)
		xha_log_info("channel: %s%s%s", xha_names_peer_state(p->state),
			     *p->reason ? ": " : "", p->reason);
	memcpy(x->channel_reason, p->reason, sizeof(x->channel_reason));
}

static void on_kernel_event(const struct xha_nl_event *event, void *arg)
{
	struct xhad *x = arg;
	unsigned int i;

	if (event->cmd == XFRM_HA_CMD_PEER_NTF) {
		log_channel(x, &event->peer);
		for (i = 0; i < x->conf.n_groups; i++)
			xha_role_kick(&x->groups[i].role);
		return;
	}
	xha_log_debug("group %u: event %s", event->group.id,
		      xha_names_event(event->event));
	for (i = 0; i < x->conf.n_groups; i++)
		if (x->conf.groups[i].id == event->group.id)
			xha_role_event(&x->groups[i].role, event);
}

static int on_kernel(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct xhad *x = arg;
	unsigned int i;
	int err;

	err = xha_nl_event_read(x->nl, on_kernel_event, x);
	if (!err)
		return 0;
	if (err != -ENOBUFS) {
		xha_log_err("notifications of the kernel: %s", strerror(-err));
		return sd_event_exit(x->event, 1);
	}
	xha_log_warn("notifications of the kernel were lost: reading all anew");
	for (i = 0; i < x->conf.n_groups; i++)
		xha_role_resync(&x->groups[i].role);
	return 0;
}

static const char *role_word(const struct xha_role *role)
{
	return role->mode == XHA_ROLE_STANDBY ? "standby" : "active";
}

static int leave(struct xhad *x)
{
	unsigned int i;

	if (x->left)
		return 0;
	x->left = true;
	sd_notify(0, "STOPPING=1");
	for (i = 0; i < x->conf.n_groups; i++) {
		if (x->groups[i].role.mode != XHA_ROLE_STANDBY)
			xha_log_info("group %s: the kernel stays active, its VIPs stay up",
				     x->conf.groups[i].name);
		xha_role_stop(&x->groups[i].role);
	}
	return sd_event_exit(x->event, 0);
}

/*
 * Once no hand-over is under way, whoever asked for it: the VIPs would stay on
 * what is a standby when that ends.
 */
static void leave_when_given(struct xhad *x)
{
	unsigned int i;

	for (i = 0; i < x->conf.n_groups; i++)
		if (x->groups[i].role.mode == XHA_ROLE_GIVING)
			return;
	leave(x);
}

static int on_post(sd_event_source *s, void *arg)
{
	struct xhad *x = arg;
	char text[sizeof(x->status)];
	size_t n = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < x->conf.n_groups && n < sizeof(text); i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s: %s",
			      i ? ", " : "", x->conf.groups[i].name,
			      role_word(&x->groups[i].role));
	/* Whatever just happened may have changed a role, or what to do. */
	for (i = 0; i < x->conf.n_groups; i++)
		if (x->conf.groups[i].external)
			external_pursue(&x->groups[i].external);
	xha_ctl_settle(x->ctl);
	if (x->exiting && !x->leaving)
		leave_when_given(x);
	if (strcmp(text, x->status)) {
		memcpy(x->status, text, sizeof(text));
		sd_notifyf(0, "STATUS=%s", text);
	}
	return 0;
}

static void on_left(void *arg, const char *error)
{
	struct xhad_group *g = arg;
	struct xhad *x = g->xhad;

	if (!g->leaving)
		return;
	g->leaving = false;
	if (!--x->leaving)
		leave_when_given(x);
}

static int on_leave_limit(sd_event_source *s, uint64_t usec, void *arg)
{
	xha_log_warn("the hand-over takes too long: not waiting for it");
	return leave(arg);
}

/*
 * An active node with a hot peer hands the role over, so that a planned stop
 * costs nothing; without one traffic is better off with this node's kernel. So
 * it is where another program elects: that one has not said anything.
 */
static int on_terminate(sd_event_source *s, const struct signalfd_siginfo *si,
			void *arg)
{
	struct xhad *x = arg;
	struct xhad_group *g;
	unsigned int i;

	if (x->exiting)
		return leave(x);
	x->exiting = true;
	/* One more than there are, so that the loop cannot end it midway. */
	x->leaving = 1;
	for (i = 0; i < x->conf.n_groups; i++) {
		g = &x->groups[i];
		if (x->conf.groups[i].external || !xha_role_peer_hot(&g->role))
			continue;
		g->leaving = true;
		x->leaving++;
		xha_role_switchover(&g->role, on_left, g);
	}
	if (!--x->leaving)
		leave_when_given(x);
	if (x->left)
		return 0;
	return sd_event_add_time_relative(x->event, NULL, CLOCK_MONOTONIC,
					  LEAVE_LIMIT_US, 0, on_leave_limit, x);
}

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *si,
		     void *arg)
{
	xha_log_warn("reload is not supported in this version: nothing changed");
	return 0;
}

/* Nobody beyond the LAN, where NATs are, reaches a link-local address. */
static bool wants_encap(const struct xha_addr *vip)
{
	return vip->len == 4 || vip->b[0] != 0xfe || (vip->b[1] & 0xc0) != 0x80;
}

static struct xha_elect *init_elect(struct xhad_group *g, unsigned int s)
{
	const struct xha_conf_standby *conf = &g->role.conf->standbys[s];

	if (conf->protocol == XHA_CONF_EXTERNAL)
		return external_add(&g->external, conf);
	if (conf->protocol == XHA_CONF_VRRP) {
		vrrp_init(&g->vrrp[s], conf, &vrrp_io_ops, &g->role);
		vrrp_io_init(&g->io[s], &g->vrrp[s], g->xhad->event);
		vrrp_join(&g->xhad->vrrp, &g->vrrp[s]);
		return &g->vrrp[s].elect;
	}
	hsrp_init(&g->hsrp[s], conf, &hsrp_io_ops, &g->role);
	hsrp_io_init(&g->io[s], &g->hsrp[s], g->xhad->event);
	hsrp_join(&g->xhad->hsrp, &g->hsrp[s]);
	return &g->hsrp[s].elect;
}

static void exit_elect(struct xhad_group *g, unsigned int s)
{
	if (g->role.conf->standbys[s].protocol != XHA_CONF_EXTERNAL)
		elect_io_exit(&g->io[s]);
}

static void init_group(struct xhad *x, unsigned int i)
{
	struct xhad_group *g = &x->groups[i];
	const struct xha_conf_group *conf = &x->conf.groups[i];
	unsigned int s, v;

	g->xhad = x;
	g->role.conf = conf;
	g->role.kernel = &xha_host_kernel_ops;
	g->role.kernel_arg = x->nl;
	g->role.host = &xha_host_ops;
	g->role.host_arg = g;
	if (conf->external)
		external_io_init(&g->external, &g->role, x->run_dir);
	for (s = 0; s < conf->n_standbys; s++) {
		g->role.elects[g->role.n_elects++] = init_elect(g, s);
		for (v = 0; v < conf->standbys[s].n_vips; v++)
			if (wants_encap(&conf->standbys[s].vips[v].addr))
				xha_encap_init(&g->encap[g->n_encap++],
					       x->event,
					       &conf->standbys[s].vips[v].addr,
					       &xha_encap_kernel_ops, g);
	}
}

static int set_peer(struct xhad *x)
{
	struct xha_conf_channel *ch = &x->conf.channel;
	struct xha_nl_peer_conf conf = {
		.n_local = ch->n_local,
		.n_remote = ch->n_remote,
		.local_port = ch->local_port,
		.remote_port = ch->remote_port,
		.rto_min = ch->rto_min,
		.rto_max = ch->rto_max,
		.path_rtx = ch->path_rtx,
		.assoc_rtx = ch->assoc_rtx,
		.security = ch->security,
		.key = ch->key,
		.key_len = ch->key_len,
	};
	int err;

	memcpy(conf.local, ch->local, sizeof(conf.local));
	memcpy(conf.remote, ch->remote, sizeof(conf.remote));
	memcpy(conf.security_dev, ch->security_dev, sizeof(conf.security_dev));
	err = xha_nl_peer_set(x->nl, &conf);
	explicit_bzero(ch->key, sizeof(ch->key));
	if (err)
		xha_log_err("channel: the kernel refuses it: %s",
			    xha_nl_error(x->nl));
	return err;
}

static int open_kernel(struct xhad *x)
{
	int err;

	err = xha_nl_open(&x->nl);
	if (err == -ENOENT)
		xha_log_err("the kernel has no xfrm_ha family; is the module loaded?");
	else if (err)
		xha_log_err("netlink: %s", strerror(-err));
	if (err)
		return err;
	err = xha_nl_subscribe(x->nl);
	if (err)
		xha_log_err("notifications: %s", xha_nl_error(x->nl));
	else
		err = xha_vip_open(&x->rt);
	return err;
}

static int add_sources(struct xhad *x)
{
	int err;

	x->link_fd = xha_link_open();
	if (x->link_fd < 0)
		return x->link_fd;
	err = sd_event_add_io(x->event, NULL, x->link_fd, EPOLLIN, on_link, x);
	if (err >= 0)
		err = sd_event_add_io(x->event, NULL, xha_nl_event_fd(x->nl),
				      EPOLLIN, on_kernel, x);
	if (err >= 0)
		err = sd_event_add_signal(x->event, NULL, SIGTERM,
					  on_terminate, x);
	if (err >= 0)
		err = sd_event_add_signal(x->event, NULL, SIGINT, on_terminate,
					  x);
	if (err >= 0)
		err = sd_event_add_signal(x->event, NULL, SIGHUP, on_hangup, x);
	if (err >= 0)
		err = sd_event_add_post(x->event, NULL, on_post, x);
	if (err >= 0)
		err = sd_event_set_watchdog(x->event, true);
	return err < 0 ? err : 0;
}

static void set_run_dir(struct xhad *x, const char *socket_path)
{
	const char *slash = strrchr(socket_path, '/');
	int len = slash ? (int)(slash - socket_path) : 1;

	snprintf(x->run_dir, sizeof(x->run_dir), "%.*s", len,
		 slash ? socket_path : ".");
}

/**
 * xhad_start - configure the kernel and begin to take part
 * @x: the helper: conf and event set, the rest zero
 * @socket_path: of the control socket
 *
 * Groups come before the channel, so that the peer's first message finds them.
 *
 * Return: 0 or -errno, after logging why.
 */
int xhad_start(struct xhad *x, const char *socket_path)
{
	unsigned int i, e;
	int err;

	x->link_fd = -1;
	err = open_kernel(x);
	if (err)
		return err;
	/* First, as it also tells whether another helper is at work. */
	err = xha_ctl_open(x, socket_path);
	if (err) {
		xha_log_err("control socket %s: %s", socket_path,
			    strerror(-err));
		return err;
	}
	xha_priv_realtime();
	err = xha_priv_drop();
	if (!err)
		err = add_sources(x);
	if (err) {
		xha_log_err("cannot start: %s", strerror(-err));
		return err;
	}
	set_run_dir(x, socket_path);
	for (i = 0; i < x->conf.n_groups; i++)
		init_group(x, i);
	err = xha_vmacs_start(x);
	if (err)
		return err;
	for (i = 0; i < x->conf.n_groups; i++) {
		err = xha_role_start(&x->groups[i].role);
		if (!err)
			err = xha_encap_kernel_resume(&x->groups[i]);
		if (err)
			return err;
	}
	for (i = 0; i < x->conf.n_groups; i++)
		for (e = 0; e < x->groups[i].n_encap; e++)
			xha_encap_up(&x->groups[i].encap[e]);
	err = set_peer(x);
	if (err)
		return err;
	for (i = 0; i < x->conf.n_groups; i++) {
		struct xhad_group *g = &x->groups[i];

		xha_tracker_start(&g->tracker, x->event, &g->role);
		xha_hearer_start(&g->hearer, x->event, &g->role, &g->tracker);
	}
	scan_links(x, true);
	xha_vmacs_resume(x);
	sd_notify(0, "READY=1");
	xha_log_info("started");
	return 0;
}

/**
 * xhad_finish - close all that xhad_start() opened; nothing in the kernel
 * @x: the helper
 */
void xhad_finish(struct xhad *x)
{
	struct xhad_group *g;
	unsigned int i, s;

	xha_ctl_close(x->ctl);
	if (x->rt)
		xha_vmacs_finish(x);
	for (i = 0; i < x->conf.n_groups; i++) {
		g = &x->groups[i];
		if (!g->xhad)
			continue;
		xha_hearer_stop(&g->hearer);
		xha_tracker_stop(&g->tracker);
		for (s = 0; s < x->conf.groups[i].n_standbys; s++)
			exit_elect(g, s);
		for (s = 0; s < g->n_encap; s++)
			xha_encap_down(&g->encap[s]);
		sd_event_source_disable_unref(g->timer);
		sd_event_source_disable_unref(g->arp_timer);
		sd_event_source_disable_unref(g->linger_timer);
	}
	if (x->link_fd >= 0)
		close(x->link_fd);
	xha_vip_close(x->rt);
	xha_nl_close(x->nl);
	xha_conf_wipe(&x->conf);
}
