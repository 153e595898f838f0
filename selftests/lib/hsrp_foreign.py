#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A foreign HSRP router on the LAN of one xhad, for test_hsrp_foreign.sh. Says
"ready" once it listens; then xhad is to be started. Plays versions 1 and 2 and
IPv6 at the same time, each with a group of its own, then floods. Prints "ok
NAME" or "not ok NAME -- WHY" for each point."""

import argparse
import json
import os
import socket
import sys
import threading
import time

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

import hsrp

FACTOR = int(os.environ.get("XHA_FACTOR", "1"))
OWN = {4: "192.0.2.2", 6: "fe80::ff:fe00:a01"}		# xhad's
HIGH = {4: "192.0.2.66", 6: "fe80::1:0:0:1"}
LOW = {4: "192.0.2.1", 6: "fe80::1"}
MAC = "02:00:00:00:0d:01"
PLAY_GAP = 0.3
BURST = 50
HELLO_MS, HOLD_MS = 1000, 3000


class Points:
    """Results of one variant, printed together."""

    def __init__(self):
        self.lines = []

    def add(self, name, good, why=""):
        self.lines.append("ok " + name if good else f"not ok {name} -- {why}")

    def show(self):
        print("\n".join(self.lines), flush=True)
        self.lines = []


class Variant:
    """One version and IP version: its names in xhad.conf, and its packets."""

    def __init__(self, name, version, family, group, vip, pre_vip, **auth):
        self.name, self.version, self.family = name, version, family
        self.group, self.vip, self.pre_vip, self.auth = group, vip, pre_vip, auth
        self.lock = threading.Lock()
        self.playing = {}
        self.points = Points()

    def payload(self, **kw):
        args = {"group": self.group, "vip": self.vip, "hello": HELLO_MS,
                "hold": HOLD_MS, "sender": "192.0.2.66", **self.auth, **kw}
        return hsrp.build(self.version, **args)

    def frame(self, payload, src=None, ttl=None):
        src = src or HIGH[self.family]
        to = hsrp.GROUPS[self.version, self.family]
        port = hsrp.PORTS[self.family]
        if self.family == 4:
            dst = "01:00:5e:00:00:%02x" % int(to.split(".")[3])
            ip = IP(src=src, dst=to, ttl=1 if ttl is None else ttl)
        else:
            dst = "33:33:00:00:00:66"
            ip = IPv6(src=src, dst=to, hlim=255 if ttl is None else ttl)
        return bytes(Ether(src=MAC, dst=dst) / ip /
                     UDP(sport=port, dport=port) / payload)


class Lan:
    """What is sent, what xhad sends, and what xhad says of itself."""

    def __init__(self, dev, ctl, log):
        self.ctl, self.log = ctl, log
        self.tx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.tx.bind((dev, 0))
        self.rx = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                socket.htons(3))
        self.rx.bind((dev, 0))
        self.heard = []
        threading.Thread(target=self.listen, daemon=True).start()

    def send(self, frame):
        self.tx.send(frame)

    def listen(self):
        while True:
            frame = self.rx.recv(2048)
            version = {b"\xe0\0\0\x02": 1, b"\xe0\0\0\x66": 2}.get(frame[30:34])
            if frame[12:14] == b"\x08\0" and version and frame[23] == 17:
                src = socket.inet_ntop(socket.AF_INET, frame[26:30])
                key, payload = (version, 4), frame[42:14 + int.from_bytes(frame[16:18], "big")]
            elif frame[12:14] == b"\x86\xdd" and frame[20] == 17 and frame[38] == 0xff:
                src = socket.inet_ntop(socket.AF_INET6, frame[22:38])
                key, payload = (2, 6), frame[62:58 - 4 + int.from_bytes(frame[18:20], "big")]
            else:
                continue
            if src == OWN[key[1]]:
                self.heard.append((key, hsrp.parse(key[0], payload), payload))

    def from_xhad(self, v, since=0, group=None):
        """Its messages of a group, from the @since-th of all on."""
        return [m for key, m, _ in self.heard[since:]
                if key == (v.version, v.family) and
                m.get("group") == (group or v.group)]

    def elections(self):
        """By name; {} where xhad does not answer (yet)."""
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(10 * FACTOR)
                s.connect(self.ctl)
                s.sendall(b'{"cmd": "standby"}\n')
                text = b""
                while not text.endswith(b"\n"):
                    part = s.recv(65536)
                    if not part:
                        return {}
                    text += part
        except OSError:
            return {}
        return {e["name"]: e for g in json.loads(text)["groups"]
                for e in g["standby"]}

    def logged(self, *words):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return sum(all(w in line for w in words) for line in f)


def wait(cond, seconds=20):
    end = time.monotonic() + seconds * FACTOR
    while time.monotonic() < end:
        if cond():
            return True
        time.sleep(0.05)
    return False


def play_all(lan, variants):
    """Repeat what each plays, as routers do."""
    while True:
        for v in variants:
            with v.lock:
                frames = list(v.playing.values())
            for frame in frames:
                lan.send(frame)
        time.sleep(PLAY_GAP)


class Script:
    """The scenes, one variant's."""

    def __init__(self, lan, v):
        self.lan, self.v, self.points = lan, v, v.points

    # -- means --

    def play(self, who, src=None, **kw):
        with self.v.lock:
            self.v.playing[who] = self.v.frame(self.v.payload(**kw), src)

    def hush(self, *who):
        with self.v.lock:
            for w in who or list(self.v.playing):
                self.v.playing.pop(w, None)

    def election(self, name=None):
        """As the helper shows it, but for what time alone changes."""
        e = self.lan.elections().get(name or self.v.name, {})
        for router in (e.get("active"), e.get("standby")):
            if router:
                router.pop("expires_ms", None)
        return e

    def state(self, name=None):
        return self.election(name).get("state")

    def point(self, name, good, why=""):
        self.points.add(f"{self.v.name}: {name}", good, why)

    def last_heard(self, group):
        """State in its last hello; None while it does not talk."""
        hellos = [m for m in self.lan.from_xhad(self.v, group=group)
                  if m["op"] == "hello"]
        return hellos[-1]["state"] if hellos else None

    def becomes(self, what, state, name=None, group=None):
        """Returns when the LAN has heard of it, too: what is heard from then
        on was sent in that state."""
        got = wait(lambda: self.state(name) == state, 30)
        if got and state != "listen":
            got = wait(lambda: self.last_heard(group) == state)
        self.point(what, got, f"state is {self.state(name)}, expected {state}")
        return got

    def mark(self):
        return len(self.lan.heard)

    def said(self, since, group=None):
        """Operations and states, the same in a row once."""
        out = []
        for m in self.lan.from_xhad(self.v, since, group):
            word = m["op"] if m["op"] != "hello" else m["state"]
            if not out or out[-1] != word:
                out.append(word)
        return out

    def says(self, what, since, words, group=None):
        wait(lambda: self.said(since, group) == words, 10)
        got = self.said(since, group)
        self.point(what, got == words, f"sent {got}, expected {words}")

    def stays(self, what, state, hellos=3):
        """Not a moment of anything else until so many hellos of it came."""
        since = self.mark()
        changes = self.election().get("state_changes")
        wait(lambda: len(self.lan.from_xhad(self.v, since)) >= hellos)
        e = self.election()
        seen = self.said(since)
        self.point(what, e.get("state") == state and
                   e.get("state_changes") == changes and seen == [state],
                   f"state {e.get('state')}, changes {changes} then "
                   f"{e.get('state_changes')}, sent {seen}")

    def silent_lines(self):
        return self.lan.logged("detection: active", "silent")

    # -- scenes --

    def alone(self):
        self.becomes("alone on the LAN it becomes active", "active")
        self.says("and says so, one state after the other", 0,
                  ["speak", "standby", "active"])
        m = self.lan.from_xhad(self.v)[-1]
        want = {"hello": HELLO_MS, "hold": HOLD_MS, "priority": 100,
                "group": self.v.group, "vip": hsrp.vip_bytes(self.v.vip)}
        if self.v.version == 2:
            want["id"] = "02:00:00:00:0a:01"
        got = {k: m.get(k) for k in want}
        self.point("with the values configured", got == want, got)

    def lower_active(self):
        self.play("a", priority=50)
        self.stays("a lower active is outlasted", "active", 5)

    def higher_active(self):
        since = self.mark()
        self.play("a", priority=200)
        self.becomes("to a higher active it gives way", "standby")
        self.says("by a resign, and goes on as a candidate", since,
                  self.resigned(since))
        e = self.election()
        self.point("and knows who is active",
                   e.get("active") == {"address": HIGH[self.v.family],
                                       "priority": 200, "local": False},
                   e.get("active"))

    def resigned(self, since):
        """What must be said on the way from active to standby; the state of
        before may come first, depending on the moment."""
        first = ["active"] if self.said(since)[:1] == ["active"] else []
        return first + ["resign", "speak", "standby"]

    def bad_packets(self):
        v = self.v
        good = {"op": hsrp.RESIGN, "priority": 200}
        whole = v.payload(**good)
        head = 20 if v.version == 1 else 42
        if v.version == 1:
            fields = [("opcode", 1, 4), ("state", 2, 3), ("version", 0, 2),
                      ("timers", 4, 1)]
        else:
            fields = [("opcode", 3, 9), ("state", 4, 7), ("version", 2, 1),
                      ("timers", 24, 0), ("family", 5, 5), ("tlv_size", 1, 39),
                      ("no_state", 0, 99)]
        cases = [(name, name, whole[:at] + bytes([b]) + whole[at + 1:], {})
                 for name, at, b in fields]
        cases += [
            ("another group", "group", v.payload(**good | {"group": 77}), {}),
            ("another virtual address", "vip",
             v.payload(**good | {"vip": v.vip[:-1] + "9"}), {}),
            ("TTL one more", "ttl", whole, {"ttl": 2}),
            ("TTL one less", "ttl", whole, {"ttl": 0 if v.family == 4 else 254}),
            ("cut by one byte", "length", whole[:-1], {}),
            ("cut in the middle", "length", whole[:head - 5], {}),
            ("a TLV beyond the end", "length", whole + b"\x63\x02\x01", {}),
            ("half a TLV behind", "length", whole + b"\x63", {}),
            ("wrong text", "auth_type" if "key" in v.auth else "auth_text",
             v.payload(**good | {"key": None, "text": b"wrong"}), {}),
        ]
        if "key" in v.auth:
            ident, key = v.auth["key"]
            cases += [
                ("no authentication", "auth_type",
                 v.payload(**good | {"key": None, "text": None}), {}),
                ("unknown key id", "auth_key",
                 v.payload(**good | {"key": (ident + 1, key)}), {}),
                ("wrong key", "auth_digest",
                 v.payload(**good | {"key": (ident, key + b"x")}), {}),
                ("a digest of another packet", "auth_digest",
                 v.payload(**good | {"priority": 201})[:-16] + whole[-16:], {}),
            ]
        else:
            cases.append(("MD5", "auth_type",
                          v.payload(**good | {"key": (0, b"secret")}), {}))
        for case in cases:
            self.bad(*case)
        self.stays("after all of them it is what it was", "standby")

    def bad(self, name, reason, payload, how):
        """A resign of the active, which is not one: it changes nothing."""
        before = self.election()
        lines = self.lan.logged(f"standby {self.v.name}: refused", f": {reason}")
        frame = self.v.frame(payload, **how)
        for _ in range(BURST):
            self.lan.send(frame)
        want = before["bad"][reason] + BURST
        wait(lambda: self.election().get("bad", {}).get(reason, 0) >= want)
        after = self.election()
        lines_after = self.lan.logged(f"standby {self.v.name}: refused",
                                      f": {reason}")
        others = {k: after["bad"][k] - n for k, n in before["bad"].items()
                  if k != reason and after["bad"][k] != n}
        why = []
        if after["bad"][reason] != want:
            why.append(f"{reason}: {before['bad'][reason]} then "
                       f"{after['bad'][reason]}")
        if others:
            why.append(f"also {others}")
        # A burst goes on until ten quiet seconds have passed.
        lines_after -= lines
        if lines_after > 1 or (not before["bad"][reason] and not lines_after):
            why.append(f"{lines_after} lines in the log")
        for k in ("state", "state_changes", "active", "hello_ms", "hold_ms"):
            if before[k] != after[k]:
                why.append(f"{k}: {before[k]} then {after[k]}")
        self.point(f"refused: {name}", not why, "; ".join(why))

    def third_router(self):
        """A router that is neither of the two has no say."""
        self.lan.send(self.v.frame(
            self.v.payload(op=hsrp.RESIGN, priority=255), LOW[self.v.family]))
        self.lan.send(self.v.frame(
            self.v.payload(op=hsrp.COUP, priority=255), LOW[self.v.family]))
        self.stays("coup and resign of a third router do nothing", "standby")

    def higher_standby(self):
        self.play("b", LOW[self.v.family], state="standby", priority=150)
        self.becomes("a higher standby sends it back to listening", "listen")
        since = self.mark()
        self.hush("b")
        self.becomes("until that is silent", "standby")
        self.says("and it speaks again first", since, ["speak", "standby"])

    def resign(self):
        lines, since = self.silent_lines(), self.mark()
        self.hush()
        self.lan.send(self.v.frame(self.v.payload(op=hsrp.RESIGN, priority=200)))
        self.becomes("the active resigns: it takes over", "active")
        self.point("without waiting for silence",
                   self.silent_lines() == lines, "silence was logged")
        self.says("and says so", since,
                  (["standby"] if self.said(since)[:1] == ["standby"] else []) +
                  ["active"])

    def coup(self):
        since = self.mark()
        self.lan.send(self.v.frame(
            self.v.payload(op=hsrp.COUP, state="speak", priority=200)))
        wait(lambda: "resign" in self.said(since))
        first = ["active"] if self.said(since)[:1] == ["active"] else []
        self.point("a coup of a higher one: it resigns",
                   self.said(since)[:len(first) + 2] ==
                   first + ["resign", "speak"], self.said(since))
        self.becomes("and as nobody comes it is active again", "active")

    def lower_coup(self):
        self.lan.send(self.v.frame(
            self.v.payload(op=hsrp.COUP, state="speak", priority=50)))
        self.stays("a coup of a lower one does nothing", "active")

    def ties(self):
        self.play("a", LOW[self.v.family], priority=100)
        self.stays("equal priority, lower address: it stays", "active", 5)
        self.hush()
        self.play("a", HIGH[self.v.family], priority=100)
        self.becomes("equal priority, higher address: it gives way", "standby")

    def silence(self):
        lines = self.lan.logged("detection: active", HIGH[self.v.family])
        self.hush()
        self.becomes("silence: it takes over", "active")
        self.point("and says whose", self.lan.logged(
            "detection: active", HIGH[self.v.family]) > lines, "not logged")

    def two_actives(self):
        self.play("a", HIGH[self.v.family], priority=200)
        self.play("b", LOW[self.v.family], priority=150)
        self.becomes("two actives, both higher: it gives way", "standby")
        self.stays("and follows while both are heard", "standby")
        self.hush("a")
        self.stays("or one of them", "standby", 6)
        self.hush("b")
        self.becomes("and not when none is", "active")

    def preempt(self):
        name, group = self.v.name + "-pre", self.v.group + 10
        args = {"group": group, "vip": self.v.pre_vip}
        self.play("p", priority=200, **args)
        self.becomes("with preempt: below a higher active", "standby", name,
                     group)
        since = self.mark()
        self.play("p", priority=50, **args)
        self.becomes("which becomes lower: it takes over", "active", name,
                     group)
        self.hush("p")
        words = self.said(since, group)
        if words[:1] == ["standby"]:
            words = words[1:]
        self.point("by a coup", words[:2] == ["coup", "active"], words)

    def run(self):
        try:
            for scene in (self.alone, self.lower_active, self.higher_active,
                          self.bad_packets, self.third_router,
                          self.higher_standby, self.resign, self.coup,
                          self.lower_coup, self.ties, self.silence,
                          self.two_actives, self.preempt):
                scene()
        except Exception as e:	# the other variants go on
            self.point("the script ran to its end", False, repr(e))
            raise

    # -- floods: one after the other, each alone --

    def flood(self, frame, seconds=3, rate=10000):
        """Returns how many, and in what time."""
        begin = time.monotonic()
        n = 0
        while time.monotonic() - begin < seconds:
            for _ in range(rate // 100):
                self.lan.send(frame)
            n += rate // 100
            ahead = begin + n / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        return n, time.monotonic() - begin

    def floods(self):
        good = self.v.frame(self.v.payload(priority=50))
        before, since = self.election(), self.mark()
        n, took = self.flood(good)
        after = self.election()
        sent = len(self.lan.from_xhad(self.v, since))
        rate = f"{n / took:.0f}/s for {took:.1f} s"
        most = 4 * took * 1000 / HELLO_MS + took + 4
        self.point(f"hellos of a lower active, {rate}: it stays",
                   after.get("state") == "active" and
                   after.get("state_changes") == before["state_changes"],
                   after.get("state"))
        self.point("and answers at most 4 times per hello time",
                   2 <= sent <= most, f"{sent}, at most {most:.0f}")
        self.point("some were received",
                   after["received"] - before["received"] > n // 10,
                   after["received"] - before["received"])
        self.play("a", priority=200)
        self.becomes("behind a higher active again", "standby")
        text = {"text": b"wrong"} if "key" not in self.v.auth else \
               {"key": (self.v.auth["key"][0], b"wrong")}
        reason = "auth_digest" if "key" in self.v.auth else "auth_text"
        bad = self.v.frame(self.v.payload(op=hsrp.RESIGN, priority=200, **text))
        before = self.election()
        lines = self.lan.logged(f"standby {self.v.name}: refused", reason)
        n, took = self.flood(bad)
        after = self.election()
        self.point(f"refused resigns, {n / took:.0f}/s: no takeover",
                   after.get("state_changes") == before["state_changes"] and
                   after.get("active") == before["active"],
                   f"{after.get('state')}, active {after.get('active')}")
        counted = after["bad"][reason] - before["bad"][reason]
        self.point("counted", n // 10 < counted <= n, f"{counted} of {n}")
        more = self.lan.logged(f"standby {self.v.name}: refused", reason) - lines
        self.point("and logged once", more <= 1, more)
        self.hush()
        self.becomes("silence still ends it", "active")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--dev", required=True)
    ap.add_argument("--ctl", required=True, help="control socket of xhad")
    ap.add_argument("--log", required=True, help="what xhad logs")
    a = ap.parse_args()
    lan = Lan(a.dev, a.ctl, a.log)
    variants = [
        Variant("v1", 1, 4, 1, "192.0.2.101", "192.0.2.111", text=b"secret12"),
        Variant("v2", 2, 4, 2, "192.0.2.102", "192.0.2.112",
                key=(3, b"the old key")),
        Variant("v6", 2, 6, 3, "2001:db8:0:2::103", "2001:db8:0:2::113"),
    ]
    threading.Thread(target=play_all, args=(lan, variants), daemon=True).start()
    print("ready", flush=True)
    scripts = [Script(lan, v) for v in variants]
    threads = [threading.Thread(target=s.run) for s in scripts]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for s in scripts:
        s.floods()
    for v in variants:
        v.points.show()
    print("end", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
