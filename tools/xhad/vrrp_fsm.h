/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State machine of one virtual router on one interface (RFC 5798, 6.4).
 *
 *	            up               grant
 *	INITIAL ---------> BACKUP ---------> MASTER
 *	   ^  ^              ^ <---- release ---|
 *	   |  +--- down -----+                  |
 *	   +------ down ------------------------+
 *
 * It differs from the RFC in two points, on purpose. No election makes itself
 * master or gives up by itself: it asks (VRRP_ACT_CLAIM, _PREEMPT, _YIELD) and
 * the redundancy group, which has all its elections move together and has the
 * kernel adopt first, answers with VRRP_EV_GRANT or VRRP_EV_RELEASE. And the
 * owner of the addresses (priority 255) listens first, as the others do: the
 * other node may be active, and this one not in sync yet.
 *
 * Pure: the table is data, the caller does the actions.
 */
#ifndef VRRP_FSM_H
#define VRRP_FSM_H

#include <linux/types.h>

/* The values are those of the RFC's MIB. */
enum vrrp_state {
	VRRP_STATE_INITIAL	= 1,
	VRRP_STATE_BACKUP	= 2,
	VRRP_STATE_MASTER	= 3,
	VRRP_STATE_END,
};

enum vrrp_event {
	VRRP_EV_UP,		/* interface usable */
	VRRP_EV_DOWN,		/* interface lost */
	VRRP_EV_SILENT,		/* master down timer expired */
	VRRP_EV_HIGHER,		/* advert of one who may be master */
	VRRP_EV_LOWER,		/* of one who would lose against this node */
	VRRP_EV_LOWER_PREEMPT,	/* the same, and this node may preempt */
	VRRP_EV_RESIGN,		/* advert of priority 0 */
	VRRP_EV_GRANT,		/* the node took the role */
	VRRP_EV_RELEASE,	/* the node gave it up */
	VRRP_EV_CONCEDE,	/* the same, to a higher master it has heard */
	VRRP_EV_END,
};

/* Done in this order. */
enum vrrp_action {
	VRRP_ACT_RESIGN		= 0x001,	/* send priority 0 */
	VRRP_ACT_LEARN		= 0x002,	/* interval of the master */
	VRRP_ACT_NOTE_MASTER	= 0x004,	/* remember, restart timer */
	VRRP_ACT_WAIT_MASTER	= 0x008,	/* forget it, restart timer */
	VRRP_ACT_WAIT_SKEW	= 0x010,	/* forget it, wait skew time */
	VRRP_ACT_LOSE_MASTER	= 0x020,	/* forget it, stop timer */
	VRRP_ACT_ADVERT_ON	= 0x040,	/* send now, then each interval; */
	VRRP_ACT_ADVERT_OFF	= 0x080,	/* or stop that */
	VRRP_ACT_ASSERT		= 0x100,	/* send one out of turn */
	VRRP_ACT_CLAIM		= 0x200,	/* ask to become master */
	VRRP_ACT_PREEMPT	= 0x400,	/* ask to replace the master */
	VRRP_ACT_YIELD		= 0x800,	/* tell that another claims it */
	VRRP_ACT_END		= 0x1000,
};

/**
 * struct vrrp_step - what follows on an event in a state
 * @actions: enum vrrp_action, or'ed
 * @next: state afterwards, which already holds while the actions are done
 */
struct vrrp_step {
	unsigned int actions;
	enum vrrp_state next;
};

struct vrrp_step vrrp_fsm_step(enum vrrp_state state, enum vrrp_event event);
const char *vrrp_fsm_event_name(enum vrrp_event event);
const char *vrrp_fsm_state_name(enum vrrp_state state);
__u32 vrrp_fsm_skew_us(unsigned int version, __u8 priority, __u32 interval_ms);
__u32 vrrp_fsm_master_down_us(unsigned int version, __u8 priority,
			      __u32 interval_ms);

#endif /* VRRP_FSM_H */
