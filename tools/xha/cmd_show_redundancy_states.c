// SPDX-License-Identifier: GPL-2.0-only
/* xha show redundancy states: the channel and the role of each group. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "states.h"
#include "xha.h"

static int collect(struct xha_nl *nl, struct xha_states *s)
{
	int err;

	err = xha_nl_peer_get(nl, &s->peer);
	if (err == -ENOENT) {
		memset(&s->peer, 0, sizeof(s->peer));
		s->peer.state = XFRM_HA_PEER_STATE_NONE;
	} else if (err) {
		return xha_kernel_fail(nl, err, "read the state of the channel");
	}
	return xha_kernel_groups(nl, &s->groups, &s->n);
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	struct xha_states s = { 0 };
	struct xha_nl *nl;
	int status;

	if (argc) {
		xha_main_error("unexpected argument \"%s\"", argv[0]);
		return XHA_USAGE;
	}
	status = xha_kernel_open(&nl);
	if (status != XHA_OK)
		return status;
	status = collect(nl, &s);
	if (status == XHA_OK && opts->json)
		xha_states_json(&s);
	else if (status == XHA_OK)
		xha_states_text(&s);
	free(s.groups);
	xha_nl_close(nl);
	return status;
}

static struct xha_cmd cmd_show_redundancy_states = {
	.words = { "show", "redundancy", "states" },
	.args = "",
	.help = "role and peer of each group, and the channel",
	.run = run,
};

XHA_COMMAND(cmd_show_redundancy_states);
