// SPDX-License-Identifier: GPL-2.0-only
/* Configuration: no text crashes the reader; what it accepts is in range. */
/* link: tools/xhad/conf.c tools/xhad/conf_check.c tools/xhad/conf_hsrp.c */
/* link: tools/xhad/conf_addr.c */
/* link: tools/xhad/conf_external.c tools/xhad/conf_protect.c */
/* link: tools/xhad/conf_track.c tools/xhad/conf_vrrp.c */
/* link: tools/xhad/vrrp_fsm.c tools/lib/xha_addr.c */
/* libs: libconfuse */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct count {
	unsigned int errors;
};

static void on_report(bool fatal, const char *text, void *arg)
{
	struct count *count = arg;

	if (strncmp(text, "f:", 2) || strchr(text, '\n'))
		abort();
	count->errors += fatal;
}

static void check_group(const struct xha_conf_group *g)
{
	const struct xha_conf_standby *sb;
	unsigned int s;

	if (!g->id || g->id > 255 || !*g->name || !g->n_standbys)
		abort();
	for (s = 0; s < g->n_standbys; s++) {
		sb = &g->standbys[s];
		if (!sb->n_vips || sb->n_vips > XFRM_HA_MAX_VIPS ||
		    sb->hold_ms <= sb->hello_ms || !*sb->interface)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct xha_conf conf;
	struct count count = { 0 };
	unsigned int i;
	char *text;
	int err;

	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	err = xha_conf_parse(text, "f", &conf, on_report, &count);
	free(text);
	if (err) {
		if (!count.errors || conf.n_groups)
			abort();
		return 0;
	}
	if (count.errors || !conf.n_groups || !conf.channel.key_len)
		abort();
	for (i = 0; i < conf.n_groups; i++)
		check_group(&conf.groups[i]);
	xha_conf_wipe(&conf);
	return 0;
}
