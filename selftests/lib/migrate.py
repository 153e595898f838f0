#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""XFRM_MSG_MIGRATE, which `ip` does not send: a policy and its SAs get other
endpoints (IPv4).

  migrate.py SRC-NET DST-NET DIR PROTO MODE REQID OLD-SRC OLD-DST NEW-SRC NEW-DST
"""
import errno
import os
import socket
import struct
import sys

NETLINK_XFRM = 6
XFRM_MSG_MIGRATE = 0x21
XFRMA_MIGRATE = 17
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
DIRS = {"in": 0, "out": 1, "fwd": 2}
MODES = {"transport": 0, "tunnel": 1}


def address(text):
    return socket.inet_aton(text) + bytes(12)


def selector(src, dst):
    """struct xfrm_selector"""
    (saddr, slen), (daddr, dlen) = src.split("/"), dst.split("/")
    return address(daddr) + address(saddr) + struct.pack(
        "=HHHHHBBBxxxiI", 0, 0, 0, 0, socket.AF_INET, int(dlen), int(slen),
        0, 0, 0)


def attribute(kind, data):
    return struct.pack("=HH", len(data) + 4, kind) + data


def main(src, dst, way, proto, mode, reqid, *ends):
    old_src, old_dst, new_src, new_dst = map(address, ends)
    migrate = old_dst + old_src + new_dst + new_src + struct.pack(
        "=BBHIHH", socket.getprotobyname(proto), MODES[mode], 0, int(reqid),
        socket.AF_INET, socket.AF_INET)
    # struct xfrm_userpolicy_id
    body = selector(src, dst) + struct.pack("=IBxxx", 0, DIRS[way])
    body += attribute(XFRMA_MIGRATE, migrate)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM) as nl:
        nl.bind((0, 0))
        nl.send(struct.pack("=IHHII", len(body) + 16, XFRM_MSG_MIGRATE,
                            NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body)
        reply = nl.recv(65536)
    kind, = struct.unpack_from("=H", reply, 4)
    code, = struct.unpack_from("=i", reply, 16)
    if kind != NLMSG_ERROR or code:
        sys.exit("migrate: " + os.strerror(-code if code else errno.EPROTO))


if __name__ == "__main__":
    if len(sys.argv) != 11:
        sys.exit(__doc__)
    main(*sys.argv[1:])
