# SPDX-License-Identifier: GPL-2.0-only
"""A campaign in strict mode (XHA_CAMPAIGN_STRICT=1): no number twice, without
any excuse.

An active that lost its channel goes on to the end of each lease, which takes
longer than faults last. So in each second round whose primary fault needs no
channel the channel is cut before it, and some SAs are pushed until they have
stopped. Then the fault comes, and the other node takes over at the ceilings the
first one could not pass. Nobody has to call `xha peer fenced`: a node that took
over is not bounded, and one that was left alone waits for the other's return.
"""

import os
import time

import checker
from node import Broken, mono

STRICT = bool(os.environ.get('XHA_CAMPAIGN_STRICT'))
KIND = 'strict-push'
PUSHED = ('fast', 'beet-gcm', 'ah-tunnel-esn', 'over6-four', 'over6-ah')
NEED_CHANNEL = {'switchover', 'switchover-bulk', 'failed-switchover'}
MORE = 40       # packets behind the ceiling
TRIES = 4


def due(r):
    return STRICT and r.number % 2 == 0 and r.primary not in NEED_CHANNEL


def dropped(node):
    """Packets that a strict node dropped at ceilings; 0 where it is not."""
    return node.group()['strict_dropped'] if STRICT else 0


def outbound(c, node, names):
    """name -> (last number sent, ceiling acknowledged)"""
    spis = {p.out.spi: p.name for p in c.pairs if p.name in names}
    return {spis[int(sa['spi'], 16)]: (sa['sequence'], sa['acked'])
            for sa in node.sas()
            if sa['dir'] == 'out' and int(sa['spi'], 16) in spis}


def burst(c, counts):
    """name -> packets, from the host, all at once."""
    inner = {p.name: p.inner for p in c.pairs}
    c.sh('; '.join('in_ns host "$LIB/burst.py" udp 1 %d 60 $HOST_IN %s & '
                   'p%d=$!' % (n, inner[name], i)
                   for i, (name, n) in enumerate(sorted(counts.items()))) +
         '; wait ' + ' '.join('$p%d' % i for i in range(len(counts))))


def push(c):
    """The active at its ceilings, with nobody to raise them."""
    node = c.gw[c.active]
    if not node.group()['bounded']:
        if not c.overlapping:
            c.blame([('V1', '%s is strict and not bounded, with a hot standby' %
                      node.name)])
        c.note('%s is not bounded' % node.name)
        return
    c.disturbs()
    c.sh('links down synclan:%s' % c.active)
    c.overlapping.append(KIND)
    c.wait(lambda: node.row['channel'] != 'up', 20, 'the channel is down')
    begin, before = mono(), dropped(node)
    # of what is new the standby may have been offered more than it acknowledged
    bounds = {n: acked for n, (_, acked) in outbound(
        c, node, set(PUSHED) - c.churned).items() if acked}
    for _ in range(TRIES):
        now = outbound(c, node, bounds)
        burst(c, {n: max(bounds[n] - seq, 0) + MORE
                  for n, (seq, _) in now.items()})
        time.sleep(0.2)
        if node.group()['stopped'] >= len(bounds) and \
                dropped(node) - before >= len(bounds):
            break
    c.bounds = {(node.name, checker.octets(p.remote), p.out.spi):
                (bounds[p.name], begin, mono())
                for p in c.pairs if p.name in bounds}
    group = node.group()
    c.record['pushed'] = {'sas': len(bounds), 'stopped': group['stopped'],
                          'dropped': dropped(node) - before}
    # what passes is seen on the wire; without it nothing is proven
    if not bounds or (group['stopped'] < len(bounds) and not any(
            seq > bounds[n] for n, (seq, _) in
            outbound(c, node, bounds).items())):
        raise Broken('%d of %d SAs stopped at their ceilings' %
                     (group['stopped'], len(PUSHED)))
