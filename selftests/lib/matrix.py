#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A matrix of SAs and policies, and whether two kernels show the same ones.

  matrix.py gen SEED COUNT VIP4 VIP6     arguments of `ip`, quoted for a shell
  matrix.py compare A B [--lease N] [--now-a S --now-b S --elapsed S]

A and B hold what `ip -d -s xfrm state` and `ip -d -s xfrm policy` print. Every
field counts, but for those that name the moment or the machine: dates count as
ages, outbound numbers may be ahead by a lease and limited use by a step of its
limit, indexes of policies are local.
"""
import argparse
import datetime
import itertools
import json
import random
import re
import shlex
import sys

AEAD = [("rfc4106(gcm(aes))", (20, 28, 36), (64, 96, 128)),
        ("rfc4309(ccm(aes))", (19, 27, 35), (64, 96, 128)),
        ("rfc4543(gcm(aes))", (20, 28, 36), (128,)),
        ("rfc7539esp(chacha20,poly1305)", (36,), (128,))]
CIPHER = [("cbc(aes)", (16, 24, 32)), ("cbc(des)", (8,)), ("cbc(des3_ede)", (24,)),
          ("cbc(camellia)", (16, 32)), ("cbc(serpent)", (16, 32)),
          ("cbc(twofish)", (16, 32)), ("cbc(blowfish)", (16, 56)),
          ("cbc(cast5)", (16,)), ("rfc3686(ctr(aes))", (20, 28, 36)),
          ("ecb(cipher_null)", (0,))]
AUTH = [("hmac(md5)", 16, (96, 128)), ("hmac(sha1)", 20, (96, 160)),
        ("hmac(sha256)", 32, (96, 128, 256)), ("hmac(sha384)", 48, (192,)),
        ("hmac(sha512)", 64, (256, 512)), ("hmac(rmd160)", 20, (96,)),
        ("xcbc(aes)", 16, (96,)), ("cmac(aes)", 16, (96,)),
        ("digest_null", 0, (0,))]
WINDOWS = (0, 1, 32, 64, 128, 256, 1024, 4096)
FLAGS = ("noecn", "decap-dscp", "nopmtudisc", "wildrecv", "icmp", "align4",
         "af-unspec")


class Generator:
    def __init__(self, seed, vip4, vip6):
        self.rnd = random.Random(seed)
        self.vip = {4: vip4, 6: vip6}
        self.spi = 0x10000
        ciphers = [("aead", name, key, icv) for name, keys, icvs in AEAD
                   for key, icv in itertools.product(keys, icvs)]
        pairs = list(itertools.product(
            [(n, k) for n, ks in CIPHER for k in ks],
            [(n, k, t) for n, k, ts in AUTH for t in ts]))
        self.rnd.shuffle(pairs)
        # each cipher and each authenticator once, before any pair twice
        seen, first, rest = set(), [], []
        for pair in pairs:
            new = {pair[0], pair[1]} - seen
            (first if new else rest).append(("pair",) + pair)
            seen |= new
        ah = [("ah", n, k, t) for n, k, ts in AUTH for t in ts if k]
        self.algs = itertools.cycle(ciphers + first + ah + rest[:12])
        self.shapes = itertools.cycle(itertools.product(
            (4, 6), ("tunnel", "transport", "beet"), ("in", "out")))

    def key(self, octets):
        return "0x" + self.rnd.randbytes(octets).hex() if octets else '""'

    def one_of(self, chance, text):
        return text if self.rnd.random() < chance else ""

    def remote(self, family):
        if family == 4:
            return "192.0.2.%d" % self.rnd.randrange(100, 200)
        return "2001:db8:2::%x" % self.rnd.randrange(1, 65535)

    def net(self, family):
        if family == 4:
            return "10.%d.%d.0/24" % (self.rnd.randrange(256),
                                      self.rnd.randrange(256))
        return "2001:db8:%x::/64" % self.rnd.randrange(256, 65535)

    def selector(self, family, ends=None):
        text = "src %s dst %s" % (ends or (self.net(family), self.net(family)))
        kind = self.rnd.randrange(6)
        if kind == 0:
            text += " proto udp sport %d dport %d" % (
                self.rnd.randrange(1, 65536), self.rnd.randrange(1, 65536))
        elif kind == 1:
            text += " proto tcp dport %d" % self.rnd.randrange(1, 65536)
        elif kind == 2:
            text += " proto gre key %d" % self.rnd.randrange(1, 2**32)
        return text

    def limits(self):
        text = ""
        for name, least in (("time-soft", 5000), ("time-hard", 9000),
                            ("time-use-soft", 5000), ("time-use-hard", 9000),
                            ("byte-soft", 10**9), ("byte-hard", 10**10),
                            ("packet-soft", 10**7), ("packet-hard", 10**8)):
            text += self.one_of(0.15, " limit %s %d" % (
                name, least + self.rnd.randrange(1000)))
        return text

    def algorithms(self):
        alg = next(self.algs)
        if alg[0] == "aead":
            return "esp", "aead %s %s %d" % (shlex.quote(alg[1]), self.key(alg[2]), alg[3])
        if alg[0] == "ah":
            return "ah", "auth-trunc %s %s %d" % (
                shlex.quote(alg[1]), self.key(alg[2]), alg[3])
        (cipher, ckey), (auth, akey, trunc) = alg[1:]
        text = "enc %s %s" % (shlex.quote(cipher), self.key(ckey))
        if akey:
            text += " auth-trunc %s %s %d" % (
                shlex.quote(auth), self.key(akey), trunc)
        return "esp", text

    def replay(self, inbound):
        seq = self.rnd.randrange(1, 2**30)
        what = "replay-seq" if inbound else "replay-oseq"
        window = self.rnd.choice(WINDOWS)
        if self.rnd.random() < 0.4 and window:
            text = " flag esn replay-window %d" % window
            text += " %s %d %s-hi %d" % (what, seq, what, self.rnd.randrange(4))
        else:
            text = " replay-window %d %s %d" % (window, what, seq)
        return text

    def state(self):
        family, mode, way = next(self.shapes)
        proto, algs = self.algorithms()
        if proto == "ah" and mode == "beet":
            mode = "transport"    # ip knows no such thing
        self.spi += 1
        ends = [self.vip[family], self.remote(family)]
        if way == "in":
            ends.reverse()
        text = "xfrm state add src %s dst %s proto %s spi 0x%x" % (
            *ends, proto, self.spi)
        text += " reqid %d mode %s" % (self.rnd.randrange(1, 2**16), mode)
        text += self.replay(way == "in") + " " + algs
        flags = [f for f in FLAGS if self.rnd.random() < 0.12]
        if mode != "tunnel":
            flags = [f for f in flags if f != "af-unspec"]
        text += "".join(" flag " + f for f in flags)
        text += self.one_of(0.2, " mark 0x%x mask 0x%x" % (
            self.rnd.randrange(2**16), 0xffff))
        text += self.one_of(0.2, " if_id 0x%x" % self.rnd.randrange(1, 2**16))
        text += self.one_of(0.2, " output-mark 0x%x mask 0x%x" % (
            self.rnd.randrange(2**16), self.rnd.randrange(2**16)))
        text += self.one_of(0.1, " extra-flag dont-encap-dscp")
        if proto == "esp" and mode == "tunnel":
            text += self.one_of(0.2, " tfcpad %d" % self.rnd.randrange(1, 1400))
        if proto == "esp":
            # the original address, which NAT-T of IKE tells, or none
            oa = self.rnd.choice((self.remote(family), "0.0.0.0" if family == 4 else "::"))
            text += self.one_of(0.3, " encap espinudp 4500 %d %s" %
                                (self.rnd.randrange(1024, 65536), oa))
        inner = family
        if mode != "transport" and self.rnd.random() < 0.3:
            inner = 10 - family
        if mode == "beet":
            text += " sel src %s dst %s" % ((self.host(inner), self.host(inner)))
        elif mode == "tunnel" and "af-unspec" not in flags:
            text += " sel " + self.selector(inner)
        return text + self.limits()

    def host(self, family):
        return self.net(family).replace(".0/24", ".7/32").replace("::/64", "::7/128")

    def template(self, way, ends, mode, reqid, proto):
        text = " tmpl"
        if ends:
            text += " src %s dst %s" % ends
        text += " proto %s reqid %d mode %s" % (proto, reqid, mode)
        if way != "out":
            text += self.one_of(0.1, " level use")
        return text

    def templates(self, way, ends, mode):
        reqid = self.rnd.randrange(1, 2**16)
        # of BEET there is no AH
        proto = "esp" if mode == "beet" else self.rnd.choice(("esp", "ah"))
        text = self.template(way, ends, mode, reqid, proto)
        if self.rnd.random() < 0.2:
            text += self.template(way, ends, "transport", reqid, "ah")
        return text

    def policy(self):
        family, way = self.rnd.choice((4, 6)), self.rnd.choice(("in", "out", "fwd"))
        mode = self.rnd.choice(("tunnel", "tunnel", "beet", "transport"))
        ends = self.vip[family], self.remote(family)
        if way != "out":
            ends = ends[::-1]
        if mode == "transport":
            # of the VIP's own traffic, which the selector alone may say
            length = "/32" if family == 4 else "/128"
            text = self.selector(family, tuple(e + length for e in ends))
            if family == 4 and self.rnd.random() < 0.5:
                ends = None
        else:
            inner = family if self.rnd.random() < 0.7 else 10 - family
            text = self.selector(inner)
        text = "xfrm policy add %s dir %s" % (text, way)
        text += self.one_of(0.1, " ptype sub")
        text += self.one_of(0.2, " mark 0x%x mask 0x%x" % (
            self.rnd.randrange(2**16), 0xffff))
        text += self.one_of(0.2, " if_id 0x%x" % self.rnd.randrange(1, 2**16))
        text += " priority %d" % self.rnd.randrange(1, 10**6)
        text += self.one_of(0.1, " flag localok") + self.one_of(0.1, " flag icmp")
        text += self.one_of(0.05, " action block")
        text += self.limits()
        return text + self.templates(way, ends, mode)


def generate(args):
    gen = Generator(args.seed, args.vip4, args.vip6)
    for _ in range(args.count):
        print(gen.state())
    for _ in range(args.count // 2):
        print(gen.policy())


DATE = re.compile(r"(add|use) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")


def ages(line, now):
    def age(match):
        then = datetime.datetime.strptime(match[2], "%Y-%m-%d %H:%M:%S")
        then = then.replace(tzinfo=datetime.timezone.utc).timestamp()
        return "%s @%d" % (match[1], now - then)
    return DATE.sub(age, line)


def blocks(path, now):
    """Objects by identity, each a list of lines."""
    found, lines = {}, []
    with open(path) as file:
        for line in itertools.chain(file, ["src end"]):
            if line.startswith("src ") and lines:
                found[identity(lines)] = lines
                lines = []
            line = re.sub(r"\bindex \d+ ", "", line.strip())
            # the comments of ip: enums in words
            line = re.sub(r"(0x[0-9a-f]+)\(\d+\)", r"\1", line)
            if line:
                lines.append(ages(line, now))
    return found


def identity(lines):
    head = " ".join(lines[:3])
    if " spi " in head:
        return re.sub(r"reqid.*", "", " ".join(lines[:2]))
    return " ".join(lines[:2]) + " " + " ".join(
        l for l in lines if l.startswith(("mark", "if_id")))


def positions(lines):
    """The outbound number, and the lines without it."""
    oseq, rest = 0, []
    for line in lines:
        for hi, name in ((32, "oseq-hi"), (0, "oseq")):
            match = re.search(r"\b%s (0x[0-9a-f]+)" % name, line)
            if match:
                oseq += int(match[1], 16) << hi
                line = line.replace(match[0], name + " *")
        rest.append(line)
    return oseq, rest


def uses(lines):
    """Bytes and packets used, each with the least step of its limits (see
    kmod/life.h), and the lines without what was used."""
    steps, used, rest = [], [0, 0], []
    for line in lines:
        match = re.fullmatch(r"limit: soft (.*)\((?:bytes|packets)\), "
                             r"hard (.*)\((?:bytes|packets)\)", line)
        if match:
            finite = [int(l) for l in match.groups() if l != "(INF)"]
            steps.append(max(min(finite) // 256, 1) if finite else 0)
        match = re.fullmatch(r"(\d+)\(bytes\), (\d+)\(packets\)", line)
        if match:
            used = [int(n) for n in match.groups()]
            line = "*(bytes), *(packets)"
        rest.append(line)
    return list(zip(used, steps)), rest


def alike(a, b, args):
    """Two lines, with ages that grew by what elapsed."""
    pattern = re.compile(r"@(-?\d+)")
    if pattern.sub("@", a) != pattern.sub("@", b):
        return False
    return all(abs(int(y) - int(x) - args.elapsed) <= args.tolerance for x, y in
               zip(pattern.findall(a), pattern.findall(b)))


def differences(ident, a, b, args):
    oseq_a, a = positions(a)
    oseq_b, b = positions(b)
    if not oseq_a <= oseq_b <= oseq_a + 2 * args.lease:
        yield "oseq %d, then %d" % (oseq_a, oseq_b)
    uses_a, a = uses(a)
    uses_b, b = uses(b)
    for (x, step), (y, _) in zip(uses_a, uses_b):
        # ahead where it is limited, by what a role taken without a hand-over
        # adds on both sides
        if not x <= y <= x + 2 * step:
            yield "used %d, then %d; step %d" % (x, y, step)
    for x, y in itertools.zip_longest(a, b, fillvalue=""):
        if not alike(x, y, args):
            yield "%s | %s" % (x, y)


def compare(args):
    a = blocks(args.a, args.now_a)
    b = blocks(args.b, args.now_b)
    wrong = ["only in A: " + i for i in a.keys() - b.keys()]
    wrong += ["only in B: " + i for i in b.keys() - a.keys()]
    for ident in sorted(a.keys() & b.keys()):
        wrong += ["%s: %s" % (ident, d)
                  for d in differences(ident, a[ident], b[ident], args)]
    json.dump({"a": len(a), "b": len(b), "differences": len(wrong),
               "examples": wrong[:20]}, sys.stdout, indent=1)
    print()
    return 1 if wrong or not a else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    gen = verbs.add_parser("gen")
    gen.add_argument("seed", type=int)
    gen.add_argument("count", type=int)
    gen.add_argument("vip4")
    gen.add_argument("vip6")
    cmp_ = verbs.add_parser("compare")
    cmp_.add_argument("a")
    cmp_.add_argument("b")
    cmp_.add_argument("--lease", type=int, default=0)
    cmp_.add_argument("--tolerance", type=int, default=2)
    cmp_.add_argument("--elapsed", type=int, default=0)
    cmp_.add_argument("--now-a", type=float, default=0)
    cmp_.add_argument("--now-b", type=float, default=0)
    args = parser.parse_args()
    if args.verb == "gen":
        generate(args)
        return 0
    return compare(args)


if __name__ == "__main__":
    sys.exit(main())
