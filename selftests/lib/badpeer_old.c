// SPDX-License-Identifier: GPL-2.0-only
/*
 * badpeer: a node of version 1 as it was before there were features. What it
 * sends are recorded frames, with nothing put in but numbers, epochs, and what
 * it acknowledges; what it receives it reads by the numbers of that time, and
 * says "unknown" of all that such a node could not have read.
 *
 * First it is active; at SIGUSR1 it hands over, is the standby then, and takes
 * the role back when it is offered.
 */
#include "badpeer.h"
#include "wire_v1.h"

#define HDR_LEN		12
#define TYPE_AT		2
#define SEQ_AT		4
#define EPOCH_AT	8
#define STATE_AT	13	/* of a group's state */
#define NODE_AT		14

/* Types, and the last part of an SA and of a policy, of that time */
#define OLD_HELLO	1
#define OLD_GROUP	3
#define OLD_SYNC_REQ	4
#define OLD_ACK		5
#define OLD_DIGEST_REQ	7
#define OLD_BULK_BEGIN	16
#define OLD_BULK_END	17
#define OLD_SA		18
#define OLD_POLICY	20
#define OLD_MERGE_SA	23
#define OLD_MERGE_POLICY 24
#define OLD_MERGE_END	25
#define OLD_CEILINGS	32
#define OLD_WINDOWS	33
#define OLD_FINALS	36
#define OLD_PREPARE	48
#define OLD_READY	49
#define OLD_COMMIT	50
#define OLD_TAKEN	51
#define OLD_FLUSHED	52
#define OLD_SA_PARTS	19
#define OLD_POLICY_PARTS 8
#define OLD_OPTIONAL	0x8000

enum old_step {
	OLD_ACTIVE,
	OLD_PREPARING,
	OLD_FINISHING,		/* the last numbers are on their way */
	OLD_COMMITTED,
	OLD_STANDBY,
	OLD_OFFERED,		/* said that it is ready */
	OLD_TAKING,
};

struct old {
	struct peer *p;
	enum old_step step;
	int asked;
	uint8_t state;		/* as a standby */
	uint8_t node;		/* who raised the epoch */
	unsigned int sas;	/* of the snapshot */
	unsigned int policies;
};

static uint32_t load(const uint8_t *at, int n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *at++;
	return v;
}

static void store(uint8_t *at, uint32_t v)
{
	int i;

	for (i = 3; i >= 0; i--, v >>= 8)
		at[i] = v;
}

static const struct xha_v1_frame *find_recorded(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xha_v1_frames); i++)
		if (!strcmp(xha_v1_frames[i].name, name))
			return &xha_v1_frames[i];
	fprintf(stderr, "badpeer: %s was never recorded\n", name);
	exit(2);
}

/* As recorded, but for its number, and its epoch where it has one. */
static int take(struct peer *p, const struct xha_v1_frame *v)
{
	memcpy(p->buf, v->octets, v->len);
	store(p->buf + SEQ_AT, p->seq[v->stream] + 1);
	if (load(p->buf + EPOCH_AT, 4))
		store(p->buf + EPOCH_AT, p->epoch);
	return v->len;
}

static void play(struct peer *p, const char *name)
{
	const struct xha_v1_frame *v = find_recorded(name);

	send_frame(p, v->stream, take(p, v));
}

/* With other numbers in its body */
static void play_numbers(struct peer *p, const char *name, uint32_t a, uint32_t b)
{
	const struct xha_v1_frame *v = find_recorded(name);
	int len = take(p, v);

	store(p->buf + HDR_LEN, a);
	store(p->buf + HDR_LEN + 4, b);
	send_frame(p, v->stream, len);
}

static void play_group(struct old *o, const char *name, uint8_t state)
{
	const struct xha_v1_frame *v = find_recorded(name);
	int len = take(o->p, v);

	o->p->buf[STATE_AT] = state;
	o->p->buf[NODE_AT] = o->node;
	send_frame(o->p, v->stream, len);
}

int put_hello_old(struct peer *p)
{
	if (p->modern)	/* to see that it would be noticed */
		return hello_of(p, 1, 1, XHA_WIRE_FEATURES);
	return take(p, find_recorded("hello"));
}

static int old_type(int type)
{
	return (type >= OLD_HELLO && type <= OLD_DIGEST_REQ) ||
	       (type >= OLD_BULK_BEGIN && type <= OLD_MERGE_END) ||
	       (type >= OLD_CEILINGS && type <= OLD_FINALS) ||
	       (type >= OLD_PREPARE && type <= OLD_FLUSHED);
}

/* Parts of the frame that it could neither read nor skip. */
static void read_parts(const struct peer *p, int type, unsigned int last)
{
	int at = HDR_LEN;
	unsigned int part;

	while (at + 4 <= p->got_len) {
		part = load(p->got + at, 2);
		if (!part || (part > last && !(part & OLD_OPTIONAL)))
			say("unknown part %u of type %d\n", part, type);
		at += 4 + load(p->got + at + 2, 2);
	}
	if (at != p->got_len)
		say("unknown: octets behind the parts of type %d\n", type);
}

static void read_frame(const struct peer *p, int type)
{
	if (!old_type(type))
		say("unknown type %d\n", type);
	if (type == OLD_SA || type == OLD_MERGE_SA)
		read_parts(p, type, OLD_SA_PARTS);
	if (type == OLD_POLICY || type == OLD_MERGE_POLICY)
		read_parts(p, type, OLD_POLICY_PARTS);
}

static void play_snapshot(struct peer *p)
{
	static const char * const names[] = {
		"bulk-begin", "policy-out", "policy-fwd", "sa-out", "sa-in",
		"sa-esn", "bulk-end", "ceilings", "windows", "window-big",
		"lifetimes",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		play(p, names[i]);
	say("snapshot\n");
}

static void become_standby(struct old *o)
{
	play(o->p, "flushed");
	o->step = OLD_STANDBY;
	o->state = STATE_COLD;
	play_group(o, "standby", o->state);
	say("gave\n");
}

static void as_active(struct old *o, int type)
{
	struct peer *p = o->p;

	if (type == OLD_SYNC_REQ)
		play_snapshot(p);
	if (type == OLD_DIGEST_REQ)
		play(p, "digest");
	if (type == OLD_MERGE_END)
		play_numbers(p, "ack", p->heard[XHA_STREAM_STATE],
			     p->heard[XHA_STREAM_COUNTERS]);
	if (o->step == OLD_PREPARING && type == OLD_READY && p->got[HDR_LEN]) {
		o->step = OLD_FINISHING;
		play(p, "finals");
		play(p, "windows");
	} else if (o->step == OLD_FINISHING && type == OLD_ACK &&
		   load(p->got + HDR_LEN + 4, 4) == p->seq[XHA_STREAM_COUNTERS]) {
		o->step = OLD_COMMITTED;
		play_numbers(p, "commit", p->epoch + 1, 3);
	} else if (o->step == OLD_COMMITTED && type == OLD_TAKEN) {
		if (!p->got[HDR_LEN])
			say("refused: %.*s\n", p->got_len - HDR_LEN - 1,
			    (char *)p->got + HDR_LEN + 1);
		else
			become_standby(o);
	}
}

/* The finals that it gets, of each SA by the lower half of its name. */
static void tell_finals(const struct peer *p)
{
	int at;

	for (at = HDR_LEN + 4; at + 12 <= p->got_len; at += 12)
		say("final 0x%08x %u\n", load(p->got + at, 4),
		    load(p->got + at + 8, 4));
}

static void tell_mirrored(struct old *o)
{
	say("mirrored %u %u\n", o->sas, o->policies);
	o->state = STATE_HOT;
	play_group(o, "standby", o->state);
}

static void committed(struct old *o)
{
	o->p->epoch = load(o->p->got + HDR_LEN, 4);
	say("commit %u\n", load(o->p->got + HDR_LEN + 4, 4));
	o->step = OLD_TAKING;
	o->node = 1;
	play_group(o, "active", STATE_ACTIVE);
	play(o->p, "taken");
}

static void as_standby(struct old *o, int type)
{
	struct peer *p = o->p;

	/* What it receives of the new active says its epoch, too. */
	if (type == OLD_GROUP && load(p->got + EPOCH_AT, 4) > p->epoch) {
		p->epoch = load(p->got + EPOCH_AT, 4);
		o->node = p->got[NODE_AT];
		play_group(o, "standby", o->state);
	}
	if (type == OLD_GROUP && !o->asked) {
		play(p, "sync-req");
		o->asked = 1;
	}
	if (type == OLD_BULK_BEGIN)
		o->sas = o->policies = 0;
	o->sas += type == OLD_SA;
	o->policies += type == OLD_POLICY;
	if (type == OLD_BULK_END)
		tell_mirrored(o);
	if (type == OLD_FINALS)
		tell_finals(p);
	if (p->got_stream != XHA_STREAM_CONTROL)
		play_numbers(p, "ack", p->heard[XHA_STREAM_STATE],
			     p->heard[XHA_STREAM_COUNTERS]);
	if (type == OLD_PREPARE) {
		o->step = OLD_OFFERED;
		play(p, "ready");
	} else if (o->step == OLD_OFFERED && type == OLD_COMMIT) {
		committed(o);
	} else if (o->step == OLD_TAKING && type == OLD_FLUSHED) {
		o->step = OLD_ACTIVE;
		o->asked = 0;
		say("took\n");
	}
}

int case_old(struct peer *p)
{
	struct old o = { .p = p, .node = 1 };	/* B is */
	int type = 0;

	play(p, "active");
	say("active\n");
	while (type >= 0 && now_ms() < deadline) {
		if (steps && o.step == OLD_ACTIVE) {
			steps = 0;
			o.step = OLD_PREPARING;
			play(p, "prepare");
		}
		type = next_frame(p, 100);
		if (type <= 0)
			continue;
		read_frame(p, type);
		if (o.step < OLD_STANDBY)
			as_active(&o, type);
		else
			as_standby(&o, type);
	}
	return type < 0 ? type : 0;
}
