#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# House rules no other tool knows: a licence line in every source, no unfinished
# marks, no paths of the machine it was written on, breakages that still break
# this tree.
set -uo pipefail
cd "${0%/*}/../.." || exit 1
bad=0

sources()
{
	find Makefile Kbuild .ci kmod tools selftests -type f \
		! -path '*/corpus/*' ! -name '*.pyc' \
		! -name '.checkpatch*' "$@"
}

while read -r file; do
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' && continue
	echo "$file: no SPDX line"
	bad=1
done < <(sources ! -name '*.json')

# The marks are put together here so that this file does not find itself.
mark="TO""DO|FIX""ME|XX""X"
if sources -print0 | xargs -0 grep -nIE "\\b($mark)\\b"; then
	bad=1
fi
if [ "$PWD" != / ] &&
   grep -rnIF "${PWD%/*}/" kmod tools selftests Documentation README Makefile \
	2>/dev/null | grep -vF "$PWD/build"; then
	echo "^ paths of this machine"
	bad=1
fi
for file in selftests/mutants/*.patch; do
	patch -p1 --dry-run --force --silent --fuzz=0 <"$file" && continue
	echo "$file: does not apply"
	bad=1
done
exit "$bad"
