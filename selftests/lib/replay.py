#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Send captured ESP for a VIP once more, in order, to a gateway's MAC: what an
attacker on the outside LAN can do. Prints how many as JSON."""

import argparse
import json
import socket
import time

import pcap


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('capture')
    ap.add_argument('--dev', required=True)
    ap.add_argument('--dst-mac', required=True)
    ap.add_argument('--src-mac', required=True)
    ap.add_argument('--vip', required=True)
    ap.add_argument('--before', type=float, default=float('inf'))
    ap.add_argument('--rate', type=float, default=400)
    args = ap.parse_args()
    vip = pcap.ip_num(args.vip)
    macs = b''.join(bytes.fromhex(m.replace(':', ''))
                    for m in (args.dst_mac, args.src_mac))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((args.dev, 0))
    sent, seqs = 0, []
    due = time.monotonic()
    for t, frame in pcap.read(args.capture):
        p = pcap.parse(frame)
        if p is None or p.kind != 'esp' or p.dst != vip or t >= args.before:
            continue
        s.send(macs + frame[12:])
        sent += 1
        seqs.append(p.seq)
        due += 1 / args.rate
        time.sleep(max(0, due - time.monotonic()))
    print(json.dumps({'sent': sent, 'first': min(seqs, default=0),
                      'last': max(seqs, default=0)}))


if __name__ == '__main__':
    main()
