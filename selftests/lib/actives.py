#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Was there one active, and when not?

  actives.py --offset NS --from S --to S --vip ADDR... NAME:ROLES:ADDRESSES...

For each node ROLES is the output of rolewatch, ADDRESSES that of "ip -ts -o
monitor address". A node counts as one of two actives while its kernel has the
role or any VIP is on an interface of it, and as the one active only while it
has the role and all VIPs. --from and --to are real times in s; OFFSET leads
from the clock of rolewatch to them.

Prints the longest stretch without any active, the longest with two, in ms,
where they began (ms from --from), and who was active in turn.
"""

import argparse
import datetime
import json
import re
import sys

LINE = re.compile(r'\[(?P<at>[^]]+)\] (?P<gone>Deleted )?\d+: \S+ +'
                  r'inet6? (?P<addr>[^/ ]+)')


def role_events(path, offset_ns):
    """(time, 'role', has it)"""
    with open(path, encoding='utf-8') as f:
        for line in f:
            if not line.endswith('\n'):
                return
            e = json.loads(line)
            yield ((e['at'] + offset_ns) / 1e9, 'role', e['role'] == 'active')


def vip_events(path, vips):
    """(time, VIP, is there)"""
    with open(path, encoding='utf-8') as f:
        for line in f:
            m = LINE.match(line)
            if m and m['addr'] in vips:
                at = datetime.datetime.fromisoformat(m['at']).timestamp()
                yield at, m['addr'], not m['gone']


class Node:
    def __init__(self, spec, vips, offset_ns):
        self.name, roles, addresses = spec.split(':')
        self.events = list(role_events(roles, offset_ns))
        self.events += vip_events(addresses, vips)
        self.has = dict.fromkeys(['role', *vips], False)

    def any(self):
        return any(self.has.values())

    def all(self):
        return all(self.has.values())


class Stretch:
    """The longest time for which something held."""

    def __init__(self, begin):
        self.since = None
        self.longest, self.began = 0, begin

    def see(self, at, holds):
        if self.since is not None and at - self.since > self.longest:
            self.longest, self.began = at - self.since, self.since
        if not holds:
            self.since = None
        elif self.since is None:
            self.since = at


def judge(nodes, begin, end):
    events = sorted((at, i, what, there) for i, node in enumerate(nodes)
                    for at, what, there in node.events)
    none, two, turns = Stretch(begin), Stretch(begin), []

    def look(at):
        active = [n.name for n in nodes if n.all()]
        none.see(at, not active)
        two.see(at, sum(n.any() for n in nodes) > 1)
        turns.extend(n for n in active if not turns or turns[-1] != n)

    for at, i, what, there in events:
        if at <= begin:
            nodes[i].has[what] = there
    look(begin)
    for at, i, what, there in events:
        if begin < at <= end:
            nodes[i].has[what] = there
            look(at)
    look(end)
    return {'none_ms': round(none.longest * 1000),
            'none_at_ms': round((none.began - begin) * 1000),
            'two_ms': round(two.longest * 1000),
            'two_at_ms': round((two.began - begin) * 1000),
            'turns': ' '.join(turns), 'events': len(events)}


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--offset', type=int, required=True)
    p.add_argument('--from', dest='begin', type=float, required=True)
    p.add_argument('--to', dest='end', type=float, required=True)
    p.add_argument('--vip', action='append', required=True)
    p.add_argument('nodes', nargs='+')
    args = p.parse_args()
    nodes = [Node(s, args.vip, args.offset) for s in args.nodes]
    json.dump(judge(nodes, args.begin, args.end), sys.stdout)
    print()


if __name__ == '__main__':
    main()
