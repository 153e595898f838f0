#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Send captured ESP for a VIP once more, in order, to a gateway's MAC: what an
attacker on the outside LAN can do. Prints how many as JSON.

With --holes N one number in N, more or less, is never `used`: which ones is a
matter of the number alone, and no period of a bitmap's words. --part used sends
the others, and later, alone or with --span W the last W numbers below the
highest used one, --part used and --part unused tell what a window knows;
--part older sends what is behind that span."""

import argparse
import json
import socket
import struct
import time
import zlib

import pcap


def parts(packets, holes, span):
    """By name; packets are (number, frame) in the order of their numbers."""
    def hole(seq):
        return zlib.crc32(struct.pack('>I', seq)) % holes == 0
    while packets and hole(packets[-1][0]):
        packets.pop()
    found = {'older': [], 'used': [], 'unused': []}
    for seq, frame in packets:
        # of 32 bits, whatever the upper half is
        old = (packets[-1][0] - seq) % (1 << 32) >= span
        found['older' if old else 'unused' if hole(seq) else 'used'].append((seq, frame))
    return found


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('capture')
    ap.add_argument('--dev', required=True)
    ap.add_argument('--dst-mac', required=True)
    ap.add_argument('--src-mac', required=True)
    ap.add_argument('--vip', help='without it the whole file is sent')
    ap.add_argument('--before', type=float, default=float('inf'))
    ap.add_argument('--rate', type=float, default=400)
    ap.add_argument('--spi', type=lambda text: int(text, 0))
    ap.add_argument('--holes', type=int)
    ap.add_argument('--span', type=int, default=1 << 32)
    ap.add_argument('--part', choices=('used', 'unused', 'older'))
    args = ap.parse_args()
    vip = args.vip and pcap.ip_num(args.vip)
    macs = b''.join(bytes.fromhex(m.replace(':', ''))
                    for m in (args.dst_mac, args.src_mac))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((args.dev, 0))
    packets = []
    for t, frame in pcap.read(args.capture):
        p = pcap.parse(frame)
        if t >= args.before or (vip and (p is None or p.kind != 'esp' or
                                         p.dst != vip)):
            continue
        if args.spi is None or p.spi == args.spi:
            packets.append((p.seq if vip else 0, frame))
    if args.holes:
        packets = parts(packets, args.holes, args.span)[args.part]
    due = time.monotonic()
    for _, frame in packets:
        s.send(macs + frame[12:])
        due += 1 / args.rate
        time.sleep(max(0, due - time.monotonic()))
    seqs = [seq for seq, _ in packets]
    print(json.dumps({'sent': len(seqs), 'first': min(seqs, default=0),
                      'last': max(seqs, default=0)}))


if __name__ == '__main__':
    main()
