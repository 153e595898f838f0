// SPDX-License-Identifier: GPL-2.0-only
/* What two nodes hear of each other and of others, and who is at fault. */
/* link: tools/xhad/hearing.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hearing.h"
#include "xha_util.h"

#define W_NONE	XHA_HEARING_NONE
#define W_ANS	XHA_HEARING_ANSWERS
#define W_SIL	XHA_HEARING_SILENT
#define P_UNK	XHA_HEARING_UNKNOWN
#define P_HRD	XHA_HEARING_HEARD
#define P_LOST	XHA_HEARING_LOST

static void test_every_word(void **state)
{
	struct xha_hearing in = { .n = 1 }, out;
	unsigned int lan, w, p;
	__u32 word;

	for (lan = 0; lan < XHA_CONF_MAX_STANDBYS; lan++, in.n++)
		for (w = W_NONE; w <= W_SIL; w++)
			for (p = P_UNK; p <= P_LOST; p++) {
				in.lans[lan].witness = w;
				in.lans[lan].peer = p;
				word = xha_hearing_pack(&in);
				assert_int_equal(word >> lan * 4, 1 + w * 3 + p);
				xha_hearing_unpack(&out, word);
				assert_memory_equal(&in, &out, sizeof(in));
			}
}

static void test_no_helper(void **state)
{
	struct xha_hearing h = { .n = 3 };

	xha_hearing_unpack(&h, 0);
	assert_int_equal(h.n, 0);
	assert_int_equal(xha_hearing_pack(&h), 0);
	assert_true(xha_hearing_by_all(&h));
}

/* A later version's values, or nonsense: nothing is known there. */
static void test_strange_word(void **state)
{
	struct xha_hearing h;
	unsigned int v;

	for (v = 10; v < 16; v++) {
		xha_hearing_unpack(&h, v << 4 | 5);
		assert_int_equal(h.n, 2);
		assert_int_equal(h.lans[0].witness, W_ANS);
		assert_int_equal(h.lans[0].peer, P_HRD);
		assert_int_equal(h.lans[1].witness, W_NONE);
		assert_int_equal(h.lans[1].peer, P_UNK);
	}
	xha_hearing_unpack(&h, 5U << 4);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.lans[0].witness, W_NONE);
	xha_hearing_unpack(&h, 0xffffffff);
	assert_int_equal(h.n, XHA_CONF_MAX_STANDBYS);
}

/* Two LANs, this node's view and the peer's, and what follows. */
struct scene {
	const char *what;
	struct xha_hearing_lan own[2];
	struct xha_hearing_lan peer[2];
	enum xha_hearing_fault fault;
	unsigned int lan;
};

static const struct scene scenes[] = {
	{ "all is well", { { W_ANS, P_HRD }, { W_ANS, P_HRD } },
	  { { W_ANS, P_HRD }, { W_ANS, P_HRD } }, XHA_HEARING_WELL, 0 },
	{ "no witnesses, all is well", { { W_NONE, P_HRD }, { W_NONE, P_HRD } },
	  { { W_NONE, P_HRD }, { W_NONE, P_HRD } }, XHA_HEARING_WELL, 0 },
	{ "deaf here", { { W_SIL, P_UNK }, { W_ANS, P_HRD } },
	  { { W_ANS, P_HRD }, { W_ANS, P_HRD } }, XHA_HEARING_DEAF, 0 },
	{ "mute here", { { W_ANS, P_HRD }, { W_SIL, P_HRD } },
	  { { W_ANS, P_HRD }, { W_ANS, P_LOST } }, XHA_HEARING_DEAF, 1 },
	{ "deaf there", { { W_ANS, P_HRD }, { W_ANS, P_HRD } },
	  { { W_SIL, P_LOST }, { W_ANS, P_HRD } }, XHA_HEARING_WELL, 0 },
	{ "the witness died", { { W_SIL, P_HRD }, { W_ANS, P_HRD } },
	  { { W_SIL, P_HRD }, { W_ANS, P_HRD } }, XHA_HEARING_WELL, 0 },
	{ "deaf here on one, there on the other",
	  { { W_SIL, P_UNK }, { W_ANS, P_HRD } },
	  { { W_ANS, P_HRD }, { W_SIL, P_LOST } }, XHA_HEARING_WELL, 0 },
	{ "the peer has no witness there", { { W_SIL, P_HRD }, { W_ANS, P_HRD } },
	  { { W_NONE, P_HRD }, { W_NONE, P_HRD } }, XHA_HEARING_WELL, 0 },
	{ "lost, nobody knows better", { { W_NONE, P_HRD }, { W_NONE, P_HRD } },
	  { { W_NONE, P_HRD }, { W_NONE, P_LOST } }, XHA_HEARING_UNHEARD, 1 },
	{ "lost, and heard by the witness", { { W_ANS, P_HRD }, { W_ANS, P_HRD } },
	  { { W_ANS, P_LOST }, { W_ANS, P_HRD } }, XHA_HEARING_WELL, 0 },
	{ "lost, the peer hears no witness", { { W_NONE, P_HRD }, { W_NONE, P_HRD } },
	  { { W_SIL, P_LOST }, { W_NONE, P_HRD } }, XHA_HEARING_WELL, 0 },
	{ "lost, no witness of this node answers either",
	  { { W_SIL, P_HRD }, { W_NONE, P_HRD } },
	  { { W_NONE, P_LOST }, { W_NONE, P_HRD } }, XHA_HEARING_UNHEARD, 0 },
	{ "lost on one, deaf on the other", { { W_NONE, P_HRD }, { W_SIL, P_HRD } },
	  { { W_NONE, P_LOST }, { W_ANS, P_HRD } }, XHA_HEARING_DEAF, 1 },
	{ "lost on one, the peer deaf on the other",
	  { { W_NONE, P_HRD }, { W_ANS, P_HRD } },
	  { { W_NONE, P_LOST }, { W_SIL, P_HRD } }, XHA_HEARING_WELL, 0 },
};

static void test_scenes(void **state)
{
	struct xha_hearing_verdict v;
	struct xha_hearing own, peer;
	const struct scene *s;

	for (s = scenes; s < scenes + ARRAY_SIZE(scenes); s++) {
		memset(&own, 0, sizeof(own));
		own.n = 2;
		peer = own;
		memcpy(own.lans, s->own, sizeof(s->own));
		memcpy(peer.lans, s->peer, sizeof(s->peer));
		v = xha_hearing_judge(&own, &peer);
		if (v.fault != s->fault || v.lan != s->lan)
			fail_msg("%s: %s on LAN %u", s->what,
				 xha_hearing_fault_name(v.fault), v.lan);
		/* At most one of the two leaves the role to the other. */
		if (v.fault == XHA_HEARING_DEAF)
			assert_int_equal(xha_hearing_judge(&peer, &own).fault,
					 XHA_HEARING_WELL);
		/* Of a peer that says nothing no fault follows. */
		peer.n = 0;
		assert_int_equal(xha_hearing_judge(&own, &peer).fault,
				 XHA_HEARING_WELL);
	}
}

static void test_by_all(void **state)
{
	struct xha_hearing h = {
		.n = 2,
		.lans = { { W_NONE, P_HRD }, { W_NONE, P_HRD } },
	};

	assert_true(xha_hearing_by_all(&h));
	h.lans[1].peer = P_UNK;
	assert_false(xha_hearing_by_all(&h));
	h.lans[1].peer = P_LOST;
	assert_false(xha_hearing_by_all(&h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_word),
		cmocka_unit_test(test_no_helper),
		cmocka_unit_test(test_strange_word),
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_by_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
