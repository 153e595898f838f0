# SPDX-License-Identifier: GPL-2.0-only
"""How each kind of fault of schedule.py is done, and undone. Each takes the
campaign and the fault; what is left to undo is healed by Campaign.heal()."""

import time

from node import mono, states

CHANNEL_PORT = 5000
SYNC = {'gwa': '10.9.0.1', 'gwb': '10.9.0.2'}


def node_of(c, fault):
    return c.active if fault.params.get('node') == 'active' else c.standby


def last(c, fault, ends=False):
    """A fault that lasts for a while. Some go on into what comes next, unless
    it ends where that could prove nothing; nor amid what needs a channel: that
    would wait for it in vain."""
    if c.rnd.random() < 0.4 and fault.phase != 'post' and not ends and \
            not (c.planned and fault.phase == 'mid'):
        c.overlapping.append(fault.kind)
        return False
    time.sleep(fault.lasts)
    return True


# ---- links ----

def channel_cut(c, fault):
    c.disturbs()
    c.sh('links down synclan:%s' % c.active)
    if last(c, fault):
        c.sh('links up synclan:%s' % c.active)


def channel_flap(c, fault):
    c.disturbs()
    for _ in range(fault.params['times']):
        c.sh('links down synclan:%s' % c.standby)
        time.sleep(c.rnd.uniform(0.1, 1.0))
        c.sh('links up synclan:%s' % c.standby)
        time.sleep(c.rnd.uniform(0.1, 0.8))


def oneway(c, fault, lan, dev):
    """Cut one way: what a node sends, or what is sent to it."""
    node = node_of(c, fault)
    if fault.params['way'] == 'from':
        do, undo = 'deaf_from %s %s' % (node, dev), 'heal_from %s %s' % (node, dev)
    else:
        do, undo = 'deaf_to %s %s' % (node, lan), 'heal_to %s %s' % (node, lan)
    begun = mono()
    c.sh(do)
    if lan != 'synclan' and node == c.active:
        c.cut_off()
    # a new active that is cut from a LAN would carry nothing
    if last(c, fault, lan != 'synclan' and node == c.standby):
        c.sh(undo)
    if lan == 'outlan' and node == c.active and fault.params['way'] == 'to':
        # what was under way at either end may have arrived or not
        c.unheard.append((begun - 0.5, mono() + 0.5))


def channel_oneway(c, fault):
    c.disturbs()
    oneway(c, fault, 'synclan', 'sync')


def outside_oneway(c, fault):
    oneway(c, fault, 'outlan', 'out')


def inside_oneway(c, fault):
    oneway(c, fault, 'inlan', 'in')


def channel_netem(c, fault):
    c.disturbs()
    for node in (c.active, c.standby):
        c.sh('netem_to %s synclan %s' % (node, fault.params['netem']))
    if last(c, fault):
        for node in (c.active, c.standby):
            c.sh('heal_to %s synclan' % node)


def standby_down(c, fault):
    lan = 'outlan' if 'outside' in fault.kind else 'inlan'
    c.sh('links down %s:%s' % (lan, c.standby))
    time.sleep(fault.lasts)
    c.sh('links up %s:%s' % (lan, c.standby))


# ---- processes and nodes ----

def helper_kill_active(c, fault):
    node = c.active
    c.kill_helper(node)
    time.sleep(fault.lasts)
    c.start_helper(node)


def helper_kill_standby(c, fault):
    node = c.standby
    c.kill_helper(node)
    time.sleep(fault.lasts)
    c.start_helper(node)


def standby_loss(c, fault):
    c.disturbs()
    c.kill_node(c.standby)
    time.sleep(fault.lasts)
    c.new_node(c.standby)


# ---- SAs ----

def victims(c, count):
    return c.rnd.sample([p for p in c.pairs if p.name != 'probe'], count)


def speaker(c):
    """Where an IKE daemon would hear the peer now: the active. The one that was
    gives way at some moment while faults are healed."""
    for node in (c.active, c.standby):
        if c.gw[node].row['role'] == 'active':
            return node
    return c.active


def took(c, node, sas):
    """Whether node was active until now. If not, these came too late for it to
    give away: an exchange that failed."""
    if c.gw[node].row['role'] == 'active':
        return True
    c.ip(node, [s.delete() for s in sas], force=True)
    c.note('%s gave way while it negotiated' % node)
    c.failed = True
    return False


def moved(c, node, old, new):
    """Wait until both ends use the new pair only, and what was sent with the
    old one has arrived. May never be: after a step back of the clock the kernel
    prefers the old SA, as xfrm_state_look_at() goes by the time of adding."""
    seen = []

    def rests():
        ends = (node, 'peer')
        now = {(n, s.spi): s.packets for n in ends for s in states(n)}
        seen.append([now.get((n, s.spi)) for n in ends for s in old])
        used = all(now.get((n, s.spi)) for n in ends for s in new)
        return used and len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]

    return c.wait(rests, 2, None)


def rekey(c, fault):
    """As an IKE daemon does: the new pair first, then the old one goes."""
    for p in victims(c, fault.params['count']):
        old = (p.out, p.back)
        new = c.new_life(p)
        node = speaker(c)
        c.churned.add(p.name)
        c.ip('peer', [new[0].add()])
        c.ip(node, [s.add() for s in new])
        c.ip('peer', [new[1].add()])
        if not moved(c, node, old, new):
            c.interrupts(p)
        time.sleep(c.rnd.uniform(0, 0.2))
        if took(c, node, new):
            c.ip(node, [s.delete() for s in old], force=True)
        c.ip('peer', [s.delete() for s in old], force=True)


def delete(c, fault):
    """A pair goes with its policies, and is made anew later. Nobody sends:
    without its policy it would rightly be in clear."""
    c.paused(True)
    for p in victims(c, fault.params['count']):
        c.churned.add(p.name)
        c.interrupts(p)
        gone = [['xfrm', 'policy', 'delete'] + args for args in
                c.policy_names(p, False)]
        c.ip(speaker(c), gone + [s.delete() for s in (p.out, p.back)], force=True)
        time.sleep(c.rnd.uniform(0, 0.3))
        new = c.new_life(p)
        node = speaker(c)
        c.ip('peer', [s.delete() for s in (p.old_out, p.old_back)], force=True)
        c.ip('peer', [s.add() for s in new])
        c.ip(node, [s.add() for s in new] + p.policies(False), force=True)
        if not took(c, node, new):
            c.ip(node, gone, force=True)
    c.paused(False)


def same_spi(c, fault):
    """SPIs that come again with other keys and numbers from 1, some while the
    standby cannot hear of it."""
    blind = c.rnd.random() < 0.6
    c.paused(True)
    if blind:
        c.disturbs()
        c.sh('links down synclan:%s' % c.standby)
    for p in victims(c, fault.params['count']):
        c.churned.add(p.name)
        c.interrupts(p)
        spis = (p.out.spi, p.back.spi)
        both = [s.delete() for s in (p.out, p.back)]
        c.ip(c.active, both)
        c.ip('peer', both)
        new = c.new_life(p, spis)
        c.ip('peer', [s.add() for s in new])
        c.ip(c.active, [s.add() for s in new])
    if blind:
        c.sh('links up synclan:%s' % c.standby)
    c.paused(False)
    # Until the standby has it, an SPI does not tell which life it is of.
    c.wait_hot('the standby knows the new lives')


def policy_update(c, fault):
    for p in c.rnd.sample(c.pairs, 3):
        p.priority = c.rnd.randrange(900, 1100)
        c.updated.add(p.name)
        # with another priority it would be another policy to `add`
        c.ip(speaker(c), p.policies(False, 'update'))


def resync(c, fault):
    c.disturbs()
    c.gw[c.standby].xha('resync', check=False)


# ---- time ----

def clock(c, fault):
    step = fault.params['seconds']
    if fault.kind == 'clock-back':
        step = -step
    time.clock_settime(time.CLOCK_REALTIME,
                       time.clock_gettime(time.CLOCK_REALTIME) + step)


# ---- stale frames ----

def stale_frames(c, fault):
    """Somebody with the key and the active's address speaks as an active of an
    older epoch, which deletes SAs and raises their counters."""
    c.disturbs()
    standby, active = c.gw[c.standby], c.active
    epoch = standby.row['epoch']
    c.sh('links down synclan:%s' % active)
    c.wait(lambda: standby.row['channel'] != 'up', 15,
           'the standby misses the active')
    before = standby.sas()
    named = [sa['incarnation'] for sa in before][::6][:8]
    stale = c.rx_stale(c.standby)
    address = SYNC[active]
    c.sh('ip -n stranger addr add %s/24 dev sync && in_ns stranger arping -q '
         '-U -c 1 -I sync %s' % (address, address))
    c.sh(': >"$XT/badpeer.log"; start badpeer stranger badpeer -l %s:%d -r %s:%d '
         '-K "$XT/%s/channel.key" -t 20 -e %d %s stale' % (
             address, CHANNEL_PORT, SYNC[c.standby], CHANNEL_PORT, c.standby,
             max(epoch - 1, 0), ' '.join('-i ' + i for i in named)))
    c.sh('wait_for 10 grep -q sent "$XT/badpeer.log"', may_fail=True)
    sent = c.sh.status == 0
    seen = [stale]

    def handled():
        seen.append(c.rx_stale(c.standby))
        return seen[-1] == seen[-2] > stale

    counted = sent and c.wait(handled, 5, None)
    after = standby.sas()
    c.sh('stop badpeer KILL; ip -n stranger addr del %s/24 dev sync; '
         'links up synclan:%s' % (address, active))
    c.sh('in_ns %s arping -q -U -c 1 -I sync %s' % (active, address),
         may_fail=True)
    if sent:
        c.stale_states = (before, after)
    if not counted:
        c.note('stale frames were not taken: %s; the standby counts %s' % (
            c.sh('cat "$XT/badpeer.log"'), seen))
        c.record.setdefault('missed', []).append(fault.kind)
        return
    c.record['stale_frames'] = c.record.get('stale_frames', 0) + 1


SECONDARY = {
    'channel-cut': channel_cut,
    'channel-oneway': channel_oneway,
    'channel-flap': channel_flap,
    'channel-loss': channel_netem,
    'channel-delay': channel_netem,
    'channel-reorder': channel_netem,
    'channel-duplicate': channel_netem,
    'outside-oneway': outside_oneway,
    'inside-oneway': inside_oneway,
    'standby-outside-down': standby_down,
    'standby-inside-down': standby_down,
    'helper-kill-active': helper_kill_active,
    'helper-kill-standby': helper_kill_standby,
    'standby-loss': standby_loss,
    'rekey': rekey,
    'delete': delete,
    'same-spi': same_spi,
    'policy-update': policy_update,
    'clock-forward': clock,
    'clock-back': clock,
    'stale-frames': stale_frames,
    'resync': resync,
}


# ---- what moves the role ----

def crash(c):
    c.sh('links_down ' + c.active)


def helper_crash(c):
    c.kill_helper(c.active)
    time.sleep(c.rnd.uniform(0, 1.0))
    crash(c)
    c.dead_helpers.add(c.active)


def node_loss(c):
    c.kill_node(c.active)
    c.lost_nodes.add(c.active)


def outside_down(c):
    c.sh('links down outlan:%s' % c.active)


def inside_down(c):
    c.sh('links down inlan:%s' % c.active)


def mute(c):
    c.sh('; '.join('deaf_from %s %s' % (c.active, dev)
                   for dev in ('out', 'in', 'sync')))


def split_brain(c):
    c.sh('camp_isolate on')


def split_return(c):
    """Both send for a while, then the newer one loses a link. What is left is
    the older one, which never heard of all that."""
    new = c.gw[c.standby]
    split_brain(c)
    c.due(lambda: new.row['role'] == 'active', 20, 'the standby takes over')
    c.wait_flows(c.first_names(), 4)
    c.sh('links down outlan:%s' % new.name)
    c.due(lambda: new.row['role'] == 'standby', 20, 'the new active gives up')


def switchover(c):
    """Refused where the standby is not hot at that moment: then once more."""
    end = mono() + 20 * c.factor
    while mono() < end:
        said = c.gw[c.active].xha('switchover', check=False)
        c.handed_over = said.startswith('Switched over')
        if c.gw[c.standby].row['role'] == 'active':
            return
        c.note('switchover: ' + said.strip())
        time.sleep(0.3)
        if c.gw[c.standby].row['role'] == 'active':
            return
    c.overdue('no switchover in time')


def switchover_bulk(c):
    for node in (c.active, c.standby):
        c.sh('netem_to %s synclan delay 30ms' % node)
    c.gw[c.standby].xha('resync', check=False)
    switchover(c)


def failed_switchover(c):
    """The channel goes somewhere in the hand-over; if that did not move the
    role, the active crashes."""
    c.sh('start switch %s xha --socket "$XR/%s/xhad.sock" switchover' %
         (c.active, c.active))
    time.sleep(c.rnd.uniform(0, 0.25))
    c.sh('links down synclan:%s' % c.active)
    # it went through, or was called off
    c.wait(lambda: c.gw[c.standby].row['role'] == 'active' or
           c.sh('gone switch && echo gone', may_fail=True), 10, None)
    c.sh('stop switch')
    if c.gw[c.standby].row['role'] != 'active':
        crash(c)


# kind -> (what does it, both may send for a while, a hand-over)
PRIMARY = {
    'crash': (crash, False, False),
    'helper-crash': (helper_crash, False, False),
    'node-loss': (node_loss, False, False),
    'outside-down': (outside_down, False, False),
    'inside-down': (inside_down, False, False),
    'mute': (mute, True, False),
    'split-brain': (split_brain, True, False),
    'split-return': (split_return, True, False),
    'switchover': (switchover, False, True),
    'switchover-bulk': (switchover_bulk, False, True),
    'failed-switchover': (failed_switchover, True, False),
}
