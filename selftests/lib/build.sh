#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Build the test tools in C into build/tools, where they are older than their
# source. Works on the host as in a guest; two of these may run at once.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
out=${XHA_TOOLS:-$top/build/tools}
mkdir -p "$out"

newer() {	# PRODUCT ARGUMENTS: than each of them that is a file
	local product=$1 f
	shift
	for f; do
		[ ! -f "$f" ] || [ "$product" -nt "$f" ] || return
	done
}

build() {	# NAME SOURCE FLAGS...
	local name=$1 src=$2 tmp
	shift 2
	newer "$out/$name" "$src" "$top"/kmod/*.h \
		"$top"/selftests/lib/*.h "$@" && return
	tmp=$(mktemp "$out/.$name.XXXXXX")
	${CC:-gcc} -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
		-I"$top/kmod" -I"$top/kmod/uapi" -o "$tmp" "$src" "$@"
	chmod 755 "$tmp"
	mv -f "$tmp" "$out/$name"
}

read -ra nl < <(pkg-config --cflags --libs libnl-3.0 libnl-genl-3.0 libnl-route-3.0)
build xctl "$top/selftests/lib/xctl.c" "$top"/tools/lib/*.c \
	-I"$top/tools/lib" "${nl[@]}"
build rolewatch "$top/selftests/lib/rolewatch.c" "$top"/tools/lib/*.c \
	-I"$top/tools/lib" "${nl[@]}"
build vipadd "$top/selftests/lib/vipadd.c" "$top"/tools/xhad/vip.c \
	"$top"/tools/xhad/rtnl.c "$top"/tools/lib/xha_addr.c \
	-I"$top/tools/lib" -I"$top/tools/xhad" "${nl[@]}"
build flow "$top/selftests/lib/flow.c"
build pings "$top/selftests/lib/pings.c"
build stalls "$top/selftests/lib/stalls.c" -pthread
build links "$top/selftests/lib/links.c" "$top/selftests/lib/link.c"
build stepcut "$top/selftests/lib/stepcut.c" "$top/selftests/lib/link.c"
build flood "$top/selftests/lib/flood.c"
build capture "$top/selftests/lib/capture.c"
build badpeer "$top/selftests/lib/badpeer.c" "$top"/selftests/lib/badpeer_*.c \
	"$top"/kmod/wire*.c -lsctp
