#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The judge must catch what it is there to catch: synthetic captures, each
with one violation, and one without any. KTAP points on standard output."""

import contextlib
import io
import json
import os
import struct
import sys
import tempfile

import judge
import pcap

VIP, PEER, HOST, REMOTE = '192.0.2.1', '192.0.2.10', '10.1.0.10', '10.2.0.10'
COUNTS = ('seq_reused', 'iv_reused', 'jumps_back', 'silent_esp', 'silent_vip',
          'plaintext', 'forwarded', 'forwarded_twice', 'renegotiations',
          'peer_seq_reused')
VIP6, PEER6 = '2001:db8::1', '2001:db8::10'
HOST6, REMOTE6 = '2001:db8:1::10', '2001:db8:2::10'
SALT = 0x1234567890abcdef


def ipv4(src, dst, proto, body):
    return (b'\2\0\0\0\x0c\1\2\0\0\0\x0a\1\x08\0' +
            struct.pack('>BBHHHBBHII', 0x45, 0, 20 + len(body), 1, 0, 64,
                        proto, 0, pcap.ip_num(src), pcap.ip_num(dst)) + body)


def ipv6(src, dst, proto, body, before=b''):
    """before: an extension header, whose first byte is proto's"""
    return (b'\2\0\0\0\x0c\1\2\0\0\0\x0a\1\x86\xdd' +
            struct.pack('>IHBB', 6 << 28, len(before + body),
                        60 if before else proto, 64) +
            pcap.ip_num(src).to_bytes(16, 'big') +
            pcap.ip_num(dst).to_bytes(16, 'big') + before + body)


def esp_body(seq, spi=0xc0ffee00, salt=SALT, iv=None):
    iv = iv if iv is not None else seq ^ salt
    return struct.pack('>IIQ', spi, seq, iv) + b'\xee' * 64


def esp(seq, src=VIP, dst=PEER, **kw):
    return ipv4(src, dst, 50, esp_body(seq, **kw))


def esp6(seq, src=VIP6, dst=PEER6, before=b'', **kw):
    return ipv6(src, dst, 50, esp_body(seq, **kw), before)


def advert(target):
    return ipv6('fe80::3', 'ff02::1', 58, b'\x88\0\0\0\0\0\0\0' +
                pcap.ip_num(target).to_bytes(16, 'big'))


def natt(seq, **kw):
    return ipv4(VIP, PEER, 17, natt_body(seq, **kw))


def natt_body(seq, **kw):
    body = esp_body(seq, **kw)
    return struct.pack('>HHHH', 4500, 4501, 8 + len(body), 0) + body


def ike(exchange, flags=0, port=500):
    marker = b'\0\0\0\0' if port == 4500 else b''
    body = marker + b'\1' * 16 + bytes((0, 0x20, exchange, flags)) + b'\0' * 8
    return ipv4(PEER, VIP, 17,
                struct.pack('>HHHH', port, port, 8 + len(body), 0) + body)


def arp(sender):
    return (b'\xff' * 6 + b'\2\0\0\0\x0b\1\x08\x06' + b'\0\1\x08\0\6\4\0\1' +
            b'\2\0\0\0\x0b\1' + struct.pack('>I', pcap.ip_num(sender)) +
            b'\0' * 10)


def run(a, b, peer, extra=()):
    with tempfile.TemporaryDirectory() as d:
        argv = ['--vip', VIP, '--protected', '10.1.0.0/24,10.2.0.0/24',
                '--vip', VIP6,
                '--protected', '2001:db8:1::/64,2001:db8:2::/64',
                '--plain-after', '100', '--established', '100',
                '--silent', 'gwb::200', '--silent', 'gwa:200:']
        for node, packets in (('gwa', a), ('gwb', b)):
            path = os.path.join(d, node)
            pcap.write(path, packets)
            argv += ['--gw', '%s:%s' % (node, path)]
        path = os.path.join(d, 'peer')
        pcap.write(path, peer)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            judge.main(argv + ['--peer', path] + list(extra))
        return json.loads(out.getvalue())


A = [(110 + i, esp(1 + i)) for i in range(50)]
B = [(210 + i, esp(1001 + i, salt=SALT ^ 1 << 60)) for i in range(50)]
P = [(110 + i, esp(1 + i, PEER, VIP, spi=0xbeef)) for i in range(150)]
CLEAR = ipv4(HOST, REMOTE, 17, b'\0' * 20)
FWD = esp(7, PEER, VIP, spi=0xbeef)
A6 = [(110 + i, esp6(1 + i)) for i in range(50)]
B6 = [(210 + i, esp6(1001 + i, salt=SALT ^ 1 << 60)) for i in range(50)]
CLEAR6 = ipv6(HOST6, REMOTE6, 17, b'\0' * 20)
FWD6 = esp6(7, PEER6, VIP6, spi=0xbeef)
# one option of four octets, behind which comes ESP, UDP
OPTION_ESP = b'\x32\0\1\4\0\0\0\0'

CASES = [
    ('a clean takeover has no violation', A, B, P, {}),
    ('a number used by both', A, B + [(270, esp(20, salt=5))], P,
     {'seq_reused': 1}),
    ('a number used twice by one', A + [(170, esp(3, iv=99))], B, P,
     {'seq_reused': 1}),
    ('the same SPI towards another destination is another SA', A,
     B + [(270, esp(20, dst='192.0.2.11'))], P, {}),
    ('an IV used by both with different numbers', A,
     B + [(270, esp(2000, iv=SALT ^ 7))], P, {'iv_reused': 1}),
    ('another SPI may begin lower', A,
     [(209, esp(45, spi=0xc0ffee01))] + B,
     P, {}),
    ('the new sender begins below', A + [(170, esp(1200))], B, P,
     {'jumps_back': 1}),
    ('ESP by the standby', A, [(150, esp(900, salt=9))] + B, P,
     {'silent_esp': 1, 'jumps_back': 1}),
    ('ESP by the demoted', A + [(205, esp(60))], B, P, {'silent_esp': 1}),
    ('ESP in UDP by the standby', A, [(150, natt(950, salt=9))] + B, P,
     {'silent_esp': 1, 'jumps_back': 1}),
    ('a number reused in UDP', A, B + [(270, natt(20, iv=3))], P,
     {'seq_reused': 1}),
    ('ARP for the VIP by the standby', A, [(150, arp(VIP))] + B, P,
     {'silent_vip': 1}),
    ('ARP with its own address by the standby', A,
     [(150, arp('192.0.2.3'))] + B, P, {}),
    ('ping from the VIP by the standby', A,
     [(150, ipv4(VIP, PEER, 1, b'\0' * 8))] + B, P, {'silent_vip': 1}),
    ('plaintext by the standby', A, [(150, CLEAR)] + B, P, {'plaintext': 1}),
    ('plaintext back by the peer', A, B,
     P + [(150, ipv4(REMOTE, HOST, 6, b'\0' * 20))], {'plaintext': 1}),
    ('plaintext before it counts', [(90, CLEAR)] + A, B, P, {}),
    ('forwarded once', A + [(205, FWD)], B, P, {'forwarded': 1}),
    ('forwarded twice', A + [(205, FWD), (206, FWD)], B, P,
     {'forwarded': 2, 'forwarded_twice': 1}),
    ('a new child SA', A, B, P + [(230, ike(36))], {'renegotiations': 1}),
    ('a new IKE SA over NAT-T', A, B, P + [(230, ike(34, port=4500))],
     {'renegotiations': 1}),
    ('a DPD exchange and a response are none', A, B,
     P + [(230, ike(37)), (231, ike(36, 0x20))], {}),
    ('the peer repeats itself', A, B,
     P + [(290, esp(5, PEER, VIP, spi=0xbeef))], {'peer_seq_reused': 1}),
    ('IPv6: a clean takeover', A6, B6, P, {}),
    ('IPv6: a number used by both', A6, B6 + [(270, esp6(20, salt=5))], P,
     {'seq_reused': 1}),
    ('IPv6: a number used by both, once behind an option', A6,
     B6 + [(270, esp6(20, salt=5, before=OPTION_ESP))], P, {'seq_reused': 1}),
    ('IPv6: numbers and IVs that IPv4 has, too', A + A6, B + B6, P, {}),
    ('IPv6: a number reused in UDP', A6,
     B6 + [(270, ipv6(VIP6, PEER6, 17, natt_body(20, iv=3)))], P,
     {'seq_reused': 1}),
    ('IPv6: an IV used by both', A6, B6 + [(270, esp6(2000, iv=SALT ^ 7))], P,
     {'iv_reused': 1}),
    ('IPv6: ESP by the standby', A6, [(150, esp6(900, salt=9))] + B6, P,
     {'silent_esp': 1, 'jumps_back': 1}),
    ('IPv6: plaintext by the standby', A6, [(150, CLEAR6)] + B6, P,
     {'plaintext': 1}),
    ('IPv6: plaintext in fragments', A6,
     [(150, ipv6(HOST6, REMOTE6, 44, b'\x11\0\0\1\0\0\0\1' + b'\0' * 8)),
      (151, ipv6(HOST6, REMOTE6, 44, b'\x11\0\0\x18\0\0\0\1' + b'\0' * 8))] +
     B6, P, {'plaintext': 2}),
    ('IPv6: what only looks like a protected IPv4 network', A6,
     [(150, ipv6('2001::0a01:10', '2001::0a02:10', 17, b'\0' * 20))] + B6, P,
     {}),
    ('IPv6: an advertisement of the VIP by the standby', A6,
     [(150, advert(VIP6))] + B6, P, {'silent_vip': 1}),
    ('IPv6: one of another address', A6, [(150, advert('2001:db8::3'))] + B6,
     P, {}),
    ('IPv6: forwarded twice', A6 + [(205, FWD6), (206, FWD6)], B6, P,
     {'forwarded': 2, 'forwarded_twice': 1}),
    ('IPv6: the peer repeats itself', A6, B6, P + [(290, FWD6), (291, FWD6)],
     {'peer_seq_reused': 1}),
]


def inside_wrong():
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, 'in')
        back = ipv4(REMOTE, HOST, 17, b'\0' * 20)
        pcap.write(path, [(110, back), (111, CLEAR), (112, arp(VIP)),
                          (113, back)])
        got = run(A, B, P, ('--inside', 'gwb:' + path, '--bin-ms', '1000',
                            '--bins', '100', '--bins-from', '100'))
    return (sum(got['bins']['in_gwb']) != 2 or got['silent_vip'] != 1 or
            got['plaintext'] != 0)


def main():
    bad = 0
    for name, a, b, peer, want in CASES:
        got = run(sorted(a, key=lambda x: x[0]), sorted(b, key=lambda x: x[0]),
                  peer)
        seen = {k: got[k] for k in COUNTS if got[k]}
        if seen != want:
            bad += 1
            print('# judge: %s: %s, expected %s' % (name, seen, want))
    got = run(A, B, P, ('--bin-ms', '1000', '--bins', '200', '--bins-from',
                        '100'))
    bins = got['bins']
    if sum(bins['out_gwa']) != 50 or bins['out_gwb'][110] != 1 or \
            'in_gwa' in bins:
        bad += 1
        print('# judge: histogram wrong')
    if inside_wrong():
        bad += 1
        print('# judge: captures of the inside LAN wrong')
    spi = got['spis']['c0ffee00']
    if [s['node'] for s in spi] != ['gwa', 'gwb'] or spi[1]['first'] != 1001:
        bad += 1
        print('# judge: stretches wrong')
    print('# judge: %d cases, %d wrong' % (len(CASES) + 3, bad))
    return bad


if __name__ == '__main__':
    sys.exit(1 if main() else 0)
