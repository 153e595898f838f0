#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""keysearch.py must find a key in whatever way a kernel prints octets."""

import sys

import keysearch
from checker import Keys

KEY = bytes([0xb7] + list(range(1, 20)))


def octets(between, n=len(KEY)):
    return between.join('%02x' % b for b in KEY[:n]).encode()


HAVE = {
    'raw': b'before ' + KEY + b'\xff',
    '%*phN': b'key ' + octets(''),
    '%*ph': b'key ' + octets(' '),
    '%*phC': octets(':').upper(),
    '%*phD': octets('-'),
    'print_hex_dump()': b'[    1.2] 00000000: ' + octets(' ', 16) +
                        b'  ................',
    '__print_hex()': b'a-1 [000] x: data=' + octets(' ') + b' len=20',
}
HAVE_NOT = {
    'less than eight octets of it': octets(' ', 7),
    'another one': ' '.join('%02x' % (b ^ 0x55) for b in KEY).encode(),
    'text': b'12:34:56 this-is 00 01 no key',
}


def main():
    keys = Keys()
    keys.add('SA', KEY)
    wrong = [name for name, data in HAVE.items()
             if not keysearch.search(keys, name, data)]
    wrong += [name for name, data in HAVE_NOT.items()
              if keysearch.search(keys, name, data)]
    for name in wrong:
        print('wrong about: %s' % name)
    print('%d texts, %d wrong' % (len(HAVE) + len(HAVE_NOT), len(wrong)))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
