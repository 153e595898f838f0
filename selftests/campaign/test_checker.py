#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each check of the campaign must go off on what it is there for, and stay
quiet on what is right; the schedule must hold what it promises. KTAP points on
standard output."""

import contextlib
import io
import os
import random
import struct
import sys
import tempfile

import checker
import node
import pairs
import report
import schedule
from checker import Net, Wire, octets

VIP, PEER = octets('192.0.2.1'), octets('192.0.2.10')
VIP6, PEER6 = octets('2001:db8:0:c::1'), octets('2001:db8:3::a')
HOST, REMOTE, PROBE = octets('10.1.0.10'), octets('10.2.0.10'), octets('10.2.0.91')
MACS = {'gwa': b'\2\0\0\0\x0a\2', 'gwb': b'\2\0\0\0\x0b\2'}
OTHER = b'\2\0\0\0\x0e\2'
SALT = 0x1234567890abcdef
points = [0, 0]


def check(name, good, seen=''):
    points[0] += 1
    points[1] += not good
    print('%sok %d %s' % ('' if good else 'not ', points[0], name))
    if not good:
        print('# seen: %s' % (seen,))


def ipv4(src, dst, proto, body, mac=OTHER):
    return (mac + OTHER + b'\x08\0' + struct.pack(
        '>BBHHHBBH', 0x45, 0, 20 + len(body), 1, 0, 64, proto, 0) +
        src + dst + body)


def esp_body(spi, seq, salt, iv):
    iv = struct.pack('>Q', seq ^ salt) + b'\xee' * 8 if iv is None else iv
    return struct.pack('>II', spi, seq) + iv + b'\xee' * 32


def esp(seq, src=VIP, dst=PEER, spi=0xc0ffee, salt=SALT, iv=None):
    return ipv4(src, dst, 50, esp_body(spi, seq, salt, iv))


def natt(seq, salt=SALT):
    body = esp_body(0xc0ffee, seq, salt, None)
    return ipv4(VIP, PEER, 17, struct.pack('>HHHH', 4500, 4500, 8 + len(body),
                                           0) + body)


def ah(seq, src=VIP, dst=PEER, spi=0xa4):
    body = struct.pack('>BBHII', 1, 4, 0, spi, seq) + b'\xaa' * 16
    return (ipv4 if len(src) == 4 else ipv6)(src, dst, 51, body)


def ipv6(src, dst, proto, body):
    return (OTHER + OTHER + b'\x86\xdd' + struct.pack(
        '>IHBB', 6 << 28, len(body), proto, 64) + src + dst + body)


def esp6(seq, salt=SALT):
    return ipv6(VIP6, PEER6, 50, esp_body(0xe6, seq, salt, None))


def nd(kind, src, target):
    return ipv6(src, bytes.fromhex('ff02' + '0' * 27 + '1'), 58, struct.pack(
        '>BBHI', kind, 0, 0, 0) + target)


def arp(sender, target=bytes(4)):
    return (b'\xff' * 6 + OTHER + b'\x08\x06' + b'\0\1\x08\0\6\4\0\1' + OTHER +
            sender + b'\0' * 6 + target)


def wire():
    w = Wire([VIP, VIP6, octets('10.1.0.1')], [
        (Net(octets('10.1.0.0')[:3]), Net(octets('10.2.0.0')[:3])),
        (Net(bytes.fromhex('20010db80001')), Net(bytes.fromhex('20010db80002')))],
        MACS, [PROBE])
    w.new_life(PEER, 0xc0ffee, 'gcm out', True, 8, 0)
    w.new_life(PEER, 0xcbc, 'cbc out', False, 16, 0)
    w.new_life(PEER, 0xa4, 'ah out', False, 0, 0)
    w.new_life(PEER6, 0xa6, 'ah6 out', False, 0, 0)
    w.new_life(PEER6, 0xe6, 'gcm6 out', True, 8, 0)
    w.new_foreign(octets('192.0.2.2'), PEER, 0xf0, 0)
    return w


SILENT = [('gwb', 0, 200, True), ('gwa', 200, 999, True)]
TAGGED = SALT ^ 5 << 48
A = [(110 + i, 'gwa', 'outlan', esp(1 + i)) for i in range(50)]
B = [(210 + i, 'gwb', 'outlan', esp(1001 + i, salt=TAGGED)) for i in range(50)]


def run(more, silent=SILENT, w=None, base=None, **kw):
    frames = sorted((A + B if base is None else base) + more,
                    key=lambda x: x[0])
    return [v for v, _ in (w or wire()).judge(frames, silent, **kw)]


def out(t, node, frame):
    return [(t, node, 'outlan', frame)]


def inside(t, node, frame):
    return [(t, node, 'inlan', frame)]


def cbc(t, node, seq, iv):
    return out(t, node, esp(seq, spi=0xcbc, iv=bytes([iv]) * 16))


CLEAR = ipv4(HOST, REMOTE, 17, b'\0' * 20)
CLEAR6 = (OTHER + OTHER + b'\x86\xdd' + b'\x60' + b'\0' * 7 +
          bytes.fromhex('20010db8000100000000000000000001') +
          bytes.fromhex('20010db8000200000000000000000065'))
REAL = octets('192.0.2.2')

WIRE = [
    ('a clean takeover has no violation', [], {}, []),
    ('V1: a number used by both', out(270, 'gwb', esp(20, salt=TAGGED)), {},
     ['V1']),
    ('V1: a number used twice by one', out(170, 'gwa', esp(3, salt=9)), {},
     ['V1']),
    ('V1: a number used by both, in UDP', out(270, 'gwb', natt(20, TAGGED)), {},
     ['V1']),
    ('V1: an IV used twice with different numbers',
     out(270, 'gwb', esp(2001, salt=TAGGED ^ 2001 ^ 1010)), {}, ['V1']),
    ('V1: the salt of the other node', out(270, 'gwb', esp(2001)), {}, ['V1']),
    ('V1: the same in a split brain', out(270, 'gwb', esp(2001)),
     {'split': (100, 300)}, ['V1']),
    ('V1: a CBC IV used twice', cbc(120, 'gwa', 1, 7) + cbc(220, 'gwb', 2, 7),
     {}, ['V1']),
    ('which is allowed in a split brain',
     cbc(120, 'gwa', 1, 7) + cbc(220, 'gwb', 2, 7), {'split': (200, 230)}, []),
    ('V1: but not after it',
     cbc(210, 'gwa', 1, 7) + cbc(240, 'gwb', 2, 7), {'split': (200, 230)},
     ['V3', 'V1']),
    ('V3: ESP by the standby', out(150, 'gwb', esp(900, salt=TAGGED)), {},
     ['V3']),
    ('V3: ESP by the demoted', out(205, 'gwa', esp(60)), {}, ['V3']),
    ('AH of both in turn', out(150, 'gwa', ah(1)) + out(151, 'gwa', ah(2)) +
     out(250, 'gwb', ah(1001)), {}, []),
    ('V1: a number of AH used by both',
     out(150, 'gwa', ah(5)) + out(250, 'gwb', ah(5)), {}, ['V1']),
    ('V1: and in a split brain',
     out(150, 'gwa', ah(5)) + out(250, 'gwb', ah(5)), {'split': True}, ['V1']),
    ('V1: and in IPv6', out(150, 'gwa', ah(5, VIP6, PEER6, 0xa6)) +
     out(250, 'gwb', ah(5, VIP6, PEER6, 0xa6)), {}, ['V1']),
    ('ESP in IPv6', out(150, 'gwa', esp6(5)) + out(250, 'gwb', esp6(
        1001, TAGGED)), {}, []),
    ('V1: a number of ESP in IPv6 used by both',
     out(150, 'gwa', esp6(5)) + out(250, 'gwb', esp6(5, TAGGED)), {}, ['V1']),
    ('V1: the salt of the other node in IPv6',
     out(150, 'gwa', esp6(5)) + out(250, 'gwb', esp6(1001)), {}, ['V1']),
    ('V1: a strict node beyond what was acknowledged',
     out(205, 'gwa', ah(41)) + out(205, 'gwa', ah(40)),
     {'silent': [], 'bounds': {('gwa', PEER, 0xa4): (40, 204, 206)}}, ['V1']),
    ('which it may be before and after',
     out(203, 'gwa', ah(41)) + out(207, 'gwa', ah(42)),
     {'silent': [], 'bounds': {('gwa', PEER, 0xa4): (40, 204, 206)}}, []),
    ('V3: AH by the standby', out(150, 'gwb', ah(900)), {}, ['V3']),
    ('V3: AH in IPv6 by the standby',
     out(150, 'gwb', ah(900, VIP6, PEER6, 0xa6)), {}, ['V3']),
    ('V3: ESP in IPv6 by the demoted', out(205, 'gwa', esp6(60)), {}, ['V3']),
    ('V7: an SPI of AH nobody made', out(150, 'gwa', ah(1, spi=0xbad)), {},
     ['V7']),
    ('V3: neighbour advertisement for a VIP by the standby',
     out(150, 'gwb', nd(136, octets('fe80::3'), VIP6)), {}, ['V3']),
    ('V3: neighbour solicitation from a VIP by the standby',
     out(150, 'gwb', nd(135, VIP6, PEER6)), {}, ['V3']),
    ('neighbour solicitation for a VIP by the standby',
     out(150, 'gwb', nd(135, octets('fe80::3'), VIP6)), {}, []),
    ('neighbour advertisement where announcing is not forbidden yet',
     out(150, 'gwb', nd(136, octets('fe80::3'), VIP6)),
     {'silent': [('gwb', 0, 200, False), *SILENT[1:]]}, []),
    ('V3: ping from a VIP in IPv6 by the standby',
     out(150, 'gwb', ipv6(VIP6, PEER6, 58, b'\x80' + b'\0' * 40)), {}, ['V3']),
    ('V3: ARP for a VIP by the standby', out(150, 'gwb', arp(VIP)), {}, ['V3']),
    ('V3: the same inside', inside(150, 'gwb', arp(octets('10.1.0.1'))), {}, ['V3']),
    ('V3: ARP for a VIP where announcing it is not forbidden yet',
     out(150, 'gwb', arp(VIP, HOST)),
     {'silent': [('gwb', 0, 200, False), *SILENT[1:]]}, ['V3']),
    ('announcing a VIP there', out(150, 'gwb', arp(VIP, VIP)),
     {'silent': [('gwb', 0, 200, False), *SILENT[1:]]}, []),
    ('V3: announcing a VIP later', out(150, 'gwb', arp(VIP, VIP)), {}, ['V3']),
    ('ARP for its own address', out(150, 'gwb', arp(REAL)), {}, []),
    ('V3: ping from a VIP by the standby',
     inside(150, 'gwb', ipv4(octets('10.1.0.1'), HOST, 1, b'\0' * 8)), {}, ['V3']),
    ('V3: plaintext by the standby', out(150, 'gwb', CLEAR), {}, ['V3']),
    ('V3: plaintext by the active', out(150, 'gwa', CLEAR), {}, ['V3']),
    ('V3: IPv6 in clear', out(150, 'gwb', CLEAR6), {}, ['V3']),
    ('V3: plaintext by the peer',
     out(150, 'peer', ipv4(REMOTE, HOST, 6, b'\0' * 20)), {}, ['V3']),
    ('the same inside is as it should be', inside(150, 'gwb', CLEAR), {}, []),
    ('of a node that was never in sync it is only counted',
     out(150, 'gwb', CLEAR), {'unsynced': [('gwb', 140, 160)]}, []),
    ('V7: an SPI nobody made', out(150, 'gwa', esp(1, spi=0xbad)), {}, ['V7']),
    ('V9: an SA of no group goes on',
     out(150, 'gwa', esp(1, REAL, spi=0xf0)) +
     out(250, 'gwa', esp(2, REAL, spi=0xf0)), {}, []),
    ('V9: an SA of no group skips numbers',
     out(150, 'gwa', esp(1, REAL, spi=0xf0)) +
     out(250, 'gwa', esp(3, REAL, spi=0xf0)), {}, ['V9']),
    ('which may be when its link was cut',
     out(150, 'gwa', esp(1, REAL, spi=0xf0)) +
     out(250, 'gwa', esp(3, REAL, spi=0xf0)), {'lossy': True}, []),
    ('V9: but no lease',
     out(150, 'gwa', esp(1, REAL, spi=0xf0)) +
     out(250, 'gwa', esp(1001, REAL, spi=0xf0)), {'lossy': True}, ['V9']),
    ('V9: nor backwards',
     out(150, 'gwa', esp(1, REAL, spi=0xf0)) +
     out(250, 'gwa', esp(1, REAL, spi=0xf0)), {'lossy': True}, ['V9']),
]


def wires():
    for name, more, kw, want in WIRE:
        got = run(more, **kw)
        check(name, got == want, got)
    # over rounds, and what may be forgotten
    w = wire()
    got = run([], w=w)
    got += run([], w=w, base=out(300, 'gwb', esp(30, salt=TAGGED)))
    check('V1: a number of an earlier round', got == ['V1'], got)
    w = wire()
    run([], w=w)
    w.new_life(PEER, 0xc0ffee, 'gcm again', True, 8, 290)
    got = run([], w=w, base=out(300, 'gwb', esp(30, salt=99)))
    check('the next life of an SPI begins anew', got == [], got)
    w = wire()
    got = run([], w=w, base=A, ceilings={('gwa', PEER, 0xc0ffee): 40})
    n = w.excused
    again = [out(210 + s, 'gwb', esp(s, salt=TAGGED))[0] for s in (45, 50)]
    got += run([], w=w, base=again)
    check('what passed the acknowledged ceiling may come again',
          (n, got, len(w.reused)) == (10, [], 2), (n, got))
    got = run([], w=w, base=out(290, 'gwb', esp(40, salt=TAGGED)))
    check('V1: what did not may not', got == ['V1'], got)
    got = run([], w=w, base=out(295, 'gwb', esp(51, salt=TAGGED)) +
              out(296, 'gwb', esp(51, salt=TAGGED ^ 1 << 20)), silent=[])
    check('V1: nor what came later', got == ['V1'], got)
    got = run([], w=w, base=out(297, 'gwb', esp(45, salt=TAGGED ^ 2 << 20)),
              silent=[])
    check('V1: nor a third time', got == ['V1'], got)
    w = wire()
    kw = {'ceilings': {('gwa', PEER, 0xc0ffee): 40}, 'silent': []}
    twice = out(165, 'gwa', esp(45, salt=SALT ^ 1 << 20))
    got = run([], w=w, base=A + twice, **kw)
    check('V1: beyond the ceiling, twice by one', got == ['V1'], got)
    w = wire()
    late = [(310 + i, 'gwa', 'outlan', esp(41 + i)) for i in range(10)]
    ahead = [(210 + i, 'gwb', 'outlan', esp(41 + i, salt=TAGGED))
             for i in range(10)]
    got = run([], w=w, base=A[:40] + ahead + late, until=300, **kw)
    check('V1: one that goes on at its own ceiling after they met',
          got == ['V1'] * 10, got)
    w = wire()
    got = run([], w=w, base=A[:40] + ahead + late, **kw)
    check('which it may before', (got, len(w.reused)) == ([], 10), got)
    w = wire()
    run([(150, 'host', 'inlan', ipv4(HOST, PROBE, 17, b'', MACS['gwb'])),
         (150, 'host', 'inlan', ipv4(HOST, PROBE, 17, b'', MACS['gwa'])),
         (250, 'host', 'inlan', ipv4(HOST, PROBE, 17, b'', MACS['gwa'])),
         (150, 'host', 'inlan', ipv4(HOST, REMOTE, 17, b'', MACS['gwb']))], w=w)
    check('probes that hit a standby are counted',
          w.probed == {'gwb': 1, 'gwa': 1}, w.probed)
    check('packets are counted by node', w.esp == {'gwa': 50, 'gwb': 50}, w.esp)
    run([(150 + i, 'peer', 'outlan', esp(i, PEER, VIP, 0xbeef))
         for i in range(9)], w=w)
    check('packets of the peer are counted',
          w.peer_count(0xbeef, 152, 155) == 3, w.peer_sent)
    run([(150 + i, 'peer', 'outlan', ah(i, PEER6, VIP6, 0xbea4))
         for i in range(9)] + out(150, 'gwa', ah(1)) +
        out(150, 'gwa', esp6(7)) + out(250, 'gwb', ah(9, VIP6, PEER6, 0xa6)), w=w,
        base=[], bounds={('gwa', PEER, 0xa4): (9, 100, 200)})
    check('and of AH', w.peer_count(0xbea4, 152, 155) == 3, w.peer_sent)
    check('and each kind', w.kinds == {('gwa', 'ah4'): 1, ('gwa', 'esp6'): 1,
                                       ('gwb', 'ah6'): 1}, w.kinds)
    check('what a bound was held against is counted', w.bounded == 1, w.bounded)


def ranges():
    rnd = random.Random(1)
    numbers = [rnd.randrange(300) for _ in range(600)]
    r, seen, good = checker.Ranges(), set(), True
    for n in numbers:
        good &= r.add(n) == (n not in seen)
        seen.add(n)
    good &= all((n in r) == (n in seen) for n in range(-1, 301))
    check('sets of numbers', good and len(r) == len(seen))


def sa(spi='0x00000001', **kw):
    one = {'src': 'a', 'dst': 'b', 'spi': spi, 'proto': 'esp', 'mode': 'tunnel',
           'reqid': 1, 'algorithms': 'x', 'esn': False, 'replay_window': 32,
           'encap': None, 'incarnation': 'i' + spi, 'dir': 'out', 'acked': 100,
           'ceiling': 100, 'sequence': 50, 'state': 'active', 'reason': '',
           'packets': 5}
    return dict(one, **kw)


def states():
    def fires(name, found, want):
        check(name, [v for v, _ in found] == want, found)

    fires('nothing beyond the ceiling', checker.check_lease(5, 5), [])
    fires('V1: beyond the ceiling', checker.check_lease(5, 6), ['V1'])
    fires('V5: drops at a ceiling', checker.check_lease(5, 5, 1), ['V5'])
    fires('replays within bounds', checker.check_replays({'a': 9}, {'a': 9}), [])
    fires('V2: replays beyond', checker.check_replays({'a': 10}, {'a': 9}),
          ['V2'])
    fires('V2: replays after a hand-over', checker.check_replays({'a': 1}, {}),
          ['V2'])
    fires('little is exposed', checker.check_exposure(
        [sa(exposure=20), sa('0x00000002', exposure=99)], {1: 20}), [])
    fires('V2: too much is exposed', checker.check_exposure(
        [sa(exposure=21)], {1: 20}), ['V2'])
    fires('a quiet node', checker.check_quiet('n', 0, 0), [])
    fires('V3: an ACQUIRE', checker.check_quiet('n', 1, 0), ['V3'])
    fires('V3: a larval SA', checker.check_quiet('n', 0, 1), ['V3'])
    fires('an active with all', checker.check_active('n', [sa()], [1], [1]), [])
    fires('V4: half of it is staged', checker.check_active(
        'n', [sa(), sa('0x00000002', state='standby')], [1], [1]), ['V4'])
    fires('V4: one is missing in the SAD',
          checker.check_active('n', [sa()], [], []), ['V4'])
    fires('V4: one of the peer was never adopted',
          checker.check_active('n', [sa()], [1], [1, 2]), ['V4'])
    fires('V7: one that is no more', checker.check_active(
        'n', [sa(), sa('0x00000003')], [1, 3], [1], [1, 2]), ['V7'])
    fires('a standby with nothing', checker.check_standby('n', [], 0), [])
    fires('V4: a standby with an SA', checker.check_standby('n', [1], 0), ['V4'])
    fires('V4: a standby with a policy', checker.check_standby('n', [], 1),
          ['V4'])
    fires('equal shadows', checker.check_pair(
        [sa(acked=90, sequence=40)], [sa()]), [])
    fires('V7: a ceiling nobody published', checker.check_pair(
        [sa(acked=101)], [sa()]), ['V7'])
    fires('which it has sent itself', checker.check_pair(
        [sa(acked=101, sequence=101)], [sa()], {1: 101}), [])
    fires('V7: a position nobody reached', checker.check_pair(
        [sa(sequence=51)], [sa()]), ['V7'])
    fires('a ceiling that was applied', checker.check_applied(
        [sa()], [sa(acked=100)]), [])
    fires('V1: a ceiling that was only acknowledged', checker.check_applied(
        [sa()], [sa(acked=99)]), ['V1'])
    fires('V8: one SA less', checker.check_pair([], [sa()]), ['V8'])
    fires('V8: another window', checker.check_pair(
        [sa(replay_window=64)], [sa()]), ['V8'])
    fires('stale frames without effect', checker.check_stale([sa()], [sa()]), [])
    fires('V7: stale frames delete', checker.check_stale([sa()], []), ['V7'])
    fires('V7: stale frames count', checker.check_stale(
        [sa()], [sa(acked=999)]), ['V7'])
    fires('traffic goes on', checker.check_traffic(
        'x', {'f': (1, 1)}, {'f': (9, 9)}), [])
    fires('V5: traffic is lost', checker.check_traffic(
        'x', {'f': (1, 1)}, {'f': (9, 8)}), ['V5'])
    keys = checker.Keys()
    key = bytes(range(120, 140))
    keys.add('p', key)
    keys.add('q', bytes(range(200, 220)))
    fires('no key anywhere', keys.search('x', b'nothing ' + b'6465' * 3), [])
    fires('V6: a key as it is', keys.search('x', b'..' + key + b'..'), ['V6'])
    fires('V6: a key as hex', keys.search(
        'x', b'key 0x' + key.hex().upper().encode()), ['V6'])
    fires('V6: a key as the kernel log shows octets', keys.search(
        'x', checker.unescape('key ' + ''.join('\\x%02x' % b for b in key))),
          ['V6'])
    fires('V6: a key amid hex', keys.search(
        'x', b'dump 00ff' + key.hex().encode() + b'ff'), ['V6'])
    fires('V6: a key as %*ph shows it', keys.search(
        'x', b'key ' + key.hex(' ').encode()), ['V6'])
    fires('V6: a key with colons', keys.search(
        'x', b'key: ' + key.hex(':').encode() + b'.'), ['V6'])
    dump = bytes(9) + key + bytes(3)
    lines = [b'[   1.%06d] x: %08x: %s  ..x...' % (i, i, dump[i:i + 16].hex(
        ' ').encode()) for i in range(0, 32, 16)]
    fires('V6: a key in a dump', keys.search('x', b'\n'.join(lines)), ['V6'])
    for size in 4, 8:
        words = ' '.join(dump[i:i + size][::-1].hex() for i in range(16, 32, size))
        fires('V6: a key in a dump of words of %d' % size, keys.search(
            'x', b'x: 00000010: ' + words.encode() + b'  ..'), ['V6'])
    fires('MACs and times are no key', keys.search(
        'x', b'12:34:56 02:00:00:00:0a:01 1-2 ' * 9), [])
    fires('epochs go up', checker.check_epochs(
        [{'epoch': 1, 'epoch_node': 0}, {'epoch': 2, 'epoch_node': 1}]), [])
    fires('V7: an epoch goes back', checker.check_epochs(
        [{'epoch': 3, 'epoch_node': 0}, {'epoch': 2, 'epoch_node': 1}]), ['V7'])
    sides = {'gwa': (4, 0), 'gwb': (5, 1)}
    fires('the newer epoch stays', checker.check_winner(sides, 'gwb'), [])
    fires('V7: the older one stays', checker.check_winner(sides, 'gwa'), ['V7'])
    fires('an election without a channel', checker.check_winner(sides, 'gwa', True), [])
    good = {'gwa': ('active', 3), 'gwb': ('standby hot', 0)}
    fires('a pair', checker.check_converged(good, 'equal'), [])
    fires('V8: two actives', checker.check_converged(
        dict(good, gwb=('active', 3)), None), ['V8'])
    fires('V8: a cold standby', checker.check_converged(
        dict(good, gwb=('standby cold', 0)), None), ['V8'])
    fires('V8: a VIP too many', checker.check_converged(
        dict(good, gwb=('standby hot', 1)), None), ['V8'])
    fires('V8: a VIP too few', checker.check_converged(
        dict(good, gwa=('active', 2)), None), ['V8'])
    fires('V8: different digests', checker.check_converged(good, 'different'),
          ['V8'])
    fires('foreign SAs as before', checker.check_foreign('n', 'x', 'x', 2, 2), [])
    fires('V9: a foreign SA changed', checker.check_foreign('n', 'x', 'y', 2, 2),
          ['V9'])
    before, after = FOREIGN % FRESH, FOREIGN % USED
    fires('foreign SAs that were used', checker.check_foreign(
        'n', *map(checker.without_counters, (before, after)), 0, 0), [])
    for what, a, b in (('limit', 'hard (INF)(p', 'hard 9(p'), (
            'age', '12:42:53', '12:42:54'), ('window', 'window 64 s', 'window 32 s')):
        found = checker.check_foreign('n', *map(checker.without_counters, (
            before, after.replace(a, b))), 0, 0)
        fires('V9: another ' + what, found, ['V9'])
    got = checker.foreign_events(
        'Updated src 192.0.2.2 dst 192.0.2.20\n\tproto esp spi 0x0000f00a reqid 9\n'
        'src 192.0.2.2/32 dst 192.0.2.20/32 \n\tdir out priority 0 \n'
        '\ttmpl src 192.0.2.2 dst 192.0.2.20\n'
        'src 192.0.2.1 dst 192.0.2.31\n\tproto esp spi 0x1234f00a\n', '192.0.2.20')
    check('events of an SA and of a policy', got == 2, got)
    fires('V9: an event too many', checker.check_foreign('n', 'x', 'x', 3, 2),
          ['V9'])


FOREIGN = '''\
src 192.0.2.2 dst 192.0.2.20
\tproto esp spi 0x0000f00a(61450) reqid 9(0x00000009) mode transport
\treplay-window 64 seq 0x00000000 flag  (0x00000000)
\taead rfc4106(gcm(aes)) 0xc8c9 (160 bits) 128
\tanti-replay esn context:
\t seq-hi 0x0, seq 0x0, oseq-hi 0x0, oseq 0x%x
\t replay_window 64, bitmap-length 2
\t %s 00000000%s
\tlifetime config:
\t  limit: soft (INF)(packets), hard (INF)(packets)
\tlifetime current:
\t  %d(bytes), %d(packets)
\t  add 2026-11-30 12:42:53 use %s
\tstats:
\t  replay-window 0 replay 0 failed 0
'''
FRESH = (0, '0' * 8, '', 0, 0, '-')
USED = (7, '0000007f', '\n\tlastused 2026-11-30 12:43:10', 420, 7, '2026-11-30 12:43:01')
POLICIES = '''\
src 10.1.0.0/24 dst 10.2.0.101/32
\tdir out priority 1000
\ttmpl src 192.0.2.1 dst 192.0.2.31
\t\tproto esp reqid 101 mode tunnel
src 192.0.2.2/32 dst 192.0.2.20/32
\tdir out priority 0
\ttmpl src 192.0.2.2 dst 192.0.2.20
\t\tproto esp reqid 9 mode transport
src 10.2.0.101/32 dst 10.1.0.0/24
\tdir fwd priority 1000
\ttmpl src 192.0.2.31 dst 192.0.2.1
\t\tproto esp reqid 101 mode tunnel
src 10.2.0.101/32 dst 10.1.0.0/24
\tdir in priority 1000
\ttmpl src 192.0.2.31 dst 192.0.2.1
\t\tproto esp reqid 101 mode tunnel
'''


def policies():
    pair = pairs.all_pairs()[1]
    rows = pair.policy_rows()
    got = node.parse_policies(POLICIES, ('192.0.2.1',))
    check('policies are read as they were made', sorted(got) == sorted(rows) and
          len(got) == 3, got)

    def fires(name, have, want, loose=()):
        found = checker.check_policies('n', have, {'p': rows}, loose)
        check(name, [v for v, _ in found] == want, found)

    fires('all policies', rows[::-1], [])
    fires('V4: a policy less', rows[1:], ['V4'])
    fires('V4: a policy twice', rows + rows[:1], ['V4'])
    other = [rows[0][:3] + (999,) + rows[0][4:]] + rows[1:]
    fires('V4: another priority', other, ['V4', 'V4'])
    fires('which may be while it changes', other, [], {'p'})
    fires('V4: a policy of nobody', rows + [('out', 'a', 'b', 1, 1)], ['V4'],
          {'q'})


def row(at, role, takeovers=0, begin=0, gate=0):
    return {'at': at * 10**9, 'role': role, 'takeovers': takeovers,
            'begin': begin * 10**9, 'gate': gate * 10**9, 'end': gate * 10**9}


def stretches():
    def same(name, rows, want):
        got = checker.silences(rows, 100, 900)
        check(name, got == want, got)

    same('silent from boot to takeover',
         [row(101, 'init'), row(102, 'standby'), row(202, 'active', 1, 200)],
         [(100, 200)])
    same('and again after the demotion',
         [row(101, 'standby'), row(202, 'active', 1, 200),
          row(301, 'standby', 1, 300, 300)], [(100, 200), (300, 900)])
    same('a takeover between two looks leaves what is certain',
         [row(101, 'standby'), row(202, 'standby', 1, 200, 201),
          row(250, 'standby', 1, 200, 201)], [(100, 101), (202, 900)])
    same('the first of two takeovers between two looks was missed',
         [row(101, 'standby'), row(202, 'active', 2, 200)], [(100, 101)])


def helpers():
    def same(name, dead, want):
        got = checker.answers_until(200, dead, 2)
        check(name, got == want, got)

    same('a helper has some time to take VIPs down', [], 202)
    same('more where it was dead', [(100, 150), (190, 210)], 212)
    same('none for what was before or came later', [(100, 200), (202, 220)], 202)


def meetings():
    def same(name, got, want):
        check(name, got == want, got)

    up = [dict(row(100, 'active'), channel='up'),
          dict(row(200, 'active'), channel='down')]
    down = dict(row(301, 'active'), channel='up')
    new = [dict(row(100, 'standby'), channel='up'),
           dict(row(210, 'active'), channel='down')]
    gives = dict(row(305, 'standby'), channel='up')
    same('two actives that never met', checker.met(up, new, 300), float('inf'))
    same('nor by the channel alone', checker.met(up + [down], new, 300),
         float('inf'))
    same('they met when one gave way', checker.met(up + [down], new + [gives],
                                                   300), 305)
    same('or when the channel came', checker.met(
        up + [dict(row(302, 'standby'), channel='down'),
              dict(row(309, 'standby'), channel='up')], new, 300), 309)
    same('nothing was in the way', checker.met(
        [dict(row(100, 'active'), channel='up'),
         dict(row(210, 'standby'), channel='up')], new, 300), 300)


def schedules():
    rounds = schedule.make(7, 200)
    kinds = schedule.kinds_in(rounds)
    short = {k: n for k, n in kinds.items() if n < schedule.LEAST}
    check('every kind occurs often enough in 200 rounds', not short and
          set(kinds) == set(schedule.PRIMARY) | set(schedule.SECONDARY), short)
    good = all(len({f.kind for f in r.faults}) == schedule.PER_ROUND
               for r in rounds)
    check('each round has different kinds', good)
    again = schedule.make(7, 200)
    check('a seed is a schedule', [r.as_dict() for r in rounds] ==
          [r.as_dict() for r in again])
    check('another seed is another one', [r.as_dict() for r in rounds] !=
          [r.as_dict() for r in schedule.make(8, 200)])
    check('a longer one begins like a shorter one', [r.as_dict() for r in rounds[
        :30]] == [r.as_dict() for r in schedule.make(7, 30)])
    only = schedule.make(1, 6, ['crash'], ['rekey', 'delete'])
    check('kinds can be restricted', set(schedule.kinds_in(only)) ==
          {'crash', 'rekey', 'delete'}, schedule.kinds_in(only))


def movers():
    def may(name, want, *faults):
        got = schedule.may_move([schedule.Fault(kind, 'pre', 0, 1, dict(
            zip(('node', 'way'), params))) for kind, *params in faults])
        check(name, got == want, got)

    may('the channel moves no role', False, ('channel-cut',),
        ('helper-kill-standby',))
    may('nor does the helper', False, ('helper-kill-active',), ('resync',))
    may('but both may', True, ('helper-kill-active',), ('channel-cut',))
    may('a LAN of the active may', True, ('inside-oneway', 'active', 'from'))
    may('what the standby does not hear may', True,
        ('outside-oneway', 'standby', 'to'))
    may('what it does not say may not', False,
        ('outside-oneway', 'standby', 'from'), ('standby-inside-down',))


def shapes():
    every = pairs.all_pairs()
    check('at least 20 pairs, with all there is to mix', len(every) >= 20 and
          {p.alg for p in every} ==
          set(pairs.AEAD) | set(pairs.PLAIN) | set(pairs.AH) and
          {p.mode for p in every} == {'tunnel', 'transport', 'beet'} and
          {p.family for p in every} == {p.outer for p in every} == {4, 6} and
          {(p.proto, p.outer) for p in every} == {
              ('esp', 4), ('esp', 6), ('ah', 4), ('ah', 6)} and
          {p.esn for p in every} == {p.encap for p in every} == {True, False} and
          min(p.window for p in every) == 32 and
          max(p.window for p in every) == 1024)
    rnd = random.Random(1)
    for p in every:
        p.out, p.back = p.new_life(rnd)
    args = [' '.join(s.add()) for p in every for s in (p.out, p.back)]
    check('each SA is one', len(set(args)) == 2 * len(every))


def reports():
    class Told:
        def __init__(self, number):
            self.number, self.primary, self.faults = number, 'crash', []

    def last(rounds, missed):
        with tempfile.TemporaryDirectory() as scratch, \
                contextlib.redirect_stdout(io.StringIO()) as said:
            r = report.Report(1, rounds, 'none', os.path.join(scratch, 'r'))
            for n in range(16):
                r.add(Told(n), {'missed': ['crash']} if n < missed else {}, [],
                      None)
            r.often_enough(['crash'])
        return said.getvalue().splitlines()[-1].split(' each ')[0], r.bad

    got = last(200, 1)
    check('a kind that came about often enough', got == ('ok 17', 0), got)
    got = last(200, 2)
    check('a kind that was missed too often', got == ('not ok 17', 1), got)
    got = last(199, 16)
    check('which a shorter campaign may', got == (
        'ok 16 round 15: crash, ', 0), got)


def main():
    print('KTAP version 1')
    ranges()
    wires()
    states()
    policies()
    stretches()
    helpers()
    meetings()
    schedules()
    movers()
    shapes()
    reports()
    print('1..%d' % points[0])
    return 1 if points[1] else 0


if __name__ == '__main__':
    sys.exit(main())
