#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Search for keys, raw and as hex.

  keysearch.py KEYS files FILE...    a line for each find; fails if there is one
  keysearch.py KEYS netlink DEV      what a device of type nlmon shows until
                                     SIGTERM, as JSON per netlink protocol:
                                     {"16": {"frames": N, "keys": M}}, and
                                     "lost", frames that it did not get

KEYS is a file of words of hex digits, one SA key each (0x is taken off).
"""

import json
import os
import re
import signal
import socket
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'campaign'))
from checker import Keys, unescape    # noqa: E402

ETH_P_ALL = 3
SO_RCVBUFFORCE, SOL_PACKET, PACKET_STATISTICS = 33, 263, 6

# Between the octets of print_hex_dump(), %*ph and __print_hex()
BETWEEN = re.compile(rb'(?<=[0-9a-fA-F]{2})[ :-](?=[0-9a-fA-F]{2})')


def search(keys, where, data):
    """As it is, and where there is none with the octets of a dump together."""
    return keys.search(where, data) or \
        keys.search(where, BETWEEN.sub(b'', data))


def load(path):
    keys = Keys()
    with open(path, encoding='ascii') as f:
        for word in f.read().split():
            keys.add('SA', bytes.fromhex(word.removeprefix('0x')))
    return keys


def in_files(keys, paths):
    found = []
    for path in paths:
        with open(path, 'rb') as f:
            data = f.read()
        found += search(keys, path, data)
        # As the kernel log and the trace write octets that are no text.
        if data.isascii() and b'\\x' in data:
            found += search(keys, path, unescape(data.decode()))
    for _, what in found:
        print(what)
    return 1 if found else 0


def in_netlink(keys, dev):
    seen = {}
    ended = False

    def end(*_):
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                       socket.htons(ETH_P_ALL)) as s:
        s.bind((dev, ETH_P_ALL))
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        s.settimeout(0.2)
        print('ready', flush=True)
        while True:
            try:
                data, addr = s.recvfrom(65536)
            except socket.timeout:
                if ended:
                    break
                continue
            row = seen.setdefault(str(addr[1]), {'frames': 0, 'keys': 0})
            row['frames'] += 1
            row['keys'] += 1 if search(keys, dev, data) else 0
        _, lost = struct.unpack('=II', s.getsockopt(SOL_PACKET,
                                                    PACKET_STATISTICS, 8))
    seen['lost'] = lost
    print(json.dumps(seen))
    return 0


def main():
    keys = load(sys.argv[1])
    if sys.argv[2] == 'files':
        return in_files(keys, sys.argv[3:])
    return in_netlink(keys, sys.argv[3])


if __name__ == '__main__':
    sys.exit(main())
