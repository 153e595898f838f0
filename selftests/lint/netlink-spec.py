#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares kmod/uapi/linux/xfrm_ha.h with the YAML specification.

Names, order and numbers of all enums, the constants, the types of the
attributes and the operations' use of them must agree; and so must the limits in
the specification and what the policies in kmod/netlink*.c let through. Before it
says so, the comparison is tried on copies of the specification with one slip
each, which it has to find.
"""
import copy
import os
import re
import sys

import yaml

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "selftests/lib"))
import genl         # noqa: E402
import nlpolicy     # noqa: E402

HEADER = os.path.join(TOP, "kmod/uapi/linux/xfrm_ha.h")
SPEC = os.path.join(TOP, "Documentation/netlink/specs/xfrm_ha.yaml")

# First word of an attribute's comment in the header -> type in the spec.
TYPES = {"u16": "u16", "u32": "u32", "u64": "u64", "be32": "u32",
         "string": "string", "binary": "binary", "nest": "nest",
         "flag": "flag"}


def c_name(*parts):
    return "-".join(parts).upper().replace("-", "_")


def parse_header(text):
    """Returns {members: {name: value}, enums: [names], comments, defines}."""
    defines = {m[0]: m[1].strip('"') for m in re.findall(
        r"^#define[ \t]+(XFRM_HA_\w+)[ \t]+(\"?\w+\"?)", text, re.M)}
    enums, comments = [], {}
    for tag, body in re.findall(r"^enum ?(\w*) \{\n(.*?)^\};", text,
                                re.M | re.S):
        values, value = {}, -1
        for m in re.finditer(r"^\t(\w+)(?: = ([^,\n]+))?,?[ \t]*(/\*.*?\*/)?",
                             body, re.M | re.S):
            name, init, comment = m.groups()
            if init:
                base = re.fullmatch(r"(\w+) - 1", init.strip())
                value = values[base[1]] - 1 if base else int(init, 0)
            else:
                value += 1
            values[name] = value
            comments[name] = comment or ""
        enums.append((tag, values))
    return {"enums": enums, "comments": comments, "defines": defines}


def expected_enums(spec):
    """The enums the specification stands for, in the header's form."""
    out = []
    ops = {"XFRM_HA_CMD_UNSPEC": 0}
    for i, op in enumerate(spec["operations"]["list"], 1):
        ops[c_name(spec["operations"]["name-prefix"] + op["name"])] = i
    out.append((spec["operations"]["enum-name"], with_max(ops,
                                                          "XFRM_HA_CMD_MAX")))
    for d in spec["definitions"]:
        if d["type"] == "enum":
            out.append(("xfrm_ha_" + d["name"].replace("-", "_"),
                        {c_name("xfrm-ha", d["name"], e["name"]): i
                         for i, e in enumerate(d["entries"])}))
    for s in spec["attribute-sets"]:
        prefix = c_name(s["name-prefix"])
        values = {prefix + "UNSPEC": 0}
        for i, a in enumerate(s["attributes"], 1):
            values[prefix + c_name(a["name"])] = i
        out.append(("", with_max(values, prefix + "MAX")))
    return out


def with_max(values, name):
    top = len(values)
    return {**values, "__" + name: top, name: top - 1}


def compare_enums(header, spec, say):
    want = {next(iter(v)): (t, v) for t, v in expected_enums(spec)}
    have = {next(iter(v)): (t, v) for t, v in header["enums"]}
    for first in sorted(want.keys() | have.keys()):
        if first not in have or first not in want:
            say(f"enum beginning with {first}: only in the "
                f"{'spec' if first in want else 'header'}")
            continue
        if want[first][0] != have[first][0]:
            say(f"enum of {first}: named {have[first][0]} in the header, "
                f"{want[first][0]} in the spec")
        w, h = want[first][1], have[first][1]
        for name in sorted(w.keys() | h.keys()):
            if w.get(name) != h.get(name):
                say(f"{name}: {h.get(name)} in the header, {w.get(name)} in "
                    f"the spec")


def compare_types(header, spec, say):
    for s in spec["attribute-sets"]:
        for a in s["attributes"]:
            name = c_name(s["name-prefix"]) + c_name(a["name"])
            if a["type"] == "pad":
                continue
            comment = header["comments"].get(name, "")
            m = re.match(r"/\*\s*(\w+)", comment)
            word = m[1] if m else None
            if word not in TYPES:
                say(f"{name}: the header's comment names no type")
                continue
            if TYPES[word] != a["type"]:
                say(f"{name}: {word} in the header, {a['type']} in the spec")
            if (word == "be32") != (a.get("byte-order") == "big-endian"):
                say(f"{name}: byte order differs")
            m = re.search(r"enum xfrm_ha_(\w+)", comment)
            if m and a.get("enum") != m[1].replace("_", "-"):
                say(f"{name}: {m[0]} in the header, {a.get('enum')} in the "
                    f"spec")
            for lo, hi in re.findall(r"\b(\d+)\.\.(\d+)", comment):
                check_range(name, a, int(lo), int(hi), spec, say)


def resolve(value, spec):
    consts = {d["name"]: d["value"] for d in spec["definitions"]
              if d["type"] == "const"}
    if isinstance(value, str) and value.endswith(" - 1"):
        return consts[value[:-4]] - 1
    return consts.get(value, value)


def check_range(name, attr, low, high, spec, say):
    if attr["type"] == "nest":
        return
    checks = attr.get("checks")
    if not checks:
        return
    full = {"u16": 65535}.get(attr["type"])
    have = (resolve(checks.get("min", checks.get("min-len")), spec),
            resolve(checks.get("max", checks.get("max-len", full)), spec))
    if have != (low, high):
        say(f"{name}: {low}..{high} in the header, {have[0]}..{have[1]} in "
            f"the spec")


def compare_constants(header, spec, say):
    want = {c_name("xfrm-ha", d["name"]): str(d["value"])
            for d in spec["definitions"] if d["type"] == "const"}
    want["XFRM_HA_FAMILY_NAME"] = spec["name"]
    want["XFRM_HA_FAMILY_VERSION"] = str(spec.get("version", 1))
    for g in spec["mcast-groups"]["list"]:
        want[c_name("xfrm-ha-mcgrp", g["name"])] = g["name"]
    have = header["defines"]
    for name in sorted(want.keys() | have.keys()):
        if want.get(name) != have.get(name):
            say(f"{name}: {have.get(name)} in the header, {want.get(name)} in "
                f"the spec")


def compare_operations(spec, say):
    sets = {s["name"]: {a["name"] for a in s["attributes"]}
            for s in spec["attribute-sets"]}
    enums = {d["name"] for d in spec["definitions"] if d["type"] == "enum"}
    names = {op["name"] for op in spec["operations"]["list"]}
    for s in spec["attribute-sets"]:
        for a in s["attributes"]:
            if a.get("enum", next(iter(enums))) not in enums:
                say(f"{s['name']}.{a['name']}: unknown enum {a['enum']}")
            if a.get("nested-attributes", s["name"]) not in sets:
                say(f"{s['name']}.{a['name']}: unknown set "
                    f"{a['nested-attributes']}")
    for op in spec["operations"]["list"]:
        if op.get("notify", op["name"]) not in names:
            say(f"{op['name']}: unknown operation {op['notify']}")
        parts = [op.get("event", {})]
        for mode in ("do", "dump"):
            parts += op.get(mode, {}).values()
        for part in parts:
            for a in part.get("attributes", []):
                if a not in sets.get(op.get("attribute-set"), ()):
                    say(f"{op['name']}: unknown attribute {a}")


def limits(attr, spec):
    """What the specification allows: least, greatest; None where not said."""
    checks = attr.get("checks", {})
    low = checks.get("min", checks.get("min-len"))
    high = checks.get("max", checks.get("max-len"))
    if checks and attr["type"] in nlpolicy.FULL:
        low = low or 0
        if high is None and "enum" in attr:
            high = next(len(d["entries"]) - 1 for d in spec["definitions"]
                        if d["name"] == attr["enum"])
        if high is None:
            high = nlpolicy.FULL[attr["type"]]
    return resolve(low, spec), resolve(high, spec)


def requested(spec):
    """Attributes that a request may have, with their sets: (set, name)."""
    out = set()
    for op in spec["operations"]["list"]:
        for mode in ("do", "dump"):
            request = op.get(mode, {}).get("request", {})
            out |= {(op["attribute-set"], a)
                    for a in request.get("attributes", [])}
    return out


def compare_policies(policies, spec, say):
    """Of what a policy says nothing (bytes of an address) code decides."""
    nested = {a.get("nested-attributes") for s in spec["attribute-sets"]
              for a in s["attributes"]}
    asked = requested(spec)
    left = set(policies)
    for s in spec["attribute-sets"]:
        for a in s["attributes"]:
            name = c_name(s["name-prefix"]) + c_name(a["name"])
            rule = policies.get(name)
            left.discard(name)
            # What is nested in requests; the timeline is not.
            takes = (s["name"], a["name"]) in asked or \
                s["name"] in nested - {"tl"}
            if takes != bool(rule):
                say(f"{name}: {'no' if takes else 'a'} policy, but "
                    f"{'in' if takes else 'not in'} a request of the spec")
            if not rule:
                continue
            if rule.kind != a["type"]:
                say(f"{name}: policy of {rule.kind}, {a['type']} in the spec")
            low, high = limits(a, spec)
            if rule.low is None:
                low = None
            if (low, high) != (rule.low, rule.high):
                say(f"{name}: the policy has {rule.low}..{rule.high}, the spec "
                    f"{low}..{high}")
    for name in sorted(left):
        say(f"{name}: has a policy, but is not in the spec")


def compare(header, spec, policies):
    found = []
    compare_enums(header, spec, found.append)
    compare_types(header, spec, found.append)
    compare_constants(header, spec, found.append)
    compare_operations(spec, found.append)
    compare_policies(policies, spec, found.append)
    return found


def slips():
    """Functions that each put one mistake into a specification."""
    def attrs(spec, name):
        return next(s for s in spec["attribute-sets"]
                    if s["name"] == name)["attributes"]

    def swap(spec):
        a = attrs(spec, "group")
        a[3], a[4] = a[4], a[3]

    def drop(spec):
        attrs(spec, "peer").pop()

    def retype(spec):
        next(a for a in attrs(spec, "sa") if a["name"] == "seq")["type"] = "u32"

    def endian(spec):
        del next(a for a in attrs(spec, "sa")
                 if a["name"] == "spi")["byte-order"]

    def enum(spec):
        next(d for d in spec["definitions"]
             if d["name"] == "state")["entries"].pop(2)

    def const(spec):
        spec["definitions"][0]["value"] += 1

    def limit(spec):
        next(a for a in attrs(spec, "group")
             if a["name"] == "id")["checks"]["max"] = 254

    def operation(spec):
        del spec["operations"]["list"][4]

    def use(spec):
        spec["operations"]["list"][0]["do"]["request"]["attributes"].append("x")

    # The header has no range for these two, only the policy.
    def mask(spec):
        next(a for a in attrs(spec, "group")
             if a["name"] == "encap")["checks"]["max"] = 7

    def unlimited(spec):
        del next(a for a in attrs(spec, "sa") if a["name"] == "group")["checks"]

    def unasked(spec):
        op = next(o for o in spec["operations"]["list"]
                  if o["name"] == "group-set")
        op["do"]["request"]["attributes"].remove("hearing")

    return [swap, drop, retype, endian, enum, const, limit, operation, use,
            mask, unlimited, unasked]


def main():
    with open(HEADER, encoding="utf-8") as f:
        header = parse_header(f.read())
    with open(SPEC, encoding="utf-8") as f:
        spec = yaml.safe_load(f)
    policies = nlpolicy.read(genl.numbers())
    bad = compare(header, spec, policies)
    for line in bad:
        print(f"netlink-spec: {line}", file=sys.stderr)
    for slip in slips():
        broken = copy.deepcopy(spec)
        slip(broken)
        if len(compare(header, broken, policies)) <= len(bad):
            print(f"netlink-spec: does not notice the slip {slip.__name__}",
                  file=sys.stderr)
            bad.append(slip.__name__)
    if not bad:
        print(f"netlink-spec: {sum(len(v) for _, v in header['enums'])} enum "
              f"members and {len(header['defines'])} constants agree, and the limits of "
              f"{len(policies)} attributes")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
