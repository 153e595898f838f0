# SPDX-License-Identifier: GPL-2.0-only
"""What a campaign does, from its seed alone.

Each round has one primary fault, which moves the active role, and two others
at random moments before, while or after it does. Kinds come from shuffled
decks, so that in any 200 rounds each occurs at least 15 times; parameters come
from the seed and the round's number only, so that a round can be repeated
without those before it, and a longer campaign begins like a shorter one.
"""

import random

# kind -> chance that the replays of the round are judged
PRIMARY = {
    'crash': 1.0,           # all links of the active are cut at once
    'helper-crash': 1.0,    # its helper is killed, then its links are cut
    'node-loss': 1.0,       # its namespace goes, with all the module has of it
    'outside-down': 0.5,    # the active's outside link is cut
    'inside-down': 0.5,     # its inside link
    'mute': 0.0,            # all links of the active are cut one way: out
    'split-brain': 0.0,     # all between the two is cut, both live
    'split-return': 0.0,    # the same, and the new active gives up before
                            # they meet
    'switchover': 1.0,      # planned
    'switchover-bulk': 1.0,     # planned, while a snapshot is under way
    'failed-switchover': 0.0,   # the channel is cut in a hand-over; then a crash
}

# kind -> (phases, needs). Phases: pre, with the pair whole; mid, as the primary
# fault happens; post, while the pair gets together again.
SECONDARY = {
    'channel-cut': ('pre', 'mid', 'post'),
    'channel-oneway': ('pre', 'mid', 'post'),
    'channel-flap': ('pre', 'post'),
    'channel-loss': ('pre', 'mid', 'post'),
    'channel-delay': ('pre', 'mid', 'post'),
    'channel-reorder': ('pre', 'mid', 'post'),
    'channel-duplicate': ('pre', 'mid', 'post'),
    'outside-oneway': ('pre', 'post'),
    'inside-oneway': ('pre', 'post'),
    'standby-outside-down': ('pre',),
    'standby-inside-down': ('pre',),
    'helper-kill-active': ('pre', 'post'),
    'helper-kill-standby': ('pre', 'post'),
    'standby-loss': ('pre',),
    'rekey': ('pre', 'mid', 'post'),
    'delete': ('pre', 'mid', 'post'),
    'same-spi': ('pre',),
    'policy-update': ('pre', 'mid', 'post'),
    'clock-forward': ('pre', 'mid', 'post'),
    'clock-back': ('pre', 'mid', 'post'),
    'stale-frames': ('pre',),
    'resync': ('pre', 'post'),
}

PER_ROUND = 2
LEAST = 15
LEAST_ROUNDS = 200


class Fault:
    """One fault of a round. after: s from the begin of its phase; lasts: s."""
    def __init__(self, kind, phase, after, lasts, params):
        self.kind = kind
        self.phase = phase
        self.after = after
        self.lasts = lasts
        self.params = params

    def as_dict(self):
        return {'kind': self.kind, 'phase': self.phase,
                'after': self.after, 'lasts': self.lasts, **self.params}


class Round:
    def __init__(self, number, primary, faults, rnd):
        self.number = number
        self.primary = primary
        self.faults = faults
        self.settle = round(rnd.uniform(0.2, 1.2), 2)
        self.replay = rnd.random() < PRIMARY[primary]
        self.seed = rnd.getrandbits(32)

    def in_phase(self, phase):
        return sorted((f for f in self.faults if f.phase == phase),
                      key=lambda f: f.after)

    def as_dict(self):
        return {'round': self.number, 'primary': self.primary,
                'settle': self.settle, 'replay': self.replay,
                'faults': [f.as_dict() for f in self.faults]}


class Deck:
    """Kinds without end, each as often as the others (give or take one): one
    shuffled pack after the other. What comes does not depend on how much."""
    def __init__(self, rnd, kinds):
        self.rnd = rnd
        self.kinds = list(kinds)
        self.cards = []

    def draw(self, n):
        """n different kinds, as far as there are so many."""
        hand = []
        n = min(n, len(set(self.kinds)))
        while len(hand) < n:
            if not any(c not in hand for c in self.cards):
                pack = list(self.kinds)
                self.rnd.shuffle(pack)
                self.cards += pack
            card = next(c for c in self.cards if c not in hand)
            self.cards.remove(card)
            hand.append(card)
        return hand


def parameters(rnd, kind):
    if kind in ('channel-oneway', 'outside-oneway', 'inside-oneway'):
        return {'node': rnd.choice(('active', 'standby')),
                'way': rnd.choice(('from', 'to'))}
    if kind == 'channel-loss':
        return {'netem': 'loss %d%%' % rnd.choice((5, 20, 40))}
    if kind == 'channel-delay':
        return {'netem': 'delay %dms %dms' % (rnd.choice((20, 80, 200)),
                                              rnd.choice((5, 15)))}
    if kind == 'channel-reorder':
        return {'netem': 'delay 20ms reorder %d%% 50%%' %
                rnd.choice((25, 60))}
    if kind == 'channel-duplicate':
        return {'netem': 'duplicate %d%%' % rnd.choice((10, 50))}
    if kind == 'channel-flap':
        return {'times': rnd.randrange(2, 5)}
    if kind.startswith('clock'):
        return {'seconds': rnd.choice((60, 600, 3600))}
    if kind in ('rekey', 'delete', 'same-spi'):
        return {'count': rnd.randrange(1, 4)}
    return {}


def one_fault(rnd, kind):
    phase = rnd.choice(SECONDARY[kind])
    return Fault(kind, phase, round(rnd.uniform(0, 1.0), 2),
                 round(rnd.uniform(0.5, 2.5), 2), parameters(rnd, kind))


def make(seed, rounds, primary=None, secondary=None):
    """The rounds of a campaign. primary and secondary restrict the kinds."""
    firsts = Deck(random.Random('campaign %s primary' % seed),
                  primary or PRIMARY)
    others = Deck(random.Random('campaign %s secondary' % seed),
                  secondary or SECONDARY)
    made = []
    for number in range(1, rounds + 1):
        own = random.Random('campaign %s round %d' % (seed, number))
        first = firsts.draw(1)[0]
        made.append(Round(number, first, [one_fault(own, kind) for kind in
                                          others.draw(PER_ROUND)], own))
    return made


def may_move(faults):
    """Whether the role may move by these, none of which is a primary one: the
    standby no longer hears the active on a LAN, or the active not all; or it
    hears neither its helper nor its kernel."""
    kinds = {f.kind for f in faults}
    lan = any(f.kind in ('outside-oneway', 'inside-oneway') and
              (f.params['node'] == 'active' or f.params['way'] == 'to')
              for f in faults)
    return lan or ('helper-kill-active' in kinds and
                   any(k.startswith('channel-') for k in kinds))


def too_rare(counts, rounds, kinds):
    """Which kinds came about less often than a campaign of that length is to
    show: kind -> how often."""
    if rounds < LEAST_ROUNDS:
        return {}
    return {k: counts.get(k, 0) for k in kinds if counts.get(k, 0) < LEAST}


def kinds_in(rounds):
    """How often each kind of fault occurs."""
    count = {}
    for r in rounds:
        for kind in [r.primary] + [f.kind for f in r.faults]:
            count[kind] = count.get(kind, 0) + 1
    return count
