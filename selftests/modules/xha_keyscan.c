// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks for keys in the memory of the slab allocator. For kernels with generic
 * KASAN, whose shadow tells what is allocated, and for tests only.
 *
 * /sys/kernel/debug/xha_keyscan/
 *   control  write: "key HEX"  look for the first 16 octets of this too
 *                   "scan"     look now
 *                   "forget"   the keys
 *   found    read: "KEY ADDRESS STATE PLACE" for each hit of the last scan: KEY
 *            counts from 0 in the order of "key", STATE is "live" or "freed",
 *            PLACE "sa" where the name of an algorithm is in front of it as in
 *            struct xfrm_algo and its like, else "other"
 *            a last line: "pages N", or "too many" where hits were left out
 *
 * What is looked for is kept inverted, so as not to be found here. Pages that
 * come and go during a scan are read all the same: they stay mapped.
 */
#include <linux/crypto.h>
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <net/xfrm.h>

#define KEY_LEN		16
#define MAX_KEYS	32
#define MAX_HITS	8192
#define MAX_PFN		(1UL << (36 - PAGE_SHIFT))	/* 64 GiB */

/* Where there is no memory, there is none for so many pages. */
#ifdef CONFIG_SPARSEMEM
#define SECTION		PAGES_PER_SECTION
#else
#define SECTION		1
#endif

struct hit {
	unsigned long	addr;
	u8		key;
	bool		live;
	bool		in_sa;
};

static DEFINE_MUTEX(lock);	/* protects what follows */
static u8 inverted[MAX_KEYS][KEY_LEN];
static unsigned int n_keys;
static DECLARE_BITMAP(begins, 65536);	/* by two octets, inverted */
static struct hit hits[MAX_HITS];
static unsigned int n_hits;
static unsigned long n_pages;
static bool too_many;
static struct dentry *dir;

static u16 begin_of(const u8 *p)
{
	return p[0] << 8 | p[1];
}

/* Not memcmp(): these octets may be poisoned. */
static bool is_key(const u8 *p, const u8 *inv)
{
	unsigned int i;

	for (i = 0; i < KEY_LEN; i++)
		if ((p[i] ^ 0xff) != inv[i])
			return false;
	return true;
}

static bool is_alg_name(const u8 *p)
{
	unsigned int i;

	for (i = 0; i < CRYPTO_MAX_ALG_NAME && p[i]; i++)
		if (!isgraph(p[i]))
			return false;
	return i > 3 && i < CRYPTO_MAX_ALG_NAME && p[i - 1] == ')';
}

static bool follows_name(const u8 *start, const u8 *p)
{
	static const u8 before[] = {
		offsetof(struct xfrm_algo, alg_key),
		offsetof(struct xfrm_algo_auth, alg_key),
		offsetof(struct xfrm_algo_aead, alg_key),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(before); i++)
		if (p - start >= before[i] && is_alg_name(p - before[i]))
			return true;
	return false;
}

static void found(unsigned int key, const u8 *start, const u8 *p)
{
	struct hit *h = &hits[n_hits];

	if (n_hits == MAX_HITS) {
		too_many = true;
		return;
	}
	n_hits++;
	h->addr = (unsigned long)p;
	h->key = key;
	h->live = *(s8 *)kasan_mem_to_shadow(p) >= 0;
	h->in_sa = follows_name(start, p);
}

static void scan_area(const u8 *start, size_t len)
{
	const u8 *p, *end = start + len - KEY_LEN;
	unsigned int i;

	for (p = start; p <= end; p++) {
		if (!test_bit(begin_of(p) ^ 0xffff, begins))
			continue;
		for (i = 0; i < n_keys; i++)
			if (is_key(p, inverted[i]))
				found(i, start, p);
	}
}

static void scan(void)
{
	unsigned long pfn = 0;
	struct page *page;
	unsigned int step;

	n_hits = 0;
	n_pages = 0;
	too_many = false;
	while (pfn < MAX_PFN) {
		step = 1;
		if (!pfn_valid(pfn)) {
			pfn = ALIGN(pfn + 1, SECTION);
			continue;
		}
		page = pfn_to_page(pfn);
		/* A slab's first page says so. */
		if (PageSlab(page)) {
			step = compound_nr(page);
			scan_area(page_address(page), step * PAGE_SIZE);
			n_pages += step;
		}
		pfn += step;
		cond_resched();
	}
}

static int add_key(const char *hex)
{
	u8 *inv = inverted[n_keys];
	unsigned int i;

	if (n_keys == MAX_KEYS)
		return -ENOSPC;
	if (strlen(hex) < 2 * KEY_LEN || hex2bin(inv, hex, KEY_LEN))
		return -EINVAL;
	for (i = 0; i < KEY_LEN; i++)
		inv[i] ^= 0xff;
	set_bit(begin_of(inv), begins);
	n_keys++;
	return 0;
}

static int command(const char *text)
{
	if (!strncmp(text, "key ", 4))
		return add_key(text + 4);
	if (!strcmp(text, "scan")) {
		scan();
	} else if (!strcmp(text, "forget")) {
		n_keys = 0;
		bitmap_zero(begins, 65536);
	} else {
		return -EINVAL;
	}
	return 0;
}

static ssize_t control_write(struct file *file, const char __user *from,
			     size_t len, loff_t *pos)
{
	char text[256];
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	text[len] = 0;
	mutex_lock(&lock);
	err = command(strim(text));
	mutex_unlock(&lock);
	return err ?: len;
}

static const struct file_operations control_fops = {
	.owner		= THIS_MODULE,
	.open		= simple_open,
	.write		= control_write,
};

static int found_show(struct seq_file *m, void *v)
{
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < n_hits; i++)
		seq_printf(m, "%u %lx %s %s\n", hits[i].key, hits[i].addr,
			   hits[i].live ? "live" : "freed",
			   hits[i].in_sa ? "sa" : "other");
	if (too_many)
		seq_puts(m, "too many\n");
	else
		seq_printf(m, "pages %lu\n", n_pages);
	mutex_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(found);

static int __init keyscan_init(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("control", 0200, dir, NULL, &control_fops);
	debugfs_create_file("found", 0400, dir, NULL, &found_fops);
	return 0;
}

static void __exit keyscan_exit(void)
{
	debugfs_remove(dir);
}

module_init(keyscan_init);
module_exit(keyscan_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Looks for keys in slab memory (for tests)");
