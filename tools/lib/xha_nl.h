/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Client of the kernel's generic netlink family xfrm_ha: one function for each
 * command, results decoded into plain structs. One struct xha_nl holds one
 * socket for commands, which block until the kernel has answered, and on
 * demand a second one for notifications, which never blocks. Not thread safe.
 *
 * Functions that return int give 0 or -errno. The errno is the kernel's; what
 * it said beside it (extended ack) is in xha_nl_error().
 */
#ifndef XHA_NL_H
#define XHA_NL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <linux/xfrm_ha.h>

#include "xha_addr.h"

#define XHA_NL_REASON_LEN	128
#define XHA_NL_ALGS_LEN		160
#define XHA_NL_UNIT_LEN		16

struct xha_nl;

/**
 * struct xha_nl_peer_conf - what PEER_SET configures
 * @local: own addresses of the channel, the first is the primary one
 * @remote: the peer's
 * @n_local: number of @local, 1..2
 * @n_remote: number of @remote, 1..2
 * @local_port: host byte order, 1..65535
 * @remote_port: host byte order, 1..65535
 * @rto_min: ms, 0 leaves the kernel's default
 * @rto_max: ms, 0 leaves the kernel's default
 * @path_rtx: retransmissions before a path fails, 0 for the default
 * @assoc_rtx: retransmissions before the association fails, 0 for the default
 * @security: enum xfrm_ha_security
 * @security_dev: device the channel must take, or empty
 * @key: SCTP-AUTH key, 16..128 bytes, only read during the call
 * @key_len: bytes at @key
 */
struct xha_nl_peer_conf {
	struct xha_addr local[XFRM_HA_MAX_ADDRS];
	struct xha_addr remote[XFRM_HA_MAX_ADDRS];
	unsigned int n_local;
	unsigned int n_remote;
	__u16 local_port;
	__u16 remote_port;
	__u32 rto_min;
	__u32 rto_max;
	__u32 path_rtx;
	__u32 assoc_rtx;
	__u32 security;
	char security_dev[IFNAMSIZ];
	const __u8 *key;
	size_t key_len;
};

/**
 * struct xha_nl_peer - the channel as the kernel shows it
 * @conf: configuration; never with a key
 * @state: enum xfrm_ha_peer_state
 * @state_ms: ms since that state began
 * @version: wire version in use, 0 if none
 * @boot_id: the peer's module load
 * @reason: why it is down or refused, or empty
 * @tx_frames: frames sent
 * @tx_bytes: bytes sent
 * @rx_frames: frames received
 * @rx_bytes: bytes received
 * @rx_bad: malformed frames refused
 * @rx_state: frames refused in this state of the session
 * @rx_stale: frames of an older epoch, ignored
 * @strangers: packets and dials that were not the peer's
 * @unprotected: packets dropped because they were not encrypted
 * @connects: associations that came up
 * @lag_frames: frames sent and not yet acknowledged as applied
 * @lag_bytes: bytes of these frames
 * @lag_ms: age in ms of the oldest of them
 * @heard_ms: ms since the peer was last heard; only valid if @has_heard
 * @has_heard: whether the kernel told @heard_ms
 */
struct xha_nl_peer {
	struct xha_nl_peer_conf conf;
	__u32 state;
	__u64 state_ms;
	__u32 version;
	__u64 boot_id;
	char reason[XHA_NL_REASON_LEN];
	__u64 tx_frames;
	__u64 tx_bytes;
	__u64 rx_frames;
	__u64 rx_bytes;
	__u64 rx_bad;
	__u64 rx_state;
	__u64 rx_stale;
	__u64 strangers;
	__u64 unprotected;
	__u64 connects;
	__u64 lag_frames;
	__u64 lag_bytes;
	__u64 lag_ms;
	__u64 heard_ms;
	bool has_heard;
};

/**
 * struct xha_nl_neigh - the peer's real address on a shared interface
 * @ifindex: the interface
 * @addr: the address
 */
struct xha_nl_neigh {
	__u32 ifindex;
	struct xha_addr addr;
};

/**
 * struct xha_nl_group_conf - what GROUP_NEW and GROUP_SET configure
 * @id: 1..255
 * @name: only GROUP_NEW; NULL to leave out
 * @set_vips: send @vips (GROUP_SET leaves alone what is not sent)
 * @vips: virtual addresses
 * @n_vips: number of @vips
 * @set_neighs: send @neighs, which replace all known before
 * @neighs: real addresses of the peer
 * @n_neighs: number of @neighs
 * @set_prefixes: send @prefixes, which replace all known before
 * @prefixes: what is blocked where no SA protects it
 * @n_prefixes: number of @prefixes
 * @interval_in: replay interval inbound in packets, 0 to leave out
 * @interval_out: replay interval outbound in packets, 0 to leave out
 * @set_strict: send @strict
 * @strict: drop rather than send past an acknowledged ceiling
 * @set_encap: send @encap; in a GROUP_SET without addresses
 * @encap: mask of XFRM_HA_ENCAP_*: for what to hold the port for ESP in UDP
 * @set_hearing: send @hearing
 * @hearing: what this node hears on the group's LANs
 */
struct xha_nl_group_conf {
	__u32 id;
	const char *name;
	bool set_vips;
	struct xha_addr vips[XFRM_HA_MAX_VIPS];
	unsigned int n_vips;
	bool set_neighs;
	struct xha_nl_neigh neighs[XFRM_HA_MAX_NEIGHS];
	unsigned int n_neighs;
	bool set_prefixes;
	struct xha_prefix prefixes[XFRM_HA_MAX_PREFIXES];
	unsigned int n_prefixes;
	__u32 interval_in;
	__u32 interval_out;
	bool set_strict;
	bool strict;
	bool set_encap;
	__u32 encap;
	bool set_hearing;
	__u32 hearing;
};

/**
 * struct xha_nl_timeline - steps of the last change of role
 * @begin: command or commit received
 * @added: SAs in the SAD, not yet valid
 * @valid: SAs valid
 * @policies: policies in
 * @gate: gate open, or closed
 * @end: done
 *
 * All in ns of CLOCK_MONOTONIC, 0 where a step was not done.
 */
struct xha_nl_timeline {
	__u64 begin;
	__u64 added;
	__u64 valid;
	__u64 policies;
	__u64 gate;
	__u64 end;
};

/**
 * struct xha_nl_group - a group as the kernel shows it
 * @id: 1..255
 * @name: its name
 * @vips: virtual addresses
 * @n_vips: number of @vips
 * @neighs: real addresses of the peer
 * @n_neighs: number of @neighs
 * @encap: mask of XFRM_HA_ENCAP_*: for what the port for ESP in UDP is held
 * @prefixes: what is blocked where no SA protects it
 * @n_prefixes: number of @prefixes
 * @interval_in: replay interval inbound, packets
 * @interval_out: replay interval outbound, packets
 * @role: enum xfrm_ha_role of this node
 * @state: enum xfrm_ha_state of this node
 * @state_ms: ms since that state began
 * @peer_state: enum xfrm_ha_state of the peer
 * @hearing: what this node hears on the group's LANs, as last set
 * @peer_hearing: what the peer hears, 0 while not connected
 * @reason: why not hot or why it failed, or empty
 * @epoch: counter of takeovers
 * @epoch_node: which node raised it last, 0 or 1
 * @superseded: 1 on an active whose peer was active, too, when it was heard last,
 *	by a later takeover
 * @sas: SAs known, live or staged
 * @sas_refused: SAs that cannot be mirrored
 * @policies: policies mirrored
 * @exposure_out: most numbers an SA would skip
 * @exposure_in: most packets replayable on one SA
 * @beyond: packets sent past an acknowledged ceiling
 * @takeovers: takeovers of this node
 * @gate_dropped: packets the closed gate dropped
 * @gate_held: packets held in hand-overs
 * @gate_forwarded: packets sent on to the peer
 * @gate_overflow: packets the full hold queue lost
 * @cause: enum xfrm_ha_cause of the last change of role
 * @verified: comparisons with the active that found no difference
 * @verify_ms: ms since the last comparison; 0 on a node that is no standby
 * @repairs: comparisons that found a difference
 * @strict: as configured, 0 or 1
 * @bounded: 1 where it has effect: the peer is hot, or was last
 * @strict_dropped: packets dropped at acknowledged ceilings
 * @stopped: SAs that have reached theirs
 * @merged: SAs and policies taken over from a peer that was active as well
 * @timeline: its steps
 */
struct xha_nl_group {
	__u32 id;
	char name[XFRM_HA_NAME_LEN];
	struct xha_addr vips[XFRM_HA_MAX_VIPS];
	unsigned int n_vips;
	struct xha_nl_neigh neighs[XFRM_HA_MAX_NEIGHS];
	unsigned int n_neighs;
	__u32 encap;
	struct xha_prefix prefixes[XFRM_HA_MAX_PREFIXES];
	unsigned int n_prefixes;
	__u32 interval_in;
	__u32 interval_out;
	__u32 role;
	__u32 state;
	__u64 state_ms;
	__u32 peer_state;
	__u32 hearing;
	__u32 peer_hearing;
	char reason[XHA_NL_REASON_LEN];
	__u32 epoch;
	__u32 epoch_node;
	__u32 superseded;
	__u32 sas;
	__u32 sas_refused;
	__u32 policies;
	__u64 exposure_out;
	__u64 exposure_in;
	__u64 beyond;
	__u64 takeovers;
	__u64 gate_dropped;
	__u64 gate_held;
	__u64 gate_forwarded;
	__u64 gate_overflow;
	__u32 cause;
	__u64 verified;
	__u64 verify_ms;
	__u64 repairs;
	__u32 strict;
	__u32 bounded;
	__u64 strict_dropped;
	__u32 stopped;
	__u64 merged;
	struct xha_nl_timeline timeline;
};

/**
 * struct xha_nl_sa - one SA of a group
 * @group: its group
 * @state: enum xfrm_ha_sa_state
 * @reason: with XFRM_HA_SA_STATE_REFUSED why, else empty
 * @dir: enum xfrm_ha_dir
 * @src: outer source
 * @dst: outer destination
 * @spi: network byte order
 * @proto: IPPROTO_ESP, ...
 * @mode: XFRM_MODE_*
 * @reqid: as in xfrm
 * @algs: names of the algorithms
 * @esn: extended sequence numbers
 * @window: replay window, packets
 * @encap_sport: NAT-T, host byte order, 0 without
 * @encap_dport: NAT-T, host byte order, 0 without
 * @incarnation: tells an SA from an earlier one of the same identity
 * @seq: last number used (out) or highest seen (in)
 * @ceiling: out: published ceiling
 * @acked: out: acknowledged ceiling; in: acknowledged position
 * @exposure: numbers skipped (out) or packets replayable (in) on a crash now
 * @bytes: bytes so far
 * @packets: packets so far
 * @age: s since it was added
 * @tag: IV tag; only valid if @has_tag
 * @has_tag: whether the SA has an IV tag
 */
struct xha_nl_sa {
	__u32 group;
	__u32 state;
	char reason[XHA_NL_REASON_LEN];
	__u32 dir;
	struct xha_addr src;
	struct xha_addr dst;
	__be32 spi;
	__u32 proto;
	__u32 mode;
	__u32 reqid;
	char algs[XHA_NL_ALGS_LEN];
	bool esn;
	__u32 window;
	__u16 encap_sport;
	__u16 encap_dport;
	__u64 incarnation;
	__u64 seq;
	__u64 ceiling;
	__u64 acked;
	__u64 exposure;
	__u64 bytes;
	__u64 packets;
	__u64 age;
	__u32 tag;
	bool has_tag;
};

/**
 * struct xha_nl_tunable - one of net.xfrm_ha.* in this namespace
 * @name: without "net.xfrm_ha."
 * @value: as it is now
 * @def: what a namespace begins with
 * @min: least value
 * @max: greatest value
 * @unit: of all these: "ms", ..., or empty for a switch
 */
struct xha_nl_tunable {
	char name[XFRM_HA_TUNABLE_LEN];
	__u32 value;
	__u32 def;
	__u32 min;
	__u32 max;
	char unit[XHA_NL_UNIT_LEN];
};

/**
 * struct xha_nl_event - one notification
 * @cmd: XFRM_HA_CMD_GROUP_NTF or XFRM_HA_CMD_PEER_NTF; says which part is set
 * @event: enum xfrm_ha_event, with GROUP_NTF
 * @group: the group after the event
 * @peer: the channel after the event
 */
struct xha_nl_event {
	__u8 cmd;
	__u32 event;
	struct xha_nl_group group;
	struct xha_nl_peer peer;
};

/* Called for each object; non-zero ends the iteration and is returned. */
typedef int (*xha_nl_group_fn)(const struct xha_nl_group *group, void *arg);
typedef int (*xha_nl_sa_fn)(const struct xha_nl_sa *sa, void *arg);
typedef int (*xha_nl_tunable_fn)(const struct xha_nl_tunable *tunable, void *arg);
typedef void (*xha_nl_event_fn)(const struct xha_nl_event *event, void *arg);

int xha_nl_open(struct xha_nl **nlp);
void xha_nl_close(struct xha_nl *nl);
const char *xha_nl_error(const struct xha_nl *nl);

int xha_nl_peer_set(struct xha_nl *nl, const struct xha_nl_peer_conf *conf);
int xha_nl_peer_del(struct xha_nl *nl);
int xha_nl_peer_get(struct xha_nl *nl, struct xha_nl_peer *peer);

int xha_nl_group_new(struct xha_nl *nl, const struct xha_nl_group_conf *conf);
int xha_nl_group_set(struct xha_nl *nl, const struct xha_nl_group_conf *conf);
int xha_nl_group_del(struct xha_nl *nl, __u32 id, bool force);
int xha_nl_group_get(struct xha_nl *nl, __u32 id, struct xha_nl_group *group);
int xha_nl_group_dump(struct xha_nl *nl, xha_nl_group_fn fn, void *arg);

int xha_nl_role_set(struct xha_nl *nl, __u32 id, __u32 role);
int xha_nl_handover(struct xha_nl *nl, __u32 id);
int xha_nl_vip_up(struct xha_nl *nl, __u32 id);
int xha_nl_verify(struct xha_nl *nl, __u32 id);
int xha_nl_resync(struct xha_nl *nl, __u32 id);
int xha_nl_fenced(struct xha_nl *nl, __u32 id);

int xha_nl_sa_dump(struct xha_nl *nl, __u32 id, xha_nl_sa_fn fn, void *arg);

int xha_nl_tunables(struct xha_nl *nl, xha_nl_tunable_fn fn, void *arg);
int xha_nl_tunable_set(struct xha_nl *nl, const char *name, __u32 value);

int xha_nl_subscribe(struct xha_nl *nl);
int xha_nl_event_fd(const struct xha_nl *nl);
int xha_nl_event_read(struct xha_nl *nl, xha_nl_event_fn fn, void *arg);

#endif /* XHA_NL_H */
