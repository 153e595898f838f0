#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does Documentation/sa-fields.md name each field of struct xfrm_state and
struct xfrm_policy, as the headers of the guests' kernels have them? Proves on two
slips that it would notice.
"""
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
CACHE = os.environ.get("XHA_CACHE", os.path.join(
    os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "xfrm-ha"))
TABLES = {"xfrm_state": "# What of an SA", "xfrm_policy": "# What of a policy"}


def members(header, struct):
    """Names of the members; those of "struct { } props" as props.NAME."""
    text = re.search(r"^struct %s \{(.*?)^\};" % struct, header, re.S | re.M)[1]
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    names, inner, depth = set(), [], 0
    for part in re.findall(r"[^;{}]*[;{}]", text):
        words = part[:-1].strip()
        if part.endswith("{"):
            depth += 1
            inner = []
        elif depth and part.endswith("}"):
            continue
        elif depth and inner is not None and re.fullmatch(r"\w*", words):
            # the name of the nested one, if any
            names |= {(words + "." if words else "") + n for n in inner}
            depth -= 1
        else:
            found = [re.search(r"(\w+)(\[\w+\])?$", one.strip())[1]
                     for one in words.split(",")]
            (inner.extend if depth else names.update)(found)
    return names


def documented(text, heading):
    """Words in the first column of the table below @heading."""
    part = text.split(heading, 1)[1].split("\n# ", 1)[0]
    cells = re.findall(r"^\| ([^|]*) \|", part, re.M)
    return set(re.findall(r"[a-z_]\w*(?:\.\w+)?", " ".join(cells)))


def missing(header, text, struct):
    """Members that neither they nor anything inside of them is named."""
    said = documented(text, TABLES[struct])
    for name in sorted(members(header, struct)):
        if name not in said and name.split(".")[-1] not in said and \
                not any(s.startswith(name + ".") for s in said):
            yield "struct %s: %s is not in the table" % (struct, name)


def check(headers, text):
    return ["%s: %s" % (path, one) for path, header in headers
            for struct in TABLES for one in missing(header, text, struct)]


def notices(headers, text):
    """A member that is new, and one whose row is gone, are found."""
    new = [(p, h.replace("struct xfrm_policy {", "struct xfrm_policy {\n\tu32 brand_new;"))
           for p, h in headers]
    less = re.sub(r"^\| curlft.bytes.*\n", "", text, flags=re.M)
    less = re.sub(r"^\| curlft.add_time.*\n", "", less, flags=re.M)
    return len(check(new, text)) == len(headers) and \
        len(check(headers, less)) == 2 * len(headers)


def main():
    with open(os.path.join(TOP, "Documentation/sa-fields.md")) as file:
        text = file.read()
    headers = []
    for path in sorted(glob.glob(CACHE + "/stock-*/usr/src/*/include/net/xfrm.h")):
        with open(path) as file:
            headers.append((path.split("/usr/src/")[1].split("/")[0], file.read()))
    if not headers:
        print("no headers of the guests' kernels: selftests/vm/module makes them")
        return 1
    bad = check(headers, text)
    for one in bad:
        print(one)
    if not bad and not notices(headers, text):
        print("a slip made on purpose was not noticed")
        return 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
