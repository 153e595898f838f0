// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic with a memory: numbered UDP in both directions at once, and a
 * numbered TCP stream that is echoed, both checked at each end.
 *
 *   flow udp ADDR:PORT ADDR:PORT        send to and receive from the other end
 *   flow sink ADDR:PORT                 receive only
 *   flow tcp-listen ADDR:PORT           echo one connection
 *   flow tcp-connect ADDR:PORT ADDR:PORT
 *   flow encap ADDR:PORT                hold a UDP encapsulation socket (NAT-T)
 *   flow clock                          offset from monotonic to real time, ns
 *
 * An ADDR of IPv6 stands in brackets.
 *
 * Options: -r RATE packets (UDP) or chunks (TCP) per second, -s SIZE bytes of
 * each, -n COUNT packets (UDP) and no more, -o FILE for the result, -p FILE for
 * the progress, which is rewritten in place: a script can wait for it instead of
 * sleeping.
 *
 * UDP sends number 0, which nobody counts, until the other end is heard: no
 * loss is counted for an end that has not started yet. With -f it does not
 * wait (probes, which nobody answers).
 *
 * SIGUSR1 ends sending, receiving goes on; SIGTERM ends everything and the
 * result, one JSON object, is written. TCP ends by itself once all has been
 * sent, echoed and closed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <linux/udp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NSEC		1000000000LL
#define MAGIC		0x7868616674657374ULL
#define SEQ_MAX		(1ULL << 24)	/* numbers the receiver can tell apart */
#define GAPS		64
#define GAP_NS		(40 * 1000000LL)
#define BURST		64		/* numbers sent at once when late */
#define BUF		65536
#define PROGRESS_NS	(20 * 1000000LL)

struct pkt {
	uint64_t magic;
	uint64_t seq;
	uint64_t sent_ns;
};

struct end {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

struct gap {
	int64_t from_ns;
	int64_t ns;
	uint64_t lost;
};

struct stats {
	uint64_t sent;
	uint64_t send_errors;
	uint64_t received;	/* different numbers */
	uint64_t duplicates;
	uint64_t reordered;
	uint64_t foreign;
	uint64_t highest;
	bool started;		/* the other end is there */
	int64_t first_ns;
	int64_t last_ns;
	struct gap max;
	struct gap gap[GAPS];
	unsigned int gaps;
};

static volatile sig_atomic_t stop_sending;
static volatile sig_atomic_t stop;
static uint8_t *seen;
static long rate = 200;
static size_t size = 100;
static uint64_t most = UINT64_MAX;
static bool at_once;
/* Open from the start: a share that lost it at the end cost whole runs. */
static FILE *result;
static int progress_fd = -1;
static int64_t progress_at;

static void on_signal(int sig)
{
	if (sig == SIGTERM || sig == SIGINT)
		stop = 1;
	stop_sending = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

static struct end parse_addr(const char *text)
{
	const char *colon = strrchr(text, ':');
	bool v6 = text[0] == '[';
	struct end e = { 0 };
	char host[64];
	int n;

	n = colon ? colon - text - 2 * v6 : 0;
	if (n <= 0 || n >= (int)sizeof(host) || (v6 && colon[-1] != ']')) {
		fprintf(stderr, "flow: %s is not ADDR:PORT\n", text);
		exit(2);
	}
	snprintf(host, sizeof(host), "%.*s", n, text + v6);
	e.sa.sa_family = v6 ? AF_INET6 : AF_INET;
	e.len = v6 ? sizeof(e.v6) : sizeof(e.v4);
	/* The port is at the same place in both. */
	e.v4.sin_port = htons(atoi(colon + 1));
	if (inet_pton(e.sa.sa_family, host, v6 ? (void *)&e.v6.sin6_addr :
		      (void *)&e.v4.sin_addr) != 1) {
		fprintf(stderr, "flow: %s is no IP address\n", host);
		exit(2);
	}
	return e;
}

/* Fixed width, so that a reader never sees a mix of two lengths. */
static void progress(const struct stats *st, const char *state)
{
	char line[128];
	int64_t now = now_ns(CLOCK_MONOTONIC);
	int n;

	if (progress_fd < 0 || now < progress_at)
		return;
	progress_at = now + PROGRESS_NS;
	n = snprintf(line, sizeof(line), "%12" PRIu64 " %12" PRIu64 " %-8s\n",
		     st->sent, st->received, state);
	if (pwrite(progress_fd, line, n, 0) != n)
		die("progress");
}

static void note_gap(struct stats *st, int64_t now, uint64_t seq)
{
	struct gap g = { .from_ns = st->last_ns, .ns = now - st->last_ns };

	g.lost = seq > st->highest + 1 ? seq - st->highest - 1 : 0;
	if (g.ns > st->max.ns)
		st->max = g;
	if (g.ns >= GAP_NS && st->gaps < GAPS)
		st->gap[st->gaps++] = g;
}

static void udp_receive(int fd, struct stats *st)
{
	char buf[2048];
	struct pkt p;
	uint64_t seq;
	int64_t now;

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= (ssize_t)sizeof(p)) {
		memcpy(&p, buf, sizeof(p));
		seq = be64toh(p.seq);
		if (be64toh(p.magic) != MAGIC || seq >= SEQ_MAX) {
			st->foreign++;
			continue;
		}
		st->started = true;
		if (!seq)
			continue;
		if (seen[seq / 8] & 1 << seq % 8) {
			st->duplicates++;
			continue;
		}
		seen[seq / 8] |= 1 << seq % 8;
		now = now_ns(CLOCK_REALTIME);
		if (st->received)
			note_gap(st, now, seq);
		else
			st->first_ns = now;
		st->last_ns = now;
		st->received++;
		if (seq < st->highest)
			st->reordered++;
		else
			st->highest = seq;
	}
}

static void udp_send(int fd, const struct end *to, struct stats *st)
{
	char buf[2048] = { 0 };
	struct pkt p = {
		.magic = htobe64(MAGIC),
		.seq = htobe64(st->started ? st->sent + 1 : 0),
		.sent_ns = htobe64(now_ns(CLOCK_REALTIME)),
	};

	memcpy(buf, &p, sizeof(p));
	if (sendto(fd, buf, size, 0, &to->sa, to->len) < 0)
		st->send_errors++;
	else if (st->started && ++st->sent >= most)
		stop_sending = 1;
}

static void udp_result(const struct stats *st)
{
	FILE *f = result;
	unsigned int i;

	fprintf(f, "{\"sent\":%" PRIu64 ",\"send_errors\":%" PRIu64
		",\"received\":%" PRIu64 ",\"duplicates\":%" PRIu64
		",\"reordered\":%" PRIu64 ",\"foreign\":%" PRIu64
		",\"highest\":%" PRIu64 ",\"first_rx\":%.6f,\"last_rx\":%.6f"
		",\"max_gap_ms\":%.3f,\"max_gap_from\":%.6f"
		",\"max_gap_lost\":%" PRIu64 ",\"gaps\":[",
		st->sent, st->send_errors, st->received, st->duplicates,
		st->reordered, st->foreign, st->highest,
		st->first_ns / 1e9, st->last_ns / 1e9, st->max.ns / 1e6,
		st->max.from_ns / 1e9, st->max.lost);
	for (i = 0; i < st->gaps; i++)
		fprintf(f, "%s{\"from\":%.6f,\"ms\":%.3f,\"lost\":%" PRIu64 "}",
			i ? "," : "", st->gap[i].from_ns / 1e9,
			st->gap[i].ns / 1e6, st->gap[i].lost);
	fprintf(f, "]}\n");
	fclose(f);
}

static int udp_socket(const struct end *local)
{
	int fd = socket(local->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rcvbuf = 4 << 20, one = 1;

	if (fd < 0)
		die("socket");
	/* As IKE daemons do. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (local->sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf));
	if (bind(fd, &local->sa, local->len))
		die("bind");
	return fd;
}

static int run_udp(const struct end *local, const struct end *remote)
{
	int64_t step = NSEC / rate, next = now_ns(CLOCK_MONOTONIC), now, wait;
	struct stats st = { .started = at_once };
	struct pollfd pfd = { .events = POLLIN };
	struct timespec ts;
	int burst;

	seen = calloc(1, SEQ_MAX / 8);
	if (!seen)
		die("calloc");
	pfd.fd = udp_socket(local);
	while (!stop) {
		now = now_ns(CLOCK_MONOTONIC);
		burst = BURST;
		while (remote && !stop_sending && now >= next && burst--) {
			udp_send(pfd.fd, remote, &st);
			next += step;
		}
		if (now - next > NSEC)
			next = now;	/* a stalled machine makes no flood */
		progress(&st, stop_sending ? "draining" : "sending");
		wait = remote && !stop_sending && next < now + PROGRESS_NS ?
		       next - now : PROGRESS_NS;
		if (wait < 0)
			wait = 0;
		ts.tv_sec = 0;
		ts.tv_nsec = wait;
		if (ppoll(&pfd, 1, &ts, NULL) > 0)
			udp_receive(pfd.fd, &st);
	}
	udp_receive(pfd.fd, &st);
	progress_at = 0;
	progress(&st, "ended");
	udp_result(&st);
	return 0;
}

/* One direction of the TCP stream: 64-bit numbers, counted up from 0. */
struct stream {
	uint64_t bytes;
	uint64_t wrong;
};

static void stream_fill(char *buf, size_t len, uint64_t pos)
{
	uint64_t be;
	size_t i;

	for (i = 0; i < len; i++) {
		be = htobe64((pos + i) / 8);
		buf[i] = ((char *)&be)[(pos + i) % 8];
	}
}

static void stream_check(struct stream *s, const char *buf, size_t len)
{
	static char want[BUF];

	stream_fill(want, len, s->bytes);
	if (memcmp(want, buf, len))
		s->wrong++;
	s->bytes += len;
}

struct tcp {
	int fd;
	bool client;
	bool eof;	/* the other side has closed its direction */
	bool closed;	/* this side has */
	int err;
	uint64_t sent;
	uint64_t owed;	/* bytes due: by rate (client), to echo (server) */
	struct stream in;
	int64_t last_ns;
	struct gap max;
};

static void tcp_receive(struct tcp *t)
{
	static char buf[BUF];
	int64_t now = now_ns(CLOCK_REALTIME);
	ssize_t n = recv(t->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			t->err = errno;
		return;
	}
	if (!n) {
		t->eof = true;
		return;
	}
	stream_check(&t->in, buf, n);
	if (!t->client)
		t->owed += n;
	if (t->last_ns && now - t->last_ns > t->max.ns) {
		t->max.ns = now - t->last_ns;
		t->max.from_ns = t->last_ns;
	}
	t->last_ns = now;
}

static void tcp_send(struct tcp *t)
{
	static char buf[BUF];
	size_t len;
	ssize_t n;

	while (t->owed && !t->err) {
		len = t->owed < sizeof(buf) ? t->owed : sizeof(buf);
		stream_fill(buf, len, t->sent);
		n = send(t->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				t->err = errno;
			return;
		}
		t->sent += n;
		t->owed -= n;
	}
}

static void tcp_result(const struct tcp *t)
{
	bool complete = !t->err && t->eof && t->closed && !t->in.wrong &&
			t->in.bytes == t->sent && t->sent;
	FILE *f = result;

	fprintf(f, "{\"complete\":%s,\"sent\":%" PRIu64 ",\"verified\":%" PRIu64
		",\"wrong\":%" PRIu64 ",\"error\":\"%s\",\"max_stall_ms\":%.3f"
		",\"max_stall_from\":%.6f}\n",
		complete ? "true" : "false", t->sent, t->in.bytes, t->in.wrong,
		t->err ? strerror(t->err) : "", t->max.ns / 1e6,
		t->max.from_ns / 1e9);
	fclose(f);
}

static void tcp_close_when_done(struct tcp *t)
{
	bool done = t->client ? stop_sending : t->eof;

	if (done && !t->owed && !t->closed) {
		shutdown(t->fd, SHUT_WR);
		t->closed = true;
	}
}

static int run_tcp(struct tcp *t)
{
	int64_t step = NSEC / rate, next = now_ns(CLOCK_MONOTONIC), now;
	struct timespec ts = { .tv_nsec = step };
	struct stats st = { 0 };
	struct pollfd pfd;
	int one = 1;

	setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (!stop && !t->err && !(t->eof && t->closed)) {
		now = now_ns(CLOCK_MONOTONIC);
		if (t->client && !stop_sending && now >= next) {
			/* a full send queue must not make a backlog */
			if (t->owed < 64 * size)
				t->owed += size;
			next = now - next > NSEC ? now : next + step;
		}
		tcp_send(t);
		tcp_close_when_done(t);
		st.sent = t->sent;
		st.received = t->in.bytes;
		progress(&st, stop_sending ? "draining" : "sending");
		pfd.fd = t->fd;
		pfd.events = (t->eof ? 0 : POLLIN) | (t->owed ? POLLOUT : 0);
		if (ppoll(&pfd, 1, &ts, NULL) > 0 && !t->eof)
			tcp_receive(t);
	}
	progress_at = 0;
	progress(&st, t->err ? "failed" : "ended");
	tcp_result(t);
	return t->err || !(t->eof && t->closed);
}

static int tcp_listen(const struct end *local)
{
	struct stats st = { 0 };
	struct tcp t = { 0 };
	int fd = socket(local->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &local->sa, local->len) || listen(fd, 1))
		die("listen");
	progress(&st, "waiting");
	t.fd = accept(fd, NULL, NULL);
	if (t.fd < 0)
		die("accept");
	close(fd);
	return run_tcp(&t);
}

static int tcp_connect(const struct end *local, const struct end *remote)
{
	struct tcp t = { .client = true };

	t.fd = socket(local->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t.fd < 0 || bind(t.fd, &local->sa, local->len))
		die("bind");
	if (connect(t.fd, &remote->sa, remote->len))
		die("connect");
	return run_tcp(&t);
}

/* The kernel decapsulates ESP in UDP only where a socket asks for it. */
static int hold_encap(const struct end *local)
{
	int fd = udp_socket(local), type = UDP_ENCAP_ESPINUDP;

	if (setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &type, sizeof(type)))
		die("UDP_ENCAP");
	while (!stop)
		pause();
	return 0;
}

static int clock_offset(void)
{
	int64_t before = now_ns(CLOCK_MONOTONIC);
	int64_t real = now_ns(CLOCK_REALTIME);
	int64_t after = now_ns(CLOCK_MONOTONIC);

	printf("%" PRId64 "\n", real - (before + (after - before) / 2));
	return 0;
}

static void options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "fn:r:s:o:p:")) != -1) {
		switch (c) {
		case 'f':
			at_once = true;
			break;
		case 'n':
			most = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			rate = atol(optarg);
			break;
		case 's':
			size = atol(optarg);
			break;
		case 'o':
			result = fopen(optarg, "we");
			if (!result)
				die(optarg);
			break;
		case 'p':
			progress_fd = open(optarg,
					   O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			if (progress_fd < 0)
				die(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (rate < 1 || size < sizeof(struct pkt) || size > 2048) {
		fprintf(stderr, "flow: bad rate or size\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct end local, remote;
	const char *verb;
	int n;

	result = stdout;
	options(argc, argv);
	n = argc - optind;
	verb = n ? argv[optind] : "";
	if (!strcmp(verb, "clock"))
		return clock_offset();
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	if (n >= 2)
		local = parse_addr(argv[optind + 1]);
	if (n >= 3)
		remote = parse_addr(argv[optind + 2]);
	if (n == 3 && !strcmp(verb, "udp"))
		return run_udp(&local, &remote);
	if (n == 2 && !strcmp(verb, "sink"))
		return run_udp(&local, NULL);
	if (n == 2 && !strcmp(verb, "encap"))
		return hold_encap(&local);
	if (n == 2 && !strcmp(verb, "tcp-listen"))
		return tcp_listen(&local);
	if (n == 3 && !strcmp(verb, "tcp-connect"))
		return tcp_connect(&local, &remote);
	fprintf(stderr, "usage: flow [-f] [-n COUNT] [-r RATE] [-s SIZE] [-o FILE] [-p FILE]"
		" udp|sink|encap|tcp-listen|tcp-connect|clock [LOCAL [REMOTE]]\n");
	return 2;
}
