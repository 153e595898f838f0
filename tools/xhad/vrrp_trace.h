/* SPDX-License-Identifier: GPL-2.0-only */
/* VRRP packets for those who listen. A password is never told. */
#ifndef VRRP_TRACE_H
#define VRRP_TRACE_H

#include "trace.h"
#include "vrrp.h"

void vrrp_trace_write_sent(const struct vrrp *v, const struct vrrp_msg *msg,
			   int err);
void vrrp_trace_write_got(const struct vrrp *v, const struct vrrp_path *path,
			  size_t len, const struct vrrp_msg *msg,
			  enum vrrp_bad bad);

/**
 * vrrp_trace_sent - a packet was sent
 * @v: by which instance
 * @msg: what it says
 * @err: 0, or -errno where it could not be sent
 */
static inline void vrrp_trace_sent(const struct vrrp *v,
				   const struct vrrp_msg *msg, int err)
{
	if (xha_trace_on(XHA_TRACE_ERROR | XHA_TRACE_PACKET | XHA_TRACE_HELLO))
		vrrp_trace_write_sent(v, msg, err);
}

/**
 * vrrp_trace_got - a packet was received
 * @v: by which instance
 * @path: its IP header
 * @len: its length without that
 * @msg: what it says; version 0 where nobody knows
 * @bad: why it is refused
 *
 * Of instances that hear the same packets one tells of what is nobody's.
 */
static inline void vrrp_trace_got(const struct vrrp *v,
				  const struct vrrp_path *path, size_t len,
				  const struct vrrp_msg *msg, enum vrrp_bad bad)
{
	if (xha_trace_on(XHA_TRACE_ERROR | XHA_TRACE_PACKET | XHA_TRACE_HELLO))
		vrrp_trace_write_got(v, path, len, msg, bad);
}

#endif /* VRRP_TRACE_H */
