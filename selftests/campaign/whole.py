# SPDX-License-Identifier: GPL-2.0-only
"""What each node of the pair has to have. Part of the driver."""

import time

import checker
from checker import IPSEC, octets
from node import batch, mono
from pairs import VIPS

OUTSIDE = tuple(VIPS.values())


class Whole:
    def holds_all(self, standby, known):
        """Whether it has all pairs but those that changed since it heard."""
        if self.overlapping or self.failed:
            return standby.synced is not None and not known['sas_refused']
        if known['sas'] == 2 * len(self.pairs) and not known['sas_refused']:
            return True
        self.blame([('V8', '%s is hot with %d SAs of %d, %d refused' % (
            standby.name, known['sas'], 2 * len(self.pairs),
            known['sas_refused']))])
        return False

    def policy_table(self):
        return {p.name: p.policy_rows() for p in self.pairs}

    def in_place(self, was):
        """V4 at the new active, which has all that did not change since the
        standby heard, and V7: nothing that is no more."""
        new = self.gw[was['new']]
        want, may = [], None
        loose = {p.name for p in self.pairs}
        if was['whole']:
            late = was['changes'] or self.overlapping or self.failed
            loose = self.churned | self.updated if late else set()
            want = [s.spi for p in self.pairs if p.name not in loose & self.churned
                    for s in (p.out, p.back)]
            if not self.overlapping and not self.failed:
                may = [s.spi for p in self.pairs
                       for s in (p.out, p.back, p.old_out, p.old_back)
                       if s and (s in (p.out, p.back) or p.name in loose)]
        found = checker.check_active(new.name, new.sas(), self.spis(new.name),
                                     want, may) + \
            checker.check_policies(new.name, new.policies(OUTSIDE),
                                   self.policy_table(), loose)
        if new.row['role'] == 'active':
            self.blame(found)
            self.record['adopted'] = [len(want), len(self.pairs) - len(loose)]

    def reconcile(self):
        """What an IKE daemon would find out: pairs of which either end lacks
        an SA are made anew. Returns how many."""
        g = self.gw[self.active]
        here, policies = set(self.spis(g.name)), set(g.policies(OUTSIDE))
        there = set(self.spis('peer'))
        made = []
        for p in self.pairs:
            mine = {p.out.spi, p.back.spi}
            if mine <= here and mine <= there:
                if p.name in self.churned | self.updated and \
                        not policies >= set(p.policy_rows()):
                    batch(self.active, p.policies(False, 'update'))
                continue
            made.append(p.name)
            old = [s for s in (p.out, p.back, p.old_out, p.old_back) if s]
            for ns in (self.active, 'peer'):
                batch(ns, [s.delete() for s in old], force=True)
            new = self.new_life(p)
            batch('peer', [s.add() for s in new])
            batch(self.active, [s.add() for s in new] +
                  p.policies(False, 'update'))
        keep = {s.spi for p in self.pairs for s in (p.out, p.back)}
        for ns in (self.active, 'peer'):
            extra = [s for s in self.group_states(ns) if s.spi and
                     s.spi not in keep]
            batch(ns, [['xfrm', 'state', 'delete', 'src', s.src, 'dst', s.dst,
                        'proto', s.proto, 'spi', hex(s.spi)] for s in extra])
        return made

    def sent_by(self, node):
        """SPI -> the last number a node has sent, of present SAs."""
        own = {}
        for p in self.pairs:
            one = self.wire.life(octets(p.remote), p.out.spi)
            own[p.out.spi] = one.sent_by(node).last
        # what this round's frames say is not judged yet
        for _, sender, lan, frame in self.frames:
            if sender == node and lan == 'outlan':
                p = checker.parse(frame)
                if p.kind in IPSEC and p.src in self.wire.vips:
                    own[p.spi] = max(own.get(p.spi, 0), p.seq)
        return own

    def compare(self):
        """The standby's shadows beside the active's SAs, which are returned."""
        self.rotate()
        own = self.sent_by(self.standby)
        end = mono() + 3 * self.factor
        while True:
            first = self.gw[self.active].sas()
            shadows = self.gw[self.standby].sas()
            live = self.gw[self.active].sas()
            found = checker.check_pair(shadows, live, own) + \
                checker.check_applied(first, shadows)
            if mono() > end or not found or any(v != 'V8' for v, _ in found):
                break
            time.sleep(0.3)     # a change may still be under way
        self.blame(found)
        return live

    def settled_states(self, whole):
        """Everything that can be asked of a pair that has found together."""
        if whole:
            self.blame(checker.check_policies(
                self.active, self.gw[self.active].policies(OUTSIDE),
                self.policy_table(), self.churned | self.updated))
        made = self.reconcile()
        if made:
            self.record['renegotiated'] = made
            lost = set(made) - self.churned
            if whole and lost:
                self.blame([('V4', 'SAs were lost: ' +
                             ' '.join(sorted(lost)))])
            self.wait_hot('hot after renegotiation')
        dead = self.wait_flows(self.pair_names(), 15)
        if dead:
            self.blame([('V8', 'no traffic after all is healed: ' +
                         ' '.join(sorted(dead)))])
        active, standby = self.gw[self.active], self.gw[self.standby]
        live = self.compare()
        want = [s.spi for p in self.pairs for s in (p.out, p.back)]
        self.blame(checker.check_active(active.name, live,
                                        self.spis(active.name), want, want))
        self.blame(checker.check_policies(
            active.name, active.policies(OUTSIDE), self.policy_table()))
        self.blame(checker.check_standby(
            standby.name, self.spis(standby.name),
            len(standby.policies(OUTSIDE))))
