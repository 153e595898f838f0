/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control socket: one JSON object per line asks, one answers. Requests:
 *
 *	{"cmd":"standby"}			elections of all groups; with
 *						"history":true their last
 *						changes, too
 *	{"cmd":"status"}			the helper itself
 *	{"cmd":"switchover","group":"NAME"}	root only; answers when it is
 *						over; the group may be left out
 *						if there is only one
 *	{"cmd":"role","group":"NAME","role":"active","timeout_ms":N}
 *						root only; answers when this
 *						node is active, standby or
 *						fault, as said; with "code" if
 *						not: "replaced" by a later
 *						one, "timeout", "refused"
 *
 *	{"cmd":"debug","what":WHAT}		root only; WHAT is "errors",
 *						"events" or "packets", that with
 *						"terse":true without hellos;
 *						after the answer a line for each
 *						record, until the client ends it
 *
 * Answers have "ok": true or false, and with false "error": a sentence.
 */
#ifndef XHA_CTL_H
#define XHA_CTL_H

#define XHA_CTL_PATH	"/run/xfrm-ha/xhad.sock"

struct xha_ctl;
struct xhad;

int xha_ctl_open(struct xhad *x, const char *path);
void xha_ctl_close(struct xha_ctl *ctl);
void xha_ctl_settle(struct xha_ctl *ctl);

#endif /* XHA_CTL_H */
