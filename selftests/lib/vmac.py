#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What virtual MAC addresses were seen doing on a LAN.

  vmac.py MAC=VIP[,VIP...]... -- NODE:CAPTURE...

Each capture holds what its node sent into the LAN. Prints JSON, by MAC: the
nodes that sent from it, in turn (a switch that sees them alternate looks for
the address at the wrong port), how many frames in all and how many of them
hellos of HSRP; and how many ARP packets or neighbour advertisements said that
one of its VIPs had another address.
"""

import ipaddress
import json
import struct
import sys

import pcap

ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86dd
UDP, ICMPV6 = 17, 58
NEIGHBOUR_ADVERTISEMENT = 136
HSRP_PORTS = 1985, 2029


def mac_text(b):
    return ':'.join('%02x' % x for x in b)


def is_hello(frame, kind):
    if kind == IPV4 and frame[23] == UDP:
        pos = 14 + 4 * (frame[14] & 15)
    elif kind == IPV6 and frame[20] == UDP:
        pos = 54
    else:
        return False
    return len(frame) >= pos + 4 and \
        struct.unpack_from('>H', frame, pos + 2)[0] in HSRP_PORTS


def says(frame, kind):
    """(address, MAC) that a frame tells of, or None."""
    if kind == ARP and len(frame) >= 42:
        return ipaddress.ip_address(frame[28:32]), mac_text(frame[22:28])
    # With the one option that unsolicited and solicited ones have.
    if kind == IPV6 and len(frame) >= 86 and frame[20] == ICMPV6 and \
            frame[54] == NEIGHBOUR_ADVERTISEMENT and frame[78] == 2:
        return ipaddress.ip_address(frame[62:78]), mac_text(frame[80:86])
    return None


def main():
    split = sys.argv.index('--')
    owner, result = {}, {}
    for arg in sys.argv[1:split]:
        mac, vips = arg.split('=')
        result[mac] = {'senders': [], 'frames': 0, 'hellos': 0, 'lies': 0}
        for vip in vips.split(','):
            owner[ipaddress.ip_address(vip)] = mac
    frames = []
    for arg in sys.argv[split + 1:]:
        node, path = arg.split(':', 1)
        frames += [(t, node, f) for t, f in pcap.read(path) if len(f) >= 34]
    for _, node, frame in sorted(frames, key=lambda f: f[0]):
        kind = struct.unpack_from('>H', frame, 12)[0]
        told = says(frame, kind)
        if told and told[0] in owner and told[1] != owner[told[0]]:
            result[owner[told[0]]]['lies'] += 1
        seen = result.get(mac_text(frame[6:12]))
        if not seen:
            continue
        seen['frames'] += 1
        seen['hellos'] += is_hello(frame, kind)
        if seen['senders'][-1:] != [node]:
            seen['senders'].append(node)
    json.dump(result, sys.stdout)


main()
