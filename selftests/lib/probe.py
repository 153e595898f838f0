#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Send UDP packets to addresses of either family, again and again; small ones
if nothing else is said.

  probe.py [--from ADDRESS]... [--port N] [--size OCTETS] [--gso OCTETS | --tcp]
           INTERVAL FILE ADDRESS...

Every INTERVAL seconds one to each ADDRESS, from the --from address of its
family if there is one. FILE always holds two numbers, each the least over the
addresses: how often it was tried, and how often the kernel refused (EPERM).

With --size a datagram, or what is written at once, has as many octets. With
--gso the kernel is given segments of that size as one piece (UDP_SEGMENT).
With --tcp connections are made first, one to each ADDRESS; then FILE says 0 0,
and SIGUSR1 lets it begin. What finds no room is a try as well."""

import argparse
import errno
import os
import signal
import socket
import time

PORT = 7009
UDP_SEGMENT = 103
MSS = 1300    # that ESP has room, whoever sends it
# The kernel makes no segments of its own where ESP follows (EIO).
PASSING = (errno.ECONNREFUSED, errno.EAGAIN, errno.EIO)


def family(text):
    return socket.AF_INET6 if ':' in text else socket.AF_INET


def socket_to(address, args):
    kind = socket.SOCK_STREAM if args.tcp else socket.SOCK_DGRAM
    s = socket.socket(family(address), kind)
    for source in args.sources:
        if family(source) == s.family:
            s.bind((source, 0))
    if args.gso:
        s.setsockopt(socket.SOL_UDP, UDP_SEGMENT, args.gso)
    if args.tcp:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, MSS)
        s.connect((address, args.port))
        s.setblocking(False)
    return s


def report(path, tries, refused):
    with open(path + '.new', 'w', encoding='ascii') as f:
        f.write('%d %d\n' % (tries, min(refused.values())))
    os.rename(path + '.new', path)


def options():
    p = argparse.ArgumentParser()
    p.add_argument('--from', action='append', default=[], dest='sources')
    p.add_argument('--port', type=int, default=PORT)
    p.add_argument('--size', type=int, default=5)
    p.add_argument('--gso', type=int, default=0)
    p.add_argument('--tcp', action='store_true')
    p.add_argument('interval', type=float)
    p.add_argument('file')
    p.add_argument('addresses', nargs='+')
    return p.parse_args()


def main():
    args = options()
    begin = {signal.SIGUSR1}
    if args.tcp:
        signal.pthread_sigmask(signal.SIG_BLOCK, begin)
    socks = {a: socket_to(a, args) for a in args.addresses}
    tries = 0
    refused = dict.fromkeys(args.addresses, 0)
    if args.tcp:
        report(args.file, 0, refused)
        signal.sigwait(begin)
    data = (b'probe' * (args.size // 5 + 1))[:args.size]
    while True:
        tries += 1
        for a, s in socks.items():
            try:
                if args.tcp:
                    s.send(data)
                else:
                    s.sendto(data, (a, args.port))
            except OSError as e:
                if e.errno == errno.EPERM:
                    refused[a] += 1
                elif e.errno not in PASSING:
                    raise
        report(args.file, tries, refused)
        time.sleep(args.interval)


if __name__ == '__main__':
    main()
