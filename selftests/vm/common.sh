# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the scripts of this directory share. Sourced, not run.

# Everything that can be fetched or built again lives here.
XHA_CACHE=${XHA_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/xfrm-ha}
export XHA_CACHE

# shellcheck disable=SC2034	# for those who source this
vm_top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)

vm_say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

vm_die()
{
	vm_say "$*"
	exit "${vm_fail:-1}"
}

# Serialise whatever fills one entry of the cache: two makes may run at once.
# usage: vm_lock NAME; held until the calling shell ends
vm_lock()
{
	mkdir -p "$XHA_CACHE"
	exec {vm_lock_fd}>"$XHA_CACHE/$1.lock"
	flock -n "$vm_lock_fd" && return
	vm_say "waiting for another run that prepares $1"
	flock "$vm_lock_fd"
}

# usage: vm_kernel_release DIR: the release of the one kernel under DIR
vm_kernel_release()
{
	local image

	for image in "$1"/boot/vmlinuz-*; do
		[ -e "$image" ] || return 1
		printf '%s\n' "${image##*/vmlinuz-}"
		return 0
	done
}
