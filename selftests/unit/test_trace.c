// SPDX-License-Identifier: GPL-2.0-only
/*
 * What listeners are told of HSRP and VRRP: each packet and change once, under
 * the right kind, with the right fields, and never a text, password or key.
 */
/* link: tools/xhad/change.c tools/xhad/history.c tools/xhad/trace.c */
/* link: tools/xhad/show.c tools/xhad/hsrp_trace.c tools/xhad/vrrp_trace.c */
/* link: tools/xhad/hsrp.c tools/xhad/hsrp_fsm.c tools/xhad/hsrp_pkt.c */
/* link: tools/xhad/hsrp_auth.c tools/xhad/hsrp_adv.c tools/xhad/vrrp.c */
/* link: tools/xhad/vrrp_fsm.c tools/xhad/vrrp_pkt.c tools/lib/xha_addr.c */
/* libs: nettle json-c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "idle_role.h"
#include "trace.h"
#include "vrrp.h"

#define SECRET	"geheim12"
#define MAX	32

/* ---- the played world ---- */

static int send_err;
static struct xha_conf_group group_conf;
static struct xha_conf_standby conf[2], vconf, wconf;
static struct hsrp hs[2];
static struct vrrp v, sibling, *all_v;
static struct hsrp *all;
static struct xha_role role;

const char *xha_role_name(const struct xha_role *r)
{
	return "ha";
}

static int h_send(struct hsrp *h, const __u8 *buf, size_t len)
{
	return send_err;
}

static const struct hsrp_io_ops h_io = {
	h_open, h_close, h_send, h_arm, h_disarm,
};

static int v_open(struct vrrp *r)
{
	return 0;
}

static void v_close(struct vrrp *r)
{
}

static int v_send(struct vrrp *r, const __u8 *buf, size_t len)
{
	return send_err;
}

static void v_arm(struct vrrp *r, enum vrrp_timer t, __u32 us)
{
}

static void v_disarm(struct vrrp *r, enum vrrp_timer t)
{
}

static const struct vrrp_io_ops v_io = {
	v_open, v_close, v_send, v_arm, v_disarm,
};

/* ---- a listener ---- */

struct ear {
	struct xha_trace_sink sink;
	struct json_object *got[MAX];
	unsigned int n;
};

static struct ear ear, other;

static void on_line(struct xha_trace_sink *sink, const char *text, size_t len)
{
	struct ear *e = (struct ear *)sink;

	assert_int_equal(strlen(text), len);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	assert_null(strstr(text, SECRET));
	assert_true(e->n < MAX);
	e->got[e->n] = json_tokener_parse(text);
	assert_non_null(e->got[e->n]);
	e->n++;
}

static void forget(struct ear *e)
{
	while (e->n)
		json_object_put(e->got[--e->n]);
}

static void listen_to(struct ear *e, unsigned int kinds)
{
	forget(e);
	xha_trace_detach(&e->sink);
	e->sink.kinds = kinds;
	e->sink.line = on_line;
	if (kinds)
		xha_trace_attach(&e->sink);
}

/* A record has what the JSON says; other keys do not matter. */
static void assert_record(struct ear *e, unsigned int i, const char *want)
{
	struct json_object *w = json_tokener_parse(want), *has;

	assert_non_null(w);
	assert_true(i < e->n);
	json_object_object_foreach(w, key, value) {
		if (!json_object_object_get_ex(e->got[i], key, &has))
			fail_msg("no %s in %s", key,
				 json_object_to_json_string(e->got[i]));
		if (!json_object_equal(has, value))
			fail_msg("%s, not %s in %s", key,
				 json_object_to_json_string(value),
				 json_object_to_json_string(e->got[i]));
	}
	json_object_put(w);
}

static bool has(struct ear *e, unsigned int i, const char *key)
{
	return json_object_object_get_ex(e->got[i], key, NULL);
}

/* ---- what is heard ---- */

static void conf_standby(struct xha_conf_standby *sb, const char *name,
			 const char *ifname, unsigned int number,
			 const char *vip)
{
	memset(sb, 0, sizeof(*sb));
	snprintf(sb->name, sizeof(sb->name), "%s", name);
	snprintf(sb->interface, sizeof(sb->interface), "%s", ifname);
	sb->version = 2;
	sb->number = number;
	xha_addr_parse(vip, &sb->vips[0].addr);
	sb->n_vips = 1;
	sb->priority = 100;
	sb->hello_ms = 1000;
	sb->hold_ms = 3000;
}

static int setup(void **state)
{
	int i;

	now_us = 5000000;
	send_err = 0;
	all = NULL;
	all_v = NULL;
	memset(&role, 0, sizeof(role));
	role.conf = &group_conf;
	listen_to(&ear, 0);
	listen_to(&other, 0);
	conf_standby(&conf[0], "one", "eth0", 1, "192.0.2.1");
	conf_standby(&conf[1], "two", "eth0", 2, "192.0.2.9");
	conf_standby(&vconf, "vr", "eth1", 51, "10.1.0.1");
	for (i = 0; i < 2; i++) {
		hsrp_init(&hs[i], &conf[i], &h_io, &role);
		xha_addr_parse("192.0.2.2", &hs[i].elect.addr);
		hsrp_join(&all, &hs[i]);
		hs[i].elect.ops->start(&hs[i].elect);
	}
	vconf.protocol = XHA_CONF_VRRP;
	vconf.vrrp.version = 2;
	vconf.vrrp.has_auth = true;
	memcpy(vconf.vrrp.auth, SECRET, 8);
	vrrp_init(&v, &vconf, &v_io, &role);
	xha_addr_parse("10.1.0.2", &v.elect.addr);
	vrrp_join(&all_v, &v);
	v.elect.ops->start(&v.elect);
	wconf = vconf;
	wconf.number = 52;
	vrrp_init(&sibling, &wconf, &v_io, &role);
	sibling.elect.addr = v.elect.addr;
	vrrp_join(&all_v, &sibling);
	sibling.elect.ops->start(&sibling.elect);
	return 0;
}

static int teardown(void **state)
{
	listen_to(&ear, 0);
	listen_to(&other, 0);
	return 0;
}

static struct hsrp_msg says(int op, int st, unsigned int priority)
{
	return (struct hsrp_msg){
		.version = 2, .opcode = op, .state = st, .group = 1,
		.priority = priority, .hello_ms = 1000, .hold_ms = 3000,
		.vip = conf[0].vips[0].addr,
	};
}

/* Every instance of the interface gets what comes to it. */
static void arrive(const __u8 *buf, size_t len, int ttl)
{
	struct hsrp_rx rx = { .buf = buf, .len = len, .ttl = ttl };
	int i;

	xha_addr_parse("192.0.2.3", &rx.src);
	for (i = 0; i < 2; i++)
		hsrp_receive(&hs[i], &rx);
}

static void hear(struct hsrp_msg m)
{
	__u8 buf[HSRP_PKT_LEN_MAX];
	int len = hsrp_pkt_encode(&m, buf, sizeof(buf));

	arrive(buf, len, 1);
}

static void hear_vrid(__u8 vrid, __u8 priority, const char *password)
{
	struct vrrp_path path = { .dst = vrrp_mcast(&v), .ttl = 255 };
	struct vrrp_msg m = {
		.version = 2, .vrid = vrid, .priority = priority,
		.auth_type = VRRP_AUTH_TEXT, .interval_ms = 1000,
		.n_addrs = 1, .addrs = { vconf.vips[0].addr },
	};
	__u8 buf[VRRP_PKT_MAX];
	int len;

	xha_addr_parse("10.1.0.3", &path.src);
	memcpy(m.auth, password, strlen(password));
	len = vrrp_pkt_encode(&m, &path, buf, sizeof(buf));
	vrrp_receive(&v, buf, len, &path);
	vrrp_receive(&sibling, buf, len, &path);
}

static void hear_vrrp(__u8 priority, const char *password)
{
	hear_vrid(51, priority, password);
}

/* ---- tests ---- */

static void test_nobody_listens(void **state)
{
	assert_int_equal(xha_trace_kinds, 0);
	assert_false(xha_trace_on(~0U));
	listen_to(&ear, XHA_TRACE_EVENT);
	listen_to(&other, XHA_TRACE_PACKET);
	assert_int_equal(xha_trace_kinds, XHA_TRACE_EVENT | XHA_TRACE_PACKET);
	listen_to(&ear, 0);
	assert_int_equal(xha_trace_kinds, XHA_TRACE_PACKET);
	listen_to(&other, 0);
	assert_int_equal(xha_trace_kinds, 0);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200));
	assert_int_equal(ear.n + other.n, 0);
}

static void test_packets(void **state)
{
	struct hsrp_msg advert = { .version = 2, .opcode = HSRP_OP_ADVERT,
				   .if_active = 1, .if_passive = 2 };

	listen_to(&ear, XHA_TRACE_PACKET | XHA_TRACE_HELLO);
	listen_to(&other, XHA_TRACE_PACKET);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200));
	hear(says(HSRP_OP_COUP, HSRP_STATE_SPEAK, 210));
	hear(advert);
	hear(says(HSRP_OP_RESIGN, HSRP_STATE_ACTIVE, 200));
	assert_int_equal(ear.n, 5);
	assert_record(&ear, 0, "{\"kind\":\"packet\",\"interface\":\"eth0\","
		      "\"protocol\":\"hsrp\",\"number\":1,\"name\":\"one\","
		      "\"group\":\"ha\",\"monotonic_us\":5000000,"
		      "\"direction\":\"in\",\"source\":\"192.0.2.3\","
		      "\"opcode\":\"hello\",\"version\":2,\"packet_number\":1,"
		      "\"state\":\"active\",\"priority\":200,\"hello_ms\":1000,"
		      "\"hold_ms\":3000,\"vip\":\"192.0.2.1\","
		      "\"auth\":\"none\"}");
	assert_record(&ear, 1, "{\"opcode\":\"coup\",\"priority\":210}");
	assert_record(&ear, 2, "{\"opcode\":\"advertise\",\"active_groups\":1,"
		      "\"passive_groups\":2}");
	assert_record(&ear, 3, "{\"opcode\":\"resign\",\"direction\":\"in\"}");
	/* The active has gone: the answer is a hello of one's own. */
	assert_record(&ear, 4, "{\"opcode\":\"hello\",\"direction\":\"out\","
		      "\"source\":\"192.0.2.2\",\"state\":\"speak\","
		      "\"priority\":100,\"auth\":\"text\"}");
	assert_int_equal(other.n, 2);
	assert_record(&other, 0, "{\"opcode\":\"coup\"}");
	assert_record(&other, 1, "{\"opcode\":\"resign\"}");
}

static void test_errors(void **state)
{
	struct hsrp_msg m = says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200);
	__u8 buf[HSRP_PKT_LEN_MAX];
	int len = hsrp_pkt_encode(&m, buf, sizeof(buf));

	listen_to(&ear, XHA_TRACE_ERROR);
	listen_to(&other, XHA_TRACE_PACKET | XHA_TRACE_HELLO | XHA_TRACE_ERROR);
	arrive(buf, len, 2);
	arrive(buf, 7, 1);
	m.auth = HSRP_AUTH_TEXT;
	memcpy(m.text, SECRET, 8);
	hear(m);
	m = says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200);
	m.group = 77;
	hear(m);
	m.group = 2;
	hear(m);
	/* Each once, although two instances refuse what is nobody's. */
	assert_int_equal(ear.n, 5);
	assert_record(&ear, 0, "{\"kind\":\"error\",\"reason\":\"ttl\","
		      "\"ttl\":2,\"length\":42,\"source\":\"192.0.2.3\","
		      "\"direction\":\"in\",\"name\":\"one\"}");
	assert_false(has(&ear, 0, "opcode"));
	assert_record(&ear, 1, "{\"reason\":\"length\",\"length\":7}");
	assert_record(&ear, 2, "{\"reason\":\"auth_text\",\"auth\":\"text\","
		      "\"opcode\":\"hello\",\"priority\":200}");
	assert_record(&ear, 3, "{\"reason\":\"group\",\"packet_number\":77}");
	assert_record(&ear, 4, "{\"reason\":\"vip\",\"name\":\"two\","
		      "\"vip\":\"192.0.2.1\"}");
	/* Who wants it for two reasons gets it once. */
	assert_int_equal(other.n, 5);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200));
	assert_int_equal(ear.n, 5);
	assert_int_equal(other.n, 6);
}

static void test_not_sent(void **state)
{
	listen_to(&ear, XHA_TRACE_ERROR);
	hs[0].elect.ops->grant(&hs[0].elect, false);
	v.elect.ops->grant(&v.elect, false);
	assert_int_equal(ear.n, 0);
	send_err = -ENETDOWN;
	hsrp_timeout(&hs[0], HSRP_TIMER_HELLO);
	vrrp_timeout(&v, VRRP_TIMER_ADVERT);
	assert_int_equal(ear.n, 2);
	assert_record(&ear, 0, "{\"kind\":\"error\",\"direction\":\"out\","
		      "\"protocol\":\"hsrp\",\"opcode\":\"hello\","
		      "\"reason\":\"Network is down\"}");
	assert_record(&ear, 1, "{\"kind\":\"error\",\"direction\":\"out\","
		      "\"protocol\":\"vrrp\",\"opcode\":\"advertisement\","
		      "\"reason\":\"Network is down\"}");
}

static void test_md5(void **state)
{
	struct hsrp_auth_conf *auth = &conf[0].auth;

	auth->mode = HSRP_MODE_MD5;
	auth->n_keys = 1;
	auth->keys[0].id = 7;
	auth->keys[0].len = 8;
	memcpy(auth->keys[0].data, SECRET, 8);
	listen_to(&ear, XHA_TRACE_HELLO | XHA_TRACE_ERROR);
	hs[0].elect.ops->grant(&hs[0].elect, false);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_STANDBY, 90));
	assert_record(&ear, 0, "{\"opcode\":\"hello\",\"auth\":\"md5\","
		      "\"auth_key_id\":7}");
	assert_record(&ear, ear.n - 1, "{\"reason\":\"auth_type\","
		      "\"auth\":\"none\"}");
}

static void test_events(void **state)
{
	listen_to(&ear, XHA_TRACE_EVENT);
	listen_to(&other, XHA_TRACE_PACKET | XHA_TRACE_HELLO | XHA_TRACE_ERROR);
	hear(says(HSRP_OP_HELLO, HSRP_STATE_ACTIVE, 200));
	assert_int_equal(ear.n, 0);
	hsrp_timeout(&hs[0], HSRP_TIMER_HELLO);
	assert_int_equal(ear.n, 0);
	listen_to(&other, 0);
	hsrp_timeout(&hs[0], HSRP_TIMER_ACTIVE);
	vrrp_timeout(&v, VRRP_TIMER_MASTER);
	role.kernel_standby = true;
	xha_role_note(&role, "takes part");
	xha_role_note(&role, "takes part");
	assert_int_equal(ear.n, 4);
	assert_record(&ear, 0, "{\"kind\":\"event\",\"event\":\"timer\","
		      "\"timer\":\"active\",\"name\":\"one\"}");
	assert_record(&ear, 1, "{\"kind\":\"event\",\"event\":\"state\","
		      "\"from\":\"listen\",\"to\":\"speak\",\"cause\":"
		      "\"hold time of the active over: 192.0.2.3 priority 200\"}");
	assert_record(&ear, 2, "{\"event\":\"timer\",\"timer\":\"master down\","
		      "\"protocol\":\"vrrp\",\"interface\":\"eth1\"}");
	assert_record(&ear, 3, "{\"event\":\"role\",\"group\":\"ha\","
		      "\"from\":\"init\",\"to\":\"standby\","
		      "\"cause\":\"takes part\"}");
	assert_false(has(&ear, 3, "interface"));
}

static void test_vrrp(void **state)
{
	listen_to(&ear, XHA_TRACE_PACKET | XHA_TRACE_HELLO);
	listen_to(&other, XHA_TRACE_PACKET);
	hear_vrrp(200, SECRET);
	hear_vrrp(200, "another1");
	hear_vrrp(0, SECRET);
	v.elect.ops->grant(&v.elect, false);
	v.elect.ops->release(&v.elect);
	assert_int_equal(ear.n, 5);
	assert_record(&ear, 0, "{\"kind\":\"packet\",\"direction\":\"in\","
		      "\"interface\":\"eth1\",\"protocol\":\"vrrp\","
		      "\"source\":\"10.1.0.3\",\"opcode\":\"advertisement\","
		      "\"version\":2,\"number\":51,\"packet_number\":51,"
		      "\"priority\":200,\"interval_ms\":1000,"
		      "\"vips\":[\"10.1.0.1\"],\"auth\":\"text\"}");
	assert_record(&ear, 1, "{\"kind\":\"error\",\"reason\":\"auth\","
		      "\"ttl\":255,\"priority\":200,\"auth\":\"text\"}");
	assert_record(&ear, 2, "{\"kind\":\"packet\",\"opcode\":\"resign\"}");
	assert_record(&ear, 3, "{\"direction\":\"out\",\"priority\":100,"
		      "\"opcode\":\"advertisement\",\"auth\":\"text\"}");
	assert_record(&ear, 4, "{\"direction\":\"out\",\"priority\":0,"
		      "\"opcode\":\"resign\"}");
	/* Another virtual router's is told of once. */
	hear_vrid(77, 200, SECRET);
	assert_int_equal(ear.n, 6);
	assert_record(&ear, 5, "{\"reason\":\"vrid\",\"packet_number\":77}");
	hear_vrid(52, 200, SECRET);
	assert_int_equal(ear.n, 7);
	assert_record(&ear, 6, "{\"kind\":\"packet\",\"number\":52}");
	/* The refused one is none of those that come all the time. */
	assert_int_equal(other.n, 4);
	assert_record(&other, 0, "{\"kind\":\"error\"}");
	assert_record(&other, 1, "{\"opcode\":\"resign\",\"direction\":\"in\"}");
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_nobody_listens),
		T(test_packets),
		T(test_errors),
		T(test_not_sent),
		T(test_md5),
		T(test_events),
		T(test_vrrp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
