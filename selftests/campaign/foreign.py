# SPDX-License-Identifier: GPL-2.0-only
"""V9: SAs of no group, between a real address of a gateway and the peer. Part of
the driver."""

import re

import checker
from checker import v4
from node import batch, mono, run

REAL = {'gwa': '192.0.2.2', 'gwb': '192.0.2.3'}
FOREIGN = '192.0.2.20'
FOREIGN_SPI = {'gwa': 0xf00a, 'gwb': 0xf00b}
FOREIGN_KEY = bytes(range(200, 220))
# lines of `ip -d xfrm state` that move with packets; the last is of a bitmap
COUNTERS = re.compile(r'seq|bitmap|lastused|^[\s0-9a-f]+$')


class ForeignSas:
    def add_foreign(self, ns):
        """An SA pair between a real address and the peer: of no group."""
        real, spi = REAL[ns], FOREIGN_SPI[ns]
        alg = ['aead', 'rfc4106(gcm(aes))', '0x' + FOREIGN_KEY.hex(), '128']
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
        self.wire.new_foreign(v4(real), v4(FOREIGN), spi, mono())

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

    def foreign(self, node):
        """V9: an SA of no group comes and goes: two events; the others stay."""
        def shown():
            text = run(['ip', '-n', node, '-d', 'xfrm', 'state', 'list', 'reqid',
                        '9'])
            return [line for line in text.splitlines()
                    if not COUNTERS.search(line)]
        before = shown()
        self.quiet_so_far(node)
        key = '0x' + FOREIGN_KEY.hex()
        name = ['src', REAL[node], 'dst', FOREIGN, 'proto', 'esp', 'spi', '0xf0ee']
        batch(node, [['xfrm', 'state', 'add'] + name + [
            'reqid', '8', 'mode', 'transport', 'aead', 'rfc4106(gcm(aes))', key,
            '128'], ['xfrm', 'state', 'delete'] + name])
        text = []

        def events():
            text.append(self.quiet_so_far(node))
            return ''.join(text).count('spi 0x0000f0')

        self.wait(lambda: events() >= 2, 2, None)
        self.blame(checker.check_foreign(node, before, shown(), events(), 2))
