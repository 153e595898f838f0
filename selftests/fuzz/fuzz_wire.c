// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/wire*.c kmod/seq.c */
/*
 * Anything as a frame. Byte 0: stream in bits 0-1, link state in bits 2-3,
 * and in bit 7 whether to write the true length into the header, without
 * which mutations that change the length would never get past it. The rest
 * is the frame. What is accepted must survive being written and read again,
 * and what is refused must leave nothing behind.
 *
 * The first corpus comes from the unit test: XHA_CORPUS=DIR test_wire
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/wire_body.h"

static void die(const char *what, u8 type, int err)
{
	fprintf(stderr, "%s, type %u: %d\n", what, type, err);
	abort();
}

static void check_refused(const union body *b, const char *bad, u8 type)
{
	static const union body zero;

	if (!bad)
		die("refused without a name", type, 0);
	if (memcmp(b, &zero, sizeof(zero)))
		die("refused and not wiped", type, 0);
}

static void check_again(const struct xha_wire_frame *f, const union body *b,
			u16 stream, u8 link)
{
	static u8 buf[XHA_WIRE_FRAME_MAX];
	static union body again;
	struct xha_wire_frame g;
	const char *bad = NULL;
	int len = put_body(buf, f, b);
	int err;

	if (len < 0)
		die("accepted but cannot be written", f->type, len);
	err = xha_wire_open(&g, buf, len, stream, link);
	if (err)
		die("written but cannot be opened", f->type, err);
	memset(&again, 0, sizeof(again));
	err = get_body(&again, &g, &bad);
	if (err)
		die(bad ? bad : "?", g.type, err);
	if (memcmp(b, &again, sizeof(again)))
		die("differs the second time", g.type, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static union body body;
	struct xha_wire_frame f;
	const char *bad = NULL;
	u16 stream;
	u8 link;
	u8 *copy;

	if (size < 3)
		return 0;
	stream = data[0] & 3;
	link = data[0] >> 2 & 3;
	copy = malloc(size - 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 0x80) {
		copy[0] = (size - 1) >> 8;
		copy[1] = (u8)(size - 1);
	}
	if (!xha_wire_open(&f, copy, size - 1, stream, link)) {
		if (!codec_of(f.type))
			die("type without a codec here", f.type, 0);
		memset(&body, 0, sizeof(body));
		if (get_body(&body, &f, &bad))
			check_refused(&body, bad, f.type);
		else
			check_again(&f, &body, stream, link);
	}
	free(copy);
	return 0;
}
