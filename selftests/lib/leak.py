#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a listener on the channel's link gets to see.

  leak.py CAPTURE... < KEYS

KEYS are words of hex digits, one SA key each (0x is taken off). Prints JSON:
frames; SCTP in clear, ESP, UDP (by the protocol of the outermost header, that
of MACsec frames which are not encrypted included); encrypted MACsec; and how
many frames hold one of the keys: as raw bytes, or as text in hex.
"""

import json
import struct
import sys

import pcap

SCTP, ESP, UDP, FRAGMENT = 132, 50, 17, 44
ENCRYPTED, WITH_SCI = 8, 32    # of a MACsec tag
HEADERS = (0, 43, 60)    # of IPv6, with a length of their own


def ipv6_proto(frame):
    proto, pos = frame[20], 54
    while proto in HEADERS and pos + 2 <= len(frame):
        proto, pos = frame[pos], pos + 8 + 8 * frame[pos + 1]
    return frame[pos] if proto == FRAGMENT and pos < len(frame) else proto


def proto_of(frame):
    """IP protocol of a frame, or None where it is no IP packet."""
    if len(frame) < 34:
        return None
    kind = struct.unpack_from('>H', frame, 12)[0]
    if kind == 0x0800:
        return frame[23]
    return ipv6_proto(frame) if kind == 0x86dd and len(frame) >= 54 else None


def without_tag(frame):
    """A MACsec frame as it was before; None where it is encrypted."""
    if len(frame) < 34 or frame[12:14] != b'\x88\xe5':
        return frame
    if frame[14] & ENCRYPTED:
        return None
    return frame[:12] + frame[28 if frame[14] & WITH_SCI else 20:]


def needles(words):
    for word in words:
        word = word.lower()
        if word.startswith('0x'):
            word = word[2:]
        raw = bytes.fromhex(word)
        if len(raw) < 16:
            raise ValueError('too short to be told from chance: ' + word)
        yield raw
        yield word.encode()
        yield word.upper().encode()


def main():
    keys = list(needles(sys.stdin.read().split()))
    seen = {'frames': 0, 'sctp': 0, 'esp': 0, 'udp': 0, 'macsec': 0,
            'keys': 0, 'searched_for': len(keys) // 3}
    names = {SCTP: 'sctp', ESP: 'esp', UDP: 'udp'}
    for path in sys.argv[1:]:
        for _, frame in pcap.read(path):
            seen['frames'] += 1
            bare = without_tag(frame)
            name = names.get(proto_of(bare)) if bare else 'macsec'
            if name:
                seen[name] += 1
            if any(k in frame for k in keys):
                seen['keys'] += 1
    json.dump(seen, sys.stdout)
    print()


if __name__ == '__main__':
    main()
