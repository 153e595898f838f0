#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""From the raw results of a demonstration: timeline, summary, JSON and plot.

  demo.py RESULT-DIRECTORY OUTPUT-PREFIX

Exit status 1 when the demonstration did not show what it is to show."""

import datetime
import json
import os
import re
import sys

import plot


def load(directory, name):
    with open(os.path.join(directory, name + '.json')) as f:
        return json.load(f)


def vip_time(directory, after):
    """When the outside VIP appeared, from ip -ts monitor address."""
    with open(os.path.join(directory, 'vipwatch.log')) as f:
        for line in f:
            m = re.match(r'\[([^\]]+)\].* inet 192\.0\.2\.1/', line)
            if not m or 'Deleted' in line:
                continue
            t = datetime.datetime.fromisoformat(m.group(1)).timestamp()
            if t > after:
                return t
    return None


def detected(directory, events):
    """When B's helper last found the active silent before it took the role;
    if it was told otherwise (a resign), the taking of the role itself."""
    found = events['begin']
    with open(os.path.join(directory, 'xhad-gwb.log')) as f:
        for line in f:
            m = re.match(r'(?:<\d>)?\[\s*([\d.]+)\] .*detection: active', line)
            if m:
                t = float(m.group(1)) / 1e3 + events['clock_offset'] / 1e9
                if events['cut_begin'] < t <= events['begin']:
                    found = t
    return found


def stretch(judge, node):
    """First and last time the node sent ESP for the group."""
    rows = [s for row in judge['spis'].values() for s in row
            if s['node'] == node]
    if not rows:
        return None, None
    return min(s['from'] for s in rows), max(s['to'] for s in rows)


def timeline(events, judge, directory):
    first_b, _ = stretch(judge, 'gwb')
    _, last_a = stretch(judge, 'gwa')
    return [
        ('all links of A cut', events['cut_begin']),
        ('last packet by A', last_a),
        ('detection: B finds A silent', detected(directory, events)),
        ('adoption begins', events['begin']),
        ('gate opens', events['gate']),
        ('adoption ends', events['end']),
        ('VIP up on B', vip_time(directory, events['cut_begin'])),
        ('first packet by B', first_b),
    ]


def summary(directory, events, judge):
    host, peer = load(directory, 'udp-host'), load(directory, 'udp-peer')
    tcp = [load(directory, 'tcp-host'), load(directory, 'tcp-peer')]
    replay = load(directory, 'replay')
    sent = host['sent'] + peer['sent']
    received = host['received'] + peer['received']
    return {
        'kernel': events['kernel'],
        'tunnels': events['tunnels'],
        'hello_ms': events['hello_ms'],
        'detection_ms': round((detected(directory, events) -
                               events['cut_end']) * 1e3, 1),
        'adoption_us': round((events['end'] - events['begin']) * 1e6),
        'outage_ms': round(max(host['max_gap_ms'], peer['max_gap_ms']), 1),
        'outage_out_ms': round(peer['max_gap_ms'], 1),
        'outage_in_ms': round(host['max_gap_ms'], 1),
        'packets_sent': sent,
        'packets_lost': sent - received,
        'packets_duplicated': host['duplicates'] + peer['duplicates'],
        'sequence_numbers_reused': judge['seq_reused'],
        'ivs_reused': judge['iv_reused'],
        'plaintext_leaked': judge['plaintext'],
        'standby_esp': judge['silent_esp'],
        'standby_vip_frames': judge['silent_vip'],
        'acquires': events['acquires'],
        'peer_replay_errors': events['seq_errors'],
        'peer_same_sas': events['same_sas'],
        'replays_sent': replay['sent'],
        'replays_accepted': events['accepted'],
        'tcp_survived': all(t['complete'] for t in tcp),
        'tcp_bytes': sum(t['verified'] for t in tcp),
        'renegotiations': judge['renegotiations'],
    }


# What must be exactly so.
WANT = {
    'sequence_numbers_reused': 0, 'ivs_reused': 0, 'plaintext_leaked': 0,
    'standby_esp': 0, 'standby_vip_frames': 0, 'acquires': 0,
    'peer_replay_errors': 0, 'peer_same_sas': True, 'replays_accepted': 0,
    'tcp_survived': True, 'renegotiations': 0, 'packets_duplicated': 0,
}


def verdict(result, judge, times):
    wrong = ['%s is %s, must be %s' % (k, result[k], v)
             for k, v in WANT.items() if result[k] != v]
    wrong += ['%s not seen' % name for name, t in times if t is None]
    if judge['jumps_back']:
        wrong.append("B's first number is not beyond A's last")
    if result['tunnels'] < 1:
        wrong.append('no tunnel')
    if result['replays_sent'] < 100:
        wrong.append('too few packets to replay')
    wrong += ['%s by %s at %.6f: %s' % (e['what'], e['node'], e['time'],
                                        e['detail'])
              for e in judge['examples']]
    return wrong


def main():
    directory, prefix = sys.argv[1:3]
    events, judge = load(directory, 'events'), load(directory, 'judge')
    times = timeline(events, judge, directory)
    result = summary(directory, events, judge)
    zero = events['cut_begin']
    print('\nTimeline, ms from the cut:')
    for name, t in sorted(times, key=lambda x: x[1] or 0):
        print('  %10s  %s' % ('-' if t is None else
                              '%.1f' % ((t - zero) * 1e3), name))
    result['timeline_ms'] = {
        name: None if t is None else round((t - zero) * 1e3, 3)
        for name, t in times}
    print('\nSummary:')
    for key, value in result.items():
        if key != 'timeline_ms':
            print('  %-24s %s' % (key, value))
    wrong = verdict(result, judge, times)
    result['survived'] = not wrong
    os.makedirs(os.path.dirname(prefix) or '.', exist_ok=True)
    with open(prefix + '.json', 'w') as f:
        json.dump(result, f, indent=2)
        f.write('\n')
    with open(prefix + '.svg', 'w') as f:
        f.write(plot.svg(judge['bins'], 10, zero - 1.5, zero,
                         [(n, t) for n, t in times if t is not None],
                         'Loss of the active gateway, kernel %s' %
                         result['kernel']))
    print('\nwrote %s.json and %s.svg' % (prefix, prefix))
    for line in wrong:
        print('WRONG: ' + line)
    print('The tunnel outlived its gateway.' if not wrong else
          'The demonstration FAILED.')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
