// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one chosen allocation fail, of those that a module makes or has made
 * for it. For tests only.
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
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>

#include "failnth.h"

#define DEPTH	64	/* callers looked at, the probe's own included */
#define KEEP	40	/* callers remembered */
#define PLACES	2048

static const char * const kind_names[] = {
	[XHA_FAILNTH_SLAB] = "slab",
	[XHA_FAILNTH_PAGE] = "page",
	[XHA_FAILNTH_PERCPU] = "percpu",
};

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

static bool text_has(const struct xha_text *t, unsigned long addr)
{
	return addr >= t->start && addr < t->end;
}

static bool is_checker(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < n_checkers; i++)
		if (text_has(&checkers[i], addr))
			return true;
	return false;
}

/*
 * Callers from the allocator to the outermost function of the module: none if
 * there is no such function, or one of those that are left alone.
 */
static unsigned int callers(unsigned long *e, unsigned int n, int kind,
			    const struct xha_text *entry)
{
	unsigned int i, first = 0, last = 0;

	/* What asks, an exception, the function that was to allocate. */
	while (first < n && !text_has(entry, e[first]))
		first++;
	if (first == n)
		return 0;
	first++;
	n = first + filter_irq_stacks(e + first, n - first);
	for (i = first; i < n && !text_has(&softirq, e[i]); i++) {
		if (is_checker(e[i]) ||
		    (kind == XHA_FAILNTH_PAGE && text_has(&refill, e[i])))
			return 0;
		if (text_has(&range, e[i]))
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
		if (text_has(&range, e[i]))
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

static bool its_turn(int kind, const struct xha_text *entry)
{
	unsigned long e[DEPTH];
	struct place *p;
	bool fail = false;
	unsigned int n;

	/* One level is the probe's own. */
	if (!READ_ONCE(counting) || !may_call_module() ||
	    (preempt_count() & NMI_MASK) > NMI_OFFSET)
		return false;
	n = callers(e, stack_trace_save(e, DEPTH, 0), kind, entry);
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

bool xha_failnth_turn(enum xha_failnth_kind kind, gfp_t gfp,
		      const struct xha_text *entry)
{
	unsigned long flags;
	bool fail;

	if (gfp & __GFP_NOFAIL)
		return false;
	local_irq_save(flags);
	fail = its_turn(kind, entry);
	local_irq_restore(flags);
	return fail;
}

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
	seq_printf(m, "%d %d %lu\n", armed, fired, xha_failnth_missed());
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

typedef int (*size_fn)(unsigned long addr, unsigned long *size,
		       unsigned long *offset);
static size_fn size_of;

bool xha_failnth_lookup_text_at(struct xha_text *t, unsigned long addr)
{
	unsigned long size, offset;

	if (!addr || !size_of(addr, &size, &offset))
		return false;
	t->start = addr - offset;
	t->end = t->start + size;
	return true;
}

bool xha_failnth_lookup_text(struct xha_text *t, const char *name)
{
	return xha_failnth_lookup_text_at(t, xha_failnth_lookup(name));
}

static int __init find_functions(void)
{
	static const char * const names[] = {
		"kmemleak_alloc", "kmemleak_alloc_percpu", "__create_object",
		"create_object", "__stack_depot_save", "__debug_object_init",
		"debug_object_activate", "debug_object_assert_init",
		"ref_tracker_alloc", "ref_tracker_free",
	};
	unsigned int i;

	size_of = (size_fn)xha_failnth_lookup("kallsyms_lookup_size_offset");
	if (!size_of || !xha_failnth_lookup_text(&refill, "___slab_alloc") ||
	    !xha_failnth_lookup_text(&softirq, "handle_softirqs"))
		return -ENOENT;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (xha_failnth_lookup_text(&checkers[n_checkers], names[i]))
			n_checkers++;
	return 0;
}

static int __init failnth_init(void)
{
	int err = find_functions() ?: xha_failnth_hook();

	if (err)
		return err;
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("control", 0600, dir, NULL, &control_fops);
	debugfs_create_file("places", 0400, dir, NULL, &places_fops);
	return 0;
}

static void __exit failnth_exit(void)
{
	debugfs_remove(dir);
	xha_failnth_unhook();
}

module_init(failnth_init);
module_exit(failnth_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Fails one chosen allocation of a module (for tests)");
