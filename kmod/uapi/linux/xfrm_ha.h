/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Generic netlink interface of xfrm_ha; the specification in words and types
 * is Documentation/netlink/specs/xfrm_ha.yaml.
 *
 * Everything is per network namespace. Numbers are in host byte order, IP
 * addresses are binary (4 or 16 bytes, the length tells the family), SPIs are
 * big endian as in xfrm. Every command needs CAP_NET_ADMIN except PEER_GET and
 * GROUP_GET, which show aggregates only, and TUNABLE_GET.
 */
#ifndef _UAPI_LINUX_XFRM_HA_H
#define _UAPI_LINUX_XFRM_HA_H

#define XFRM_HA_FAMILY_NAME	"xfrm_ha"
#define XFRM_HA_FAMILY_VERSION	1
#define XFRM_HA_MCGRP_EVENTS	"events"

#define XFRM_HA_MAX_ADDRS	2	/* addresses of the channel, per side */
#define XFRM_HA_MAX_VIPS	16	/* virtual addresses of a group */
#define XFRM_HA_MAX_NEIGHS	16	/* interfaces shared with the peer */
#define XFRM_HA_MAX_PREFIXES	16	/* prefixes a group protects */
#define XFRM_HA_ENCAP_V4	1	/* XFRM_HA_A_GROUP_ENCAP: for IPv4 */
#define XFRM_HA_ENCAP_V6	2	/* for IPv6 */
#define XFRM_HA_NAME_LEN	32	/* group name with its final NUL */
#define XFRM_HA_TUNABLE_LEN	32	/* name of a tunable with its final NUL */
#define XFRM_HA_KEY_MIN		16	/* SCTP-AUTH key, bytes */
#define XFRM_HA_KEY_MAX		128

/**
 * enum xfrm_ha_cmd - commands and notifications
 * @XFRM_HA_CMD_PEER_SET: configure (or replace) the channel to the peer
 * @XFRM_HA_CMD_PEER_DEL: close and forget the channel
 * @XFRM_HA_CMD_PEER_GET: state and counters of the channel
 * @XFRM_HA_CMD_GROUP_NEW: create a group in role init; -EEXIST if it exists
 * @XFRM_HA_CMD_GROUP_SET: change VIPs, intervals, strict, neighbours or prefixes
 *	to protect of a group, say what is heard on its LANs, or for what to
 *	hold the port for ESP in UDP
 * @XFRM_HA_CMD_GROUP_DEL: forget a group; its live SAs stay as they are. With
 *	FORCE policies that block what it protects stay in the SPD; without it,
 *	-EBUSY where the group is not active and plaintext would pass
 * @XFRM_HA_CMD_GROUP_GET: one group (do) or all (dump)
 * @XFRM_HA_CMD_ROLE_SET: take a role; returns when it is taken. To active: all
 *	mirrored SAs are adopted or none and the gate is open on success. To
 *	standby: the gate is closed first. Setting the role a group has is no
 *	error and changes nothing.
 * @XFRM_HA_CMD_HANDOVER: begin to give the active role to the hot peer; the
 *	outcome comes as %XFRM_HA_EVENT_HANDOVER_DONE or _FAILED
 * @XFRM_HA_CMD_VIP_UP: user space says the VIPs of the group answer here;
 *	ends the receiving side of a hand-over
 * @XFRM_HA_CMD_SA_GET: dump the SAs of a group (or of all)
 * @XFRM_HA_CMD_GROUP_NTF: notification, attributes of a group and an event
 * @XFRM_HA_CMD_PEER_NTF: notification, attributes of the peer
 * @XFRM_HA_CMD_VERIFY: on a synchronised standby: compare with the active now;
 *	the outcome counts in VERIFIED or REPAIRS of the group
 * @XFRM_HA_CMD_RESYNC: on a standby: ask for all SAs and policies again
 * @XFRM_HA_CMD_FENCED: the operator says that the peer sends nothing and will
 *	know nothing when it comes back: BOUNDED ends. No error where it was not
 *	set; -EBUSY while the peer is connected
 * @XFRM_HA_CMD_TUNABLE_GET: one tunable by NAME (do) or all (dump), with its
 *	value in this namespace, unit and limits. -EINVAL without NAME, -ENOENT
 *	where there is none of that name
 * @XFRM_HA_CMD_TUNABLE_SET: give tunable NAME the VALUE, as a write to
 *	/proc/sys/net/xfrm_ha/NAME does; what is read there is what was set
 *	here. It counts from the next use on. -EINVAL without NAME or VALUE,
 *	-ENOENT where there is none of that name, -ERANGE for a VALUE beyond
 *	MINIMUM..MAXIMUM; then nothing has changed
 */
enum xfrm_ha_cmd {
	XFRM_HA_CMD_UNSPEC,
	XFRM_HA_CMD_PEER_SET,
	XFRM_HA_CMD_PEER_DEL,
	XFRM_HA_CMD_PEER_GET,
	XFRM_HA_CMD_GROUP_NEW,
	XFRM_HA_CMD_GROUP_SET,
	XFRM_HA_CMD_GROUP_DEL,
	XFRM_HA_CMD_GROUP_GET,
	XFRM_HA_CMD_ROLE_SET,
	XFRM_HA_CMD_HANDOVER,
	XFRM_HA_CMD_VIP_UP,
	XFRM_HA_CMD_SA_GET,
	XFRM_HA_CMD_GROUP_NTF,
	XFRM_HA_CMD_PEER_NTF,
	XFRM_HA_CMD_VERIFY,
	XFRM_HA_CMD_RESYNC,
	XFRM_HA_CMD_FENCED,
	XFRM_HA_CMD_TUNABLE_GET,
	XFRM_HA_CMD_TUNABLE_SET,

	__XFRM_HA_CMD_MAX,
	XFRM_HA_CMD_MAX = __XFRM_HA_CMD_MAX - 1
};

/* Role of a group on this node. */
enum xfrm_ha_role {
	XFRM_HA_ROLE_INIT,	/* no role yet: nothing mirrored, no gate */
	XFRM_HA_ROLE_STANDBY,
	XFRM_HA_ROLE_ACTIVE,
};

/* State of a group, finer than its role; shown for this node and the peer. */
enum xfrm_ha_state {
	XFRM_HA_STATE_INIT,
	XFRM_HA_STATE_NEGOTIATION,	/* standby, the peer is not connected */
	XFRM_HA_STATE_STANDBY_COLD,	/* standby, knows less than the active */
	XFRM_HA_STATE_STANDBY_BULK,	/* snapshot under way */
	XFRM_HA_STATE_STANDBY_HOT,	/* holds all the active has, applied */
	XFRM_HA_STATE_HANDOVER,		/* active, giving the role away */
	XFRM_HA_STATE_ACTIVE,
};

/* What a GROUP_NTF reports. */
enum xfrm_ha_event {
	XFRM_HA_EVENT_UNSPEC,
	XFRM_HA_EVENT_ROLE,		/* this node's role changed; see CAUSE */
	XFRM_HA_EVENT_STATE,		/* state or peer state changed */
	XFRM_HA_EVENT_TAKEN,		/* role received: VIPs up, then VIP_UP */
	XFRM_HA_EVENT_ANNOUNCE,		/* announce the VIPs now */
	XFRM_HA_EVENT_HANDOVER_DONE,	/* the peer is active: take VIPs down */
	XFRM_HA_EVENT_HANDOVER_FAILED,	/* still active here; see REASON */
	XFRM_HA_EVENT_SUPERSEDED,	/* peer took over later: give up the role */
	XFRM_HA_EVENT_HEARING,		/* PEER_HEARING changed */
};

/* Why a role changed. */
enum xfrm_ha_cause {
	XFRM_HA_CAUSE_NONE,
	XFRM_HA_CAUSE_COMMAND,		/* ROLE_SET */
	XFRM_HA_CAUSE_HANDOVER,
};

/* State of the channel. */
enum xfrm_ha_peer_state {
	XFRM_HA_PEER_STATE_NONE,	/* not configured */
	XFRM_HA_PEER_STATE_CONNECTING,
	XFRM_HA_PEER_STATE_HELLO,	/* associated, hello not yet accepted */
	XFRM_HA_PEER_STATE_UP,
};

/* What protects the channel's content beside SCTP-AUTH. */
enum xfrm_ha_security {
	XFRM_HA_SECURITY_UNSPEC,
	XFRM_HA_SECURITY_NONE,		/* SA keys cross in clear, as told */
	XFRM_HA_SECURITY_MANUAL,	/* by the operator's ESP SAs or a device;
					 * what is not encrypted is dropped
					 */
};

enum xfrm_ha_dir {
	XFRM_HA_DIR_UNSPEC,
	XFRM_HA_DIR_IN,
	XFRM_HA_DIR_OUT,
};

/* State of one SA of a group. */
enum xfrm_ha_sa_state {
	XFRM_HA_SA_STATE_ACTIVE,	/* live in the kernel's SAD, mirrored */
	XFRM_HA_SA_STATE_STANDBY,	/* staged */
	XFRM_HA_SA_STATE_REFUSED,	/* cannot be mirrored; see REASON */
};

/* List items inside the nests below. */
enum {
	XFRM_HA_A_ITEM_UNSPEC,
	XFRM_HA_A_ITEM_ADDR,		/* binary, 4 or 16 */
	XFRM_HA_A_ITEM_NEIGH,		/* nest of XFRM_HA_A_NEIGH_* */
	XFRM_HA_A_ITEM_PREFIX,		/* nest of XFRM_HA_A_PREFIX_* */
	__XFRM_HA_A_ITEM_MAX,
	XFRM_HA_A_ITEM_MAX = __XFRM_HA_A_ITEM_MAX - 1
};

/* The peer's real address on an interface the nodes share. */
enum {
	XFRM_HA_A_NEIGH_UNSPEC,
	XFRM_HA_A_NEIGH_IFINDEX,	/* u32 */
	XFRM_HA_A_NEIGH_ADDR,		/* binary, 4 or 16 */
	__XFRM_HA_A_NEIGH_MAX,
	XFRM_HA_A_NEIGH_MAX = __XFRM_HA_A_NEIGH_MAX - 1
};

/* A network behind the peers. */
enum {
	XFRM_HA_A_PREFIX_UNSPEC,
	XFRM_HA_A_PREFIX_ADDR,		/* binary, 4 or 16, no bits beyond LEN */
	XFRM_HA_A_PREFIX_LEN,		/* u32 bits, 0..128, for IPv4 at most 32 */
	__XFRM_HA_A_PREFIX_MAX,
	XFRM_HA_A_PREFIX_MAX = __XFRM_HA_A_PREFIX_MAX - 1
};

/* Attributes of PEER_SET (in), PEER_GET and PEER_NTF (out). */
enum {
	XFRM_HA_A_PEER_UNSPEC,
	XFRM_HA_A_PEER_PAD,
	XFRM_HA_A_PEER_LOCAL,		/* nest of ITEM_ADDR, 1..2, no VIP */
	XFRM_HA_A_PEER_REMOTE,		/* nest of ITEM_ADDR, 1..2 */
	XFRM_HA_A_PEER_LOCAL_PORT,	/* u16, 1..65535 */
	XFRM_HA_A_PEER_REMOTE_PORT,	/* u16, 1..65535 */
	XFRM_HA_A_PEER_RTO_MIN,		/* u32 ms, 300..60000, default 300 */
	XFRM_HA_A_PEER_RTO_MAX,		/* u32 ms, 300..60000, default 600 */
	XFRM_HA_A_PEER_PATH_RTX,	/* u32, 2..10, default 4 */
	XFRM_HA_A_PEER_ASSOC_RTX,	/* u32, 2..10, default 4 */
	XFRM_HA_A_PEER_SECURITY,	/* u32, enum xfrm_ha_security, required */
	XFRM_HA_A_PEER_KEY,		/* binary 16..128, required, never dumped */
	/* out only from here */
	XFRM_HA_A_PEER_STATE,		/* u32, enum xfrm_ha_peer_state */
	XFRM_HA_A_PEER_STATE_MS,	/* u64, ms since that state began */
	XFRM_HA_A_PEER_VERSION,		/* u32, wire version in use, 0 if none */
	XFRM_HA_A_PEER_BOOT_ID,		/* u64, another after a load or a group forgotten */
	XFRM_HA_A_PEER_REASON,		/* string, why it is down or refused */
	XFRM_HA_A_PEER_TX_FRAMES,	/* u64 */
	XFRM_HA_A_PEER_TX_BYTES,	/* u64 */
	XFRM_HA_A_PEER_RX_FRAMES,	/* u64 */
	XFRM_HA_A_PEER_RX_BYTES,	/* u64 */
	XFRM_HA_A_PEER_RX_BAD,		/* u64, frames refused: malformed */
	XFRM_HA_A_PEER_RX_STATE,	/* u64, frames refused: out of state */
	XFRM_HA_A_PEER_RX_STALE,	/* u64, frames ignored: older epoch */
	XFRM_HA_A_PEER_STRANGERS,	/* u64, packets or dials not from the peer */
	XFRM_HA_A_PEER_CONNECTS,	/* u64, associations that reached UP */
	XFRM_HA_A_PEER_LAG_FRAMES,	/* u64, sent and not yet acked as applied */
	XFRM_HA_A_PEER_LAG_MS,		/* u64, age of the oldest of these */
	XFRM_HA_A_PEER_HEARD_MS,	/* u64, ms since the peer was last heard */
	XFRM_HA_A_PEER_UNPROTECTED,	/* u64, packets dropped: not encrypted */
	XFRM_HA_A_PEER_SECURITY_DEV,	/* string, in and out: the channel must take
					 * this wireguard, macsec or xfrm device;
					 * only with SECURITY_MANUAL. Without it:
					 * transport-mode ESP between the addresses
					 */
	XFRM_HA_A_PEER_LAG_BYTES,	/* u64, of the frames of LAG_FRAMES */
	__XFRM_HA_A_PEER_MAX,
	XFRM_HA_A_PEER_MAX = __XFRM_HA_A_PEER_MAX - 1
};

/* Attributes of GROUP_* and ROLE_SET, HANDOVER, VIP_UP. */
enum {
	XFRM_HA_A_GROUP_UNSPEC,
	XFRM_HA_A_GROUP_PAD,
	XFRM_HA_A_GROUP_ID,		/* u32, 1..255; every command */
	XFRM_HA_A_GROUP_NAME,		/* string */
	XFRM_HA_A_GROUP_VIPS,		/* nest of ITEM_ADDR */
	XFRM_HA_A_GROUP_NEIGHS,		/* nest of ITEM_NEIGH; replaces all */
	XFRM_HA_A_GROUP_INTERVAL_IN,	/* u32 packets, 1..1000, default net.xfrm_ha */
	XFRM_HA_A_GROUP_INTERVAL_OUT,	/* u32 packets, 1000..100000, default net.xfrm_ha */
	XFRM_HA_A_GROUP_ROLE,		/* u32, enum xfrm_ha_role */
	/* out only from here */
	XFRM_HA_A_GROUP_STATE,		/* u32, enum xfrm_ha_state */
	XFRM_HA_A_GROUP_STATE_MS,	/* u64, ms since that state began */
	XFRM_HA_A_GROUP_PEER_STATE,	/* u32, enum xfrm_ha_state */
	XFRM_HA_A_GROUP_REASON,		/* string: why not hot, why it failed */
	XFRM_HA_A_GROUP_EPOCH,		/* u32 */
	XFRM_HA_A_GROUP_EPOCH_NODE,	/* u32, 0 or 1: who raised it last */
	XFRM_HA_A_GROUP_SAS,		/* u32, SAs known (live or staged) */
	XFRM_HA_A_GROUP_SAS_REFUSED,	/* u32 */
	XFRM_HA_A_GROUP_POLICIES,	/* u32 */
	XFRM_HA_A_GROUP_EXPOSURE_OUT,	/* u64, most numbers an SA would skip */
	XFRM_HA_A_GROUP_EXPOSURE_IN,	/* u64, most packets replayable, per SA */
	XFRM_HA_A_GROUP_BEYOND,		/* u64, packets sent past an acked ceiling */
	XFRM_HA_A_GROUP_TAKEOVERS,	/* u64 */
	XFRM_HA_A_GROUP_GATE_DROPPED,	/* u64, packets the closed gate dropped */
	XFRM_HA_A_GROUP_GATE_HELD,	/* u64, packets held in hand-overs */
	XFRM_HA_A_GROUP_GATE_FORWARDED,	/* u64, packets sent on to the peer */
	XFRM_HA_A_GROUP_GATE_OVERFLOW,	/* u64, packets the full hold queue lost */
	XFRM_HA_A_GROUP_TIMELINE,	/* nest of XFRM_HA_A_TL_*, last change */
	XFRM_HA_A_GROUP_EVENT,		/* u32, enum xfrm_ha_event; GROUP_NTF only */
	XFRM_HA_A_GROUP_CAUSE,		/* u32, enum xfrm_ha_cause */
	XFRM_HA_A_GROUP_VERIFIED,	/* u64, comparisons without a difference */
	XFRM_HA_A_GROUP_VERIFY_MS,	/* u64, ms since the last; standby only */
	XFRM_HA_A_GROUP_REPAIRS,	/* u64, comparisons with one, repaired */
	XFRM_HA_A_GROUP_STRICT,		/* u32, 0..1, default net.xfrm_ha; in, too */
	XFRM_HA_A_GROUP_BOUNDED,	/* u32, 1: strict, and a peer is or was hot */
	XFRM_HA_A_GROUP_STRICT_DROPPED,	/* u64, packets dropped at acked ceilings */
	XFRM_HA_A_GROUP_STOPPED,	/* u32, SAs that have reached theirs */
	XFRM_HA_A_GROUP_MERGED,		/* u64, SAs and policies only the peer had */
	XFRM_HA_A_GROUP_PROTECT,	/* nest of ITEM_PREFIX; in too, replaces all */
	XFRM_HA_A_GROUP_FORCE,		/* flag, in GROUP_DEL only */
	XFRM_HA_A_GROUP_HEARING,	/* u32, in too: what this node hears on the
					 * group's LANs, in terms of user space;
					 * the kernel only carries it. 0 again 5 s
					 * after it was set last
					 */
	XFRM_HA_A_GROUP_PEER_HEARING,	/* u32, the peer's; 0 while not connected */
	XFRM_HA_A_GROUP_ENCAP,		/* u32, for what to hold UDP port 4500; in too,
					 * in a GROUP_SET without addresses: a mask of
					 * XFRM_HA_ENCAP_V4 and XFRM_HA_ENCAP_V6
					 */
	XFRM_HA_A_GROUP_SUPERSEDED,	/* u32, 1: active, and so was the peer when it
					 * was heard last, by a later takeover
					 */
	__XFRM_HA_A_GROUP_MAX,
	XFRM_HA_A_GROUP_MAX = __XFRM_HA_A_GROUP_MAX - 1
};

/* Steps of the last change of role: u64 ns of CLOCK_MONOTONIC, 0 if not done. */
enum {
	XFRM_HA_A_TL_UNSPEC,
	XFRM_HA_A_TL_PAD,
	XFRM_HA_A_TL_BEGIN,		/* u64, command or commit received */
	XFRM_HA_A_TL_ADDED,		/* u64, SAs in the SAD, not VALID */
	XFRM_HA_A_TL_VALID,		/* u64, SAs VALID (or gone, on demotion) */
	XFRM_HA_A_TL_POLICIES,		/* u64, policies in (or out) */
	XFRM_HA_A_TL_GATE,		/* u64, gate opened (or closed) */
	XFRM_HA_A_TL_END,		/* u64 */
	__XFRM_HA_A_TL_MAX,
	XFRM_HA_A_TL_MAX = __XFRM_HA_A_TL_MAX - 1
};

/* Attributes of SA_GET. */
enum {
	XFRM_HA_A_SA_UNSPEC,
	XFRM_HA_A_SA_PAD,
	XFRM_HA_A_SA_GROUP,		/* u32; in a request: only that group */
	XFRM_HA_A_SA_STATE,		/* u32, enum xfrm_ha_sa_state */
	XFRM_HA_A_SA_REASON,		/* string, with state REFUSED */
	XFRM_HA_A_SA_DIR,		/* u32, enum xfrm_ha_dir */
	XFRM_HA_A_SA_SRC,		/* binary */
	XFRM_HA_A_SA_DST,		/* binary */
	XFRM_HA_A_SA_SPI,		/* be32 */
	XFRM_HA_A_SA_PROTO,		/* u32, IPPROTO_* */
	XFRM_HA_A_SA_MODE,		/* u32, XFRM_MODE_* */
	XFRM_HA_A_SA_REQID,		/* u32 */
	XFRM_HA_A_SA_ALGS,		/* string, names only */
	XFRM_HA_A_SA_ESN,		/* flag */
	XFRM_HA_A_SA_WINDOW,		/* u32, replay window in packets */
	XFRM_HA_A_SA_ENCAP_SPORT,	/* u16, NAT-T only */
	XFRM_HA_A_SA_ENCAP_DPORT,	/* u16, NAT-T only */
	XFRM_HA_A_SA_INCARNATION,	/* u64 */
	XFRM_HA_A_SA_SEQ,		/* u64, last used or seen, or mirrored */
	XFRM_HA_A_SA_CEILING,		/* u64, out: published ceiling */
	XFRM_HA_A_SA_ACKED,		/* u64, out: acked ceiling; in: acked position */
	XFRM_HA_A_SA_EXPOSURE,		/* u64, skipped (out), replayable (in) */
	XFRM_HA_A_SA_BYTES,		/* u64 */
	XFRM_HA_A_SA_PACKETS,		/* u64 */
	XFRM_HA_A_SA_AGE,		/* u64, seconds since it was added */
	XFRM_HA_A_SA_TAG,		/* u32, IV tag in use or reserved; if any */
	__XFRM_HA_A_SA_MAX,
	XFRM_HA_A_SA_MAX = __XFRM_HA_A_SA_MAX - 1
};

/*
 * Attributes of TUNABLE_GET and TUNABLE_SET. What each tunable does stands in
 * Documentation/configuration.md.
 */
enum {
	XFRM_HA_A_TUNABLE_UNSPEC,
	XFRM_HA_A_TUNABLE_PAD,
	XFRM_HA_A_TUNABLE_NAME,		/* string, without "net.xfrm_ha." */
	XFRM_HA_A_TUNABLE_VALUE,	/* u32, in UNIT */
	/* out only from here */
	XFRM_HA_A_TUNABLE_DEFAULT,	/* u32, in UNIT */
	XFRM_HA_A_TUNABLE_MINIMUM,	/* u32, in UNIT, the least VALUE */
	XFRM_HA_A_TUNABLE_MAXIMUM,	/* u32, in UNIT, the greatest VALUE */
	XFRM_HA_A_TUNABLE_UNIT,		/* string: "ms", "packets", "looks",
					 * "notes", or "" for a switch: 0 or 1
					 */
	__XFRM_HA_A_TUNABLE_MAX,
	XFRM_HA_A_TUNABLE_MAX = __XFRM_HA_A_TUNABLE_MAX - 1
};

#endif /* _UAPI_LINUX_XFRM_HA_H */
