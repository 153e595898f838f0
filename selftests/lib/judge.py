#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judge a run by what was on the outside LAN.

Each capture holds the frames one node *sent* (tcpdump -Q in on its port of
the bridge), so a frame's sender is certain whatever its addresses say. One
clock stamped all of them. The verdict is one JSON object on standard output:

  seq_reused      ESP with a (destination, SPI, number) sent before, by gateways
  iv_reused       ESP with a (destination, SPI, IV) sent before, by gateways
  jumps_back      the sender of an SPI changed and the new one's first number
                  is not beyond the old one's last
  silent_esp      ESP with a VIP as source by a node told to be silent then
  silent_vip      other frames with a VIP as source (IP or ARP) by such a node,
                  and neighbour advertisements of one
  plaintext       frames between protected networks in clear after the time
                  given, by gateways or the peer; plaintext_before: before it
  forwarded       ESP for a VIP that a gateway sent on; forwarded_twice
  ike             IKE packets by exchange type; renegotiations counts requests
                  of IKE_SA_INIT and CREATE_CHILD_SA after the time given
  peer_seq_reused a check of the peer, which must not reuse numbers either

Captures of what the gateways send on the inside LAN (--inside) are judged for
silent_vip only, and fill the histogram of delivered packets.
"""

import argparse
import json
import sys

import pcap

IKE_SA_INIT, CREATE_CHILD_SA = 34, 36
ICMPV6, ADVERT = 58, 136
ALL_ONES = (1 << 128) - 1


def net(text):
    addr, _, length = text.partition('/')
    bits = 128 if ':' in addr else 32
    # what is above 32 bits counts, too: an address of IPv6 is in no net of IPv4
    mask = ALL_ONES << (bits - int(length or bits)) & ALL_ONES
    return pcap.ip_num(addr) & mask, mask


def within(addr, n):
    return addr & n[1] == n[0]


class Judge:
    def __init__(self, args):
        self.args = args
        self.vips = {pcap.ip_num(v) for v in args.vip}
        self.pairs = [tuple(net(n) for n in p.split(','))
                      for p in args.protected]
        self.silent = {}
        for spec in args.silent:
            node, start, end = spec.split(':')
            self.silent.setdefault(node, []).append(
                (float(start or 0), float(end or 'inf')))
        self.seqs, self.ivs, self.fwd, self.peer_seqs = {}, {}, set(), set()
        self.spis = {}
        self.nodes = {}
        self.bins = {}
        self.out = dict.fromkeys(
            ('seq_reused', 'iv_reused', 'jumps_back', 'silent_esp',
             'silent_vip', 'plaintext', 'plaintext_before', 'forwarded',
             'forwarded_twice', 'peer_seq_reused', 'renegotiations'), 0)
        self.ike = {}
        self.examples = []

    def blame(self, what, node, t, text):
        self.out[what] += 1
        if sum(e['what'] == what for e in self.examples) < 5:
            self.examples.append({'what': what, 'node': node,
                                  'time': round(t, 6), 'detail': text})

    def told_silent(self, node, t):
        return any(a <= t < b for a, b in self.silent.get(node, ()))

    def frame(self, node, is_peer, t, frame):
        n = self.nodes.setdefault(node, {'frames': 0, 'esp': 0})
        n['frames'] += 1
        if frame[12:14] == b'\x08\x06':
            if not is_peer:
                self.arp(node, t, frame)
            return
        p = pcap.parse(frame, self.args.iv_len)
        if p is None:
            return
        if p.kind == 'esp':
            if is_peer:
                self.peer_esp(t, p)
            elif p.src in self.vips:
                self.gateway_esp(node, n, t, p)
            elif p.dst in self.vips:
                self.forwarded_esp(node, t, p)
            return
        if p.src in self.vips and not is_peer and self.told_silent(node, t):
            self.blame('silent_vip', node, t, 'proto %d' % p.proto)
        elif p.proto == ICMPV6 and not is_peer:
            self.advert(node, t, p, frame)
        if p.kind == 'ike':
            self.ike_packet(t, p)
        else:
            self.clear(node, t, p)

    def inside(self, node, t, frame):
        if frame[12:14] == b'\x08\x06':
            self.arp(node, t, frame)
            return
        p = pcap.parse(frame, 0)
        if p is None:
            return
        if p.src in self.vips and self.told_silent(node, t):
            self.blame('silent_vip', node, t, 'proto %d inside' % p.proto)
        elif p.proto == ICMPV6:
            self.advert(node, t, p, frame)
        for a, b in self.pairs:
            if within(p.src, b) and within(p.dst, a):
                self.count_bin('in_' + node, t)

    def arp(self, node, t, frame):
        if len(frame) >= 32:
            sender = int.from_bytes(frame[28:32], 'big')
            if sender in self.vips and self.told_silent(node, t):
                self.blame('silent_vip', node, t, 'ARP')

    def advert(self, node, t, p, frame):
        at = p.payload
        if (len(frame) >= at + 24 and frame[at] == ADVERT and
                int.from_bytes(frame[at + 8:at + 24], 'big') in self.vips and
                self.told_silent(node, t)):
            self.blame('silent_vip', node, t, 'neighbour advertisement')

    def peer_esp(self, t, p):
        key = (p.dst, p.spi, p.seq)
        if key in self.peer_seqs:
            self.out['peer_seq_reused'] += 1
        self.peer_seqs.add(key)

    def gateway_esp(self, node, n, t, p):
        self.count_bin('out_' + node, t)
        n['esp'] += 1
        n.setdefault('first_esp', t)
        n['last_esp'] = t
        text = 'spi %08x seq %d' % (p.spi, p.seq)
        if self.told_silent(node, t):
            self.blame('silent_esp', node, t, text)
        key = (p.dst, p.spi, p.seq)
        if key in self.seqs:
            self.blame('seq_reused', node, t, '%s, before by %s' %
                       (text, self.seqs[key]))
        self.seqs.setdefault(key, node)
        if self.args.iv_len:
            key = (p.dst, p.spi, p.iv)
            if key in self.ivs:
                self.blame('iv_reused', node, t, '%s iv %s, before by %s' %
                           (text, p.iv.hex(), self.ivs[key]))
            self.ivs.setdefault(key, node)
        self.stretch(node, t, p, text)

    def stretch(self, node, t, p, text):
        """An SPI's life is a row of stretches, each by one node."""
        row = self.spis.setdefault('%08x' % p.spi, [])
        if not row or row[-1]['node'] != node:
            if row and p.seq <= max(s['highest'] for s in row):
                self.blame('jumps_back', node, t, '%s after %s' % (
                    text, '; '.join('%(node)s %(first)d..%(highest)d from '
                                    '%(from).3f to %(to).3f' % s
                                    for s in row[-3:])))
            row.append({'node': node, 'first': p.seq, 'highest': p.seq,
                        'packets': 0, 'from': t})
        s = row[-1]
        s['packets'] += 1
        s['highest'] = max(s['highest'], p.seq)
        s['to'] = t

    def forwarded_esp(self, node, t, p):
        self.out['forwarded'] += 1
        key = (p.dst, p.spi, p.seq)
        if key in self.fwd:
            self.blame('forwarded_twice', node, t,
                       'spi %08x seq %d' % (p.spi, p.seq))
        self.fwd.add(key)

    def ike_packet(self, t, p):
        self.ike[str(p.exchange)] = self.ike.get(str(p.exchange), 0) + 1
        if (p.exchange in (IKE_SA_INIT, CREATE_CHILD_SA) and
                not p.response and t > self.args.established):
            self.out['renegotiations'] += 1

    def clear(self, node, t, p):
        for a, b in self.pairs:
            if (within(p.src, a) and within(p.dst, b) or
                    within(p.src, b) and within(p.dst, a)):
                if t < self.args.plain_after:
                    self.out['plaintext_before'] += 1
                    return
                self.blame('plaintext', node, t, '%08x > %08x proto %d' %
                           (p.src, p.dst, p.proto))
                return

    def count_bin(self, name, t):
        if self.args.bin_ms:
            i = int((t - self.args.bins_from) * 1000 / self.args.bin_ms)
            if 0 <= i < self.args.bins:
                row = self.bins.setdefault(name, [0] * self.args.bins)
                row[i] += 1

    def verdict(self):
        return dict(self.out, nodes=self.nodes, spis=self.spis, ike=self.ike,
                    examples=self.examples, bins=self.bins)


def main(argv):
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--gw', action='append', default=[], metavar='NODE:FILE')
    ap.add_argument('--peer', action='append', default=[], metavar='FILE')
    ap.add_argument('--inside', action='append', default=[],
                    metavar='NODE:FILE')
    ap.add_argument('--vip', action='append', default=[])
    ap.add_argument('--protected', action='append', default=[],
                    metavar='NET,NET')
    ap.add_argument('--plain-after', type=float, default=0)
    ap.add_argument('--established', type=float, default=0)
    ap.add_argument('--silent', action='append', default=[],
                    metavar='NODE:FROM:TO', help='open ends are left empty')
    ap.add_argument('--iv-len', type=int, default=8)
    ap.add_argument('--bin-ms', type=float, default=0)
    ap.add_argument('--bins', type=int, default=0)
    ap.add_argument('--bins-from', type=float, default=0)
    args = ap.parse_args(argv)
    judge = Judge(args)
    captures = [spec.partition(':')[::2] + ('gw',) for spec in args.gw]
    captures += [spec.partition(':')[::2] + ('in',) for spec in args.inside]
    captures += [('peer', path, 'peer') for path in args.peer]
    frames = []
    for node, path, kind in captures:
        frames += [(t, node, kind, f) for t, f in pcap.read(path)]
    frames.sort(key=lambda x: x[0])
    for t, node, kind, frame in frames:
        if kind == 'in':
            judge.inside(node, t, frame)
        else:
            judge.frame(node, kind == 'peer', t, frame)
    json.dump(judge.verdict(), sys.stdout)
    print()


if __name__ == '__main__':
    main(sys.argv[1:])
