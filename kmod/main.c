// SPDX-License-Identifier: GPL-2.0-only
/*
 * xfrm_ha: stateful failover of IPsec between two gateways.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>
#include <net/xfrm.h>

#include "drain.h"
#include "netlink.h"
#include "netns.h"
#include "rec.h"
#include "uapi/linux/xfrm_ha.h"

static int __init xfrm_ha_init(void)
{
	int err;

	err = xha_rec_init();
	if (err)
		return err;
	err = xha_drain_init();
	if (err)
		goto err_drain;
	err = xha_netns_init();
	if (err)
		goto err_netns;
	err = xha_netlink_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	xha_netns_exit();
err_netns:
	xha_drain_exit();
err_drain:
	xha_rec_exit();
	return err;
}

/*
 * No command comes once the family is gone; each namespace then ends as in
 * netns.c. States that were put last are destroyed by xfrm's collector, which
 * is run here, and RCU callbacks of ours (kfree_rcu) hold no code of ours but
 * are waited for all the same.
 */
static void __exit xfrm_ha_exit(void)
{
	xha_netlink_exit();
	xha_netns_exit();
	xha_drain_exit();
	xfrm_flush_gc();
	rcu_barrier();
	xha_rec_exit();
}

module_init(xfrm_ha_init);
module_exit(xfrm_ha_exit);

MODULE_DESCRIPTION("Stateful failover of IPsec SAs between two gateways");
MODULE_AUTHOR("The xfrm-ha developers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY(XFRM_HA_FAMILY_NAME);
MODULE_SOFTDEP("pre: xfrm_user sctp");
