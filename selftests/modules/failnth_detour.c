// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations fail on User Mode Linux, which has no kprobes: the functions asked
 * begin with a jump to ours. It has one CPU, without preemption, and its text is
 * memory of a process like any other.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "failnth.h"

static unsigned long kallsyms;
module_param(kallsyms, ulong, 0);
MODULE_PARM_DESC(kallsyms, "address of kallsyms_lookup_name()");

/* In one that sleeps, which must end before the module goes. */
static atomic_t inside;

static void *(*alloc)(size_t size, size_t align, bool reserved, gfp_t gfp);

static int slab_detour(struct kmem_cache *s, gfp_t gfp);
static bool page_detour(gfp_t gfp, unsigned int order);
static void *percpu_detour(size_t size, size_t align);
static void *percpu_gfp_detour(size_t size, size_t align, gfp_t gfp);

/* movabs $@to, %rax; jmp *%rax */
struct jump {
	u8	load[2];
	u64	to;
	u8	jump[2];
} __packed;

/**
 * struct detour - one function
 * @name: of the kernel's
 * @to: ours
 * @text: of ours
 * @at: of the kernel's, 0 as long as there is no jump
 * @was: what the kernel's begins with
 */
struct detour {
	const char	*name;
	void		*to;
	struct xha_text	text;
	unsigned long	at;
	struct jump	was;
};

static struct detour detours[] = {
	{ "should_failslab", slab_detour },
	{ "should_fail_alloc_page", page_detour },
	{ "__alloc_percpu", percpu_detour },
	{ "__alloc_percpu_gfp", percpu_gfp_detour },
};

/* Nobody makes these fail otherwise in a test. */
static int slab_detour(struct kmem_cache *s, gfp_t gfp)
{
	return xha_failnth_turn(XHA_FAILNTH_SLAB, gfp, &detours[0].text) ? -ENOMEM : 0;
}

static bool page_detour(gfp_t gfp, unsigned int order)
{
	bool fail = xha_failnth_turn(XHA_FAILNTH_PAGE, gfp, &detours[1].text);

	barrier();	/* no tail call: this function is looked for in the trace */
	return fail;
}

static void *percpu(size_t size, size_t align, gfp_t gfp)
{
	void *p;

	atomic_inc(&inside);
	p = alloc(size, align, false, gfp);
	atomic_dec(&inside);
	return p;
}

static void *percpu_detour(size_t size, size_t align)
{
	if (xha_failnth_turn(XHA_FAILNTH_PERCPU, GFP_KERNEL, &detours[2].text))
		return NULL;
	return percpu(size, align, GFP_KERNEL);
}

static void *percpu_gfp_detour(size_t size, size_t align, gfp_t gfp)
{
	if (xha_failnth_turn(XHA_FAILNTH_PERCPU, gfp, &detours[3].text))
		return NULL;
	return percpu(size, align, gfp);
}

static int (*protect)(void *addr, unsigned long len, int r, int w, int x);

static int write_text(unsigned long at, const struct jump *j)
{
	unsigned long page = at & PAGE_MASK;
	int err = protect((void *)page, 2 * PAGE_SIZE, 1, 1, 1);

	if (!err)
		memcpy((void *)at, j, sizeof(*j));
	return err;
}

static int detour_make(struct detour *d)
{
	const struct jump j = {
		.load = { 0x48, 0xb8 },
		.to = (unsigned long)d->to,
		.jump = { 0xff, 0xe0 },
	};
	struct xha_text from;
	int err;

	if (!xha_failnth_lookup_text(&from, d->name) ||
	    from.end - from.start < sizeof(j) ||
	    !xha_failnth_lookup_text_at(&d->text, (unsigned long)d->to)) {
		pr_err("no way into %s\n", d->name);
		return -ENOENT;
	}
	memcpy(&d->was, (void *)from.start, sizeof(d->was));
	err = write_text(from.start, &j);
	if (!err)
		d->at = from.start;
	return err;
}

int xha_failnth_hook(void)
{
	unsigned int i;
	int err = 0;

	protect = (void *)xha_failnth_lookup("os_protect_memory");
	alloc = (void *)xha_failnth_lookup("pcpu_alloc");
	if (!protect || !alloc)
		return -ENOENT;
	for (i = 0; i < ARRAY_SIZE(detours) && !err; i++)
		err = detour_make(&detours[i]);
	if (err)
		xha_failnth_unhook();
	return err;
}

void xha_failnth_unhook(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(detours); i++)
		if (detours[i].at)
			write_text(detours[i].at, &detours[i].was);
	while (atomic_read(&inside))
		msleep(20);
}

unsigned long xha_failnth_missed(void)
{
	return 0;
}

unsigned long xha_failnth_lookup(const char *name)
{
	unsigned long (*find)(const char *name) = (void *)kallsyms;

	return find ? find(name) : 0;
}
