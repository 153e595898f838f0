// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network device "offnic" that takes whatever SA xfrm wants to leave to it, and
 * does nothing: neither encrypt nor send. For tests only.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/xfrm.h>

static struct net_device *nic;

/* Newer kernels bring a place for messages. */
#ifdef OFFNIC_EXTACK
static int take_state(struct xfrm_state *x, struct netlink_ext_ack *extack)
#else
static int take_state(struct xfrm_state *x)
#endif
{
	return 0;
}

static void drop_state(struct xfrm_state *x)
{
}

static bool leave_packet(struct sk_buff *skb, struct xfrm_state *x)
{
	return false;
}

static const struct xfrmdev_ops xfrm_ops = {
	.xdo_dev_state_add	= take_state,
	.xdo_dev_state_delete	= drop_state,
	.xdo_dev_state_free	= drop_state,
	.xdo_dev_offload_ok	= leave_packet,
};

static netdev_tx_t lose(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops nic_ops = {
	.ndo_start_xmit	= lose,
};

static void nic_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &nic_ops;
	dev->xfrmdev_ops = &xfrm_ops;
	dev->features |= NETIF_F_HW_ESP;
	dev->hw_features |= NETIF_F_HW_ESP;
	dev->hw_enc_features |= NETIF_F_HW_ESP;
	eth_hw_addr_random(dev);
}

static int __init offnic_init(void)
{
	int err;

	nic = alloc_netdev(0, "offnic", NET_NAME_USER, nic_setup);
	if (!nic)
		return -ENOMEM;
	err = register_netdev(nic);
	if (err)
		free_netdev(nic);
	return err;
}

static void __exit offnic_exit(void)
{
	unregister_netdev(nic);
	free_netdev(nic);
}

module_init(offnic_init);
module_exit(offnic_exit);
MODULE_DESCRIPTION("network device that pretends to offload IPsec");
MODULE_LICENSE("GPL");
