// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer that has the key and means no good, or is of another time. It dials
 * the channel from the configured address, authenticates (RFC 4895), says a
 * hello, waits until the gateway has answered as it answers a peer it accepted,
 * then sends frames that are wrong in one way, or plays an active or a standby
 * that knows better. Of two nodes the one with the lower address waits to be
 * dialed, and so does this.
 *
 *   badpeer -l ADDR:PORT -r ADDR:PORT [-K KEYFILE] [-t SECONDS] [-e EPOCH]
 *           [-i INCARNATION]... [-v VIP] [-b OCTETS] [-s] [-w] [-m] CASE
 *
 * Says "sent" and stays until it is thrown out or the time is over. Exit status
 * 0: accepted, and the case was sent; 1: never accepted in time.
 * Without -K it does not speak SCTP-AUTH. -e is the epoch of its frames, -i
 * names SAs for the cases "stale" and "role", -v the VIP for cases with SAs. -b
 * is how many octets of frames it sends in a second, -s has SCTP cut them into
 * small pieces. With -w the case "serve" answers requests for a part of a
 * snapshot after SIGUSR2 only; with -m the case "old" has today's features.
 *
 * Some cases can do without attention no longer:
 *   deaf	stops itself (SIGSTOP) where it would read on, and once continued
 *		catches up
 *   never-acks	takes all and acknowledges nothing until SIGUSR1
 *   buckets	asks for the snapshot, then for each part of it, and says what came
 *   serve	an active with SAs and policies; each SIGUSR1 changes one of
 *		them without a word, which only its digest tells
 *   old	version 1 as it was recorded: an active, which hands over at
 *		SIGUSR1, and then a standby that can take over
 */
#include <stdarg.h>

#include "badpeer.h"

int64_t deadline;
volatile sig_atomic_t steps;
volatile sig_atomic_t released;

int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fflush(stdout);
}

static void count_signal(int sig)
{
	if (sig == SIGUSR1)
		steps++;
	else
		released++;
}

static struct sockaddr_in parse_addr(char *text)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	char *colon = strchr(text, ':');

	if (colon)
		*colon = '\0';
	if (!colon || inet_pton(AF_INET, text, &sa.sin_addr) != 1) {
		fprintf(stderr, "badpeer: %s is not ADDR:PORT\n", text);
		exit(2);
	}
	sa.sin_port = htons(atoi(colon + 1));
	return sa;
}

static void read_key(struct peer *p, const char *path)
{
	FILE *f = fopen(path, "re");

	if (!f) {
		perror(path);
		exit(2);
	}
	p->key_len = fread(p->key, 1, sizeof(p->key), f);
	fclose(f);
}

static void case_hello(struct peer *p)
{
}

static const struct bad_case cases[] = {
	{ .name = "hello", .send = case_hello },
	{ .name = "version1", .send = case_hello, .hello = put_hello_old },
	{ .name = "newer", .send = case_hello, .hello = put_hello_newer },
	{ .name = "newest", .send = case_hello, .hello = put_hello_newest },
	{ .name = "demands", .send = case_hello, .hello = put_hello_demands },
	{ .name = "mute", .mute = 1 },
	{ .name = "deaf", .talk = case_deaf },
	{ .name = "never-acks", .talk = case_never_acks },
	{ .name = "buckets", .talk = case_buckets },
	{ .name = "serve", .talk = case_serve },
	{ .name = "trickle", .talk = case_trickle },
	{ .name = "old", .hello = put_hello_old, .talk = case_old },
	{ .name = "garbage", .send = case_garbage },
	{ .name = "truncated", .send = case_truncated },
	{ .name = "oversized", .send = case_oversized },
	{ .name = "length", .send = case_length },
	{ .name = "unknown", .send = case_unknown },
	{ .name = "stream", .send = case_stream },
	{ .name = "bodies", .send = case_bodies },
	{ .name = "state", .send = case_state },
	{ .name = "differ", .talk = case_differ },
	{ .name = "tags", .send = case_tags },
	{ .name = "labelled", .send = case_labelled },
	{ .name = "stale", .send = case_stale },
	{ .name = "role", .send = case_role },
	{ .name = "early", .send = case_early, .early = 1 },
};

/*
 * One association: accepted or not. A gateway that has accepted a hello tells
 * the state of its groups; nothing else makes it do so.
 */
static int attempt(struct peer *p, const struct bad_case *c)
{
	int err = dial(p);

	if (err)
		return err;
	err = await_frame(p, XHA_MSG_HELLO);
	if (err)
		return err;
	if (c->mute) {
		say("mute\n");
		return await_frame(p, 0);
	}
	if (c->early)
		c->send(p);
	err = send_frame(p, 0, c->hello ? c->hello(p) : put_hello(p));
	if (!err)
		err = await_frame(p, XHA_MSG_GROUP_STATE);
	if (err)
		return err;
	if (c->talk)
		err = c->talk(p);
	else if (!c->early)
		c->send(p);
	if (err)
		return err;
	/* An association that ends may take what is not yet read with it. */
	say("sent\n");
	await_frame(p, 0);
	return 0;
}

static const struct bad_case *find_case(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strcmp(cases[i].name, name))
			return &cases[i];
	fprintf(stderr, "badpeer: no case %s\n", name);
	exit(2);
}

/* Returns 0 where that is no option. */
static int set_option(struct peer *p, int opt, int *seconds)
{
	if (opt == 'l')
		p->local = parse_addr(optarg);
	else if (opt == 'r')
		p->remote = parse_addr(optarg);
	else if (opt == 'K')
		read_key(p, optarg);
	else if (opt == 't')
		*seconds = atoi(optarg);
	else if (opt == 'e')
		p->epoch = strtoul(optarg, NULL, 0);
	else if (opt == 'v')
		inet_pton(AF_INET, optarg, &p->vip);
	else if (opt == 'b')
		p->rate = atoi(optarg);
	else if (opt == 'i' && p->n_sas < SAS_MAX)
		p->sas[p->n_sas++] = strtoull(optarg, NULL, 0);
	else if (opt == 's')
		p->pieces = 1;
	else if (opt == 'w')
		p->hold = 1;
	else if (opt == 'm')
		p->modern = 1;
	else
		return 0;
	return 1;
}

int main(int argc, char **argv)
{
	static struct peer p = { .epoch = EPOCH };
	const struct bad_case *c;
	int opt, err = -ETIMEDOUT, seconds = 10;
	struct timespec pause = { .tv_nsec = 200000000 };

	while ((opt = getopt(argc, argv, "l:r:K:t:e:i:v:b:swm")) != -1)
		if (!set_option(&p, opt, &seconds))
			return 2;
	if (optind != argc - 1)
		return 2;
	/* To be thrown out while sending is no surprise. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, count_signal);
	signal(SIGUSR2, count_signal);
	c = find_case(argv[optind]);
	deadline = now_ms() + seconds * 1000LL;
	while (now_ms() < deadline) {
		err = attempt(&p, c);
		if (p.fd >= 0)
			close(p.fd);
		if (!err)
			break;
		fprintf(stderr, "badpeer: %s\n", strerror(-err));
		nanosleep(&pause, NULL);	/* the gateway's penalty */
	}
	return err ? 1 : 0;
}
