# SPDX-License-Identifier: GPL-2.0-only
"""The family xfrm_ha by raw generic netlink, for requests no tool would send."""

import errno
import os
import re
import socket
import struct

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
HEADER = os.path.join(TOP, 'kmod/uapi/linux/xfrm_ha.h')
NETLINK_GENERIC, GENL_ID_CTRL = 16, 0x10
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NESTED = 0x8000
CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 3, 1, 2
ERR_ATTR_MSG, ERR_ATTR_OFFS = 1, 2
CODES = {**errno.errorcode, errno.EOPNOTSUPP: 'EOPNOTSUPP'}    # not ENOTSUP
HEADERS = 16 + 4    # of netlink and generic netlink, before the attributes


def numbers():
    """Names of the uapi header -> numbers: members of its enums, constants."""
    out = {}
    with open(HEADER, encoding='ascii') as f:
        text = f.read()
    for name, value in re.findall(r'^#define[ \t]+(XFRM_HA_\w+)[ \t]+(\d+)\b',
                                  text, re.M):
        out[name] = int(value)
    for body in re.findall(r'^enum ?\w* \{\n(.*?)^\};', text, re.M | re.S):
        members = re.findall(r'^\t(XFRM_HA_\w+),', body, re.M)
        out.update((name, number) for number, name in enumerate(members))
    return out


def attr(kind, data):
    return struct.pack('=HH', len(data) + 4, kind) + data + bytes(-len(data) % 4)


def attrs(data):
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from('=HH', data, at)
        yield kind & 0x3fff, data[at + 4:at + size]
        at += max(size + 3 & ~3, 4)


class Answer:
    """What the kernel said: "ok", or the name of an errno; its words; and where
    the attribute is that it complains of, from the begin of the message."""

    def __init__(self, data):
        code, = struct.unpack_from('=i', data, 16)
        more = {}
        # Without the request, as NETLINK_CAP_ACK has it; a dump ends with less.
        if struct.unpack_from('=H', data, 4)[0] == NLMSG_ERROR:
            more = dict(attrs(data[36:]))
        elif len(data) > 20:
            more = dict(attrs(data[20:]))
        self.code = CODES[-code] if code else 'ok'
        self.words = more.get(ERR_ATTR_MSG, b'').rstrip(b'\0').decode()
        self.offset = struct.unpack('=I', more[ERR_ATTR_OFFS])[0] \
            if ERR_ATTR_OFFS in more else None

    def __str__(self):
        return self.code if self.code == 'ok' else self.code + ': ' + self.words


class Family:
    def __init__(self):
        self.number = numbers()
        self.nl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                NETLINK_GENERIC)
        self.nl.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.nl.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.nl.bind((0, 0))
        self.id = GENL_ID_CTRL
        _, found = self.talk(CTRL_CMD_GETFAMILY,
                             attr(CTRL_ATTR_FAMILY_NAME, b'xfrm_ha\0'))
        if CTRL_ATTR_FAMILY_ID not in found:
            raise SystemExit('no family xfrm_ha')
        self.id, = struct.unpack('=H', found[CTRL_ATTR_FAMILY_ID])

    def talk(self, command, body, flags=NLM_F_ACK):
        """Returns the Answer, and the attributes of the last reply before it."""
        body = struct.pack('=BBH', command, 1, 0) + body
        self.nl.send(struct.pack('=IHHII', len(body) + 16, self.id,
                                 NLM_F_REQUEST | flags, 1, 0) + body)
        found = {}
        while True:
            data = self.nl.recv(65536)
            while data:
                size, kind = struct.unpack_from('=IH', data)
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    return Answer(data[:size]), found
                found = dict(attrs(data[HEADERS:size]))
                data = data[size + 3 & ~3:]

    def command(self, name, body=b'', flags=NLM_F_ACK):
        return self.talk(self.number['XFRM_HA_CMD_' + name], body, flags)
