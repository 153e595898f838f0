#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The figures out of what bench.sh measured: a JSON file and a table.

  report.py DIR RESULT.json

DIR has a file of samples for each figure. A spread is that of the same thing
measured again in the same run, (most - least) / median, of both sides where there
are two. Every figure is a ratio or a count; what took how long is beside it and
says little about real machines.

"pass" is true or false where the figure proves it: at the size that the goal is
set for, measured more than once, and further from the goal than it spreads.
Otherwise it is null, and "verdict" and "reason" say why.
"""
import glob
import json
import os
import statistics
import sys

NAMES = ("P1", "P2", "P3", "P5", "P6", "P7")


def load(path):
    found = {}
    with open(path) as file:
        for line in file:
            name, _, value = line.rstrip("\n").partition(" ")
            try:
                value = float(value)
            except ValueError:
                pass
            found.setdefault(name, []).append(value)
    return found


class Missing(Exception):
    """Something was not measured."""


class Samples:
    def __init__(self, found):
        self.found = found

    def all(self, name):
        values = self.found.get(name)
        if not values or not all(isinstance(v, float) for v in values):
            raise Missing("%s: %s" % (name, values))
        return values

    def words(self, name, default="unknown"):
        value = self.found.get(name, [default])[0]
        return "%g" % value if isinstance(value, float) else value

    def lines(self, name):
        return [str(v) for v in self.found.get(name, ())]

    def mid(self, name):
        return statistics.median(self.all(name))

    def spread(self, *names):
        """None where one of them was not measured twice."""
        rows = [self.all(name) for name in names]
        if min(map(len, rows)) < 2:
            return None
        return round(max((max(v) - min(v)) / statistics.median(v)
                         for v in rows), 5)


def judged(figure, sign, unproven=None, exact=False):
    """The figure with its verdict. sign: 1 where more is better."""
    value, goal, spread = figure["value"], figure["goal"], figure["spread"]
    ok = sign * (value - goal) >= 0
    why = unproven
    if not why and not exact:
        if spread is None:
            why = "measured once only"
        elif abs(value - goal) <= spread * value:
            why = "nearer to the goal than it spreads"
    verdict = "unproven" if why else "met" if ok else "missed"
    figure.update({"pass": None if why else ok, "verdict": verdict,
                   "sign": ">=" if sign > 0 else "<="})
    if why:
        figure["reason"] = why
    return figure


def fewer(n, least):
    return "measured with %d, the goal is for %d" % (n, least) if n < least else None


def p1(s):
    """B between two As each time: what drifts slowly cancels out."""
    off, on = s.all("p1.off"), s.all("p1.on")
    ratio = statistics.median((a + b) / 2 / x
                              for a, b, x in zip(off, off[1:], on))
    many = s.mid("p1.many.off") / s.mid("p1.many.on")
    spread = s.spread("p1.off")
    wide = spread is not None and spread > 0.01
    return judged({
        "value": round(ratio, 4), "goal": 0.99,
        "unit": "of the packets/s without the module",
        "ours": round(1e9 / s.mid("p1.on")), "peer": round(1e9 / s.mid("p1.off")),
        "of": "packets/s", "spread": spread,
        "leases_meanwhile": int(s.mid("p1.leases")),
        "among": {"sas": int(s.mid("p1.many")), "value": round(many, 4),
                  "spread": s.spread("p1.many.off")},
        "profile": s.lines("p1.profile"),
    }, 1, "spreads over 1 %" if wide else None)


def ms(us):
    return round(us / 1000, 3)


def steps(s, series):
    return {step: ms(s.mid("%s.%s" % (series, step))) for step in
            ("added", "valid", "policies", "gate", "end")}


def p2(s):
    ours, peer, n = s.mid("p2.adopt"), s.mid("p2.batch"), int(s.mid("p2.tunnels"))
    return judged({
        "value": round(peer / ours, 2), "goal": 50,
        "unit": "times faster than ip -batch", "n": n,
        "ours": ms(ours), "peer": ms(peer), "of": "ms",
        "spread": s.spread("p2.adopt", "p2.batch"),
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
            "spread": s.spread("p2.hosts.adopt", "p2.hosts.batch"),
            "steps_ms": steps(s, "p2.hosts"),
            "profile": s.lines("p2.hosts.profile")},
        "profile": s.lines("p2.profile"),
    }, 1, fewer(n, 2000))


def p3(s):
    big, small = s.mid("p3.big"), s.mid("p3.small")
    ours, base = s.mid("p3.big.adopt") / big, s.mid("p3.small.adopt") / small
    return judged({
        "value": round(ours / base, 3), "goal": 1.5,
        "unit": "times the time per SA at %d" % small, "n": int(big),
        "ours": round(ours, 3), "peer": round(base, 3), "of": "us per SA",
        "spread": s.spread("p3.small.adopt", "p3.big.adopt"),
        "demote_ms": ms(s.mid("p3.big.demote")),
    }, -1, fewer(big, 100000) or fewer(small, 1000))


def p5(s):
    ours, n = s.mid("p5.sync"), int(s.mid("p5.sas"))
    parts = {part: s.mid("p5." + part) for part in ("dump", "copy", "restore")}
    peer = sum(parts.values())
    return judged({
        "value": round(peer / ours, 2), "goal": 10,
        "unit": "times faster than dump, copy and ip -batch",
        "n": n, "ours": ms(ours), "peer": ms(peer), "of": "ms",
        "spread": s.spread("p5.sync", "p5.restore"),
        "peer_ms": {part: ms(us) for part, us in parts.items()},
        "profile": s.lines("p5.profile"),
        "peer_profile": s.lines("p5.restore.profile"),
    }, 1, fewer(n, 20000))


def p6(s):
    """Counts, which do not spread."""
    def each(name):
        return s.mid(name + ".bytes") / s.mid(name + ".n")
    update, sa = each("p6.many.updates"), each("p6.sa")
    return judged({
        "value": round(update, 2), "goal": 24,
        "unit": "bytes per counter update, of many SAs", "ours": round(update, 2),
        "peer": s.mid("p6.netlink.update"), "of": "bytes", "spread": None,
        "n": int(s.mid("p6.many.updates.n")),
        "alone": round(each("p6.one.updates"), 2),
        "wire_packets_and_all": round(
            s.mid("p6.many.wire") / s.mid("p6.many.updates.n"), 2),
        "sa": judged({
            "value": round(sa, 2), "goal": 400,
            "unit": "bytes per AES-GCM SA", "n": int(s.mid("p6.sa.n")),
            "ours": round(sa, 2), "peer": round(s.mid("p6.netlink.sa"), 2),
            "of": "bytes", "spread": None,
            "wire_packets_and_all":
                round(s.mid("p6.sa.wire") / s.mid("p6.sa.n"), 2)},
            -1, exact=True),
    }, -1, exact=True)


def p7(s):
    n = s.mid("p7.sas")
    ours, peer = s.mid("p7.staged") / n, s.mid("p7.installed") / n
    return judged({
        "value": round(ours / peer, 3), "goal": 1.15,
        "unit": "times the memory of the SA installed", "n": int(n),
        "ours": round(ours), "peer": round(peer), "of": "bytes",
        "spread": s.spread("p7.staged", "p7.installed"),
        "profile": s.lines("p7.staged.profile"),
        "peer_profile": s.lines("p7.installed.profile"),
    }, -1, fewer(n, 4000))


FIGURE = {"P1": p1, "P2": p2, "P3": p3, "P5": p5, "P6": p6, "P7": p7}


def figure(name, found):
    s = Samples(found)
    try:
        if "failed" in found:
            raise Missing(s.words("failed"))
        if "done" not in found:
            raise Missing("did not come to its end")
        result = FIGURE[name](s)
    except (Missing, ZeroDivisionError) as err:
        result = {"pass": None, "verdict": "not measured", "reason": str(err)}
    result["run"] = {key: s.words(key) for key in (
        "kernel", "clock", "cpus", "scale", "commit", "boot", "took")}
    return result


def row(f, label):
    if "value" not in f:
        return (label, "", "", f["reason"], "", "", "", "", f["verdict"])
    spread = "-" if f["spread"] is None else "%.2f %%" % (f["spread"] * 100)
    return (label, str(f["value"]), "%s %s" % (f["sign"], f["goal"]), f["unit"],
            str(f["ours"]), str(f["peer"]), f["of"], spread, f["verdict"])


def rows(figures):
    yield ("", "value", "goal", "", "ours", "peer", "", "spread", "")
    for name, f in figures.items():
        yield row(f, name)
        if "sa" in f:
            yield row(f["sa"], "")


def table(figures):
    lines = list(rows(figures))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip())


def notes(figures):
    """What the table has no place for."""
    for name, f in figures.items():
        run = f["run"]
        print("%s: kernel %s, clock %s, %s CPUs, scale %s, commit %s" % (
            name, run["kernel"], run["clock"], run["cpus"], run["scale"],
            run["commit"]))
        if "value" in f and "reason" in f:
            print("  unproven: " + f["reason"])
        for key in ("among", "hosts", "steps_ms", "until_gate", "alone",
                    "wire_packets_and_all", "peer_ms"):
            if key in f:
                shown = f[key]
                if isinstance(shown, dict):
                    shown = ", ".join("%s %s" % p for p in shown.items()
                                      if not isinstance(p[1], (list, dict)))
                print("  %s: %s" % (key, shown))
        if f["verdict"] != "met":
            for line in f.get("profile", ()):
                print("  profile: " + line)


def collect(directory):
    found = {}
    for name in NAMES:
        for path in glob.glob("%s/%s.samples" % (directory, name.lower())):
            found[name] = figure(name, load(path))
    return found


def main():
    figures = collect(sys.argv[1])
    if not figures:
        sys.exit("report.py: nothing was measured in " + sys.argv[1])
    new = sys.argv[2] + ".new"
    with open(new, "w") as file:
        json.dump(figures, file, indent=1)
        file.write("\n")
    os.replace(new, sys.argv[2])
    table(figures)
    notes(figures)


if __name__ == "__main__":
    main()
