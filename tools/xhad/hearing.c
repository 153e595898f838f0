// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "hearing.h"

#define BITS	4
#define MASK	((1U << BITS) - 1)
#define PEERS	3	/* values of enum xha_hearing_peer */
#define VALUES	9	/* with those of enum xha_hearing_witness */

_Static_assert(XHA_CONF_MAX_STANDBYS * BITS <= 32, "all LANs in one word");

/**
 * xha_hearing_pack - make the word for the peer
 * @h: what is heard
 *
 * Return: the word; 0 only without LANs.
 */
__u32 xha_hearing_pack(const struct xha_hearing *h)
{
	__u32 word = 0;
	unsigned int i;

	for (i = 0; i < h->n; i++)
		word |= (1 + h->lans[i].witness * PEERS + h->lans[i].peer)
			<< i * BITS;
	return word;
}

/**
 * xha_hearing_unpack - read the peer's word
 * @h: result
 * @word: as it came; values that mean nothing say that nothing is known
 */
void xha_hearing_unpack(struct xha_hearing *h, __u32 word)
{
	unsigned int i, v;

	memset(h, 0, sizeof(*h));
	for (i = 0; i < XHA_CONF_MAX_STANDBYS && word >> i * BITS; i++) {
		v = word >> i * BITS & MASK;
		h->n = i + 1;
		if (!v || v > VALUES)
			continue;
		h->lans[i].witness = (v - 1) / PEERS;
		h->lans[i].peer = (v - 1) % PEERS;
	}
}

/* The first LAN where @a's witnesses are silent but @b's answer, or -1. */
static int deaf_on(const struct xha_hearing *a, const struct xha_hearing *b)
{
	unsigned int i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (a->lans[i].witness == XHA_HEARING_SILENT &&
		    b->lans[i].witness == XHA_HEARING_ANSWERS)
			return i;
	return -1;
}

/* The first LAN where the peer has lost this node, and no witness says why. */
static int unheard_on(const struct xha_hearing *own,
		      const struct xha_hearing *peer)
{
	unsigned int i;

	for (i = 0; i < own->n && i < peer->n; i++)
		if (peer->lans[i].peer == XHA_HEARING_LOST &&
		    own->lans[i].witness != XHA_HEARING_ANSWERS &&
		    peer->lans[i].witness != XHA_HEARING_SILENT)
			return i;
	return -1;
}

/**
 * xha_hearing_judge - whether this node should leave the role to its peer
 * @own: what it hears
 * @peer: what the peer says it hears
 *
 * Where each has a fault of its own nobody would gain by a move.
 *
 * Return: the verdict.
 */
struct xha_hearing_verdict xha_hearing_judge(const struct xha_hearing *own,
					     const struct xha_hearing *peer)
{
	struct xha_hearing_verdict v = { XHA_HEARING_WELL, 0 };
	int deaf, unheard;

	if (deaf_on(peer, own) >= 0)
		return v;
	deaf = deaf_on(own, peer);
	unheard = unheard_on(own, peer);
	if (deaf >= 0)
		v = (struct xha_hearing_verdict){ XHA_HEARING_DEAF, deaf };
	else if (unheard >= 0)
		v = (struct xha_hearing_verdict){ XHA_HEARING_UNHEARD, unheard };
	return v;
}

/**
 * xha_hearing_by_all - whether the peer hears this node on all LANs
 * @peer: what the peer says
 *
 * Return: true also where nothing is known of the peer.
 */
bool xha_hearing_by_all(const struct xha_hearing *peer)
{
	unsigned int i;

	for (i = 0; i < peer->n; i++)
		if (peer->lans[i].peer != XHA_HEARING_HEARD)
			return false;
	return true;
}

/**
 * xha_hearing_witness_name - in a word, whether witnesses answer
 * @witness: that
 *
 * Return: a static string.
 */
const char *xha_hearing_witness_name(enum xha_hearing_witness witness)
{
	switch (witness) {
	case XHA_HEARING_ANSWERS:
		return "answers";
	case XHA_HEARING_SILENT:
		return "silent";
	case XHA_HEARING_NONE:
		break;
	}
	return "none";
}

/**
 * xha_hearing_peer_name - in a word, whether the peer is heard
 * @peer: that
 *
 * Return: a static string.
 */
const char *xha_hearing_peer_name(enum xha_hearing_peer peer)
{
	switch (peer) {
	case XHA_HEARING_HEARD:
		return "heard";
	case XHA_HEARING_LOST:
		return "lost";
	case XHA_HEARING_UNKNOWN:
		break;
	}
	return "unknown";
}

/**
 * xha_hearing_fault_name - in a word, why a node should not be active
 * @fault: that
 *
 * Return: a static string.
 */
const char *xha_hearing_fault_name(enum xha_hearing_fault fault)
{
	switch (fault) {
	case XHA_HEARING_DEAF:
		return "deaf";
	case XHA_HEARING_UNHEARD:
		return "unheard";
	case XHA_HEARING_WELL:
		break;
	}
	return "none";
}
