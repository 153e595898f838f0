// SPDX-License-Identifier: GPL-2.0-only
#include "vrrp_fsm.h"

/* Short names keep a state's row of the table in sight. */
#define INI	VRRP_STATE_INITIAL
#define BKP	VRRP_STATE_BACKUP
#define MST	VRRP_STATE_MASTER

#define HEARD	(VRRP_ACT_LEARN | VRRP_ACT_NOTE_MASTER)

/* A row without entry for an event: nothing is done, the state stays. */
static const struct vrrp_step table[VRRP_STATE_END][VRRP_EV_END] = {
	[VRRP_STATE_INITIAL] = {
		[VRRP_EV_UP]		= { VRRP_ACT_WAIT_MASTER, BKP },
	},
	[VRRP_STATE_BACKUP] = {
		[VRRP_EV_DOWN]		= { VRRP_ACT_LOSE_MASTER, INI },
		[VRRP_EV_SILENT]	= { VRRP_ACT_LOSE_MASTER |
					    VRRP_ACT_CLAIM, BKP },
		[VRRP_EV_HIGHER]	= { HEARD, BKP },
		[VRRP_EV_LOWER]		= { HEARD, BKP },
		[VRRP_EV_LOWER_PREEMPT]	= { HEARD | VRRP_ACT_PREEMPT, BKP },
		[VRRP_EV_RESIGN]	= { VRRP_ACT_WAIT_SKEW, BKP },
		[VRRP_EV_GRANT]		= { VRRP_ACT_LOSE_MASTER |
					    VRRP_ACT_ADVERT_ON, MST },
	},
	[VRRP_STATE_MASTER] = {
		[VRRP_EV_DOWN]		= { VRRP_ACT_RESIGN |
					    VRRP_ACT_LOSE_MASTER |
					    VRRP_ACT_ADVERT_OFF, INI },
		[VRRP_EV_HIGHER]	= { VRRP_ACT_YIELD, MST },
		[VRRP_EV_LOWER]		= { VRRP_ACT_ASSERT, MST },
		[VRRP_EV_LOWER_PREEMPT]	= { VRRP_ACT_ASSERT, MST },
		[VRRP_EV_RESIGN]	= { VRRP_ACT_ASSERT, MST },
		[VRRP_EV_GRANT]		= { VRRP_ACT_ADVERT_ON, MST },
		[VRRP_EV_RELEASE]	= { VRRP_ACT_RESIGN |
					    VRRP_ACT_WAIT_MASTER |
					    VRRP_ACT_ADVERT_OFF, BKP },
		[VRRP_EV_CONCEDE]	= { HEARD | VRRP_ACT_ADVERT_OFF, BKP },
	},
};

/**
 * vrrp_fsm_step - look up what follows on an event
 * @state: the state now
 * @event: what happened
 *
 * Return: the actions and the next state, which is @state where nothing
 * changes.
 */
struct vrrp_step vrrp_fsm_step(enum vrrp_state state, enum vrrp_event event)
{
	struct vrrp_step stay = { 0, state };

	if (state >= VRRP_STATE_END || event >= VRRP_EV_END ||
	    !table[state][event].next)
		return stay;
	return table[state][event];
}

/**
 * vrrp_fsm_event_name - an event in words, as a cause of what follows
 * @event: the event
 *
 * Return: a static string.
 */
const char *vrrp_fsm_event_name(enum vrrp_event event)
{
	static const char *const names[VRRP_EV_END] = {
		[VRRP_EV_UP]		= "takes part",
		[VRRP_EV_DOWN]		= "ends",
		[VRRP_EV_SILENT]	= "master down time over",
		[VRRP_EV_HIGHER]	= "advertisement of a higher master",
		[VRRP_EV_LOWER]		= "advertisement of a lower master",
		[VRRP_EV_LOWER_PREEMPT]	= "advertisement of a lower master, which may be replaced",
		[VRRP_EV_RESIGN]	= "resign heard",
		[VRRP_EV_GRANT]		= "the group took the role",
		[VRRP_EV_RELEASE]	= "the group gave up the role",
		[VRRP_EV_CONCEDE]	= "the group gave up the role to a higher master",
	};

	return event < VRRP_EV_END ? names[event] : "unknown";
}

/**
 * vrrp_fsm_state_name - word for a state
 * @state: the state
 *
 * Return: a static string.
 */
const char *vrrp_fsm_state_name(enum vrrp_state state)
{
	static const char *const names[VRRP_STATE_END] = {
		[VRRP_STATE_INITIAL]	= "initial",
		[VRRP_STATE_BACKUP]	= "backup",
		[VRRP_STATE_MASTER]	= "master",
	};

	if (state >= VRRP_STATE_END || !names[state])
		return "unknown";
	return names[state];
}

/**
 * vrrp_fsm_skew_us - by how much a backup waits longer, the lower its priority
 * @version: 2: a part of a second, whatever the interval; 3: of the interval
 * @priority: its priority, 1..255
 * @interval_ms: time between the master's advertisements
 *
 * Return: µs.
 */
__u32 vrrp_fsm_skew_us(unsigned int version, __u8 priority, __u32 interval_ms)
{
	__u64 base = version == 2 ? 1000000 : interval_ms * 1000ULL;

	return (256 - priority) * base / 256;
}

/**
 * vrrp_fsm_master_down_us - time of silence after which the master is dead
 * @version: as in vrrp_fsm_skew_us()
 * @priority: the same
 * @interval_ms: the same, at most 255000
 *
 * Return: µs.
 */
__u32 vrrp_fsm_master_down_us(unsigned int version, __u8 priority,
			      __u32 interval_ms)
{
	return 3 * interval_ms * 1000 +
	       vrrp_fsm_skew_us(version, priority, interval_ms);
}
