#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The figures out of the samples of bench.sh: a JSON file and a table.

  report.py SAMPLES RESULT.json

A spread is that of the same thing measured again in the same run, (most -
least) / median, of both sides where there are two. Every figure is a ratio or
a count; what took how long is beside it and says little about real machines.
"""
import json
import statistics
import sys


def load(path):
    found = {}
    with open(path) as file:
        for line in file:
            name, _, value = line.strip().partition(" ")
            try:
                value = float(value)
            except ValueError:
                pass
            found.setdefault(name, []).append(value)
    return found


class Samples:
    def __init__(self, found):
        self.found = found

    def all(self, name):
        values = self.found[name]
        if not values:
            raise KeyError(name)
        return values

    def mid(self, name):
        return statistics.median(self.all(name))

    def spread(self, *names):
        """None where nothing was measured twice."""
        spreads = [(max(v) - min(v)) / statistics.median(v)
                   for v in map(self.all, names) if len(v) > 1]
        return round(max(spreads), 5) if spreads else None


def p1(s):
    """B between two As each time: what drifts slowly cancels out."""
    off, on = s.all("p1.off"), s.all("p1.on")
    ratio = statistics.median((a + b) / 2 / x
                              for a, b, x in zip(off, off[1:], on))
    spread = s.spread("p1.off")
    many = s.mid("p1.many.off") / s.mid("p1.many.on")
    ok = ratio >= 0.99
    return {
        "value": round(ratio, 4), "goal": 0.99,
        "unit": "of the packets/s without the module",
        "ours": round(1e9 / s.mid("p1.on")), "peer": round(1e9 / s.mid("p1.off")),
        "of": "packets/s",
        "pass": ok if spread is not None and spread <= 0.01 else "unproven",
        "spread": spread,
        "frames_sent_meanwhile": int(s.mid("p1.frames")),
        "among": {"sas": int(s.mid("p1.many")), "value": round(many, 4),
                  "spread": s.spread("p1.many.off")},
    }


def ms(us):
    return round(us / 1000, 3)


def steps(s, series):
    return {step: ms(s.mid("%s.%s" % (series, step))) for step in
            ("added", "valid", "policies", "gate", "end")}


def p2(s):
    ours, peer = s.mid("p2.adopt"), s.mid("p2.batch")
    return {
        "value": round(peer / ours, 2), "goal": 50,
        "unit": "times faster than ip -batch", "n": int(s.mid("p2.tunnels")),
        "ours": ms(ours), "peer": ms(peer), "of": "ms",
        "pass": peer / ours >= 50, "spread": s.spread("p2.adopt", "p2.batch"),
        "steps_ms": steps(s, "p2"),
        "until_gate": round(peer / s.mid("p2.gate"), 2),
        "demote_ms": ms(s.mid("p2.demote")),
        "restage_ms": ms(s.mid("p2.restage")),
        "hosts": {
            "value": round(s.mid("p2.hosts.batch") / s.mid("p2.hosts.adopt"), 2),
            "until_gate": round(s.mid("p2.hosts.batch") /
                                s.mid("p2.hosts.gate"), 2),
            "ours": ms(s.mid("p2.hosts.adopt")),
            "peer": ms(s.mid("p2.hosts.batch")),
            "steps_ms": steps(s, "p2.hosts")},
    }


def p3(s):
    big, small = s.mid("p3.big"), s.mid("p3.small")
    ours, base = s.mid("p3.big.adopt") / big, s.mid("p3.small.adopt") / small
    return {
        "value": round(ours / base, 3), "goal": 1.5,
        "unit": "times the time per SA at %d" % small, "n": int(big),
        "ours": round(ours, 3), "peer": round(base, 3), "of": "us per SA",
        "pass": ours / base <= 1.5 if big >= 100000 else "unproven",
        "spread": s.spread("p3.small.adopt"),
        "demote_ms": ms(s.mid("p3.big.demote")),
    }


def p5(s):
    ours = s.mid("p5.sync")
    parts = {part: s.mid("p5." + part) for part in ("dump", "copy", "restore")}
    peer = sum(parts.values())
    return {
        "value": round(peer / ours, 2), "goal": 10,
        "unit": "times faster than dump, copy and ip -batch",
        "n": int(s.mid("p5.sas")),
        "ours": ms(ours), "peer": ms(peer), "of": "ms",
        "pass": peer / ours >= 10,
        "spread": s.spread("p5.sync", "p5.restore"),
        "peer_ms": {part: ms(us) for part, us in parts.items()},
    }


def p6(s):
    def each(name):
        return s.mid(name + ".bytes") / s.mid(name + ".n")
    update, sa = each("p6.many.updates"), each("p6.sa")
    return {
        "value": round(update, 2), "goal": 24,
        "unit": "bytes per counter update", "ours": round(update, 2),
        "peer": s.mid("p6.netlink.update"), "of": "bytes",
        "pass": update <= 24 and sa <= 400, "spread": 0,
        "n": int(s.mid("p6.many.updates.n")),
        "alone": round(each("p6.one.updates"), 2),
        "wire_packets_and_all": round(
            s.mid("p6.many.wire") / s.mid("p6.many.updates.n"), 2),
        "sa": {"value": round(sa, 2), "goal": 400,
               "unit": "bytes per AES-GCM SA", "n": int(s.mid("p6.sa.n")),
               "peer": round(s.mid("p6.netlink.sa"), 2),
               "wire_packets_and_all":
                   round(s.mid("p6.sa.wire") / s.mid("p6.sa.n"), 2)},
    }


def p7(s):
    n = s.mid("p7.sas")
    ours, peer = s.mid("p7.staged") / n, s.mid("p7.installed") / n
    return {
        "value": round(ours / peer, 3), "goal": 1.15,
        "unit": "times the memory of the SA installed", "n": int(n),
        "ours": round(ours), "peer": round(peer), "of": "bytes",
        "pass": ours / peer <= 1.15,
        "spread": s.spread("p7.staged", "p7.installed"),
    }


FIGURES = (("P1", p1), ("P2", p2), ("P3", p3), ("P5", p5), ("P6", p6), ("P7", p7))
SIGN = {"P3": "<=", "P6": "<=", "P7": "<="}


def row(name, f, label=None):
    verdict = {True: "met", False: "MISSED"}.get(f["pass"], f["pass"])
    spread = "-" if f["spread"] is None else "%.2f %%" % (f["spread"] * 100)
    goal = "%s %s" % (SIGN.get(name, ">="), f["goal"])
    return (name if label is None else label, str(f["value"]), goal, f["unit"],
            str(f["ours"]), str(f["peer"]), f["of"], spread, verdict)


def rows(figures):
    yield ("", "value", "goal", "", "ours", "peer", "", "spread", "")
    for name, f in figures.items():
        if not isinstance(f, dict):
            continue
        yield row(name, f)
        if "sa" in f:
            sa = f["sa"]
            yield row(name, dict(f, **sa, ours=sa["value"], of="bytes",
                                 **{"pass": sa["value"] <= sa["goal"]}), "")


def table(figures):
    lines = list(rows(figures))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip())


def main():
    s = Samples(load(sys.argv[1]))
    clock = s.all("clock")[0]
    figures = {"kernel": s.all("kernel")[0], "clock": clock,
               "scale": s.mid("scale")}
    for name, function in FIGURES:
        if name.lower() in s.found["done"]:
            figures[name] = function(s)
    with open(sys.argv[2], "w") as file:
        json.dump(figures, file, indent=1)
        file.write("\n")
    print("kernel %s, clock: %s" % (figures["kernel"], clock))
    table(figures)


if __name__ == "__main__":
    main()
