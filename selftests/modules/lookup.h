/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses of kernel functions that are not exported, for test modules.
 */
#ifndef XHA_TEST_LOOKUP_H
#define XHA_TEST_LOOKUP_H

#include <linux/kallsyms.h>
#include <linux/kprobes.h>

/* A stretch of text, [start, end). */
struct xha_text {
	unsigned long	start;
	unsigned long	end;
};

static inline bool xha_text_has(const struct xha_text *t, unsigned long addr)
{
	return addr >= t->start && addr < t->end;
}

/* A probe that is registered and removed at once tells where its symbol is. */
static inline unsigned long xha_lookup(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long addr;

	if (register_kprobe(&kp))
		return 0;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	return addr;
}

typedef int (*xha_size_fn)(unsigned long addr, unsigned long *size,
			   unsigned long *offset);

/* False where there is no such function. */
static inline bool xha_lookup_text(struct xha_text *t, const char *name,
				   xha_size_fn size_of)
{
	unsigned long size, offset;
	unsigned long addr = xha_lookup(name);

	if (!addr || !size_of(addr, &size, &offset))
		return false;
	t->start = addr - offset;
	t->end = t->start + size;
	return true;
}

#endif /* XHA_TEST_LOOKUP_H */
