#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""report.py says of samples what they prove, and nothing of those that are not
there."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import report    # noqa: E402

RUN = {'kernel': ['6.1'], 'clock': ['instructions'], 'cpus': [1.0],
       'scale': [1.0], 'commit': ['abc'], 'boot': ['x'], 'took': [2.0]}


def p7(staged, installed=(1000000.0, 1000000.0), n=4000.0, **more):
    return report.figure('P7', dict(
        RUN, **{'p7.sas': [n], 'p7.staged': list(staged),
                'p7.installed': list(installed), 'done': ['p7']}, **more))


def p1(off, on):
    return report.figure('P1', dict(
        RUN, **{'p1.off': off, 'p1.on': on, 'p1.leases': [3.0],
                'p1.many': [402.0], 'p1.many.off': [100.0, 100.0],
                'p1.many.on': [101.0], 'done': ['p1']}))


def p6(update, sa):
    found = {'p6.many.updates.n': [100.0], 'p6.many.updates.bytes': [100.0 * update],
             'p6.one.updates.n': [10.0], 'p6.one.updates.bytes': [300.0],
             'p6.many.wire': [9000.0], 'p6.sa.n': [10.0],
             'p6.sa.bytes': [10.0 * sa], 'p6.sa.wire': [5000.0],
             'p6.netlink.update': [116.0], 'p6.netlink.sa': [352.0],
             'done': ['p6']}
    return report.figure('P6', dict(RUN, **found))


CASES = (
    ('met', p7((1100000.0, 1100000.0)), True, 'met'),
    ('missed', p7((1200000.0, 1210000.0)), False, 'missed'),
    ('nearer than it spreads', p7((1200000.0, 1100000.0)), None, 'unproven'),
    ('measured once', p7((1100000.0,)), None, 'unproven'),
    ('too few', p7((1100000.0, 1100000.0), n=40.0), None, 'unproven'),
    ('failed', p7((1100000.0, 1100000.0), failed=['no memory']), None,
     'not measured'),
    ('not there', report.figure('P7', dict(RUN, done=['p7'])), None,
     'not measured'),
    ('null', report.figure('P7', dict(RUN, **{'p7.sas': ['null'],
                                              'done': ['p7']})), None,
     'not measured'),
    ('not ended', report.figure('P7', dict(RUN)), None, 'not measured'),
    ('more is better', p1([100.0, 100.0, 100.1], [100.0, 100.0]), True, 'met'),
    ('slower', p1([100.0, 100.0, 100.1], [103.0, 103.0]), False, 'missed'),
    ('drifts', p1([100.0, 104.0, 100.0], [100.0, 100.0]), None, 'unproven'),
    ('counts', p6(16.0, 155.0), True, 'met'),
    ('counts missed', p6(25.0, 155.0), False, 'missed'),
)


def main():
    wrong = 0
    for name, got, passed, verdict in CASES:
        if (got['pass'], got['verdict']) != (passed, verdict):
            wrong += 1
            print('wrong about: %s: %s' % (name, got))
        if got['run']['commit'] != 'abc' or \
                (got['pass'] is None) != ('reason' in got):
            wrong += 1
            print('incomplete: %s: %s' % (name, got))
    if p6(16.0, 500.0)['sa']['pass'] is not False:
        wrong += 1
        print('wrong about: the second goal of P6')
    report.table({'P1': CASES[9][1], 'P6': CASES[12][1], 'P7': CASES[5][1]})
    report.notes({'P1': CASES[10][1]})
    print('%d cases, %d wrong' % (len(CASES), wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
