#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The limits of the kernel's interface, by requests no tool would send.

  limits.py

In a namespace with the address 10.9.0.1 and the module, without channel or
group. Of each attribute with a range both edges are taken, and what is next to
them is refused with the errno, the words and the attribute of the table; what
was refused has changed nothing. Prints "ok WHAT" or "not ok WHAT: SEEN" for
each, and tells what has a limit in kmod/netlink*.c but no row here.
"""

import struct
import sys

import genl
import nlpolicy

U16 = ('PEER_LOCAL_PORT', 'PEER_REMOTE_PORT')
NONE, MANUAL = 1, 2    # security
V4, V6 = bytes([10, 9, 0, 1]), bytes.fromhex('20010db8') + bytes(12)
ALL = 0xffffffff

RANGE = ('ERANGE', 'integer out of range')
BYTES = ('ERANGE', 'binary attribute size out of range')
TOO_LONG = ('ERANGE', 'Attribute failed policy validation')
NO_NUL = ('EINVAL', 'Attribute failed policy validation')    # within the length
NO_VIP = ('EINVAL', 'a group needs at least one VIP', None)
NAMELESS = ('EINVAL', "the tunable's name is missing", None)
NO_TUNABLE = ('ENOENT', 'no such tunable', 'TUNABLE_NAME')


def ipv4(*octets):
    return ('ITEM_ADDR', bytes(octets))


def several(n):
    """So many addresses."""
    return [ipv4(192, 0, 2, 100 + i) for i in range(n)]


def prefixes(n):
    return [('ITEM_PREFIX', [('PREFIX_ADDR', bytes([10, 100 + i, 0, 0])),
                             ('PREFIX_LEN', 16)]) for i in range(n)]


def prefix(addr, length):
    return [('ITEM_PREFIX', [('PREFIX_ADDR', addr), ('PREFIX_LEN', length)])]


def neighs(n, addr=bytes([192, 0, 2, 2])):
    return [('ITEM_NEIGH', [('NEIGH_IFINDEX', 1 + i), ('NEIGH_ADDR', addr)])
            for i in range(n)]


def vip(last):
    return {'GROUP_VIPS': [ipv4(192, 0, 2, last)]}


def neigh(index):
    return [('ITEM_NEIGH', [('NEIGH_IFINDEX', index),
                            ('NEIGH_ADDR', bytes([192, 0, 2, 2]))])]


# What is sent where a row says nothing else. RTO_MAX and RTO_MIN at their ends,
# so that either may be anywhere.
PEER = {'PEER_LOCAL': [('ITEM_ADDR', V4)], 'PEER_REMOTE': [ipv4(10, 9, 0, 2)],
        'PEER_LOCAL_PORT': 5000, 'PEER_REMOTE_PORT': 5000,
        'PEER_RTO_MIN': 300, 'PEER_RTO_MAX': 60000, 'PEER_SECURITY': NONE,
        'PEER_KEY': bytes(range(16))}
GROUP = {'GROUP_ID': 1}
TUNABLE = {'TUNABLE_NAME': 'idle_after_samples'}    # 1..255
BASE = {'PEER_SET': PEER, 'PEER_GET': {}, 'SA_GET': {},
        'GROUP_NEW': {**GROUP, **vip(1)},
        'TUNABLE_GET': TUNABLE, 'TUNABLE_SET': TUNABLE}

# Numbers: command, attribute, least, greatest. Beside those next to the edges
# the greatest number of all is refused, unless it is an edge.
NUMBERS = [
    ('PEER_SET', 'PEER_LOCAL_PORT', 1, 65535),
    ('PEER_SET', 'PEER_REMOTE_PORT', 1, 65535),
    ('PEER_SET', 'PEER_RTO_MIN', 300, 60000),
    ('PEER_SET', 'PEER_RTO_MAX', 300, 60000),
    ('PEER_SET', 'PEER_PATH_RTX', 2, 10),
    ('PEER_SET', 'PEER_ASSOC_RTX', 2, 10),
    ('GROUP_SET', 'GROUP_INTERVAL_IN', 1, 1000),
    ('GROUP_SET', 'GROUP_INTERVAL_OUT', 1000, 100000),
    ('GROUP_SET', 'GROUP_STRICT', 0, 1),
    ('ROLE_SET', 'GROUP_ROLE', 1, 2),
    ('TUNABLE_SET', 'TUNABLE_VALUE', 1, 255),    # each tunable's: test_sysctl.sh
]

# The group's id, and what a group that is not there is answered
IDS = ('GROUP_SET', 'GROUP_DEL', 'GROUP_GET', 'ROLE_SET', 'HANDOVER', 'VIP_UP',
       'VERIFY', 'RESYNC', 'FENCED')

# Other kinds: command, what is changed, and the answer: errno, words, and the
# path of the attribute complained of (None: the message names none).
TAKEN = ('ok', '', None)
OTHERS = [
    ('PEER_SET', {'PEER_KEY': bytes(15)}, (*BYTES, 'PEER_KEY')),
    ('PEER_SET', {'PEER_KEY': bytes(16)}, TAKEN),
    ('PEER_SET', {'PEER_KEY': bytes(128)}, TAKEN),
    ('PEER_SET', {'PEER_KEY': bytes(129)}, (*BYTES, 'PEER_KEY')),
    ('PEER_SET', {'PEER_LOCAL': []},
     ('EINVAL', 'local-ip or remote-ip is empty', None)),
    ('PEER_SET', {'PEER_REMOTE': []},
     ('EINVAL', 'local-ip or remote-ip is empty', None)),
    ('PEER_SET', {'PEER_LOCAL': [('ITEM_ADDR', V4), ipv4(10, 8, 0, 1)]}, TAKEN),
    ('PEER_SET', {'PEER_REMOTE': several(2)}, TAKEN),
    ('PEER_SET', {'PEER_LOCAL': several(3)},
     ('E2BIG', 'too many addresses', 'PEER_LOCAL/ITEM_ADDR.2')),
    ('PEER_SET', {'PEER_REMOTE': several(3)},
     ('E2BIG', 'too many addresses', 'PEER_REMOTE/ITEM_ADDR.2')),
    ('PEER_SET', {'PEER_LOCAL': [('ITEM_ADDR', bytes(5))]},
     ('EINVAL', 'an address has 4 or 16 bytes', 'PEER_LOCAL/ITEM_ADDR')),
    ('PEER_SET', {'PEER_LOCAL': [('ITEM_ADDR', b'')]},
     ('EINVAL', 'an address has 4 or 16 bytes', 'PEER_LOCAL/ITEM_ADDR')),
    ('PEER_SET', {'PEER_LOCAL': [('ITEM_ADDR', bytes(17))]},
     (*TOO_LONG, 'PEER_LOCAL/ITEM_ADDR')),
    ('PEER_SET', {'PEER_LOCAL': neighs(1)},
     ('EINVAL', 'not an address', 'PEER_LOCAL/ITEM_NEIGH')),
    ('PEER_SET', {'PEER_RTO_MIN': 601, 'PEER_RTO_MAX': 600},
     ('ERANGE', 'retransmit-timeout: the minimum exceeds the maximum', None)),
    ('PEER_SET', {'PEER_RTO_MIN': 601, 'PEER_RTO_MAX': None},
     ('ERANGE', 'retransmit-timeout: the minimum exceeds the maximum', None)),
    ('PEER_SET', {'PEER_SECURITY': 0},
     ('EOPNOTSUPP', 'security must be none or manual', 'PEER_SECURITY')),
    ('PEER_SET', {'PEER_SECURITY': MANUAL}, TAKEN),
    ('PEER_SET', {'PEER_SECURITY': 3},
     ('EOPNOTSUPP', 'security must be none or manual', 'PEER_SECURITY')),
    ('PEER_SET', {'PEER_SECURITY': MANUAL, 'PEER_SECURITY_DEV': 15 * 'd'}, TAKEN),
    ('PEER_SET', {'PEER_SECURITY': MANUAL, 'PEER_SECURITY_DEV': 16 * 'd'},
     (*NO_NUL, 'PEER_SECURITY_DEV')),
    ('PEER_SET', {'PEER_SECURITY': MANUAL, 'PEER_SECURITY_DEV': 'a b'},
     ('EINVAL', 'security-device is not an interface name', 'PEER_SECURITY_DEV')),
    ('PEER_SET', {'PEER_SECURITY_DEV': 'wg0'},
     ('EINVAL', 'security-device is for security manual only',
      'PEER_SECURITY_DEV')),
    ('PEER_SET', {'PEER_PATH_RTX': b'\4\0'},
     ('EINVAL', 'invalid attribute length', 'PEER_PATH_RTX')),
    ('PEER_SET', {'PEER_LOCAL_PORT': bytes(4)},
     ('EINVAL', 'invalid attribute length', 'PEER_LOCAL_PORT')),
    ('PEER_SET', {'PEER_STATE': 3},
     ('EINVAL', 'Unsupported attribute', 'PEER_STATE')),
    ('GROUP_NEW', {'GROUP_ID': 9, 'GROUP_NAME': 32 * 'n'},
     (*NO_NUL, 'GROUP_NAME')),
    ('GROUP_NEW', {'GROUP_ID': 9, 'GROUP_VIPS': None}, NO_VIP),
    ('GROUP_NEW', {'GROUP_ID': 9, 'GROUP_VIPS': []}, NO_VIP),
    ('GROUP_SET', {'GROUP_VIPS': []}, NO_VIP),
    ('GROUP_SET', {'GROUP_VIPS': several(16)}, TAKEN),
    ('GROUP_SET', {'GROUP_VIPS': several(17)},
     ('E2BIG', 'too many addresses', 'GROUP_VIPS/ITEM_ADDR.16')),
    ('GROUP_SET', {'GROUP_NEIGHS': neighs(16)}, TAKEN),
    ('GROUP_SET', {'GROUP_NEIGHS': neighs(17)},
     ('E2BIG', 'too many neighbours', 'GROUP_NEIGHS/ITEM_NEIGH.16')),
    ('GROUP_SET', {'GROUP_NEIGHS': neighs(1, bytes(5))},
     ('EINVAL', 'an address has 4 or 16 bytes',
      'GROUP_NEIGHS/ITEM_NEIGH/NEIGH_ADDR')),
    ('GROUP_SET', {'GROUP_NEIGHS': neighs(1, bytes(17))},
     (*TOO_LONG, 'GROUP_NEIGHS/ITEM_NEIGH/NEIGH_ADDR')),
    ('GROUP_SET', {'GROUP_NEIGHS': neigh(0)},
     (*RANGE, 'GROUP_NEIGHS/ITEM_NEIGH/NEIGH_IFINDEX')),
    ('GROUP_SET', {'GROUP_NEIGHS': neigh(1)}, TAKEN),
    ('GROUP_SET', {'GROUP_PROTECT': prefixes(16)}, TAKEN),
    ('GROUP_SET', {'GROUP_PROTECT': prefixes(17)},
     ('E2BIG', 'too many prefixes', 'GROUP_PROTECT/ITEM_PREFIX.16')),
    ('GROUP_SET', {'GROUP_PROTECT': prefix(V6, 128)}, TAKEN),
    ('GROUP_SET', {'GROUP_PROTECT': prefix(V6, 129)},
     (*RANGE, 'GROUP_PROTECT/ITEM_PREFIX/PREFIX_LEN')),
    ('GROUP_SET', {'GROUP_PROTECT': prefix(bytes([10, 7, 0, 1]), 32)}, TAKEN),
    ('GROUP_SET', {'GROUP_PROTECT': prefix(bytes([10, 7, 0, 1]), 33)},
     ('EINVAL', 'a prefix is longer than its address',
      'GROUP_PROTECT/ITEM_PREFIX')),
    ('GROUP_SET', {'GROUP_PROTECT': prefix(bytes(5), 8)},
     ('EINVAL', 'an address has 4 or 16 bytes',
      'GROUP_PROTECT/ITEM_PREFIX/PREFIX_ADDR')),
    ('GROUP_SET', {'GROUP_PROTECT': prefix(bytes(17), 8)},
     (*TOO_LONG, 'GROUP_PROTECT/ITEM_PREFIX/PREFIX_ADDR')),
    ('GROUP_SET', {'GROUP_PROTECT': []}, TAKEN),
    ('GROUP_SET', {'GROUP_ENCAP': 3}, TAKEN),
    ('GROUP_SET', {'GROUP_ENCAP': 4},
     ('EINVAL', 'reserved bit set', 'GROUP_ENCAP')),
    ('GROUP_SET', {'GROUP_ENCAP': 0}, TAKEN),
    ('GROUP_SET', {'GROUP_ENCAP': 1, 'GROUP_VIPS': several(1)},
     ('EINVAL', 'port 4500 is held by a command of its own', 'GROUP_ENCAP')),
    ('GROUP_SET', {'GROUP_HEARING': ALL}, TAKEN),
    ('GROUP_SET', {'GROUP_STATE': 6},
     ('EINVAL', 'Unsupported attribute', 'GROUP_STATE')),
    ('ROLE_SET', {}, ('EINVAL', 'the role is missing', None)),
    ('GROUP_NEW', {}, ('EEXIST', 'the group exists', None)),
    ('SA_GET', {'SA_GROUP': 1}, TAKEN),
    ('SA_GET', {'SA_GROUP': 255}, TAKEN),
    ('SA_GET', {'SA_GROUP': 0}, (*RANGE, 'SA_GROUP')),
    ('SA_GET', {'SA_GROUP': 256}, (*RANGE, 'SA_GROUP')),
    ('TUNABLE_GET', {}, TAKEN),
    ('TUNABLE_GET', {'TUNABLE_NAME': None}, NAMELESS),
    ('TUNABLE_GET', {'TUNABLE_NAME': ''}, NO_TUNABLE),
    ('TUNABLE_GET', {'TUNABLE_NAME': 'idle_after'}, NO_TUNABLE),
    ('TUNABLE_GET', {'TUNABLE_NAME': 31 * 'n'}, NO_TUNABLE),
    ('TUNABLE_GET', {'TUNABLE_NAME': 32 * 'n'}, (*NO_NUL, 'TUNABLE_NAME')),
    ('TUNABLE_SET', {'TUNABLE_NAME': None, 'TUNABLE_VALUE': 2}, NAMELESS),
    ('TUNABLE_SET', {'TUNABLE_NAME': 'idle_after', 'TUNABLE_VALUE': 2},
     NO_TUNABLE),
    ('TUNABLE_SET', {'TUNABLE_NAME': 32 * 'n', 'TUNABLE_VALUE': 2},
     (*NO_NUL, 'TUNABLE_NAME')),
    ('TUNABLE_SET', {},
     ('EINVAL', "the tunable's value is missing", None)),
    ('TUNABLE_SET', {'TUNABLE_VALUE': b'\2\0'},
     ('EINVAL', 'invalid attribute length', 'TUNABLE_VALUE')),
    ('TUNABLE_SET', {'TUNABLE_VALUE': 2, 'TUNABLE_MAXIMUM': 1000},
     ('EINVAL', 'Unknown attribute type', 'TUNABLE_MAXIMUM')),
]

MISSING = {'PEER_LOCAL': 'local-ip', 'PEER_REMOTE': 'remote-ip',
           'PEER_LOCAL_PORT': 'local-port', 'PEER_REMOTE_PORT': 'remote-port',
           'PEER_SECURITY': 'security', 'PEER_KEY': 'key'}

# What GET shows where nothing was said
DEFAULTS = {'PEER_RTO_MIN': 300, 'PEER_RTO_MAX': 600, 'PEER_PATH_RTX': 4,
            'PEER_ASSOC_RTX': 4, 'GROUP_INTERVAL_IN': 1000,
            'GROUP_INTERVAL_OUT': 100000, 'GROUP_STRICT': 0,
            'TUNABLE_VALUE': 64}
# and what a refused request must not have changed (hearing expires by itself)
SETTINGS = {
    'PEER_GET': ('PEER_LOCAL', 'PEER_REMOTE', 'PEER_LOCAL_PORT',
                 'PEER_REMOTE_PORT', 'PEER_RTO_MIN', 'PEER_RTO_MAX',
                 'PEER_PATH_RTX', 'PEER_ASSOC_RTX', 'PEER_SECURITY',
                 'PEER_SECURITY_DEV'),
    'GROUP_GET': ('GROUP_NAME', 'GROUP_VIPS', 'GROUP_NEIGHS',
                  'GROUP_INTERVAL_IN', 'GROUP_INTERVAL_OUT', 'GROUP_ROLE',
                  'GROUP_STRICT', 'GROUP_PROTECT', 'GROUP_ENCAP'),
    'TUNABLE_GET': ('TUNABLE_VALUE',),
}


class Tester:
    def __init__(self):
        self.family = genl.Family()
        self.number = self.family.number
        self.tried = set()    # attributes with a limit

    def encode(self, items, start, path, where):
        """Returns the attributes as bytes; @where gets offset -> path."""
        out = b''
        seen = {}
        for name, value in items:
            nth = seen[name] = seen.get(name, -1) + 1
            here = path + name + ('.%d' % nth if nth else '')
            at = start + len(out)
            where[at] = here
            kind = self.number['XFRM_HA_A_' + name]
            if isinstance(value, list):
                kind |= genl.NESTED
                value = self.encode(value, at + 4, here + '/', where)
            elif isinstance(value, str):
                value = value.encode() + b'\0'
            elif isinstance(value, int):
                value = struct.pack('=H' if name in U16 else '=I', value)
            out += genl.attr(kind, value)
        return out

    def ask(self, command, change):
        """Returns errno, words, path of the attribute; and the reply."""
        items = {**BASE.get(command, GROUP), **change}
        where = {}
        body = self.encode([(k, v) for k, v in items.items() if v is not None],
                           genl.HEADERS, '', where)
        flags = genl.NLM_F_ACK if command != 'SA_GET' else \
            genl.NLM_F_ACK | genl.NLM_F_DUMP
        answer, reply = self.family.command(command, body, flags)
        path = where.get(answer.offset, answer.offset)
        return (answer.code, answer.words, path), reply

    def settings(self):
        out = {}
        for command, names in SETTINGS.items():
            _, reply = self.ask(command, {})
            for name in names:
                out[name] = reply.get(self.number['XFRM_HA_A_' + name])
        return out

    def shown(self, name):
        data = self.settings()[name]
        return int.from_bytes(data, sys.byteorder) if data is not None else None

    def say(self, what, seen, expected):
        if seen == expected:
            print('ok ' + what)
        else:
            print('not ok %s: %s, not %s' % (what, seen, expected))
        sys.stdout.flush()

    def row(self, command, change, expected):
        what = '%s %s' % (command, ' '.join('%s=%s' % (k, brief(v))
                                            for k, v in change.items()))
        before = self.settings()
        seen, _ = self.ask(command, change)
        if seen == expected and expected != TAKEN and before != self.settings():
            seen = 'refused, but it has changed something'
        self.say(what, seen, expected)

    def numbers(self):
        for command, name, low, high in NUMBERS:
            self.tried.add(name)
            top = 65535 if name in U16 else ALL
            for number in (low, high):
                self.row(command, {name: number}, TAKEN)
                self.say('%s is %d then' % (name, number), self.shown(name),
                         number)
            for number in {low - 1, high + 1, top} - {-1, top + 1}:
                if not low <= number <= high:
                    self.row(command, {name: number}, (*RANGE, name))

    def ids(self):
        self.tried.add('GROUP_ID')
        for number in (255, 1):
            self.row('GROUP_NEW', {'GROUP_ID': number, **vip(number)}, TAKEN)
        for command in ('GROUP_NEW', *IDS):
            for number in (0, 256, ALL):
                self.row(command, {'GROUP_ID': number}, (*RANGE, 'GROUP_ID'))
            self.row(command, {'GROUP_ID': None},
                     ('EINVAL', "the group's id is missing", None))
        self.row('GROUP_DEL', {'GROUP_ID': 255}, TAKEN)
        for command in IDS:
            self.row(command, {'GROUP_ID': 255},
                     ('ENOENT', 'no such group', None))

    def defaults(self):
        self.row('PEER_SET', {'PEER_RTO_MIN': None, 'PEER_RTO_MAX': None}, TAKEN)
        for name, number in DEFAULTS.items():
            self.say('%s is %d where nothing is said' % (name, number),
                     self.shown(name), number)
        for name, word in MISSING.items():
            self.row('PEER_SET', {name: None},
                     ('EINVAL', word + ' is missing', None))

    def others(self):
        for command, change, expected in OTHERS:
            path = expected[2] or ''
            self.tried.add(path.rpartition('/')[2].partition('.')[0])
            self.row(command, change, expected)
        self.row('GROUP_NEW', {'GROUP_ID': 8, 'GROUP_NAME': 31 * 'n', **vip(8)},
                 TAKEN)
        self.row('GROUP_DEL', {'GROUP_ID': 8}, TAKEN)

    def complete(self):
        """Was each attribute with a limit refused once?"""
        rules = nlpolicy.read(self.number)
        limited = {name[len('XFRM_HA_A_'):] for name, rule in rules.items()
                   if (rule.low, rule.high) != (None, None)}
        self.say('each of %d attributes with a limit was tried' % len(limited),
                 sorted(limited - self.tried), [])


def brief(value):
    if isinstance(value, bytes):
        return '%d bytes' % len(value)
    if isinstance(value, str):
        return '%d letters' % len(value)
    if isinstance(value, list):
        return '{%s}' % ' '.join('%s=%s' % (k, brief(v)) for k, v in value[:2]) + \
            (' and so on, %d of them' % len(value) if len(value) > 2 else '')
    return 'missing' if value is None else str(value)


def main():
    tester = Tester()
    tester.ids()
    tester.defaults()
    tester.others()
    tester.numbers()
    tester.complete()


if __name__ == '__main__':
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    main()
