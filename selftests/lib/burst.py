#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""As many packets as a test asks for, as fast as they go, whatever the kernel
answers: who is bounded gets errors, and goes on.

  burst.py udp SENDERS COUNT SIZE SRC DST   COUNT datagrams from each process
  burst.py serve ADDR PORT                  takes TCP connections, reads all
  burst.py tcp SRC DST PORT BYTES SECONDS   one connection, until either ends
"""

import os
import select
import socket
import sys
import time


def family(addr):
    return socket.AF_INET6 if ':' in addr else socket.AF_INET


def udp(senders, count, size, src, dst):
    children = []
    for n in range(int(senders)):
        pid = os.fork()
        if pid:
            children.append(pid)
            continue
        s = socket.socket(family(dst), socket.SOCK_DGRAM)
        s.bind((src, 0))
        s.connect((dst, 9))
        refused = 0
        for _ in range(int(count)):
            try:
                s.send(bytes(int(size)))
            except OSError:
                refused += 1
        print('sender %d: %d refused' % (n, refused), flush=True)
        os._exit(0)
    for pid in children:
        os.waitpid(pid, 0)


def serve(addr, port):
    s = socket.socket(family(addr), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, int(port)))
    s.listen(8)
    print('ready', flush=True)
    fds = [s]
    while True:
        for fd in select.select(fds, [], [])[0]:
            try:
                if fd is s:
                    fds.append(s.accept()[0])
                elif not fd.recv(1 << 18):
                    raise ConnectionError
            except OSError:
                fds.remove(fd)
                fd.close()


def tcp(src, dst, port, size, seconds):
    left, end = int(size), time.monotonic() + float(seconds)
    s = socket.socket(family(dst), socket.SOCK_STREAM)
    s.bind((src, 0))
    s.settimeout(float(seconds))
    try:
        s.connect((dst, int(port)))
        s.setblocking(False)
        while left > 0 and time.monotonic() < end:
            if select.select([], [s], [], 0.2)[1]:
                left -= s.send(bytes(min(left, 1 << 16)))
    except OSError as e:
        print(e)
    print('%d bytes not sent' % left)


if __name__ == '__main__':
    {'udp': udp, 'serve': serve, 'tcp': tcp}[sys.argv[1]](*sys.argv[2:])
