#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tunnels between one VIP and as many peers, as lines for `ip -batch`.

  sas.py N VIP [--policies] [--hosts] [--far] [--null] [--first I]

Tunnel I (from 0) has a peer in 198.18.0.0/15 of its own, the network 20.X.Y.0/24 behind
it, an SA each way and with --policies what an IKE daemon installs for that:
out, in and forward. --far is the peer's side: no forward policy. --hosts has
policies between single addresses, which xfrm hashes, instead of networks.
"""
import argparse
import random

INSIDE, HOST = "10.1.0.0/24", "10.1.0.10/32"
SPI = 0x10000
# In no order: xfrm's hash of addresses, SPI and reqid takes numbers that run
# together to the same bucket.
SCATTER, PEERS = 40503, 1 << 17


def address(base, i):
    n = base + i
    return "%d.%d.%d.%d" % (n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255)


def algorithm(i, null):
    if null:
        return 'enc ecb(cipher_null) "" auth digest_null ""'
    key = random.Random(i).getrandbits(160)
    return "aead rfc4106(gcm(aes)) 0x%040x 128" % key


def states(i, src, dst, args):
    for way, (a, b) in enumerate(((src, dst), (dst, src))):
        print("xfrm state add src %s dst %s proto esp spi 0x%x reqid %d "
              "mode tunnel replay-window 32 %s" %
              (a, b, SPI + 2 * i + way, i + 1,
               algorithm(2 * i + way, args.null)))


def policies(i, vip, peer, args):
    near, network = INSIDE, address(20 << 24, i << 8) + "/24"
    if args.hosts:
        near, network = HOST, address(20 << 24, i << 8) + "/32"
    ways = [("in" if args.far else "out", near, network, vip, peer),
            ("out" if args.far else "in", network, near, peer, vip)]
    if not args.far:
        ways.append(("fwd", network, near, peer, vip))
    for way, src, dst, a, b in ways:
        print("xfrm policy add src %s dst %s dir %s tmpl src %s dst %s "
              "proto esp reqid %d mode tunnel" % (src, dst, way, a, b, i + 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int)
    parser.add_argument("vip")
    parser.add_argument("--policies", action="store_true")
    parser.add_argument("--far", action="store_true")
    parser.add_argument("--hosts", action="store_true")
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    for i in range(args.first, args.first + args.n):
        peer = address((198 << 24) + (18 << 16), i * SCATTER % PEERS)
        states(i, args.vip, peer, args)
        if args.policies:
            policies(i, args.vip, peer, args)


if __name__ == "__main__":
    main()
