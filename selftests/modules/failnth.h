/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What picks an allocation (failnth.c), and what makes it fail: kprobes
 * (failnth_probe.c), or jumps where a kernel has none (failnth_detour.c).
 */
#ifndef XHA_FAILNTH_H
#define XHA_FAILNTH_H

#include <linux/types.h>

/* A stretch of text, [start, end). */
struct xha_text {
	unsigned long	start;
	unsigned long	end;
};

enum xha_failnth_kind {
	XHA_FAILNTH_SLAB,
	XHA_FAILNTH_PAGE,
	XHA_FAILNTH_PERCPU,
};

/**
 * xha_failnth_turn() - is it the one that is to fail?
 * @kind: what is allocated
 * @gfp: how
 * @entry: the function whose callers are the allocation's
 *
 * Context: any; what NMIs allocate is left alone.
 */
bool xha_failnth_turn(enum xha_failnth_kind kind, gfp_t gfp,
		      const struct xha_text *entry);

int xha_failnth_hook(void);
void xha_failnth_unhook(void);

/* How often one of them could not be asked. */
unsigned long xha_failnth_missed(void);

/* The address of a function that need not be exported; 0: there is none. */
unsigned long xha_failnth_lookup(const char *name);

/* The whole of a function, of that name or around an address. False: none. */
bool xha_failnth_lookup_text(struct xha_text *t, const char *name);
bool xha_failnth_lookup_text_at(struct xha_text *t, unsigned long addr);

#endif /* XHA_FAILNTH_H */
