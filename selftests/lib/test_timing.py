#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Those who judge times must be right about them: made-up logs and captures
for actives.py and detection.py, whose answers are known."""

import datetime
import json
import os
import struct
import sys
import tempfile

import actives
import detection
import pcap

VIPS = ['192.0.2.1', '10.1.0.1']
T0 = 1700000000
OFFSET_NS = 1699990000 * 10**9


class Made:
    """A node's logs, from times in s after T0."""

    def __init__(self, where, name):
        self.name = name
        self.roles = os.path.join(where, name + '.roles')
        self.addresses = os.path.join(where, name + '.addresses')
        for path in (self.roles, self.addresses):
            open(path, 'w', encoding='utf-8').close()

    def role(self, at, role):
        ns = int((T0 + at) * 1e9) - OFFSET_NS
        with open(self.roles, 'a', encoding='utf-8') as f:
            f.write(json.dumps({'at': ns, 'role': role}) + '\n')

    def vip(self, at, addr, there):
        stamp = datetime.datetime.fromtimestamp(T0 + at).isoformat(
            timespec='microseconds')
        with open(self.addresses, 'a', encoding='utf-8') as f:
            f.write('[%s] %s3: out    inet %s/24 scope global out\n' %
                    (stamp, '' if there else 'Deleted ', addr))

    def active(self, begin, end):
        self.role(begin, 'active')
        for v in VIPS:
            self.vip(begin, v, True)
        if end is not None:
            self.role(end, 'standby')
            for v in VIPS:
                self.vip(end, v, False)

    def node(self):
        return actives.Node('%s:%s:%s' % (self.name, self.roles,
                                          self.addresses), VIPS, OFFSET_NS)


def judged(a, b):
    got = actives.judge([a.node(), b.node()], T0, T0 + 20)
    return got['none_ms'], got['two_ms'], got['turns']


def nobody(a, b):
    pass


def one_after_the_other(a, b):
    a.active(3, 10)
    b.active(11.5, None)


def both_for_a_while(a, b):
    a.active(3, 10)
    b.active(8.75, None)


def role_without_vip(a, b):
    a.role(1, 'active')
    a.vip(1, VIPS[0], True)
    a.vip(5, VIPS[1], True)


def other_vip_left(a, b):
    a.active(2, None)
    b.vip(0, VIPS[1], True)
    b.vip(4.5, VIPS[1], False)


def before_the_time(a, b):
    a.active(-50, -40)
    b.active(-5, None)


ACTIVES = [
    (nobody, (20000, 0, '')),
    (one_after_the_other, (3000, 0, 'gwa gwb')),
    (both_for_a_while, (3000, 1250, 'gwa gwb')),
    (role_without_vip, (5000, 0, 'gwa')),
    (other_vip_left, (2000, 2500, 'gwa')),
    (before_the_time, (0, 0, 'gwb')),
]


def hello(src):
    return (b'\1\0\x5e\0\0\x66\2\0\0\0\x0a\1\x08\0' +
            struct.pack('>BBHHHBBHII', 0x45, 0xc0, 72, 1, 0, 1, 17, 0,
                        pcap.ip_num(src), pcap.ip_num('224.0.0.102')) +
            b'\0' * 52)


def loss_of(where, hellos, begin, cut):
    """hellos: of each LAN, in s after T0; own ones are in between."""
    specs = []
    for i, times in enumerate(hellos):
        path = os.path.join(where, 'lan%d' % i)
        pcap.write(path, sorted(
            [(T0 + t, hello('192.0.2.2')) for t in times] +
            [(T0 + t + .01, hello('192.0.2.3')) for t in times + [cut + .2]],
            key=lambda p: p[0]))
        specs.append('192.0.2.2:' + path)
    log = os.path.join(where, 'log')
    with open(log, 'w', encoding='utf-8') as f:
        for at, text in ((cut - 9, 'group ha: takeover: begin'),
                         (cut, 'standby inside: active silent'),
                         (begin, 'group ha: takeover: begin'),
                         (begin + 7, 'group ha: takeover: begin')):
            us = round((T0 + at) * 1e6) - OFFSET_NS // 1000
            f.write('[%d.%03d] %s\n' % (us // 1000, us % 1000, text))
    line = '%s %f %f %s' % (log, T0 + cut - .001, T0 + cut, ' '.join(specs))
    return detection.loss(line, OFFSET_NS), specs


def losses(where):
    got, specs = loss_of(where, [[99.8, 99.9], [99.85, 99.95]], 100.26, 100)
    yield 'a loss', (got['begun'], got['heard'], got['from_hello_ms'],
                     got['from_cut_ms']), (True, True, 310, 260)
    quiet = detection.quiet(T0 + 99.5, T0 + 100, specs)
    yield 'a silence', [(q['packets'], q['longest_ms']) for q in quiet], \
        [(2, 300), (2, 350)]
    got, _ = loss_of(where, [[99.9], [90]], 100.2, 100)
    yield 'nothing heard on one LAN', got['heard'], False
    got, _ = loss_of(where, [[99.9], [99.9]], 99, 100)
    yield 'only the next takeover', round(got['from_cut_ms']), 6000


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as d:
        results = []
        for fill, want in ACTIVES:
            a, b = Made(d, 'gwa'), Made(d, 'gwb')
            fill(a, b)
            results.append((fill.__name__, judged(a, b), want))
        results += losses(d)
    for name, got, want in results:
        if got != want:
            bad += 1
            print('# timing: %s: %s, expected %s' % (name, got, want))
    print('# timing: %d cases, %d wrong' % (len(results), bad))
    return bad


if __name__ == '__main__':
    sys.exit(1 if main() else 0)
