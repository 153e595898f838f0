# SPDX-License-Identifier: GPL-2.0-only
"""What the attribute policies in kmod/netlink*.c let through."""

import collections
import glob
import os
import re

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       '../../kmod/netlink*.c')

# Of a number its least and greatest value, of other kinds of their length; None
# where the policy says nothing of it.
Rule = collections.namedtuple('Rule', 'kind low high')

KINDS = {'NLA_U16': 'u16', 'NLA_U32': 'u32', 'NLA_BINARY': 'binary',
         'NLA_NUL_STRING': 'string', 'NLA_NESTED': 'nest', 'NLA_FLAG': 'flag'}
FULL = {'u16': 0xffff, 'u32': 0xffffffff}


def value(text, numbers):
    """A constant expression: numbers, names, "A | B", "A - 1"."""
    parts = text.split('|')
    if len(parts) > 1:
        out = 0
        for part in parts:
            out |= value(part, numbers)
        return out
    first, _, less = text.partition('-')
    first = first.strip()
    known = int(first, 0) if first[0].isdigit() else numbers[first]
    return known - (int(less, 0) if less else 0)


def ranges(text, numbers):
    """Those that NLA_POLICY_FULL_RANGE() refers to: name -> (least, greatest)."""
    out = {}
    for name, body in re.findall(r'struct netlink_range_validation (\w+) = \{'
                                 r'(.*?)\};', text, re.S):
        said = dict(re.findall(r'\.(min|max)\s*=\s*([^,}]+)', body))
        out[name] = tuple(value(said[k], numbers) if k in said else None
                          for k in ('min', 'max'))
    return out


def rule(text, known, numbers):
    """One initialiser of a struct nla_policy."""
    macro = re.fullmatch(r'NLA_POLICY_(\w+)\((\w+),(.*)\)', text, re.S)
    if not macro:
        said = dict(re.findall(r'\.(type|len)\s*=\s*([^,}]+)', text))
        kind = KINDS[said['type'].strip()]
        return Rule(kind, None, value(said['len'], numbers)
                    if 'len' in said else None)
    how, kind, what = macro[1], KINDS[macro[2]], macro[3].strip()
    if how == 'FULL_RANGE':
        low, high = known[what.lstrip('&')]
    elif how == 'RANGE':
        low, high = (value(v, numbers) for v in what.split(','))
    elif how == 'MIN':
        low, high = value(what, numbers), None
    elif how == 'MASK':
        low, high = 0, value(what, numbers)
        if high & (high + 1):
            raise ValueError('a mask with gaps: ' + text)
    else:
        raise ValueError('not understood: ' + text)
    return Rule(kind, low or 0, FULL.get(kind) if high is None else high)


def policies(text, numbers):
    """Attribute -> Rule, of all policies in these sources."""
    numbers = {'IFNAMSIZ': 16, **numbers}
    known = ranges(text, numbers)
    out = {}
    for body in re.findall(r'struct nla_policy \w+\[[^\]]*\] = \{\n(.*?)^\};',
                           text, re.M | re.S):
        entries = re.findall(r'\[(XFRM_HA_A_\w+)\]\s*=\s*'
                             r'(NLA_POLICY_\w+\(.*?\)|\{.*?\}),\n', body, re.S)
        if len(entries) != body.count('['):
            raise ValueError('not understood: ' + body)
        out.update((name, rule(how, known, numbers)) for name, how in entries)
    if not out:
        raise ValueError('no policy found')
    return out


def read(numbers):
    text = ''
    for name in sorted(glob.glob(SOURCES)):
        with open(name, encoding='ascii') as f:
            text += f.read()
    return policies(text, numbers)
