#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Send small UDP packets to addresses of either family, again and again.

  probe.py [--from ADDRESS]... INTERVAL FILE ADDRESS...

Every INTERVAL seconds one to each ADDRESS, from the --from address of its
family if there is one. FILE always holds two numbers, each the least over the
addresses: how often it was tried, and how often the kernel refused (EPERM)."""

import argparse
import errno
import os
import socket
import time

PORT = 7009


def family(text):
    return socket.AF_INET6 if ':' in text else socket.AF_INET


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--from', action='append', default=[], dest='sources')
    p.add_argument('interval', type=float)
    p.add_argument('file')
    p.add_argument('addresses', nargs='+')
    args = p.parse_args()
    socks = {f: socket.socket(f, socket.SOCK_DGRAM)
             for f in {family(a) for a in args.addresses}}
    for s in args.sources:
        if family(s) in socks:
            socks[family(s)].bind((s, 0))
    tries = 0
    refused = dict.fromkeys(args.addresses, 0)
    while True:
        tries += 1
        for a in args.addresses:
            try:
                socks[family(a)].sendto(b'probe', (a, PORT))
            except OSError as e:
                if e.errno == errno.EPERM:
                    refused[a] += 1
                elif e.errno != errno.ECONNREFUSED:
                    raise
        with open(args.file + '.new', 'w', encoding='ascii') as f:
            f.write('%d %d\n' % (tries, min(refused.values())))
        os.rename(args.file + '.new', args.file)
        time.sleep(args.interval)


if __name__ == '__main__':
    main()
