// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes out of a tunnel sits in a queue of the receiving CPU for some polls
 * more before it goes on: as in xfrm's GRO cells or the backlog of a CPU that has
 * much to do, but for certain. For tests only.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/percpu.h>
#include <net/net_namespace.h>
#include <net/xfrm.h>

static unsigned int polls = 24;
module_param(polls, uint, 0444);
MODULE_PARM_DESC(polls, "for how many polls a packet sits");

static unsigned int poll_us = 1000;
module_param(poll_us, uint, 0444);
MODULE_PARM_DESC(poll_us, "what each of them takes, in microseconds");

static unsigned int sat;
module_param(sat, uint, 0444);
MODULE_PARM_DESC(sat, "packets that have been let go; about that many");

/* Touched on its CPU only, in softirqs. */
struct bench {
	struct napi_struct	napi;
	struct sk_buff_head	queue;
	unsigned int		polled;
	struct sk_buff		*leaving;	/* on its way through the hook again */
};

/* In skb->cb, which nobody needs between ip_rcv_core() and that again. */
struct seat {
	unsigned int	since;
};

static struct net_device *host;		/* of the NAPIs; not registered */
static struct bench __percpu *benches;

static struct seat *seat(struct sk_buff *skb)
{
	return (struct seat *)skb->cb;
}

static unsigned int sit_down(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct bench *b = this_cpu_ptr(benches);

	if (!skb_sec_path(skb) || skb == b->leaving)
		return NF_ACCEPT;
	dev_hold(skb->dev);
	seat(skb)->since = b->polled;
	__skb_queue_tail(&b->queue, skb);
	napi_schedule(&b->napi);
	return NF_STOLEN;
}

static int poll(struct napi_struct *napi, int budget)
{
	struct bench *b = container_of(napi, struct bench, napi);
	struct net_device *dev;
	struct sk_buff *skb;

	udelay(poll_us);
	b->polled++;
	while ((skb = skb_peek(&b->queue)) && b->polled - seat(skb)->since >= polls) {
		__skb_unlink(skb, &b->queue);
		dev = skb->dev;
		b->leaving = skb;
		netif_receive_skb(skb);
		b->leaving = NULL;
		dev_put(dev);
		sat++;
	}
	if (skb)
		return budget;
	napi_complete(napi);
	return 0;
}

static const struct nf_hook_ops hook = {
	.hook		= sit_down,
	.pf		= NFPROTO_IPV4,
	.hooknum	= NF_INET_PRE_ROUTING,
	.priority	= INT_MIN,
};

static int __net_init sitter_net_init(struct net *net)
{
	return nf_register_net_hook(net, &hook);
}

static void __net_exit sitter_net_exit(struct net *net)
{
	nf_unregister_net_hook(net, &hook);
}

static struct pernet_operations sitter_net_ops = {
	.init	= sitter_net_init,
	.exit	= sitter_net_exit,
};

static void benches_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct bench *b = per_cpu_ptr(benches, cpu);

		napi_disable(&b->napi);		/* once it is empty */
		netif_napi_del(&b->napi);
	}
	free_percpu(benches);
	free_netdev(host);
}

static int __init sitter_init(void)
{
	int cpu, err;

	host = alloc_etherdev(0);
	if (!host)
		return -ENOMEM;
	benches = alloc_percpu(struct bench);
	if (!benches) {
		free_netdev(host);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu) {
		struct bench *b = per_cpu_ptr(benches, cpu);

		__skb_queue_head_init(&b->queue);
		netif_napi_add(host, &b->napi, poll);
		napi_enable(&b->napi);
	}
	err = register_pernet_subsys(&sitter_net_ops);
	if (err)
		benches_free();
	return err;
}

static void __exit sitter_exit(void)
{
	unregister_pernet_subsys(&sitter_net_ops);
	synchronize_net();
	benches_free();
}

module_init(sitter_init);
module_exit(sitter_exit);
MODULE_DESCRIPTION("a queue behind tunnels");
MODULE_LICENSE("GPL");
