# SPDX-License-Identifier: GPL-2.0-only
"""The SA pairs of a campaign, and the arguments of ip(8) that make them.

A pair is an outbound and an inbound SA between the VIP and one address of the
peer, with its policies. Keys and SPIs are new with each life of a pair.
"""

VIP = '192.0.2.1'
HOST = '10.1.0.10'
LOCAL4 = '10.1.0.0/24'
LOCAL6 = '2001:db8:1::1'

AEAD = {
    'gcm128': ('rfc4106(gcm(aes))', 20, 128),
    'gcm256': ('rfc4106(gcm(aes))', 36, 128),
    'ccm': ('rfc4309(ccm(aes))', 19, 128),
    'chacha': ('rfc7539esp(chacha20,poly1305)', 36, 128),
    'gmac': ('rfc4543(gcm(aes))', 20, 128),
}
PLAIN = {
    'cbc': ('cbc(aes)', 16, 'hmac(sha256)', 32, 128),
    'cbc256': ('cbc(aes)', 32, 'hmac(sha512)', 64, 256),
    'cbc-sha1': ('cbc(aes)', 16, 'hmac(sha1)', 20, 96),
    'ctr': ('rfc3686(ctr(aes))', 20, 'hmac(sha256)', 32, 128),
}
# length of the IV on the wire; 8 is a counter, 16 is CBC's
IV = {name: 16 if name.startswith('cbc') else 8
      for name in [*AEAD, *PLAIN]}

# name, mode, algorithm, ESN, window, encapsulation, inner family, rate.
# "probe" also covers the targets of the plaintext probes.
SHAPES = [
    ('probe', 'tunnel', 'gcm128', False, 64, False, 4, 5),
    ('fast', 'tunnel', 'gcm128', True, 1024, False, 4, 20),
    ('gcm-32', 'tunnel', 'gcm128', False, 32, False, 4, 2),
    ('gcm256-esn', 'tunnel', 'gcm256', True, 128, False, 4, 2),
    ('cbc-32', 'tunnel', 'cbc', False, 32, False, 4, 2),
    ('cbc-esn-256', 'tunnel', 'cbc', True, 256, False, 4, 2),
    ('cbc256', 'tunnel', 'cbc256', False, 64, False, 4, 2),
    ('cbc-sha1', 'tunnel', 'cbc-sha1', False, 32, False, 4, 2),
    ('ctr', 'tunnel', 'ctr', False, 64, False, 4, 5),
    ('ctr-esn', 'tunnel', 'ctr', True, 512, False, 4, 2),
    ('chacha', 'tunnel', 'chacha', False, 64, False, 4, 2),
    ('chacha-esn', 'tunnel', 'chacha', True, 1024, False, 4, 2),
    ('ccm', 'tunnel', 'ccm', False, 32, False, 4, 2),
    ('gmac', 'tunnel', 'gmac', False, 64, False, 4, 2),
    ('natt-gcm', 'tunnel', 'gcm128', False, 64, True, 4, 2),
    ('natt-cbc-esn', 'tunnel', 'cbc', True, 128, True, 4, 2),
    ('natt-chacha', 'tunnel', 'chacha', False, 32, True, 4, 2),
    ('six-gcm-esn', 'tunnel', 'gcm128', True, 64, False, 6, 2),
    ('six-cbc', 'tunnel', 'cbc', False, 32, False, 6, 2),
    ('six-natt', 'tunnel', 'gcm128', False, 64, True, 6, 2),
    ('transport-gcm', 'transport', 'gcm128', False, 32, False, 4, 2),
    ('transport-gcm-esn', 'transport', 'gcm256', True, 256, False, 4, 2),
    ('transport-cbc', 'transport', 'cbc', False, 64, False, 4, 2),
    ('transport-ctr-esn', 'transport', 'ctr', True, 128, False, 4, 2),
]


class Sa:
    """One life of one direction."""
    def __init__(self, pair, src, dst, spi, keys):
        self.pair = pair
        self.src = src
        self.dst = dst
        self.spi = spi
        self.keys = keys

    def add(self):
        p = self.pair
        args = ['xfrm', 'state', 'add', 'src', self.src, 'dst', self.dst,
                'proto', 'esp', 'spi', hex(self.spi), 'reqid', str(p.reqid),
                'mode', p.mode, 'replay-window', str(p.window)]
        if p.esn:
            args += ['flag', 'esn']
        if p.family == 6:
            args += ['flag', 'af-unspec']
        if p.encap:
            args += ['encap', 'espinudp', '4500', '4500', '0.0.0.0']
        if p.limits:
            args += ['limit', 'time-soft', '900000', 'limit', 'time-hard',
                     '1000000']
        if p.alg in AEAD:
            name, _, icv = AEAD[p.alg]
            args += ['aead', name, '0x' + self.keys[0].hex(), str(icv)]
        else:
            cipher, _, auth, _, trunc = PLAIN[p.alg]
            args += ['enc', cipher, '0x' + self.keys[0].hex(), 'auth-trunc',
                     auth, '0x' + self.keys[1].hex(), str(trunc)]
        return args

    def delete(self):
        return ['xfrm', 'state', 'delete', 'src', self.src, 'dst', self.dst,
                'proto', 'esp', 'spi', hex(self.spi)]


class Pair:
    def __init__(self, index, shape):
        (self.name, self.mode, self.alg, self.esn, self.window, self.encap,
         self.family, self.rate) = shape
        self.index = index
        self.reqid = 100 + index
        self.remote = '192.0.2.%d' % (30 + index)
        self.inner = ('10.2.0.%d' if self.family == 4 else
                      '2001:db8:2::%x') % (100 + index)
        self.limits = index % 3 == 0
        self.priority = 1000
        self.out = self.back = None     # the present life

    def selectors(self):
        """local, remote"""
        if self.mode == 'transport':
            return VIP + '/32', self.remote + '/32'
        if self.family == 6:
            return LOCAL6 + '/128', self.inner + '/128'
        if self.name == 'probe':
            return LOCAL4, '10.2.0.88/29'
        return LOCAL4, self.inner + '/32'

    def target(self):
        """Where the requests of its flow start, and the two ends."""
        if self.name == 'probe':
            return 'host', HOST, '10.2.0.91'
        if self.mode == 'transport':
            return 'peer', self.remote, VIP
        if self.family == 6:
            return 'peer', self.inner, LOCAL6
        return 'host', HOST, self.inner

    def new_life(self, rnd, spis=None):
        """(out, back) with fresh keys, and fresh SPIs if none are given."""
        spis = spis or (rnd.randrange(0x1000, 2**31), rnd.randrange(0x1000, 2**31))
        return (Sa(self, VIP, self.remote, spis[0], self.keys(rnd)),
                Sa(self, self.remote, VIP, spis[1], self.keys(rnd)))

    def keys(self, rnd):
        if self.alg in AEAD:
            sizes = (AEAD[self.alg][1],)
        else:
            sizes = (PLAIN[self.alg][1], PLAIN[self.alg][3])
        # never text: checker.Keys
        return [b'\xff' + rnd.randbytes(n - 1) for n in sizes]

    def policies(self, at_peer, verb='add'):
        local, remote = self.selectors()
        mine, theirs = (remote, local) if at_peer else (local, remote)
        here, there = (self.remote, VIP) if at_peer else (VIP, self.remote)
        ways = [('out', mine, theirs, here, there),
                ('in', theirs, mine, there, here)]
        if self.mode == 'tunnel':
            ways.append(('fwd', theirs, mine, there, here))
        return [['xfrm', 'policy', verb, 'src', src, 'dst', dst, 'dir', way,
                 'priority', str(self.priority),
                 'tmpl', 'src', t_src, 'dst', t_dst, 'proto', 'esp', 'reqid',
                 str(self.reqid), 'mode', self.mode]
                for way, src, dst, t_src, t_dst in ways]

    def policy_rows(self):
        """As Gateway.policies has those of the gateway."""
        return [(args[args.index('dir') + 1], args[args.index('src') + 1],
                 args[args.index('dst') + 1],
                 int(args[args.index('priority') + 1]),
                 int(args[args.index('reqid') + 1]))
                for args in self.policies(False)]


def all_pairs():
    return [Pair(i, shape) for i, shape in enumerate(SHAPES)]
