// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket as clients see it: requests that are wrong, answers with
 * histories, and listeners, one of whom does not read. The helper behind it
 * has one HSRP election; its group, packets and clock are played here.
 */
/* link: tools/xhad/role_vips.c */
/* link: tools/xhad/ctl.c tools/xhad/ctl_show.c tools/xhad/ctl_debug.c */
/* link: tools/xhad/ctl_role.c tools/xhad/external.c */
/* link: tools/xhad/external_show.c */
/* link: tools/xhad/hearer_show.c tools/xhad/hearing.c */
/* link: tools/xhad/out.c tools/xhad/lines.c tools/xhad/show.c */
/* link: tools/xhad/change.c tools/xhad/history.c tools/xhad/trace.c */
/* link: tools/xhad/hsrp.c tools/xhad/hsrp_fsm.c tools/xhad/hsrp_pkt.c */
/* link: tools/xhad/hsrp_auth.c tools/xhad/hsrp_adv.c */
/* link: tools/xhad/hsrp_show.c tools/xhad/hsrp_trace.c */
/* link: tools/xhad/vrrp_show.c tools/xhad/vrrp_fsm.c tools/xhad/vrrp_pkt.c */
/* link: tools/xhad/vmac_show.c tools/xhad/vmac_plan.c */
/* link: tools/lib/xha_addr.c */
/* libs: nettle json-c libsystemd libnl-3.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl.h"
#include "idle_role.h"
#include "trace.h"
#include "xhad.h"

#define SECRET	"geheim12"

/* ---- the played world ---- */

static struct xhad x;
static char dir[64], path[96];

const char *xha_role_name(const struct xha_role *r)
{
	return r->conf->name;
}

int xha_role_switchover(struct xha_role *r, xha_role_done_fn done, void *arg)
{
	done(arg, "not here");
	return -EINVAL;
}

void xha_role_forget(struct xha_role *r, void *arg)
{
}

struct json_object *xha_tracker_show(const struct xha_tracker *t)
{
	return json_object_new_array();
}

void xha_role_link(struct xha_role *r, struct xha_elect *e, bool up)
{
}

__u32 xha_role_peer_state(struct xha_role *r)
{
	return XFRM_HA_STATE_INIT;
}

bool xha_role_peer_hot(struct xha_role *r)
{
	return false;
}

void xha_role_give_up(struct xha_role *r, const char *cause)
{
	r->mode = XHA_ROLE_STANDBY;
	r->kernel_standby = true;
}

static __u64 host_now_us(struct xha_role *r)
{
	return now_us;
}

static const struct xha_host_ops host_ops = { .now_us = host_now_us };

static int keep_fault(struct external *ext, bool fault)
{
	return 0;
}

static const struct external_io_ops external_ops = { keep_fault };

static int h_send(struct hsrp *h, const __u8 *buf, size_t len)
{
	return 0;
}

static const struct hsrp_io_ops io_ops = {
	h_open, h_close, h_send, h_arm, h_disarm,
};

static struct hsrp *hsrp(void)
{
	return &x.groups[0].hsrp[0];
}

static int setup(void **state)
{
	struct xha_conf_group *g = &x.conf.groups[0];
	struct xha_conf_standby *sb = &g->standbys[0];

	memset(&x, 0, sizeof(x));
	now_us = 5000000;
	x.conf.n_groups = 1;
	snprintf(g->name, sizeof(g->name), "ha");
	g->id = 1;
	g->n_standbys = 1;
	snprintf(sb->name, sizeof(sb->name), "outside");
	snprintf(sb->interface, sizeof(sb->interface), "eth0");
	sb->version = 2;
	sb->number = 1;
	xha_addr_parse("192.0.2.1", &sb->vips[0].addr);
	sb->n_vips = 1;
	sb->priority = 100;
	sb->hello_ms = 1000;
	sb->hold_ms = 3000;
	sb->auth.mode = HSRP_MODE_TEXT;
	memcpy(sb->auth.text, SECRET, 8);
	x.groups[0].role.conf = g;
	hsrp_init(hsrp(), sb, &io_ops, &x.groups[0].role);
	xha_addr_parse("192.0.2.2", &hsrp()->elect.addr);
	x.groups[0].role.elects[0] = &hsrp()->elect;
	strcpy(hsrp()->elect.vmac.ifname, "xha1-1");
	x.groups[0].role.n_elects = 1;
	snprintf(dir, sizeof(dir), "/tmp/test_ctl.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	snprintf(path, sizeof(path), "%s/xhad.sock", dir);
	assert_true(sd_event_new(&x.event) >= 0);
	assert_int_equal(xha_ctl_open(&x, path), 0);
	hsrp()->elect.ops->start(&hsrp()->elect);
	return 0;
}

static int teardown(void **state)
{
	xha_ctl_close(x.ctl);
	assert_int_equal(xha_trace_kinds, 0);
	sd_event_unref(x.event);
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

static void run_loop(void)
{
	int i;

	for (i = 0; i < 10000 && sd_event_run(x.event, 0) > 0; i++)
		;
}

/* ---- clients ---- */

static int dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	run_loop();
}

/* All that has come, and comes while the helper runs; until the next call. */
static char *hear(int fd)
{
	static char text[8 << 20];
	ssize_t got;
	size_t n = 0;

	while ((got = recv(fd, text + n, sizeof(text) - 1 - n,
			   MSG_DONTWAIT)) > 0) {
		n += got;
		run_loop();
	}
	text[n] = '\0';
	return text;
}

static void assert_answer(const char *request, const char *want)
{
	int fd = dial();
	char *got;

	say(fd, request);
	got = hear(fd);
	assert_string_equal(got, want);
	close(fd);
	run_loop();
}

static int listener(const char *request)
{
	int fd = dial();
	char *got;

	say(fd, request);
	got = hear(fd);
	assert_string_equal(got, "{\"ok\":true}\n");
	return fd;
}

static void need_root(void)
{
	if (geteuid())
		skip();
}

#define EVENTS	"{\"cmd\":\"debug\",\"what\":\"events\"}\n"
#define PACKETS	"{\"cmd\":\"debug\",\"what\":\"packets\"}\n"

/* ---- tests ---- */

static void test_wrong_requests(void **state)
{
	assert_answer("hello\n",
		      "{\"ok\":false,\"error\":\"not a JSON object with \\\"cmd\\\"\"}\n");
	assert_answer("{\"cmd\":\"dance\"}\n",
		      "{\"ok\":false,\"error\":\"unknown command\"}\n");
	if (geteuid())
		return;
	assert_answer("{\"cmd\":\"debug\"}\n",
		      "{\"ok\":false,\"error\":\"\\\"what\\\" is missing: errors, events or packets\"}\n");
	assert_answer("{\"cmd\":\"debug\",\"what\":\"all\"}\n",
		      "{\"ok\":false,\"error\":\"\\\"what\\\" is errors, events or packets\"}\n");
	assert_answer("{\"cmd\":\"debug\",\"what\":\"events\",\"terse\":true}\n",
		      "{\"ok\":false,\"error\":\"\\\"terse\\\" is for packets\"}\n");
	assert_int_equal(xha_trace_kinds, 0);
}

/* Everybody may look, but what elections say on the LAN is root's. */
static void test_only_root(void **state)
{
	pid_t pid;
	int fd, status;
	char *got;

	need_root();
	pid = fork();
	if (!pid) {
		if (seteuid(65534))
			_exit(2);
		fd = dial();
		_exit(write(fd, PACKETS, strlen(PACKETS)) < 0 ||
		      read(fd, dir, sizeof(dir)) <= 0 || !strstr(dir, "root"));
	}
	while (!waitpid(pid, &status, WNOHANG))
		sd_event_run(x.event, 10000);
	assert_int_equal(status, 0);
	assert_int_equal(xha_trace_kinds, 0);
	fd = dial();
	say(fd, "{\"cmd\":\"standby\"}\n");
	got = hear(fd);
	assert_non_null(strstr(got, "\"ok\":true"));
	close(fd);
}

/* The group is one that another program elects, from here on. */
static void elect_elsewhere(void)
{
	struct xhad_group *g = &x.groups[0];

	x.conf.groups[0].external = true;
	g->xhad = &x;
	g->role.host = &host_ops;
	g->role.host_arg = g;
	g->role.kernel_standby = true;
	external_init(&g->external, &g->role, &external_ops);
	g->role.elects[0] = external_add(&g->external,
					 &x.conf.groups[0].standbys[0]);
}

#define ROLE(role, ms)	"{\"cmd\":\"role\",\"group\":\"ha\",\"role\":\"" role \
			"\",\"timeout_ms\":" #ms "}\n"

static void test_role_refused(void **state)
{
	need_root();
	x.groups[0].role.host_arg = &x.groups[0];
	assert_answer(ROLE("active", 1000),
		      "{\"ok\":false,\"error\":\"group ha has an election of its own, which decides the role: use xha switchover ha\",\"code\":\"refused\"}\n");
	elect_elsewhere();
	assert_answer(ROLE("master", 1000),
		      "{\"ok\":false,\"error\":\"role must be active, standby or fault, timeout_ms 1..600000\",\"code\":\"refused\"}\n");
	assert_answer(ROLE("active", 0),
		      "{\"ok\":false,\"error\":\"role must be active, standby or fault, timeout_ms 1..600000\",\"code\":\"refused\"}\n");
	assert_answer("{\"cmd\":\"role\",\"group\":\"hb\",\"role\":\"active\"}\n",
		      "{\"ok\":false,\"error\":\"no such group\"}\n");
	assert_answer("{\"cmd\":\"switchover\"}\n",
		      "{\"ok\":false,\"error\":\"another program elects for group ha: have that move the role, or use: xha role ha standby\"}\n");
	assert_int_equal(x.groups[0].external.order, EXTERNAL_NONE);
}

/* No answer before it is so; who waits for an older word is told. */
static void test_role(void **state)
{
	struct xha_role *role = &x.groups[0].role;
	int first, second;

	need_root();
	elect_elsewhere();
	first = dial();
	second = dial();
	say(first, ROLE("active", 60000));
	xha_ctl_settle(x.ctl);
	assert_string_equal(hear(first), "");
	say(first, ROLE("standby", 60000));
	assert_non_null(strstr(hear(first), "already under way"));
	now_us += 3000;
	role->mode = XHA_ROLE_ACTIVE;
	xha_ctl_settle(x.ctl);
	assert_string_equal(hear(first),
			    "{\"ok\":true,\"group\":\"ha\",\"role\":\"active\",\"took_ms\":3}\n");
	role->mode = XHA_ROLE_GIVING;
	say(first, ROLE("standby", 60000));
	say(second, ROLE("fault", 60000));
	xha_ctl_settle(x.ctl);
	assert_string_equal(hear(first),
			    "{\"ok\":false,\"error\":\"group ha: \\\"standby\\\" was replaced by \\\"fault\\\" (xha role)\",\"code\":\"replaced\"}\n");
	assert_string_equal(hear(second), "");
	/* Who has gone is not waited for; the word counts. */
	close(second);
	run_loop();
	role->mode = XHA_ROLE_STANDBY;
	xha_ctl_settle(x.ctl);
	assert_int_equal(x.groups[0].external.order, EXTERNAL_FAULT);
	close(first);
	run_loop();
}

/* Nothing to read yet? */
static bool ctl_waits(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static void test_role_times_out(void **state)
{
	int fd, i;

	need_root();
	elect_elsewhere();
	snprintf(x.groups[0].role.refused, 64, "the kernel has no time");
	fd = dial();
	say(fd, ROLE("active", 1));
	for (i = 0; i < 100 && ctl_waits(fd); i++)
		sd_event_run(x.event, 100000);
	assert_string_equal(hear(fd),
			    "{\"ok\":false,\"error\":\"group ha is not active yet, and goes on trying: the kernel has no time\",\"code\":\"timeout\"}\n");
	close(fd);
	run_loop();
}

static struct json_object *ask(const char *request)
{
	struct json_object *o, *groups;
	int fd = dial();
	char *got;

	say(fd, request);
	got = hear(fd);
	close(fd);
	assert_null(strstr(got, SECRET));
	o = json_tokener_parse(got);
	assert_true(json_object_object_get_ex(o, "groups", &groups));
	return o;
}

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *v;

	assert_true(json_object_object_get_ex(o, key, &v));
	return v;
}

static void test_show(void **state)
{
	struct json_object *o = ask("{\"cmd\":\"standby\"}\n"), *e;

	e = json_object_array_get_idx(member(o, "groups"), 0);
	assert_false(json_object_object_get_ex(e, "history", NULL));
	e = json_object_array_get_idx(member(e, "standby"), 0);
	assert_false(json_object_object_get_ex(e, "history", NULL));
	assert_string_equal(json_object_get_string(member(e, "auth")), "text");
	assert_string_equal(json_object_get_string(member(e, "virtual_mac")),
			    "00:00:0c:9f:f0:01");
	assert_false(json_object_get_boolean(member(e, "use_bia")));
	assert_string_equal(json_object_get_string(member(e, "vip_interface")),
			    "xha1-1");
	assert_string_equal(json_object_get_string(member(e, "state")),
			    "listen");
	json_object_put(o);
}

static void test_show_history(void **state)
{
	struct json_object *o, *e, *h;
	unsigned int i;

	for (i = 0; i < 40; i++) {
		now_us += 1000;
		hsrp()->elect.ops->grant(&hsrp()->elect, false);
		hsrp()->elect.ops->release(&hsrp()->elect);
	}
	o = ask("{\"cmd\":\"standby\",\"history\":true}\n");
	e = json_object_array_get_idx(member(o, "groups"), 0);
	assert_int_equal(json_object_array_length(member(e, "history")), 0);
	e = json_object_array_get_idx(member(e, "standby"), 0);
	h = member(e, "history");
	assert_int_equal(json_object_array_length(h), XHA_HISTORY_LEN);
	e = json_object_array_get_idx(h, XHA_HISTORY_LEN - 1);
	assert_string_equal(json_object_get_string(member(e, "from")),
			    "active");
	assert_string_equal(json_object_get_string(member(e, "to")), "speak");
	assert_int_equal(json_object_get_int64(member(e, "monotonic_us")),
			 now_us);
	json_object_put(o);
}

static void test_two_listeners(void **state)
{
	char *got;
	int a, b;

	need_root();
	a = listener(EVENTS);
	b = listener(EVENTS);
	hsrp()->elect.ops->grant(&hsrp()->elect, false);
	got = hear(a);
	assert_non_null(strstr(got, "\"to\":\"active\""));
	/* Who listens is not listened to. */
	say(a, "{\"cmd\":\"standby\"}\n");
	got = hear(a);
	assert_string_equal(got, "");
	close(a);
	run_loop();
	assert_int_equal(xha_trace_kinds, XHA_TRACE_EVENT);
	hsrp()->elect.ops->release(&hsrp()->elect);
	got = hear(b);
	assert_non_null(strstr(got, "\"to\":\"active\""));
	assert_non_null(strstr(got, "\"to\":\"speak\""));
	close(b);
	run_loop();
	assert_int_equal(xha_trace_kinds, 0);
}

/* What was asked before it began to listen is answered, what comes after not. */
static void test_requests_in_one_go(void **state)
{
	char *got;
	int fd;

	need_root();
	fd = dial();
	say(fd, "{\"cmd\":\"dance\"}\n" EVENTS "{\"cmd\":\"dance\"}\n");
	got = hear(fd);
	assert_string_equal(got, "{\"ok\":false,\"error\":\"unknown command\"}\n{\"ok\":true}\n");
	close(fd);
}

/*
 * One listener does not read. The helper goes on: the other one misses
 * nothing, others are answered, and the slow one learns how much it missed.
 */
static void test_slow_listener(void **state)
{
	unsigned int i, lines = 0, lost = 0, n;
	__u64 before;
	char *got, *line, *save;
	int slow, fast;

	need_root();
	before = hsrp()->sent;
	slow = listener(PACKETS);
	fast = listener(PACKETS);
	hsrp()->elect.ops->grant(&hsrp()->elect, false);
	for (i = 0; i < 5000; i++) {
		hsrp_timeout(hsrp(), HSRP_TIMER_HELLO);
		run_loop();
		got = hear(fast);
		assert_non_null(strstr(got, "\"opcode\":\"hello\""));
		assert_null(strstr(got, "\"kind\":\"lost\""));
	}
	json_object_put(ask("{\"cmd\":\"standby\"}\n"));
	got = hear(slow);
	assert_null(strstr(got, SECRET));
	for (line = strtok_r(got, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "{\"kind\":\"lost\",\"lines\":%u}", &n) == 1)
			lost += n;
		else
			lines++;
	}
	assert_int_equal(lines + lost, hsrp()->sent - before);
	assert_true(lost > 0 && lines > 0);
	close(slow);
	close(fast);
}

/* Listeners never take all places, and give theirs back. */
static void test_many_listeners(void **state)
{
	int fds[8];
	unsigned int i;

	need_root();
	for (i = 0; i < 8; i++)
		fds[i] = listener(EVENTS);
	assert_answer(EVENTS, "{\"ok\":false,\"error\":\"too many others listen already\"}\n");
	json_object_put(ask("{\"cmd\":\"standby\"}\n"));
	close(fds[0]);
	run_loop();
	fds[0] = listener(EVENTS);
	for (i = 0; i < 8; i++)
		close(fds[i]);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_wrong_requests),
		T(test_only_root),
		T(test_role_refused),
		T(test_role),
		T(test_role_times_out),
		T(test_show),
		T(test_show_history),
		T(test_two_listeners),
		T(test_requests_in_one_go),
		T(test_slow_listener),
		T(test_many_listeners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
