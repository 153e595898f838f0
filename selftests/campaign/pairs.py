# SPDX-License-Identifier: GPL-2.0-only
"""The SA pairs of a campaign, and the arguments of ip(8) that make them.

A pair is an outbound and an inbound SA between the VIP and one address of the
peer, with its policies. Keys and SPIs are new with each life of a pair.
"""

VIP = '192.0.2.1'
VIP6 = '2001:db8:0:c::1'
VIPS = {4: VIP, 6: VIP6}
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
AH = {
    'ah-sha256': ('hmac(sha256)', 32, 128),
    'ah-sha512': ('hmac(sha512)', 64, 256),
}
# length of the IV on the wire; 8 is a counter, 16 is CBC's, AH has none
IV = {name: 0 if name in AH else 16 if name.startswith('cbc') else 8
      for name in [*AEAD, *PLAIN, *AH]}

# name, mode, algorithm, ESN, window, encapsulation, inner family, rate, and
# where it is not IPv4 the outer family. "probe" also covers the targets of the
# plaintext probes; those that follow are what is waited for first.
SHAPES = [
    ('probe', 'tunnel', 'gcm128', False, 64, False, 4, 5),
    ('fast', 'tunnel', 'gcm128', True, 1024, False, 4, 20),
    ('ah', 'transport', 'ah-sha256', False, 32, False, 4, 5),
    ('over6', 'tunnel', 'gcm128', False, 64, False, 6, 5, 6),
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
    ('beet-gcm', 'beet', 'gcm128', False, 64, False, 4, 2),
    ('beet-cbc-esn', 'beet', 'cbc', True, 128, False, 4, 2),
    ('ah-tunnel-esn', 'tunnel', 'ah-sha512', True, 128, False, 4, 2),
    ('over6-four', 'tunnel', 'cbc', True, 128, False, 4, 2, 6),
    ('over6-transport', 'transport', 'chacha', False, 32, False, 6, 2, 6),
    ('over6-ah', 'tunnel', 'ah-sha256', False, 64, False, 4, 2, 6),
]
FIRST = 4       # of those without "probe"


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
        args = ['xfrm', 'state', 'add', *self.name(), 'reqid', str(p.reqid),
                'mode', p.mode, 'replay-window', str(p.window)]
        if p.esn:
            args += ['flag', 'esn']
        if p.mode == 'tunnel' and 6 in (p.family, p.outer):
            args += ['flag', 'af-unspec']
        if p.mode == 'beet':    # the inner addresses, which are not on the wire
            ends = p.selectors()
            src, dst = ends if self.src == p.vip else reversed(ends)
            args += ['sel', 'src', src, 'dst', dst]
        if p.encap:
            args += ['encap', 'espinudp', '4500', '4500', '0.0.0.0']
        if p.limits:
            args += ['limit', 'time-soft', '900000', 'limit', 'time-hard',
                     '1000000']
        if p.alg in AEAD:
            name, _, icv = AEAD[p.alg]
            args += ['aead', name, '0x' + self.keys[0].hex(), str(icv)]
        elif p.alg in AH:
            name, _, trunc = AH[p.alg]
            args += ['auth-trunc', name, '0x' + self.keys[0].hex(), str(trunc)]
        else:
            cipher, _, auth, _, trunc = PLAIN[p.alg]
            args += ['enc', cipher, '0x' + self.keys[0].hex(), 'auth-trunc',
                     auth, '0x' + self.keys[1].hex(), str(trunc)]
        return args

    def name(self):
        return ['src', self.src, 'dst', self.dst, 'proto', self.pair.proto,
                'spi', hex(self.spi)]

    def delete(self):
        return ['xfrm', 'state', 'delete', *self.name()]


class Pair:
    def __init__(self, index, shape):
        (self.name, self.mode, self.alg, self.esn, self.window, self.encap,
         self.family, self.rate) = shape[:8]
        self.outer = shape[8] if len(shape) > 8 else 4
        self.proto = 'ah' if self.alg in AH else 'esp'
        self.index = index
        self.reqid = 100 + index
        self.vip = VIPS[self.outer]
        # IPv6 ones are behind a router, or their policies would match what
        # finds neighbours, too
        self.remote = '192.0.2.%d' % (30 + index) if self.outer == 4 else \
            '2001:db8:3::%x' % (100 + index)
        self.inner = ('10.2.0.%d' if self.family == 4 else
                      '2001:db8:2::%x') % (100 + index)
        self.limits = index % 3 == 0
        self.priority = 1000
        self.out = self.back = None     # the present life

    def selectors(self):
        """local, remote"""
        if self.mode == 'transport':
            return self.vip + self.host_len(), self.remote + self.host_len()
        if self.mode == 'beet':
            return HOST + '/32', self.inner + '/32'
        if self.family == 6:
            return LOCAL6 + '/128', self.inner + '/128'
        if self.name == 'probe':
            return LOCAL4, '10.2.0.88/29'
        return LOCAL4, self.inner + '/32'

    def host_len(self):
        return '/32' if self.outer == 4 else '/128'

    def target(self):
        """Where the requests of its flow start, and the two ends."""
        if self.name == 'probe':
            return 'host', HOST, '10.2.0.91'
        if self.mode == 'transport':
            return 'peer', self.remote, self.vip
        if self.family == 6:
            return 'peer', self.inner, LOCAL6
        return 'host', HOST, self.inner

    def new_life(self, rnd, spis=None):
        """(out, back) with fresh keys, and fresh SPIs if none are given."""
        spis = spis or (rnd.randrange(0x1000, 2**31), rnd.randrange(0x1000, 2**31))
        return (Sa(self, self.vip, self.remote, spis[0], self.keys(rnd)),
                Sa(self, self.remote, self.vip, spis[1], self.keys(rnd)))

    def keys(self, rnd):
        if self.alg in AEAD or self.alg in AH:
            sizes = ({**AEAD, **AH}[self.alg][1],)
        else:
            sizes = (PLAIN[self.alg][1], PLAIN[self.alg][3])
        # never text: checker.Keys
        return [b'\xff' + rnd.randbytes(n - 1) for n in sizes]

    def policies(self, at_peer, verb='add'):
        local, remote = self.selectors()
        mine, theirs = (remote, local) if at_peer else (local, remote)
        here, there = self.vip, self.remote
        if at_peer:
            here, there = there, here
        ways = [('out', mine, theirs, here, there),
                ('in', theirs, mine, there, here)]
        if self.mode != 'transport':
            ways.append(('fwd', theirs, mine, there, here))
        return [['xfrm', 'policy', verb, 'src', src, 'dst', dst, 'dir', way,
                 'priority', str(self.priority),
                 'tmpl', 'src', t_src, 'dst', t_dst, 'proto', self.proto,
                 'reqid', str(self.reqid), 'mode', self.mode]
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
