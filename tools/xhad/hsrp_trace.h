/* SPDX-License-Identifier: GPL-2.0-only */
/* HSRP packets for those who listen. A text or a key is never told. */
#ifndef HSRP_TRACE_H
#define HSRP_TRACE_H

#include "hsrp.h"
#include "trace.h"

void hsrp_trace_write_sent(const struct hsrp *h, const struct hsrp_msg *msg,
			   int err);
void hsrp_trace_write_got(struct hsrp *h, const struct hsrp_rx *rx,
			  const struct hsrp_msg *msg, enum hsrp_bad bad);

/**
 * hsrp_trace_sent - a packet was sent
 * @h: by which instance
 * @msg: what it says
 * @err: 0, or -errno where it could not be sent
 */
static inline void hsrp_trace_sent(const struct hsrp *h,
				   const struct hsrp_msg *msg, int err)
{
	if (xha_trace_on(XHA_TRACE_ERROR | XHA_TRACE_PACKET | XHA_TRACE_HELLO))
		hsrp_trace_write_sent(h, msg, err);
}

/**
 * hsrp_trace_got - a packet was received
 * @h: by which instance
 * @rx: the packet
 * @msg: what it says, or NULL where nobody knows
 * @bad: why it is refused
 *
 * Of instances that hear the same packets one tells of what is nobody's.
 */
static inline void hsrp_trace_got(struct hsrp *h, const struct hsrp_rx *rx,
				  const struct hsrp_msg *msg, enum hsrp_bad bad)
{
	if (xha_trace_on(XHA_TRACE_ERROR | XHA_TRACE_PACKET | XHA_TRACE_HELLO))
		hsrp_trace_write_got(h, rx, msg, bad);
}

#endif /* HSRP_TRACE_H */
