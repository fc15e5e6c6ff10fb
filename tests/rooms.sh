#!/usr/bin/env bash
# The order of the rooms of stockops-core. It fails where code uses a room that lib.rs shows after its own, where two files
# of one folder use each other, and where the table of docs/flow.md has other rooms or another order than lib.rs.
#
# lib.rs says which rooms there are, lowest first. Read is all code but comments, text in quotes and what is compiled for
# tests alone (`#[cfg(test)]`, inline or a file). A path that begins with `crate::` or `super::` is followed to the module
# that it names, through the `use` lines of the modules on the way: `crate::Forecaster` counts as `crate::forecaster`. Not
# seen are macros, and circles of more than two files.
#
# usage: tests/rooms.sh [FOLDER OF SOURCES]     (default: stockops-core/src)
set -euo pipefail
cd "$(dirname "$0")/.."
source="${1:-stockops-core/src}"

# Circles that are still there: the folder and its two files. A line goes when its circle is gone.
known='chart::forecast view words
forecast output sample
model lstm_model predictor
model lstm_model state_dict
model::lstm::kernel chunk inference
model::lstm::kernel inference single
training adam optimizer
training clip optimizer
'

find "$source" -name '*.rs' | LC_ALL=C sort | known="$known" awk -v source="$source" -f tests/rooms.awk

rooms() { awk '/^#\[cfg\(test\)\]/ { test = 1; next } /^(pub )?mod / && !test { sub(/;.*/, ""); print $NF } { test = 0 }' "$source/lib.rs"; }
table() { sed -n 's/^| `\([a-z_]*\)` |.*/\1/p' docs/flow.md; }
if ! differences="$(diff <(rooms) <(table))"; then
  printf 'docs/flow.md shows other rooms than %s/lib.rs, or in another order (< lib.rs, > docs/flow.md):\n%s\n' "$source" "$differences"
  exit 1
fi
