#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Send back what arrives at UDP ports, and say so.

  echo.py ADDRESS PORT [ADDRESS PORT]...

Prints "ready", then a line for each datagram: the port it came to. To :: means
any address of IPv6; answers have the source that the kernel chooses."""

import select
import socket
import sys


def listener(address, port):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET,
                      socket.SOCK_DGRAM)
    if s.family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    return s


def main():
    args = sys.argv[1:]
    socks = [listener(a, int(p)) for a, p in zip(args[::2], args[1::2])]
    print('ready', flush=True)
    while True:
        for s in select.select(socks, [], [])[0]:
            data, sender = s.recvfrom(2048)
            print(s.getsockname()[1], flush=True)
            try:
                s.sendto(data, sender)
            except OSError as e:
                print('#', e, flush=True)


if __name__ == '__main__':
    main()
