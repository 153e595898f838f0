// SPDX-License-Identifier: GPL-2.0-only
/*
 * Security contexts. Follows what xfrm_user.c asks of the security module for an
 * SA or a policy that comes with one (XFRMA_SEC_CTX).
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/jhash.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "context.h"

const char *const xha_context_too_long = "its security context is too long";

/* Some kernels count a NUL that they append themselves: it is no part of it. */
static u16 length(const struct xfrm_sec_ctx *ctx)
{
	u16 len = ctx->ctx_len;

	while (len && !ctx->ctx_str[len - 1])
		len--;
	return len;
}

bool xha_context_fits(const struct xfrm_sec_ctx *ctx)
{
	return !ctx || (length(ctx) && length(ctx) <= XHA_WIRE_CONTEXT_MAX);
}

void xha_context_to_wire(struct xha_wire_context *w,
			 const struct xfrm_sec_ctx *ctx)
{
	u32 hash;
	u16 len;

	memset(w, 0, sizeof(*w));
	if (!ctx)
		return;
	len = length(ctx);
	w->alg = ctx->ctx_alg;
	w->doi = ctx->ctx_doi;
	w->len = len;
	if (xha_context_fits(ctx)) {
		memcpy(w->text, ctx->ctx_str, len);
		return;
	}
	/* Never sent, but not the same as none or as another one. */
	hash = jhash(ctx->ctx_str, len, 0);
	memcpy(w->text, &hash, sizeof(hash));
	w->len = XHA_WIRE_CONTEXT_MAX + 1;
}

/* The attribute as a request would bring it; freed by the caller. */
static struct xfrm_user_sec_ctx *attribute(const struct xha_wire_context *w)
{
	struct xfrm_user_sec_ctx *u;

	if (w->len > XHA_WIRE_CONTEXT_MAX)
		return ERR_PTR(-EMSGSIZE);
	u = kmalloc(sizeof(*u) + w->len, GFP_KERNEL);
	if (!u)
		return ERR_PTR(-ENOMEM);
	u->len = sizeof(*u) + w->len;
	u->exttype = XFRMA_SEC_CTX;
	u->ctx_alg = w->alg;
	u->ctx_doi = w->doi;
	u->ctx_len = w->len;
	memcpy(u + 1, w->text, w->len);
	return u;
}

/* Without a module that takes it there is no error, and no context. */
static int verdict(int err, const struct xfrm_sec_ctx *ctx, const char **why)
{
	if (!err && ctx)
		return 0;
	if (err == -ENOMEM)
		*why = "out of memory";
	else if (err)
		*why = "its security context is refused here";
	else
		*why = "nothing here takes its security context";
	return err ?: -EOPNOTSUPP;
}

/*
 * The module asks who may set it, and that is the kernel, whoever it works for:
 * an SA that is staged again in a command was somebody's before.
 */
static int set(struct xfrm_state *x, struct xfrm_policy *xp,
	       const struct xha_wire_context *w)
{
	struct cred *kernel = prepare_kernel_cred(&init_task);
	struct xfrm_user_sec_ctx *u = attribute(w);
	const struct cred *own;
	int err = PTR_ERR_OR_ZERO(u);

	if (!err && !kernel)
		err = -ENOMEM;
	if (!err) {
		own = override_creds(kernel);
		err = x ? security_xfrm_state_alloc(x, u) :
			  security_xfrm_policy_alloc(&xp->security, u, GFP_KERNEL);
		revert_creds(own);
	}
	if (kernel)
		put_cred(kernel);
	if (!IS_ERR(u))
		kfree(u);
	return err;
}

int xha_context_set_sa(struct xfrm_state *x, const struct xha_wire_context *w,
		       const char **why)
{
	int err;

	if (!w->len)
		return 0;
	err = set(x, NULL, w);
	return verdict(err, x->security, why);
}

int xha_context_set_policy(struct xfrm_policy *xp,
			   const struct xha_wire_context *w, const char **why)
{
	int err;

	if (!w->len)
		return 0;
	err = set(NULL, xp, w);
	return verdict(err, xp->security, why);
}
