#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Queues of cryptd, the kernel's asynchronous cryptography.

prefer DRIVER PRIORITY: instantiate the algorithm and have it chosen by its name
from now on (CRYPTO_MSG_NEWALG of linux/cryptouser.h).
hog: have a long request under way for a third of the time until told to end, on
the CPU it runs on; prints "busy" once the first is through.
"""

import socket
import struct
import sys
import time

NETLINK_CRYPTO = 21
CRYPTO_MSG_NEWALG = 0x10
CRYPTOCFGA_PRIORITY_VAL = 1
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLMSG_ERROR = 2
CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK = 3, 15
OCTETS = 65536      # as many as AF_ALG takes at once


def prefer(driver, priority):
    alg = struct.pack('64s64s64sIIII', b'', driver.encode(), b'',
                      CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK, 0, 0)
    attr = struct.pack('HHI', 8, CRYPTOCFGA_PRIORITY_VAL, priority)
    body = alg + attr
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_CRYPTO) as s:
        s.bind((0, 0))
        s.send(struct.pack('IHHII', 16 + len(body), CRYPTO_MSG_NEWALG,
                           NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body)
        answer = s.recv(65536)
    kind, = struct.unpack_from('H', answer, 4)
    status, = struct.unpack_from('i', answer, 16)
    if kind != NLMSG_ERROR or status:
        sys.exit('%s: %d' % (driver, status))


def hog():
    data = bytes(OCTETS)
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as alg:
        alg.bind(('hash', 'cryptd(sha256-generic)'))
        op, _ = alg.accept()
        said = False
        while True:
            begin = time.monotonic()
            op.send(data, socket.MSG_MORE)
            time.sleep(2 * (time.monotonic() - begin))
            if not said:
                print('busy', flush=True)
                said = True


if __name__ == '__main__':
    if sys.argv[1] == 'prefer':
        prefer(sys.argv[2], int(sys.argv[3]))
    else:
        hog()
