# SPDX-License-Identifier: GPL-2.0-only
"""V2: what the peer sent before a takeover, once more. Part of the driver."""

import json
import time

import checker
import pairs
import pcap
from node import states

REPLAYS_MOST = 1500     # older ones are behind every window


class Replays:
    def replays(self, was):
        """V2: all the peer sent before the takeover, once more."""
        new = self.gw[was['new']]
        takeovers = new.row['takeovers']
        self.paused(True)
        self.rotate()
        old = [(t, f) for t, n, _, f in self.frames
               if n == 'peer' and t < was['cut']]
        pcap.write(self.xt + '/replay.pcap', old[-REPLAYS_MOST:])
        before = {s.spi: s.packets for s in states(new.name)}
        sent = json.loads(self.sh(
            'in_ns stranger "$LIB/replay.py" "$XT/replay.pcap" --dev out '
            '--dst-mac ${OUT_MAC[%s]} --src-mac ${OUT_MAC[stranger]} --vip %s '
            '--rate 2000' % (new.name, pairs.VIP)))['sent']
        after, last = None, 0
        while after != last:
            last = after
            time.sleep(0.3)
            after = {s.spi: s.packets for s in states(new.name)}
        self.paused(False)
        if new.row['takeovers'] != takeovers or new.row['role'] != 'active':
            self.note('the role moved while packets were replayed')
            return
        self.judge_replays(was, sent, before, after)

    def judge_replays(self, was, sent, before, after):
        seen = {}
        for t, node, _, frame in self.frames:
            if node == 'peer' and was['when'] <= t < was['cut']:
                p = checker.parse(frame)
                if p.kind == 'esp':
                    seen[p.spi] = seen.get(p.spi, 0) + 1
        accepted, bounds = {}, {}
        for p in self.pairs:
            spi = p.back.spi
            if spi not in before or spi not in after:
                continue
            accepted[p.name] = after[spi] - before[spi]
            sa = was['sas'].get(('in', spi))
            if was['planned']:
                bounds[p.name] = 0
            else:
                bounds[p.name] = 16 + (sa['exposure'] if sa else 10**6) + \
                    seen.get(spi, 0)
        self.blame(checker.check_replays(accepted, bounds))
        self.record['replayed'] = {'sent': sent,
                                   'accepted': sum(accepted.values()),
                                   'most': max(accepted.values(), default=0)}
