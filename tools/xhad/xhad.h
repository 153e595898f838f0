/* SPDX-License-Identifier: GPL-2.0-only */
/* The helper as a whole: its groups on one event loop. */
#ifndef XHAD_H
#define XHAD_H

#include <systemd/sd-event.h>

#include "conf.h"
#include "encap.h"
#include "external.h"
#include "hearer.h"
#include "hsrp_io.h"
#include "role.h"
#include "tracker.h"
#include "vrrp_io.h"

struct nl_sock;
struct xha_ctl;
struct xhad;

/**
 * struct xhad_group - a group with all that it has on this machine
 * @xhad: the helper
 * @role: its role
 * @hsrp: those of its elections that are HSRP's, by their place among all
 * @vrrp: those that are VRRP's
 * @io: sockets and timers of both
 * @tracker: what else it needs to be active
 * @hearer: what is heard on its LANs
 * @external: what it was told, where another program elects
 * @encap: NAT-T sockets, one for each VIP
 * @n_encap: number of @encap
 * @encap_told: for what the kernel was told to hold the port, XFRM_HA_ENCAP_*
 * @timer: of the role
 * @arp_timer: of the announcements
 * @arp_round: announcements sent so far
 * @linger_timer: end of hearing for virtual MACs after a hand-over
 * @leaving: its hand-over is part of the helper's exit
 */
struct xhad_group {
	struct xhad *xhad;
	struct xha_role role;
	struct hsrp hsrp[XHA_CONF_MAX_STANDBYS];
	struct vrrp vrrp[XHA_CONF_MAX_STANDBYS];
	struct elect_io io[XHA_CONF_MAX_STANDBYS];
	struct xha_tracker tracker;
	struct xha_hearer hearer;
	struct external external;
	struct xha_encap encap[XFRM_HA_MAX_VIPS];
	unsigned int n_encap;
	__u32 encap_told;
	sd_event_source *timer;
	sd_event_source *arp_timer;
	unsigned int arp_round;
	sd_event_source *linger_timer;
	bool leaving;
};

/**
 * struct xhad - the helper
 * @conf: configuration; its key is wiped once the kernel has it
 * @event: the loop
 * @nl: the kernel's family xfrm_ha
 * @rt: the kernel's addresses
 * @link_fd: notifications of links
 * @groups: the groups, in the order of the configuration
 * @hsrp: list of all HSRP instances
 * @vrrp: list of all VRRP instances
 * @ctl: control socket
 * @run_dir: where that is, for what is to outlive the helper
 * @status: what was last told to the service manager
 * @channel_reason: why the channel is down, as logged last
 * @leaving: number of hand-overs the exit waits for
 * @exiting: the helper was asked to end
 * @left: and ends now
 * @moved: at the start VIPs were where they do not belong any more
 */
struct xhad {
	struct xha_conf conf;
	sd_event *event;
	struct xha_nl *nl;
	struct nl_sock *rt;
	int link_fd;
	struct xhad_group groups[XHA_CONF_MAX_GROUPS];
	struct hsrp *hsrp;
	struct vrrp *vrrp;
	struct xha_ctl *ctl;
	char run_dir[128];
	char status[256];
	char channel_reason[XHA_NL_REASON_LEN];
	unsigned int leaving;
	bool exiting;
	bool left;
	bool moved;
};

int xhad_start(struct xhad *x, const char *socket_path);
void xhad_finish(struct xhad *x);

#endif /* XHAD_H */
