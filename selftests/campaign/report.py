# SPDX-License-Identifier: GPL-2.0-only
"""What a campaign tells: KTAP on standard output, JSON in a file, which is
whole after each round."""

import json
import os

import schedule
import strict

SHOWN = 8               # violations of one kind and round in the output
KEPT = 40               # of a round in the file


def say(text):
    print(text, flush=True)


class Report:
    def __init__(self, seed, rounds, kernel, path):
        self.path = path
        self.result = {
            'seed': seed, 'kernel': kernel, 'rounds': 0, 'wanted': rounds,
            'strict': strict.STRICT, 'faults': {},
            'violations': {'V%d' % i: 0 for i in range(1, 10)},
            'judged': {'V2': 0, 'V5': 0}, 'unjudged': 0, 'repeated': 0,
            'records': []}
        self.bad = 0

    def write(self):
        tmp = self.path + '.new'
        with open(tmp, 'w') as file:
            json.dump(self.result, file, indent=1)
            file.write('\n')
        os.replace(tmp, self.path)

    def add(self, r, record, violations, unjudged):
        res = self.result
        name = 'round %d: %s, %s' % (r.number, r.primary, ', '.join(
            f.kind for f in r.faults))
        for v, text in violations:
            res['violations'][v] += 1
        shown = {}
        for v, text in violations:
            shown[v] = shown.get(v, 0) + 1
            if shown[v] <= SHOWN:
                say('# VIOLATION %s round %d: %s' % (v, r.number, text))
        for v, n in shown.items():
            if n > SHOWN:
                say('# %s round %d: %d more' % (v, r.number, n - SHOWN))
        record['violations'] = ['%s %s' % v for v in violations[:KEPT]]
        if unjudged:
            record['unjudged'] = unjudged
            say('# UNJUDGED round %d: %s' % (r.number, unjudged))
        res['records'].append(record)
        if violations:
            self.bad += 1
        elif unjudged:
            self.bad += 1
            res['unjudged'] += 1
        if not unjudged:
            res['rounds'] += 1
            for v in res['judged']:
                res['judged'][v] += v in record.get('judged', ())
            pushed = [strict.KIND] if 'pushed' in record else []
            for kind in [r.primary] + [f.kind for f in r.faults] + pushed:
                if kind in record.get('missed', ()):
                    continue    # it did not come about
                res['faults'][kind] = res['faults'].get(kind, 0) + 1
        say('# %s: %s' % (r.number, json.dumps({k: record.get(k) for k in (
            'active', 'seconds', 'took_s', 'converged_s', 'esp', 'probes',
            'kinds', 'judged', 'adopted', 'replayed', 'beyond_ceiling',
            'reused_excused', 'renegotiated', 'pushed')})))
        say('%sok %d %s' % ('not ' if violations or unjudged else '',
                            len(res['records']), name))
        self.write()

    def often_enough(self, kinds):
        """The last point of a long one: what the schedule promises has come
        about, too."""
        res = self.result
        if res['wanted'] < schedule.LEAST_ROUNDS:
            return
        rare = schedule.too_rare(res['faults'], res['wanted'], kinds)
        if rare:
            say('# less often than %d times: %s' %
                (schedule.LEAST, json.dumps(rare, sort_keys=True)))
        self.bad += bool(rare)
        say('%sok %d each kind of fault came about at least %d times' % (
            'not ' if rare else '', len(res['records']) + 1, schedule.LEAST))
