#!/usr/bin/env bash
# The test run, the command and the wheel must choose the same features of everything below burn: else it is compiled twice.
set -euo pipefail
cd "$(dirname "$0")/.."

below="$(cargo tree --workspace -e normal,build --prefix none -f '{p}' -i nothing 2>/dev/null || true)"
below="$(cargo tree -p burn -e normal,build --prefix none -f '{p}' | awk '{print $1}' | sort -u)"

# Packages below burn with their features, for one selection of packages and kinds of dependencies.
chosen() { cargo tree "$@" --prefix none -f '{p} {f}' | sed 's/ (\*)$//; s/ (proc-macro)//' | sort -u | grep -Fwf <(printf '%s\n' "$below") || true; }
filtered() { chosen "$@" | awk 'NR == FNR {below[$1] = 1; next} $1 in below' <(printf '%s\n' "$below") -; }

tests="$(filtered -e normal,build,dev)"
status=0
compare() {
  local name="$1"; shift
  local own; own="$(filtered "$@")"
  if ! diff <(printf '%s\n' "$tests") <(printf '%s\n' "$own") >/dev/null; then
    echo "$name chooses other features than the tests do (< tests, > $name):"
    diff <(printf '%s\n' "$tests") <(printf '%s\n' "$own") | grep '^[<>]' || true
    status=1
  fi
}
compare "the command" -e normal,build
compare "the workspace" --workspace -e normal,build,dev
compare "the wheel" -p stockops-py -e normal,build
exit "$status"
