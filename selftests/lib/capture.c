// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capture what enters a bridge by its ports, each port to a pcap file of its
 * own, all of them by one process that wakes up seldom: the traffic under test
 * shares an emulated machine with it. Each frame has one sender, the node at
 * the port's other end, and the kernel's time stamp.
 *
 *   capture [-m] NS:DEV:FILE[:SNAPLEN]...
 *
 * With -m times are those of CLOCK_MONOTONIC, which nobody can set. On SIGHUP
 * each FILE becomes FILE.1, a new one is begun without losing a frame in
 * between, and "rotated", with how many were kept and dropped, is printed. On
 * SIGUSR1 a port that was deleted and made again is opened anew: "reopened".
 *
 * Prints "ready" when all ports are open. On SIGTERM or SIGINT it takes what
 * is still queued, writes how many frames were kept and dropped in all, and
 * fails when any was dropped.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING	23
#endif

#define PORTS_MAX	16
#define FRAME_MAX	65536
#define RCVBUF		(16 << 20)
#define NAP_MS		50
#define PCAP_NSEC	0xa1b23c4du

struct port {
	int fd;
	int ns;
	unsigned int ifindex;
	const char *dev;
	const char *path;
	FILE *file;
	size_t snaplen;
	unsigned long kept;
	unsigned long dropped;
};

struct pcap_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, network;
};

struct pcap_rec {
	uint32_t sec, nsec, caplen, len;
};

static volatile sig_atomic_t stop, rotate, reopen;
static int monotonic;

static void on_signal(int sig)
{
	if (sig == SIGHUP)
		rotate = 1;
	else if (sig == SIGUSR1)
		reopen = 1;
	else
		stop = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "capture: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void port_socket(struct port *p)
{
	const char *dev = p->dev;
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	int one = 1, rcvbuf = RCVBUF;

	p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	p->ifindex = if_nametoindex(dev);
	sll.sll_ifindex = p->ifindex;
	if (p->fd < 0 || !sll.sll_ifindex)
		die(dev);
	if (setsockopt(p->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		       sizeof(one)) ||
	    setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf,
		       sizeof(rcvbuf)) ||
	    setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) ||
	    bind(p->fd, (struct sockaddr *)&sll, sizeof(sll)))
		die(dev);
}

static void port_file(struct port *p)
{
	struct pcap_head head = {
		.magic = PCAP_NSEC, .major = 2, .minor = 4,
		.snaplen = FRAME_MAX, .network = 1,
	};

	p->file = fopen(p->path, "we");
	if (!p->file || fwrite(&head, sizeof(head), 1, p->file) != 1)
		die(p->path);
}

static void port_open(struct port *p, char *arg)
{
	char *ns = strsep(&arg, ":"), *dev = strsep(&arg, ":");
	char *path = strsep(&arg, ":"), ns_path[256];

	if (!path) {
		errno = EINVAL;
		die(ns);
	}
	p->snaplen = arg ? strtoul(arg, NULL, 10) : FRAME_MAX;
	p->path = path;
	port_file(p);
	snprintf(ns_path, sizeof(ns_path), "/run/netns/%s", ns);
	p->ns = open(ns_path, O_RDONLY | O_CLOEXEC);
	if (p->ns < 0 || setns(p->ns, CLONE_NEWNET))
		die(ns_path);
	p->dev = dev;
	port_socket(p);
}

/*
 * A stamp of the real time as monotonic time. The clock may have been set since
 * by more than STEP_NS (then the offset before that is the right one), and what
 * is drained is never older than that.
 */
#define STEP_NS	10000000000LL

static void make_monotonic(struct timespec *ts)
{
	static long long offset, before;
	struct timespec real, mono;
	long long now, t;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	now = mono.tv_sec * 1000000000LL + mono.tv_nsec;
	t = (real.tv_sec - mono.tv_sec) * 1000000000LL + real.tv_nsec -
	    mono.tv_nsec;
	if (!offset || llabs(t - offset) > STEP_NS / 2) {
		before = offset;
		offset = t;
	}
	t = ts->tv_sec * 1000000000LL + ts->tv_nsec;
	if (before && llabs(now - (t - offset)) > STEP_NS)
		t -= before;
	else
		t -= offset;
	ts->tv_sec = t / 1000000000LL;
	ts->tv_nsec = t % 1000000000LL;
}

static void port_write(struct port *p, const struct timespec *ts,
		       const char *frame, size_t len)
{
	struct pcap_rec rec = {
		.sec = ts->tv_sec, .nsec = ts->tv_nsec,
		.caplen = len < p->snaplen ? len : p->snaplen, .len = len,
	};

	if (fwrite(&rec, sizeof(rec), 1, p->file) != 1 ||
	    fwrite(frame, rec.caplen, 1, p->file) != 1)
		die("write");
	p->kept++;
}

static void port_drain(struct port *p)
{
	static char frame[FRAME_MAX];
	union {
		char buf[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} ctl;
	struct iovec iov = { .iov_base = frame, .iov_len = sizeof(frame) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct timespec ts;
	struct cmsghdr *c;
	ssize_t n;

	for (;;) {
		msg.msg_control = ctl.buf;
		msg.msg_controllen = sizeof(ctl.buf);
		n = recvmsg(p->fd, &msg, MSG_DONTWAIT);
		if (n < 0)
			break;
		clock_gettime(CLOCK_REALTIME, &ts);
		c = CMSG_FIRSTHDR(&msg);
		if (c && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		if (monotonic)
			make_monotonic(&ts);
		port_write(p, &ts, frame, n);
	}
	/* a port that is set down says so once */
	if (errno != EAGAIN && errno != ENETDOWN && errno != EINTR)
		die("recvmsg");
}

static void port_last(struct port *p)
{
	struct tpacket_stats st = { 0 };
	socklen_t len = sizeof(st);

	port_drain(p);
	if (getsockopt(p->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len))
		die("statistics");
	p->dropped += st.tp_drops;	/* asking resets them */
}

static void port_close(struct port *p)
{
	port_last(p);
	if (fclose(p->file))
		die("close");
}

/* A port that is not there yet keeps its socket, which stays silent. */
static void reopen_all(struct port *ports, int n)
{
	unsigned int ifindex;
	int i;

	for (i = 0; i < n; i++) {
		if (setns(ports[i].ns, CLONE_NEWNET))
			die("setns");
		ifindex = if_nametoindex(ports[i].dev);
		if (!ifindex || ifindex == ports[i].ifindex)
			continue;
		port_last(&ports[i]);
		close(ports[i].fd);
		port_socket(&ports[i]);
	}
	printf("reopened\n");
	fflush(stdout);
}

static void rotate_all(struct port *ports, int n)
{
	unsigned long kept = 0, dropped = 0;
	char old[256];
	int i;

	for (i = 0; i < n; i++) {
		port_close(&ports[i]);
		snprintf(old, sizeof(old), "%s.1", ports[i].path);
		if (rename(ports[i].path, old))
			die(old);
		port_file(&ports[i]);
		kept += ports[i].kept;
		dropped += ports[i].dropped;
	}
	printf("rotated, kept %lu dropped %lu\n", kept, dropped);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };
	unsigned long kept = 0, dropped = 0;
	struct port ports[PORTS_MAX];
	int i, n = argc - 1;

	if (n > 0 && !strcmp(argv[1], "-m")) {
		monotonic = 1;
		argv++;
		n--;
	}
	if (n < 1 || n > PORTS_MAX) {
		fprintf(stderr, "usage: capture [-m] NS:DEV:FILE[:SNAPLEN]...\n");
		return 2;
	}
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	memset(ports, 0, sizeof(ports));
	for (i = 0; i < n; i++)
		port_open(&ports[i], argv[i + 1]);
	printf("ready\n");
	fflush(stdout);
	while (!stop) {
		nanosleep(&nap, NULL);
		for (i = 0; i < n; i++)
			port_drain(&ports[i]);
		if (reopen) {
			reopen = 0;
			reopen_all(ports, n);
		}
		if (rotate) {
			rotate = 0;
			rotate_all(ports, n);
		}
	}
	for (i = 0; i < n; i++) {
		port_close(&ports[i]);
		kept += ports[i].kept;
		dropped += ports[i].dropped;
	}
	printf("kept %lu dropped %lu\n", kept, dropped);
	return dropped ? 1 : 0;
}
