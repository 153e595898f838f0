// SPDX-License-Identifier: GPL-2.0-only
/* xhad: the helper of the module xfrm_ha. Options, and the loop. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "log.h"
#include "xhad.h"

#define CONF_PATH	"/etc/xfrm-ha/xhad.conf"
#define VERSION		"0.1"

enum { OPT_CHECK = 256, OPT_SOCKET, OPT_VERSION };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "debug", no_argument, NULL, 'd' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static const char usage[] =
	"usage: xhad [-d] [-c FILE] [--socket PATH]\n"
	"       xhad --check [-c FILE]\n"
	"  -c, --config FILE  configuration, default " CONF_PATH "\n"
	"      --check        only check it: exit 0 or 1, a line for each error\n"
	"      --socket PATH  control socket, default " XHA_CTL_PATH "\n"
	"  -d, --debug        log more\n"
	"      --version\n"
	"  -h, --help\n";

static void report(bool fatal, const char *text, void *arg)
{
	fprintf(stderr, "%s\n", text);
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	/* Ends of tracked scripts come as events. */
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int run(const char *conf_path, const char *socket_path)
{
	static struct xhad x;
	int err;

	if (xha_conf_load(conf_path, &x.conf, report, NULL))
		return 1;
	block_signals();
	err = sd_event_new(&x.event);
	if (err < 0) {
		xha_log_err("event loop: %s", strerror(-err));
		return 1;
	}
	err = xhad_start(&x, socket_path);
	if (!err)
		err = sd_event_loop(x.event);
	xhad_finish(&x);
	sd_event_unref(x.event);
	return err ? 1 : 0;
}

static int check(const char *conf_path)
{
	static struct xha_conf conf;
	int err;

	err = xha_conf_load(conf_path, &conf, report, NULL);
	xha_conf_wipe(&conf);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	const char *socket_path = XHA_CTL_PATH;
	const char *conf_path = CONF_PATH;
	bool only_check = false;
	bool debug = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:dh", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			conf_path = optarg;
			break;
		case 'd':
			debug = true;
			break;
		case OPT_CHECK:
			only_check = true;
			break;
		case OPT_SOCKET:
			socket_path = optarg;
			break;
		case OPT_VERSION:
			puts("xhad " VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (only_check)
		return check(conf_path);
	xha_log_init(debug);
	return run(conf_path, socket_path);
}
