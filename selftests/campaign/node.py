# SPDX-License-Identifier: GPL-2.0-only
"""Talking to the shell (lib.sh), to gateways and to their kernels. Used by the
driver only; nothing is judged here."""

import json
import os
import re
import subprocess
import time

import pairs

HERE = os.path.dirname(os.path.abspath(__file__))
VIPS = (('out', pairs.VIP), ('out', pairs.VIP6), ('in', '10.1.0.1'))
MARK = '\1'


class Broken(Exception):
    """The round cannot go on."""


class Unjudged(Exception):
    """The round proves nothing."""


def mono():
    return time.monotonic()


class Shell:
    """A shell with lib.sh and campaign.sh, one command at a time."""
    def __init__(self):
        self.process = subprocess.Popen(
            ['bash'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self('set -u; . %s/campaign.sh' % HERE)

    def __call__(self, command, may_fail=False):
        self.process.stdin.write('{ %s\n} </dev/null; printf "\\n\\001%%d\\n" $?\n'
                                 % command)
        self.process.stdin.flush()
        out = []
        for line in self.process.stdout:
            if line.startswith(MARK):
                status = int(line[1:])
                break
            out.append(line)
        else:
            raise Broken('the shell ended in "%s": %s' %
                         (command, ''.join(out).strip()[-400:]))
        text = ''.join(out).strip()
        if status and not may_fail:
            raise Broken('"%s" failed (%d): %s' % (command, status, text[-400:]))
        self.status = status
        return text

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def run(args, check=True, **kw):
    done = subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors='replace',
                          check=False, **kw)
    if check and done.returncode:
        raise Broken('"%s" failed: %s' % (' '.join(args[:8]),
                                          done.stdout.strip()[-300:]))
    return done.stdout


def batch(ns, commands, force=False):
    """Argument lists for ip, in one process."""
    lines = '\n'.join(' '.join(a if ' ' not in a else '"%s"' % a for a in args)
                      for args in commands)
    args = ['ip', '-n', ns] + (['-force'] if force else []) + ['-batch', '-']
    return run(args, check=not force, input=lines + '\n')


SA_HEAD = re.compile(r'^src (\S+) dst (\S+)')


class XfrmSa:
    """One SA of `ip -s xfrm state`."""
    def __init__(self, src, dst):
        self.src, self.dst = src, dst
        self.proto = None
        self.spi = self.reqid = self.packets = 0
        self.lines = []


def parse_states(text):
    found, current = [], None
    lines = text.split('\n')
    for i, line in enumerate(lines):
        head = SA_HEAD.match(line)
        if head:
            current = XfrmSa(*head.groups())
            found.append(current)
        elif current is None:
            continue
        elif not current.spi and ' spi 0x' in line:
            words = line.split()
            current.proto = words[words.index('proto') + 1]
            current.spi = int(words[words.index('spi') + 1].split('(')[0], 16)
            current.reqid = int(words[words.index('reqid') + 1].split('(')[0])
        elif 'lifetime current' in line:
            numbers = re.findall(r'(\d+)\((?:bytes|packets)\)', lines[i + 1])
            current.packets = int(numbers[1])
        current.lines.append(line)
    return found


def states(ns):
    return parse_states(run(['ip', '-n', ns, '-s', 'xfrm', 'state']))


POLICY = re.compile(r'^src (?P<src>\S+) dst (?P<dst>\S+)[^\n]*\n'
                    r'\s+dir (?P<dir>\w+) priority (?P<priority>\d+)[^\n]*\n'
                    r'\s+tmpl src (?P<here>\S+) dst (?P<there>\S+)[^\n]*\n'
                    r'\s+proto \S+ (?:spi \S+ )?reqid (?P<reqid>\d+)', re.M)


def parse_policies(text, vips):
    return [(m['dir'], m['src'], m['dst'], int(m['priority']), int(m['reqid']))
            for m in POLICY.finditer(text)
            if {m['here'], m['there']} & set(vips)]


class Gateway:
    def __init__(self, name, scratch):
        self.name = name
        self.scratch = scratch
        self.life = 0
        self.said = []          # all that xha printed since last asked
        self.born = mono()
        self.begin()

    def begin(self):
        """A new life of the node."""
        self.rows = []
        self.synced = None      # when it first was
        self.read = 0
        self.acquires_read = 0
        self.foreign_as = []    # as shown when they were made
        self.dead = []          # [from, to] of its helper

    # ---- what rolewatch tells ----

    def refresh(self):
        path = '%s/watch-%s.log' % (self.scratch, self.name)
        try:
            with open(path) as file:
                file.seek(self.read)
                text = file.read()
        except FileNotFoundError:
            return
        whole = text.rfind('\n') + 1
        self.read += whole
        for line in text[:whole].splitlines():
            if not line.startswith('{'):
                continue
            row = json.loads(line)
            self.rows.append(row)
            if self.synced is None and row['state'] in ('standby hot', 'active'):
                self.synced = row['at'] / 1e9

    @property
    def row(self):
        self.refresh()
        return self.rows[-1] if self.rows else {
            'role': 'none', 'state': 'none', 'channel': 'none', 'epoch': 0,
            'epoch_node': 0, 'takeovers': 0, 'begin': 0}

    def state(self):
        return self.row['state']

    # ---- commands ----

    def xha(self, *args, check=True):
        text = run(['nsenter', '--net=/run/netns/' + self.name, 'xha',
                    '--socket', '%s/%s/xhad.sock' % (self.scratch, self.name)] +
                   list(args), check=check)
        self.said.append(text)
        return text

    def group(self):
        return json.loads(self.xha('-j', 'show', 'redundancy', 'states'))[
            'groups'][0]

    def sas(self):
        return json.loads(self.xha('-j', 'show', 'crypto', 'ipsec', 'sa'))['sas']

    def verify(self):
        text = self.xha('-j', 'verify', check=False)
        try:
            return json.loads(text)[0]['result']
        except (ValueError, LookupError, TypeError):
            return text.strip() or 'nothing'

    def vips(self):
        """How many of the three it has"""
        text = run(['ip', '-n', self.name, '-o', 'addr', 'show'])
        return sum(bool(re.search(r' %s +inet6? %s/' % (dev, re.escape(vip)), text))
                   for dev, vip in VIPS)

    def policies(self, vips):
        """Those with one of the VIPs as an endpoint: (direction, source,
        destination, priority, reqid)"""
        return parse_policies(run(['ip', '-n', self.name, 'xfrm', 'policy']), vips)


class Flows:
    """The counts of the two pings processes: name -> (sent, replies, twice,
    when the last reply came in s)."""
    def __init__(self, scratch):
        self.files = ['%s/pings-%s.p' % (scratch, ns) for ns in ('host', 'peer')]

    def read(self):
        found = {}
        for path in self.files:
            with open(path) as file:
                for line in file:
                    name, *rest = line.split()
                    found[name] = tuple(int(x) for x in rest[:3]) + (
                        int(rest[3]) / 1000,)
        return found

    def settled(self, seconds, names=None):
        """(sent, replies) in which requests under way do not count: the fewest
        outstanding at any moment of a while, per flow."""
        least = {}
        end = mono() + seconds
        while True:
            now = self.read()
            for name, row in now.items():
                gap = row[0] - row[1]
                least[name] = min(least.get(name, gap), gap)
            if mono() >= end:
                break
            time.sleep(0.05)
        return {name: (row[0], row[0] - least[name])
                for name, row in now.items() if names is None or name in names}
