// SPDX-License-Identifier: GPL-2.0-only
#include "hsrp_fsm.h"

/* Short names keep a state's row of the table in sight. */
#define INI	HSRP_STATE_INITIAL
#define LIS	HSRP_STATE_LISTEN
#define SPK	HSRP_STATE_SPEAK
#define STB	HSRP_STATE_STANDBY
#define ACT	HSRP_STATE_ACTIVE

#define STOP	(HSRP_ACT_LOSE_ACTIVE | HSRP_ACT_LOSE_STANDBY | \
		 HSRP_ACT_HELLO_OFF)
#define BEGIN	(HSRP_ACT_WAIT_ACTIVE | HSRP_ACT_WAIT_STANDBY)
#define HEARD	(HSRP_ACT_LEARN | HSRP_ACT_NOTE_ACTIVE)
#define TAKE	(HSRP_ACT_LOSE_ACTIVE | HSRP_ACT_WAIT_STANDBY | \
		 HSRP_ACT_HELLO_ON)

/* A row without entry for an event: nothing is done, the state stays. */
static const struct hsrp_step table[HSRP_STATE_END][HSRP_EV_END] = {
	[HSRP_STATE_INITIAL] = {
		[HSRP_EV_UP]			= { BEGIN, LIS },
	},
	[HSRP_STATE_LEARN] = {
		[HSRP_EV_UP]			= { BEGIN, LIS },
		[HSRP_EV_DOWN]			= { STOP, INI },
		[HSRP_EV_ACTIVE_SILENT]		= { BEGIN, LIS },
		[HSRP_EV_STANDBY_SILENT]	= { BEGIN, LIS },
		[HSRP_EV_SPEAK_HIGHER]		= { BEGIN, LIS },
		[HSRP_EV_ACTIVE_HIGHER]		= { HEARD, LIS },
		[HSRP_EV_ACTIVE_LOWER]		= { HEARD, LIS },
		[HSRP_EV_ACTIVE_LOWER_PREEMPT]	= { HEARD, LIS },
		[HSRP_EV_RESIGN]		= { BEGIN, LIS },
		[HSRP_EV_COUP_HIGHER]		= { BEGIN, LIS },
		[HSRP_EV_STANDBY_HIGHER]	= { HSRP_ACT_NOTE_STANDBY, LIS },
		[HSRP_EV_STANDBY_LOWER]		= { HSRP_ACT_NOTE_STANDBY, LIS },
		[HSRP_EV_GRANT]			= { TAKE, ACT },
		[HSRP_EV_RELEASE]		= { BEGIN, LIS },
	},
	[HSRP_STATE_LISTEN] = {
		[HSRP_EV_DOWN]			= { STOP, INI },
		[HSRP_EV_ACTIVE_SILENT]		= { HSRP_ACT_LOSE_ACTIVE |
						    HSRP_ACT_WAIT_STANDBY |
						    HSRP_ACT_HELLO_ON, SPK },
		[HSRP_EV_STANDBY_SILENT]	= { HSRP_ACT_WAIT_STANDBY |
						    HSRP_ACT_HELLO_ON, SPK },
		[HSRP_EV_ACTIVE_HIGHER]		= { HEARD, LIS },
		[HSRP_EV_ACTIVE_LOWER]		= { HEARD, LIS },
		[HSRP_EV_ACTIVE_LOWER_PREEMPT]	= { HEARD | HSRP_ACT_PREEMPT,
						    LIS },
		[HSRP_EV_RESIGN]		= { HSRP_ACT_LOSE_ACTIVE |
						    HSRP_ACT_WAIT_STANDBY |
						    HSRP_ACT_HELLO_ON, SPK },
		[HSRP_EV_STANDBY_HIGHER]	= { HSRP_ACT_NOTE_STANDBY, LIS },
		[HSRP_EV_STANDBY_LOWER]		= { HSRP_ACT_WAIT_STANDBY |
						    HSRP_ACT_HELLO_ON, SPK },
		[HSRP_EV_GRANT]			= { TAKE, ACT },
	},
	[HSRP_STATE_SPEAK] = {
		[HSRP_EV_DOWN]			= { STOP, INI },
		[HSRP_EV_ACTIVE_SILENT]		= { HSRP_ACT_LOSE_ACTIVE, SPK },
		[HSRP_EV_STANDBY_SILENT]	= { HSRP_ACT_LOSE_STANDBY |
						    HSRP_ACT_HELLO_ON |
						    HSRP_ACT_CLAIM, STB },
		[HSRP_EV_SPEAK_HIGHER]		= { HSRP_ACT_WAIT_STANDBY |
						    HSRP_ACT_WAIT_ACTIVE |
						    HSRP_ACT_HELLO_OFF, LIS },
		[HSRP_EV_ACTIVE_HIGHER]		= { HEARD, SPK },
		[HSRP_EV_ACTIVE_LOWER]		= { HEARD, SPK },
		[HSRP_EV_ACTIVE_LOWER_PREEMPT]	= { HEARD | HSRP_ACT_PREEMPT,
						    SPK },
		[HSRP_EV_RESIGN]		= { HSRP_ACT_LOSE_ACTIVE, SPK },
		[HSRP_EV_STANDBY_HIGHER]	= { HSRP_ACT_NOTE_STANDBY |
						    HSRP_ACT_HELLO_OFF, LIS },
		[HSRP_EV_STANDBY_LOWER]		= { HSRP_ACT_LOSE_STANDBY |
						    HSRP_ACT_HELLO_ON |
						    HSRP_ACT_CLAIM, STB },
		[HSRP_EV_GRANT]			= { TAKE, ACT },
	},
	[HSRP_STATE_STANDBY] = {
		[HSRP_EV_DOWN]			= { STOP | HSRP_ACT_RESIGN,
						    INI },
		[HSRP_EV_ACTIVE_SILENT]		= { HSRP_ACT_LOSE_ACTIVE |
						    HSRP_ACT_CLAIM, STB },
		[HSRP_EV_SPEAK_HIGHER]		= { HSRP_ACT_WAIT_STANDBY |
						    HSRP_ACT_HELLO_OFF, LIS },
		[HSRP_EV_ACTIVE_HIGHER]		= { HEARD, STB },
		[HSRP_EV_ACTIVE_LOWER]		= { HEARD, STB },
		[HSRP_EV_ACTIVE_LOWER_PREEMPT]	= { HEARD | HSRP_ACT_PREEMPT,
						    STB },
		[HSRP_EV_RESIGN]		= { HSRP_ACT_LOSE_ACTIVE |
						    HSRP_ACT_CLAIM, STB },
		[HSRP_EV_STANDBY_HIGHER]	= { HSRP_ACT_NOTE_STANDBY |
						    HSRP_ACT_HELLO_OFF, LIS },
		[HSRP_EV_STANDBY_LOWER]		= { HSRP_ACT_HELLO_ON, STB },
		[HSRP_EV_GRANT]			= { TAKE, ACT },
	},
	[HSRP_STATE_ACTIVE] = {
		[HSRP_EV_DOWN]			= { STOP | HSRP_ACT_RESIGN,
						    INI },
		[HSRP_EV_STANDBY_SILENT]	= { HSRP_ACT_LOSE_STANDBY,
						    ACT },
		[HSRP_EV_ACTIVE_HIGHER]		= { HSRP_ACT_YIELD, ACT },
		[HSRP_EV_ACTIVE_LOWER]		= { HSRP_ACT_HELLO_ON, ACT },
		[HSRP_EV_ACTIVE_LOWER_PREEMPT]	= { HSRP_ACT_HELLO_ON, ACT },
		[HSRP_EV_COUP_HIGHER]		= { HSRP_ACT_YIELD, ACT },
		[HSRP_EV_STANDBY_HIGHER]	= { HSRP_ACT_NOTE_STANDBY,
						    ACT },
		[HSRP_EV_STANDBY_LOWER]		= { HSRP_ACT_NOTE_STANDBY,
						    ACT },
		[HSRP_EV_GRANT]			= { HSRP_ACT_HELLO_ON, ACT },
		[HSRP_EV_RELEASE]		= { HSRP_ACT_RESIGN |
						    HSRP_ACT_WAIT_ACTIVE |
						    HSRP_ACT_WAIT_STANDBY |
						    HSRP_ACT_HELLO_ON, SPK },
	},
};

/**
 * hsrp_fsm_step - look up what follows on an event
 * @state: the state now
 * @event: what happened
 *
 * Return: the actions and the next state, which is @state where nothing
 * changes.
 */
struct hsrp_step hsrp_fsm_step(enum hsrp_state state, enum hsrp_event event)
{
	struct hsrp_step stay = { 0, state };

	if (state >= HSRP_STATE_END || event >= HSRP_EV_END ||
	    !table[state][event].next)
		return stay;
	return table[state][event];
}

/**
 * hsrp_fsm_event_name - an event in words, as a cause of what follows
 * @event: the event
 *
 * Return: a static string.
 */
const char *hsrp_fsm_event_name(enum hsrp_event event)
{
	static const char *const names[HSRP_EV_END] = {
		[HSRP_EV_UP]			= "takes part",
		[HSRP_EV_DOWN]			= "ends",
		[HSRP_EV_ACTIVE_SILENT]		= "hold time of the active over",
		[HSRP_EV_STANDBY_SILENT]	= "hold time of the standby over",
		[HSRP_EV_SPEAK_HIGHER]		= "hello of a higher candidate",
		[HSRP_EV_ACTIVE_HIGHER]		= "hello of a higher active",
		[HSRP_EV_ACTIVE_LOWER]		= "hello of a lower active",
		[HSRP_EV_ACTIVE_LOWER_PREEMPT]	= "hello of a lower active, which may be replaced",
		[HSRP_EV_RESIGN]		= "resign heard",
		[HSRP_EV_COUP_HIGHER]		= "coup heard",
		[HSRP_EV_STANDBY_HIGHER]	= "hello of a higher standby",
		[HSRP_EV_STANDBY_LOWER]		= "hello of a lower standby",
		[HSRP_EV_GRANT]			= "the group took the role",
		[HSRP_EV_RELEASE]		= "the group gave up the role",
	};

	return event < HSRP_EV_END ? names[event] : "unknown";
}
