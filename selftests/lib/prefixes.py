#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""GROUP_SET with prefixes no tool would send.

  prefixes.py GROUP [HEX-ADDRESS[/LENGTH]]...

An item without HEX-ADDRESS ("/8") or without LENGTH is sent without it; "-"
is an item of another type. Prints the kernel's words, or "ok"."""

import struct
import sys

import genl


def item(number, text):
    if text == '-':
        return genl.attr(number['XFRM_HA_A_ITEM_ADDR'], bytes(4))
    addr, _, length = text.partition('/')
    body = b''
    if addr:
        body += genl.attr(number['XFRM_HA_A_PREFIX_ADDR'], bytes.fromhex(addr))
    if length:
        body += genl.attr(number['XFRM_HA_A_PREFIX_LEN'],
                          struct.pack('=I', int(length)))
    return genl.attr(genl.NESTED | number['XFRM_HA_A_ITEM_PREFIX'], body)


def main(group, *items):
    family = genl.Family()
    number = family.number
    body = genl.attr(number['XFRM_HA_A_GROUP_ID'], struct.pack('=I', int(group)))
    body += genl.attr(genl.NESTED | number['XFRM_HA_A_GROUP_PROTECT'],
                      b''.join(item(number, i) for i in items))
    answer, _ = family.command('GROUP_SET', body)
    print(answer)


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
