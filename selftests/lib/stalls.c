// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the machine itself stood still: on each CPU a thread more urgent than
 * any other wakes up every 5 ms. One that is late by 50 ms or more prints a
 * JSON object; nothing the tests run could have kept it from running.
 *
 *   stalls
 *
 * at is the end of the stall, in ns of CLOCK_MONOTONIC.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS	5000000LL
#define LATE_NS		50000000LL
#define PRIORITY	90
#define CPUS_MAX	64

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "stalls: %s: %s\n", what, strerror(err));
	exit(1);
}

static void *on_cpu(void *arg)
{
	struct sched_param param = { .sched_priority = PRIORITY };
	struct timespec nap = { .tv_nsec = PERIOD_NS };
	long long before, late;
	long cpu = (long)arg;
	cpu_set_t set;
	int err;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	err = pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	if (!err)
		err = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	if (err)
		die("cannot run on a CPU", err);
	for (;;) {
		before = now_ns();
		nanosleep(&nap, NULL);
		late = now_ns() - before - PERIOD_NS;
		if (late >= LATE_NS) {
			printf("{\"at\":%lld,\"cpu\":%ld,\"ms\":%lld}\n",
			       now_ns(), cpu, late / 1000000);
			fflush(stdout);
		}
	}
	return NULL;
}

int main(void)
{
	long cpu, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread;
	int err;

	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("mlockall", errno);
	for (cpu = 0; cpu < cpus && cpu < CPUS_MAX; cpu++) {
		err = pthread_create(&thread, NULL, on_cpu, (void *)cpu);
		if (err)
			die("thread", err);
	}
	pause();
	return 0;
}
