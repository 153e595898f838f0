# SPDX-License-Identifier: GPL-2.0-only
"""Which invariants of the design a round has broken. Nothing here talks to a
kernel: frames and states come in, violations go out, so that each check can be
tried on a case that must set it off (test_checker.py).

A violation is (invariant, text). Times are s of CLOCK_MONOTONIC.
"""

import bisect
import ipaddress
import re
import struct

ESP, AH, UDP, ICMP6 = 50, 51, 17, 58
IPSEC = ('esp', 'ah')
SOLICIT, ADVERTISE = 135, 136
ALL_NODES = bytes.fromhex('ff02' + '0' * 27 + '1')
LOST = 400      # packets of an SA of no group in a round: far below a lease


class Ranges:
    """A set of integers that mostly grows at its end."""
    def __init__(self):
        self.lo, self.hi = [], []

    def add(self, n):
        """False where n was there before."""
        if not self.hi or n > self.hi[-1]:
            if self.hi and n == self.hi[-1] + 1:
                self.hi[-1] = n
            else:
                self.lo.append(n)
                self.hi.append(n)
            return True
        i = bisect.bisect_right(self.lo, n) - 1
        if i >= 0 and n <= self.hi[i]:
            return False
        before = i >= 0 and self.hi[i] == n - 1
        after = i + 1 < len(self.lo) and self.lo[i + 1] == n + 1
        if before and after:
            self.hi[i] = self.hi.pop(i + 1)
            del self.lo[i + 1]
        elif before:
            self.hi[i] = n
        elif after:
            self.lo[i + 1] = n
        else:
            self.lo.insert(i + 1, n)
            self.hi.insert(i + 1, n)
        return True

    def __contains__(self, n):
        i = bisect.bisect_right(self.lo, n) - 1
        return i >= 0 and n <= self.hi[i]

    def __len__(self):
        return sum(b - a + 1 for a, b in zip(self.lo, self.hi))

    @property
    def last(self):
        return self.hi[-1] if self.hi else 0


class Life:
    """What was seen of one life of an outbound SA of the VIP."""
    def __init__(self, name, counter, iv_len, begin):
        self.name = name
        self.counter = counter
        self.iv_len = iv_len    # 0: it has none, as in AH
        self.begin = begin
        self.sent = {}          # node -> Ranges of numbers
        self.excused = Ranges()
        self.tags = {}          # top 16 bits of IV xor number -> node
        self.counters = Ranges()        # IVs that are a counter
        self.ivs = set()        # others

    def sent_by(self, node):
        return self.sent.setdefault(node, Ranges())


class Packet:
    __slots__ = ('kind', 'src', 'dst', 'spi', 'seq', 'iv')


def parse(frame):
    """kind: esp, ah, arp (src: sender), nd (ARP of IPv6; src: whom it tells
    of), clear or None; addresses as bytes."""
    p = Packet()
    p.kind = None
    proto = frame[12:14]
    if proto == b'\x08\x06' and len(frame) >= 42:
        p.kind, p.src, p.dst = 'arp', frame[28:32], frame[38:42]
    elif proto == b'\x86\xdd' and len(frame) >= 54:
        p.kind, p.src, p.dst = 'clear', frame[22:38], frame[38:54]
        payload(p, frame, frame[20], 54)
    elif proto == b'\x08\x00' and len(frame) >= 34:
        p.kind, p.src, p.dst = 'clear', frame[26:30], frame[30:34]
        payload(p, frame, frame[23], 14 + (frame[14] & 15) * 4)
    return p


def payload(p, frame, proto, at):
    if proto == UDP and len(frame) >= at + 16:
        sport, dport = struct.unpack_from('>HH', frame, at)
        # what starts with four zeros there is IKE
        if 4500 in (sport, dport) and frame[at + 8:at + 12] != b'\0\0\0\0':
            at += 8
            proto = ESP
    if proto == ESP and len(frame) >= at + 8:
        p.kind = 'esp'
        p.spi, p.seq = struct.unpack_from('>II', frame, at)
        p.iv = frame[at + 8:at + 24]
    elif proto == AH and len(frame) >= at + 12:
        p.kind = 'ah'
        p.spi, p.seq = struct.unpack_from('>II', frame, at + 4)
        p.iv = b''
    elif proto == ICMP6 and len(frame) >= at + 24 and \
            frame[at] in (SOLICIT, ADVERTISE):
        p.kind = 'nd'
        if frame[at] == ADVERTISE:
            p.src = frame[at + 8:at + 24]


def octets(text):
    return ipaddress.ip_address(text).packed


class Net:
    """Does an address lie in a prefix of octets."""
    def __init__(self, octets):
        self.octets = octets

    def __contains__(self, addr):
        return addr.startswith(self.octets)


class Wire:
    """All that is remembered of what was on the wire, over all rounds.

    vips: bytes of the VIPs; protected: pairs of Net whose traffic must never
    be in clear on the outside LAN; macs: node -> bytes of its inside MAC;
    probes: bytes of the addresses that probes go to.
    """
    def __init__(self, vips, protected, macs, probes):
        self.vips = set(vips)
        self.protected = protected
        self.macs = {mac: node for node, mac in macs.items()}
        self.probes = set(probes)
        self.lives = {}         # (dst, spi) -> [Life], oldest first
        self.foreign = {}       # (src, dst, spi) -> [begin, last number]
        self.found = []

    # ---- what the driver knows ----

    def new_life(self, dst, spi, name, counter, iv_len, begin):
        self.lives.setdefault((dst, spi), []).append(
            Life(name, counter, iv_len, begin))

    def forget(self, dst, spi):
        """An SA that is gone on all nodes."""
        self.lives.pop((dst, spi), None)

    def new_foreign(self, src, dst, spi, begin):
        self.foreign[src, dst, spi] = [begin, 0]

    def foreign_anew(self):
        """Not all of them were looked at: each goes on where it is."""
        for seen in self.foreign.values():
            seen[1] = None

    def life(self, dst, spi, t=None):
        row = self.lives.get((dst, spi))
        if not row:
            return None
        if t is not None:
            for one in reversed(row):
                if one.begin <= t:
                    return one
        return row[-1]

    # ---- a round ----

    def judge(self, frames, silent, split=None, unsynced=(), ceilings=None,
              lossy=False, until=float('inf'), bounds=None):
        """frames: sorted (time, node, lan, frame); silent: (node, from, to,
        whether it may not announce a VIP either). split: (from, to) while both may
        have been active. unsynced: (node, from, to) before a new life of a node
        was first in sync: nobody told it yet what to protect. ceilings: (node,
        dst, spi) -> the last ceiling it knew as applied while it was active: V1
        binds where that was not passed. What is beyond, and was sent before
        until, when they met again, may be sent once more by the other. lossy:
        gateways may have sent what nobody saw. bounds: of a node in strict
        mode, (node, dst, spi) -> (number, from, to), which it may not pass in
        that time."""
        self.found = []
        self.bounds = bounds or {}
        self.bounded = 0
        self.lossy = lossy
        self.ceilings = ceilings or {}
        self.until = until
        self.excused = 0
        self.split = split
        self.unsynced = unsynced
        self.unprotected = 0
        self.silent = {}
        for node, begin, end, arp in silent:
            self.silent.setdefault(node, []).append((begin, end, arp))
        self.esp = {}           # node -> packets of either protocol
        self.kinds = {}         # (node, 'ah6') -> packets
        self.probed = {}
        self.reused = []
        self.peer_sent = {}     # spi -> [(time, number)]
        for t, node, lan, frame in frames:
            # inside a gateway is only to use no VIP: most frames are others
            if lan == 'inlan' and node != 'host' and \
                    frame[12:14] == b'\x08\0' and \
                    frame[26:30] not in self.vips:
                continue
            p = parse(frame)
            if p.kind is None:
                continue
            if node == 'peer':
                self.by_peer(t, p)
            elif node == 'host':
                self.by_host(t, p, frame)
            else:
                self.by_gateway(t, node, lan, p)
        return self.found

    def blame(self, invariant, t, text):
        self.found.append((invariant, '%.3f: %s' % (t, text)))

    def is_silent(self, node, t, arp=False):
        return any(a <= t < b and (not arp or c)
                   for a, b, c in self.silent.get(node, ()))

    def by_peer(self, t, p):
        if p.kind in IPSEC and p.dst in self.vips:
            self.peer_sent.setdefault(p.spi, []).append((t, p.seq))
        elif p.kind == 'clear':
            self.clear(t, 'peer', p)

    def by_host(self, t, p, frame):
        node = self.macs.get(frame[:6])
        if node and p.kind == 'clear' and p.dst in self.probes and \
                self.is_silent(node, t):
            self.probed[node] = self.probed.get(node, 0) + 1

    def by_gateway(self, t, node, lan, p):
        from_vip = p.src in self.vips
        if p.kind in ('arp', 'nd'):
            # the kernel answers; what nobody asked for is the helper's
            told = p.dst in (p.src, ALL_NODES)
            if from_vip and self.is_silent(node, t, told):
                self.blame('V3', t, '%s for a VIP by standby %s' %
                           (p.kind.upper(), node))
            return
        if p.kind in IPSEC and from_vip:
            if self.is_silent(node, t):
                self.blame('V3', t, '%s by standby %s' % (p.kind.upper(), node))
            kind = node, p.kind + ('4' if len(p.src) == 4 else '6')
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            self.esp[node] = self.esp.get(node, 0) + 1
            self.vip_esp(t, node, p)
        elif p.kind == 'esp':
            self.other_esp(t, node, p)
        elif p.kind == 'clear':
            if from_vip and self.is_silent(node, t):
                self.blame('V3', t, 'a packet from a VIP by standby %s' % node)
            if lan == 'outlan':
                self.clear(t, node, p)

    def clear(self, t, node, p):
        for a, b in self.protected:
            if p.src in a and p.dst in b or p.src in b and p.dst in a:
                if any(n == node and x <= t < y for n, x, y in self.unsynced):
                    self.unprotected += 1
                    return
                synced = [y for n, _, y in self.unsynced if n == node and y <= t]
                since = ', in sync for %.3f s' % (t - max(synced)) if synced else ''
                self.blame('V3', t, 'plaintext %s > %s by %s%s' %
                           (p.src.hex(), p.dst.hex(), node, since))

    def vip_esp(self, t, node, p):
        one = self.life(p.dst, p.spi, t)
        if one is None:
            self.blame('V7', t, '%s with the unknown SPI %08x by %s' %
                       (p.kind.upper(), p.spi, node))
            return
        text = '%s number %d by %s' % (one.name, p.seq, node)
        again = [n for n, sent in one.sent.items() if p.seq in sent]
        one.sent_by(node).add(p.seq)
        ceiling = self.ceilings.get((node, p.dst, p.spi))
        if ceiling is not None and p.seq > ceiling and t < self.until and \
                one is self.lives[p.dst, p.spi][-1]:
            self.excused += one.excused.add(p.seq)
        self.within_bound(t, node, p, text)
        if again:
            if p.seq in one.excused and node not in again:
                self.reused.append(text)
            else:
                self.blame('V1', t, '%s, before by %s' %
                           (text, ' and '.join(again)))
        if one.counter:
            self.counter_iv(t, node, one, p, text)
        elif one.iv_len:
            iv = p.iv[:one.iv_len]
            if iv in one.ivs and not (self.split and
                                      self.split[0] <= t < self.split[1]):
                self.blame('V1', t, '%s: its IV was there before' % text)
            one.ivs.add(iv)

    def within_bound(self, t, node, p, text):
        bound, begin, end = self.bounds.get((node, p.dst, p.spi), (0, 0, 0))
        if not begin <= t < end:
            return
        self.bounded += 1
        if p.seq > bound:
            self.blame('V1', t, '%s, which is strict and had %d acknowledged' %
                       (text, bound))

    def counter_iv(self, t, node, one, p, text):
        # The number, of which the upper half is not sent, reaches no tag.
        iv = int.from_bytes(p.iv[:8], 'big')
        owner = one.tags.setdefault(iv >> 48, node)
        if owner != node:
            self.blame('V1', t, '%s: IVs with the tag %04x of %s' %
                       (text, iv >> 48, owner))
            one.tags[iv >> 48] = node
        elif not one.counters.add(iv):
            self.blame('V1', t, '%s: its IV was there before' % text)

    def other_esp(self, t, node, p):
        seen = self.foreign.get((p.src, p.dst, p.spi))
        if seen is None or t < seen[0]:
            return
        if seen[1] is not None and not seen[1] < p.seq <= seen[1] + (LOST if self.lossy else 1):
            self.blame('V9', t, 'SA of no group by %s: number %d after %d' %
                       (node, p.seq, seen[1]))
        seen[1] = p.seq

    def peer_count(self, spi, after, before):
        """Packets of an inbound SA that the peer sent in a time of the round."""
        row = self.peer_sent.get(spi, ())
        return sum(after <= t < before for t, _ in row)


# ---- states ----

def check_lease(before, after, drops=0):
    """V1: with a hot standby and the channel left alone, no number passes the
    ceiling that was acknowledged. V5: nor is anything dropped there."""
    found = []
    if after > before:
        found.append(('V1', '%d packets passed the acknowledged ceiling with '
                      'nothing in the way' % (after - before)))
    if drops > 0:
        found.append(('V5', '%d packets were dropped at a ceiling with nothing '
                      'in the way' % drops))
    return found


def check_replays(accepted, bounds):
    """V2: name -> packets accepted, name -> how many may be."""
    return [('V2', '%s: %d old packets accepted, %d may be' %
             (name, n, bounds.get(name, 0)))
            for name, n in sorted(accepted.items()) if n > bounds.get(name, 0)]


def check_exposure(sas, most):
    """V2. sas: the active's inbound ones, as xha shows them; most: SPI -> what
    may be exposed with a hot standby and nothing in the way."""
    return [('V2', '%s: %d packets are exposed, %d may be' % (
        sa['spi'], sa['exposure'], most[int(sa['spi'], 16)]))
            for sa in sas if sa['exposure'] > most.get(int(sa['spi'], 16),
                                                       sa['exposure'])]


def check_quiet(node, acquires, larval):
    """V3"""
    found = []
    if acquires:
        found.append(('V3', '%d ACQUIREs on %s' % (acquires, node)))
    if larval:
        found.append(('V3', '%d larval SAs on %s' % (larval, node)))
    return found


def check_active(node, ha, spis, want, may=None):
    """V4. ha: SAs as xha shows them; spis: SPIs of the group in `ip xfrm
    state`; want: SPIs that have to be there; may: V7, that and no others."""
    found = []
    states = {}
    for sa in ha:
        states.setdefault(sa['state'], []).append(int(sa['spi'], 16))
    for state in sorted(states):
        if state != 'active':
            found.append(('V4', '%s is active, but %d of %d SAs are %s: %s' % (
                node, len(states[state]), len(ha), state,
                '; '.join(sorted({s['reason'] for s in ha if s['reason']})))))
    live = set(states.get('active', ()))
    if live != set(spis):
        found.append(('V4', '%s shows %d SAs as active, its SAD has %d' %
                      (node, len(live), len(spis))))
    lost = set(want) - set(spis)
    if lost:
        found.append(('V4', '%d of %d SAs are not on %s: %s' % (
            len(lost), len(want), node,
            ' '.join('%08x' % s for s in sorted(lost)[:6]))))
    over = set(spis) - set(spis if may is None else may)
    if over:
        found.append(('V7', '%d SAs on %s are of nobody any more: %s' % (
            len(over), node, ' '.join('%08x' % s for s in sorted(over)[:6]))))
    return found


def check_policies(node, have, want, loose=()):
    """V4. have: policies in the SPD, each as Pair.policy_rows() has it; want:
    pair -> those that have to be there, once each, and no others; loose: pairs
    of which nobody knows."""
    found = []
    of = {p[:3]: name for name, row in want.items() for p in row}
    due = sorted(p for name, row in want.items() if name not in loose for p in row)
    have = sorted(p for p in have if of.get(p[:3]) not in loose)
    for what, some in (('lacks', due), ('has', have)):
        rest = list(have if some is due else due)
        for p in some:
            if p in rest:
                rest.remove(p)
            else:
                found.append(('V4', '%s %s the policy of %s: %s' % (
                    node, what, of.get(p[:3], 'nobody'), ' '.join(map(str, p)))))
    return found


def check_standby(node, spis, policies):
    """V3, V4: what a hot standby has in xfrm's own tables."""
    found = []
    if spis:
        found.append(('V4', '%d SAs of the group are in the SAD of standby %s'
                      % (len(spis), node)))
    if policies:
        found.append(('V4', '%d policies of the group are in the SPD of standby'
                      ' %s' % (policies, node)))
    return found


STATIC = ('src', 'dst', 'spi', 'proto', 'mode', 'reqid', 'algorithms', 'esn',
          'replay_window', 'encap', 'incarnation')


def check_pair(standby, active, own=None):
    """V7, V8: SAs of a hot standby, dumped first, beside those of the active.
    Counters come from the active, or from what the standby itself has sent
    (own: SPI -> last number), so none may be ahead of both."""
    found = []
    own = own or {}
    theirs = {sa['incarnation']: sa for sa in active}
    ours = {sa['incarnation']: sa for sa in standby}
    if set(ours) != set(theirs):
        found.append(('V8', 'the standby holds %d SAs, the active %d, %d in '
                      'common' % (len(ours), len(theirs),
                                  len(set(ours) & set(theirs)))))
    for inc in sorted(set(ours) & set(theirs)):
        a, b = ours[inc], theirs[inc]
        for key in STATIC:
            if a[key] != b[key]:
                found.append(('V8', '%s: %s is %s, on the active %s' %
                              (a['spi'], key, a[key], b[key])))
        mine = own.get(int(a['spi'], 16), 0) if a['dir'] == 'out' else 0
        if a['dir'] == 'out' and a['acked'] > max(b['ceiling'], mine):
            found.append(('V7', '%s: the standby would start at %d, the active '
                          'never published more than %d' %
                          (a['spi'], a['acked'], b['ceiling'])))
        if a['sequence'] > max(b['sequence'], mine):
            found.append(('V7', '%s: the standby has seen %d, the active %d' %
                          (a['spi'], a['sequence'], b['sequence'])))
    return found


def check_applied(active, standby):
    """V1: SAs of the active, dumped first, beside the standby's: a ceiling it
    acknowledged as applied is where it would begin, or below that."""
    ours = {sa['incarnation']: sa for sa in standby if sa['dir'] == 'out'}
    found = []
    for sa in active:
        mine = ours.get(sa['incarnation'])
        if mine and mine['acked'] < sa['acked']:
            found.append(('V1', '%s: the standby acknowledged %d and would '
                          'begin at %d' % (sa['spi'], sa['acked'],
                                           mine['acked'])))
    return found


def check_stale(before, after):
    """V7: a standby's SAs around frames of an older epoch."""
    found = []
    a = {sa['incarnation']: sa for sa in before}
    b = {sa['incarnation']: sa for sa in after}
    if set(a) - set(b):
        found.append(('V7', 'stale frames removed %d SAs' %
                      len(set(a) - set(b))))
    if set(b) - set(a):
        found.append(('V7', 'stale frames brought %d SAs' %
                      len(set(b) - set(a))))
    for inc in sorted(set(a) & set(b)):
        for key in ('acked', 'sequence', 'packets'):
            if a[inc][key] != b[inc][key]:
                found.append(('V7', '%s: stale frames moved %s from %d to %d' %
                              (a[inc]['spi'], key, a[inc][key], b[inc][key])))
    return found


def check_traffic(what, before, after, may_lose=0):
    """V5: flow -> (sent, received) at both ends of a stretch in which the
    active had no reason to lose anything."""
    found = []
    for name in sorted(before):
        sent = after[name][0] - before[name][0]
        lost = sent - (after[name][1] - before[name][1])
        if lost > may_lose:
            found.append(('V5', '%s lost %d of %d during %s' %
                          (name, lost, sent, what)))
    return found


class Keys:
    """V6: keys in anything that people or other programs read. The start of a
    key is enough; it has an octet that is not ASCII. Of hex that is dumped in
    lines (print_hex_dump(), %*ph), octet by octet or as words of the machine,
    any part of a key is, of which a line holds one."""
    START = 12
    PART = 8
    HEX = re.compile(rb'[0-9a-f]{%d,}' % (2 * PART))
    JOINED = re.compile(rb'(?<=[0-9a-f]{2})[ :-](?=[0-9a-f]{2})')

    def __init__(self):
        self.raw = {}
        self.text = {}

    @classmethod
    def parts(cls, key):
        for i in range(len(key) - cls.PART + 1):
            part = key[i:i + cls.PART]
            yield part
            yield part[::-1]
            yield part[3::-1] + part[:3:-1]

    def add(self, name, key):
        start = key[:self.START]
        if start.isascii():
            raise ValueError('a key that could be text')
        self.raw[start] = name
        for part in self.parts(key):
            self.text[part.hex().encode()] = name

    def search(self, where, data):
        """data: bytes"""
        found = []
        if not data.isascii():
            n = self.START
            hits = {data[i:i + n] for i in range(len(data) - n + 1)}
            found += [('V6', 'a key of %s is in %s' % (self.raw[h], where))
                      for h in sorted(hits & self.raw.keys())]
        n = 2 * self.PART
        text = data.lower()
        hits = {run[i:i + n] for one in (text, self.JOINED.sub(b'', text))
                for run in self.HEX.findall(one) for i in range(len(run) - n + 1)}
        found += [('V6', 'a key of %s is in %s, as hex' % (name, where))
                  for name in sorted({self.text[h] for h in
                                      hits & self.text.keys()})]
        return found


def unescape(text):
    """What the kernel log shows of octets that are not text, as octets."""
    return re.sub(rb'\\x([0-9a-fA-F]{2})',
                  lambda m: bytes.fromhex(m[1].decode()), text.encode())


def check_epochs(rows):
    """V7: rows of one life of a node, in order: the epoch never goes back."""
    found = []
    last = (0, 0)
    for row in rows:
        now = (row['epoch'], row['epoch_node'])
        if now[0] < last[0]:
            found.append(('V7', 'the epoch went from %s back to %s' % (last, now)))
        last = now
    return found


def met(old, other, healed):
    """When two that may both have been active had told each other all: rows of
    the old active and of the other, once faults are healed. Then one gave way,
    and the old one has the channel."""
    rows = sorted([(r['at'] / 1e9, 0, r) for r in old] +
                  [(r['at'] / 1e9, 1, r) for r in other], key=lambda x: x[:2])
    last = [None, None]
    for t, who, row in rows:
        last[who] = row
        if t >= healed and last[0] and last[0]['channel'] == 'up' and any(
                x and x['role'] != 'active' for x in last):
            return t
    if all(last) and last[0]['channel'] == 'up' and any(
            x['role'] != 'active' for x in last):
        return healed       # it was so before
    return float('inf')


def check_winner(sides, stays, elected=False):
    """V7: sides: node -> (epoch, its node) of both actives before they met;
    stays: who was active afterwards. An older epoch changes nothing; elected:
    the other one gave up by the rule of the election, without the channel."""
    if elected:
        return []
    newer = max(sides, key=lambda n: sides[n])
    if stays in sides and sides[stays] < sides[newer]:
        return [('V7', '%s with epoch %s stayed active, %s with the newer %s '
                 'gave up' % (stays, sides[stays], newer, sides[newer]))]
    return []


def check_converged(states, answer):
    """V8: node -> (role state, how many of the three VIPs); answer: of `xha verify` on the
    standby."""
    found = []
    kinds = sorted(s for s, _ in states.values())
    if kinds != ['active', 'standby hot']:
        found.append(('V8', 'the pair is %s' % ', '.join(
            '%s: %s' % (n, s) for n, (s, _) in sorted(states.items()))))
    for node, (state, vip) in sorted(states.items()):
        if vip != (3 if state == 'active' else 0):
            found.append(('V8', '%s is %s and has %d of 3 VIPs' %
                          (node, state, vip)))
    if answer is not None and answer != 'equal':
        found.append(('V8', 'xha verify answers %s' % answer))
    return found


# of `ip -d -s xfrm`: numbers, bitmaps, use
COUNTERS = re.compile(r'\b(?P<what>o?seq(?:[-_]hi)?|bitmap) 0x[0-9a-f]+|'
                      r' use [-\d]+(?: [:\d]+)?')
MOVES = re.compile(r'^\s*(?:[0-9a-f]{8}\s*)+$|lastused|'
                   r'^\s*\d+\(bytes\), \d+\(packets\)')


def without_counters(text):
    return [COUNTERS.sub(lambda m: m['what'] or '', line)
            for line in text.splitlines()
            if not MOVES.search(line)]


def foreign_events(text, address):
    """How many events `ip xfrm monitor` tells of SAs and policies of no group:
    SPIs begin with f0."""
    return text.count('spi 0x0000f0') + text.count('dst %s/32' % address) + \
        text.count('src %s/32' % address)


def check_foreign(node, before, after, events, expected):
    """V9: SAs and policies of no group as `ip xfrm` shows them, without counters,
    and the events for them."""
    found = []
    if before != after:
        found.append(('V9', 'SAs of no group changed on %s: %s' % (
            node, ' / '.join(sorted(set(before) ^ set(after)))[:200])))
    if events != expected:
        found.append(('V9', '%d events for SAs of no group on %s, %d were due' %
                      (events, node, expected)))
    return found


def answers_until(gate, dead, grace):
    """Until when a node may answer for VIPs after its gate closed: its helper
    takes them down, once it lives. dead: (from, to) when it did not."""
    end = gate + grace
    for a, b in dead:
        if a < end and b > gate:
            end = max(end, b + grace)
    return end


def silences(rows, begin, end):
    """Silent stretches of one life of a node. rows: what rolewatch printed,
    oldest first; times of the result in s."""
    found = []
    start, takeovers = begin, 0
    last_at = begin
    for row in rows:
        at = row['at'] / 1e9
        if row['role'] == 'active':
            if start is not None:
                # begin is of the last takeover; where one before was missed,
                # only the time up to the row before is certain
                whole = row['takeovers'] <= takeovers + 1
                until = row['begin'] / 1e9 if whole else last_at
                if until > start:
                    found.append((start, until))
            start = None
        elif row['role'] == 'standby' and start is None:
            start = max(row['gate'], row['end']) / 1e9
            # of an older change: not told, so from when it was seen
            if start < last_at - 1 or not row['gate']:
                start = at
        elif row['role'] == 'standby' and row['takeovers'] > takeovers:
            # active and back between two looks
            if last_at > start:
                found.append((start, last_at))
            start = at
        takeovers = row['takeovers']
        last_at = at
    if start is not None and end > start:
        found.append((start, end))
    return found
