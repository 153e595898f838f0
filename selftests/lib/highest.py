#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: highest.py VIP PCAP...

For each SPI of the ESP and AH packets from VIP in all files together one line:
SPI in hex, packets, lowest and highest number, packets seen before.
"""

import sys

import pcap

seen = {}
again = {}
for path in sys.argv[2:]:
    for _, frame in pcap.read(path):
        p = pcap.parse(frame)
        if not p or p.kind not in ('esp', 'ah') or \
                p.src != pcap.ip_num(sys.argv[1]):
            continue
        numbers = seen.setdefault(p.spi, set())
        if p.seq in numbers:
            again[p.spi] = again.get(p.spi, 0) + 1
        numbers.add(p.seq)
for spi in sorted(seen):
    print('0x%x %d %d %d %d' % (spi, len(seen[spi]), min(seen[spi]),
                                   max(seen[spi]), again.get(spi, 0)))
