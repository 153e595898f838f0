#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How long a standby took to notice a loss, from what it had on its LANs.

  detection.py --offset NS losses FILE
  detection.py quiet FROM TO SRC:PCAP...

FILE has a line for each loss:

  LOG BEFORE AFTER SRC:PCAP...

the log of the standby's xhad, the real times in s around the cut of all links
of the active, and for each LAN the active's address and the HSRP packets on
the standby's interface. OFFSET leads from the clock of the log to that of the
captures. For each loss one JSON object: ms from the last hello on any LAN, and
from the end of the cut, to the line "takeover: begin".

quiet: the longest silence of each source between two real times, in ms, and
the number of its packets.
"""

import argparse
import json
import re
import struct
import sys

import pcap

BEGIN = re.compile(r'\[(\d+)\.(\d{3})\] group \S+: takeover: begin')


def begins(path, offset_ns):
    """Real times in s at which the log says that a takeover began."""
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f:
            m = BEGIN.match(line)
            if m:
                us = int(m[1]) * 1000 + int(m[2])
                yield us / 1e6 + offset_ns / 1e9


def heard(spec):
    """Times of all packets of SRC in PCAP."""
    src, path = spec.split(':', 1)
    want = struct.pack('>I', pcap.ip_num(src))
    return [t for t, frame in pcap.read(path) if frame[26:30] == want]


def loss(line, offset_ns):
    log, before, after, *specs = line.split()
    before, after = float(before), float(after)
    begin = [t for t in begins(log, offset_ns) if t >= before]
    if not begin:
        return {'begun': False}
    hellos = [max((t for t in heard(s) if t < begin[0]), default=0)
              for s in specs]
    last = max(hellos)
    # A hello of long ago would say nothing about this loss.
    return {'begun': True, 'heard': all(before - t < 5 for t in hellos),
            'from_hello_ms': round((begin[0] - last) * 1000, 1),
            'from_cut_ms': round((begin[0] - after) * 1000, 1),
            'hello_to_cut_ms': round((after - last) * 1000, 1),
            'cut_ms': round((after - before) * 1000, 1)}


def quiet(begin, end, specs):
    result = []
    for spec in specs:
        times = [t for t in heard(spec) if begin <= t <= end]
        marks = [begin] + times + [end]
        gaps = [b - a for a, b in zip(marks, marks[1:])]
        result.append({'from': spec.split(':')[0], 'packets': len(times),
                       'longest_ms': round(max(gaps) * 1000, 1)})
    return result


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--offset', type=int, default=0)
    sub = p.add_subparsers(dest='what', required=True)
    s = sub.add_parser('losses')
    s.add_argument('file')
    s = sub.add_parser('quiet')
    s.add_argument('begin', type=float)
    s.add_argument('end', type=float)
    s.add_argument('specs', nargs='+')
    args = p.parse_args()
    if args.what == 'quiet':
        json.dump(quiet(args.begin, args.end, args.specs), sys.stdout)
        print()
        return
    with open(args.file, encoding='utf-8') as f:
        for line in f:
            print(json.dumps(loss(line, args.offset)))


if __name__ == '__main__':
    main()
