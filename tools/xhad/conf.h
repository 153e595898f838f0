/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file as structs; read and validated as a whole. */
#ifndef XHA_CONF_H
#define XHA_CONF_H

#include <linux/xfrm_ha.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "hsrp_auth.h"
#include "xha_addr.h"

#define XHA_CONF_MAX_GROUPS	8
#define XHA_CONF_MAX_STANDBYS	8
#define XHA_CONF_MAX_TRACKS	16
#define XHA_CONF_MAX_WITNESSES	4
#define XHA_CONF_TRACK_ARGS	16	/* words of a script, itself included */

/**
 * struct xha_conf_vip - a virtual address
 * @addr: IPv4 or IPv6
 * @prefix: length of its prefix in bits, 0 for that of the interface's subnet
 */
struct xha_conf_vip {
	struct xha_addr addr;
	unsigned int prefix;
};

enum xha_conf_protocol {
	XHA_CONF_HSRP,
	XHA_CONF_VRRP,
	XHA_CONF_EXTERNAL,
};

/**
 * struct xha_conf_vrrp - what only VRRP has
 * @version: 2 or 3
 * @auth: password of version 2, padded with zero
 * @has_auth: whether there is one
 * @pseudo: version 3, IPv4: the checksum includes the pseudo-header
 * @preempt_delay_ms: how long a lower master is heard before it is replaced
 */
struct xha_conf_vrrp {
	unsigned int version;
	__u8 auth[8];
	bool has_auth;
	bool pseudo;
	unsigned int preempt_delay_ms;
};

/**
 * struct xha_conf_standby - an election: an HSRP group or a virtual router of
 *	VRRP on an interface; or only its addresses, where another program elects
 * @name: title of the section
 * @protocol: which of them
 * @vrrp: the rest of a virtual router
 * @neighbour: where another program elects: the peer's real address there, or
 *	length 0
 * @interface: name of the interface
 * @version: of HSRP, 1 or 2
 * @number: HSRP group, 0..4095, in version 1 0..255; or virtual router id,
 *	1..255
 * @vips: virtual addresses, the first is the election's, and in its packets;
 *	the others may be of another family
 * @n_vips: number of @vips
 * @witnesses: other hosts on the LAN, whose answers tell that it works
 * @n_witnesses: number of @witnesses
 * @priority: 0..255
 * @preempt: replace an active node of lower priority
 * @preempt_min_ms: not before having taken part for so long
 * @preempt_reload_ms: the same, for the first time after a boot
 * @has_sync: whether @preempt_sync_ms is given
 * @preempt_sync_ms: how long to wait for this node to be in sync; without it,
 *	for ever
 * @delay_min_ms: wait so long until taking part, when the interface came up
 * @delay_reload_ms: the same, for the first time after a boot
 * @hello_ms: time between hellos or advertisements
 * @hold_ms: time of silence after which the active is taken for dead
 * @auth: authentication of packets
 * @use_bia: VIPs have the interface's own MAC address, else a virtual one
 */
struct xha_conf_standby {
	char name[XFRM_HA_NAME_LEN];
	enum xha_conf_protocol protocol;
	struct xha_conf_vrrp vrrp;
	struct xha_addr neighbour;
	char interface[IFNAMSIZ];
	unsigned int version;
	unsigned int number;
	struct xha_conf_vip vips[XFRM_HA_MAX_VIPS];
	unsigned int n_vips;
	struct xha_addr witnesses[XHA_CONF_MAX_WITNESSES];
	unsigned int n_witnesses;
	unsigned int priority;
	bool preempt;
	unsigned int preempt_min_ms;
	unsigned int preempt_reload_ms;
	bool has_sync;
	unsigned int preempt_sync_ms;
	unsigned int delay_min_ms;
	unsigned int delay_reload_ms;
	unsigned int hello_ms;
	unsigned int hold_ms;
	struct hsrp_auth_conf auth;
	bool use_bia;
};

enum xha_conf_track_kind {
	XHA_CONF_TRACK_INTERFACE,
	XHA_CONF_TRACK_SCRIPT,
	XHA_CONF_TRACK_PROCESS,
};

/**
 * struct xha_conf_track - something a node needs to be active in a group
 * @name: title of the section
 * @kind: which of the three below is used
 * @interface: name of the interface
 * @args: absolute path of the script and its arguments, a NUL behind each
 * @n_args: number of strings in @args
 * @process: name of the process, as in /proc/PID/comm
 * @quorum: so many such processes at least
 * @interval_ms: from one start of the script to the next
 * @timeout_ms: how long it may run
 * @rise: good results in a row until it is up
 * @fall: bad results in a row until it is down
 * @release: without it the node gives up the role
 * @decrement: else by so much its priority is lower in all elections
 */
struct xha_conf_track {
	char name[XFRM_HA_NAME_LEN];
	enum xha_conf_track_kind kind;
	char interface[IFNAMSIZ];
	char args[512];
	unsigned int n_args;
	char process[16];
	unsigned int quorum;
	unsigned int interval_ms;
	unsigned int timeout_ms;
	unsigned int rise;
	unsigned int fall;
	bool release;
	unsigned int decrement;
};

/**
 * struct xha_conf_group - a redundancy group
 * @name: title of the section
 * @id: 1..255
 * @interval_in: replay interval inbound, packets; 0: not given
 * @interval_out: replay interval outbound, packets; 0: not given
 * @has_strict: whether @strict is given
 * @strict: drop rather than send past what the peer has acknowledged
 * @grace_ms: how long the silence of the active's helper is borne while its
 *	kernel is heard over the channel; where another program elects, how long
 *	the peer is given to hand the role over
 * @protect: networks behind the peers, blocked where no SA protects them
 * @n_protect: number of @protect
 * @external: another program elects, and xhad is told the role
 * @move_vips: whether xhad adds and removes the VIPs, or that program
 * @standbys: its elections
 * @n_standbys: number of @standbys
 * @tracks: what else it needs
 * @n_tracks: number of @tracks
 */
struct xha_conf_group {
	char name[XFRM_HA_NAME_LEN];
	unsigned int id;
	unsigned int interval_in;
	unsigned int interval_out;
	bool has_strict;
	bool strict;
	unsigned int grace_ms;
	struct xha_prefix protect[XFRM_HA_MAX_PREFIXES];
	unsigned int n_protect;
	bool external;
	bool move_vips;
	struct xha_conf_standby standbys[XHA_CONF_MAX_STANDBYS];
	unsigned int n_standbys;
	struct xha_conf_track tracks[XHA_CONF_MAX_TRACKS];
	unsigned int n_tracks;
};

/**
 * struct xha_conf_channel - the channel to the peer
 * @local: own real addresses
 * @n_local: number of @local
 * @remote: the peer's
 * @n_remote: number of @remote
 * @local_port: host byte order
 * @remote_port: host byte order
 * @rto_min: ms
 * @rto_max: ms
 * @path_rtx: retransmissions before a path fails
 * @assoc_rtx: retransmissions before the association fails
 * @security: enum xfrm_ha_security
 * @security_dev: device the channel must take, or empty
 * @key: SCTP-AUTH key
 * @key_len: bytes of @key
 */
struct xha_conf_channel {
	struct xha_addr local[XFRM_HA_MAX_ADDRS];
	unsigned int n_local;
	struct xha_addr remote[XFRM_HA_MAX_ADDRS];
	unsigned int n_remote;
	unsigned int local_port;
	unsigned int remote_port;
	unsigned int rto_min;
	unsigned int rto_max;
	unsigned int path_rtx;
	unsigned int assoc_rtx;
	unsigned int security;
	char security_dev[IFNAMSIZ];
	__u8 key[XFRM_HA_KEY_MAX];
	size_t key_len;
};

struct xha_conf {
	struct xha_conf_channel channel;
	struct xha_conf_group groups[XHA_CONF_MAX_GROUPS];
	unsigned int n_groups;
};

/* Called once for each error (fatal) or warning, without newline. */
typedef void (*xha_conf_report_fn)(bool fatal, const char *text, void *arg);

int xha_conf_load(const char *path, struct xha_conf *conf,
		  xha_conf_report_fn report, void *arg);
int xha_conf_parse(const char *text, const char *name, struct xha_conf *conf,
		   xha_conf_report_fn report, void *arg);
void xha_conf_wipe(struct xha_conf *conf);

/* conf_track.c */
bool xha_conf_is_witness(const struct xha_conf_standby *sb,
			 const struct xha_addr *addr);
const char *xha_conf_track_kind(enum xha_conf_track_kind kind);
const char *xha_conf_track_object(const struct xha_conf_track *t);

#endif /* XHA_CONF_H */
