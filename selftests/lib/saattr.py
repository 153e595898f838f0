#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""SAs with attributes that `ip` of these days neither sets nor shows, and what
a kernel says of them, octet by octet.

  saattr.py probe                 names of those this kernel has; in a namespace
                                  of no group, which it leaves as it was
  saattr.py add VIP4 VIP6 NAME... SAs with those attributes, alone and together
  saattr.py offload VIP SPI in|out DEV crypto|packet
                                  an SA that is left to a device
  saattr.py dump                  all SAs as JSON: what XFRM_MSG_GETSA answers
  saattr.py compare A B           of two such dumps

A kernel says nothing of an attribute it does not know, so what it has is seen
by adding an SA and reading it.

compare leaves out what may move (MOVING, MOVING_HEAD): what was carried and
when, numbers and bitmap of a window but not its size, the last use, and km.seq,
which adoption sets; and NULs behind a security context, one of which the kernel
adds each time. All the rest has to be the same, and there as often.
"""
import errno
import json
import os
import socket
import struct
import sys

NETLINK_XFRM = 6
NEWSA, DELSA, GETSA = 0x10, 0x11, 0x12
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
ENCAP, SEC_CTX, REPLAY_VAL, LASTUSED = 4, 8, 10, 15
AEAD, REPLAY_ESN_VAL = 18, 23
OFFLOAD_DEV, OFFLOAD_INBOUND, OFFLOAD_PACKET = 28, 2, 4
IN, OUT = 1, 2
STATE_ESN = 128
UDP_ENCAP_ESPINUDP = 2
# numbers of XFRMA_* in linux/xfrm.h, and of what length
WANTED = {"coaddr": (14, 16), "mtimer_thresh": (32, 4), "sa_dir": (33, 1),
          "nat_keepalive_interval": (34, 4), "sa_pcpu": (35, 4)}
NAMES = {number: name for name, (number, _) in WANTED.items()}
HEAD = 224      # struct xfrm_usersa_info
# of that header: (from, to); curlft, stats, seq
MOVING_HEAD = ((160, 192), (192, 204), (204, 208))
MOVING = {REPLAY_VAL: ((0, None),),
          # oseq, seq, oseq_hi, seq_hi and the bitmap; not bmp_len and window
          REPLAY_ESN_VAL: ((4, 20), (24, None))}


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text).ljust(16, b"\0")


def attribute(kind, data):
    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)


def ask(kind, body, flags=NLM_F_ACK):
    """Payloads of what comes back; an error is raised as OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM) as nl:
        nl.bind((0, 0))
        nl.send(struct.pack("=IHHII", len(body) + 16, kind,
                            NLM_F_REQUEST | flags, 1, 0) + body)
        found = []
        while True:
            data = nl.recv(1 << 20)
            while data:
                length, what = struct.unpack_from("=IH", data)
                payload, data = data[16:length], data[(length + 3) & ~3:]
                if what in (NLMSG_ERROR, NLMSG_DONE):
                    code = -struct.unpack_from("=i", payload)[0]
                    if code:
                        raise OSError(code, os.strerror(code))
                    return found
                found.append(payload)


def add(vip, spi, out, encap=False, esn=None, offload=None, **attrs):
    """A tunnel-mode SA of the VIP; offload: (name of a device, whether it has the
    packets, too); attrs by their names in WANTED."""
    far = "2001:db8:2::7" if ":" in vip else "192.0.2.77"
    src, dst = map(address, (vip, far) if out else (far, vip))
    family = socket.AF_INET6 if ":" in vip else socket.AF_INET
    selector = bytes(40) + struct.pack("=HBB", family, 0, 0) + bytes(12)
    info = selector + dst + struct.pack(">IBxxx", spi, socket.IPPROTO_ESP) + src
    info += struct.pack("=8Q", *[2**64 - 1] * 4, *[0] * 4) + bytes(32 + 12)
    info += struct.pack("=IIHBBB", 0, spi, family, 1, 0,
                        STATE_ESN if esn is not None else 0)
    body = info.ljust(HEAD, b"\0")
    body += attribute(AEAD, b"rfc4106(gcm(aes))".ljust(64, b"\0") +
                      struct.pack("=II", 160, 128) + struct.pack(">5I", *[spi] * 5))
    if encap:
        body += attribute(ENCAP, struct.pack(
            "=H", UDP_ENCAP_ESPINUDP) + struct.pack(">HHxx", 4500, spi) + bytes(16))
    if esn is not None:
        words = (esn + 31) // 32
        body += attribute(REPLAY_ESN_VAL, struct.pack(
            "=6I", words, 0, 0, 0, 0, esn) + bytes(4 * words))
    if offload:
        flags = (0 if out else OFFLOAD_INBOUND) | \
            (OFFLOAD_PACKET if offload[1] else 0)
        body += attribute(OFFLOAD_DEV, struct.pack(
            "=iB3x", socket.if_nametoindex(offload[0]), flags))
    for name, value in attrs.items():
        kind, length = WANTED[name]
        body += attribute(kind, address(value) if length == 16 else
                          value.to_bytes(length, sys.byteorder))
    ask(NEWSA, body)


def combinations():
    """(name, family, arguments of add())"""
    care = {4: "198.51.100.9", 6: "2001:db8:99::1:2:3"}
    for family in (4, 6):
        for way, out in (("in", False), ("out", True)):
            at = {"sa_dir": OUT if out else IN}
            pcpu = dict(at, sa_pcpu=1 if out else 0)
            udp = {"encap": True}
            yield "%s, nothing" % way, family, {"out": out}
            yield "%s, coaddr" % way, family, {"out": out, "coaddr": care[family]}
            yield "%s, dir" % way, family, {"out": out, **at}
            yield "%s, dir, UDP" % way, family, {"out": out, **at, **udp}
            yield "%s, dir, CPU" % way, family, {"out": out, **pcpu}
            # out: with a direction an ESN SA needs no window
            yield "%s, dir, ESN" % way, family, {
                "out": out, **at, "esn": 0 if out else 4096}
        for most in (1, 20, 2**32 - 1):
            yield "out, dir, UDP, keepalive %d" % most, family, {
                "out": True, **udp, "sa_dir": OUT,
                "nat_keepalive_interval": most}
            yield "in, UDP, mapping %d" % most, family, {
                "out": False, **udp, "mtimer_thresh": most}
        yield "in, all", family, {
            "out": False, **udp, "sa_dir": IN, "sa_pcpu": 1, "esn": 64,
            "mtimer_thresh": 3, "coaddr": care[family]}
        yield "out, all", family, {
            "out": True, **udp, "sa_dir": OUT, "sa_pcpu": 0, "esn": 0,
            "nat_keepalive_interval": 9, "coaddr": care[family]}


def add_all(vip4, vip6, *have):
    count = 0
    for spi, (name, family, args) in enumerate(combinations(), 0x3001):
        lacks = (set(WANTED) & set(args)) - set(have)
        if lacks:
            print("without %s: IPv%d %s" % (", ".join(sorted(lacks)), family, name))
            continue
        try:
            add({4: vip4, 6: vip6}[family], spi, **args)
        except OSError as e:
            sys.exit("IPv%d %s: %s" % (family, name, e))
        count += 1
    print("%d SAs" % count)


def add_offloaded(vip, spi, way, dev, what):
    try:
        add(vip, int(spi, 16), way == "out", offload=(dev, what == "packet"))
    except OSError as e:
        sys.exit("%s offload, %s: %s" % (what, way, e))


def attributes(payload):
    at = HEAD
    while at + 4 <= len(payload):
        length, kind = struct.unpack_from("=HH", payload, at)
        yield kind, payload[at + 4:at + length]
        at += (length + 3) & ~3


def probe():
    """Each attribute on an SA of its own, with what it cannot be without."""
    needs = {"mtimer_thresh": {"encap": True, "mtimer_thresh": 5},
             "sa_dir": {"sa_dir": IN}, "sa_pcpu": {"sa_dir": IN, "sa_pcpu": 0},
             "nat_keepalive_interval": {"out": True, "encap": True, "sa_dir": OUT,
                                        "nat_keepalive_interval": 5},
             "coaddr": {"coaddr": "198.51.100.1"}}
    for name in WANTED:
        try:
            add("192.0.2.1", 0x2001, **{"out": False, **needs[name]})
        except OSError as e:
            if e.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                raise
            continue
        sa, = ask(GETSA, b"", NLM_F_DUMP)
        if WANTED[name][0] in dict(attributes(sa)):
            print(name)
        # struct xfrm_usersa_id
        ask(DELSA, sa[56:76] + struct.pack("=HB", socket.AF_INET,
                                           socket.IPPROTO_ESP) + b"\0")


def dump():
    sas = {}
    for sa in ask(GETSA, b"", NLM_F_DUMP):
        # address, SPI, protocol
        sas[sa[56:77].hex()] = {
            "head": sa[:HEAD].hex(),
            "attrs": sorted([k, v.hex()] for k, v in attributes(sa))}
    json.dump(sas, sys.stdout, indent=0)


def still(text, ranges):
    """Octets with those of the ranges blanked; a length stays a length."""
    octets = bytearray.fromhex(text)
    for start, end in ranges:
        end = len(octets) if end is None else min(end, len(octets))
        octets[start:end] = bytes(max(end - start, 0))
    return bytes(octets)


def value_of(kind, text):
    """What has to be the same of an attribute."""
    if kind != SEC_CTX:
        return still(text, MOVING.get(kind, ()))
    octets = bytes.fromhex(text)
    return octets[2:6] + octets[8:].rstrip(b"\0")   # without its lengths


def changes(a, b):
    if still(a["head"], MOVING_HEAD) != still(b["head"], MOVING_HEAD):
        yield "the header differs: %s %s" % (a["head"], b["head"])
    left, right = [[(k, value_of(k, v)) for k, v in sa["attrs"]
                    # said from the first use on only
                    if k != LASTUSED] for sa in (a, b)]
    for kind in sorted({k for k, _ in left + right}):
        x, y = [[v for k, v in side if k == kind] for side in (left, right)]
        if x != y:
            yield "attribute %s: %s, then %s" % (
                NAMES.get(kind, kind), *[", ".join(v.hex() for v in side) or
                                         "none" for side in (x, y)])


def compare(path_a, path_b):
    with open(path_a) as file_a, open(path_b) as file_b:
        a, b = json.load(file_a), json.load(file_b)
    wrong = ["%s is on one side only" % i for i in sorted(a.keys() ^ b.keys())]
    for ident in sorted(a.keys() & b.keys()):
        wrong += ["SPI 0x%s: %s" % (ident[32:40], c)
                  for c in changes(a[ident], b[ident])]
    for one in wrong:
        print(one)
    seen = [k for sa in a.values() for k, _ in sa["attrs"]]
    print(", ".join("%s %d" % (name, seen.count(number))
                    for number, name in NAMES.items()))
    return 1 if wrong or not a else 0


if __name__ == "__main__":
    sys.exit({"probe": probe, "add": add_all, "offload": add_offloaded,
              "dump": dump, "compare": compare}[sys.argv[1]](*sys.argv[2:]))
