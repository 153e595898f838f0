#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""GROUP_SET with prefixes no tool would send.

  prefixes.py GROUP [HEX-ADDRESS[/LENGTH]]...

An item without HEX-ADDRESS ("/8") or without LENGTH is sent without it; "-"
is an item of another type. Prints the kernel's words, or "ok"."""

import errno
import os
import socket
import struct
import sys

NETLINK_GENERIC, GENL_ID_CTRL = 16, 0x10
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
NESTED = 0x8000
CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 3, 1, 2
ERR_ATTR_MSG = 1


def header_value(name):
    """The number of an attribute or a command, from the header itself."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
    with open(os.path.join(top, 'kmod/uapi/linux/xfrm_ha.h'),
              encoding='ascii') as f:
        number = 0
        for line in f:
            word = line.split(',')[0].split()
            if line.startswith('enum'):
                number = 0
            elif len(word) == 1 and word[0].startswith('XFRM_HA_'):
                if word[0] == name:
                    return number
                number += 1
    raise ValueError(name)


def attr(kind, data):
    return struct.pack('=HH', len(data) + 4, kind) + data + bytes(-len(data) % 4)


def attrs(data):
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from('=HH', data, at)
        yield kind & 0x3fff, data[at + 4:at + size]
        at += max(size + 3 & ~3, 4)


def ask(nl, kind, command, body):
    body = struct.pack('=BBH', command, 1, 0) + body
    nl.send(struct.pack('=IHHII', len(body) + 16, kind,
                        NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body)
    return nl.recv(65536)


def item(text):
    if text == '-':
        return attr(header_value('XFRM_HA_A_ITEM_ADDR'), bytes(4))
    addr, _, length = text.partition('/')
    body = b''
    if addr:
        body += attr(header_value('XFRM_HA_A_PREFIX_ADDR'), bytes.fromhex(addr))
    if length:
        body += attr(header_value('XFRM_HA_A_PREFIX_LEN'),
                     struct.pack('=I', int(length)))
    return attr(NESTED | header_value('XFRM_HA_A_ITEM_PREFIX'), body)


def main(group, *items):
    nl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    nl.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
    nl.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
    nl.bind((0, 0))
    reply = ask(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                attr(CTRL_ATTR_FAMILY_NAME, b'xfrm_ha\0'))
    family = dict(attrs(reply[20:])).get(CTRL_ATTR_FAMILY_ID)
    if not family:
        sys.exit('no family xfrm_ha')
    nl.recv(65536)      # the acknowledgement
    body = attr(header_value('XFRM_HA_A_GROUP_ID'), struct.pack('=I', int(group)))
    body += attr(NESTED | header_value('XFRM_HA_A_GROUP_PROTECT'),
                 b''.join(item(i) for i in items))
    reply = ask(nl, struct.unpack('=H', family)[0],
                header_value('XFRM_HA_CMD_GROUP_SET'), body)
    kind, = struct.unpack_from('=H', reply, 4)
    code, = struct.unpack_from('=i', reply, 16)
    if kind != NLMSG_ERROR:
        sys.exit('unexpected answer')
    if not code:
        print('ok')
        return
    words = dict(attrs(reply[36:])).get(ERR_ATTR_MSG, b'')
    print('%s: %s' % (errno.errorcode[-code], words.rstrip(b'\0').decode()))


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
