#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Does the guest runner tell success from failure? On the stock 6.1 kernel, or
# on the one named: selftest.sh [KERNEL]. With "debug" and "uml" real WARNs and
# leaks are provoked as well.
set -uo pipefail
here=$(cd "${0%/*}" && pwd -P)
# shellcheck source=selftests/ktap.sh
. "$here/../ktap.sh"
kernel=${1:-6.1}
crash='echo c >/proc/sysrq-trigger' crashed='sysrq triggered crash'
reboot='echo b >/proc/sysrq-trigger'
if [ "$kernel" = uml ]; then	# which has no sysrq
	crash='echo PANIC >/sys/kernel/debug/provoke-crash/DIRECT' crashed=dumptest
	reboot='busybox reboot -f'
fi
leaks=--no-leaks
work=$(mktemp -d "${TMPDIR:-/tmp}/xha-selftest.XXXXXX")
guest=
cleanup()
{
	[ -z "$guest" ] || kill "$guest" 2>/dev/null
	wait
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# usage: expect STATUS PATTERN NAME RUN-ARGUMENT...: PATTERN is in the output
expect()
{
	local want=$1 pattern=$2 name=$3 code=0

	shift 3
	# In the background, so that a signal to this script ends the guest.
	"$here/run" --no-build --kernel "$kernel" $leaks \
		--name "selftest-$kernel" "$@" >"$work/out" 2>&1 &
	guest=$!
	wait "$guest" || code=$?
	guest=
	if [ "$code" -ne "$want" ]; then
		not_ok "$name" "exit status $code, not $want:
$(tail -n 30 "$work/out")"
	elif ! grep -q "$pattern" "$work/out"; then
		not_ok "$name" "nothing like '$pattern' in:
$(tail -n 30 "$work/out")"
	else
		ok "$name"
	fi
}

ktap_plan
expect 7 '^out err $' "the command's output and status come back" \
	-- sh -c 'printf out; echo " err " >&2; exit 7'
expect 125 "$crashed" "a panic is a failure" \
	-- sh -c "$crash; sleep 60"
expect 125 'not finished after' "a hang is a failure" \
	--timeout 40 -- sleep 1000
expect 125 'guest was lost' "a guest that reboots itself is a failure" \
	-- sh -c "$reboot; sleep 60"
# A stock kernel has nothing to provoke a WARN with; what reaches its log is
# judged in the same way.
expect 125 'WARNING: CPU: 0 PID: 1 at nowhere' "a warning in the log is a failure" \
	-- sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at nowhere" >/dev/kmsg'
if debug_kernel "$kernel"; then
	expect 125 'WARNING: CPU' "a real WARN is a failure" \
		-- sh -c 'echo WARNING >/sys/kernel/debug/provoke-crash/DIRECT'
	expect 125 'KASAN: ' "a use after free is a failure" \
		-- sh -c 'echo READ_AFTER_FREE >/sys/kernel/debug/provoke-crash/DIRECT'
	make -s -C "$here/../.." "checks-$kernel"
	leaks=
	expect 125 'comm "insmod"' "a leak is a failure" \
		-- insmod "$here/../../build/mod-checks-$kernel/xha_leak.ko"
	expect 0 '^well$' "and nothing else is one" -- echo well
	leaks=--no-leaks
fi

# A runner that is told to stop takes its guest with it.
"$here/run" --no-build --kernel "$kernel" --name "selftest-$kernel" -- \
	sh -c 'echo started; sleep 1000' >"$work/out" 2>&1 &
guest=$!
for ((i = 0; i < 6000; i++)); do
	! grep -q '^started$' "$work/out" || break
	kill -0 "$guest" 2>/dev/null || break
	sleep 0.1
done
kill -TERM "$guest"
wait "$guest"
code=$?
guest=
if [ "$code" -ne 143 ]; then
	not_ok "a runner that is stopped cleans up" "exit status $code"
elif pgrep -f "(name xha-|umid=)selftest-$kernel " >/dev/null; then
	not_ok "a runner that is stopped cleans up" "its guest still runs"
else
	ok "a runner that is stopped cleans up"
fi
ktap_end
