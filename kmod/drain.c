// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for packets that are in queues of the kernel's between two transforms
 * or behind the last one.
 *
 * cryptd has one queue per CPU for all its algorithms and takes one request of it
 * at a time, in order (cryptd_queue_worker()): requests of our own queue behind.
 *
 * What came out of a tunnel waits for the next softirq of its CPU, in xfrm's GRO
 * cells or in the backlog (xfrm_input(), gro_cells_receive()). While there is any
 * the CPU's list of NAPIs to poll is not empty. Where traffic keeps it so, each
 * of them gets its turn within some rounds.
 */
#include <crypto/hash.h>
#include <crypto/sha2.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kernel_stat.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "drain.h"

/* A transform after the one that was queued may queue the packet once more. */
#define ROUNDS	2
/* Softirqs for a backlog of 1000 packets, 64 at a time, and then some. */
#define POLLS	32

/*
 * For all rounds. A CPU whose tasks leave nothing to workers must not keep the
 * gate in HOLD for ever.
 */
#define PATIENCE	(HZ / 5)

/**
 * struct barrier - of one CPU
 * @work: waits on that CPU
 * @busy: @work is queued or runs
 * @req: goes through cryptd
 * @sg: of @octet
 * @octet: what is digested
 * @digest: of it
 */
struct barrier {
	struct work_struct	work;
	bool			busy;
	struct ahash_request	*req;
	struct scatterlist	sg;
	u8			octet;
	u8			digest[SHA256_DIGEST_SIZE];
};

static DEFINE_MUTEX(lock);	/* one drain at a time, which queues @work */
static DECLARE_WAIT_QUEUE_HEAD(idle);
static struct crypto_ahash *tfm;	/* NULL: there is no cryptd */
static struct barrier *barriers;	/* nr_cpu_ids of them */

static void wait_for_cryptd(struct barrier *b)
{
	DECLARE_CRYPTO_WAIT(wait);

	if (!tfm)
		return;
	ahash_request_set_callback(b->req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				   CRYPTO_TFM_REQ_MAY_SLEEP,
				   crypto_req_done, &wait);
	ahash_request_set_crypt(b->req, &b->sg, b->digest, sizeof(b->octet));
	crypto_wait_req(crypto_ahash_digest(b->req), &wait);
}

/* On its CPU, where no softirq runs while this does. */
static void wait_for_polls(void)
{
	int cpu = raw_smp_processor_id();
	const struct softnet_data *sd = &per_cpu(softnet_data, cpu);
	unsigned int before = kstat_softirqs_cpu(NET_RX_SOFTIRQ, cpu);
	unsigned long end = jiffies + PATIENCE / ROUNDS;

	while (!list_empty(&sd->poll_list) && time_before(jiffies, end) &&
	       kstat_softirqs_cpu(NET_RX_SOFTIRQ, cpu) - before < POLLS)
		usleep_range(50, 100);
}

static void wait_on_cpu(struct work_struct *work)
{
	struct barrier *b = container_of(work, struct barrier, work);

	wait_for_cryptd(b);
	wait_for_polls();
	/* After all that was waited for; pairs with all_idle(). */
	smp_store_release(&b->busy, false);
	wake_up(&idle);
}

static bool all_idle(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		/* Pairs with wait_on_cpu(). */
		if (smp_load_acquire(&barriers[cpu].busy))
			return false;
	return true;
}

static void queue_all(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (barriers[cpu].busy)
			continue;
		barriers[cpu].busy = true;
		/* If the CPU goes meanwhile another one does it. */
		queue_work_on(cpu, system_highpri_wq, &barriers[cpu].work);
	}
}

void xha_drain_packets(void)
{
	long left = PATIENCE;
	int i;

	mutex_lock(&lock);
	/* What the last one did not wait for stands before packets of today. */
	left = wait_event_timeout(idle, all_idle(), left);
	for (i = 0; i < ROUNDS && left; i++) {
		queue_all();
		left = wait_event_timeout(idle, all_idle(), left);
	}
	mutex_unlock(&lock);
}

static int barrier_init(struct barrier *b)
{
	INIT_WORK(&b->work, wait_on_cpu);
	sg_init_one(&b->sg, &b->octet, sizeof(b->octet));
	if (!tfm)
		return 0;
	b->req = ahash_request_alloc(tfm, GFP_KERNEL);
	return b->req ? 0 : -ENOMEM;
}

int xha_drain_init(void)
{
	int cpu, err = 0;

	barriers = kcalloc(nr_cpu_ids, sizeof(*barriers), GFP_KERNEL);
	if (!barriers)
		return -ENOMEM;
	tfm = crypto_alloc_ahash("cryptd(sha256-generic)", 0, 0);
	if (IS_ERR(tfm)) {
		if (PTR_ERR(tfm) != -ENOENT)
			pr_warn("xfrm_ha: no requests to cryptd: %ld\n", PTR_ERR(tfm));
		tfm = NULL;
	}
	for_each_possible_cpu(cpu)
		err = barrier_init(&barriers[cpu]) ?: err;
	if (err)
		xha_drain_exit();
	return err;
}

void xha_drain_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		cancel_work_sync(&barriers[cpu].work);
		ahash_request_free(barriers[cpu].req);
	}
	kfree(barriers);
	if (tfm)
		crypto_free_ahash(tfm);
}
