// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaks what a leaked SA would: an object that is not empty. Whether the runner
 * of guests notices is what it is for.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int __init leak_init(void)
{
	void *lost = kmalloc(200, GFP_KERNEL);

	if (!lost)
		return -ENOMEM;
	memset(lost, 0xa5, 200);
	OPTIMIZER_HIDE_VAR(lost);	/* or nobody would need what is in it */
	return 0;
}

static void __exit leak_exit(void)
{
}

module_init(leak_init);
module_exit(leak_exit);
MODULE_DESCRIPTION("a leak");
MODULE_LICENSE("GPL");
