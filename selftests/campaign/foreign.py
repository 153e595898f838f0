# SPDX-License-Identifier: GPL-2.0-only
"""V9: SAs of no group, between a real address of a gateway and the peer. Part of
the driver."""

import checker
from checker import octets
from node import batch, mono, run

REAL = {'gwa': '192.0.2.2', 'gwb': '192.0.2.3'}
FOREIGN = '192.0.2.20'
FOREIGN_SPI = {'gwa': 0xf00a, 'gwb': 0xf00b}
FOREIGN_KEY = bytes(range(200, 220))


def shown(node):
    """What does not move with packets, line by line."""
    return checker.without_counters(
        run(['ip', '-n', node, '-d', '-s', 'xfrm', 'state', 'list', 'reqid', '9']) +
        run(['ip', '-n', node, '-d', '-s', 'xfrm', 'policy', 'list', 'src',
             REAL[node] + '/32', 'dst', FOREIGN + '/32']) +
        run(['ip', '-n', node, '-d', '-s', 'xfrm', 'policy', 'list', 'src',
             FOREIGN + '/32', 'dst', REAL[node] + '/32']))


class ForeignSas:
    def add_foreign(self, ns):
        """An SA pair between a real address and the peer: of no group."""
        real, spi = REAL[ns], FOREIGN_SPI[ns]
        alg = ['aead', 'rfc4106(gcm(aes))', '0x' + FOREIGN_KEY.hex(), '128']
        begin = mono()      # traffic may be waiting for them
        for where in (ns, 'peer'):
            cmds = []
            for src, dst, s in ((real, FOREIGN, spi), (FOREIGN, real, spi + 16)):
                cmds.append(['xfrm', 'state', 'add', 'src', src, 'dst', dst,
                             'proto', 'esp', 'spi', hex(s), 'reqid', '9',
                             'mode', 'transport', 'replay-window', '64'] + alg)
                way = 'out' if (src == real) == (where == ns) else 'in'
                cmds.append(['xfrm', 'policy', 'add', 'src', src + '/32', 'dst',
                             dst + '/32', 'dir', way, 'tmpl', 'src', src, 'dst',
                             dst, 'proto', 'esp', 'reqid', '9', 'mode',
                             'transport'])
            batch(where, cmds)
        # before it carries anything
        self.gw[ns].foreign_as = shown(ns)
        self.wire.new_foreign(octets(real), octets(FOREIGN), spi, begin)

    def add_foreign_again(self, node):
        real, spi = REAL[node], FOREIGN_SPI[node]
        both = [['xfrm', 'state', 'delete', 'src', a, 'dst', b, 'proto', 'esp',
                 'spi', hex(s)] for a, b, s in ((real, FOREIGN, spi),
                                                (FOREIGN, real, spi + 16))]
        batch('peer', both)
        batch('peer', [['xfrm', 'policy', 'delete', 'src', a + '/32', 'dst',
                        b + '/32', 'dir', way] for a, b, way in
                       ((real, FOREIGN, 'in'), (FOREIGN, real, 'out'))])
        self.add_foreign(node)

    def untouched(self, node):
        """V9: SAs and policies of no group are as they were made, and nobody
        told anything of them since last asked."""
        events = checker.foreign_events(self.quiet_so_far(node), FOREIGN)
        self.blame(checker.check_foreign(node, self.gw[node].foreign_as,
                                         shown(node), events, 0))

    def foreign(self, node):
        """V9: an SA of no group comes and goes: two events; the others stay."""
        self.untouched(node)
        key = '0x' + FOREIGN_KEY.hex()
        name = ['src', REAL[node], 'dst', FOREIGN, 'proto', 'esp', 'spi', '0xf0ee']
        batch(node, [['xfrm', 'state', 'add'] + name + [
            'reqid', '8', 'mode', 'transport', 'aead', 'rfc4106(gcm(aes))', key,
            '128'], ['xfrm', 'state', 'delete'] + name])
        text = []

        def events():
            text.append(self.quiet_so_far(node))
            return checker.foreign_events(''.join(text), FOREIGN)

        self.wait(lambda: events() >= 2, 2, None)
        self.blame(checker.check_foreign(node, self.gw[node].foreign_as,
                                         shown(node), events(), 2))
