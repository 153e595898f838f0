#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What xfrm tells its listeners, and the one request of theirs `ip` cannot send.

  events.py watch [ADDRESS]
	A line for each message of any group, until killed: its type, its
	length without attributes, and for each attribute number and length.
	What contains the IPv4 ADDRESS is left out. The first line is "ready".
  events.py aevent SRC DST SPI OSEQ
	XFRM_MSG_NEWAE: the ESP SA (IPv4) goes on after number OSEQ."""
import errno
import os
import socket
import struct
import sys

NETLINK_XFRM = 6
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
GROUPS = range(1, 9)
NLM_F_REQUEST, NLM_F_ACK, NLM_F_REPLACE, NLMSG_ERROR = 1, 4, 0x100, 2
HEADER = 16
# message type: name, octets before the attributes
TYPES = {
    0x10: ("NEWSA", 224), 0x11: ("DELSA", 24), 0x13: ("NEWPOLICY", 168),
    0x14: ("DELPOLICY", 64), 0x17: ("ACQUIRE", 280), 0x18: ("EXPIRE", 232),
    0x19: ("UPDPOLICY", 168), 0x1a: ("UPDSA", 224), 0x1b: ("POLEXPIRE", 176),
    0x1c: ("FLUSHSA", 1), 0x1d: ("FLUSHPOLICY", 0), 0x1e: ("NEWAE", 48),
    0x20: ("REPORT", 60), 0x21: ("MIGRATE", 64), 0x26: ("MAPPING", 64),
}
XFRM_MSG_NEWAE = 0x1e
XFRMA_REPLAY_VAL = 10


def aligned(n):
    return (n + 3) & ~3


def attributes(data):
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            sys.exit("events: an attribute of %d octets" % length)
        yield "%d:%d" % (kind, length - 4)
        at += aligned(length)


def describe(kind, body):
    name, fixed = TYPES.get(kind, ("type %#x" % kind, len(body)))
    return " ".join([name, str(min(fixed, len(body)))] +
                    list(attributes(body[aligned(fixed):])))


def watch(without=None):
    unwanted = socket.inet_aton(without) if without else None
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM) as nl:
        nl.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        nl.bind((0, 0))
        for group in GROUPS:
            nl.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
        print("ready", flush=True)
        while True:
            data = nl.recv(1 << 16)
            while len(data) >= HEADER:
                length, kind = struct.unpack_from("=IH", data)
                body = data[HEADER:length]
                if not unwanted or unwanted not in body:
                    print(describe(kind, body), flush=True)
                data = data[aligned(length):]


def aevent(src, dst, spi, oseq):
    # struct xfrm_aevent_id: the SA's identity, its source, flags, reqid
    body = socket.inet_aton(dst) + bytes(12) + struct.pack(
        "!I", int(spi, 0)) + struct.pack(
        "=HBx", socket.AF_INET, socket.getprotobyname("esp"))
    body += socket.inet_aton(src) + bytes(12) + struct.pack("=II", 0, 0)
    body += struct.pack("=HHIII", 16, XFRMA_REPLAY_VAL, int(oseq), 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM) as nl:
        nl.bind((0, 0))
        nl.send(struct.pack("=IHHII", len(body) + HEADER, XFRM_MSG_NEWAE,
                            NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE, 1, 0) +
                body)
        reply = nl.recv(1 << 16)
    kind, = struct.unpack_from("=H", reply, 4)
    code, = struct.unpack_from("=i", reply, HEADER)
    if kind != NLMSG_ERROR or code:
        sys.exit("aevent: " + os.strerror(-code if code else errno.EPROTO))


if __name__ == "__main__":
    verb, args = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if verb == "watch" and len(args) <= 1:
        watch(*args)
    elif verb == "aevent" and len(args) == 4:
        aevent(*args)
    else:
        sys.exit(__doc__)
