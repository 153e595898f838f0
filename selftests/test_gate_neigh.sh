#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
#
# Packets of a VIP that wait for the link layer address of a neighbour when the
# role goes do not leave once the neighbour answers, IPv4 and IPv6.
XHA_PARTS=queued exec "${0%/*}/test_gate_vip.sh"
