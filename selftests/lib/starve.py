#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""starve.py CPU BUSY IDLE

Leave a CPU to ordinary tasks, ksoftirqd and the kernel's workers among them,
for IDLE ms of each BUSY + IDLE ms only: a real-time task of the lowest priority
has it otherwise. Prints "busy" once it began; goes on until told to end.
"""

import os
import sys
import time


def main():
    cpu, busy, idle = int(sys.argv[1]), *(int(x) / 1000 for x in sys.argv[2:4])
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print('busy', flush=True)
    while True:
        end = time.monotonic() + busy
        while time.monotonic() < end:
            pass
        time.sleep(idle)


if __name__ == '__main__':
    main()
