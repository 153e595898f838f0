#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judge captured HSRP packets of two gateways, for test_hsrp_packets.sh: each
by tshark, by a reading of its own (hsrp.py, scapy in it) and by hashlib.

usage: hsrp_packets.py EXPECTED.json CAPTURE-A CAPTURE-B
EXPECTED: {"sections": {NAME: {"version", "family", "group", "vip", "hello",
"hold", "text", "key": [ID, KEY]}}, "gateways": [{"priority", "mac", "v4",
"v6"}, ...]}. Prints "ok NAME" or "not ok NAME -- WHY" for each point."""

import ipaddress
import json
import subprocess
import sys

import hsrp
import pcap

FIELDS = """frame.number ip.ttl ipv6.hlim ip.src ipv6.src eth.src ip.dsfield
ipv6.tclass _ws.malformed _ws.expert.severity _ws.expert.message
hsrp.unknown_tlv
hsrp.version hsrp.opcode hsrp.state hsrp.hellotime hsrp.holdtime hsrp.priority
hsrp.group hsrp.auth_data hsrp.virt_ip
hsrp.adv.tlvtype hsrp.adv.tlvlength hsrp.adv.state hsrp.adv.activegrp
hsrp.adv.passivegrp
hsrp2.version hsrp2.opcode hsrp2.state hsrp2.ipversion hsrp2.group
hsrp2.identifier hsrp2.hellotime hsrp2.holdtime hsrp2.priority
hsrp2.auth_data hsrp2.virt_ip hsrp2.virt_ip_v6 hsrp2.active_groups
hsrp2.passive_groups hsrp2.md5_algorithm hsrp2.md5_flags hsrp.md5_ip_address
hsrp2.md5_key_id hsrp2.md5_auth_data""".split()
# Severities of tshark from which on something is wrong.
NOTE, WARNING = 0x400000, 0x600000
# RFC 3171 wants 255 for 224.0.0.0/24; HSRP has always had 1.
TTL_NOTE = '"Time To Live" != 255'


def point(name, bad):
    """@bad: what speaks against it; the first few are shown."""
    bad = list(bad)
    print("ok " + name if not bad else
          f"not ok {name} -- {len(bad)} times: {'; '.join(map(str, bad[:4]))}")


def payload_of(frame):
    """(version, family, UDP payload), or None for what is no HSRP."""
    if frame[12:14] == b"\x08\0" and frame[23] == 17 and \
       frame[36:38] == (1985).to_bytes(2, "big"):
        version = {b"\xe0\0\0\x02": 1, b"\xe0\0\0\x66": 2}[frame[30:34]]
        return version, 4, frame[42:14 + int.from_bytes(frame[16:18], "big")]
    if frame[12:14] == b"\x86\xdd" and frame[20] == 17 and \
       frame[56:58] == (2029).to_bytes(2, "big"):
        return 2, 6, frame[62:54 + int.from_bytes(frame[18:20], "big")]
    return None


def tshark(path):
    """By number of frame, what it makes of those it takes for HSRP."""
    args = ["tshark", "-r", path, "-Y", "hsrp", "-T", "fields",
            "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,"]
    for f in FIELDS:
        args += ["-e", f]
    out = subprocess.run(args, capture_output=True, text=True, check=True)
    rows = (dict(zip(FIELDS, line.split("\t")))
            for line in out.stdout.splitlines())
    return {int(r["frame.number"]): r for r in rows}


def complaints(r):
    if r["_ws.malformed"] or r["hsrp.unknown_tlv"]:
        yield f"frame {r['frame.number']}: malformed or unknown TLV"
    messages = r["_ws.expert.message"]
    for severity in filter(None, r["_ws.expert.severity"].split(",")):
        level = int(severity, 0)
        if level >= WARNING or (level >= NOTE and TTL_NOTE not in messages):
            yield f"frame {r['frame.number']}: {messages}"


def num(text):
    return int(text, 0) if text else None


def by_tshark(r, version):
    """The same names as hsrp.parse()."""
    p = "hsrp." if version == 1 else "hsrp2."
    if version == 1 and r["hsrp.opcode"] == "3" or \
       version == 2 and not r["hsrp2.opcode"]:
        q = "hsrp.adv.%sgrp" if version == 1 else "hsrp2.%s_groups"
        return {"op": "advert", "active": num(r[q % "active"]),
                "passive": num(r[q % "passive"])}
    unit = 1000 if version == 1 else 1
    vip = r[p + "virt_ip"] or r.get("hsrp2.virt_ip_v6")
    states = hsrp.V1_STATES if version == 1 else dict(enumerate(hsrp.STATES))
    m = {"op": hsrp.OPCODES[num(r[p + "opcode"])],
         "state": states[num(r[p + "state"])],
         "hello": num(r[p + "hellotime"]) * unit,
         "hold": num(r[p + "holdtime"]) * unit,
         "priority": num(r[p + "priority"]), "group": num(r[p + "group"]),
         "version": num(r[p + "version"]),
         "vip": ipaddress.ip_address(vip).packed}
    if version == 2:
        m["id"] = r["hsrp2.identifier"]
    if version == 1 or r["hsrp2.auth_data"]:
        m["text"] = r[p + "auth_data"].rstrip("\\0").encode()
    if r["hsrp2.md5_key_id"]:
        m["key"] = num(r["hsrp2.md5_key_id"])
        m["ip"] = r["hsrp.md5_ip_address"]
        m["digest"] = bytes.fromhex(r["hsrp2.md5_auth_data"].replace(":", ""))
    return m


class Seen:
    """One packet: who, what, and as two readers see it."""

    def __init__(self, gateway, number, frame, row):
        self.gateway, self.row = gateway, row
        self.version, self.family, self.payload = payload_of(frame)
        self.mine = hsrp.parse(self.version, self.payload)
        self.where = f"{'AB'[gateway]} frame {number}"

    def word(self):
        m = self.mine
        return m["state"] if m["op"] == "hello" else m["op"]


def read(paths):
    for gateway, path in enumerate(paths):
        rows = tshark(path)
        for number, (_, frame) in enumerate(pcap.read(path), 1):
            if payload_of(frame):
                yield Seen(gateway, number, frame, rows.get(number))


def differing(got, want):
    return {k: (got.get(k), v) for k, v in want.items() if got.get(k) != v}


def judge_readers(seen):
    point("tshark takes each for HSRP",
          (s.where for s in seen if not s.row))
    seen = [s for s in seen if s.row]
    point("tshark complains of none",
          (c for s in seen for c in complaints(s.row)))
    point("tshark and scapy read the same", (
        f"{s.where}: {d}" for s in seen
        if (d := differing(s.mine, by_tshark(s.row, s.version)))))
    point("TTL 1, or hop limit 255", (
        s.where for s in seen if (s.row["ip.ttl"], s.row["ipv6.hlim"]) !=
        (("1", "") if s.family == 4 else ("", "255"))))
    point("marked as network control", (
        s.where for s in seen
        if num(s.row["ip.dsfield"] or s.row["ipv6.tclass"]) != 0xc0))


def judge_senders(seen, gateways):
    point("sent from the real address", (
        f"{s.where}: {s.row['ip.src']}{s.row['ipv6.src']}" for s in seen
        if s.row["ip.src"] + s.row["ipv6.src"] !=
        gateways[s.gateway][f"v{s.family}"]))


def judge_section(name, sec, seen, gateways):
    mine = [s for s in seen if s.mine.get("group") == sec["group"] and
            (s.version, s.family) == (sec["version"], sec["family"])]
    want = {"hello": sec["hello"], "hold": sec["hold"],
            "vip": hsrp.vip_bytes(sec["vip"])}
    key = sec.get("key")
    if key:
        want["key"] = key[0]
        if sec["version"] == 1:
            want["text"] = b""
    else:
        want["text"] = sec["text"].encode()

    def wrong(s):
        g = gateways[s.gateway]
        w = dict(want, priority=g["priority"])
        if sec["version"] == 2:
            w["id"] = g["mac"]
        if key:
            w["ip"] = g["v4"] if sec["family"] == 4 else "0.0.0.0"
        return differing(s.mine, w)

    point(f"{name}: the values configured",
          (f"{s.where}: {d}" for s in mine if (d := wrong(s))))
    if key:
        point(f"{name}: digests are those of hashlib", (
            s.where for s in mine if s.mine.get("digest") != hsrp.digest(
                s.payload, s.mine["digest_at"], key[1].encode())))
    words = {"AB"[g] + " " + s.word() for g in (0, 1) for s in mine
             if s.gateway == g}
    # B may be hot, and preempt, before it has been anything else.
    need = {"A speak", "A standby", "A active", "A resign",
            "B coup", "B active"}
    point(f"{name}: every kind was sent", sorted(need - words))


def judge_adverts(seen, kinds):
    for version, family in sorted(kinds):
        got = [(s.mine["active"], s.mine["passive"]) for s in seen
               if s.gateway == 0 and s.word() == "advert" and
               (s.version, s.family) == (version, family)]
        good = got and got[0][0] == 0 and got[0][1] > 0 and \
            any(active for active, _ in got) and got[-1] == (0, 0)
        point(f"version {version}, IPv{family}: the interface is passive, "
              f"active, and at the end dormant", [] if good else [got])


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        expected = json.load(f)
    gateways = expected["gateways"]
    seen = list(read(sys.argv[2:]))
    judge_readers(seen)
    seen = [s for s in seen if s.row]
    judge_senders(seen, gateways)
    for name, sec in expected["sections"].items():
        judge_section(name, sec, seen, gateways)
    judge_adverts(seen, {(sec["version"], sec["family"])
                         for sec in expected["sections"].values()})
    print(f"# {len(seen)} packets")


if __name__ == "__main__":
    main()
