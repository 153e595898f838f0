# SPDX-License-Identifier: GPL-2.0-only
"""V6: where keys could have been told. Part of the driver."""

import os

import checker
from node import run


class Secrets:
    def secrets(self):
        """V6: what was logged and printed since the last round."""
        for node, g in self.gw.items():
            self.blame(self.keys.search('the output of xha on ' + node,
                                        '\n'.join(g.said).encode()))
            g.said = []
            self.search_log('%s/xhad-%s.log' % (self.xt, node))
        text = run(['dmesg'])
        new = text[text.rfind(self.logged) + len(self.logged):] if \
            self.logged and self.logged in text else text
        self.logged = text[-200:]
        self.blame(self.keys.search('the kernel log',
                                    checker.unescape(new)))

    def search_log(self, path):
        try:
            with open(path, 'rb') as file:
                file.seek(self.log_read.get(path, 0))
                data = file.read()
                self.log_read[path] = file.tell()
        except FileNotFoundError:
            return
        self.blame(self.keys.search(os.path.basename(path), data))
