// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for packets whose cryptography is under way: requests of our own
 * queue behind them. cryptd has one queue per CPU for all its algorithms and
 * takes one request of it at a time, in order (cryptd_queue_worker()).
 */
#include <crypto/hash.h>
#include <crypto/sha2.h>
#include <linux/cpu.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "drain.h"

/* A transform after the one that was queued may queue the packet once more. */
#define ROUNDS	2

/* Of one CPU. */
struct barrier {
	struct work_struct	work;
	struct ahash_request	*req;
	struct scatterlist	sg;
	u8			octet;
	u8			digest[SHA256_DIGEST_SIZE];
};

static DEFINE_MUTEX(lock);	/* protects all barriers while they are in use */
static struct crypto_ahash *tfm;	/* NULL: there is no cryptd */
static struct barrier *barriers;	/* nr_cpu_ids of them */

static void queue_behind(struct work_struct *work)
{
	struct barrier *b = container_of(work, struct barrier, work);
	DECLARE_CRYPTO_WAIT(wait);

	ahash_request_set_callback(b->req, CRYPTO_TFM_REQ_MAY_BACKLOG |
				   CRYPTO_TFM_REQ_MAY_SLEEP,
				   crypto_req_done, &wait);
	ahash_request_set_crypt(b->req, &b->sg, b->digest, sizeof(b->octet));
	crypto_wait_req(crypto_ahash_digest(b->req), &wait);
}

void xha_drain_crypto(void)
{
	int cpu, i;

	if (!tfm)
		return;
	mutex_lock(&lock);
	cpus_read_lock();
	for (i = 0; i < ROUNDS; i++) {
		for_each_online_cpu(cpu)
			queue_work_on(cpu, system_highpri_wq, &barriers[cpu].work);
		for_each_online_cpu(cpu)
			flush_work(&barriers[cpu].work);
	}
	cpus_read_unlock();
	mutex_unlock(&lock);
}

static int barrier_init(struct barrier *b)
{
	INIT_WORK(&b->work, queue_behind);
	sg_init_one(&b->sg, &b->octet, sizeof(b->octet));
	b->req = ahash_request_alloc(tfm, GFP_KERNEL);
	return b->req ? 0 : -ENOMEM;
}

int xha_drain_init(void)
{
	int cpu;

	tfm = crypto_alloc_ahash("cryptd(sha256)", 0, 0);
	if (IS_ERR(tfm)) {
		tfm = NULL;
		return 0;
	}
	barriers = kcalloc(nr_cpu_ids, sizeof(*barriers), GFP_KERNEL);
	if (!barriers)
		goto err;
	for_each_possible_cpu(cpu)
		if (barrier_init(&barriers[cpu]))
			goto err;
	return 0;
err:
	xha_drain_exit();
	return -ENOMEM;
}

void xha_drain_exit(void)
{
	int cpu;

	if (!tfm)
		return;
	if (barriers)
		for_each_possible_cpu(cpu)
			ahash_request_free(barriers[cpu].req);
	kfree(barriers);
	crypto_free_ahash(tfm);
}
