#!/usr/bin/env bash
# The licences of all that is compiled into the command: ours, of the bars that ship with it, and of each crate, every text once.
# usage: deploy/licences.sh DIR     (offline, once the crates are there)
set -euo pipefail
if [ $# -ne 1 ]; then sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; fi
mkdir -p "$1"
out="$(cd "$1" && pwd)"
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

install -m 0644 LICENSE-MIT LICENSE-APACHE "$out/"
install -m 0644 stockops-core/data/README.md "$out/DATA.md"
install -m 0644 stockops-core/src/chart/fonts/LICENSE.txt "$out/FONTS.txt"
crates="${CARGO_HOME:-$HOME/.cargo}/registry/src"
cargo tree --locked --offline --package stockops-cli --package stockops-server --edges normal --prefix none --format '{p}|{l}' \
  | sed -n 's/ (\*)$//; s/^\([^ ]*\) v\([^ |]*\)[^|]*|\(.*\)$/\1 \2 \3/p' | grep -v '^stockops-' | sort -u >"$work/crates"

# A line a text: its hash, its file, and the crate that has it.
while read -r name version _; do
  for text in "$crates"/*/"$name-$version"/{LICEN[CS]E*,COPYING*,NOTICE*,COPYRIGHT*}; do
    if [ -f "$text" ]; then printf '%s\0' "$text"; fi
  done
done <"$work/crates" | xargs -0 sha256sum | sort >"$work/texts"
{
  echo "Crates that are compiled into stockops, each with its licence. The texts follow, each once."
  echo
  sed 's/^\([^ ]*\) \([^ ]*\) \(.*\)$/\1 \2: \3/' "$work/crates"
  # A heading names every crate that has the text.
  { sed 's|^\([0-9a-f]*\)  \(.*/\([^/]*\)/[^/]*\)$|\1 \3 \2|' "$work/texts"; echo "end of /dev/null"; } | while read -r hash crate text; do
    if [ "$hash" = "${last:-}" ]; then
      owners="$owners, $crate"
    else
      if [ -n "${last:-}" ]; then printf '\n== %s\n\n' "$owners"; cat "$file"; fi
      last="$hash" owners="$crate"
    fi
    file="$text"
  done
} >"$out/CRATES.txt"
