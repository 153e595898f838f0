#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Does a test notice when what it is about is broken? Each selftests/mutants/
# NAME.patch breaks the product on purpose. It is applied to a copy of the tree
# below build/, built there, and tests are run on it in a guest: the point
# passes when they FAIL, and with the words that were expected.
#
# usage: mutants.sh [--kernel 6.1|6.12|debug] [--sound] [NAME]...
#   --sound  first run the same tests on the copy as it is: they must pass
#   NAME     which ones, instead of all
#
# The head of a patch, before its diff, says in lines of their own
#   Tests: NAMES		tests to run, as for TESTS= of the selftests
#   Expect: REGEX		(extended) what a line of the failing output matches;
#			may be repeated, then each has to match one
#   Env: XHA_NAME=VALUE	for the tests (or ROUNDS=N), may be repeated, may be
#			missing
#   Timeout: SECONDS	for the guest, 900 if missing
#   Kernels: NAMES	skipped elsewhere; all if missing
# and may say anything else.
set -uo pipefail
here=$(cd "${0%/*}" && pwd -P)
top=${here%/*}
# shellcheck source=selftests/ktap.sh
. "$here/ktap.sh"
kernel=6.1
sound=
while [ $# -gt 0 ]; do
	case $1 in
	--kernel)	kernel=$2; shift 2 ;;
	--sound)	sound=1; shift ;;
	-*)		sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
	*)		break ;;
	esac
done
out=$top/build/mutants
tree=$out/tree
child=

# shellcheck disable=SC2317	# called by the trap
cleanup()
{
	trap '' INT TERM HUP
	if [ -n "$child" ]; then
		kill -TERM "$child" 2>/dev/null
		wait "$child" 2>/dev/null
	fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# usage: head_of PATCH KEY: each value in a line
head_of()
{
	sed -n -e '/^diff /q' -e "s/^$2: *//p" "$1"
}

# One copy for all, so that only what a patch touches is compiled again. What
# was built here stays with it; objects of the module know where they are.
copy_tree()
{
	local part

	rm -rf "$tree"
	mkdir -p "$tree/build"
	tar -C "$top" --exclude=./build --exclude=./.git -cf - . |
		tar -C "$tree" -xf - || return
	for part in tools obj; do
		[ ! -d "$top/build/$part" ] ||
			cp -a "$top/build/$part" "$tree/build/" || return
	done
}

# Without the repository around it, or git would skip files outside of it.
in_tree()
{
	(cd "$tree" && GIT_CEILING_DIRECTORIES=$out git apply "$@") 2>&1
}

# usage: guest NAME PATCH LOG: the exit status is that of the guest
guest()
{
	local env=() code=0 timeout

	mapfile -t env < <(head_of "$2" Env)
	timeout=$(head_of "$2" Timeout)
	# In the background, so that a signal to this script ends the guest.
	env XHA_RETRY= TESTS="$(head_of "$2" Tests)" "${env[@]}" \
		"$tree/selftests/vm/run" --kernel "$kernel" \
		--timeout "${timeout:-900}" --name "mutant-$1-$kernel" -- \
		make -s -C selftests run_tests >"$3" 2>&1 &
	child=$!
	wait "$child" || code=$?
	child=
	return "$code"
}

# usage: words_missing PATCH LOG: prints what was expected and is not there
words_missing()
{
	local regex

	while IFS= read -r regex; do
		grep -Eq -e "$regex" "$2" || printf '%s\n' "$regex"
	done < <(head_of "$1" Expect)
}

well_formed()
{
	[ -n "$(head_of "$1" Tests)" ] && [ -n "$(head_of "$1" Expect)" ] &&
		! head_of "$1" Env | grep -Eqv '^(XHA_[A-Z_]*|ROUNDS)='
}

# usage: broken NAME PATCH: the point of one patch
broken()
{
	local log=$out/$1-$kernel.log code=0 point missing

	point="$1 is caught by $(head_of "$2" Tests)"
	if ! in_tree --check "$2" >"$log" || ! in_tree "$2" >>"$log"; then
		not_ok "$point" "does not apply:
$(<"$log")"
		return
	fi
	if ! make -s -C "$tree" "module-$kernel" tools test-tools >"$log" 2>&1; then
		not_ok "$point" "does not build:
$(tail -n 20 "$log")"
	else
		guest "$1" "$2" "$log" || code=$?
		missing=$(words_missing "$2" "$log")
		if [ "$code" -eq 0 ]; then
			not_ok "$point" "the tests passed, see $log"
		elif [ -n "$missing" ]; then
			not_ok "$point" "failed ($code), but without: $missing
$(tail -n 30 "$log")"
		else
			ok "$point"
		fi
	fi
	# Newer than what was built of it: make notices.
	in_tree -R "$2" || { ktap_diag "$1: cannot be undone"; exit 1; }
}

# usage: unbroken NAME PATCH: without the patch its tests pass
unbroken()
{
	local log=$out/$1-$kernel-sound.log

	if guest "$1-sound" "$2" "$log"; then
		ok "without $1 $(head_of "$2" Tests) passes"
	else
		not_ok "without $1 $(head_of "$2" Tests) passes" \
			"$(tail -n 30 "$log")"
	fi
}

one()
{
	local patch=$here/mutants/$1.patch kernels

	if [ ! -e "$patch" ]; then
		not_ok "$1" "no selftests/mutants/$1.patch"
		return
	fi
	if ! well_formed "$patch"; then
		not_ok "$1" "its head lacks Tests: or Expect:, or has an Env: that is no XHA_NAME=VALUE or ROUNDS=N"
		return
	fi
	kernels=$(head_of "$patch" Kernels)
	case " ${kernels:-$kernel} " in
	*" $kernel "*)	;;
	*)	skip "$1" "is for $kernels"
		return ;;
	esac
	[ -z "$sound" ] || unbroken "$1" "$patch"
	broken "$1" "$patch"
}

names=("$@")
if [ "${#names[@]}" -eq 0 ]; then
	for patch in "$here"/mutants/*.patch; do
		[ -e "$patch" ] || continue
		patch=${patch##*/}
		names+=("${patch%.patch}")
	done
fi
mkdir -p "$out"
ktap_plan
if ! copy_tree; then
	not_ok "the tree can be copied to ${tree#"$top/"}"
	ktap_end
fi
for name in "${names[@]}"; do
	one "$name"
done
ktap_end
