// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one chosen allocation fail, of those that a module makes or has made
 * for it. For x86-64, and for tests only.
 *
 * An allocation belongs to the module when a function of it is among the
 * callers, whoever allocates in the end: the kernel's own filter by stack is
 * not there on this architecture. What runs in an interrupt that came in
 * between does not belong to it. Which one of them it is, is told by its
 * "place": a hash of the calls that functions of the module made, from the
 * outermost to the innermost, and by how many allocations of that place went
 * before. Numbering all of them would number the ticks of timers as well.
 *
 * /sys/kernel/debug/xha_failnth/
 *   control  write: "range START END"  text of the module, hexadecimal
 *                   "arm PLACE K"      place in hex: its K-th one fails, once
 *                   "watch"            none fails
 *                   "off"              neither counts nor fails
 *            "arm" and "watch" start counting from 0
 *            read: "armed fired missed": 0 or 1; probes that could not run
 *   places   read: "PLACE COUNT KIND CALLER<CALLER<...", since the last "arm" or
 *            "watch"; those seen earlier have the count 0. The callers are
 *            those of the first allocation, or of the one that has failed.
 *
 * Allocations of the kernel's own checkers (kmemleak, the stack depot, object
 * and reference tracking) are left alone, and pages that back a slab: the slab
 * allocation itself fails in its turn. So is what must not fail. Of processes
 * only those are looked at that call the module: a shell allocates all the time,
 * and to walk the stack takes a while.
 */
#include <linux/debugfs.h>
#include <linux/jhash.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>

#include "lookup.h"

#define DEPTH	64	/* callers looked at, the probe's own included */
#define KEEP	40	/* callers remembered */
#define PLACES	2048

/* KIND_PERCPU: its probes come last. */
enum { KIND_SLAB, KIND_PAGE, KIND_PERCPU };

static const char * const kind_names[] = { "slab", "page", "percpu" };

struct place {
	u32		hash;
	u32		count;
	u8		kind;
	u8		depth;
	unsigned long	caller[KEEP];
};

/*
 * Protects what follows; interrupts are off. A probe's exception counts as an
 * NMI, in which lockdep allows no lock that is used elsewhere: hence this one,
 * which lockdep does not know. It cannot be held where a probe is met.
 */
static arch_spinlock_t lock = __ARCH_SPIN_LOCK_UNLOCKED;
static struct place places[PLACES];
static unsigned int n_places;
static struct xha_text range;
static bool counting;
static bool armed;
static bool fired;
static u32 armed_place;
static u32 armed_k;

static struct xha_text checkers[10];
static unsigned int n_checkers;
static struct xha_text refill;
static struct xha_text softirq;
static struct dentry *dir;

static bool is_checker(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < n_checkers; i++)
		if (xha_text_has(&checkers[i], addr))
			return true;
	return false;
}

/*
 * Callers from the allocator to the outermost function of the module: none if
 * there is no such function, or one of those that are left alone.
 */
static unsigned int callers(unsigned long *e, unsigned int n, int kind,
			    unsigned long probed)
{
	unsigned int i, first = 0, last = 0;

	/* The probe itself, its exception, the function probed. */
	while (first < n && e[first] - probed >= 16)
		first++;
	if (first == n)
		return 0;
	first++;
	n = first + filter_irq_stacks(e + first, n - first);
	for (i = first; i < n && !xha_text_has(&softirq, e[i]); i++) {
		if (is_checker(e[i]) ||
		    (kind == KIND_PAGE && xha_text_has(&refill, e[i])))
			return 0;
		if (xha_text_has(&range, e[i]))
			last = i + 1;
	}
	if (!last)
		return 0;
	memmove(e, e + first, (last - first) * sizeof(*e));
	return last - first;
}

/* The same wherever the module has been loaded. */
static u32 hash_of(const unsigned long *e, unsigned int n)
{
	u32 hash = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (xha_text_has(&range, e[i]))
			hash = jhash_1word(e[i] - range.start, hash);
	return hash;
}

static void keep_callers(struct place *p, const unsigned long *e,
			 unsigned int n, int kind)
{
	p->kind = kind;
	p->depth = min_t(unsigned int, n, KEEP);
	memcpy(p->caller, e, p->depth * sizeof(*e));
}

static struct place *find_place(const unsigned long *e, unsigned int n, int kind)
{
	u32 hash = hash_of(e, n);
	struct place *p;
	unsigned int i;

	for (i = 0; i < n_places; i++)
		if (places[i].hash == hash)
			return &places[i];
	if (n_places == PLACES)
		return NULL;
	p = &places[n_places++];
	p->hash = hash;
	keep_callers(p, e, n, kind);
	return p;
}

/* Kernel threads, and what the test drives the module with. */
static bool may_call_module(void)
{
	static const char * const names[] = { "xctl", "xha", "xhad", "ip" };

	return (current->flags & PF_KTHREAD) ||
	       match_string(names, ARRAY_SIZE(names), current->comm) >= 0;
}

static bool its_turn(int kind, unsigned long probed)
{
	unsigned long e[DEPTH];
	struct place *p;
	bool fail = false;
	unsigned int n;

	/* One level is the probe's own. */
	if (!READ_ONCE(counting) || !may_call_module() ||
	    (preempt_count() & NMI_MASK) > NMI_OFFSET)
		return false;
	n = callers(e, stack_trace_save(e, DEPTH, 0), kind, probed);
	if (!n)
		return false;
	arch_spin_lock(&lock);
	p = counting ? find_place(e, n, kind) : NULL;
	if (p) {
		p->count++;
		fail = armed && p->hash == armed_place && p->count == armed_k;
		if (fail) {
			keep_callers(p, e, n, kind);
			armed = false;
			fired = true;
		}
	}
	arch_spin_unlock(&lock);
	return fail;
}

static void take_lock(void)
{
	local_irq_disable();
	arch_spin_lock(&lock);
}

static void drop_lock(void)
{
	arch_spin_unlock(&lock);
	local_irq_enable();
}

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

static int on_probe(struct kprobe *kp, struct pt_regs *regs, int kind,
		    gfp_t gfp, unsigned long failure)
{
	unsigned long flags;
	bool fail;

	if (gfp & __GFP_NOFAIL)
		return 0;
	local_irq_save(flags);
	fail = its_turn(kind, (unsigned long)kp->addr);
	local_irq_restore(flags);
	return fail ? return_now(regs, failure) : 0;
}

/* int should_failslab(struct kmem_cache *s, gfp_t gfp) */
static int on_slab(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, KIND_SLAB, regs->si, -ENOMEM);
}

/* bool should_fail_alloc_page(gfp_t gfp, unsigned int order) */
static int on_page(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, KIND_PAGE, regs->di, true);
}

/* void *__alloc_percpu(size_t size, size_t align) */
static int on_percpu(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, KIND_PERCPU, GFP_KERNEL, 0);
}

/* void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp) */
static int on_percpu_gfp(struct kprobe *kp, struct pt_regs *regs)
{
	return on_probe(kp, regs, KIND_PERCPU, regs->dx, 0);
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

static void start_over(bool arm, u32 place, u32 k)
{
	unsigned int i;

	take_lock();
	for (i = 0; i < n_places; i++)
		places[i].count = 0;
	armed = arm;
	armed_place = place;
	armed_k = k;
	fired = false;
	counting = true;
	drop_lock();
}

static void stop(void)
{
	take_lock();
	counting = false;
	armed = false;
	drop_lock();
}

static int command(const char *text)
{
	unsigned long start, end;
	u32 place, k;

	if (sscanf(text, "range %lx %lx", &start, &end) == 2) {
		stop();
		range.start = start;
		range.end = end;
		return 0;
	}
	if (sscanf(text, "arm %x %u", &place, &k) == 2)
		start_over(true, place, k);
	else if (!strcmp(text, "watch"))
		start_over(false, 0, 0);
	else if (!strcmp(text, "off"))
		stop();
	else
		return -EINVAL;
	return 0;
}

static ssize_t control_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	char text[64];
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	text[len] = 0;
	err = command(strim(text));
	return err ?: len;
}

static int control_show(struct seq_file *m, void *v)
{
	unsigned long missed = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		missed += probes[i].nmissed;
	seq_printf(m, "%d %d %lu\n", armed, fired, missed);
	return 0;
}

static int control_open(struct inode *inode, struct file *file)
{
	return single_open(file, control_show, NULL);
}

static const struct file_operations control_fops = {
	.owner		= THIS_MODULE,
	.open		= control_open,
	.read		= seq_read,
	.write		= control_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

/* Places only ever get more; what is shown while one is armed may change. */
static int places_show(struct seq_file *m, void *v)
{
	unsigned int i, j, n = READ_ONCE(n_places);

	for (i = 0; i < n; i++) {
		seq_printf(m, "%08x %u %s ", places[i].hash, places[i].count,
			   kind_names[places[i].kind]);
		for (j = 0; j < places[i].depth; j++)
			seq_printf(m, "%s%pS", j ? "<" : "",
				   (void *)places[i].caller[j]);
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(places);

static int __init find_functions(void)
{
	static const char * const names[] = {
		"kmemleak_alloc", "kmemleak_alloc_percpu", "__create_object",
		"create_object", "__stack_depot_save", "__debug_object_init",
		"debug_object_activate", "debug_object_assert_init",
		"ref_tracker_alloc", "ref_tracker_free",
	};
	xha_size_fn size_of = (xha_size_fn)xha_lookup("kallsyms_lookup_size_offset");
	unsigned int i;

	if (!size_of || !xha_lookup_text(&refill, "___slab_alloc", size_of) ||
	    !xha_lookup_text(&softirq, "handle_softirqs", size_of))
		return -ENOENT;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (xha_lookup_text(&checkers[n_checkers], names[i], size_of))
			n_checkers++;
	return 0;
}

static int __init failnth_init(void)
{
	int err = find_functions();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes) && !err; i++) {
		err = register_kprobe(&probes[i]);
		if (err)
			pr_err("no probe at %s\n", probes[i].symbol_name);
	}
	if (err) {
		while (i-- > 1)
			unregister_kprobe(&probes[i - 1]);
		return err;
	}
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("control", 0600, dir, NULL, &control_fops);
	debugfs_create_file("places", 0400, dir, NULL, &places_fops);
	return 0;
}

static void __exit failnth_exit(void)
{
	unsigned int i;

	debugfs_remove(dir);
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		unregister_kprobe(&probes[i]);
}

module_init(failnth_init);
module_exit(failnth_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Fails one chosen allocation of a module (for tests)");
