// SPDX-License-Identifier: GPL-2.0-only
/* Allocations fail by kprobes. For x86-64. */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/linkage.h>

#include "failnth.h"

void xha_just_return(void);
asm(".text\n\t"
	".type xha_just_return, @function\n"
	"xha_just_return:\n\t"
	ASM_ENDBR
	ASM_RET
	".size xha_just_return, .-xha_just_return\n");

/*
 * The function probed returns @value at once. By a "ret" of our own: a probe
 * that came by ftrace cannot change the stack pointer.
 */
static int return_now(struct pt_regs *regs, unsigned long value)
{
	regs->ax = value;
	regs->ip = (unsigned long)xha_just_return;
	return 1;
}

static int on_probe(struct kprobe *kp, struct pt_regs *regs,
		    enum xha_failnth_kind kind, gfp_t gfp, unsigned long failure)
{
	/* A stack trace has the address behind the probe's own instruction. */
	const struct xha_text entry = { (unsigned long)kp->addr,
					(unsigned long)kp->addr + 16 };

	return xha_failnth_turn(kind, gfp, &entry) ? return_now(regs, failure) : 0;
}

/* int should_failslab(struct kmem_cache *s, gfp_t gfp) */
static int on_slab(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, XHA_FAILNTH_SLAB, regs->si, -ENOMEM);
}

/* bool should_fail_alloc_page(gfp_t gfp, unsigned int order) */
static int on_page(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, XHA_FAILNTH_PAGE, regs->di, true);
}

/* void *__alloc_percpu(size_t size, size_t align) */
static int on_percpu(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, XHA_FAILNTH_PERCPU, GFP_KERNEL, 0);
}

/* void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp) */
static int on_percpu_gfp(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, XHA_FAILNTH_PERCPU, regs->dx, 0);
}

/* With one of these a probe is not turned into a jump, which cannot return. */
static void not_optimized(struct kprobe *kp, struct pt_regs *regs,
			  unsigned long flags)
{
}

#define PROBE(name, handler) {			\
		.symbol_name	= name,		\
		.pre_handler	= handler,	\
		.post_handler	= not_optimized	\
	}

static struct kprobe probes[] = {
	PROBE("should_failslab", on_slab),
	PROBE("should_fail_alloc_page", on_page),
	PROBE("__alloc_percpu", on_percpu),
	PROBE("__alloc_percpu_gfp", on_percpu_gfp),
};

int xha_failnth_hook(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = register_kprobe(&probes[i]);
		if (err)
			goto undo;
	}
	return 0;

undo:
	pr_err("no probe at %s\n", probes[i].symbol_name);
	while (i--)
		unregister_kprobe(&probes[i]);
	return err;
}

void xha_failnth_unhook(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		unregister_kprobe(&probes[i]);
}

unsigned long xha_failnth_missed(void)
{
	unsigned long missed = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		missed += probes[i].nmissed;
	return missed;
}

/* A probe that is registered and removed at once tells where its symbol is. */
unsigned long xha_failnth_lookup(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long addr;

	if (register_kprobe(&kp))
		return 0;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	return addr;
}
