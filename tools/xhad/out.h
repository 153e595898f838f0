/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a client of the control socket gets: answers, which come whole however
 * long they are, and a stream of lines, of which a client that does not read
 * loses some, and is told how many. Neither is ever waited for.
 */
#ifndef XHA_OUT_H
#define XHA_OUT_H

#include <linux/types.h>
#include <systemd/sd-event.h>

#include "lines.h"

#define XHA_OUT_ANSWER_MAX	4194304
#define XHA_OUT_STREAM_SIZE	65536

/**
 * struct xha_out - the way to a client
 * @fd: its socket
 * @io: event source of @fd, which is told to wait for room
 * @lines: what could not be written yet
 * @stream: lines may be lost
 * @lost: lines lost since the client was last told
 */
struct xha_out {
	int fd;
	sd_event_source *io;
	struct xha_lines lines;
	bool stream;
	__u64 lost;
};

int xha_out_answer(struct xha_out *out, const char *text);
int xha_out_stream(struct xha_out *out);
void xha_out_line(struct xha_out *out, const char *text, size_t len);
int xha_out_flush(struct xha_out *out);
void xha_out_close(struct xha_out *out);

#endif /* XHA_OUT_H */
