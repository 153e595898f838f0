/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for packets that have passed the gate and are in no softirq.
 */
#ifndef XHA_DRAIN_H
#define XHA_DRAIN_H

/**
 * xha_drain_init() - prepare xha_drain_packets(), so that it cannot fail
 *
 * Process context, may load modules. It is no error where the kernel has no
 * cryptd: then there is no such queue.
 *
 * Return: 0 or -ENOMEM.
 */
int xha_drain_init(void);
void xha_drain_exit(void);

/**
 * xha_drain_packets() - wait for packets that are in queues of the kernel's
 *
 * An SA whose cipher wants the FPU gives a packet to cryptd where a softirq has
 * interrupted somebody's use of it (simd_aead_encrypt() of crypto/simd.c with
 * irq_fpu_usable() of x86), and some ciphers always do. Such a packet has its
 * number, or is past the check of its SA's state, and is in no softirq until
 * cryptd's worker gets to it, which can be long on a busy machine.
 *
 * A packet that came out of a tunnel waits for another softirq in the same way,
 * and is thrown away if the policy it came by has gone meanwhile.
 *
 * On return all that was in such queues of any CPU before the call has left them,
 * and once more if another transform followed. What engines of hardware have, or
 * pcrypt, is not waited for, nor what threads of a NAPI have, nor what comes out
 * of IPv4 transport mode (xfrm_trans_queue()), which has no policy to lose.
 * Sleeps; for some scheduling of one worker per CPU, all at once, and for 200 ms
 * at most.
 */
void xha_drain_packets(void);

#endif /* XHA_DRAIN_H */
