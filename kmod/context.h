/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Security contexts of SAs and policies, as the security module of the machine
 * has them: to the wire and back.
 */
#ifndef XHA_CONTEXT_H
#define XHA_CONTEXT_H

#include <net/xfrm.h>

#include "wire.h"

/* Why one that does not fit is not mirrored. */
extern const char *const xha_context_too_long;

/* Does a context, NULL for none, fit the wire format. Context: any. */
bool xha_context_fits(const struct xfrm_sec_ctx *ctx);

/*
 * @ctx: NULL for none. One that does not fit gives what is refused on the way to
 * the wire, and differs from all others in all likelihood. Context: any.
 */
void xha_context_to_wire(struct xha_wire_context *w,
			 const struct xfrm_sec_ctx *ctx);

/**
 * xha_context_set_sa() - give a staged SA its context
 * @x: has none yet; owns it from here on
 * @w: the context; of length 0 nothing is done
 * @why: set on error, a constant
 *
 * The security module is asked as by a thread of the kernel.
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, -EMSGSIZE for one that does not fit, -EOPNOTSUPP where no
 * module takes contexts, or what the module says: -EINVAL for a context it does
 * not know, -EACCES.
 */
int xha_context_set_sa(struct xfrm_state *x, const struct xha_wire_context *w,
		       const char **why);

/* The same for a staged policy. */
int xha_context_set_policy(struct xfrm_policy *xp,
			   const struct xha_wire_context *w, const char **why);

#endif /* XHA_CONTEXT_H */
