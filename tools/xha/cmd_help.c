// SPDX-License-Identifier: GPL-2.0-only
/* xha help */
#include <stdio.h>

#include "xha.h"

static void print_command(const struct xha_cmd *cmd)
{
	char line[128];
	size_t i, len = 0;

	for (i = 0; cmd->words[i] && len < sizeof(line); i++)
		len += snprintf(line + len, sizeof(line) - len, "%s%s",
				i ? " " : "", cmd->words[i]);
	if (*cmd->args && len < sizeof(line))
		snprintf(line + len, sizeof(line) - len, " %s", cmd->args);
	printf("  %-42s %s\n", line, cmd->help);
}

static int run(const struct xha_opts *opts, int argc, char **argv)
{
	const struct xha_cmd *cmd;

	if (argc) {
		xha_main_error("unexpected argument \"%s\"", argv[0]);
		return XHA_USAGE;
	}
	puts("usage: xha [OPTIONS] COMMAND");
	puts("Shows and steers the redundancy of IPsec on this gateway.");
	puts("\ncommands, each word as short as it is unambiguous:");
	for (cmd = xha_main_commands(); cmd; cmd = cmd->next)
		print_command(cmd);
	puts("\noptions:");
	puts("  -j, --json      print JSON");
	printf("      --socket P  control socket of xhad (%s)\n", XHA_SOCKET);
	printf("      --timeout S of role: seconds to wait, 1..%d\n",
	       XHA_TIMEOUT_MAX);
	puts("  -h, --help      this text");
	puts("      --version   version of this command");
	puts("\nexit status: 0 ok, 1 failed, 2 wrong usage,");
	puts("3 the kernel module or xhad is not there; of role also 4 replaced by a");
	puts("later one, 5 not done in time");
	return XHA_OK;
}

static struct xha_cmd cmd_help = {
	.words = { "help" },
	.args = "",
	.help = "this text",
	.run = run,
};

XHA_COMMAND(cmd_help);
