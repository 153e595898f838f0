# SPDX-License-Identifier: GPL-2.0-only
"""V2: what the peer sent before a takeover, once more. Part of the driver."""

import json

import checker
import pairs
import pcap
from checker import IPSEC
from node import Unjudged, states

INTERVAL_IN = 16        # campaign.sh
REPLAYS_MOST = 1500     # older ones are behind every window


class Replays:
    def is_for_us(self, p):
        return p.kind in IPSEC and p.dst in self.wire.vips

    def replays(self, was):
        """V2: all the peer sent before the takeover, once more."""
        new = self.gw[was['new']]
        takeovers = new.row['takeovers']
        self.paused(True)
        self.rotate()
        # what came in a hand-over was held, and has been forwarded
        end = new.row['begin'] / 1e9 if was['planned'] else was['cut']
        old = [(t, f) for t, n, _, f in self.frames if n == 'peer' and t < end and
               not any(a <= t <= b for a, b in self.unheard) and
               self.is_for_us(checker.parse(f))]
        pcap.write(self.xt + '/replay.pcap', old[-REPLAYS_MOST:])
        before = {s.spi: s.packets for s in states(new.name)}
        sent = json.loads(self.sh(
            'in_ns stranger taskset -c 0 "$LIB/replay.py" "$XT/replay.pcap" '
            '--dev out --dst-mac ${OUT_MAC[%s]} --src-mac ${OUT_MAC[stranger]} '
            '--rate 2000' % new.name))['sent']
        # a live packet behind the last of them, by the same CPU
        last = next(p for p in self.pairs[1:] if p.name not in self.churned and
                    p.mode == 'tunnel' and p.family == p.outer == 4)
        self.sh('in_ns peer taskset -c 0 ping -q -c 1 -W %d -I %s %s' % (
            10 * self.factor, last.inner, pairs.HOST), may_fail=True)
        lost = self.sh.status
        after = {s.spi: s.packets for s in states(new.name)}
        after[last.back.spi] = after.get(last.back.spi, 0) - 1
        self.paused(False)
        if new.row['takeovers'] != takeovers or new.row['role'] != 'active':
            self.note('the role moved while packets were replayed')
            return
        if not sent or lost:
            raise Unjudged('a live packet was lost' if lost else
                           'nothing was replayed')
        self.judge_replays(was, sent, before, after)

    def exposed(self, sas):
        """V2: what is not acknowledged with nothing in the way: an interval, and
        what came in the second in which the rest is told."""
        rates = {p.back.spi: 2 * p.rate for p in self.pairs}
        self.blame(checker.check_exposure(
            [sa for sa in sas if sa['dir'] == 'in'],
            {spi: INTERVAL_IN + rate * self.factor
             for spi, rate in rates.items()}))

    def judge_replays(self, was, sent, before, after):
        seen = {}
        for t, node, _, frame in self.frames:
            if node == 'peer' and was['when'] <= t < was['cut']:
                p = checker.parse(frame)
                if p.kind in IPSEC:
                    seen[p.spi] = seen.get(p.spi, 0) + 1
        accepted, bounds = {}, {}
        for p in self.pairs:
            spi = p.back.spi
            if spi not in before or spi not in after:
                continue
            sa = was['sas'].get(('in', spi))
            if was['planned']:
                bounds[p.name] = 0
            elif sa:
                bounds[p.name] = INTERVAL_IN + sa['exposure'] + seen.get(spi, 0)
            elif p.name in self.churned:
                continue        # the standby may not know it, either
            else:
                raise Unjudged('%s: nobody knows how exposed it was' % p.name)
            accepted[p.name] = after[spi] - before[spi]
        if not accepted:
            raise Unjudged('no SA was there before and after the replays')
        self.record['judged'].append('V2')
        self.blame(checker.check_replays(accepted, bounds))
        self.record['replayed'] = {'sent': sent,
                                   'accepted': sum(accepted.values()),
                                   'most': max(accepted.values(), default=0)}
