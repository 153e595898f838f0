# SPDX-License-Identifier: GPL-2.0-only
"""Read and write pcap files, and take Ethernet frames apart as far as IPsec
goes. Plain struct, since the files are read in an emulated guest."""

import socket
import struct

ESP, AH, UDP, FRAGMENT = 50, 51, 17, 44
OPTIONS = (0, 43, 60)   # hop-by-hop, routing, destination
NAT_T = 4500


def read(path):
    """Yield (time in s, frame). An unfinished last record ends the file."""
    with open(path, 'rb') as f:
        data = f.read()
    if len(data) < 24:
        return
    for end in '<>':
        magic = struct.unpack_from(end + 'I', data)[0]
        if magic in (0xa1b2c3d4, 0xa1b23c4d):
            break
    else:
        raise ValueError('%s: no pcap file' % path)
    unit = 1e9 if magic == 0xa1b23c4d else 1e6
    if struct.unpack_from(end + 'I', data, 20)[0] & 0xffff != 1:
        raise ValueError('%s: not Ethernet' % path)
    rec = struct.Struct(end + 'IIII')
    pos = 24
    while pos + 16 <= len(data):
        sec, sub, caplen, _ = rec.unpack_from(data, pos)
        pos += 16
        if pos + caplen > len(data):
            return
        yield sec + sub / unit, data[pos:pos + caplen]
        pos += caplen


def write(path, packets):
    """packets: iterable of (time in s, frame)."""
    with open(path, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for t, frame in packets:
            f.write(struct.pack('<IIII', int(t), int(t % 1 * 1e6),
                                len(frame), len(frame)))
            f.write(frame)


def ip_text(b):
    return '%d.%d.%d.%d' % tuple(b)


def ip_num(text):
    """An address as a number; those of IPv6 are above all of IPv4."""
    if ':' in text:
        return int.from_bytes(socket.inet_pton(socket.AF_INET6, text), 'big')
    a, b, c, d = (int(x) for x in text.split('.'))
    return a << 24 | b << 16 | c << 8 | d


class Packet:
    """One IP frame. kind is 'esp', 'ah', 'ike' or 'clear'; payload is where
    what proto names begins."""
    __slots__ = ('src', 'dst', 'proto', 'kind', 'spi', 'seq', 'iv',
                 'exchange', 'response', 'payload')


def header4(p, frame):
    """Returns whether it is a later fragment."""
    p.proto = frame[23]
    p.src, p.dst = struct.unpack_from('>II', frame, 26)
    p.payload = 14 + (frame[14] & 15) * 4
    return struct.unpack_from('>H', frame, 20)[0] & 0x1fff


def header6(p, frame):
    """The same, behind the headers that may come before."""
    p.proto = frame[20]
    p.src = int.from_bytes(frame[22:38], 'big')
    p.dst = int.from_bytes(frame[38:54], 'big')
    p.payload = 54
    later = 0
    while len(frame) >= p.payload + 8 and not later:
        at = p.payload
        if p.proto in OPTIONS:
            p.payload += 8 + frame[at + 1] * 8
        elif p.proto == FRAGMENT:
            later = struct.unpack_from('>H', frame, at + 2)[0] & 0xfff8
            p.payload += 8
        else:
            break
        p.proto = frame[at]
    return later


def parse(frame, iv_len=8):
    """The packet of an Ethernet frame, or None where it is not IP."""
    p = Packet()
    if len(frame) >= 34 and frame[12:14] == b'\x08\x00':
        fragment = header4(p, frame)
    elif len(frame) >= 54 and frame[12:14] == b'\x86\xdd':
        fragment = header6(p, frame)
    else:
        return None
    at = p.payload
    p.kind = 'clear'
    if fragment:
        return p
    if p.proto == ESP:
        return esp(p, frame, at, iv_len)
    if p.proto == AH and len(frame) >= at + 12:
        p.kind = 'ah'
        p.spi, p.seq = struct.unpack_from('>II', frame, at + 4)
        return p
    if p.proto != UDP or len(frame) < at + 8:
        return p
    sport, dport = struct.unpack_from('>HH', frame, at)
    at += 8
    if NAT_T in (sport, dport):
        if frame[at:at + 4] == b'\0\0\0\0':
            return ike(p, frame, at + 4)
        if len(frame) >= at + 8:
            return esp(p, frame, at, iv_len)
        p.kind = 'ike'          # a NAT keepalive
        p.exchange = 0
        p.response = False
    elif 500 in (sport, dport):
        return ike(p, frame, at)
    return p


def esp(p, frame, at, iv_len):
    if len(frame) < at + 8:
        return p
    p.kind = 'esp'
    p.spi, p.seq = struct.unpack_from('>II', frame, at)
    p.iv = frame[at + 8:at + 8 + iv_len]
    return p


def ike(p, frame, at):
    p.kind = 'ike'
    p.exchange = frame[at + 18] if len(frame) > at + 19 else 0
    p.response = bool(len(frame) > at + 19 and frame[at + 19] & 0x20)
    return p
