#!/usr/bin/env bash
# Tests, command, wheel and the crate outside must choose the same features of every package below burn: else burn, half of a
# build from nothing, is compiled once more. The command and the wheel for tests choose the same of what is below our own crates too.
# usage: tests/one_burn.sh [MANIFEST OF THE CRATE OUTSIDE]
set -euo pipefail
cd "$(dirname "$0")/.."

# By version, for another version of a package is another package.
below() { cargo tree -p "$1" -e normal,build --prefix none -f '{p}' | awk '{print $1, $2}' | sort -u; }
below_burn="$(below burn)"
below_ours="$(below stockops-agents)"
# Packages below burn with their features, as a selection of packages and kinds of dependencies chooses them. The macros of the
# templates of pages want more of winnow than burn does; the compiler has a build of its own of what macros need.
chosen() {
  local below="$1"
  shift
  cargo tree "$@" --prefix none -f '{p} {f}' | sed 's/ (\*)$//; s/ (proc-macro)//; /^winnow /d' | sort -u \
    | awk 'NR == FNR { below[$0] = 1; next } ($1 " " $2) in below' <(printf '%s\n' "$below") -
}

status=0
compare() {
  local name="$1" below="$2" others
  shift 2
  if ! others="$(diff <(chosen "$below" -e normal,build,dev) <(chosen "$below" "$@"))"; then
    printf '%s chooses other features than the tests do (< tests, > %s):\n%s\n' "$name" "$name" "$others"
    status=1
  fi
}
compare "the command" "$below_ours" -e normal,build
compare "the wheel for tests" "$below_ours" -p stockops-py --features as-tested -e normal,build
if [ -n "${1:-}" ]; then compare "the crate outside" "$below_burn" --manifest-path "$1" -e normal,build; fi
exit "$status"
