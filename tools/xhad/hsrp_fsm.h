/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State machine of one HSRP group on one interface (RFC 2281, 5.3 to 5.7).
 *
 *	            up               active silent      standby silent
 *	INITIAL ---------> LISTEN -------------> SPEAK -------------> STANDBY
 *	   ^  ^               ^ \___ lower standby __/ \__ higher ___ /  |
 *	   |  |                \_______________________________________/ |
 *	   |  +-- down, from every state                                 |
 *	   |                               grant, from every state but   v
 *	   +------ ACTIVE --release--> SPEAK          INITIAL -------> ACTIVE
 *
 * It differs from the RFC in one point, on purpose: no election makes itself
 * active or gives up by itself. It asks (HSRP_ACT_CLAIM, _PREEMPT, _YIELD) and
 * the redundancy group, which has all its elections move together and has the
 * kernel adopt first, answers with HSRP_EV_GRANT or HSRP_EV_RELEASE.
 *
 * LEARN is for a node that was not given its virtual address; here it always
 * is, so nothing leads there, and all events lead out.
 *
 * Pure: the table is data, the caller does the actions.
 */
#ifndef HSRP_FSM_H
#define HSRP_FSM_H

#include "hsrp_pkt.h"

/* The letter is that of RFC 2281, 5.5. */
enum hsrp_event {
	HSRP_EV_UP,			/* a: interface usable */
	HSRP_EV_DOWN,			/* b: interface lost */
	HSRP_EV_ACTIVE_SILENT,		/* c: active timer expired */
	HSRP_EV_STANDBY_SILENT,		/* d: standby timer expired */
	HSRP_EV_SPEAK_HIGHER,		/* e: hello, higher, in Speak */
	HSRP_EV_ACTIVE_HIGHER,		/* f: hello, higher, Active */
	HSRP_EV_ACTIVE_LOWER,		/* g: hello, lower, Active */
	HSRP_EV_ACTIVE_LOWER_PREEMPT,	/* g, and this node may preempt */
	HSRP_EV_RESIGN,			/* h: resign of the active */
	HSRP_EV_COUP_HIGHER,		/* i: coup, higher */
	HSRP_EV_STANDBY_HIGHER,		/* j: hello, higher, Standby */
	HSRP_EV_STANDBY_LOWER,		/* k: hello, lower, Standby */
	HSRP_EV_GRANT,			/* the node took the role */
	HSRP_EV_RELEASE,		/* the node gave it up */
	HSRP_EV_END,
};

/* Done in this order. */
enum hsrp_action {
	HSRP_ACT_LEARN		= 0x001,	/* timers of the active */
	HSRP_ACT_NOTE_ACTIVE	= 0x002,	/* remember, restart timer */
	HSRP_ACT_NOTE_STANDBY	= 0x004,	/* remember, restart timer */
	HSRP_ACT_WAIT_ACTIVE	= 0x008,	/* forget it, restart timer */
	HSRP_ACT_WAIT_STANDBY	= 0x010,	/* forget it, restart timer */
	HSRP_ACT_LOSE_ACTIVE	= 0x020,	/* forget it, stop timer */
	HSRP_ACT_LOSE_STANDBY	= 0x040,	/* forget it, stop timer */
	HSRP_ACT_RESIGN		= 0x080,	/* send resign */
	HSRP_ACT_HELLO_ON	= 0x100,	/* send hello now, then each */
	HSRP_ACT_HELLO_OFF	= 0x200,	/* hello time; or stop that */
	HSRP_ACT_CLAIM		= 0x400,	/* ask to become active */
	HSRP_ACT_PREEMPT	= 0x800,	/* ask to replace the active */
	HSRP_ACT_YIELD		= 0x1000,	/* tell that another claims it */
	HSRP_ACT_END		= 0x2000,
};

/**
 * struct hsrp_step - what follows on an event in a state
 * @actions: enum hsrp_action, or'ed
 * @next: state afterwards, which already holds while the actions are done
 */
struct hsrp_step {
	unsigned int actions;
	enum hsrp_state next;
};

struct hsrp_step hsrp_fsm_step(enum hsrp_state state, enum hsrp_event event);
const char *hsrp_fsm_event_name(enum hsrp_event event);

#endif /* HSRP_FSM_H */
