/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that look random and are the same in each run: Marsaglia's xorshift. */
#ifndef RND_H
#define RND_H

static u64 rng_state;	/* not 0; includers say with what it begins */

static u64 rnd(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

#endif /* RND_H */
