/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the nodes of a group hear on its LANs, and which of them should not be
 * active for it. Pure: no packets, no time.
 *
 * From the hellos alone nobody can tell a node that sends in vain from one that
 * hears nothing: both look the same from the other side. So hosts that the
 * operator names, the witnesses, are asked as well, and a node is at fault on a
 * LAN where its witnesses are silent while those of its peer answer. Where
 * there are none, the active has to believe a standby that hears it no more.
 *
 * The kernel carries one word per group to the peer (%XFRM_HA_A_GROUP_HEARING),
 * four bits for each LAN in the order of the configuration, the first in the
 * lowest: 0 where there is no such LAN, else 1 + witness * 3 + peer, by the
 * enums below. A helper that runs never sends 0.
 */
#ifndef XHA_HEARING_H
#define XHA_HEARING_H

#include <linux/types.h>
#include <stdbool.h>

#include "conf.h"

/**
 * enum xha_hearing_witness - whether others on a LAN answer
 * @XHA_HEARING_NONE: nobody was asked, or not for long enough
 * @XHA_HEARING_ANSWERS: one at least, lately
 * @XHA_HEARING_SILENT: none for a hold time, or there is no link
 */
enum xha_hearing_witness {
	XHA_HEARING_NONE,
	XHA_HEARING_ANSWERS,
	XHA_HEARING_SILENT,
};

/**
 * enum xha_hearing_peer - whether the peer's election is heard on a LAN
 * @XHA_HEARING_UNKNOWN: not lately, and that need not mean anything
 * @XHA_HEARING_HEARD: within its hold time
 * @XHA_HEARING_LOST: by a standby: the peer's kernel is active, but no hello
 *	says so here
 */
enum xha_hearing_peer {
	XHA_HEARING_UNKNOWN,
	XHA_HEARING_HEARD,
	XHA_HEARING_LOST,
};

struct xha_hearing_lan {
	enum xha_hearing_witness witness;
	enum xha_hearing_peer peer;
};

/**
 * struct xha_hearing - what one node hears
 * @n: number of @lans; 0 where nothing is known of the node
 * @lans: in the order of the configuration
 */
struct xha_hearing {
	unsigned int n;
	struct xha_hearing_lan lans[XHA_CONF_MAX_STANDBYS];
};

/**
 * enum xha_hearing_fault - why this node should not be active
 * @XHA_HEARING_WELL: it may be
 * @XHA_HEARING_DEAF: its witnesses are silent where its peer's are not
 * @XHA_HEARING_UNHEARD: the standby hears it no more, and no witness knows
 *	better
 */
enum xha_hearing_fault {
	XHA_HEARING_WELL,
	XHA_HEARING_DEAF,
	XHA_HEARING_UNHEARD,
};

/**
 * struct xha_hearing_verdict - result of a comparison
 * @fault: what is wrong with this node
 * @lan: on which LAN, if there is a fault
 */
struct xha_hearing_verdict {
	enum xha_hearing_fault fault;
	unsigned int lan;
};

__u32 xha_hearing_pack(const struct xha_hearing *h);
void xha_hearing_unpack(struct xha_hearing *h, __u32 word);
struct xha_hearing_verdict xha_hearing_judge(const struct xha_hearing *own,
					     const struct xha_hearing *peer);
bool xha_hearing_by_all(const struct xha_hearing *peer);
const char *xha_hearing_witness_name(enum xha_hearing_witness witness);
const char *xha_hearing_peer_name(enum xha_hearing_peer peer);
const char *xha_hearing_fault_name(enum xha_hearing_fault fault);

#endif /* XHA_HEARING_H */
