#!/usr/bin/env bash
# A tool from Debian's packages, where it is not there: tests/apt.sh TOOL PACKAGE... Fails where apt cannot install it.
set -euo pipefail
tool="$1"
shift
if command -v "$tool" >/dev/null; then exit; fi
# Scripts run side by side, and apt works for one at a time.
exec 9>"${TMPDIR:-/tmp}/stockops-apt.lock"
flock 9
if command -v "$tool" >/dev/null; then exit; fi
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
install() { DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@" >"$log" 2>&1; }
# The lists of a clean machine are empty.
install "$@" || { apt-get update --quiet >"$log" 2>&1 && install "$@"; } || { tail -3 "$log" >&2; echo "$tool is wanted, and apt cannot install $*" >&2; exit 1; }
