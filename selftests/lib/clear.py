#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Count packets in the clear, of either family, from or to networks.

  clear.py --net PREFIX... [--span BEGIN:END]... FILE...

Prints {"v4": N, "v6": N, "outside": N} as JSON; "outside" are those captured
in none of the spans (real time, s)."""

import argparse
import ipaddress
import json
import struct

import pcap

ESP, AH, UDP = 50, 51, 17
HIDDEN_PORTS = (500, 4500)


def packet(frame):
    """(family, source, destination) of what is not IPsec, or None."""
    kind = frame[12:14]
    if kind == b'\x08\x00' and len(frame) >= 34:
        ends = frame[26:30], frame[30:34]
        proto, body, family = frame[23], 14 + (frame[14] & 15) * 4, 'v4'
    elif kind == b'\x86\xdd' and len(frame) >= 54:
        ends = frame[22:38], frame[38:54]
        proto, body, family = frame[20], 54, 'v6'
    else:
        return None
    if proto in (ESP, AH):
        return None
    if proto == UDP and len(frame) >= body + 4:
        if set(struct.unpack_from('>HH', frame, body)) & set(HIDDEN_PORTS):
            return None
    return (family,) + tuple(ipaddress.ip_address(e) for e in ends)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--net', action='append', required=True,
                   type=ipaddress.ip_network)
    p.add_argument('--span', action='append', default=[],
                   type=lambda s: tuple(float(x) for x in s.split(':')))
    p.add_argument('files', nargs='+')
    args = p.parse_args()
    count = {'v4': 0, 'v6': 0, 'outside': 0}
    for path in args.files:
        for when, frame in pcap.read(path):
            seen = packet(frame)
            if not seen or not any(end in net for end in seen[1:]
                                   for net in args.net):
                continue
            count[seen[0]] += 1
            if not any(a <= when <= b for a, b in args.span):
                count['outside'] += 1
    print(json.dumps(count))


if __name__ == '__main__':
    main()
