/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for packets whose cryptography is under way.
 */
#ifndef XHA_DRAIN_H
#define XHA_DRAIN_H

/**
 * xha_drain_init() - prepare xha_drain_crypto(), so that it cannot fail
 *
 * Process context, may load modules. Where the kernel has no cryptd there is
 * nothing to wait for, and that is no error.
 *
 * Return: 0 or -ENOMEM.
 */
int xha_drain_init(void);
void xha_drain_exit(void);

/**
 * xha_drain_crypto() - wait for the packets that cryptd has
 *
 * An SA whose cipher wants the FPU gives a packet to cryptd where a softirq has
 * interrupted somebody's use of it (simd_aead_encrypt() of crypto/simd.c with
 * irq_fpu_usable() of x86), and some ciphers always do. Such a packet has its
 * number, or is past the check of its SA's state, and is in no softirq until
 * cryptd's worker gets to it, which can be long on a busy machine.
 *
 * On return all that was given to cryptd on any CPU before the call has left the
 * transform, and one transform after it. What engines of hardware have, or
 * pcrypt, is not waited for. Sleeps; for some scheduling of one worker per CPU.
 */
void xha_drain_crypto(void);

#endif /* XHA_DRAIN_H */
