# SPDX-License-Identifier: GPL-2.0-only
"""HSRP for the tests, independent of xhad: scapy's layers for version 1, own
ones for the TLVs of version 2, which scapy has not, and digests by hashlib."""

import hashlib
import struct

from scapy.fields import (ByteField, IntField, IPField, MACField, ShortField,
                          StrFixedLenField)
from scapy.layers.hsrp import HSRP, HSRPmd5
from scapy.packet import Packet

HELLO, COUP, RESIGN, ADVERT = range(4)
STATES = ["", "initial", "learn", "listen", "speak", "standby", "active"]
V1_STATES = {0: "initial", 1: "learn", 2: "listen", 4: "speak", 8: "standby",
             16: "active"}
OPCODES = ["hello", "coup", "resign", "advert"]
GROUPS = {(1, 4): "224.0.0.2", (2, 4): "224.0.0.102", (2, 6): "ff02::66"}
PORTS = {4: 1985, 6: 2029}
DIGEST = 16


class GroupState(Packet):
    """TLV 1 of version 2."""
    name = "HSRPv2 Group State"
    fields_desc = [
        ByteField("type", 1), ByteField("len", 40), ByteField("version", 2),
        ByteField("opcode", 0), ByteField("state", 6), ByteField("ipver", 4),
        ShortField("group", 0), MACField("id", "00:00:00:00:00:00"),
        IntField("priority", 100), IntField("hello", 3000),
        IntField("hold", 10000), StrFixedLenField("vip", b"", 16)]

    def extract_padding(self, s):
        return b"", s


class InterfaceState(Packet):
    """TLV 2 of version 2."""
    name = "HSRPv2 Interface State"
    fields_desc = [ByteField("type", 2), ByteField("len", 4),
                   ShortField("active", 0), ShortField("passive", 0)]


class TextAuth(Packet):
    """TLV 3 of version 2."""
    name = "HSRPv2 text authentication"
    fields_desc = [ByteField("type", 3), ByteField("len", 8),
                   StrFixedLenField("text", b"cisco", 8)]


class Md5Auth(Packet):
    """TLV 4 of both versions. (scapy's HSRPmd5 wants a route for its source
    address, and is used for reading only.)"""
    name = "HSRP MD5 authentication"
    fields_desc = [ByteField("type", 4), ByteField("len", 28),
                   ByteField("algorithm", 1), ByteField("padding", 0),
                   ShortField("flags", 0), IPField("ip", "0.0.0.0"),
                   IntField("keyid", 0),
                   StrFixedLenField("digest", b"", DIGEST)]


def digest(payload, at, key):
    """RFC 1828 over the packet with the digest at @at as zeros."""
    fill = b"\x80" + bytes(55 - len(key)) + struct.pack("<Q", 8 * len(key))
    zeroed = payload[:at] + bytes(DIGEST) + payload[at + DIGEST:]
    return hashlib.md5(key + fill + zeroed + key).digest()


def sign(payload, key):
    """The digest is last in the packet."""
    at = len(payload) - DIGEST
    return payload[:at] + digest(payload, at, key)


def vip_bytes(vip):
    import ipaddress
    return ipaddress.ip_address(vip).packed


def build(version, vip, op=HELLO, state="active", group=1, priority=100,
          hello=1000, hold=3000, text=b"cisco", key=None, sender="0.0.0.0",
          mac="02:00:00:00:0d:01"):
    """A packet's payload; @key is (id, key) for MD5, @text None for nothing."""
    raw = vip_bytes(vip)
    if version == 1:
        wire = {v: k for k, v in V1_STATES.items()}[state]
        p = bytes(HSRP(version=0, opcode=op, state=wire,
                       hellotime=hello // 1000, holdtime=hold // 1000,
                       priority=priority, group=group, reserved=0,
                       auth=bytes(8) if key else text.ljust(8, b"\0"),
                       virtualIP=vip))
    else:
        p = bytes(GroupState(opcode=op, state=STATES.index(state), group=group,
                             ipver=6 if len(raw) == 16 else 4, id=mac,
                             priority=priority, hello=hello, hold=hold,
                             vip=raw.ljust(16, b"\0")))
        if not key and text is not None:
            p += bytes(TextAuth(text=text))
    if key:
        p = sign(p + bytes(Md5Auth(ip=sender, keyid=key[0])), key[1])
    return p


def parse_v1(payload):
    """By scapy, which reads this version right but for advertisements."""
    if payload[1] == ADVERT:
        _, length, state, active, passive = struct.unpack("!2xHHBxHH4x", payload)
        return {"op": "advert", "if_state": state, "active": active,
                "passive": passive, "length": length}
    p = HSRP(payload[:20])
    m = {"op": OPCODES[p.opcode], "state": V1_STATES[p.state],
         "hello": p.hellotime * 1000, "hold": p.holdtime * 1000,
         "priority": p.priority, "group": p.group, "vip": vip_bytes(p.virtualIP),
         "text": bytes(p.auth).rstrip(b"\0"), "version": p.version}
    if len(payload) > 20:
        md5 = HSRPmd5(payload[20:])
        m["key"] = md5.keyid
        m["ip"] = md5.sourceip
        m["digest"] = bytes(md5.authdigest)
        m["digest_at"] = 20 + 14
    return m


def parse_v2(payload):
    m = {}
    at = 0
    while at < len(payload):
        kind, length = payload[at], payload[at + 1]
        if kind == 1:
            g = GroupState(payload[at:])
            m.update(op=OPCODES[g.opcode], state=STATES[g.state],
                     hello=g.hello, hold=g.hold, priority=g.priority,
                     group=g.group, id=g.id, version=g.version,
                     vip=bytes(g.vip)[:16 if g.ipver == 6 else 4])
        elif kind == 2:
            i = InterfaceState(payload[at:])
            m.update(op="advert", active=i.active, passive=i.passive)
        elif kind == 3:
            m["text"] = bytes(TextAuth(payload[at:]).text).rstrip(b"\0")
        elif kind == 4:
            a = Md5Auth(payload[at:])
            m.update(key=a.keyid, ip=a.ip, digest=bytes(a.digest),
                     digest_at=at + 14)
        at += 2 + length
    return m


def parse(version, payload):
    return parse_v1(payload) if version == 1 else parse_v2(payload)
