// SPDX-License-Identifier: GPL-2.0-only
/*
 * When SAs and policies were added and used.
 *
 * xfrm_timer_handler() compares seconds of the wall clock, which is why an age
 * is written anew at each adoption. It runs from an hrtimer in steps of whole
 * seconds, so that an SA ends where the ms its timer was started at say: they
 * are read with the time, and given back with it.
 */
#include <linux/hrtimer.h>
#include <linux/timekeeping.h>

#include "age.h"
#include "group.h"
#include "netns.h"

s64 xha_age_now(void)
{
	return div_s64(ktime_get_boottime_ns(), NSEC_PER_MSEC);
}

/* CLOCK_REALTIME less CLOCK_BOOTTIME, ns. Read of one piece: no race. */
static s64 real_offset(void)
{
	return ktime_to_ns(ktime_sub(ktime_mono_to_any(0, TK_OFFS_REAL),
				     ktime_mono_to_any(0, TK_OFFS_BOOT)));
}

/* Rounded so that what is made with it is early: down for xfrm, up from it. */
static s64 real_offset_ms(bool up)
{
	s32 rem;
	s64 ms = div_s64_rem(real_offset(), NSEC_PER_MSEC, &rem);

	if (up)
		return ms + (rem > 0);
	return ms - (rem < 0);
}

/* At which ms of a second of the wall clock its timer looks. */
static u32 timer_ms(const struct xfrm_state *x)
{
	s32 rem;

	div_s64_rem(ktime_to_ns(hrtimer_get_expires(&x->mtimer)) + real_offset(),
		    NSEC_PER_SEC, &rem);
	return rem > 0 ? rem / (u32)NSEC_PER_MSEC : 0;
}

static s64 moment_of(u64 seconds, u32 ms)
{
	return min(xha_clock_of_seconds(seconds, ms) - real_offset_ms(true),
		   xha_age_now());
}

static bool stale(const struct xha_times *t, u64 add, u64 use)
{
	return !t->read || t->add_seen != add || t->use_seen != use;
}

static bool read_times(struct xha_times *t, u64 add, u64 use, u32 ms)
{
	bool changed = t->read && (t->add_seen != add ||
				   (t->use_seen && t->use_seen != use));

	if (!t->read || t->add_seen != add)
		t->add = moment_of(add, ms);
	if (!t->read || t->use_seen != use)
		t->use = use ? moment_of(use, ms) : XHA_CLOCK_NEVER;
	t->add_seen = add;
	t->use_seen = use;
	t->read = true;
	t->exact = true;
	return changed;
}

bool xha_age_stale_sa(const struct xha_sa *sa)
{
	return stale(&sa->times, READ_ONCE(sa->x->curlft.add_time),
		     READ_ONCE(sa->x->curlft.use_time));
}

bool xha_age_stale_policy(const struct xha_policy *p)
{
	return stale(&p->times, READ_ONCE(p->xp->curlft.add_time),
		     READ_ONCE(p->xp->curlft.use_time));
}

bool xha_age_read_sa(struct xha_sa *sa)
{
	const struct xfrm_state *x = sa->x;

	lockdep_assert_held(&x->lock);
	return read_times(&sa->times, x->curlft.add_time,
			  READ_ONCE(x->curlft.use_time), timer_ms(x));
}

/* Its timer goes by jiffies, and says nothing. */
bool xha_age_read_policy(struct xha_policy *p)
{
	const struct xfrm_policy *xp = p->xp;

	lockdep_assert_held(&xp->lock);
	return read_times(&p->times, xp->curlft.add_time,
			  READ_ONCE(xp->curlft.use_time), 0);
}

static void write_times(struct xfrm_lifetime_cur *cur, struct xha_times *t,
			const struct xha_pace *p)
{
	cur->add_time = p->add;
	WRITE_ONCE(cur->use_time, p->use);
	t->add_seen = cur->add_time;
	t->use_seen = cur->use_time;
	t->read = true;
}

static s64 real_of(s64 moment, s64 offset)
{
	return moment == XHA_CLOCK_NEVER ? moment : moment + offset;
}

void xha_age_arm_sa(struct xha_sa *sa)
{
	s64 offset = real_offset_ms(false);
	struct xha_pace p;

	xha_clock_pace_unknown(&p, real_of(sa->times.add, offset),
			       real_of(sa->times.use, offset));
	write_times(&sa->x->curlft, &sa->times, &p);
}

static bool over(u64 limit, s64 since, s64 now)
{
	return limit && since != XHA_CLOCK_NEVER &&
	       limit <= (u64)div_s64(max(now - since, 0LL), 1000);
}

/* When its timer is to look first: at once where there is nothing to wait for. */
static s64 first_look(const struct xfrm_lifetime_cfg *lft,
		      const struct xha_times *t, s64 base)
{
	s64 now = xha_age_now();

	if (over(lft->hard_add_expires_seconds, t->add, now) ||
	    over(lft->hard_use_expires_seconds, t->use, now))
		return now;
	return xha_clock_next(base, now + 1);
}

/* Its timer runs since a moment ago; if it looks already, what is set will do. */
void xha_age_start_sa(struct xha_sa *sa)
{
	struct xfrm_state *x = sa->x;
	struct xha_pace p;
	s64 offset, first;

	spin_lock_bh(&x->lock);
	if (x->km.state != XFRM_STATE_DEAD &&
	    hrtimer_try_to_cancel(&x->mtimer) >= 0) {
		offset = real_offset_ms(false);
		xha_clock_pace(&p, real_of(sa->times.add, offset),
			       real_of(sa->times.use, offset));
		write_times(&x->curlft, &sa->times, &p);
		first = first_look(&x->lft, &sa->times, p.base - offset);
		hrtimer_start(&x->mtimer, ms_to_ktime(first),
			      HRTIMER_MODE_ABS_SOFT);
	}
	spin_unlock_bh(&x->lock);
}

void xha_age_start_policy(struct xha_policy *p)
{
	struct xfrm_policy *xp = p->xp;
	struct xha_times t = p->times;
	struct xha_pace pace;
	s64 offset, first;

	/* Unused, its use counts from here to xfrm, too. */
	if (t.use == XHA_CLOCK_NEVER)
		t.use = t.add;

	write_lock_bh(&xp->lock);
	offset = real_offset_ms(false);
	xha_clock_pace(&pace, real_of(p->times.add, offset),
		       real_of(p->times.use, offset));
	write_times(&xp->curlft, &p->times, &pace);
	first = first_look(&xp->lft, &t, pace.base - offset);
	first = max(first - xha_age_now(), 0LL);
	/* A timer that waits holds the policy. */
	if (!xp->walk.dead &&
	    !mod_timer(&xp->timer, jiffies + msecs_to_jiffies(first)))
		xfrm_pol_hold(xp);
	write_unlock_bh(&xp->lock);
}

void xha_age_to_wire(const struct xha_net *xn, struct xha_wire_times *w,
		     const struct xha_times *t)
{
	bool moments = xn->session.features & XHA_WIRE_CLOCK;
	s64 now = xha_age_now();

	w->add_age = xha_clock_age(t->add, now);
	w->use_age = xha_clock_age(t->use, now);
	w->add_time = moments ? xha_clock_to_wire(t->add) : 0;
	w->use_time = moments ? xha_clock_to_wire(t->use) : 0;
}

/* Returns false where there are only ages, which may be late by their way. */
static bool told(const struct xha_net *xn, const struct xha_wire_times *w,
		 s64 *add, s64 *use)
{
	const struct xha_clock *c = &xn->session.clock;
	s64 now = xha_age_now();

	if (!w->add_time || !xha_clock_known(c)) {
		*add = xha_clock_of_age(w->add_age, now);
		*use = xha_clock_of_age(w->use_age, now);
		return false;
	}
	*add = xha_clock_here(c, xha_clock_from_wire(w->add_time), now);
	*use = xha_clock_here(c, xha_clock_from_wire(w->use_time), now);
	return true;
}

/* How what is told joins what is known: by what both were derived from. */
static s64 join(s64 known, bool known_exact, s64 told, bool told_exact)
{
	if (!told_exact)
		return xha_clock_first(known, told);
	return known_exact ? xha_clock_better(known, told) : told;
}

void xha_age_sa_from_wire(struct xha_sa *sa, const struct xha_wire_times *w,
			  bool again)
{
	struct xha_times *t = &sa->times;
	s64 add, use;
	bool exact = told(sa->rec.group->xn, w, &add, &use);

	t->read = false;
	t->add = again ? join(t->add, t->exact, add, exact) : add;
	t->use = again ? join(t->use, t->exact, use, exact) : use;
	t->exact = exact || (again && t->exact);
}

void xha_age_policy_from_wire(struct xha_policy *p,
			      const struct xha_wire_times *w, bool again)
{
	struct xha_times *t = &p->times;
	s64 add, use;
	bool exact = told(p->rec.group->xn, w, &add, &use);

	t->read = false;
	t->add = again ? join(t->add, t->exact, add, exact) : add;
	if (!again || t->use == XHA_CLOCK_NEVER)
		t->use = use;
	else if (use != XHA_CLOCK_NEVER)
		t->use = max(t->use, use);
	t->exact = exact || (again && t->exact);
}

void xha_age_merge_sa(struct xha_sa *sa, const struct xha_wire_times *w)
{
	s64 add, use;

	told(sa->rec.group->xn, w, &add, &use);
	use = xha_clock_first(sa->times.use, use);
	if (use == sa->times.use)
		return;
	sa->times.use = use;
	xha_age_start_sa(sa);
}
