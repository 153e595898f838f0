#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Bytes that frames on the channel really took, as samples of the bench.

  wire.py PCAP sa|many|one      frames of one sender in a capture of the sync LAN
  wire.py netlink DADDR SPI     what xfrm itself takes to tell the same things

A frame is one SCTP message; what SCTP and IP add depends on how many travel
together and is told apart.
"""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import pcap  # noqa: E402

SCTP, DATA, PPID_KNOCK_LEN = 132, 0, 4
HEADER = 12
SA, CEILINGS, WINDOWS, LIFETIMES = 18, 32, 33, 35
ENTRY = {CEILINGS: 12, WINDOWS: 20, LIFETIMES: 24}
FIRST, LAST = 2, 1

XFRM_MSG_GETSA, XFRM_MSG_GETAE = 0x12, 0x1f
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3


def chunks(frame):
    """DATA chunks of an Ethernet frame: TSN, flags, stream, number, content."""
    ihl = (frame[14] & 15) * 4
    end = 14 + struct.unpack_from(">H", frame, 16)[0]
    at = 14 + ihl + 12
    while at + 4 <= end:
        kind, flags, length = struct.unpack_from(">BBH", frame, at)
        if length < 4:
            return
        if kind == DATA and length > 16:
            tsn, sid, ssn = struct.unpack_from(">IHH", frame, at + 4)
            yield tsn, flags, sid, ssn, frame[at + 16:at + length]
        at += (length + 3) & ~3


def messages(path):
    """(whole frames of the channel, bytes of all packets of it)."""
    seen, parts, whole, wire = set(), {}, [], 0
    for _, frame in pcap.read(path):
        if frame[12:14] != b"\x08\x00" or frame[23] != SCTP:
            continue
        wire += len(frame) - 14
        for tsn, flags, sid, ssn, content in chunks(frame):
            if tsn in seen:
                continue
            seen.add(tsn)
            if flags & FIRST:
                parts[sid] = b""
            parts[sid] = parts.get(sid, b"") + content
            if flags & LAST:
                whole.append(parts.pop(sid))
    return whole, wire


def entries(frame):
    return (len(frame) - HEADER - 4) // ENTRY[frame[2]]


def report(path, series):
    whole, wire = messages(path)
    for frame in whole:
        if struct.unpack_from(">H", frame)[0] != len(frame):
            if len(frame) != PPID_KNOCK_LEN:
                sys.exit("wire.py: a frame of another length than it says")
    if series == "sa":
        found = [f for f in whole if f[2] == SA]
        print("p6.sa.n", len(found))
        print("p6.sa.bytes", sum(map(len, found)))
        print("p6.sa.wire", wire)
        return 0 if found else 1
    for name, kinds in (("updates", (CEILINGS, WINDOWS)),
                        ("lifetimes", (LIFETIMES,))):
        found = [f for f in whole if f[2] in kinds]
        print("p6.%s.%s.n" % (series, name), sum(map(entries, found)))
        print("p6.%s.%s.frames" % (series, name), len(found))
        print("p6.%s.%s.bytes" % (series, name), sum(map(len, found)))
    print("p6.%s.wire" % series, wire)
    return 0 if any(f[2] in (CEILINGS, WINDOWS) for f in whole) else 1


def ask(sock, kind, flags, body):
    """Answers' lengths."""
    sock.send(struct.pack("=IHHII", 16 + len(body), kind,
                          NLM_F_REQUEST | flags, 1, 0) + body)
    while True:
        data, at = sock.recv(1 << 16), 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, at)
            if kind == NLMSG_DONE:
                return
            if kind == NLMSG_ERROR:
                sys.exit("wire.py: xfrm says %d" %
                         struct.unpack_from("=i", data, at + 16)[0])
            yield length
            at += (length + 3) & ~3
        if not flags:
            return


def netlink(daddr, spi):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 6)
    sock.bind((0, 0))
    sizes = list(ask(sock, XFRM_MSG_GETSA, NLM_F_DUMP, b""))
    print("p6.netlink.sa", sum(sizes) / len(sizes))
    sa_id = socket.inet_aton(daddr).ljust(16, b"\0") + struct.pack(
        ">I", spi) + struct.pack("=HBB", socket.AF_INET, 50, 0)
    body = sa_id + bytes(16) + bytes(8)
    print("p6.netlink.update", next(ask(sock, XFRM_MSG_GETAE, 0, body)))
    return 0


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "netlink":
        return netlink(sys.argv[2], int(sys.argv[3]))
    return report(sys.argv[1], sys.argv[2])


if __name__ == "__main__":
    sys.exit(main())
