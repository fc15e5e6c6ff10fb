#!/usr/bin/env bash
# Tests, command, wheel and the crate outside must choose the same features of every package below burn: else burn, half of a
# build from nothing, is compiled once more.
# usage: tests/one_burn.sh [MANIFEST OF THE CRATE OUTSIDE]
set -euo pipefail
cd "$(dirname "$0")/.."

# By version, for another version of a package is another package.
below="$(cargo tree -p burn -e normal,build --prefix none -f '{p}' | awk '{print $1, $2}' | sort -u)"
# Packages below burn with their features, as a selection of packages and kinds of dependencies chooses them. The macros of the
# templates of pages want more of winnow than burn does; the compiler has a build of its own of what macros need.
chosen() {
  cargo tree "$@" --prefix none -f '{p} {f}' | sed 's/ (\*)$//; s/ (proc-macro)//; /^winnow /d' | sort -u \
    | awk 'NR == FNR { below[$0] = 1; next } ($1 " " $2) in below' <(printf '%s\n' "$below") -
}

status=0
tests="$(chosen -e normal,build,dev)"
compare() {
  local name="$1" others
  shift
  if ! others="$(diff <(printf '%s\n' "$tests") <(chosen "$@"))"; then
    printf '%s chooses other features than the tests do (< tests, > %s):\n%s\n' "$name" "$name" "$others"
    status=1
  fi
}
compare "the command" -e normal,build
compare "the wheel" -p stockops-py -e normal,build
if [ -n "${1:-}" ]; then compare "the crate outside" --manifest-path "$1" -e normal,build; fi
exit "$status"
